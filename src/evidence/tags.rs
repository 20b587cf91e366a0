//! The features of a pair from the tagger: how much of each side the other has.

use super::{
    bead_features::ShortlistFeatures, gain::GAIN_UNIT, log_odds::probability, shortlist_features::TaggerFeature,
};
use crate::{both::Both, tokenizer::by_sentence};

/// The cap of the log-odds, in nats: beyond it they are no surer.
pub(crate) const SUREST: f32 = 8.0;

/// The number of pieces at the border of a pair that are looked at by themselves: they may belong to its neighbours.
pub(super) const BORDER: usize = 4;

/// Sets the features of a pair from the tagger, by the log-odds that each piece of each side is covered, in nats.
/// `lengths` are the numbers of pieces of each sentence.
pub fn add_tags(features: &mut ShortlistFeatures, tags: &Both<Vec<f32>>, lengths: &Both<Vec<usize>>) {
    use TaggerFeature as F;
    const SOURCE: [TaggerFeature; 6] =
        [F::SourceTags, F::SourceTagsPerPiece, F::SourceLeastTags, F::SourceUncovered, F::SourceFirst, F::SourceLast];
    const TARGET: [TaggerFeature; 6] =
        [F::TargetTags, F::TargetTagsPerPiece, F::TargetLeastTags, F::TargetUncovered, F::TargetFirst, F::TargetLast];
    for (names, tags, lengths) in [(SOURCE, &tags.source, &lengths.source), (TARGET, &tags.target, &lengths.target)] {
        for (name, value) in names.into_iter().zip(side(tags, lengths)) {
            features.set(name, value);
        }
    }
}

/// Log-odds that are no surer than the surest.
pub(super) fn capped(tag: f32) -> f64 {
    f64::from(tag.clamp(-SUREST, SUREST))
}

/// The mean; 0 of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len().max(1) as f64
}

fn side(tags: &[f32], lengths: &[usize]) -> [f64; 6] {
    let tags: Vec<f64> = tags.iter().copied().map(capped).collect();
    let means: Vec<f64> = by_sentence(&tags, lengths.iter().copied()).map(mean).collect();
    let least = if means.len() > 1 { means.iter().copied().fold(f64::INFINITY, f64::min) } else { 0.0 };
    let uncovered: f64 = tags.iter().map(|tag| probability(-tag)).sum();
    let border = BORDER.min(tags.len());
    [
        means.iter().sum(),
        mean(&tags),
        least,
        uncovered / GAIN_UNIT,
        mean(&tags[..border]),
        mean(&tags[tags.len() - border..]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bead::BeadKind;

    fn features(source: &[f32], target: &[f32], lengths: [&[usize]; 2]) -> impl Fn(TaggerFeature) -> f64 {
        let mut features = ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE);
        let lengths = Both::new(lengths[0].to_vec(), lengths[1].to_vec());
        add_tags(&mut features, &Both::new(source.to_vec(), target.to_vec()), &lengths);
        move |feature| features.get(feature)
    }

    #[test]
    fn the_sentence_that_is_not_covered_stands_out() {
        let of = features(&[4.0, 4.0], &[4.0, 4.0, 4.0, 4.0, -4.0, -4.0], [&[2], &[4, 2]]);
        assert!((of(TaggerFeature::TargetLeastTags) + 4.0).abs() < 1e-9);
        assert!((of(TaggerFeature::TargetFirst) - 4.0).abs() < 1e-9);
        assert!(of(TaggerFeature::TargetLast).abs() < 1e-9, "half of the last four pieces");
        assert!(of(TaggerFeature::TargetTags).abs() < 1e-9, "one sentence each way");
        assert!((of(TaggerFeature::TargetUncovered) - 0.2).abs() < 0.01, "two pieces, in tens");
        assert!(of(TaggerFeature::SourceLeastTags).abs() < f64::EPSILON, "a single sentence has no least");
    }

    #[test]
    fn no_tag_is_surer_than_the_surest_and_none_is_needed() {
        let of = features(&[f32::MAX, f32::MAX], &[], [&[2], &[0, 3]]);
        assert!((of(TaggerFeature::SourceTagsPerPiece) - f64::from(SUREST)).abs() < 1e-9);
        assert!(TaggerFeature::ALL.into_iter().all(|feature| of(feature).is_finite()));
    }
}
