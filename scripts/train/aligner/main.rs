//! Trains the weights of the aligner's passes, and says what they are worth.
//!
//! In come sets of documents with known alignments (see `documents`) and a bundle; out come an `aligner.json` with
//! the weights of all passes, and the scores on the sets named with `--gold`, each document scored by weights that
//! never saw it.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program that reports what it finds")]

mod documents;
mod example;
mod first;
mod fit;
mod lattice;
mod later;
mod potential;
mod remembering;
mod report;

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use clap::{Parser, ValueEnum};
use mtalign::{
    aligner::Tables,
    bundle::Bundle,
    evidence::{BandFeature, BandWeights, GivenFeature, Look, N_SHORTLIST_FEATURES, Pass, Passes},
    lexicon::Lexicon,
    translate::{
        Compute,
        marian::{Marian, MarianTagger},
        tagger,
    },
};

use crate::{
    documents::{Document, read_set},
    example::{Asked, Example, index},
    remembering::{Remembering, RememberingTags},
    report::report,
};

/// Trains the weights of the aligner's passes.
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
    /// Whether the weights of the first pass are fitted too: from those of the bundle, or from nothing.
    #[arg(long, value_enum)]
    first: Option<FirstPass>,
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
    #[arg(long, default_value_t = 0.15)]
    synthetic_share: f64,
    /// Leave out the features whose names begin so, to see what they are worth.
    #[arg(long, num_args = 0..)]
    without: Vec<String>,
    /// How much a bead of a torn document counts beside one of a whole.
    #[arg(long, default_value_t = 0.05)]
    torn_share: f64,
    /// Hidden units in the last pass, in each of its fits; 0 for a weighted sum alone.
    #[arg(long, default_value_t = 4)]
    units: usize,
    /// How many beads' worth a squared unit of a hidden unit's output, or of its weights for features of unit deviation,
    /// costs.
    #[arg(long, default_value_t = 6.0)]
    unit_prior: f64,
    /// Fits with hidden units, each from another random start, of which the mean is taken.
    #[arg(long, default_value_t = 8, value_parser = clap::value_parser!(u64).range(1..))]
    starts: u64,
    /// How much the fits with hidden units count in the mean of them and of the weighted sum alone, 0 to 1.
    #[arg(long, default_value_t = 0.7)]
    unit_share: f64,
    #[arg(long, default_value_t = 2)]
    threads: usize,
    /// Where the weights of all passes go.
    #[arg(long)]
    output: Option<PathBuf>,
}

/// Where the fit of the first pass begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FirstPass {
    Bundle,
    Nothing,
}

/// A document and the fold it is in.
type InFold = (usize, Document);

fn main() -> Result<()> {
    let options = Options::parse();
    let dir = Bundle::resolve(&options.bundle)?.dir;
    let compute = Compute { threads: options.threads, ..Compute::default() };
    let mut translator = Remembering::new(Marian::load(&dir, compute)?, &options.answers)?;
    let tables = Tables::load(&options.bundle)?;
    let lexicon = Lexicon::load(&dir)?;
    let mut models = tables.models(&mut translator, None);
    let mut read = |folders: &[PathBuf]| -> Result<Vec<Document>> {
        let sets = folders.iter().map(|folder| read_set(folder, &mut models)).collect::<Result<Vec<_>>>()?;
        Ok(sets.into_iter().flatten().collect())
    };
    let (synthetic, gold) = (read(&options.synthetic)?, read(&options.gold)?);
    let torn = gold.iter().map(|document| document.torn(&mut models)).collect::<Result<Vec<_>>>()?;
    let fold = |(number, document)| (number % options.folds.max(1), document);
    let torn = torn.into_iter().enumerate().filter_map(|(number, document)| Some((number, document?)));
    let gold: Vec<InFold> = gold.into_iter().enumerate().chain(torn).map(fold).collect();
    let synthetic: Vec<InFold> = synthetic.into_iter().enumerate().map(fold).collect();
    let mut tagger =
        RememberingTags::new(MarianTagger::load(&dir, compute)?, &dir.join(tagger::FILE_NAME), &options.answers)?;
    let mut asked = Asked { lexicon: &lexicon, tagger: &mut tagger, translator: &mut translator };

    let first_of = |without| first(&options, &tables.passes().first, &synthetic, &gold, without);
    if options.first.is_some() && options.folds > 1 {
        let folds = (0..options.folds).map(|fold| first_of(Some(fold))).collect::<Result<Vec<_>>>()?;
        let found = gold.iter().map(|(fold, document)| document.first(&folds[*fold]));
        let found: Vec<_> = gold.iter().map(|(_, document)| document).zip(found).collect();
        report("first pass, cross-validated", &found);
    }
    let band = first_of(None)?;
    let mut examine = |documents| examples(documents, &band, &tables.passes().later, &mut asked);
    let (synthetic, gold) = (examine(&synthetic)?, examine(&gold)?);
    let score = |title: &str, passes: &dyn Fn(&Example<'_>) -> Result<mtalign::bead::Alignment>| {
        let found = gold.iter().map(|example| Ok((example.document, passes(example)?))).collect::<Result<Vec<_>>>()?;
        report(title, &found);
        anyhow::Ok(())
    };
    score("first pass", &|example| Ok(example.first.clone()))?;
    let fits = |fold| later::fit(&options, &start(&band), &synthetic, &gold, fold);
    if options.folds > 1 {
        let folds = (0..options.folds).map(|fold| fits(Some(fold))).collect::<Result<Vec<_>>>()?;
        for number in 0..LOOKS.len() {
            let title = format!("passes 1 to {}, cross-validated", number + 2);
            score(&title, &|example| example.align(&folds[example.fold][..=number]))?;
        }
    }
    let later = fits(None)?;
    score("on the documents it was trained on", &|example| example.align(&later))?;
    if let Some(path) = &options.output {
        let passes = Passes { first: band.clone(), later };
        fs::write(path, passes.to_json()).with_context(|| format!("writing `{}`", path.display()))?;
    }
    Ok(())
}

/// The looks of the passes after the first, one each.
const LOOKS: [Look; 3] = [Look::Lexicon, Look::Tagger, Look::ForcedDecoding];

/// The weights of the first pass: the bundle's, or, where asked for, fitted to all documents but those of the fold
/// `without`.
fn first(
    options: &Options,
    bundled: &BandWeights,
    synthetic: &[InFold],
    gold: &[InFold],
    without: Option<usize>,
) -> Result<BandWeights> {
    let plain = first::plain();
    let begin = match options.first {
        None => return Ok(bundled.clone()),
        Some(FirstPass::Bundle) => bundled,
        Some(FirstPass::Nothing) => &plain,
    };
    let share = options.shares(gold.iter().map(|(_, document)| (&*document.set, document.n_beads())));
    let seen = gold.iter().filter(|(fold, _)| Some(*fold) != without);
    let documents: Vec<_> = (synthetic.iter().map(|(_, document)| (document, options.of_synthetic(gold.is_empty()))))
        .chain(seen.map(|(_, document)| (document, share(&document.set))))
        .collect();
    first::fit(&documents, begin, options.prior, options.threads, options.iterations)
}

/// The shortlist weights that reproduce the first pass.
fn start(first: &BandWeights) -> Vec<f64> {
    let mut weights = vec![0.0; N_SHORTLIST_FEATURES];
    weights[index(GivenFeature::FirstPass)] = 1.0;
    weights[index(GivenFeature::GapOpening)] = first.values()[BandFeature::GapOpening as usize];
    weights[index(GivenFeature::GapPrior)] = first.values()[BandFeature::Prior as usize];
    weights
}

/// The documents as the first pass leaves them, looked at by all passes after it; what is likely between two looks, the weights
/// of `later` say, which need not be those that are sought.
fn examples<'a>(
    documents: &'a [InFold],
    first: &'a BandWeights,
    later: &[Pass],
    asked: &mut Asked<'_>,
) -> Result<Vec<Example<'a>>> {
    let mut examples = Vec::new();
    for (fold, document) in documents {
        if document.n_beads() == 0 {
            eprintln!("nothing is learnt from `{}`: its true beads lie outside the band", document.name);
        }
        examples.push(Example::new(document, first, later, asked, *fold)?);
    }
    Ok(examples)
}

/// The number of beads in a set whose beads count once.
const SET_BEADS: f64 = 1500.0;

impl Options {
    /// How much a bead of each set counts: between equal weight for each bead and equal weight for each set.
    fn shares<'s>(&self, beads: impl Iterator<Item = (&'s str, usize)>) -> impl Fn(&str) -> f64 {
        let mut of_set: BTreeMap<&str, usize> = BTreeMap::new();
        beads.for_each(|(set, beads)| *of_set.entry(set).or_default() += beads);
        let torn = self.torn_share;
        move |set| {
            let share = if set.ends_with("torn") { torn } else { 1.0 };
            share * (SET_BEADS / of_set[set].max(1) as f64).sqrt()
        }
    }

    /// How much a bead of a synthetic set counts.
    fn of_synthetic(&self, alone: bool) -> f64 {
        if alone { 1.0 } else { self.synthetic_share }
    }
}
