//! The coverage of documents as one JSON document.
//!
//! ```text
//! { "version": 1,
//!   "documents": [ {
//!     "id": "news.txt",
//!     "sides": {
//!       "zh": { "file": "news.txt",
//!               "sentences": { "covered": 1, "total": 16, "ratio": 0.0625 },
//!               "characters": { … the same, of characters that are not white space … },
//!               "uncovered": [ { "id": 3, "line": 12, "byte_start": 410, "byte_end": 461, "text": "…",
//!                                "translation": "…", "flaw": "looping", "probability": 0.61 } ],
//!               "hints": [ { "id": 0, "line": 2, "byte_start": 16, "byte_end": 40, "text": "…",
//!                            "confidence": 0.83 } ] },
//!       "en": { … the same; its uncovered sentences have no translation and no flaw … } },
//!     "beads_by_kind": { "1:0": 15, "1:1": 1 },      source sentences : target sentences
//!     "pairs_below": 0,                              pairs that do not count for their confidence
//!     "moved": [ { "zh": [4, 5], "en": [19], "confidence": 0.97 } ],      pairs whose sides stand in different places
//!     "set_aside": [ { "file": "news.txt", "kind": "foreign", "line": 9, "byte_start": …, "byte_end": …, "text": "…" } ],
//!     "flaws": { "looping": 1 },                     of all translations
//!     "checks": [ { "check": "number", "zh_ids": [3], "en_ids": [4, 5],
//!                   "zh": [ { "id": 3, "line": 12, "text": "一百二十万" } ],
//!                   "en": [ { "id": 4, "line": 40, "text": "1.4 million" } ] } ] } ],
//!   "totals": { "documents": 1, "sides": { "zh": { "sentences": …, "characters": … }, "en": … },
//!               "beads_by_kind": …, "pairs_below": 0, "moved": 0, "checks": { "number": 1 } } }
//! ```
//! `zh` is the share of the Chinese that has English, `en` the share of the English that has Chinese. `line` is
//! 1-based; bytes are those of the file, in its own encoding. HTML, Markdown, subtitles and JSON Lines hold their text
//! in another form, so there they are those of the whole lines; a Word document has none, and `line` is the paragraph.
//! `probability` is the geometric mean of what the model gives to the pieces of the translation. `flaw` is absent where there
//! is none; otherwise one of
//! `empty looping copied too_short too_long quantity negation incomplete`. A sentence that was left in the other
//! language has `"untranslated": true`. A hint is a clause inside a covered sentence, that of `id`, which seems to have
//! no counterpart: `confidence` is the probability that it has none. Hints change no count. `checks` has what the checks found inside pairs: `check` is one of
//! `number untranslated punctuation url negation consistency`, the ids are those of the pair's sentences, and `zh` and
//! `en` the stretches that it is about, none on a side that lacks what the other has; of `consistency`,
//! `"before": { "file": …, "line": …, "zh": …, "en": … }` is the pair from which this one differs. They change no count.
//! What was left out is of a
//! `kind`, one of `foreign code metadata comment`. A change that takes away or renames a key raises `version`.
//!
//! Documents are written as they come, one a line; nothing of them is kept but the totals.

mod findings;

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use self::findings::FindingJson;
use super::{rounded, summary::flaws};
use crate::{
    bead::Bead,
    both::Both,
    document::{
        AlignedDocument, CoverageReport, Flaw, Hint, Original, Sentences, SetAside, Share, SideCoverage, Span, Totals,
        Translation,
    },
};

const VERSION: u32 = 1;

/// A writer of the coverage of one document after another.
#[derive(Debug)]
pub struct CoverageJson<W> {
    out: W,
    totals: Totals,
}

impl<W: Write> CoverageJson<W> {
    /// Begins the JSON document.
    pub fn begin(mut out: W) -> io::Result<Self> {
        write!(out, "{{\"version\":{VERSION},\"documents\":[")?;
        Ok(Self { out, totals: Totals::default() })
    }

    /// Writes a document's coverage, as [`made`] makes it of the document, and hands it on to the system.
    pub fn document(&mut self, made: &[u8], coverage: &CoverageReport) -> io::Result<()> {
        self.out.write_all(if self.totals.documents == 0 { b"\n" } else { b",\n" })?;
        self.totals.add(coverage);
        self.out.write_all(made)?;
        self.out.flush()
    }

    /// Writes the totals, ends the JSON document and hands everything on to the system.
    pub fn finish(mut self) -> io::Result<()> {
        self.out.write_all(b"\n],\"totals\":")?;
        serde_json::to_writer(&mut self.out, &TotalsJson::of(&self.totals))?;
        self.out.write_all(b"}\n")?;
        self.out.flush()
    }
}

/// What stands in the JSON document of one document: its coverage, on a line.
pub fn made(document: &AlignedDocument) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(&DocumentJson::of(document))?)
}

#[derive(Serialize)]
struct DocumentJson<'a> {
    id: &'a str,
    sides: SidesJson<SideJson<'a>>,
    beads_by_kind: BTreeMap<String, usize>,
    pairs_below: usize,
    moved: Vec<MovedJson>,
    set_aside: Vec<PlaceJson<'a>>,
    flaws: BTreeMap<&'static str, usize>,
    checks: Vec<FindingJson<'a>>,
}

impl<'a> DocumentJson<'a> {
    fn of(document: &'a AlignedDocument) -> Self {
        let (coverage, sentences) = (&document.coverage, &document.sentences);
        Self {
            id: &document.id,
            sides: SidesJson {
                zh: SideJson::of(&coverage.sides.source, &sentences.source, &document.translations),
                en: SideJson::of(&coverage.sides.target, &sentences.target, &[]),
            },
            beads_by_kind: coverage.beads_by_kind.iter().map(|(kind, beads)| (kind.to_string(), *beads)).collect(),
            pairs_below: coverage.pairs_below,
            moved: coverage.moved.iter().map(|bead| MovedJson::of(bead, sentences)).collect(),
            set_aside: document.all_set_aside().map(|(original, aside)| PlaceJson::of(original, aside)).collect(),
            flaws: flaws(&document.translations).into_iter().map(|(flaw, count)| (flaw.name(), count)).collect(),
            checks: coverage.findings.iter().map(|finding| FindingJson::of(finding, sentences)).collect(),
        }
    }
}

/// A pair whose sides stand in different places, by the ids of its sentences.
#[derive(Serialize)]
struct MovedJson {
    zh: Vec<usize>,
    en: Vec<usize>,
    confidence: f64,
}

impl MovedJson {
    fn of(bead: &Bead, sentences: &Both<Sentences>) -> Self {
        let ids = sentences.as_ref().zip(bead.runs);
        let ids = ids.map(|(side, run)| side.items[run.range()].iter().map(|item| item.id).collect::<Vec<_>>());
        Self { zh: ids.source, en: ids.target, confidence: rounded(bead.confidence) }
    }
}

/// How much of each side of a document is covered.
#[derive(Serialize)]
pub(super) struct Shares(SidesJson<SideTotalsJson>);

impl Shares {
    pub(super) fn of(coverage: &CoverageReport) -> Self {
        let of = |side: &SideCoverage| SideTotalsJson::of(side.sentences, side.characters);
        Self(SidesJson { zh: of(&coverage.sides.source), en: of(&coverage.sides.target) })
    }
}

#[derive(Serialize)]
struct SidesJson<T> {
    zh: T,
    en: T,
}

#[derive(Serialize)]
struct SideJson<'a> {
    file: &'a str,
    sentences: ShareJson,
    characters: ShareJson,
    uncovered: Vec<UncoveredJson<'a>>,
    hints: Vec<HintJson<'a>>,
}

impl<'a> SideJson<'a> {
    fn of(side: &SideCoverage, sentences: &'a Sentences, translations: &'a [Translation]) -> Self {
        let uncovered = |&index: &usize| {
            let sentence = sentences.items[index];
            let translation = translations.get(index).filter(|_| !side.untranslated.contains(&index));
            UncoveredJson {
                id: sentence.id,
                place: StretchJson::of(&sentences.original, sentence.span),
                translation: translation.map(|translation| translation.text.as_str()),
                flaw: translation.and_then(|translation| translation.flaw).map(Flaw::name),
                probability: translation.map(|translation| rounded(translation.probability())),
                untranslated: side.untranslated.contains(&index),
            }
        };
        let hint = |hint: &Hint| HintJson {
            id: sentences.items[hint.sentence].id,
            place: StretchJson::of(&sentences.original, hint.span),
            confidence: hint.confidence,
        };
        Self {
            file: &sentences.original.name,
            sentences: ShareJson::of(side.sentences),
            characters: ShareJson::of(side.characters),
            uncovered: side.uncovered.iter().map(uncovered).collect(),
            hints: side.hints.iter().map(hint).collect(),
        }
    }
}

#[derive(Serialize)]
struct ShareJson {
    covered: usize,
    total: usize,
    ratio: f64,
}

impl ShareJson {
    fn of(share: Share) -> Self {
        Self { covered: share.covered, total: share.total, ratio: share.ratio() }
    }
}

#[derive(Serialize)]
struct UncoveredJson<'a> {
    id: usize,
    #[serde(flatten)]
    place: StretchJson<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    translation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    flaw: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    probability: Option<f64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    untranslated: bool,
}

#[derive(Serialize)]
struct HintJson<'a> {
    id: usize,
    #[serde(flatten)]
    place: StretchJson<'a>,
    confidence: f64,
}

#[derive(Serialize)]
struct PlaceJson<'a> {
    file: &'a str,
    kind: &'static str,
    #[serde(flatten)]
    place: StretchJson<'a>,
}

impl<'a> PlaceJson<'a> {
    fn of(original: &'a Original, aside: SetAside) -> Self {
        Self { file: &original.name, kind: aside.kind.name(), place: StretchJson::of(original, aside.span) }
    }
}

#[derive(Serialize)]
struct StretchJson<'a> {
    line: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_start: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    byte_end: Option<usize>,
    text: &'a str,
}

impl<'a> StretchJson<'a> {
    fn of(original: &'a Original, span: Span) -> Self {
        let bytes = original.file_bytes(span);
        Self {
            line: original.line(span.start),
            byte_start: bytes.as_ref().map(|bytes| bytes.start),
            byte_end: bytes.map(|bytes| bytes.end),
            text: span.of(&original.text),
        }
    }
}

#[derive(Serialize)]
struct TotalsJson {
    documents: usize,
    sides: SidesJson<SideTotalsJson>,
    beads_by_kind: BTreeMap<String, usize>,
    pairs_below: usize,
    moved: usize,
    checks: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct SideTotalsJson {
    sentences: ShareJson,
    characters: ShareJson,
}

impl SideTotalsJson {
    fn of(sentences: Share, characters: Share) -> Self {
        Self { sentences: ShareJson::of(sentences), characters: ShareJson::of(characters) }
    }
}

impl TotalsJson {
    fn of(totals: &Totals) -> Self {
        let sides = totals.sides.map(|side| SideTotalsJson::of(side.sentences, side.characters));
        Self {
            documents: totals.documents,
            sides: SidesJson { zh: sides.source, en: sides.target },
            beads_by_kind: totals.beads_by_kind.iter().map(|(kind, beads)| (kind.to_string(), *beads)).collect(),
            pairs_below: totals.pairs_below,
            moved: totals.moved,
            checks: totals.findings.iter().map(|(check, findings)| (check.name(), *findings)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        both::Both,
        document::{Check, Finding, OtherPair, Place},
        write::sample,
    };

    fn written(samples: &[AlignedDocument]) -> Value {
        let mut out = Vec::new();
        let mut json = CoverageJson::begin(&mut out).unwrap();
        for sample in samples {
            json.document(&made(sample).unwrap(), &sample.coverage).unwrap();
        }
        json.finish().unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn each_uncovered_sentence_says_where_it_stands_in_the_file() {
        let json = written(&[sample::mixed().at(0.5)]);
        let document = &json["documents"][0];
        // A byte-order mark of 3 bytes, 猫睡了。 of 12, a line feed, then 狗没睡。 of 12.
        let expected = json!({ "id": 1, "line": 2, "byte_start": 16, "byte_end": 28, "text": "狗没睡。",
            "translation": "Translation 1.", "flaw": "looping", "probability": 0.6065 });
        assert_eq!(document["sides"]["zh"]["uncovered"][0], expected);
        let english = &document["sides"]["en"];
        assert_eq!(english["sentences"], json!({ "covered": 1, "total": 4, "ratio": 0.25 }));
        assert_eq!(english["uncovered"][0]["text"], json!("The bird flew away."));
        assert_eq!(english["uncovered"][0].get("translation"), None);
        assert_eq!(document["set_aside"][0]["line"], json!(4));
        assert_eq!(document["set_aside"][0]["file"], json!("animals.txt"));
        assert_eq!(document["set_aside"][0]["kind"], json!("foreign"));
        assert_eq!(document["beads_by_kind"], json!({ "0:1": 1, "1:0": 1, "1:1": 1, "1:2": 1 }));
        assert_eq!((&document["flaws"], &document["pairs_below"]), (&json!({ "looping": 1 }), &json!(1)));
    }

    #[test]
    fn each_hint_says_where_its_stretch_stands_and_how_sure_it_is() {
        let json = written(&[sample::mixed().with_hint(2, "飞走了", 0.75)]);
        let expected = json!([{ "id": 2, "line": 3, "byte_start": 32, "byte_end": 41, "text": "飞走了",
            "confidence": 0.75 }]);
        let sides = &json["documents"][0]["sides"];
        assert_eq!((&sides["zh"]["hints"], &sides["en"]["hints"]), (&expected, &json!([])));
    }

    #[test]
    fn each_finding_has_its_pair_and_the_stretches_of_both_sides() {
        let place = |sentence, bytes| vec![Place { sentence, bytes }];
        let sample = sample::mixed();
        let finding =
            |at: usize, check, places, other| Finding { check, runs: sample.alignment.beads()[at].runs, places, other };
        let other =
            OtherPair {
                file: "b.txt".to_owned(), line: 4, texts: Both::new("鸟。".to_owned(), "A bird.".to_owned())
            };
        let found = vec![
            finding(2, Check::Consistency, Both::new(place(2, 0..3), place(2, 0..2)), Some(other)),
            finding(0, Check::Number, Both::new(place(0, 3..6), Vec::new()), None),
        ];
        let json =
            written(&[AlignedDocument { coverage: sample.coverage.clone().with_findings(found), ..sample.clone() }]);
        let expected = json!([
            { "check": "number", "zh_ids": [0], "en_ids": [0], "zh": [{ "id": 0, "line": 1, "text": "睡" }], "en": [] },
            { "check": "consistency", "zh_ids": [2], "en_ids": [1, 2], "zh": [{ "id": 2, "line": 3, "text": "鸟" }],
              "en": [{ "id": 2, "line": 7, "text": "It" }],
              "before": { "file": "b.txt", "line": 4, "zh": "鸟。", "en": "A bird." } },
        ]);
        assert_eq!(json["documents"][0]["checks"], expected);
        assert_eq!(json["totals"]["checks"], json!({ "number": 1, "consistency": 1 }));
        assert_eq!(json["documents"][0]["sides"], written(&[sample])["documents"][0]["sides"], "a count changed");
    }

    #[test]
    fn no_document_one_or_several_make_valid_json_with_totals() {
        for count in 0..3 {
            let samples: Vec<_> = (0..count).map(|_| sample::mixed()).collect();
            let json = written(&samples);
            assert_eq!(json["version"], json!(VERSION));
            assert_eq!(json["documents"].as_array().map(Vec::len), Some(count));
            assert_eq!(json["totals"]["documents"], json!(count));
            assert_eq!(json["totals"]["sides"]["zh"]["sentences"]["total"], json!(3 * count));
        }
    }
}
