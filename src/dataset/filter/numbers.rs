//! Whether the numbers of the two sides belong together.
//!
//! A number may be missing on the other side: it can be written in words there, be a month or be left out. Only where each
//! side has one that the other has not are they of different sentences.

use crate::similarity::{anchors_of_chinese, anchors_of_english};

/// Whether each side has a number that the other has not.
pub(super) fn are_inconsistent(zh: &str, en: &str) -> bool {
    let has_digits = |text: &str| text.contains(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    // Without digits in the English there is nothing to compare: `three` and its like are no anchors.
    if !has_digits(en) {
        return false;
    }
    let (zh, en) = (numbers(anchors_of_chinese(zh)), numbers(anchors_of_english(en)));
    let lacks = |numbers: &[String], others: &[String]| {
        numbers.iter().any(|number| !others.iter().any(|other| may_be_same(number, other)))
    };
    lacks(&zh, &en) && lacks(&en, &zh)
}

/// The significant digits of each number: those without the point and the zeros around them, for `20多万` is 200,000,
/// and `3:30` is `3.30`.
fn numbers(anchors: Vec<String>) -> Vec<String> {
    let numbers = anchors.into_iter().filter(|anchor| anchor.starts_with(|c: char| c.is_ascii_digit()));
    numbers.map(|number| number.replace('.', "").trim_matches('0').to_owned()).collect()
}

/// Whether one is part of the other: `80年代` are the 1980s.
fn may_be_same(first: &str, second: &str) -> bool {
    first.contains(second) || second.contains(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_that_cannot_be_the_same_are_inconsistent() {
        for (zh, en, expected) in [
            ("共有3250人。", "There were 3,250 people.", false),
            ("共有3250人。", "There were 3,520 people.", true),
            ("耗资1400亿元。", "It cost 140 billion yuan.", false),
            ("耗资1400亿元。", "It cost 160 billion yuan.", true),
            ("二〇二一年，第十二届", "The 12th, in 2021", false),
            ("上世纪80年代", "in the 1980s", false),
            ("20多万人", "more than 200,000 people", false),
            ("3月5日", "on March 5", false),
            ("下午3:30开会", "The meeting is at 3.30 p.m.", false),
            ("三个人来了。", "Three people came.", false),
            ("有３５０个", "There are 350.", false),
            ("有７２０个", "There are 350.", true),
            ("他明天到。", "He arrives on the 5th.", false),
            ("百分之二十五", "25 percent", false),
            ("零", "0", false),
        ] {
            assert_eq!(are_inconsistent(zh, en), expected, "{zh} | {en}");
        }
    }
}
