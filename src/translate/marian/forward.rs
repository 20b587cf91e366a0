//! A Marian model's forward pass (Junczys-Dowmunt et al. 2018) over libtorch's tensors: what rust-bert computes too, in
//! a third of the time and less.
//!
//! ```text
//!  pieces ─▶ embedding ─▶ encoder layers ─▶ states ─▶ keys and values, once
//!                                                          ▼
//!  last pieces ─▶ embedding ─▶ decoder layers, which keep their own keys and values ─▶ logits
//! ```
//! Query, key and value are one matrix. Linear layers are libtorch's and multiply in eight bits where the machine can
//! ([`linear`]); what is between them is ours ([`attention`], [`lanes`]), over rows without padding: libtorch's calls for
//! the few rows of a step took longer than what they computed (four fifths of 5.1 s for 1,012 lines).

mod attention;
mod embedding;
pub(super) mod lanes;
pub(super) mod layers;
pub(super) mod linear;
mod output;
mod piece_rows;
pub(super) mod rows;
mod selection;
mod state;
pub(super) mod tensors;

use std::{iter, ops::Range, path::Path};

use tch::no_grad;

pub(super) use self::{embedding::Embedding, selection::Selected, state::State};
use self::{
    layers::{Activation, FeedForward, Norm, OtherAttention, OwnAttention, Sight},
    linear::Numbers,
    output::Output,
    rows::{Ragged, Rows, Texts, groups, spans},
    selection::Selection,
    tensors::{Sizes, Tensors},
};
use crate::{bundle::Architecture, threads::side_by_side, tokenizer::PieceId};

/// So many pieces at a time go through all layers: few enough that their rows stay in the processor's cache. Forced
/// decoding of 1,012 pairs takes 4.1 s of one core with 512, 3.1 with these, 3.3 with 64.
const AT_ONCE: usize = 160;

/// So many rows at a time become logits of the whole vocabulary: few enough that they stay in the processor's cache.
const LOGIT_ROWS: usize = 32;

/// A model in memory, for one worker.
pub(super) struct Forward {
    pieces: Embedding,
    /// The embeddings of the places in a text, of encoder and decoder.
    places: [Embedding; 2],
    encoder: Vec<EncoderLayer>,
    decoder: Vec<DecoderLayer>,
    output: Output,
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
    /// Reads the weights at `path`; the pieces that are selected for every source are `common`. Errors say what is
    /// amiss with them.
    pub(super) fn read(
        path: &Path,
        architecture: &Architecture,
        numbers: Numbers,
        common: Option<&[PieceId]>,
    ) -> Result<Self, String> {
        let signed = |size: usize| i64::try_from(size).unwrap_or_default();
        let activation = Activation::named(&architecture.activation)
            .ok_or_else(|| format!("asks for the function `{}`", architecture.activation))?;
        let sizes = |stack: crate::bundle::Stack| Sizes {
            width: signed(architecture.width),
            inner: signed(stack.inner),
            heads: stack.heads,
            activation,
        };
        let (vocabulary, width) = (signed(architecture.vocabulary), architecture.width);
        let places = |tensors: &Tensors, half: &str| {
            let size = [signed(architecture.positions), signed(width)];
            let table = tensors.table(&format!("model.{half}.embed_positions.weight"), &size)?;
            Ok::<_, String>(Embedding::of_table(&table, false))
        };
        // Each thread reads for itself.
        let encoder = || {
            let of_encoder = Tensors::open(path, numbers)?;
            let layers = (0..architecture.encoder.layers).map(|layer| {
                EncoderLayer::of(&of_encoder, &format!("model.encoder.layers.{layer}"), sizes(architecture.encoder))
            });
            let layers: Vec<EncoderLayer> = layers.collect::<Result<_, String>>()?;
            Ok::<_, String>((layers, places(&of_encoder, "encoder")?))
        };
        let rest = || {
            let tensors = Tensors::open(path, numbers)?;
            let table = tensors.table("model.shared.weight", &[vocabulary, signed(width)])?;
            let bias = tensors.tensor("final_logits_bias", &[1, vocabulary])?.squeeze_dim(0);
            let output = Output::new(&table, &bias, numbers, common).map_err(|error| error.to_string())?;
            let layers = (0..architecture.decoder.layers).map(|layer| {
                DecoderLayer::of(&tensors, &format!("model.decoder.layers.{layer}"), sizes(architecture.decoder))
            });
            let decoder = layers.collect::<Result<_, String>>()?;
            let pieces = Embedding::of_table(&table, architecture.scaled_embedding);
            Ok::<_, String>((pieces, decoder, output, places(&tensors, "decoder")?))
        };
        let (encoder, rest) = side_by_side(|| no_grad(encoder), rest);
        // Whoever loads makes an error of it.
        let (encoder, places_of_encoder) = encoder.unwrap_or_else(|panic| panic.resume())?;
        let (pieces, decoder, output, places_of_decoder) = rest?;
        Ok(Self { pieces, places: [places_of_encoder, places_of_decoder], encoder, decoder, output })
    }

    /// The same model for another worker.
    pub(super) fn share(&self) -> Self {
        Self {
            pieces: self.pieces.clone(),
            places: self.places.clone(),
            encoder: self.encoder.iter().map(EncoderLayer::share).collect(),
            decoder: self.decoder.iter().map(DecoderLayer::share).collect(),
            output: self.output.share(),
        }
    }

    /// The embeddings of the decoder: of all pieces, and of places.
    pub(super) fn embeddings(&self) -> [Embedding; 2] {
        [self.pieces.clone(), self.places[1].clone()]
    }

    /// The states of sources, a row for each piece.
    pub(super) fn encode(&self, sources: &[&[PieceId]]) -> Texts {
        let lengths: Vec<usize> = sources.iter().map(|source| source.len()).collect();
        let mut states = Rows::zeros(0, self.pieces.width());
        for group in groups(&lengths, AT_ONCE) {
            let mut rows = self.embedded(0, sources[group.clone()].iter().copied());
            let texts = spans(lengths[group].iter().copied());
            for layer in &self.encoder {
                rows = layer.forward(rows, &texts);
            }
            states.extend(&rows);
        }
        Texts::new(states, lengths)
    }

    /// Begins to decode, `width` rows for each source. Where pieces are `selected` for each source (in order) beside the
    /// common ones, translations are looked for among them alone.
    pub(super) fn begin(&self, source: &Texts, width: usize, selected: Option<Vec<Vec<PieceId>>>) -> State {
        State::new(&self.decoder, source, width, self.select(selected))
    }

    /// Puts the logits of the next piece in each row after the `last` ones into `logits`, in place of what it had: over the
    /// pieces that are selected for its source, or over all.
    pub(super) fn step(&self, state: &mut State, last: &[PieceId], logits: &mut Ragged) {
        let mut rows = self.pieces.of(last, iter::repeat(state.length()), &self.places[1]);
        state.advance();
        for (at, layer) in self.decoder.iter().enumerate() {
            rows = layer.step(rows, state, at);
        }
        match state.selection() {
            Some(selection) => selection.logits(&rows, |row| state.source(row), logits),
            None => self.output.logits(&rows, logits),
        }
    }

    /// What the decoder makes of given texts, each after the pieces before it and beside one of the sources: a row for
    /// each piece of each.
    fn force(&self, sources: &Texts, beside: &[usize], given: &[&[PieceId]]) -> Rows {
        let memories: Vec<Rows> = self.decoder.iter().map(|layer| layer.memory(&sources.rows)).collect();
        let lengths: Vec<usize> = given.iter().map(|given| given.len()).collect();
        let mut found = Rows::zeros(0, self.pieces.width());
        for group in groups(&lengths, AT_ONCE) {
            let mut rows = self.embedded(1, given[group.clone()].iter().copied());
            let texts = spans(lengths[group.clone()].iter().copied());
            let others: Vec<Range<usize>> = beside[group].iter().map(|&source| sources.spans[source].clone()).collect();
            for (layer, memory) in self.decoder.iter().zip(&memories) {
                rows = layer.forward(rows, &texts, Sight::Before, memory, &others);
            }
            found.extend(&rows);
        }
        found
    }

    /// Calls `each` with the logits for each piece of some texts (as [`Self::force`] has them), in order, and with the column
    /// of the piece that is `wanted` there: over the common pieces and those that are `selected` for its text, in order, or
    /// over all.
    pub(super) fn logits(
        &self,
        sources: &Texts,
        beside: &[usize],
        given: &[&[PieceId]],
        wanted: &[&[PieceId]],
        selected: Option<Vec<Vec<PieceId>>>,
        mut each: impl FnMut(&[f32], usize),
    ) {
        let (rows, selection) = (self.force(sources, beside, given), self.select(selected));
        let wanted =
            wanted.iter().enumerate().flat_map(|(text, pieces)| pieces.iter().map(move |&piece| (text, piece)));
        let wanted: Vec<(usize, PieceId)> = wanted.collect();
        let mut logits = Ragged::default();
        for (at, wanted) in wanted.chunks(LOGIT_ROWS).enumerate() {
            let start = at * LOGIT_ROWS;
            let some = rows.some(&(start..start + wanted.len()));
            match &selection {
                Some(selection) => selection.logits(&some, |row| wanted[row].0, &mut logits),
                None => self.output.logits(&some, &mut logits),
            }
            for (row, &(text, piece)) in wanted.iter().enumerate() {
                let column =
                    selection.as_ref().map_or(Some(piece as usize), |selection| selection.of(text).column(piece));
                each(logits.row(row), column.unwrap());
            }
        }
    }

    /// The output layer over the common pieces and those that are `selected` for each source, where some are.
    fn select(&self, selected: Option<Vec<Vec<PieceId>>>) -> Option<Selection> {
        match (&self.output, selected) {
            (Output::Selected(output), Some(selected)) => Some(Selection::new(output, selected)),
            _ => None,
        }
    }

    /// The pieces of texts, embedded for one half of the network.
    fn embedded<'t>(&self, half: usize, texts: impl Iterator<Item = &'t [PieceId]> + Clone) -> Rows {
        let pieces: Vec<PieceId> = texts.clone().flatten().copied().collect();
        self.pieces.of(&pieces, texts.flat_map(|text| 0..text.len()), &self.places[half])
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

    fn forward(&self, rows: Rows, texts: &[Range<usize>]) -> Rows {
        let own = self.own.forward(&rows, texts, Sight::All);
        let rows = self.own_norm.forward(rows, &own);
        let last = self.feed_forward.forward(&rows);
        self.last_norm.forward(rows, &last)
    }

    fn share(&self) -> Self {
        Self {
            own: self.own.share(),
            own_norm: self.own_norm.share(),
            feed_forward: self.feed_forward.share(),
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

    /// What becomes of whole texts, whose rows stand in these places, each beside what stands in one of those places of
    /// the `memory` of others.
    pub(super) fn forward(
        &self,
        rows: Rows,
        texts: &[Range<usize>],
        sight: Sight,
        memory: &Rows,
        others: &[Range<usize>],
    ) -> Rows {
        let own = self.own.forward(&rows, texts, sight);
        let rows = self.own_norm.forward(rows, &own);
        self.beside(rows, texts, memory, others)
    }

    /// What becomes of the last piece of each row, given what is kept of those before it.
    fn step(&self, rows: Rows, state: &mut State, at: usize) -> Rows {
        let own = self.own.out(&state.own(at, &self.own.together(&rows), self.own.heads()));
        let rows = self.own_norm.forward(rows, &own);
        let (memory, others) = state.others(at);
        self.beside(rows, &state.rows(), memory, others)
    }

    /// What becomes of rows that have looked at their own text.
    fn beside(&self, rows: Rows, texts: &[Range<usize>], memory: &Rows, others: &[Range<usize>]) -> Rows {
        let other = self.other.forward(&rows, texts, memory, others);
        let rows = self.other_norm.forward(rows, &other);
        let last = self.feed_forward.forward(&rows);
        self.last_norm.forward(rows, &last)
    }

    /// The keys and values of others.
    pub(super) fn memory(&self, others: &Rows) -> Rows {
        self.other.memory(others)
    }

    /// The same layer for another worker.
    pub(super) fn share(&self) -> Self {
        Self {
            own: self.own.share(),
            own_norm: self.own_norm.share(),
            other: self.other.share(),
            other_norm: self.other_norm.share(),
            feed_forward: self.feed_forward.share(),
            last_norm: self.last_norm.share(),
        }
    }
}
