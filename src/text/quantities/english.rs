//! The values of all numbers in an English text, in digits and in words.

use super::{Quantity, ROUNDED};
use crate::text::half_width;

/// The numbers and the months of a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    values: Vec<f64>,
    /// The months whose names stand in it.
    months: Vec<u8>,
}

impl Found {
    /// Whether one of the values of a quantity is among them.
    pub(super) fn has(&self, quantity: &Quantity) -> bool {
        let is_same = |(number, &wanted): (usize, &f64)| {
            // What comes after the value that was written is converted.
            let tolerance = if number == 0 { 1e-9 } else { ROUNDED };
            self.values.iter().any(|&value| (value - wanted).abs() <= tolerance * wanted.abs())
        };
        quantity.month.is_some_and(|month| self.months.contains(&month))
            || quantity.values.iter().enumerate().any(is_same)
    }

    fn add(&mut self, value: f64) {
        self.values.push(value);
    }
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const LONG_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 8] = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 13] = [
    "zeroth", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
    "eleventh", "twelfth",
];

/// Words that say a number without being one.
const SAYING: [(&str, &[f64]); 27] = [
    ("half", &[0.5, 50.0]),
    ("halved", &[0.5, 50.0, 2.0]),
    ("quarter", &[0.25, 25.0, 4.0, 15.0]),
    ("quarters", &[0.75, 75.0]),
    ("both", &[2.0]),
    ("pair", &[2.0]),
    ("couple", &[2.0]),
    ("twin", &[2.0]),
    ("twins", &[2.0]),
    ("twice", &[2.0]),
    ("double", &[2.0, 1.0]),
    ("doubled", &[2.0, 1.0]),
    ("doubling", &[2.0, 1.0]),
    ("bilateral", &[2.0]),
    ("thrice", &[3.0]),
    ("triple", &[3.0, 2.0]),
    ("tripled", &[3.0, 2.0]),
    ("tripling", &[3.0, 2.0]),
    ("trio", &[3.0]),
    ("quadruple", &[4.0, 3.0]),
    ("quadrupled", &[4.0, 3.0]),
    ("dozen", &[12.0]),
    ("decade", &[10.0]),
    ("decades", &[10.0]),
    ("century", &[100.0]),
    ("fortnight", &[2.0, 14.0, 15.0]),
    ("noon", &[12.0]),
];

/// Reads a text.
pub(super) fn read(text: &str) -> Found {
    let tokens = tokens(&text.chars().map(half_width).collect::<String>());
    let mut found = Found::default();
    let mut at = 0;
    while at < tokens.len() {
        at += 1 + match &tokens[at] {
            Token::Digits(value) => number_in_digits(*value, &tokens[at + 1..], &mut found),
            Token::Word(word) => word_or_number(word, &tokens[at..], &mut found),
            Token::Mark(_) => 0,
        };
    }
    found
}

#[derive(Debug, PartialEq)]
enum Token {
    Digits(f64),
    /// A word in lower case, but for Roman numerals.
    Word(String),
    Mark(char),
}

fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            let (value, length) = digits(rest);
            tokens.push(Token::Digits(value));
            length
        } else if first.is_alphabetic() {
            let length = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
            let word = &rest[..length];
            let is_roman = word.chars().all(|c| "IVXLC".contains(c));
            tokens.push(Token::Word(if is_roman { word.to_owned() } else { word.to_lowercase() }));
            length
        } else {
            if !first.is_whitespace() {
                tokens.push(Token::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// Digits with separators and a decimal point at the start of `text`, and how many bytes they take.
fn digits(text: &str) -> (f64, usize) {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let mut number = String::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'0'..=b'9' => number.push(char::from(byte)),
            b',' if is_digit(at + 1) && is_digit(at + 2) && is_digit(at + 3) && !is_digit(at + 4) => {}
            b'.' if is_digit(at + 1) && !number.contains('.') => number.push('.'),
            _ => break,
        }
        at += 1;
    }
    (number.parse().unwrap_or_default(), at)
}

fn scale(token: Option<&Token>) -> Option<f64> {
    let Some(Token::Word(word)) = token else { return None };
    Some(match word.as_str() {
        "hundred" | "hundreds" => 100.0,
        "thousand" | "thousands" | "k" => 1e3,
        "million" | "millions" | "m" | "mn" => 1e6,
        "billion" | "billions" | "bn" => 1e9,
        "trillion" | "trillions" | "tn" => 1e12,
        "dozen" => 12.0,
        _ => return None,
    })
}

/// A number in digits and what follows it; returns how many tokens after it were read.
fn number_in_digits(mut value: f64, after: &[Token], found: &mut Found) -> usize {
    let mut read = usize::from(after.first() == Some(&Token::Mark('-')) && scale(after.get(1)).is_some());
    while let Some(factor) = scale(after.get(read)) {
        if after.get(read) == Some(&Token::Word("m".to_owned())) {
            found.add(value); // `5 m` may be meters
        }
        value *= factor;
        read += 1;
    }
    found.add(value);
    found.values.extend(spans(after.get(read)).map(|years| value * years));
    let word = |at: usize| if let Some(Token::Word(word)) = after.get(at) { word.as_str() } else { "" };
    match (after.get(read), word(read)) {
        (Some(Token::Mark('%')), _) | (_, "percent" | "percentage" | "pct" | "per") => found.add(value / 100.0),
        (_, "s") => found.add(value % 100.0),
        (_, "a" | "am" | "p" | "pm") if value < 24.0 => {
            // `7.55am` has an hour and minutes.
            found.values.extend([value + 12.0, value.trunc(), value.trunc() + 12.0, (100.0 * value.fract()).round()]);
        }
        // The hour of `3:30 p.m.`.
        (Some(Token::Mark(':')), _) => found.add(value + 12.0),
        (Some(Token::Mark('/')), _) if value > 0.0 => {
            if let Some(Token::Digits(of)) = after.get(read + 1) {
                found.add(value / of);
                found.add(100.0 * value / of);
            }
        }
        _ => {}
    }
    read
}

/// A word that says a number, or the first of several that make one; returns how many tokens after it were read.
fn word_or_number(word: &str, from: &[Token], found: &mut Found) -> usize {
    let month = MONTHS.iter().position(|&name| name == word).or(LONG_MONTHS.iter().position(|&name| name == word));
    if let Some(month) = month.or((word == "sept").then_some(8)) {
        found.months.extend(u8::try_from(month + 1));
        return 0;
    }
    if let Some(roman) = roman(word) {
        found.add(roman);
        return 0;
    }
    if let Some((_, values)) = SAYING.iter().find(|(said, _)| *said == word) {
        for &value in *values {
            found.add(value);
        }
        return 0;
    }
    if let Some(times) = word.strip_suffix("fold").and_then(small_number) {
        found.add(times);
        found.add(times - 1.0);
        return 0;
    }
    if word == "midnight" {
        found.values.extend([0.0, 12.0, 24.0]);
        return 0;
    }
    number_in_words(from, found)
}

/// The years in a unit of what is counted: `two decades`, `3 centuries`.
fn spans(token: Option<&Token>) -> Option<f64> {
    let Some(Token::Word(word)) = token else { return None };
    match word.as_str() {
        "decade" | "decades" => Some(10.0),
        "century" | "centuries" => Some(100.0),
        _ => None,
    }
}

fn small_number(word: &str) -> Option<f64> {
    let tens = || TENS.iter().position(|&name| name == word).map(|place| 10 * (place + 2));
    SMALL.iter().position(|&name| name == word).or_else(tens).map(|value| value as f64)
}

/// `third`, `twentieth`, and the plurals of fractions and decades: `fifths`, `eighties`.
fn ordinal(word: &str) -> Option<f64> {
    let word = word.strip_suffix('s').unwrap_or(word);
    let place = ORDINALS.iter().position(|&name| name == word).or_else(|| {
        let of_teens = SMALL.iter().position(|&name| word.strip_suffix("th") == Some(name));
        let twenties = || {
            TENS.iter().position(|&name| word.strip_suffix("ieth") == name.strip_suffix('y')).map(|at| 10 * (at + 2))
        };
        of_teens.or_else(twenties)
    });
    let decade =
        || TENS.iter().position(|&name| word.strip_suffix("ie") == name.strip_suffix('y')).map(|at| 10 * (at + 2));
    place.or_else(decade).map(|value| value as f64)
}

/// `two hundred and fifty thousand`, `a million`, `twenty-first`, `two-thirds`; returns how many tokens after the first
/// were read.
fn number_in_words(from: &[Token], found: &mut Found) -> usize {
    let (mut total, mut section, mut any) = (0.0, 0.0, false);
    let mut read = 0;
    let mut end = 0;
    while let Some(token) = from.get(read) {
        read += 1;
        match token {
            Token::Word(word) if small_number(word).is_some() => {
                let value = small_number(word).unwrap_or_default();
                // `one two` are two numbers, `twenty one` and `hundred one` are one.
                let fits = section == 0.0
                    || (section % 100.0 == 0.0 && value < 100.0)
                    || (section % 100.0 >= 20.0 && section % 10.0 == 0.0 && value < 10.0);
                if any && !fits {
                    break;
                }
                section += value;
                (any, end) = (true, read);
            }
            Token::Word(word) if any && ordinal(word).is_some() => {
                let value = ordinal(word).unwrap_or_default();
                let before = total + section;
                found.add(before + value);
                if value > 1.0 {
                    found.add(before / value);
                    found.add(100.0 * before / value);
                }
                return read - 1;
            }
            Token::Word(word) if !any && ordinal(word).is_some() => {
                let value = ordinal(word).unwrap_or_default();
                found.add(value);
                if value > 2.0 {
                    found.add(1.0 / value);
                    found.add(100.0 / value);
                }
                return 0;
            }
            token if scale(Some(token)).is_some() && (any || read == 1) => {
                let factor = scale(Some(token)).unwrap_or(1.0);
                let counted: f64 = if section == 0.0 && total == 0.0 { 1.0 } else { section };
                if factor < 1e3 {
                    section = counted * factor;
                } else {
                    total += counted * factor;
                    section = 0.0;
                }
                (any, end) = (true, read);
            }
            Token::Word(word) if any && word == "and" => {}
            Token::Mark('-') if any => {}
            _ => break,
        }
    }
    if any {
        let value = total + section;
        found.values.extend([value, value / 100.0]);
        found.values.extend(spans(from.get(end)).map(|years| value * years));
    }
    end.saturating_sub(1)
}

/// The value of a Roman numeral from II to XXXIX; a lone `I` is a word.
fn roman(word: &str) -> Option<f64> {
    if word == "I" || word.is_empty() || word.len() > 6 || !word.chars().all(|c| "IVX".contains(c)) {
        return None;
    }
    let value = |c: char| match c {
        'I' => 1,
        'V' => 5,
        _ => 10,
    };
    let values: Vec<i32> = word.chars().map(value).collect();
    let signed = values.iter().enumerate().map(|(at, &value)| {
        let is_less = values.get(at + 1).is_some_and(|&next| value < next);
        if is_less { -value } else { value }
    });
    Some(f64::from(signed.sum::<i32>()))
}
