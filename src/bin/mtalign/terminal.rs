//! Standard error, which a person reads in a terminal: everything that the program says there goes through [`Messages`].
//!
//! Messages quote names and contents of files, and what other programs wrote, none of which may command the terminal.

use std::{
    fmt::Arguments,
    io::{self, StderrLock, Write},
};

use mtalign::write::safe::visible;

/// Standard error, until it is dropped.
pub(crate) fn messages() -> Messages<StderrLock<'static>> {
    Messages(io::stderr().lock())
}

/// A writer of messages, in which what a terminal obeys is spelt out. Each `write!` is a message: line ends at its
/// beginning and at its end are the program's own, those inside come from what it quotes.
pub(crate) struct Messages<W>(W);

impl<W: Write> Write for Messages<W> {
    /// Bytes that were written by themselves are text of which nothing is the program's own but line ends.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for line in String::from_utf8_lossy(bytes).split_inclusive('\n') {
            self.message(line)?;
        }
        Ok(bytes.len())
    }

    fn write_fmt(&mut self, message: Arguments<'_>) -> io::Result<()> {
        self.message(&message.to_string())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Write> Messages<W> {
    fn message(&mut self, message: &str) -> io::Result<()> {
        let text = message.trim_start_matches('\n');
        let (before, _) = message.split_at(message.len() - text.len());
        let words = text.strip_suffix('\n').unwrap_or(text);
        let after = &text[words.len()..];
        self.0.write_all(format!("{before}{}{after}", visible(words)).as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_of_the_program_stay_and_those_that_it_quotes_are_spelt_out() {
        let mut out = Messages(Vec::new());
        let quoted = "a\nerror: b\r\x1b[2J";
        writeln!(out, "error: `{quoted}`").unwrap();
        // As what writes a summary sees it.
        let by_another: &mut dyn Write = &mut out;
        writeln!(by_another, "\nInside: {quoted}").unwrap();
        out.write_all(b"by\x1b itself\n").unwrap();
        let expected = "error: `a\\nerror: b\\r\\u{1b}[2J`\n\nInside: a\\nerror: b\\r\\u{1b}[2J\nby\\u{1b} itself\n";
        assert_eq!(String::from_utf8(out.0).unwrap(), expected);
    }
}
