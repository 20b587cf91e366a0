//! The pieces that are selected for the sources of a batch, and their logits.

use super::{
    linear::Linear,
    output::Selectable,
    rows::{Ragged, Rows},
};
use crate::tokenizer::PieceId;

/// The pieces that are selected for a source, as they stand in the columns of its logits: those of every source, and then
/// the others, each in order.
#[derive(Clone, Copy)]
pub(crate) struct Selected<'s> {
    common: &'s [PieceId],
    own: &'s [PieceId],
}

impl Selected<'_> {
    /// The piece of a column.
    pub(crate) fn piece(self, column: usize) -> PieceId {
        self.common.get(column).copied().unwrap_or_else(|| self.own[column - self.common.len()])
    }

    /// The column of a piece, where it has one.
    pub(crate) fn column(self, piece: PieceId) -> Option<usize> {
        let in_own = || self.own.binary_search(&piece).ok().map(|column| self.common.len() + column);
        self.common.binary_search(&piece).ok().or_else(in_own)
    }
}

/// The output layer over some pieces: those that are selected for every source, and others of each source.
pub(super) struct Selection {
    output: Selectable,
    /// The other pieces of each source, in order.
    pieces: Vec<Vec<PieceId>>,
    /// The output layer over the other pieces of all sources.
    layer: Linear,
    /// Where the other pieces of each source stand in what that layer gives.
    places: Vec<Vec<usize>>,
}

impl Selection {
    /// The layer over these pieces of each source, in order, beside the common ones.
    pub(super) fn new(output: &Selectable, pieces: Vec<Vec<PieceId>>) -> Self {
        let mut all: Vec<PieceId> = pieces.concat();
        all.sort_unstable();
        all.dedup();
        let places = |pieces: &Vec<PieceId>| {
            let mut all = (0..).zip(&all);
            pieces.iter().filter_map(|piece| all.find(|(_, other)| *other == piece)).map(|(at, _)| at).collect()
        };
        let places = pieces.iter().map(places).collect();
        Self { output: output.share(), pieces, layer: output.rows.layer(&all).unwrap(), places }
    }

    /// Puts the logits of some rows (rows × width) into `logits`, in place of what it had, each over the pieces of its
    /// source: those of all, and then the others.
    pub(super) fn logits(&self, rows: &Rows, source: impl Fn(usize) -> usize, logits: &mut Ragged) {
        let common = self.output.common.len();
        let places = |row| &self.places[source(row)][..];
        logits.reset((0..rows.count()).map(|row| common + places(row).len()));
        self.output.layer.forward_into(rows, logits, 0);
        self.layer.some_into(rows, places, logits, common);
    }

    /// The pieces that are selected for a source.
    pub(super) fn of(&self, source: usize) -> Selected<'_> {
        Selected { common: &self.output.common, own: &self.pieces[source] }
    }

    /// Goes on with these sources, in order.
    pub(super) fn keep(&mut self, sources: &[usize]) {
        self.pieces = sources.iter().map(|&source| std::mem::take(&mut self.pieces[source])).collect();
        self.places = sources.iter().map(|&source| std::mem::take(&mut self.places[source])).collect();
    }
}
