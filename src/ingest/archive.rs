//! A zip archive → the parts of it that hold text, in memory and up to a limit. Names in it choose nothing.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

use crate::error::{Cause, Error};

/// An archive, of which some parts are read.
pub(super) struct Archive<'b> {
    zip: ZipArchive<Cursor<&'b [u8]>>,
    /// Bytes that may be unpacked in all, and how many of them still may.
    limit: u64,
    left: u64,
}

/// What is wrong with a file, and what a reader said about it.
pub(super) struct Problem {
    pub(super) what: String,
    source: Option<Cause>,
}

impl Archive<'_> {
    /// The archive in `bytes`, of which no more than `limit` bytes are ever unpacked, whatever sizes it claims.
    pub(super) fn open(bytes: &[u8], limit: u64) -> Result<Archive<'_>, Problem> {
        let zip = ZipArchive::new(Cursor::new(bytes))
            .map_err(|cause| Problem::because("it is no archive, or it is cut off or damaged", cause))?;
        Ok(Archive { zip, limit, left: limit })
    }

    /// The names of its parts, sorted.
    pub(super) fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = self.zip.file_names().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    /// A part that is text in UTF-8.
    pub(super) fn text(&mut self, name: &str) -> Result<String, Problem> {
        String::from_utf8(self.bytes(name)?)
            .map_err(|cause| Problem::because(&format!("`{name}` in it is not UTF-8"), cause))
    }

    /// A part as it is.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Vec<u8>, Problem> {
        let part = self
            .zip
            .by_name(name)
            .map_err(|cause| Problem::because(&format!("there is no `{name}` in it that can be read"), cause))?;
        let mut unpacked = Vec::new();
        part.take(self.left + 1)
            .read_to_end(&mut unpacked)
            .map_err(|cause| Problem::because(&format!("`{name}` in it is damaged"), cause))?;
        self.left = self
            .left
            .checked_sub(unpacked.len() as u64)
            .ok_or_else(|| Problem::new(format!("its text has more than {} MiB", self.limit >> 20)))?;
        Ok(unpacked)
    }
}

impl Problem {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), source: None }
    }

    pub(super) fn because(what: &str, cause: impl Into<Cause>) -> Self {
        Self { what: what.to_owned(), source: Some(cause.into()) }
    }

    /// The error of the file `name`, which is said to be `format`.
    pub(super) fn of(self, name: &str, format: &'static str) -> Error {
        Error::Malformed { path: name.to_owned(), format, what: self.what, source: self.source }
    }
}
