//! A directory → the documents in it and below it, in order.
//!
//! Files are known by their endings and come sorted by path, so that a run is the same everywhere. Hidden files,
//! files of other kinds and links to directories, which may lead in circles, are passed over. Of each directory on
//! the way down the names are held, and nothing else.

use std::{
    io,
    path::{Path, PathBuf},
};

use walkdir::{DirEntry, FilterEntry, IntoIter, WalkDir};

use super::kind::Kind;
use crate::error::{Error, Result};

/// A file in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Where it is.
    pub(super) path: PathBuf,
    /// The path from the directory, with `/`.
    pub(super) id: String,
}

/// The documents of a directory, found one after another.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    entries: FilterEntry<IntoIter, fn(&DirEntry) -> bool>,
    is_empty: bool,
}

impl Directory {
    /// The documents of the directory at `path`.
    pub(super) fn new(path: &Path) -> Self {
        let is_seen: fn(&DirEntry) -> bool =
            |entry| entry.depth() == 0 || !entry.file_name().as_encoded_bytes().starts_with(b".");
        let entries = WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(is_seen);
        Self { path: path.to_owned(), entries, is_empty: true }
    }

    fn id(&self, path: &Path) -> String {
        let below = path.strip_prefix(&self.path).unwrap_or(path);
        below.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
    }
}

/// Fails for each directory below that cannot be read, and if there was no document at all.
impl Iterator for Directory {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Result<Found>> {
        while let Some(entry) = self.entries.next() {
            match entry {
                Ok(entry) if Kind::known(entry.path()).is_some() && entry.path().is_file() => {
                    self.is_empty = false;
                    return Some(Ok(Found { id: self.id(entry.path()), path: entry.into_path() }));
                }
                Ok(_) => {}
                Err(error) => {
                    self.is_empty = false;
                    let path = error.path().unwrap_or(&self.path).to_owned();
                    let cause = error.into_io_error().unwrap_or_else(|| io::ErrorKind::Other.into());
                    return Some(Err(Error::read(&path, cause)));
                }
            }
        }
        // Said once.
        let was_empty = std::mem::take(&mut self.is_empty);
        was_empty.then(|| Err(Error::NoDocuments { path: self.path.display().to_string() }))
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn found(files: &[&str]) -> (TempDir, Vec<std::result::Result<String, String>>) {
        let folder = TempDir::new().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let ids = Directory::new(folder.path()).map(|it| it.map(|it| it.id).map_err(|error| error.to_string()));
        let ids = ids.collect();
        (folder, ids)
    }

    #[test]
    fn files_of_known_kinds_come_sorted_by_path() {
        let files = ["b.txt", "a/z.HTML", "a/b/c.md", "a.srt", "c.rs", ".hidden.txt", ".git/d.txt", "a/.x.txt", "docx"];
        let (_, ids) = found(&files);
        assert_eq!(ids, ["a/b/c.md", "a/z.HTML", "a.srt", "b.txt"].map(|id| Ok(id.to_owned())));
    }

    #[test]
    fn a_directory_without_documents_is_an_error_said_once() {
        let (folder, ids) = found(&["a/b.rs"]);
        assert_eq!(ids, [Err(format!("found no documents in `{}`", folder.path().display()))]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_to_a_file_is_followed_and_one_to_a_directory_is_not() {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("a.txt"), "").unwrap();
        std::os::unix::fs::symlink(folder.path().join("a.txt"), folder.path().join("b.txt")).unwrap();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        let ids: Vec<_> = Directory::new(folder.path()).map(|it| it.unwrap().id).collect();
        assert_eq!(ids, ["a.txt", "b.txt"]);
    }
}
