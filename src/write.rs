//! 7 · Output: aligned documents → bytes in a format.
//!
//! In comes an [`AlignedDocument`](crate::document::AlignedDocument); out goes parallel text, a row a `Pair`, through
//! the `PairWriter` of a `Format`, or a coverage report for people (`summary`, `report`) or programs
//! (`coverage_json`). Everything is written to an `io::Write`; only `output` knows of files. Which beads become rows
//! is decided once, in `pairs`.

use std::io::{self, Write};

use crate::both::Both;

// What is written.
pub mod column;
pub mod format;
pub mod options;
pub mod pair;

// A format each.
pub mod tsv;
pub mod csv;
pub mod xlsx;
pub mod jsonl;
pub mod tmx;
pub mod moses;
pub mod parquet;
pub mod index;

// What is covered.
mod findings;
pub mod summary;
pub mod coverage_json;
pub mod report;
pub mod annotations;

// Both, a line a document.
pub mod lines;

// Where it goes.
pub mod output;
pub mod safe;

#[cfg(test)]
pub(crate) mod sample;

pub use column::Column;
pub use format::Format;
pub use options::Options;
pub use output::PairOutput;
pub use pair::{Origin, Pair, pairs};

/// The error for a name that stands for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{given}`; there is {known}")]
pub struct UnknownName {
    what: &'static str,
    given: String,
    known: String,
}

pub(crate) fn find_named<T: Copy>(
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

/// A writer of pairs in one format: `pair` for each, then `finish` once.
pub trait PairWriter<W> {
    /// Writes a pair.
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()>;
    /// Hands on to the system what was written so far, where the format can: a document ends here.
    fn end_document(&mut self) -> io::Result<()> {
        Ok(())
    }
    /// Writes what stands after the last pair, hands everything on to the system, and gives back what was written to.
    fn finish(self: Box<Self>) -> io::Result<Vec<W>>;
}

/// The writer of `options.format`, over as many `outs` as the format has [suffixes](Format::suffixes); it writes what
/// stands before the first pair. Fails where that cannot be written, or where there are too few `outs`.
pub fn writer<'a, W: Write + Send + 'a>(
    options: &Options,
    outs: impl IntoIterator<Item = W>,
) -> io::Result<Box<dyn PairWriter<W> + 'a>> {
    let mut outs = outs.into_iter();
    let mut next =
        || outs.next().ok_or_else(|| io::Error::other(format!("there is no place for all of {}", options.format)));
    let out = next()?;
    let columns = |usual| options.columns_or(usual);
    Ok(match options.format {
        Format::Tsv => Box::new(tsv::TsvWriter::begin(out, columns(&tsv::DEFAULT_COLUMNS), options.header)?),
        Format::Csv => Box::new(self::csv::CsvWriter::begin(out, columns(&tsv::DEFAULT_COLUMNS))?),
        Format::Xlsx => Box::new(xlsx::XlsxWriter::begin(out, columns(&tsv::DEFAULT_COLUMNS))?),
        Format::Jsonl => Box::new(jsonl::JsonlWriter::new(out, columns(&jsonl::DEFAULT_COLUMNS))),
        Format::Tmx => Box::new(tmx::TmxWriter::new(out)),
        Format::Moses => Box::new(moses::MosesWriter::new(Both::new(out, next()?))),
        Format::Parquet => {
            Box::new(self::parquet::ParquetWriter::begin(out, columns(&self::parquet::DEFAULT_COLUMNS))?)
        }
        Format::Index => Box::new(index::IndexWriter::new(out)),
    })
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

/// A confidence as exact as its text, where it stays a number.
pub(crate) fn rounded(confidence: f64) -> f64 {
    (confidence * 1e4).round() / 1e4
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_has_two_to_four_decimals() {
        let shown = [1.0, 0.98, 0.5, 0.123_45, 0.999_99, 0.0].map(decimal);
        assert_eq!(shown, ["1.00", "0.98", "0.50", "0.1235", "1.00", "0.00"]);
    }

    #[test]
    fn the_same_document_goes_through_every_format() {
        let sample = sample::mixed();
        let options = |format| Options { format, ..Options::default() };
        let files = Format::ALL.map(|format| sample::files(&sample, &options(format)).len());
        assert_eq!(files, Format::ALL.map(|format| format.suffixes().len()));
        let tsv = "猫睡了。\tThe cat slept.\t0.98\n鸟飞走了。\tThe bird flew away. It was gone.\t0.30\n";
        assert_eq!(sample::written(&sample, &options(Format::Tsv)), tsv);
        assert_eq!(sample::written(&sample, &options(Format::Jsonl)).lines().count(), 2);
        let index = "[0]:[0]:0.98\n[1]:[]:0.91\n[2]:[1,2]:0.30\n[]:[3]:0.87\n";
        assert_eq!(sample::written(&sample, &options(Format::Index)), index);
    }

    #[test]
    fn a_format_of_two_files_is_not_written_to_one() {
        let moses = Options { format: Format::Moses, ..Options::default() };
        assert!(writer(&moses, [Vec::new()]).is_err());
    }
}
