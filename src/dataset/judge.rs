//! What a data set makes of a pair that is looked at alone: whether a filter drops it, under which keys near-duplicates of it
//! are found, and where it lies among what is held out.
//!
//! From these follows the whole data set, without a second look at the texts: so corpora are divided that no single machine
//! holds. [`Builder`](super::Builder) does the same with a corpus that one does.

use std::io;

use serde::Serialize;

use super::{
    Candidate, Filter, Settings, filter,
    key::{Keys, Normaliser},
    split::{draw_of_document, draw_of_pair},
};

/// A judge of pairs.
pub struct Judge {
    settings: Settings,
    normaliser: Normaliser,
}

/// What is known of a pair without a look at any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// The filter that drops it.
    pub filter: Option<Filter>,
    /// The keys of its texts.
    pub keys: Keys,
}

impl Judge {
    /// A judge for a data set with these settings.
    pub fn new(settings: Settings) -> Self {
        Self { settings, normaliser: Normaliser::new() }
    }

    /// Looks at a pair.
    pub fn judge(&mut self, pair: &Candidate) -> Judgement {
        let Settings { min_confidence, skipped, .. } = &self.settings;
        let keys = self.normaliser.keys(&pair.zh, &pair.en);
        Judgement { filter: filter::rejecting(pair, &keys, *min_confidence, skipped), keys }
    }

    /// Whether a score would decide on a pair: it has none, and passes every filter that looks at one pair alone. What a
    /// filter drops is not worth one.
    pub fn is_undecided(&mut self, pair: &Candidate) -> bool {
        pair.confidence.is_none() && self.judge(pair).filter.is_none()
    }

    /// Looks at a pair: the judgement as a line of JSON, with its draws, the document's and its own. Documents with the lowest
    /// draws are held out; where one is too large for that, its pairs are. Numbers of 64 bits are sixteen hexadecimal
    /// digits, for JSON has no such.
    ///
    /// ```text
    /// {"doc":"a.txt","confidence":0.98,"filter":null,"keys":{"zh":"ef6c60e3f107d73d","en":…},"draws":{"doc":…,"pair":…}}
    /// ```
    pub fn line(&mut self, pair: &Candidate) -> io::Result<Vec<u8>> {
        let Judgement { filter, keys } = self.judge(pair);
        let seed = self.settings.seed;
        let digits = |number: u64| format!("{number:016x}");
        let mut line = serde_json::to_vec(&Line {
            doc: &pair.doc,
            confidence: pair.confidence,
            filter: filter.map(Filter::name),
            keys: KeysOf { zh: digits(keys.zh), en: digits(keys.en) },
            draws: Draws { doc: digits(draw_of_document(seed, &pair.doc)), pair: digits(draw_of_pair(seed, &keys)) },
        })?;
        line.push(b'\n');
        Ok(line)
    }
}

#[derive(Serialize)]
struct Line<'l> {
    doc: &'l str,
    confidence: Option<f64>,
    filter: Option<&'static str>,
    keys: KeysOf,
    draws: Draws,
}

#[derive(Serialize)]
struct KeysOf {
    zh: String,
    en: String,
}

#[derive(Serialize)]
struct Draws {
    doc: String,
    pair: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(zh: &str, en: &str, confidence: Option<f64>) -> Candidate {
        Candidate {
            zh: zh.to_owned(),
            en: en.to_owned(),
            confidence,
            doc: "corpus.tsv".into(),
            line: Some(1),
            flaw: None,
            is_draft: false,
        }
    }

    #[test]
    fn what_is_judged_or_dropped_is_not_scored() {
        let mut judge = Judge::new(Settings::default());
        assert!(judge.is_undecided(&pair("他明天到。", "He arrives tomorrow.", None)));
        assert!(!judge.is_undecided(&pair("他明天到。", "He arrives tomorrow.", Some(0.3))));
        assert!(!judge.is_undecided(&pair("他明天到。", "他明天到。", None)));
        let mut lenient = Judge::new(Settings {
            skipped: vec![Filter::Identical, Filter::WrongLanguage, Filter::Untranslated],
            ..Settings::default()
        });
        assert!(lenient.is_undecided(&pair("他明天到。", "他明天到。", None)));
    }

    #[test]
    fn judgements_are_the_same_in_every_version() {
        let pair = pair("他明天到。", "He arrives tomorrow.", Some(0.3));
        let mut judge = Judge::new(Settings { seed: 7, ..Settings::default() });
        let made = String::from_utf8(judge.line(&pair).unwrap()).unwrap();
        let expected = concat!(
            r#"{"doc":"corpus.tsv","confidence":0.3,"filter":"confidence","#,
            r#""keys":{"zh":"ef6c60e3f107d73d","en":"c1532428524fba64"},"draws":{"doc":"655fda8873ece2bd","pair":"086b5c1175180edc"}}"#,
            "\n"
        );
        assert_eq!(made, expected);
    }
}
