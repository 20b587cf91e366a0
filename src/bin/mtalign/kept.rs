//! What a run keeps of its documents in a journal, and what it takes from the journal of a run that was cut off.

use std::{cell::RefCell, collections::VecDeque, rc::Rc};

use mtalign::{
    aligner::Answers,
    document::{AlignedDocument, Document},
    error::{Error, Result},
    journal::{Before, Head, Journal, Past, fingerprint},
    write::output::Partial,
};

use crate::{
    args::{RunArgs, Typed},
    commands::tell,
};

/// The journal of a run, if it keeps one, and what another left.
pub(crate) struct Kept {
    journal: Option<Journal>,
    past: Option<Past>,
}

impl Kept {
    /// The journal of a run that makes these outputs of several documents; none where there is one document, or none of
    /// the outputs has a name. `models` tells the models from others.
    pub(crate) fn begin(
        args: &RunArgs,
        partials: &[Partial],
        of_several: bool,
        models: impl FnOnce() -> Result<String>,
    ) -> Result<Self> {
        let Some(first) = partials.first().filter(|_| of_several) else {
            if args.resume {
                tell(&args.verbosity, |out| writeln!(out, "note: nothing to resume; begins anew"));
            }
            return Ok(Self { journal: None, past: None });
        };
        let Typed { command, settings } = args.typed.clone();
        let head = Head { command, fingerprint: models()?, settings };
        if args.resume {
            if let Some((journal, past)) = Journal::resume(head.clone(), partials.to_vec())? {
                let done = past.done();
                tell(&args.verbosity, |out| writeln!(out, "note: resumes after {done} documents that are done"));
                return Ok(Self { journal: Some(journal), past: Some(past) });
            }
            tell(&args.verbosity, |out| writeln!(out, "note: nothing to resume; begins anew"));
        } else if Journal::is_there(&first.of) {
            let of = first.of.display();
            tell(&args.verbosity, |out| {
                writeln!(out, "note: a run that made `{of}` was cut off, and this one begins anew; `--resume` goes on")
            });
        }
        Ok(Self { journal: Some(Journal::new(head, partials.to_vec())), past: None })
    }

    /// What stands beside the work on the documents: what is recalled of those before it, and what is kept of those after.
    /// So many inputs were left out before the first document.
    pub(crate) fn beside(self, left_out: usize) -> Result<(Recalling, Keeping)> {
        let places = Rc::default();
        let mut recalling = Recalling { past: self.past, refusal: None, places: Rc::clone(&places) };
        let mut keeping = Keeping { journal: self.journal, places };
        for _ in 0..left_out {
            let before = recalling.past.as_mut().map(|past| past.before(None)).transpose()?.flatten();
            if before.is_none() {
                keeping.journal.iter_mut().for_each(Journal::add_failed);
            }
        }
        Ok((recalling, keeping))
    }
}

/// A document under way.
enum Place {
    /// The journal has it already.
    Known,
    /// It is to be kept, by this fingerprint if it could be read.
    New(Option<u64>),
}

/// What is recalled of documents.
pub(crate) struct Recalling {
    past: Option<Past>,
    refusal: Option<Error>,
    /// The documents under way, in their order.
    places: Rc<RefCell<VecDeque<Place>>>,
}

/// A document to be aligned, with the answers that were had over it before.
pub(crate) struct Recalled {
    pub(crate) document: Result<Document>,
    pub(crate) answers: Option<Answers>,
}

impl Recalling {
    /// The document with what is recalled of it. Nothing follows one that is not as it was.
    pub(crate) fn recall(&mut self, document: Result<Document>) -> Option<Recalled> {
        let read = document.as_ref().ok();
        let before = match self.past.as_mut().map(|past| past.before(read)).transpose() {
            Ok(before) => before.flatten(),
            Err(error) => {
                self.refusal = Some(error);
                return None;
            }
        };
        let place = if before.is_some() { Place::Known } else { Place::New(read.map(fingerprint)) };
        self.places.borrow_mut().push_back(place);
        let answers = if let Some(Before::Done(answers)) = before { Some(answers) } else { None };
        Some(Recalled { document, answers })
    }

    /// Fails if one of the documents was not as it was, or did not come any more.
    pub(crate) fn finish(self) -> Result<()> {
        match (self.refusal, self.past) {
            (Some(refusal), _) => Err(refusal),
            (None, Some(past)) => past.finish(),
            (None, None) => Ok(()),
        }
    }
}

/// What is kept of documents, which come in the order in which they were recalled.
pub(crate) struct Keeping {
    journal: Option<Journal>,
    places: Rc<RefCell<VecDeque<Place>>>,
}

impl Keeping {
    /// Keeps a document that is done, if it is new.
    pub(crate) fn add(&mut self, document: &AlignedDocument) -> Result<()> {
        match (self.places.borrow_mut().pop_front(), &mut self.journal) {
            (Some(Place::New(Some(fingerprint))), Some(journal)) => journal.add(fingerprint, document),
            _ => Ok(()),
        }
    }

    /// Keeps that a document failed.
    pub(crate) fn add_failed(&mut self) {
        if let (Some(Place::New(_)), Some(journal)) = (self.places.borrow_mut().pop_front(), &mut self.journal) {
            journal.add_failed();
        }
    }

    /// Whether what is done can be gone on with.
    pub(crate) fn is_there(&self) -> bool {
        self.journal.as_ref().is_some_and(|journal| journal.path().is_some())
    }

    /// The journal, to be ended when the outputs are whole.
    pub(crate) fn end(self) -> Option<Journal> {
        self.journal
    }
}
