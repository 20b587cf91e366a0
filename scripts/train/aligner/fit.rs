//! Maximum likelihood by L-BFGS, with a Gaussian prior around given weights.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use argmin::{
    core::{CostFunction, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};

use crate::lattice::{Lattice, add};

/// The number of former steps from which L-BFGS estimates the curvature.
const MEMORY: usize = 10;

/// What is known of a weight before anything is learnt.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prior {
    /// The mean, at which a weight without evidence stays.
    pub(crate) mean: f64,
    /// How many beads' worth a squared unit of distance from the mean costs; infinite for a weight that must stay where
    /// it is.
    pub(crate) strength: f64,
}

impl Prior {
    /// The prior of a feature's weight in a weighted sum, where a squared standard deviation of the feature costs `prior`
    /// beads' worth.
    pub(crate) fn new(mean: f64, prior: f64, deviation: f64) -> Self {
        Self { mean, strength: prior * deviation.max(1.0).powi(2) }
    }
}

/// A maximum-likelihood problem with a Gaussian prior.
pub(crate) struct Problem<'a> {
    /// The lattices, each with how much its beads count.
    pub(crate) lattices: &'a [(&'a Lattice, f64)],
    /// The prior of each weight.
    pub(crate) priors: Vec<Prior>,
    pub(crate) threads: usize,
}

/// A loss in nats and its gradient.
type Loss = (f64, Vec<f64>);

impl Problem<'_> {
    /// The weights of the least loss, from `start` in at most `iterations` steps.
    pub(crate) fn solve(self, start: Vec<f64>, iterations: u64) -> Result<Vec<f64>> {
        let asked = Asked { problem: self, last: Mutex::default() };
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
        let solving = Executor::new(asked, solver);
        let result = solving.configure(|state| state.param(start.clone()).max_iters(iterations)).run()?;
        Ok(result.state().best_param.clone().unwrap_or(start))
    }
}

/// The standard deviation of each of `width` features over all beads.
pub(crate) fn deviations(lattices: &[(&Lattice, f64)], width: usize) -> Vec<f64> {
    let (mut sum, mut squares, mut count) = (vec![0.0; width], vec![0.0; width], 0.0);
    for features in lattices.iter().flat_map(|(lattice, _)| lattice.features()) {
        count += 1.0;
        for ((sum, square), value) in sum.iter_mut().zip(&mut squares).zip(features) {
            *sum += value;
            *square += value * value;
        }
    }
    let count = f64::max(count, 1.0);
    let deviation = |(sum, square): (f64, f64)| (square / count - (sum / count).powi(2)).max(0.0).sqrt();
    sum.into_iter().zip(squares).map(deviation).collect()
}

/// A problem in the form that the solver evaluates.
struct Asked<'a> {
    problem: Problem<'a>,
    /// The weights asked about last, with the answer: the solver wants the loss and its gradient one after the other.
    last: Mutex<Option<(Vec<f64>, Loss)>>,
}

impl Asked<'_> {
    /// The mean loss per weighted bead in nats, and its gradient.
    fn loss(&self, weights: &[f64]) -> Loss {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &[f64]| known.iter().zip(weights).all(|(a, b)| a.to_bits() == b.to_bits());
        match &*last {
            Some((known, loss)) if same(known) => loss.clone(),
            _ => last.insert((weights.to_vec(), self.weigh(weights))).1.clone(),
        }
    }

    fn weigh(&self, weights: &[f64]) -> Loss {
        let Problem { lattices, priors, threads } = &self.problem;
        let share = lattices.len().div_ceil((*threads).max(1)).max(1);
        let of_chunk = |chunk: &[(&Lattice, f64)]| {
            let (mut loss, mut gradient) = (0.0, vec![0.0; weights.len()]);
            for (lattice, factor) in chunk {
                let (value, slope) = lattice.loss(weights);
                loss += factor * value;
                add(&mut gradient, *factor, &slope);
            }
            (loss, gradient)
        };
        let parts: Vec<Loss> = std::thread::scope(|scope| {
            let running: Vec<_> = lattices.chunks(share).map(|chunk| scope.spawn(move || of_chunk(chunk))).collect();
            running.into_iter().map(|thread| thread.join().expect("weighing does not panic")).collect()
        });
        let (mut loss, mut gradient) = (0.0, vec![0.0; weights.len()]);
        for (value, slope) in parts {
            loss += value;
            add(&mut gradient, 1.0, &slope);
        }
        for ((slope, weight), &Prior { mean, strength }) in gradient.iter_mut().zip(weights).zip(priors) {
            if strength.is_finite() {
                loss += strength * (weight - mean).powi(2);
                *slope += 2.0 * strength * (weight - mean);
            } else {
                *slope = 0.0;
            }
        }
        let beads: f64 = lattices.iter().map(|(lattice, factor)| factor * lattice.n_beads() as f64).sum();
        (loss / beads, gradient.into_iter().map(|slope| slope / beads).collect())
    }
}

impl CostFunction for Asked<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, weights: &Vec<f64>) -> Result<f64> {
        Ok(self.loss(weights).0)
    }
}

impl Gradient for Asked<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, weights: &Vec<f64>) -> Result<Vec<f64>> {
        Ok(self.loss(weights).1)
    }
}
