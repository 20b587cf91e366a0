//! Journals: what the models answered over each document of a run, kept beside its output until that is whole.
//!
//! A run that was cut off, by whatever it was, is gone on with by another over the same documents with the same settings:
//! it makes its output anew, and takes the answers that the journal has. So the bytes at the end are those of a run that
//! nothing disturbed, whatever the format.
//!
//! ```text
//!  X.journal   a line each: how the run is told from others │ what it was writing │ a document done │ one that failed │ …
//! ```
//! Each line begins with a checksum of the rest. What was being written when the run was cut off is not whole, and is
//! left out. A journal is locked by its run; where the name is taken, the next free one of `X.journal.2`, `X.journal.3` …
//! is used.

mod line;
mod past;

use std::{
    collections::BTreeMap,
    ffi::OsString,
    fs::{self, File, TryLockError},
    hash::{Hash as _, Hasher as _},
    io::{self, Write as _},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use self::line::{Done, Line};
pub use self::past::{Before, Past};
use crate::{
    document::{AlignedDocument, Document},
    error::{Error, Result},
    write::output::Partial,
};

/// What a run is told from others by. One goes on with another only where all of it is the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The command, such as `align`.
    pub command: String,
    /// The models, tables and code: [`Aligner::fingerprint`](crate::Aligner::fingerprint).
    pub fingerprint: String,
    /// The settings that the output depends on, by their names.
    pub settings: BTreeMap<String, String>,
}

/// The journal of a run. One that is dropped before [`Journal::finish`] stays.
#[derive(Debug)]
pub struct Journal {
    output: PathBuf,
    head: Head,
    partials: Vec<Partial>,
    begun: Option<Begun>,
    /// The outputs of former runs, which this one replaces.
    left: Vec<PathBuf>,
    /// The documents since the last one that was done, which failed.
    failed: usize,
}

#[derive(Debug)]
struct Begun {
    path: PathBuf,
    file: File,
    synced: Instant,
}

/// What is written is on the disk after so long at the latest. A document takes some milliseconds at least, and so does
/// asking for that.
const BETWEEN_SYNCS: Duration = Duration::from_secs(1);

/// So many journals of one output are left beside it at most.
const MOST: usize = 1_000;

impl Journal {
    /// The journal of a run that makes these outputs, beside the first of them. Its file appears with the first document.
    ///
    /// # Panics
    /// If there is no output.
    pub fn new(head: Head, partials: Vec<Partial>) -> Self {
        Self { output: partials[0].of.clone(), head, partials, begun: None, left: Vec::new(), failed: 0 }
    }

    /// Goes on with the latest journal of the first of these outputs, which no run has locked. None where there is none:
    /// then nothing was done yet, or all of it.
    ///
    /// Fails if what is there is no journal, or that of a run with other settings.
    pub fn resume(head: Head, partials: Vec<Partial>) -> Result<Option<(Self, Past)>> {
        let mut journal = Self::new(head, partials);
        let Some((path, file)) = latest(&journal.output)? else { return Ok(None) };
        let mut past = Past::read(&path, &journal.head)?;
        // What was being written goes, so that a line can follow.
        let failed = |source| Error::write(&path, source);
        file.set_len(past.end()).map_err(failed)?;
        journal.left = past.take_partials().into_iter().filter(|left| journal.replaces(left)).collect();
        journal.begun = Some(Begun { path: path.clone(), file, synced: Instant::now() });
        journal.write_partials()?;
        Ok(Some((journal, past)))
    }

    /// Whether there is a journal of this output.
    pub fn is_there(output: &Path) -> bool {
        fs::symlink_metadata(named(output, 1)).is_ok()
    }

    /// The path of the journal, once a document is done.
    pub fn path(&self) -> Option<&Path> {
        self.begun.as_ref().map(|begun| &*begun.path)
    }

    /// Keeps what was answered over a document of this [`fingerprint`]. Fails if it cannot be written.
    pub fn add(&mut self, fingerprint: u64, document: &AlignedDocument) -> Result<()> {
        for _ in 0..std::mem::take(&mut self.failed) {
            self.write(&Line::Failed)?;
        }
        self.write(&Line::Done(Done::new(fingerprint, document)))
    }

    /// Keeps, with the next document that is done, that one could not be read or aligned: a later run tries it again.
    pub fn add_failed(&mut self) {
        self.failed += 1;
    }

    /// Ends the journal of an output that is whole: removes it, and what former runs had written of that output.
    pub fn finish(self) -> Result<()> {
        for left in &self.left {
            let removed = if left.is_dir() { fs::remove_dir_all(left) } else { fs::remove_file(left) };
            match removed {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::write(left, error)),
                _ => {}
            }
        }
        let Some(Begun { path, .. }) = self.begun else { return Ok(()) };
        fs::remove_file(&path).map_err(|source| Error::write(&path, source))
    }

    fn write(&mut self, line: &Line) -> Result<()> {
        if self.begun.is_none() {
            let (path, file) = create(&self.output)?;
            self.begun = Some(Begun { path, file, synced: Instant::now() });
            self.write(&Line::Head(self.head.clone()))?;
            self.write_partials()?;
        }
        let Some(Begun { path, file, synced }) = &mut self.begun else { return Ok(()) };
        let written = file.write_all(line.to_text().as_bytes()).and_then(|()| {
            if synced.elapsed() < BETWEEN_SYNCS {
                return Ok(());
            }
            *synced = Instant::now();
            file.sync_data()
        });
        written.map_err(|source| Error::write(path, source))
    }

    fn write_partials(&mut self) -> Result<()> {
        let paths = self.partials.iter().map(|partial| partial.path.display().to_string()).collect();
        self.write(&Line::Partials(paths))
    }

    /// Whether a former run's file is one under way of an output that this run makes, and not this run's own.
    fn replaces(&self, left: &Path) -> bool {
        let is_own = self.partials.iter().any(|partial| partial.path == left);
        !is_own && self.partials.iter().any(|partial| is_partial_of(left, &partial.of))
    }
}

/// What tells a document from others: everything in it.
pub fn fingerprint(document: &Document) -> u64 {
    let mut hasher = XxHash3_64::new();
    document.hash(&mut hasher);
    hasher.finish()
}

/// Whether the path is of the form that outputs under way have: `X.partial`, `X.partial.2`, or `.X.….partial`.
fn is_partial_of(path: &Path, output: &Path) -> bool {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let (Some(partial), Some(output_name)) = (name(path), name(output)) else { return false };
    let of_file = partial.strip_prefix(&*format!("{output_name}.partial"));
    let of_file = of_file.is_some_and(|rest| {
        rest.is_empty() || rest.strip_prefix('.').is_some_and(|number| number.parse::<usize>().is_ok())
    });
    let of_folder = partial.strip_prefix(&*format!(".{output_name}.")).and_then(|rest| rest.strip_suffix(".partial"));
    let of_folder = of_folder.is_some_and(|random| random.chars().all(char::is_alphanumeric));
    path.parent() == output.parent() && (of_file || of_folder)
}

/// The name of the journal of this number, 1-based.
fn named(output: &Path, number: usize) -> PathBuf {
    let mut name = OsString::from(output.file_name().unwrap_or_default());
    name.push(".journal");
    if number > 1 {
        name.push(format!(".{number}"));
    }
    output.with_file_name(name)
}

/// Creates a journal under the first name that nothing has, and locks it.
fn create(output: &Path) -> Result<(PathBuf, File)> {
    for number in 1..=MOST {
        let path = named(output, number);
        match File::create_new(&path) {
            Ok(file) => {
                is_locked(&file).map_err(|source| Error::write(&path, source))?;
                return Ok((path, file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::write(&path, source)),
        }
    }
    Err(Error::write(&named(output, 1), io::ErrorKind::AlreadyExists.into()))
}

/// The journal with the highest number that no run has locked, opened and locked. Fails if all there are, are locked.
fn latest(output: &Path) -> Result<Option<(PathBuf, File)>> {
    let are_there = (1..=MOST).map(|number| named(output, number)).take_while(|path| path.exists());
    let all: Vec<PathBuf> = are_there.collect();
    for path in all.iter().rev() {
        let file = File::options().read(true).append(true).open(path).map_err(|source| Error::read(path, source))?;
        if is_locked(&file).map_err(|source| Error::read(path, source))? {
            return Ok(Some((path.clone(), file)));
        }
    }
    match all.last() {
        None => Ok(None),
        Some(path) => Err(refused(path, "the run that writes it is not over")),
    }
}

/// Whether the file is locked for this run now. Where the file system knows no locks, nothing else can have it.
fn is_locked(file: &File) -> io::Result<bool> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => Ok(true),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn refused(path: &Path, what: impl Into<String>) -> Error {
    Error::Resume { path: path.display().to_string(), what: what.into() }
}

#[cfg(test)]
mod tests;
