//! What the paths of outputs lead to, and which of them would take the place of an input or of each other.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// So many links are followed one to the next.
const MOST_LINKS: usize = 40;

/// The path that a path leads to, through links, also those that lead to nothing yet: a rename replaces the file and not
/// a link to it.
pub(super) fn through_links(path: &Path) -> io::Result<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        match fs::canonicalize(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            found => return found,
        }
        match fs::read_link(&path) {
            Ok(next) => path = path.parent().unwrap_or(Path::new("")).join(next),
            // There is nothing of this name, nor a link.
            Err(_) => return Ok(path),
        }
    }
    Err(io::ErrorKind::InvalidInput.into())
}

/// Fails where two of these outputs would be one file.
pub fn are_distinct(outputs: &[&Path]) -> Result<()> {
    let files = outputs.iter().filter(|path| **path != Path::new("-"));
    let led_to: Vec<PathBuf> = files.filter_map(|path| through_links(path).ok()).map(|path| absolute(&path)).collect();
    for (at, path) in led_to.iter().enumerate() {
        if led_to[..at].contains(path) && (path.is_file() || !path.exists()) {
            return Err(Error::SameOutput { path: path.display().to_string() });
        }
    }
    Ok(())
}

/// Fails where one of `inputs` is in the folder `dir`, which is to be replaced.
pub fn spares(dir: &Path, inputs: &[PathBuf]) -> Result<()> {
    let Ok(folder) = fs::canonicalize(dir) else { return Ok(()) };
    let is_in = |input: &&PathBuf| fs::canonicalize(input).is_ok_and(|input| input.starts_with(&folder));
    match inputs.iter().find(is_in) {
        None => Ok(()),
        Some(input) => Err(Error::OwnInput { path: dir.display().to_string(), input: input.display().to_string() }),
    }
}

/// The path from the root, through the links of the folder that it is in.
fn absolute(path: &Path) -> PathBuf {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    path.file_name().map_or_else(|| folder.clone(), |name| folder.join(name))
}

/// Whether the input would be no more after writing `path`, whatever both are called: a file that it is, or a file in a
/// directory that is read. Of several names of one file (hard links), the other ones keep it.
pub(super) fn is_lost_to(input: &Path, path: &Path) -> bool {
    let (Ok(input), Ok(path)) = (fs::canonicalize(input), fs::canonicalize(path)) else { return false };
    path.is_file() && if input.is_dir() { path.starts_with(&input) } else { is_same(&input, &path) }
}

/// Whether two paths are one file under one name, which may be reached by two ways.
fn is_same(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(one), fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt as _;
        if (one.dev(), one.ino(), one.nlink()) == (other.dev(), other.ino(), 1) {
            return true;
        }
    }
    one == other
}
