//! The output layer over the pieces that are selected for the sources of a batch.

use tch::Tensor;

use super::linear::Linear;
use crate::tokenizer::PieceId;

/// The output layer over some pieces, which are not the same for each source.
pub(super) struct Selection {
    /// The pieces of each source, in order.
    pieces: Vec<Vec<PieceId>>,
    /// The output layer over the pieces of all of them.
    layer: Linear,
    /// Where the pieces of each source stand in what the layer gives (sources × 1 × most pieces), filled up.
    places: Tensor,
}

impl Selection {
    /// The layer over these pieces of each source, in order.
    pub(super) fn new(output: &Linear, selected: Vec<Vec<PieceId>>) -> Self {
        let mut all: Vec<PieceId> = selected.concat();
        all.sort_unstable();
        all.dedup();
        let most = selected.iter().map(Vec::len).max().unwrap_or_default();
        let mut places: Vec<i64> = Vec::with_capacity(selected.len() * most);
        for pieces in &selected {
            let end = places.len() + most;
            let mut all = (0..).zip(&all);
            places.extend(pieces.iter().filter_map(|piece| all.find(|(_, other)| *other == piece)).map(|(at, _)| at));
            places.resize(end, 0);
        }
        let rows: Vec<i64> = all.iter().map(|&piece| piece.into()).collect();
        let layer = output.of_rows(&Tensor::from_slice(&rows)).unwrap();
        let size = [selected.len(), 1, most].map(|size| i64::try_from(size).unwrap_or_default());
        Self { pieces: selected, layer, places: Tensor::from_slice(&places).view(size) }
    }

    /// The logits of some rows for each source (rows × width): rows × pieces of its source.
    pub(super) fn logits(&self, values: &Tensor) -> Tensor {
        let [sources, _, most] = self.places.size()[..] else { unreachable!("places have three dimensions") };
        let logits = self.layer.forward(values).unflatten(0, [sources, -1]);
        let places = self.places.expand([-1, logits.size()[1], -1], false);
        logits.gather(2, &places, false).view([-1, most])
    }

    /// The pieces of a source.
    pub(super) fn pieces(&self, source: usize) -> &[PieceId] {
        &self.pieces[source]
    }

    /// Goes on with these sources.
    pub(super) fn keep(&mut self, sources: &Tensor) {
        self.places = self.places.index_select(0, sources);
        let kept = Vec::<i64>::try_from(sources).unwrap_or_default();
        self.pieces = kept
            .into_iter()
            .filter_map(|source| self.pieces.get_mut(usize::try_from(source).ok()?).map(std::mem::take))
            .collect();
    }
}
