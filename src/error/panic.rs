//! Panics as errors: what was said and where, so that a panic costs what was being worked on and nothing more.
//!
//! A panic is a fault of the program that no test has found. Where many documents are worked on, one of them is no
//! reason to lose the others: [`guard`] makes its panic an error like any other. The words of a panic may quote a
//! document, so they are made harmless before anybody sees them.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{self, AssertUnwindSafe, Location, catch_unwind},
    sync::Once,
    thread::LocalKey,
};

use super::{Error, Result};

/// The number of characters of a panic's words that are kept: the rest quotes data, or lists libtorch's calls.
const LONGEST_MESSAGE: usize = 400;

thread_local! {
    /// The number of calls of [`catch`] that this thread is in.
    static CATCHING: Cell<usize> = const { Cell::new(0) };
    /// The place of this thread's last panic in such a call.
    static PLACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// A panic: a fault of the program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place.as_ref().map_or_else(String::new, |place| format!("{place}: ")))]
pub struct Panic {
    /// The file and line of the source; none without [`hold_back`].
    pub place: Option<String>,
    /// The words of the panic, on one line.
    pub message: String,
}

/// Keeps panics inside [`catch`] and [`guard`] from being told on standard error, and remembers their places. Other
/// panics are told as before. For the program, once; a library does not touch what its user has set.
pub fn hold_back() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let tell = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if CATCHING.get() == 0 {
                tell(info);
            } else {
                PLACE.set(info.location().map(of_source));
            }
        }));
    });
}

/// Does `work`, and returns its panic as an error. What it changed may be left half changed then, and must not be
/// used again.
pub fn catch<T>(work: impl FnOnce() -> T) -> std::result::Result<T, Panic> {
    let _inside = Inside::enter(&CATCHING);
    PLACE.take();
    catch_unwind(AssertUnwindSafe(work))
        .map_err(|payload| Panic { place: PLACE.take(), message: harmless(said(&*payload)) })
}

/// Does `work` on the document `name`, and makes its panic an error that names the document. What `work` changed must
/// not be used again after [`Error::Fault`].
pub fn guard<T>(name: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    catch(work).unwrap_or_else(|panic| Err(panic.over(name)))
}

impl Panic {
    /// Goes on with a panic of another thread in this one, with its place and its words.
    pub(crate) fn resume(self) -> ! {
        PLACE.set(self.place);
        panic::resume_unwind(Box::new(self.message))
    }

    /// The error for a panic over the document `name`.
    pub(crate) fn over(self, name: &str) -> Error {
        Error::Fault { document: harmless(name), source: self }
    }
}

/// Counts a call for as long as it lasts.
struct Inside(&'static LocalKey<Cell<usize>>);

impl Inside {
    fn enter(calls: &'static LocalKey<Cell<usize>>) -> Self {
        calls.set(calls.get() + 1);
        Self(calls)
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

/// A place in the source. Of another crate's, only the crate's own folder and what is below it: where it lay on the
/// machine that built the program is nobody's business.
fn of_source(location: &Location<'_>) -> String {
    let file = location.file().replace('\\', "/");
    let above = file.rfind("/src/").and_then(|end| file[..end].rfind('/'));
    let file = above.map_or(&*file, |slash| &file[slash + 1..]);
    format!("{file}:{}", location.line())
}

fn said(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without words")
}

/// A text on one line, without what a terminal obeys: control characters, line separators, turns of direction.
fn harmless(text: &str) -> String {
    let obeyed = |c: char| {
        c.is_control()
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let spaced: String = text.chars().map(|c| if obeyed(c) { ' ' } else { c }).collect();
    let words = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    match words.char_indices().nth(LONGEST_MESSAGE) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    fn fault(name: &str, work: impl FnOnce()) -> (String, String) {
        hold_back();
        let error = guard(name, || {
            work();
            Ok(())
        })
        .unwrap_err();
        (error.to_string(), error.source().unwrap().to_string())
    }

    #[test]
    fn a_panic_is_an_error_that_names_the_document_and_the_place() {
        let line = line!() + 1;
        let (error, cause) = fault("a.txt", || panic!("five is {}", 4));
        assert_eq!(error, "cannot finish `a.txt`: this is a fault of the program");
        assert_eq!(cause, format!("src/error/panic.rs:{line}: five is 4"));
    }

    #[test]
    fn nothing_in_a_panic_commands_the_terminal() {
        let (error, cause) = fault("a\x1b[2J\n.txt", || panic!("\x1b]0;x\x07猫\r\n\u{202e}{}", "长".repeat(1_000)));
        for text in [&error, &cause] {
            assert!(!text.contains(|c: char| c.is_control() || c == '\u{202e}'), "{text:?}");
        }
        assert!(cause.chars().count() < LONGEST_MESSAGE + 60 && cause.ends_with('…'), "{cause}");
    }

    #[test]
    fn what_is_said_of_another_panic_is_not_remembered_for_this_one() {
        hold_back();
        assert!(catch(|| catch(|| panic!("inner")).is_err()).unwrap());
        assert_eq!(catch(|| 5), Ok(5));
        assert_eq!(CATCHING.get(), 0);
    }

    #[test]
    fn the_place_is_that_of_our_source_or_within_a_crate() {
        assert_eq!(of_source(Location::caller()), format!("src/error/panic.rs:{}", line!()));
        let elsewhere = catch(|| std::panic::resume_unwind(Box::new(5))).unwrap_err();
        assert_eq!(elsewhere, Panic { place: None, message: "a panic without words".to_owned() });
    }
}
