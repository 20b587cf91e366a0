//! The levels of a document: how well its pairs explain each other. Free translation explains less than close
//! translation does, in wrong pairs and in right ones, so that what a bead has says little without what others have.

use super::{
    bead_features::ShortlistFeatures,
    shortlist_features::{LexiconFeature, Look, ShortlistFeature, TaggerFeature},
};
use crate::{
    bead::{BeadKind, Run},
    both::Both,
};

/// The number of pairs of the usual level that are added to those of the document.
const USUAL: f64 = 3.0;

/// A measure of pairs whose level differs from document to document.
struct Measure {
    of_pair: ShortlistFeature,
    /// The level of the documents that weights are learnt from.
    usual: f64,
    /// The features of a pair that tell it the level: as it is, and for each further sentence of the source and of the
    /// target.
    level: [ShortlistFeature; 3],
}

impl Measure {
    fn new<F: Into<ShortlistFeature>>(of_pair: F, usual: f64, level: [F; 3]) -> Self {
        Self { of_pair: of_pair.into(), usual, level: level.map(Into::into) }
    }

    /// The measures that a look takes.
    fn of(look: Look) -> Vec<Self> {
        use LexiconFeature as L;
        use TaggerFeature as T;
        match look {
            Look::Lexicon => vec![
                Self::new(
                    L::TargetGainPerPiece,
                    0.8,
                    [L::TargetGainLevel, L::TargetGainLevelBySource, L::TargetGainLevelByTarget],
                ),
                Self::new(
                    L::SourceGainPerPiece,
                    0.8,
                    [L::SourceGainLevel, L::SourceGainLevelBySource, L::SourceGainLevelByTarget],
                ),
            ],
            Look::Tagger => vec![
                Self::new(
                    T::SourceTagsPerPiece,
                    3.5,
                    [T::SourceTagsLevel, T::SourceTagsLevelBySource, T::SourceTagsLevelByTarget],
                ),
                Self::new(
                    T::TargetTagsPerPiece,
                    3.5,
                    [T::TargetTagsLevel, T::TargetTagsLevelBySource, T::TargetTagsLevelByTarget],
                ),
            ],
            Look::ForcedDecoding => Vec::new(),
        }
    }
}

/// Tells each pair the levels of what `look` has found, as the pairs with the numbers `sure` show them.
pub fn add_levels(look: Look, beads: &[Both<Run>], sure: &[usize], features: &mut [ShortlistFeatures]) {
    for measure in Measure::of(look) {
        let sum: f64 = sure.iter().map(|&number| features[number].get(measure.of_pair)).sum();
        let level = (sum + USUAL * measure.usual) / (sure.len() as f64 + USUAL);
        for (&runs, features) in beads.iter().zip(&mut *features) {
            let kind = BeadKind::of(runs);
            if !kind.is_null() {
                let times = [1.0, (kind.source - 1) as f64, (kind.target - 1) as f64];
                for (feature, times) in measure.level.into_iter().zip(times) {
                    features.set(feature, level * times);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(kinds: &[(usize, usize)], per_piece: &[f64]) -> (Vec<Both<Run>>, Vec<ShortlistFeatures>) {
        let beads: Vec<_> = kinds.iter().map(|&(n, m)| Both::new(Run::new(0, n), Run::new(0, m))).collect();
        let of_bead = |(&runs, &value): (&Both<Run>, &f64)| {
            let mut features = ShortlistFeatures::new(0.0, BeadKind::of(runs));
            features.set(TaggerFeature::SourceTagsPerPiece, value);
            features
        };
        let features = beads.iter().zip(per_piece).map(of_bead).collect();
        (beads, features)
    }

    #[test]
    fn a_pair_is_told_what_the_sure_ones_have_as_often_as_it_has_sentences() {
        let (beads, mut features) = features(&[(1, 1), (2, 3), (1, 0)], &[1.0, 9.0, 0.0]);
        add_levels(Look::Tagger, &beads, &[0], &mut features);
        let told = |number: usize| {
            let names = [
                TaggerFeature::SourceTagsLevel,
                TaggerFeature::SourceTagsLevelBySource,
                TaggerFeature::SourceTagsLevelByTarget,
            ];
            names.map(|name| format!("{:.3}", features[number].get(name)))
        };
        // One pair of 1 and three of 3.5.
        assert_eq!(told(0), ["2.875", "0.000", "0.000"]);
        assert_eq!(told(1), ["2.875", "2.875", "5.750"]);
        assert_eq!(told(2), ["0.000"; 3], "a null explains nothing");
    }

    #[test]
    fn where_nothing_is_sure_the_level_is_the_usual_one() {
        let (beads, mut features) = features(&[(1, 1)], &[-4.0]);
        add_levels(Look::Tagger, &beads, &[], &mut features);
        assert!((features[0].get(TaggerFeature::SourceTagsLevel) - 3.5).abs() < 1e-12);
    }
}
