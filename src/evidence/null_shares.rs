//! The share of nulls around a bead: in a stretch that was left out nothing should be paired, however similar it is.

use super::{bead_features::ShortlistFeatures, shortlist_features::LexiconFeature};
use crate::{
    bead::{BeadKind, Run},
    both::Both,
};

/// The number of sentences before and after a bead, on each side, that count as its surroundings.
const AROUND: usize = 12;

/// The number of ordinary sentences that are added to each surroundings, so that a few nulls are not taken for a
/// stretch.
const ORDINARY: f64 = 4.0;

/// Adds the share of nulls around each bead to its features, by the beads' posteriors.
pub fn add_null_shares(beads: &[Both<Run>], posteriors: &[f64], features: &mut [ShortlistFeatures]) {
    let nulls = Both::new(
        Nulls::new(beads, posteriors, |runs| (runs.source, runs.target)),
        Nulls::new(beads, posteriors, |runs| (runs.target, runs.source)),
    );
    for (&runs, features) in beads.iter().zip(features) {
        let (source, target) = (nulls.source.around(runs.source), nulls.target.around(runs.target));
        let share = (source.0 + target.0) / (source.1 + target.1 + ORDINARY);
        let is_null = BeadKind::of(runs).is_null();
        features.set(if is_null { LexiconFeature::NullAmongNulls } else { LexiconFeature::PairAmongNulls }, share);
    }
}

/// The expected number of nulls among the first sentences of one side, for each number of them.
struct Nulls {
    before: Vec<f64>,
}

impl Nulls {
    fn new(beads: &[Both<Run>], posteriors: &[f64], sides: fn(&Both<Run>) -> (Run, Run)) -> Self {
        let n_sentences = beads.iter().map(|runs| sides(runs).0.end).max().unwrap_or(0);
        let mut nulls = vec![0.0; n_sentences];
        for (runs, posterior) in beads.iter().zip(posteriors) {
            let (own, other) = sides(runs);
            if other.is_empty() {
                nulls[own.start] += posterior;
            }
        }
        let mut before = vec![0.0];
        for null in nulls {
            before.push(before.last().expect("it has its first") + null);
        }
        Self { before }
    }

    /// The expected number of nulls around a run, and the number of sentences there.
    fn around(&self, run: Run) -> (f64, f64) {
        let n_sentences = self.before.len() - 1;
        let (start, end) = (run.start.saturating_sub(AROUND), (run.end + AROUND).min(n_sentences));
        let nulls = |start: usize, end: usize| self.before[end] - self.before[start];
        let sentences = (end - start - run.len()) as f64;
        ((nulls(start, end) - nulls(run.start, run.end)).max(0.0), sentences)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_in_a_stretch_of_nulls_knows_it() {
        let pair = |i: usize, j: usize| Both::new(Run::new(i, i + 1), Run::new(j, j + 1));
        let omission = |i: usize| Both::new(Run::new(i, i + 1), Run::new(20, 20));
        let pairs = (0..20).map(|i| pair(i, i));
        let beads: Vec<_> = pairs.chain((20..60).map(omission)).chain([pair(40, 20)]).collect();
        let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); beads.len()];
        add_null_shares(&beads, &vec![1.0; beads.len()], &mut features);
        let value = |bead: usize, feature: LexiconFeature| features[bead].get(feature);
        assert!(value(0, LexiconFeature::PairAmongNulls) < 0.01);
        assert!(value(60, LexiconFeature::PairAmongNulls) > 0.5);
        assert!(value(45, LexiconFeature::NullAmongNulls) > 0.5);
    }

    #[test]
    fn nothing_around_is_nothing_known() {
        let alone = [Both::new(Run::new(0, 1), Run::new(0, 1))];
        let mut features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE)];
        add_null_shares(&alone, &[1.0], &mut features);
        assert!(features[0].get(LexiconFeature::PairAmongNulls).abs() < f64::EPSILON);
    }
}
