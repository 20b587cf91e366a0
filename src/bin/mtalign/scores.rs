//! The rows of corpora, with a confidence for the pairs that bring none.

use std::{
    cell::Cell,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use mtalign::{
    Aligner,
    aligner::in_order,
    dataset::{
        Candidate, Unjudged,
        read::{Corpus, Row, Rows},
    },
    error::{Error, Result, panic},
    progress::Progress,
};

use crate::{args::DatasetArgs, cache, commands::tell};

/// The number of rows that are scored together.
const CHUNK: usize = 256;

/// What a panic over pairs is told to be over.
const CORPORA: &str = "pairs of corpora";

/// Hands each row of the corpora to `done`, in order; those pairs that `args` ask it for have a score for their
/// confidence. The model is loaded for the first of them.
pub(crate) fn scored(
    corpora: &[Corpus],
    args: &DatasetArgs,
    progress: &dyn Progress,
    mut done: impl FnMut(Row) -> Result<()>,
) -> Result<()> {
    let loaded = Mutex::new(None);
    let unscored = AtomicUsize::new(0);
    let worker = || {
        let (mut unjudged, mut aligner) = (Unjudged::new(args.settings()), None);
        let (loaded, unscored) = (&loaded, &unscored);
        Ok(move |chunk: Result<Vec<Row>>| {
            let mut rows = chunk?;
            let mut asked: Vec<&mut Candidate> = rows
                .iter_mut()
                .filter_map(|row| if let Row::Pair(candidate) = row { Some(candidate) } else { None })
                .filter(|candidate| candidate.confidence.is_none() && args.scores(candidate, &mut unjudged))
                .collect();
            if asked.is_empty() {
                return Ok(Scored { rows, n_scored: 0 });
            }
            if !cfg!(feature = "marian") && !args.score_only {
                unscored.fetch_add(asked.len(), Ordering::Relaxed);
                return Ok(Scored { rows, n_scored: 0 });
            }
            let pairs: Vec<(&str, &str)> = asked.iter().map(|pair| (pair.zh.as_str(), pair.en.as_str())).collect();
            let scoring = match &mut aligner {
                Some(aligner) => aligner,
                none => none.insert(another(loaded, args)?),
            };
            let found = scoring.score(&pairs)?;
            let n_scored = found.len();
            for (candidate, score) in asked.iter_mut().zip(found) {
                candidate.confidence = Some(score);
            }
            Ok(Scored { rows, n_scored })
        })
    };
    let n_scored = Cell::new(0);
    let hand_over = |scored: Result<Scored>| {
        let scored = scored?;
        if scored.n_scored > 0 {
            cache::tell_trouble(&args.run.model, &args.run.verbosity);
            n_scored.set(n_scored.get() + scored.n_scored);
            progress.pairs(n_scored.get());
        }
        scored.rows.into_iter().try_for_each(&mut done)
    };
    let chunks = Chunks { corpora: corpora.iter(), rows: None, failed: None, has_ended: false };
    let name = |_: &Result<Vec<Row>>| CORPORA.to_owned();
    in_order(chunks, NonZeroUsize::from(args.run.jobs), name, worker, hand_over)?;
    progress.end();
    let unscored = unscored.into_inner();
    if unscored > 0 {
        let why = "this program was built without the feature `marian`";
        tell(&args.run.verbosity, |out| {
            writeln!(out, "note: {unscored} pairs without a confidence are not judged: {why}")
        });
    }
    Ok(())
}

/// Rows, and how many of them were scored.
struct Scored {
    rows: Vec<Row>,
    n_scored: usize,
}

/// Another aligner over the weights that the first worker to ask for one loads.
fn another(loaded: &Mutex<Option<Aligner>>, args: &DatasetArgs) -> Result<Aligner> {
    let mut loaded = loaded.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(first) = loaded.as_ref() {
        return first.worker();
    }
    let first = cache::load(&args.run.model, args.run.model.compute(args.run.jobs))?;
    let worker = first.worker();
    *loaded = Some(first);
    worker
}

/// The rows of corpora, some at a time; nothing comes after an error.
struct Chunks<'a> {
    corpora: std::slice::Iter<'a, Corpus>,
    rows: Option<Rows>,
    /// The error that ends the rows, until it is handed over.
    failed: Option<Error>,
    has_ended: bool,
}

impl Iterator for Chunks<'_> {
    type Item = Result<Vec<Row>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut chunk = Vec::new();
        while chunk.len() < CHUNK && !self.has_ended {
            let next = match (&mut self.rows, self.corpora.as_slice().first()) {
                (Some(rows), _) => panic::guard(CORPORA, || rows.next().transpose()).transpose(),
                (None, None) => break,
                (None, Some(corpus)) => {
                    self.corpora.next();
                    match corpus.rows() {
                        Ok(rows) => {
                            self.rows = Some(rows);
                            continue;
                        }
                        Err(error) => Some(Err(error)),
                    }
                }
            };
            match next {
                Some(Ok(row)) => chunk.push(row),
                Some(Err(error)) => {
                    // What was read before it is handed over first.
                    (self.failed, self.has_ended) = (Some(error), true);
                    break;
                }
                None => self.rows = None,
            }
        }
        if chunk.is_empty() { self.failed.take().map(Err) } else { Some(Ok(chunk)) }
    }
}
