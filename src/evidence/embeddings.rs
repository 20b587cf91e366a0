//! Static bilingual embeddings: a vector for each piece, the same space for both languages.
//!
//! The vector of a sentence is the sum of its pieces' vectors, each with its learnt weight as its length. They are
//! trained by contrast on translated pairs (see the bundle's MODEL_CARD.md) and stored in 8 bits with a scale per row.

use std::{fs, path::Path};

use safetensors::{Dtype, SafeTensors};

use super::inner_products::Vectors;
use crate::{
    bundle::check_values,
    error::{Error, Result},
    manifest::BundleFile,
};

/// The name of a bundle's file with the embeddings.
pub const FILE_NAME: &str = BundleFile::Embeddings.name();

/// The embeddings of all pieces.
pub struct Embeddings {
    dimension: usize,
    scales: Vec<f32>,
    values: Vec<i8>,
}

impl Embeddings {
    /// Reads `embeddings.safetensors` in `dir`: `embeddings.int8` (pieces × dimension, i8) and `embeddings.scale`
    /// (pieces, f32). Fails if it is missing or damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let damaged = |what: String| Error::Model { dir: dir.to_owned(), what, source: None };
        let because = |what: &str, source: Box<dyn std::error::Error + Send + Sync>| Error::Model {
            dir: dir.to_owned(),
            what: format!("{what} `{FILE_NAME}`"),
            source: Some(source),
        };
        let bytes = fs::read(dir.join(FILE_NAME)).map_err(|error| because("cannot read", error.into()))?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| because("cannot parse", error.into()))?;
        check_values(&dir.join(FILE_NAME)).map_err(|error| because("cannot use the values in", error))?;
        let tensor = |name: &str, dtype: Dtype| {
            let tensor = tensors.tensor(name).map_err(|error| because("a tensor is missing in", error.into()))?;
            if tensor.dtype() == dtype {
                Ok(tensor)
            } else {
                Err(damaged(format!("`{name}` in `{FILE_NAME}` is {:?}, not {dtype:?}", tensor.dtype())))
            }
        };
        let (table, scale) = (tensor("embeddings.int8", Dtype::I8)?, tensor("embeddings.scale", Dtype::F32)?);
        let (&[pieces, dimension], &[scales]) = (table.shape(), scale.shape()) else {
            return Err(damaged(format!(
                "the tensors in `{FILE_NAME}` do not have the shapes of a table and its scales"
            )));
        };
        if pieces != scales || dimension == 0 {
            return Err(damaged(format!("`{FILE_NAME}` has {pieces} rows of {dimension} values and {scales} scales")));
        }
        let (chunks, _) = scale.data().as_chunks::<4>();
        Ok(Self {
            dimension,
            scales: chunks.iter().map(|&chunk| f32::from_le_bytes(chunk)).collect(),
            values: table.data().iter().map(|byte| byte.cast_signed()).collect(),
        })
    }

    /// The number of pieces that have a vector.
    pub fn n_pieces(&self) -> usize {
        self.scales.len()
    }

    /// The embedding of a text: the sum of its pieces' vectors. A piece that the table lacks adds nothing.
    pub fn sum(&self, pieces: impl IntoIterator<Item = usize>) -> Vec<f32> {
        let mut sum = vec![0.0; self.dimension];
        for piece in pieces.into_iter().filter(|&piece| piece < self.n_pieces()) {
            let row = &self.values[piece * self.dimension..(piece + 1) * self.dimension];
            for (total, &value) in sum.iter_mut().zip(row) {
                *total += f32::from(value) * self.scales[piece];
            }
        }
        sum
    }
}

/// The embeddings of one side's sentences.
impl Vectors for Vec<Vec<f32>> {
    fn dot(&self, i: usize, other: &Self, j: usize) -> f32 {
        // Eight sums at a time, so that the compiler may use vector instructions: floats do not reassociate.
        let (a, a_rest) = self[i].as_chunks::<8>();
        let (b, b_rest) = other[j].as_chunks::<8>();
        let mut sums = [0.0_f32; 8];
        for (a, b) in a.iter().zip(b) {
            for k in 0..8 {
                sums[k] += a[k] * b[k];
            }
        }
        sums.iter().sum::<f32>() + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f32>()
    }

    fn len(&self) -> usize {
        self.len()
    }
}
