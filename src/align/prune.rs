//! Pruning of a band: a search with short beads only, before the one with all, leaves out what cannot matter.
//!
//! Almost all nodes of a band lie off any alignment worth considering, and beads of up to
//! [`MAX_BEAD`](super::MAX_BEAD) sentences need not be priced there. Which nodes those are, a search with a few of
//! the shapes tells: an alignment with longer beads passes close to one with short beads and nulls in their place.

use super::{
    Cost, Last,
    cost_table::CostTable,
    nodes::Nodes,
    sweeps::{Sweeps, log_sum},
};
use crate::band::Band;

/// The shapes of the beads in this search: what most of any text is aligned by.
const SHORT: [(usize, usize); 5] = [(1, 0), (0, 1), (1, 1), (1, 2), (2, 1)];

/// The least posterior of a node that is kept, relative to the likeliest of its row. All alignments through any of
/// the others have together a posterior of no more than this times the number of nodes, one percent for the band of a
/// library (9 million nodes), so that there is a path through the nodes kept. A thousand times as much still gave the
/// same alignment of every development set.
const LEAST_SHARE: f64 = 1e-9;

/// The radius of the band around the nodes kept, in sentences: half of the longest bead, which may pass by them.
const RADIUS: usize = 4;

/// The part of `band` near which alignments by `cost` can pass.
#[expect(clippy::cast_possible_truncation, reason = "a tenth of a nat matters little to what is kept")]
pub fn prune(band: &Band, cost: &(impl Cost + Sync)) -> Band {
    let sweeps = Sweeps { band, cost: &CostTable::of_shapes(&SHORT, band, cost), shapes: &SHORT };
    let mut rests = Nodes::new(band, [0.0_f32; 3]);
    sweeps.backward(|node, states| *rests.get_mut(node) = states.map(|rest| rest as f32));
    let (mut row, mut kept) = (Vec::new(), Vec::new());
    sweeps.forward(|node, states| {
        let rests = rests.get(node);
        row.push((node, log_sum(&Last::ALL.map(|last| states[last as usize] + f64::from(rests[last as usize])))));
        if node.1 + 1 == band.row(node.0).end {
            let highest = row.iter().map(|&(_, through)| through).fold(f64::NEG_INFINITY, f64::max);
            let likely = row.drain(..).filter(|&(_, through)| through >= highest + LEAST_SHARE.ln());
            kept.extend(likely.map(|(node, _)| node));
        }
    });
    let pruned = Band::around(&kept, RADIUS).within(band);
    if leads_through(&pruned, band) { pruned } else { band.clone() }
}

/// Whether a path leads through `part` from the start of `band` to its end. It does unless costs are so large that sums of
/// them tell nothing.
fn leads_through(part: &Band, band: &Band) -> bool {
    let is_joined = |i: usize| {
        let (row, next) = (part.row(i), part.row(i + 1));
        row.start <= next.start && row.end <= next.end && next.start < row.end
    };
    part.n_target() == band.n_target()
        && part.row(0).contains(&0)
        && part.row(part.n_source()).contains(&part.n_target())
        && (0..part.n_source()).all(is_joined)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{align::banded, bead::Run, both::Both};

    /// Which bead each sentence is in, by its number.
    fn membership(kinds: &[(usize, usize)]) -> Both<Vec<usize>> {
        let of_side = |length: fn(&(usize, usize)) -> usize| {
            let beads = kinds.iter().enumerate();
            beads.flat_map(|(bead, kind)| std::iter::repeat_n(bead, length(kind))).collect()
        };
        Both::new(of_side(|kind| kind.0), of_side(|kind| kind.1))
    }

    /// Sentences of the same bead are alike, and no others.
    struct Alike(Both<Vec<usize>>);

    impl Cost for Alike {
        fn bead(&self, runs: Both<Run>) -> f64 {
            let (source, target) = (&self.0.source[runs.source.range()], &self.0.target[runs.target.range()]);
            if source.is_empty() || target.is_empty() {
                return 2.0;
            }
            let alike = source.iter().flat_map(|a| target.iter().filter(move |&b| a == b)).count();
            let share = alike as f64 / (source.len() * target.len()) as f64;
            4.0 * (1.0 - share) * (source.len() + target.len()) as f64
        }

        fn gap_opening(&self) -> f64 {
            3.0
        }
    }

    fn kind() -> impl Strategy<Value = (usize, usize)> {
        prop_oneof![8 => Just((1, 1)), 1 => Just((1, 0)), 1 => Just((0, 1)), 1 => (1..5_usize, 1..5_usize)]
    }

    proptest! {
        #[test]
        fn what_is_left_out_does_not_matter(
            kinds in prop::collection::vec(kind(), 1..40),
            hole in 0..30_usize,
            more in prop::collection::vec(kind(), 1..40),
        ) {
            let kinds = [kinds, vec![(0, 1); hole], more].concat();
            let cost = Alike(membership(&kinds));
            let band = Band::full(cost.0.source.len(), cost.0.target.len());
            let narrower = prune(&band, &cost);
            let (all, some) = (banded::align(&band, &cost), banded::align(&narrower, &cost));
            prop_assert_eq!(all.beads().len(), some.beads().len());
            for (one, other) in all.beads().iter().zip(some.beads()) {
                prop_assert_eq!(one.runs, other.runs);
                prop_assert!((one.confidence - other.confidence).abs() < 1e-6, "{:?} and {:?}", one, other);
            }
        }

        #[test]
        fn what_is_left_is_a_band(n in 1..40_usize, m in 1..40_usize, width in 1..10_usize, sharpness in 0.0..200.0) {
            let steps = n.max(m);
            let path: Vec<_> = (0..=steps).map(|step| (step * n / steps, step * m / steps)).collect();
            let band = Band::around(&path, width);
            let rough = |runs: Both<Run>| {
                let noise = (runs.source.start * 7 + runs.source.end * 5 + runs.target.start * 3 + runs.target.end) % 11;
                sharpness * noise as f64
            };
            let narrower = prune(&band, &rough);
            prop_assert_eq!((narrower.n_source(), narrower.n_target()), (n, m));
            prop_assert!(narrower.row(0).contains(&0) && narrower.row(n).contains(&m));
            for i in 0..n {
                let (row, next) = (narrower.row(i), narrower.row(i + 1));
                prop_assert!(row.start <= next.start && row.end <= next.end && next.start < row.end, "{i}: {row:?} {next:?}");
                prop_assert!(band.row(i).start <= row.start && row.end <= band.row(i).end);
            }
        }
    }

    #[test]
    fn little_is_left_where_the_text_is_clear() {
        let cost = Alike(membership(&[vec![(1, 1); 100], vec![(1, 0); 50], vec![(1, 1); 100]].concat()));
        let narrower = prune(&Band::full(250, 200), &cost);
        assert!(narrower.n_nodes() < 250 * 40, "{} nodes", narrower.n_nodes());
    }
}
