//! The output layer: the logits of all pieces.

use tch::{TchError, Tensor};

use super::{
    linear::Linear,
    rows::{Ragged, Rows},
    tensors::Tensors,
};
use crate::tokenizer::PieceId;

/// So many pieces make a block: few enough that the logits of a batch stay in the processor's cache, and that memory
/// for them is not asked for, and given back, at every step, which took a quarter of the time of a vocabulary of 65,001.
const BLOCK: i64 = 4_096;

/// The output layer, in blocks of pieces.
pub(super) struct Output {
    blocks: Vec<Linear>,
    vocabulary: usize,
}

impl Output {
    /// The layer of this matrix (vocabulary × width) and bias (vocabulary).
    pub(super) fn new(tensors: &Tensors, matrix: &Tensor, bias: &Tensor) -> Result<Self, String> {
        let blocks = matrix.split(BLOCK, 0).into_iter().zip(bias.split(BLOCK, 0));
        let blocks = blocks.map(|(matrix, bias)| tensors.layer(&matrix, &bias, super::linear::Range::Signed));
        Ok(Self { blocks: blocks.collect::<Result<_, _>>()?, vocabulary: bias.numel() })
    }

    /// Puts the logits of some rows (rows × width) into `logits`, in place of what it had: rows × vocabulary.
    pub(super) fn logits(&self, rows: &Rows, logits: &mut Ragged) {
        logits.reset(rows.count(), self.vocabulary);
        let (mut start, mut buffer) = (0, Vec::new());
        for block in &self.blocks {
            block.forward_into(rows, logits, start, &mut buffer);
            start += block.width();
        }
    }

    /// The layer over only these pieces, in order.
    pub(super) fn of(&self, pieces: &[PieceId]) -> Result<Linear, TchError> {
        Linear::of_rows(&self.blocks, &pieces.iter().map(|&piece| piece as usize).collect::<Vec<_>>())
    }

    pub(super) fn share(&self) -> Self {
        Self { blocks: self.blocks.iter().map(Linear::share).collect(), vocabulary: self.vocabulary }
    }
}
