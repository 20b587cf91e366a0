//! The coverage of documents as one HTML page, to read and to correct in a browser.
//!
//! The page is one file and needs no network: style, script and data stand in it. Its policy lets no script run but
//! its own, by hash, and no request leave; the script puts text from documents into text nodes only. The data is a
//! JSON object that the script reads:
//!
//! ```text
//! { "min_confidence": 0.5,
//!   "documents": [ {
//!     "id": "news.txt", "files": { "zh": "news.txt", "en": "news.txt" },
//!     "zh": [ { "id": 0, "line": 1, "text": "…", "mt": "…", "probability": 0.61, "flaw": "looping" } ],    mt, its probability and flaw where there are any, `"untranslated": true` where it was left in English
//!     "en": [ { "id": 0, "line": 2, "text": "…" } ],
//!     "beads": [ [1, 1, 0.98] ],                      sentences of zh, of en, confidence; they tile both sides
//!     "moved": [ { "zh": [4, 6], "en": [19, 20], "confidence": 0.97 } ],     sentences from, and to without the last
//!     "hints": { "zh": [ { "sentence": 0, "start": 4, "end": 9, "confidence": 0.83 } ], "en": [] },
//!     "findings": [ { "check": "number", "title": "Numbers differ", "zh_run": [0, 1], "en_run": [0, 1],    the sentences of its pair
//!                     "zh": [ { "sentence": 0, "start": 4, "end": 9 } ], "en": [] } ],    "before": "…" for a check of consistency
//!     "headings": [0],                                sentences of zh, by position
//!     "set_aside": [ { "kind": "code", "line": 9, "text": "…" } ] } ] }
//! ```
//! Places are UTF-16 units of `text`. What the page saves has the form of [`tsv`](super::tsv) and [`index`](super::index).

use std::{
    borrow::Cow,
    io::{self, Write},
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::rounded;
use crate::{
    bead::{Bead, Run},
    both::Both,
    document::{AlignedDocument, Finding, Hint, Original, Place, Sentences, SetAside, SideCoverage, Span, Translation},
};

const PAGE: &str = include_str!("report/page.html");
const STYLE: &str = include_str!("report/style.css");
/// The script of the page, of several files so that each can be read by itself.
const SCRIPT: &str = concat!(
    include_str!("report/beads.js"),
    include_str!("report/rows.js"),
    include_str!("report/strip.js"),
    include_str!("report/page.js")
);

/// A writer of the page. Called in this order: `begin`, `document` for each, `finish`.
#[derive(Debug)]
pub struct Report<W> {
    out: W,
    documents: usize,
}

impl<W: Write> Report<W> {
    /// Begins the page. Pairs below `min_confidence` (0..=1) show as not counted.
    pub fn begin(mut out: W, min_confidence: f64) -> io::Result<Self> {
        let (before, _) = page();
        write!(out, "{before}{{\"min_confidence\":{min_confidence},\"documents\":[")?;
        Ok(Self { out, documents: 0 })
    }

    /// Writes a document, as [`made`] makes it.
    pub fn document(&mut self, made: &[u8]) -> io::Result<()> {
        self.out.write_all(if self.documents == 0 { b"\n" } else { b",\n" })?;
        self.documents += 1;
        self.out.write_all(made)
    }

    /// Ends the page, and hands everything on to the system.
    pub fn finish(mut self) -> io::Result<()> {
        let (_, after) = page();
        write!(self.out, "]}}\n{after}")?;
        self.out.flush()
    }
}

/// What stands in the page of one document.
pub fn made(document: &AlignedDocument) -> io::Result<Vec<u8>> {
    let mut made = Vec::new();
    Ok(serde_json::to_writer(InHtml(&mut made), &DocumentJson::of(document)).map(|()| made)?)
}

/// The page before its data, and after it.
fn page() -> (String, String) {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    );
    let fill = |part: &str| {
        part.replace("{{policy}}", &policy)
            .replace("{{version}}", env!("CARGO_PKG_VERSION"))
            .replace("{{style}}", STYLE)
            .replace("{{script}}", SCRIPT)
    };
    let (before, after) = PAGE.split_once("{{data}}").expect("the page has a place for its data");
    (fill(before), fill(after))
}

/// The source expression by which a content-security policy allows the one text that may stand in an element.
fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// A writer of JSON into an HTML element: without `<` nothing in it can end the element, or begin another.
struct InHtml<W>(W);

impl<W: Write> Write for InHtml<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // In JSON it stands in strings only.
        for (position, part) in bytes.split(|&byte| byte == b'<').enumerate() {
            if position > 0 {
                self.0.write_all(br"\u003c")?;
            }
            self.0.write_all(part)?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

#[derive(Serialize)]
struct DocumentJson<'a> {
    id: &'a str,
    files: SidesJson<&'a str>,
    zh: Vec<SentenceJson<'a>>,
    en: Vec<SentenceJson<'a>>,
    beads: Vec<(usize, usize, f64)>,
    hints: SidesJson<Vec<HintJson>>,
    findings: Vec<FindingJson>,
    headings: &'a [usize],
    moved: Vec<MovedJson>,
    set_aside: Vec<SetAsideJson<'a>>,
}

impl<'a> DocumentJson<'a> {
    fn of(document: &'a AlignedDocument) -> Self {
        let AlignedDocument { sentences, coverage, .. } = document;
        let original = &sentences.source.original;
        let beads = document.alignment.beads().iter();
        let set_aside = |(original, SetAside { span, kind }): (&'a Original, SetAside)| SetAsideJson {
            kind: kind.title(),
            line: original.line(span.start),
            text: span.of(&original.text),
        };
        Self {
            id: &document.id,
            files: SidesJson { zh: &original.name, en: &sentences.target.original.name },
            zh: of_side(&sentences.source, &coverage.sides.source, &document.translations),
            en: of_side(&sentences.target, &coverage.sides.target, &[]),
            beads: beads.map(|bead| (bead.kind().source, bead.kind().target, rounded(bead.confidence))).collect(),
            hints: SidesJson {
                zh: hints(&sentences.source, &coverage.sides.source),
                en: hints(&sentences.target, &coverage.sides.target),
            },
            findings: coverage.findings.iter().map(|finding| FindingJson::of(finding, sentences)).collect(),
            headings: &document.headings,
            moved: coverage.moved.iter().map(MovedJson::of).collect(),
            set_aside: document.all_set_aside().map(set_aside).collect(),
        }
    }
}

/// A pair whose sides stand in different places: the first sentence of each, and one past the last.
#[derive(Serialize)]
struct MovedJson {
    zh: [usize; 2],
    en: [usize; 2],
    confidence: f64,
}

impl MovedJson {
    fn of(bead: &Bead) -> Self {
        let Both { source, target } = bead.runs.map(|run| [run.start, run.end]);
        Self { zh: source, en: target, confidence: rounded(bead.confidence) }
    }
}

#[derive(Serialize)]
struct SidesJson<T> {
    zh: T,
    en: T,
}

#[derive(Serialize)]
struct SentenceJson<'a> {
    id: usize,
    line: usize,
    text: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mt: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flaw: Option<&'static str>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    untranslated: bool,
}

fn of_side<'a>(
    sentences: &'a Sentences,
    side: &SideCoverage,
    translations: &'a [Translation],
) -> Vec<SentenceJson<'a>> {
    let sentence = |index: usize| {
        let untranslated = side.untranslated.contains(&index);
        let translation = translations.get(index).filter(|_| !untranslated);
        SentenceJson {
            id: sentences.items[index].id,
            line: sentences.line(index),
            text: sentences.run_text(Run::new(index, index + 1)),
            mt: translation.map(|translation| translation.text.as_str()).filter(|text| !text.is_empty()),
            probability: translation.map(|translation| rounded(translation.probability())),
            flaw: translation.and_then(|translation| translation.flaw).map(crate::document::Flaw::name),
            untranslated,
        }
    };
    (0..sentences.len()).map(sentence).collect()
}

#[derive(Serialize)]
struct HintJson {
    sentence: usize,
    start: usize,
    end: usize,
    confidence: f64,
}

fn hints(sentences: &Sentences, side: &SideCoverage) -> Vec<HintJson> {
    let hint = |hint: &Hint| {
        let text = sentences.run_text(Run::new(hint.sentence, hint.sentence + 1));
        let Span { start, end } = in_one_line(sentences, hint)?;
        let units = |text: &str| text.encode_utf16().count();
        let (start, end) = (units(&text[..start]), units(&text[..end]));
        Some(HintJson { sentence: hint.sentence, start, end, confidence: rounded(hint.confidence) })
    };
    side.hints.iter().filter_map(hint).collect()
}

#[derive(Serialize)]
struct FindingJson {
    check: &'static str,
    title: &'static str,
    zh_run: (usize, usize),
    en_run: (usize, usize),
    zh: Vec<PlaceJson>,
    en: Vec<PlaceJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before: Option<String>,
}

impl FindingJson {
    fn of(finding: &Finding, sentences: &Both<Sentences>) -> Self {
        let sides = sentences.as_ref().zip(finding.places.as_ref());
        let places =
            sides.map(|(sentences, places)| places.iter().map(|place| PlaceJson::of(place, sentences)).collect());
        let runs = finding.runs.map(|run| (run.start, run.end));
        let before = finding.other.as_ref().map(|other| {
            format!("{}, line {}: {} | {}", other.file, other.line, other.texts.source, other.texts.target)
        });
        let (check, title) = (finding.check.name(), finding.check.title());
        Self { check, title, zh_run: runs.source, en_run: runs.target, zh: places.source, en: places.target, before }
    }
}

#[derive(Serialize)]
struct PlaceJson {
    sentence: usize,
    start: usize,
    end: usize,
}

impl PlaceJson {
    fn of(place: &Place, sentences: &Sentences) -> Self {
        let text = sentences.run_text(Run::new(place.sentence, place.sentence + 1));
        let units = |end: usize| text.get(..end).map_or(0, |text| text.encode_utf16().count());
        Self { sentence: place.sentence, start: units(place.bytes.start), end: units(place.bytes.end) }
    }
}

/// The place of a hint in its sentence when the lines of that are joined.
fn in_one_line(sentences: &Sentences, hint: &Hint) -> Option<Span> {
    let text = sentences.run_text(Run::new(hint.sentence, hint.sentence + 1));
    let original = &sentences.original;
    let joined = |span: Span| {
        let lines = span.of(&original.text).split(original.line_end).map(str::trim);
        lines.collect::<Vec<_>>().join(sentences.lang.joiner())
    };
    let before = joined(Span::new(sentences.items[hint.sentence].span.start, hint.span.start));
    let stretch = joined(hint.span);
    let after = before.trim_end().len();
    let start = after + text.get(after..)?.find(stretch.trim())?;
    Some(Span::new(start, start + stretch.trim().len()))
}

#[derive(Serialize)]
struct SetAsideJson<'a> {
    kind: &'static str,
    line: usize,
    text: &'a str,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::write::sample;

    fn written(samples: &[AlignedDocument]) -> String {
        let mut out = Vec::new();
        let mut report = Report::begin(&mut out, 0.5).unwrap();
        for sample in samples {
            report.document(&made(sample).unwrap()).unwrap();
        }
        report.finish().unwrap();
        String::from_utf8(out).unwrap()
    }

    /// What stands between two marks, each of which must be there once.
    fn between<'p>(page: &'p str, start: &str, end: &str) -> &'p str {
        assert_eq!(page.matches(start).count(), 1, "`{start}` should be there once");
        page.split_once(start).unwrap().1.split_once(end).unwrap().0
    }

    fn data(page: &str) -> Value {
        serde_json::from_str(between(page, "<script type=\"application/json\" id=\"data\">", "</script>")).unwrap()
    }

    #[test]
    fn the_page_holds_what_is_known_of_a_document() {
        let data = data(&written(&[sample::mixed().with_hint(2, "飞走了", 0.75)]));
        assert_eq!(data["min_confidence"], json!(0.5));
        let document = &data["documents"][0];
        assert_eq!(document["files"], json!({ "zh": "animals.txt", "en": "animals.txt" }));
        let mut looping = json!({ "id": 1, "line": 2, "text": "狗没睡。", "mt": "Translation 1.", "flaw": "looping" });
        looping["probability"] = json!(0.6065);
        assert_eq!(document["zh"][1], looping);
        assert_eq!(document["en"][0], json!({ "id": 0, "line": 5, "text": "The cat slept." }));
        assert_eq!(document["beads"], json!([[1, 1, 0.98], [1, 0, 0.91], [1, 2, 0.3], [0, 1, 0.87]]));
        assert_eq!(document["hints"]["zh"], json!([{ "sentence": 2, "start": 1, "end": 4, "confidence": 0.75 }]));
        let aside = json!([{ "kind": "neither Chinese nor English", "line": 4, "text": "Конец." }]);
        assert_eq!(document["set_aside"], aside);
    }

    #[test]
    fn a_finding_has_its_places_in_the_units_of_javascript() {
        let mut sample = sample::document(&["𠀀共120人。"], &["All 130 of them."], &[(1, 1, 0.9)]);
        let checks = crate::document::Checks::default();
        let found = crate::coverage::checks::of_document(&sample.sentences, &sample.alignment, 0.0, checks);
        sample.coverage.add_findings(found);
        let expected = json!([{ "check": "number", "title": "Numbers differ", "zh_run": [0, 1], "en_run": [0, 1],
            "zh": [{ "sentence": 0, "start": 3, "end": 6 }], "en": [{ "sentence": 0, "start": 4, "end": 7 }] }]);
        assert_eq!(data(&written(&[sample]))["documents"][0]["findings"], expected);
    }

    #[test]
    fn no_document_one_or_several_make_a_page() {
        for count in 0..3 {
            let samples: Vec<_> = (0..count).map(|_| sample::mixed()).collect();
            assert_eq!(data(&written(&samples))["documents"].as_array().map(Vec::len), Some(count));
        }
    }

    #[test]
    fn the_policy_allows_the_script_and_the_style_of_the_page_and_nothing_else() {
        let page = written(&[]);
        let script = between(&page, "<script type=\"module\">", "</script>");
        let style = between(&page, "<style>", "</style>");
        let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"");
        let (script, style) = (hash(script), hash(style));
        let expected =
            format!("default-src 'none'; script-src {script}; style-src {style}; base-uri 'none'; form-action 'none'");
        assert_eq!(policy, expected);
        assert!(!page.contains("{{"), "a place that was not filled");
        assert!(!page.contains("http://") && !page.contains("https://"), "an address of somewhere else");
    }

    #[test]
    fn no_text_ends_the_element_that_holds_it() {
        let hostile = "</script><script>alert(1)</script><!-- {{script}}";
        let sample = sample::document(&["字"], &[hostile], &[(1, 1, 1.0)]);
        let (page, harmless) = (written(&[sample]), written(&[]));
        assert_eq!(page.matches('<').count(), harmless.matches('<').count());
        assert_eq!(data(&page)["documents"][0]["en"][0]["text"], json!(hostile));
    }

    #[test]
    fn a_hint_is_found_again_where_lines_were_joined() {
        let sample = sample::document(&["𠀀他说，\r\n　　他明天来。"], &["He said so."], &[(1, 1, 1.0)]);
        let hinted = data(&written(&[sample.with_hint(0, "\r\n　　他明天来", 0.8)]));
        let hint = &hinted["documents"][0]["hints"]["zh"][0]; // The first character, 𠀀, has two units.
        assert_eq!((&hint["start"], &hint["end"]), (&json!(5), &json!(9)));
    }
}
