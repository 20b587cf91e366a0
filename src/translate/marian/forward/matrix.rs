//! Matrices, of which linear layers are made: of a whole one, or of some of its rows.

use std::{ops::Range, sync::Arc};

use tch::{Kind, TchError, Tensor};

use super::linear::{LEAST_SCALE, Numbers};

/// The largest whole number that a weight becomes.
const MOST: f64 = 127.0;

/// The number of rows of a matrix that become whole numbers together.
const PART: i64 = 4_096;

/// A matrix (out × in) and a bias (out), of which layers are made.
pub(super) enum Matrix {
    Single {
        weight: Tensor,
        bias: Tensor,
    },
    /// Whole numbers.
    Eight {
        weight: Tensor,
        /// What one is worth in each row of the weights.
        scales: Arc<[f32]>,
        bias: Arc<[f32]>,
    },
}

impl Matrix {
    /// The matrix of these weights, which may be in another precision.
    pub(super) fn new(weight: &Tensor, bias: &Tensor, numbers: Numbers) -> Result<Self, TchError> {
        if numbers == Numbers::Single {
            return Ok(Self::Single { weight: weight.to_kind(Kind::Float), bias: bias.shallow_clone() });
        }
        // A large one would be in memory several times over.
        let parts = weight.split(PART, 0).iter().map(whole).collect::<Result<Vec<_>, _>>()?;
        let (weights, scales): (Vec<Tensor>, Vec<Tensor>) = parts.into_iter().unzip();
        let values = |tensor: &Tensor| Vec::<f32>::try_from(tensor.flatten(0, -1));
        let scales = values(&Tensor::f_cat(&scales, 0)?)?.into();
        Ok(Self::Eight { weight: Tensor::f_cat(&weights, 0)?, scales, bias: values(bias)?.into() })
    }

    /// Only these rows, in order.
    pub(super) fn rows(&self, rows: &[usize]) -> Result<Self, TchError> {
        let places: Vec<i64> = rows.iter().map(|&row| i64::try_from(row).unwrap_or_default()).collect();
        let places = Tensor::from_slice(&places);
        Ok(match self {
            Self::Single { weight, bias } => {
                Self::Single { weight: weight.f_index_select(0, &places)?, bias: bias.f_index_select(0, &places)? }
            }
            Self::Eight { weight, scales, bias } => Self::Eight {
                weight: weight.f_index_select(0, &places)?,
                scales: rows.iter().map(|&row| scales[row]).collect(),
                bias: rows.iter().map(|&row| bias[row]).collect(),
            },
        })
    }

    /// The rows in this range, whose weights are not copied.
    pub(super) fn part(&self, range: Range<usize>) -> Result<Self, TchError> {
        let [start, length] = [range.start, range.len()].map(|number| i64::try_from(number).unwrap_or_default());
        Ok(match self {
            Self::Single { weight, bias } => {
                Self::Single { weight: weight.f_narrow(0, start, length)?, bias: bias.f_narrow(0, start, length)? }
            }
            Self::Eight { weight, scales, bias } => Self::Eight {
                weight: weight.f_narrow(0, start, length)?,
                scales: scales[range.clone()].into(),
                bias: bias[range].into(),
            },
        })
    }

    /// The number of rows.
    pub(super) fn count(&self) -> usize {
        match self {
            Self::Single { bias, .. } => bias.numel(),
            Self::Eight { bias, .. } => bias.len(),
        }
    }

    /// The same matrix for another worker.
    pub(super) fn share(&self) -> Self {
        match self {
            Self::Single { weight, bias } => {
                Self::Single { weight: weight.shallow_clone(), bias: bias.shallow_clone() }
            }
            Self::Eight { weight, scales, bias } => {
                Self::Eight { weight: weight.shallow_clone(), scales: Arc::clone(scales), bias: Arc::clone(bias) }
            }
        }
    }
}

/// Weights as whole numbers, and what one is worth in each row.
fn whole(weight: &Tensor) -> Result<(Tensor, Tensor), TchError> {
    let weight = weight.f_to_kind(Kind::Float)?;
    let scales = weight.abs().amax([1], true).clamp_min(f64::from(LEAST_SCALE)) / MOST;
    Ok(((weight / &scales).round().clamp(-MOST, MOST).to_kind(Kind::Int8), scales))
}

#[cfg(test)]
mod tests {
    use super::{
        super::linear::{self, Linear, tests::numbers},
        *,
    };

    #[test]
    fn some_rows_of_a_matrix_say_what_they_say_among_all() {
        let (weight, bias) = (numbers(96, 64, 1).tensor(), numbers(1, 96, 2).tensor().squeeze());
        let (rows, chosen) = (numbers(9, 64, 5), [3, 50, 94, 95]);
        for numbers in [Numbers::Single, Numbers::of_this_machine()] {
            let matrix = Matrix::new(&weight, &bias, numbers).unwrap();
            let layer = |matrix: &Matrix| Linear::of(matrix, linear::Range::Signed).unwrap().forward(&rows);
            let (some, all) = (layer(&matrix.rows(&chosen).unwrap()), layer(&matrix));
            let part = layer(&matrix.part(90..96).unwrap());
            for row in 0..9 {
                for (found, column) in some.row(row).iter().zip(chosen) {
                    assert!((found - all.row(row)[column]).abs() < 1e-4);
                }
                for (found, expected) in part.row(row).iter().zip(&all.row(row)[90..]) {
                    assert!((found - expected).abs() < 1e-4);
                }
            }
        }
    }
}
