//! Checksums of a model's files, `SHA256SUMS`: written when it is installed, compared with the files whenever it is
//! loaded.
//!
//! Every file is hashed at every load, on a thread beside the loading itself, which takes longer and leaves a core
//! free: a model of 312 MB was ready in 2.3 s, and in 2.5 when it was hashed first (best of eight). Remembering sums by
//! size and time of change would cost a file to be kept in step, and would not see a disk that gives back other bytes
//! than were written.

use std::{
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    thread::{Builder, JoinHandle},
};

use sha2::{Digest, Sha256};

use super::{
    BundleFile,
    digest::{hexadecimal, sha256},
};
use crate::{
    error::{Error, Result},
    manifest::Need,
};

/// The file of checksums: lines of a hash, two spaces and a file name, as `sha256sum` writes them.
pub(super) const SUMS: BundleFile = BundleFile::Sums;

/// The verification of a model's checksums, on a thread beside other work.
pub struct Verification {
    dir: PathBuf,
    listed: Vec<Sum>,
    hashing: Hashing,
}

/// The sums of files, each with its name.
type Hashed = Vec<(String, io::Result<String>)>;

/// The hashing of files.
enum Hashing {
    /// On a thread of its own.
    UnderWay(JoinHandle<Hashed>),
    /// Done already, for the system had no thread for it.
    Done(Hashed),
}

impl Verification {
    /// Begins to hash the files of the model in `dir`. Fails if `SHA256SUMS` cannot be read.
    pub fn start(dir: &Path) -> Result<Self> {
        let lines = read(dir).map_err(|cause| Error::model_because(dir, format!("cannot read `{SUMS}`"), cause))?;
        let unreadable = |line| Error::model(dir, format!("cannot read the line `{line}` of `{SUMS}`"));
        let listed = lines.into_iter().map(|line| line.map_err(unreadable)).collect::<Result<Vec<_>>>()?;
        let mut files: Vec<String> = BundleFile::names(Need::Required).map(str::to_owned).collect();
        let listed_too = listed.iter().map(|sum| sum.file.clone());
        let others = BundleFile::names(Need::Extra).filter(|file| dir.join(file).is_file()).map(str::to_owned);
        for file in listed_too.chain(others) {
            if !files.contains(&file) {
                files.push(file);
            }
        }
        Ok(Self { dir: dir.to_owned(), listed, hashing: Hashing::begin(dir.to_owned(), files, Builder::new()) })
    }

    /// Waits for the sums and compares them with those that `SHA256SUMS` lists, if there is one; the error names the
    /// file.
    pub fn finish(self) -> Result<Digests> {
        let hashed = match self.hashing {
            Hashing::UnderWay(thread) => {
                thread.join().map_err(|_| Error::model(&self.dir, "the hashing of its files failed"))?
            }
            Hashing::Done(hashed) => hashed,
        };
        let mut digests = Digests { model: Sha256::new(), extra: Vec::new() };
        for (file, found) in hashed {
            let cannot = |cause| Error::model_because(&self.dir, format!("cannot read `{file}`"), cause);
            let found = found.map_err(cannot)?;
            if let Some(sum) = self.listed.iter().find(|sum| sum.file == file) {
                sum.compare(&found)
                    .map_err(|wrong| Error::model(&self.dir, format!("`{file}` is damaged: {wrong}")))?;
            }
            if BundleFile::is_one(&file, Need::Required) {
                digests.model.update(found);
            } else {
                digests.extra.push((file, found));
            }
        }
        Ok(digests)
    }
}

impl Hashing {
    /// Begins to hash `files` of `folder` on the `thread`; hashes them here where the system refuses it.
    fn begin(folder: PathBuf, files: Vec<String>, thread: Builder) -> Self {
        let hash = move || files.iter().map(|file| (file.clone(), sha256(&folder.join(file)))).collect::<Hashed>();
        thread.spawn(hash.clone()).map_or_else(|_| Self::Done(hash()), Self::UnderWay)
    }
}

/// Names for the contents of a model's files, by which models that answer differently are told apart.
#[derive(Clone)]
pub struct Digests {
    /// The sum of the sums of the required files.
    model: Sha256,
    /// The sums of the other files.
    extra: Vec<(String, String)>,
}

impl Digests {
    /// A short name for the contents of the required files: models that translate differently differ in it.
    pub fn model(&self) -> String {
        short(self.model.clone())
    }

    /// A short name for the contents of the required files and of `file`, which works with them.
    pub fn model_with(&self, file: BundleFile) -> String {
        let mut whole = self.model.clone();
        for (_, sum) in self.extra.iter().filter(|(name, _)| name == file.name()) {
            whole.update(sum);
        }
        short(whole)
    }
}

fn short(hash: Sha256) -> String {
    hexadecimal(&hash.finalize()[..8])
}

/// A line of `SHA256SUMS`.
pub(super) struct Sum {
    /// The name of the file, which lies beside it.
    pub(super) file: String,
    sha256: String,
}

impl Sum {
    /// Compares with `found`, the checksum of the file; fails with what is wrong.
    pub(super) fn compare(&self, found: &str) -> std::result::Result<(), String> {
        let expected = &self.sha256;
        if found == expected { Ok(()) } else { Err(format!("its SHA-256 is {found}, but `{SUMS}` says {expected}")) }
    }
}

/// The lines of `SHA256SUMS`, none where there is no such file; those that cannot be understood as they are.
pub(super) fn read(dir: &Path) -> io::Result<Vec<std::result::Result<Sum, String>>> {
    let text = match fs::read_to_string(dir.join(SUMS)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read?,
    };
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let sum = |line: &str| {
        let (sha256, file) = line.split_once("  ").filter(|(_, file)| super::is_plain_name(Path::new(file)))?;
        Some(Sum { file: file.to_owned(), sha256: sha256.to_lowercase() })
    };
    Ok(lines.map(|line| sum(line).ok_or_else(|| line.to_owned())).collect())
}

/// Writes `SHA256SUMS` for the given files in `dir`.
pub(super) fn write(dir: &Path, files: &[&str]) -> Result<()> {
    let mut lines = String::new();
    for file in files {
        let path = dir.join(file);
        let sum = sha256(&path).map_err(|cause| Error::read(&path, cause))?;
        let _ = writeln!(lines, "{sum}  {file}");
    }
    let path = dir.join(SUMS);
    fs::write(&path, lines).map_err(|cause| Error::write(&path, cause))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with the required files, of one byte each, and what its `SHA256SUMS` says.
    fn model(sums: impl Fn(String) -> String) -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        let required: Vec<&str> = BundleFile::names(Need::Required).collect();
        for file in &required {
            fs::write(dir.path().join(file), "x").unwrap();
        }
        write(dir.path(), &required).unwrap();
        let path = dir.path().join(SUMS);
        fs::write(&path, sums(fs::read_to_string(&path).unwrap())).unwrap();
        dir
    }

    fn verify(dir: &Path) -> std::result::Result<String, String> {
        verified(dir).map(|digests| digests.model())
    }

    fn verified(dir: &Path) -> std::result::Result<Digests, String> {
        Verification::start(dir).and_then(Verification::finish).map_err(|error| error.to_string())
    }

    #[test]
    fn a_file_that_works_with_a_model_has_a_name_with_it_listed_or_not() {
        let dir = model(|sums| sums);
        let of = |file| verified(dir.path()).unwrap().model_with(file);
        assert_eq!(of(BundleFile::Tagger), verify(dir.path()).unwrap(), "there is none");
        fs::write(dir.path().join(BundleFile::Tagger), "one").unwrap();
        let one = of(BundleFile::Tagger);
        assert_eq!(of(BundleFile::Lexicon), verify(dir.path()).unwrap());
        fs::write(dir.path().join(BundleFile::Tagger), "two").unwrap();
        assert_ne!(of(BundleFile::Tagger), one);
        fs::write(dir.path().join(BundleFile::Tagger), "one").unwrap();
        fs::write(
            dir.path().join(SUMS),
            format!("{}  {}\n", sha256(&dir.path().join(BundleFile::Tagger)).unwrap(), BundleFile::Tagger),
        )
        .unwrap();
        assert_eq!(of(BundleFile::Tagger), one);
        fs::write(dir.path().join("vocab.json"), "y").unwrap();
        assert_ne!(of(BundleFile::Tagger), one, "a tagger reads with the translator's network");
    }

    #[test]
    fn a_whole_model_has_a_name_for_its_contents() {
        let dir = model(|sums| sums);
        let name = verify(dir.path()).unwrap();
        fs::remove_file(dir.path().join(SUMS)).unwrap();
        assert_eq!(verify(dir.path()).unwrap(), name, "without a list there is nothing to compare with");
        fs::write(dir.path().join("vocab.json"), "y").unwrap();
        assert_ne!(verify(dir.path()).unwrap(), name);
    }

    #[test]
    fn where_the_system_refuses_a_thread_the_files_are_hashed_nevertheless() {
        let dir = model(|sums| sums);
        // No system has room for such a stack.
        let refused = Builder::new().stack_size(1 << 60);
        let files = vec!["vocab.json".to_owned(), "no.json".to_owned()];
        let Hashing::Done(hashed) = Hashing::begin(dir.path().to_owned(), files, refused) else {
            panic!("a thread with a stack of an exbibyte")
        };
        assert_eq!(hashed[0].1.as_ref().unwrap(), &sha256(&dir.path().join("vocab.json")).unwrap());
        assert!(hashed[1].1.is_err());
    }

    #[test]
    fn a_file_that_is_not_as_listed_is_named() {
        let damaged = model(|sums| sums);
        fs::write(damaged.path().join("vocab.json"), "y").unwrap();
        let missing = model(|sums| format!("{sums}{}  embeddings.safetensors\n", "0".repeat(64)));
        let outside = model(|sums| format!("{sums}{}  ../outside\n", "0".repeat(64)));
        for (dir, expected) in [
            (damaged, "`vocab.json` is damaged: its SHA-256 is "),
            (missing, "cannot read `embeddings.safetensors`"),
            (outside, "cannot read the line `0000"),
            (model(|_| "junk".to_owned()), "cannot read the line `junk` of `SHA256SUMS`"),
        ] {
            let message = verify(dir.path()).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
