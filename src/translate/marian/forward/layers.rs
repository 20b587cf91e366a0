//! The parts of transformer layers (Vaswani et al. 2017), normalised after each part as Marian's are.

use std::sync::Arc;

use tch::{Kind, Tensor};

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

/// Which pieces a piece looks at.
#[derive(Clone, Copy)]
pub(crate) enum Sight<'a> {
    /// All that are not hidden by this mask (texts × 1 × 1 × pieces; 0 or −∞, added to what is found there).
    Unless(&'a Tensor),
    /// All.
    All,
    /// Itself and those before it.
    Before,
}

impl<'a> Sight<'a> {
    /// All but what a mask hides, where there is one.
    pub(crate) fn unless(mask: Option<&'a Tensor>) -> Self {
        mask.map_or(Self::All, Self::Unless)
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

    /// The attention of whole texts (texts × pieces × width).
    pub(crate) fn forward(&self, values: &Tensor, sight: Sight<'_>) -> Tensor {
        let together = self.together.forward(values).unflatten(2, [3, self.heads, -1]);
        let part = |index| together.select(2, index).transpose(1, 2);
        self.out.forward(&attend(&part(0), &part(1), &part(2), sight))
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

    /// The attention of whole texts (texts × pieces × width) to others, which `sight` hides in part.
    pub(crate) fn forward(&self, values: &Tensor, others: &Tensor, sight: Sight<'_>) -> Tensor {
        let query = self.query.forward(values).unflatten(2, [self.heads, -1]).transpose(1, 2);
        let [key, value] = self.memory(others);
        self.out.forward(&attend(&query, &key, &value, sight))
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

/// What each query (texts × heads × pieces × width of a head) mixes of the values by its likeness to the keys: texts ×
/// pieces × width.
fn attend(query: &Tensor, key: &Tensor, value: &Tensor, sight: Sight<'_>) -> Tensor {
    // These bindings cannot say that there is no mask.
    let options = (Kind::Float, query.device());
    let mask = match sight {
        Sight::Unless(mask) => mask.shallow_clone(),
        // As long as the keys are: of a mask that is to be spread over them, libtorch 2.4 reads what is behind it.
        Sight::All => Tensor::zeros([1, 1, 1, key.size()[2]], options),
        Sight::Before => {
            let length = query.size()[2];
            Tensor::full([length, length], f64::NEG_INFINITY, options).triu(1)
        }
    };
    let mixed = Tensor::scaled_dot_product_attention(query, key, value, Some(mask), 0.0, false, None);
    mixed.transpose(1, 2).flatten(2, -1)
}

/// The scale of the likeness of queries and keys, for heads of this width.
pub(super) fn scale(width: i64) -> f64 {
    (width as f64).powf(-0.5)
}

/// The shares of what is looked at, from likenesses that this replaces.
pub(super) fn shares(likeness: &Tensor) -> Tensor {
    likeness.softmax(-1, Kind::Float)
}
