//! Trains the weights by which clauses without a counterpart are found, and says what they are worth.
//!
//! In come translated pairs in document order (`WORK/clean`) and a bundle's pieces and embeddings; out come a
//! `coverage.json`, and figures on the last part of each file, which nothing was learnt from. The clues are those of
//! the program, computed by it.

#![expect(clippy::print_stdout, reason = "a program that reports what it finds")]

mod examples;
mod figures;
mod fit;

use std::{fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::Parser;
use mtalign::{
    both::Both,
    bundle::Bundle,
    evidence::{
        Embeddings,
        clauses::{ClauseWeights, weights::SideWeights},
    },
    tokenizer::Tokenizer,
};

use crate::{
    examples::{Example, Maker},
    figures::Figures,
};

/// Trains the weights by which clauses without a counterpart are found.
#[derive(Parser)]
struct Options {
    /// The bundle to train for.
    #[arg(long, default_value = "zh-en")]
    bundle: String,
    /// Files of pairs, `zh<TAB>en`, in document order.
    #[arg(long, num_args = 1..)]
    pairs: Vec<PathBuf>,
    /// Files of pairs only to be tested on.
    #[arg(long, num_args = 0..)]
    test: Vec<PathBuf>,
    /// The most pairs taken from a file.
    #[arg(long, default_value_t = 20_000)]
    most: usize,
    /// The least precision that hints are to have on what is held out.
    #[arg(long, default_value_t = 0.8)]
    precision: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the weights go.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// The number of parts of a file of which one is held out.
const HELD_OUT: usize = 5;

/// The number of times that each file to be tested on is read, losing other clauses each time: such files are short.
const ROUNDS: usize = 20;

fn main() -> Result<()> {
    let options = Options::parse();
    let dir = Bundle::resolve(&options.bundle)?.dir;
    let (tokenizer, embeddings) = (Tokenizer::load(&dir)?, Embeddings::load(&dir)?);
    let mut maker = Maker::new(&tokenizer, &embeddings, options.seed);
    let (mut seen, mut held_out, mut tests) = (Both::default(), Both::default(), Vec::new());
    for path in &options.pairs {
        let [learnt, kept]: [Vec<_>; 2] = maker.read(path, options.most, HELD_OUT)?;
        append(&mut seen, learnt);
        append(&mut held_out, kept);
    }
    for path in &options.test {
        let mut all = Both::default();
        for _ in 0..ROUNDS {
            maker.read(path, usize::MAX, HELD_OUT)?.into_iter().for_each(|part| append(&mut all, part));
        }
        tests.push((path.file_stem().unwrap_or_default().to_string_lossy().into_owned(), all));
    }
    let train = |name: &str, seen: &[Example], held_out: &[Example]| -> Result<SideWeights> {
        let weights = fit::fit(seen)?;
        let mut found = SideWeights { least: 0.5, weights };
        found.least = Figures::of(held_out, &found).least_for(options.precision);
        report(&format!("{name}, held out; {} clauses learnt from", seen.len()), held_out, &found);
        Ok(found)
    };
    let sides = Both::new(
        train("Chinese without English", &seen.source, &held_out.source)?,
        train("English without Chinese", &seen.target, &held_out.target)?,
    );
    for (name, examples) in &tests {
        report(&format!("{name}, Chinese without English"), &examples.source, &sides.source);
        report(&format!("{name}, English without Chinese"), &examples.target, &sides.target);
    }
    if let Some(path) = &options.output {
        fs::write(path, ClauseWeights { sides }.to_json()).with_context(|| format!("writing `{}`", path.display()))?;
    }
    Ok(())
}

fn report(title: &str, examples: &[Example], weights: &SideWeights) {
    let figures = Figures::of(examples, weights);
    println!("{title}\n  {figures}\n  shown from {:.2}: {}", weights.least, figures.at(weights.least));
}

fn append(all: &mut Both<Vec<Example>>, documents: Vec<Both<Vec<Example>>>) {
    for document in documents {
        all.source.extend(document.source);
        all.target.extend(document.target);
    }
}
