//! The command `mtalign dataset`: which inputs are corpora and which are documents, and what is said meanwhile.

use mtalign::{
    aligner::Settings,
    both::Both,
    dataset::{
        Builder,
        aligned::candidates,
        read::{Corpus, Row},
        summary,
    },
    error::Result,
    ingest::Input,
};

use crate::{
    Outcome,
    args::{DatasetArgs, Verbosity},
    batch::Batch,
    commands::tell,
};

/// The number of lines passed over that are told one by one; the others are counted.
const BAD_LINES_TOLD: usize = 10;

/// Runs `mtalign dataset`.
pub(crate) fn dataset(args: &DatasetArgs) -> Result<Outcome> {
    let (corpora, documents) = sorted(args.inputs.documents());
    let mut builder = Builder::create(&args.output, args.overwrite, args.settings())?;
    // Everything is looked for before anything slow begins; but there may be more files than can be open at once.
    corpora.iter().try_for_each(|corpus| corpus.rows().map(drop))?;
    let has_documents = !documents.is_empty();
    let batch = if has_documents { Batch::of(documents, &args.inputs, Both::new(true, true)) } else { None };
    if has_documents && batch.is_none() && corpora.is_empty() {
        return Ok(Outcome::Failed);
    }

    add_corpora(&corpora, &args.run.verbosity, &mut builder)?;
    let outcome = match batch {
        Some(batch) => align(batch, args, &mut builder)?,
        // What could not be read was said.
        None if has_documents => Outcome::Failed,
        None => Outcome::Done,
    };
    let report = builder.finish()?;
    tell(&args.run.verbosity, |out| summary::write(out, &report));
    Ok(outcome)
}

/// The corpora among the inputs, each once though both its files may be named, and the documents.
fn sorted(inputs: Vec<Input>) -> (Vec<Corpus>, Vec<Input>) {
    let (mut corpora, mut documents) = (Vec::new(), Vec::new());
    for input in inputs {
        let corpus = if let Input::Mixed(path) = &input { Corpus::at(path) } else { None };
        match corpus {
            Some(corpus) if corpora.contains(&corpus) => {}
            Some(corpus) => corpora.push(corpus),
            None => documents.push(input),
        }
    }
    (corpora, documents)
}

fn add_corpora(corpora: &[Corpus], verbosity: &Verbosity, builder: &mut Builder) -> Result<()> {
    let mut bad_lines = 0;
    for corpus in corpora {
        for row in corpus.rows()? {
            match row? {
                Row::Pair(candidate) => builder.add(candidate)?,
                Row::Note(note) => tell(verbosity, |out| writeln!(out, "note: {note}")),
                Row::Bad(bad) => {
                    builder.count_bad_line(&bad);
                    bad_lines += 1;
                    if bad_lines <= BAD_LINES_TOLD {
                        tell(verbosity, |out| writeln!(out, "note: passed over {bad}"));
                    }
                }
            }
        }
    }
    if bad_lines > BAD_LINES_TOLD {
        let more = bad_lines - BAD_LINES_TOLD;
        tell(verbosity, |out| writeln!(out, "note: passed over {more} more lines"));
    }
    Ok(())
}

/// Aligns documents; where there are none, no model is loaded.
fn align(batch: Batch, args: &DatasetArgs, builder: &mut Builder) -> Result<Outcome> {
    let settings = Settings { segmentation: args.inputs.segmentation(), ..Settings::default() };
    let finished = batch.align(&settings, &args.run, |document| {
        candidates(document).try_for_each(|candidate| builder.add(candidate))
    })?;
    Ok(finished.outcome())
}
