//! Embeddings: a row of numbers for each piece, or for each place.

use std::sync::Arc;

use half::{f16, slice::HalfFloatSliceExt};
use tch::{Kind, Tensor};

use super::rows::Rows;
use crate::tokenizer::PieceId;

/// A row for each of some things.
#[derive(Clone)]
pub(crate) struct Embedding {
    values: Values,
    width: usize,
    /// What the rows are multiplied by.
    scale: f32,
}

/// Values as they were stored: in half precision they take half the room, and become the same numbers whenever a row is
/// asked for.
#[derive(Clone)]
enum Values {
    Half(Arc<[f16]>),
    Single(Arc<[f32]>),
}

impl Embedding {
    /// The embedding whose rows are those of `table`; if `is_scaled`, times the root of their width, as Vaswani et al. (2017)
    /// have it.
    pub(crate) fn of_table(table: &Tensor, is_scaled: bool) -> Self {
        let width = table.size().last().map_or(0, |&width| usize::try_from(width).unwrap_or_default());
        let values = if table.kind() == Kind::Half {
            let mut values = vec![f16::ZERO; table.numel()];
            // As everywhere in libtorch's bindings, a failure is a panic, which the workers turn into an error.
            table.to_device(tch::Device::Cpu).contiguous().copy_data(&mut values, table.numel());
            Values::Half(values.into())
        } else {
            Values::Single(Rows::of(table).values().into())
        };
        #[expect(clippy::cast_precision_loss, reason = "a width of a few hundred")]
        let scale = if is_scaled { (width as f32).sqrt() } else { 1.0 };
        Self { values, width, scale }
    }

    /// The number of values of a row.
    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// The rows of pieces in the places (of which `self` has the pieces).
    pub(crate) fn of(&self, pieces: &[PieceId], in_places: impl Iterator<Item = usize>, places: &Self) -> Rows {
        let mut values = Vec::with_capacity(pieces.len() * self.width);
        let (mut of_piece, mut of_place) = (vec![0.0; self.width], vec![0.0; self.width]);
        for (&piece, place) in pieces.iter().zip(in_places) {
            self.read(piece as usize, &mut of_piece);
            places.read(place, &mut of_place);
            values.extend(of_piece.iter().zip(&of_place).map(|(piece, place)| piece * self.scale + place));
        }
        Rows::new(values, self.width)
    }

    /// Reads a row into `row`.
    fn read(&self, at: usize, row: &mut [f32]) {
        let place = at * self.width..(at + 1) * self.width;
        match &self.values {
            Values::Half(values) => values[place].convert_to_f32_slice(row),
            Values::Single(values) => row.copy_from_slice(&values[place]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_pieces_and_places_are_the_same_in_either_precision() {
        let table = |values: &[f32]| Tensor::from_slice(values).reshape([-1, 4]);
        let two = table(&[0.5, -2.0, 3.25, 0.0, 1.0, -0.75, 0.0, 0.125]);
        let places = Embedding::of_table(&table(&[10.0, 20.0, 30.0, 40.0, 50.0, 60.0, 70.0, 80.0]), false);
        for kind in [Kind::Half, Kind::Float, Kind::BFloat16] {
            let pieces = Embedding::of_table(&two.to_kind(kind), true);
            let rows = pieces.of(&[1, 0], [0, 1].into_iter(), &places);
            let expected = [12.0, 18.5, 30.0, 40.25, 51.0, 56.0, 76.5, 80.0];
            assert_eq!((pieces.width(), rows.values()), (4, &expected[..]), "{kind:?}");
        }
    }
}
