//! What each feature is worth: the whole of what the aligner believes.
//!
//! Trained by maximum likelihood on synthetic documents: neighbouring pairs of the training text, with sentences split,
//! joined, deleted and inserted at rates that differ by document, and words dropped and exchanged to stand for free
//! translation; one document in nine goes on in English where its Chinese ends. No gold alignment was trained on. The
//! training text has no paragraphs, so their two weights are set by hand: a break is a hint, worth less than a
//! sentence. By hand, on the development sets, are also 1.5 of `CosineMass` and −3 of `BaselineMass`: in novels the
//! trained values gave up pairs too early (strict F1 .864 without, .873 with). All belong to the embeddings of the
//! bundle `zh-en`.

use super::features::{Feature, Features, N_FEATURES};
use crate::bead::{Alignment, BeadKind};

/// The weight of each feature, in nats of log-potential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights([f64; N_FEATURES]);

impl Weights {
    /// Weights in the order of [`Feature`].
    pub const fn new(weights: [f64; N_FEATURES]) -> Self {
        Self(weights)
    }

    /// The log-potential of a bead with these features.
    pub fn potential(&self, features: &Features) -> f64 {
        self.0.iter().zip(&features.0).map(|(weight, value)| weight * value).sum()
    }

    /// The log-potential of beginning a gap.
    pub fn gap_opening(&self) -> f64 {
        self.0[Feature::GapOpening as usize]
    }
}

/// How much more likely beads of a kind, and gaps, are in a document than in training: a novel joins two sentences in
/// five, a magazine leaves nothing out, a news site cuts.
#[derive(Debug, Clone, Copy)]
pub struct Priors {
    shifts: [f64; N_FEATURES],
}

impl Priors {
    /// Those of a document that is aligned like this: the log of the rate here over the rate in training. The latter
    /// counts as a few more beads, so that a short document moves little.
    pub fn of(alignment: &Alignment) -> Self {
        let beads = alignment.beads();
        let opens_gap = |at: usize| !beads[at].is_pair() && (at == 0 || beads[at - 1].is_pair());
        let mut shifts = [0.0; N_FEATURES];
        for (feature, rate) in TRAINING_RATES {
            let count = match feature {
                Feature::GapOpening => (0..beads.len()).filter(|&at| opens_gap(at)).count(),
                kind => beads.iter().filter(|bead| Feature::of_kind(bead.kind()) == kind).count(),
            };
            let here = (count as f64 + PRIOR_BEADS * rate) / (beads.len() as f64 + PRIOR_BEADS);
            shifts[feature as usize] = (here / rate).ln();
        }
        Self { shifts }
    }

    /// What a bead of this kind gains in log-potential; nothing for a null, whose gap has its own.
    pub fn of_kind(&self, kind: BeadKind) -> f64 {
        self.shifts[Feature::of_kind(kind) as usize]
    }

    /// What the beginning of a gap gains in log-potential.
    pub fn of_gap_opening(&self) -> f64 {
        self.shifts[Feature::GapOpening as usize]
    }
}

/// How many beads' worth of evidence the rates in training are.
const PRIOR_BEADS: f64 = 30.0;

/// Beads of each kind, and gaps, per bead in the training documents.
const TRAINING_RATES: [(Feature, f64); 9] = [
    (Feature::OneToOne, 0.596),
    (Feature::OneToTwo, 0.0943),
    (Feature::TwoToOne, 0.0434),
    (Feature::OneToThree, 0.0098),
    (Feature::ThreeToOne, 0.0017),
    (Feature::TwoToTwo, 0.0015),
    (Feature::OneToMany, 0.0018),
    (Feature::ManyToMany, 0.0005),
    (Feature::GapOpening, 0.066),
];

/// The weights for the default bundle.
impl Default for Weights {
    fn default() -> Self {
        let mut weights = [0.0; N_FEATURES];
        for (feature, weight) in TRAINED {
            weights[feature as usize] = weight;
        }
        Self(weights)
    }
}

const TRAINED: [(Feature, f64); N_FEATURES] = [
    (Feature::OneToOne, 1.747),
    (Feature::OneToTwo, 1.573),
    (Feature::TwoToOne, 0.930),
    (Feature::OneToThree, 1.299),
    (Feature::ThreeToOne, 0.171),
    (Feature::TwoToTwo, -0.437),
    (Feature::OneToMany, 1.526),
    (Feature::ManyToMany, -1.641),
    (Feature::Size, -1.338),
    (Feature::Cosine, 4.972),
    (Feature::CosineMass, 3.260),
    (Feature::BaselineMass, -4.288),
    (Feature::LevelMass, 0.005),
    (Feature::NeighbourMass, -1.483),
    (Feature::NeighbourMax, 0.571),
    (Feature::EdgeGain, 5.228),
    (Feature::ExtensionGain, -3.343),
    (Feature::WordCosine, 2.547),
    (Feature::WordMass, -0.052),
    (Feature::WordNeighbourMass, -0.782),
    (Feature::WordEdgeGain, 0.767),
    (Feature::WordExtensionGain, -1.601),
    (Feature::AnchorCosine, 2.111),
    (Feature::AnchorMismatch, -0.029),
    (Feature::MarkMismatch, -0.023),
    (Feature::MarkMismatchMass, 0.023),
    (Feature::LengthSquare, -0.255),
    (Feature::Length, -0.584),
    (Feature::ParagraphsJoined, -0.500),
    (Feature::ParagraphSkew, -0.700),
    (Feature::Omission, 0.213),
    (Feature::OmissionBest, -1.816),
    (Feature::OmissionWordBest, -1.371),
    (Feature::OmissionLength, -0.052),
    (Feature::OmissionBaseline, 2.381),
    (Feature::OmissionLevel, 0.959),
    (Feature::Addition, -1.550),
    (Feature::AdditionBest, -1.008),
    (Feature::AdditionWordBest, -1.591),
    (Feature::AdditionLength, 0.762),
    (Feature::AdditionBaseline, -0.018),
    (Feature::AdditionLevel, -0.815),
    (Feature::GapOpening, -3.537),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bead::Bead, both::Both, document::Run};

    #[test]
    fn a_document_of_merged_sentences_leads_one_to_expect_more_of_them_and_fewer_gaps() {
        let two_to_one =
            |at: usize| Bead { runs: Both::new(Run::new(2 * at, 2 * at + 2), Run::new(at, at + 1)), confidence: 1.0 };
        let priors = Priors::of(&Alignment::new((0..200).map(two_to_one).collect()));
        assert!(priors.of_kind(BeadKind { source: 2, target: 1 }) > 2.0);
        assert!(priors.of_kind(BeadKind { source: 1, target: 1 }) < -1.0);
        assert!(priors.of_gap_opening() < -1.0);
        assert!(priors.of_kind(BeadKind { source: 1, target: 0 }).abs() < f64::EPSILON, "its gap pays for it");
    }

    #[test]
    fn nothing_aligned_changes_nothing() {
        assert_eq!(Priors::of(&Alignment::default()).shifts.map(f64::to_bits), [0; N_FEATURES]);
    }
}
