//! The priors of a document: how it differs from those in training, in the rates of bead kinds, gaps and nulls.

use super::{
    band_features::{BandFeature, N_BAND_FEATURES},
    weights::BandWeights,
};
use crate::{bead::BeadKind, both::Both};

/// The priors of a document: how much more likely beads of each kind, and gaps, are in it than in training. A novel
/// joins two sentences in five, a magazine leaves nothing out, a news site cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Priors {
    shifts: [f64; N_BAND_FEATURES],
    /// The share of sentences of each side that have no counterpart, 0..=1.
    null_shares: Both<f64>,
}

impl Default for Priors {
    /// The priors of a document like those in training.
    fn default() -> Self {
        Self { shifts: [0.0; N_BAND_FEATURES], null_shares: Both::new(NULL_RATE, NULL_RATE) }
    }
}

impl Priors {
    /// Estimates the priors from expected counts: the log of the rate here over the rate in training. The latter
    /// counts as a few more beads, so that a short document moves little.
    pub fn of(expected: &ExpectedCounts, weights: &BandWeights) -> Self {
        let mut shifts = [0.0; N_BAND_FEATURES];
        for feature in RATED {
            let rate = weights.rate(feature).max(LEAST_RATE);
            let count = expected.of_feature[feature as usize];
            let here = (count + PRIOR_BEADS * rate) / (expected.beads + PRIOR_BEADS);
            shifts[feature as usize] = (here / rate).ln();
        }
        let share = |feature: BandFeature, sentences: f64| {
            (expected.of_feature[feature as usize] + PRIOR_BEADS * NULL_RATE) / (sentences + PRIOR_BEADS)
        };
        let Both { source, target } = expected.sentences;
        let null_shares = Both::new(share(BandFeature::Omission, source), share(BandFeature::Addition, target));
        Self { shifts, null_shares }
    }

    /// The share of sentences of each side that have no counterpart in this document, 0..=1.
    pub fn null_shares(&self) -> Both<f64> {
        self.null_shares
    }

    /// The gain in log-potential of a bead of this kind, in nats; nothing for a null, whose gap has its own.
    pub fn of_kind(&self, kind: BeadKind) -> f64 {
        self.shifts[BandFeature::of_kind(kind) as usize]
    }

    /// The gain in log-potential of the beginning of a gap, in nats.
    pub fn of_gap_opening(&self) -> f64 {
        self.shifts[BandFeature::GapOpening as usize]
    }
}

/// The expected counts of beads of each kind, and of gaps, in a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedCounts {
    of_feature: [f64; N_BAND_FEATURES],
    beads: f64,
    sentences: Both<f64>,
}

impl Default for ExpectedCounts {
    /// Counts of nothing at all.
    fn default() -> Self {
        Self { of_feature: [0.0; N_BAND_FEATURES], beads: 0.0, sentences: Both::new(0.0, 0.0) }
    }
}

impl ExpectedCounts {
    /// Adds a bead by its posterior, and by the probability that it is there and begins a gap.
    pub fn add(&mut self, kind: BeadKind, posterior: f64, opens_gap: f64) {
        self.of_feature[BandFeature::of_kind(kind) as usize] += posterior;
        self.of_feature[BandFeature::GapOpening as usize] += opens_gap;
        self.beads += posterior;
        self.sentences.source += posterior * kind.source as f64;
        self.sentences.target += posterior * kind.target as f64;
    }
}

/// The strength of the rates in training as a prior, in beads.
const PRIOR_BEADS: f64 = 30.0;

/// The share of sentences without a counterpart in an ordinary document.
pub(super) const NULL_RATE: f64 = 0.02;

/// The least rate, that of what never occurred in training.
const LEAST_RATE: f64 = 1e-4;

/// The features whose rates differ between documents.
const RATED: [BandFeature; 9] = [
    BandFeature::OneToOne,
    BandFeature::OneToTwo,
    BandFeature::TwoToOne,
    BandFeature::OneToThree,
    BandFeature::ThreeToOne,
    BandFeature::TwoToTwo,
    BandFeature::OneToMany,
    BandFeature::ManyToMany,
    BandFeature::GapOpening,
];

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::evidence::Passes;

    fn bundled() -> Passes {
        Passes::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap()
    }

    #[test]
    fn a_document_of_merged_sentences_leads_one_to_expect_more_of_them_and_fewer_gaps() {
        let mut expected = ExpectedCounts::default();
        for _ in 0..200 {
            expected.add(BeadKind { source: 2, target: 1 }, 1.0, 0.0);
        }
        let priors = Priors::of(&expected, &bundled().first);
        assert!(priors.of_kind(BeadKind { source: 2, target: 1 }) > 2.0);
        assert!(priors.of_kind(BeadKind::ONE_TO_ONE) < -1.0);
        assert!(priors.of_gap_opening() < -1.0);
        assert!(priors.of_kind(BeadKind { source: 1, target: 0 }).abs() < f64::EPSILON, "its gap pays for it");
    }

    #[test]
    fn nothing_aligned_changes_nothing() {
        assert_eq!(
            Priors::of(&ExpectedCounts::default(), &bundled().first).shifts.map(f64::to_bits),
            [0; N_BAND_FEATURES]
        );
    }
}
