//! Comma-separated values (RFC 4180), as spreadsheets write them: cells in quotes may hold separators and line ends. The
//! separator is that of `,`, `;` and tab by which most rows come out as pairs, or what a first line `sep=;` says.
//!
//! A quote that opens and never closes would swallow all rows after it. Here the row that it stands in is told as a bad
//! line, and the next one begins on the line after.

use std::{collections::VecDeque, path::Path, sync::Arc};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::{
    BadLine, Row,
    cells::Cells,
    columns::{self, Found},
    lines::Lines,
    table::{self, Table},
};
use crate::{error::Result, write::csv::guard::unguarded};

/// The separators that are tried. Excel writes `;` where the comma is the decimal sign, and tabs as "Unicode text".
const SEPARATORS: [u8; 3] = [b',', b';', b'\t'];

/// The most lines of one row: a cell of Excel has at most 253.
const MOST_LINES: usize = 1_000;

/// The most bytes of a row that goes over several lines: Excel has at most 32,767 characters in a cell.
const LONGEST: usize = 1 << 20;

/// How often a line is read again because a row before it did not end. Beyond, so many quotes around it never close that
/// a row which begins with it ends with it: else each of them would cost all the lines that a row may have.
const MOST_TIMES: u8 = 16;

/// The rows of the file.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let (found, form) = look(path)?;
    Ok(table::rows(Csv::open(path, form)?, &found))
}

/// What is to be known before a row is read.
#[derive(Debug, Clone, Copy)]
struct Form {
    separator: u8,
    /// The number of cells that most rows have, where it is known.
    width: Option<usize>,
}

/// Finds separator, width and columns.
fn look(path: &Path) -> Result<(Found, Form)> {
    let mut best: Option<(Found, Form)> = None;
    for separator in SEPARATORS {
        let form = Form { separator, width: None };
        let sample = table::sample(&mut Csv::open(path, form)?)?;
        let found = columns::find(&sample);
        // Without pairs, the separator that separates anything.
        let width = usual_width(&sample);
        let is_better = |(other, form): &(Found, Form)| {
            (found.rows, width.min(2)) > (other.rows, form.width.unwrap_or_default().min(2))
        };
        if best.as_ref().is_none_or(is_better) {
            best = Some((found, Form { separator, width: Some(width) }));
        }
    }
    Ok(best.unwrap_or_else(|| (columns::find(&[]), Form { separator: SEPARATORS[0], width: None })))
}

/// The number of cells that most rows have.
fn usual_width(rows: &[Cells]) -> usize {
    let mut counts = std::collections::BTreeMap::<usize, usize>::new();
    for row in rows {
        *counts.entry(row.len()).or_default() += 1;
    }
    counts.into_iter().max_by_key(|&(_, rows)| rows).map_or(0, |(width, _)| width)
}

/// A line.
struct Line {
    number: usize,
    text: String,
    /// How often it was read before.
    times: u8,
}

/// A line, or what is wrong with it.
type Numbered = std::result::Result<Line, BadLine>;

struct Csv {
    lines: Lines,
    form: Form,
    reader: Reader,
    /// Lines that are to be read again.
    again: VecDeque<Numbered>,
    /// The lines of the row under way, the last of which may have more rows after it (where it has line ends of old
    /// Macs).
    row: Vec<Line>,
    /// Where the part of its last line begins that was not parsed.
    at: usize,
    fields: Vec<u8>,
    ends: Vec<usize>,
    number: usize,
    /// The lines that were taken, each as often as it was.
    #[cfg(test)]
    taken: usize,
}

/// What came of parsing a line.
enum Parsed {
    /// A row that ends in it.
    Row,
    /// No row: a quote is open at its end.
    Open,
}

impl Csv {
    fn open(path: &Path, form: Form) -> Result<Self> {
        let mut it = Self {
            lines: Lines::open(path)?,
            form,
            reader: ReaderBuilder::new().delimiter(form.separator).build(),
            again: VecDeque::new(),
            row: Vec::new(),
            at: 0,
            fields: vec![0; 1 << 10],
            ends: vec![0; 1 << 6],
            number: 0,
            #[cfg(test)]
            taken: 0,
        };
        // What Excel reads in a first line, and writes in none.
        if let Some(first) = it.take_line()? {
            match first.as_ref().ok().and_then(|line| line.text.strip_prefix("sep=")).map(str::as_bytes) {
                Some(&[separator]) => it.reader = ReaderBuilder::new().delimiter(separator).build(),
                _ => it.again.push_front(first),
            }
        }
        Ok(it)
    }

    /// The next line.
    fn take_line(&mut self) -> Result<Option<Numbered>> {
        #[cfg(test)]
        {
            self.taken += 1;
        }
        if let Some(line) = self.again.pop_front() {
            return Ok(Some(line));
        }
        let line = self.lines.read()?.map(|line| line.map(str::to_owned));
        Ok(line.map(|line| line.map(|text| Line { number: self.lines.number(), text, times: 0 })))
    }

    /// Parses what is left of the last line, as far as a row goes. `used` bytes of `fields` and `cells` of `ends` are
    /// filled from the lines before.
    fn parse(&mut self, used: &mut usize, cells: &mut usize) -> Parsed {
        let line = self.row.last().map_or("", |line| &line.text);
        loop {
            let rest = &line.as_bytes()[self.at.min(line.len())..];
            let input = if rest.is_empty() { b"\n" } else { rest };
            let (result, read, written, ended) =
                self.reader.read_record(input, &mut self.fields[*used..], &mut self.ends[*cells..]);
            self.at += read;
            *used += written;
            *cells += ended;
            match result {
                ReadRecordResult::Record | ReadRecordResult::End => return Parsed::Row,
                // Its end was parsed too.
                ReadRecordResult::InputEmpty if self.at > line.len() => return Parsed::Open,
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => self.fields.resize(2 * self.fields.len(), 0),
                ReadRecordResult::OutputEndsFull => self.ends.resize(2 * self.ends.len(), 0),
            }
        }
    }

    /// The lines that the row under way may have, but for the last.
    fn most_lines(&self) -> usize {
        let is_hopeless = self.row.first().is_some_and(|line| line.times >= MOST_TIMES);
        if is_hopeless { 0 } else { MOST_LINES }
    }

    /// Gives up the row under way: its first line is bad, and the others are read again.
    fn give_up(&mut self) -> BadLine {
        let mut lines = std::mem::take(&mut self.row).into_iter();
        let first = lines.next().map_or(0, |line| line.number);
        for line in lines.rev() {
            self.again.push_front(Ok(Line { times: line.times.saturating_add(1), ..line }));
        }
        self.reader.reset();
        self.at = 0;
        let what = "a quote in it is not closed where its row should end".to_owned();
        BadLine { path: Arc::clone(self.lines.path()), line: first, what }
    }
}

impl Table for Csv {
    fn read(&mut self, cells: &mut Cells) -> Result<Option<std::result::Result<(), BadLine>>> {
        cells.clear();
        let (mut used, mut n_cells, mut bytes) = (0, 0, 0);
        // What stands after a lone carriage return is a row of its own.
        let mut has_text = self.row.last().is_some_and(|line| self.at < line.text.len());
        if !has_text {
            self.row.clear();
        }
        loop {
            if !has_text {
                match self.take_line()? {
                    Some(Ok(line)) if line.text.is_empty() && self.row.is_empty() => continue,
                    Some(Ok(line)) => {
                        bytes += line.text.len();
                        self.row.push(line);
                        self.at = 0;
                    }
                    Some(Err(bad)) if self.row.is_empty() => return Ok(Some(Err(bad))),
                    Some(Err(bad)) => {
                        self.again.push_front(Err(bad));
                        return Ok(Some(Err(self.give_up())));
                    }
                    None if self.row.is_empty() => return Ok(None),
                    None => return Ok(Some(Err(self.give_up()))),
                }
            }
            match self.parse(&mut used, &mut n_cells) {
                Parsed::Row => break,
                Parsed::Open if self.row.len() > self.most_lines() || bytes > LONGEST => {
                    return Ok(Some(Err(self.give_up())));
                }
                Parsed::Open => has_text = false,
            }
        }
        let is_odd = self.form.width.is_some_and(|width| width != n_cells);
        if self.row.len() > 1 && is_odd {
            return Ok(Some(Err(self.give_up())));
        }
        self.number = self.row.first().map_or(0, |line| line.number);
        let mut start = 0;
        for &end in &self.ends[..n_cells] {
            // What would be a formula in a spreadsheet has a mark before it, if this program wrote it.
            cells.push(&unguarded(&String::from_utf8_lossy(&self.fields[start..end])));
            start = end;
        }
        // Of a row over several lines the last may go on with another.
        self.row.drain(..self.row.len().saturating_sub(1));
        Ok(Some(Ok(())))
    }

    fn line(&self) -> usize {
        self.number
    }

    fn path(&self) -> &Arc<str> {
        self.lines.path()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{noted, told},
        *,
    };

    fn opened(text: &[u8]) -> Csv {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, text).unwrap();
        Csv::open(&path, Form { separator: b';', width: Some(2) }).unwrap()
    }

    #[test]
    fn cells_in_quotes_hold_quotes_separators_and_line_ends() {
        let text = "\u{feff}id,source,target\r\n1,\"Close it, please.\",\"关上它，谢谢。\"\r\n2,\"He said: \"\"No.\"\"\",他说：“不。”\r\n\
                    3,\"First line\r\nsecond line\",\"第一行\n第二行\"\r\n\r\n4,It rained.,下雨了。";
        let expected = [
            "note: `a.csv`: by their languages, column 3 is the Chinese and column 2 the English; the first row is a header",
            "2: 关上它，谢谢。 | Close it, please. | - | a.csv",
            "3: 他说：“不。” | He said: \"No.\" | - | a.csv",
            "4: 第一行 第二行 | First line second line | - | a.csv",
            "8: 下雨了。 | It rained. | - | a.csv",
        ];
        assert_eq!(noted(&[("a.csv", text.as_bytes())]), expected);
    }

    #[test]
    fn the_separator_is_that_which_makes_pairs() {
        let expected = [
            "1: 下雨了，天黑了。 | It rained, and night fell. | - | a.csv",
            "2: 她来了。 | She came, too. | - | a.csv",
        ];
        for separator in [",", ";", "\t"] {
            let quote = if separator == "," { "\"" } else { "" };
            let of = |zh: &str, en: &str| format!("{quote}{en}{quote}{separator}{quote}{zh}{quote}{separator}ok\n");
            let text = of("下雨了，天黑了。", "It rained, and night fell.") + &of("她来了。", "She came, too.");
            assert_eq!(told(&[("a.csv", text.as_bytes())]), expected, "{separator}");
        }
        let told = told(&[("a.csv", "sep=|\n下雨了。|It rained; then it snowed, too.\n".as_bytes())]);
        assert_eq!(told, ["2: 下雨了。 | It rained; then it snowed, too. | - | a.csv"]);
    }

    #[test]
    fn a_quote_that_never_closes_swallows_nothing() {
        let good = |number: usize| format!("第{number}只猫睡了。,Cat {number} slept.\n");
        let text = good(1) + "\"她说，She said\n" + &good(3) + &good(4) + "他说”,\"He said\n" + &good(6);
        let expected = [
            "1: 第1只猫睡了。 | Cat 1 slept. | - | a.csv",
            "bad: `a.csv`, line 2: a quote in it is not closed where its row should end",
            "3: 第3只猫睡了。 | Cat 3 slept. | - | a.csv",
            "4: 第4只猫睡了。 | Cat 4 slept. | - | a.csv",
            "bad: `a.csv`, line 5: a quote in it is not closed where its row should end",
            "6: 第6只猫睡了。 | Cat 6 slept. | - | a.csv",
        ];
        assert_eq!(told(&[("a.csv", text.as_bytes())]), expected);
        // And takes no more time than its lines, nor more memory than one row has.
        let many: String = (0..30_000).map(good).collect();
        let rows = told(&[("a.csv", (many.clone() + "\"open," + &many).as_bytes())]);
        assert_eq!(rows.len(), 60_000);
        assert_eq!(rows.iter().filter(|row| row.starts_with("bad: ")).count(), 1);
    }

    #[test]
    fn lines_that_each_open_a_quote_are_not_read_over_and_over() {
        // Each row would go on to the quote that opens the next one.
        let text = "en;zh\n".to_owned() + &"It rained.;\"下雨了。\";\"\n".repeat(20_000);
        let mut csv = opened(text.as_bytes());
        let (mut cells, mut rows) = (Cells::default(), 0);
        while csv.read(&mut cells).unwrap().is_some() {
            rows += 1;
        }
        assert!(rows <= 20_001, "{rows}");
        assert!(csv.taken <= 20 * 20_001, "{} lines were read", csv.taken);
    }

    #[test]
    fn lines_that_are_no_text_and_rows_that_are_short_are_told() {
        let text = b"\xe4\xb8\x80\xe5\x8f\xaa\xe7\x8c\xab,One cat.\nalone\n\"open\n\xe4\xb8,x\n";
        let expected = [
            "1: 一只猫 | One cat. | - | a.csv",
            "bad: `a.csv`, line 2: there is no cell for `en`, which is column 2",
            "bad: `a.csv`, line 3: a quote in it is not closed where its row should end",
            "bad: `a.csv`, line 4: byte 0 of it is no UTF-8",
        ];
        assert_eq!(told(&[("a.csv", text)]), expected);
        assert_eq!(told(&[("a.csv", b"")]), [""; 0]);
    }

    #[test]
    fn line_ends_of_old_macs_end_rows() {
        let expected = ["1: 猫睡了。 | The cat slept. | - | a.csv", "1: 狗没睡。 | The dog did not. | - | a.csv"];
        assert_eq!(told(&[("a.csv", "猫睡了。,The cat slept.\r狗没睡。,The dog did not.\r".as_bytes())]), expected);
    }
}
