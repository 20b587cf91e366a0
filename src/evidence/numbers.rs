//! Numbers of a pair: whether those of the two sides belong together.
//!
//! A number may be missing on the other side: it can be written in words there, be a month or be left out. Only where
//! each side has one that the other has not are they of different sentences.

use std::borrow::Cow;

use super::anchors::{of_chinese as anchors_of_chinese, of_english as anchors_of_english};

/// Whether each side has a number that the other has not.
pub fn are_inconsistent(zh: &str, en: &str) -> bool {
    let has_digits = |text: &str| text.contains(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c));
    // Without digits in the English there is nothing to compare: `three` and its like are no anchors.
    if !has_digits(en) {
        return false;
    }
    // In Taiwan years are counted from that before the Republic, 1911.
    let counts_from_republic = ["民国", "民國"].iter().any(|era| zh.contains(era));
    let zh = numbers(anchors_of_chinese(&without_colons(zh)), if counts_from_republic { Some(1911.0) } else { None });
    let en = numbers(anchors_of_english(&without_colons(en)), None);
    let same = |number: &Forms, other: &Forms| number.iter().any(|a| other.iter().any(|b| may_be_same(a, b)));
    // A digit alone may stand for a lone Chinese numeral, which is no anchor.
    let telling = |number: &&Forms| number[0].len() > 1;
    let lacks = |numbers: &[Forms], others: &[Forms]| {
        numbers.iter().filter(telling).any(|number| !others.iter().any(|other| same(number, other)))
    };
    lacks(&zh, &en) && lacks(&en, &zh)
}

/// The ways in which the other side may have a number, the first of which is its own.
type Forms = Vec<String>;

/// The forms of each number, alone and added to `era`.
fn numbers(anchors: Vec<String>, era: Option<f64>) -> Vec<Forms> {
    let numbers = anchors.into_iter().filter(|anchor| anchor.starts_with(|c: char| c.is_ascii_digit()));
    let forms = |number: String| {
        let year = era.zip(number.parse().ok()).map(|(era, number): (f64, f64)| (era + number).to_string());
        [number.replace('.', "")].into_iter().chain(year).collect()
    };
    numbers.map(forms).collect()
}

/// Whether the digits of two numbers are the same but for the zeros around them, for `20多万` is 200,000; or one is
/// part of the other, for `80年代` are the 1980s.
fn may_be_same(first: &str, second: &str) -> bool {
    let is_part = |part: &str, whole: &str| part.len() > 1 && whole.contains(part);
    first.trim_matches('0') == second.trim_matches('0') || is_part(first, second) || is_part(second, first)
}

/// Times of day as numbers, `3:30` as `3.30`: people write both.
fn without_colons(text: &str) -> Cow<'_, str> {
    if text.contains([':', '：']) { Cow::Owned(text.replace([':', '：'], ".")) } else { Cow::Borrowed(text) }
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
            ("下午4:50开会", "The meeting is at 3.30 p.m.", true),
            ("三十六小时内上报第三级事件", "Report a level 3 event within thirty-six hours", false),
            ("三个人来了。", "Three people came.", false),
            ("有３５０个", "There are 350.", false),
            ("有７２０个", "There are 350.", true),
            ("他明天到。", "He arrives on the 5th.", false),
            ("百分之二十五", "25 percent", false),
            ("零", "0", false),
            ("自中華民國一百零三年十二月三日起施行", "with effect from December 3, 2014", false),
            ("自中華民國一百零三年十二月三日起施行", "with effect from December 3, 2016", true),
        ] {
            assert_eq!(are_inconsistent(zh, en), expected, "{zh} | {en}");
        }
    }
}
