//! The rows of the output layer, one for each piece of the vocabulary, of any of which a layer is made.

use std::sync::Arc;

use tch::{TchError, Tensor};

use super::{
    linear::{Linear, Numbers, Range, whole},
    rows::Rows,
};
use crate::tokenizer::PieceId;

/// So many rows are read together: a table of many would be in memory several times over.
const PART: i64 = 256;

/// A matrix (vocabulary × width) and a bias (vocabulary).
#[derive(Clone)]
pub(super) struct PieceRows {
    weights: Weights,
    bias: Arc<[f32]>,
    width: usize,
}

#[derive(Clone)]
enum Weights {
    Single(Arc<[f32]>),
    Eight {
        whole: Arc<[i8]>,
        /// What one is worth in each row.
        scales: Arc<[f32]>,
    },
}

impl PieceRows {
    /// The rows of this matrix, which may be in another precision.
    pub(super) fn new(matrix: &Tensor, bias: &Tensor, numbers: Numbers) -> Self {
        let width = matrix.size().last().map_or(0, |&width| usize::try_from(width).unwrap_or_default());
        let parts = matrix.split(PART, 0);
        let weights = match numbers {
            Numbers::Single => {
                let mut all = Vec::with_capacity(matrix.numel());
                for part in parts {
                    all.extend_from_slice(Rows::of(&part).values());
                }
                Weights::Single(all.into())
            }
            Numbers::Eight => {
                let (mut all, mut scales) = (Vec::with_capacity(matrix.numel()), Vec::new());
                for part in parts {
                    let (mut part, mut of_rows) = whole(&Rows::of(&part));
                    all.append(&mut part);
                    scales.append(&mut of_rows);
                }
                Weights::Eight { whole: all.into(), scales: scales.into() }
            }
        };
        Self { weights, bias: Rows::of(bias).values().into(), width }
    }

    /// The layer over these pieces, in order.
    pub(super) fn layer(&self, pieces: &[PieceId]) -> Result<Linear, TchError> {
        fn some<T: Copy>(table: &[T], width: usize, pieces: &[PieceId]) -> Vec<T> {
            pieces.iter().flat_map(|&piece| &table[piece as usize * width..][..width]).copied().collect()
        }
        let size = [pieces.len(), self.width].map(|size| i64::try_from(size).unwrap_or_default());
        let bias = some(&self.bias, 1, pieces);
        match &self.weights {
            Weights::Single(values) => {
                let weight = Rows::new(some(values, self.width, pieces), self.width).tensor();
                Linear::new(&weight, &Tensor::from_slice(&bias), Range::Signed, Numbers::Single)
            }
            Weights::Eight { whole, scales } => {
                let weight = Tensor::from_slice(&some(whole, self.width, pieces)).view(size);
                Linear::of_whole(&weight, some(scales, 1, pieces).into(), bias.into(), Range::Signed)
            }
        }
    }

    /// The layers over all pieces in order, so many each.
    pub(super) fn blocks(&self, size: usize) -> Result<Vec<Linear>, TchError> {
        let all: Vec<PieceId> = (0..).take(self.bias.len()).collect();
        all.chunks(size).map(|pieces| self.layer(pieces)).collect()
    }
}

#[cfg(test)]
mod tests {
    use tch::Kind;

    use super::{super::linear::tests::numbers, *};

    #[test]
    fn some_rows_say_what_they_say_among_all() {
        let (matrix, bias) = (numbers(96, 64, 1).tensor(), numbers(1, 96, 2).tensor().squeeze());
        let (rows, chosen) = (numbers(9, 64, 5), [3, 50, 94, 95]);
        let exact = Rows::of(&rows.tensor().linear(&matrix, Some(&bias)));
        let most = exact.values().iter().fold(0.0_f32, |most, value| most.max(value.abs()));
        for numbers in [Numbers::Single, Numbers::of_this_machine()] {
            let some = PieceRows::new(&matrix.to_kind(Kind::Double), &bias, numbers);
            let layer = some.layer(&chosen).unwrap().forward(&rows);
            let blocks: Vec<Rows> = some.blocks(40).unwrap().iter().map(|block| block.forward(&rows)).collect();
            assert_eq!(blocks.iter().map(Rows::width).collect::<Vec<_>>(), [40, 40, 16]);
            let apart = if numbers == Numbers::Single { 1e-4 } else { 0.01 * most };
            for row in 0..rows.count() {
                for (at, &piece) in chosen.iter().enumerate() {
                    let piece = piece as usize;
                    let (found, expected) = (layer.row(row)[at], exact.row(row)[piece]);
                    assert!((found - blocks[piece / 40].row(row)[piece % 40]).abs() < 1e-4);
                    assert!((found - expected).abs() < apart, "{found} {expected}");
                }
            }
        }
    }
}
