//! Documents and pairs as they come, and a line of JSON for each: what `--errors inline`, `align --by-document` and
//! `translate -f jsonl` ask for. Each line goes out as soon as it is made.

use std::{
    io::{self, Write as _},
    num::NonZeroU16,
};

use mtalign::{
    aligner::{self, Drafter},
    both::Both,
    dataset::{Candidate, read::Corpus},
    document::{Document, Totals},
    error::{Error, Result, panic},
    ingest::{Documents, Layout, Options as IngestOptions},
    segment::{Segmentation, segment},
    write::{lines, output::Output, pairs, summary},
};

use crate::{
    Outcome,
    args::{AlignArgs, DatasetArgs, TranslateArgs},
    batch::{Batch, LeftOut, called, concerned},
    cache,
    commands::{settings, tell},
    dataset::read,
    progress, report,
};

/// Runs `mtalign align` with a line for each document, or with its rows, as lines of JSON.
pub(crate) fn align(args: &AlignArgs) -> Result<Outcome> {
    let (options, is_inline) = (args.options(), args.inputs.errors.are_inline());
    let Some(batch) = Batch::open(&args.inputs, Both::new(true, true)) else { return Ok(Outcome::Failed) };
    let pinned = args.inputs.pinned()?;
    let beam = if args.fill_missing { args.drafts.beam() } else { 1 };
    let settings = settings(&args.inputs, args.min_confidence, pinned.as_ref(), beam);
    let mut output = Output::create_sparing(&args.output, &args.inputs.spared())?;
    let mut totals = Totals::default();
    let partials = Vec::from_iter(output.partial());
    let mut finished = batch.align(&settings, &args.run, &partials, |document| {
        let document = match document {
            Ok(document) => document,
            Err(left_out) => return tell_or_report(&mut output, left_out, is_inline),
        };
        let made = panic::guard(&document.id, || {
            let made = if args.by_document {
                lines::aligned(document, &options)
            } else {
                lines::rows(pairs(document, &options), &options)
            };
            made.map_err(|source| Error::Write { path: document.id.clone(), source })
        })?;
        write(&mut output, &made)?;
        totals.add(&document.coverage);
        tell(&args.run.verbosity, |out| summary::write_short(out, document));
        Ok(())
    })?;
    if finished.done == 0 && !is_inline {
        return Ok(finished.outcome());
    }
    output.finish()?;
    finished.end_journal()?;
    if totals.documents > 1 {
        tell(&args.run.verbosity, |out| summary::write_totals(out, &totals));
    }
    Ok(finished.outcome())
}

/// Runs `mtalign translate` with a line for each document.
pub(crate) fn translate(args: &TranslateArgs) -> Result<Outcome> {
    let is_inline = args.errors.are_inline();
    let input = args.errors.input(&args.input);
    input.check()?;
    let layout = if args.sentences { Layout::Lines } else { Layout::Prose };
    let segmentation = if args.sentences { Segmentation::Lines } else { Segmentation::Punctuation };
    let documents = Documents::new(vec![input], IngestOptions { layout, required: Both::new(true, false) });
    let progress = progress::show(&args.verbosity);
    let worker = || {
        let compute = args.model.compute(NonZeroU16::MIN);
        let mut drafter = Drafter::load(&args.model.model, compute, cache::of_run(&args.model))?;
        let progress = progress.as_ref();
        Ok(move |document: Result<Document>| {
            let id = called(&document);
            let made = document.and_then(|document| {
                let sentences = segment(&document.sides.source, segmentation);
                let drafts = drafter.draft(&sentences, args.drafts.beam(), progress)?;
                lines::translated(&id, &sentences, &drafts).map_err(|source| Error::Write { path: id.clone(), source })
            });
            Ok((id, made))
        })
    };
    let mut output = Output::stdout();
    let mut left_out = false;
    aligner::one_by_one(documents, called, worker, |done| {
        cache::tell_trouble(&args.model, &args.verbosity);
        let (id, made) = done.unwrap_or_else(|fault| (concerned(&fault), Err(fault)));
        match made {
            Ok(made) => write(&mut output, &made),
            Err(error) => {
                left_out = true;
                tell_or_report(&mut output, LeftOut { id: &id, error: &error }, is_inline)
            }
        }
    })?;
    output.finish()?;
    Ok(if left_out { Outcome::Failed } else { Outcome::Done })
}

/// Runs `mtalign dataset --judge-only`, or `--score-only` where what cannot be read is told in its place: a line for each
/// pair, as `line_of` makes it.
pub(crate) fn of_pairs(
    corpora: &[Corpus],
    args: &DatasetArgs,
    mut line_of: impl FnMut(&Candidate) -> io::Result<Vec<u8>>,
) -> Result<Outcome> {
    let mut output = Output::create_sparing(&args.output, &args.inputs.spared())?;
    let is_inline = args.inputs.errors.are_inline();
    let mut left_out = false;
    let n_faults = read(corpora, args, |row| match row {
        Ok(candidate) => {
            let made = line_of(&candidate);
            write(&mut output, &made.map_err(|source| Error::Write { path: candidate.doc.to_string(), source })?)
        }
        Err(_) if !is_inline => Ok(()),
        Err(bad) => {
            left_out = true;
            let id = format!("{}:{}", bad.path, bad.line);
            let made = lines::left_out(&id, &bad.what).map_err(|source| Error::Write { path: id.clone(), source })?;
            write(&mut output, &made)
        }
    })?;
    output.finish()?;
    Ok(if left_out || n_faults > 0 { Outcome::Failed } else { Outcome::Done })
}

/// Tells of a document that was left out, in its place or on standard error.
pub(crate) fn tell_or_report(output: &mut Output, left_out: LeftOut<'_>, is_inline: bool) -> Result<()> {
    let LeftOut { id, error } = left_out;
    if !is_inline {
        report(error);
        return Ok(());
    }
    let made = lines::left_out(id, &left_out.words()).map_err(|source| Error::Write { path: id.to_owned(), source })?;
    write(output, &made)
}

/// Writes lines, and hands them on to the system.
fn write(output: &mut Output, made: &[u8]) -> Result<()> {
    let failed = output.failed();
    output.write_all(made).and_then(|()| output.flush()).map_err(failed)
}
