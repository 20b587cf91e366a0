//! The commands, one function each: what it reads, what it runs, what it writes.

use std::{
    io::{self, Write},
    num::NonZeroU16,
    path::{Path, PathBuf},
    sync::Arc,
};

use mtalign::{
    aligner::{Consistency, Drafter, Settings},
    both::Both,
    document::{AlignedDocument, Check, Checks, Sentence, Sentences, Span, Totals},
    error::{Error, Result, panic},
    evaluate::{self, json, table},
    ingest::{self, Input, Layout},
    segment::{Segmentation, segment},
    text::Lang,
    write::{
        PairOutput, annotations,
        coverage_json::{self, CoverageJson},
        output::{Output, are_distinct},
        pairs,
        report::{self, Report},
        safe, summary,
    },
};

use crate::{
    Outcome,
    args::{AlignArgs, CoverageArgs, EvaluateArgs, InputArgs, Pinned, Spoken, TranslateArgs, Verbosity, is_standard},
    batch::{Batch, or_told},
    cache, lines, progress, terminal,
};

/// Runs `mtalign align`.
pub(crate) fn align(args: &AlignArgs) -> Result<Outcome> {
    if args.by_document || args.inputs.errors.are_inline() {
        return lines::align(args);
    }
    let mut options = args.options();
    let Some(mut batch) = Batch::open(&args.inputs, Both::new(true, true)) else { return Ok(Outcome::Failed) };
    let pinned = args.inputs.pinned()?;
    // Only what is filled in is read.
    let beam = if args.fill_missing { args.drafts.beam() } else { 1 };
    let settings = settings(&args.inputs, args.min_confidence, pinned.as_ref(), beam);
    // Others do not ask, and so need not wait for a second document.
    options.several_documents = options.format.is_spreadsheet() && batch.holds_several();
    let mut output = PairOutput::create(&options, &args.output, &args.inputs.spared())?;
    let mut totals = Totals::default();

    let partials = output.partials();
    let write = |document: &mut AlignedDocument| {
        // What is made of the texts, before anything of it is written.
        let rows = panic::guard(&document.id, || Ok(pairs(document, &options).collect::<Vec<_>>()))?;
        output.write(rows.into_iter())?;
        output.end_document()?;
        totals.add(&document.coverage);
        tell(&args.run.verbosity, |out| summary::write_short(out, document));
        Ok(())
    };
    let mut finished = batch.align(&settings, &args.run, &partials, or_told(write))?;
    if finished.done == 0 {
        return Ok(finished.outcome());
    }
    output.finish()?;
    finished.end_journal()?;
    if totals.documents > 1 {
        tell(&args.run.verbosity, |out| summary::write_totals(out, &totals));
    }
    Ok(finished.outcome())
}

/// Runs `mtalign coverage`.
pub(crate) fn coverage(args: &CoverageArgs) -> Result<Outcome> {
    let (is_inline, is_jsonl) = (args.inputs.errors.are_inline(), args.format == Spoken::Jsonl);
    let Some(batch) = Batch::open(&args.inputs, Both::new(true, false)) else { return Ok(Outcome::Failed) };
    let pinned = args.inputs.pinned()?;
    let settings = settings(&args.inputs, args.min_confidence, pinned.as_ref(), args.drafts.beam());
    let settings = Settings { checks: args.checks, ..settings };
    let mut consistency = args.checks.has(Check::Consistency).then(Consistency::default);
    // Text and JSON in one stream could be read by nobody.
    let is_replaced = args.json.as_deref().is_some_and(is_standard);
    let mut summary = if is_replaced { Output::nowhere() } else { Output::stdout() };
    let summary_failed = summary.failed();
    // What is not asked for is written to nowhere.
    let spared = args.inputs.spared();
    let create = |path| Output::create_sparing(path, &spared);
    are_distinct(&args.json.iter().chain(&args.report).map(PathBuf::as_path).collect::<Vec<_>>())?;
    let mut json_output = args.json.as_deref().map_or_else(|| Ok(Output::nowhere()), create)?;
    let (json_failed, json_partial) = (json_output.failed(), json_output.partial());
    let mut report_output = args.report.as_deref().map_or_else(|| Ok(Output::nowhere()), create)?;
    let (report_failed, report_partial) = (report_output.failed(), report_output.partial());
    let mut totals = Totals::default();

    let mut json = CoverageJson::begin(&mut json_output).map_err(&json_failed)?;
    let mut report = Report::begin(&mut report_output, settings.min_confidence).map_err(&report_failed)?;
    let partials = [&json_partial, &report_partial].into_iter().flatten().cloned().collect::<Vec<_>>();
    let mut finished = batch.align(&settings, &args.run, &partials, |document| {
        let document = match document {
            Ok(document) => document,
            Err(left_out) => return lines::tell_or_report(&mut summary, left_out, is_inline),
        };
        if let Some(consistency) = &mut consistency {
            let findings = panic::guard(&document.id, || Ok(consistency.look(document, settings.min_confidence)))?;
            document.coverage.add_findings(findings);
        }
        // What is made of it, before anything of it is written.
        let Made { json: entry, page, words } = panic::guard(&document.id, || Made::of(document, args))?;
        totals.add(&document.coverage);
        json.document(&entry, &document.coverage).map_err(&json_failed)?;
        report.document(&page).map_err(&report_failed)?;
        if args.annotations {
            tell(&args.run.verbosity, |out| summary::write_short(out, document));
        }
        summary.write_all(&words).map_err(&summary_failed)?;
        if is_jsonl { summary.flush().map_err(&summary_failed) } else { Ok(()) }
    })?;
    if finished.done == 0 && !is_inline {
        return Ok(finished.outcome());
    }
    json.finish().map_err(&json_failed)?;
    json_output.finish()?;
    report.finish().map_err(&report_failed)?;
    report_output.finish()?;
    finished.end_journal()?;
    let asked =
        [(Lang::Zh, args.minimum_zh(), totals.sides.source), (Lang::En, args.minimum_en(), totals.sides.target)];
    let missed = asked.into_iter().filter_map(|(lang, minimum, side)| {
        let covered = side.characters;
        minimum.filter(|&minimum| covered.ratio() < minimum).map(|minimum| (lang, covered, minimum))
    });
    let missed: Vec<_> = missed.collect();
    if totals.documents > 1 && !args.annotations && !is_jsonl {
        summary::write_totals(&mut summary, &totals).map_err(&summary_failed)?;
    }
    for &(lang, covered, minimum) in &missed {
        tell(&args.run.verbosity, |out| summary::write_below(out, lang, covered, minimum));
        if args.annotations {
            annotations::write_below(&mut summary, lang, covered, minimum).map_err(&summary_failed)?;
        }
    }
    summary.finish()?;
    let has_failed = args.fail_on_checks && !totals.findings.is_empty();
    // What was left out may be what is missing.
    Ok(match finished.outcome() {
        Outcome::Done if !missed.is_empty() || has_failed => Outcome::BelowMinimum,
        outcome => outcome,
    })
}

/// What the outputs of `mtalign coverage` have of a document.
struct Made {
    json: Vec<u8>,
    page: Vec<u8>,
    words: Vec<u8>,
}

impl Made {
    /// What is made of `document` for the outputs that the arguments ask for.
    fn of(document: &AlignedDocument, args: &CoverageArgs) -> Result<Self> {
        let failed = |source| Error::Write { path: document.id.clone(), source };
        let json = if args.json.is_some() { coverage_json::made(document).map_err(failed)? } else { Vec::new() };
        let page = if args.report.is_some() { report::made(document).map_err(failed)? } else { Vec::new() };
        let mut words = Vec::new();
        if args.format == Spoken::Jsonl {
            words = coverage_json::made(document).map_err(failed)?;
            words.push(b'\n');
        } else {
            let write = if args.annotations { annotations::write } else { summary::write_full };
            write(&mut words, document).map_err(failed)?;
        }
        Ok(Self { json, page, words })
    }
}

/// The settings of a run.
pub(crate) fn settings<'f>(
    inputs: &InputArgs,
    min_confidence: f64,
    pinned: Option<&'f Pinned>,
    beam: usize,
) -> Settings<'f> {
    Settings {
        segmentation: inputs.segmentation(),
        min_confidence,
        pinned: pinned.map(Pinned::borrow),
        beam,
        checks: Checks::NONE,
    }
}

/// Runs `mtalign translate`.
pub(crate) fn translate(args: &TranslateArgs) -> Result<Outcome> {
    if args.format == Spoken::Jsonl {
        return lines::translate(args);
    }
    let name = args.input.display().to_string();
    let read = if args.sentences { every_line } else { chinese_sentences };
    let sentences = panic::guard(&name, || read(&args.input))?;
    let mut output = Output::stdout();
    let failed = output.failed();
    let cache = cache::of_run(&args.model);
    let mut drafter = Drafter::load(&args.model.model, args.model.compute(NonZeroU16::MIN), cache)?;
    let progress = progress::show(&args.verbosity);
    let draft = || drafter.draft(&sentences, args.drafts.beam(), progress.as_ref());
    let drafts = panic::guard(&name, draft);
    cache::tell_trouble(&args.model, &args.verbosity);
    for translation in drafts? {
        writeln!(output, "{}", safe::one_line(&translation.text)).map_err(&failed)?;
    }
    output.finish()?;
    Ok(Outcome::Done)
}

/// Runs `mtalign evaluate`.
pub(crate) fn evaluate(args: &EvaluateArgs) -> Result<Outcome> {
    let compare = if args.calibration { evaluate::compare_with_calibration } else { evaluate::compare };
    let evaluation = compare(&args.gold, &args.test)?;
    let mut output = Output::stdout();
    let failed = output.failed();
    if args.json {
        json::write_json(&mut output, &evaluation).map_err(&failed)?;
    } else {
        if args.documents {
            table::write_documents(&mut output, &evaluation).map_err(&failed)?;
        }
        table::write_table(&mut output, &evaluation).map_err(&failed)?;
        if let Some(calibration) = &evaluation.calibration {
            table::write_calibration(&mut output, calibration).map_err(&failed)?;
        }
    }
    output.finish()?;
    for path in &evaluation.unmatched {
        // That nobody reads it is no reason to fail.
        let _ = writeln!(terminal::messages(), "note: `{}` has no gold file and was not scored", path.display());
    }
    Ok(Outcome::Done)
}

/// The Chinese of a text that may hold English too, cut into sentences.
fn chinese_sentences(path: &Path) -> Result<Sentences> {
    let options = ingest::Options { layout: Layout::Prose, required: Both::new(true, false) };
    let document = ingest::read(&Input::Mixed(path.to_owned()), options)?;
    Ok(segment(&document.sides.source, Segmentation::Punctuation))
}

/// Every line of a file as a sentence, empty lines and lines without Chinese too: as many come out as went in.
fn every_line(path: &Path) -> Result<Sentences> {
    let original = Arc::new(ingest::open(path)?);
    let mut lines: Vec<Span> = original.lines().collect();
    // What follows the last line end is no line.
    lines.pop_if(|line| line.is_empty());
    let items = lines.into_iter().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
    Ok(Sentences { lang: Lang::Zh, original, items })
}

/// Says something on standard error, unless asked to be quiet. That nobody reads it is no reason to stop.
pub(crate) fn tell(verbosity: &Verbosity, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) {
    if !verbosity.quiet {
        let _ = write(&mut terminal::messages());
    }
}
