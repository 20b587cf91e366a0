//! Trains the weights of the aligner's passes after the first, and says what they are worth.
//!
//! In come sets of documents with known alignments (see `documents`) and a bundle with the weights of the first pass;
//! out come an `aligner.json` with those of all passes, and the scores on the sets named with `--gold`, each document
//! scored by weights that never saw it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports what it finds")]

mod documents;
mod example;
mod fit;
mod remembering;

use std::{collections::BTreeMap, fs, path::PathBuf, sync::Mutex};

use anyhow::{Context, Result};
use clap::Parser;
use mtalign::{
    aligner::Models,
    bead::Alignment,
    bundle::Bundle,
    evaluate::{Calibration, Link, Scores, Tally, calibration, score},
    evidence::{
        BandFeature, BandWeights, ClauseWeights, Embeddings, Lexicon, N_SHORTLIST_FEATURES, Passes, ShortlistFeature,
        ShortlistWeights,
    },
    tokenizer::Tokenizer,
    translate::{
        marian::{Marian, MarianTagger, Settings},
        tagger,
    },
};

use crate::{
    documents::{Document, read_set},
    example::{Example, Judges, Vector},
    fit::Problem,
    remembering::{Remembering, RememberingTags},
};

/// Trains the weights of the aligner's passes after the first.
#[derive(Parser)]
struct Options {
    /// The bundle to train for.
    #[arg(long, default_value = "zh-en")]
    bundle: String,
    /// A folder for what the translator said, so that it is asked once.
    #[arg(long)]
    answers: PathBuf,
    /// Sets made from training text.
    #[arg(long, num_args = 0..)]
    synthetic: Vec<PathBuf>,
    /// Sets aligned by hand.
    #[arg(long, num_args = 0..)]
    gold: Vec<PathBuf>,
    /// Parts of the gold documents, each scored by weights from the others; document k is in part k mod this.
    #[arg(long, default_value_t = 6)]
    folds: usize,
    /// Steps of each fit.
    #[arg(long, default_value_t = 100)]
    iterations: u64,
    /// How many beads' worth a squared unit of distance from the weights before costs.
    #[arg(long, default_value_t = 0.5)]
    prior: f64,
    /// How much a synthetic bead counts beside a gold one.
    #[arg(long, default_value_t = 0.1)]
    synthetic_share: f64,
    /// Leave out the features whose names begin so, to see what they are worth.
    #[arg(long, num_args = 0..)]
    without: Vec<String>,
    /// How much a bead of a torn document counts beside one of a whole.
    #[arg(long, default_value_t = 0.05)]
    torn_share: f64,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Where the weights of all passes go.
    #[arg(long)]
    output: Option<PathBuf>,
}

fn main() -> Result<()> {
    let options = Options::parse();
    let dir = Bundle::resolve(&options.bundle)?.dir;
    let passes = Passes::load(&dir)?;
    let settings = Settings { threads: options.threads, ..Settings::default() };
    let mut translator = Remembering::new(Marian::load(&dir, settings)?, &options.answers)?;
    let (tokenizer, embeddings) = (Tokenizer::load(&dir)?, Embeddings::load(&dir)?);
    let lexicon = Lexicon::load(&dir)?;
    let clause_weights = ClauseWeights::load(&dir)?;
    let mut models = Models {
        translator: &mut translator,
        tokenizer: &tokenizer,
        embeddings: &embeddings,
        lexicon: Some(&lexicon),
        tagger: None,
        weights: &passes,
        clause_weights: &clause_weights,
    };
    let mut read = |folders: &[PathBuf]| -> Result<Vec<Document>> {
        let sets = folders.iter().map(|folder| read_set(folder, &mut models)).collect::<Result<Vec<_>>>()?;
        Ok(sets.into_iter().flatten().collect())
    };
    let (synthetic, gold) = (read(&options.synthetic)?, read(&options.gold)?);
    let torn = gold.iter().map(|document| document.torn(&mut models)).collect::<Result<Vec<_>>>()?;
    let gold: Vec<(usize, Document)> = gold
        .into_iter()
        .enumerate()
        .chain(torn.into_iter().enumerate().filter_map(|(at, it)| Some((at, it?))))
        .collect();
    let synthetic: Vec<(usize, Document)> = synthetic.into_iter().enumerate().collect();
    let mut tagger =
        RememberingTags::new(MarianTagger::load(&dir, settings)?, &dir.join(tagger::FILE_NAME), &options.answers)?;
    let mut judges = Judges { tagger: &mut tagger, translator: &mut translator };
    let mut examine = |documents| examples(documents, &passes.first, &lexicon, &mut judges, options.folds);
    let (synthetic, gold) = (examine(&synthetic)?, examine(&gold)?);

    report("first pass", &gold, |example| example.first.clone());
    let start = start(&passes.first);
    let fits = |fold| {
        let mut fits = vec![start];
        for pass in Pass::ALL {
            let begin = fits.last().expect("it has its first");
            fits.push(fit(&options, &synthetic, &gold, fold, &start, begin, pass)?);
        }
        anyhow::Ok(fits.split_off(1))
    };
    if options.folds > 1 {
        let folds = (0..options.folds).map(|fold| fits(Some(fold))).collect::<Result<Vec<_>>>()?;
        for (number, pass) in Pass::ALL.iter().enumerate() {
            report(&format!("{pass:?} pass, cross-validated"), &gold, |example| {
                example.align(&folds[example.fold][..=number])
            });
        }
    }
    let found = fits(None)?;
    report("on the documents it was trained on", &gold, |example| example.align(&found));
    if let Some(path) = &options.output {
        let [second, third, fourth] = [0, 1, 2].map(|number| Some(ShortlistWeights(found[number])));
        let passes = Passes { first: passes.first.clone(), second, third, fourth };
        fs::write(path, passes.to_json()).with_context(|| format!("writing `{}`", path.display()))?;
    }
    Ok(())
}

/// A pass after the first: what it knows beside what those before it know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Pass {
    /// The lexicon, punctuation and surroundings.
    Second,
    /// What the tagger says.
    Third,
    /// What forced decoding says.
    Fourth,
}

impl Pass {
    const ALL: [Self; 3] = [Self::Second, Self::Third, Self::Fourth];

    /// The pass that a feature is first known in.
    fn of(feature: ShortlistFeature) -> Self {
        match feature as usize {
            at if at >= ShortlistFeature::ForcedGain as usize => Self::Fourth,
            at if at >= ShortlistFeature::SourceTags as usize => Self::Third,
            _ => Self::Second,
        }
    }
}

/// The weights that decide as the first pass did.
fn start(first: &BandWeights) -> Vector {
    let mut weights = [0.0; N_SHORTLIST_FEATURES];
    weights[ShortlistFeature::FirstPass as usize] = 1.0;
    weights[ShortlistFeature::GapOpening as usize] = first.values()[BandFeature::GapOpening as usize];
    weights[ShortlistFeature::GapPrior as usize] = first.values()[BandFeature::Prior as usize];
    weights
}

fn examples<'a>(
    documents: &'a [(usize, Document)],
    first: &'a BandWeights,
    lexicon: &Lexicon,
    judges: &mut Judges<'_>,
    folds: usize,
) -> Result<Vec<Example<'a>>> {
    let mut examples = Vec::new();
    for (number, document) in documents {
        let example = Example::new(document, first, lexicon, judges, number % folds.max(1))?;
        if example.n_beads() == 0 {
            eprintln!("nothing is learnt from `{}`: its true beads cross, or lie outside the band", document.name);
        }
        examples.push(example);
    }
    Ok(examples)
}

/// Fits all examples but those of the fold `without`, from the weights `start`; `centre` is what they are where nothing
/// speaks for others.
fn fit(
    options: &Options,
    synthetic: &[Example<'_>],
    gold: &[Example<'_>],
    without: Option<usize>,
    centre: &Vector,
    start: &Vector,
    pass: Pass,
) -> Result<Vector> {
    let mut set_beads: BTreeMap<&str, usize> = BTreeMap::new();
    for example in gold {
        *set_beads.entry(&example.document.set).or_default() += example.n_beads();
    }
    // Between each bead and each set counting the same.
    let of_set = |example: &Example<'_>| {
        let share = if example.document.set.ends_with("torn") { options.torn_share } else { 1.0 };
        share * (SET_BEADS / set_beads[example.document.set.as_str()].max(1) as f64).sqrt()
    };
    let seen = gold.iter().filter(|example| Some(example.fold) != without).map(|example| (example, of_set(example)));
    let share = if gold.is_empty() { 1.0 } else { options.synthetic_share };
    let examples: Vec<_> = synthetic.iter().map(|example| (example, share)).chain(seen).collect();
    let prior = spreads(&examples).map(|spread| options.prior * spread.max(1.0).powi(2));
    let is_unknown = |feature: &ShortlistFeature| {
        let name = format!("{feature:?}");
        Pass::of(*feature) > pass || options.without.iter().any(|start| name.starts_with(start))
    };
    let unknown = ShortlistFeature::ALL.into_iter().filter(is_unknown).collect();
    let problem =
        Problem { examples, centre: *centre, prior, unknown, threads: options.threads, last: Mutex::default() };
    problem.solve(start, options.iterations)
}

/// The beads of a set whose beads count once.
const SET_BEADS: f64 = 1500.0;

/// The standard deviation of each feature.
fn spreads(examples: &[(&Example<'_>, f64)]) -> Vector {
    let (mut sum, mut squares, mut count) = ([0.0; N_SHORTLIST_FEATURES], [0.0; N_SHORTLIST_FEATURES], 0.0);
    for features in examples.iter().flat_map(|(example, _)| example.features()) {
        count += 1.0;
        for ((sum, square), value) in sum.iter_mut().zip(&mut squares).zip(features) {
            *sum += value;
            *square += value * value;
        }
    }
    let mut spreads = [0.0; N_SHORTLIST_FEATURES];
    for ((spread, sum), square) in spreads.iter_mut().zip(sum).zip(squares) {
        *spread = f64::sqrt((square / f64::max(count, 1.0) - (sum / f64::max(count, 1.0)).powi(2)).max(0.0));
    }
    spreads
}

/// Prints the scores of each set.
fn report(title: &str, examples: &[Example<'_>], decide: impl Fn(&Example<'_>) -> Alignment) {
    let mut sets: BTreeMap<&str, (Scores, Calibration)> = BTreeMap::new();
    for example in examples {
        let alignment = decide(example);
        let links: Vec<Link> =
            alignment.beads().iter().map(|bead| bead.runs.map(|run| run.range().collect())).collect();
        let (scores, reliability) = sets.entry(&example.document.set).or_default();
        *scores += score(&example.document.links, &links);
        let sure: Vec<_> = links.iter().cloned().zip(alignment.beads().iter().map(|bead| bead.confidence)).collect();
        *reliability += calibration(&example.document.links, &sure);
    }
    println!("{title}");
    let f1 = |tally: Tally| tally.f1().unwrap_or(f64::NAN);
    for (set, (scores, reliability)) in sets {
        println!(
            "  {set:14} strict {:.4}  lax {:.4}  omissions {:.3}  additions {:.3}  calibration error {:.3}",
            f1(scores.strict),
            f1(scores.vecalign_lax),
            f1(scores.omissions),
            f1(scores.additions),
            reliability.expected_error().unwrap_or(f64::NAN),
        );
    }
}
