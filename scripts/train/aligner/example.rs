//! A document after the first pass, ready to be learnt from and to be tested on.

use std::collections::HashSet;

use anyhow::Result;
use mtalign::{
    align::{
        banded,
        candidates::{Candidates, Priced},
    },
    bead::{Alignment, BeadKind},
    both::Both,
    document::Run,
    pipeline::{FirstPass, first_pass, forced_gains},
    similarity::{Feature, Features, N_FEATURES, Weights},
    translate::Translator,
};

use crate::documents::Document;

/// Beads that are less likely than this move no weight.
const LEAST_POSTERIOR: f64 = 1e-7;

/// A value for each feature.
pub(crate) type Vector = [f64; N_FEATURES];

/// A document, what the first pass makes of it, and the features of its candidates.
pub(crate) struct Example<'a> {
    pub(crate) document: &'a Document,
    pub(crate) first: FirstPass<'a>,
    features: Vec<Features>,
    /// The true beads, by their numbers, and the sum of their features; nothing where they are no path.
    truth: Option<(Vec<usize>, Vector)>,
    /// The true beads that the first pass gave up, which only training sees.
    given_up: HashSet<usize>,
    /// Of several parts, the one whose weights were trained without this document.
    pub(crate) fold: usize,
}

impl<'a> Example<'a> {
    pub(crate) fn new(
        document: &'a Document,
        weights: &Weights,
        translator: &mut dyn Translator,
        fold: usize,
    ) -> Result<Self> {
        let mut first = first_pass(&document.similarity, &document.band, weights);
        let found = first.candidates.beads().len();
        for &runs in document.beads.iter().flatten() {
            first.candidates.insert(runs, 0.0);
        }
        let numbers = |candidates: &Candidates<'_>, beads: &[Both<Run>]| {
            beads.iter().map(|&runs| candidates.number_in_band(runs)).collect::<Option<Vec<_>>>()
        };
        let truth = document.beads.as_ref().and_then(|beads| numbers(&first.candidates, beads));
        let runs: Vec<_> = first.candidates.beads().iter().map(|&(runs, _)| runs).collect();
        let pairs: Vec<_> = runs.iter().copied().filter(|&runs| !BeadKind::of(runs).is_null()).collect();
        let mut gains = forced_gains(&document.sentences, &pairs, translator)?.into_iter();
        let mut features = Vec::new();
        for runs in runs {
            let mut all = first.features(&document.similarity, runs);
            if !BeadKind::of(runs).is_null() {
                all.add_forced(&gains.next().expect("every pair has gains"));
            }
            features.push(all);
        }
        let given_up = (found..features.len()).collect();
        let mut example = Self { document, first, features, truth: None, given_up, fold };
        example.truth = truth.map(|beads| {
            let mut sum = [0.0; N_FEATURES];
            let mut in_gap = false;
            for &number in &beads {
                add(&mut sum, 1.0, &example.features[number].0);
                let is_null = BeadKind::of(example.first.candidates.beads()[number].0).is_null();
                if is_null && !in_gap {
                    example.add_opening(&mut sum, 1.0);
                }
                in_gap = is_null;
            }
            (beads, sum)
        });
        Ok(example)
    }

    /// Beads of the true alignment; 0 where there is nothing to learn.
    pub(crate) fn n_beads(&self) -> usize {
        self.truth.as_ref().map_or(0, |(beads, _)| beads.len())
    }

    /// The sum of the features of the true beads.
    pub(crate) fn truth(&self) -> Option<&Vector> {
        self.truth.as_ref().map(|(_, sum)| sum)
    }

    /// What the second pass decides.
    pub(crate) fn align(&self, weights: &Vector) -> Alignment {
        let mut cost = self.priced(weights);
        for &number in &self.given_up {
            cost.prices[number] = f64::INFINITY;
        }
        banded::align(self.first.candidates.band(), &cost)
    }

    /// The true alignment's negative log-likelihood in nats, and its gradient.
    pub(crate) fn loss(&self, weights: &Vector) -> (f64, Vector) {
        let Some((_, truth)) = &self.truth else { return (0.0, [0.0; N_FEATURES]) };
        let candidates = &self.first.candidates;
        let mut gradient = truth.map(|value| -value);
        let all = banded::marginals(candidates.band(), &self.priced(weights), LEAST_POSTERIOR, |marginal| {
            let number = candidates.number(marginal.runs).expect("other beads have no chance");
            add(&mut gradient, marginal.posterior, &self.features[number].0);
            self.add_opening(&mut gradient, marginal.opens_gap);
        });
        let potential: f64 = truth.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        (all - potential, gradient)
    }

    fn priced(&self, weights: &Vector) -> Priced<'_> {
        let weights = Weights::new(*weights, [0.0; N_FEATURES]);
        let prices = self.features.iter().map(|features| -weights.potential(features)).collect();
        Priced { candidates: &self.first.candidates, prices, gap_opening: -weights.gap_opening(self.first.priors) }
    }

    fn add_opening(&self, sum: &mut Vector, times: f64) {
        sum[Feature::GapOpening as usize] += times;
        sum[Feature::Prior as usize] += times * self.first.priors.of_gap_opening();
    }
}

/// Adds `factor` times `values`.
pub(crate) fn add(sum: &mut Vector, factor: f64, values: &Vector) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}
