//! 6 · Coverage: what of each side of an alignment has a counterpart.
//!
//! In come the sentences of both sides and the beads that tile them; out comes how much of each side has a
//! counterpart on the other, and which sentences have none. A sentence is covered when it stands in a pair of enough
//! confidence ([`Bead::is_kept`](crate::bead::Bead::is_kept)). Hints at clauses inside the covered ones, which others
//! find, and what the [`checks`] find inside pairs are part of the report and change none of its counts. Nothing here can fail, and nothing here decides what
//! is too little.

pub mod checks;

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    bead::{Alignment, Bead, Run},
    both::Both,
    document::{CoverageReport, Sentences, SideCoverage},
    text::visible_length,
};

/// Measures the coverage of `sentences` by the beads of at least `min_confidence` (0..=1). The alignment must be of
/// these sentences.
pub fn measure(sentences: &Both<Sentences>, alignment: &Alignment, min_confidence: f64) -> CoverageReport {
    let mut sides = Both::<SideCoverage>::default();
    let mut kinds = BTreeMap::new();
    let mut pairs_below = 0;
    for bead in alignment.beads() {
        let covered = bead.is_kept(min_confidence);
        pairs_below += usize::from(bead.is_pair() && !covered);
        *kinds.entry(bead.kind()).or_default() += 1;
        count_run(&mut sides.source, &sentences.source, bead.runs.source, covered);
        count_run(&mut sides.target, &sentences.target, bead.runs.target, covered);
    }
    CoverageReport {
        sides,
        beads_by_kind: kinds.into_iter().collect(),
        pairs_below,
        moved: Vec::new(),
        findings: Vec::new(),
    }
}

/// The report with `moved` pairs, whose sentences count as covered. They must be of these sentences, and none of them
/// covered before.
pub fn with_moved(mut report: CoverageReport, sentences: &Both<Sentences>, moved: Vec<Bead>) -> CoverageReport {
    let runs = |of: fn(&Bead) -> Run| moved.iter().map(of).collect::<Vec<_>>();
    cover(&mut report.sides.source, &sentences.source, &runs(|bead| bead.runs.source));
    cover(&mut report.sides.target, &sentences.target, &runs(|bead| bead.runs.target));
    report.moved = moved;
    report
}

fn cover(side: &mut SideCoverage, sentences: &Sentences, runs: &[Run]) {
    let covered: BTreeSet<usize> = runs.iter().flat_map(|run| run.range()).collect();
    side.sentences.covered += covered.len();
    side.characters.covered += covered.iter().map(|&index| visible_length(sentences.text(index))).sum::<usize>();
    side.uncovered.retain(|index| !covered.contains(index));
}

fn count_run(side: &mut SideCoverage, sentences: &Sentences, run: Run, covered: bool) {
    for index in run.range() {
        let characters = visible_length(sentences.text(index));
        side.sentences.count(1, covered);
        side.characters.count(characters, covered);
        if !covered {
            side.uncovered.push(index);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        bead::Bead,
        document::{Share, Totals},
        text::Lang,
    };

    fn aligned(sizes: &[(usize, usize, f64)]) -> Alignment {
        let mut reached = Both::new(0, 0);
        let mut beads = Vec::new();
        for &(source, target, confidence) in sizes {
            let end = Both::new(reached.source + source, reached.target + target);
            beads.push(Bead { runs: reached.zip(end).map(|(start, end)| Run::new(start, end)), confidence });
            reached = end;
        }
        Alignment::new(beads)
    }

    #[test]
    fn only_sentences_in_a_pair_are_covered() {
        let both = Both::new(
            Sentences::of_lines(Lang::Zh, &["猫 睡了。", "狗没睡。", "鸟飞走了。"]),
            Sentences::of_lines(Lang::En, &["The cat slept.", "Then", "nothing."]),
        );
        let report = measure(&both, &aligned(&[(1, 1, 0.9), (1, 0, 0.8), (1, 1, 0.2), (0, 1, 0.7)]), 0.5);
        // 猫睡了。 has four characters without its space, and the whole side thirteen.
        assert_eq!(report.sides.source.sentences, Share { covered: 1, total: 3 });
        assert_eq!(report.sides.source.characters, Share { covered: 4, total: 13 });
        assert_eq!(report.sides.source.uncovered, [1, 2]);
        assert_eq!(report.sides.target.characters, Share { covered: 12, total: 24 });
        assert_eq!(report.sides.target.uncovered, [1, 2]);
        let kinds: Vec<_> = report.beads_by_kind.iter().map(|(kind, count)| format!("{kind} {count}")).collect();
        assert_eq!(kinds, ["0:1 1", "1:0 1", "1:1 2"]);
        assert_eq!(report.pairs_below, 1);
    }

    #[test]
    fn of_nothing_nothing_is_covered() {
        let both = Both::new(Sentences::of_lines(Lang::Zh, &["只有中文。"]), Sentences::of_lines(Lang::En, &[]));
        let report = measure(&both, &aligned(&[(1, 0, 1.0)]), 0.0);
        assert_eq!(report.sides.target, SideCoverage::default());
        assert_eq!(report.sides.map(|side| side.sentences.ratio().to_string()), Both::new("0".into(), "0".into()));
    }

    #[test]
    fn totals_are_the_sum_of_their_documents() {
        let both =
            Both::new(Sentences::of_lines(Lang::Zh, &["一。", "二。"]), Sentences::of_lines(Lang::En, &["One."]));
        let mut totals = Totals::default();
        totals.add(&measure(&both, &aligned(&[(1, 1, 1.0), (1, 0, 1.0)]), 0.0));
        totals.add(&measure(&both, &aligned(&[(2, 1, 0.3)]), 0.5));
        assert_eq!((totals.documents, totals.pairs_below), (2, 1));
        assert_eq!(totals.sides.source.sentences, Share { covered: 1, total: 4 });
        assert_eq!(totals.sides.target.characters, Share { covered: 4, total: 8 });
        assert_eq!(totals.beads_by_kind.values().sum::<usize>(), 3);
    }

    proptest! {
        #[test]
        fn covered_and_uncovered_make_the_whole_and_the_sides_can_be_exchanged(
            sizes in prop::collection::vec(((0..3_usize), (0..3_usize), (0.0..1.0)), 0..12),
            least in 0.0..1.0,
        ) {
            let sizes: Vec<_> = sizes.into_iter().filter(|(source, target, _)| source + target > 0).collect();
            let lengths = sizes.iter().fold((0, 0), |sum, bead| (sum.0 + bead.0, sum.1 + bead.1));
            let both = Both::new(
                Sentences::of_lines(Lang::Zh, &vec!["字 字"; lengths.0]),
                Sentences::of_lines(Lang::En, &vec!["a word"; lengths.1]),
            );
            let report = measure(&both, &aligned(&sizes), least);
            for (side, sentences) in [(&report.sides.source, &both.source), (&report.sides.target, &both.target)] {
                prop_assert_eq!(side.sentences.total, sentences.len());
                prop_assert_eq!(side.sentences.missing(), side.uncovered.len());
                let letters = |index: usize| visible_length(sentences.text(index));
                prop_assert_eq!(side.characters.total, (0..sentences.len()).map(letters).sum::<usize>());
                prop_assert_eq!(side.characters.missing(), side.uncovered.iter().copied().map(letters).sum::<usize>());
            }
            let swapped: Vec<_> = sizes.iter().map(|&(source, target, confidence)| (target, source, confidence)).collect();
            prop_assert_eq!(measure(&both.swap(), &aligned(&swapped), least).sides, report.sides.swap());
        }

        #[test]
        fn a_ratio_is_between_nothing_and_all(covered in 0..9_usize, more in 0..9_usize) {
            let share = Share { covered, total: covered + more };
            prop_assert!((0.0..=1.0).contains(&share.ratio()));
            prop_assert_eq!(share.ratio() >= 1.0, more == 0 && covered > 0);
        }
    }
}
