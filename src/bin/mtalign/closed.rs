//! Whether standard output was closed when the program was started, as by `mtalign align notes.txt >&-`.
//!
//! Rust's runtime opens `/dev/null` in place of a standard stream that is closed, before `main`; everything that is written
//! there succeeds, and is gone. `/dev/null` may as well be what the caller wants, so it has to be looked at before: here the
//! compiler is told to trust us, but only over where a pointer to a function is put.

use std::io;

use mtalign::error::{Error, Result};

use crate::args::{Command, is_standard};

/// Fails if `command` writes to standard output and that was closed.
pub(crate) fn check(command: &Command) -> Result<()> {
    if !(is_closed() && writes_there(command)) {
        return Ok(());
    }
    let source = io::Error::new(io::ErrorKind::NotConnected, "it is closed");
    Err(Error::Write { path: "<stdout>".to_owned(), source })
}

fn writes_there(command: &Command) -> bool {
    match command {
        Command::Align(args) => is_standard(&args.output),
        Command::Dataset(args) => is_standard(&args.output),
        Command::Coverage(_)
        | Command::Translate(_)
        | Command::Evaluate(_)
        | Command::Model { .. }
        | Command::Cache { .. } => true,
    }
}

#[cfg(target_os = "linux")]
fn is_closed() -> bool {
    early::IS_CLOSED.load(std::sync::atomic::Ordering::Relaxed)
}

/// Elsewhere it is not known how to look.
#[cfg(not(target_os = "linux"))]
fn is_closed() -> bool {
    false
}

#[cfg(target_os = "linux")]
mod early {
    use std::{
        path::Path,
        sync::atomic::{AtomicBool, Ordering},
    };

    pub(super) static IS_CLOSED: AtomicBool = AtomicBool::new(false);

    /// Called by the C library before the runtime begins.
    #[allow(unsafe_code, reason = "the section holds pointers to functions that are called at start, as this one is")]
    #[used]
    #[unsafe(link_section = ".init_array")]
    static LOOK: extern "C" fn() = look;

    extern "C" fn look() {
        let streams = Path::new("/proc/self/fd");
        IS_CLOSED.store(streams.exists() && !streams.join("1").exists(), Ordering::Relaxed);
    }
}
