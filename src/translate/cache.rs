//! A cache on disk: what a model was asked once it is not asked again, in this run or another.
//!
//! ```text
//!  a call's questions ─▶ keys ─▶ looked up ─▶ those without an answer, once each ─▶ model ─▶ written, all or none
//! ```
//! [`Cached`] is a translator or a tagger over another, [`CachedEngine`] an engine over another, which may wait to be
//! loaded until something is asked that has no answer. Answers are found by everything that they depend on
//! (`record.rs`), so that another model, another setting or another version of the program finds nothing.
//!
//! A cache is never a reason to fail: where it cannot be used, the run goes on without it, and [`Cache::trouble`] says
//! why. Several threads and processes use one at once. SQLite keeps it (`store.rs`), which asks for a file system of this
//! machine.

mod cached;
mod engine;
mod folder;
mod record;
mod store;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use rusqlite::{Error as Failure, ErrorCode};

pub use self::{
    cached::Cached,
    engine::{CachedEngine, Fingerprints},
    folder::default_folder,
    record::Kind,
    store::Count,
};
use self::{
    record::Key,
    store::{Found, Refusal, Store, is_damaged, is_locked},
};
use crate::error::{Error, Result};

/// The bytes that a cache may take: some four million answers, at the 273 bytes that one of 200 takes (`store.rs`). That
/// is more than the model answers in a week of work, and little on any disk.
pub const DEFAULT_LIMIT: u64 = 1 << 30;

/// A cache, or what is left of one that could not be used. Clones are the same cache.
#[derive(Clone)]
pub struct Cache(Arc<Mutex<State>>);

struct State {
    path: PathBuf,
    /// The store, as long as it can be used.
    store: Option<Store>,
    /// What went wrong, until somebody asks.
    trouble: Option<String>,
}

/// What a cache holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The file.
    pub path: PathBuf,
    /// The bytes that it takes on the disk.
    pub bytes: u64,
    /// The records of each kind.
    pub counts: Vec<(Kind, Count)>,
}

/// What was removed from a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cleared {
    /// The file.
    pub path: PathBuf,
    /// The bytes that it takes no longer.
    pub bytes: u64,
    /// The number of records that it had, as far as they could be counted.
    pub records: u64,
}

impl Cache {
    /// Opens the cache in `folder`, and makes it where there is none. It may take [`DEFAULT_LIMIT`].
    pub fn open(folder: &Path) -> Self {
        Self::open_with_limit(folder, DEFAULT_LIMIT)
    }

    /// Opens the cache in `folder`, which may take so many bytes: the least recently used answers leave it first.
    pub fn open_with_limit(folder: &Path, limit: u64) -> Self {
        let mut state = State { path: folder.join(folder::FILE), store: None, trouble: None };
        state.open(folder, limit);
        Self(Arc::new(Mutex::new(state)))
    }

    /// What went wrong with the cache since this was asked last, for people: a phrase that names the file.
    pub fn trouble(&self) -> Option<String> {
        self.state().trouble.take()
    }

    /// Closes the cache, which happens by itself when the last clone goes. Whoever asks for something afterwards goes on
    /// without it.
    pub fn close(&self) {
        self.state().store = None;
    }

    /// What the cache in `folder` holds; nothing where there is none. Fails if it cannot be read.
    pub fn contents(folder: &Path) -> Result<Contents> {
        let path = folder.join(folder::FILE);
        let nothing = || Kind::ALL.map(|kind| (kind, Count::default())).to_vec();
        let existing = folder::existing(folder).map_err(|cause| Error::read(&path, cause))?;
        let Some(path) = existing else { return Ok(Contents { path, bytes: 0, counts: nothing() }) };
        // While it is open there is more beside it.
        let bytes = folder::bytes(&path);
        let store = Store::open(&path, DEFAULT_LIMIT).map_err(|refusal| unusable(&path, refusal))?;
        let counts = store.counts().map_err(|failure| unusable(&path, failure.into()))?;
        Ok(Contents { path, bytes, counts })
    }

    /// Removes everything from the cache in `folder`, whatever state it is in. Fails if that cannot be done, or another
    /// process keeps it locked.
    pub fn clear(folder: &Path) -> Result<Cleared> {
        let path = folder.join(folder::FILE);
        let existing = folder::existing(folder).map_err(|cause| Error::read(&path, cause))?;
        let Some(path) = existing else { return Ok(Cleared { path, bytes: 0, records: 0 }) };
        let before = folder::bytes(&path);
        let emptied = Store::open(&path, DEFAULT_LIMIT).and_then(|mut store| {
            let records = store.counts()?.iter().map(|(_, count)| count.records).sum();
            store.clear()?;
            Ok(records)
        });
        let records = match emptied {
            Ok(records) => records,
            Err(Refusal::Failed(failure)) if !is_damaged(&failure) => return Err(unusable(&path, failure.into())),
            Err(_) => {
                folder::remove(&path).map_err(|cause| Error::write(&path, cause))?;
                0
            }
        };
        Ok(Cleared { bytes: before.saturating_sub(folder::bytes(&path)), records, path })
    }

    /// Looks answers up; same order as `keys`.
    fn find(&self, keys: &[Key]) -> Vec<Option<Found>> {
        let found = self.state().with_store(|store| store.find(keys, now()));
        found.unwrap_or_else(|| keys.iter().map(|_| None).collect())
    }

    /// Writes the answers of one call, and that others were used.
    fn keep(&self, kind: Kind, records: &[(Key, Vec<u8>)], used: &[Key]) {
        if !records.is_empty() || !used.is_empty() {
            self.state().with_store(|store| store.keep(kind, records, used, now()));
        }
    }

    /// A panic of another thread leaves the store as it was: what it had begun was not written.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn open(&mut self, folder: &Path, limit: u64) {
        let opened = folder::prepare(folder).map_err(|error| error.to_string()).and_then(|path| {
            self.path = path;
            match Store::open(&self.path, limit) {
                Err(Refusal::Failed(failure)) if is_damaged(&failure) => {
                    self.trouble = Some(format!("the cache `{}` was damaged and begins anew", self.path.display()));
                    remove(&self.path)?;
                    Store::open(&self.path, limit)
                }
                opened => opened,
            }
            .map_err(|refusal| why(&refusal))
        });
        match opened {
            Ok(store) => self.store = Some(store),
            Err(why) => self.give_up(&why),
        }
    }

    /// Works with the store; if it fails, that was the last time.
    fn with_store<T>(&mut self, work: impl FnOnce(&mut Store) -> rusqlite::Result<T>) -> Option<T> {
        let failure = match work(self.store.as_mut()?) {
            Ok(done) => return Some(done),
            Err(failure) => failure,
        };
        self.store = None;
        if is_damaged(&failure) {
            // The next run begins anew. Where even this fails, that run will say so.
            let _ = remove(&self.path);
        }
        self.give_up(&why(&Refusal::Failed(failure)));
        None
    }

    fn give_up(&mut self, why: &str) {
        self.trouble = Some(format!("going on without the cache `{}`: {why}", self.path.display()));
    }
}

fn remove(path: &Path) -> std::result::Result<(), String> {
    folder::remove(path).map_err(|error| error.to_string())
}

/// Why a store is not used, for people.
fn why(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Newer => "a newer version of the program made it".to_owned(),
        Refusal::Failed(failure) if is_locked(failure) => "another program keeps it locked".to_owned(),
        Refusal::Failed(failure) if is_damaged(failure) => format!("it is damaged ({failure})"),
        Refusal::Failed(failure) => match failure.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => "it cannot be written".to_owned(),
            _ => failure.to_string(),
        },
    }
}

fn unusable(path: &Path, refusal: Refusal) -> Error {
    let what = why(&refusal);
    let source: Option<Failure> = if let Refusal::Failed(failure) = refusal { Some(failure) } else { None };
    Error::Cache { path: path.display().to_string(), what, source: source.map(Into::into) }
}

/// Seconds since 1970.
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
