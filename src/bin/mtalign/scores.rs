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
    aligner::in_order_as_they_come,
    dataset::{
        BadLine, Judge,
        read::{Corpus, Row, Rows},
    },
    error::{
        Error, Result,
        panic::{self, Panic},
    },
    feed,
    progress::Progress,
};

use crate::{args::DatasetArgs, cache, commands::tell, report};

/// The number of rows that are scored together.
const CHUNK: usize = 256;

/// What a panic over rows is told to be over, where it is not known which.
const CORPORA: &str = "pairs of corpora";

/// Hands each row of the corpora to `done`, in order; those pairs that `args` ask it for have a score for their
/// confidence. The model is loaded for the first of them. A pair over which the program fails is a bad line, and a corpus
/// in which it does has no more rows: the others go on. Returns the number of such corpora, which were told.
pub(crate) fn scored(
    corpora: &[Corpus],
    args: &DatasetArgs,
    progress: &dyn Progress,
    mut done: impl FnMut(Row) -> Result<()>,
) -> Result<usize> {
    let loaded = Mutex::new(None);
    let unscored = AtomicUsize::new(0);
    let worker = || {
        let (mut judge, mut aligner) = (Judge::new(args.settings()), None);
        let (loaded, unscored) = (&loaded, &unscored);
        Ok(move |chunk: Result<Vec<Row>>| {
            let mut rows = chunk?;
            let is_asked = |row: &Row| match row {
                Row::Pair(pair) => pair.confidence.is_none() && args.scores(pair, &mut judge),
                Row::Bad(_) | Row::Note(_) => false,
            };
            let asked: Vec<bool> = rows.iter().map(is_asked).collect();
            let mut asked: Vec<&mut Row> = rows.iter_mut().zip(asked).filter(|it| it.1).map(|it| it.0).collect();
            if asked.is_empty() {
                return Ok(Scored { rows, n_scored: 0 });
            }
            if !cfg!(feature = "marian") && !args.score_only {
                unscored.fetch_add(asked.len(), Ordering::Relaxed);
                return Ok(Scored { rows, n_scored: 0 });
            }
            let score = |aligner: &mut Aligner, pairs: &[(&str, &str)]| aligner.score(pairs);
            let n_scored = give_scores(&mut asked, &mut aligner, || another(loaded, args), score)?;
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
    let n_faults = Cell::new(0);
    let fault = |error: &Error| {
        n_faults.set(n_faults.get() + 1);
        report(error);
    };
    let sources = corpora.iter().map(|corpus| (corpus.path().display().to_string(), move || corpus.rows()));
    let chunks = Chunks { sources, rows: None, fault, failed: None, has_ended: false };
    let name = |_: &Result<Vec<Row>>| CORPORA.to_owned();
    in_order_as_they_come(chunks, feed::is_ready, NonZeroUsize::from(args.run.jobs), name, worker, hand_over)?;
    progress.end();
    let unscored = unscored.into_inner();
    if unscored > 0 {
        let why = "this program was built without the feature `marian`";
        tell(&args.run.verbosity, |out| {
            writeln!(out, "note: {unscored} pairs without a confidence are not judged: {why}")
        });
    }
    Ok(n_faults.get())
}

/// Gives each pair of `rows` its score. Over whichever the program fails, it becomes a bad line, and what scores is made
/// anew. Returns the number of pairs that have a score.
fn give_scores<S>(
    rows: &mut [&mut Row],
    scorer: &mut Option<S>,
    another: impl Fn() -> Result<S>,
    score: impl Fn(&mut S, &[(&str, &str)]) -> Result<Vec<f64>>,
) -> Result<usize> {
    let pairs: Vec<(&str, &str)> = rows.iter().filter_map(|row| texts(row)).collect();
    let found = each_scored(&pairs, scorer, another, score)?;
    let n_scored = found.iter().filter(|score| score.is_ok()).count();
    for (row, score) in rows.iter_mut().zip(found) {
        give(row, score);
    }
    Ok(n_scored)
}

fn texts(row: &Row) -> Option<(&str, &str)> {
    if let Row::Pair(pair) = row { Some((&pair.zh, &pair.en)) } else { None }
}

/// The score of each pair, or the panic over it.
fn each_scored<S>(
    pairs: &[(&str, &str)],
    scorer: &mut Option<S>,
    another: impl Fn() -> Result<S>,
    score: impl Fn(&mut S, &[(&str, &str)]) -> Result<Vec<f64>>,
) -> Result<Vec<std::result::Result<f64, Panic>>> {
    let mut try_to = |pairs: &[(&str, &str)]| {
        let mut usable = scorer.take().map_or_else(&another, Ok)?;
        let tried = panic::catch(|| score(&mut usable, pairs));
        // After a panic it may be half changed.
        *scorer = tried.is_ok().then_some(usable);
        tried.map_or_else(|panic| Ok(Err(panic)), |scores| scores.map(Ok))
    };
    if let Ok(scores) = try_to(pairs)? {
        return Ok(scores.into_iter().map(Ok).collect());
    }
    pairs.iter().map(|&pair| Ok(try_to(&[pair])?.map(|scores| scores[0]))).collect()
}

/// Gives the pair its score, or makes it a bad line where the program failed over it.
fn give(row: &mut Row, score: std::result::Result<f64, Panic>) {
    let Row::Pair(pair) = row else { return };
    match score {
        Ok(score) => pair.confidence = Some(score),
        Err(panic) => {
            let (path, line) = (pair.doc.clone(), pair.line.unwrap_or(0));
            *row = Row::Bad(BadLine { path, line, what: format!("a fault of the program: {panic}") });
        }
    }
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

/// The rows of corpora, some at a time; nothing comes after an error. A panic ends the rows of its corpus alone.
struct Chunks<I, F> {
    /// The names of the corpora, and what opens each.
    sources: I,
    /// The rows of the corpus that is read, and its name.
    rows: Option<(String, Rows)>,
    /// What is told of a corpus over which the program failed.
    fault: F,
    /// The error that ends the rows, until it is handed over.
    failed: Option<Error>,
    has_ended: bool,
}

impl<I, O, F> Iterator for Chunks<I, F>
where
    I: Iterator<Item = (String, O)>,
    O: FnOnce() -> Result<Rows>,
    F: FnMut(&Error),
{
    type Item = Result<Vec<Row>>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut chunk = Vec::new();
        // What is there is not kept waiting for what is to come.
        while chunk.len() < CHUNK && !self.has_ended && (chunk.is_empty() || feed::is_ready()) {
            let Some((name, rows)) = &mut self.rows else {
                let Some((name, open)) = self.sources.next() else { break };
                match panic::guard(&name, open) {
                    Ok(rows) => self.rows = Some((name, rows)),
                    Err(error) => self.leave(error),
                }
                continue;
            };
            match panic::guard(name, || rows.next().transpose()) {
                Ok(Some(row)) => chunk.push(row),
                Ok(None) => self.rows = None,
                Err(error) => self.leave(error),
            }
        }
        // What was read before an error is handed over first.
        if chunk.is_empty() { self.failed.take().map(Err) } else { Some(Ok(chunk)) }
    }
}

impl<I, F: FnMut(&Error)> Chunks<I, F> {
    /// Reads no more of the corpus in which there was an `error`.
    fn leave(&mut self, error: Error) {
        self.rows = None;
        if matches!(error, Error::Fault { .. }) {
            (self.fault)(&error);
        } else {
            (self.failed, self.has_ended) = (Some(error), true);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::iter;

    use mtalign::dataset::Candidate;

    use super::*;

    fn row(zh: &str) -> Row {
        Row::Pair(Candidate {
            zh: zh.to_owned(),
            en: "x".to_owned(),
            confidence: None,
            doc: "a.tsv".into(),
            line: Some(7),
            flaw: None,
            is_draft: false,
        })
    }

    #[test]
    fn a_pair_over_which_the_program_fails_costs_no_other() {
        panic::hold_back();
        let mut rows: Vec<Row> = ["一", "二", "三", "四"].map(row).to_vec();
        let mut asked: Vec<&mut Row> = rows.iter_mut().collect();
        let made = Cell::new(0);
        let another = || {
            made.set(made.get() + 1);
            Ok(true)
        };
        let score = |is_whole: &mut bool, pairs: &[(&str, &str)]| {
            assert!(*is_whole, "what panicked is not used again");
            *is_whole = false;
            assert!(!pairs.contains(&("三", "x")), "three");
            *is_whole = true;
            Ok(vec![0.5; pairs.len()])
        };
        assert_eq!(give_scores(&mut asked, &mut None, another, score).unwrap(), 3);
        assert_eq!(made.get(), 3, "at first, and after two panics");
        let told: Vec<String> = rows
            .iter()
            .map(|row| match row {
                Row::Pair(pair) => format!("{} {:?}", pair.zh, pair.confidence),
                Row::Bad(bad) => bad.to_string(),
                Row::Note(note) => note.to_string(),
            })
            .collect();
        assert_eq!(told[..2], ["一 Some(0.5)", "二 Some(0.5)"]);
        assert!(
            told[2].starts_with("`a.tsv`, line 7: a fault of the program: ") && told[2].ends_with(": three"),
            "{told:?}"
        );
        assert_eq!(told[3], "四 Some(0.5)");
    }

    #[test]
    fn a_corpus_in_which_the_program_fails_costs_no_other_and_an_error_ends_the_rows() {
        panic::hold_back();
        let unreadable = || Error::Read { path: "d".to_owned(), source: std::io::ErrorKind::NotFound.into() };
        let rows = |name: &'static str| -> Result<Rows> {
            let mut count = 0;
            Ok(Box::new(iter::from_fn(move || {
                count += 1;
                match (name, count) {
                    ("b", 2) => panic!("two"),
                    ("d", 2) => Some(Err(unreadable())),
                    (_, 4) => None,
                    _ => Some(Ok(row(name))),
                }
            })))
        };
        let sources = ["a", "b", "c", "d", "e"].map(|name| (name.to_owned(), move || rows(name))).into_iter();
        let mut told = Vec::new();
        let fault = |error: &Error| told.push(error.to_string());
        let chunks = Chunks { sources, rows: None, fault, failed: None, has_ended: false };
        let found: Vec<Result<Vec<Row>>> = chunks.collect();
        assert_eq!(told, ["cannot finish `b`: this is a fault of the program"]);
        assert_eq!(found[0].as_ref().unwrap(), &["a", "a", "a", "b", "c", "c", "c", "d"].map(row));
        assert!(found.len() == 2 && matches!(found[1], Err(Error::Read { .. })));
    }
}
