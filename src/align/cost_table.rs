//! A table of the costs of all beads in a band: several searches of a document compute each only once.

use super::{
    Cost, MAX_BEAD, N_SHAPES,
    nodes::{Nodes, contains},
    price as priced, runs_from, shapes,
};
use crate::{band::Band, bead::Run, both::Both};

/// The costs of all beads in a band that have one of so many shapes, in nats, in 4 bytes each.
pub struct CostTable<const N: usize = N_SHAPES> {
    gap_opening: f64,
    /// The place of each shape among the prices at a node.
    places: [[u8; MAX_BEAD]; MAX_BEAD],
    prices: Nodes<[f32; N]>,
}

impl CostTable {
    /// Fills the table with the cost of every bead that has both its nodes in `band`, its rows on all threads that there are.
    pub fn new(band: &Band, cost: &(impl Cost + Sync)) -> Self {
        Self::of_shapes(&shapes(), band, cost)
    }
}

impl<const N: usize> CostTable<N> {
    /// Fills the table with the cost of every bead of these shapes that has both its nodes in `band`.
    #[expect(clippy::cast_possible_truncation, reason = "a cost is no more exact than four bytes")]
    pub(super) fn of_shapes(shapes: &[(usize, usize); N], band: &Band, cost: &(impl Cost + Sync)) -> Self {
        let mut places = [[0; MAX_BEAD]; MAX_BEAD];
        for (place, &(n, m)) in (0..).zip(shapes) {
            places[n][m] = place;
        }
        let of_node = |node: (usize, usize)| {
            shapes.map(|shape| {
                let is_there = contains(band, (node.0 + shape.0, node.1 + shape.1));
                if is_there { priced(cost, runs_from(node, shape)) as f32 } else { f32::INFINITY }
            })
        };
        Self { gap_opening: cost.gap_opening(), places, prices: Nodes::filled(band, [f32::INFINITY; N], of_node) }
    }
}

impl<const N: usize> Cost for CostTable<N> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        let prices = self.prices.get((runs.source.start, runs.target.start));
        prices[usize::from(self.places[runs.source.len()][runs.target.len()])].into()
    }

    fn gap_opening(&self) -> f64 {
        self.gap_opening
    }
}

#[cfg(test)]
mod tests {
    use super::{super::nodes::in_order, *};

    #[test]
    fn what_is_remembered_is_what_was_asked() {
        let band = Band::full(9, 9);
        let price = |runs: Both<Run>| {
            (runs.source.start * 1000 + runs.source.end * 100 + runs.target.start * 10 + runs.target.end) as f64
        };
        let table = CostTable::new(&band, &price);
        for node in in_order(&band) {
            for shape in shapes().into_iter().filter(|&(n, m)| contains(&band, (node.0 + n, node.1 + m))) {
                let runs = runs_from(node, shape);
                assert!((table.bead(runs) - price(runs)).abs() < f64::EPSILON, "{runs:?}");
            }
        }
    }
}
