//! Interrupts of a run over documents: nothing new is finished, what is done is kept, and how to go on is said.
//!
//! On the first SIGINT or SIGTERM the run ends between two documents with 130 or 143, as a shell says it; on the second at
//! once, whatever it is doing.

use std::sync::{Mutex, MutexGuard, PoisonError};

use mtalign::write::output::Partial;

/// What a run has to say when it is interrupted.
#[derive(Default)]
pub(crate) struct State {
    /// The number of documents that are done.
    pub(crate) done: usize,
    /// Whether what is done is in a journal.
    pub(crate) is_kept: bool,
    /// Whether nothing is to be said.
    pub(crate) quiet: bool,
    /// The outputs under way.
    pub(crate) partials: Vec<Partial>,
}

static STATE: Mutex<State> = Mutex::new(State { done: 0, is_kept: false, quiet: false, partials: Vec::new() });

/// Keeps the run from being interrupted, until this is dropped: while a document is written.
pub(crate) fn hold() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    /// What is said.
    #[cfg_attr(not(unix), allow(dead_code, reason = "others end where they are"))]
    fn words(&self) -> String {
        let documents = match self.done {
            0 => return "interrupted before a document was done".to_owned(),
            1 => "1 document is done".to_owned(),
            done => format!("{done} documents are done"),
        };
        if self.is_kept {
            format!("interrupted; {documents}, and the same command with `--resume` goes on after that")
        } else {
            format!("interrupted; {documents}")
        }
    }

    /// Removes what nobody has a use for: outputs without a document, and folders that only the program can read.
    #[cfg_attr(not(unix), allow(dead_code, reason = "others end where they are"))]
    fn tidy(&self) {
        for partial in self.partials.iter().filter(|partial| self.done == 0 || partial.is_folder()) {
            partial.remove();
        }
    }
}

/// From now on, interrupts end the run between two documents.
#[cfg(unix)]
pub(crate) fn watch() {
    use std::{
        io::Write as _,
        sync::{Arc, atomic::AtomicBool},
        thread,
    };

    use signal_hook::{
        consts::{SIGINT, SIGTERM},
        flag,
        iterator::Signals,
        low_level,
    };

    use crate::{cache, terminal};

    let is_ending = Arc::new(AtomicBool::new(false));
    // Of two actions on one signal the one that was asked for first comes first: so the first signal finds it unset.
    for signal in [SIGINT, SIGTERM] {
        let registered = flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_ending));
        let registered = registered.and_then(|_| flag::register(signal, Arc::clone(&is_ending)));
        if registered.is_err() {
            // As without all this: the run ends where it is.
            return;
        }
    }
    let Ok(mut signals) = Signals::new([SIGINT, SIGTERM]) else { return };
    let wait = move || {
        let Some(signal) = signals.forever().next() else { return };
        let state = hold();
        state.tidy();
        if !state.quiet {
            // Where nobody reads it, the exit code still says it.
            let _ = writeln!(terminal::messages(), "note: {}", state.words());
        }
        cache::close();
        // Without the ends of other threads' libraries, which are at work.
        low_level::exit(128 + signal);
    };
    // Without a thread to wait for them, signals after the first end the run.
    let _ = thread::Builder::new().name("interrupts".to_owned()).spawn(wait);
}

/// Interrupts end the run where it is.
#[cfg(not(unix))]
pub(crate) fn watch() {}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_said_tells_what_is_kept() {
        let said = |done, is_kept| State { done, is_kept, ..State::default() }.words();
        assert_eq!(said(0, false), "interrupted before a document was done");
        assert_eq!(said(1, false), "interrupted; 1 document is done");
        let words = "interrupted; 3 documents are done, and the same command with `--resume` goes on after that";
        assert_eq!(said(3, true), words);
    }

    #[test]
    fn outputs_without_a_document_and_folders_of_the_program_s_own_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (file, hidden) = (folder.path().join("out.partial"), folder.path().join(".set.x.partial"));
        let partials = [&file, &hidden].map(|path| Partial { path: path.clone(), of: folder.path().join("out") });
        for done in [1, 0] {
            fs::write(&file, "").unwrap();
            fs::create_dir_all(hidden.join("spool")).unwrap();
            State { done, partials: partials.to_vec(), ..State::default() }.tidy();
            assert_eq!((file.exists(), hidden.exists()), (done > 0, false));
        }
    }
}
