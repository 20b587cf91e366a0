//! Three documents in every format, in a folder of which `scripts/readers/check.py` reads each file with the programs that
//! it was made for.
//!
//! One holds what is hard on readers: markup, quotes, tabs, line ends of every kind, control characters, bidirectional
//! text, characters outside the basic plane. Another is in traditional script. Both lack sentences on both sides. The last
//! holds what spreadsheets would take for formulas, numbers and links.

use std::{fs, path::Path, sync::Arc};

use mtalign::{
    bead::{Alignment, Bead, Run},
    both::Both,
    coverage::measure,
    document::{AlignedDocument, ByteMap, Flaw, Original, Sentence, Sentences, Span, Translation},
    text::Lang,
    write::{Format, Options, PairOutput, pairs},
};

/// Where the reading programs look: `target/tmp/formats`.
const FOLDER: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/formats");

/// Sentences of each side, and of each bead how many it has.
struct Text<'t> {
    id: &'t str,
    zh: &'t [&'t str],
    en: &'t [&'t str],
    beads: &'t [(usize, usize)],
}

const HOSTILE: Text<'_> = Text {
    id: "wild & <strange>.txt",
    zh: &[
        "他写道：<b>\"你好\"</b> & ]]> &amp; '再见'。",
        "表格\t有制表符，也有\r回车、\u{2028}行分隔符和\u{85}下一行。",
        "控制\u{1}字符\u{1b}[31m，\u{b}还有\u{fffe}非字符。",
        "这一句没有译文。",
        "这一句的译文不可用。",
        "表情😀，生僻字𠮷，双向\u{202e}文字\u{202c}。",
    ],
    en: &[
        "He wrote: <b>\"hello\"</b> & ]]> &amp; 'goodbye'.",
        "The table\thas tabs,\u{c}and",
        "a\rreturn, \u{1c}a separator.",
        "Control\u{1} characters\u{1b}[31m, and\u{ffff} none.",
        "Nobody said this, \"quoted\",or\\tnot.",
        "A face 😀, \u{202e}turned\u{202c} text, \u{feff}and a mark.",
    ],
    beads: &[(1, 1), (1, 2), (1, 1), (2, 0), (0, 1), (1, 1)],
};

const TRADITIONAL: Text<'_> = Text {
    id: "戲院.txt",
    zh: &["戲院門口擠滿了人。", "票早就賣完了。"],
    en: &["People crowded the entrance of the theatre."],
    beads: &[(1, 1), (1, 0)],
};

const FORMULAS: Text<'_> = Text {
    id: "=1+1; -2.txt",
    zh: &["=1+1", "- 是我。\n- 谁？", "“＝”是等号；=2不是。", "'=3", "\t+86", "_x0041_和_xZZZZ_", "0.5", "'是'。"],
    en: &[
        "=HYPERLINK(\"https://example.org\";\"here\")",
        "- Me.\r\n- Who?",
        "\"=\" is an equals sign; @SUM(A1) is not.",
        "''=3; \"=3\"",
        "+86;\t-1",
        "https://example.org",
        "-0.5",
        "'Tis; 'tis.",
    ],
    beads: &[(1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1), (1, 1)],
};

fn side(lang: Lang, texts: &[&str]) -> Sentences {
    let mut text = String::new();
    let spans: Vec<Span> = texts
        .iter()
        .map(|sentence| {
            let start = text.len();
            text += sentence;
            text += "\n";
            Span::new(start, text.len() - 1)
        })
        .collect();
    let items = spans.into_iter().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
    Sentences { lang, original: Arc::new(Original::new("x", text, ByteMap::shifted(0))), items }
}

fn alignment(beads: &[(usize, usize)]) -> Alignment {
    let mut reached = Both::new(0, 0);
    let beads = beads.iter().zip(1..).map(|(&(source, target), place)| {
        let end = Both::new(reached.source + source, reached.target + target);
        let runs = reached.zip(end).map(|(start, end)| Run::new(start, end));
        reached = end;
        Bead { runs, confidence: 1.0 / f64::from(place) }
    });
    Alignment::new(beads.collect())
}

/// The translation of the fifth sentence is not to be used.
fn translation(index: usize) -> Translation {
    let flaw = (index == 4).then_some(Flaw::Looping);
    Translation { text: format!("Draft {index} <&>\u{1}."), log_prob: -1.0, flaw }
}

fn write(options: &Options, path: &Path) {
    let mut output = PairOutput::create(options, path, &[]).unwrap();
    for Text { id, zh, en, beads } in [HOSTILE, TRADITIONAL, FORMULAS] {
        let sentences = Both::new(side(Lang::Zh, zh), side(Lang::En, en));
        let translations: Vec<_> = (0..zh.len()).map(translation).collect();
        let alignment = alignment(beads);
        let coverage = measure(&sentences, &alignment, 0.0);
        let (id, set_aside, headings) = (id.to_owned(), Both::default(), Vec::new());
        let document = AlignedDocument { id, sentences, translations, alignment, coverage, set_aside, headings };
        output.write(pairs(&document, options)).unwrap();
    }
    output.finish().unwrap();
}

#[test]
fn every_format_is_written_for_its_readers() {
    // What another format left there is not to be read.
    let _ = fs::remove_dir_all(FOLDER);
    fs::create_dir_all(FOLDER).unwrap();
    for format in Format::ALL {
        let of = |keep_unaligned, fill_missing| Options { format, keep_unaligned, fill_missing, ..Options::default() };
        for (name, options) in [("pairs", of(false, false)), ("all", of(true, false)), ("filled", of(true, true))] {
            let options = Options { header: format.has_header(), several_documents: true, ..options };
            if options.check().is_ok() {
                write(&options, &Path::new(FOLDER).join(format!("{name}.{format}")));
            }
        }
    }
    let rows = |name: &str| fs::read_to_string(Path::new(FOLDER).join(name)).unwrap().lines().count();
    assert_eq!((rows("pairs.jsonl"), rows("all.jsonl"), rows("filled.jsonl")), (13, 16, 17));
}
