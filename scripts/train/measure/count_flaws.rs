//! Counts the flaws of translations that words alone tell: amounts, dates and shares of their sources, negation, and
//! what is no English at all.
//!
//! ```text
//! cargo run --release --no-default-features --example count_flaws -- DEV.zh TRANSLATIONS.en
//! ```
//! Of the two files, a sentence a line, line k of the second translates line k of the first. Out comes a JSON object:
//! how many lines there are, in how many of them the Chinese states a quantity, and how many have each flaw. People's
//! translations have some too: they round, and say `an hour` where the Chinese counts.

#![expect(clippy::print_stdout, reason = "a program that reports what it finds")]

mod parallel;

use std::{collections::BTreeMap, path::PathBuf};

use anyhow::Result;
use clap::Parser;
use mtalign::{text::quantities, translate::check};
use serde_json::json;

/// Counts what translations get wrong, as far as words tell.
#[derive(Parser)]
struct Options {
    /// Chinese, a sentence a line.
    chinese: PathBuf,
    /// Their translations, in the same order.
    english: PathBuf,
    /// Show so many of the flawed ones.
    #[arg(long, default_value_t = 0)]
    show: usize,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let pairs = parallel::pairs(&options.chinese, &options.english)?;
    let mut flaws: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown = 0;
    for (source, text) in &pairs {
        if let Some(flaw) = check::flaw(source, text).or_else(|| check::wrong(source, text)) {
            *flaws.entry(format!("{flaw:?}")).or_default() += 1;
            if shown < options.show {
                println!("{flaw:?}\t{source}\t{text}");
                shown += 1;
            }
        }
    }
    let with_quantity = pairs.iter().filter(|(source, _)| !quantities::of_chinese(source).is_empty()).count();
    println!("{}", json!({ "lines": pairs.len(), "with_quantity": with_quantity, "flaws": flaws }));
    Ok(())
}
