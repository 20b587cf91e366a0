//! The documents that a command line names, aligned one after another or several at a time.
//!
//! One that cannot be read or aligned, be it by a fault of the program, is reported and left out, and the others are
//! done. Of all documents only those under way are in memory. The models are loaded when there is a document for them.

use std::{
    cell::RefCell,
    collections::VecDeque,
    error::Error as _,
    io::Write as _,
    iter::Peekable,
    sync::{Mutex, PoisonError},
};

use mtalign::{
    Aligner,
    aligner::{self, Settings},
    both::Both,
    document::{AlignedDocument, Document},
    error::{Error, Result},
    feed,
    ingest::{Documents, Input, Options},
    journal::Journal,
    progress::Progress,
    write::output::Partial,
};

use crate::{
    Outcome,
    args::{InputArgs, RunArgs},
    cache,
    kept::{Kept, Recalled},
    progress, report, stop, terminal,
};

/// The documents of a command line, of which the first is read where it matters whether there is one.
pub(crate) struct Batch {
    first: Option<Document>,
    others: Peekable<Documents>,
    left_out: usize,
    may_be_several: bool,
}

/// A document that was left out, and why.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LeftOut<'a> {
    /// What the document is called; where nothing is known of it, its place.
    pub(crate) id: &'a str,
    pub(crate) error: &'a Error,
}

impl LeftOut<'_> {
    /// The reason, with what caused it, on a line.
    pub(crate) fn words(self) -> String {
        // The name stands beside it.
        let error = if let Error::Record { source, .. } = self.error { source } else { self.error };
        let (mut words, mut cause) = (error.to_string(), error.source());
        while let Some(error) = cause {
            words = format!("{words}: {error}");
            cause = error.source();
        }
        words
    }
}

/// Does `done` with each document, and reports those that are left out.
pub(crate) fn or_told(
    mut done: impl FnMut(&mut AlignedDocument) -> Result<()>,
) -> impl FnMut(Done<'_, '_>) -> Result<()> {
    move |document| match document {
        Ok(document) => done(document),
        Err(left_out) => {
            report(left_out.error);
            Ok(())
        }
    }
}

/// What became of a document: it is aligned, or left out.
pub(crate) type Done<'d, 'e, T = AlignedDocument> = std::result::Result<&'d mut T, LeftOut<'e>>;

impl Batch {
    /// Opens the documents of `inputs`, in which the languages of `required` must be found; none if not one of them
    /// can be read. A wrong path is said at once. Where errors are told in their places, nothing is looked at before.
    pub(crate) fn open(inputs: &InputArgs, required: Both<bool>) -> Option<Self> {
        if inputs.errors.are_inline() {
            return Some(Self::as_they_come(inputs, required));
        }
        Self::of(inputs.documents(), inputs, required)
    }

    /// Opens the documents of `named`, which are some of those of `inputs`.
    pub(crate) fn of(mut named: Vec<Input>, inputs: &InputArgs, required: Both<bool>) -> Option<Self> {
        let mut left_out = 0;
        let may_be_several = Input::may_be_several(&named);
        let mut leave_out = |error| {
            left_out += 1;
            report(&error);
        };
        named.retain(|input| input.check().map_err(&mut leave_out).is_ok());
        let mut documents = Documents::new(named, Options { layout: inputs.layout(), required });
        let first = documents.find_map(|document| document.map_err(&mut leave_out).ok())?;
        Some(Self { first: Some(first), others: documents.peekable(), left_out, may_be_several })
    }

    /// The documents of `inputs` as they come, of which there may be none.
    fn as_they_come(inputs: &InputArgs, required: Both<bool>) -> Self {
        let named = inputs.documents();
        let may_be_several = Input::may_be_several(&named);
        let documents = Documents::new(named, Options { layout: inputs.layout(), required });
        Self { first: None, others: documents.peekable(), left_out: 0, may_be_several }
    }

    /// Whether more is named than the first document. Reads the next one.
    pub(crate) fn holds_several(&mut self) -> bool {
        self.others.peek().is_some()
    }

    /// Aligns every document, and hands each in its order to `done`, which may say things meanwhile and add to what is
    /// known of the document; what is left out, for an error of `done` too, is handed to it as such. What is done goes to the journal of `partials`, the outputs under way; what the one of a
    /// former run has, if the arguments ask for it, is taken from there.
    pub(crate) fn align(
        self,
        settings: &Settings<'_>,
        args: &RunArgs,
        partials: &[Partial],
        mut done: impl FnMut(Done<'_, '_>) -> Result<()>,
    ) -> Result<Finished> {
        let tell_trouble = || cache::tell_trouble(&args.model, &args.verbosity);
        tell_trouble();
        let idle = idle(args)?;
        let kept = Kept::begin(args, partials, self.may_be_several, || fingerprint(&idle));
        let kept = kept.and_then(|kept| kept.beside(self.left_out));
        let (mut past, mut journal) = kept.inspect_err(|_| discard(partials))?;
        {
            let mut state = stop::hold();
            state.quiet = args.verbosity.quiet;
            state.partials = partials.to_vec();
        }
        stop::watch();
        let shown = progress::show(&args.verbosity);
        let mut finished = Finished { done: 0, left_out: self.left_out, journal: None };
        // What the documents under way are called.
        let names = RefCell::new(VecDeque::new());
        let documents = self.first.map(Ok).into_iter().chain(self.others);
        let documents = documents.inspect(|document| names.borrow_mut().push_back(called(document)));
        let documents = documents.map_while(|document| past.recall(document));
        let hand_over = |aligned: Result<AlignedDocument>| {
            shown.end();
            tell_trouble();
            // An interrupt waits until the document is whole, in the outputs and in the journal.
            let mut state = stop::hold();
            if aligned.is_err() {
                journal.add_failed();
            }
            let kept = aligned.and_then(|document| journal.add(&document).map(|()| document));
            let id = names.borrow_mut().pop_front().unwrap_or_default();
            finished.take(&id, kept, &mut done)?;
            (state.done, state.is_kept) = (finished.done, journal.is_there());
            shown.documents(finished.done + finished.left_out);
            Ok(())
        };
        let align = |Recalled { document, answers }, aligner: &mut Aligner, progress: &dyn Progress| {
            let document = document?;
            match answers {
                Some(answers) => aligner::rerun(&document, settings, answers).ok_or_else(|| foreign(&document)),
                None => aligner.align_document_with(&document, settings, progress),
            }
        };
        if args.jobs.get() == 1 {
            let progress = shown.as_ref();
            let worker =
                || next(&idle, args).map(|mut aligner| move |document| align(document, &mut aligner, progress));
            aligner::one_by_one(documents, name, worker, hand_over)?;
        } else {
            // The stages of several documents at a time would show nothing that could be followed.
            let worker = || next(&idle, args).map(|mut aligner| move |document| align(document, &mut aligner, &()));
            aligner::in_order_as_they_come(documents, feed::is_ready, args.jobs.into(), name, worker, hand_over)?;
        }
        shown.end();
        past.finish().inspect_err(|_| discard(partials))?;
        finished.journal = journal.end();
        Ok(finished)
    }
}

/// Removes the outputs of a run that is refused: they hold nothing but what the journal has.
fn discard(partials: &[Partial]) {
    partials.iter().for_each(Partial::remove);
}

/// What the answers depend on, beside the texts and the settings.
fn fingerprint(idle: &Mutex<Vec<Aligner>>) -> Result<String> {
    let mut idle = idle.lock().unwrap_or_else(PoisonError::into_inner);
    idle.first_mut().map_or_else(|| Ok(String::new()), Aligner::fingerprint)
}

/// The error over answers that are not of a document's sentences.
fn foreign(document: &Document) -> Error {
    Error::Resume { path: document.id.clone(), what: "the journal holds answers over other sentences".to_owned() }
}

/// An aligner for each worker, over the same weights.
fn idle(args: &RunArgs) -> Result<Mutex<Vec<Aligner>>> {
    let first = cache::load(&args.model, args.model.compute(args.jobs))?;
    let mut idle = (1..args.jobs.get()).map(|_| first.worker()).collect::<Result<Vec<_>>>()?;
    idle.push(first);
    Ok(Mutex::new(idle))
}

/// The next aligner that is idle; a new one for a worker that panicked, which takes its own with it.
fn next(idle: &Mutex<Vec<Aligner>>, args: &RunArgs) -> Result<Aligner> {
    let next = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
    next.map_or_else(|| cache::load(&args.model, args.model.compute(args.jobs)), Ok)
}

/// What messages call a document; what could not be read has its name in its error.
fn name(recalled: &Recalled) -> String {
    recalled.document.as_ref().map_or_else(|_| String::new(), |document| document.id.clone())
}

/// What a document is called, which may be one that cannot be read.
pub(crate) fn called(document: &Result<Document>) -> String {
    match document {
        Ok(document) => document.id.clone(),
        Err(error) => concerned(error),
    }
}

/// What the document is called that an error is over; nothing where it does not say.
pub(crate) fn concerned(error: &Error) -> String {
    match error {
        Error::Record { id, .. } | Error::Fault { document: id, .. } => id.clone(),
        Error::Format { path, line, .. } => format!("{path}:{line}"),
        Error::NoText { path, .. } | Error::TooLarge { path, .. } | Error::Read { path, .. } => path.clone(),
        _ => String::new(),
    }
}

/// The numbers of documents that were aligned and left out.
pub(crate) struct Finished {
    /// The number of documents that were aligned.
    pub(crate) done: usize,
    /// The number of documents that could not be read or aligned.
    left_out: usize,
    /// The journal, to be ended when the outputs are whole.
    journal: Option<Journal>,
}

impl Finished {
    /// Ends the journal: the outputs are whole.
    pub(crate) fn end_journal(&mut self) -> Result<()> {
        self.journal.take().map_or(Ok(()), Journal::finish)
    }

    /// Hands what became of the document `id` to `done`. One that could not be done, or over which the program failed, is
    /// left out. Fails where the others cannot be done either: the output cannot be written.
    fn take<T>(
        &mut self,
        id: &str,
        aligned: Result<T>,
        mut done: impl FnMut(Done<'_, '_, T>) -> Result<()>,
    ) -> Result<()> {
        match aligned.and_then(|mut document| done(Ok(&mut document))) {
            Ok(()) => self.done += 1,
            Err(error @ Error::Write { .. }) => return Err(error),
            Err(error) => {
                self.left_out += 1;
                done(Err(LeftOut { id, error: &error }))?;
            }
        }
        Ok(())
    }

    /// The outcome of the run, if everything was well that was done.
    pub(crate) fn outcome(&self) -> Outcome {
        if self.left_out == 0 {
            return Outcome::Done;
        }
        if self.done > 0 {
            let (left_out, all) = (self.left_out, self.done + self.left_out);
            // Where nobody reads it, the exit code still says it.
            let _ =
                writeln!(terminal::messages(), "note: {left_out} of {all} documents left out, for the reasons given");
        }
        Outcome::Failed
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use mtalign::error::panic;

    use super::*;

    #[test]
    fn a_panic_over_what_is_written_of_a_document_costs_that_document() {
        panic::hold_back();
        let mut finished = Finished { done: 0, left_out: 0, journal: None };
        let unreadable = || Error::Read { path: "2".to_owned(), source: io::ErrorKind::NotFound.into() };
        let full = || Error::Write { path: "out".to_owned(), source: io::ErrorKind::StorageFull.into() };
        for number in 0..10 {
            let aligned = if number == 2 { Err(unreadable()) } else { Ok(number) };
            let mut told = Vec::new();
            let taken = finished.take("a.txt", aligned, |number| {
                let number = match number {
                    Ok(number) => number,
                    Err(LeftOut { id, error }) => {
                        told.push(format!("{id}: {error}"));
                        return Ok(());
                    }
                };
                panic::guard("a.txt", || {
                    assert!(*number != 5, "five");
                    if *number == 9 { Err(full()) } else { Ok(()) }
                })
            });
            assert_eq!(taken.is_err(), number == 9, "where nothing can be written the run ends");
            let expected = match number {
                2 => Some("a.txt: cannot read `2`"),
                5 => Some("a.txt: cannot finish `a.txt`: this is a fault of the program"),
                _ => None,
            };
            assert_eq!(told, Vec::from_iter(expected));
        }
        assert_eq!((finished.done, finished.left_out), (7, 2));
        assert_eq!(finished.outcome(), Outcome::Failed);
    }
}
