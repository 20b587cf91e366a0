//! What a bead of the shortlist has of each feature.

use super::{
    priors::NULL_RATE,
    shortlist_features::{GivenFeature, N_SHORTLIST_FEATURES, ShortlistFeature},
};
use crate::{bead::BeadKind, both::Both};

/// Values of a bead's features in the later passes, by [`ShortlistFeature::index`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortlistFeatures(pub [f64; N_SHORTLIST_FEATURES]);

impl ShortlistFeatures {
    /// The features of a bead before any look, from its log-potential in the first pass, in nats.
    pub fn new(first_pass: f64, kind: BeadKind) -> Self {
        use GivenFeature as F;
        let mut features = Self([0.0; N_SHORTLIST_FEATURES]);
        features.set(F::FirstPass, first_pass);
        let of_kind = match (kind.source, kind.target) {
            (0, _) | (_, 0) => return features,
            (1, 1) => F::OneToOne,
            (1, 2) => F::OneToTwo,
            (2, 1) => F::TwoToOne,
            (1, _) => F::OneToMany,
            (_, 1) => F::ManyToOne,
            (2, 2) => F::TwoToTwo,
            _ => F::ManyToMany,
        };
        features.set(of_kind, 1);
        features
    }

    /// Sets what the document's own rates say of a null, from the share of sentences of each side without a
    /// counterpart, 0..=1.
    pub fn add_null_priors(&mut self, kind: BeadKind, shares: Both<f64>) {
        match kind {
            BeadKind { target: 0, .. } => self.set(GivenFeature::OmissionPrior, (shares.source / NULL_RATE).ln()),
            BeadKind { source: 0, .. } => self.set(GivenFeature::AdditionPrior, (shares.target / NULL_RATE).ln()),
            _ => {}
        }
    }

    /// The value of a feature; 0 before the look that finds it.
    pub fn get(&self, feature: impl Into<ShortlistFeature>) -> f64 {
        self.0[feature.into().index()]
    }

    pub(super) fn set(&mut self, feature: impl Into<ShortlistFeature>, value: impl Into<f64>) {
        self.0[feature.into().index()] = value.into();
    }
}
