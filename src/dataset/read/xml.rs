//! XML, token by token, in memory that no file can fill: TMX and XLIFF are read with it.
//!
//! Entities that a document declares are unknown here, so that none can grow. XML that is not well-formed is an error,
//! for what comes after it could be anything; and so is one whose root does not close, for something is missing.

use std::{
    io::{self, BufRead, Read},
    path::Path,
    sync::Arc,
};

use quick_xml::{Reader, XmlVersion, escape::resolve_predefined_entity, events::Event};

use super::encoding::{Invalid, open};
use crate::error::{Error, Result};

/// The length of the longest unit that is read, in bytes, as for a line of other corpora.
pub(super) const LONGEST: usize = 4 << 20;

/// The most attributes of an element: some dozens are many, and each takes far more memory than bytes of the file.
const MOST_ATTRIBUTES: usize = 1_000;

/// What stands in a document, piece by piece. Names are without their prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// A tag that opens an element; one that is empty is closed by a token of its own.
    Start(Tag),
    /// A tag that closes an element.
    End(String),
    /// Text, of which several pieces may follow each other.
    Text(String),
    /// The end of the file, whole or cut off ([`Xml::check_whole`]).
    Eof,
}

/// A tag that opens an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    /// By their names, with prefixes.
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute; empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        self.attributes.iter().find(|(it, _)| it == name).map_or("", |(_, value)| value)
    }
}

/// A document that is read.
pub(super) struct Xml {
    path: Arc<str>,
    reader: Reader<Counted<Box<dyn BufRead>>>,
    buffer: Vec<u8>,
    /// How many elements are open; none before the root.
    open: Option<usize>,
}

impl Xml {
    /// Opens a file. Fails if it cannot be read.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let inner: Box<dyn BufRead> = Box::new(open(path, Invalid::Replaced)?);
        let mut bytes = Counted { inner, lines: 0, since_unit: 0 };
        bytes.pass_declaration().map_err(|source| Error::read(path, source))?;
        let mut reader = Reader::from_reader(bytes);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { path: path.display().to_string().into(), reader, buffer: Vec::new(), open: None })
    }

    /// The name of the file.
    pub(super) fn path(&self) -> &Arc<str> {
        &self.path
    }

    /// The number of the line on which the next token begins, 1-based.
    pub(super) fn line(&self) -> usize {
        self.reader.get_ref().lines + 1
    }

    /// Says that what was read is no longer held: only what stands in one unit is.
    pub(super) fn forget(&mut self) {
        self.reader.get_mut().since_unit = 0;
    }

    /// The error of the file at `line`.
    pub(super) fn failed(&self, line: usize, what: impl Into<String>) -> Error {
        Error::Format { path: self.path.to_string(), line, what: what.into() }
    }

    /// Checks, at the end of the file, that the root was closed. Fails if elements are open, or there was none.
    pub(super) fn check_whole(&self) -> Result<()> {
        match self.open {
            Some(0) => Ok(()),
            Some(_) => Err(self.failed(self.line(), "the file ends early: its last elements are open")),
            None => Err(self.failed(self.line(), "there is no XML in it")),
        }
    }

    /// The next token. Fails where the XML is not well-formed.
    pub(super) fn next(&mut self) -> Result<Token> {
        loop {
            self.buffer.clear();
            let line = self.line();
            let path = &self.path;
            let failed = |what: String| Error::Format { path: path.to_string(), line, what };
            let event = self.reader.read_event_into(&mut self.buffer).map_err(|error| failed(error.to_string()))?;
            return Ok(match event {
                Event::Eof => Token::Eof,
                Event::Start(tag) => {
                    self.open = Some(self.open.unwrap_or(0) + 1);
                    if tag.attributes().nth(MOST_ATTRIBUTES).is_some() {
                        return Err(failed(format!("an element has more than {MOST_ATTRIBUTES} attributes")));
                    }
                    let attributes = tag.attributes().filter_map(std::result::Result::ok).filter_map(|attribute| {
                        let value = attribute.normalized_value(XmlVersion::Implicit1_0).ok()?;
                        Some((attribute.key.as_ref().to_owned(), value.into_owned()))
                    });
                    Token::Start(Tag { name: tag.local_name().as_ref().to_owned(), attributes: attributes.collect() })
                }
                Event::End(tag) => {
                    self.open = self.open.map(|open| open.saturating_sub(1));
                    Token::End(tag.local_name().as_ref().to_owned())
                }
                Event::Text(text) => Token::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned()),
                Event::CData(text) => Token::Text(text.xml_content(XmlVersion::Implicit1_0).into_owned()),
                Event::GeneralRef(reference) => {
                    let character = reference.resolve_char_ref().map_err(|error| failed(error.to_string()))?;
                    let name = reference.into_inner();
                    Token::Text(match (character, resolve_predefined_entity(&name)) {
                        (Some(character), _) => character.to_string(),
                        (None, Some(text)) => text.to_owned(),
                        (None, None) => return Err(failed(format!("the entity `&{name};` is not known"))),
                    })
                }
                _ => continue,
            });
        }
    }
}

/// Counts the lines that were read, and refuses a unit that would fill the memory.
struct Counted<R> {
    inner: R,
    lines: usize,
    since_unit: usize,
}

impl<R: BufRead> Counted<R> {
    /// Passes over the XML declaration: what it says of the encoding is true no longer.
    fn pass_declaration(&mut self) -> io::Result<()> {
        let head = self.fill_buf()?;
        let end = if head.starts_with(b"<?xml ") { head.iter().position(|&byte| byte == b'>') } else { None };
        if let Some(end) = end {
            self.consume(end + 1);
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since_unit > LONGEST {
            return Err(io::Error::other(format!(
                "a translation unit, a comment or a tag has more than {LONGEST} bytes; take it out, or divide it"
            )));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        // What was filled is still there: nothing is read.
        if let Ok(bytes) = self.inner.fill_buf() {
            self.lines += bytes[..length.min(bytes.len())].split(|&byte| byte == b'\n').count() - 1;
        }
        self.since_unit += length;
        self.inner.consume(length);
    }
}
