//! The parts of transformer layers (Vaswani et al. 2017), normalised after each part as Marian's are.

use std::{ops::Range, sync::Arc};

use tch::Tensor;

use super::{
    attention::Attention,
    lanes::{add_and_normalise, swish},
    linear::{self, Linear},
    rows::Rows,
};

/// The function between the two layers of a [`FeedForward`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Activation {
    Relu,
    Swish,
    Gelu,
    GeluNew,
    Mish,
    Tanh,
    Identity,
}

impl Activation {
    /// The function of this name in `config.json`.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "relu" => Self::Relu,
            "swish" => Self::Swish,
            "gelu" => Self::Gelu,
            "gelu_new" => Self::GeluNew,
            "mish" => Self::Mish,
            "tanh" => Self::Tanh,
            "identity" => Self::Identity,
            _ => return None,
        })
    }

    /// What its values may be.
    pub(super) fn range(self) -> linear::Range {
        if self == Self::Relu { linear::Range::Positive } else { linear::Range::Signed }
    }

    fn of(self, rows: &mut Rows) {
        let by = |of: fn(&Tensor) -> Tensor, rows: &mut Rows| *rows = Rows::of(&of(&rows.tensor()));
        match self {
            Self::Relu => rows.values_mut().iter_mut().for_each(|value| *value = value.max(0.0)),
            Self::Swish => swish(rows.values_mut()),
            Self::Gelu => by(|values| values.gelu("none"), rows),
            Self::GeluNew => by(|values| values.gelu("tanh"), rows),
            Self::Mish => by(Tensor::mish, rows),
            Self::Tanh => by(Tensor::tanh, rows),
            Self::Identity => {}
        }
    }
}

/// Adds what a part of a layer says to what came in, and normalises the sum.
pub(crate) struct Norm {
    weight: Arc<[f32]>,
    bias: Arc<[f32]>,
}

impl Norm {
    pub(super) fn new(weight: Arc<[f32]>, bias: Arc<[f32]>) -> Self {
        Self { weight, bias }
    }

    pub(crate) fn forward(&self, mut rows: Rows, added: &Rows) -> Rows {
        add_and_normalise(rows.values_mut(), added.values(), &self.weight, &self.bias);
        rows
    }

    pub(super) fn share(&self) -> Self {
        Self { weight: Arc::clone(&self.weight), bias: Arc::clone(&self.bias) }
    }
}

/// The network for each piece: two linear layers with a function between.
pub(crate) struct FeedForward {
    first: Linear,
    second: Linear,
    activation: Activation,
}

impl FeedForward {
    pub(super) fn new(first: Linear, second: Linear, activation: Activation) -> Self {
        Self { first, second, activation }
    }

    pub(crate) fn forward(&self, rows: &Rows) -> Rows {
        let mut inner = self.first.forward(rows);
        self.activation.of(&mut inner);
        self.second.forward(&inner)
    }

    pub(super) fn share(&self) -> Self {
        Self { first: self.first.share(), second: self.second.share(), activation: self.activation }
    }
}

/// What each piece of a text sees of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sight {
    All,
    /// Itself, and what is before it.
    Before,
}

/// Attention of a text to itself.
pub(crate) struct OwnAttention {
    /// Query, key and value.
    together: Linear,
    out: Linear,
    heads: usize,
}

impl OwnAttention {
    pub(super) fn new(together: Linear, out: Linear, heads: usize) -> Self {
        Self { together, out, heads }
    }

    /// The attention of whole texts, whose rows stand in these places.
    pub(crate) fn forward(&self, rows: &Rows, texts: &[Range<usize>], sight: Sight) -> Rows {
        let (width, together) = (rows.width(), self.together.forward(rows));
        let mut mixed = Rows::zeros(rows.count(), width);
        let mut attention = Attention::default();
        for text in texts {
            let pieces: Vec<&[f32]> = text.clone().map(|row| &together.row(row)[width..]).collect();
            for (at, row) in text.clone().enumerate() {
                let seen = if sight == Sight::All { &pieces[..] } else { &pieces[..=at] };
                attention.attend(&together.row(row)[..width], seen, self.heads, mixed.row_mut(row));
            }
        }
        self.out.forward(&mixed)
    }

    /// Query, key and value of one piece each, side by side: rows × 3 · width.
    pub(super) fn together(&self, rows: &Rows) -> Rows {
        self.together.forward(rows)
    }

    pub(super) fn out(&self, mixed: &Rows) -> Rows {
        self.out.forward(mixed)
    }

    pub(super) fn heads(&self) -> usize {
        self.heads
    }

    pub(super) fn share(&self) -> Self {
        Self { together: self.together.share(), out: self.out.share(), heads: self.heads }
    }
}

/// Attention of a text to another.
pub(crate) struct OtherAttention {
    query: Linear,
    /// Key and value.
    memory: Linear,
    out: Linear,
    heads: usize,
}

impl OtherAttention {
    pub(super) fn new(query: Linear, memory: Linear, out: Linear, heads: usize) -> Self {
        Self { query, memory, out, heads }
    }

    /// The attention of whole texts, whose rows stand in these places, each to what stands in one of those places of a
    /// [`Self::memory`].
    pub(crate) fn forward(&self, rows: &Rows, texts: &[Range<usize>], memory: &Rows, others: &[Range<usize>]) -> Rows {
        let queries = self.query.forward(rows);
        let mut mixed = Rows::zeros(rows.count(), rows.width());
        let mut attention = Attention::default();
        for (text, other) in texts.iter().zip(others) {
            let seen: Vec<&[f32]> = other.clone().map(|row| memory.row(row)).collect();
            for row in text.clone() {
                attention.attend(queries.row(row), &seen, self.heads, mixed.row_mut(row));
            }
        }
        self.out.forward(&mixed)
    }

    /// The key and value of each row of other texts, side by side: rows × 2 · width.
    pub(crate) fn memory(&self, others: &Rows) -> Rows {
        self.memory.forward(others)
    }

    pub(super) fn share(&self) -> Self {
        Self { query: self.query.share(), memory: self.memory.share(), out: self.out.share(), heads: self.heads }
    }
}
