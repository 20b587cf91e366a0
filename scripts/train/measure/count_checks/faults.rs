//! Faults that are planted in right pairs, one each, such as people and programs make them.

use mtalign::{document::Check, text::is_han};

use crate::Pair;

/// A kind of fault.
pub(crate) struct Fault {
    /// What was done.
    pub(crate) name: &'static str,
    /// The check that should find it.
    pub(crate) check: Check,
    change: Change,
}

/// How a fault is made: what becomes of a text, where that has a place for it.
enum Change {
    /// The last English sentence that has one.
    English(fn(&str) -> Option<String>),
    /// The last Chinese sentence that has one.
    Chinese(fn(&str) -> Option<String>),
    /// Something that is put at the end of both sides first, and then changed in the English.
    Copied(&'static str, fn(&str) -> Option<String>),
    /// The pair as a whole.
    Pair(fn(&Pair) -> Option<Pair>),
}

impl Fault {
    /// The pair as it is before, with what the fault needs.
    pub(crate) fn base(&self, pair: &Pair) -> Pair {
        let mut pair = pair.clone();
        if let Change::Copied(copied, _) = self.change {
            pair.source.last_mut().into_iter().for_each(|last| *last = format!("{last}（{copied}）"));
            pair.target.last_mut().into_iter().for_each(|last| *last = format!("{last} ({copied})"));
        }
        pair
    }

    /// The pair with the fault.
    pub(crate) fn plant(&self, pair: &Pair) -> Option<Pair> {
        let mut pair = self.base(pair);
        let change = |sentences: &mut [String], change: fn(&str) -> Option<String>| {
            let (at, text) = sentences.iter().enumerate().rev().find_map(|(at, text)| Some((at, change(text)?)))?;
            sentences[at] = text;
            Some(())
        };
        match self.change {
            Change::English(of) | Change::Copied(_, of) => change(&mut pair.target, of)?,
            Change::Chinese(of) => change(&mut pair.source, of)?,
            Change::Pair(of) => return of(&pair),
        }
        Some(pair)
    }
}

/// Every kind.
pub(crate) const ALL: [Fault; 20] = [
    fault(
        "a digit changed",
        Check::Number,
        Change::English(|text| {
            with_digits(text, |digits| {
                let last = digits.chars().last()?.to_digit(10)?;
                Some(format!("{}{}", &digits[..digits.len() - 1], (last + 3) % 10))
            })
        }),
    ),
    fault(
        "a zero dropped",
        Check::Number,
        Change::English(|text| {
            with_digits(text, |digits| digits.strip_suffix('0').filter(|rest| !rest.is_empty()).map(str::to_owned))
        }),
    ),
    fault(
        "two digits exchanged",
        Check::Number,
        Change::English(|text| {
            with_digits(text, |digits| {
                let split = digits.len().checked_sub(2)?;
                let (first, second) = (&digits[split..=split], &digits[split + 1..]);
                (first != second).then(|| format!("{}{second}{first}", &digits[..split]))
            })
        }),
    ),
    fault(
        "a number of two or more digits left out",
        Check::Number,
        Change::English(|text| with_digits(text, |digits| (digits.len() > 1).then(String::new))),
    ),
    fault(
        "million and billion mistaken",
        Check::Number,
        Change::English(|text| {
            exchanged(text, &[("million", "billion"), ("billion", "million"), ("thousand", "million")])
        }),
    ),
    fault(
        "万 and 亿 mistaken",
        Check::Number,
        Change::Chinese(|text| {
            let is_numeral = |c: char| c.is_ascii_digit() || "一二三四五六七八九十百千多".contains(c);
            let at = text.find(['万', '亿', '萬', '億']).filter(|&at| text[..at].ends_with(is_numeral))?;
            let unit = text[at..].chars().next()?;
            let other = if "万萬".contains(unit) { '亿' } else { '万' };
            (!text[at + unit.len_utf8()..].starts_with(['一', '亿', '億']))
                .then(|| replaced(text, at, unit.len_utf8(), &other.to_string()))
        }),
    ),
    fault(
        "a month shifted",
        Check::Number,
        Change::English(|text| {
            exchanged(
                text,
                &[
                    ("January", "March"),
                    ("February", "April"),
                    ("March", "May"),
                    ("April", "July"),
                    ("June", "August"),
                    ("July", "September"),
                    ("August", "October"),
                    ("September", "November"),
                    ("October", "December"),
                    ("November", "June"),
                    ("December", "February"),
                ],
            )
        }),
    ),
    fault(
        "a number in words changed",
        Check::Number,
        Change::English(|text| {
            exchanged(
                text,
                &[
                    ("two", "four"),
                    ("three", "five"),
                    ("four", "six"),
                    ("five", "three"),
                    ("six", "eight"),
                    ("seven", "nine"),
                    ("eight", "six"),
                    ("ten", "twelve"),
                    ("twelve", "eleven"),
                    ("twenty", "thirty"),
                    ("thirty", "forty"),
                    ("forty", "fifty"),
                ],
            )
        }),
    ),
    fault(
        "an address changed",
        Check::Url,
        Change::Copied("https://docs.example/guide/page-7", |text| Some(text.replace("page-7", "page-9"))),
    ),
    fault(
        "an e-mail address changed",
        Check::Url,
        Change::Copied("desk@mail.example", |text| Some(text.replace("desk@", "disk@"))),
    ),
    fault("a placeholder dropped", Check::Url, Change::Copied("{count}", |text| Some(text.replace("{count}", "")))),
    fault("a format changed", Check::Url, Change::Copied("%1$s", |text| Some(text.replace("%1$s", "%2$s")))),
    fault("a tag not closed", Check::Url, Change::Copied("<b>NB</b>", |text| Some(text.replace("</b>", "")))),
    fault(
        "a file name changed",
        Check::Url,
        Change::Copied("setup.toml", |text| Some(text.replace("setup.toml", "set-up.toml"))),
    ),
    fault(
        "a bracket or quotation mark dropped",
        Check::Punctuation,
        Change::English(|text| {
            let (at, c) = text.char_indices().rev().find(|(_, c)| ")”]".contains(*c))?;
            text[..at].contains(['(', '“', '[']).then(|| replaced(text, at, c.len_utf8(), ""))
        }),
    ),
    fault(
        "a straight quotation mark dropped",
        Check::Punctuation,
        Change::English(|text| (text.matches('"').count() > 1).then(|| text.replacen('"', "", 1))),
    ),
    fault(
        "a Chinese bracket or quotation mark dropped",
        Check::Punctuation,
        Change::Chinese(|text| {
            let (at, c) = text.char_indices().rev().find(|(_, c)| "）”」》".contains(*c))?;
            text[..at].contains(['（', '“', '「', '《']).then(|| replaced(text, at, c.len_utf8(), ""))
        }),
    ),
    fault(
        "a clause left in Chinese",
        Check::Untranslated,
        Change::Pair(|pair| {
            let clause = pair.source.concat().split(['，', '。', '；', '！', '？']).next()?.to_owned();
            let is_clause = clause.chars().filter(|&c| is_han(c)).count() == clause.chars().count();
            let mut wrong = pair.clone();
            let last = wrong.target.last_mut()?;
            *last = match last.rfind(", ") {
                Some(comma) => format!("{}, {clause}.", &last[..comma]),
                None => format!("{last} {clause}."),
            };
            (is_clause && clause.chars().count() > 1).then_some(wrong)
        }),
    ),
    fault(
        "a clause left in English",
        Check::Untranslated,
        Change::Pair(|pair| {
            let english = pair.target.join(" ");
            let clause = english
                .split(['.', ';', '?', '!', '"', '“', '”', '('])
                .map(str::trim)
                .find(|clause| clause.split_whitespace().count() > 7 && clause.is_ascii())?;
            let mut wrong = pair.clone();
            let last = wrong.source.last_mut()?;
            let comma = last.rfind('，').filter(|&comma| !last[comma..].contains(['”', '"', '）', '」', '》']))?;
            *last = format!("{}，{clause}。", &last[..comma]);
            Some(wrong)
        }),
    ),
    fault(
        "a negation dropped",
        Check::Negation,
        Change::English(|text| {
            let negations = ["n't ", " not ", " never "];
            let count: usize = negations.iter().map(|negation| text.matches(negation).count()).sum();
            let negation = negations.iter().find(|negation| text.contains(**negation)).filter(|_| count == 1)?;
            Some(text.replacen(negation, " ", 1))
        }),
    ),
];

const fn fault(name: &'static str, check: Check, change: Change) -> Fault {
    Fault { name, check, change }
}

/// The text with its last number of two or more digits changed.
fn with_digits(text: &str, change: fn(&str) -> Option<String>) -> Option<String> {
    let end = text.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = text[..end]
        .rfind(|c: char| !c.is_ascii_digit())
        .map_or(0, |at| at + text[at..].chars().next().map_or(1, char::len_utf8));
    let is_apart =
        !text[..start].ends_with(|c: char| c.is_alphabetic()) && !text[end..].starts_with(|c: char| c.is_alphabetic());
    let digits = change(&text[start..end]).filter(|_| is_apart)?;
    Some(replaced(text, start, end - start, &digits))
}

/// The text with the first of some words in place of another.
fn exchanged(text: &str, words: &[(&str, &str)]) -> Option<String> {
    let is_word = |at: usize, length: usize| {
        let is_letter = |c: char| c.is_alphanumeric() || c == '-';
        !text[..at].ends_with(is_letter) && !text[at + length..].starts_with(is_letter)
    };
    let found = words.iter().find_map(|(from, to)| {
        let at = text.match_indices(from).map(|(at, _)| at).find(|&at| is_word(at, from.len()))?;
        Some((at, from.len(), to))
    });
    found.map(|(at, length, to)| replaced(text, at, length, to))
}

fn replaced(text: &str, at: usize, length: usize, by: &str) -> String {
    format!("{}{by}{}", &text[..at], &text[at + length..])
}
