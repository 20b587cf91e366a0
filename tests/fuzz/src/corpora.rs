//! Corpora of every kind that are read, and what must hold of any.

use mtalign::{
    dataset::{
        Candidate,
        read::{Corpus, Row},
    },
    error::Error,
};

use crate::{archive, parted, scratch};

/// The endings of the kinds, by their letters, and whether the input is what is packed into them.
pub const KINDS: [(&str, bool); 9] = [
    /* a */ ("tsv", false),
    /* b */ ("csv", false),
    /* c */ ("jsonl", false),
    /* d */ ("tmx", false),
    /* e */ ("xlf", false),
    /* f */ ("po", false),
    /* g */ ("en-zh.zh", false),
    /* h */ ("xlsx", true),
    /* i */ ("xlsx", false),
];

/// Reads a corpus of the kind `number` to its end, and returns its pairs.
///
/// # Panics
/// If what it gives is no row: a text of several lines, a confidence out of 0..=1, something after an error.
pub fn read((ending, is_packed_here): (&str, bool), content: &[u8]) -> Vec<Candidate> {
    let (first, second) = parted(content);
    let path = match (ending, is_packed_here) {
        ("xlsx", true) => scratch::file("a.xlsx", &archive::workbook(first, second)),
        ("en-zh.zh", _) => {
            scratch::file("a.en-zh.en", second);
            scratch::file("a.en-zh.zh", first)
        }
        _ => scratch::file(&format!("a.{ending}"), content),
    };
    let corpus = match Corpus::at(&path) {
        Some(corpus) => corpus,
        None if ending == "jsonl" => Corpus::Jsonl(path),
        None => panic!("{} is no corpus", path.display()),
    };
    let mut pairs = Vec::new();
    let mut rows = match corpus.rows() {
        Ok(rows) => rows,
        Err(error) => {
            told(&error);
            return pairs;
        }
    };
    while let Some(row) = rows.next() {
        match row {
            Ok(Row::Pair(pair)) => {
                for text in [&pair.zh, &pair.en] {
                    assert_eq!(text.trim(), text, "{text:?} has white space at its ends");
                    assert!(!text.contains(['\n', '\r']), "{text:?} is no line");
                }
                assert!(pair.confidence.is_none_or(|confidence| (0.0..=1.0).contains(&confidence)));
                assert!(pair.line.is_some_and(|line| line >= 1));
                pairs.push(pair);
            }
            Ok(Row::Bad(bad)) => assert!(bad.line >= 1 && !bad.what.is_empty(), "{bad:?}"),
            Ok(Row::Note(note)) => assert!(!note.what.is_empty()),
            Err(error) => {
                told(&error);
                assert!(rows.next().is_none(), "something comes after an error");
                break;
            }
        }
    }
    pairs
}

/// Checks an error. Of workbooks, whose reader is known to panic over damaged ones, a fault is one.
fn told(error: &Error) {
    assert!(!error.to_string().is_empty());
}
