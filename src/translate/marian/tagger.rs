//! The tagger of a bundle, a network: of each piece of a pair, whether the other side has what it says.
//!
//! ```text
//!  source ─▶ the translator's encoder ─▶ states ──┬──────────────▶ layers ─▶ source's log-odds
//!                                                 ▼                  ▲
//!  target ─▶ pieces ─▶ layers that see both ways ─┴─▶ states ────────┴─────▶ target's log-odds
//! ```
//! `scripts/train/tagger` trains it. It reads with the translator's own encoder and embedding, so it belongs to the
//! `model.safetensors` beside it, which is loaded once for both.

mod links;

use std::{iter, ops::Range, path::Path, sync::Arc};

use tch::no_grad;

use self::links::{Links, LinksOfSide};
use super::{
    BATCH_SENTENCES, Compute, Loaded, Marian,
    forward::{
        DecoderLayer, Embedding,
        layers::{Activation, Sight},
        linear::{Linear, Numbers},
        rows::{Rows, Texts},
        tensors::{Sizes, Tensors},
    },
    network::{Network, distinct},
    numbers, turns,
    workers::in_turns,
};
use crate::{
    both::Both,
    bundle::{BundleFile, Digests, check_values},
    error::{Error, Result},
    lexicon::Vocabulary,
    threads::side_by_side,
    tokenizer::PieceId,
    translate::{
        batch::batches,
        tagger::{self, FILE_NAME, Linked, Tagger},
    },
};

/// The version in the fingerprint: to be raised whenever the same tagger is made to tag differently.
const TAGGER_VERSION: u32 = 1;

/// The most pieces, padding counted, of the longer sides of pairs that are compared at a time: few enough that their
/// rows stay in the processor's cache.
const AT_ONCE: usize = 160;

/// A loaded tagger.
pub struct MarianTagger {
    model: Loaded,
    readers: Vec<Reader>,
    positions: usize,
    end: PieceId,
}

/// The part of one worker beside its network.
struct Reader {
    /// The embeddings of the pieces, and of the places in a text.
    embeddings: [Embedding; 2],
    start: PieceId,
    target: Vec<DecoderLayer>,
    source: Vec<DecoderLayer>,
    odds: Both<Linear>,
    links: Option<Links>,
}

/// A pair in pieces, none of its sides longer than the model reads.
struct EncodedPair {
    source: Vec<PieceId>,
    target: Vec<PieceId>,
    /// The number of pieces of each sentence, without the mark; of the last ones there may be fewer.
    lengths: Both<Vec<usize>>,
}

/// The states of both sides of some pairs: as they come to the first layer, and after each.
struct States {
    layers: Both<Vec<Rows>>,
    /// Where the pieces of each pair stand, without the marks.
    spans: Both<Vec<Range<usize>>>,
}

impl MarianTagger {
    /// Loads the tagger in `dir`, and the translator's encoder beside it.
    pub fn load(dir: &Path, compute: Compute) -> Result<Self> {
        Self::load_with(dir, None, compute)
    }

    /// Loads the tagger in `dir` with the vocabulary there, where that is loaded already, and the translator's
    /// encoder.
    pub fn load_with(dir: &Path, vocabulary: Option<Vocabulary>, compute: Compute) -> Result<Self> {
        Self::of(Loaded::load(dir, vocabulary, compute)?)
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
        Ok(Self::with(model, &self.readers[0]))
    }

    /// The fingerprint of the tagger of a model with these files, so computed, without loading it.
    pub fn fingerprint_of(digests: &Digests, compute: Compute) -> String {
        format!("marian tagger {} {} v{TAGGER_VERSION}", digests.model_with(BundleFile::Tagger), numbers(compute))
    }

    fn of(model: Loaded) -> Result<Self> {
        let path = model.dir.join(FILE_NAME);
        check_values(&path)
            .map_err(|cause| Error::model_because(&model.dir, format!("cannot use `{FILE_NAME}`"), cause))?;
        // Layers of their own for each worker would cost as much as the model.
        let reader = no_grad(|| Reader::open(&path, &model));
        let reader = reader.map_err(|what| Error::model(&model.dir, format!("`{FILE_NAME}` {what}")))?;
        Ok(Self::with(model, &reader))
    }

    /// A tagger whose readers share the layers of this one.
    fn with(model: Loaded, reader: &Reader) -> Self {
        let readers = (0..model.networks().len()).map(|_| reader.share()).collect();
        let (positions, end) = (model.architecture.positions, model.tokenizer.end());
        Self { model, readers, positions, end }
    }

    /// The first pieces of some sentences, as many as the model reads beside one mark.
    fn joined(&self, sentences: &[Vec<PieceId>]) -> Vec<PieceId> {
        sentences.iter().flatten().copied().take(self.positions - 1).collect()
    }

    /// What a reader finds of each pair, some of which it reads together.
    fn read<T: Clone + Default + Send>(
        &mut self,
        pairs: &[tagger::PairPieces<'_>],
        find: impl Fn(&Reader, &States, &[&EncodedPair]) -> Vec<T> + Sync,
    ) -> Result<Vec<T>> {
        let pair = |pair: &tagger::PairPieces<'_>| {
            let mut source = self.joined(pair.source);
            source.push(self.end);
            let lengths = pair.map(|sentences| sentences.iter().map(Vec::len).collect());
            EncodedPair { source, target: self.joined(pair.target), lengths }
        };
        let pairs: Vec<EncodedPair> = pairs.iter().map(pair).collect();
        let mut all = vec![T::default(); pairs.len()];
        let turns = turns(pairs.len(), self.readers.len());
        let mut networks = self.model.networks();
        let mut workers: Vec<_> = networks.iter_mut().zip(&mut self.readers).collect();
        in_turns(
            &mut workers,
            turns,
            |(network, reader), turn| reader.read(network, &pairs[turn[0]..turn[1]], &find),
            |turn, found| {
                for (place, found) in all[turn[0]..turn[1]].iter_mut().zip(found) {
                    *place = found;
                }
            },
        )?;
        Ok(all)
    }
}

impl Tagger for MarianTagger {
    fn fingerprint(&self) -> String {
        Self::fingerprint_of(&self.model.digests, self.model.compute)
    }

    fn tag(&mut self, pairs: &[tagger::PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        self.read(pairs, Reader::tags)
    }

    fn link(&mut self, pairs: &[tagger::PairPieces<'_>]) -> Result<Vec<Linked>> {
        self.read(pairs, Reader::links)
    }
}

impl Reader {
    /// Opens the layers at `path`, to work with the networks of `model`. Errors say what is amiss.
    fn open(path: &Path, model: &Loaded) -> std::result::Result<Self, String> {
        let architecture = &model.architecture;
        let signed = |size: usize| i64::try_from(size).unwrap_or_default();
        let sizes = Sizes {
            width: signed(architecture.width),
            inner: signed(architecture.decoder.inner),
            heads: architecture.decoder.heads,
            activation: Activation::Relu,
        };
        let open = || Tensors::open(path, Numbers::on_processor(model.compute));
        // The layers that read a side, and what makes log-odds and links of it.
        let of_side = |side: &str| {
            let tensors = open()?;
            // At least one, so that a file without any is refused by the name of what it lacks.
            let there = (0..).take_while(|layer| tensors.has(&format!("{side}.layers.{layer}.fc1.weight")));
            let layers = (0..there.count().max(1))
                .map(|layer| DecoderLayer::of(&tensors, &format!("{side}.layers.{layer}"), sizes))
                .collect::<std::result::Result<Vec<_>, _>>()?;
            let links = LinksOfSide::open(&tensors, side, sizes.width * signed(layers.len() + 1))?;
            Ok::<_, String>((layers, tensors.single(&format!("{side}_covered"), 1, sizes.width)?, links))
        };
        let (target, source) = side_by_side(|| no_grad(|| of_side("target")), || of_side("source"));
        // Whoever loads makes an error of it.
        let (target, odds_of_target, links_of_target) = target.unwrap_or_else(|panic| panic.resume())?;
        let (source, odds_of_source, links_of_source) = source?;
        Ok(Self {
            embeddings: model.networks()[0].embeddings(),
            start: model.tokenizer.padding(),
            target,
            source,
            odds: Both::new(odds_of_source, odds_of_target),
            links: Links::of(&open()?, links_of_source, links_of_target)?,
        })
    }

    /// The same layers for another worker.
    fn share(&self) -> Self {
        let layers = |layers: &[DecoderLayer]| layers.iter().map(DecoderLayer::share).collect();
        Self {
            embeddings: self.embeddings.clone(),
            start: self.start,
            target: layers(&self.target),
            source: layers(&self.source),
            odds: self.odds.as_ref().map(Linear::share),
            links: self.links.as_ref().map(Links::share),
        }
    }

    /// What `find` finds of each pair, some of which are read together.
    fn read<T: Clone + Default>(
        &self,
        network: &Network,
        pairs: &[EncodedPair],
        find: impl Fn(&Self, &States, &[&EncodedPair]) -> Vec<T>,
    ) -> Vec<T> {
        no_grad(|| {
            let sources: Vec<&[PieceId]> = pairs.iter().map(|pair| &pair.source[..]).collect();
            let states = network.states(&sources);
            let lengths: Vec<usize> = pairs.iter().map(|pair| pair.source.len().max(pair.target.len() + 1)).collect();
            let mut all = vec![T::default(); pairs.len()];
            for batch in batches(&lengths, BATCH_SENTENCES, AT_ONCE) {
                let sources: Vec<&Arc<Rows>> = batch.iter().map(|&index| &states[index]).collect();
                let pairs: Vec<&EncodedPair> = batch.iter().map(|&index| &pairs[index]).collect();
                let targets: Vec<&[PieceId]> = pairs.iter().map(|pair| &pair.target[..]).collect();
                let compared = self.compare(&sources, &targets);
                for (index, found) in batch.into_iter().zip(find(self, &compared, &pairs)) {
                    all[index] = found;
                }
            }
            all
        })
    }

    /// Targets as the decoder first sees them: embedded in their places, after the mark from which translations start.
    fn begun(&self, targets: &[&[PieceId]]) -> Texts {
        let begun = |target: &&[PieceId]| iter::once(self.start).chain(target.iter().copied()).collect();
        let pieces: Vec<Vec<PieceId>> = targets.iter().map(begun).collect();
        let in_places = pieces.iter().flat_map(|pieces| 0..pieces.len());
        let rows = self.embeddings[0].of(&pieces.concat(), in_places, &self.embeddings[1]);
        Texts::new(rows, pieces.iter().map(Vec::len))
    }

    /// The states of some sources, which the encoder has read, and of a target each, once they have read each other.
    fn compare(&self, sources: &[&Arc<Rows>], targets: &[&[PieceId]]) -> States {
        let (read, which) = distinct(sources);
        let Texts { rows, spans: of_targets } = self.begun(targets);
        let beside: Vec<_> = which.iter().map(|&source| read.spans[source].clone()).collect();
        let target = through(&self.target, rows, &of_targets, &read.rows, &beside);
        let own: Vec<&Rows> = sources.iter().map(|source| &***source).collect();
        let Texts { rows, spans: of_sources } = Texts::beside(&own);
        let source = through(&self.source, rows, &of_sources, &target[target.len() - 1], &of_targets);
        // Neither the mark at the end of the source nor the one before the target says anything.
        let of_sources = of_sources.into_iter().map(|span| span.start..span.end - 1).collect();
        let of_targets = of_targets.into_iter().map(|span| span.start + 1..span.end).collect();
        States { layers: Both::new(source, target), spans: Both::new(of_sources, of_targets) }
    }

    /// The log-odds of the pieces of each side.
    fn tags(&self, states: &States, _: &[&EncodedPair]) -> Vec<Both<Vec<f32>>> {
        let last = |layers: &[Rows], odds: &Linear| odds.forward(&layers[layers.len() - 1]);
        let odds = self.odds.as_ref().zip(states.layers.as_ref()).map(|(odds, layers)| last(layers, odds));
        let own = |odds: &Rows, span: &Range<usize>| odds.values()[span.clone()].to_vec();
        let spans = states.spans.source.iter().zip(&states.spans.target);
        spans.map(|(source, target)| Both::new(own(&odds.source, source), own(&odds.target, target))).collect()
    }

    /// The log-odds of the pieces of each side, and their links.
    fn links(&self, states: &States, pairs: &[&EncodedPair]) -> Vec<Linked> {
        let tags = self.tags(states, pairs).into_iter();
        let Some(links) = &self.links else { return tags.map(Linked::from).collect() };
        tags.zip(links.shares(states, pairs)).map(|(tags, links)| Linked { tags, links }).collect()
    }
}

/// Rows before the first layer and after each, where all look at the same memory, text beside text.
fn through(
    layers: &[DecoderLayer],
    rows: Rows,
    spans: &[Range<usize>],
    memory: &Rows,
    beside: &[Range<usize>],
) -> Vec<Rows> {
    let mut all = vec![rows];
    for layer in layers {
        let rows = all[all.len() - 1].clone();
        all.push(layer.forward(rows, spans, Sight::All, &layer.memory(memory), beside));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tagger_beside_a_translator_works_with_its_networks_and_tokenizer() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en");
        let vocabulary = Vocabulary::load(&dir).unwrap();
        let compute = Compute { threads: 1, ..Compute::default() };
        let translator = Marian::load_with(&dir, Some(vocabulary.clone()), compute).unwrap();
        let tagger = MarianTagger::beside(&translator).unwrap();
        assert!(Arc::ptr_eq(&tagger.model.networks, &translator.model.networks));
        assert!(Arc::ptr_eq(&tagger.model.tokenizer, &vocabulary.tokenizer));
        let other = translator.worker().unwrap();
        let beside_it = tagger.worker(&translator, &other).unwrap();
        assert!(Arc::ptr_eq(&beside_it.model.networks, &other.model.networks));
        assert!(!Arc::ptr_eq(&beside_it.model.networks, &translator.model.networks));
    }
}
