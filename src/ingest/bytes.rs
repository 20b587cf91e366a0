//! The bytes of a file, or of standard input, and no more of them than a text has.

use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

use crate::{
    error::{Error, Result},
    feed::{STANDARD_INPUT, is_standard_input},
};

/// What messages call a file, and what is in it.
pub(super) fn read_bytes(path: &Path) -> Result<(String, Vec<u8>)> {
    let from_stdin = is_standard_input(path);
    let name = if from_stdin { STANDARD_INPUT.to_owned() } else { path.display().to_string() };
    let bytes = if from_stdin { read_whole(&name, io::stdin().lock()) } else { file_bytes(path) };
    bytes.map(|bytes| (name, bytes))
}

/// The largest text, in bytes: some twenty million Chinese characters, fifteen times the Bible. A larger one is a file of
/// another kind, or a device, and would fill the memory.
pub(crate) const LARGEST: u64 = 64 << 20;

/// What is in the file at `path`, which is one text. Fails if it is larger than [`LARGEST`].
pub(crate) fn file_bytes(path: &Path) -> Result<Vec<u8>> {
    let name = path.display().to_string();
    match File::open(path) {
        Ok(file) => read_whole(&name, file),
        Err(source) => Err(Error::Read { path: name, source }),
    }
}

pub(super) fn read_whole(name: &str, reader: impl Read) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match reader.take(LARGEST + 1).read_to_end(&mut bytes) {
        Ok(_) if bytes.len() as u64 > LARGEST => Err(Error::TooLarge { path: name.to_owned(), largest: LARGEST }),
        Ok(_) => Ok(bytes),
        Err(source) if source.kind() == io::ErrorKind::IsADirectory => Err(Error::Directory { path: name.to_owned() }),
        Err(source) => Err(Error::Read { path: name.to_owned(), source }),
    }
}
