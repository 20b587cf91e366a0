//! Trains the scorer of pairs that stand alone, and says what it is worth.
//!
//! In come sets of documents with known alignments (`zh/NAME`, `en/NAME`, `gold/NAME`) and a bundle; out come a
//! `scorer.json`, and figures on pairs that were scored by networks which never saw them or their neighbours. Half of what
//! counts are right pairs; the other half are wrong ones made of them, each kind as much as another.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports what it finds")]

mod figures;
mod fit;
mod pairs;

use std::{fs, path::PathBuf, time::Instant};

use anyhow::{Context, Result, ensure};
use clap::Parser;
use mtalign::{
    aligner::{Tables, pair_features},
    both::Both,
    bundle::Bundle,
    evidence::{PairFeature, PairFeatures, Scorer},
    translate::{
        Compute,
        marian::{Marian, MarianTagger},
    },
};

use crate::{
    figures::{Scored, table},
    fit::{Example, fit},
    pairs::{Class, Pair, read_set},
};

/// Trains the scorer of pairs that stand alone.
#[derive(Parser)]
struct Options {
    /// The bundle to train for.
    #[arg(long, default_value = "zh-en")]
    bundle: String,
    /// Sets aligned by hand.
    #[arg(long, num_args = 1..)]
    gold: Vec<PathBuf>,
    /// The most pairs taken from a set.
    #[arg(long, default_value_t = 4_000)]
    most: usize,
    /// The distance from 0 and from 1 at which the quick network leaves a doubt.
    #[arg(long, default_value_t = 0.1)]
    doubt: f64,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where the scorer goes.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// The number of parts, each scored by networks that learnt from the others, and the most pairs in a row that belong to
/// one.
const PARTS: usize = 5;
const STRETCH: usize = 400;

/// A pair with its features.
struct Known {
    set: String,
    class: Class,
    features: PairFeatures,
    /// The part, of those that are scored in turn by what the others teach.
    part: usize,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let known = known(&options)?;
    let examples = examples(&known);
    let train = |without: Option<usize>| -> Result<Scorer> {
        let seen = known.iter().zip(&examples).filter(|(pair, _)| without != Some(pair.part));
        let seen: Vec<&Example> = seen.map(|(_, example)| example).collect();
        let is_forced: Vec<bool> = PairFeature::all().map(PairFeature::is_forced).collect();
        let quick = fit(&seen, |feature| !is_forced[feature], options.seed)?;
        let full = fit(&seen, |_| true, options.seed)?;
        Ok(Scorer { quick, full, doubt: options.doubt })
    };
    let (mut judged, mut asked) = (Vec::new(), 0);
    for part in 0..PARTS {
        let scorer = train(Some(part))?;
        for (pair, example) in known.iter().zip(&examples).filter(|(pair, _)| pair.part == part) {
            asked += usize::from(scorer.is_in_doubt(&pair.features));
            let score = scorer.probability(&pair.features);
            judged.push(Scored { set: pair.set.clone(), class: pair.class, score, weight: example.weight });
        }
    }
    judged.sort_by(|one, other| one.set.cmp(&other.set));
    println!("{}", table(&judged));
    println!("asked of forced decoding: {:.1} %", 100.0 * f64::from(u32::try_from(asked)?) / judged.len() as f64);
    if let Some(path) = &options.output {
        fs::write(path, train(None)?.to_json()).with_context(|| format!("writing `{}`", path.display()))?;
    }
    Ok(())
}

/// The pairs of all sets, with every feature.
fn known(options: &Options) -> Result<Vec<Known>> {
    let dir = Bundle::resolve(&options.bundle)?.dir;
    let tables = Tables::load(&options.bundle)?;
    let (mut translator, mut tagger) =
        (Marian::load(&dir, Compute::default())?, MarianTagger::load(&dir, Compute::default())?);
    let mut random = fastrand::Rng::with_seed(options.seed);
    let mut known = Vec::new();
    for set in &options.gold {
        let begun = (Instant::now(), known.len());
        for document in read_set(set, &mut random)? {
            let left = (options.most + begun.1).saturating_sub(known.len());
            for stretch in document.pairs[..document.pairs.len().min(left)].chunks(STRETCH) {
                let texts: Vec<Both<&str>> =
                    stretch.iter().map(|Pair { zh, en, .. }| Both::new(&**zh, &**en)).collect();
                let mut models = tables.models(&mut translator, Some(&mut tagger));
                let found = pair_features(&texts, &mut models, |_| true)?;
                for (pair, features) in stretch.iter().zip(found) {
                    let Some(features) = features else { continue };
                    known.push(Known { set: document.set.clone(), class: pair.class, features, part: 0 });
                }
            }
        }
        eprintln!("{}: {} pairs in {:.0} s", set.display(), known.len() - begun.1, begun.0.elapsed().as_secs_f64());
    }
    ensure!(known.len() >= PARTS, "{} pairs are too few to learn from: each of {PARTS} parts needs one", known.len());
    let stretch = known.len().div_ceil(PARTS).min(STRETCH);
    for (place, pair) in known.iter_mut().enumerate() {
        pair.part = place / stretch % PARTS;
    }
    Ok(known)
}

/// The pairs as examples: right ones and wrong ones count alike in sum, and so do the kinds of wrong ones.
fn examples(known: &[Known]) -> Vec<Example> {
    let count = |class: Class| known.iter().filter(|pair| pair.class == class).count().max(1) as f64;
    let weight = |class: Class| match class {
        Class::Right => 1.0 / count(class),
        wrong => 1.0 / (count(wrong) * Class::WRONG.len() as f64),
    };
    let example = |pair: &Known| Example {
        values: pair.features.values(),
        is_right: pair.class == Class::Right,
        weight: weight(pair.class),
    };
    known.iter().map(example).collect()
}
