//! rust-bert's Marian: what our own pass is tested against, and what runs on other devices than the processor. The only
//! file that names rust-bert.
//!
//! It relies on [`Architecture`] having been checked against the weights: rust-bert's calls panic on sizes that do not
//! fit, and none is made that could.

use std::path::Path;

use rust_bert::{
    bart::{BartConfig, LayerState},
    marian::MarianForConditionalGeneration,
};
use tch::{Device, Kind, Tensor, nn::VarStore};

use super::{
    super::forward::{
        Embedding,
        rows::{Ragged, Rows, Texts},
    },
    signed,
};
use crate::{
    bundle::Architecture,
    error::{self, Error},
    manifest::BundleFile,
    tokenizer::PieceId,
};

/// Texts are padded to a multiple of so many pieces, however long the others of their batch are: libtorch sums in
/// another order over other lengths, and what becomes of a text would depend on its batch in the last bit.
const STEP: usize = 16;

/// A model in memory, for one worker.
pub(super) struct Reference {
    model: MarianForConditionalGeneration,
    weights: VarStore,
    config: BartConfig,
    /// The numbers in which it computes.
    kind: Kind,
}

/// Decoding under way.
pub(super) struct ReferenceState {
    /// Keys and values of the self-attention and of the attention to the source, by layer.
    cache: Option<Vec<(Option<LayerState>, Option<LayerState>)>>,
    /// What the encoder made of the source of each row, and which of it is no padding.
    states: Tensor,
    kept: Tensor,
    /// The rows for each source.
    width: usize,
    device: Device,
}

impl Reference {
    /// Loads the weights in `dir`: in half precision but on processors, where that takes some twenty times longer.
    pub(super) fn load(dir: &Path, architecture: &Architecture, device: Device) -> error::Result<Self> {
        let kind = if device == Device::Cpu { Kind::Float } else { Kind::Half };
        Self::load_as(dir, architecture, device, kind)
    }

    fn load_as(dir: &Path, architecture: &Architecture, device: Device, kind: Kind) -> error::Result<Self> {
        let mut reference = Self::unloaded(config(dir, architecture)?, device, kind);
        reference.weights.load(dir.join(BundleFile::Weights)).map_err(|cause| {
            Error::model_because(dir, format!("libtorch cannot load `{}`", BundleFile::Weights), cause)
        })?;
        reference.weights.set_kind(kind);
        reference.weights.freeze();
        Ok(reference)
    }

    fn unloaded(config: BartConfig, device: Device, kind: Kind) -> Self {
        let weights = VarStore::new(device);
        let model = MarianForConditionalGeneration::new(weights.root(), &config);
        Self { model, weights, config, kind }
    }

    /// The same model for another worker.
    pub(super) fn share(&self, dir: &Path) -> error::Result<Self> {
        let mut other = Self::unloaded(self.config.clone(), self.weights.device(), self.kind);
        other.weights.freeze();
        let own = self.weights.variables();
        #[expect(clippy::iter_over_hash_type, reason = "each has a name of its own")]
        for (name, tensor) in &mut other.weights.variables() {
            let shared = own.get(name).map_or(Ok(()), |weights| tensor.f_set_data(weights));
            shared.map_err(|cause| Error::model_because(dir, "libtorch cannot share the weights", cause))?;
        }
        Ok(other)
    }

    /// The embeddings of the decoder: of all pieces, and of places.
    pub(super) fn embeddings(&self) -> [Embedding; 2] {
        let weights = self.weights.variables();
        let of = |name: &str, is_scaled| Embedding::of_table(&weights[name], is_scaled);
        let is_scaled = self.config.scale_embedding == Some(true);
        [of("model.shared.weight", is_scaled), of("model.decoder.embed_positions.weight", false)]
    }

    /// The states of sources, a row for each piece.
    pub(super) fn encode(&self, sources: &[&[PieceId]]) -> Texts {
        let lengths: Vec<usize> = sources.iter().map(|source| source.len()).collect();
        let states = self.model.encode(&self.padded(sources), Some(&self.kept(&lengths)));
        let texts: Vec<Rows> = (0..)
            .zip(&lengths)
            .map(|(text, &length)| Rows::of(&states.get(text).narrow(0, 0, signed(length))))
            .collect();
        Texts::beside(&texts.iter().collect::<Vec<_>>())
    }

    /// Begins to decode, `width` rows for each source.
    pub(super) fn begin(&self, source: &Texts, width: usize) -> ReferenceState {
        let beside: Vec<usize> = (0..source.spans.len()).flat_map(|text| vec![text; width]).collect();
        let [states, kept] = self.beside(source, &beside);
        ReferenceState { cache: None, states, kept, width, device: self.weights.device() }
    }

    /// The logits of the next piece in each row after the `last` ones.
    pub(super) fn step(&self, state: &mut ReferenceState, last: &[PieceId]) -> Ragged {
        let last = self.tensor(last.iter().map(|&piece| piece.into())).unsqueeze(1);
        let (kept, states) = (Some(&state.kept), Some(&state.states));
        let step = self.model.forward_t(None, kept, states, Some(&last), None, state.cache.take(), false);
        state.cache = step.cache;
        Rows::of(&step.decoder_output.select(1, 0)).into()
    }

    /// Calls `each` with the logits (vocabulary) for each piece of some targets, in order, and with the piece's column in
    /// them, each target beside one of the sources. What is `given` stands before the pieces.
    pub(super) fn force(
        &self,
        sources: &Texts,
        beside: &[usize],
        given: &[&[PieceId]],
        targets: &[&[PieceId]],
        mut each: impl FnMut(&[f32], usize),
    ) {
        let [states, kept] = self.beside(sources, beside);
        let padded = self.padded(given);
        let logits = self.model.forward_t(None, Some(&kept), Some(&states), Some(&padded), None, None, false);
        for (text, target) in (0..).zip(targets) {
            let rows = Rows::of(&logits.decoder_output.get(text).narrow(0, 0, signed(target.len())));
            target.iter().enumerate().for_each(|(row, &piece)| each(rows.row(row), piece as usize));
        }
    }

    /// The states (rows × pieces × width) of the texts that stand beside rows, padded, and which of them are no padding
    /// (rows × pieces): 1, and 0 for padding.
    fn beside(&self, texts: &Texts, beside: &[usize]) -> [Tensor; 2] {
        let states: Vec<Tensor> = beside.iter().map(|&text| texts.rows.some(&texts.spans[text]).tensor()).collect();
        let lengths: Vec<usize> = beside.iter().map(|&text| texts.spans[text].len()).collect();
        let states = Tensor::pad_sequence(&states, true, 0.0).to_device(self.weights.device()).to_kind(self.kind);
        let missing = signed(padded_length(lengths.iter().copied())) - states.size()[1];
        [states.constant_pad_nd([0, 0, 0, missing]), self.kept(&lengths)]
    }

    /// Which pieces of texts of these lengths are no padding, as [`Self::beside`] has it.
    fn kept(&self, lengths: &[usize]) -> Tensor {
        let longest = padded_length(lengths.iter().copied());
        let kept = lengths.iter().flat_map(|&length| (0..longest).map(move |place| i64::from(place < length)));
        self.tensor(kept).view([signed(lengths.len()), signed(longest)])
    }

    /// Rows of pieces, filled up: rows × pieces.
    fn padded(&self, rows: &[&[PieceId]]) -> Tensor {
        let longest = padded_length(rows.iter().map(|row| row.len()));
        let padding = self.config.pad_token_id.unwrap_or_default();
        let filled = rows.iter().flat_map(|row| {
            let pieces = row.iter().map(|&piece| i64::from(piece));
            pieces.chain(std::iter::repeat_n(padding, longest - row.len()))
        });
        self.tensor(filled).view([signed(rows.len()), signed(longest)])
    }

    fn tensor(&self, numbers: impl Iterator<Item = i64>) -> Tensor {
        Tensor::from_slice(&numbers.collect::<Vec<_>>()).to_device(self.weights.device())
    }
}

impl ReferenceState {
    /// Goes on with these rows, and with these sources, of which each has as many rows as before.
    pub(super) fn keep(&mut self, sources: Option<&[usize]>, rows: &[usize]) {
        let tensor = |places: &mut dyn Iterator<Item = usize>| {
            Tensor::from_slice(&places.map(signed).collect::<Vec<_>>()).to_device(self.device)
        };
        let select = |state: LayerState, which: &Tensor| LayerState {
            prev_key: state.prev_key.index_select(0, which),
            prev_value: state.prev_value.index_select(0, which),
        };
        // Each source stands in as many rows.
        let width = self.width;
        let of_sources =
            sources.map(|sources| tensor(&mut sources.iter().flat_map(|source| source * width..(source + 1) * width)));
        let rows = tensor(&mut rows.iter().copied());
        if let Some(of_sources) = &of_sources {
            self.states = self.states.index_select(0, of_sources);
            self.kept = self.kept.index_select(0, of_sources);
        }
        let layer = |(own, source): (Option<LayerState>, Option<LayerState>)| {
            let source = match &of_sources {
                Some(of_sources) => source.map(|state| select(state, of_sources)),
                None => source,
            };
            (own.map(|state| select(state, &rows)), source)
        };
        self.cache = self.cache.take().map(|cache| cache.into_iter().map(layer).collect());
    }
}

/// The length of a batch of texts of these lengths.
fn padded_length(lengths: impl Iterator<Item = usize>) -> usize {
    lengths.max().unwrap_or_default().next_multiple_of(STEP)
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
