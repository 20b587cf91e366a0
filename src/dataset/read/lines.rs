//! The lines of a file, each with its number, in memory that a bad file cannot fill.

use std::{
    io::{self, BufRead},
    path::Path,
    sync::Arc,
};

use super::{
    BadLine,
    encoding::{Invalid, open},
};
use crate::{
    error::{Error, Result},
    feed,
};

/// The length of the longest line that is read, in bytes: a thousand times as many as a pair has that is not too long
/// to keep.
const LONGEST: usize = 4 << 20;

/// The lines of a file.
pub(super) struct Lines {
    path: Arc<str>,
    reader: Box<dyn BufRead>,
    buffer: Vec<u8>,
    number: usize,
}

/// A line, or what is wrong with it.
pub(super) type Line<'l> = std::result::Result<&'l str, BadLine>;

impl Lines {
    /// Opens a file. Fails if it cannot be read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let reader = Box::new(open(path, Invalid::Kept)?);
        Ok(Self { path: path.display().to_string().into(), reader, buffer: Vec::new(), number: 0 })
    }

    /// Standard input, in UTF-8, as it comes.
    pub(super) fn of_standard_input() -> Result<Self> {
        let reader = Box::new(feed::standard_input()?);
        Ok(Self { path: feed::STANDARD_INPUT.into(), reader, buffer: Vec::new(), number: 0 })
    }

    /// The name of the file.
    pub(super) fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The number of the line that was read last, 1-based.
    pub(super) fn number(&self) -> usize {
        self.number
    }

    /// The error for the line that was read last.
    pub(super) fn bad(&self, what: impl Into<String>) -> BadLine {
        BadLine { path: Arc::clone(&self.path), line: self.number, what: what.into() }
    }

    /// The next line without its end; none where the file ends.
    pub(super) fn read(&mut self) -> Result<Option<Line<'_>>> {
        self.buffer.clear();
        let length = read_line(&mut self.reader, &mut self.buffer)
            .map_err(|source| Error::Read { path: self.path.to_string(), source })?;
        if length == 0 {
            return Ok(None);
        }
        self.number += 1;
        if length > LONGEST {
            return Ok(Some(Err(self.bad(format!("it has more than {LONGEST} bytes")))));
        }
        let line = self.buffer.strip_suffix(b"\n").unwrap_or(&self.buffer);
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        Ok(Some(str::from_utf8(line).map_err(|error| {
            let at = error.valid_up_to();
            self.bad(format!("byte {at} of it is no UTF-8"))
        })))
    }
}

/// Reads a line into `line`, no more than a little beyond [`LONGEST`] of it, and returns how many bytes it has.
fn read_line(reader: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<usize> {
    let mut length = 0;
    loop {
        let bytes = reader.fill_buf()?;
        let end = bytes.iter().position(|&byte| byte == b'\n').map(|at| at + 1);
        let taken = end.unwrap_or(bytes.len());
        if length <= LONGEST {
            line.extend_from_slice(&bytes[..taken]);
        }
        length += taken;
        reader.consume(taken);
        if end.is_some() || taken == 0 {
            return Ok(length);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn read(content: &[u8]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, content).unwrap();
        let mut lines = Lines::open(&path).unwrap();
        let mut all = Vec::new();
        while let Some(line) = lines.read().unwrap() {
            let told = line.map_or_else(|bad| format!("bad {}: {}", bad.line, bad.what), str::to_owned);
            all.push(told);
        }
        all
    }

    #[test]
    fn lines_come_without_their_ends_and_without_a_mark() {
        assert_eq!(read("\u{FEFF}一\r\n\n二\n".as_bytes()), ["一", "", "二"]);
        assert_eq!(read(b"no end"), ["no end"]);
        assert!(read(b"").is_empty());
    }

    #[test]
    fn a_line_that_is_no_text_is_told_and_the_next_is_read() {
        assert_eq!(read(b"a\nb\x81 c\nd\n"), ["a", "bad 2: byte 1 of it is no UTF-8", "d"]);
    }

    #[test]
    fn a_line_without_end_takes_no_more_memory_than_the_longest() {
        let long = [vec![b'x'; LONGEST + 1_000_000], b"\nnext\n".to_vec()].concat();
        let read = read(&long);
        assert_eq!(read, ["bad 1: it has more than 4194304 bytes", "next"]);
        let mut line = Vec::new();
        read_line(&mut io::BufReader::new(&long[..]), &mut line).unwrap();
        assert!(line.len() < LONGEST + 100_000);
    }
}
