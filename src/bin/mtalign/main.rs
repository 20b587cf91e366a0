//! The program: the only place that knows the command line, the terminal and exit codes.

mod args;
mod batch;
mod cache;
mod closed;
mod commands;
mod dataset;
mod hints;
mod kept;
mod lines;
mod memory;
mod models;
mod progress;
mod scores;
mod stop;
mod terminal;

use std::{
    error::Error as _,
    io::{self, Write},
};

use mtalign::error::{Error, Result, panic};

use crate::args::{Cli, Command};

/// How a run ended, and the exit code that says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Done: 0.
    Done,
    /// Done, and less is covered than was asked for, or the checks found something where nothing was to be found: 1.
    BelowMinimum,
    /// Wrong usage, or an input, a model or an output that cannot be used: 2.
    Failed,
}

impl From<Outcome> for u8 {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Done => 0,
            Outcome::BelowMinimum => 1,
            Outcome::Failed => 2,
        }
    }
}

fn main() {
    memory::fix();
    // Of a panic over a document its error tells.
    panic::hold_back();
    let command = Cli::from_command_line().command;
    let outcome = closed::check(&command).and_then(|()| run(&command));
    cache::close();
    leave(outcome.unwrap_or_else(|error| report(&error)).into())
}

/// Ends the program, all outputs being closed. What libtorch tidies up at an ordinary end, for .07 s, the system does as well.
fn leave(code: u8) -> ! {
    // Nobody is left who could be told that nobody reads.
    let _ = io::stdout().flush();
    #[cfg(unix)]
    signal_hook::low_level::exit(code.into());
    #[cfg(not(unix))]
    std::process::exit(code.into())
}

/// Does what was asked for.
fn run(command: &Command) -> Result<Outcome> {
    match command {
        Command::Align(args) => commands::align(args),
        Command::Coverage(args) => commands::coverage(args),
        Command::Translate(args) => commands::translate(args),
        Command::Dataset(args) => dataset::dataset(args),
        Command::Evaluate(args) => commands::evaluate(args),
        Command::Model { action } => models::run(action),
        Command::Cache { action } => cache::run(action),
    }
}

/// Says what went wrong. A reader that stopped reading is nothing wrong.
fn report(error: &Error) -> Outcome {
    if is_broken_pipe(error) {
        return Outcome::Done;
    }
    // Where nobody reads it, the exit code still says it.
    let _ = explain(&mut terminal::messages(), error);
    Outcome::Failed
}

/// What went wrong, why, and what to do.
fn explain(out: &mut dyn Write, error: &Error) -> io::Result<()> {
    writeln!(out, "error: {error}")?;
    let mut cause = error.source();
    while let Some(error) = cause {
        writeln!(out, "caused by: {error}")?;
        cause = error.source();
    }
    match hints::hint(error) {
        Some(hint) => writeln!(out, "hint: {hint}"),
        None => Ok(()),
    }
}

fn is_broken_pipe(error: &Error) -> bool {
    matches!(error, Error::Write { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
}
