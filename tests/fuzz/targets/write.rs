//! Hostile text through every writer, and back through a reader: as it was, or as the format says it becomes.

#![no_main]

use std::{borrow::Cow, io::Cursor};

use calamine::{Reader as _, Xlsx};
use libfuzzer_sys::fuzz_target;
use mtalign::{
    both::Both,
    text::Script,
    write::{
        Column, Format, Options, Origin, Pair,
        csv::guard::unguarded,
        safe::{one_line, visible},
        writer,
    },
};
use mtalign_fuzz::{choice, corpora, let_held_panics_pass, parted};
use quick_xml::events::Event;
use serde_json::Value;

fuzz_target!(init: let_held_panics_pass(), |data: &[u8]| {
    let Some((chosen, rest)) = choice(data, 8) else { return };
    let (zh, rest) = parted(rest);
    let (en, doc) = parted(rest);
    let [zh, en, doc] = [zh, en, doc].map(String::from_utf8_lossy);
    let pair = Pair {
        doc: &doc,
        texts: Both::new(Cow::Borrowed(&*zh), Cow::Borrowed(&*en)),
        ids: Both::new(vec![0], vec![7, 8]),
        confidence: f64::from(data[0]) / 255.0,
        mt: Some(Cow::Borrowed(&*doc)),
        mt_flaw: None,
        mt_probability: Some(f64::from(data[0]) / 255.0),
        origin: if chosen % 2 == 0 { Origin::Human } else { Origin::Mt },
        script: Script::of([&*zh]),
        is_moved: chosen % 3 == 0,
    };
    tsv(&pair);
    csv(&pair);
    jsonl(&pair);
    tmx(&pair);
    moses(&pair);
    index(&pair);
    for text in [&zh, &en, &doc] {
        shown(text);
    }
    // An archive takes as long as all others.
    if chosen == 7 {
        xlsx(&pair);
    }
    if chosen == 6 {
        parquet(&pair);
    }
});

/// The files of a format with one pair in all columns.
fn written(format: Format, pair: &Pair<'_>) -> Vec<Vec<u8>> {
    let columns = format.has_columns().then(|| Column::ALL.to_vec());
    let options = Options { format, columns, header: format.has_header(), ..Options::default() };
    let outs = format.suffixes().iter().map(|_| Vec::new()).collect::<Vec<_>>();
    let mut writer = writer(&options, outs).expect("a writer in memory");
    writer.pair(pair).expect("a pair in memory");
    writer.end_document().expect("a document in memory");
    writer.finish().expect("a file in memory")
}

fn text(file: &[u8]) -> &str {
    std::str::from_utf8(file).expect("text that is UTF-8")
}

fn tsv(pair: &Pair<'_>) {
    let files = written(Format::Tsv, pair);
    let lines: Vec<&str> = text(&files[0]).split('\n').collect();
    assert_eq!((lines.len(), lines[2]), (3, ""));
    let cells: Vec<&str> = lines[1].split('\t').collect();
    assert_eq!(cells.len(), Column::ALL.len());
    assert_eq!((cells[0], cells[1]), (&*one_line(&pair.texts.source), &*one_line(&pair.texts.target)));
    assert!(cells.iter().all(|cell| !cell.contains(|c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))));
    // And with our own reader, which tidies it.
    for read in corpora::read(corpora::KINDS[0], &files[0]) {
        assert_eq!((solid(&read.zh), solid(&read.en)), (solid(cells[0]), solid(cells[1])));
    }
}

/// What shows of a text, without white space.
fn solid(text: &str) -> String {
    text.chars().filter(|&c| !c.is_whitespace() && !c.is_control() && !mtalign::text::is_invisible(c)).collect()
}

fn csv(pair: &Pair<'_>) {
    let files = written(Format::Csv, pair);
    let file = files[0].strip_prefix("\u{feff}".as_bytes()).expect("a byte-order mark");
    let mut reader = csv::ReaderBuilder::new().from_reader(file);
    let rows: Vec<_> = reader.records().map(|row| row.expect("a row")).collect();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].len(), Column::ALL.len());
    assert_eq!(unguarded(&rows[0][0]), for_xml(&pair.texts.source));
    assert_eq!(unguarded(&rows[0][1]), for_xml(&pair.texts.target));
    corpora::read(corpora::KINDS[1], &files[0]);
}

/// A text without what XML and spreadsheets cannot hold, as documented: that and the white space around it is a space.
fn for_xml(text: &str) -> String {
    let is_unwanted =
        |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    let is_gap = |c: char| c.is_whitespace() || is_unwanted(c);
    let mut out = String::new();
    let mut gap = String::new();
    for c in text.chars().map(Some).chain([None]) {
        match c {
            Some(c) if is_gap(c) => gap.push(c),
            other => {
                out.push_str(if gap.contains(is_unwanted) { " " } else { &gap });
                gap.clear();
                out.extend(other);
            }
        }
    }
    out
}

fn jsonl(pair: &Pair<'_>) {
    let files = written(Format::Jsonl, pair);
    let line = text(&files[0]);
    assert_eq!(line.find('\n'), Some(line.len() - 1));
    let read: Value = serde_json::from_str(line).expect("JSON");
    assert_eq!(read["translation"]["zh"], *pair.texts.source);
    assert_eq!(read["translation"]["en"], *pair.texts.target);
    assert_eq!(read["doc"], pair.doc);
    assert_eq!(read["mt"], **pair.mt.as_ref().expect("a translation"));
    assert_eq!(read["en_ids"][1], 8);
    for read in corpora::read(corpora::KINDS[2], &files[0]) {
        assert_eq!(solid(&read.zh), solid(&pair.texts.source));
        assert_eq!(solid(&read.en), solid(&pair.texts.target));
    }
}

fn tmx(pair: &Pair<'_>) {
    let files = written(Format::Tmx, pair);
    let mut reader = quick_xml::Reader::from_str(text(&files[0]));
    let (mut texts, mut depth) = (Vec::new(), 0_u32);
    loop {
        match reader.read_event().expect("XML") {
            Event::Start(tag) => {
                depth += 1;
                if matches!(tag.name().0, "seg" | "prop") {
                    texts.push(String::new());
                }
            }
            Event::End(_) => depth -= 1,
            Event::Text(piece) if depth >= 4 => {
                texts.last_mut().expect("text in an element").push_str(&piece.xml10_content());
            }
            Event::GeneralRef(reference) => {
                let text =
                    quick_xml::escape::unescape(&format!("&{};", &*reference)).expect("a reference").into_owned();
                texts.last_mut().expect("text in an element").push_str(&text);
            }
            Event::Text(piece) => assert!(piece.trim().is_empty()),
            Event::Empty(_) | Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("{other:?} in a memory"),
        }
    }
    assert_eq!(depth, 0);
    let replaced = |text: &str| {
        let replaced = text.chars().map(|c| match c {
            '\u{b}' | '\u{c}' => ' ',
            '\0'..='\u{8}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{FFFD}',
            c => c,
        });
        replaced.collect::<String>()
    };
    assert!(texts.contains(&replaced(pair.doc)), "{texts:?}");
    for text in [&pair.texts.source, &pair.texts.target].into_iter().filter(|text| !text.is_empty()) {
        assert!(texts.contains(&replaced(text)), "{text:?} in {texts:?}");
    }
    for read in corpora::read(corpora::KINDS[3], &files[0]) {
        assert_eq!(solid(&read.zh), solid(&replaced(&pair.texts.source)));
        assert_eq!(solid(&read.en), solid(&replaced(&pair.texts.target)));
    }
}

fn moses(pair: &Pair<'_>) {
    for file in written(Format::Moses, pair) {
        let lines = text(&file);
        assert_eq!(lines.matches('\n').count(), lines.len().min(1));
        // As Python divides lines.
        let ends = ['\r', '\u{b}', '\u{c}', '\u{1c}', '\u{1d}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
        assert!(!lines.contains(ends), "{lines:?}");
    }
}

fn index(pair: &Pair<'_>) {
    let files = written(Format::Index, pair);
    let links = mtalign::evaluate::read::parse("a.index", text(&files[0])).expect("our own index");
    assert_eq!(links, [pair.ids.clone()]);
}

fn xlsx(pair: &Pair<'_>) {
    let files = written(Format::Xlsx, pair);
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(&files[0])).expect("a workbook");
    let rows = book.worksheet_range("pairs").expect("a sheet");
    let column = |place: usize| rows.rows().skip(1).map(|row| row[place].to_string()).collect::<String>();
    let unified = |text: &str| for_xml(text).replace("\r\n", "\n").replace('\r', "\n");
    for (place, text) in [(0, &pair.texts.source), (1, &pair.texts.target)] {
        // calamine reads `_x000D_` and the like as Excel does; what began as such is written so that it stays.
        assert_eq!(column(place), unified(text));
    }
}

fn parquet(pair: &Pair<'_>) {
    let files = written(Format::Parquet, pair);
    assert!(files[0].starts_with(b"PAR1") && files[0].ends_with(b"PAR1"));
}

/// Nothing that is shown to people commands the terminal, and no two texts are shown as one by what is spelt out.
fn shown(text: &str) {
    let shown = visible(text);
    let is_obeyed =
        |c: char| c != '\t' && c.is_control() || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert!(!shown.contains(is_obeyed), "{shown:?}");
    assert_eq!(visible(&shown), shown, "what is harmless stays");
}
