//! Scores of links against gold links: precision, recall and F1, by the two conventions that are published.
//!
//! **aligner-eval** (<https://github.com/bfsujason/aligner-eval>, `utils/eval.py`): a bead is right if gold has the
//! same bead. Every bead counts, those with an empty side ("null beads") too, in precision and in recall.
//!
//! **Vecalign** (<https://github.com/thompsonb/vecalign>, `score.py`, after <https://aclanthology.org/W11-4624/>),
//! strict and lax. In precision every test bead counts; a null bead is right if gold has the same. Recall is the same
//! with the roles exchanged, over gold beads without null beads, against test beads without null beads. Lax: a bead is
//! right already if it links some source sentence to some target sentence that the other side links too. So a null
//! bead that gold does not have is wrong in lax precision as well. Equal beads of one document count once.
//!
//! **Omissions** are source sentences in null beads, **additions** target sentences in null beads, each counted as one
//! sentence.
//!
//! Beads that are empty on both sides mean nothing and are dropped. Where nothing was counted there is no value (the
//! published programs print 0).

use std::{
    collections::{HashMap, HashSet},
    ops::AddAssign,
};

use super::Link;
use crate::both::Both;

/// The counts of one metric. Precision and recall are two questions, with an answer each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    /// The number of the test's beads or sentences that are right.
    pub right: usize,
    /// The number of the test's beads or sentences.
    pub test: usize,
    /// The number of gold beads or sentences that were found.
    pub found: usize,
    /// The number of gold beads or sentences.
    pub gold: usize,
}

impl Tally {
    /// The share of the test's that is right, 0..=1; none where the test has none.
    pub fn precision(self) -> Option<f64> {
        ratio(self.right, self.test)
    }

    /// The share of the gold's that was found, 0..=1; none where the gold has none.
    pub fn recall(self) -> Option<f64> {
        ratio(self.found, self.gold)
    }

    /// The harmonic mean of precision and recall, 0..=1; none where neither has a value, 0 where one has none.
    pub fn f1(self) -> Option<f64> {
        let (precision, recall) = (self.precision(), self.recall());
        precision.or(recall)?;
        let (precision, recall) = (precision.unwrap_or(0.0), recall.unwrap_or(0.0));
        let sum = precision + recall;
        Some(if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 })
    }

    fn of_sets(gold: &HashSet<usize>, test: &HashSet<usize>) -> Self {
        let both = gold.intersection(test).count();
        Self { right: both, test: test.len(), found: both, gold: gold.len() }
    }
}

fn ratio(part: usize, whole: usize) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.right += other.right;
        self.test += other.test;
        self.found += other.found;
        self.gold += other.gold;
    }
}

/// Every metric of an alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scores {
    /// Strict scores by aligner-eval, in beads.
    pub strict: Tally,
    /// Strict scores by Vecalign, in beads.
    pub vecalign_strict: Tally,
    /// Lax scores by Vecalign, in beads.
    pub vecalign_lax: Tally,
    /// Scores of source sentences that were left untranslated, in sentences.
    pub omissions: Tally,
    /// Scores of target sentences that translate nothing, in sentences.
    pub additions: Tally,
}

impl Scores {
    /// The metrics with the names by which outputs call them, in their order.
    pub fn named(&self) -> [(&'static str, Tally); 5] {
        [
            ("aligner-eval strict", self.strict),
            ("vecalign strict", self.vecalign_strict),
            ("vecalign lax", self.vecalign_lax),
            ("omissions", self.omissions),
            ("additions", self.additions),
        ]
    }
}

impl AddAssign for Scores {
    fn add_assign(&mut self, other: Self) {
        self.strict += other.strict;
        self.vecalign_strict += other.vecalign_strict;
        self.vecalign_lax += other.vecalign_lax;
        self.omissions += other.omissions;
        self.additions += other.additions;
    }
}

/// Scores the beads of one document. The ids of each side of a link must be ascending.
pub fn score(gold: &[Link], test: &[Link]) -> Scores {
    let (gold, test) = (Beads::new(gold), Beads::new(test));
    let (vecalign_strict, vecalign_lax) = vecalign(&gold, &test);
    let (in_gold, in_test) = (gold.unaligned(), test.unaligned());
    Scores {
        strict: aligner_eval(&gold, &test),
        vecalign_strict,
        vecalign_lax,
        omissions: Tally::of_sets(&in_gold.source, &in_test.source),
        additions: Tally::of_sets(&in_gold.target, &in_test.target),
    }
}

struct Beads<'l> {
    all: Vec<&'l Link>,
    set: HashSet<&'l Link>,
    /// The indices in `all` of the beads that a source sentence stands in.
    of_source: HashMap<usize, Vec<usize>>,
}

impl<'l> Beads<'l> {
    fn new(links: &'l [Link]) -> Self {
        let all: Vec<_> = links.iter().filter(|link| link.source.len() + link.target.len() > 0).collect();
        let mut of_source = HashMap::<usize, Vec<usize>>::new();
        for (position, link) in all.iter().enumerate() {
            for &sentence in &link.source {
                of_source.entry(sentence).or_default().push(position);
            }
        }
        Self { set: all.iter().copied().collect(), of_source, all }
    }

    /// Whether a bead links a source sentence and a target sentence of `link`.
    fn touch(&self, link: &Link) -> bool {
        // Found by way of the beads, for pairs of sentences would fill the memory where a damaged bead is huge.
        let positions = link.source.iter().filter_map(|sentence| self.of_source.get(sentence)).flatten();
        let mut beads = positions.collect::<HashSet<_>>().into_iter().map(|&position| self.all[position]);
        beads.any(|bead| bead.target.iter().any(|sentence| link.target.binary_search(sentence).is_ok()))
    }

    /// The sentences of each side that stand in null beads.
    fn unaligned(&self) -> Both<HashSet<usize>> {
        let mut unaligned = Both::<HashSet<usize>>::default();
        for link in self.all.iter().filter(|link| !is_pair(link)) {
            unaligned.source.extend(&link.source);
            unaligned.target.extend(&link.target);
        }
        unaligned
    }
}

fn is_pair(link: &Link) -> bool {
    !link.source.is_empty() && !link.target.is_empty()
}

fn aligner_eval(gold: &Beads<'_>, test: &Beads<'_>) -> Tally {
    let in_other =
        |beads: &Beads<'_>, other: &Beads<'_>| beads.all.iter().filter(|link| other.set.contains(*link)).count();
    // A bead that the test has twice is found once, so that no recall is above 1.
    let (right, found) = (in_other(test, gold), in_other(gold, test));
    Tally { right, test: test.all.len(), found, gold: gold.all.len() }
}

/// Strict and lax. Whether null beads are taken away from the side that is asked makes no difference to recall: a bead
/// with two sides never equals one, and they link nothing.
fn vecalign(gold: &Beads<'_>, test: &Beads<'_>) -> (Tally, Tally) {
    let gold_pairs: Vec<_> = gold.set.iter().copied().filter(|link| is_pair(link)).collect();
    let strict_in = |other: &Beads<'_>, link: &Link| other.set.contains(link);
    let lax_in = |other: &Beads<'_>, link: &Link| strict_in(other, link) || other.touch(link);
    let tally = |is_right: &dyn Fn(&Beads<'_>, &Link) -> bool| Tally {
        right: test.set.iter().filter(|link| is_right(gold, link)).count(),
        test: test.set.len(),
        found: gold_pairs.iter().filter(|link| is_right(test, link)).count(),
        gold: gold_pairs.len(),
    };
    (tally(&strict_in), tally(&lax_in))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evaluate::read::parse;

    fn links(text: &str) -> Vec<Link> {
        parse("x", text).unwrap()
    }

    fn counts(tally: Tally) -> [usize; 4] {
        [tally.right, tally.test, tally.found, tally.gold]
    }

    #[test]
    fn a_case_counted_by_hand() {
        let gold = links("[0]:[0]\n[1]:[]\n[2,3]:[1]\n[]:[2]\n[4]:[3]\n[5]:[4]\n");
        let test = links("[0]:[0]\n[1,2]:[1]\n[3]:[]\n[]:[2]\n[4]:[3,4]\n[5]:[]\n");
        let scores = score(&gold, &test);
        // Equal: [0]:[0] and []:[2], of six test and six gold beads.
        assert_eq!(counts(scores.strict), [2, 6, 2, 6]);
        assert_eq!(scores.strict.f1(), Some(1.0 / 3.0));
        // Precision as before. Gold has four pairs, of which the test has [0]:[0].
        assert_eq!(counts(scores.vecalign_strict), [2, 6, 1, 4]);
        // Lax adds [1,2]:[1], which shares 2-1 with gold, and [4]:[3,4], which shares 4-3; the test's omissions
        // [3]:[] and [5]:[] stay wrong. Of gold's pairs [2,3]:[1] and [4]:[3] are found too; nothing links 5 to 4.
        assert_eq!(counts(scores.vecalign_lax), [4, 6, 3, 4]);
        // Gold omits 1, the test 3 and 5; both add 2.
        assert_eq!(counts(scores.omissions), [0, 2, 0, 1]);
        assert_eq!(counts(scores.additions), [1, 1, 1, 1]);
    }

    #[test]
    fn a_bead_that_stands_there_twice_is_found_once() {
        let (once, twice) = (links("[0]:[0]\n[1]:[1]\n"), links("[0]:[0]\n[0]:[0]\n"));
        assert_eq!(counts(score(&once, &twice).strict), [2, 2, 1, 2]);
        assert_eq!(counts(score(&twice, &once).strict), [1, 2, 2, 2]);
    }

    #[test]
    fn omissions_are_counted_in_sentences_not_beads() {
        let scores = score(&links("[0,1]:[]\n[2]:[0]\n"), &links("[0]:[]\n[1]:[]\n[2]:[0]\n"));
        assert_eq!(counts(scores.omissions), [2, 2, 2, 2]);
        // The beads differ all the same: only [2]:[0] is equal.
        assert_eq!(counts(scores.strict), [1, 3, 1, 2]);
    }

    #[test]
    fn where_nothing_was_counted_there_is_no_value() {
        let scores = score(&links("[0]:[0]\n[]:[]\n"), &links("[0]:[0]\n"));
        assert_eq!(scores.omissions.f1(), None);
        assert_eq!(counts(scores.strict), [1, 1, 1, 1]);
        // The test invents an omission where gold has none: no recall, and an F1 of 0.
        let invented = score(&links("[0]:[0]\n"), &links("[0]:[]\n[]:[0]\n")).omissions;
        assert_eq!((invented.precision(), invented.recall(), invented.f1()), (Some(0.0), None, Some(0.0)));
    }

    #[test]
    fn equal_beads_count_once_by_vecalign_and_each_by_aligner_eval() {
        let scores = score(&links("[0]:[0]\n"), &links("[0]:[0]\n[0]:[0]\n"));
        assert_eq!(counts(scores.vecalign_strict), [1, 1, 1, 1]);
        assert_eq!(scores.strict.test, 2);
    }

    fn tiling() -> impl Strategy<Value = Vec<Link>> {
        prop::collection::vec((0..3_usize, 0..3_usize), 1..12).prop_map(|sizes| {
            let mut reached = (0, 0);
            let mut links = Vec::new();
            for (source, target) in sizes.into_iter().filter(|size| size.0 + size.1 > 0) {
                let end = (reached.0 + source, reached.1 + target);
                links.push(Both::new((reached.0..end.0).collect(), (reached.1..end.1).collect()));
                reached = end;
            }
            links
        })
    }

    proptest! {
        #[test]
        fn gold_against_itself_is_right_and_found_throughout(gold in tiling()) {
            for (name, tally) in score(&gold, &gold).named() {
                prop_assert_eq!((name, tally.right, tally.found), (name, tally.test, tally.gold));
            }
        }

        #[test]
        fn lax_is_never_below_strict_and_exchanging_the_sides_changes_nothing(gold in tiling(), test in tiling()) {
            let scores = score(&gold, &test);
            prop_assert!(scores.vecalign_lax.right >= scores.vecalign_strict.right);
            prop_assert!(scores.vecalign_lax.found >= scores.vecalign_strict.found);
            let swapped = |links: &[Link]| links.iter().map(|link| link.clone().swap()).collect::<Vec<_>>();
            let other = score(&swapped(&gold), &swapped(&test));
            prop_assert_eq!(other, Scores { omissions: scores.additions, additions: scores.omissions, ..scores });
        }
    }
}
