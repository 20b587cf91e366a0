//! English text as digits, words and marks.

use std::ops::Range;

use crate::text::half_width;

/// A token of an English text.
#[derive(Debug, PartialEq)]
pub(super) enum Token {
    /// A number in digits.
    Digits(f64),
    /// A word in lower case, but for Roman numerals.
    Word(String),
    /// Any other character that is no white space.
    Mark(char),
}

/// The tokens of a text, and the place of each in characters.
pub(super) fn tokens(text: &str) -> (Vec<Token>, Vec<Range<usize>>) {
    let text: Vec<char> = text.chars().map(half_width).collect();
    let (mut tokens, mut places) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(&first) = text.get(at) {
        let start = at;
        let is_apart = at == 0 || text[at - 1].is_whitespace();
        let begins_decimals = first == '.' && is_apart && text.get(at + 1).is_some_and(char::is_ascii_digit);
        if first.is_ascii_digit() || begins_decimals {
            let value;
            (value, at) = digits(&text, at);
            tokens.push(Token::Digits(value));
        } else if first.is_alphabetic() {
            let length = text[at..].iter().take_while(|c| c.is_alphabetic()).count();
            at += length;
            let word = &text[start..at];
            let is_roman = word.iter().all(|c| "IVXLC".contains(*c));
            let lower = || word.iter().flat_map(|c| c.to_lowercase()).collect();
            tokens.push(Token::Word(if is_roman { word.iter().collect() } else { lower() }));
        } else {
            at += 1;
            if first.is_whitespace() {
                continue;
            }
            tokens.push(Token::Mark(first));
        }
        places.push(start..at);
    }
    (tokens, places)
}

/// Digits with separators and a decimal point from `start` on, and where they end.
fn digits(text: &[char], start: usize) -> (f64, usize) {
    let is_digit = |at: usize| text.get(at).is_some_and(char::is_ascii_digit);
    let has_group = |at: usize| (1..4).all(|offset| is_digit(at + offset)) && !is_digit(at + 4);
    let is_after_number = start >= 2 && text[start - 1] == ' ' && is_digit(start - 2);
    let mut number = String::new();
    let mut has_point = false;
    let mut at = start;
    while let Some(&c) = text.get(at) {
        match c {
            '0'..='9' => number.push(c),
            // `100 000`, but not `0800 555 111`.
            ' ' if (1..4).contains(&number.len()) && !number.starts_with('0') && !is_after_number && has_group(at) => {}
            ',' if has_group(at) => {}
            '.' if is_digit(at + 1) && !has_point => {
                number.push_str(if number.is_empty() { "0." } else { "." });
                has_point = true;
            }
            _ => break,
        }
        at += 1;
    }
    (number.parse().unwrap_or_default(), at)
}
