//! The folder of a data set: there only when it is whole, and never in place of anything but a data set.
//!
//! Everything is written to a hidden folder beside it, which takes its name at the end; what is there by then is looked at
//! again, and of a former set only its own files are removed. What stands there before is a data set of this program where
//! it holds [`RECORD`] and nothing but the files that are listed in it.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde::Deserialize;
use tempfile::TempDir;
use walkdir::WalkDir;

use crate::{
    error::{Error, Result},
    write::output::Partial,
};

/// The folder of a data set under way. One that is dropped before [`Folder::finish`] leaves nothing behind, unless something
/// of it is kept ([`Folder::keeping`]).
pub(super) struct Folder {
    target: PathBuf,
    hidden: TempDir,
    overwrite: bool,
}

impl Folder {
    /// Begins the folder `target`. One that is there must be empty or, where `overwrite` says so, a former data set; it
    /// stays as it is until [`Self::finish`].
    pub(super) fn create(target: &Path, overwrite: bool) -> Result<Self> {
        let failed = |source| Error::write(target, source);
        // Through links, so that the rename replaces the folder and not the link to it.
        let target = match fs::canonicalize(target) {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => target.to_owned(),
            Err(error) => return Err(failed(error)),
        };
        may_be_replaced(&target, overwrite)?;
        let name = target.file_name().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let prefix = format!(".{}.", name.display());
        let hidden = tempfile::Builder::new().prefix(&prefix).suffix(".partial").tempdir_in(parent).map_err(failed)?;
        Ok(Self { target, hidden, overwrite })
    }

    /// The folder under way.
    pub(super) fn partial(&self) -> Partial {
        Partial { path: self.hidden.path().to_owned(), of: self.target.clone() }
    }

    /// The name that the folder will have.
    pub(super) fn name(&self) -> String {
        self.target.file_name().unwrap_or_default().display().to_string()
    }

    /// The path at which a file of the folder is written.
    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.hidden.path().join(file)
    }

    /// Begins the file `name`, such as `jsonl/train.jsonl`, and the folder above it.
    pub(super) fn file(&self, name: &str) -> Result<BufWriter<File>> {
        let path = self.path(name);
        let parents = path.parent().map_or(Ok(()), fs::create_dir_all);
        parents.and_then(|()| File::create(&path)).map(BufWriter::new).map_err(|source| Error::write(&path, source))
    }

    /// Writes the whole file `name`.
    pub(super) fn write(&self, name: &str, text: &str) -> Result<()> {
        let mut file = self.file(name)?;
        let written = file.write_all(text.as_bytes()).and_then(|()| file.flush());
        written.map_err(|source| Error::write(&self.path(name), source))
    }

    /// The error of a failure, told where the pairs so far are, which stay in the file `pairs`.
    pub(super) fn keeping(&mut self, pairs: &str, error: Error) -> Error {
        let Error::Write { path, source } = error else { return error };
        self.hidden.disable_cleanup(true);
        let kept = self.path(pairs);
        Error::Write {
            path: format!("{path}; the pairs so far stay in {}, an input to go on from", kept.display()),
            source,
        }
    }

    /// Removes the file `name`.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        fs::remove_file(self.path(name)).map_err(|source| Error::write(&self.path(name), source))
    }

    /// The names of all files in the folder, such as `jsonl/train.jsonl`, in order.
    pub(super) fn files(&self) -> Result<Vec<String>> {
        files_in(self.hidden.path()).map_err(|source| Error::read(self.hidden.path(), source))
    }

    /// Gives the folder its name, in place of a former data set, where one may be replaced. What stands there is looked at
    /// again, until it can be: others may write meanwhile, and end a data set of the same name. Where it fails, the folder stays
    /// under the name that the error says.
    pub(super) fn finish(self) -> Result<()> {
        let Self { target, hidden, overwrite } = self;
        let whole = hidden.keep();
        let failed = |source| kept(Error::write(&target, source), &whole);
        // A folder for everybody, as other folders are; a temporary one is for its owner alone.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&whole, fs::Permissions::from_mode(0o755)).map_err(failed)?;
        }
        let mut former: Option<PathBuf> = None;
        loop {
            match fs::rename(&whole, &target) {
                Ok(()) => return former.map_or(Ok(()), |former| remove_set(&former)),
                Err(error) if is_in_the_way(&error) => {}
                Err(error) => {
                    // What cannot be replaced is to stay.
                    former.map_or(Ok(()), |former| fs::rename(former, &target)).map_err(failed)?;
                    return Err(failed(error));
                }
            }
            may_be_replaced(&target, overwrite).map_err(|error| kept(error, &whole))?;
            if let Some(former) = former.take() {
                remove_set(&former)?;
            }
            // Only who may replace sets moves one: without, one that has just come stays in its place.
            if overwrite {
                former = put_aside(&target, &whole).map_err(failed)?;
            } else {
                remove_folders(&target).map_err(failed)?;
            }
        }
    }
}

/// Whether a folder could not have its name because one that holds something has it.
fn is_in_the_way(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists)
}

/// What tells a folder from another that comes in its place; the same for all where the system has no such thing.
fn identity(folder: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        fs::metadata(folder).ok().map(|found| (found.dev(), found.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Renames what has the name `target` to one beside that of the whole folder, which is returned; none where nothing is there.
fn put_aside(target: &Path, whole: &Path) -> io::Result<Option<PathBuf>> {
    let former = whole.with_extension("former");
    match fs::rename(target, &former) {
        Ok(()) => Ok(Some(former)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The error, and where the whole data set is that could not have its name.
fn kept(error: Error, folder: &Path) -> Error {
    match error {
        Error::Occupied { dir, what } => {
            Error::Occupied { dir, what: format!("{what}; the new one is whole in `{}`", folder.display()) }
        }
        Error::Write { path, source } => {
            Error::Write { path: format!("{path}, which is whole in {}", folder.display()), source }
        }
        other => other,
    }
}

/// Removes the files of a data set and the folders that are empty then, and nothing that came to them.
fn remove_set(dir: &Path) -> Result<()> {
    let failed = |source| Error::write(dir, source);
    for file in recorded_files(&dir.join(RECORD)).unwrap_or_default() {
        match fs::remove_file(dir.join(&file)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    match remove_folders(dir) {
        Ok(()) if dir.exists() => Err(failed(io::ErrorKind::DirectoryNotEmpty.into())),
        removed => removed.map_err(failed),
    }
}

/// Removes the folder and those in it, but for those that hold a file, at whatever moment it came.
fn remove_folders(dir: &Path) -> io::Result<()> {
    for entry in WalkDir::new(dir).contents_first(true) {
        let removed = entry
            .map_err(io::Error::from)
            .and_then(|entry| if entry.file_type().is_dir() { fs::remove_dir(entry.path()) } else { Ok(()) });
        match removed {
            Err(error) if error.kind() != io::ErrorKind::NotFound && !is_in_the_way(&error) => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Looks at what stands at `target`, and again where another folder came there meanwhile: one that was put aside while it was
/// looked at would seem to be no data set.
fn may_be_replaced(target: &Path, overwrite: bool) -> Result<()> {
    loop {
        let seen = identity(target);
        let found = looked_at(target, overwrite);
        if found.is_ok() || identity(target) == seen {
            return found;
        }
    }
}

fn looked_at(target: &Path, overwrite: bool) -> Result<()> {
    let files = match files_in(target) {
        Ok(files) if files.is_empty() => return Ok(()),
        Ok(files) => files,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::write(target, error)),
    };
    let occupied = |what: &str| Err(Error::Occupied { dir: target.to_owned(), what: what.to_owned() });
    match recorded_files(&target.join(RECORD)) {
        None => occupied(&format!("it holds `{}` and is no data set", files[0])),
        Some(_) if !overwrite => occupied("it holds a data set"),
        Some(listed) => match files.iter().find(|file| !listed.contains(file)) {
            Some(other) => occupied(&format!("it holds `{other}`, which is not of the data set there")),
            None => Ok(()),
        },
    }
}

/// Every file under `dir`, links and all, by its path from there with `/`, in order.
fn files_in(dir: &Path) -> io::Result<Vec<String>> {
    // A walk would take a file for a folder of one.
    fs::read_dir(dir)?;
    let mut files = Vec::new();
    for entry in WalkDir::new(dir).min_depth(1) {
        let entry = entry?;
        if !entry.file_type().is_dir() {
            let below = entry.path().strip_prefix(dir).unwrap_or(entry.path());
            files.push(below.iter().map(|part| part.display().to_string()).collect::<Vec<_>>().join("/"));
        }
    }
    files.sort();
    Ok(files)
}

/// The name of the record that makes a folder a data set: `files` lists every file of it.
pub(super) const RECORD: &str = "dataset.json";

/// The files of the data set whose record is at `path`; none where that is no record.
fn recorded_files(path: &Path) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Recorded {
        files: Vec<String>,
    }
    let recorded: Recorded = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    Some(recorded.files)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn written(target: &Path, overwrite: bool, content: &str) -> Result<Folder> {
        let folder = Folder::create(target, overwrite)?;
        folder.write("jsonl/train.jsonl", content)?;
        let files = serde_json::json!({ "files": ["dataset.json", "jsonl/train.jsonl"] });
        folder.write(RECORD, &files.to_string())?;
        Ok(folder)
    }

    fn made(target: &Path, overwrite: bool, content: &str) -> Result<()> {
        written(target, overwrite, content)?.finish()
    }

    #[test]
    fn a_folder_has_its_name_only_when_it_is_whole() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("set");
        let folder = Folder::create(&target, false).unwrap();
        folder.write("README.md", "half").unwrap();
        assert!(names(parent.path())[0].starts_with(".set."), "{:?}", names(parent.path()));
        drop(folder);
        assert!(names(parent.path()).is_empty());
        made(&target, false, "new").unwrap();
        assert_eq!(names(parent.path()), ["set"]);
    }

    #[test]
    fn an_empty_folder_is_filled_and_a_former_data_set_replaced_when_asked() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("set");
        fs::create_dir(&target).unwrap();
        made(&target, false, "first").unwrap();
        let error = made(&target, false, "second").unwrap_err();
        assert!(error.to_string().contains("it holds a data set"), "{error}");
        made(&target, true, "second").unwrap();
        assert_eq!(fs::read_to_string(target.join("jsonl/train.jsonl")).unwrap(), "second");
        assert_eq!(names(parent.path()), ["set"]);
    }

    #[test]
    fn what_appears_meanwhile_is_kept_and_so_is_the_new_set() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("set");
        let begin = || written(&target, false, "new").unwrap();
        let (one, other) = (begin(), begin());
        one.finish().unwrap();
        let error = other.finish().unwrap_err().to_string();
        let whole = error.split('`').nth(3).unwrap_or_default();
        assert!(error.contains("it holds a data set") && Path::new(whole).join(RECORD).exists(), "{error}");

        fs::remove_dir_all(&target).unwrap();
        let folder = begin();
        fs::create_dir(&target).unwrap();
        fs::write(target.join("thesis.txt"), "mine").unwrap();
        assert!(folder.finish().unwrap_err().to_string().contains("`thesis.txt`"));
        assert_eq!(fs::read_to_string(target.join("thesis.txt")).unwrap(), "mine");
    }

    #[test]
    fn of_sets_that_end_at_the_same_moment_one_has_the_name_and_no_other_is_lost() {
        let parent = tempfile::tempdir().unwrap();
        for overwrite in [false, true] {
            for round in 0..50 {
                let target = parent.path().join(format!("{overwrite}{round}"));
                let ends: Vec<_> = thread::scope(|scope| {
                    let begun: Vec<_> = (0..4).map(|_| written(&target, overwrite, "new").unwrap()).collect();
                    let ending: Vec<_> = begun.into_iter().map(|folder| scope.spawn(|| folder.finish())).collect();
                    ending.into_iter().map(|end| end.join().unwrap()).collect()
                });
                let refused: Vec<_> = ends.into_iter().filter_map(Result::err).collect();
                assert!(refused.iter().all(|error| matches!(error, Error::Occupied { .. })), "{refused:?}");
                assert_eq!(refused.len(), if overwrite { 0 } else { 3 });
                assert_eq!(recorded_files(&target.join(RECORD)).unwrap(), files_in(&target).unwrap());
                assert_eq!(names(parent.path()).len(), 1 + refused.len());
                fs::remove_dir_all(parent.path()).unwrap();
                fs::create_dir(parent.path()).unwrap();
            }
        }
    }

    #[test]
    fn what_comes_to_a_former_set_is_not_removed_with_it() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("set");
        made(&target, false, "first").unwrap();
        fs::write(target.join("late.txt"), "mine").unwrap();
        assert!(remove_set(&target).is_err());
        assert_eq!(names(&target), ["late.txt"]);
    }

    #[test]
    fn what_is_no_data_set_or_more_than_one_is_never_replaced() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("set");
        made(&target, false, "first").unwrap();
        fs::write(target.join("jsonl/notes.txt"), "mine").unwrap();
        let error = made(&target, true, "second").unwrap_err();
        assert!(error.to_string().contains("`jsonl/notes.txt`, which is not of the data set"), "{error}");
        fs::remove_file(target.join(RECORD)).unwrap();
        let error = made(&target, true, "second").unwrap_err();
        assert!(error.to_string().contains("is no data set"), "{error}");
        let file = parent.path().join("file");
        fs::write(&file, "").unwrap();
        assert!(matches!(made(&file, true, ""), Err(Error::Write { .. })));
        assert!(matches!(made(&parent.path().join("no/set"), true, ""), Err(Error::Write { .. })));
    }
}
