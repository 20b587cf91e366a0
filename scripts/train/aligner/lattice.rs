//! The lattices that weights are learnt from: some beads of a document with their features, the gold ones among them.

use mtalign::{
    align::candidates::Candidates,
    bead::{BeadKind, Run},
    both::Both,
};

use crate::potential::Potentials;

/// A lattice of candidate beads with features, and the gold path through it.
pub(crate) struct Lattice {
    candidates: Candidates,
    /// The features of each bead, one bead after another.
    features: Vec<f64>,
    /// The features of the beginning of a gap, which no hidden unit sees.
    opening: Vec<f64>,
    /// Nothing where the gold beads are no path.
    truth: Option<Truth>,
}

/// A gold path: its beads by their numbers, and how many gaps begin on it.
struct Truth {
    beads: Vec<usize>,
    openings: f64,
}

impl Lattice {
    /// Builds the lattice from the features of the beads, one bead after another, and of the beginning of a gap. `truth`
    /// are the gold beads, all among the candidates and in order.
    pub(crate) fn new(
        candidates: Candidates,
        features: Vec<f64>,
        opening: Vec<f64>,
        truth: Option<&[Both<Run>]>,
    ) -> Self {
        let truth = truth.map(|beads| {
            let number = |&runs| candidates.number(runs).expect("true beads are among the candidates");
            let is_null: Vec<bool> = beads.iter().map(|&runs| BeadKind::of(runs).is_null()).collect();
            let goes_on = is_null.windows(2).filter(|both| both[0] && both[1]).count();
            let openings = is_null.iter().filter(|&&is_null| is_null).count() - goes_on;
            Truth { beads: beads.iter().map(number).collect(), openings: openings as f64 }
        });
        Self { candidates, features, opening, truth }
    }

    /// The number of gold beads; 0 where there is nothing to learn.
    pub(crate) fn n_beads(&self) -> usize {
        self.truth.as_ref().map_or(0, |truth| truth.beads.len())
    }

    /// The features of each bead.
    pub(crate) fn features(&self) -> impl Iterator<Item = &[f64]> {
        self.features.chunks_exact(self.opening.len())
    }

    /// The negative log-likelihood of the gold alignment in nats, and its gradient.
    pub(crate) fn loss(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let mut gradient = vec![0.0; weights.len()];
        let Some(truth) = &self.truth else { return (0.0, gradient) };
        let potentials = Potentials::new(&self.features, self.opening.len(), weights);
        let opening: f64 = self.opening.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        let expected = self.candidates.marginals(&potentials.values, opening);
        let mut slopes = expected.posteriors;
        truth.beads.iter().for_each(|&bead| slopes[bead] -= 1.0);
        potentials.add_gradient(&self.features, weights, &slopes, &mut gradient);
        add(&mut gradient, expected.openings.iter().sum::<f64>() - truth.openings, &self.opening);
        let of_truth: f64 = truth.beads.iter().map(|&bead| potentials.values[bead]).sum();
        (expected.log_total - of_truth - truth.openings * opening, gradient)
    }
}

/// Adds `factor` times `values` to `sum`, which may be longer.
#[inline]
pub(crate) fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}
