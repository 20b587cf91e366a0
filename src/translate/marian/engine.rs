//! Engines of bundles: a translator and a tagger over weights that are in memory once.

use std::path::Path;

use super::{Marian, MarianTagger};
use crate::{
    error::Result,
    lexicon::Vocabulary,
    translate::{Compute, Engine, Tagger, Translator},
};

/// The translator and the tagger of one worker.
pub struct MarianEngine {
    translator: Marian,
    tagger: Option<MarianTagger>,
}

impl MarianEngine {
    /// Loads the translator in `dir` and the tagger in the folder `tagger`, if any. Where both are in one folder, they
    /// share its networks; where the vocabulary that is `known` is of their folder, that too.
    pub fn load(
        dir: &Path,
        tagger: Option<&Path>,
        known: Option<(&Path, &Vocabulary)>,
        compute: Compute,
    ) -> Result<Self> {
        let of = |dir: &Path| known.filter(|known| known.0 == dir).map(|known| known.1.clone());
        let translator = Marian::load_with(dir, of(dir), compute)?;
        let tagger = tagger.map(|folder| {
            if folder == dir {
                MarianTagger::beside(&translator)
            } else {
                MarianTagger::load_with(folder, of(folder), compute)
            }
        });
        Ok(Self { tagger: tagger.transpose()?, translator })
    }
}

impl Engine for MarianEngine {
    fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>) {
        (&mut self.translator, self.tagger.as_mut().map(|tagger| tagger as &mut dyn Tagger))
    }

    fn worker(&self) -> Result<Box<dyn Engine>> {
        let translator = self.translator.worker()?;
        let tagger = self.tagger.as_ref().map(|tagger| tagger.worker(&self.translator, &translator)).transpose()?;
        Ok(Box::new(Self { translator, tagger }))
    }
}
