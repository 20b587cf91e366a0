//! The models that a command line asks for, loaded.

use std::{num::NonZeroU16, sync::Arc};

use mtalign::{
    bundle::{Bundle, DEFAULT_MODEL, Verification},
    error::Result,
    pipeline::Models,
    similarity::{ClauseWeights, Embeddings, Lexicon, Passes, clauses, embeddings, lexicon, weights},
    tokenizer::Tokenizer,
    translate::Translator,
};

use crate::args::ModelArgs;

/// What every worker reads and none changes.
pub(crate) struct Tables {
    tokenizer: Tokenizer,
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
            tokenizer: Tokenizer::load(&comparing.dir)?,
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
    tables: Arc<Tables>,
}

impl LoadedModels {
    /// Loads the translator that was asked for, as one of `workers`.
    pub(crate) fn load(tables: &Arc<Tables>, args: &ModelArgs, workers: NonZeroU16) -> Result<Self> {
        Ok(Self { translator: translator(args, workers)?, tables: Arc::clone(tables) })
    }

    pub(crate) fn borrow(&mut self) -> Models<'_> {
        let tables = &*self.tables;
        Models {
            translator: self.translator.as_mut(),
            tokenizer: &tables.tokenizer,
            embeddings: &tables.embeddings,
            lexicon: tables.lexicon.as_ref(),
            weights: &tables.weights,
            clause_weights: &tables.clause_weights,
        }
    }
}

/// The translator that was asked for, as one of `workers` that share the cores.
#[cfg(feature = "marian")]
pub(crate) fn translator(args: &ModelArgs, workers: NonZeroU16) -> Result<Box<dyn Translator>> {
    use mtalign::translate::marian::{Device, Marian, Settings};

    use crate::args;

    let bundle = Bundle::resolve(&args.model)?;
    let device = match args.device {
        args::Device::Cpu => Device::Cpu,
        args::Device::Cuda => Device::Cuda,
    };
    let threads = args.threads.map_or(Settings::default().threads, usize::from);
    let threads = (threads / usize::from(workers.get())).max(1);
    Ok(Box::new(Marian::load(&bundle.dir, Settings { threads, device })?))
}

/// A program without the feature `marian` reads and evaluates, but cannot translate.
#[cfg(not(feature = "marian"))]
pub(crate) fn translator(args: &ModelArgs, _: NonZeroU16) -> Result<Box<dyn Translator>> {
    let dir = Bundle::resolve(&args.model)?.dir;
    let what = "this program was built without the feature `marian`, so it cannot translate".to_owned();
    Err(mtalign::error::Error::Model { dir, what, source: None })
}
