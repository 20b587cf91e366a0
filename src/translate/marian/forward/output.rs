//! The output layer: the logits of all pieces, or of some.

use tch::{TchError, Tensor};

use super::{
    linear::{Linear, Range},
    matrix::Matrix,
    rows::{Ragged, Rows},
    tensors::Tensors,
};
use crate::tokenizer::PieceId;

/// So many pieces make a block: few enough that the logits of a batch stay in the processor's cache, and that memory
/// for them is not asked for, and given back, at every step, which took a quarter of the time of a vocabulary of 65,001.
const BLOCK: usize = 4_096;

/// The output layer.
pub(super) struct Output {
    matrix: Matrix,
    /// The layer over all pieces, in blocks; none where it is over some as a rule.
    blocks: Vec<Linear>,
}

impl Output {
    /// The layer of this matrix (vocabulary × width) and bias (vocabulary), ready to give the logits of all pieces where
    /// that is the `rule`.
    pub(super) fn new(tensors: &Tensors, matrix: &Tensor, bias: &Tensor, rule: Over) -> Result<Self, String> {
        let matrix = tensors.matrix(matrix, bias)?;
        let blocks =
            if rule == Over::All { in_blocks(&matrix).map_err(|error| error.to_string())? } else { Vec::new() };
        Ok(Self { matrix, blocks })
    }

    /// Puts the logits of some rows (rows × width) into `logits`, in place of what it had: rows × vocabulary.
    pub(super) fn logits(&self, rows: &Rows, logits: &mut Ragged) {
        logits.reset(rows.count(), self.matrix.count());
        let (mut start, mut buffer) = (0, Vec::new());
        let blocks = if self.blocks.is_empty() { &in_blocks(&self.matrix).unwrap() } else { &self.blocks };
        for block in blocks {
            block.forward_into(rows, logits, start, &mut buffer);
            start += block.width();
        }
    }

    /// The layer over only these pieces, in order.
    pub(super) fn of(&self, pieces: &[PieceId]) -> Result<Linear, TchError> {
        let rows: Vec<usize> = pieces.iter().map(|&piece| piece as usize).collect();
        Linear::of(&self.matrix.rows(&rows)?, Range::Signed)
    }

    pub(super) fn share(&self) -> Self {
        Self { matrix: self.matrix.share(), blocks: self.blocks.iter().map(Linear::share).collect() }
    }
}

/// The pieces that logits are asked for as a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Over {
    All,
    /// Those that are selected for the sources.
    Selected,
}

fn in_blocks(matrix: &Matrix) -> Result<Vec<Linear>, TchError> {
    let starts = (0..matrix.count()).step_by(BLOCK);
    starts.map(|start| Linear::of(&matrix.part(start..matrix.count().min(start + BLOCK))?, Range::Signed)).collect()
}
