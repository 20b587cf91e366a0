//! The features of a bead from its surroundings: what of each side is covered there, whichever bead it belongs to.

use super::{
    bead_features::ShortlistFeatures,
    gain::GAIN_UNIT,
    log_odds::probability,
    shortlist_features::TaggerFeature,
    tags::{BORDER, capped, mean},
};
use crate::{bead::Run, both::Both, tokenizer::by_sentence};

/// What the tagger says of a sentence beside the sentences around it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Around {
    /// The log-odds that each piece is covered there, in nats; of the last ones it may be unknown.
    pub tags: Vec<f32>,
    /// Of each of these pieces, the share of its links that goes to each sentence of `others`, 0..=1, together at most 1.
    /// Nothing where no links are known.
    pub links: Vec<Vec<f32>>,
    /// The sentences of the other side there.
    pub others: Run,
}

/// Sets the features of a pair that say where else its pieces are covered, from the log-odds of each of its pieces in the
/// pair. What is not known of its sentences beside those `around` is left out. `lengths` are the numbers of pieces of each sentence.
pub fn add_surroundings(
    features: &mut ShortlistFeatures,
    tags: &Both<Vec<f32>>,
    around: Both<&[Around]>,
    lengths: &Both<Vec<usize>>,
) {
    use TaggerFeature as F;
    const SOURCE: [TaggerFeature; 4] =
        [F::SourceElsewhere, F::SourceNowhere, F::SourceFirstElsewhere, F::SourceLastElsewhere];
    const TARGET: [TaggerFeature; 4] =
        [F::TargetElsewhere, F::TargetNowhere, F::TargetFirstElsewhere, F::TargetLastElsewhere];
    let sides = [
        (SOURCE, &tags.source, around.source, &lengths.source),
        (TARGET, &tags.target, around.target, &lengths.target),
    ];
    for (names, tags, around, lengths) in sides {
        for (name, value) in names.into_iter().zip(beyond(tags, around, lengths)) {
            features.set(name, value);
        }
    }
}

/// Sets the features of a null that say how far its surroundings cover its sentences. `around` is what the tagger says of
/// each of them beside the sentences around.
pub fn add_null_surroundings(features: &mut ShortlistFeatures, around: Both<&[Around]>) {
    use TaggerFeature as F;
    let sides = [
        (F::OmissionTagsAround, F::OmissionUncoveredAround, around.source),
        (F::AdditionTagsAround, F::AdditionUncoveredAround, around.target),
    ];
    for (per_piece, uncovered, around) in sides {
        let tags: Vec<f64> = around.iter().flat_map(|around| around.tags.iter().copied()).map(capped).collect();
        features.set(per_piece, mean(&tags));
        features.set(uncovered, mean(&tags.iter().map(|&tag| 1.0 - probability(tag)).collect::<Vec<_>>()));
    }
}

/// The expected numbers of pieces that are covered by the surroundings only, and of those that are not even there, in
/// units of features; and the shares of the first and of the last pieces that are covered by the surroundings only.
fn beyond(tags: &[f32], around: &[Around], lengths: &[usize]) -> [f64; 4] {
    let sentences = around.iter().zip(by_sentence(tags, lengths.iter().copied()));
    let pieces = sentences.flat_map(|(around, own)| own.iter().zip(&around.tags));
    let covered = |&tag: &f32| probability(capped(tag));
    let pieces: Vec<(f64, f64)> = pieces.map(|(own, around)| (covered(own), covered(around))).collect();
    let elsewhere: Vec<f64> = pieces.iter().map(|(own, around)| (around - own).max(0.0)).collect();
    let nowhere: f64 = pieces.iter().map(|(_, around)| 1.0 - around).sum();
    let border = BORDER.min(elsewhere.len());
    [
        elsewhere.iter().sum::<f64>() / GAIN_UNIT,
        nowhere / GAIN_UNIT,
        mean(&elsewhere[..border]),
        mean(&elsewhere[elsewhere.len() - border..]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bead::BeadKind;

    fn of_tags(tags: &[f32]) -> Around {
        Around { tags: tags.to_vec(), ..Around::default() }
    }

    #[test]
    fn what_the_neighbours_cover_is_elsewhere_and_what_nobody_does_nowhere() {
        let mut features = ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE);
        // Of two sentences of the source the second is longer than was looked at.
        let tags = Both::new(vec![9.0, -9.0, -9.0, -9.0], vec![9.0, 9.0]);
        let around = Both::new(vec![of_tags(&[9.0, 9.0]), of_tags(&[-9.0])], vec![of_tags(&[-9.0, 9.0])]);
        let around = Both::new(&around.source[..], &around.target[..]);
        add_surroundings(&mut features, &tags, around, &Both::new(vec![2, 2], vec![2]));
        let of = |feature: TaggerFeature| (features.get(feature) * 10.0).round();
        assert!((of(TaggerFeature::SourceElsewhere) - 1.0).abs() < 1e-9);
        assert!((of(TaggerFeature::SourceNowhere) - 1.0).abs() < 1e-9);
        assert!(of(TaggerFeature::TargetElsewhere).abs() < 1e-9, "the pair itself covers it");
        assert!((of(TaggerFeature::TargetNowhere) - 1.0).abs() < 1e-9);
        let share = |feature| (features.get(feature) * 3.0).round();
        assert!((share(TaggerFeature::SourceFirstElsewhere) - 1.0).abs() < 1e-9, "one of the three that are known");
        assert!((share(TaggerFeature::SourceLastElsewhere) - 1.0).abs() < 1e-9);
        assert!(share(TaggerFeature::TargetFirstElsewhere).abs() < 1e-9);
    }

    #[test]
    fn a_null_that_its_surroundings_cover_is_told_from_one_that_nothing_covers() {
        let of = |tags: &[f32]| {
            let around = [of_tags(tags)];
            let mut features = ShortlistFeatures::new(0.0, BeadKind { source: 0, target: 1 });
            add_null_surroundings(&mut features, Both::new(&[], &around));
            move |feature: TaggerFeature| features.get(feature)
        };
        let (taken_in, free) = (of(&[8.0, 8.0, f32::MAX]), of(&[-8.0, 8.0, -8.0, -8.0]));
        assert!((taken_in(TaggerFeature::AdditionTagsAround) - 8.0).abs() < 1e-9);
        assert!(taken_in(TaggerFeature::AdditionUncoveredAround) < 0.001);
        assert!((free(TaggerFeature::AdditionTagsAround) + 4.0).abs() < 1e-9);
        assert!((free(TaggerFeature::AdditionUncoveredAround) - 0.75).abs() < 0.001);
        assert!(TaggerFeature::ALL.into_iter().all(|feature| of(&[])(feature).abs() < f64::EPSILON));
        assert!(free(TaggerFeature::OmissionTagsAround).abs() < f64::EPSILON, "the side that it has not");
    }
}
