//! Exact search inside a [`Band`], in time proportional to its nodes: the search that the program runs.

use super::{
    Cost, Last, Unforbidden,
    nodes::Nodes,
    opening, price, probability, runs_from, shapes,
    sweeps::{States, Sweeps, into},
};
use crate::{
    band::Band,
    bead::{Alignment, Bead, Run},
    both::Both,
};

/// The cheapest alignment inside `band`, with posteriors; equal to [`super::dense::align`], ties included, where the
/// band holds every node. Where every one is forbidden, what is forbidden counts as very dear.
///
/// The cost of each bead is asked for three times; a [`CostTable`](super::cost_table::CostTable) makes that cheap.
pub fn align(band: &Band, cost: &impl Cost) -> Alignment {
    let (shapes, opening) = (shapes(), opening(cost));
    let sweeps = Sweeps { band, cost, shapes: &shapes };
    let Some(way) = sweeps.cheapest() else { return align(band, &Unforbidden(cost)) };

    // The forward sweep meets the nodes in the order of the path's beads, the backward sweep in the opposite one.
    let mut reached = Vec::with_capacity(way.len());
    sweeps.forward(|node, states| {
        if let Some(&runs) = way.get(reached.len()).filter(|runs| start(runs) == node) {
            reached.push(into(states, Last::after(shape_of(runs)), opening));
        }
    });
    let (mut rests, mut all) = (Vec::with_capacity(way.len()), 0.0);
    sweeps.backward(|node, states| {
        let next = way.len().checked_sub(rests.len() + 1).map(|at| way[at]);
        if let Some(runs) = next.filter(|runs| end(runs) == node) {
            rests.push(states[Last::after(shape_of(runs)) as usize]);
        }
        all = states[Last::Pair as usize];
    });

    let bead = |((runs, reached), rest): ((Both<Run>, f64), f64)| {
        let log_posterior = reached - price(cost, runs) + rest - all;
        Bead { runs, confidence: probability(log_posterior) }
    };
    Alignment::new(way.into_iter().zip(reached).zip(rests.into_iter().rev()).map(bead).collect())
}

/// The marginal of a bead: the probability that the alignment has it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marginal {
    /// The runs of the bead.
    pub runs: Both<Run>,
    /// The posterior probability of the bead, 0..=1.
    pub posterior: f64,
    /// The probability that the alignment has the bead and a gap begins with it, 0..=1; 0 for a pair.
    pub opens_gap: f64,
}

/// The marginals of all beads in `band` with a posterior of at least `least`, handed to `visit`. Returns the log of
/// the summed potentials of all alignments. For training: the gradient of that log is the sum of the beads' features,
/// each weighted by its posterior.
pub fn marginals(band: &Band, cost: &impl Cost, least: f64, mut visit: impl FnMut(Marginal)) -> f64 {
    let (shapes, opening) = (shapes(), opening(cost));
    let sweeps = Sweeps { band, cost, shapes: &shapes };
    let (mut rests, mut all) = (Nodes::new(band, States::default()), 0.0);
    sweeps.backward(|node, states| {
        *rests.get_mut(node) = states;
        all = states[Last::Pair as usize];
    });
    if all == f64::NEG_INFINITY {
        return marginals(band, &Unforbidden(cost), least, visit);
    }
    sweeps.forward(|node, states| {
        let onward = Last::ALL.map(|next| into(states, next, opening));
        for &shape in &shapes {
            let Some(after) = sweeps.after(node, shape) else { continue };
            let (next, runs) = (Last::after(shape), runs_from(node, shape));
            let rest = rests.get(after)[next as usize] - price(cost, runs) - all;
            let posterior = (onward[next as usize] + rest).exp();
            if posterior >= least {
                let opens = next != Last::Pair;
                let opens_gap = if opens { (states[Last::Pair as usize] - opening + rest).exp() } else { 0.0 };
                visit(Marginal { runs, posterior, opens_gap });
            }
        }
    });
    all
}

fn start(runs: &Both<Run>) -> (usize, usize) {
    (runs.source.start, runs.target.start)
}

fn end(runs: &Both<Run>) -> (usize, usize) {
    (runs.source.end, runs.target.end)
}

fn shape_of(runs: Both<Run>) -> (usize, usize) {
    (runs.source.len(), runs.target.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::align::{dense, random::Random};

    fn diagonal(n: usize, m: usize) -> Vec<(usize, usize)> {
        let steps = n.max(m);
        (0..=steps).map(|step| (step * n / steps, step * m / steps)).collect()
    }

    proptest! {
        #[test]
        fn with_every_node_in_the_band_it_equals_the_dense_search(n in 0..12_usize, m in 0..12_usize, seed: u64) {
            let cost = Random { seed, gap_opening: (seed % 5) as f64 };
            let banded = align(&Band::full(n, m), &cost);
            let dense = dense::align(Both::new(n, m), &cost);
            prop_assert_eq!(banded.beads().len(), dense.beads().len());
            for (ours, reference) in banded.beads().iter().zip(dense.beads()) {
                prop_assert_eq!(ours.runs, reference.runs);
                prop_assert!((ours.confidence - reference.confidence).abs() < 1e-9);
            }
        }

        #[test]
        fn each_sentence_is_in_one_bead_by_the_marginals(n in 0..9_usize, m in 0..9_usize, seed: u64) {
            let cost = Random { seed, gap_opening: (seed % 5) as f64 };
            let mut sentences = Both::new(vec![0.0; n], vec![0.0; m]);
            let mut posteriors = Vec::new();
            let all = marginals(&Band::full(n, m), &cost, 0.0, |marginal| {
                marginal.runs.source.range().for_each(|i| sentences.source[i] += marginal.posterior);
                marginal.runs.target.range().for_each(|j| sentences.target[j] += marginal.posterior);
                posteriors.push((marginal.runs, marginal.posterior));
            });
            prop_assert!(all.is_finite());
            prop_assert!(sentences.source.iter().chain(&sentences.target).all(|sum| (sum - 1.0).abs() < 1e-9));
            for bead in align(&Band::full(n, m), &cost).beads() {
                let same = posteriors.iter().find(|(runs, _)| *runs == bead.runs).unwrap();
                prop_assert!((same.1 - bead.confidence).abs() < 1e-9);
            }
        }

        #[test]
        fn where_the_band_holds_the_best_alignment_it_is_the_one_that_dense_search_finds(
            n in 4..16_usize, m in 4..16_usize, radius in 1..6_usize, seed: u64,
        ) {
            let band = Band::around(&diagonal(n, m), radius);
            // Beads away from the diagonal are dear, so that the best alignment mostly stays by it.
            let cost = |runs: Both<Run>| {
                let skew = (runs.source.end as f64 / n as f64 - runs.target.end as f64 / m as f64).abs();
                Random { seed, gap_opening: 0.0 }.bead(runs) + 20.0 * skew
            };
            let dense = dense::align(Both::new(n, m), &cost);
            prop_assume!(dense.beads().iter().all(|bead| band.row(bead.runs.source.end).contains(&bead.runs.target.end)));
            let banded = align(&band, &cost);
            let runs = |alignment: &Alignment| alignment.beads().iter().map(|bead| bead.runs).collect::<Vec<_>>();
            prop_assert_eq!(runs(&banded), runs(&dense));
        }

        #[test]
        fn a_narrow_band_still_gives_an_alignment_of_everything(n in 1..30_usize, m in 1..30_usize, seed: u64) {
            let alignment = align(&Band::around(&diagonal(n, m), 1), &Random { seed, gap_opening: 1.0 });
            let last = alignment.beads().last().unwrap();
            prop_assert_eq!(last.runs.map(|run| run.end), Both::new(n, m));
            prop_assert!(alignment.beads().iter().all(|bead| (0.0..=1.0).contains(&bead.confidence)));
        }
    }
}
