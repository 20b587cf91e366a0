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
use tch::{Device, Tensor, nn::VarStore};

use super::{Texts, signed};
use crate::{
    bundle::Architecture,
    error::{self, Error},
    manifest::BundleFile,
};

/// A model in memory, for one worker.
pub(super) struct Reference {
    model: MarianForConditionalGeneration,
    weights: VarStore,
    config: BartConfig,
}

/// Decoding under way.
pub(super) struct ReferenceState {
    /// Keys and values of the self-attention and of the attention to the source, by layer.
    cache: Option<Vec<(Option<LayerState>, Option<LayerState>)>>,
    /// What the encoder made of the source of each row, and which of it is no padding.
    states: Tensor,
    kept: Tensor,
    width: i64,
}

impl Reference {
    /// Loads the weights in `dir`.
    pub(super) fn load(dir: &Path, architecture: &Architecture, device: Device) -> error::Result<Self> {
        let mut reference = Self::unloaded(config(dir, architecture)?, device);
        reference.weights.load(dir.join(BundleFile::Weights)).map_err(|cause| {
            Error::model_because(dir, format!("libtorch cannot load `{}`", BundleFile::Weights), cause)
        })?;
        // Files hold half precision, in which a CPU computes some twenty times slower.
        reference.weights.float();
        reference.weights.freeze();
        Ok(reference)
    }

    fn unloaded(config: BartConfig, device: Device) -> Self {
        let weights = VarStore::new(device);
        let model = MarianForConditionalGeneration::new(weights.root(), &config);
        Self { model, weights, config }
    }

    /// The same model for another worker.
    pub(super) fn share(&self, dir: &Path) -> error::Result<Self> {
        let mut other = Self::unloaded(self.config.clone(), self.weights.device());
        other.weights.freeze();
        let own = self.weights.variables();
        for (name, tensor) in &mut other.weights.variables() {
            let shared = own.get(name).map_or(Ok(()), |weights| tensor.f_set_data(weights));
            shared.map_err(|cause| Error::model_because(dir, "libtorch cannot share the weights", cause))?;
        }
        Ok(other)
    }

    pub(super) fn device(&self) -> Device {
        self.weights.device()
    }

    /// The embeddings of the decoder: the table of all pieces, scaled, and that of places.
    pub(super) fn embedding(&self) -> (Tensor, Tensor) {
        let weights = self.weights.variables();
        let table = |name: &str| weights[name].shallow_clone();
        let scale = if self.config.scale_embedding == Some(true) { (self.config.d_model as f64).sqrt() } else { 1.0 };
        (table("model.shared.weight") * scale, table("model.decoder.embed_positions.weight"))
    }

    /// The states of sources (texts × pieces), of which `kept` says what is no padding: texts × pieces × width.
    pub(super) fn encode(&self, pieces: &Tensor, kept: &Tensor) -> Tensor {
        self.model.encode(pieces, Some(kept))
    }

    /// Begins to decode, `width` rows for each source.
    pub(super) fn begin(source: &Texts, width: i64) -> ReferenceState {
        let rows = |tensor: &Tensor| tensor.repeat_interleave_self_int(width, 0, None);
        ReferenceState { cache: None, states: rows(&source.states), kept: rows(&source.kept()), width }
    }

    /// The logits of the next piece in each row (rows × vocabulary) after the `last` ones.
    pub(super) fn step(&self, state: &mut ReferenceState, last: &Tensor) -> Tensor {
        let (kept, states, last) = (Some(&state.kept), Some(&state.states), last.unsqueeze(1));
        let step = self.model.forward_t(None, kept, states, Some(&last), None, state.cache.take(), false);
        state.cache = step.cache;
        step.decoder_output.select(1, 0)
    }

    /// The logits for each piece of given targets (texts × pieces, each after the pieces before it): texts × pieces ×
    /// vocabulary.
    pub(super) fn force(&self, source: &Texts, given: &Tensor) -> Tensor {
        let (kept, states) = (source.kept(), Some(&source.states));
        self.model.forward_t(None, Some(&kept), states, Some(given), None, None, false).decoder_output
    }
}

impl ReferenceState {
    /// Goes on with these rows, and with these sources, of which each has as many rows as before.
    pub(super) fn keep(&mut self, sources: Option<&Tensor>, rows: &Tensor) {
        let select = |state: LayerState, which: &Tensor| LayerState {
            prev_key: state.prev_key.index_select(0, which),
            prev_value: state.prev_value.index_select(0, which),
        };
        // Each source stands in as many rows.
        let of_sources = sources.map(|sources| {
            let first = (sources * self.width).unsqueeze(1);
            (first + Tensor::arange(self.width, (sources.kind(), sources.device()))).flatten(0, 1)
        });
        if let Some(of_sources) = &of_sources {
            self.states = self.states.index_select(0, of_sources);
            self.kept = self.kept.index_select(0, of_sources);
        }
        let layer = |(own, source): (Option<LayerState>, Option<LayerState>)| {
            let source = match &of_sources {
                Some(of_sources) => source.map(|state| select(state, of_sources)),
                None => source,
            };
            (own.map(|state| select(state, rows)), source)
        };
        self.cache = self.cache.take().map(|cache| cache.into_iter().map(layer).collect());
    }
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
