//! The cache of a run, and the command `mtalign cache`.

use std::{io::Write as _, path::Path, sync::OnceLock};

use mtalign::{
    Aligner,
    error::{Error, Result},
    translate::{
        Compute,
        cache::{self, Cache},
    },
    write::{output::Output, safe},
};

use crate::{
    Outcome,
    args::{CacheAction, ModelArgs, Verbosity},
    commands::tell,
};

/// The cache of this run, once it is needed.
static CACHE: OnceLock<Option<Cache>> = OnceLock::new();

/// The cache of this run; none where it is not wanted, or the environment names no place for one.
pub(crate) fn of_run(args: &ModelArgs) -> Option<&'static Cache> {
    if args.no_cache {
        return None;
    }
    CACHE.get_or_init(|| cache::default_folder().map(|folder| Cache::open(&folder))).as_ref()
}

/// Loads an aligner, with the cache of this run if it has one.
pub(crate) fn load(args: &ModelArgs, compute: Compute) -> Result<Aligner> {
    match of_run(args) {
        Some(cache) => Aligner::load_with_cache(&args.model, compute, cache),
        None => Aligner::load_with(&args.model, compute),
    }
}

/// Closes the cache of this run, so that nothing is left beside its file.
pub(crate) fn close() {
    if let Some(cache) = CACHE.get().and_then(Option::as_ref) {
        cache.close();
    }
}

/// Says what went wrong with the cache, which is never a reason to stop.
pub(crate) fn tell_trouble(args: &ModelArgs, verbosity: &Verbosity) {
    if let Some(trouble) = of_run(args).and_then(Cache::trouble) {
        tell(verbosity, |out| writeln!(out, "note: {trouble}"));
    }
}

/// Runs `mtalign cache`.
pub(crate) fn run(action: &CacheAction) -> Result<Outcome> {
    let folder = cache::default_folder().ok_or(Error::NoCacheFolder)?;
    match action {
        CacheAction::Size => size(&folder),
        CacheAction::Clear => clear(&folder),
    }
}

/// Runs `mtalign cache size`.
fn size(folder: &Path) -> Result<Outcome> {
    let contents = Cache::contents(folder)?;
    let mut output = Output::stdout();
    let failed = output.failed();
    let mut line = |name: &str, records: &str, bytes: &str| writeln!(output, "{name:<14}{records:>10}{bytes:>14}");
    line("", "records", "bytes").map_err(&failed)?;
    for (kind, count) in &contents.counts {
        line(kind.name(), &count.records.to_string(), &count.bytes.to_string()).map_err(&failed)?;
    }
    let records: u64 = contents.counts.iter().map(|(_, count)| count.records).sum();
    line("on disk", &records.to_string(), &contents.bytes.to_string()).map_err(&failed)?;
    line("at most", "", &cache::DEFAULT_LIMIT.to_string()).map_err(&failed)?;
    writeln!(output, "{}", safe::one_line(&contents.path.display().to_string())).map_err(&failed)?;
    output.finish()?;
    Ok(Outcome::Done)
}

/// Runs `mtalign cache clear`.
fn clear(folder: &Path) -> Result<Outcome> {
    let cleared = Cache::clear(folder)?;
    let mut output = Output::stdout();
    let failed = output.failed();
    let path = cleared.path.display().to_string();
    writeln!(output, "freed {} bytes, {} records: {}", cleared.bytes, cleared.records, safe::one_line(&path))
        .map_err(&failed)?;
    output.finish()?;
    Ok(Outcome::Done)
}
