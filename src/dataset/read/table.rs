//! Tables of any format → rows: first a look at where the columns are, then pair by pair.

use std::sync::Arc;

use super::{
    BadLine, Note, Row,
    cells::Cells,
    columns::{Columns, Found},
    confidence, is_draft,
};
use crate::{
    dataset::{Candidate, aligned::tidy},
    document::Flaw,
    error::Result,
    text::is_han,
};

/// The rows that are looked at to find the columns: more than enough for any share of rows that lack a side.
pub(super) const ROWS: usize = 2_000;

/// The bytes of those rows that are held, at most.
pub(super) const BYTES: usize = 8 << 20;

/// The rows without both scripts that are held: they show little but a header and how wide the table is.
const QUIET_ROWS: usize = 100;

/// A table that is read row by row.
pub(super) trait Table {
    /// Reads the next row into `cells`, or says what is wrong with it; none where the table ends.
    fn read(&mut self, cells: &mut Cells) -> Result<Option<std::result::Result<(), BadLine>>>;

    /// The number of the line on which the row that was read last begins, 1-based.
    fn line(&self) -> usize;

    /// The name of the file.
    fn path(&self) -> &Arc<str>;

    /// What notes call a column, counted from 0.
    fn named(&self, column: usize) -> String {
        format!("column {}", column + 1)
    }

    /// What messages call the `column`, counted from 0, that a row lacks.
    fn lacks(&self, name: &str, column: usize) -> String {
        format!("there is no cell for `{name}`, which is column {}", column + 1)
    }

    /// What a note calls it, where that is not its file: one of several tables in it.
    fn part(&self) -> Option<&str> {
        None
    }
}

/// The rows of a table that are looked at: its first, and of the others those that have letters of both scripts. What
/// stands at the beginning of a sorted corpus is punctuation for thousands of rows.
#[derive(Debug, Default)]
pub(super) struct Sample {
    rows: Vec<Cells>,
    quiet: usize,
    bytes: usize,
}

impl Sample {
    /// Takes a row, if it says something.
    pub(super) fn add(&mut self, row: &Cells) {
        let has = |is: fn(char) -> bool| row.iter().any(|cell| cell.contains(is));
        let is_quiet = !(has(is_han) && has(|c| c.is_ascii_alphabetic()));
        if row.is_blank() || (is_quiet && self.quiet >= QUIET_ROWS) {
            return;
        }
        self.quiet += usize::from(is_quiet);
        self.bytes += row.bytes();
        self.rows.push(row.clone());
    }

    /// Whether no more rows are needed.
    pub(super) fn is_full(&self) -> bool {
        self.rows.len() >= ROWS || self.bytes >= BYTES
    }

    /// The rows.
    pub(super) fn rows(&self) -> &[Cells] {
        &self.rows
    }
}

/// A sample of a table, whose rows that cannot be read are passed over.
pub(super) fn sample(table: &mut dyn Table) -> Result<Vec<Cells>> {
    let mut sample = Sample::default();
    let mut cells = Cells::default();
    while !sample.is_full() {
        match table.read(&mut cells)? {
            None => break,
            Some(Ok(())) => sample.add(&cells),
            Some(Err(_)) => {}
        }
    }
    Ok(sample.rows)
}

/// The rows of a table whose columns were found, after a note on where they are.
pub(super) fn rows<T: Table>(table: T, found: &Found) -> impl Iterator<Item = Result<Row>> + use<T> {
    let of_part = table.part().map_or_else(String::new, |part| format!("of the sheet `{}`, ", tidy(part)));
    let note = found
        .told(|column| table.named(column))
        .map(|told| Row::Note(Note { path: Arc::clone(table.path()), what: of_part + &told }));
    let mut pairs = Pairs {
        columns: found.columns,
        skips_header: found.has_header,
        cells: Cells::default(),
        table,
        is_done: false,
    };
    note.map(Ok).into_iter().chain(std::iter::from_fn(move || {
        let row = if pairs.is_done { None } else { pairs.next().transpose() };
        pairs.is_done = !matches!(row, Some(Ok(_)));
        row
    }))
}

struct Pairs<T> {
    columns: Columns,
    skips_header: bool,
    cells: Cells,
    table: T,
    is_done: bool,
}

impl<T: Table> Pairs<T> {
    fn next(&mut self) -> Result<Option<Row>> {
        loop {
            let row = match self.table.read(&mut self.cells)? {
                None => return Ok(None),
                Some(Err(bad)) => return Ok(Some(Row::Bad(bad))),
                Some(Ok(())) if self.cells.is_blank() => continue,
                Some(Ok(())) if std::mem::take(&mut self.skips_header) => continue,
                Some(Ok(())) => self.pair(),
            };
            return Ok(Some(row.unwrap_or_else(|what| {
                let (path, line) = (Arc::clone(self.table.path()), self.table.line());
                Row::Bad(BadLine { path, line, what })
            })));
        }
    }

    fn pair(&self) -> std::result::Result<Row, String> {
        let Columns { zh, en, confidence: of_confidence, doc, flaw, origin } = self.columns;
        let cell = |column: usize| self.cells.get(column);
        let text = |name, column| cell(column).map(tidy).ok_or_else(|| self.table.lacks(name, column));
        let doc = doc.and_then(cell).map(tidy).filter(|doc| !doc.is_empty());
        Ok(Row::Pair(Candidate {
            zh: text("zh", zh)?,
            en: text("en", en)?,
            confidence: of_confidence.and_then(cell).map_or(Ok(None), confidence)?,
            doc: doc.map_or_else(|| Arc::clone(self.table.path()), Arc::from),
            line: Some(self.table.line()),
            flaw: flaw.and_then(cell).and_then(|name| Flaw::named(name.trim())),
            is_draft: origin.and_then(cell).is_some_and(is_draft),
        }))
    }
}
