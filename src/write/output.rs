//! An output of the program: a file that appears under its name only when it is complete, or standard output.
//!
//! What is written goes to `PATH.partial`, which takes the name `PATH` at the end. So a name never stands for half a
//! result, an earlier result stays until the new one is whole, and after a failure what was done is in the partial
//! file. Where something has that name, the next free one of `PATH.partial.2`, `PATH.partial.3` … is taken: what an
//! earlier run left, what another writes at the same time, and files of other people are never touched. Creating one
//! says at once whether the path can be written, before anything slow begins.

mod pairs;
mod paths;

pub use self::{
    pairs::PairOutput,
    paths::{are_distinct, spares},
};

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, Stdout, Write},
    path::{Path, PathBuf},
};

use self::paths::{is_lost_to, through_links};
use crate::error::{Error, Result};

/// An output under way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Partial {
    /// Where it is written meanwhile: a file `X.partial` or a hidden folder `.X.….partial`.
    pub path: PathBuf,
    /// The name `X` that it takes at the end.
    pub of: PathBuf,
}

impl Partial {
    /// Removes what is written so far. What cannot be removed stays; another run takes another name.
    pub fn remove(&self) {
        let _ = if self.path.is_dir() { fs::remove_dir_all(&self.path) } else { fs::remove_file(&self.path) };
    }

    /// Whether it is a folder, which only this program can read before it is whole.
    pub fn is_folder(&self) -> bool {
        self.path.is_dir()
    }
}

/// A file under way, or standard output.
///
/// One that is dropped before [`Output::finish`] leaves its partial file.
#[derive(Debug)]
pub struct Output {
    target: Target,
}

#[derive(Debug)]
enum Target {
    Nowhere,
    Stdout(BufWriter<Stdout>),
    /// A device or a pipe: written as it is, for a rename would replace it by a file.
    Device {
        path: PathBuf,
        writer: BufWriter<File>,
    },
    File {
        path: PathBuf,
        partial: PathBuf,
        writer: BufWriter<File>,
    },
}

impl Output {
    /// Opens `path`; `-` is standard output. A file that exists stays as it is until [`Output::finish`].
    pub fn create(path: &Path) -> Result<Self> {
        Self::create_sparing(path, &[])
    }

    /// Opens `path` as [`Output::create`] does, unless one of `inputs` would be lost by it.
    pub fn create_sparing(path: &Path, inputs: &[PathBuf]) -> Result<Self> {
        if path == Path::new("-") {
            return Ok(Self::stdout());
        }
        if let Some(input) = inputs.iter().find(|input| is_lost_to(input, path)) {
            return Err(Error::OwnInput { path: path.display().to_string(), input: input.display().to_string() });
        }
        match open(path) {
            Ok(target) => Ok(Self { target }),
            Err(source) => Err(Error::Write { path: path.display().to_string(), source }),
        }
    }

    /// Standard output.
    pub fn stdout() -> Self {
        Self { target: Target::Stdout(BufWriter::new(io::stdout())) }
    }

    /// An output that nobody asked for: everything is accepted and nothing kept.
    pub fn nowhere() -> Self {
        Self { target: Target::Nowhere }
    }

    /// The file under way; none where the output has no name to take.
    pub fn partial(&self) -> Option<Partial> {
        match &self.target {
            Target::File { path, partial, .. } => Some(Partial { path: partial.clone(), of: path.clone() }),
            Target::Nowhere | Target::Stdout(_) | Target::Device { .. } => None,
        }
    }

    /// Turns the failure of a write into an error that names the file which holds what was written before.
    pub fn failed(&self) -> impl Fn(io::Error) -> Error + use<> {
        let path = self.written_name();
        move |source| Error::Write { path: path.clone(), source }
    }

    /// Makes the output complete: everything is handed on to the system, and the file has its name.
    pub fn finish(self) -> Result<()> {
        Self::finish_all(vec![self])
    }

    /// Makes outputs that belong together complete: no file has its name before all of them are whole.
    pub fn finish_all(mut outputs: Vec<Self>) -> Result<()> {
        for output in &mut outputs {
            if let Err(source) = output.complete() {
                return Err(output.failed()(source));
            }
        }
        outputs.into_iter().try_for_each(Self::take_name)
    }

    fn take_name(self) -> Result<()> {
        let Target::File { path, partial, .. } = self.target else { return Ok(()) };
        fs::rename(&partial, &path).map_err(|source| {
            // Somebody may have taken it away meanwhile.
            let is_there = partial.is_file();
            let whole = if is_there { format!(", which is complete in {}", partial.display()) } else { String::new() };
            Error::Write { path: format!("{}{whole}", path.display()), source }
        })
    }

    fn complete(&mut self) -> io::Result<()> {
        self.flush()?;
        match &self.target {
            // Some file systems report a full disk only here; after the rename it would be too late.
            Target::File { writer, .. } => writer.get_ref().sync_all(),
            Target::Nowhere | Target::Stdout(_) | Target::Device { .. } => Ok(()),
        }
    }

    fn written_name(&self) -> String {
        match &self.target {
            Target::Nowhere => "<nowhere>".to_owned(),
            Target::Stdout(_) => "<stdout>".to_owned(),
            Target::Device { path, .. } => path.display().to_string(),
            Target::File { partial, .. } => partial.display().to_string(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.target {
            Target::Nowhere => Ok(bytes.len()),
            Target::Stdout(writer) => writer.write(bytes),
            Target::Device { writer, .. } | Target::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.target {
            Target::Nowhere => Ok(()),
            Target::Stdout(writer) => writer.flush(),
            Target::Device { writer, .. } | Target::File { writer, .. } => writer.flush(),
        }
    }
}

fn open(path: &Path) -> io::Result<Target> {
    let path = through_links(path)?;
    match fs::metadata(&path) {
        Ok(found) if found.is_dir() => return Err(io::ErrorKind::IsADirectory.into()),
        // A rename would not ask.
        Ok(found) if found.permissions().readonly() => return Err(io::ErrorKind::PermissionDenied.into()),
        Ok(found) if !found.is_file() => {
            let writer = BufWriter::new(File::options().write(true).open(&path)?);
            return Ok(Target::Device { path, writer });
        }
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let (partial, file) = create_partial(&path)?;
    Ok(Target::File { path, partial, writer: BufWriter::new(file) })
}

/// Creates the file beside `path` that takes its name at the end; one that nothing had the name of.
fn create_partial(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    for number in 1..=MOST_PARTIALS {
        let mut name = OsString::from(name);
        name.push(".partial");
        if number > 1 {
            name.push(format!(".{number}"));
        }
        let partial = path.with_file_name(name);
        match File::create_new(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (partial, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// So many partial files of one name are left beside it at most.
const MOST_PARTIALS: usize = 1_000;

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    fn cause(result: Result<Output>) -> (String, io::ErrorKind) {
        match result {
            Err(Error::Write { path, source }) => (path, source.kind()),
            other => panic!("expected a write error, got {other:?}"),
        }
    }

    #[test]
    fn a_file_has_its_name_only_when_it_is_complete() {
        let folder = tempfile::tempdir().unwrap();
        let (path, partial) = (folder.path().join("pairs.tsv"), folder.path().join("pairs.tsv.partial"));
        fs::write(&path, "earlier").unwrap();
        let mut output = Output::create(&path).unwrap();
        output.write_all("新的".as_bytes()).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "earlier");
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "新的");
        assert!(!partial.exists());
    }

    #[test]
    fn what_was_written_before_a_failure_stays_in_the_partial_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pairs.tsv");
        let mut output = Output::create(&path).unwrap();
        output.write_all(b"half").unwrap();
        let error = output.failed()(io::ErrorKind::StorageFull.into());
        drop(output);
        assert!(!path.exists());
        assert_eq!(fs::read_to_string(folder.path().join("pairs.tsv.partial")).unwrap(), "half");
        assert!(error.to_string().ends_with("pairs.tsv.partial`"), "{error}");
    }

    #[test]
    fn where_the_complete_output_is_is_said_only_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let (path, partial) = (folder.path().join("pairs.tsv"), folder.path().join("pairs.tsv.partial"));
        let output = Output::create(&path).unwrap();
        fs::remove_file(&partial).unwrap();
        assert_eq!(output.finish().unwrap_err().to_string(), format!("cannot write `{}`", path.display()));
        let output = Output::create(&path).unwrap();
        fs::create_dir(&path).unwrap();
        let error = output.finish().unwrap_err().to_string();
        assert!(error.ends_with("pairs.tsv.partial`") && error.contains("which is complete in"), "{error}");
    }

    #[test]
    fn a_bad_path_fails_at_once_and_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing/pairs.tsv");
        assert_eq!(cause(Output::create(&missing)), (missing.display().to_string(), io::ErrorKind::NotFound));
        assert_eq!(cause(Output::create(folder.path())).1, io::ErrorKind::IsADirectory);
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        assert_eq!(cause(Output::create(&file.join("pairs.tsv"))).1, io::ErrorKind::NotADirectory);
    }

    #[test]
    fn a_file_that_may_not_be_written_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kept.tsv");
        fs::write(&path, "kept").unwrap();
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert_eq!(cause(Output::create(&path)).1, io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn outputs_that_belong_together_get_their_names_together() {
        let folder = tempfile::tempdir().unwrap();
        let paths = ["one", "two"].map(|name| folder.path().join(name));
        let outputs: Vec<_> = paths.iter().map(|path| Output::create(path).unwrap()).collect();
        assert!(paths.iter().all(|path| !path.exists()));
        Output::finish_all(outputs).unwrap();
        assert!(paths.iter().all(|path| path.exists()));
    }

    #[test]
    fn an_input_is_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let [input, other] = ["in.txt", "other.txt"].map(|name| folder.path().join(name));
        fs::write(&input, "kept").unwrap();
        let by_another_name = folder.path().join(".").join("in.txt");
        for (path, inputs) in [
            (&input, vec![other.clone(), input.clone()]),
            (&by_another_name, vec![input.clone()]),
            (&input, vec![by_another_name.clone()]),
        ] {
            let error = Output::create_sparing(path, &inputs).unwrap_err();
            assert!(matches!(error, Error::OwnInput { .. }), "{error}");
        }
        let directory = [folder.path().to_owned()];
        let error = Output::create_sparing(&input, &directory).unwrap_err();
        assert!(error.to_string().contains("would destroy the input"), "{error}");
        Output::create_sparing(&other, &directory).unwrap().finish().unwrap();
        assert_eq!(fs::read_to_string(&input).unwrap(), "kept");
        Output::create_sparing(&other, slice::from_ref(&input)).unwrap().finish().unwrap();
        let hard = folder.path().join("hard.txt");
        fs::hard_link(&input, &hard).unwrap();
        Output::create_sparing(&hard, slice::from_ref(&input)).unwrap().finish().unwrap();
        assert_eq!(fs::read_to_string(&input).unwrap(), "kept");
    }

    #[test]
    fn what_has_the_name_of_a_partial_file_is_never_touched() {
        let folder = tempfile::tempdir().unwrap();
        let (path, mine) = (folder.path().join("pairs.tsv"), folder.path().join("pairs.tsv.partial"));
        fs::write(&mine, "mine").unwrap();
        let mut outputs: Vec<_> = (0..2).map(|_| Output::create(&path).unwrap()).collect();
        for (output, text) in outputs.iter_mut().zip(["one", "other"]) {
            output.write_all(text.as_bytes()).unwrap();
        }
        for (output, text) in outputs.into_iter().zip(["one", "other"]) {
            output.finish().unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }

    #[test]
    fn two_outputs_are_not_one_file() {
        let folder = tempfile::tempdir().unwrap();
        let [one, other] = ["one", "other"].map(|name| folder.path().join(name));
        are_distinct(&[&one, &other, Path::new("-"), Path::new("-")]).unwrap();
        let by_another_way = folder.path().join("./one");
        let error = are_distinct(&[&one, &other, &by_another_way]).unwrap_err();
        assert!(error.to_string().contains("twice"), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_still_leads_to_the_file_afterwards_and_a_device_stays_one() {
        let folder = tempfile::tempdir().unwrap();
        let (file, link) = (folder.path().join("file.tsv"), folder.path().join("link.tsv"));
        fs::write(&file, "earlier").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let mut output = Output::create(&link).unwrap();
        output.write_all(b"new").unwrap();
        output.finish().unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        fs::remove_file(&file).unwrap();
        Output::create(&link).unwrap().finish().unwrap();
        assert!(file.exists() && fs::symlink_metadata(&link).unwrap().is_symlink());
        let (victim, trap) = (folder.path().join("victim"), folder.path().join("new.tsv.partial"));
        fs::write(&victim, "kept").unwrap();
        std::os::unix::fs::symlink(&victim, &trap).unwrap();
        Output::create(&folder.path().join("new.tsv")).unwrap().finish().unwrap();
        assert_eq!(fs::read_to_string(&victim).unwrap(), "kept");
        let circle = folder.path().join("circle");
        std::os::unix::fs::symlink(&circle, &circle).unwrap();
        assert!(Output::create(&circle).is_err());

        let mut null = Output::create(Path::new("/dev/null")).unwrap();
        null.write_all(b"nothing").unwrap();
        null.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
