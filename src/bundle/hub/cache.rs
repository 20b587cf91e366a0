//! One commit of a repository in the hub's cache on this machine: files fetched, resumed, checked, and kept by hash.
//!
//! ```text
//!  blobs/HASH.part ─▶ blobs/HASH ◀─ snapshots/COMMIT/NAME ◀─ refs/main
//! ```

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

use hf_hub::CacheRepo;

use super::{
    Hub, Repository,
    client::{Remote, SHA256_DIGITS},
};
use crate::{
    bundle::digest::{git_sha1, sha256},
    error::{Error, Result},
};

/// The number of bytes written at a time.
const BLOCK: usize = 1 << 16;

const BROKEN_HINT: &str = "run the same command again: it goes on where it stopped";
const DAMAGED_HINT: &str = "run the same command again; if it ends so again, what the hub has is damaged";

/// The files of one commit in the cache.
pub(super) struct Snapshot<'h> {
    hub: &'h Hub,
    repository: &'h Repository,
    commit: &'h str,
    cache: CacheRepo,
}

impl<'h> Snapshot<'h> {
    pub(super) fn new(hub: &'h Hub, repository: &'h Repository, commit: &'h str) -> Self {
        Self { hub, repository, commit, cache: hub.cache.repo(repository.on_hub()) }
    }

    /// The folder with all files that were fetched, which becomes that of the main branch.
    pub(super) fn path(&self) -> Result<PathBuf> {
        let path = self.cache.pointer_path(self.commit);
        self.cache.create_ref(self.commit).map_err(|cause| Error::write(&path, cause))?;
        Ok(path)
    }

    /// Fetches what of a file is not there yet, and checks it. `advance` is told how many bytes are there, as they
    /// come.
    pub(super) fn fetch(&self, file: &Remote, advance: &mut dyn FnMut(u64)) -> Result<()> {
        let blob = self.cache.blob_path(&file.hash);
        if is_whole(&blob, file).unwrap_or(false) {
            advance(file.bytes);
        } else {
            let part = blob.with_extension("part");
            create_folder_of(&part)?;
            self.download(file, &part, advance)?;
            if !is_whole(&part, file).map_err(|cause| Error::read(&part, cause))? {
                fs::remove_file(&part).map_err(|cause| Error::write(&part, cause))?;
                let what = format!("`{}` came with other bytes than the hub says it has", file.name);
                return Err(Error::install(self.repository.as_str(), what, DAMAGED_HINT));
            }
            fs::rename(&part, &blob).map_err(|cause| Error::write(&blob, cause))?;
        }
        let name = self.cache.pointer_path(self.commit).join(&file.name);
        create_folder_of(&name)?;
        point(&name, &file.hash, &blob).map_err(|cause| Error::write(&name, cause))
    }

    /// Appends to `part` what it lacks. A connection that breaks is opened again as long as each gets further.
    fn download(&self, file: &Remote, part: &Path, advance: &mut dyn FnMut(u64)) -> Result<()> {
        let cannot = |cause| Error::write(part, cause);
        let mut output = OpenOptions::new().create(true).append(true).open(part).map_err(cannot)?;
        let mut there = output.metadata().map_err(cannot)?.len();
        if there > file.bytes {
            output.set_len(0).map_err(cannot)?;
            there = 0;
        }
        let (mut furthest, mut shown) = (there, 0);
        while there < file.bytes {
            let transfer = self.hub.open(self.repository, self.commit, &file.name, there)?;
            output.set_len(transfer.start).map_err(cannot)?;
            there = transfer.start;
            let mut body = transfer.body.take(file.bytes - there);
            let mut block = vec![0; BLOCK];
            let ended = loop {
                match body.read(&mut block) {
                    Ok(0) => break None,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => break Some(error),
                    Ok(read) => {
                        output.write_all(&block[..read]).map_err(cannot)?;
                        there += read as u64;
                        advance(there.saturating_sub(shown));
                        shown = shown.max(there);
                    }
                }
            };
            if there < file.bytes && there <= furthest {
                return Err(self.broken(file, there, ended));
            }
            furthest = there;
        }
        advance(file.bytes.saturating_sub(shown));
        Ok(())
    }

    fn broken(&self, file: &Remote, there: u64, cause: Option<io::Error>) -> Error {
        let what = format!("the connection broke after {there} of {} bytes of `{}`", file.bytes, file.name);
        let model = self.repository.as_str().to_owned();
        Error::Install { model, what, hint: BROKEN_HINT, source: cause.map(Into::into) }
    }
}

/// Whether a file has the size and the hash that the hub says.
fn is_whole(path: &Path, file: &Remote) -> io::Result<bool> {
    if fs::metadata(path)?.len() != file.bytes {
        return Ok(false);
    }
    let found = if file.hash.len() == SHA256_DIGITS { sha256(path) } else { git_sha1(path) };
    Ok(found? == file.hash)
}

fn create_folder_of(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).map_err(|cause| Error::write(folder, cause))
}

/// Makes `name`, two folders below the repository's, a link to the blob.
#[cfg(unix)]
fn point(name: &Path, hash: &str, _: &Path) -> io::Result<()> {
    remove(name)?;
    std::os::unix::fs::symlink(Path::new("../../blobs").join(hash), name)
}

/// Copies the blob to `name`: links are a privilege on some systems.
#[cfg(not(unix))]
fn point(name: &Path, _: &str, blob: &Path) -> io::Result<()> {
    remove(name)?;
    fs::copy(blob, name).map(drop)
}

fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path).or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
}
