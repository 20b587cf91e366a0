//! Samples of what was dropped, `dropped.tsv`: some of the pairs that each filter dropped, so that a filter can be
//! judged by what it takes away.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Candidate, Filter, folder::Folder, key::hash};
use crate::error::Result;

/// The number of samples of each filter: as many as one looks through.
const SAMPLES: usize = 20;

/// The number of characters of a text that are shown; what was dropped for its length could be a megabyte.
const SHOWN: usize = 200;

/// Samples of the pairs that each filter dropped.
pub(super) struct Dropped {
    seed: u64,
    /// The samples by their hashes, of which the lowest stay: a fair choice that is the same for the same seed.
    samples: BTreeMap<Filter, BTreeSet<(u64, Sample)>>,
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sample {
    zh: String,
    en: String,
    confidence: String,
    doc: Arc<str>,
    line: Option<usize>,
}

impl Dropped {
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, samples: BTreeMap::new() }
    }

    /// Takes note of a pair that `filter` dropped.
    pub(super) fn sample(&mut self, filter: Filter, candidate: &Candidate) {
        let Candidate { zh, en, confidence, doc, line, .. } = candidate;
        let hash = hash(hash(self.seed, zh.as_bytes()), en.as_bytes());
        let samples = self.samples.entry(filter).or_default();
        let is_full = samples.len() >= SAMPLES;
        if is_full && samples.last().is_some_and(|(last, _)| *last <= hash) {
            return;
        }
        samples.insert((
            hash,
            Sample {
                zh: shortened(zh),
                en: shortened(en),
                confidence: confidence.map(|confidence| format!("{confidence:.4}")).unwrap_or_default(),
                doc: Arc::clone(doc),
                line: *line,
            },
        ));
        if samples.len() > SAMPLES {
            samples.pop_last();
        }
    }

    /// Writes the samples, those of a filter together.
    pub(super) fn write(&self, folder: &Folder) -> Result<()> {
        let mut table = "filter\tzh\ten\tconfidence\tdoc\tline\n".to_owned();
        for (filter, samples) in &self.samples {
            for (_, Sample { zh, en, confidence, doc, line }) in samples {
                let line = line.map(|line| line.to_string()).unwrap_or_default();
                table.push_str(&[filter.name(), zh, en, confidence, doc, &line].join("\t"));
                table.push('\n');
            }
        }
        folder.write("dropped.tsv", &table)
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_samples_stay_as_one_looks_through_whatever_their_order() {
        let candidate = |number: usize| Candidate {
            zh: format!("第{number}"),
            en: "x".repeat(1000),
            confidence: None,
            doc: "d".into(),
            line: Some(number),
            flaw: None,
            is_draft: false,
        };
        let kept = |numbers: &mut dyn Iterator<Item = usize>| {
            let mut dropped = Dropped::new(5);
            numbers.for_each(|number| dropped.sample(Filter::LengthRatio, &candidate(number)));
            dropped.samples[&Filter::LengthRatio].iter().map(|(_, sample)| sample.line).collect::<Vec<_>>()
        };
        let forwards = kept(&mut (0..500));
        assert_eq!(forwards.len(), SAMPLES);
        assert_eq!(forwards, kept(&mut (0..500).rev()));
        assert_eq!(shortened(&candidate(1).en).chars().count(), SHOWN + 1);
    }
}
