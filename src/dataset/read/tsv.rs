//! Tab-separated values: a pair a line, cells as they are, without quoting.
//!
//! Without a header the columns are `zh`, `en` and, where there is a third, `confidence`; what follows is passed
//! over. A first line with the cells `zh` and `en` is a header: then `confidence`, `doc` and `origin` are looked for
//! too.

use std::{path::Path, sync::Arc};

use super::{Row, confidence, is_draft, lines::Lines};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::Result,
};

/// The rows of the file, one for each line.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let mut table = Table { columns: None, lines: Lines::open(path)? };
    Ok(std::iter::from_fn(move || table.next().transpose()))
}

struct Table {
    /// The columns of the table; none until the first line is read.
    columns: Option<Columns>,
    lines: Lines,
}

/// The index of each column's cell.
#[derive(Clone, Copy)]
struct Columns {
    zh: usize,
    en: usize,
    confidence: Option<usize>,
    doc: Option<usize>,
    origin: Option<usize>,
}

impl Columns {
    const WITHOUT_HEADER: Self = Self { zh: 0, en: 1, confidence: Some(2), doc: None, origin: None };

    /// The columns that a line names; none where it is no header.
    fn of(line: &str) -> Option<Self> {
        let place = |name: &str| line.split('\t').position(|cell| cell.trim().eq_ignore_ascii_case(name));
        Some(Self {
            zh: place("zh")?,
            en: place("en")?,
            confidence: place("confidence"),
            doc: place("doc"),
            origin: place("origin"),
        })
    }
}

impl Table {
    fn next(&mut self) -> Result<Option<Row>> {
        loop {
            let Some(line) = self.lines.read()? else { return Ok(None) };
            let row = match line {
                Err(bad) => Err(bad.what),
                Ok(line) if self.columns.is_none() && Columns::of(line).is_some() => {
                    self.columns = Columns::of(line);
                    continue;
                }
                Ok("") => continue,
                Ok(line) => pair(line, *self.columns.get_or_insert(Columns::WITHOUT_HEADER)),
            };
            return Ok(Some(match row {
                Err(what) => Row::Bad(self.lines.bad(what)),
                Ok(pair) => Row::Pair(Candidate {
                    doc: pair.doc.unwrap_or_else(|| Arc::clone(self.lines.path())),
                    zh: pair.zh,
                    en: pair.en,
                    confidence: pair.confidence,
                    line: Some(self.lines.number()),
                    flaw: None,
                    is_draft: pair.is_draft,
                }),
            }));
        }
    }
}

struct Cells {
    zh: String,
    en: String,
    confidence: Option<f64>,
    doc: Option<Arc<str>>,
    is_draft: bool,
}

fn pair(line: &str, columns: Columns) -> std::result::Result<Cells, String> {
    let cell = |column: usize| line.split('\t').nth(column);
    let lacks = |name, column| format!("there is no tab before `{name}`, which is column {}", column + 1);
    Ok(Cells {
        zh: tidy(cell(columns.zh).ok_or_else(|| lacks("zh", columns.zh))?),
        en: tidy(cell(columns.en).ok_or_else(|| lacks("en", columns.en))?),
        confidence: columns.confidence.and_then(cell).map_or(Ok(None), confidence)?,
        doc: columns.doc.and_then(cell).map(tidy).filter(|doc| !doc.is_empty()).map(Arc::from),
        is_draft: columns.origin.and_then(cell).is_some_and(is_draft),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::told;

    #[test]
    fn columns_are_chinese_english_and_confidence() {
        let text = "一只猫\tA cat\n两只猫\tTwo cats\t0.75\n\n三只猫\t\"Three\" cats\t\tmore\r\n四只猫\t\n";
        let expected = [
            "1: 一只猫 | A cat | - | a.tsv",
            "2: 两只猫 | Two cats | 0.75 | a.tsv",
            "4: 三只猫 | \"Three\" cats | - | a.tsv",
            "5: 四只猫 |  | - | a.tsv",
        ];
        assert_eq!(told(&[("a.tsv", text.as_bytes())]), expected);
    }

    #[test]
    fn a_header_names_the_columns() {
        let text =
            "doc\tEN\tkind\tzh\tconfidence\torigin\nd.txt\tA cat\t1:1\t一只猫\t1\tmt\n\tTwo cats\t1:1\t两只猫\t0.5\n";
        let expected = ["2: 一只猫 | A cat | 1 | d.txt | draft", "3: 两只猫 | Two cats | 0.5 | a.tsv"];
        assert_eq!(told(&[("a.tsv", text.as_bytes())]), expected);
    }

    #[test]
    fn lines_that_are_no_pairs_are_told() {
        let text = b"one cell\n\xe4\xb8\x80\tA\thigh\n\xe4\xb8\x80\tA\t1.5\n\xe4\xb8\tA\n\xe4\xb8\x80\tA\tnan\n";
        let expected = [
            "bad: `a.tsv`, line 1: there is no tab before `en`, which is column 2",
            "bad: `a.tsv`, line 2: `high` is no confidence from 0 to 1",
            "bad: `a.tsv`, line 3: `1.5` is no confidence from 0 to 1",
            "bad: `a.tsv`, line 4: byte 0 of it is no UTF-8",
            "bad: `a.tsv`, line 5: `nan` is no confidence from 0 to 1",
        ];
        assert_eq!(told(&[("a.tsv", text)]), expected);
    }

    #[test]
    fn control_characters_become_spaces() {
        let expected = ["1: 一只 猫 | A cat | - | a.tsv"];
        assert_eq!(told(&[("a.tsv", "\u{0}一只\u{1b}猫\tA\u{2028}cat\u{7}".as_bytes())]), expected);
    }
}
