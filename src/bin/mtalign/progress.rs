//! Progress on standard error: bars for people, JSON lines for programs.

use std::{
    cell::{Cell, RefCell},
    io::{IsTerminal, Write, stderr},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle as BarStyle};
use mtalign::progress::{Progress, Stage};

use crate::{
    args::{ProgressStyle, Verbosity},
    terminal::messages,
};

/// The display of progress that was asked for.
pub(crate) fn show(verbosity: &Verbosity) -> Box<dyn Progress> {
    match verbosity.progress {
        ProgressStyle::Json => Box::new(JsonLines::default()),
        ProgressStyle::Auto if !verbosity.quiet && stderr().is_terminal() => Box::new(Bars::default()),
        ProgressStyle::Auto | ProgressStyle::Never => Box::new(()),
    }
}

/// A progress bar for the stage under way, or the number of documents that are done.
#[derive(Default)]
struct Bars {
    bar: RefCell<Option<ProgressBar>>,
    documents: Cell<usize>,
}

/// The time between two movements of a bar of which nothing else changes.
const TICK: Duration = Duration::from_millis(200);

impl Progress for Bars {
    fn begin(&self, stage: Stage, total: usize) {
        self.end();
        let template = match stage {
            Stage::Fetch => "{prefix}{msg:>10} {wide_bar} {bytes}/{total_bytes}, {bytes_per_sec}, {eta} left",
            Stage::Translate | Stage::Align => {
                "{prefix}{msg:>10} {wide_bar} {human_pos}/{human_len} sentences, {per_sec}, {eta} left"
            }
        };
        let style = BarStyle::with_template(template).unwrap_or_else(|_| BarStyle::default_bar());
        let documents = match self.documents.get() {
            0 => String::new(),
            done => format!("{done} done, "),
        };
        let bar = ProgressBar::new(total as u64).with_style(style).with_message(stage.name()).with_prefix(documents);
        bar.enable_steady_tick(TICK);
        self.bar.replace(Some(bar));
    }

    fn advance(&self, units: usize) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.inc(units as u64);
        }
    }

    fn end(&self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    fn documents(&self, done: usize) {
        self.documents.set(done);
        self.count(&format!("{done} documents done"));
    }

    fn pairs(&self, done: usize) {
        self.count(&format!("{done} pairs scored"));
    }
}

impl Bars {
    fn count(&self, message: &str) {
        self.end();
        let bar = ProgressBar::new_spinner().with_message(message.to_owned());
        bar.enable_steady_tick(TICK);
        self.bar.replace(Some(bar));
    }
}

/// Progress as JSON lines: `{"stage":"translate","done":20,"total":140,"seconds":1.2}`, at most ten lines a second,
/// and always the last one; and `{"stage":"documents","done":3}` after each document, `"pairs"` after some.
#[derive(Default)]
struct JsonLines {
    stage: RefCell<Option<Running>>,
}

struct Running {
    stage: Stage,
    done: usize,
    total: usize,
    started: Instant,
    written: Option<Instant>,
}

/// The least time between two lines.
const LINE_INTERVAL: Duration = Duration::from_millis(100);

impl Running {
    fn write(&mut self) {
        let seconds = self.started.elapsed().as_secs_f64();
        let line = serde_json::json!({
            "stage": self.stage.name(), "done": self.done, "total": self.total, "seconds": (seconds * 10.0).round() / 10.0
        });
        // A reader that has gone away is no reason to stop the work.
        let _ = writeln!(messages(), "{line}");
        self.written = Some(Instant::now());
    }
}

impl Progress for JsonLines {
    fn begin(&self, stage: Stage, total: usize) {
        self.stage.replace(Some(Running { stage, done: 0, total, started: Instant::now(), written: None }));
    }

    fn advance(&self, units: usize) {
        if let Some(running) = &mut *self.stage.borrow_mut() {
            running.done += units;
            if running.written.is_none_or(|written| written.elapsed() >= LINE_INTERVAL) {
                running.write();
            }
        }
    }

    fn end(&self) {
        if let Some(mut running) = self.stage.take() {
            running.write();
        }
    }

    fn documents(&self, done: usize) {
        count("documents", done);
    }

    fn pairs(&self, done: usize) {
        count("pairs", done);
    }
}

fn count(of: &str, done: usize) {
    let line = serde_json::json!({ "stage": of, "done": done });
    // A reader that has gone away is no reason to stop the work.
    let _ = writeln!(messages(), "{line}");
}
