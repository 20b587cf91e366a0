//! The features of a pair from forced decoding: how much likelier the target is, given the source.

use super::{
    bead_features::ShortlistFeatures,
    gain::{GAIN_UNIT, Gain, Least},
    shortlist_features::ForcedFeature,
};

/// Sets the features of a pair from forced decoding, by the gain of each sentence of its target.
pub fn add_forced(features: &mut ShortlistFeatures, sentences: &[Gain]) {
    let sum = Gain::sum(sentences);
    features.set(ForcedFeature::ForcedGain, sum.nats / GAIN_UNIT);
    features.set(ForcedFeature::ForcedGainPerPiece, sum.per_piece());
    features.set(ForcedFeature::ForcedGainRoot, sum.nats.max(0.0).sqrt());
    features.set(ForcedFeature::ForcedPieces, sum.pieces as f64 / GAIN_UNIT);
    if let Some(least) = Least::of(sentences) {
        features.set(ForcedFeature::ForcedLeastGain, (least.nats / GAIN_UNIT).min(1.0));
        features.set(ForcedFeature::ForcedLeastGainPerPiece, least.per_piece);
    }
}
