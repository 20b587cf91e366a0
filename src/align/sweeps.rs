//! The three sweeps over a lattice of beads that every search is made of: Viterbi, forward sums, backward sums.
//!
//! Each goes through the band row by row and holds no more rows than a bead spans; what a search needs of the rows
//! gone by it takes while the sweep passes. Only Viterbi leaves something at every node: three back-pointers.

use super::{
    Cost, Last, N_SHAPES, log_add,
    nodes::{Nodes, Window, back, contains},
    opening, price, runs_from,
};
use crate::{band::Band, bead::Run, both::Both};

/// A value for each state of the chain ([`Last`]).
pub(super) type States = [f64; 3];

/// The sums where no path leads to any state.
const NO_WAY: States = [f64::NEG_INFINITY; 3];

/// The sweeps over all beads of some shapes that have both their nodes in a band.
pub(super) struct Sweeps<'a, C> {
    pub(super) band: &'a Band,
    pub(super) cost: &'a C,
    pub(super) shapes: &'a [(usize, usize)],
}

impl<C: Cost> Sweeps<'_, C> {
    /// The cheapest path from the start to the end, by Viterbi; of equally cheap ones the one that [`super::dense`]
    /// says. None where every path is forbidden.
    pub(super) fn cheapest(&self) -> Option<Vec<Both<Run>>> {
        let opening = opening(self.cost);
        let mut cheapest = Window::new();
        let nowhere = [Step { shape: 0, last: Last::Pair }; 3];
        let mut steps = Nodes::new(self.band, nowhere);
        for i in 0..=self.band.n_source() {
            cheapest.open(i, &self.band.row(i), [f64::INFINITY; 3]);
            for node in self.band.row(i).map(|j| (i, j)) {
                if node == (0, 0) {
                    cheapest.set(node, [0.0, f64::INFINITY, f64::INFINITY]);
                    continue;
                }
                let (mut costs, mut reached_by) = ([f64::INFINITY; 3], nowhere);
                for (number, &shape) in (0_u8..).zip(self.shapes) {
                    let Some(before) = self.before(node, shape) else { continue };
                    let next = Last::after(shape);
                    let price = price(self.cost, runs_from(before, shape));
                    for (last, so_far) in Last::ALL.into_iter().zip(*cheapest.get(before)) {
                        let total = last.step_to(next, opening).map_or(f64::INFINITY, |step| so_far + step + price);
                        if total < costs[next as usize] {
                            costs[next as usize] = total;
                            reached_by[next as usize] = Step { shape: number, last };
                        }
                    }
                }
                cheapest.set(node, costs);
                *steps.get_mut(node) = reached_by;
            }
        }

        let mut node = self.end();
        let costs = cheapest.get(node);
        if !costs.iter().any(|&cost| cost < f64::INFINITY) {
            return None;
        }
        let cheaper = |&a: &Last, &b: &Last| costs[a as usize].total_cmp(&costs[b as usize]);
        let mut last = Last::ALL.into_iter().min_by(cheaper).unwrap_or(Last::Pair);
        let mut way = Vec::new();
        while node != (0, 0) {
            let step = steps.get(node)[last as usize];
            let shape = self.shapes[usize::from(step.shape)];
            let before = back(node, shape).expect("a way leads back to the start");
            way.push(runs_from(before, shape));
            (node, last) = (before, step.last);
        }
        way.reverse();
        Some(way)
    }

    /// The forward sums: `visit` is told of every node, in order, the log of the summed potentials of all paths to
    /// each of its states.
    pub(super) fn forward(&self, mut visit: impl FnMut((usize, usize), States)) {
        let opening = opening(self.cost);
        // The sums of all paths on to each state of the next bead, whose own cost is left out.
        let mut onward = Window::new();
        for i in 0..=self.band.n_source() {
            onward.open(i, &self.band.row(i), NO_WAY);
            for node in self.band.row(i).map(|j| (i, j)) {
                let here = if node == (0, 0) {
                    [0.0, f64::NEG_INFINITY, f64::NEG_INFINITY]
                } else {
                    self.sums(|shape| {
                        let before = self.before(node, shape)?;
                        let so_far: &States = onward.get(before);
                        Some((runs_from(before, shape), so_far[Last::after(shape) as usize]))
                    })
                };
                onward.set(node, Last::ALL.map(|next| into(here, next, opening)));
                visit(node, here);
            }
        }
    }

    /// The backward sums: `visit` is told of every node, the last one first, the log of the summed potentials of all
    /// paths from each of its states to the end.
    pub(super) fn backward(&self, mut visit: impl FnMut((usize, usize), States)) {
        let opening = opening(self.cost);
        let mut rest = Window::new();
        for i in (0..=self.band.n_source()).rev() {
            rest.open(i, &self.band.row(i), NO_WAY);
            for node in self.band.row(i).rev().map(|j| (i, j)) {
                let here = if node == self.end() {
                    [0.0; 3]
                } else {
                    let by_next = self.sums(|shape| {
                        let rest: &States = rest.get(self.after(node, shape)?);
                        Some((runs_from(node, shape), rest[Last::after(shape) as usize]))
                    });
                    Last::ALL.map(|last| {
                        let ways = Last::ALL.into_iter().zip(by_next);
                        let steps = ways.filter_map(|(next, way)| Some(way - last.step_to(next, opening)?));
                        steps.fold(f64::NEG_INFINITY, log_add)
                    })
                };
                rest.set(node, here);
                visit(node, here);
            }
        }
    }

    /// The node from which a bead of `shape` leads to `node`, if it is in the band.
    fn before(&self, node: (usize, usize), shape: (usize, usize)) -> Option<(usize, usize)> {
        back(node, shape).filter(|&before| contains(self.band, before))
    }

    /// The node to which a bead of `shape` leads from `node`, if it is in the band.
    pub(super) fn after(&self, node: (usize, usize), shape: (usize, usize)) -> Option<(usize, usize)> {
        Some((node.0 + shape.0, node.1 + shape.1)).filter(|&after| contains(self.band, after))
    }

    /// The log of the summed potentials of the beads that lead to each state. Of each shape `bead` tells the runs,
    /// and the log of what the bead's potential is to be multiplied with.
    fn sums(&self, bead: impl Fn((usize, usize)) -> Option<(Both<Run>, f64)>) -> States {
        let mut sums = NO_WAY;
        let (mut pairs, mut n_pairs) = ([f64::NEG_INFINITY; N_SHAPES], 0);
        for &shape in self.shapes {
            // Without a path to go on there is no need to ask for the cost.
            let Some((runs, factor)) = bead(shape).filter(|&(_, factor)| factor > f64::NEG_INFINITY) else { continue };
            let term = factor - price(self.cost, runs);
            match Last::after(shape) {
                Last::Pair => {
                    pairs[n_pairs] = term;
                    n_pairs += 1;
                }
                null => sums[null as usize] = term,
            }
        }
        sums[Last::Pair as usize] = log_sum(&pairs[..n_pairs]);
        sums
    }

    fn end(&self) -> (usize, usize) {
        (self.band.n_source(), self.band.n_target())
    }
}

/// The log of the summed potentials of all paths to a bead that leads to `next`, its own cost left out, from those to
/// the states of the node where it starts.
pub(super) fn into(states: States, next: Last, opening: f64) -> f64 {
    let ways = Last::ALL.into_iter().zip(states);
    ways.filter_map(|(last, way)| Some(way - last.step_to(next, opening)?)).fold(f64::NEG_INFINITY, log_add)
}

/// log(e^a + e^b + …) without overflow.
pub(super) fn log_sum(terms: &[f64]) -> f64 {
    let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if highest == f64::NEG_INFINITY {
        return highest;
    }
    highest + terms.iter().map(|term| (term - highest).exp()).sum::<f64>().ln()
}

/// A back-pointer: the last bead's shape, as its index among the shapes, and the state before it.
#[derive(Clone, Copy)]
struct Step {
    shape: u8,
    last: Last,
}

const _: () = assert!(N_SHAPES <= u8::MAX as usize, "every node has three steps, so a shape is one byte");
