//! The log-potentials of beads, and how they depend on weights that stand in one row: a weight for each feature, then
//! of each hidden unit its output, its bias and a weight for each feature.

use mtalign::evidence::Unit;
use multiversion::multiversion;

use crate::lattice::add;

/// The number of weights of a unit beside those of features.
pub(crate) const BEFORE_FEATURES: usize = 2;

/// A row of weights: those of the weighted sum, and those of each unit.
pub(crate) fn parts(weights: &[f64], n_features: usize) -> (&[f64], impl ExactSizeIterator<Item = &[f64]>) {
    let (linear, units) = weights.split_at(n_features);
    (linear, units.chunks_exact(BEFORE_FEATURES + n_features))
}

/// The unit whose weights these are.
pub(crate) fn unit(weights: &[f64]) -> Unit {
    Unit { output: weights[0], bias: weights[1], weights: weights[BEFORE_FEATURES..].to_vec() }
}

/// The log-potentials of beads in nats, and of each bead the tangent of each unit.
pub(crate) struct Potentials {
    pub(crate) values: Vec<f64>,
    tangents: Vec<f64>,
}

impl Potentials {
    /// The potentials of beads; `features` has `n_features` values for each.
    pub(crate) fn new(features: &[f64], n_features: usize, weights: &[f64]) -> Self {
        let mut found = Self { values: Vec::new(), tangents: Vec::new() };
        add_potentials(features, n_features, weights, &mut found);
        found
    }

    /// Adds to `gradient` what the sum of the potentials, each times its slope, changes by with each weight.
    pub(crate) fn add_gradient(&self, features: &[f64], weights: &[f64], slopes: &[f64], gradient: &mut [f64]) {
        add_gradient(features, features.len() / slopes.len().max(1), weights, &self.tangents, slopes, gradient);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn add_potentials(features: &[f64], n_features: usize, weights: &[f64], found: &mut Potentials) {
    for features in features.chunks_exact(n_features) {
        let (linear, units) = parts(weights, n_features);
        let mut potential = dot(linear, features);
        for unit in units {
            let tangent = (unit[1] + dot(&unit[BEFORE_FEATURES..], features)).tanh();
            found.tangents.push(tangent);
            potential += unit[0] * tangent;
        }
        found.values.push(potential);
    }
}

#[multiversion(targets("x86_64+avx2"))]
fn add_gradient(
    features: &[f64],
    n_features: usize,
    weights: &[f64],
    tangents: &[f64],
    slopes: &[f64],
    gradient: &mut [f64],
) {
    let n_units = parts(weights, n_features).1.len();
    let (of_linear, of_units) = gradient.split_at_mut(n_features);
    for (number, (features, &slope)) in features.chunks_exact(n_features).zip(slopes).enumerate() {
        if slope.abs() < NEGLIGIBLE {
            continue;
        }
        add(of_linear, slope, features);
        let of_units = of_units.chunks_exact_mut(BEFORE_FEATURES + n_features);
        let tangents = &tangents[number * n_units..];
        for ((unit, of_unit), tangent) in parts(weights, n_features).1.zip(of_units).zip(tangents) {
            let inner = slope * unit[0] * (1.0 - tangent * tangent);
            of_unit[0] += slope * tangent;
            of_unit[1] += inner;
            add(&mut of_unit[BEFORE_FEATURES..], inner, features);
        }
    }
}

/// A bead with a smaller slope (its posterior, or what that lacks of 1) is passed over.
const NEGLIGIBLE: f64 = 1e-7;

/// Sums that are made side by side.
const LANES: usize = 16;

#[inline]
fn dot(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest: f64 = a.remainder().iter().zip(b.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; LANES];
    for (a, b) in a.zip(b) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum::<f64>() + rest
}
