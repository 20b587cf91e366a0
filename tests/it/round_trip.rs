//! What one stage writes, another reads.

use std::{collections::BTreeSet, fmt::Write as _, sync::Arc};

use mtalign::{
    bead::{Alignment, Bead, Run},
    both::Both,
    coverage::measure,
    document::{AlignedDocument, ByteMap, Original, Sentence, Sentences, Span, Translation},
    evaluate::{Link, read::parse},
    text::{Lang, Script},
    write::{
        Origin, Pair, PairWriter,
        coverage_json::{self, CoverageJson},
        index,
        report::{self, Report},
        safe::visible,
    },
};
use proptest::{collection, prelude::*};
use serde_json::Value;

fn ids() -> impl Strategy<Value = BTreeSet<usize>> {
    collection::btree_set(0..999_usize, 0..4)
}

/// Text with what HTML, JSON and terminals obey.
fn hostile() -> impl Strategy<Value = String> {
    let obeyed = prop::sample::select(vec![
        "</script>",
        "<!--",
        "<script",
        "]]>",
        "&lt;",
        "\\u003c",
        "\"",
        "'",
        "\u{1b}[2J",
        "\u{202e}",
        "\u{2028}",
        "\r\n",
        "\0",
        "门",
        "a",
    ]);
    let part = prop_oneof![obeyed.prop_map(str::to_owned), any::<String>()];
    collection::vec(part, 1..6).prop_map(|parts| parts.concat())
}

/// A side of one sentence.
fn one_sentence(lang: Lang, name: &str, text: &str) -> Sentences {
    let original = Arc::new(Original::new(name, text, ByteMap::shifted(0)));
    Sentences { lang, original, items: vec![Sentence { span: Span::new(0, text.len()), paragraph: 0, id: 0 }] }
}

/// A document of one pair that nobody is sure of, with this text everywhere.
fn unsure(zh: &str, en: &str) -> AlignedDocument {
    let sentences = Both::new(one_sentence(Lang::Zh, en, zh), one_sentence(Lang::En, zh, en));
    let alignment = Alignment::new(vec![Bead { runs: Both::new(Run::new(0, 1), Run::new(0, 1)), confidence: 0.25 }]);
    let coverage = measure(&sentences, &alignment, 0.5);
    let translations = vec![Translation { text: en.to_owned(), log_prob: -1.0, flaw: None }];
    let (set_aside, headings) = (Both::default(), Vec::new());
    AlignedDocument { id: zh.to_owned(), sentences, translations, alignment, coverage, set_aside, headings }
}

/// A JSON string of a text in which characters are spelt as Rust spells them: `\\u{1b}`, `\\r`.
fn json_of(spelt: &str) -> String {
    let mut json = String::from('"');
    let mut rest = spelt;
    while let Some((before, spelling)) = rest.split_once("\\u{") {
        json.push_str(&before.replace('"', "\\\"").replace('\t', "\\t"));
        let (code, after) = spelling.split_once('}').unwrap();
        write!(json, "\\u{:04x}", u32::from_str_radix(code, 16).unwrap()).unwrap();
        rest = after;
    }
    json.push_str(&rest.replace('"', "\\\"").replace('\t', "\\t"));
    json + "\""
}

proptest! {
    #[test]
    fn a_report_holds_any_text_as_data_and_obeys_none(zh in hostile(), en in hostile()) {
        let mut page = Vec::new();
        let mut report = Report::begin(&mut page, 0.5).unwrap();
        let unsure = unsure(&zh, &en);
        report.document(&report::made(&unsure).unwrap()).unwrap();
        report.finish().unwrap();
        let page = String::from_utf8(page).unwrap();
        let (_, data) = page.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
        // The first `<` ends the element.
        let (data, _) = data.split_once('<').unwrap();
        let data: Value = serde_json::from_str(data).unwrap();
        let document = &data["documents"][0];
        prop_assert_eq!(&document["id"], &zh);
        prop_assert_eq!(&document["files"]["zh"], &en);
        // On one line, without what shows nothing, as in all tables.
        let line = |side: &Sentences| side.run_text(Run::new(0, 1)).into_owned();
        prop_assert_eq!(&document["zh"][0]["text"], &line(&unsure.sentences.source));
        prop_assert_eq!(&document["en"][0]["text"], &line(&unsure.sentences.target));
        // An empty translation is none.
        prop_assert_eq!(document["zh"][0]["mt"].as_str().unwrap_or_default(), en);
    }

    #[test]
    fn coverage_as_json_holds_any_text(zh in hostile(), en in hostile()) {
        let mut file = Vec::new();
        let mut json = CoverageJson::begin(&mut file).unwrap();
        let unsure = unsure(&zh, &en);
        json.document(&coverage_json::made(&unsure).unwrap(), &unsure.coverage).unwrap();
        json.finish().unwrap();
        let read: Value = serde_json::from_slice(&file).unwrap();
        let sides = &read["documents"][0]["sides"];
        prop_assert_eq!(&sides["zh"]["uncovered"][0]["text"], &zh);
        prop_assert_eq!(&sides["zh"]["uncovered"][0]["translation"], &en);
        prop_assert_eq!(&sides["en"]["uncovered"][0]["text"], &en);
    }

    #[test]
    fn what_is_spelt_out_is_all_that_is_obeyed(text in hostile()) {
        let shown = visible(&text).into_owned();
        let is_obeyed = |c: char| c != '\t' && c.is_control() || matches!(c, '\u{2028}'..='\u{202e}');
        prop_assert!(!shown.contains(is_obeyed), "{:?}", shown);
        prop_assert_eq!(visible(&shown).into_owned(), shown.clone());
        // Spelt back it is the text, where that has no such spelling of its own.
        if !text.contains('\\') {
            let back = serde_json::from_str::<String>(&json_of(&shown)).unwrap();
            prop_assert_eq!(back, text);
        }
    }

    #[test]
    fn an_index_that_was_written_is_read_back_by_evaluate(
        beads in collection::vec((ids(), ids(), 0.0..1.0), 1..9),
    ) {
        let mut out = Vec::new();
        let mut writer = index::IndexWriter::new(&mut out);
        let mut expected: Vec<Link> = Vec::new();
        for (source, target, confidence) in beads {
            let ids = Both::new(source, target).map(|ids| ids.into_iter().collect());
            let texts = Both::default();
            let (origin, script) = (Origin::Human, Script::Simplified);
            let pair = Pair { doc: "d", texts, ids, confidence, mt: None, mt_flaw: None, mt_probability: None, origin, script, is_moved: false };
            writer.pair(&pair).unwrap();
            expected.push(pair.ids);
        }
        prop_assert_eq!(parse("d.index", &String::from_utf8(out).unwrap()).unwrap(), expected);
    }
}
