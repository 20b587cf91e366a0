//! A document after the first pass, ready to be learnt from and to be tested on.

use anyhow::Result;
use mtalign::{
    align::{
        banded,
        candidates::{Candidates, Priced},
    },
    bead::{Alignment, BeadKind},
    pipeline::{FirstPass, first_pass},
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
    /// What the first pass leaves, and after so many of them the true beads that it gave up, which only training sees.
    candidates: Candidates<'a>,
    found: usize,
    features: Vec<Features>,
    /// How many true beads there are, and the sum of their features; nothing where they are no path.
    truth: Option<(usize, Vector)>,
    /// Of several parts, the one whose weights were trained without this document.
    pub(crate) fold: usize,
}

impl<'a> Example<'a> {
    pub(crate) fn new(
        document: &'a Document,
        weights: &'a Weights,
        translator: &mut dyn Translator,
        fold: usize,
    ) -> Result<Self> {
        let first = first_pass(&document.similarity, &document.band, weights);
        let mut candidates = first.candidates();
        let found = candidates.beads().len();
        let numbers = |beads: &Vec<_>| beads.iter().map(|&runs| candidates.insert(runs)).collect::<Option<Vec<_>>>();
        let truth = document.beads.as_ref().and_then(numbers);
        let features = first.features(candidates.beads(), &document.sentences, translator)?;
        let mut example = Self { document, first, candidates, found, features, truth: None, fold };
        example.truth = truth.map(|beads| {
            let mut sum = [0.0; N_FEATURES];
            let mut in_gap = false;
            for &number in &beads {
                add(&mut sum, 1.0, &example.features[number].0);
                let is_null = BeadKind::of(example.candidates.beads()[number]).is_null();
                if is_null && !in_gap {
                    example.add_opening(&mut sum, 1.0);
                }
                in_gap = is_null;
            }
            (beads.len(), sum)
        });
        Ok(example)
    }

    /// Beads of the true alignment; 0 where there is nothing to learn.
    pub(crate) fn n_beads(&self) -> usize {
        self.truth.as_ref().map_or(0, |(beads, _)| *beads)
    }

    /// What the second pass decides.
    pub(crate) fn align(&self, weights: &Vector) -> Alignment {
        let mut cost = self.priced(weights);
        cost.prices[self.found..].fill(f64::INFINITY);
        banded::align(self.candidates.band(), &cost)
    }

    /// The true alignment's negative log-likelihood in nats, and its gradient.
    pub(crate) fn loss(&self, weights: &Vector) -> (f64, Vector) {
        let Some((_, truth)) = &self.truth else { return (0.0, [0.0; N_FEATURES]) };
        let candidates = &self.candidates;
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
        Priced { candidates: &self.candidates, prices, gap_opening: -weights.gap_opening(self.first.priors) }
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
