//! The lattices that weights are learnt from: some beads of a document with their features, the gold ones among them.

use mtalign::{
    align::candidates::Candidates,
    bead::{BeadKind, Run},
    both::Both,
};

/// A lattice of candidate beads with features, and the gold path through it.
pub(crate) struct Lattice {
    candidates: Candidates,
    /// The features of each bead, a value for each weight.
    features: Vec<Vec<f64>>,
    /// The features of the beginning of a gap.
    opening: Vec<f64>,
    /// The number of gold beads and the sum of their features; nothing where they are no path.
    truth: Option<(usize, Vec<f64>)>,
}

impl Lattice {
    /// Builds the lattice from the features of each bead and of the beginning of a gap. `truth` are the gold beads,
    /// all among the candidates and in order.
    pub(crate) fn new(
        candidates: Candidates,
        features: Vec<Vec<f64>>,
        opening: Vec<f64>,
        truth: Option<&[Both<Run>]>,
    ) -> Self {
        let truth = truth.map(|beads| {
            let mut sum = vec![0.0; opening.len()];
            let mut in_gap = false;
            for &runs in beads {
                let number = candidates.number(runs).expect("true beads are among the candidates");
                add(&mut sum, 1.0, &features[number]);
                let is_null = BeadKind::of(runs).is_null();
                if is_null && !in_gap {
                    add(&mut sum, 1.0, &opening);
                }
                in_gap = is_null;
            }
            (beads.len(), sum)
        });
        Self { candidates, features, opening, truth }
    }

    /// The number of gold beads; 0 where there is nothing to learn.
    pub(crate) fn n_beads(&self) -> usize {
        self.truth.as_ref().map_or(0, |(beads, _)| *beads)
    }

    /// The features of all beads.
    pub(crate) fn features(&self) -> &[Vec<f64>] {
        &self.features
    }

    /// The negative log-likelihood of the gold alignment in nats, and its gradient.
    pub(crate) fn loss(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let Some((_, truth)) = &self.truth else { return (0.0, vec![0.0; weights.len()]) };
        let potentials: Vec<f64> = self.features.iter().map(|features| dot(weights, features)).collect();
        let expected = self.candidates.marginals(&potentials, dot(weights, &self.opening));
        let mut gradient: Vec<f64> = truth.iter().map(|value| -value).collect();
        for (features, posterior) in self.features.iter().zip(&expected.posteriors) {
            add(&mut gradient, *posterior, features);
        }
        add(&mut gradient, expected.openings.iter().sum(), &self.opening);
        (expected.log_total - dot(weights, truth), gradient)
    }
}

/// Adds `factor` times `values` to `sum`.
pub(crate) fn add(sum: &mut [f64], factor: f64, values: &[f64]) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
