//! A table of the costs of all beads in a band: several searches of a document compute each only once.

use super::{
    Cost, N_SHAPES,
    nodes::{Nodes, contains, in_order},
    price as priced, runs_from, shape_index, shapes,
};
use crate::{band::Band, bead::Run, both::Both};

/// The costs of all beads in a band, in nats, in 4 bytes each.
pub struct CostTable {
    gap_opening: f64,
    prices: Nodes<[f32; N_SHAPES]>,
}

impl CostTable {
    /// Fills the table with the cost of every bead that has both its nodes in `band`.
    #[expect(clippy::cast_possible_truncation, reason = "a cost is no more exact than four bytes")]
    pub fn new(band: &Band, cost: &impl Cost) -> Self {
        let shapes = shapes();
        let mut prices = Nodes::new(band, [f32::INFINITY; N_SHAPES]);
        for node in in_order(band) {
            let mut here = [f32::INFINITY; N_SHAPES];
            for (price, &shape) in here.iter_mut().zip(&shapes) {
                if contains(band, (node.0 + shape.0, node.1 + shape.1)) {
                    *price = priced(cost, runs_from(node, shape)) as f32;
                }
            }
            *prices.get_mut(node) = here;
        }
        Self { gap_opening: cost.gap_opening(), prices }
    }
}

impl Cost for CostTable {
    fn bead(&self, runs: Both<Run>) -> f64 {
        let prices = self.prices.get((runs.source.start, runs.target.start));
        prices[shape_index(runs.source.len(), runs.target.len())].into()
    }

    fn gap_opening(&self) -> f64 {
        self.gap_opening
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_remembered_is_what_was_asked() {
        let band = Band::full(4, 5);
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
