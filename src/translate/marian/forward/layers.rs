//! The parts of transformer layers (Vaswani et al. 2017), normalised after each part as Marian's are.

use std::sync::Arc;

use tch::{Device, Kind, Tensor};

use super::linear::{Linear, Range, Rooms};

/// The number that is added to a variance, as in PyTorch's layers.
const EPSILON: f64 = 1e-5;

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
    pub(super) fn range(self) -> Range {
        if self == Self::Relu { Range::Positive } else { Range::Signed }
    }

    fn of(self, mut values: Tensor) -> Tensor {
        match self {
            Self::Relu => values.relu_(),
            Self::Swish => values.silu_(),
            Self::Gelu => values.gelu_("none"),
            Self::GeluNew => values.gelu_("tanh"),
            Self::Mish => values.mish_(),
            Self::Tanh => values.tanh_(),
            Self::Identity => values,
        }
    }
}

/// Adds what a part of a layer says to what came in, and normalises the sum.
pub(crate) struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    pub(super) fn new(weight: Tensor, bias: Tensor) -> Self {
        Self { weight, bias }
    }

    pub(crate) fn forward(&self, values: &Tensor, added: &Tensor) -> Tensor {
        (values + added).layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), EPSILON, false)
    }

    pub(super) fn share(&self) -> Self {
        Self { weight: self.weight.shallow_clone(), bias: self.bias.shallow_clone() }
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

    pub(crate) fn forward(&self, values: &Tensor) -> Tensor {
        self.second.forward(&self.activation.of(self.first.forward(values)))
    }

    pub(super) fn share(&self, rooms: &Arc<Rooms>) -> Self {
        Self { first: self.first.share(rooms), second: self.second.share(rooms), activation: self.activation }
    }
}

/// Attention of a text to itself.
pub(crate) struct OwnAttention {
    /// Query, key and value.
    together: Linear,
    out: Linear,
    heads: i64,
}

impl OwnAttention {
    pub(super) fn new(together: Linear, out: Linear, heads: i64) -> Self {
        Self { together, out, heads }
    }

    /// The attention of whole texts (texts × pieces × width), but to what `mask` hides ([`attend`]).
    pub(crate) fn forward(&self, values: &Tensor, mask: &Tensor) -> Tensor {
        let together = self.together.forward(values).unflatten(2, [3, self.heads, -1]);
        let part = |index| together.select(2, index).transpose(1, 2);
        self.out.forward(&attend(&part(0), &part(1), &part(2), mask))
    }

    /// Query, key and value of one piece each (rows × width): 3 × rows × heads × width of a head.
    pub(super) fn of_last(&self, values: &Tensor) -> [Tensor; 3] {
        let together = self.together.forward(values).unflatten(1, [3, self.heads, -1]);
        [0, 1, 2].map(|index| together.select(1, index))
    }

    pub(super) fn out(&self, mixed: &Tensor) -> Tensor {
        self.out.forward(mixed)
    }

    pub(super) fn share(&self, rooms: &Arc<Rooms>) -> Self {
        Self { together: self.together.share(rooms), out: self.out.share(rooms), heads: self.heads }
    }
}

/// Attention of a text to another.
pub(crate) struct OtherAttention {
    query: Linear,
    /// Key and value.
    memory: Linear,
    out: Linear,
    heads: i64,
}

impl OtherAttention {
    pub(super) fn new(query: Linear, memory: Linear, out: Linear, heads: i64) -> Self {
        Self { query, memory, out, heads }
    }

    /// The attention of whole texts (texts × pieces × width) to others, but to what `mask` hides ([`attend`]).
    pub(crate) fn forward(&self, values: &Tensor, others: &Tensor, mask: &Tensor) -> Tensor {
        let query = self.query.forward(values).unflatten(2, [self.heads, -1]).transpose(1, 2);
        let [key, value] = self.memory(others);
        self.out.forward(&attend(&query, &key, &value, mask))
    }

    /// The keys and values of texts, each texts × heads × pieces × width of a head.
    pub(super) fn memory(&self, others: &Tensor) -> [Tensor; 2] {
        let memory = self.memory.forward(others).unflatten(2, [2, self.heads, -1]);
        [0, 1].map(|index| memory.select(2, index).transpose(1, 2))
    }

    /// The query of each row (rows × width): rows × heads × width of a head.
    pub(super) fn query(&self, values: &Tensor) -> Tensor {
        self.query.forward(values).unflatten(1, [self.heads, -1])
    }

    pub(super) fn out(&self, mixed: &Tensor) -> Tensor {
        self.out.forward(mixed)
    }

    pub(super) fn share(&self, rooms: &Arc<Rooms>) -> Self {
        Self {
            query: self.query.share(rooms),
            memory: self.memory.share(rooms),
            out: self.out.share(rooms),
            heads: self.heads,
        }
    }
}

/// What each query (texts × heads × pieces × width of a head) mixes of the values by its likeness to the keys, to which
/// the mask (… × keys; 0, or −∞ for what is hidden) is added: texts × pieces × width. The mask is as long as the keys,
/// also where it hides none: of one that is to be spread over them, libtorch 2.4 reads what is behind it.
fn attend(query: &Tensor, key: &Tensor, value: &Tensor, mask: &Tensor) -> Tensor {
    let mixed = Tensor::scaled_dot_product_attention(query, key, value, Some(mask), 0.0, false, None);
    mixed.transpose(1, 2).flatten(2, -1)
}

/// The mask that hides from each of so many pieces those after it (pieces × pieces).
pub(super) fn before(length: i64, device: Device) -> Tensor {
    Tensor::full([length, length], f64::NEG_INFINITY, (Kind::Float, device)).triu(1)
}

/// The scale of the likeness of queries and keys, for heads of this width.
pub(super) fn scale(width: i64) -> f64 {
    (width as f64).powf(-0.5)
}

/// The shares of what is looked at, from likenesses that this replaces.
pub(super) fn shares(likeness: &Tensor) -> Tensor {
    likeness.softmax(-1, Kind::Float)
}
