//! The record of a data set, `dataset.json`: how it was made, what became of everything, and which files it has, for
//! programs.
//!
//! ```text
//! { "version": 1, "made_by": "mtalign 0.1.0",
//!   "settings": { "min_confidence": 0.5, "skipped": [], "validation": 0.02, "test": 0.02, "seed": 0 },
//!   "read": 1200, "dropped": { "length_ratio": 31, … }, "bad_lines": { "corpus.tsv": 2 },
//!   "splits": { "train": { "pairs": 1000, "zh_characters": …, "en_words": …, "with_confidence": … }, … },
//!   "files": [ "README.md", … ] }
//! ```
//! A change that takes away or renames a key raises `version`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Report, Split};

const VERSION: u32 = 1;

/// The record of a data set of these files, itself among them, as JSON.
pub(super) fn json(report: &Report, files: Vec<String>) -> String {
    let settings = &report.settings;
    let record = RecordJson {
        version: VERSION,
        made_by: concat!("mtalign ", env!("CARGO_PKG_VERSION")),
        settings: SettingsJson {
            min_confidence: settings.min_confidence,
            skipped: settings.skipped.iter().map(ToString::to_string).collect(),
            validation: settings.shares.validation,
            test: settings.shares.test,
            seed: settings.seed,
        },
        read: report.read,
        dropped: report.dropped.iter().map(|(filter, count)| (filter.name(), *count)).collect(),
        bad_lines: report.bad_lines.iter().map(|(path, count)| (&**path, *count)).collect(),
        splits: Split::ALL
            .map(|split| {
                let size = report.statistics.size(split);
                let json = SplitJson {
                    pairs: size.pairs,
                    zh_characters: size.zh_characters,
                    en_words: size.en_words,
                    with_confidence: size.with_confidence,
                };
                (split.to_string(), json)
            })
            .into(),
        files,
    };
    serde_json::to_string_pretty(&record).expect("numbers and texts are JSON") + "\n"
}

#[derive(Serialize)]
struct RecordJson<'r> {
    version: u32,
    made_by: &'static str,
    settings: SettingsJson,
    read: usize,
    dropped: BTreeMap<&'static str, usize>,
    bad_lines: BTreeMap<&'r str, usize>,
    splits: BTreeMap<String, SplitJson>,
    files: Vec<String>,
}

#[derive(Serialize)]
struct SettingsJson {
    min_confidence: f64,
    skipped: Vec<String>,
    validation: f64,
    test: f64,
    seed: u64,
}

#[derive(Serialize)]
struct SplitJson {
    pairs: usize,
    zh_characters: usize,
    en_words: usize,
    with_confidence: usize,
}
