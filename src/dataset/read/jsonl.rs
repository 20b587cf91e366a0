//! JSON Lines of translations, as Hugging Face's examples read them and `align -f jsonl` writes them:
//! `{"translation":{"zh":…,"en":…},"confidence":…,"doc":…,"origin":…}`. All but the first may be absent or null; other
//! keys are passed over.

use std::{borrow::Cow, path::Path, sync::Arc};

use serde::Deserialize;

use super::{Row, is_draft, is_probability, lines::Lines};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::Result,
};

/// A line as JSON.
#[derive(Deserialize)]
struct LineJson<'l> {
    #[serde(borrow)]
    translation: TextsJson<'l>,
    #[serde(default)]
    confidence: Option<f64>,
    #[serde(borrow, default)]
    doc: Option<Cow<'l, str>>,
    #[serde(borrow, default)]
    origin: Option<Cow<'l, str>>,
}

#[derive(Deserialize)]
struct TextsJson<'l> {
    #[serde(borrow, alias = "zh-CN", alias = "zh-TW", alias = "zh_CN", alias = "zh_TW")]
    zh: Cow<'l, str>,
    #[serde(borrow, alias = "en-US", alias = "en-GB", alias = "en_US", alias = "en_GB")]
    en: Cow<'l, str>,
}

/// Whether the first line of the file that is not blank speaks of a translation: others are documents to be aligned.
pub(super) fn holds_translations(path: &Path) -> bool {
    let Ok(mut lines) = Lines::open(path) else { return false };
    while let Ok(Some(line)) = lines.read() {
        match line {
            Ok(line) if line.trim().is_empty() => {}
            Ok(line) => return line.contains("\"translation\""),
            Err(_) => return false,
        }
    }
    false
}

/// The rows of the file. Fails if it cannot be opened.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let mut lines = Lines::open(path)?;
    // Neighbouring pairs mostly are of one document, whose name is kept once.
    let mut last_doc = Arc::clone(lines.path());
    Ok(std::iter::from_fn(move || next(&mut lines, &mut last_doc).transpose()))
}

fn next(lines: &mut Lines, last_doc: &mut Arc<str>) -> Result<Option<Row>> {
    loop {
        let Some(line) = lines.read()? else { return Ok(None) };
        let row = match line {
            Ok(line) if line.trim().is_empty() => continue,
            Ok(line) => pair(line, last_doc),
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

fn pair(line: &str, last_doc: &mut Arc<str>) -> std::result::Result<Candidate, String> {
    let LineJson { translation, confidence, doc, origin } =
        serde_json::from_str(line).map_err(|error| error.to_string())?;
    if let Some(confidence) = confidence.filter(|&confidence| !is_probability(confidence)) {
        return Err(format!("`{confidence}` is no confidence from 0 to 1"));
    }
    let doc = tidy(&doc.unwrap_or_default());
    if doc != **last_doc {
        *last_doc = doc.into();
    }
    Ok(Candidate {
        zh: tidy(&translation.zh),
        en: tidy(&translation.en),
        confidence,
        doc: Arc::clone(last_doc),
        line: None,
        flaw: None,
        is_draft: origin.is_some_and(|origin| is_draft(&origin)),
    })
}

#[cfg(test)]
mod tests {
    use super::{super::tests::told, *};

    #[test]
    fn what_the_examples_read_and_align_writes_is_read() {
        let text = r#"{"translation":{"zh":"一只猫","en":"A \"cat\""}}

{"translation":{"en":"Two\ncats","zh":"两只猫","fr":"deux chats"},"confidence":0.75,"doc":"d.txt","kind":"1:1"}
{"confidence":null,"doc":null,"origin":"mt","translation":{"zh-CN":"三只猫","en-US":"Three cats"}}
"#;
        let expected = [
            "1: 一只猫 | A \"cat\" | - | a.jsonl",
            "3: 两只猫 | Two cats | 0.75 | d.txt",
            "4: 三只猫 | Three cats | - | a.jsonl | draft",
        ];
        assert_eq!(told(&[("a.jsonl", text.as_bytes())]), expected);
    }

    #[test]
    fn lines_that_are_no_translations_are_told() {
        let text = "{\"translation\":{\"zh\":\"一\"}}\n{\"translation\":\n{\"text\":\"\"}\n\
                    {\"translation\":{\"zh\":\"一\",\"en\":\"A\"},\"confidence\":7}\n";
        let told = told(&[("a.jsonl", text.as_bytes())]);
        for (told, words) in told.iter().zip(["missing field `en`", "EOF", "missing field `translation`", "`7` is no"])
        {
            assert!(told.starts_with("bad: `a.jsonl`, line ") && told.contains(words), "{told}");
        }
        assert_eq!(told.len(), 4);
    }

    #[test]
    fn documents_to_be_aligned_are_no_corpus() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        for (text, expected) in
            [("\n{\"translation\":{}}\n", true), ("{\"id\":\"d\",\"text\":\"一只猫\"}\n", false), ("", false)]
        {
            std::fs::write(&path, text).unwrap();
            assert_eq!(holds_translations(&path), expected, "{text}");
        }
    }
}
