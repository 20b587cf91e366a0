//! What a Chinese text counts without asking for it in a translation.

use super::{digit, unit};
use crate::text::quantities::Quantity;

/// Units that are converted for readers of English.
const CONVERTED: &str = "米里斤公千厘毫克吨升度平方亩尺丈℃摄";

/// Whether a unit stands behind a quantity of `text` that is converted for readers who measure in miles and pounds.
pub(in crate::text::quantities) fn is_measure_behind(text: &[char], quantity: &Quantity) -> bool {
    let behind = text.get(quantity.place.end..).unwrap_or_default();
    let behind = &behind[..behind.len().min(4)];
    let unit = behind.iter().find(|c| !c.is_whitespace() && !"多余几".contains(**c));
    unit.is_some_and(|&c| CONVERTED.contains(c)) && !behind.contains(&'英')
}

/// Sayings that count nothing, whatever number is in them.
const SAYINGS: [&str; 14] = [
    "十万八千里",
    "三百六十行",
    "三十六计",
    "一百分",
    "百分之百",
    "百分百",
    "二百五",
    "八百年",
    "一百个",
    "一万个",
    "一千个",
    "十二分",
    "三十六策",
    "百八十",
];

/// The saying at the beginning of a text that has a number in it, if any.
pub(super) fn saying(text: &[char]) -> Option<usize> {
    let begins = |saying: &&&str| saying.chars().enumerate().all(|(at, c)| text.get(at) == Some(&c));
    let length = SAYINGS.iter().find(begins).map(|saying| saying.chars().count())?;
    let goes_on = text.get(length).is_some_and(|&c| digit(c).is_some() || unit(c).is_some() || "点.%".contains(c));
    (!goes_on).then_some(length)
}

/// Whether what stands at a place is free to be left out: a single numeral, what numbers a paragraph, a part of a name
/// in Latin letters (`3Com`).
pub(super) fn is_free(text: &[char], start: usize, end: usize) -> bool {
    let numeral = &text[start..end];
    let is_latin = |c: Option<&char>| c.is_some_and(char::is_ascii_alphabetic);
    let is_small = numeral.iter().filter(|c| digit(**c).is_some() || unit(**c).is_some()).count() == 1;
    let in_digits = numeral.iter().any(char::is_ascii_digit);
    let is_named = in_digits && (start > 0 && is_latin(text.get(start - 1)) || is_latin(text.get(end)));
    let is_marked = || text.get(end).is_none_or(|c| ".、):\t ".contains(*c));
    let is_first = || text[..start].iter().all(|c| c.is_whitespace() || "([第".contains(*c));
    let numbers = end < 8 && is_first() && (is_marked() || numeral.last() == Some(&' '));
    // What a date has is said.
    let is_date = text.get(end) == Some(&'月')
        || "日号".contains(*text.get(end).unwrap_or(&' ')) && text[..start].ends_with(&['月']);
    // `18世纪` may be `the century`.
    let is_century = text.get(end..end + 2) == Some(&['世', '纪']);
    // `23日` may be `on Wednesday`.
    let is_day = text.get(end) == Some(&'日') && !text[..start].ends_with(&['月']);
    let is_saying = start > 0 && text[start - 1] == '退' && text.get(end) == Some(&'步');
    (!in_digits && is_small && !is_date && !numeral.contains(&'成'))
        || is_century
        || is_day
        || is_saying
        || is_named
        || numbers
}
