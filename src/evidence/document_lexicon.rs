//! The lexicon adapted to a document: IBM Model 1 (Brown et al. 1993), counted over the beads that a pass believes
//! in.
//!
//! A name or a favourite word of the document stands in no lexicon, but it comes again and again, and so does what it
//! was translated into. The beads with a posterior high enough are therefore counted as in training, with the lexicon
//! as the prior, as Moore (2002) does with a whole corpus. A bead must not vouch for itself: each part of the
//! document is judged by what the other parts teach.

mod direction;
mod gains;

use std::ops::Range;

use self::{
    direction::{Direction, Pieces, Taught},
    gains::{Gains, pair},
};
use super::{bead_features::ShortlistFeatures, gain::GAIN_UNIT, shortlist_features::LexiconFeature};
use crate::{
    bead::{BeadKind, Run},
    both::Both,
    lexicon::Lexicon,
    threads::of_each_large,
};

/// The number of source sentences that are counted together: some pages, and few enough for a table of all their
/// pieces.
const WINDOW: usize = 400;

/// The number of parts, each judged by the others, and of sentences in a row that belong to the same part.
const PARTS: usize = 4;
const PART_SENTENCES: usize = 12;

/// The number of EM iterations over the beads.
const COUNTS: usize = 3;

/// The least posterior of a bead that is counted.
const LEAST_TAUGHT: f64 = 0.3;

/// The distance in sentences at which a null looks for what it might translate.
const NEARBY: usize = 3;

/// Adds the gains of each bead to its features, by the lexicon and by the document's use of it.
///
/// `pieces` are those of each sentence; `posteriors` are those of the beads by the pass before, which stand in the
/// order of the text.
pub fn add_gains(
    lexicon: &Lexicon,
    pieces: &Both<Vec<Vec<u32>>>,
    beads: &[Both<Run>],
    posteriors: &[f64],
    features: &mut [ShortlistFeatures],
) {
    let window_of = |runs: &Both<Run>| (runs.source.start + runs.target.start) / (2 * WINDOW);
    let (mut posteriors, mut features) = (posteriors, features);
    let windows = beads.chunk_by(|one, next| window_of(one) == window_of(next)).map(|beads| {
        let (of_window, own);
        (of_window, posteriors) = posteriors.split_at(beads.len());
        (own, features) = std::mem::take(&mut features).split_at_mut(beads.len());
        (Window { lexicon, pieces, beads, posteriors: of_window }, own)
    });
    of_each_large(windows.collect::<Vec<_>>(), |(window, features)| window.explain(features));
}

/// The beads of a window, some pages of the document.
struct Window<'a> {
    lexicon: &'a Lexicon,
    pieces: &'a Both<Vec<Vec<u32>>>,
    beads: &'a [Both<Run>],
    posteriors: &'a [f64],
}

impl Window<'_> {
    fn explain(&self, features: &mut [ShortlistFeatures]) {
        let Both { source, target } = self.sentences();
        let lexicon = self.lexicon;
        let side = |all: &[Vec<u32>], range: &Range<usize>| Pieces::new(&all[range.clone()], range.start);
        let (source, target) = (side(&self.pieces.source, &source), side(&self.pieces.target, &target));
        let of_part = |part| (0..self.beads.len()).filter(|&bead| part_of(self.beads[bead]) == part).collect();
        let parts: [Vec<usize>; PARTS] = std::array::from_fn(of_part);
        // One direction after the other: each has a table of its own.
        for turned in [false, true] {
            let taught = self.taught(turned);
            let mut direction = if turned {
                Direction::new(&lexicon.backward, &lexicon.shares.source, &target, &source, &taught)
            } else {
                Direction::new(&lexicon.forward, &lexicon.shares.target, &source, &target, &taught)
            };
            for round in 0..COUNTS {
                direction.begin_count(round);
                direction.count(None, 1.0);
            }
            for (part, own) in parts.iter().enumerate() {
                direction.count(Some(part), -1.0);
                judge(&direction, turned, self.beads, own, features);
                direction.count(Some(part), 1.0);
            }
        }
    }

    /// The beads that are counted.
    fn taught(&self, turned: bool) -> Vec<Taught> {
        let is_taught =
            |(runs, posterior): &(&Both<Run>, &f64)| **posterior >= LEAST_TAUGHT && !BeadKind::of(**runs).is_null();
        let taught = |(&runs, &posterior): (&Both<Run>, &f64)| {
            let (given, told) = if turned { (runs.target, runs.source) } else { (runs.source, runs.target) };
            #[expect(clippy::cast_possible_truncation, reason = "a probability")]
            Taught { given, told, posterior: posterior as f32, part: part_of(runs) }
        };
        self.beads.iter().zip(self.posteriors).filter(is_taught).map(taught).collect()
    }

    /// The ranges of the sentences that its beads have on each side, and of those nearby.
    fn sentences(&self) -> Both<Range<usize>> {
        let range = |run: fn(&Both<Run>) -> Run, n_sentences: usize| {
            let first = self.beads.iter().map(|runs| run(runs).start).min().unwrap_or(0);
            let end = self.beads.iter().map(|runs| run(runs).end).max().unwrap_or(0);
            first.saturating_sub(NEARBY)..(end + NEARBY).min(n_sentences)
        };
        Both::new(
            range(|runs| runs.source, self.pieces.source.len()),
            range(|runs| runs.target, self.pieces.target.len()),
        )
    }
}

fn part_of(runs: Both<Run>) -> usize {
    runs.source.start / PART_SENTENCES % PARTS
}

/// Adds to the features of its `own` beads, those of one part of the document, what one direction gives by counts of the others.
fn judge(
    direction: &Direction<'_>,
    turned: bool,
    beads: &[Both<Run>],
    own: &[usize],
    features: &mut [ShortlistFeatures],
) {
    use LexiconFeature as F;
    const TARGET: [LexiconFeature; 9] = [
        F::TargetGain,
        F::TargetGainPerPiece,
        F::TargetGainRoot,
        F::TargetPieces,
        F::TargetLeastGain,
        F::TargetLeastGainPerPiece,
        F::TargetUnexplained,
        F::TargetBefore,
        F::TargetAfter,
    ];
    const SOURCE: [LexiconFeature; 9] = [
        F::SourceGain,
        F::SourceGainPerPiece,
        F::SourceGainRoot,
        F::SourcePieces,
        F::SourceLeastGain,
        F::SourceLeastGainPerPiece,
        F::SourceUnexplained,
        F::SourceBefore,
        F::SourceAfter,
    ];
    let (of_pair, of_null) = if turned {
        (SOURCE, [F::OmissionGain, F::OmissionGainPerPiece])
    } else {
        (TARGET, [F::AdditionGain, F::AdditionGainPerPiece])
    };
    let mut gains = Gains::new(direction);
    for &bead in own {
        let (Both { source, target }, features) = (beads[bead], &mut features[bead]);
        let (given, told) = if turned { (target, source) } else { (source, target) };
        if given.is_empty() {
            set(features, of_null, gains.nearby(told.start, given.start));
        } else if !told.is_empty() {
            pair(&mut gains, given, told, of_pair, features);
        }
    }
}

fn set(features: &mut ShortlistFeatures, names: [LexiconFeature; 2], gain: Option<(f64, f64)>) {
    let (sum, per_piece) = gain.unwrap_or_default();
    features.set(names[0], sum / GAIN_UNIT);
    features.set(names[1], per_piece);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::tests::lexicon;

    fn one_to_one(n: usize) -> Vec<Both<Run>> {
        (0..n).map(|i| Both::new(Run::new(i, i + 1), Run::new(i, i + 1))).collect()
    }

    fn value(features: &ShortlistFeatures, feature: LexiconFeature) -> f64 {
        features.get(feature)
    }

    #[test]
    fn words_that_translate_each_other_gain_and_others_lose() {
        let lexicon = lexicon(100, &[(1, 51, 8), (2, 52, 8)]);
        let pieces = Both::new(vec![vec![1], vec![2]], vec![vec![51], vec![53]]);
        let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); 2];
        add_gains(&lexicon, &pieces, &one_to_one(2), &[0.0, 0.0], &mut features);
        assert!(value(&features[0], LexiconFeature::TargetGain) > 0.3);
        assert!(value(&features[0], LexiconFeature::SourceGain) > 0.3);
        assert!(value(&features[1], LexiconFeature::TargetGain) < -0.1);
        assert!(value(&features[1], LexiconFeature::TargetUnexplained) > 0.05);
    }

    #[test]
    fn a_name_that_the_lexicon_does_not_know_is_learnt_from_the_rest_of_the_document() {
        let lexicon = lexicon(1000, &[]);
        // 7 is always 507, in sentences that share nothing else.
        let n = 60;
        let side = |name: u32, first: u32| (0..n).map(|i| vec![name, first + i]).collect::<Vec<_>>();
        let pieces = Both::new(side(7, 100), side(507, 600));
        let gain = |posterior: f64| {
            let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); n as usize];
            add_gains(&lexicon, &pieces, &one_to_one(n as usize), &vec![posterior; n as usize], &mut features);
            value(&features[30], LexiconFeature::TargetGain)
        };
        assert!(gain(0.9) > gain(0.1) + 0.2, "{} {}", gain(0.9), gain(0.1));
    }

    #[test]
    fn a_bead_does_not_vouch_for_itself() {
        let lexicon = lexicon(1000, &[]);
        let pieces = Both::new(vec![vec![1, 2, 3]], vec![vec![501, 502, 503]]);
        let gain = |posterior: f64| {
            let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE)];
            add_gains(&lexicon, &pieces, &one_to_one(1), &[posterior], &mut features);
            value(&features[0], LexiconFeature::TargetGain)
        };
        assert!((gain(1.0) - gain(0.0)).abs() < 1e-4, "{} {}", gain(1.0), gain(0.0));
    }

    #[test]
    fn words_that_belong_across_the_border_say_so() {
        let lexicon = lexicon(100, &[(1, 51, 8), (2, 52, 8), (3, 53, 8)]);
        // The second target sentence begins with what the first source sentence ends with.
        let pieces = Both::new(vec![vec![1, 2], vec![3]], vec![vec![51], vec![52, 53]]);
        let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); 2];
        add_gains(&lexicon, &pieces, &one_to_one(2), &[0.0, 0.0], &mut features);
        assert!(value(&features[1], LexiconFeature::TargetBefore) > 0.2);
        assert!(value(&features[0], LexiconFeature::SourceAfter) > 0.2);
        assert!(value(&features[0], LexiconFeature::TargetAfter).abs() < 1e-9);
    }

    #[test]
    fn a_null_bead_knows_what_it_might_have_been() {
        let lexicon = lexicon(100, &[(1, 51, 8)]);
        let pieces = Both::new(vec![vec![1], vec![2], vec![]], vec![vec![51]]);
        let null = |i: usize| Both::new(Run::new(i, i + 1), Run::new(0, 0));
        let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); 3];
        add_gains(&lexicon, &pieces, &[null(0), null(1), null(2)], &[0.0; 3], &mut features);
        let gain = |bead: usize| value(&features[bead], LexiconFeature::OmissionGain);
        assert!(gain(0) > 0.3 && gain(1) < 0.0, "{} {}", gain(0), gain(1));
        assert!(gain(2).abs() < 1e-9, "without pieces there is nothing to gain");
    }

    #[test]
    fn a_long_document_is_judged_window_by_window() {
        let lexicon = lexicon(100, &[(1, 51, 8)]);
        let n = 2 * WINDOW + 50;
        let pieces = Both::new(vec![vec![1]; n], vec![vec![51]; n]);
        let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); n];
        add_gains(&lexicon, &pieces, &one_to_one(n), &vec![0.5; n], &mut features);
        assert!(features.iter().all(|features| value(features, LexiconFeature::TargetGain) > 0.3));
    }
}
