//! Networks of one hidden layer, fitted by L-BFGS with a Gaussian prior.

use anyhow::Result;
use argmin::{
    core::{CostFunction, Executor, Gradient},
    solver::{linesearch::MoreThuenteLineSearch, quasinewton::LBFGS},
};
use mtalign::evidence::{Unit, scorer::Network};

/// The number of hidden units. Sixteen did no better than eight.
const UNITS: usize = 8;

/// The number of former steps from which L-BFGS estimates the curvature, and of steps at most.
const MEMORY: usize = 10;
const STEPS: u64 = 400;

/// The strength of the prior on weights of features of unit variance, against the mean loss.
const PRIOR: f64 = 1e-3;

/// The scale of the weights that are begun with, of unit variance.
const START: f64 = 0.3;

/// Decimals to which weights are rounded.
const DIGITS: f64 = 1e5;

/// An example: the values of the features, whether the pair is right, and how much it counts.
pub(crate) struct Example {
    pub(crate) values: Vec<f64>,
    pub(crate) is_right: bool,
    pub(crate) weight: f64,
}

/// The network of the greatest posterior probability that was found from a random start; features that `is_used` denies have
/// no weight. The first feature is always 1. Fails if the solver does.
pub(crate) fn fit(examples: &[&Example], is_used: impl Fn(usize) -> bool, seed: u64) -> Result<Network> {
    let n_features = examples.first().map_or(0, |example| example.values.len());
    let used: Vec<usize> = (0..n_features).filter(|&feature| is_used(feature)).collect();
    let (means, deviations) = moments(examples, &used);
    let standard = |values: &[f64]| -> Vec<f64> {
        let of = |(place, &feature): (usize, &usize)| {
            // The bias stays 1.
            if feature == 0 { 1.0 } else { (values[feature] - means[place]) / deviations[place] }
        };
        used.iter().enumerate().map(of).collect()
    };
    let examples = examples.iter().map(|example| Standard {
        values: standard(&example.values),
        is_right: example.is_right,
        weight: example.weight,
    });
    let problem = Problem { examples: examples.collect(), n_used: used.len() };
    let mut random = fastrand::Rng::with_seed(seed);
    let start: Vec<f64> = (0..problem.n_weights()).map(|_| START * (2.0 * random.f64() - 1.0)).collect();
    let solver = LBFGS::new(MoreThuenteLineSearch::new(), MEMORY);
    let result = Executor::new(problem, solver).configure(|state| state.param(start).max_iters(STEPS)).run()?;
    let best = result.state().best_param.clone().unwrap_or_default();
    let rounded = |value: f64| (value * DIGITS).round() / DIGITS;
    let (bias, units) = best.split_first().map_or((0.0, &best[..]), |(bias, units)| (*bias, units));
    let unit = |unit: &[f64]| {
        let mut weights = vec![0.0; n_features];
        for (place, &feature) in used.iter().enumerate().skip(1) {
            let weight = unit[1 + place] / deviations[place];
            weights[feature] = rounded(weight);
            weights[0] -= weight * means[place];
        }
        weights[0] = rounded(weights[0] + unit[1]);
        Unit { output: rounded(unit[0]), bias: 0.0, weights }
    };
    Ok(Network { bias: rounded(bias), units: units.chunks(1 + used.len()).map(unit).collect() })
}

/// The weighted mean and standard deviation of each feature that is used.
fn moments(examples: &[&Example], used: &[usize]) -> (Vec<f64>, Vec<f64>) {
    let total: f64 = examples.iter().map(|example| example.weight).sum();
    let mean = |of: &dyn Fn(&Example) -> f64| {
        examples.iter().map(|example| example.weight * of(example)).sum::<f64>() / total.max(f64::MIN_POSITIVE)
    };
    let means: Vec<f64> = used.iter().map(|&feature| mean(&|example| example.values[feature])).collect();
    let variance = |(&feature, average): (&usize, &f64)| mean(&|example| (example.values[feature] - average).powi(2));
    // A feature that never changes is worth nothing, whatever it is divided by.
    let deviations = used.iter().zip(&means).map(variance).map(|variance| variance.sqrt().max(1e-6)).collect();
    (means, deviations)
}

/// An example with features of unit variance, of which the first is 1.
struct Standard {
    values: Vec<f64>,
    is_right: bool,
    weight: f64,
}

struct Problem {
    examples: Vec<Standard>,
    n_used: usize,
}

impl Problem {
    /// The number of weights: the bias, then each unit's output and features.
    fn n_weights(&self) -> usize {
        1 + UNITS * (1 + self.n_used)
    }

    /// The mean loss in nats with the prior, and its gradient.
    fn loss(&self, weights: &[f64]) -> (f64, Vec<f64>) {
        let total: f64 = self.examples.iter().map(|example| example.weight).sum();
        let mut loss = PRIOR * weights.iter().map(|weight| weight * weight).sum::<f64>();
        let mut gradient: Vec<f64> = weights.iter().map(|weight| 2.0 * PRIOR * weight).collect();
        for Standard { values, is_right, weight } in &self.examples {
            let mut log_odds = weights[0];
            let mut tanhs = [0.0; UNITS];
            for (unit, tanh) in weights[1..].chunks(1 + self.n_used).zip(&mut tanhs) {
                *tanh = unit[1..].iter().zip(values).map(|(weight, value)| weight * value).sum::<f64>().tanh();
                log_odds += unit[0] * *tanh;
            }
            let share = weight / total.max(f64::MIN_POSITIVE);
            let signed = if *is_right { log_odds } else { -log_odds };
            // ln(1 + e^-x) without overflow.
            loss += share * ((-signed.abs()).exp().ln_1p() + (-signed).max(0.0));
            let error = share * (1.0 / (1.0 + (-log_odds).exp()) - f64::from(*is_right));
            gradient[0] += error;
            let units = weights[1..].chunks(1 + self.n_used).zip(gradient[1..].chunks_mut(1 + self.n_used));
            for ((unit, slopes), tanh) in units.zip(tanhs) {
                slopes[0] += error * tanh;
                let inner = error * unit[0] * (1.0 - tanh * tanh);
                slopes[1..].iter_mut().zip(values).for_each(|(slope, value)| *slope += inner * value);
            }
        }
        (loss, gradient)
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
