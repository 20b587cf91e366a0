//! The card of a data set: `README.md`, whose head the hub and `datasets` read; with it the figures that it shows and
//! `documents.tsv`, which says of every document what became of its pairs.

mod figure;

use std::fmt::Write as _;

use super::{Document, Filter, Report, Split, files, folder::Folder, statistics::LARGEST_RATIO};
use crate::error::Result;

/// The number of documents that the card lists; `documents.tsv` has all.
const LISTED: usize = 50;

const LENGTH_RATIO: &str = "figures/length-ratio.svg";
const CONFIDENCE: &str = "figures/confidence.svg";
const DOCUMENTS: &str = "documents.tsv";

/// Writes the card, its figures and `documents.tsv`.
pub(super) fn write(folder: &Folder, report: &Report) -> Result<()> {
    let statistics = &report.statistics;
    let lengths = &statistics.length_ratio.counts;
    folder.write(LENGTH_RATIO, &figure::bars("English letters per Chinese character", lengths, 0.0..=LARGEST_RATIO))?;
    if statistics.with_confidence() > 0 {
        let confidences = &statistics.confidence.counts;
        folder.write(CONFIDENCE, &figure::bars("Confidence of the pairs that have one", confidences, 0.0..=1.0))?;
    }
    folder.write(DOCUMENTS, &documents_table(&report.documents))?;
    folder.write("README.md", &card(&folder.name(), report))
}

fn card(name: &str, report: &Report) -> String {
    let sections = [
        head(name, report),
        format!("# {}", plain(name)),
        "Chinese text and its English, a pair a row: `translation` (`zh` and `en`), `confidence` (the probability that \
         the two belong together, null where the source does not tell) and `doc` (where the pair comes from). The same \
         pairs stand in `parquet/`, `jsonl/` and `moses/`."
            .to_owned(),
        usage(),
        sizes(report),
        how_made(report),
        dropped(report),
        distributions(report),
        provenance(report),
        "## Licence\n\nThe texts are of those who wrote them; whoever publishes this data set must know under which \
         terms, and say so in `license` above."
            .to_owned(),
    ];
    sections.join("\n\n") + "\n"
}

/// The front matter: <https://huggingface.co/docs/hub/datasets-cards>.
fn head(name: &str, report: &Report) -> String {
    let statistics = &report.statistics;
    let splits = || Split::ALL.into_iter().filter(|&split| statistics.size(split).pairs > 0);
    let mut head = String::from("---\nlanguage:\n- zh\n- en\n");
    // JSON's texts are YAML's too, so no name can break out of its line.
    let quoted = serde_json::Value::from(name);
    let size = size_category(statistics.pairs());
    let _ = write!(
        head,
        "license: unknown\nmultilinguality:\n- translation\npretty_name: {quoted}\nsize_categories:\n- {size}\n\
         task_categories:\n- translation\ntags:\n- parallel-corpus\nconfigs:\n- config_name: default\n  data_files:\n"
    );
    for split in splits() {
        let _ = writeln!(head, "  - split: {split}\n    path: {}", files::parquet_name(split));
    }
    head.push_str(
        "dataset_info:\n  features:\n  - name: translation\n    dtype:\n      translation:\n        languages:\n        \
         - en\n        - zh\n  - name: confidence\n    dtype: float64\n  - name: doc\n    dtype: string\n  splits:\n",
    );
    for split in splits() {
        let _ = writeln!(head, "  - name: {split}\n    num_examples: {}", statistics.size(split).pairs);
    }
    head + "---"
}

/// The hub's name for a size.
fn size_category(pairs: usize) -> &'static str {
    const CATEGORIES: [(usize, &str); 5] = [
        (1_000, "n<1K"),
        (10_000, "1K<n<10K"),
        (100_000, "10K<n<100K"),
        (1_000_000, "100K<n<1M"),
        (10_000_000, "1M<n<10M"),
    ];
    let fits = CATEGORIES.into_iter().find(|&(limit, _)| pairs < limit);
    fits.map_or("10M<n<100M", |(_, name)| name)
}

fn usage() -> String {
    "```python\nfrom datasets import load_dataset\n\ndataset = load_dataset(\"DIR\")  # this folder, or its name on the \
     hub\n```"
        .to_owned()
}

fn sizes(report: &Report) -> String {
    let mut table = String::from(
        "## Sizes\n\n| split | pairs | Chinese characters | English words | with confidence |\n| --- | ---: | ---: | \
         ---: | ---: |\n",
    );
    for split in Split::ALL {
        let size = report.statistics.size(split);
        let (pairs, characters, words) = (size.pairs, size.zh_characters, size.en_words);
        let _ = writeln!(table, "| {split} | {pairs} | {characters} | {words} | {} |", size.with_confidence);
    }
    table.trim_end().to_owned()
}

fn how_made(report: &Report) -> String {
    let settings = &report.settings;
    let skipped: Vec<String> = settings.skipped.iter().map(|filter| format!("`{filter}`")).collect();
    let skipped = if skipped.is_empty() { String::new() } else { format!(" Left out: {}.", skipped.join(", ")) };
    format!(
        "## How it was made\n\nBy `mtalign dataset` {}: pairs were filtered, near-duplicates left out (texts that differ \
         in punctuation, white space, capitals or script alone), and the rest was divided with the seed {}: {} for \
         validation, {} for the test. A document is whole in one split, unless it holds more than a tenth of all pairs \
         (those of larger documents not counted); then its pairs are divided by the hash of their Chinese. No Chinese and no English text, compared as for \
         near-duplicates, is in two splits. Pairs below the confidence {} were dropped.{skipped}",
        env!("CARGO_PKG_VERSION"),
        settings.seed,
        settings.shares.validation,
        settings.shares.test,
        settings.min_confidence,
    )
}

fn dropped(report: &Report) -> String {
    let mut table = format!(
        "## What was dropped\n\nOf {} pairs, by the first filter that did not let them pass. `dropped.tsv` has samples.\n\n\
         | filter | pairs | because |\n| --- | ---: | --- |\n",
        report.read
    );
    for filter in Filter::ALL {
        let count = report.dropped.get(&filter).copied().unwrap_or(0);
        let _ = writeln!(table, "| `{filter}` | {count} | {} |", filter.drops());
    }
    if !report.bad_lines.is_empty() {
        table.push_str(
            "\nLines that were passed over, as no pairs or not readable:\n\n| file | lines |\n| --- | ---: |\n",
        );
        for (path, count) in &report.bad_lines {
            let _ = writeln!(table, "| {} | {count} |", plain(path));
        }
    }
    table.trim_end().to_owned()
}

fn distributions(report: &Report) -> String {
    let mut text = format!("## Distributions\n\n![English letters per Chinese character]({LENGTH_RATIO})");
    if report.statistics.with_confidence() > 0 {
        let _ = write!(text, "\n\n![Confidence]({CONFIDENCE})");
    }
    text
}

fn provenance(report: &Report) -> String {
    let mut largest: Vec<&Document> = report.documents.iter().collect();
    largest.sort_by(|a, b| b.read.cmp(&a.read).then_with(|| a.name.cmp(&b.name)));
    let mut table = String::from("## Provenance\n\n");
    if largest.len() > LISTED {
        let _ = write!(table, "The {LISTED} largest of {} documents; `{DOCUMENTS}` has all.\n\n", largest.len());
        largest.truncate(LISTED);
    }
    table.push_str("| document | pairs read | train | validation | test |\n| --- | ---: | ---: | ---: | ---: |\n");
    for Document { name, read, written: [train, validation, test], .. } in largest {
        let _ = writeln!(table, "| {} | {read} | {train} | {validation} | {test} |", plain(name));
    }
    table.trim_end().to_owned()
}

fn documents_table(documents: &[Document]) -> String {
    let mut table = String::from("doc\tread\tkept\ttrain\tvalidation\ttest\n");
    for Document { name, read, kept, written: [train, validation, test] } in documents {
        let _ = writeln!(table, "{name}\t{read}\t{kept}\t{train}\t{validation}\t{test}");
    }
    table
}

/// A name with nothing in it that Markdown or HTML would obey.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars() {
        match c {
            '<' => plain.push_str("&lt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '!' | '|' | '~' | '$' => {
                plain.push('\\');
                plain.push(c);
            }
            c => plain.push(if c.is_control() { ' ' } else { c }),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::dataset::{Candidate, Settings, statistics::Statistics};

    fn report(n_documents: usize) -> Report {
        let mut statistics = Statistics::default();
        let pair = |confidence| Candidate {
            zh: "猫睡了。".to_owned(),
            en: "The cat slept.".to_owned(),
            confidence,
            doc: "d".into(),
            line: None,
            flaw: None,
            is_draft: false,
        };
        statistics.add(Split::Train, &pair(Some(0.9)));
        statistics.add(Split::Test, &pair(None));
        let document = |number: usize| Document {
            name: format!("<b>d_{number}|").into(),
            read: number,
            kept: number,
            written: [number, 0, 0],
        };
        Report {
            settings: Settings::default(),
            read: 9,
            dropped: BTreeMap::from([(Filter::LengthRatio, 7)]),
            bad_lines: BTreeMap::from([("a.tsv".into(), 3)]),
            documents: (0..n_documents).map(document).collect(),
            statistics,
        }
    }

    #[test]
    fn the_head_lists_the_splits_that_have_files() {
        let card = card("new: \"set\"\n---", &report(1));
        let head = card.split("\n---\n").next().unwrap();
        assert!(head.starts_with("---\nlanguage:\n- zh\n- en\n"), "{head}");
        assert!(head.contains("\npretty_name: \"new: \\\"set\\\"\\n---\"\n"), "{head}");
        assert!(head.contains("  - split: train\n    path: parquet/train.parquet\n  - split: test\n"), "{head}");
        assert!(head.contains("  - name: test\n    num_examples: 1"), "{head}");
        assert!(!head.contains("validation"), "{head}");
    }

    #[test]
    fn every_filter_and_every_unreadable_file_has_a_row() {
        let card = card("set", &report(1));
        for row in ["| `length_ratio` | 7 |", "| `no_empty` | 0 |", "| a.tsv | 3 |", "| train | 1 | 4 | 3 | 1 |"] {
            assert!(card.contains(row), "{row} is not in\n{card}");
        }
    }

    #[test]
    fn names_are_text_and_the_largest_documents_are_listed() {
        let card = card("set", &report(60));
        assert!(card.contains("The 50 largest of 60 documents"));
        assert!(card.contains("| &lt;b>d\\_59\\| | 59 | 59 | 0 | 0 |") && !card.contains("d\\_9\\|"), "{card}");
        assert_eq!(documents_table(&report(60).documents).lines().count(), 61);
    }

    #[test]
    fn sizes_are_called_what_the_hub_calls_them() {
        for (pairs, expected) in
            [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (999_999, "100K<n<1M"), (20_000_000, "10M<n<100M")]
        {
            assert_eq!(size_category(pairs), expected);
        }
    }
}
