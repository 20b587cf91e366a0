//! A directory → the documents in it and below it, in order.
//!
//! Files are known by their endings and come sorted by path, so that a run is the same everywhere. Hidden files, files of
//! other kinds and links to directories, which may lead in circles, are passed over. Of each directory on the way down
//! the names are held, and nothing else.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

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
    /// What is still to be looked at, the next one last.
    waiting: Vec<Entry>,
    is_empty: bool,
}

#[derive(Debug)]
struct Entry {
    path: PathBuf,
    id: String,
    is_directory: bool,
}

impl Directory {
    /// The documents of the directory at `path`.
    pub(super) fn new(path: &Path) -> Self {
        let root = Entry { path: path.to_owned(), id: String::new(), is_directory: true };
        Self { path: path.to_owned(), waiting: vec![root], is_empty: true }
    }
}

/// Fails for each directory below that cannot be read, and if there was no document at all.
impl Iterator for Directory {
    type Item = Result<Found>;

    fn next(&mut self) -> Option<Result<Found>> {
        while let Some(Entry { path, id, is_directory }) = self.waiting.pop() {
            if !is_directory {
                self.is_empty = false;
                return Some(Ok(Found { path, id }));
            }
            match entries(&path, &id) {
                Ok(entries) => self.waiting.extend(entries.into_iter().rev()),
                Err(source) => {
                    self.is_empty = false;
                    return Some(Err(Error::read(&path, source)));
                }
            }
        }
        // Said once.
        let was_empty = std::mem::take(&mut self.is_empty);
        was_empty.then(|| Err(Error::NoDocuments { path: self.path.display().to_string() }))
    }
}

/// What a directory holds that may be documents, sorted by name.
fn entries(directory: &Path, id: &str) -> io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let is_directory = entry.file_type()?.is_dir();
        if is_directory || (Kind::known(&path).is_some() && path.is_file()) {
            let name = name.to_string_lossy();
            let id = if id.is_empty() { name.into_owned() } else { format!("{id}/{name}") };
            found.push(Entry { path, id, is_directory });
        }
    }
    found.sort_by(|one, other| one.path.file_name().cmp(&other.path.file_name()));
    Ok(found)
}

#[cfg(test)]
mod tests {
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
