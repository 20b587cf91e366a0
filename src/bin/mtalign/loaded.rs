//! The models that a command line asks for, loaded.

use std::{num::NonZeroU16, path::PathBuf, sync::Arc};

use mtalign::{
    aligner::Models,
    bundle::{Bundle, DEFAULT_MODEL, Verification},
    error::Result,
    evidence::{ClauseWeights, Embeddings, Lexicon, Passes, clauses, embeddings, lexicon, weights},
    tokenizer::Tokenizer,
    translate::{Tagger, Translator},
};

#[cfg(feature = "marian")]
use mtalign::translate::{
    marian::{self, Marian, MarianTagger},
    tagger,
};

#[cfg(feature = "marian")]
use crate::args;
use crate::args::ModelArgs;

/// What every worker reads and none changes.
pub(crate) struct Tables {
    /// The bundle whose pieces they are of.
    #[cfg_attr(not(feature = "marian"), expect(dead_code, reason = "only a tagger is looked for there"))]
    dir: PathBuf,
    tokenizer: Arc<Tokenizer>,
    embeddings: Embeddings,
    lexicon: Option<Lexicon>,
    weights: Passes,
    clause_weights: ClauseWeights,
}

impl Tables {
    /// Loads the embeddings of the bundle that was asked for; those of the default bundle, with its tokenizer, where it
    /// brings none (a model from elsewhere).
    pub(crate) fn load(args: &ModelArgs) -> Result<Self> {
        let bundle = Bundle::resolve(&args.model)?;
        let has_embeddings = bundle.dir.join(embeddings::FILE_NAME).is_file();
        let comparing = if has_embeddings { bundle } else { Bundle::resolve(DEFAULT_MODEL)? };
        let dir_with = |file| {
            let dir = &comparing.dir;
            if dir.join(file).is_file() { Ok(dir.clone()) } else { Bundle::resolve(DEFAULT_MODEL).map(|it| it.dir) }
        };
        let has_lexicon = comparing.dir.join(lexicon::FILE_NAME).is_file();
        // The translator's own bundle is verified as the translator is loaded.
        let verification = if has_embeddings { None } else { Some(Verification::start(&comparing.dir)?) };
        let loaded = Self {
            dir: comparing.dir.clone(),
            tokenizer: Arc::new(Tokenizer::load(&comparing.dir)?),
            embeddings: Embeddings::load(&comparing.dir)?,
            lexicon: if has_lexicon { Some(Lexicon::load(&comparing.dir)?) } else { None },
            weights: Passes::load(&dir_with(weights::FILE_NAME)?)?,
            clause_weights: ClauseWeights::load(&dir_with(clauses::weights::FILE_NAME)?)?,
        };
        verification.map(Verification::finish).transpose()?;
        Ok(loaded)
    }
}

/// Everything that [`Models`] borrows: a worker's own translator, and the tables of all.
pub(crate) struct LoadedModels {
    translator: Box<dyn Translator>,
    tagger: Option<Box<dyn Tagger>>,
    tables: Arc<Tables>,
}

impl LoadedModels {
    /// Loads the translator that was asked for, as one of `workers`, and the tagger that belongs to the tables. Where
    /// both are of one bundle, they share its weights, and its tokenizer with the tables.
    #[cfg(feature = "marian")]
    pub(crate) fn load(tables: &Arc<Tables>, args: &ModelArgs, workers: NonZeroU16) -> Result<Self> {
        let bundle = Bundle::resolve(&args.model)?;
        let settings = settings(args, workers);
        let is_one = bundle.dir == tables.dir;
        let tokenizer = || Some(Arc::clone(&tables.tokenizer));
        let translator = Marian::load_with(&bundle.dir, tokenizer().filter(|_| is_one), settings)?;
        let has_tagger = tables.dir.join(tagger::FILE_NAME).is_file();
        let tagger = has_tagger.then(|| {
            if is_one {
                return MarianTagger::beside(&translator);
            }
            MarianTagger::load_with(&tables.dir, tokenizer(), settings)
        });
        let tagger = tagger.transpose()?.map(|tagger| Box::new(tagger) as _);
        Ok(Self { translator: Box::new(translator), tagger, tables: Arc::clone(tables) })
    }

    /// A program without the feature `marian` has neither.
    #[cfg(not(feature = "marian"))]
    pub(crate) fn load(tables: &Arc<Tables>, args: &ModelArgs, workers: NonZeroU16) -> Result<Self> {
        Ok(Self { translator: translator(args, workers)?, tagger: None, tables: Arc::clone(tables) })
    }

    pub(crate) fn borrow(&mut self) -> Models<'_> {
        let tables = &*self.tables;
        Models {
            translator: self.translator.as_mut(),
            tokenizer: &tables.tokenizer,
            embeddings: &tables.embeddings,
            lexicon: tables.lexicon.as_ref(),
            tagger: self.tagger.as_mut().map(|tagger| tagger.as_mut() as _),
            weights: &tables.weights,
            clause_weights: &tables.clause_weights,
        }
    }
}

/// The translator that was asked for, as one of `workers` that share the cores.
#[cfg(feature = "marian")]
pub(crate) fn translator(args: &ModelArgs, workers: NonZeroU16) -> Result<Box<dyn Translator>> {
    let bundle = Bundle::resolve(&args.model)?;
    Ok(Box::new(Marian::load(&bundle.dir, settings(args, workers))?))
}

#[cfg(feature = "marian")]
fn settings(args: &ModelArgs, workers: NonZeroU16) -> marian::Settings {
    let device = match args.device {
        args::Device::Cpu => marian::Device::Cpu,
        args::Device::Cuda => marian::Device::Cuda,
    };
    let threads = args.threads.map_or(marian::Settings::default().threads, usize::from);
    marian::Settings { threads: (threads / usize::from(workers.get())).max(1), device }
}

/// A program without the feature `marian` reads and evaluates, but cannot translate.
#[cfg(not(feature = "marian"))]
pub(crate) fn translator(args: &ModelArgs, _: NonZeroU16) -> Result<Box<dyn Translator>> {
    Err(without_marian(Bundle::resolve(&args.model)?.dir))
}

#[cfg(not(feature = "marian"))]
fn without_marian(dir: PathBuf) -> mtalign::error::Error {
    let what = "this program was built without the feature `marian`, so it cannot translate".to_owned();
    mtalign::error::Error::Model { dir, what, source: None }
}
