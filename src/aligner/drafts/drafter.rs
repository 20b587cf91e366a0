//! A model that only makes drafts.

use std::sync::Arc;

use super::{Drafting, draft};
use crate::{
    aligner::load,
    document::{Sentences, Translation},
    error::Result,
    lexicon::Vocabulary,
    progress::Progress,
    tokenizer::Tokenizer,
    translate::{Compute, Engine, cache::Cache},
};

/// A translator, and the tagger that reads its drafts where there is one. One thread works with it.
pub struct Drafter {
    engine: Box<dyn Engine>,
    /// The tokenizer whose pieces the tagger knows, where there is one.
    tokenizer: Option<Arc<Tokenizer>>,
}

impl Drafter {
    /// Loads a model, by the name or the folder of its bundle; with a cache, when it is first needed. A model without a
    /// tagger has that of the default bundle, where there is one.
    ///
    /// Fails if a file is missing or damaged, and names it. A program without the feature `marian` can load none.
    pub fn load(model: &str, compute: Compute, cache: Option<&Cache>) -> Result<Self> {
        let folder = load::bundle_of_tagger(model)?;
        let vocabulary = folder.as_deref().map(Vocabulary::load).transpose()?;
        let engine = load::engine(model, folder.as_deref().zip(vocabulary.as_ref()), compute, cache)?;
        Ok(Self { engine, tokenizer: vocabulary.map(|vocabulary| vocabulary.tokenizer) })
    }

    /// Translates each sentence by a beam of this width; of width 1 it is greedy. Fails if a network does.
    pub fn draft(&mut self, sentences: &Sentences, beam: usize, progress: &dyn Progress) -> Result<Vec<Translation>> {
        let (translator, tagger) = self.engine.parts();
        draft(sentences, Drafting::new(translator, self.tokenizer.as_deref(), tagger), beam, progress)
    }
}
