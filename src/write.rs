//! 7 · Aligned documents → bytes in a format.
//!
//! In comes an `Aligned` document; out goes parallel text, a row a `Pair`, through the `PairWriter` of a
//! `Format`, or a coverage report for people (`summary`) or programs (`coverage_json`). Everything is written
//! to an `io::Write`; only `output` knows of files. Which beads become rows is decided once, in `pairs`.

use std::{fmt, io, path::Path, str::FromStr};

use crate::{
    bead::Alignment,
    both::Both,
    coverage::CoverageReport,
    document::{Sentences, Span},
    translate::{Flaw, Translation},
};

pub mod column;
pub mod pair;
pub mod tsv;
pub mod jsonl;
pub mod index;
pub mod summary;
pub mod coverage_json;
pub mod output;
pub mod plain;

#[cfg(test)]
mod sample;

pub use column::Column;
pub use pair::{Origin, Pair, pairs};

/// A document with everything the outputs are made of.
#[derive(Debug, Clone, Copy)]
pub struct Aligned<'a> {
    /// What outputs call it.
    pub id: &'a str,
    /// The sentences of each side.
    pub sentences: &'a Both<Sentences>,
    /// The model's translation of each source sentence.
    pub translations: &'a [Translation],
    /// Beads that tile both sides.
    pub alignment: &'a Alignment,
    /// What is covered.
    pub coverage: &'a CoverageReport,
    /// Lines of neither language, in the original of the source side.
    pub set_aside: &'a [Span],
}

/// A format for parallel text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// A line a pair, cells separated by tabs: [`tsv`].
    #[default]
    Tsv,
    /// A JSON object a pair: [`jsonl`].
    Jsonl,
    /// `[0]:[0,1]:0.98`, a line a bead: [`index`].
    Index,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 3] = [Self::Tsv, Self::Jsonl, Self::Index];

    /// The name by which it is asked for, which is also its file extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tsv => "tsv",
            Self::Jsonl => "jsonl",
            Self::Index => "index",
        }
    }

    /// The format that the extension of `path` names, in capitals or not.
    pub fn from_path(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.to_lowercase().parse().ok()
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        find_named("format", &Self::ALL, Self::name, name)
    }
}

/// A name that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{given}`; there is {known}")]
pub struct UnknownName {
    what: &'static str,
    given: String,
    known: String,
}

fn find_named<T: Copy>(
    what: &'static str,
    all: &[T],
    name: impl Fn(T) -> &'static str,
    given: &str,
) -> Result<T, UnknownName> {
    all.iter().copied().find(|&item| name(item) == given).ok_or_else(|| {
        let known = all.iter().map(|&item| name(item)).collect::<Vec<_>>().join(", ");
        UnknownName { what, given: given.to_owned(), known }
    })
}

/// What a [`PairWriter`] writes, and which pairs.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// The columns or keys in order; `None` for those that the format has by default. An index has none to choose.
    pub columns: Option<Vec<Column>>,
    /// Whether a first line names the columns; in TSV only.
    pub header: bool,
    /// Whether sentences without a counterpart have rows too, in their place. An index always has them.
    pub keep_unaligned: bool,
    /// Pairs below this confidence (0..=1) are given up: left out, or, where unaligned sentences are kept, written as
    /// two rows without counterparts.
    pub min_confidence: f64,
}

impl Options {
    fn keeps_unaligned(&self) -> bool {
        self.keep_unaligned || self.format == Format::Index
    }
}

/// Writes pairs in one format. Called in this order: `begin` once, `pair` for each, `finish` once.
pub trait PairWriter {
    /// Writes what stands before the first pair.
    fn begin(&mut self) -> io::Result<()>;
    /// Writes a pair.
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()>;
    /// Writes what stands after the last pair, and hands everything on to the system.
    fn finish(&mut self) -> io::Result<()>;
}

/// The writer of `options.format`, over `out`.
pub fn writer<'a>(options: &Options, out: impl io::Write + 'a) -> Box<dyn PairWriter + 'a> {
    let columns = options.columns.clone();
    match options.format {
        Format::Tsv => Box::new(tsv::Writer::new(out, columns, options.header)),
        Format::Jsonl => Box::new(jsonl::Writer::new(out, columns)),
        Format::Index => Box::new(index::Writer::new(out)),
    }
}

/// A confidence as text: two to four decimals.
fn decimal(confidence: f64) -> String {
    let mut text = format!("{confidence:.4}");
    for _ in 0..2 {
        if text.ends_with('0') {
            text.pop();
        }
    }
    text
}

/// What outputs call a flaw.
fn flaw_name(flaw: Flaw) -> &'static str {
    match flaw {
        Flaw::Empty => "empty",
        Flaw::Looping => "looping",
        Flaw::Copied => "copied",
        Flaw::TooShort => "too_short",
        Flaw::TooLong => "too_long",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_its_extension() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(Format::from_path(Path::new(&format!("a.b/pairs.{format}"))), Some(format));
        }
        assert_eq!(Format::from_path(Path::new("PAIRS.TSV")), Some(Format::Tsv));
        assert_eq!(Format::from_path(Path::new("pairs.txt")), None);
        assert_eq!(Format::from_path(Path::new("tsv")), None);
    }

    #[test]
    fn an_unknown_format_is_answered_with_the_known_ones() {
        let error = "xls".parse::<Format>().unwrap_err();
        assert_eq!(error.to_string(), "there is no format `xls`; there is tsv, jsonl, index");
    }

    #[test]
    fn a_confidence_has_two_to_four_decimals() {
        let shown = [1.0, 0.98, 0.5, 0.123_45, 0.999_99, 0.0].map(decimal);
        assert_eq!(shown, ["1.00", "0.98", "0.50", "0.1235", "1.00", "0.00"]);
    }

    #[test]
    fn the_same_document_goes_through_every_format() {
        let sample = sample::mixed();
        let written = Format::ALL.map(|format| sample::written(&sample, &Options { format, ..Options::default() }));
        let tsv = "猫睡了。\tThe cat slept.\t0.98\n鸟飞走了。\tThe bird flew away. It was gone.\t0.30\n";
        assert_eq!(written[0], tsv);
        assert_eq!(written[1].lines().count(), 2);
        assert_eq!(written[2], "[0]:[0]:0.98\n[1]:[]:0.91\n[2]:[1,2]:0.30\n[]:[3]:0.87\n");
    }
}
