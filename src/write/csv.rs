//! Comma-separated values for spreadsheets: a header, then a record a pair, as RFC 4180 has it.
//!
//! UTF-8 with a byte-order mark, without which Excel shows Chinese wrongly. Cells that are no numbers are quoted, for
//! there are spreadsheets that divide lines at semicolons and tabs too. Text is what stands in the document, tabs and line
//! ends too, but for control characters that no spreadsheet holds, and for one thing: an apostrophe stands before what a
//! spreadsheet would take for a formula, as [`guard`] says; [`guard::unguarded`] takes it away again. That is so of the
//! dashes of dialogue (`'- Me.`), of which Excel would make `#NAME?`, and of a sentence that is `-5` or `+86`: it is text,
//! and is to be shown as it stands. The numbers of a row are never negative. A workbook
//! ([`xlsx`](super::xlsx)) needs no apostrophes, for it says of each cell that it is text.

pub mod guard;

use std::io::{self, Write};

use csv::{ErrorKind, IntoInnerError, QuoteStyle, Terminator, Writer, WriterBuilder};

use self::guard::guarded;
use super::{Column, Pair, PairWriter, safe::for_cell, tsv::cell};

/// By this Excel knows UTF-8.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// A writer of pairs as comma-separated values.
pub struct CsvWriter<W: Write> {
    out: Writer<W>,
    columns: Vec<Column>,
}

impl<W: Write> CsvWriter<W> {
    /// A writer of `columns`, under a line of their names.
    pub fn begin(mut out: W, columns: Vec<Column>) -> io::Result<Self> {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
        let style = QuoteStyle::NonNumeric;
        let mut out = WriterBuilder::new().terminator(Terminator::CRLF).quote_style(style).from_writer(out);
        out.write_record(columns.iter().map(|column| column.name())).map_err(failed)?;
        Ok(Self { out, columns })
    }
}

impl<W: Write> PairWriter<W> for CsvWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        for &column in &self.columns {
            self.out.write_field(guarded(&for_cell(&cell(pair, column))).as_bytes()).map_err(failed)?;
        }
        // Ends the record.
        self.out.write_record(None::<&[u8]>).map_err(failed)
    }

    fn end_document(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<W>> {
        let mut out = self.out.into_inner().map_err(IntoInnerError::into_error)?;
        out.flush()?;
        Ok(vec![out])
    }
}

/// What the system said of a failure, where it said something.
fn failed(error: csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::{guard::unguarded, *};
    use crate::{
        both::Both,
        write::{Format, Options, sample},
    };

    fn read(file: &[u8]) -> Vec<Vec<String>> {
        let file = file.strip_prefix(BYTE_ORDER_MARK.as_bytes()).unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(file);
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn the_usual_columns_are_those_of_other_tables() {
        let options = Options { format: Format::Csv, ..Options::default() };
        let expected = "\u{feff}\"zh\",\"en\",\"confidence\"\r\n\"猫睡了。\",\"The cat slept.\",0.98\r\n\
                        \"鸟飞走了。\",\"The bird flew away. It was gone.\",0.30\r\n";
        assert_eq!(sample::written(&sample::mixed(), &options), expected);
    }

    #[test]
    fn all_columns_with_sentences_that_have_no_counterpart() {
        let options = |format| Options {
            format,
            columns: Some(Column::ALL.to_vec()),
            header: true,
            keep_unaligned: true,
            ..Options::default()
        };
        let tsv = sample::written(&sample::mixed(), &options(Format::Tsv));
        let tsv: Vec<Vec<_>> = tsv.lines().map(|line| line.split('\t').map(str::to_owned).collect()).collect();
        assert_eq!(read(sample::written(&sample::mixed(), &options(Format::Csv)).as_bytes()), tsv);
    }

    #[test]
    fn what_the_system_says_of_a_failure_is_kept() {
        let options = Options { format: Format::Csv, ..Options::default() };
        let failure = sample::failing(&options, &sample::pair());
        assert_eq!(failure.kind(), io::ErrorKind::BrokenPipe);
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_one_cell_and_as_it_was(
            texts in prop::collection::vec(("[ '\"=;,\r\n\ta@-]{0,8}", any::<String>()), 1..6),
        ) {
            let columns = vec![Column::Zh, Column::En, Column::Doc, Column::Confidence];
            let mut writer = Box::new(CsvWriter::begin(Vec::new(), columns).unwrap());
            for (zh, en) in &texts {
                let texts = Both::new(Cow::Borrowed(zh.as_str()), Cow::Borrowed(en.as_str()));
                writer.pair(&Pair { texts, doc: zh, ..sample::pair() }).unwrap();
            }
            let rows = read(&writer.finish().unwrap().remove(0));
            prop_assert_eq!(&rows[0], &["zh", "en", "doc", "confidence"]);
            prop_assert_eq!(rows.len(), 1 + texts.len());
            for (row, (zh, en)) in rows[1..].iter().zip(&texts) {
                let cells: Vec<_> = row.iter().map(|cell| unguarded(cell)).collect();
                prop_assert_eq!(cells, [zh.as_str(), &for_cell(en), zh, "0.50"]);
            }
        }
    }
}
