//! How often what is said to be wrong with a translation is wrong, on translations by people and on such as a program
//! has made wrong.

use std::{fmt::Write as _, fs};

use mtalign::{document::Flaw, text::quantities, translate::check};

use crate::shared::shared;

/// Of right translations, at most this share is said to lack an amount, or a negation. It was .006 and .014.
const MOST_FALSE: f64 = 0.02;

/// Of translations with one number changed, and of those without their negation, at least this share is found. It was
/// .97 and .60; most of what is not found has the number, or another negation, a second time.
const LEAST_FOUND: [f64; 2] = [0.95, 0.55];

/// The pairs of a table of register, Chinese and English, that say each number alike.
fn pairs() -> Option<Vec<(String, String)>> {
    let table = fs::read_to_string(shared("eval-mt/written-dev.tsv")?).unwrap();
    let pair = |line: &str| {
        let mut cells = line.split('\t').skip(1);
        Some((cells.next()?.to_owned(), cells.next()?.to_owned()))
    };
    Some(table.lines().skip(1).filter_map(pair).collect())
}

/// The English with its first number of two or more digits changed; none if it has none.
fn with_another_number(english: &str) -> Option<String> {
    let start = english.find(|c: char| c.is_ascii_digit())?;
    let length = english[start..].find(|c: char| !c.is_ascii_digit()).unwrap_or(english.len() - start);
    let digits = &english[start..start + length];
    let last = digits.chars().last()?.to_digit(10)?;
    let other = char::from_digit((last + 3) % 10, 10)?;
    (length > 1).then(|| format!("{}{other}{}", &english[..start + length - 1], &english[start + length..]))
}

/// The English without its negation; none if it has not exactly one.
fn without_negation(english: &str) -> Option<String> {
    let negations = ["n't ", " not ", " never "];
    let count: usize = negations.iter().map(|negation| english.matches(negation).count()).sum();
    if count != 1 {
        return None;
    }
    let negation = negations.iter().find(|negation| english.contains(**negation))?;
    Some(english.replacen(negation, " ", 1))
}

/// Makes a translation wrong, where it can.
type Change = fn(&str) -> Option<String>;

#[test]
#[expect(clippy::print_stdout, reason = "figures for whoever asks for them with --nocapture")]
fn flags_are_mostly_right() {
    let Some(pairs) = pairs() else { return };
    let mut report = String::new();
    let flagged = |flaw: Flaw| pairs.iter().filter(|(zh, en)| check::wrong(zh, en) == Some(flaw)).count();
    for flaw in [Flaw::Quantity, Flaw::Negation] {
        let share = flagged(flaw) as f64 / pairs.len() as f64;
        writeln!(report, "{flaw:?}: {:.1} % of {} right translations are flagged", 100.0 * share, pairs.len()).unwrap();
        assert!(share <= MOST_FALSE, "{report}");
    }
    let faults: [(Flaw, Change); 2] = [(Flaw::Quantity, with_another_number), (Flaw::Negation, without_negation)];
    for ((flaw, change), least) in faults.into_iter().zip(LEAST_FOUND) {
        // A change tells only where nothing was flagged before, and where the source has what was changed.
        let has = |zh: &str| flaw == Flaw::Negation || !quantities::of_chinese(zh).is_empty();
        let changed: Vec<_> = (pairs.iter())
            .filter(|(zh, en)| check::wrong(zh, en).is_none() && has(zh))
            .filter_map(|(zh, en)| Some((zh, change(en)?)))
            .collect();
        let found = changed.iter().filter(|(zh, en)| check::wrong(zh, en) == Some(flaw)).count();
        let share = found as f64 / changed.len() as f64;
        writeln!(report, "{flaw:?}: {:.1} % of {} changed translations are found", 100.0 * share, changed.len())
            .unwrap();
        assert!(share >= least, "{report}");
    }
    println!("{report}");
}
