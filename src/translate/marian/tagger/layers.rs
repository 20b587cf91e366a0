//! The transformer layers of the tagger, normalised after each part as Marian's are, but with both directions in
//! sight.

use std::{collections::HashMap, path::Path};

use tch::{Device, Kind, TchError, Tensor};

use crate::bundle::Architecture;

/// The number that is added to a variance, as in PyTorch's layers.
const EPSILON: f64 = 1e-5;

/// The tensors of a file by name.
pub(super) struct Tensors {
    by_name: HashMap<String, Tensor>,
    width: i64,
    inner: i64,
    heads: i64,
}

impl Tensors {
    /// Reads the file at `path`, for layers like those of a translator's decoder.
    pub(super) fn read(path: &Path, like: &Architecture, device: Device) -> Result<Self, TchError> {
        let single = |(name, tensor): (String, Tensor)| (name, tensor.to_device(device).to_kind(Kind::Float));
        let by_name = Tensor::read_safetensors(path)?.into_iter().map(single).collect();
        let signed = |size: usize| i64::try_from(size).unwrap_or_default();
        Ok(Self {
            by_name,
            width: signed(like.width),
            inner: signed(like.decoder.inner),
            heads: signed(like.decoder.heads),
        })
    }

    /// Another handle on the same tensors.
    pub(super) fn share(&self) -> Self {
        let by_name = self.by_name.iter().map(|(name, tensor)| (name.clone(), tensor.shallow_clone())).collect();
        Self { by_name, ..*self }
    }

    /// The layers of one side; at least one.
    pub(super) fn layers(&self, side: &str) -> Result<Vec<Layer>, String> {
        let count = (0..).take_while(|layer| self.by_name.contains_key(&format!("{side}.layers.{layer}.fc1.weight")));
        (0..count.count().max(1)).map(|layer| self.layer(&format!("{side}.layers.{layer}"))).collect()
    }

    /// The linear layer that turns a side's states into log-odds.
    pub(super) fn odds(&self, side: &str) -> Result<Linear, String> {
        self.linear(&format!("{side}_covered"), 1, self.width)
    }

    fn layer(&self, name: &str) -> Result<Layer, String> {
        let (width, inner) = (self.width, self.inner);
        Ok(Layer {
            own: self.attention(&format!("{name}.self_attn"))?,
            own_norm: self.norm(&format!("{name}.self_attn_layer_norm"))?,
            other: self.attention(&format!("{name}.encoder_attn"))?,
            other_norm: self.norm(&format!("{name}.encoder_attn_layer_norm"))?,
            first: self.linear(&format!("{name}.fc1"), inner, width)?,
            second: self.linear(&format!("{name}.fc2"), width, inner)?,
            last_norm: self.norm(&format!("{name}.final_layer_norm"))?,
        })
    }

    fn attention(&self, name: &str) -> Result<Attention, String> {
        let projection = |part: &str| self.linear(&format!("{name}.{part}"), self.width, self.width);
        Ok(Attention {
            query: projection("q_proj")?,
            key: projection("k_proj")?,
            value: projection("v_proj")?,
            out: projection("out_proj")?,
            heads: self.heads,
        })
    }

    fn linear(&self, name: &str, rows: i64, columns: i64) -> Result<Linear, String> {
        let weight = self.tensor(&format!("{name}.weight"), &[rows, columns])?;
        Ok(Linear { weight, bias: self.tensor(&format!("{name}.bias"), &[rows])? })
    }

    fn norm(&self, name: &str) -> Result<Norm, String> {
        let tensor = |part: &str| self.tensor(&format!("{name}.{part}"), &[self.width]);
        Ok(Norm { weight: tensor("weight")?, bias: tensor("bias")? })
    }

    fn tensor(&self, name: &str, size: &[i64]) -> Result<Tensor, String> {
        let tensor = self.by_name.get(name).ok_or_else(|| format!("has no tensor `{name}`"))?;
        if tensor.size() == size {
            Ok(tensor.shallow_clone())
        } else {
            Err(format!("has `{name}` in the size {:?}, but {size:?} is needed", tensor.size()))
        }
    }
}

/// A linear layer: a matrix and a bias.
pub(super) struct Linear {
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    pub(super) fn forward(&self, states: &Tensor) -> Tensor {
        states.linear(&self.weight, Some(&self.bias))
    }
}

struct Norm {
    weight: Tensor,
    bias: Tensor,
}

impl Norm {
    /// Adds what a part of a layer says to what came in, and normalises the sum.
    fn forward(&self, states: &Tensor, added: &Tensor) -> Tensor {
        (states + added).layer_norm(self.weight.size(), Some(&self.weight), Some(&self.bias), EPSILON, false)
    }
}

struct Attention {
    query: Linear,
    key: Linear,
    value: Linear,
    out: Linear,
    heads: i64,
}

impl Attention {
    /// The attention of `states` (texts × pieces × width) to `memory`, but not where `hidden` (texts × 1 × 1 ×
    /// pieces) is true.
    fn forward(&self, states: &Tensor, memory: &Tensor, hidden: &Tensor) -> Tensor {
        let split = |states: &Tensor| states.unflatten(-1, [self.heads, -1]).transpose(1, 2);
        let query = split(&self.query.forward(states));
        let scale = query.size().last().map_or(1.0, |&width| (width as f64).powf(-0.5));
        let key = split(&self.key.forward(memory));
        let looks = (query * scale).matmul(&key.transpose(2, 3)).masked_fill(hidden, f64::NEG_INFINITY);
        let mixed = looks.softmax(-1, Kind::Float).matmul(&split(&self.value.forward(memory)));
        self.out.forward(&mixed.transpose(1, 2).flatten(2, -1))
    }
}

/// A layer: attention to the own text and to the other one, and a network for each piece.
pub(super) struct Layer {
    own: Attention,
    own_norm: Norm,
    other: Attention,
    other_norm: Norm,
    first: Linear,
    second: Linear,
    last_norm: Norm,
}

impl Layer {
    pub(super) fn forward(&self, states: &Tensor, hidden: &Tensor, other: &Tensor, other_hidden: &Tensor) -> Tensor {
        let states = self.own_norm.forward(states, &self.own.forward(states, states, hidden));
        let states = self.other_norm.forward(&states, &self.other.forward(&states, other, other_hidden));
        self.last_norm.forward(&states, &self.second.forward(&self.first.forward(&states).relu()))
    }
}
