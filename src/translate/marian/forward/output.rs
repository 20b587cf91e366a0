//! The output layer: the logits of all pieces, or of those that are selected for a source.

use std::sync::Arc;

use tch::{TchError, Tensor};

use super::{
    linear::{Linear, Numbers, Range},
    piece_rows::PieceRows,
    rows::{Ragged, Rows},
};
use crate::tokenizer::PieceId;

/// So many pieces make a block: few enough that the logits of a batch stay in the processor's cache, and that memory
/// for them is not asked for, and given back, at every step, which took a quarter of the time of a vocabulary of 65,001.
const BLOCK: u16 = 4_096;

/// The output layer, as it is used as a rule.
pub(super) enum Output {
    /// Over all pieces, in blocks.
    All(Vec<Linear>),
    /// Over pieces that are selected for each source.
    Selected(Selectable),
}

/// An output layer from which pieces are selected.
pub(super) struct Selectable {
    /// The pieces that are selected for every source, in order.
    pub(super) common: Arc<[PieceId]>,
    /// The layer over them.
    pub(super) layer: Linear,
    /// The rows of all pieces, of which those of the others are taken one by one.
    pub(super) rows: PieceRows,
}

impl Output {
    /// The layer of this matrix (vocabulary × width) and bias (vocabulary): over those that are selected beside the
    /// `common` pieces, where there are any.
    pub(super) fn new(
        matrix: &Tensor,
        bias: &Tensor,
        numbers: Numbers,
        common: Option<&[PieceId]>,
    ) -> Result<Self, TchError> {
        let Some(common) = common else {
            let blocks = matrix.split(BLOCK.into(), 0).into_iter().zip(bias.split(BLOCK.into(), 0));
            let layer = |(matrix, bias)| Linear::new(&matrix, &bias, Range::Signed, numbers);
            return Ok(Self::All(blocks.map(layer).collect::<Result<_, _>>()?));
        };
        let rows = PieceRows::new(matrix, bias, numbers);
        Ok(Self::Selected(Selectable { common: common.into(), layer: rows.layer(common)?, rows }))
    }

    /// Puts the logits of some rows (rows × width) into `logits`, in place of what it had: rows × vocabulary.
    pub(super) fn logits(&self, rows: &Rows, logits: &mut Ragged) {
        let blocks = match self {
            Self::All(blocks) => blocks,
            Self::Selected(selectable) => &selectable.rows.blocks(BLOCK.into()).unwrap(),
        };
        let width = blocks.iter().map(Linear::width).sum();
        logits.reset((0..rows.count()).map(|_| width));
        let mut start = 0;
        for block in blocks {
            block.forward_into(rows, logits, start);
            start += block.width();
        }
    }

    /// The same layer for another worker.
    pub(super) fn share(&self) -> Self {
        match self {
            Self::All(blocks) => Self::All(blocks.iter().map(Linear::share).collect()),
            Self::Selected(selectable) => Self::Selected(selectable.share()),
        }
    }
}

impl Selectable {
    pub(super) fn share(&self) -> Self {
        Self { common: Arc::clone(&self.common), layer: self.layer.share(), rows: self.rows.clone() }
    }
}
