//! Exact search of a lattice of few candidate beads: what a first search leaves is no band any more.
//!
//! The model is that of the whole module; time and memory grow with the number of beads.

use super::{
    Last, MOST, bounded, log_add, probability,
    sweeps::{States, into},
};
use crate::{
    bead::{BeadKind, Run},
    both::Both,
};

/// A lattice of candidate beads, numbered in its order, each of which lies on at least one alignment.
#[derive(Debug, Clone)]
pub struct Candidates {
    beads: Vec<Both<Run>>,
    /// The number of sentences of each text.
    lengths: Both<usize>,
    /// The start and end node of each bead. A bead leads to a later node, and beads stand in the order of the nodes
    /// they lead from.
    edges: Vec<(usize, usize)>,
    n_nodes: usize,
}

/// The marginals of all beads, by number.
#[derive(Debug, Clone, PartialEq)]
pub struct Marginals {
    /// The posterior probability of each bead, 0..=1.
    pub posteriors: Vec<f64>,
    /// The probability that the alignment has the bead and a gap begins with it, 0..=1; 0 for a pair.
    pub openings: Vec<f64>,
    /// The log of the summed potentials of all alignments, in nats.
    pub log_total: f64,
}

/// A node of the lattice: how many sentences of both sides are passed, and how many of the source.
type Node = (usize, usize);

const IMPOSSIBLE: States = [f64::NEG_INFINITY; 3];

impl Candidates {
    /// Builds the lattice from beads in any order, as often as they come; they are numbered anew. Among them must be
    /// a path from the start of texts of these `lengths` to their end; beads on no such path are left out, for no
    /// alignment has them.
    pub fn new(mut beads: Vec<Both<Run>>, lengths: Both<usize>) -> Self {
        beads.sort_by_key(|&runs| order(runs));
        beads.dedup();
        let mut candidates = Self { beads, lengths, edges: Vec::new(), n_nodes: 0 };
        candidates.connect();
        let mut on_a_way = candidates.on_a_way().into_iter();
        candidates.beads.retain(|_| on_a_way.next().unwrap_or_default());
        candidates.connect();
        candidates
    }

    /// Numbers the nodes, and finds those of each bead.
    fn connect(&mut self) {
        let ends = |runs: &Both<Run>| [node(runs.map(|run| run.start)), node(runs.map(|run| run.end))];
        let mut nodes: Vec<Node> = self.beads.iter().flat_map(ends).collect();
        nodes.extend([(0, 0), node(self.lengths)]);
        nodes.sort_unstable();
        nodes.dedup();
        let number = |node: Node| nodes.partition_point(|&other| other < node);
        let edges = self.beads.iter().map(|runs| {
            let [start, end] = ends(runs);
            (number(start), number(end))
        });
        self.edges = edges.collect();
        self.n_nodes = nodes.len();
    }

    /// Whether each bead lies on a path from the start to the end.
    fn on_a_way(&self) -> Vec<bool> {
        let mut reached = vec![[false; 3]; self.n_nodes];
        reached[0][Last::Pair as usize] = true;
        for (number, &(start, end)) in self.edges.iter().enumerate() {
            let next = self.last(number);
            let steps = |last: &Last| reached[start][*last as usize] && last.step_to(next, 0.0).is_some();
            if Last::ALL.iter().any(steps) {
                reached[end][next as usize] = true;
            }
        }
        let mut leads_on = vec![[false; 3]; self.n_nodes];
        leads_on[self.n_nodes - 1] = [true; 3];
        let mut on_a_way = vec![false; self.edges.len()];
        for (number, &(start, end)) in self.edges.iter().enumerate().rev() {
            let next = self.last(number);
            if leads_on[end][next as usize] {
                for last in Last::ALL.into_iter().filter(|last| last.step_to(next, 0.0).is_some()) {
                    leads_on[start][last as usize] = true;
                    on_a_way[number] |= reached[start][last as usize];
                }
            }
        }
        on_a_way
    }

    /// The beads by number.
    pub fn beads(&self) -> &[Both<Run>] {
        &self.beads
    }

    /// The number of sentences of each text.
    pub fn lengths(&self) -> Both<usize> {
        self.lengths
    }

    /// The number of a bead; `None` if it is not among them.
    pub fn number(&self, runs: Both<Run>) -> Option<usize> {
        self.beads.binary_search_by_key(&order(runs), |&other| order(other)).ok()
    }

    /// The marginals of the beads by forward–backward, from their log-potentials and that of beginning a gap, in
    /// nats. A potential that is not a number forbids its bead.
    pub fn marginals(&self, potentials: &[f64], gap_opening: f64) -> Marginals {
        let potential = |number: usize| match potentials[number] {
            forbidden if forbidden.is_nan() || forbidden == f64::NEG_INFINITY => f64::NEG_INFINITY,
            potential => potential.clamp(-MOST, MOST),
        };
        let gap_opening = bounded(gap_opening, 0.0);
        let mut forward = vec![IMPOSSIBLE; self.n_nodes];
        forward[0][Last::Pair as usize] = 0.0;
        for (number, &(start, end)) in self.edges.iter().enumerate() {
            let next = self.last(number);
            let reached = into(forward[start], next, -gap_opening) + potential(number);
            let sum = &mut forward[end][next as usize];
            *sum = log_add(*sum, reached);
        }
        let mut backward = vec![IMPOSSIBLE; self.n_nodes];
        backward[self.n_nodes - 1] = [0.0; 3];
        for (number, &(start, end)) in self.edges.iter().enumerate().rev() {
            let next = self.last(number);
            let rest = backward[end][next as usize] + potential(number);
            for (last, sum) in Last::ALL.into_iter().zip(&mut backward[start]) {
                if let Some(step) = last.step_to(next, -gap_opening) {
                    *sum = log_add(*sum, rest - step);
                }
            }
        }
        let log_total = backward[0][Last::Pair as usize];
        let mut marginals = Marginals { posteriors: Vec::new(), openings: Vec::new(), log_total };
        for (number, &(start, end)) in self.edges.iter().enumerate() {
            let next = self.last(number);
            let rest = backward[end][next as usize] + potential(number) - log_total;
            let opens = if next == Last::Pair {
                0.0
            } else {
                probability(forward[start][Last::Pair as usize] + gap_opening + rest)
            };
            marginals.posteriors.push(probability(into(forward[start], next, -gap_opening) + rest));
            marginals.openings.push(opens);
        }
        marginals
    }

    /// The alignment of the highest sum of `values`, as numbers of beads, by Viterbi. Beginning a gap costs nothing
    /// here.
    pub fn best(&self, values: &[f64]) -> Vec<usize> {
        let mut highest = vec![IMPOSSIBLE; self.n_nodes];
        let mut came_by = vec![[None; 3]; self.n_nodes];
        highest[0][Last::Pair as usize] = 0.0;
        for (number, &(start, end)) in self.edges.iter().enumerate() {
            let next = self.last(number);
            for last in Last::ALL {
                let total = highest[start][last as usize] + bounded(values[number], -MOST);
                if last.step_to(next, 0.0).is_some() && total > highest[end][next as usize] {
                    highest[end][next as usize] = total;
                    came_by[end][next as usize] = Some((number, last));
                }
            }
        }
        let mut node = self.n_nodes - 1;
        let lower = |&a: &Last, &b: &Last| highest[node][a as usize].total_cmp(&highest[node][b as usize]);
        let mut last = Last::ALL.into_iter().rev().max_by(lower).unwrap_or(Last::Pair);
        let mut path = Vec::new();
        while let Some((number, before)) = came_by[node][last as usize] {
            path.push(number);
            (node, last) = (self.edges[number].0, before);
        }
        path.reverse();
        path
    }

    fn last(&self, number: usize) -> Last {
        let kind = BeadKind::of(self.beads[number]);
        Last::after((kind.source, kind.target))
    }
}

fn node(place: Both<usize>) -> Node {
    (place.source + place.target, place.source)
}

fn order(runs: Both<Run>) -> (Node, Node) {
    (node(runs.map(|run| run.start)), node(runs.map(|run| run.end)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        align::{
            Cost,
            banded::{self, Marginal},
            random::Random,
        },
        band::Band,
    };

    fn all_beads(band: &Band, cost: &Random) -> (Candidates, Vec<Marginal>, f64) {
        let mut expected = Vec::new();
        let log_total = banded::marginals(band, cost, 0.0, |marginal| {
            expected.push(marginal);
        });
        let lengths = Both::new(band.n_source(), band.n_target());
        (Candidates::new(expected.iter().map(|marginal| marginal.runs).collect(), lengths), expected, log_total)
    }

    proptest! {
        #[test]
        fn with_every_bead_in_it_it_equals_the_banded_search(n in 0..8_usize, m in 0..8_usize, seed: u64) {
            let cost = Random { seed, gap_opening: (seed % 3) as f64 };
            let band = Band::full(n, m);
            let (candidates, expected, log_total) = all_beads(&band, &cost);
            let potentials: Vec<_> = candidates.beads().iter().map(|&runs| -cost.bead(runs)).collect();
            let marginals = candidates.marginals(&potentials, -cost.gap_opening);
            prop_assert!((marginals.log_total - log_total).abs() < 1e-9);
            for Marginal { runs, posterior, opens_gap } in expected {
                // A gap's omissions stand before its additions: what no alignment has is not there.
                let Some(number) = candidates.number(runs) else {
                    prop_assert!(posterior.abs() < f64::EPSILON);
                    continue;
                };
                prop_assert!((marginals.posteriors[number] - posterior).abs() < 1e-9);
                prop_assert!((marginals.openings[number] - opens_gap).abs() < 1e-9);
            }
            if seed % 3 == 0 {
                let best: Vec<_> = candidates.best(&potentials).into_iter().map(|number| candidates.beads()[number]).collect();
                let cheapest: Vec<_> = banded::align(&band, &cost).beads().iter().map(|bead| bead.runs).collect();
                prop_assert_eq!(best, cheapest);
            }
        }
    }

    #[test]
    fn a_bead_that_is_not_among_them_has_no_number() {
        let bead = |source: (usize, usize), target: (usize, usize)| {
            Both::new(Run::new(source.0, source.1), Run::new(target.0, target.1))
        };
        let beads = vec![bead((1, 2), (1, 2)), bead((0, 1), (0, 1)), bead((0, 1), (0, 1))];
        let candidates = Candidates::new(beads, Both::new(2, 2));
        assert_eq!(candidates.beads().len(), 2);
        assert_eq!(candidates.number(bead((1, 2), (1, 2))), Some(1));
        assert_eq!(candidates.number(bead((0, 2), (0, 2))), None);
        assert_eq!(candidates.best(&[0.0, 0.0]), [0, 1]);
    }

    proptest! {
        #[test]
        fn beads_that_no_alignment_has_are_left_out(n in 1..7_usize, m in 1..7_usize, seed: u64, share in 0..100_u64) {
            let cost = Random { seed, gap_opening: 0.5 };
            let band = Band::full(n, m);
            let way: Vec<_> = banded::align(&band, &cost).beads().iter().map(|bead| bead.runs).collect();
            let (all, ..) = all_beads(&band, &cost);
            let is_kept = |&runs: &Both<Run>| (cost.bead(runs) * 100.0) % 100.0 < share as f64;
            let mut some: Vec<_> = all.beads().iter().copied().filter(is_kept).collect();
            some.extend(&way);
            let candidates = Candidates::new(some.clone(), Both::new(n, m));
            prop_assert!(way.iter().all(|&runs| candidates.number(runs).is_some()));
            // Exactly those have a chance that are in.
            let marginals = candidates.marginals(&vec![0.0; candidates.beads().len()], 0.0);
            prop_assert!(marginals.posteriors.iter().all(|&posterior| posterior > 0.0));
            let mut brought = some;
            brought.sort_by_key(|&runs| order(runs));
            brought.dedup();
            let mut whole = Candidates { beads: brought, lengths: Both::new(n, m), edges: Vec::new(), n_nodes: 0 };
            whole.connect();
            let chances = whole.marginals(&vec![0.0; whole.beads().len()], 0.0);
            let possible = chances.posteriors.iter().filter(|&&posterior| posterior > 0.0).count();
            prop_assert_eq!(possible, candidates.beads().len());
            prop_assert!((chances.log_total - marginals.log_total).abs() < 1e-9);
        }
    }

    #[test]
    fn no_sentences_no_beads() {
        let candidates = Candidates::new(Vec::new(), Both::default());
        assert!(candidates.best(&[]).is_empty());
        assert!(candidates.marginals(&[], -1.0).posteriors.is_empty());
    }
}
