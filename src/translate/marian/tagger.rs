//! The bundle's tagger: of each piece of a pair, whether the other side has what it says.
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

use self::layers::{Layer, Linear, Weights};
use super::{
    BATCH_PIECES, BATCH_SENTENCES, Loaded, Marian, Settings,
    network::{Network, Texts},
    turns,
    workers::in_turns,
};
use crate::{
    both::Both,
    error::{Error, Result},
    tokenizer::{PieceId, Tokenizer},
    translate::{
        batch::batches,
        tagger::{self, FILE_NAME, Tagger},
    },
};

/// A loaded tagger.
pub struct MarianTagger {
    model: Loaded,
    readers: Vec<Reader>,
    positions: usize,
    end: PieceId,
}

/// One worker's part beside its network.
struct Reader {
    /// A vector for each piece, and for each place in a text.
    pieces: Tensor,
    places: Tensor,
    start: PieceId,
    target: Vec<Layer>,
    source: Vec<Layer>,
    odds: Both<Linear>,
}

/// A pair in pieces, none of its sides longer than the model reads.
struct Pair {
    source: Vec<PieceId>,
    target: Vec<PieceId>,
}

impl MarianTagger {
    /// Loads the tagger in `dir`, and the translator's encoder beside it.
    pub fn load(dir: &Path, settings: Settings) -> Result<Self> {
        Self::load_with(dir, None, settings)
    }

    /// The same with the tokenizer of `dir`, where it is loaded already.
    pub fn load_with(dir: &Path, tokenizer: Option<Arc<Tokenizer>>, settings: Settings) -> Result<Self> {
        Self::of(Loaded::load(dir, tokenizer, settings)?)
    }

    /// Loads the tagger beside a translator, which reads with the translator's own networks.
    pub fn beside(translator: &Marian) -> Result<Self> {
        Self::of(translator.model.clone())
    }

    fn of(model: Loaded) -> Result<Self> {
        let (dir, architecture, tokenizer) = (&model.dir, &model.architecture, &model.tokenizer);
        let networks = model.networks();
        // Tables of their own for each worker would cost as much as the model.
        let (pieces, places) = no_grad(|| networks[0].embedding(architecture));
        let weights = Weights::read(&dir.join(FILE_NAME), architecture, pieces.device())
            .map_err(|cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause))?;
        let reader = |_| {
            Ok(Reader {
                pieces: pieces.shallow_clone(),
                places: places.shallow_clone(),
                start: tokenizer.padding(),
                target: weights.layers("target")?,
                source: weights.layers("source")?,
                odds: Both::new(weights.odds("source")?, weights.odds("target")?),
            })
        };
        let readers = networks.iter().map(reader).collect::<std::result::Result<Vec<_>, String>>();
        let readers = readers.map_err(|what| Error::model(dir, format!("`{FILE_NAME}` {what}")))?;
        drop(networks);
        Ok(Self { readers, positions: architecture.positions, end: tokenizer.end(), model })
    }

    /// The first pieces of some sentences, as many as the model reads beside one mark.
    fn joined(&self, sentences: &[Vec<PieceId>]) -> Vec<PieceId> {
        sentences.iter().flatten().copied().take(self.positions - 1).collect()
    }
}

impl Tagger for MarianTagger {
    fn tag(&mut self, pairs: &[tagger::Pair<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        let pair = |pair: &tagger::Pair<'_>| {
            let mut source = self.joined(pair.source);
            source.push(self.end);
            Pair { source, target: self.joined(pair.target) }
        };
        let pairs: Vec<Pair> = pairs.iter().map(pair).collect();
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
    fn tag(&self, network: &Network, pairs: &[Pair]) -> std::result::Result<Vec<Tags>, TchError> {
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
        let settings = Settings { threads: 1, ..Settings::default() };
        let translator = Marian::load_with(&dir, Some(Arc::clone(&tokenizer)), settings).unwrap();
        let tagger = MarianTagger::beside(&translator).unwrap();
        assert!(Arc::ptr_eq(&tagger.model.networks, &translator.model.networks));
        assert!(Arc::ptr_eq(&tagger.model.tokenizer, &tokenizer));
    }
}
