//! The loading of a bundle's tables and networks.

use std::path::{Path, PathBuf};

use super::run::Models;
use crate::{
    bundle::{Bundle, CheckItem, DEFAULT_MODEL, Verification, fingerprint},
    error::{Error, Result},
    evidence::{ClauseWeights, Embeddings, Passes, Scorer},
    lexicon::Vocabulary,
    manifest::BundleFile,
    threads::side_by_side,
    tokenizer::Tokenizer,
    translate::{Compute, Engine, Tagger, Translator, cache::Cache},
};

/// The tables of a bundle, which every worker reads and none changes.
pub struct Tables {
    /// The bundle whose pieces the tables are of.
    dir: PathBuf,
    vocabulary: Vocabulary,
    embeddings: Embeddings,
    passes: Passes,
    clause_weights: ClauseWeights,
    scorer: Scorer,
    /// The files that alignments depend on.
    files: Vec<PathBuf>,
}

impl Tables {
    /// Loads the tables of a bundle; those of the default one, with its tokenizer, where it brings no embeddings (a
    /// model from elsewhere). Fails if a file is missing or damaged.
    pub fn load(model: &str) -> Result<Self> {
        let bundle = Bundle::resolve(model)?;
        let has_embeddings = bundle.has(BundleFile::Embeddings);
        let comparing = if has_embeddings { bundle } else { Bundle::resolve(DEFAULT_MODEL)? };
        let with = |file| if comparing.has(file) { Ok(comparing.clone()) } else { Bundle::resolve(DEFAULT_MODEL) };
        // The translator's own bundle is verified as the translator is loaded.
        let verification = if has_embeddings { None } else { Some(Verification::start(&comparing.dir)?) };
        let (aligner, coverage) = (with(BundleFile::Aligner)?.dir, with(BundleFile::Coverage)?.dir);
        let dir = &comparing.dir;
        let (embeddings, vocabulary) = side_by_side(|| Embeddings::load(dir), || Vocabulary::load(dir));
        let failed = |panic| Err(Error::model_because(dir, "its embeddings cannot be loaded", panic));
        let loaded = Self {
            files: vec![
                aligner.join(BundleFile::Aligner),
                coverage.join(BundleFile::Coverage),
                comparing.dir.join(BundleFile::Embeddings),
                comparing.dir.join(BundleFile::Lexicon),
                comparing.dir.join(BundleFile::Vocabulary),
            ],
            vocabulary: vocabulary?,
            embeddings: embeddings.unwrap_or_else(failed)?,
            passes: Passes::load(&aligner)?,
            clause_weights: ClauseWeights::load(&coverage)?,
            scorer: Scorer::load(&with(BundleFile::Scorer)?.dir)?,
            dir: comparing.dir.clone(),
        };
        verification.map(Verification::finish).transpose()?;
        Ok(loaded)
    }

    /// The models for the stages: these tables, and the networks of a worker's own.
    pub fn models<'m>(
        &'m self,
        translator: &'m mut dyn Translator,
        tagger: Option<&'m mut (dyn Tagger + 'm)>,
    ) -> Models<'m> {
        Models {
            translator,
            tagger,
            tokenizer: &self.vocabulary.tokenizer,
            embeddings: &self.embeddings,
            lexicon: self.vocabulary.lexicon.as_deref(),
            passes: &self.passes,
            clause_weights: &self.clause_weights,
            scorer: &self.scorer,
        }
    }

    /// What tells these tables from others. Fails if one of them can no longer be read.
    pub fn fingerprint(&self) -> Result<String> {
        fingerprint(&self.files)
    }

    /// The bundle whose pieces the tables are of.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The passes that the bundle asks for, with their weights.
    pub fn passes(&self) -> &Passes {
        &self.passes
    }

    /// The bundle whose pieces the tables are of, with its vocabulary.
    pub(super) fn known(&self) -> (&Path, &Vocabulary) {
        (&self.dir, &self.vocabulary)
    }

    /// The tokenizer whose pieces all tables are of.
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.vocabulary.tokenizer
    }

    /// The embeddings of the pieces.
    pub fn embeddings(&self) -> &Embeddings {
        &self.embeddings
    }
}

/// Checks that the tables by which the aligner weighs can be loaded, of those that the bundle in `dir` has.
pub fn check_tables(dir: &Path) -> Vec<CheckItem> {
    let load = |file| match file {
        BundleFile::Aligner => Passes::load(dir).map(drop),
        BundleFile::Coverage => ClauseWeights::load(dir).map(drop),
        _ => Scorer::load(dir).map(drop),
    };
    let tables = [BundleFile::Aligner, BundleFile::Coverage, BundleFile::Scorer];
    let there = tables.into_iter().filter(|file| dir.join(file).is_file());
    there.map(|file| CheckItem::of(file.name(), &load(file), "its numbers are as wanted")).collect()
}

/// The bundle whose tagger reads beside a model: its own, or the default one's where it has none; none where that is not
/// to be had.
pub(super) fn bundle_of_tagger(model: &str) -> Result<Option<PathBuf>> {
    let bundle = Bundle::resolve(model)?;
    let own = bundle.has(BundleFile::Tagger).then_some(bundle);
    let default = || Bundle::resolve(DEFAULT_MODEL).ok().filter(|default| default.has(BundleFile::Tagger));
    Ok(own.or_else(default).map(|bundle| bundle.dir))
}

/// Loads the networks of a model, and the tagger, if any, in the folder whose vocabulary is known; with a cache, when they
/// are first needed.
#[cfg(feature = "marian")]
pub(super) fn engine(
    model: &str,
    known: Option<(&Path, &Vocabulary)>,
    compute: Compute,
    cache: Option<&Cache>,
) -> Result<Box<dyn Engine>> {
    use crate::translate::{
        cache::{CachedEngine, Fingerprints},
        marian::{Marian, MarianEngine, MarianTagger},
    };
    let dir = Bundle::resolve(model)?.dir;
    let known = known.map(|(folder, vocabulary)| (folder.to_owned(), vocabulary.clone()));
    let has_tagger = |folder: &PathBuf| folder.join(BundleFile::Tagger).is_file();
    let tagger = known.as_ref().map(|(folder, _)| folder.clone()).filter(has_tagger);
    let (folder, tagger_folder) = (dir.clone(), tagger.clone());
    let load = move || {
        let known = known.as_ref().map(|(folder, vocabulary)| (folder.as_path(), vocabulary));
        let engine = MarianEngine::load(&folder, tagger_folder.as_deref(), known, compute)?;
        Ok(Box::new(engine) as Box<dyn Engine>)
    };
    let Some(cache) = cache else { return load() };
    let digests = Verification::start(&dir)?.finish()?;
    let of_tagger = |folder: PathBuf| {
        let own = if folder == dir { digests.clone() } else { Verification::start(&folder)?.finish()? };
        Ok(MarianTagger::fingerprint_of(&own, compute))
    };
    let fingerprints = Fingerprints {
        translator: Marian::fingerprint_of(&digests, compute),
        tagger: tagger.map(of_tagger).transpose()?,
    };
    Ok(Box::new(CachedEngine::waiting(fingerprints, load, cache.clone())))
}

/// Fails: a program without the feature `marian` reads and evaluates, but has no translator.
#[cfg(not(feature = "marian"))]
pub(super) fn engine(
    model: &str,
    _: Option<(&Path, &Vocabulary)>,
    _: Compute,
    _: Option<&Cache>,
) -> Result<Box<dyn Engine>> {
    let what = "this program was built without the feature `marian`, so it cannot translate";
    Err(Bundle::resolve(model).map_or_else(|error| error, |bundle| Error::model(&bundle.dir, what)))
}
