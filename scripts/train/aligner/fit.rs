//! Maximum likelihood by L-BFGS, with a Gaussian prior around given weights.

use std::sync::{Mutex, PoisonError};

use anyhow::Result;
use argmin::{
    core::{CostFunction, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
use mtalign::evidence::{N_SHORTLIST_FEATURES, ShortlistFeature};

use crate::example::{Example, Vector, add};

/// How many steps the curvature is judged by.
const MEMORY: usize = 10;

/// Training documents, each with how much its beads count.
pub(crate) struct Problem<'a> {
    pub(crate) examples: Vec<(&'a Example<'a>, f64)>,
    /// Where weights stay without evidence.
    pub(crate) centre: Vector,
    /// How many beads' worth a squared unit of distance costs, for each weight.
    pub(crate) prior: Vector,
    /// Features that must do without a weight.
    pub(crate) unknown: Vec<ShortlistFeature>,
    pub(crate) threads: usize,
    /// What was asked last and the answer: the solver wants the loss and its gradient one after the other.
    pub(crate) last: Mutex<Option<(Vector, Loss)>>,
}

/// A loss and its gradient.
type Loss = (f64, Vector);

impl Problem<'_> {
    /// The weights of the least loss.
    pub(crate) fn solve(self, start: &Vector, iterations: u64) -> Result<Vector> {
        let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
        let problem = Executor::new(self, solver);
        let result = problem.configure(|state| state.param(start.to_vec()).max_iters(iterations)).run()?;
        let best = result.state().best_param.clone().unwrap_or_else(|| start.to_vec());
        Ok(vector(&best))
    }

    /// The loss per weighted bead, and its gradient.
    fn loss(&self, weights: &Vector) -> Loss {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((known, loss)) if known.map(f64::to_bits) == weights.map(f64::to_bits) => *loss,
            _ => last.insert((*weights, self.weigh(weights))).1,
        }
    }

    fn weigh(&self, weights: &Vector) -> Loss {
        let share = self.examples.len().div_ceil(self.threads.max(1)).max(1);
        let of_chunk = |chunk: &[(&Example<'_>, f64)]| {
            let (mut loss, mut gradient) = (0.0, [0.0; N_SHORTLIST_FEATURES]);
            for (example, factor) in chunk {
                let (value, slope) = example.loss(weights);
                loss += factor * value;
                add(&mut gradient, *factor, &slope);
            }
            (loss, gradient)
        };
        let parts: Vec<(f64, Vector)> = std::thread::scope(|scope| {
            let running: Vec<_> =
                self.examples.chunks(share).map(|chunk| scope.spawn(move || of_chunk(chunk))).collect();
            running.into_iter().map(|thread| thread.join().expect("weighing does not panic")).collect()
        });
        let (mut loss, mut gradient) = (0.0, [0.0; N_SHORTLIST_FEATURES]);
        for (value, slope) in parts {
            loss += value;
            add(&mut gradient, 1.0, &slope);
        }
        for (((slope, weight), centre), prior) in gradient.iter_mut().zip(weights).zip(&self.centre).zip(&self.prior) {
            loss += prior * (weight - centre).powi(2);
            *slope += 2.0 * prior * (weight - centre);
        }
        for &feature in &self.unknown {
            gradient[feature as usize] = 0.0;
        }
        let beads: f64 = self.examples.iter().map(|(example, factor)| factor * example.n_beads() as f64).sum();
        (loss / beads, gradient.map(|slope| slope / beads))
    }
}

impl CostFunction for Problem<'_> {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, weights: &Vec<f64>) -> Result<f64> {
        Ok(self.loss(&vector(weights)).0)
    }
}

impl Gradient for Problem<'_> {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, weights: &Vec<f64>) -> Result<Vec<f64>> {
        Ok(self.loss(&vector(weights)).1.to_vec())
    }
}

fn vector(weights: &[f64]) -> Vector {
    let mut vector = [0.0; N_SHORTLIST_FEATURES];
    vector.copy_from_slice(weights);
    vector
}
