//! Everything that a Chinese text may be saying with numbers: what an English number can go back to.
//!
//! Where [`of_chinese`](super::of_chinese) reads only what asks for a translation, this reads as widely as can be:
//! lone and vague numerals (`七八个` has 7, 8 and 78), numerals in names and idioms, halves, pairs and doublings.

use super::{
    Reader, digit,
    numeral::{is_two_digits, numeral_values},
    unit,
};
use crate::text::quantities::{EXACT, Quantity, ROUNDED, is_near};

/// The values that a Chinese text may state.
#[derive(Debug)]
pub(in crate::text::quantities) struct Said {
    /// Those that were written, sorted.
    written: Vec<f64>,
    /// Those that come of converting units, sorted.
    converted: Vec<f64>,
}

/// Words that say a number without being a numeral.
const SAYING: [(char, &[f64]); 24] = [
    ('首', &[1.0]),
    ('单', &[1.0]),
    ('独', &[1.0]),
    ('每', &[1.0]),
    ('初', &[1.0]),
    ('头', &[1.0]),
    ('元', &[1.0]),
    ('半', &[0.5, 50.0, 2.0]),
    ('双', &[2.0]),
    ('对', &[2.0]),
    ('俩', &[2.0]),
    ('偶', &[2.0]),
    ('再', &[2.0]),
    ('仨', &[3.0]),
    ('打', &[12.0]),
    ('刻', &[15.0, 45.0]),
    ('番', &[2.0, 4.0, 100.0, 200.0, 400.0]),
    ('廿', &[20.0]),
    ('卅', &[30.0]),
    ('倍', &[2.0, 100.0]),
    ('周', &[7.0, 10.0]),
    ('旬', &[10.0]),
    ('午', &[12.0]),
    ('夜', &[12.0, 24.0]),
];

/// The widest numeral whose parts are looked at one by one; a longer one is no number that people say.
const LONGEST_NUMERAL: usize = 24;

/// Reads a text, of which the `quantities` are known.
pub(in crate::text::quantities) fn said(text: &[char], quantities: &[Quantity]) -> Said {
    let (mut written, mut converted) = (Vec::new(), Vec::new());
    for quantity in quantities {
        written.extend(&quantity.values);
        converted.extend(&quantity.converted);
    }
    let mut at = 0;
    while let Some(&c) = text.get(at) {
        let reader = Reader { text, start: at, lone: false };
        if let Some((_, values)) = SAYING.iter().find(|(saying, _)| *saying == c) {
            written.extend(*values);
        }
        if c == '半' {
            written.extend(half(text, at));
        }
        if c.is_ascii_digit() {
            let number = reader.in_digits(at);
            let (whole, end) = reader.digits(at);
            for value in number.values.iter().copied().chain([whole]) {
                beside(value, text, at, number.end, &mut written);
            }
            // `8·11` may be `8.11`.
            if text.get(end) == Some(&'·') && text.get(end + 1).is_some_and(char::is_ascii_digit) {
                let (behind, _) = reader.digits(end + 1);
                written.extend(format!("{whole:.0}.{behind:.0}").parse::<f64>());
            }
            // `3 260` may be two numbers.
            written.extend(text[at..end].split(|c| !c.is_ascii_digit()).filter_map(in_digits));
            at = number.end.max(at + 1);
        } else if digit(c).is_some() || unit(c).is_some() {
            let length = text[at..].iter().take_while(|&&c| digit(c).is_some() || unit(c).is_some()).count();
            for value in parts(&text[at..at + length]) {
                beside(value, text, at, at + length, &mut written);
            }
            at += length;
        } else {
            at += 1;
        }
    }
    for values in [&mut written, &mut converted] {
        values.sort_by(f64::total_cmp);
    }
    Said { written, converted }
}

impl Said {
    /// Whether an English quantity can go back to what was said.
    pub(in crate::text::quantities) fn has(&self, quantity: &Quantity) -> bool {
        let is_said = |&value: &f64| is_near(value, &self.written, EXACT) || is_near(value, &self.converted, ROUNDED);
        quantity.values.iter().any(is_said)
    }
}

/// What half of something comes to: of an hour, a month, a year, of the weight of a pound.
fn half(text: &[char], at: usize) -> &'static [f64] {
    let behind = &text[at + 1..text.len().min(at + 5)];
    let is_time = at > 0 && "点时".contains(text[at - 1]);
    match behind.first() {
        _ if is_time || behind.iter().any(|c| "时钟".contains(*c)) => &[30.0],
        Some('年' | '载') => &[6.0],
        Some('斤') => &[250.0],
        _ if behind.iter().take(2).any(|&c| c == '月') => &[15.0],
        _ => &[],
    }
}

fn in_digits(digits: &[char]) -> Option<f64> {
    digits.iter().collect::<String>().parse().ok()
}

/// The values that a numeral may have, as a whole and in part.
fn parts(numeral: &[char]) -> Vec<f64> {
    let mut values = numeral_values(numeral);
    if !values.is_empty() && !is_two_digits(numeral) {
        return values;
    }
    let numeral = &numeral[..numeral.len().min(LONGEST_NUMERAL)];
    // `千亿`, `百万`.
    values.extend(numeral.iter().map(|&c| unit(c)).try_fold(1.0, |product, unit| Some(product * unit?)));
    let mut in_a_row = 0.0;
    for (at, &c) in numeral.iter().enumerate() {
        if let Some(digit) = digit(c).map(f64::from) {
            in_a_row = 10.0 * in_a_row + digit;
            // `七八十`, `三四百万`.
            let scales = numeral[at + 1..].iter().skip_while(|&&c| super::digit(c).is_some()).map_while(|&c| unit(c));
            values.extend([digit, in_a_row]);
            values.extend(scales.scan(1.0, |scale, unit| {
                *scale *= unit;
                Some(digit * *scale)
            }));
        } else if let Some(unit) = unit(c) {
            in_a_row = 0.0;
            values.push(unit);
        }
        // What stands from here on: `第一百二十三` and `万一百` alike.
        values.extend(numeral_values(&numeral[at..]));
        values.extend(numeral_values(&numeral[..at]));
    }
    values
}

/// Adds a value, and what it may be with what stands around it.
fn beside(value: f64, text: &[char], start: usize, end: usize, values: &mut Vec<f64>) {
    values.push(value);
    let behind = |text_: &str| text_.chars().enumerate().all(|(offset, c)| text.get(end + offset) == Some(&c));
    // `二十多万`, `三点五亿`, `十余万`.
    let scales = text[end..].iter().take(3).skip_while(|c| "多余几来个 ".contains(**c)).map_while(|&c| unit(c));
    values.extend(scales.scan(value, |scaled, unit| {
        *scaled *= unit;
        Some(*scaled)
    }));
    match text.get(end) {
        Some('世') if behind("世纪") => values.extend([100.0 * (value - 1.0), 100.0 * value]),
        Some('年') => values.extend([1900.0 + value, 1800.0 + value, 2000.0 + value, 1911.0 + value, 12.0 * value]),
        Some('成') => {
            let tenth = text.get(end + 1).and_then(|&c| digit(c)).map_or(0.0, f64::from);
            values.extend([10.0 * value + tenth, 10.0 * value, 10.0 * value + 5.0]);
        }
        Some('折') => values.extend([100.0 - 10.0 * value, 100.0 - value, 10.0 * value]),
        Some('倍') => values.extend([value + 1.0, value - 1.0, 100.0 * value, 100.0 * (value - 1.0)]),
        Some('点' | '时' | ':') => values.extend([value + 12.0, value - 12.0]),
        Some('斤') => values.extend([value / 2.0, 500.0 * value]),
        Some('周' | '星') => values.push(7.0 * value),
        Some('天' | '日') => values.push(24.0 * value),
        Some('季') => values.push(3.0 * value),
        _ => {}
    }
    if start > 0 && text.get(start - 1) == Some(&'第') {
        values.extend([value - 1.0, value + 1.0]);
    }
    // `八岁半`, `两个半`.
    if text[end..].iter().take(3).any(|&c| c == '半') {
        values.push(value + 0.5);
    }
}
