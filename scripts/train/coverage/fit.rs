//! Logistic regression by L-BFGS, with a weak Gaussian prior.

use anyhow::Result;
use argmin::{
    core::{CostFunction, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
use mtalign::evidence::clauses::{Clues, N_CLUES};

use crate::examples::Example;

/// The number of former steps from which L-BFGS estimates the curvature, and of steps at most.
const MEMORY: usize = 10;
const STEPS: u64 = 300;

/// The strength of the prior: how many examples' worth a squared unit of weight costs.
const PRIOR: f64 = 0.01;

/// The scale to which weights are rounded: four decimals.
const DIGITS: f64 = 1e4;

/// The weights of the greatest posterior probability. Fails if the solver does.
pub(crate) fn fit(examples: &[Example]) -> Result<Clues> {
    let examples = examples.iter().map(|example| (example.clues.values(), example.is_missing)).collect();
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
    let problem = Executor::new(Problem { examples }, solver);
    let result = problem.configure(|state| state.param(vec![0.0; N_CLUES]).max_iters(STEPS)).run()?;
    let best = result.state().best_param.clone().unwrap_or_default();
    let mut weights = [0.0; N_CLUES];
    for (weight, found) in weights.iter_mut().zip(best) {
        *weight = (found * DIGITS).round() / DIGITS;
    }
    Ok(weights.into())
}

struct Problem {
    examples: Vec<([f64; N_CLUES], bool)>,
}

impl Problem {
    /// The mean loss in nats, and its gradient.
    fn loss(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let mut loss = PRIOR * weights.iter().map(|weight| weight * weight).sum::<f64>();
        let mut gradient: Vec<f64> = weights.iter().map(|weight| 2.0 * PRIOR * weight).collect();
        for (values, is_missing) in &self.examples {
            let log_odds: f64 = values.iter().zip(weights).map(|(value, weight)| value * weight).sum();
            let signed = if *is_missing { log_odds } else { -log_odds };
            // ln(1 + e^-x) without overflow.
            loss += (-signed.abs()).exp().ln_1p() + (-signed).max(0.0);
            let error = 1.0 / (1.0 + (-log_odds).exp()) - f64::from(*is_missing);
            gradient.iter_mut().zip(values).for_each(|(slope, value)| *slope += error * value);
        }
        let n = self.examples.len().max(1) as f64;
        (loss / n, gradient.into_iter().map(|slope| slope / n).collect())
    }
}

impl CostFunction for Problem {
    type Param = Vec<f64>;
    type Output = f64;

    fn cost(&self, weights: &Vec<f64>) -> Result<f64> {
        Ok(self.loss(weights).0)
    }
}

impl Gradient for Problem {
    type Param = Vec<f64>;
    type Gradient = Vec<f64>;

    fn gradient(&self, weights: &Vec<f64>) -> Result<Vec<f64>> {
        Ok(self.loss(weights).1)
    }
}
