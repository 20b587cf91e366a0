//! Counts what the flags of drafts find of faults that are made on purpose, and how often they are raised over
//! translations as they are.
//!
//! ```text
//! cargo run --release --example count_drafts -- --model models/zh-en DEV.zh DEV.en
//! ```
//! Line k of `DEV.en` is what people made of line k of `DEV.zh`. Two faults are made, both as translators make them:
//! of a source with several clauses one is left out, and what the model makes of the rest stands for the whole; in a
//! person's translation one digit is another. Out comes a JSON object: of each fault how many were made and flagged, and
//! how many of the model's own drafts and of people's translations are flagged, by flaw; and for other thresholds how many
//! would be flagged as incomplete.

#![expect(clippy::print_stdout, reason = "a program that reports what it finds")]

mod parallel;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use clap::Parser;
use mtalign::{
    aligner::{Reader, is_gap},
    segment::clauses::clauses,
    text::{Lang, quantities},
    tokenizer::Tokenizer,
    translate::{
        Compute, Translator,
        check::{flaw, wrong},
        marian::{Marian, MarianTagger},
    },
};
use serde_json::json;

/// Counts what the flags of drafts find, and when they are wrong.
#[derive(Parser)]
struct Options {
    /// Chinese, a sentence a line.
    chinese: PathBuf,
    /// What people made of it, in the same order.
    english: PathBuf,
    /// The folder of the bundle.
    #[arg(long)]
    model: PathBuf,
    /// Look at so many lines at most.
    #[arg(long, default_value_t = usize::MAX)]
    most: usize,
    /// Show so many of the model's drafts that are flagged as incomplete.
    #[arg(long, default_value_t = 0)]
    show: usize,
}

/// Texts for sources, and what the flags say of them.
struct Judged<'t> {
    pairs: Vec<(&'t str, &'t str)>,
    /// The log-odds of the least covered stretch of each source, in nats.
    least: Vec<f32>,
    gaps: Vec<bool>,
}

impl<'t> Judged<'t> {
    fn new(pairs: Vec<(&'t str, &'t str)>, reader: &mut Reader<'_>) -> Result<Self> {
        let least = reader.least_odds(&pairs)?;
        Ok(Self { gaps: least.iter().copied().map(is_gap).collect(), least, pairs })
    }

    /// How many there are, and how many have each flaw.
    fn counts(&self) -> serde_json::Value {
        let mut flaws: BTreeMap<&str, usize> = BTreeMap::new();
        for (&(source, text), &gap) in self.pairs.iter().zip(&self.gaps) {
            let found = flaw(source, text).or_else(|| wrong(source, text)).map(mtalign::document::Flaw::name);
            if let Some(name) = found.or_else(|| gap.then_some("incomplete")) {
                *flaws.entry(name).or_default() += 1;
            }
        }
        json!({ "lines": self.pairs.len(), "flaws": flaws, "gaps": self.gaps.iter().filter(|&&gap| gap).count() })
    }

    /// The share whose least covered stretch is below each of some thresholds.
    fn below(&self, thresholds: &[f32]) -> Vec<f64> {
        let share =
            |limit: &f32| self.least.iter().filter(|least| *least < limit).count() as f64 / self.least.len() as f64;
        thresholds.iter().map(|limit| (share(limit) * 1e4).round() / 1e4).collect()
    }
}

fn main() -> Result<()> {
    let options = Options::parse();
    let pairs = parallel::pairs(&options.chinese, &options.english)?;
    let pairs: Vec<(&str, &str)> =
        pairs.iter().map(|(source, text)| (source.as_str(), text.as_str())).take(options.most).collect();

    let mut random = fastrand::Rng::with_seed(7);
    let mut torn: Vec<(&str, String)> = Vec::new();
    for &(source, _) in &pairs {
        torn.extend(without_a_clause(source, &mut random).map(|rest| (source, rest)));
    }
    let changed: Vec<(&str, String)> = pairs
        .iter()
        .filter_map(|(source, text)| Some((*source, with_another_digit(source, text, &mut random)?)))
        .collect();

    let tokenizer = Tokenizer::load(&options.model)?;
    let mut translator = Marian::load(&options.model, Compute::default())?;
    let mut tagger = MarianTagger::beside(&translator)?;
    let mut translate = |sources: &[&str]| -> Result<Vec<String>> {
        let found = translator.n_best(sources, mtalign::aligner::READERS_BEAM, &())?;
        Ok(found.into_iter().map(|mut candidates| candidates.swap_remove(0).text).collect())
    };
    let drafts = translate(&pairs.iter().map(|pair| pair.0).collect::<Vec<_>>())?;
    let rests = translate(&torn.iter().map(|(_, rest)| rest.as_str()).collect::<Vec<_>>())?;

    let mut reader = Reader { tokenizer: &tokenizer, tagger: &mut tagger };
    let sets = [
        ("people", pairs.clone()),
        ("drafts", pairs.iter().zip(&drafts).map(|(pair, draft)| (pair.0, draft.as_str())).collect()),
        ("a clause left out", torn.iter().zip(&rests).map(|((source, _), text)| (*source, text.as_str())).collect()),
        ("another digit", changed.iter().map(|(source, text)| (*source, text.as_str())).collect()),
    ];
    let thresholds: Vec<f32> = (-14..=6).map(|step: i16| f32::from(step) / 2.0).collect();
    let (mut counts, mut below) = (serde_json::Map::new(), serde_json::Map::new());
    for (name, pairs) in sets {
        let judged = Judged::new(pairs, &mut reader)?;
        if name == "drafts" {
            let flagged = judged.pairs.iter().zip(&judged.gaps).filter(|(_, gap)| **gap);
            flagged.take(options.show).for_each(|((source, text), _)| println!("{source}\t{text}"));
        }
        counts.insert(name.to_owned(), judged.counts());
        below.insert(name.to_owned(), json!(judged.below(&thresholds)));
    }
    println!("{}", json!({ "counts": counts, "thresholds": thresholds, "below": below }));
    Ok(())
}

/// A source without one of its clauses; none of a source that has but one.
fn without_a_clause(source: &str, random: &mut fastrand::Rng) -> Option<String> {
    let spans = clauses(source, Lang::Zh);
    let lost = (spans.len() > 1).then(|| random.usize(..spans.len()))?;
    let start = if lost == 0 { 0 } else { spans[lost].start };
    // The mark at the end of the source stays.
    let end = spans.get(lost + 1).map_or(spans[lost].end, |next| next.start);
    Some(format!("{}{}", &source[..start], &source[end..]))
}

/// A translation of which one digit is another, where its source states a quantity.
fn with_another_digit(source: &str, text: &str, random: &mut fastrand::Rng) -> Option<String> {
    let places: Vec<usize> =
        text.bytes().enumerate().filter(|(_, byte)| byte.is_ascii_digit()).map(|(at, _)| at).collect();
    if places.is_empty() || quantities::of_chinese(source).is_empty() {
        return None;
    }
    let at = places[random.usize(..places.len())];
    let digit = char::from(b'1' + (text.as_bytes()[at] - b'0' + random.u8(..8)) % 9);
    Some(format!("{}{digit}{}", &text[..at], &text[at + 1..]))
}
