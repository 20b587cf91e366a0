//! Fits the passes after the first: for each a weighted sum of the features, and beside that of the last hidden units.
//!
//! What a hidden unit learns differs from one random start to the next, and one fit with units learns its own documents by
//! heart. So they are fitted several times, each time together with the weighted sum, and the pass weighs by the mean of
//! these potentials and of those of the weighted sum that was fitted alone.

use anyhow::Result;
use mtalign::evidence::{N_SHORTLIST_FEATURES, Pass, ShortlistFeature, ShortlistWeights, Unit};

use crate::{
    LOOKS, Options,
    example::Example,
    fit::{Prior, Problem, deviations},
    lattice::Lattice,
    potential::{BEFORE_FEATURES, parts, unit},
};

/// The least standard deviation that a hidden unit takes a feature to have, so that it does not make much of what is
/// hardly ever there.
const LEAST_DEVIATION: f64 = 0.3;

/// The scale of the weights that a hidden unit begins with, of features of unit deviation, and of its output, in nats.
const START: f64 = 0.3;

/// What the weights of hidden units are rounded to.
const DIGITS: f64 = 1e6;

/// Fits the passes after the first, one after another, to all examples but those of the fold `without`. Weights stay at
/// `centre` where nothing speaks for others.
pub(crate) fn fit(
    options: &Options,
    centre: &[f64],
    synthetic: &[Example<'_>],
    gold: &[Example<'_>],
    without: Option<usize>,
) -> Result<Vec<Pass>> {
    let share = options.shares(gold.iter().map(|example| (&*example.document.set, example.lattice.n_beads())));
    let seen = gold.iter().filter(|example| Some(example.fold) != without);
    let lattices: Vec<_> = (synthetic.iter().map(|example| (&example.lattice, options.of_synthetic(gold.is_empty()))))
        .chain(seen.map(|example| (&example.lattice, share(&example.document.set))))
        .collect();
    let deviations = deviations(&lattices, N_SHORTLIST_FEATURES);
    let mut passes: Vec<Pass> = Vec::new();
    for (number, look) in LOOKS.into_iter().enumerate() {
        let is_seen = |feature: ShortlistFeature| {
            let name = feature.name();
            feature.look().is_none_or(|look| LOOKS[..=number].contains(&look))
                && !options.without.iter().any(|start| name.starts_with(start))
        };
        let priors = ShortlistFeature::all().zip(&deviations).zip(centre).map(|((feature, &deviation), &mean)| {
            let prior = if is_seen(feature) { options.prior } else { f64::INFINITY };
            Prior::new(mean, prior, deviation)
        });
        let fits = Fits { lattices: &lattices, deviations: &deviations, priors: priors.collect(), options };
        let begin = passes.last().map_or(centre, |pass| &pass.weights.linear);
        let linear = fits.weighted_sum(begin)?;
        let weights = if number + 1 == LOOKS.len() && options.units > 0 {
            fits.with_units(&linear)?
        } else {
            ShortlistWeights::from(in_order(&linear))
        };
        passes.push(Pass { looks: vec![look], weights });
    }
    Ok(passes)
}

/// What the fits of a pass have in common.
struct Fits<'a> {
    lattices: &'a [(&'a Lattice, f64)],
    deviations: &'a [f64],
    /// The priors of the weighted sum.
    priors: Vec<Prior>,
    options: &'a Options,
}

impl Fits<'_> {
    fn weighted_sum(&self, begin: &[f64]) -> Result<Vec<f64>> {
        self.solve(self.priors.clone(), begin.to_vec())
    }

    /// The mean of the weighted sum `linear` and of the fits with hidden units that begin with it.
    fn with_units(&self, linear: &[f64]) -> Result<ShortlistWeights> {
        let unit_priors = self.unit_priors();
        let n_units = self.options.units;
        let priors = || self.priors.iter().copied().chain((0..n_units).flat_map(|_| unit_priors.iter().copied()));
        let share = self.options.unit_share / self.options.starts as f64;
        let alone = linear.iter().map(|weight| (1.0 - self.options.unit_share) * weight);
        let (mut mean, mut units) = (alone.collect::<Vec<f64>>(), Vec::new());
        for seed in 0..self.options.starts {
            let mut random = fastrand::Rng::with_seed(seed);
            let begin = (0..n_units).flat_map(|number| self.begin(number, &unit_priors, &mut random));
            let found = self.solve(priors().collect(), linear.iter().copied().chain(begin).collect())?;
            let (of_features, of_units) = parts(&found, linear.len());
            mean.iter_mut().zip(of_features).for_each(|(sum, weight)| *sum += share * weight);
            units.extend(of_units.map(unit).map(|found| Unit { output: share * found.output, ..found }).map(rounded));
        }
        Ok(ShortlistWeights { linear: in_order(&mean), units })
    }

    /// The priors of a unit: its output, its bias, of which nothing is known, and its weights.
    fn unit_priors(&self) -> Vec<Prior> {
        let prior = self.options.unit_prior;
        let of_feature = |(known, &deviation): (&Prior, &f64)| {
            // A feature that is the same for all beads tells a unit nothing.
            let is_told = known.strength.is_finite() && deviation > 0.0;
            let strength = if is_told { prior * deviation.max(LEAST_DEVIATION).powi(2) } else { f64::INFINITY };
            Prior { mean: 0.0, strength }
        };
        let before = [prior, 0.0].map(|strength| Prior { mean: 0.0, strength });
        before.into_iter().chain(self.priors.iter().zip(self.deviations).map(of_feature)).collect()
    }

    /// The weights that a unit begins with: every other one speaks against.
    fn begin(&self, number: usize, priors: &[Prior], random: &mut fastrand::Rng) -> Vec<f64> {
        let output = if number.is_multiple_of(2) { START } else { -START };
        let weights = priors[BEFORE_FEATURES..].iter().zip(self.deviations).map(|(prior, deviation)| {
            let weight = START * (2.0 * random.f64() - 1.0) / deviation.max(LEAST_DEVIATION);
            if prior.strength.is_finite() { weight } else { 0.0 }
        });
        [output, 0.0].into_iter().chain(weights).collect()
    }

    fn solve(&self, priors: Vec<Prior>, begin: Vec<f64>) -> Result<Vec<f64>> {
        let problem = Problem { lattices: self.lattices, priors, threads: self.options.threads };
        problem.solve(begin, self.options.iterations)
    }
}

fn in_order(weights: &[f64]) -> [f64; N_SHORTLIST_FEATURES] {
    weights.try_into().expect("a weight for each feature")
}

fn rounded(unit: Unit) -> Unit {
    let round = |value: f64| (value * DIGITS).round() / DIGITS;
    Unit { output: round(unit.output), bias: round(unit.bias), weights: unit.weights.into_iter().map(round).collect() }
}
