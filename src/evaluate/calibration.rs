//! Calibration of confidences against gold, how far they are to be trusted: the reliability diagram and its error.
//!
//! Confidences are calibrated if, of the beads that are given 0.8, four in five are right. The beads are put into
//! [`BINS`] bins of equal width by their confidence, and each bin's mean confidence is held against the share of its
//! beads that is right (Guo et al. 2017, "On Calibration of Modern Neural Networks",
//! <https://arxiv.org/abs/1706.04599>, section 2). The expected calibration error is Σ share of the beads × |mean
//! confidence − share right| over the bins.
//!
//! **Right** is a bead that gold has exactly, as in aligner-eval's precision ([`score()`](super::score())), which so
//! is the share right of all bins together. Null beads count like others, and each as one: where gold has two omitted
//! sentences in one bead, two beads of one sentence are both wrong, and the other way round. Beads that are empty on
//! both sides mean nothing and are dropped.

use std::{collections::HashSet, ops::AddAssign};

use super::Link;

/// The number of bins; ten as in the paper's diagrams (its tables have fifteen, which leaves too few beads in each).
pub const BINS: usize = 10;

/// A bin: the beads whose confidences are alike.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Bin {
    /// The number of beads.
    pub beads: usize,
    /// The number of beads that are right.
    pub right: usize,
    /// The sum of the confidences.
    confidences: f64,
}

impl Bin {
    /// The mean of the confidences, 0..=1; none where there is no bead.
    pub fn mean_confidence(self) -> Option<f64> {
        (self.beads > 0).then(|| self.confidences / self.beads as f64)
    }

    /// The share of the beads that is right, 0..=1; none where there is no bead.
    pub fn share_right(self) -> Option<f64> {
        (self.beads > 0).then(|| self.right as f64 / self.beads as f64)
    }
}

/// The reliability diagram.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Calibration {
    /// The bins, from the least sure to the surest.
    pub bins: [Bin; BINS],
}

impl Calibration {
    /// Each bin with the confidences that it is for: above the first number (from it on, in the first bin), up to the
    /// second.
    pub fn bounded(&self) -> impl Iterator<Item = (f64, f64, Bin)> {
        let bound = |index: usize| index as f64 / BINS as f64;
        self.bins.into_iter().enumerate().map(move |(index, bin)| (bound(index), bound(index + 1), bin))
    }

    /// The expected calibration error, 0..=1; none where there is no bead.
    pub fn expected_error(&self) -> Option<f64> {
        let beads: usize = self.bins.iter().map(|bin| bin.beads).sum();
        let deviations = self.bins.iter().map(|bin| (bin.confidences - bin.right as f64).abs());
        (beads > 0).then(|| deviations.sum::<f64>() / beads as f64)
    }
}

impl AddAssign for Calibration {
    fn add_assign(&mut self, other: Self) {
        for (bin, other) in self.bins.iter_mut().zip(other.bins) {
            bin.beads += other.beads;
            bin.right += other.right;
            bin.confidences += other.confidences;
        }
    }
}

/// Sorts the beads of one document into bins. The ids of each side of a link must be ascending, confidences 0..=1.
pub fn calibration(gold: &[Link], test: &[(Link, f64)]) -> Calibration {
    let gold: HashSet<&Link> = gold.iter().collect();
    let mut calibration = Calibration::default();
    for (link, confidence) in test.iter().filter(|(link, _)| link.source.len() + link.target.len() > 0) {
        let bin = &mut calibration.bins[bin_of(*confidence)];
        bin.beads += 1;
        bin.right += usize::from(gold.contains(link));
        bin.confidences += *confidence;
    }
    calibration
}

/// The bin above whose lower bound a confidence lies, and not above its upper one; 0 belongs to the first.
fn bin_of(confidence: f64) -> usize {
    (0..BINS).find(|&index| confidence <= (index + 1) as f64 / BINS as f64).unwrap_or(BINS - 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{both::Both, evaluate::score};

    /// One pair of sentences each, `right` or not.
    fn pairs(confidences: &[(f64, bool)]) -> (Vec<Link>, Vec<(Link, f64)>) {
        let link = |source, target| Both::new(vec![source], vec![target]);
        let gold = (0..confidences.len()).map(|at| link(at, at)).collect();
        let test = confidences.iter().enumerate();
        (gold, test.map(|(at, &(confidence, right))| (link(at, if right { at } else { at + 1 }), confidence)).collect())
    }

    #[test]
    fn a_case_counted_by_hand() {
        let beads = [(1.0, true), (0.98, true), (0.92, false), (0.5, true), (0.45, false), (0.1, false)];
        let (gold, test) = pairs(&beads);
        let found = calibration(&gold, &test);
        let shown: Vec<_> = found.bins.iter().map(|bin| (bin.beads, bin.right)).collect();
        assert_eq!(shown, [(1, 0), (0, 0), (0, 0), (0, 0), (2, 1), (0, 0), (0, 0), (0, 0), (0, 0), (3, 2)]);
        // |0.1 − 0| + |0.95 − 1| + |2.90 − 2|, over six beads.
        assert!((found.expected_error().unwrap() - 1.05 / 6.0).abs() < 1e-12);
        assert!((found.bins[9].mean_confidence().unwrap() - 2.9 / 3.0).abs() < 1e-12);
        assert_eq!((found.bins[4].share_right(), found.bins[1].share_right()), (Some(0.5), None));
    }

    #[test]
    fn a_confidence_on_a_bound_belongs_to_the_bin_below_it() {
        for (confidence, bin) in [(0.0, 0), (0.1, 0), (0.1001, 1), (0.3, 2), (0.6, 5), (0.7, 6), (0.9, 8), (1.0, 9)] {
            assert_eq!(bin_of(confidence), bin, "{confidence}");
        }
    }

    #[test]
    fn null_beads_are_right_as_gold_has_them_and_empty_ones_are_dropped() {
        let link = |source: &[usize]| Both::new(source.to_vec(), Vec::new());
        let gold = [link(&[0]), link(&[1, 2])];
        let test = [link(&[0]), link(&[1]), link(&[2]), link(&[])];
        let found = calibration(&gold, &test.map(|link| (link, 0.75)));
        assert_eq!((found.bins[7].beads, found.bins[7].right), (3, 1));
    }

    #[test]
    fn nothing_has_no_error() {
        assert_eq!(Calibration::default().expected_error(), None);
    }

    proptest! {
        #[test]
        fn the_share_right_is_the_strict_precision(beads in prop::collection::vec((0.0..=1.0, any::<bool>()), 1..40)) {
            let (gold, test) = pairs(&beads);
            let strict = score(&gold, &test.iter().map(|(link, _)| link.clone()).collect::<Vec<_>>()).strict;
            let found = calibration(&gold, &test);
            let counted = found.bins.iter().fold((0, 0), |(right, all), bin| (right + bin.right, all + bin.beads));
            prop_assert_eq!(counted, (strict.right, strict.test));
            prop_assert!((0.0..=1.0).contains(&found.expected_error().unwrap()));
        }

        #[test]
        fn each_bin_holds_what_lies_within_its_bounds(confidence in 0.0..=1.0) {
            let (gold, test) = pairs(&[(confidence, true)]);
            let (lower, upper, bin) = calibration(&gold, &test).bounded().find(|(.., bin)| bin.beads > 0).unwrap();
            prop_assert!((lower..=upper).contains(&bin.mean_confidence().unwrap()));
        }
    }
}
