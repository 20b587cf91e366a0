//! What stands in workbooks, taken from the XML of their sheets.

use std::io::{Cursor, Read};

use proptest::prelude::*;
use quick_xml::{Reader, escape::unescape, events::Event};
use zip::ZipArchive;

use super::*;
use crate::{
    both::Both,
    write::{Format, Options, Origin, pairs, sample},
};

/// A cell: its type, its format and what it holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Cell {
    kind: String,
    format: String,
    text: String,
}

fn part(book: &[u8], name: &str) -> Option<String> {
    let mut text = String::new();
    ZipArchive::new(Cursor::new(book)).unwrap().by_name(name).ok()?.read_to_string(&mut text).unwrap();
    Some(text)
}

/// The rows of the sheet `number`, from 1, if there is one.
fn sheet(book: &[u8], number: usize) -> Option<Vec<Vec<Cell>>> {
    let xml = part(book, &format!("xl/worksheets/sheet{number}.xml"))?;
    let (mut reader, mut rows) = (Reader::from_str(&xml), Vec::new());
    loop {
        let event = reader.read_event().unwrap();
        match &event {
            Event::Start(tag) | Event::Empty(tag) => match tag.name().0 {
                "row" => rows.push(Vec::new()),
                "c" => {
                    let attribute = |name| tag.try_get_attribute(name).unwrap().map(|found| found.value.into_owned());
                    let (kind, format) = (attribute("t").unwrap_or_default(), attribute("s").unwrap_or_default());
                    rows.last_mut().unwrap().push(Cell { kind, format, text: String::new() });
                }
                "f" | "hyperlink" => panic!("{xml}"),
                _ => {}
            },
            Event::Text(_) | Event::GeneralRef(_) => {
                let text = match event {
                    Event::Text(piece) => piece.xml10_content().into_owned(),
                    Event::GeneralRef(reference) => unescape(&format!("&{};", &*reference)).unwrap().into_owned(),
                    _ => unreachable!(),
                };
                if let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
                    cell.text.push_str(&text);
                }
            }
            Event::Eof => return Some(rows),
            _ => {}
        }
    }
}

/// The texts of all cells, where Excel reads `_x005F_` as `_`.
fn texts(rows: &[Vec<Cell>]) -> Vec<Vec<String>> {
    rows.iter().map(|row| row.iter().map(|cell| cell.text.replace("_x005F_", "_")).collect()).collect()
}

fn written(sheet_rows: RowNum, columns: &[Column], pairs: &[Pair<'_>]) -> Vec<u8> {
    let mut writer = Box::new(XlsxWriter::with_sheets_of(sheet_rows, Vec::new(), columns.to_vec()).unwrap());
    for pair in pairs {
        writer.pair(pair).unwrap();
    }
    writer.finish().unwrap().remove(0)
}

fn pair<'p>(zh: &'p str, en: &'p str) -> Pair<'p> {
    Pair { texts: Both::new(Cow::Borrowed(zh), Cow::Borrowed(en)), doc: "d", ..sample::pair() }
}

#[test]
fn all_columns_stand_under_a_header_that_stays_and_filters() {
    let sample = sample::mixed();
    let options = |format| Options {
        format,
        columns: Some(Column::ALL.to_vec()),
        header: true,
        keep_unaligned: true,
        ..Options::default()
    };
    let [book] = sample::files(&sample, &options(Format::Xlsx)).try_into().unwrap();
    let tsv = sample::written(&sample, &options(Format::Tsv));
    // A number has no zeros at its end.
    let tsv: Vec<Vec<_>> =
        tsv.lines().map(|line| line.split('\t').map(|cell| cell.replace("0.30", "0.3")).collect()).collect();
    let rows = sheet(&book, 1).unwrap();
    assert_eq!(texts(&rows), tsv);
    for (column, cell) in Column::ALL.iter().zip(&rows[1]) {
        let expected = match column {
            _ if column.holds_numbers() => "",
            _ if cell.text.is_empty() => "",
            _ => "inlineStr",
        };
        assert_eq!(cell.kind, expected, "{column}");
    }
    assert_eq!(sheet(&book, 2), None);
    let xml = part(&book, "xl/worksheets/sheet1.xml").unwrap();
    assert!(xml.contains("ySplit=\"1\"") && xml.contains("state=\"frozen\""), "{xml}");
    assert!(xml.contains("<autoFilter ref=\"A1:K5\"/>"), "{xml}");
}

#[test]
fn rows_look_like_what_they_are() {
    let at = |confidence| Pair { confidence, ..pair("一。", "One.") };
    let draft = Pair { origin: Origin::Mt, ..pair("二。", "Two.") };
    let pairs = [at(0.99), at(0.95), at(0.8), at(0.6), at(0.1), pair("三。", ""), pair("", "Four."), draft];
    let rows = sheet(&written(SHEET_ROWS, &[Column::Zh, Column::En, Column::Confidence], &pairs), 1).unwrap();
    let formats = |place: usize| rows[1..].iter().map(|row| row[place].format.clone()).collect::<Vec<_>>();
    let (zh, en, confidence) = (formats(0), formats(1), formats(2));
    assert_eq!(zh, en);
    let groups = |formats: &[String]| {
        let first = |format| formats.iter().position(|other| other == format).unwrap();
        formats.iter().map(first).collect::<Vec<_>>()
    };
    assert_eq!(groups(&zh), [0, 0, 0, 0, 0, 5, 5, 7]);
    assert_eq!(groups(&confidence), [0, 0, 2, 3, 4, 5, 5, 7]);
    let styles = part(&written(SHEET_ROWS, &[Column::Zh], &pairs), "xl/styles.xml").unwrap();
    for colour in ["FFFCE4D6", "FFDDEBF7"] {
        assert!(styles.contains(colour), "{styles}");
    }
}

#[test]
fn a_text_is_a_text_whatever_it_begins_with() {
    for text in ["=1+1", "+86", "-5", "- Me.", "@SUM(A1)", "\t=1", "https://example.org", "mailto:a@b.c", "1", "TRUE"] {
        let rows = sheet(&written(SHEET_ROWS, &[Column::Zh, Column::Doc], &[pair(text, "")]), 1).unwrap();
        assert_eq!((rows[1][0].kind.as_str(), rows[1][0].text.as_str()), ("inlineStr", text));
    }
}

#[test]
fn a_full_sheet_is_followed_by_another() {
    let names: Vec<_> = (0..7).map(|place| format!("{place}。")).collect();
    let pairs: Vec<_> = names.iter().map(|name| pair(name, "")).collect();
    for (sheet_rows, expected) in [(4, &[3, 3, 1][..]), (8, &[7]), (7, &[6, 1])] {
        let book = written(sheet_rows, &[Column::Zh], &pairs);
        let sheets: Vec<_> = (1..).map_while(|number| sheet(&book, number)).collect();
        assert_eq!(sheets.iter().map(|rows| rows.len() - 1).collect::<Vec<_>>(), expected);
        assert!(sheets.iter().all(|rows| rows[0][0].text == "zh"));
        let found: Vec<_> = sheets.iter().flat_map(|rows| &rows[1..]).map(|row| row[0].text.clone()).collect();
        assert_eq!(found, names);
    }
}

#[test]
fn a_text_that_is_longer_than_a_cell_goes_on_below() {
    // Two UTF-16 units each, so that one does not fit the first cell to its end.
    let (zh, en) = (format!("字{}", "𠮷".repeat(40_000)), "x".repeat(CELL_UNITS + 1));
    let columns = [Column::Zh, Column::En, Column::Confidence, Column::Doc];
    let book = written(SHEET_ROWS, &columns, &[pair(&zh, &en), pair("短。", "Short.")]);
    let rows = texts(&sheet(&book, 1).unwrap());
    assert_eq!(rows.len(), 5);
    let column = |place: usize| rows[1..4].iter().map(|row| row[place].clone()).collect::<Vec<_>>();
    assert_eq!((column(0).concat(), column(1).concat()), (zh, en));
    assert!(column(0).iter().all(|cell| cell.encode_utf16().count() <= CELL_UNITS));
    assert_eq!((column(2), column(3)), (["0.5", "", ""].map(str::to_owned).to_vec(), vec!["d".to_owned(); 3]));
    assert_eq!(rows[4], ["短。", "Short.", "0.5", "d"]);
}

#[test]
fn no_pair_is_a_workbook_too() {
    let rows = sheet(&written(SHEET_ROWS, &[Column::Zh, Column::En], &[]), 1).unwrap();
    assert_eq!(texts(&rows), [["zh", "en"]]);
}

#[test]
fn what_the_system_says_of_a_failure_is_kept() {
    let failure = sample::failing(&Options { format: Format::Xlsx, ..Options::default() }, &sample::pair());
    assert_eq!(failure.kind(), io::ErrorKind::BrokenPipe);
}

#[test]
fn the_same_rows_make_the_same_bytes() {
    let sample = sample::mixed();
    let pairs: Vec<_> = pairs(&sample, &Options::default()).collect();
    let book = written(SHEET_ROWS, &Column::ALL, &pairs);
    assert!(part(&book, "docProps/core.xml").unwrap().contains("1980-01-01T00:00:00Z"));
    assert_eq!(book, written(SHEET_ROWS, &Column::ALL, &pairs));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_text_reads_back_equal_but_for_what_no_xml_can_hold(
        rows in prop::collection::vec((any::<String>(), "[ \t\r\n_x0-9A-F&<\u{1}\u{ffff}]{0,12}"), 0..6),
    ) {
        let pairs: Vec<_> = rows.iter().map(|(zh, en)| pair(zh, en)).collect();
        let found = texts(&sheet(&written(SHEET_ROWS, &[Column::Zh, Column::En], &pairs), 1).unwrap());
        prop_assert_eq!(found.len(), 1 + rows.len());
        for (found, (zh, en)) in found[1..].iter().zip(&rows) {
            let expected = [zh, en].map(|text| for_cell(text).replace("\r\n", "\n").replace('\r', "\n"));
            prop_assert_eq!(found, &expected);
        }
    }
}
