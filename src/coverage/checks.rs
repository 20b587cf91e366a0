//! Checks inside pairs: what only one side says, as proofreaders of translations look for it.
//!
//! In come the two texts of a pair; out go stretches of both that do not agree. Each check is by rules that a person
//! can follow, and rather overlooks a fault than raises a false alarm. How often each does either,
//! `scripts/train/measure/count_checks/main.rs` counts; of faults planted in right pairs, and of right pairs of magazines
//! and academic texts:
//!
//! | | of faults planted in 3,649 pairs of gold alignments, found | alarms over the 2,072 of them that are not ours |
//! | --- | --- | --- |
//! | number | .97 of changed digits, .95 of dropped zeros, .93 of shifted months, .91 of 万 for 亿, .82 of changed number words | 8, of which 7 are faults of the texts |
//! | untranslated | .97 of clauses left in Chinese, .95 of clauses left in English | 0 |
//! | punctuation | 1.00 of dropped brackets and curly quotation marks, .96 of straight ones | 6, of which 5 are, at the least |
//! | url | 1.00 | 3, of which 2 are |
//! | negation | .60 of dropped ones | 68, hardly any of which is |
//!
//! Nothing found here changes what is covered.

mod consistency;
mod joined;
mod numbers;
mod punctuation;
mod untranslated;
mod urls;

use std::{borrow::Cow, iter, ops::Range};

pub use self::consistency::Consistency;
use self::{joined::Joined, punctuation::Unpaired};
use crate::{
    bead::{Alignment, Run},
    both::Both,
    document::{Check, Checks, Finding, Place, Sentences},
    text::negation,
};

/// The stretches of a side that a check tells of a pair.
const MOST_STRETCHES: usize = 20;

/// What a check found in the texts of a pair: bytes of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stretches {
    /// The check that found it.
    pub check: Check,
    /// What it is about, on each side, in order, on character boundaries.
    pub stretches: Both<Vec<Range<usize>>>,
}

/// What the `checks` find in a pair, Chinese and English, at most one item a check. Consistency is none of a pair:
/// [`Consistency`] is for it. And of punctuation brackets only: without the sentences around the pair nobody knows where
/// a quotation ends.
pub fn of_pair(texts: Both<&str>, checks: Checks) -> Vec<Stretches> {
    let unpaired = || {
        let marks = Both::new(punctuation::in_chinese(texts.source), punctuation::in_english(texts.target));
        marks.map(|marks| Unpaired::of([marks.as_slice()]).into_iter().flatten().filter(Unpaired::is_local).collect())
    };
    of_texts(texts, checks, unpaired)
}

/// What the `checks` find in a pair of which it is known which marks are unpaired, by the text around it.
fn of_texts(texts: Both<&str>, checks: Checks, unpaired: impl FnOnce() -> Both<Vec<Unpaired>>) -> Vec<Stretches> {
    let mut unpaired = Some(unpaired);
    let mut find = |check: Check| match check {
        Check::Number => numbers::differing(texts),
        Check::Untranslated => untranslated::left(texts),
        Check::Punctuation => {
            unpaired.take().map_or_else(Both::default, |unpaired| punctuation::of_one_side(&unpaired()))
        }
        Check::Url => urls::differing(texts),
        Check::Negation if negation::is_lost(texts.source, texts.target) => {
            texts.map(|text| iter::once(0..text.len()).filter(|all| !all.is_empty()).collect())
        }
        Check::Negation | Check::Consistency => Both::default(),
    };
    let asked = Check::ALL.into_iter().filter(|&check| checks.has(check));
    let found = asked.map(|check| Stretches { check, stretches: find(check).map(first) });
    found.filter(|found| !(found.stretches.source.is_empty() && found.stretches.target.is_empty())).collect()
}

/// The first of many stretches.
fn first(mut stretches: Vec<Range<usize>>) -> Vec<Range<usize>> {
    stretches.truncate(MOST_STRETCHES);
    stretches
}

/// What the `checks` find in the pairs of at least `min_confidence` (0..=1), in order. Consistency is not among them.
pub fn of_document(
    sentences: &Both<Sentences>,
    alignment: &Alignment,
    min_confidence: f64,
    checks: Checks,
) -> Vec<Finding> {
    if checks == Checks::NONE {
        return Vec::new();
    }
    let lines = sentences.as_ref().map(lines);
    let marks = Both::new(
        lines.source.iter().map(|line| punctuation::in_chinese(line)).collect::<Vec<_>>(),
        lines.target.iter().map(|line| punctuation::in_english(line)).collect::<Vec<_>>(),
    );
    let unpaired = marks.map(|marks| Unpaired::of(marks.iter().map(Vec::as_slice)));
    let mut findings = Vec::new();
    for bead in alignment.beads().iter().filter(|bead| bead.is_kept(min_confidence)) {
        let sides = sentences.as_ref().zip(lines.as_ref()).zip(bead.runs);
        let joined = sides.map(|((sentences, lines), run)| Joined::of(&lines[run.range()], run.start, sentences.lang));
        let of_bead = || {
            unpaired.as_ref().zip(joined.as_ref()).zip(bead.runs).map(|((unpaired, joined), run)| {
                run.range().flat_map(|at| unpaired[at].iter().map(move |mark| mark.shifted(joined.start(at)))).collect()
            })
        };
        for Stretches { check, stretches } in
            of_texts(joined.as_ref().map(|joined| joined.text.as_str()), checks, of_bead)
        {
            let places = joined.as_ref().zip(stretches);
            let places =
                places.map(|(joined, stretches)| stretches.iter().filter_map(|bytes| joined.place(bytes)).collect());
            findings.push(Finding { check, runs: bead.runs, places, other: None });
        }
    }
    findings
}

/// The text of each sentence on one line.
fn lines(sentences: &Sentences) -> Vec<Cow<'_, str>> {
    (0..sentences.len()).map(|index| sentences.run_text(Run::new(index, index + 1))).collect()
}

/// All of a run of sentences, of which every sentence that has a text.
fn whole(sentences: &Sentences, run: Run) -> Vec<Place> {
    let place = |sentence: usize| {
        let length = sentences.run_text(Run::new(sentence, sentence + 1)).len();
        (length > 0).then_some(Place { sentence, bytes: 0..length })
    };
    run.range().filter_map(place).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn every() -> Checks {
        Check::ALL.into_iter().collect()
    }

    #[test]
    fn a_pair_is_looked_at_by_the_checks_that_are_asked_for() {
        let pair = Both::new("共3个文件，见a.pdf（没有改", "There are 4 files in all, 见 them changed.");
        let found = |checks| of_pair(pair, checks).iter().map(|found| found.check).collect::<Vec<_>>();
        let all = [Check::Number, Check::Untranslated, Check::Punctuation, Check::Url, Check::Negation];
        assert_eq!(found(every()), all);
        assert_eq!(found(Checks::default()), all[..4]);
        assert_eq!(found([Check::Url].into_iter().collect()), [Check::Url]);
        assert_eq!(found(Checks::NONE), []);
    }

    #[test]
    fn right_pairs_raise_no_alarm() {
        for (chinese, english) in [
            ("万一他第一次就付出了一百分的努力呢？", "What if he gave it everything the first time round?"),
            ("他们两人三番五次地来。", "The two of them came time and again."),
            ("其中一个说了些什么。", "One of them said something."),
            ("下午三点，两百多人到了。", "More than 200 people had arrived by 3 p.m."),
            ("四成的人，三分之一的钱。", "Forty percent of the people, a third of the money."),
            ("上世纪八十年代的《茶馆》（话剧）", "Teahouse (a play) of the 1980s"),
            ("2019年3月5日，2000亿美元", "$200 billion on 5 March 2019"),
        ] {
            assert_eq!(of_pair(Both::new(chinese, english), Checks::default()), [], "{chinese} | {english}");
        }
    }

    /// Were a step of them quadratic, this would take minutes.
    #[test]
    fn long_texts_of_one_thing_are_looked_at_to_their_end() {
        let shapes = [
            "(",
            "“",
            "\"",
            "1",
            "1 ",
            "一",
            "一 ",
            "3万",
            "one and ",
            "http://",
            ")",
            "%(",
            "{",
            "<a",
            "a.b@",
            "不没",
            "字 ",
            "$A",
            "www.",
            "http://a)",
            "第",
            " (",
        ];
        for text in shapes.map(|shape| shape.repeat(10_000)) {
            for (chinese, english) in [(text.as_str(), "1"), ("一", text.as_str()), (text.as_str(), text.as_str())] {
                for found in of_pair(Both::new(chinese, english), every()) {
                    assert!(found.stretches.source.len().max(found.stretches.target.len()) <= MOST_STRETCHES);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn stretches_are_texts_in_order_whatever_the_texts_are(
            chinese in "[一二三十百万亿点年月日第几半成倍%〇0-9.,，（“”」)(\" a-z<>{}$@/:\u{301}𠀀]{0,40}",
            english in prop_oneof![any::<String>(), "[a-zA-Z0-9.,()“”\" %{}<>$@/:-字]{0,40}"],
        ) {
            let texts = Both::new(chinese.as_str(), english.as_str());
            for found in of_pair(texts, every()) {
                for (text, stretches) in [(texts.source, found.stretches.source), (texts.target, found.stretches.target)] {
                    prop_assert!(stretches.is_sorted_by_key(|stretch| stretch.start));
                    prop_assert!(stretches.len() <= MOST_STRETCHES);
                    for stretch in stretches {
                        prop_assert!(text.get(stretch).is_some_and(|text| !text.is_empty()));
                    }
                }
            }
        }

        #[test]
        fn a_text_of_digits_agrees_with_itself(number in 11_u32..999_999) {
            let pair = Both::new(format!("共{number}人。"), format!("There were {number} people."));
            prop_assert_eq!(of_pair(pair.as_ref().map(String::as_str), Checks::default()), []);
            let other = format!("There were {} people.", number + 1);
            prop_assert_eq!(of_pair(Both::new(pair.source.as_str(), &other), Checks::default()).len(), 1);
        }
    }
}
