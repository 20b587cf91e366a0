//! The values of all numbers in an English text, in digits and in words.

mod tokens;
mod words;

use std::ops::Range;

use self::{
    tokens::{Token, tokens},
    words::{ENDINGS, IMPERIAL, LONG_MONTHS, MONTHS, ORDINALS, ROUND_ORDINALS, SAYING, SMALL, TENS},
};
use super::Quantity;

/// The numbers and the months of a text.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Every value that the text may state.
    values: Vec<f64>,
    /// Whether the name of each month stands in it.
    months: [bool; 12],
    /// What it states, in order.
    pub(super) stated: Vec<Quantity>,
    /// Whether something is measured in miles, pounds and their like.
    pub(super) is_imperial: bool,
}

impl Found {
    /// Whether one of the values of a quantity is among them, or its month.
    pub(super) fn has(&self, quantity: &Quantity) -> bool {
        let has_month = |month: u8| self.months.get(usize::from(month) - 1).is_some_and(|&has| has);
        quantity.month.is_some_and(has_month) || quantity.is_among(&self.values)
    }

    fn add(&mut self, value: f64) {
        self.values.push(value);
    }
}

/// Reads a text.
pub(super) fn read(text: &str) -> Found {
    let (tokens, places) = tokens(text);
    let mut found = Found::default();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < tokens.len() {
        if let Token::Digits(value) = tokens[at] {
            found.values.extend(date(value));
        }
        let known = found.values.len();
        let (read, in_digits) = match &tokens[at] {
            Token::Digits(value) => {
                beside(*value, &tokens, at, &mut found);
                (number_in_digits(*value, &tokens[at + 1..], &mut found), true)
            }
            Token::Word(word) => {
                found.is_imperial |= IMPERIAL.contains(&word.as_str());
                (word_or_number(word, &tokens[at..], &mut found), false)
            }
            Token::Mark(mark) => {
                depth = if "([".contains(*mark) {
                    depth + 1
                } else {
                    depth.saturating_sub(usize::from(")]".contains(*mark)))
                };
                (0, false)
            }
        };
        let is_number = in_digits || matches!(&tokens[at], Token::Word(word) if is_numeral(word));
        if is_number && found.values.len() > known {
            let end = at + read;
            let is_imperial = (end + 1..end + 4)
                .any(|at| matches!(tokens.get(at), Some(Token::Word(word)) if IMPERIAL.contains(&word.as_str())));
            let values = found.values[known..].to_vec();
            let place = places[at].start..places[end].end;
            let is_free = depth > 0 || is_free(&tokens, at, end, &values);
            // The zeros of `15:00`.
            let is_zero = in_digits && at > 0 && tokens[at] == Token::Digits(0.0) && tokens[at - 1] == Token::Mark(':');
            if !is_imperial && !is_zero && !is_named(&tokens, &places, at, end) {
                found.stated.push(Quantity { values, converted: Vec::new(), month: None, place, is_free });
            }
        }
        at += 1 + read;
    }
    found.values.sort_by(f64::total_cmp);
    found
}

/// Whether a word is a number that counts, not one that only has a number in it (`both`, `third`).
fn is_numeral(word: &str) -> bool {
    small_number(word).is_some_and(|value| value > 1.0) || ordinal(word).is_some_and(|value| value > 3.0)
}

/// Whether the number of the tokens `start..=end` is free to be left out: a small one in words, what numbers a paragraph.
fn is_free(tokens: &[Token], start: usize, end: usize, values: &[f64]) -> bool {
    let value = values.first().copied().unwrap_or_default();
    let word = |at: usize| if let Some(Token::Word(word)) = tokens.get(at) { word.as_str() } else { "" };
    if !matches!(tokens[start], Token::Digits(_)) {
        return value < 100.0;
    }
    let is_whole = matches!(tokens.get(end + 1), Some(Token::Mark('%'))) || word(end + 1).starts_with("percent");
    let is_year = start == end && value.fract() == 0.0 && (1000.0..2100.0).contains(&value);
    // A year is often added or left out where others tell it, and `100 %` is `all`.
    if (tokens[start] == Token::Digits(1.0) && start == end)
        || is_year
        || (tokens[start] == Token::Digits(100.0) && is_whole)
    {
        return true;
    }
    let behind = tokens.get(end + 1);
    let is_first = start < 3 && tokens[..start].iter().all(|token| matches!(token, Token::Mark('(' | '[')));
    let is_set_off = matches!(behind, None | Some(Token::Mark('.' | ')' | ':')));
    is_first && (is_set_off || value.fract() > 0.0 && matches!(behind, Some(Token::Word(_))))
}

/// Whether digits at the tokens `start..=end` are part of a name: `3Com`, `F-16`, `PM2.5`.
fn is_named(tokens: &[Token], places: &[Range<usize>], start: usize, end: usize) -> bool {
    let touches = |one: usize, other: usize| places.get(other).is_some_and(|place| place.start == places[one].end);
    let word = |at: usize| if let Some(Token::Word(word)) = tokens.get(at) { word.as_str() } else { "" };
    let is_unit = |word: &str| ENDINGS.contains(&word) || IMPERIAL.contains(&word);
    let begins = touches(end, end + 1) && !word(end + 1).is_empty() && !is_unit(word(end + 1));
    let ends = |gap: usize| {
        start > gap
            && !word(start - 1 - gap).is_empty()
            && (0..=gap).all(|back| touches(start - 1 - back, start - back))
    };
    let is_dash = start > 0 && matches!(tokens[start - 1], Token::Mark('-'));
    matches!(tokens[start], Token::Digits(_)) && (begins || ends(0) || is_dash && ends(1))
}

/// The month and the day of `8.11`.
fn date(value: f64) -> Vec<f64> {
    let parts = |value: f64| value.to_string().split('.').filter_map(|part| part.parse().ok()).collect();
    if value.fract() > 0.0 && value < 13.0 { parts(value) } else { Vec::new() }
}

/// Adds what digits may stand for with what is before and behind them: `'95`, `1997-98`, `Figure 2-1`.
fn beside(value: f64, tokens: &[Token], at: usize, found: &mut Found) {
    let before = at.checked_sub(1).and_then(|at| tokens.get(at));
    if value < 100.0 && value.fract() == 0.0 {
        match (at.checked_sub(2).and_then(|at| tokens.get(at)), before) {
            (_, Some(Token::Mark('\'' | '’' | '‘'))) => {
                found.values.extend([value, 1900.0 + value, 2000.0 + value]);
            }
            // `9/11` is 911.
            (Some(Token::Digits(first)), Some(Token::Mark('/'))) if *first < 100.0 => {
                found.values.extend(format!("{first:.0}{value:.0}").parse::<f64>());
            }
            (Some(Token::Digits(first)), Some(Token::Mark('-' | '–' | '/'))) if *first >= 1000.0 => {
                found.values.extend([value, first - first % 100.0 + value]);
            }
            _ => {}
        }
        if let (Some(Token::Mark('/')), Some(Token::Digits(next))) = (tokens.get(at + 1), tokens.get(at + 2)) {
            found.values.extend(format!("{value:.0}{next:.0}").parse::<f64>());
        }
        if let (Some(Token::Mark('-')), Some(Token::Digits(next))) = (tokens.get(at + 1), tokens.get(at + 2))
            && next.fract() == 0.0
            && *next < 100.0
        {
            found.values.extend(format!("{value:.0}.{next:.0}").parse::<f64>());
        }
    }
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
        if matches!(after.get(read), Some(Token::Word(word)) if ["m", "k"].contains(&word.as_str())) {
            found.add(value); // `5 m` may be meters, and `3K` kelvins
        }
        value *= factor;
        read += 1;
    }
    found.add(value);
    found.values.extend(spans(after.get(read)).map(|years| value * years));
    found.values.extend(out_of(value, &after[read..]));
    let word = |at: usize| if let Some(Token::Word(word)) = after.get(at) { word.as_str() } else { "" };
    match (after.get(read), word(read)) {
        (Some(Token::Mark('%')), _) | (_, "percent" | "percentage" | "pct" | "per") => found.add(value / 100.0),
        (_, "s") => found.add(value % 100.0),
        (_, "a" | "am" | "p" | "pm") if value < 24.0 => {
            // `7.55am` has an hour and minutes.
            found.add(value + 12.0);
            if value.fract() > 0.0 {
                found.values.extend([value.trunc(), value.trunc() + 12.0, (100.0 * value.fract()).round()]);
            }
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
        found.months[month] = true;
        return 0;
    }
    if let Some(roman) = roman(word) {
        found.add(roman);
        return 0;
    }
    if word == "half"
        && let Some(factor) = from.iter().skip(1).take(3).find_map(|token| scale(Some(token)))
    {
        found.add(factor / 2.0);
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

/// The percentage of `seven out of ten`, `three in every four`, where `value` is the number before it.
fn out_of(value: f64, behind: &[Token]) -> Option<f64> {
    let mut words = behind.iter().take(5).skip_while(
        |token| matches!(token, Token::Word(word) if ["out", "of", "in", "every", "each"].contains(&word.as_str())),
    );
    let of = match words.next()? {
        Token::Word(word) if word == "hundred" => 100.0,
        Token::Word(word) => small_number(word)?,
        Token::Digits(of) => *of,
        Token::Mark(_) => return None,
    };
    let is_share = matches!(behind.first(), Some(Token::Word(word)) if word == "out" || word == "in");
    (is_share && of > value).then(|| 100.0 * value / of)
}

/// The hour and the minute of `two minutes to four`, where `minutes` is the number before it.
fn before_the_hour(minutes: f64, behind: &[Token]) -> Vec<f64> {
    let word = |at: usize| if let Some(Token::Word(word)) = behind.get(at) { word.as_str() } else { "" };
    let at = usize::from(word(0).starts_with("minute"));
    let hour = match behind.get(at + 1) {
        Some(Token::Word(hour)) => small_number(hour),
        Some(Token::Digits(hour)) => Some(*hour),
        _ => None,
    };
    let hour = hour.filter(|&hour| ["to", "before"].contains(&word(at)) && minutes < 60.0 && hour <= 12.0);
    hour.map_or_else(Vec::new, |hour| vec![60.0 - minutes, hour - 1.0, hour + 11.0])
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
    // `Ten seconds` are no share.
    if word == "seconds" {
        return None;
    }
    let word = word.strip_suffix('s').unwrap_or(word);
    if let Some((_, value)) = ROUND_ORDINALS.iter().find(|(name, _)| *name == word) {
        return Some(*value);
    }
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
        found.values.extend(before_the_hour(value, &from[end..]));
        found.values.extend(out_of(value, &from[end..]));
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
