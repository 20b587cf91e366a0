//! The search that runs: exact inside a [`Band`], with time and memory in proportion to the band's nodes.

use super::{
    Cost, Last, log_add,
    nodes::{Nodes, back, contains, in_order},
    runs_from, shapes,
};
use crate::{
    band::Band,
    bead::{Alignment, Bead},
    both::Both,
    document::Run,
};

/// The cheapest alignment inside `band`, with posteriors; equal to [`super::dense::align`], ties included, where the
/// band holds every node.
///
/// Each bead is priced twice, forwards and backwards; [`super::remembered`] makes that cheap.
pub fn align(band: &Band, cost: &impl Cost) -> Alignment {
    let Forward { cheapest, came_from, mass } = forward(band, cost);
    let backward = backward(band, cost);
    let opening = cost.gap_opening();
    let all = backward.get((0, 0))[Last::Pair as usize];

    let mut node = (band.n_source(), band.n_target());
    let ends = cheapest.get(node);
    let cheaper = |&a: &Last, &b: &Last| ends[a as usize].total_cmp(&ends[b as usize]);
    let mut last = Last::ALL.into_iter().min_by(cheaper).unwrap_or(Last::Pair);
    let mut beads = Vec::new();
    while node != (0, 0) {
        let (shape, before_last) = came_from.get(node)[last as usize];
        let before = back(node, shape).expect("a path leads back to the start");
        let runs = runs_from(before, shape);
        let reached = into(mass.get(before), last, opening);
        let log_posterior = reached - cost.bead(runs) + backward.get(node)[last as usize] - all;
        beads.push(Bead { runs, confidence: log_posterior.exp().min(1.0) });
        (node, last) = (before, before_last);
    }
    beads.reverse();
    Alignment::new(beads)
}

/// What the model expects of one bead.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Marginal {
    /// Which bead.
    pub runs: Both<Run>,
    /// How likely it is to be in the alignment, 0..=1.
    pub posterior: f64,
    /// How likely it is to be there and to begin a gap, 0..=1; 0 for a pair.
    pub opens_gap: f64,
}

/// Tells `visit` of every bead in `band` whose posterior is at least `least`, and returns the log of the summed
/// potentials of all alignments. For training: the gradient of that log is the sum of the beads' features, each as
/// often as expected here.
pub fn marginals(band: &Band, cost: &impl Cost, least: f64, mut visit: impl FnMut(Marginal)) -> f64 {
    let (shapes, opening) = (shapes(), cost.gap_opening());
    let mass = forward(band, cost).mass;
    let backward = backward(band, cost);
    let all = backward.get((0, 0))[Last::Pair as usize];
    for node in in_order(band) {
        let so_far = mass.get(node);
        for &shape in &shapes {
            let after = (node.0 + shape.0, node.1 + shape.1);
            if !contains(band, after) {
                continue;
            }
            let (next, runs) = (Last::after(shape), runs_from(node, shape));
            let rest = backward.get(after)[next as usize] - cost.bead(runs) - all;
            let posterior = (into(so_far, next, opening) + rest).exp();
            if posterior >= least {
                let opens = next != Last::Pair;
                let opens_gap = if opens { (so_far[Last::Pair as usize] - opening + rest).exp() } else { 0.0 };
                visit(Marginal { runs, posterior, opens_gap });
            }
        }
    }
    all
}

/// A value for each [`Last`].
type States = [f64; 3];

/// How a state was reached: by a bead of this shape, after this state.
type Step = ((usize, usize), Last);

struct Forward<'a> {
    /// The cost of the cheapest way to each state.
    cheapest: Nodes<'a, States>,
    came_from: Nodes<'a, [Step; 3]>,
    /// The log of the summed potentials of all ways to each state.
    mass: Nodes<'a, States>,
}

fn forward<'a>(band: &'a Band, cost: &impl Cost) -> Forward<'a> {
    let (shapes, opening) = (shapes(), cost.gap_opening());
    let mut cheapest = Nodes::new(band, [f64::INFINITY; 3]);
    let mut came_from = Nodes::new(band, [((0, 0), Last::Pair); 3]);
    let mut mass = Nodes::new(band, [f64::NEG_INFINITY; 3]);
    cheapest.set((0, 0), [0.0, f64::INFINITY, f64::INFINITY]);
    mass.set((0, 0), [0.0, f64::NEG_INFINITY, f64::NEG_INFINITY]);
    for node in in_order(band).filter(|&node| node != (0, 0)) {
        let mut here = (cheapest.get(node), came_from.get(node), mass.get(node));
        for &shape in &shapes {
            let Some(before) = back(node, shape).filter(|&before| contains(band, before)) else { continue };
            let next = Last::after(shape);
            let reached = into(mass.get(before), next, opening);
            if reached == f64::NEG_INFINITY {
                continue;
            }
            let price = cost.bead(runs_from(before, shape));
            for (last, &so_far) in Last::ALL.into_iter().zip(&cheapest.get(before)) {
                let total = last.step_to(next, opening).map_or(f64::INFINITY, |step| so_far + step + price);
                if total < here.0[next as usize] {
                    here.0[next as usize] = total;
                    here.1[next as usize] = (shape, last);
                }
            }
            here.2[next as usize] = log_add(here.2[next as usize], reached - price);
        }
        cheapest.set(node, here.0);
        came_from.set(node, here.1);
        mass.set(node, here.2);
    }
    Forward { cheapest, came_from, mass }
}

/// For each state, the log of the summed potentials of all ways from it to the end.
fn backward<'a>(band: &'a Band, cost: &impl Cost) -> Nodes<'a, States> {
    let (shapes, opening) = (shapes(), cost.gap_opening());
    let mut backward = Nodes::new(band, [f64::NEG_INFINITY; 3]);
    let end = (band.n_source(), band.n_target());
    backward.set(end, [0.0; 3]);
    for node in in_order(band).rev().filter(|&node| node != end) {
        let mut here = backward.get(node);
        for &shape in &shapes {
            let after = (node.0 + shape.0, node.1 + shape.1);
            let next = Last::after(shape);
            let rest = if contains(band, after) { backward.get(after)[next as usize] } else { f64::NEG_INFINITY };
            if rest == f64::NEG_INFINITY {
                continue;
            }
            let rest = rest - cost.bead(runs_from(node, shape));
            for (last, sum) in Last::ALL.into_iter().zip(&mut here) {
                if let Some(step) = last.step_to(next, opening) {
                    *sum = log_add(*sum, rest - step);
                }
            }
        }
        backward.set(node, here);
    }
    backward
}

/// The log of the summed potentials of all ways to a bead that leads to `next`, its own cost left out.
fn into(mass: States, next: Last, opening: f64) -> f64 {
    let ways = Last::ALL.into_iter().zip(mass);
    ways.filter_map(|(last, mass)| Some(mass - last.step_to(next, opening)?)).fold(f64::NEG_INFINITY, log_add)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::align::dense;

    /// A price without structure, the same for the same runs.
    fn random_price(seed: u64, runs: Both<Run>) -> f64 {
        let mut hash = seed;
        for end in [runs.source.start, runs.source.end, runs.target.start, runs.target.end] {
            hash = (hash ^ end as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
        }
        let unit = (hash >> 11) as f64 / (1_u64 << 53) as f64;
        unit * 4.0 * (runs.source.len() + runs.target.len()) as f64
    }

    struct Random {
        seed: u64,
        opening: f64,
    }

    impl Cost for Random {
        fn bead(&self, runs: Both<Run>) -> f64 {
            random_price(self.seed, runs)
        }

        fn gap_opening(&self) -> f64 {
            self.opening
        }
    }

    proptest! {
        #[test]
        fn with_every_node_in_the_band_it_equals_the_dense_search(n in 0..12_usize, m in 0..12_usize, seed: u64) {
            let cost = Random { seed, opening: (seed % 5) as f64 };
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
            let cost = Random { seed, opening: (seed % 5) as f64 };
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
        fn a_narrow_band_still_gives_an_alignment_of_everything(n in 1..30_usize, m in 1..30_usize, seed: u64) {
            let steps = n.max(m);
            let path: Vec<_> = (0..=steps).map(|step| (step * n / steps, step * m / steps)).collect();
            let alignment = align(&Band::around(&path, 1), &Random { seed, opening: 1.0 });
            let last = alignment.beads().last().unwrap();
            prop_assert_eq!(last.runs.map(|run| run.end), Both::new(n, m));
            prop_assert!(alignment.beads().iter().all(|bead| (0.0..=1.0).contains(&bead.confidence)));
        }
    }
}
