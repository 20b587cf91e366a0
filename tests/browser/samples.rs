//! Writes the reports that `test_report.py` opens, each with what it must agree with, into a folder.
//!
//! In: the folder. Out: for each of four documents `NAME.html`, and of the same alignment `NAME.json` (coverage),
//! `NAME.index` and `NAME.tsv`. `lighthouse` is a text aligned with canned translations; `long` has five thousand rows;
//! `hostile` holds texts that would be something else than text, were they let. `faults` has faults
//! inside its pairs. `several.html` has all four.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    path::Path,
    sync::Arc,
};

use mtalign::{
    aligner::{self, Settings, Tables},
    bead::{Alignment, Bead, Run},
    both::Both,
    coverage,
    document::{AlignedDocument, ByteMap, Checks, Original, Sentence, Sentences, Translation},
    ingest::{self, Input},
    text::Lang,
    translate::canned::Canned,
    write::{
        Format, Options,
        coverage_json::{self, CoverageJson},
        pairs,
        report::{self, Report},
        writer,
    },
};

/// Where the text and its translations stand, from the package root, where cargo runs examples.
const SAMPLE: &str = "tests/browser/sample";
const FAULTS: &str = "tests/golden/faults_inside_pairs";
const MODEL: &str = "models/zh-en";

/// Pairs below this count as not covered, so that there are some.
const MIN_CONFIDENCE: f64 = 0.4;

const LONG_ROWS: usize = 5_000;
const LONG_LINE_BYTES: usize = 1 << 20;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = env::args().nth(1).ok_or("usage: samples FOLDER")?;
    let folder = Path::new(&folder);
    fs::create_dir_all(folder)?;
    let documents = [
        ("lighthouse", lighthouse()?),
        ("long", long()),
        ("hostile", hostile()),
        ("faults", faults()?),
        ("moved", moved()),
    ];
    for (name, document) in &documents {
        write(folder, name, document)?;
    }
    write_report(folder, "several", &documents.each_ref().map(|(_, document)| document))
}

fn create(folder: &Path, name: &str, ending: &str) -> io::Result<impl Write + use<>> {
    Ok(io::BufWriter::new(fs::File::create(folder.join(format!("{name}.{ending}")))?))
}

fn write_report(folder: &Path, name: &str, documents: &[&AlignedDocument]) -> Result<(), Box<dyn Error>> {
    let mut report = Report::begin(create(folder, name, "html")?, MIN_CONFIDENCE)?;
    for document in documents {
        report.document(&report::made(document)?)?;
    }
    Ok(report.finish()?)
}

fn write(folder: &Path, name: &str, document: &AlignedDocument) -> Result<(), Box<dyn Error>> {
    write_report(folder, name, &[document])?;
    let mut json = CoverageJson::begin(create(folder, name, "json")?)?;
    json.document(&coverage_json::made(document)?, &document.coverage)?;
    json.finish()?;
    for format in [Format::Index, Format::Tsv] {
        let options = Options { format, min_confidence: MIN_CONFIDENCE, ..Options::default() };
        let mut out = create(folder, name, format.name())?;
        let mut writer = writer(&options, [&mut out])?;
        for pair in pairs(document, &options) {
            writer.pair(&pair)?;
        }
        writer.finish()?;
        out.flush()?;
    }
    Ok(())
}

fn lighthouse() -> Result<AlignedDocument, Box<dyn Error>> {
    let sample = Path::new(SAMPLE);
    let table = fs::read_to_string(sample.join("translations.tsv"))?;
    let document = ingest::read(&Input::Mixed(sample.join("lighthouse.md")), ingest::Options::default())?;
    let tables = Tables::load(MODEL)?;
    let mut translator = Canned::parse("translations.tsv", &table)?;
    let settings = Settings { min_confidence: MIN_CONFIDENCE, ..Settings::default() };
    Ok(aligner::run(&document, &settings, &mut tables.models(&mut translator, None), &())?)
}

/// A text with faults inside its pairs, one of them a translation that came before in another way.
fn faults() -> Result<AlignedDocument, Box<dyn Error>> {
    let lines = |file: &str| fs::read_to_string(Path::new(FAULTS).join(file));
    let (zh, en) = (lines("zh.txt")?, lines("en.txt")?);
    let mut sides = Both::new(&zh, &en).map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>());
    sides.source.push(sides.source[5].clone());
    sides.target.push("There are puppets on Saturday afternoons at 3 p.m. in the little theatre.".to_owned());
    let mut document = document("faults", &sides.source, &sides.target, &vec![(1, 1, 0.9); sides.source.len()]);
    let found = coverage::checks::of_document(&document.sentences, &document.alignment, 0.0, Checks::default());
    let inconsistent = aligner::Consistency::default().look(&document, 0.0);
    document.coverage = document.coverage.with_findings(found).with_findings(inconsistent);
    Ok(document)
}

/// Two paragraphs whose English stands before that of the first.
fn moved() -> AlignedDocument {
    let zh = ["春天来了。", "夏天很热。", "秋天的苹果熟了。", "大家去摘。"].map(str::to_owned);
    let en = ["The apples were ripe.", "All went to pick them.", "Spring came.", "Summer was hot."].map(str::to_owned);
    let beads = [(0, 1, 0.9), (0, 1, 0.9), (1, 1, 0.95), (1, 1, 0.95), (1, 0, 0.9), (1, 0, 0.9)];
    let mut document = document("moved", &zh, &en, &beads);
    let pair = |source: usize, target: usize| Bead {
        runs: Both::new(Run::new(source, source + 1), Run::new(target, target + 1)),
        confidence: 0.97,
    };
    document.coverage = coverage::with_moved(document.coverage, &document.sentences, vec![pair(2, 0), pair(3, 1)]);
    document
}

/// Beads of every kind, in turn.
fn long() -> AlignedDocument {
    let (mut zh, mut en, mut beads) = (Vec::new(), Vec::new(), Vec::new());
    for row in 0..LONG_ROWS {
        let (source, target) = match row % 50 {
            7 => (1, 0),
            23 => (0, 1),
            31 => (1, 2),
            42 => (2, 1),
            _ => (1, 1),
        };
        zh.extend((0..source).map(|part| format!("第{row}行第{part}句，船在码头等着装货。")));
        en.extend((0..target).map(|part| format!("Row {row}, sentence {part}: the boat waits at the quay.")));
        beads.push((source, target, 1.0 - 0.01 * (row % 97) as f64));
    }
    document("long", &zh, &en, &beads)
}

fn hostile() -> AlignedDocument {
    let zh = [
        "</script><script>window.broken = true</script>脚本。",
        "</style><style>body { display: none }</style>样式。",
        "\"onload=\"window.broken = true\" <img src=x onerror=window.broken=true>",
        "前\u{202E}后\u{2066}中\u{2069}。",
        "<!-- {{script}} {{data}} ${broken} \\u003c \u{2028} \u{0} \u{7} &lt;b&gt;",
    ];
    let zh = [zh.map(str::to_owned).to_vec(), vec!["长".repeat(LONG_LINE_BYTES / '长'.len_utf8())]].concat();
    let en = [
        "<script>window.broken = true</script>",
        "</title><body onload=\"window.broken = true\">",
        "javascript:window.broken=true",
        "left \u{202E}right\u{202C} and \u{200F}left",
        "'); window.broken = true; ('",
        "\u{0}\t=HYPERLINK(\"x\")",
    ];
    let mut document =
        document("</title><script>window.broken = true</script>.txt", &zh, &en.map(str::to_owned), &[(1, 1, 0.9); 6]);
    document.translations.iter_mut().for_each(|translation| translation.text.push_str("<b onclick=alert(1)>draft</b>"));
    document
}

/// A document of one sentence a line, with these beads: source sentences, target sentences, confidence.
fn document(id: &str, zh: &[String], en: &[String], beads: &[(usize, usize, f64)]) -> AlignedDocument {
    let side = |lang, lines: &[String]| {
        let original = Arc::new(Original::new(id, lines.join("\n"), ByteMap::shifted(0)));
        let items = original.lines().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
        Sentences { lang, original, items }
    };
    let sentences = Both::new(side(Lang::Zh, zh), side(Lang::En, en));
    let mut reached = Both::new(0, 0);
    let tile = |&(source, target, confidence): &(usize, usize, f64)| {
        let end = Both::new(reached.source + source, reached.target + target);
        let runs = reached.zip(end).map(|(start, end)| Run::new(start, end));
        reached = end;
        Bead { runs, confidence }
    };
    let alignment = Alignment::new(beads.iter().map(tile).collect());
    let translations = zh.iter().map(|_| Translation { text: String::new(), log_prob: 0.0, flaw: None }).collect();
    let coverage = coverage::measure(&sentences, &alignment, MIN_CONFIDENCE);
    let (id, set_aside, headings) = (id.to_owned(), Both::default(), Vec::new());
    AlignedDocument { id, sentences, translations, alignment, coverage, set_aside, headings }
}
