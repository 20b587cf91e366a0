//! The command `mtalign dataset`: which inputs are corpora and which are documents, and what is said meanwhile.

use std::iter;

use mtalign::{
    aligner::Settings,
    both::Both,
    dataset::{
        BadLine, Builder, Candidate, Judge,
        aligned::candidates,
        read::{Corpus, Row},
        summary,
    },
    document::AlignedDocument,
    error::{Error, Result, panic},
    ingest::Input,
    text::Script,
    write::{self, Options, Origin, Pair, PairOutput, output::spares},
};

use crate::{
    Outcome,
    args::{DatasetArgs, Verbosity, is_standard},
    batch::{Batch, Finished, or_told},
    commands::tell,
    lines, progress,
    scores::scored,
};

/// The number of lines passed over that are told one by one; the others are counted.
const BAD_LINES_TOLD: usize = 10;

/// Runs `mtalign dataset`.
pub(crate) fn dataset(args: &DatasetArgs) -> Result<Outcome> {
    if args.score_only || args.judge_only {
        return pair_by_pair(args);
    }
    let (corpora, documents) = sorted(args.inputs.documents());
    spares(&args.output, &args.inputs.spared())?;
    let mut builder = Builder::create(&args.output, args.overwrite, args.settings())?;
    // Everything is looked for before anything slow begins; but there may be more files than can be open at once.
    check(&corpora)?;
    let has_documents = !documents.is_empty();
    let batch = if has_documents { Batch::of(documents, &args.inputs, Both::new(true, true)) } else { None };
    if has_documents && batch.is_none() && corpora.is_empty() {
        return Ok(Outcome::Failed);
    }

    let n_faults = add_corpora(&corpora, args, &mut builder)?;
    let finished = batch.map(|batch| align(batch, args, &mut builder)).transpose()?;
    let report = builder.finish()?;
    let outcome = match finished {
        Some(mut finished) => {
            finished.end_journal()?;
            finished.outcome()
        }
        // What could not be read was said.
        None if has_documents => Outcome::Failed,
        None => Outcome::Done,
    };
    let outcome = if n_faults == 0 { outcome } else { Outcome::Failed };
    tell(&args.run.verbosity, |out| summary::write(out, &report));
    Ok(outcome)
}

/// The corpora among the inputs, each once though both its files may be named, and the documents.
fn sorted(inputs: Vec<Input>) -> (Vec<Corpus>, Vec<Input>) {
    let (mut corpora, mut documents) = (Vec::new(), Vec::new());
    for input in inputs {
        let corpus = match &input {
            Input::Mixed(path) => Corpus::at(path),
            Input::Records(path) => Some(Corpus::Jsonl(path.clone())),
            Input::Two { .. } => None,
        };
        match corpus {
            Some(corpus) if corpora.contains(&corpus) => {}
            Some(corpus) => corpora.push(corpus),
            None => documents.push(input),
        }
    }
    (corpora, documents)
}

/// Looks whether the corpora can be opened.
fn check(corpora: &[Corpus]) -> Result<()> {
    // What comes as it comes can be opened once.
    let mut files = corpora.iter().filter(|corpus| !is_standard(corpus.path()));
    let open = |corpus: &Corpus| panic::guard(&corpus.path().display().to_string(), || corpus.rows().map(drop));
    files.try_for_each(open)
}

/// Adds the pairs of the corpora. Returns the number of corpora in which the program failed.
fn add_corpora(corpora: &[Corpus], args: &DatasetArgs, builder: &mut Builder) -> Result<usize> {
    read(corpora, args, |row| match row {
        Ok(candidate) => builder.add(candidate),
        Err(bad) => {
            builder.count_bad_line(bad);
            Ok(())
        }
    })
}

/// Runs `mtalign dataset --score-only` or `--judge-only`: every pair, whatever a filter says of it.
fn pair_by_pair(args: &DatasetArgs) -> Result<Outcome> {
    let (corpora, documents) = sorted(args.inputs.documents());
    if let Some(Input::Mixed(path)) = documents.first() {
        return Err(Error::NoPairs { path: path.display().to_string() });
    }
    check(&corpora)?;
    if args.judge_only {
        let mut judge = Judge::new(args.settings());
        return lines::of_pairs(&corpora, args, |pair| judge.line(pair));
    }
    let options = Options { format: args.format(), ..Options::default() };
    if args.inputs.errors.are_inline() {
        return lines::of_pairs(&corpora, args, |candidate| write::lines::rows(iter::once(pair(candidate)), &options));
    }
    let mut output = PairOutput::create(&options, &args.output, &args.inputs.spared())?;
    let n_faults =
        read(&corpora, args, |row| row.map_or(Ok(()), |candidate| output.write(iter::once(pair(&candidate)))))?;
    output.finish()?;
    Ok(if n_faults == 0 { Outcome::Done } else { Outcome::Failed })
}

/// A pair of a corpus as a row; its number is that of its line.
fn pair(candidate: &Candidate) -> Pair<'_> {
    let id = vec![candidate.line.map_or(0, |line| line - 1)];
    Pair {
        doc: &candidate.doc,
        texts: Both::new(candidate.zh.as_str().into(), candidate.en.as_str().into()),
        ids: Both::new(id.clone(), id),
        confidence: candidate.confidence.unwrap_or(0.0),
        mt: None,
        mt_flaw: None,
        mt_probability: None,
        origin: if candidate.is_draft { Origin::Mt } else { Origin::Human },
        script: Script::of([candidate.zh.as_str()]),
        is_moved: false,
    }
}

/// Hands each pair of the corpora to `done`, scored where the arguments ask for it and the program can, and each line that is
/// none. Those are told, unless that is done in their places, and so is how the corpora were understood. Returns the number
/// of corpora in which the program failed.
pub(crate) fn read(
    corpora: &[Corpus],
    args: &DatasetArgs,
    mut done: impl FnMut(std::result::Result<Candidate, &BadLine>) -> Result<()>,
) -> Result<usize> {
    let verbosity = &args.run.verbosity;
    let mut bad_lines = BadLines::default();
    let n_faults = scored(corpora, args, progress::show(verbosity).as_ref(), |row| match row {
        Row::Pair(candidate) => done(Ok(candidate)),
        Row::Note(note) => {
            tell(verbosity, |out| writeln!(out, "note: {note}"));
            Ok(())
        }
        Row::Bad(bad) => {
            if !args.inputs.errors.are_inline() {
                bad_lines.tell(&bad, verbosity);
            }
            done(Err(&bad))
        }
    })?;
    bad_lines.tell_the_rest(verbosity);
    Ok(n_faults)
}

/// The lines that were passed over so far.
#[derive(Default)]
struct BadLines {
    count: usize,
}

impl BadLines {
    fn tell(&mut self, bad: &BadLine, verbosity: &Verbosity) {
        self.count += 1;
        if self.count <= BAD_LINES_TOLD {
            tell(verbosity, |out| writeln!(out, "note: passed over {bad}"));
        }
    }

    fn tell_the_rest(&self, verbosity: &Verbosity) {
        if let Some(more @ 1..) = self.count.checked_sub(BAD_LINES_TOLD) {
            tell(verbosity, |out| writeln!(out, "note: passed over {more} more lines"));
        }
    }
}

/// Aligns documents; where there are none, no model is loaded.
fn align(batch: Batch, args: &DatasetArgs, builder: &mut Builder) -> Result<Finished> {
    let settings = Settings { segmentation: args.inputs.segmentation(), ..Settings::default() };
    let partial = builder.partial();
    let add = |document: &mut AlignedDocument| {
        panic::guard(&document.id, || candidates(document).try_for_each(|candidate| builder.add(candidate)))
    };
    batch.align(&settings, &args.run, &[partial], or_told(add))
}
