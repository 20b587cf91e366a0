//! The tensors of a file by name, and the layers that they make.

use std::{path::Path, sync::Arc};

use safetensors::Dtype;
use tch::{Kind, Tensor};

use super::{
    attention::interleaved,
    layers::{Activation, FeedForward, Norm, OtherAttention, OwnAttention},
    linear::{Linear, Numbers, Range},
    rows::Rows,
};
use crate::bundle::TensorFile;

/// The most rows of a matrix that are looked at together.
const ROWS: i64 = 256;

/// The tensors of a file, each read when it is asked for, and how layers of them are to be made. Errors say what is amiss.
pub(crate) struct Tensors {
    file: TensorFile,
    numbers: Numbers,
}

/// The sizes of a stack of layers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) width: i64,
    pub(crate) inner: i64,
    pub(crate) heads: usize,
    pub(crate) activation: Activation,
}

impl Tensors {
    /// Opens the file at `path`, for layers that multiply in these numbers.
    pub(crate) fn open(path: &Path, numbers: Numbers) -> Result<Self, String> {
        let file = TensorFile::open(path).map_err(|error| format!("cannot be read: {error}"))?;
        Ok(Self { file, numbers })
    }

    /// Whether there is a tensor of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.file.header().info(name).is_some()
    }

    /// The size of the tensor of this name, if there is one.
    pub(crate) fn shape(&self, name: &str) -> Option<Vec<i64>> {
        let info = self.file.header().info(name)?;
        Some(info.shape.iter().map(|&length| i64::try_from(length).unwrap_or(i64::MAX)).collect())
    }

    /// Attention of a text to itself. Query, key and value are one matrix.
    pub(crate) fn own_attention(&self, name: &str, sizes: Sizes) -> Result<OwnAttention, String> {
        let together = self.heads(name, &["q_proj", "k_proj", "v_proj"], sizes)?;
        Ok(OwnAttention::new(together, self.out(name, sizes)?, sizes.heads))
    }

    /// Attention of a text to another. Key and value are one matrix.
    pub(crate) fn other_attention(&self, name: &str, sizes: Sizes) -> Result<OtherAttention, String> {
        let query = self.heads(name, &["q_proj"], sizes)?;
        let memory = self.heads(name, &["k_proj", "v_proj"], sizes)?;
        Ok(OtherAttention::new(query, memory, self.out(name, sizes)?, sizes.heads))
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
        let values = |part: &str| self.values(&format!("{name}.{part}"), &[width]);
        Ok(Norm::new(values("weight")?, values("bias")?))
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
        Linear::new(&weight, &bias, Range::Signed, Numbers::Single).map_err(|error| error.to_string())
    }

    /// A linear layer of this matrix and bias, in the numbers of the others.
    fn layer(&self, weight: &Tensor, bias: &Tensor, range: Range) -> Result<Linear, String> {
        Linear::new(weight, bias, range, self.numbers).map_err(|error| error.to_string())
    }

    /// The tensor of this name in single precision, which must have this size and hold numbers only. Whole numbers of eight
    /// bits have what one is worth in each row beside them, by the name `NAME.scale`.
    pub(crate) fn tensor(&self, name: &str, size: &[i64]) -> Result<Tensor, String> {
        let tensor = self.stored(name, size)?;
        let mut values = tensor.to_kind(Kind::Float);
        if tensor.kind() == Kind::Int8 {
            let scale_name = format!("{name}.scale");
            let scale = self.stored(&scale_name, &size[..1]);
            let scale =
                scale.map_err(|_| format!("has `{name}` in whole numbers, but not `{scale_name}` for its rows"))?;
            values *= scale.to_kind(Kind::Float).unsqueeze(-1);
        }
        finite(&values, name)?;
        Ok(values)
    }

    /// The tensor of this name in the precision of the file, which must have this size and hold numbers only: in half
    /// precision a table of many rows takes half the room.
    pub(super) fn table(&self, name: &str, size: &[i64]) -> Result<Tensor, String> {
        let table = self.stored(name, size)?;
        for rows in table.split(ROWS, 0) {
            finite(&rows.to_kind(Kind::Float), name)?;
        }
        Ok(table)
    }

    /// The tensor of this name as the file has it, which must have this size.
    fn stored(&self, name: &str, size: &[i64]) -> Result<Tensor, String> {
        let missing = || format!("has no tensor `{name}`");
        let info = self.file.header().info(name).ok_or_else(missing)?;
        let shape = self.shape(name).ok_or_else(missing)?;
        if shape != size {
            return Err(format!("has `{name}` in the size {shape:?}, but {size:?} is needed"));
        }
        let kind = match info.dtype {
            Dtype::F16 => Kind::Half,
            Dtype::BF16 => Kind::BFloat16,
            Dtype::F32 => Kind::Float,
            Dtype::F64 => Kind::Double,
            Dtype::I8 => Kind::Int8,
            other => return Err(format!("has `{name}` in {other:?}, of which no layer is made")),
        };
        let (start, end) = info.data_offsets;
        let mut bytes = Vec::new();
        let cannot = |error: &dyn std::error::Error| format!("has `{name}`, which cannot be read: {error}");
        self.file.read_into(start..end, &mut bytes).map_err(|error| cannot(&error))?;
        Tensor::f_from_data_size(&bytes, size, kind).map_err(|error| cannot(&error))
    }

    /// The values of the tensor of this name, row after row, as [`Self::tensor`] has it.
    pub(crate) fn values(&self, name: &str, size: &[i64]) -> Result<Arc<[f32]>, String> {
        Ok(Rows::of(&self.tensor(name, size)?).values().into())
    }

    /// One layer for some of query, key and value, whose heads it interleaves.
    fn heads(&self, name: &str, parts: &[&str], sizes: Sizes) -> Result<Linear, String> {
        let of = |what: &str, size: &[i64]| {
            let part = |part| {
                let tensor = self.tensor(&format!("{name}.{part}.{what}"), size)?;
                Ok(tensor.index_select(0, &sizes.interleaved()))
            };
            let tensors = parts.iter().map(part);
            Ok::<_, String>(Tensor::cat(&tensors.collect::<Result<Vec<_>, String>>()?, 0))
        };
        let width = sizes.width;
        self.layer(&of("weight", &[width, width])?, &of("bias", &[width])?, Range::Signed)
    }

    /// The layer over what interleaved heads have mixed.
    fn out(&self, name: &str, sizes: Sizes) -> Result<Linear, String> {
        let weight = self.tensor(&format!("{name}.out_proj.weight"), &[sizes.width, sizes.width])?;
        let bias = self.tensor(&format!("{name}.out_proj.bias"), &[sizes.width])?;
        self.layer(&weight.index_select(1, &sizes.interleaved()), &bias, Range::Signed)
    }
}

/// Checks that the values of the tensor of this name are numbers.
fn finite(values: &Tensor, name: &str) -> Result<(), String> {
    // One that is none spoils the sum. In double precision it would cost a copy.
    if values.sum(Kind::Float).double_value(&[]).is_finite() {
        Ok(())
    } else {
        Err(format!("has values in `{name}` that are no numbers: the file is damaged"))
    }
}

impl Sizes {
    /// The order in which heads are interleaved.
    fn interleaved(self) -> Tensor {
        let places = interleaved(usize::try_from(self.width).unwrap_or_default(), self.heads);
        let places = places.into_iter().map(|place| i64::try_from(place).unwrap_or_default());
        Tensor::from_slice(&places.collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_no_numbers_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let [whole, damaged] = [[1.0_f32, 2.0], [1.0, f32::NAN]].map(|values| Tensor::from_slice(&values));
        Tensor::write_safetensors(&[("whole", whole), ("damaged", damaged)], &path).unwrap();
        let tensors = Tensors::open(&path, Numbers::Single).unwrap();
        assert_eq!(*tensors.values("whole", &[2]).unwrap(), [1.0, 2.0]);
        let refused = |name: &str, size: i64| tensors.tensor(name, &[size]).unwrap_err();
        assert!(refused("damaged", 2).contains("has values in `damaged` that are no numbers"));
        assert_eq!(tensors.table("whole", &[2]).unwrap(), Tensor::from_slice(&[1.0_f32, 2.0]));
        assert!(tensors.table("damaged", &[2]).unwrap_err().contains("no numbers"));
        assert!(refused("whole", 3).contains("in the size [2]") && refused("none", 2).contains("no tensor `none`"));
    }

    #[test]
    fn whole_numbers_are_worth_what_the_scale_of_their_row_says() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights.safetensors");
        let whole = || Tensor::from_slice(&[-127_i8, 1, 0, 127]).reshape([2, 2]);
        let scales = |scales: &[f32]| Tensor::from_slice(scales);
        let tensors = [
            ("rows", whole()),
            ("rows.scale", scales(&[0.5, 2.0])),
            ("short", whole()),
            ("short.scale", scales(&[1.0])),
            ("bare", whole()),
        ];
        Tensor::write_safetensors(&tensors, &path).unwrap();
        let tensors = Tensors::open(&path, Numbers::Single).unwrap();
        assert_eq!(*tensors.values("rows", &[2, 2]).unwrap(), [-63.5, 0.5, 0.0, 254.0]);
        for name in ["short", "bare"] {
            let what = tensors.tensor(name, &[2, 2]).unwrap_err();
            assert!(what.contains(&format!("not `{name}.scale`")), "{what}");
        }
    }
}
