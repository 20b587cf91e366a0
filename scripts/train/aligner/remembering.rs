//! A translator and a tagger with a cache in a folder: training asks the same questions from run to run.

use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    fs::{self, File, OpenOptions},
    hash::{Hash, Hasher},
    io::Write,
    path::Path,
};

use anyhow::{Context, Result};
use mtalign::{
    both::Both,
    document::Translation,
    error,
    progress::Progress,
    tokenizer::PieceId,
    translate::{
        Forced, ForcedScore, Translator,
        tagger::{Linked, PairPieces, Tagger},
    },
};
use serde::{Serialize, de::DeserializeOwned};

/// The number of questions that are asked before their answers are written.
const BATCH: usize = 1000;

/// A source and the sentences of a target.
type ForcedPair = (String, Vec<String>);

/// A translator that is asked only what is not in its cache.
pub(crate) struct Remembering<T> {
    translator: T,
    translations: Answers<String, String>,
    scores: Answers<ForcedPair, Vec<(f32, usize)>>,
}

impl<T: Translator> Remembering<T> {
    /// Keeps the cache in `folder`, apart for each model. Fails if the folder cannot be made or read.
    pub(crate) fn new(translator: T, folder: &Path) -> Result<Self> {
        let folder = folder.join(translator.fingerprint().replace(|c: char| !c.is_alphanumeric(), "-"));
        fs::create_dir_all(&folder).with_context(|| format!("making the folder `{}`", folder.display()))?;
        Ok(Self {
            translations: Answers::open(&folder.join("translations.jsonl"))?,
            scores: Answers::open(&folder.join("scores.jsonl"))?,
            translator,
        })
    }
}

impl<T: Translator> Translator for Remembering<T> {
    fn fingerprint(&self) -> String {
        self.translator.fingerprint()
    }

    /// Translations from the cache, which keeps the texts only.
    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> error::Result<Vec<Translation>> {
        let questions: Vec<String> = sources.iter().map(|&source| source.to_owned()).collect();
        let answers = self.translations.of(&questions, |open| {
            let sources: Vec<&str> = open.iter().map(|source| source.as_str()).collect();
            let translations = self.translator.translate(&sources, progress)?;
            Ok(translations.into_iter().map(|translation| translation.text).collect())
        })?;
        Ok(answers.into_iter().map(|text| Translation { text, log_prob: 0.0, flaw: None }).collect())
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> error::Result<Vec<Vec<ForcedScore>>> {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
        let questions: Vec<ForcedPair> =
            pairs.iter().map(|pair| (pair.source.to_owned(), owned(pair.target))).collect();
        let answers = self.scores.of(&questions, |open| {
            let targets: Vec<Vec<&str>> =
                open.iter().map(|(_, target)| target.iter().map(String::as_str).collect()).collect();
            let pairs: Vec<_> =
                open.iter().zip(&targets).map(|((source, _), target)| Forced { source, target }).collect();
            let scores = self.translator.log_probs(&pairs)?;
            Ok(scores.into_iter().map(|of| of.into_iter().map(|s| (s.log_prob, s.pieces)).collect()).collect())
        })?;
        let score = |(log_prob, pieces)| ForcedScore { log_prob, pieces };
        Ok(answers.into_iter().map(|scores| scores.into_iter().map(score).collect()).collect())
    }
}

/// The pieces of each sentence.
type Sentences = Vec<Vec<PieceId>>;

/// A tagger that is asked only what is not in its cache.
pub(crate) struct RememberingTags<T> {
    tagger: T,
    tags: Answers<Pieces, (Vec<f32>, Vec<f32>)>,
    links: Answers<Pieces, TagsAndLinks>,
}

/// The pieces of both sides of a pair.
type Pieces = (Sentences, Sentences);

/// Tags of both sides, then links of both sides.
type TagsAndLinks = [(Vec<f32>, Vec<Vec<f32>>); 2];

impl<T: Tagger> RememberingTags<T> {
    /// Keeps the cache in `folder`, apart for each tagger; `file` is where this one was read from.
    pub(crate) fn new(tagger: T, file: &Path, folder: &Path) -> Result<Self> {
        let bytes = fs::read(file).with_context(|| format!("reading `{}`", file.display()))?;
        let mut hash = DefaultHasher::new();
        bytes.hash(&mut hash);
        let file = |kind: &str| folder.join(format!("{kind}-{:016x}.jsonl", hash.finish()));
        Ok(Self { tagger, tags: Answers::open(&file("tags"))?, links: Answers::open(&file("links"))? })
    }
}

impl<T: Tagger> Tagger for RememberingTags<T> {
    fn fingerprint(&self) -> String {
        self.tagger.fingerprint()
    }

    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> error::Result<Vec<Both<Vec<f32>>>> {
        let answers = self.tags.of(&owned(pairs), |open| {
            let tags = self.tagger.tag(&borrowed(open))?;
            Ok(tags.into_iter().map(|tags| (tags.source, tags.target)).collect())
        })?;
        Ok(answers.into_iter().map(|(source, target)| Both::new(source, target)).collect())
    }

    fn link(&mut self, pairs: &[PairPieces<'_>]) -> error::Result<Vec<Linked>> {
        let answers = self.links.of(&owned(pairs), |open| {
            let of_pair = |of: Linked| [(of.tags.source, of.links.source), (of.tags.target, of.links.target)];
            Ok(self.tagger.link(&borrowed(open))?.into_iter().map(of_pair).collect())
        })?;
        let of_pair = |[source, target]: TagsAndLinks| Linked {
            tags: Both::new(source.0, target.0),
            links: Both::new(source.1, target.1),
        };
        Ok(answers.into_iter().map(of_pair).collect())
    }
}

/// The pairs as they are kept.
fn owned(pairs: &[PairPieces<'_>]) -> Vec<Pieces> {
    pairs.iter().map(|pair| (pair.source.to_vec(), pair.target.to_vec())).collect()
}

/// The pairs as the tagger is asked about them.
fn borrowed<'a>(pairs: &[&'a Pieces]) -> Vec<PairPieces<'a>> {
    pairs.iter().map(|(source, target)| Both::new(&source[..], &target[..])).collect()
}

/// A cache: questions and answers, one JSON array of both a line.
struct Answers<Q, A> {
    known: HashMap<Q, A>,
    file: File,
}

impl<Q, A> Answers<Q, A>
where
    Q: Serialize + DeserializeOwned + Clone + Ord + std::hash::Hash,
    A: Serialize + DeserializeOwned + Clone,
{
    fn open(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create(true).append(true).read(true).open(path);
        let file = file.with_context(|| format!("opening `{}`", path.display()))?;
        // A line that was cut short by the end of a run is asked again.
        let known = fs::read_to_string(path)?.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        Ok(Self { known, file })
    }

    fn of(&mut self, questions: &[Q], mut ask: impl FnMut(&[&Q]) -> error::Result<Vec<A>>) -> error::Result<Vec<A>> {
        let mut open: Vec<&Q> = questions.iter().filter(|question| !self.known.contains_key(question)).collect();
        open.sort();
        open.dedup();
        for batch in open.chunks(BATCH) {
            let mut lines = String::new();
            for (&question, answer) in batch.iter().zip(ask(batch)?) {
                lines += &serde_json::to_string(&(question, &answer)).expect("texts and numbers are JSON");
                lines.push('\n');
                self.known.insert(question.clone(), answer);
            }
            if let Err(error) = self.file.write_all(lines.as_bytes()) {
                eprintln!("answers are not kept: {error}");
            }
        }
        Ok(questions.iter().map(|question| self.known[question].clone()).collect())
    }
}
