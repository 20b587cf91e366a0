//! The front door of the library: texts in, their aligned pairs and their coverage out.
//!
//! An [`Aligner`] is a model in memory with all that comparing needs. It works on one text at a time; another
//! [`worker`](Aligner::worker) over the same weights is cheap, for another thread.

mod answers;
mod clause_hints;
mod drafts;
mod first_pass;
mod forced;
mod load;
mod moved;
mod parallel;
mod passes;
mod pinned;
mod run;
mod score;
mod shortlist;
mod surroundings;

use std::sync::Arc;

use self::drafts::Drafting;
pub use self::{
    answers::Answers,
    drafts::Drafter,
    load::check_tables,
    parallel::{in_order, in_order_as_they_come, one_by_one},
    run::{PinnedBeads, Settings, rerun},
};
#[cfg(feature = "train")]
pub use self::{
    clause_hints::comparable,
    drafts::{Reader, is_gap},
    first_pass::{FirstPass, first_pass},
    forced::forced_gains,
    load::Tables,
    passes::judge,
    run::{Models, pieces, run, translate, vectors},
    score::pair_features,
    shortlist::{Judges, Shortlist},
};
#[cfg(not(feature = "train"))]
use self::{
    load::Tables,
    run::{Models, run},
};
pub use crate::coverage::checks::Consistency;
use crate::{
    both::Both,
    document::{AlignedDocument, CoverageReport, Document, Sentences, Translation},
    error::{Error, Result},
    ingest::{self, Layout},
    progress::Progress,
    segment::{Segmentation, segment},
    threads::with_threads,
    translate::{Compute, Engine, cache::Cache},
};

/// The width of the beam search for translations that people read.
pub const READERS_BEAM: usize = 4;

/// A pair of an alignment: Chinese sentences and the English ones that translate them.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedPair {
    /// The Chinese side: one sentence or several, on one line.
    pub zh: String,
    /// The English side: one sentence or several, on one line.
    pub en: String,
    /// The posterior probability of exactly this pair, 0..=1.
    pub confidence: f64,
}

/// A sentence aligner for Chinese texts and their English translations.
///
/// The example is that of the [crate].
pub struct Aligner {
    tables: Arc<Tables>,
    engine: Box<dyn Engine>,
    /// The threads that it works with.
    threads: usize,
}

impl Aligner {
    /// Loads a model, by the name or the folder of its bundle, to run on every core. Tables that the bundle lacks are
    /// those of the default one.
    ///
    /// Fails if a file is missing or damaged, and names it. A program without the feature `marian` can load none.
    pub fn load(model: &str) -> Result<Self> {
        Self::load_with(model, Compute::default())
    }

    /// Loads a model to run on the cores or the device of `compute`, and otherwise as [`Aligner::load`] does.
    pub fn load_with(model: &str, compute: Compute) -> Result<Self> {
        Self::load_from(model, compute, None)
    }

    /// Loads a model whose answers are kept in a cache on disk, and otherwise as [`Aligner::load_with`] does. The networks
    /// are loaded when something is asked that the cache does not answer. Without a cache nothing is ever written.
    pub fn load_with_cache(model: &str, compute: Compute, cache: &Cache) -> Result<Self> {
        Self::load_from(model, compute, Some(cache))
    }

    fn load_from(model: &str, compute: Compute, cache: Option<&Cache>) -> Result<Self> {
        let tables = Arc::new(Tables::load(model)?);
        let threads = compute.threads;
        let engine = load::engine(model, Some(tables.known()), compute, cache)?;
        Ok(Self { tables, engine, threads })
    }

    /// Loads the tables of a model, to be used with a translator of the caller's own, on every core.
    pub fn with_engine(model: &str, engine: Box<dyn Engine>) -> Result<Self> {
        Ok(Self { tables: Arc::new(Tables::load(model)?), engine, threads: Compute::default().threads })
    }

    /// What the answers depend on beside the texts and the settings: the models and the tables, and the code that was built
    /// to use them.
    ///
    /// Fails if a table can no longer be read.
    pub fn fingerprint(&mut self) -> Result<String> {
        let tables = self.tables.fingerprint()?;
        let (translator, tagger) = self.engine.parts();
        let tagger = tagger.map_or_else(String::new, |tagger| tagger.fingerprint());
        Ok(format!("{}:{tagger}:{tables}:{}", translator.fingerprint(), env!("MTALIGN_CODE")))
    }

    /// Makes another aligner over the same weights and tables, for another thread.
    pub fn worker(&self) -> Result<Self> {
        Ok(Self { tables: Arc::clone(&self.tables), engine: self.engine.worker()?, threads: self.threads })
    }

    /// Aligns two texts of running prose, and returns the pairs in their order. Sentences without a counterpart are
    /// in none.
    ///
    /// Fails if one of the texts has no word of its language.
    pub fn align(&mut self, zh: &str, en: &str) -> Result<Vec<AlignedPair>> {
        let document = ingest::from_texts("", Both::new(zh, en), Layout::Prose)?;
        Ok(pairs(&self.align_document(&document)?))
    }

    /// Aligns two texts that are cut into sentences already, and returns the pairs in their order. Each item is one
    /// sentence, whatever it holds.
    pub fn align_sentences<T: AsRef<str>>(&mut self, zh: &[T], en: &[T]) -> Result<Vec<AlignedPair>> {
        let document = ingest::from_sentences("", Both::new(zh, en))?;
        let settings = Settings { segmentation: Segmentation::Lines, ..Settings::default() };
        Ok(pairs(&self.align_document_with(&document, &settings, &())?))
    }

    /// Measures the coverage of two texts of running prose: what of each has a counterpart in the other. A text
    /// without a word of its language is not covered, and covers nothing.
    pub fn coverage(&mut self, zh: &str, en: &str) -> Result<CoverageReport> {
        let document = ingest::from_texts_or_nothing("", Both::new(zh, en), Layout::Prose)?;
        Ok(self.align_document(&document)?.coverage)
    }

    /// Aligns a document with the default settings, and measures its coverage.
    pub fn align_document(&mut self, document: &Document) -> Result<AlignedDocument> {
        self.align_document_with(document, &Settings::default(), &())
    }

    /// Aligns a document with these settings, measures its coverage, and shows the progress.
    pub fn align_document_with(
        &mut self,
        document: &Document,
        settings: &Settings<'_>,
        progress: &dyn Progress,
    ) -> Result<AlignedDocument> {
        with_threads(self.threads, || run(document, settings, &mut self.models(), progress))
    }

    /// Scores pairs, each a Chinese text and an English one: the probability that they translate each other, 0..=1,
    /// where right pairs and wrong ones are as frequent. What lacks a side has 0. A score depends on its pair alone.
    ///
    /// Fails if the model lacks what scores need, or a network fails.
    pub fn score<T: AsRef<str>>(&mut self, pairs: &[(T, T)]) -> Result<Vec<f64>> {
        let texts: Vec<_> = pairs.iter().map(|(zh, en)| Both::new(zh.as_ref(), en.as_ref())).collect();
        let tables = self.tables.dir().to_owned();
        let mut models = self.models();
        if !score::can_score(&models) {
            return Err(Error::model(&tables, "it has no lexicon or no tagger, without which pairs are not scored"));
        }
        score::score(&texts, &mut models)
    }

    /// Translates a Chinese text of running prose, sentence by sentence, as people read it: by a beam of
    /// [`READERS_BEAM`].
    pub fn translate(&mut self, zh: &str) -> Result<Vec<Translation>> {
        let document = ingest::from_texts_or_nothing("", Both::new(zh, ""), Layout::Prose)?;
        self.draft(&segment(&document.sides.source, Segmentation::Punctuation), READERS_BEAM, &())
    }

    /// Translates each sentence by a beam of this width; of width 1 it is greedy.
    pub fn draft(&mut self, sentences: &Sentences, beam: usize, progress: &dyn Progress) -> Result<Vec<Translation>> {
        drafts::draft(sentences, Drafting::of(&mut self.models()), beam, progress)
    }

    /// The models that the stages work with.
    fn models(&mut self) -> Models<'_> {
        let (translator, tagger) = self.engine.parts();
        self.tables.models(translator, tagger)
    }
}

fn pairs(document: &AlignedDocument) -> Vec<AlignedPair> {
    let pairs = document.alignment.beads().iter().filter(|bead| bead.is_pair());
    let pair = |bead: &crate::bead::Bead| {
        let texts = document.sentences.as_ref().zip(bead.runs).map(|(side, run)| side.run_text(run).into_owned());
        AlignedPair { zh: texts.source, en: texts.target, confidence: bead.confidence }
    };
    pairs.map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::canned::{Canned, CannedEngine};

    const TABLE: &str = "下雨了。\tIt rained.\n他没带伞。\tHe had no umbrella.\n";

    fn aligner() -> Aligner {
        let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/models/zh-en");
        let engine = CannedEngine { translator: Canned::parse("table", TABLE).unwrap(), tagger: None };
        Aligner::with_engine(bundle, Box::new(engine)).unwrap()
    }

    fn texts(pairs: &[AlignedPair]) -> Vec<(&str, &str)> {
        assert!(pairs.iter().all(|pair| (0.5..=1.0).contains(&pair.confidence)), "{pairs:?}");
        pairs.iter().map(|pair| (pair.zh.as_str(), pair.en.as_str())).collect()
    }

    #[test]
    fn two_texts_become_pairs_whether_they_are_cut_into_sentences_or_not() {
        let expected = [("下雨了。", "It rained."), ("他没带伞。", "He had no umbrella.")];
        let mut aligner = aligner();
        let prose = aligner.align("下雨了。他没带伞。", "It rained. He had no umbrella.").unwrap();
        assert_eq!(texts(&prose), expected);
        // A sentence that holds a line end is one sentence still.
        let (zh, en) = (["下雨了。", "他没带伞。"], ["It\nrained.", "He had no umbrella."]);
        let cut = aligner.worker().unwrap().align_sentences(&zh, &en).unwrap();
        assert_eq!(texts(&cut), expected);
    }

    #[test]
    fn what_is_missing_is_not_covered_and_one_text_alone_is_not_covered_at_all() {
        let mut aligner = aligner();
        let covered = |report: CoverageReport| report.sides.map(|side| (side.sentences.covered, side.sentences.total));
        assert_eq!(covered(aligner.coverage("下雨了。他没带伞。", "It rained.").unwrap()), Both::new((1, 2), (1, 1)));
        assert_eq!(covered(aligner.coverage("下雨了。", "").unwrap()), Both::new((0, 1), (0, 0)));
        assert!(aligner.align("下雨了。", "").is_err());
    }

    #[test]
    fn pairs_are_scored_each_by_itself() {
        let bundle = concat!(env!("CARGO_MANIFEST_DIR"), "/models/zh-en");
        let tokenizer = crate::tokenizer::Tokenizer::load(bundle.as_ref()).unwrap();
        let tagger = crate::translate::canned::CannedTagger::new(TABLE, &tokenizer);
        let engine = CannedEngine { translator: Canned::parse("table", TABLE).unwrap(), tagger: Some(tagger) };
        let mut aligner = Aligner::with_engine(bundle, Box::new(engine)).unwrap();
        let pairs = [
            ("下雨了。", "It rained."),
            ("下雨了。", "He had no umbrella."),
            ("", "It rained."),
            ("他没带伞。", "He had no umbrella."),
        ];
        let together = aligner.score(&pairs).unwrap();
        assert!(together[0] > together[1] && together[3] > together[1], "{together:?}");
        assert!(together[2].abs() < 1e-9, "a pair without a side is none");
        for (pair, score) in pairs.iter().zip(&together) {
            let alone = aligner.score(std::slice::from_ref(pair)).unwrap();
            assert!((alone[0] - score).abs() < 1e-6, "{pair:?}: {alone:?} alone, {score} with others");
        }
        assert!(aligner.score::<&str>(&[]).unwrap().is_empty());
        let error = self::tests::aligner().score(&pairs).unwrap_err().to_string();
        assert!(error.contains("no tagger"), "{error}");
    }

    #[test]
    fn sentences_are_translated_in_their_order() {
        let found = aligner().translate("他没带伞。下雨了。").unwrap();
        let found: Vec<&str> = found.iter().map(|translation| translation.text.as_str()).collect();
        assert_eq!(found, ["He had no umbrella.", "It rained."]);
    }
}
