//! Errors: everything that can go wrong, said so that the user knows what to do next.
//!
//! A message is a lower-case phrase that says what was being done to which file, and `source()` gives the cause. The
//! program, which knows its options, adds what to do next.

pub mod panic;

use std::{
    io,
    path::{Path, PathBuf},
};

use self::panic::Panic;
use crate::text::Lang;

/// `Result` with this crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Any underlying error.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// An input, a model or an output that cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be opened or read.
    #[error("cannot read `{path}`")]
    Read {
        /// The file.
        path: String,
        /// The error of the system.
        source: io::Error,
    },
    /// A document that a line holds, and that has a name, cannot be made of it.
    #[error("cannot read the document `{id}`")]
    Record {
        /// The document's name.
        id: String,
        /// What is wrong with it.
        source: Box<Error>,
    },
    /// A directory was given where a file is wanted.
    #[error("cannot read `{path}`: it is a directory")]
    Directory {
        /// The directory.
        path: String,
    },
    /// A file of many documents was given where one text is wanted.
    #[error("cannot read `{path}` as one text: it holds a document a line")]
    Several {
        /// The file.
        path: String,
    },
    /// A file is of a format that is known, and not read.
    #[error("cannot read `{path}`: {format} is not read")]
    NotRead {
        /// The file.
        path: String,
        /// The format.
        format: &'static str,
        /// What can be done instead.
        instead: &'static str,
    },
    /// A file is no corpus of pairs, where only such are taken.
    #[error("`{path}` holds no pairs")]
    NoPairs {
        /// The file.
        path: String,
    },
    /// A directory holds no file of a known kind.
    #[error("found no documents in `{path}`")]
    NoDocuments {
        /// The directory.
        path: String,
    },
    /// A file in a directory is named as one of two, and the other is not there.
    #[error("cannot pair `{path}`: it holds no {lang}, and there is no {lang} file for it", lang = lang.name())]
    Unpaired {
        /// The file.
        path: String,
        /// The language that is missing.
        lang: Lang,
    },
    /// A file is not of the form that its name promises, or harmful.
    #[error("cannot read `{path}` as {format}: {what}")]
    Malformed {
        /// The file.
        path: String,
        /// The format that its name promises.
        format: &'static str,
        /// What is wrong with the file.
        what: String,
        /// The error of the reader, if it said more.
        source: Option<Cause>,
    },
    /// The file holds bytes that no text has.
    #[error("cannot read `{path}` as text: byte {offset} is 0x{byte:02x}, which no text file has")]
    Binary {
        /// The file.
        path: String,
        /// Position in the file, 0-based.
        offset: usize,
        /// The value of that byte.
        byte: u8,
    },
    /// The file is text, but a byte sequence does not belong to its encoding.
    #[error("cannot decode `{path}` as {encoding}: the bytes at offset {offset} are not valid")]
    Encoding {
        /// The file.
        path: String,
        /// The encoding that was detected.
        encoding: &'static str,
        /// Position in the file, 0-based.
        offset: usize,
    },
    /// The file is in one encoding, and a stretch of it in UTF-8.
    #[error("cannot decode `{path}`: it is {encoding}, but what begins in line {line}, at byte {offset}, is UTF-8")]
    Encodings {
        /// The file.
        path: String,
        /// The encoding of the rest.
        encoding: &'static str,
        /// The number of the line, 1-based.
        line: usize,
        /// Position in the file, 0-based.
        offset: usize,
    },
    /// The text is larger than any that is taken as one.
    #[error("cannot read `{path}`: it is larger than {} MiB", largest >> 20)]
    TooLarge {
        /// The file, or a line of it.
        path: String,
        /// The bytes that it may have.
        largest: u64,
    },
    /// The file holds nothing but white space.
    #[error("`{path}` is empty")]
    Empty {
        /// The file.
        path: String,
    },
    /// The file holds no text of a language that is needed.
    #[error("found no {} in `{path}`", lang.name())]
    NoText {
        /// The file.
        path: String,
        /// The language that was looked for.
        lang: Lang,
    },
    /// Of two texts each is in the language of the other.
    #[error(
        "cannot align `{zh}` with `{en}`: what should be Chinese is English, and what should be English is Chinese"
    )]
    Exchanged {
        /// The text that should be Chinese.
        zh: String,
        /// The text that should be English.
        en: String,
    },
    /// A file that should follow a format does not.
    #[error("cannot read `{path}`, line {line}: {what}")]
    Format {
        /// The file.
        path: String,
        /// The number of the line, 1-based.
        line: usize,
        /// What is wrong with the line.
        what: String,
    },
    /// An alignment does not say how sure it is of its beads.
    #[error("found no confidence in `{path}`{}", line.map_or_else(String::new, |line| format!(", line {line}")))]
    NoConfidence {
        /// The file.
        path: String,
        /// The first line without one, 1-based; none where the format has no confidences.
        line: Option<usize>,
    },
    /// A bead that is to stay as it is does not fit the sentences.
    #[error("cannot keep the bead `{bead}` of `{path}`: {what}")]
    Misfit {
        /// The alignment file.
        path: String,
        /// The bead, as an index has it.
        bead: String,
        /// What is wrong with the bead.
        what: String,
    },
    /// A model directory is missing, damaged, or not of a kind that can be loaded.
    #[error("cannot load the model in `{}`: {what}", dir.display())]
    Model {
        /// The model's directory.
        dir: PathBuf,
        /// What is wrong with the model, naming the file.
        what: String,
        /// The error of the reader, if it said more.
        source: Option<Cause>,
    },
    /// A model could not be fetched, or not be brought into the form that is loaded.
    #[error("cannot install `{model}`: {what}")]
    Install {
        /// The repository, directory or name.
        model: String,
        /// What went wrong, naming the file.
        what: String,
        /// What the user can do about it.
        hint: &'static str,
        /// The error of the system or the other side, if it said more.
        source: Option<Cause>,
    },
    /// No model can be installed under a name.
    #[error("cannot install `{name}`: {what}")]
    ModelName {
        /// The name.
        name: String,
        /// Why no model can have the name.
        what: &'static str,
    },
    /// A folder holds what must not be overwritten.
    #[error("cannot write the data set to `{}`: {what}", dir.display())]
    Occupied {
        /// The folder.
        dir: PathBuf,
        /// What stands in the folder.
        what: String,
    },
    /// All pairs of a data set were dropped.
    #[error("nothing is left {what}")]
    NothingLeft {
        /// How many pairs there were, and why they were dropped.
        what: String,
        /// The name of the filter that dropped the most; none where there was no pair to drop.
        dropped_by: Option<&'static str>,
    },
    /// A cache cannot be looked at or cleared. That it cannot be used is no error of a run.
    #[error("cannot use the cache `{path}`: {what}")]
    Cache {
        /// The file.
        path: String,
        /// What is wrong with the cache.
        what: String,
        /// The error of the store, if it said more.
        source: Option<Cause>,
    },
    /// The environment names no folder for caches.
    #[error("found no folder for the cache")]
    NoCacheFolder,
    /// CUDA was asked for and is not there.
    #[error("cannot use CUDA: libtorch finds no CUDA device")]
    NoCuda,
    /// The translator failed while it was working.
    #[error("the translator failed")]
    Translate {
        /// The error of the translator.
        source: Cause,
    },
    /// A translator broke its contract.
    #[error("the translator was given {asked} sentences and returned {got}")]
    TranslationCount {
        /// The number of sentences given.
        asked: usize,
        /// The number of translations returned.
        got: usize,
    },
    /// The program itself failed at a document, and other documents are none the worse for it.
    #[error("cannot finish `{document}`: this is a fault of the program")]
    Fault {
        /// The document, as messages call it.
        document: String,
        /// The panic: what went wrong, and where in the source.
        source: Panic,
    },
    /// An output would take the place of a file that is read.
    #[error("cannot write `{path}`: that would destroy the input `{input}`")]
    OwnInput {
        /// The output.
        path: String,
        /// The input.
        input: String,
    },
    /// Two outputs would be one file.
    #[error("cannot write `{path}` twice: two outputs have that name")]
    SameOutput {
        /// The output.
        path: String,
    },
    /// A run that was cut off cannot go on.
    #[error("cannot resume from `{path}`: {what}")]
    Resume {
        /// The journal of that run.
        path: String,
        /// What is wrong with it, or what is no longer as it was.
        what: String,
    },
    /// An output could not be created or written.
    #[error("cannot write `{path}`")]
    Write {
        /// The output.
        path: String,
        /// The error of the system.
        source: io::Error,
    },
}

impl Error {
    /// The file or folder at `path` could not be read.
    pub(crate) fn read(path: &Path, source: io::Error) -> Self {
        Self::Read { path: path.display().to_string(), source }
    }

    /// The file or folder at `path` could not be written.
    pub(crate) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write { path: path.display().to_string(), source }
    }

    /// The model in `dir` cannot be used; `what` says why and names the file.
    pub(crate) fn model(dir: &Path, what: impl Into<String>) -> Self {
        Self::Model { dir: dir.to_owned(), what: what.into(), source: None }
    }

    /// The model in `dir` cannot be used; `what` names the file, `cause` is what its reader said.
    pub(crate) fn model_because(dir: &Path, what: impl Into<String>, cause: impl Into<Cause>) -> Self {
        Self::Model { dir: dir.to_owned(), what: what.into(), source: Some(cause.into()) }
    }

    /// `model` cannot be installed; `what` says why.
    pub(crate) fn install(model: impl Into<String>, what: impl Into<String>, hint: &'static str) -> Self {
        Self::Install { model: model.into(), what: what.into(), hint, source: None }
    }
}
