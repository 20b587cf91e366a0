//! A line a document, as JSON, for programs that feed documents one by one: what comes of each is on a line of its own, in
//! the order in which they came, and what could not be done is told in its place.
//!
//! ```text
//! {"id":"a","pairs":[{"translation":{"zh":…,"en":…},"confidence":0.98,"kind":"1:1",…}],      `align --by-document`
//!           "coverage":{"zh":{"sentences":{"covered":1,"total":2,"ratio":0.5},"characters":…},"en":…}}
//! {"id":"a","sides":…}                                          `coverage -f jsonl`: as in `coverage_json`
//! {"id":"a","sentences":[{"zh":"…","mt":"…","mt_flaw":null,"mt_probability":0.61}]}   `translate -f jsonl`
//! {"id":"a","error":"found no Chinese in `<stdin>:7`"}          `--errors inline`
//! ```
//! Pairs have the keys of `jsonl` but for `doc`, which is the line's `id`. A document without a name is called by the place
//! where it stands.

use std::io;

use serde::Serialize;

use super::{Column, Options, Pair, PairWriter as _, coverage_json::Shares, jsonl, pair::pairs, rounded};
use crate::document::{AlignedDocument, Flaw, Sentences, Translation};

/// The pairs of a document and how much of each side they cover, on a line.
pub fn aligned(document: &AlignedDocument, options: &Options) -> io::Result<Vec<u8>> {
    let columns: Vec<Column> =
        options.columns_or(&jsonl::DEFAULT_COLUMNS).into_iter().filter(|&column| column != Column::Doc).collect();
    let pairs: Vec<_> = pairs(document, options).collect();
    let pairs = pairs.iter().map(|pair| jsonl::Line { pair, columns: &columns }).collect();
    line(&Aligned { id: &document.id, pairs, coverage: Shares::of(&document.coverage) })
}

/// Pairs, each on a line, as `jsonl` has them.
pub fn rows<'p>(mut pairs: impl Iterator<Item = Pair<'p>>, options: &Options) -> io::Result<Vec<u8>> {
    let mut made = Vec::new();
    let mut writer = jsonl::JsonlWriter::new(&mut made, options.columns_or(&jsonl::DEFAULT_COLUMNS));
    pairs.try_for_each(|pair| writer.pair(&pair))?;
    Ok(made)
}

/// The translations of a text's Chinese sentences, on a line.
pub fn translated(id: &str, sentences: &Sentences, translations: &[Translation]) -> io::Result<Vec<u8>> {
    let texts = sentences.items.iter().map(|item| item.span.of(&sentences.original.text));
    let sentences = texts.zip(translations).map(|(zh, translation)| Translated {
        zh,
        mt: &translation.text,
        mt_flaw: translation.flaw.map(Flaw::name),
        mt_probability: rounded(translation.probability()),
    });
    line(&AllTranslated { id, sentences: sentences.collect() })
}

/// What is wrong with a document that was left out, on a line.
pub fn left_out(id: &str, error: &str) -> io::Result<Vec<u8>> {
    line(&LeftOut { id, error })
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

#[derive(Serialize)]
struct Aligned<'a> {
    id: &'a str,
    pairs: Vec<jsonl::Line<'a>>,
    coverage: Shares,
}

#[derive(Serialize)]
struct AllTranslated<'a> {
    id: &'a str,
    sentences: Vec<Translated<'a>>,
}

#[derive(Serialize)]
struct Translated<'a> {
    zh: &'a str,
    mt: &'a str,
    mt_flaw: Option<&'static str>,
    mt_probability: f64,
}

#[derive(Serialize)]
struct LeftOut<'a> {
    id: &'a str,
    error: &'a str,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{Format, sample};

    #[test]
    fn a_document_is_a_line_that_holds_its_pairs_and_its_shares() {
        let options = Options { format: Format::Jsonl, ..Options::default() };
        let made = String::from_utf8(aligned(&sample::mixed(), &options).unwrap()).unwrap();
        let expected = concat!(
            r#"{"id":"animals.txt","pairs":["#,
            r#"{"translation":{"zh":"猫睡了。","en":"The cat slept."},"confidence":0.98,"kind":"1:1","zh_ids":[0],"en_ids":[0],"mt":"Translation 0.","mt_flaw":null,"origin":"human"},"#,
        );
        assert!(made.starts_with(expected), "{made}");
        assert_eq!(made.find('\n'), Some(made.len() - 1));
        let read: serde_json::Value = serde_json::from_str(&made).unwrap();
        assert_eq!(read["pairs"].as_array().unwrap().len(), 2);
        assert_eq!(read["coverage"]["zh"]["sentences"]["total"], 3);
        let columns = Some(vec![Column::En, Column::Doc]);
        let options = Options { columns, ..options };
        let read: serde_json::Value = serde_json::from_slice(&aligned(&sample::mixed(), &options).unwrap()).unwrap();
        assert_eq!(read["pairs"][0].to_string(), r#"{"translation":{"en":"The cat slept."}}"#);
    }

    #[test]
    fn what_is_wrong_is_a_line_too_whatever_it_quotes() {
        let made = left_out("a\n\"", "cannot\u{1b}[2J").unwrap();
        assert_eq!(made, b"{\"id\":\"a\\n\\\"\",\"error\":\"cannot\\u001b[2J\"}\n");
    }
}
