//! The output layer over the pieces that are selected for the sources of a batch.

use super::{
    linear::Linear,
    output::Output,
    rows::{Ragged, Rows},
};
use crate::tokenizer::PieceId;

/// The pieces that are selected for every source, with the output layer over them.
pub(crate) struct Common {
    pieces: Vec<PieceId>,
    layer: Linear,
}

impl Common {
    pub(super) fn new(output: &Output, pieces: Vec<PieceId>) -> Self {
        let layer = output.of(&pieces).unwrap();
        Self { pieces, layer }
    }

    pub(super) fn share(&self) -> Self {
        Self { pieces: self.pieces.clone(), layer: self.layer.share() }
    }
}

/// The output layer over some pieces: those that are selected for every source, and others of each source.
pub(crate) struct Selection {
    common: Common,
    /// The other pieces of each source, in order.
    pieces: Vec<Vec<PieceId>>,
    /// The output layer over the other pieces of all sources.
    layer: Linear,
    /// Where the other pieces of each source stand in what that layer gives.
    places: Vec<Vec<usize>>,
}

impl Selection {
    /// The layer over these pieces of each source, in order, beside the common ones.
    pub(super) fn new(output: &Output, common: &Common, pieces: Vec<Vec<PieceId>>) -> Self {
        let mut all: Vec<PieceId> = pieces.concat();
        all.sort_unstable();
        all.dedup();
        let places = |pieces: &Vec<PieceId>| {
            let mut all = (0..).zip(&all);
            pieces.iter().filter_map(|piece| all.find(|(_, other)| *other == piece)).map(|(at, _)| at).collect()
        };
        let places = pieces.iter().map(places).collect();
        Self { common: common.share(), pieces, layer: output.of(&all).unwrap(), places }
    }

    /// Puts the logits of some rows (rows × width) into `logits`, in place of what it had, each over the pieces of its
    /// source: those of all, and then the others.
    pub(super) fn logits(&self, rows: &Rows, source: impl Fn(usize) -> usize, logits: &mut Ragged) {
        let (common, others) = (self.common.layer.forward(rows), self.layer.forward(rows));
        logits.clear();
        for row in 0..rows.count() {
            let (own, places) = (others.row(row), &self.places[source(row)]);
            logits.push(common.row(row).iter().copied().chain(places.iter().map(|&place| own[place])));
        }
    }

    /// The pieces of a source: those of all, and the others, each in order.
    pub(super) fn pieces(&self, source: usize) -> (&[PieceId], &[PieceId]) {
        (&self.common.pieces, &self.pieces[source])
    }

    /// The column of a piece in the logits for a source.
    pub(super) fn column(&self, source: usize, piece: PieceId) -> Option<usize> {
        let in_own = || self.pieces[source].binary_search(&piece).ok().map(|column| self.common.pieces.len() + column);
        self.common.pieces.binary_search(&piece).ok().or_else(in_own)
    }

    /// Goes on with these sources, in order.
    pub(super) fn keep(&mut self, sources: &[usize]) {
        self.pieces = sources.iter().map(|&source| std::mem::take(&mut self.pieces[source])).collect();
        self.places = sources.iter().map(|&source| std::mem::take(&mut self.places[source])).collect();
    }
}
