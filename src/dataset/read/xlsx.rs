//! Workbooks of Excel: the rows of every sheet in which columns of Chinese and of English are found.
//!
//! A workbook is a zip archive. Before anything is read it is unpacked once into nothing, so that one that would fill
//! the memory is refused, and of a sheet no more text is held than an archive may have: one string of it may be in a
//! million cells.

use std::{
    fs::File,
    io::{self, BufReader, Read as _},
    path::Path,
    sync::Arc,
    vec,
};

use calamine::{Cell, DataRef, Reader as _, Xlsx};
use quick_xml::{XmlVersion, events::Event};
use zip::ZipArchive;

use super::{
    BadLine, Note, Row,
    cells::Cells,
    columns::{self, How},
    table::{self, Sample, Table},
};
use crate::{
    dataset::aligned::tidy,
    error::{Cause, Error, Result, panic},
};

/// What messages call the format.
const FORMAT: &str = "an Excel workbook";

/// Bytes of all parts, unpacked, and bytes of the text of a sheet: what a Word document may have.
const LARGEST: u64 = 256 << 20;

/// The bytes of the shortest string in XML, `<si/>`.
const SHORTEST_STRING: usize = 5;

/// The columns that are read: those after them are no texts.
const MOST_COLUMNS: u32 = 64;

/// The rows of the file.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let book = Book { path: path.display().to_string().into(), limit: LARGEST };
    let mut workbook = panic::guard(&book.path, || book.open(path))?;
    let mut sheets = workbook.sheet_names().into_iter();
    let has_several = sheets.len() > 1;
    let mut current: Box<dyn Iterator<Item = Result<Row>>> = Box::new(std::iter::empty());
    Ok(std::iter::from_fn(move || {
        loop {
            if let Some(row) = current.next() {
                return Some(row);
            }
            let name = sheets.next()?;
            match panic::guard(&book.path, || book.sheet(&mut workbook, &name)) {
                Ok(rows) => current = book.rows(rows, has_several.then_some(name)),
                Err(error) => {
                    sheets = Vec::new().into_iter();
                    return Some(Err(error));
                }
            }
        }
    }))
}

/// A workbook, by its name and by how much may be in it.
struct Book {
    path: Arc<str>,
    limit: u64,
}

type Workbook = Xlsx<BufReader<File>>;

impl Book {
    fn malformed(&self, what: impl Into<String>, source: Option<Cause>) -> Error {
        Error::Malformed { path: self.path.to_string(), format: FORMAT, what: what.into(), source }
    }

    fn damaged(&self, cause: impl Into<Cause>) -> Error {
        self.malformed("it is no workbook, or it is cut off, damaged or protected", Some(cause.into()))
    }

    fn too_large(&self) -> Error {
        self.malformed(format!("its text has more than {} MiB; save the sheet as .csv", self.limit >> 20), None)
    }

    fn open(&self, path: &Path) -> Result<Workbook> {
        let open = || {
            let failed = |source: io::Error| match source.kind() {
                io::ErrorKind::IsADirectory => Error::Directory { path: self.path.to_string() },
                _ => Error::read(path, source),
            };
            let file = File::open(path).map_err(failed)?;
            if file.metadata().map_err(failed)?.is_dir() {
                return Err(failed(io::ErrorKind::IsADirectory.into()));
            }
            Ok(BufReader::new(file))
        };
        let mut archive = ZipArchive::new(open()?).map_err(|cause| self.damaged(cause))?;
        let mut left = self.limit;
        for part in 0..archive.len() {
            let part = archive.by_index(part).map_err(|cause| self.damaged(cause))?;
            let are_strings = part.name().to_lowercase().ends_with("sharedstrings.xml");
            let mut part = part.take(left + 1);
            let unpacked = if are_strings {
                let mut xml = Vec::new();
                part.read_to_end(&mut xml).map_err(|cause| self.damaged(cause))?;
                if n_strings(&xml).is_some_and(|claimed| claimed > xml.len() / SHORTEST_STRING) {
                    return Err(self.malformed("it claims more texts than it has", None));
                }
                xml.len() as u64
            } else {
                io::copy(&mut part, &mut io::sink()).map_err(|cause| self.damaged(cause))?
            };
            left = left.checked_sub(unpacked).ok_or_else(|| self.too_large())?;
        }
        Xlsx::new(open()?).map_err(|cause| self.damaged(cause))
    }

    /// The rows of a sheet, each with its number.
    fn sheet(&self, workbook: &mut Workbook, name: &str) -> Result<Vec<(usize, Cells)>> {
        // A chart is a sheet without cells.
        let Ok(mut reader) = workbook.worksheet_cells_reader(name) else { return Ok(Vec::new()) };
        let mut rows: Vec<(usize, Cells)> = Vec::new();
        let mut bytes = 0;
        while let Some(cell) = reader.next_cell().map_err(|cause| self.damaged(cause))? {
            let (row, column) = cell.get_position();
            let text = text(&cell);
            if column >= MOST_COLUMNS || text.is_empty() {
                continue;
            }
            let (number, column) = (row as usize + 1, column as usize);
            // A cell that stands before another of its row, which Excel does not write, begins a row as well.
            if rows.last().is_none_or(|(last, cells)| *last != number || cells.len() > column) {
                rows.push((number, Cells::default()));
                bytes += size_of::<(usize, Cells)>() as u64;
            }
            let Some((_, cells)) = rows.last_mut() else { continue };
            let before = cells.bytes();
            while cells.len() < column {
                cells.push("");
            }
            cells.push(&text);
            bytes += (cells.bytes() - before) as u64;
            if bytes > self.limit {
                return Err(self.too_large());
            }
        }
        Ok(rows)
    }

    /// The rows of a sheet as pairs, where it has any; `name` where there are other sheets.
    fn rows(&self, rows: Vec<(usize, Cells)>, name: Option<String>) -> Box<dyn Iterator<Item = Result<Row>>> {
        let mut sheet = Sheet { path: Arc::clone(&self.path), name, rows: rows.into_iter(), number: 0 };
        let mut sample = Sample::default();
        for (_, cells) in sheet.rows.as_slice() {
            if sample.is_full() {
                break;
            }
            sample.add(cells);
        }
        let found = columns::find(sample.rows());
        if found.how != How::Guessed {
            // Rows end with their last cell, so a side that is empty at the end is not there.
            let width = found.columns.zh.max(found.columns.en) + 1;
            sheet.rows = sheet.rows.map(|row| padded(row, width)).collect::<Vec<_>>().into_iter();
            return Box::new(table::rows(sheet, &found));
        }
        let which =
            sheet.name.as_ref().map_or_else(|| "its sheet".to_owned(), |name| format!("its sheet `{}`", tidy(name)));
        let what = format!("{which} has no columns of Chinese and of English, and is passed over");
        Box::new(std::iter::once(Ok(Row::Note(Note { path: sheet.path, what }))))
    }
}

fn padded((number, mut cells): (usize, Cells), width: usize) -> (usize, Cells) {
    while cells.len() < width {
        cells.push("");
    }
    (number, cells)
}

/// The text of a cell; empty where it holds a date or an error.
fn text(cell: &Cell<DataRef<'_>>) -> String {
    match cell.get_value() {
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(value) => value.to_string(),
        DataRef::DateTime(_)
        | DataRef::DateTimeIso(_)
        | DataRef::DurationIso(_)
        | DataRef::Error(_)
        | DataRef::Empty => String::new(),
    }
}

/// The number of strings that the list of them in `xml` claims to have: calamine makes room for as many.
fn n_strings(xml: &[u8]) -> Option<usize> {
    let mut reader = quick_xml::Reader::from_reader(xml);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match reader.read_event_into(&mut buffer).ok()? {
            Event::Start(tag) | Event::Empty(tag) if tag.local_name().as_ref() == "sst" => {
                let count = tag.try_get_attribute("uniqueCount").ok()??;
                return count.normalized_value(XmlVersion::Implicit1_0).ok()?.trim().parse().ok();
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// A sheet in memory.
struct Sheet {
    path: Arc<str>,
    name: Option<String>,
    rows: vec::IntoIter<(usize, Cells)>,
    number: usize,
}

impl Table for Sheet {
    fn read(&mut self, cells: &mut Cells) -> Result<Option<std::result::Result<(), BadLine>>> {
        Ok(self.rows.next().map(|(number, row)| {
            self.number = number;
            *cells = row;
            Ok(())
        }))
    }

    fn line(&self) -> usize {
        self.number
    }

    fn path(&self) -> &Arc<str> {
        &self.path
    }

    fn part(&self) -> Option<&str> {
        self.name.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::{super::tests::noted, *};

    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

    /// A workbook with the XML of these rows in its sheets, which are called `s0`, `s1`.
    fn workbook(sheets: &[&str]) -> Vec<u8> {
        workbook_with(sheets, "<sst/>")
    }

    /// A workbook with a list of strings.
    fn workbook_with(sheets: &[&str], strings: &str) -> Vec<u8> {
        let mut zip = ZipWriter::new(io::Cursor::new(Vec::new()));
        let mut part = |name: &str, xml: &str| {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(xml.as_bytes()).unwrap();
        };
        let list: String = (0..sheets.len())
            .flat_map(|at| [format!("<sheet name=\"s{at}\" sheetId=\"{at}\" r:id=\"r{at}\"/>")])
            .collect();
        let target =
            |at| format!("<Relationship Id=\"r{at}\" Type=\"{RELATIONS}/worksheet\" Target=\"worksheets/{at}.xml\"/>");
        let targets: String = (0..sheets.len()).map(target).collect();
        part(
            "xl/workbook.xml",
            &format!("<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATIONS}\"><sheets>{list}</sheets></workbook>"),
        );
        let relations = "http://schemas.openxmlformats.org/package/2006/relationships";
        let main = format!("<Relationship Id=\"m\" Type=\"{RELATIONS}/officeDocument\" Target=\"xl/workbook.xml\"/>");
        part("_rels/.rels", &format!("<Relationships xmlns=\"{relations}\">{main}</Relationships>"));
        part("xl/_rels/workbook.xml.rels", &format!("<Relationships xmlns=\"{relations}\">{targets}</Relationships>"));
        part("xl/sharedStrings.xml", strings);
        for (at, rows) in sheets.iter().enumerate() {
            let xml = format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
            part(&format!("xl/worksheets/{at}.xml"), &xml);
        }
        zip.finish().unwrap().into_inner()
    }

    fn cell(place: &str, text: &str) -> String {
        format!("<c r=\"{place}\" t=\"inlineStr\"><is><t>{text}</t></is></c>")
    }

    fn number(place: &str, number: &str) -> String {
        format!("<c r=\"{place}\"><v>{number}</v></c>")
    }

    #[test]
    fn pairs_of_every_sheet_that_has_both_languages_are_read() {
        let row = |number: &str, cells: &[String]| format!("<row r=\"{number}\">{}</row>", cells.concat());
        let first = [
            row("1", &[cell("A1", "No."), cell("B1", "Source"), cell("C1", "Target"), cell("D1", "Status")]),
            row("2", &[number("A2", "1"), cell("B2", "The cat slept."), cell("C2", "猫睡了。"), cell("D2", "ok")]),
            row("4", &[number("A4", "2"), cell("B4", "Not translated.")]),
            row("5", &[number("A5", "3"), cell("B5", "It\nrained."), cell("C5", "下雨了。"), cell("XFD5", "far")]),
        ];
        let second = row("1", &[cell("A1", "Notes of a reviewer"), number("B1", "7")]);
        let third = row("3", &[cell("B3", "狗没睡。"), cell("C3", "The dog did not."), number("D3", "0.75")]);
        let book = workbook(&[&first.concat(), &second, &third]);
        let expected = [
            "note: `a.xlsx`: of the sheet `s0`, by their languages, column 3 is the Chinese and column 2 the English; the first row is a header",
            "2: 猫睡了。 | The cat slept. | - | a.xlsx",
            "4:  | Not translated. | - | a.xlsx",
            "5: 下雨了。 | It rained. | - | a.xlsx",
            "note: `a.xlsx`: its sheet `s1` has no columns of Chinese and of English, and is passed over",
            "note: `a.xlsx`: of the sheet `s2`, by their languages, column 2 is the Chinese and column 3 the English, column 4 the confidence",
            "3: 狗没睡。 | The dog did not. | 0.75 | a.xlsx",
        ];
        assert_eq!(noted(&[("a.xlsx", &book)]), expected);
    }

    #[test]
    fn what_is_no_workbook_is_an_error_with_its_name() {
        let good = workbook(&[&cell("A1", "x")]);
        for bytes in [&b"not a zip"[..], &good[..good.len() / 2], b""] {
            let told = noted(&[("a.xlsx", bytes)]);
            assert_eq!(told.len(), 1);
            assert!(
                told[0].starts_with("error: cannot read `a.xlsx` as an Excel workbook: it is no workbook"),
                "{told:?}"
            );
        }
        let broken = noted(&[("a.xlsx", &workbook(&["<row r=\"1\"><c r=\"A1\"><v>"]))]);
        assert!(broken[0].starts_with("error: cannot read `a.xlsx` as an Excel workbook"), "{broken:?}");
    }

    #[test]
    fn a_workbook_cannot_claim_more_texts_than_it_has() {
        let rows = "<row><c r=\"A1\" t=\"s\"><v>0</v></c><c r=\"B1\" t=\"s\"><v>1</v></c></row>";
        let of = |count: &str| {
            format!("<sst uniqueCount=\"{count}\"><si><t>猫睡了。</t></si><si><t>The cat slept.</t></si></sst>")
        };
        assert_eq!(
            noted(&[("a.xlsx", &workbook_with(&[rows], &of("2")))])[1..],
            ["1: 猫睡了。 | The cat slept. | - | a.xlsx"]
        );
        for count in ["50000000000", "18446744073709551615"] {
            let told = noted(&[("a.xlsx", &workbook_with(&[rows], &of(count)))]);
            assert_eq!(told, ["error: cannot read `a.xlsx` as an Excel workbook: it claims more texts than it has"]);
        }
    }

    #[test]
    fn a_small_file_cannot_fill_the_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bomb.xlsx");
        let long = "x".repeat(200_000);
        let rows: String = (1..=20)
            .flat_map(|row| ["<row>".to_owned(), cell(&format!("A{row}"), &long), "</row>".to_owned()])
            .collect();
        let bytes = workbook(&[&rows]);
        assert!(bytes.len() < 20_000, "{}", bytes.len());
        std::fs::write(&path, bytes).unwrap();
        let book = |limit| Book { path: "bomb.xlsx".into(), limit };
        let said = book(1 << 20).open(&path).err().unwrap().to_string();
        assert_eq!(
            said,
            "cannot read `bomb.xlsx` as an Excel workbook: its text has more than 1 MiB; save the sheet as .csv"
        );
        let mut opened = book(8 << 20).open(&path).unwrap();
        assert!(book(1 << 20).sheet(&mut opened, "s0").is_err_and(|error| error.to_string() == said));
        assert_eq!(book(8 << 20).sheet(&mut opened, "s0").unwrap().len(), 20);
    }
}
