//! Readers of alignment files, in the formats that aligners and gold sets come in; which one is seen from the text.
//!
//! | format | looks like | numbers from |
//! | --- | --- | --- |
//! | index: this program, Vecalign, Bertalign, SentAlign | `[0]:[0,1]:0.98` `[0]:[0, 1]` `([0], [0, 1])` | 0 |
//! | Champollion | `4,5 <=> 7` `omitted <=> 1` | 1 |
//! | hunalign ladder (`ladder`) | `4⇥7⇥0.51` | 0 |
//! | XCES and InterText links (`links`) | `<link xtargets="s1 s2;s1"/>` | 1 |
//!
//! The left side is the source, except in links, which name their files. Blank lines and lines that begin with `#`
//! are passed over; a line that cannot be read is an error, never left out.
//!
//! The third field of an index is a confidence where it is a probability, as in what this program writes; Vecalign and
//! Bertalign write costs there. The scores of ladders and the `certainty` of links have no bounds and are none.

use std::path::Path;

use super::Link;
use crate::{
    both::Both,
    error::{Error, Result},
    ingest::file_bytes,
};

/// Ladders of rungs.
pub mod ladder;

/// XML links.
pub mod links;

/// Reads the alignment in the file `path`.
pub fn read(path: &Path) -> Result<Vec<Link>> {
    let (name, text) = open(path)?;
    parse(&name, &text)
}

/// Reads the alignment in the file `path`, with the confidence of each bead, 0..=1; a bead without one is an error.
pub fn read_with_confidence(path: &Path) -> Result<Vec<(Link, f64)>> {
    let (name, text) = open(path)?;
    parse_with_confidence(&name, &text)
}

/// Reads the alignment `text`, which errors call `name`.
pub fn parse(name: &str, text: &str) -> Result<Vec<Link>> {
    Ok(entries(name, text)?.into_iter().map(|entry| entry.link).collect())
}

/// Reads the alignment `text`, which errors call `name`, with the confidence of each bead, 0..=1; a bead without one
/// is an error.
pub fn parse_with_confidence(name: &str, text: &str) -> Result<Vec<(Link, f64)>> {
    let with_confidence = |Entry { line, link, confidence }| match confidence {
        Some(confidence) => Ok((link, confidence)),
        None => Err(Error::NoConfidence { path: name.to_owned(), line }),
    };
    entries(name, text)?.into_iter().map(with_confidence).collect()
}

/// The name and the text of the file `path`.
fn open(path: &Path) -> Result<(String, String)> {
    let name = path.display().to_string();
    match String::from_utf8(file_bytes(path)?) {
        Ok(text) => Ok((name, text)),
        Err(error) => {
            let offset = error.utf8_error().valid_up_to();
            Err(Error::Encoding { path: name, encoding: "UTF-8", offset })
        }
    }
}

/// A bead as its file has it.
struct Entry {
    /// 1-based; none in formats without confidences, where one line is as good as another.
    line: Option<usize>,
    link: Link,
    confidence: Option<f64>,
}

fn entries(name: &str, text: &str) -> Result<Vec<Entry>> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let meaningful = || {
        let numbered = text.lines().enumerate().map(|(i, line)| (i + 1, line.trim()));
        numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
    };
    let Some((_, first)) = meaningful().next() else { return Err(Error::Empty { path: name.to_owned() }) };
    let parsed = if first.starts_with('<') {
        links::parse(text).map(without_confidence)
    } else if first.contains("<=>") {
        each_line(meaningful(), champollion_line)
    } else if first.starts_with(['[', '(']) {
        each_line(meaningful(), index_line)
    } else {
        ladder::parse(meaningful()).map(without_confidence)
    };
    let entries = parsed.map_err(|Malformed { line, what }| Error::Format { path: name.to_owned(), line, what })?;
    Ok(entries.into_iter().map(|entry| Entry { link: entry.link.map(ascending), ..entry }).collect())
}

fn without_confidence(links: Vec<Link>) -> Vec<Entry> {
    links.into_iter().map(|link| Entry { line: None, link, confidence: None }).collect()
}

/// A line that does not follow its format.
#[derive(Debug)]
struct Malformed {
    /// 1-based.
    line: usize,
    what: String,
}

fn ascending(mut ids: Vec<usize>) -> Vec<usize> {
    ids.sort_unstable();
    ids.dedup();
    ids
}

fn each_line<'t>(
    lines: impl Iterator<Item = (usize, &'t str)>,
    parse: impl Fn(&str) -> Option<(Link, Option<f64>)>,
) -> std::result::Result<Vec<Entry>, Malformed> {
    let entry = |(line, text)| match parse(text) {
        Some((link, confidence)) => Ok(Entry { line: Some(line), link, confidence }),
        None => Err(Malformed { line, what: format!("`{}` is no bead", shortened(text)) }),
    };
    lines.map(entry).collect()
}

/// As much of a line as an error message has room for.
fn shortened(line: &str) -> String {
    const CHARACTERS: usize = 60;
    match line.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line.to_owned(),
    }
}

/// `[0]:[0,1]:0.98`, with spaces or without, the third field or not, as a Python tuple or not.
fn index_line(line: &str) -> Option<(Link, Option<f64>)> {
    let line = line.trim_end_matches(',');
    let line = line.strip_prefix('(').map_or(Some(line), |tuple| tuple.strip_suffix(')'))?;
    let (source, rest) = list(line)?;
    let (target, rest) = list(field(rest)?)?;
    let third: Option<f64> = if rest.is_empty() { None } else { Some(field(rest)?.parse().ok()?) };
    Some((Both::new(source, target), third.filter(|number| (0.0..=1.0).contains(number))))
}

/// What comes after the separator of two fields.
fn field(rest: &str) -> Option<&str> {
    rest.strip_prefix([':', ',']).map(str::trim)
}

/// The numbers of a list in square brackets, and what stands after it.
fn list(text: &str) -> Option<(Vec<usize>, &str)> {
    let (inside, rest) = text.trim_start().strip_prefix('[')?.split_once(']')?;
    let ids = if inside.trim().is_empty() { Some(Vec::new()) } else { numbers(inside) };
    Some((ids?, rest.trim()))
}

/// `4,5 <=> 7` or `omitted <=> 1`; its numbers begin at 1.
fn champollion_line(line: &str) -> Option<(Link, Option<f64>)> {
    let side = |text: &str| match text.trim() {
        "omitted" => Some(Vec::new()),
        ids => numbers(ids)?.into_iter().map(|number| number.checked_sub(1)).collect(),
    };
    let (source, target) = line.split_once("<=>")?;
    Some((Both::new(side(source)?, side(target)?), None))
}

fn numbers(text: &str) -> Option<Vec<usize>> {
    text.split(',').map(|number| number.trim().parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;

    fn link(source: &[usize], target: &[usize]) -> Link {
        Both::new(source.to_vec(), target.to_vec())
    }

    #[test]
    fn every_way_to_write_an_index_is_read() {
        for (text, expected) in [
            ("[0]:[0,1]:0.98", link(&[0], &[0, 1])),
            ("[8, 9]:[10, 11, 12]:0.139594", link(&[8, 9], &[10, 11, 12])),
            ("[]:[22]:0.000000", link(&[], &[22])),
            ("[ 3 ] : [ ]", link(&[3], &[])),
            ("[5]:[4, 3]", link(&[5], &[3, 4])),
            ("([0, 1], [2])", link(&[0, 1], &[2])),
            ("([0], [], -0.1),", link(&[0], &[])),
            ("[0]:[0]:-1e-3", link(&[0], &[0])),
        ] {
            assert_eq!(parse("x", text).unwrap(), [expected], "{text}");
        }
    }

    #[test]
    fn champollion_counts_from_one_and_writes_omitted() {
        let text = "1 <=> 1\n2,3 <=> 2\nomitted <=> 3\n4 <=> omitted\n";
        let expected = [link(&[0], &[0]), link(&[1, 2], &[1]), link(&[], &[2]), link(&[3], &[])];
        assert_eq!(parse("x", text).unwrap(), expected);
    }

    #[test]
    fn blank_lines_comments_a_mark_and_any_line_end_are_passed_over() {
        let text = "\u{FEFF}# made by hand\r\n\r\n[0]:[0]\r\n  # two\n[1]:[1]";
        assert_eq!(parse("x", text).unwrap(), [link(&[0], &[0]), link(&[1], &[1])]);
    }

    #[test]
    fn the_third_field_of_an_index_is_the_confidence() {
        let read = parse_with_confidence("x", "[0]:[0, 1]:0.98\n[]:[2]:1\n([1], [], 0)\n").unwrap();
        assert_eq!(read, [(link(&[0], &[0, 1]), 0.98), (link(&[], &[2]), 1.0), (link(&[1], &[]), 0.0)]);
    }

    #[test]
    fn a_bead_without_a_confidence_is_named_where_confidences_are_asked_for() {
        for (text, expected) in [
            ("[0]:[0]:0.9\n# a cost\n[1]:[1]:1.7\n", Some(3)),
            ("[0]:[0]:-0.1", Some(1)),
            ("[0]:[0]:nan", Some(1)),
            ("[0]:[0]:0.9\n[1]:[1]\n", Some(2)),
            ("1 <=> 1\n", Some(1)),
            ("0 0\n1 1 0.5\n", None),
            ("<linkGrp><link xtargets='s1;s1' certainty='0.9'/></linkGrp>", None),
        ] {
            assert!(parse("x", text).is_ok(), "{text:?}");
            let error = parse_with_confidence("a.path", text).unwrap_err();
            let Error::NoConfidence { path, line } = error else { panic!("{text:?}: {error}") };
            assert_eq!((path.as_str(), line), ("a.path", expected), "{text:?}");
        }
    }

    #[test]
    fn a_line_that_cannot_be_read_is_named() {
        for (text, line) in [
            ("[0]:[0]\n[1]:[a]\n", 2),
            ("[0]:[-1]", 1),
            ("[0]", 1),
            ("[0][1]", 1),
            ("[0]:[1", 1),
            ("[0]:[0]:high", 1),
            ("([0], [1]", 1),
            ("[0]:[99999999999999999999999]", 1),
            ("# c\n1 <=> 0\n", 2),
            ("1 <=> one", 1),
            ("\n\nhello", 3),
        ] {
            let error = parse("gold/a.align", text).unwrap_err();
            assert!(matches!(&error, Error::Format { line: found, .. } if *found == line), "{text:?}: {error}");
        }
        let error = parse("gold/a.align", "[0]:[x]").unwrap_err();
        assert_eq!(error.to_string(), "cannot read `gold/a.align`, line 1: `[0]:[x]` is no bead");
    }

    #[test]
    fn files_that_are_no_text_or_not_there_or_empty_are_errors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.align");
        assert!(matches!(read(&path), Err(Error::Read { .. })));
        assert!(matches!(read(folder.path()), Err(Error::Directory { .. })));
        fs::write(&path, b"[0]:[0]\xff").unwrap();
        assert!(matches!(read(&path), Err(Error::Encoding { offset: 7, .. })));
        fs::write(&path, "# nothing\n").unwrap();
        assert!(matches!(read(&path), Err(Error::Empty { .. })));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[\\[\\]():,0-9 \t\n<=>#a-z\"/;.-]{0,60}") {
            if let Err(error) = parse("x", &text) {
                let is_about_the_text = matches!(error, Error::Format { .. } | Error::Empty { .. });
                prop_assert!(is_about_the_text, "{}", error);
            }
        }
    }
}
