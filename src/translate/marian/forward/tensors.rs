//! The tensors of a file by name, and the layers that they make.

use std::{collections::HashMap, path::Path, sync::Arc};

use tch::{Device, Kind, TchError, Tensor};

use super::{
    layers::{Activation, FeedForward, Norm, OtherAttention, OwnAttention},
    linear::{Linear, Numbers, Range, Rooms},
};

/// The tensors of a file, in single precision, and how layers of them are to be made. Errors say what is amiss.
pub(crate) struct Tensors {
    by_name: HashMap<String, Tensor>,
    numbers: Numbers,
    rooms: Arc<Rooms>,
}

/// The sizes of a stack of layers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) width: i64,
    pub(crate) inner: i64,
    pub(crate) heads: i64,
    pub(crate) activation: Activation,
}

impl Tensors {
    /// Reads the file at `path`, for layers on `device` that multiply in these numbers.
    pub(crate) fn read(path: &Path, numbers: Numbers, device: Device, rooms: &Arc<Rooms>) -> Result<Self, TchError> {
        let single = |(name, tensor): (String, Tensor)| (name, tensor.to_device(device).to_kind(Kind::Float));
        let by_name = Tensor::read_safetensors(path)?.into_iter().map(single).collect();
        Ok(Self { by_name, numbers, rooms: Arc::clone(rooms) })
    }

    /// Whether there is a tensor of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// Attention of a text to itself. Query, key and value are one matrix.
    pub(crate) fn own_attention(&self, name: &str, sizes: Sizes) -> Result<OwnAttention, String> {
        let together = self.together(name, &["q_proj", "k_proj", "v_proj"], sizes.width)?;
        Ok(OwnAttention::new(together, self.projection(name, "out_proj", sizes.width)?, sizes.heads))
    }

    /// Attention of a text to another. Key and value are one matrix.
    pub(crate) fn other_attention(&self, name: &str, sizes: Sizes) -> Result<OtherAttention, String> {
        let query = self.projection(name, "q_proj", sizes.width)?;
        let memory = self.together(name, &["k_proj", "v_proj"], sizes.width)?;
        Ok(OtherAttention::new(query, memory, self.projection(name, "out_proj", sizes.width)?, sizes.heads))
    }

    /// The network for each piece.
    pub(crate) fn feed_forward(&self, name: &str, sizes: Sizes) -> Result<FeedForward, String> {
        let (width, inner) = (sizes.width, sizes.inner);
        let first = self.linear(&format!("{name}.fc1"), inner, width, Range::Signed)?;
        let second = self.linear(&format!("{name}.fc2"), width, inner, sizes.activation.range())?;
        Ok(FeedForward::new(first, second, sizes.activation))
    }

    /// The normalisation of what a part of a layer makes.
    pub(crate) fn norm(&self, name: &str, width: i64) -> Result<Norm, String> {
        let tensor = |part: &str| self.tensor(&format!("{name}.{part}"), &[width]);
        Ok(Norm::new(tensor("weight")?, tensor("bias")?))
    }

    /// A linear layer of this many rows and columns.
    pub(crate) fn linear(&self, name: &str, rows: i64, columns: i64, range: Range) -> Result<Linear, String> {
        let weight = self.tensor(&format!("{name}.weight"), &[rows, columns])?;
        self.layer(&weight, &self.tensor(&format!("{name}.bias"), &[rows])?, range)
    }

    /// A linear layer of this many rows and columns, in single precision whatever the others are in.
    pub(crate) fn single(&self, name: &str, rows: i64, columns: i64) -> Result<Linear, String> {
        let weight = self.tensor(&format!("{name}.weight"), &[rows, columns])?;
        let bias = self.tensor(&format!("{name}.bias"), &[rows])?;
        Linear::new(&weight, &bias, Range::Signed, Numbers::Single, &self.rooms).map_err(|error| error.to_string())
    }

    /// A linear layer of this matrix and bias, in the numbers of the others.
    pub(crate) fn layer(&self, weight: &Tensor, bias: &Tensor, range: Range) -> Result<Linear, String> {
        Linear::new(weight, bias, range, self.numbers, &self.rooms).map_err(|error| error.to_string())
    }

    /// The tensor of this name, which must have this size.
    pub(crate) fn tensor(&self, name: &str, size: &[i64]) -> Result<Tensor, String> {
        let tensor = self.by_name.get(name).ok_or_else(|| format!("has no tensor `{name}`"))?;
        if tensor.size() == size {
            Ok(tensor.shallow_clone())
        } else {
            Err(format!("has `{name}` in the size {:?}, but {size:?} is needed", tensor.size()))
        }
    }

    fn projection(&self, name: &str, part: &str, width: i64) -> Result<Linear, String> {
        self.linear(&format!("{name}.{part}"), width, width, Range::Signed)
    }

    fn together(&self, name: &str, parts: &[&str], width: i64) -> Result<Linear, String> {
        let of = |what: &str, size: &[i64]| {
            let tensors = parts.iter().map(|part| self.tensor(&format!("{name}.{part}.{what}"), size));
            Ok::<_, String>(Tensor::cat(&tensors.collect::<Result<Vec<_>, _>>()?, 0))
        };
        self.layer(&of("weight", &[width, width])?, &of("bias", &[width])?, Range::Signed)
    }
}
