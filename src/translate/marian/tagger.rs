//! The tagger of a bundle, a network: of each piece of a pair, whether the other side has what it says.
//!
//! ```text
//!  source ─▶ the translator's encoder ─▶ states ──┬──────────────▶ layers ─▶ source's log-odds
//!                                                 ▼                  ▲
//!  target ─▶ pieces ─▶ layers that see both ways ─┴─▶ states ────────┴─────▶ target's log-odds
//! ```
//! `scripts/train/tagger` trains it. It reads with the translator's own encoder and embedding, so it belongs to the
//! `model.safetensors` beside it, which is loaded once for both.

mod layers;

use std::{path::Path, sync::Arc};

use tch::{TchError, Tensor, no_grad};

use self::layers::{Layer, Linear, Tensors};
use super::{
    BATCH_PIECES, BATCH_SENTENCES, Compute, Loaded, Marian, name,
    network::{Network, Texts},
    turns,
    workers::in_turns,
};
use crate::{
    both::Both,
    bundle::{BundleFile, Digests},
    error::{Error, Result},
    tokenizer::{PieceId, Tokenizer},
    translate::{
        Device,
        batch::batches,
        tagger::{self, FILE_NAME, Tagger},
    },
};

/// The version in the fingerprint: to be raised whenever the same tagger is made to tag differently.
const TAGGER_VERSION: u32 = 1;

/// A loaded tagger.
pub struct MarianTagger {
    model: Loaded,
    tensors: Tensors,
    readers: Vec<Reader>,
    positions: usize,
    end: PieceId,
}

/// The part of one worker beside its network.
struct Reader {
    /// The embeddings of the pieces, and of the places in a text.
    pieces: Tensor,
    places: Tensor,
    start: PieceId,
    target: Vec<Layer>,
    source: Vec<Layer>,
    odds: Both<Linear>,
}

/// A pair in pieces, none of its sides longer than the model reads.
struct EncodedPair {
    source: Vec<PieceId>,
    target: Vec<PieceId>,
}

impl MarianTagger {
    /// Loads the tagger in `dir`, and the translator's encoder beside it.
    pub fn load(dir: &Path, compute: Compute) -> Result<Self> {
        Self::load_with(dir, None, compute)
    }

    /// Loads the tagger in `dir` with the tokenizer there, where that is loaded already, and the translator's
    /// encoder.
    pub fn load_with(dir: &Path, tokenizer: Option<Arc<Tokenizer>>, compute: Compute) -> Result<Self> {
        Self::of(Loaded::load(dir, tokenizer, compute)?)
    }

    /// Loads the tagger beside a translator, which reads with the translator's own networks.
    pub fn beside(translator: &Marian) -> Result<Self> {
        Self::of(translator.model.clone())
    }

    /// Makes another tagger over the same weights, beside the `worker` of a translator where this one is beside that
    /// translator.
    pub fn worker(&self, translator: &Marian, worker: &Marian) -> Result<Self> {
        let is_beside = Arc::ptr_eq(&self.model.networks, &translator.model.networks);
        let model = if is_beside { worker.model.clone() } else { self.model.worker()? };
        let (pieces, places) = (self.readers[0].pieces.shallow_clone(), self.readers[0].places.shallow_clone());
        Self::with(model, self.tensors.share(), &pieces, &places)
    }

    /// The fingerprint of the tagger of a model with these files, on this device, without loading it.
    pub fn fingerprint_of(digests: &Digests, device: Device) -> String {
        format!("marian tagger {} {} v{TAGGER_VERSION}", digests.model_with(BundleFile::Tagger), name(device))
    }

    fn of(model: Loaded) -> Result<Self> {
        let (dir, architecture) = (&model.dir, &model.architecture);
        // Tables of their own for each worker would cost as much as the model.
        let (pieces, places) = no_grad(|| model.networks()[0].embedding(architecture));
        let tensors = Tensors::read(&dir.join(FILE_NAME), architecture, pieces.device())
            .map_err(|cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause))?;
        Self::with(model, tensors, &pieces, &places)
    }

    fn with(model: Loaded, tensors: Tensors, pieces: &Tensor, places: &Tensor) -> Result<Self> {
        let reader = || {
            Ok(Reader {
                pieces: pieces.shallow_clone(),
                places: places.shallow_clone(),
                start: model.tokenizer.padding(),
                target: tensors.layers("target")?,
                source: tensors.layers("source")?,
                odds: Both::new(tensors.odds("source")?, tensors.odds("target")?),
            })
        };
        let readers = (0..model.networks().len()).map(|_| reader()).collect::<std::result::Result<Vec<_>, String>>();
        let readers = readers.map_err(|what| Error::model(&model.dir, format!("`{FILE_NAME}` {what}")))?;
        let (positions, end) = (model.architecture.positions, model.tokenizer.end());
        Ok(Self { model, tensors, readers, positions, end })
    }

    /// The first pieces of some sentences, as many as the model reads beside one mark.
    fn joined(&self, sentences: &[Vec<PieceId>]) -> Vec<PieceId> {
        sentences.iter().flatten().copied().take(self.positions - 1).collect()
    }
}

impl Tagger for MarianTagger {
    fn fingerprint(&self) -> String {
        Self::fingerprint_of(&self.model.digests, self.model.device)
    }

    fn tag(&mut self, pairs: &[tagger::PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        let pair = |pair: &tagger::PairPieces<'_>| {
            let mut source = self.joined(pair.source);
            source.push(self.end);
            EncodedPair { source, target: self.joined(pair.target) }
        };
        let pairs: Vec<EncodedPair> = pairs.iter().map(pair).collect();
        let mut tags = vec![Both::default(); pairs.len()];
        let turns = turns(pairs.len(), self.readers.len());
        let mut networks = self.model.networks();
        let mut workers: Vec<_> = networks.iter_mut().zip(&mut self.readers).collect();
        in_turns(
            &mut workers,
            turns,
            |(network, reader), turn| reader.tag(network, &pairs[turn[0]..turn[1]]),
            |turn, tagged| {
                for (place, tagged) in tags[turn[0]..turn[1]].iter_mut().zip(tagged) {
                    *place = tagged;
                }
            },
        )?;
        Ok(tags)
    }
}

impl Reader {
    fn tag(&self, network: &Network, pairs: &[EncodedPair]) -> std::result::Result<Vec<Tags>, TchError> {
        no_grad(|| {
            let sources: Vec<&[PieceId]> = pairs.iter().map(|pair| &pair.source[..]).collect();
            let states = network.states(&sources);
            let lengths: Vec<usize> = pairs.iter().map(|pair| pair.source.len().max(pair.target.len() + 1)).collect();
            let mut tags = vec![Both::default(); pairs.len()];
            for batch in batches(&lengths, BATCH_SENTENCES, BATCH_PIECES) {
                let sources: Vec<&Tensor> = batch.iter().map(|&index| &states[index]).collect();
                let targets: Vec<&[PieceId]> = batch.iter().map(|&index| &pairs[index].target[..]).collect();
                for (index, tagged) in batch.iter().zip(self.compare(network, &sources, &targets)?) {
                    tags[*index] = tagged;
                }
            }
            Ok(tags)
        })
    }

    /// A target as the decoder first sees it: embedded in its places, after the mark from which translations start.
    fn begun(&self, network: &Network, target: &[PieceId]) -> Tensor {
        let pieces: Vec<PieceId> = std::iter::once(self.start).chain(target.iter().copied()).collect();
        let numbers = network.numbers(&pieces);
        let places = self.places.narrow(0, 0, numbers.size()[0]);
        Tensor::embedding(&self.pieces, &numbers, -1, false, false) + places
    }

    /// The tags of the pieces of some sources, whose states are known, and of a target each.
    fn compare(
        &self,
        network: &Network,
        sources: &[&Tensor],
        targets: &[&[PieceId]],
    ) -> std::result::Result<Vec<Tags>, TchError> {
        let begun: Vec<Tensor> = targets.iter().map(|target| self.begun(network, target)).collect();
        let (source, target) = (Texts::beside(sources), Texts::beside(&begun.iter().collect::<Vec<_>>()));
        let hidden = Both::new(source.hidden(), target.hidden());
        let (mut source, mut target) = (source.states, target.states);
        for layer in &self.target {
            target = layer.forward(&target, &hidden.target, &source, &hidden.source);
        }
        for layer in &self.source {
            source = layer.forward(&source, &hidden.source, &target, &hidden.target);
        }
        let rows = |table: &Tensor| Vec::<Vec<f32>>::try_from(table.squeeze_dim(2));
        let source = rows(&self.odds.source.forward(&source))?;
        let target = rows(&self.odds.target.forward(&target))?;
        let of_pair = |(index, (source, target)): (usize, (Vec<f32>, Vec<f32>))| {
            // Neither the mark at the end of the source nor the one before the target says anything.
            let ends = (sources[index].size()[0] - 1, targets[index].len() + 1);
            Both::new(source[..usize::try_from(ends.0).unwrap_or_default()].to_vec(), target[1..ends.1].to_vec())
        };
        Ok(source.into_iter().zip(target).enumerate().map(of_pair).collect())
    }
}

/// The log-odds of the pieces of each side.
type Tags = Both<Vec<f32>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tagger_beside_a_translator_works_with_its_networks_and_tokenizer() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en");
        let tokenizer = Arc::new(Tokenizer::load(&dir).unwrap());
        let compute = Compute { threads: 1, ..Compute::default() };
        let translator = Marian::load_with(&dir, Some(Arc::clone(&tokenizer)), compute).unwrap();
        let tagger = MarianTagger::beside(&translator).unwrap();
        assert!(Arc::ptr_eq(&tagger.model.networks, &translator.model.networks));
        assert!(Arc::ptr_eq(&tagger.model.tokenizer, &tokenizer));
        let other = translator.worker().unwrap();
        let beside_it = tagger.worker(&translator, &other).unwrap();
        assert!(Arc::ptr_eq(&beside_it.model.networks, &other.model.networks));
        assert!(!Arc::ptr_eq(&beside_it.model.networks, &translator.model.networks));
    }
}
