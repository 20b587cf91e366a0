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

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
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
    let read = |path: &PathBuf| fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()));
    let (chinese, english) = (read(&options.chinese)?, read(&options.english)?);
    let (chinese, english): (Vec<&str>, Vec<&str>) = (chinese.lines().collect(), english.lines().collect());
    ensure!(chinese.len() == english.len(), "{} lines of Chinese and {} of English", chinese.len(), english.len());
    let mut flaws: BTreeMap<String, usize> = BTreeMap::new();
    let mut shown = 0;
    for (source, text) in chinese.iter().zip(&english) {
        if let Some(flaw) = check::flaw(source, text).or_else(|| check::wrong(source, text)) {
            *flaws.entry(format!("{flaw:?}")).or_default() += 1;
            if shown < options.show {
                println!("{flaw:?}\t{source}\t{text}");
                shown += 1;
            }
        }
    }
    let with_quantity = chinese.iter().filter(|source| !quantities::of_chinese(source).is_empty()).count();
    println!("{}", json!({ "lines": chinese.len(), "with_quantity": with_quantity, "flaws": flaws }));
    Ok(())
}
