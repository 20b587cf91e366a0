//! The models that a command line asks for, loaded.

use mtalign::{
    bundle::{Bundle, DEFAULT_MODEL, Verification},
    error::Result,
    pipeline::Models,
    similarity::{ClauseWeights, Embeddings, Lexicon, Passes, clauses, embeddings, lexicon, weights},
    tokenizer::Tokenizer,
    translate::Translator,
};

use crate::args::ModelArgs;

/// Everything that [`Models`] borrows.
pub(crate) struct LoadedModels {
    translator: Box<dyn Translator>,
    tokenizer: Tokenizer,
    embeddings: Embeddings,
    lexicon: Option<Lexicon>,
    weights: Passes,
    clause_weights: ClauseWeights,
}

impl LoadedModels {
    /// Loads the translator that was asked for, and the embeddings of its bundle; those of the default bundle, with
    /// its tokenizer, where it brings none (a model from elsewhere).
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
            translator: translator(args)?,
            tokenizer: Tokenizer::load(&comparing.dir)?,
            embeddings: Embeddings::load(&comparing.dir)?,
            lexicon: if has_lexicon { Some(Lexicon::load(&comparing.dir)?) } else { None },
            weights: Passes::load(&dir_with(weights::FILE_NAME)?)?,
            clause_weights: ClauseWeights::load(&dir_with(clauses::weights::FILE_NAME)?)?,
        };
        verification.map(Verification::finish).transpose()?;
        Ok(loaded)
    }

    pub(crate) fn borrow(&mut self) -> Models<'_> {
        Models {
            translator: self.translator.as_mut(),
            tokenizer: &self.tokenizer,
            embeddings: &self.embeddings,
            lexicon: self.lexicon.as_ref(),
            weights: &self.weights,
            clause_weights: &self.clause_weights,
        }
    }
}

/// The translator that was asked for.
#[cfg(feature = "marian")]
pub(crate) fn translator(args: &ModelArgs) -> Result<Box<dyn Translator>> {
    use mtalign::translate::marian::{Device, Marian, Settings};

    use crate::args;

    let bundle = Bundle::resolve(&args.model)?;
    let device = match args.device {
        args::Device::Cpu => Device::Cpu,
        args::Device::Cuda => Device::Cuda,
    };
    let threads = args.threads.map_or(Settings::default().threads, usize::from);
    Ok(Box::new(Marian::load(&bundle.dir, Settings { threads, device })?))
}

/// A program without the feature `marian` reads and evaluates, but cannot translate.
#[cfg(not(feature = "marian"))]
pub(crate) fn translator(args: &ModelArgs) -> Result<Box<dyn Translator>> {
    let dir = Bundle::resolve(&args.model)?.dir;
    let what = "this program was built without the feature `marian`, so it cannot translate".to_owned();
    Err(mtalign::error::Error::Model { dir, what, source: None })
}
