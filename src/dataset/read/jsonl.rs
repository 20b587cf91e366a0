//! JSON Lines of pairs: `{"translation":{"zh":…,"en":…},"confidence":…,"doc":…,"mt_flaw":…,"origin":…}`, as Hugging Face's examples
//! read them and `align -f jsonl` writes them. All but the texts may be absent or null; other keys are passed over.
//!
//! Languages may have any code (`zh_Hans`, `zho_Hans`, `eng_Latn`), and the texts may stand in the line itself
//! (`{"zh":…,"en":…}`), or as `src` and `tgt`, whose languages are found over the file.

use std::{path::Path, sync::Arc};

use serde_json::{Map, Value};

use super::{
    Note, Row,
    cells::Cells,
    columns::{self, Columns, How},
    is_draft, is_probability,
    lines::Lines,
    table,
};
use crate::{
    dataset::{Candidate, aligned::tidy, filter::length},
    document::Flaw,
    error::Result,
    feed::is_standard_input,
    text::Lang,
};

/// The keys of two texts that do not say their languages.
const SIDES: [(&str, &str); 6] = [
    ("src", "tgt"),
    ("source", "target"),
    ("src", "trg"),
    ("src_text", "tgt_text"),
    ("sentence1", "sentence2"),
    ("text1", "text2"),
];

/// What `{"zh":…,"en":…}` is: pairs of texts that are one sentence, or documents. Of the lines looked at this share may
/// have several sentences, for there are pairs that do.
const SEVERAL_SENTENCES: f64 = 0.2;

/// Whether the file holds pairs; others are documents to be aligned. The first line decides that is not blank, unless it
/// could be either: then as many lines as are telling do.
pub(super) fn holds_pairs(path: &Path) -> bool {
    let Ok(mut lines) = Lines::open(path) else { return false };
    let (mut read, mut several) = (0, 0);
    while let Ok(Some(line)) = lines.read() {
        let Ok(line) = line else { return false };
        if line.trim().is_empty() {
            continue;
        }
        let Ok(Value::Object(line)) = serde_json::from_str(line) else {
            return line.contains("\"translation\"") && read == 0;
        };
        // As documents have them; documents are not read by any other key.
        let (Some(Value::String(zh)), Some(Value::String(en))) = (line.get("zh"), line.get("en")) else {
            return read > 0 || line.contains_key("translation") || Texts::of(&line).is_some();
        };
        if zh.trim().contains('\n') || en.trim().contains('\n') || length::is_too_long(zh, en) {
            return false;
        }
        read += 1;
        let ends = zh.trim_end_matches(|c: char| !c.is_alphanumeric()).matches(['。', '！', '？']).count();
        several += usize::from(ends > 0);
        if read >= table::ROWS {
            break;
        }
    }
    read > 0 && several as f64 <= SEVERAL_SENTENCES * read as f64
}

/// The rows of the file. Fails if it cannot be opened.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    // What comes as it comes cannot be looked at before it is read.
    let is_looked_at = !is_standard_input(path);
    let (sample, could_be_documents) = if is_looked_at { sample(path)? } else { (Vec::new(), false) };
    let found = columns::find_without_header(&sample);
    let is_found = found.how == How::ByLanguage;
    let Columns { zh, .. } = found.columns;
    let mut lines = if is_looked_at { Lines::open(path)? } else { Lines::of_standard_input()? };
    let what = if could_be_documents {
        Some("its lines are taken for pairs, not for documents: their texts are single sentences".to_owned())
    } else {
        is_found.then(|| {
            let (first, second) = if zh == 0 { (Lang::Zh, Lang::En) } else { (Lang::En, Lang::Zh) };
            let (first, second) = (first.name(), second.name());
            format!("by their languages, the first text of a line is the {first} and the second the {second}")
        })
    };
    let note = what.map(|what| Row::Note(Note { path: Arc::clone(lines.path()), what }));
    let first_is = if zh == 0 { Lang::Zh } else { Lang::En };
    // Neighbouring pairs mostly are of one document, whose name is kept once.
    let mut last_doc = Arc::clone(lines.path());
    let rows = std::iter::from_fn(move || next(&mut lines, first_is, &mut last_doc).transpose());
    Ok(note.map(Ok).into_iter().chain(rows))
}

/// The texts of the first lines that do not say their languages; and whether the lines have the form of documents.
fn sample(path: &Path) -> Result<(Vec<Cells>, bool)> {
    let (mut lines, mut rows, mut bytes) = (Lines::open(path)?, Vec::new(), 0);
    while rows.len() < table::ROWS && bytes < table::BYTES {
        let Some(line) = lines.read()? else { break };
        let Some(Value::Object(line)) = line.ok().and_then(|line| serde_json::from_str(line).ok()) else { continue };
        match Texts::of(&line) {
            Some(Texts::Unsaid([first, second])) => {
                let cells: Cells = [first, second].into_iter().collect();
                bytes += cells.bytes();
                rows.push(cells);
            }
            // A file has one form.
            Some(Texts::Of { .. }) if rows.is_empty() => {
                return Ok((rows, line.contains_key("zh") && line.contains_key("en")));
            }
            _ => {}
        }
    }
    Ok((rows, false))
}

/// The texts of a line.
enum Texts<'l> {
    /// Under the codes of their languages.
    Of { zh: &'l str, en: &'l str },
    /// Under names that say nothing.
    Unsaid([&'l str; 2]),
}

impl<'l> Texts<'l> {
    fn of(line: &'l Map<String, Value>) -> Option<Self> {
        if let Some(Value::Object(translation)) = line.get("translation") {
            return Self::among(translation);
        }
        Self::among(line)
    }

    fn among(keys: &'l Map<String, Value>) -> Option<Self> {
        let text = |key: &str| keys.get(key).and_then(Value::as_str);
        let in_lang = |lang: Lang, code: &str| {
            let of_lang =
                |(key, value): (&'l String, &'l Value)| value.as_str().filter(|_| Lang::of_name(key) == Some(lang));
            text(code).or_else(|| keys.iter().find_map(of_lang))
        };
        if let (Some(zh), Some(en)) = (in_lang(Lang::Zh, "zh"), in_lang(Lang::En, "en")) {
            return Some(Self::Of { zh, en });
        }
        SIDES.iter().find_map(|(first, second)| Some(Self::Unsaid([text(first)?, text(second)?])))
    }
}

fn next(lines: &mut Lines, first_is: Lang, last_doc: &mut Arc<str>) -> Result<Option<Row>> {
    loop {
        let Some(line) = lines.read()? else { return Ok(None) };
        let row = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => pair(line, first_is, last_doc),
            Err(bad) => Err(bad.what),
        };
        return Ok(Some(match row {
            Ok(mut pair) => {
                pair.line = Some(lines.number());
                if pair.doc.is_empty() {
                    pair.doc = Arc::clone(lines.path());
                }
                Row::Pair(pair)
            }
            Err(what) => Row::Bad(lines.bad(what)),
        }));
    }
}

fn pair(line: &str, first_is: Lang, last_doc: &mut Arc<str>) -> std::result::Result<Candidate, String> {
    let Value::Object(line) = serde_json::from_str(line).map_err(|error| error.to_string())? else {
        return Err("it is no object".to_owned());
    };
    let (zh, en) = match Texts::of(&line) {
        Some(Texts::Unsaid([en, zh])) if first_is == Lang::En => (zh, en),
        Some(Texts::Of { zh, en } | Texts::Unsaid([zh, en])) => (zh, en),
        None => return Err("it has no text under `zh` and `en`, or other codes of the languages".to_owned()),
    };
    let confidence = match line.get("confidence") {
        None | Some(Value::Null) => None,
        Some(value) => Some(value.as_f64().filter(|&it| is_probability(it)).ok_or_else(|| {
            let value: String = value.to_string().chars().take(20).collect();
            format!("`{value}` is no confidence from 0 to 1")
        })?),
    };
    let text = |key: &str| line.get(key).and_then(Value::as_str);
    let doc = tidy(text("doc").unwrap_or_default());
    if doc != **last_doc {
        *last_doc = doc.into();
    }
    Ok(Candidate {
        zh: tidy(zh),
        en: tidy(en),
        confidence,
        doc: Arc::clone(last_doc),
        line: None,
        flaw: text("mt_flaw").and_then(Flaw::named),
        is_draft: text("origin").is_some_and(is_draft),
    })
}

#[cfg(test)]
mod tests {
    use super::{
        super::tests::{noted, told},
        *,
    };

    #[test]
    fn what_the_examples_read_and_align_writes_is_read() {
        let text = r#"{"translation":{"zh":"一只猫","en":"A \"cat\""}}

{"translation":{"en":"Two\ncats","zh":"两只猫","fr":"deux chats"},"confidence":0.75,"doc":"d.txt","kind":"1:1","mt_flaw":"looping"}
{"confidence":null,"doc":null,"origin":"mt","translation":{"zh-CN":"三只猫","en-US":"Three cats"}}
{"translation":{"zho_Hans":"四只猫","eng_Latn":"Four cats"}}
"#;
        let expected = [
            "1: 一只猫 | A \"cat\" | - | a.jsonl",
            "3: 两只猫 | Two cats | 0.75 | d.txt | looping",
            "4: 三只猫 | Three cats | - | a.jsonl | draft",
            "5: 四只猫 | Four cats | - | a.jsonl",
        ];
        assert_eq!(noted(&[("a.jsonl", text.as_bytes())]), expected);
    }

    #[test]
    fn texts_may_stand_in_the_line_itself() {
        let text =
            "{\"zh_Hans\":\"一只猫\",\"eng_Latn\":\"A cat\",\"id\":7}\n{\"zh\":\"两只猫\",\"en\":\"Two cats\"}\n";
        assert_eq!(
            noted(&[("a.jsonl", text.as_bytes())]),
            ["1: 一只猫 | A cat | - | a.jsonl", "2: 两只猫 | Two cats | - | a.jsonl"]
        );
        let text = "{\"zh\":\"一只猫\",\"en\":\"A cat\"}\n";
        let expected = [
            "note: `a.jsonl`: its lines are taken for pairs, not for documents: their texts are single sentences",
            "1: 一只猫 | A cat | - | a.jsonl",
        ];
        assert_eq!(noted(&[("a.jsonl", text.as_bytes())]), expected);
        let text = "{\"src\":\"A cat slept.\",\"tgt\":\"一只猫睡了。\"}\n{\"src\":\"OK.\",\"tgt\":\"好的。\"}\n";
        let expected = [
            "note: `a.jsonl`: by their languages, the first text of a line is the English and the second the Chinese",
            "1: 一只猫睡了。 | A cat slept. | - | a.jsonl",
            "2: 好的。 | OK. | - | a.jsonl",
        ];
        assert_eq!(noted(&[("a.jsonl", text.as_bytes())]), expected);
    }

    #[test]
    fn lines_that_are_no_translations_are_told() {
        let text = "{\"translation\":{\"zh\":\"一\"}}\n{\"translation\":\n{\"text\":\"\"}\n\
                    {\"translation\":{\"zh\":\"一\",\"en\":\"A\"},\"confidence\":7}\n[1]\n";
        let told = told(&[("a.jsonl", text.as_bytes())]);
        let expected = ["no text under `zh`", "EOF", "no text under `zh`", "`7` is no", "it is no object"];
        for (told, words) in told.iter().zip(expected) {
            assert!(told.starts_with("bad: `a.jsonl`, line ") && told.contains(words), "{told}");
        }
        assert_eq!(told.len(), 5);
    }

    #[test]
    fn documents_to_be_aligned_are_no_corpus() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        for (text, expected) in [
            ("\n{\"translation\":{}}\n", true),
            ("{\"id\":\"d\",\"text\":\"一只猫\"}\n", false),
            ("{\"src\":\"一只猫\",\"tgt\":\"A cat\"}\n", true),
            (
                "{\"zh\":\"猫睡了。\",\"en\":\"The cat slept.\"}\n{\"zh\":\"狗没睡。\",\"en\":\"The dog did not.\"}\n",
                true,
            ),
            ("{\"zh\":\"猫睡了。狗没睡。\",\"en\":\"The cat slept. The dog did not.\"}\n", false),
            ("{\"zh\":\"猫睡了。\\n狗没睡\",\"en\":\"The cat slept.\"}\n", false),
            ("", false),
        ] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(holds_pairs(&path), expected, "{text}");
        }
    }
}
