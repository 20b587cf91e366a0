//! A Marian model's forward pass (Junczys-Dowmunt et al. 2018) over libtorch's tensors: what rust-bert computes too, in
//! a third of the time and less.
//!
//! ```text
//!  pieces ─▶ embedding ─▶ encoder layers ─▶ states ─▶ keys and values, once
//!                                                          ▼
//!  last pieces ─▶ embedding ─▶ decoder layers, which keep their own keys and values ─▶ logits
//! ```
//! Query, key and value are one matrix; what is kept grows in place. Linear layers multiply in eight bits where the
//! machine can ([`linear`]).

pub(super) mod layers;
pub(super) mod linear;
mod selection;
mod state;
pub(super) mod tensors;

use std::{path::Path, sync::Arc};

use tch::{Device, Tensor};

pub(super) use self::state::State;
use self::{
    layers::{Activation, FeedForward, Norm, OtherAttention, OwnAttention, before},
    linear::{Linear, Numbers, Range, Rooms},
    selection::Selection,
    tensors::{Sizes, Tensors},
};
use super::network::Texts;
use crate::{bundle::Architecture, tokenizer::PieceId};

/// A model in memory, for one worker.
pub(super) struct Forward {
    /// The embeddings of the pieces, scaled.
    pieces: Tensor,
    places: [Tensor; 2],
    encoder: Vec<EncoderLayer>,
    decoder: Vec<DecoderLayer>,
    output: Linear,
    heads: i64,
    numbers: Numbers,
}

struct EncoderLayer {
    own: OwnAttention,
    own_norm: Norm,
    feed_forward: FeedForward,
    last_norm: Norm,
}

/// A layer that looks at its own text, at another, and at each piece.
pub(super) struct DecoderLayer {
    own: OwnAttention,
    own_norm: Norm,
    other: OtherAttention,
    other_norm: Norm,
    feed_forward: FeedForward,
    last_norm: Norm,
}

impl Forward {
    /// Reads the weights at `path`. Errors say what is amiss with them.
    pub(super) fn read(path: &Path, architecture: &Architecture, numbers: Numbers) -> Result<Self, String> {
        let rooms = Arc::default();
        let tensors = Tensors::read(path, numbers, Device::Cpu, &rooms).map_err(|error| error.to_string())?;
        let signed = |size: usize| i64::try_from(size).unwrap_or_default();
        let activation = Activation::named(&architecture.activation)
            .ok_or_else(|| format!("asks for the function `{}`", architecture.activation))?;
        let sizes = |stack: crate::bundle::Stack| Sizes {
            width: signed(architecture.width),
            inner: signed(stack.inner),
            heads: signed(stack.heads),
            activation,
        };
        let (vocabulary, width) = (signed(architecture.vocabulary), signed(architecture.width));
        let table = tensors.tensor("model.shared.weight", &[vocabulary, width])?;
        let bias = tensors.tensor("final_logits_bias", &[1, vocabulary])?.squeeze_dim(0);
        let output = tensors.layer(&table, &bias, Range::Signed)?;
        let places = |half: &str| {
            tensors.tensor(&format!("model.{half}.embed_positions.weight"), &[signed(architecture.positions), width])
        };
        let encoder = (0..architecture.encoder.layers).map(|layer| {
            EncoderLayer::of(&tensors, &format!("model.encoder.layers.{layer}"), sizes(architecture.encoder))
        });
        let decoder = (0..architecture.decoder.layers).map(|layer| {
            DecoderLayer::of(&tensors, &format!("model.decoder.layers.{layer}"), sizes(architecture.decoder))
        });
        Ok(Self {
            pieces: if architecture.scaled_embedding { table * (width as f64).sqrt() } else { table },
            places: [places("encoder")?, places("decoder")?],
            encoder: encoder.collect::<Result<_, _>>()?,
            decoder: decoder.collect::<Result<_, _>>()?,
            output,
            heads: signed(architecture.decoder.heads),
            numbers,
        })
    }

    /// The same model for another worker.
    pub(super) fn share(&self) -> Self {
        let rooms = Arc::default();
        Self {
            pieces: self.pieces.shallow_clone(),
            places: [0, 1].map(|half: usize| self.places[half].shallow_clone()),
            encoder: self.encoder.iter().map(|layer| layer.share(&rooms)).collect(),
            decoder: self.decoder.iter().map(|layer| layer.share(&rooms)).collect(),
            output: self.output.share(&rooms),
            heads: self.heads,
            numbers: self.numbers,
        }
    }

    /// The numbers in which linear layers multiply.
    pub(super) fn numbers(&self) -> Numbers {
        self.numbers
    }

    /// The embeddings of the decoder: the table of all pieces, scaled, and that of places.
    pub(super) fn embedding(&self) -> (Tensor, Tensor) {
        (self.pieces.shallow_clone(), self.places[1].shallow_clone())
    }

    /// The states of sources (texts × pieces): texts × pieces × width.
    pub(super) fn encode(&self, pieces: &Tensor, mask: &Tensor) -> Tensor {
        let places = self.places[0].narrow(0, 0, pieces.size()[1]);
        let mut states = Tensor::embedding(&self.pieces, pieces, -1, false, false) + places;
        for layer in &self.encoder {
            states = layer.forward(&states, mask);
        }
        states
    }

    /// Begins to decode, `width` rows for each source.
    /// Where pieces are `selected` for each source (in order), translations are looked for among them alone.
    pub(super) fn begin(&self, source: &Texts, width: i64, selected: Option<Vec<Vec<PieceId>>>) -> State {
        let selection = selected.map(|selected| Selection::new(&self.output, selected));
        State::new(&self.decoder, source, width, self.heads, selection)
    }

    /// The logits of the next piece in each row (rows × vocabulary) after the `last` ones.
    pub(super) fn step(&self, state: &mut State, last: &Tensor) -> Tensor {
        let place = self.places[1].narrow(0, state.length(), 1);
        let mut values = Tensor::embedding(&self.pieces, last, -1, false, false) + place;
        state.make_room();
        for (at, layer) in self.decoder.iter().enumerate() {
            values = layer.step(&values, state, at);
        }
        state.advance();
        match state.selection() {
            Some(selection) => selection.logits(&values),
            None => self.output.forward(&values),
        }
    }

    /// What the decoder makes of given targets (texts × pieces, each after the pieces before it): texts × pieces ×
    /// width.
    pub(super) fn force(&self, source: &Texts, given: &Tensor) -> Tensor {
        let places = self.places[1].narrow(0, 0, given.size()[1]);
        let mut values = Tensor::embedding(&self.pieces, given, -1, false, false) + places;
        let (own, other) = (before(given.size()[1], given.device()), source.mask());
        for layer in &self.decoder {
            values = layer.forward(&values, &own, &source.states, &other);
        }
        values
    }

    /// The logits of what the decoder made (rows × width): rows × vocabulary.
    pub(super) fn logits(&self, values: &Tensor) -> Tensor {
        self.output.forward(values)
    }
}

impl EncoderLayer {
    fn of(tensors: &Tensors, name: &str, sizes: Sizes) -> Result<Self, String> {
        Ok(Self {
            own: tensors.own_attention(&format!("{name}.self_attn"), sizes)?,
            own_norm: tensors.norm(&format!("{name}.self_attn_layer_norm"), sizes.width)?,
            feed_forward: tensors.feed_forward(name, sizes)?,
            last_norm: tensors.norm(&format!("{name}.final_layer_norm"), sizes.width)?,
        })
    }

    fn forward(&self, states: &Tensor, mask: &Tensor) -> Tensor {
        let states = self.own_norm.forward(states, &self.own.forward(states, mask));
        self.last_norm.forward(&states, &self.feed_forward.forward(&states))
    }

    fn share(&self, rooms: &Arc<Rooms>) -> Self {
        Self {
            own: self.own.share(rooms),
            own_norm: self.own_norm.share(),
            feed_forward: self.feed_forward.share(rooms),
            last_norm: self.last_norm.share(),
        }
    }
}

impl DecoderLayer {
    /// The layer whose tensors begin with `name`.
    pub(super) fn of(tensors: &Tensors, name: &str, sizes: Sizes) -> Result<Self, String> {
        Ok(Self {
            own: tensors.own_attention(&format!("{name}.self_attn"), sizes)?,
            own_norm: tensors.norm(&format!("{name}.self_attn_layer_norm"), sizes.width)?,
            other: tensors.other_attention(&format!("{name}.encoder_attn"), sizes)?,
            other_norm: tensors.norm(&format!("{name}.encoder_attn_layer_norm"), sizes.width)?,
            feed_forward: tensors.feed_forward(name, sizes)?,
            last_norm: tensors.norm(&format!("{name}.final_layer_norm"), sizes.width)?,
        })
    }

    /// What becomes of whole texts (texts × pieces × width), beside others; the masks hide something of each.
    pub(super) fn forward(&self, values: &Tensor, own: &Tensor, others: &Tensor, other: &Tensor) -> Tensor {
        let values = self.own_norm.forward(values, &self.own.forward(values, own));
        let values = self.other_norm.forward(&values, &self.other.forward(&values, others, other));
        self.last_norm.forward(&values, &self.feed_forward.forward(&values))
    }

    /// What becomes of the last piece of each row (rows × width), given what is kept of those before it.
    fn step(&self, values: &Tensor, state: &mut State, at: usize) -> Tensor {
        let values = self.own_norm.forward(values, &self.own.out(&state.own(at, self.own.of_last(values))));
        let mixed = state.other(at, &self.other.query(&values));
        let values = self.other_norm.forward(&values, &self.other.out(&mixed));
        self.last_norm.forward(&values, &self.feed_forward.forward(&values))
    }

    /// The keys and values of sources.
    fn memory(&self, states: &Tensor) -> [Tensor; 2] {
        self.other.memory(states)
    }

    /// The same layer for another worker.
    pub(super) fn share(&self, rooms: &Arc<Rooms>) -> Self {
        Self {
            own: self.own.share(rooms),
            own_norm: self.own_norm.share(),
            other: self.other.share(rooms),
            other_norm: self.other_norm.share(),
            feed_forward: self.feed_forward.share(rooms),
            last_norm: self.last_norm.share(),
        }
    }
}
