//! Standard input → a text, or the lines that documents are.
//!
//! A pipe has no name whose ending could say what comes out of it, so its beginning does: `{"` begins a line of JSON and no
//! text of people. Lines come as they are given, each a document that is done before the next one is waited for.

use std::io::{self, BufRead, Cursor, Read};

use super::bytes::read_whole;
use crate::{
    error::Result,
    feed::{self, STANDARD_INPUT, unreadable},
};

/// What standard input holds.
pub(super) enum StandardInput {
    /// A text, which is read.
    Text(Vec<u8>),
    /// Lines, which are not.
    Records(Box<dyn BufRead>),
}

impl StandardInput {
    /// Looks at standard input; with `is_records` it is lines of JSON whatever it begins with. Fails if it cannot be read.
    pub(super) fn open(is_records: bool) -> Result<Self> {
        let feed = feed::standard_input()?;
        if is_records {
            return Ok(Self::Records(Box::new(feed)));
        }
        Self::of(feed).map_err(unreadable)?
    }

    fn of(mut reader: impl BufRead + 'static) -> io::Result<Result<Self>> {
        let (beginning, is_records) = beginning(&mut reader)?;
        let whole = Cursor::new(beginning).chain(reader);
        Ok(if is_records {
            Ok(Self::Records(Box::new(whole)))
        } else {
            read_whole(STANDARD_INPUT, whole).map(Self::Text)
        })
    }
}

/// Reads until it is known whether lines of JSON come: what was read, and that.
fn beginning(reader: &mut impl BufRead) -> io::Result<(Vec<u8>, bool)> {
    let mut read = Vec::new();
    let mut bytes = reader.bytes();
    let mut is_inside = false;
    while let Some(byte) = bytes.next().transpose()? {
        read.push(byte);
        match byte {
            b'{' if !is_inside => is_inside = true,
            b'"' if is_inside => return Ok((read, true)),
            b' ' | b'\t' => {}
            // Blank lines, and the mark of UTF-8.
            b'\r' | b'\n' if !is_inside => {}
            0xef | 0xbb | 0xbf if read.len() <= 3 => {}
            _ => break,
        }
    }
    Ok((read, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_lines_are_known_by_their_beginning_and_nothing_is_lost() {
        for (text, is_records) in [
            ("{\"zh\": \"猫。\", \"en\": \"A cat.\"}\n", true),
            ("\u{feff}\r\n\n { \"text\": \"猫。\"}", true),
            ("{", false),
            ("", false),
            ("\n", false),
            ("{\n  \"zh\": 1}", false),
            ("{猫} {\"", false),
            ("\u{feff}猫睡了。\n\nThe cat slept.\n", false),
            ("【\"猫\"】", false),
        ] {
            let read = match StandardInput::of(Cursor::new(text)).unwrap().unwrap() {
                StandardInput::Text(bytes) => (bytes, false),
                StandardInput::Records(mut lines) => {
                    let mut bytes = Vec::new();
                    lines.read_to_end(&mut bytes).unwrap();
                    (bytes, true)
                }
            };
            assert_eq!(read, (text.as_bytes().to_vec(), is_records), "{text:?}");
        }
    }
}
