//! The network of a Marian model: batches of pieces in, pieces and log-probabilities out. The only file that names
//! rust-bert.
//!
//! It relies on [`Architecture`] having been checked against the weights: rust-bert's calls panic on sizes that do not
//! fit, and none is made that could.

mod beam;
mod texts;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
};

use rust_bert::{
    bart::{BartConfig, LayerState},
    marian::MarianForConditionalGeneration,
};
use tch::{Device, Kind, TchError, Tensor, nn::VarStore, no_grad};

pub(super) use self::texts::Texts;
use super::{BATCH_PIECES, BATCH_SENTENCES};
use crate::{
    bundle::Architecture,
    error::{self, Error},
    manifest::BundleFile,
    tokenizer::PieceId,
    translate::batch::batches,
};

/// The share of a batch's rows at work from which on finished sentences leave it. Leaving at all halved the time of
/// 997 news sentences (33 s of one core to 18); .5 and .99 took 21 and 20.
const SHRINK_BELOW: f64 = 0.8;

/// The length of a phrase that a careful search says only once, in pieces.
const PHRASE: usize = 3;

/// The cache of a decoder: keys and values of the self-attention and of the attention to the source, by layer.
type Cache = Vec<(Option<LayerState>, Option<LayerState>)>;

/// A sentence to be translated.
pub(super) struct Request<'p> {
    /// The pieces of the source with the end mark.
    pub(super) source: &'p [PieceId],
    /// The fewest pieces before which a careful search does not end.
    pub(super) shortest: usize,
    /// The most pieces, at which the search ends, finished or not; at most the model's positions.
    pub(super) longest: usize,
}

/// A translation that the search found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    /// The pieces without the end mark.
    pub(super) pieces: Vec<PieceId>,
    /// The log-probability summed over the scored pieces, in nats.
    pub(super) log_prob: f64,
    /// The number of scored pieces, with the end mark if it was reached.
    pub(super) scored: usize,
}

/// A pair for forced decoding, both sides with the end mark.
pub(super) struct Forced {
    pub(super) source: Vec<PieceId>,
    pub(super) target: Vec<PieceId>,
}

/// A search for translations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// Greedy search: the most probable piece at each step.
    Greedy,
    /// Greedy search among the pieces that neither repeat a phrase, nor are Chinese, nor end too early.
    Careful,
    /// Beam search of this width, which finds as many translations.
    Beam(usize),
}

impl Search {
    /// The number of rows of a batch that a sentence takes.
    pub(super) fn width(self) -> usize {
        if let Self::Beam(width) = self { width.max(1) } else { 1 }
    }
}

/// A Marian model in memory.
pub(super) struct Network {
    model: MarianForConditionalGeneration,
    weights: VarStore,
    start: i64,
    padding: i64,
    end: i64,
    never: Tensor,
    never_careful: Tensor,
    free: HashSet<PieceId>,
}

/// Pieces with a part of their own in the search.
pub(super) struct Roles {
    /// The pieces that are never written.
    pub(super) never: Vec<PieceId>,
    /// The pieces that a careful search does not write: Chinese.
    pub(super) chinese: Vec<PieceId>,
    /// The pieces of which a careful search may repeat phrases: digits, of which 1,000,000 has six alike.
    pub(super) free: Vec<PieceId>,
}

impl Network {
    /// Loads the weights in `dir`.
    pub(super) fn load(
        dir: &Path,
        architecture: &Architecture,
        roles: &Roles,
        device: super::Device,
    ) -> error::Result<Self> {
        let device = match device {
            super::Device::Cpu => Device::Cpu,
            super::Device::Cuda if tch::Cuda::is_available() => Device::Cuda(0),
            super::Device::Cuda => return Err(error::Error::NoCuda),
        };
        let mut network = Self::unloaded(dir, architecture, roles, device)?;
        network.weights.load(dir.join(BundleFile::Weights)).map_err(|cause| {
            Error::model_because(dir, format!("libtorch cannot load `{}`", BundleFile::Weights), cause)
        })?;
        // Files hold half precision, in which a CPU computes some twenty times slower.
        network.weights.float();
        network.weights.freeze();
        Ok(network)
    }

    /// Makes another network on the same weights, for another thread.
    pub(super) fn over_same_weights(
        &self,
        dir: &Path,
        architecture: &Architecture,
        roles: &Roles,
    ) -> error::Result<Self> {
        let mut other = Self::unloaded(dir, architecture, roles, self.weights.device())?;
        other.weights.freeze();
        let own = self.weights.variables();
        for (name, tensor) in &mut other.weights.variables() {
            let shared = own.get(name).map_or(Ok(()), |weights| tensor.f_set_data(weights));
            shared.map_err(|cause| Error::model_because(dir, "libtorch cannot share the weights", cause))?;
        }
        Ok(other)
    }

    fn unloaded(dir: &Path, architecture: &Architecture, roles: &Roles, device: Device) -> error::Result<Self> {
        // Workers are threads of ours: a second level of threads inside each would only fight with them.
        tch::set_num_threads(1);
        let config = config(dir, architecture)?;
        let weights = VarStore::new(device);
        let model = MarianForConditionalGeneration::new(weights.root(), &config);
        let [start, padding, end] = [architecture.start, architecture.padding, architecture.end].map(signed);
        let never = Tensor::from_slice(&wide(&roles.never)).to_device(device);
        let never_careful = Tensor::from_slice(&wide(&[&roles.never[..], &roles.chinese].concat())).to_device(device);
        let free = roles.free.iter().copied().collect();
        Ok(Self { model, weights, start, padding, end, never, never_careful, free })
    }

    /// Translates a batch, in order: the best translations of each sentence, the best first, of which only a beam finds
    /// more than one.
    pub(super) fn translate(&self, requests: &[&Request<'_>], search: Search) -> Result<Vec<Vec<Draft>>, TchError> {
        no_grad(|| match search {
            Search::Beam(_) => self.beams(requests, search.width()),
            Search::Greedy | Search::Careful => {
                Ok(self.search(requests, search)?.into_iter().map(|draft| vec![draft]).collect())
            }
        })
    }

    /// The log-probability of each piece of each pair's target in nats, in order. Pairs of one source share what is
    /// read of it; a batch of targets holds at most `budget` pieces, padding counted.
    pub(super) fn log_probs(&self, pairs: &[Forced], budget: usize) -> Result<Vec<Vec<f32>>, TchError> {
        no_grad(|| self.force(pairs, budget))
    }

    /// The logits of the whole vocabulary for each piece of a pair's target, row after row.
    pub(super) fn logits(&self, pair: &Forced) -> Result<Vec<f32>, TchError> {
        no_grad(|| self.forced_logits(&self.read(&[&pair.source]), &[&pair.target]).0.flatten(0, -1).try_into())
    }

    fn search(&self, requests: &[&Request<'_>], search: Search) -> Result<Vec<Draft>, TchError> {
        let empty = Draft { pieces: Vec::new(), log_prob: 0.0, scored: 0 };
        let mut drafts = vec![empty; requests.len()];
        let sources: Vec<&[PieceId]> = requests.iter().map(|request| request.source).collect();
        let mut source = self.read(&sources);
        // What each row of the batch works on; `None` once that is finished.
        let mut rows: Vec<Option<usize>> = (0..requests.len()).map(Some).collect();
        let mut last = Tensor::full([signed(rows.len()), 1], self.start, (Kind::Int64, self.weights.device()));
        let mut cache: Option<Cache> = None;

        loop {
            let step =
                self.model.forward_t(None, Some(&source.mask), Some(&source.states), Some(&last), None, cache, false);
            let logits = step.decoder_output.select(1, 0);
            let norm = logits.logsumexp([1], false);
            self.forbid(&logits, &rows, requests, &drafts, search);
            let (best, pieces) = logits.max_dim(1, false);
            let log_probs = Vec::<f32>::try_from(best - norm)?;
            let pieces = Vec::<i64>::try_from(pieces)?;

            for ((row, &piece), &log_prob) in rows.iter_mut().zip(&pieces).zip(&log_probs) {
                let Some(index) = *row else { continue };
                let draft = &mut drafts[index];
                draft.log_prob += f64::from(log_prob);
                draft.scored += 1;
                if piece != self.end {
                    draft.pieces.push(piece_id(piece));
                }
                if piece == self.end || draft.pieces.len() >= requests[index].longest {
                    *row = None;
                }
            }

            let at_work: Vec<i64> = (0..).zip(&rows).filter_map(|(at, row)| row.map(|_| at)).collect();
            if at_work.is_empty() {
                return Ok(drafts);
            }
            last = self.tensor(&pieces).unsqueeze(1);
            cache = step.cache;
            if at_work.len() as f64 <= SHRINK_BELOW * rows.len() as f64 {
                let kept = self.tensor(&at_work);
                source = source.rows(&kept);
                last = last.index_select(0, &kept);
                cache = cache.map(|cache| cache_rows(cache, &kept));
                rows.retain(Option::is_some);
            }
        }
    }

    /// Sets the logits of pieces that must not come next to −∞, in place.
    fn forbid(
        &self,
        logits: &Tensor,
        rows: &[Option<usize>],
        requests: &[&Request<'_>],
        drafts: &[Draft],
        search: Search,
    ) {
        let fill = |logits: &mut Tensor, dim: i64, pieces: &Tensor| {
            let _ = logits.index_fill_(dim, pieces, f64::NEG_INFINITY);
        };
        if search == Search::Greedy {
            fill(&mut logits.shallow_clone(), 1, &self.never);
            return;
        }
        fill(&mut logits.shallow_clone(), 1, &self.never_careful);
        for (at, index) in (0..).zip(rows).filter_map(|(at, row)| Some((at, (*row)?))) {
            let draft = &drafts[index];
            let mut pieces = wide(&self.would_repeat(&draft.pieces));
            if draft.pieces.len() < requests[index].shortest {
                pieces.push(self.end);
            }
            fill(&mut logits.get(at), 0, &self.tensor(&pieces));
        }
    }

    /// The pieces that would end a phrase that was said before.
    fn would_repeat(&self, pieces: &[PieceId]) -> Vec<PieceId> {
        let Some(at) = pieces.len().checked_sub(PHRASE - 1) else { return Vec::new() };
        let said = pieces.windows(PHRASE).filter(|phrase| phrase.starts_with(&pieces[at..]));
        said.filter(|phrase| !phrase.iter().all(|piece| self.free.contains(piece)))
            .map(|phrase| phrase[PHRASE - 1])
            .collect()
    }

    fn force(&self, pairs: &[Forced], budget: usize) -> Result<Vec<Vec<f32>>, TchError> {
        let sources: Vec<&[PieceId]> = pairs.iter().map(|pair| &pair.source[..]).collect();
        let states = self.states(&sources);
        let lengths: Vec<usize> = pairs.iter().map(|pair| pair.target.len()).collect();
        let mut log_probs = vec![Vec::new(); pairs.len()];
        for batch in batches(&lengths, BATCH_SENTENCES, budget) {
            let source = Texts::beside(&batch.iter().map(|&index| &states[index]).collect::<Vec<_>>());
            let targets: Vec<&[PieceId]> = batch.iter().map(|&index| &pairs[index].target[..]).collect();
            let (logits, wanted) = self.forced_logits(&source, &targets);
            let norm = logits.logsumexp([2], false);
            let found = logits.gather(2, &wanted.unsqueeze(2), false).squeeze_dim(2) - norm;
            for (&index, row) in batch.iter().zip(Vec::<Vec<f32>>::try_from(found)?) {
                log_probs[index] = row[..lengths[index]].to_vec();
            }
        }
        Ok(log_probs)
    }

    /// The logits for each piece of the targets, given the pieces before it, and the pieces of the targets; padded.
    fn forced_logits(&self, source: &Texts, targets: &[&[PieceId]]) -> (Tensor, Tensor) {
        let (wanted, _) = self.padded(targets);
        let before = wanted.narrow(1, 0, wanted.size()[1] - 1);
        let start = Tensor::full([wanted.size()[0], 1], self.start, (Kind::Int64, self.weights.device()));
        let given = Tensor::cat(&[start, before], 1);
        let step =
            self.model.forward_t(None, Some(&source.mask), Some(&source.states), Some(&given), None, None, false);
        (step.decoder_output, wanted)
    }

    /// The encoder's states of each source (its pieces × width). Sources that are the same are read once.
    pub(super) fn states(&self, sources: &[&[PieceId]]) -> Vec<Tensor> {
        let mut distinct = sources.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let lengths: Vec<usize> = distinct.iter().map(|source| source.len()).collect();
        let mut read: HashMap<&[PieceId], Tensor> = HashMap::new();
        for batch in batches(&lengths, BATCH_SENTENCES, BATCH_PIECES) {
            let batch: Vec<&[PieceId]> = batch.iter().map(|&index| distinct[index]).collect();
            let states = self.read(&batch).states;
            read.extend(
                (0..).zip(batch).map(|(row, source)| (source, states.get(row).narrow(0, 0, signed(source.len())))),
            );
        }
        sources.iter().map(|source| read[source].shallow_clone()).collect()
    }

    /// The embeddings of the decoder: the table of all pieces, scaled, and that of positions.
    pub(super) fn embedding(&self, architecture: &Architecture) -> (Tensor, Tensor) {
        let weights = self.weights.variables();
        let table = |name: &str| weights[name].shallow_clone();
        let scale = if architecture.scaled_embedding { (architecture.width as f64).sqrt() } else { 1.0 };
        (table("model.shared.weight") * scale, table("model.decoder.embed_positions.weight"))
    }

    /// The ids of pieces as a tensor, where the network runs.
    pub(super) fn numbers(&self, pieces: &[PieceId]) -> Tensor {
        self.tensor(&wide(pieces))
    }

    /// Encodes sources, as many as fit a batch.
    fn read(&self, sources: &[&[PieceId]]) -> Texts {
        let (pieces, mask) = self.padded(sources);
        let states = self.model.encode(&pieces, Some(&mask));
        Texts { states, mask }
    }

    fn tensor(&self, values: &[i64]) -> Tensor {
        Tensor::from_slice(values).to_device(self.weights.device())
    }

    /// Rows of pieces filled up to the longest, and the mask of what is no filling.
    fn padded(&self, rows: &[&[PieceId]]) -> (Tensor, Tensor) {
        let longest = rows.iter().map(|row| row.len()).max().unwrap_or_default();
        let mut flat = Vec::with_capacity(rows.len() * longest);
        let mut mask = Vec::with_capacity(flat.capacity());
        for row in rows {
            flat.extend(wide(row));
            mask.extend(std::iter::repeat_n(1_i64, row.len()));
            flat.resize(flat.len() + longest - row.len(), self.padding);
            mask.resize(flat.len(), 0);
        }
        let size = [signed(rows.len()), signed(longest)];
        (self.tensor(&flat).reshape(size), self.tensor(&mask).reshape(size))
    }
}

fn cache_rows(cache: Cache, rows: &Tensor) -> Cache {
    let select = |state: LayerState| LayerState {
        prev_key: state.prev_key.index_select(0, rows),
        prev_value: state.prev_value.index_select(0, rows),
    };
    cache.into_iter().map(|(own, source)| (own.map(select), source.map(select))).collect()
}

/// rust-bert's configuration. What it has beyond [`Architecture`] is for training and for its own text generation.
fn config(dir: &Path, architecture: &Architecture) -> error::Result<BartConfig> {
    let activation = serde_json::from_value(architecture.activation.as_str().into()).map_err(|cause| {
        Error::model_because(dir, format!("`{}` asks for an unknown activation function", BundleFile::Config), cause)
    })?;
    Ok(BartConfig {
        activation_function: Some(activation),
        d_model: signed(architecture.width),
        vocab_size: signed(architecture.vocabulary),
        max_position_embeddings: signed(architecture.positions),
        encoder_layers: signed(architecture.encoder.layers),
        encoder_attention_heads: signed(architecture.encoder.heads),
        encoder_ffn_dim: signed(architecture.encoder.inner),
        decoder_layers: signed(architecture.decoder.layers),
        decoder_attention_heads: signed(architecture.decoder.heads),
        decoder_ffn_dim: signed(architecture.decoder.inner),
        pad_token_id: Some(signed(architecture.padding)),
        scale_embedding: Some(architecture.scaled_embedding),
        normalize_embedding: Some(false),
        static_position_embeddings: Some(true),
        output_past: Some(true),
        ..BartConfig::default()
    })
}

fn wide(pieces: &[PieceId]) -> Vec<i64> {
    pieces.iter().map(|&piece| piece.into()).collect()
}

#[expect(clippy::cast_possible_wrap, reason = "sizes of tensors in memory")]
fn signed(size: usize) -> i64 {
    size as i64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positions in a table of pieces")]
fn piece_id(piece: i64) -> PieceId {
    piece as PieceId
}
