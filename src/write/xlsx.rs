//! Excel workbooks, for people who review alignments: a row a pair, under a header that stays in view and filters rows.
//!
//! Rows without a counterpart are orange, those with the model's draft blue and slanted, and a confidence is the yellower
//! the lower it is ([`looks`]). Every text is text, whatever it begins with: it is no formula and no link, also after
//! somebody edits it. It is what stands in the document, but for carriage returns, which become line ends as XML has
//! them, and for control characters that XML cannot hold. What is longer than a cell can be goes on in the cells below, in
//! rows that have no confidence; together these cells are the text. Where a sheet is full, another begins.
//!
//! Excel makes rows as high as their texts when it opens them; LibreOffice leaves them one line high until it is asked to
//! (Format, Rows, Optimal Height).
//!
//! Rows wait in a temporary file (in `TMPDIR`, some 400 bytes each) until the last of them is there; memory does not grow
//! with them. The workbook is then written from its start to its end, so that a pipe will do. The same rows make the same
//! bytes: a workbook does not say when it was made.

pub mod looks;

use std::{
    borrow::Cow,
    env::temp_dir,
    fmt::Display,
    io::{self, Write},
};

use rust_xlsxwriter::{ColNum, DocProperties, ExcelDateTime, RowNum, Workbook, XlsxError};

use self::looks::{Looks, Row, width};
use super::{Column, Pair, PairWriter, safe::for_cell, tsv::cell};
use crate::error::panic::catch;

/// The rows of a sheet, with its header: as many as Excel reads.
const SHEET_ROWS: RowNum = 1_048_576;

/// The UTF-16 units of a text in a cell: as many as Excel reads.
const CELL_UNITS: usize = 32_767;

/// A writer of pairs as a workbook.
pub struct XlsxWriter<W> {
    out: W,
    book: Workbook,
    columns: Vec<(ColNum, Column)>,
    looks: Looks,
    n_sheets: usize,
    /// The row of the last sheet that comes next.
    next_row: RowNum,
    sheet_rows: RowNum,
}

impl<W: Write + Send> XlsxWriter<W> {
    /// A writer of `columns` over `out`.
    pub fn begin(out: W, columns: Vec<Column>) -> io::Result<Self> {
        Self::with_sheets_of(SHEET_ROWS, out, columns)
    }

    fn with_sheets_of(sheet_rows: RowNum, out: W, columns: Vec<Column>) -> io::Result<Self> {
        let (mut book, columns) = (Workbook::new(), (0..).zip(columns).collect());
        // To make a sheet would panic where no file can be made.
        book.set_tempdir(temp_dir()).map_err(no_temporary_file)?;
        let mut writer = Self { out, book, columns, looks: Looks::default(), n_sheets: 0, next_row: 0, sheet_rows };
        in_book(|| {
            // The date that the files in the archive have too.
            let date = ExcelDateTime::from_ymd(1980, 1, 1)?;
            writer.book.set_properties(&DocProperties::new().set_creation_datetime(&date));
            writer.begin_sheet()
        })?;
        Ok(writer)
    }

    fn begin_sheet(&mut self) -> Result<(), XlsxError> {
        let name = if self.n_sheets == 0 { "pairs".to_owned() } else { format!("pairs {}", self.n_sheets + 1) };
        let sheet = self.book.add_worksheet_with_constant_memory();
        sheet.set_name(name)?.set_freeze_panes(1, 0)?;
        for &(place, column) in &self.columns {
            sheet.set_column_width(place, width(column))?;
            sheet.write_string_with_format(0, place, column.name(), &self.looks.header)?;
        }
        (self.n_sheets, self.next_row) = (self.n_sheets + 1, 1);
        Ok(())
    }

    fn end_sheet(&mut self) -> Result<(), XlsxError> {
        if let Some(&(last_place, _)) = self.columns.last() {
            self.book.worksheet_from_index(self.n_sheets - 1)?.autofilter(0, 0, self.next_row - 1, last_place)?;
        }
        Ok(())
    }

    fn write(&mut self, pair: &Pair<'_>) -> Result<(), XlsxError> {
        let texts: Vec<_> = self.columns.iter().map(|&(_, column)| text(pair, column)).collect();
        let mut rests: Vec<&str> = texts.iter().map(|text| &**text).collect();
        let mut is_first = true;
        while is_first || rests.iter().any(|rest| !rest.is_empty()) {
            // Once, nearly always.
            if self.next_row == self.sheet_rows {
                self.end_sheet()?;
                self.begin_sheet()?;
            }
            self.row(pair, &texts, &mut rests, is_first)?;
            is_first = false;
        }
        Ok(())
    }

    /// Writes a row with as much of `rests` as its cells can hold, which is taken away from them.
    fn row(
        &mut self,
        pair: &Pair<'_>,
        texts: &[Cow<'_, str>],
        rests: &mut [&str],
        is_first: bool,
    ) -> Result<(), XlsxError> {
        let (row, look) = (self.next_row, self.looks.of(Row::of(pair)));
        let sheet = self.book.worksheet_from_index(self.n_sheets - 1)?;
        for ((&(place, column), text), rest) in self.columns.iter().zip(texts).zip(rests) {
            let (here, later) = rest.split_at(cell_end(rest));
            *rest = later;
            if column.holds_numbers() {
                if let Some(number) = pair.number(column).filter(|_| is_first) {
                    sheet.write_number_with_format(row, place, number, look.number)?;
                } else {
                    sheet.write_blank(row, place, look.number)?;
                }
            } else if here.is_empty() && !holds_text(column) {
                // Whoever looks for a document finds all of it.
                sheet.write_string_with_format(row, place, &text[..cell_end(text)], look.text)?;
            } else {
                sheet.write_string_with_format(row, place, here, look.text)?;
            }
        }
        self.next_row += 1;
        Ok(())
    }
}

impl<W: Write + Send> PairWriter<W> for XlsxWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        in_book(|| self.write(pair))
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        in_book(|| self.end_sheet())?;
        let mut out = Uncomplaining { out: &mut self.out, failure: None };
        let saved = in_book(|| self.book.save_to_writer(&mut out));
        out.failure.map_or(saved, Err)?;
        self.out.flush()?;
        Ok(vec![self.out])
    }
}

/// Whether a column's texts go on below, where they are longer than a cell.
fn holds_text(column: Column) -> bool {
    matches!(column, Column::Zh | Column::En | Column::Mt)
}

/// A cell as a workbook can hold it, but for its length; nothing in place of a number.
fn text<'p>(pair: &'p Pair<'_>, column: Column) -> Cow<'p, str> {
    if column.holds_numbers() {
        return Cow::Borrowed("");
    }
    let raw = cell(pair, column);
    let held = for_cell(&raw);
    if held.contains('\r') {
        return Cow::Owned(held.replace("\r\n", "\n").replace('\r', "\n"));
    }
    match held {
        Cow::Borrowed(_) => raw,
        Cow::Owned(held) => Cow::Owned(held),
    }
}

/// Where a cell that begins with `text` ends: after as many characters as fit.
fn cell_end(text: &str) -> usize {
    // No character has more UTF-16 units than bytes.
    if text.len() <= CELL_UNITS {
        return text.len();
    }
    let mut units = 0;
    let is_beyond = |&(_, c): &(usize, char)| {
        units += c.len_utf16();
        units > CELL_UNITS
    };
    text.char_indices().find(is_beyond).map_or(text.len(), |(at, _)| at)
}

/// Does something with a workbook. Where its temporary file cannot be written, `rust_xlsxwriter` panics.
fn in_book<T>(work: impl FnOnce() -> Result<T, XlsxError>) -> io::Result<T> {
    match catch(work) {
        Ok(done) => done.map_err(|error| match error {
            XlsxError::IoError(error) => error,
            other => io::Error::other(other),
        }),
        Err(panic) => Err(no_temporary_file(panic)),
    }
}

fn no_temporary_file(cause: impl Display) -> io::Error {
    io::Error::other(format!("the rows of a workbook wait in `{}`: {cause}", temp_dir().display()))
}

/// A place that takes everything, remembers the first failure, and hands nothing on after it. So what failed is known for
/// what it is, and the archive is closed in peace: it would say on standard error that it cannot be.
struct Uncomplaining<'o, W> {
    out: &'o mut W,
    failure: Option<io::Error>,
}

impl<W: Write> Write for Uncomplaining<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failure.is_none() {
            self.failure = self.out.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
