//! JSON Lines → documents, a line each: `{"id": "a", "text": "…"}` with both languages in one text, or
//! `{"id": "a", "zh": "…", "en": "…"}`.
//!
//! One line is held at a time. A line that is no document is an error with its number, and the next line is read. An id
//! may be a text or a number; a document without one is called by file and line. Other keys are passed over.

use std::{
    fmt,
    fs::File,
    io::{BufRead, BufReader, Read as _},
    ops::Range,
    path::Path,
    sync::Arc,
};

use serde::Deserialize;

use super::{LARGEST, Options, mixed_document, plain, two_sides};
use crate::{
    both::Both,
    document::{Document, Excerpt, Original},
    error::{Error, Result, panic},
};

/// What a line must be.
const EXPECTED: &str = "expected `{\"id\": …, \"text\": …}` or `{\"id\": …, \"zh\": …, \"en\": …}`";

/// The byte-order mark of UTF-8.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The documents of a file, read one after another.
pub(super) struct Records {
    /// The name of the file.
    path: String,
    options: Options,
    lines: Box<dyn BufRead>,
    /// Lines read.
    line: usize,
    /// Bytes read.
    offset: usize,
    is_empty: bool,
    is_done: bool,
}

impl Records {
    /// The documents of the file at `path`.
    pub(super) fn open(path: &Path, options: Options) -> Result<Self> {
        let file = File::open(path).map_err(|source| Error::read(path, source))?;
        Ok(Self::over(path.display().to_string(), Box::new(BufReader::new(file)), options))
    }

    /// The documents that `lines` hold, which messages call `path`.
    pub(super) fn over(path: String, lines: Box<dyn BufRead>, options: Options) -> Self {
        Self { path, options, lines, line: 0, offset: 0, is_empty: true, is_done: false }
    }

    /// The same, of which there may be none.
    pub(super) fn or_nothing(self) -> Self {
        Self { is_empty: false, ..self }
    }

    fn document(&self, line: &[u8], bytes: Range<usize>) -> Result<Document> {
        let path = &self.path;
        let record = parse(line, self.options.required.target).map_err(|what| Error::Format {
            path: path.clone(),
            line: self.line,
            what,
        })?;
        let place = format!("{path}:{}", self.line);
        let named = record.id.clone();
        let original = |text: String| {
            let excerpt = Excerpt { text_start: 0, line: self.line, file_bytes: Some(bytes.clone()) };
            Arc::new(Original::excerpted(path.clone(), text, vec![excerpt]))
        };
        let id = record.id.unwrap_or_else(|| place.clone());
        let document = match record.text {
            Text::Mixed(text) => {
                let original = original(text);
                let blocks = plain::blocks(&original);
                mixed_document(id, &original, &blocks, self.options)
            }
            Text::Two(texts) => {
                let of = |original: Arc<Original>| {
                    let blocks = plain::blocks(&original);
                    (original, blocks)
                };
                two_sides(id, texts.map(original).map(of), self.options)
            }
        };
        document.map_err(|error| {
            let error = match error {
                Error::NoText { lang, .. } => Error::NoText { path: place, lang },
                other => other,
            };
            match named {
                Some(id) => Error::Record { id, source: Box::new(error) },
                None => error,
            }
        })
    }

    fn failed(&self, source: std::io::Error) -> Error {
        Error::Read { path: self.path.clone(), source }
    }
}

impl fmt::Debug for Records {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Records").field("path", &self.path).field("line", &self.line).finish_non_exhaustive()
    }
}

impl Iterator for Records {
    type Item = Result<Document>;

    fn next(&mut self) -> Option<Result<Document>> {
        while !self.is_done {
            let mut line = Vec::new();
            match self.lines.by_ref().take(LARGEST).read_until(b'\n', &mut line) {
                Ok(read) if read as u64 == LARGEST && !line.ends_with(b"\n") => {
                    self.line += 1;
                    self.is_empty = false;
                    let path = format!("{}:{}", self.path, self.line);
                    match self.lines.skip_until(b'\n') {
                        Ok(rest) => self.offset += read + rest,
                        Err(source) => {
                            self.is_done = true;
                            return Some(Err(self.failed(source)));
                        }
                    }
                    return Some(Err(Error::TooLarge { path, largest: LARGEST }));
                }
                Ok(0) => {
                    self.is_done = true;
                    return self.is_empty.then(|| Err(Error::Empty { path: self.path.clone() }));
                }
                Ok(read) => {
                    let start = self.offset;
                    self.offset += read;
                    self.line += 1;
                    let mark = if self.line == 1 && line.starts_with(MARK) { MARK.len() } else { 0 };
                    let content = line[mark..].trim_ascii();
                    if !content.is_empty() {
                        self.is_empty = false;
                        let bytes = start + mark..start + line.trim_ascii_end().len();
                        let place = format!("{}:{}", self.path, self.line);
                        return Some(panic::guard(&place, || self.document(content, bytes)));
                    }
                }
                Err(source) => {
                    self.is_done = true;
                    return Some(Err(self.failed(source)));
                }
            }
        }
        None
    }
}

/// A document as a line has it.
#[derive(Debug, PartialEq, Eq)]
struct Record {
    id: Option<String>,
    text: Text,
}

#[derive(Debug, PartialEq, Eq)]
enum Text {
    Mixed(String),
    Two(Both<String>),
}

#[derive(Deserialize)]
struct Line {
    id: Option<Id>,
    text: Option<String>,
    zh: Option<String>,
    en: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "the id is neither a text nor a number")]
enum Id {
    Text(String),
    Number(serde_json::Number),
}

/// What a line holds; the Chinese alone is enough unless English is required.
fn parse(line: &[u8], needs_english: bool) -> std::result::Result<Record, String> {
    let line = std::str::from_utf8(line).map_err(|error| {
        let byte = error.valid_up_to() + 1;
        format!("byte {byte} of the line is not valid UTF-8")
    })?;
    // A list of the values alone would be read as well.
    if !line.starts_with('{') {
        return Err(EXPECTED.to_owned());
    }
    let Line { id, text, zh, en } = serde_json::from_str(line).map_err(|error| {
        let message = error.to_string();
        let said = message.split(" at line ").next().unwrap_or_default();
        format!("{said} (character {} of the line); {EXPECTED}", error.column())
    })?;
    let text = match (text, zh, en) {
        (Some(text), None, None) => Text::Mixed(text),
        (None, Some(zh), Some(en)) => Text::Two(Both::new(zh, en)),
        (None, Some(zh), None) if !needs_english => Text::Two(Both::new(zh, String::new())),
        (Some(_), ..) => return Err(format!("it has `text` and a side too; {EXPECTED}")),
        (None, ..) => return Err(EXPECTED.to_owned()),
    };
    let id = id.map(|id| match id {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    });
    Ok(Record { id, text })
}

#[cfg(test)]
mod tests {
    use std::{error::Error as _, fs};

    use proptest::prelude::*;
    use tempfile::TempDir;

    use super::*;
    use crate::ingest::Layout;

    /// The documents of a file: id, Chinese, English, line; or what is wrong, with `PATH` for the path.
    fn read(content: impl AsRef<[u8]>, layout: Layout) -> Vec<std::result::Result<[String; 3], String>> {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("docs.jsonl");
        fs::write(&path, content).unwrap();
        let hide = |text: String| text.replace(&path.display().to_string(), "PATH");
        let text = |side: &crate::document::Side| {
            let texts = side.paragraphs.iter().map(|paragraph| paragraph.span.of(&side.original.text));
            texts.collect::<Vec<_>>().join("|")
        };
        Records::open(&path, Options { layout, ..Options::default() })
            .unwrap()
            .map(|document| match document {
                Ok(it) => Ok([hide(it.id), text(&it.sides.source), text(&it.sides.target)]),
                Err(error) => {
                    let cause = error.source().map_or_else(String::new, |cause| format!(": {cause}"));
                    Err(hide(error.to_string() + &cause))
                }
            })
            .collect()
    }

    #[test]
    fn a_line_is_a_document_of_one_text_or_of_two() {
        let content = "\u{feff}{\"id\":\"a\",\"text\":\"天黑了。\\n\\nNight fell.\"}\r\n\n\
                       {\"en\":\"Dawn.\",\"zh\":\"天亮。\",\"id\":7,\"more\":[[1]]}\n{\"zh\":\"雨。\",\"en\":\"Rain.\",\"text\":null}";
        let expected = [["a", "天黑了。", "Night fell."], ["7", "天亮。", "Dawn."], ["PATH:4", "雨。", "Rain."]];
        assert_eq!(read(content, Layout::Prose), expected.map(|it| Ok(it.map(str::to_owned))));
    }

    #[test]
    fn a_line_that_is_no_document_is_an_error_with_its_number_and_the_next_one_is_read() {
        let cases: [(&[u8], &str); 9] = [
            (b"{\"id\":", "line 1: EOF while parsing a value (character 6 of the line); expected `{\"id\": "),
            (b"[\"a\", \"b\", \"c\", \"d\"]", "line 1: expected `{\"id\": "),
            (b"{\"id\":\"a\"}", "line 1: expected `{\"id\": "),
            (b"{\"id\":\"a\",\"zh\":\"x\"}", "line 1: expected `{\"id\": "),
            (b"{\"id\":\"a\",\"text\":\"x\",\"zh\":\"y\"}", "line 1: it has `text` and a side too; expected "),
            (b"{\"id\":[1],\"text\":\"x\"}", "line 1: the id is neither a text nor a number"),
            (b"{\"text\":5}", "line 1: invalid type: integer `5`, expected a string"),
            (b"{\"text\":\"\xff\"}", "line 1: byte 10 of the line is not valid UTF-8"),
            (b"{\"id\":\"a\",\"text\":\"only English\"}", "cannot read the document `a`: found no Chinese in `PATH:1`"),
        ];
        for (line, message) in cases {
            let found = read([line, b"\n{\"id\":1,\"zh\":\"\xe4\xb8\xad\",\"en\":\"In.\"}\n"].concat(), Layout::Prose);
            let said = found[0].as_ref().unwrap_err();
            assert!(said.contains(message), "{said}");
            assert_eq!(found[1..], [Ok(["1", "中", "In."].map(str::to_owned))]);
        }
    }

    #[test]
    fn a_file_without_a_document_is_empty() {
        assert_eq!(read(" \n\n", Layout::Prose), [Err("`PATH` is empty".to_owned())]);
    }

    #[test]
    fn a_text_knows_the_line_it_came_on_and_its_own() {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("docs.jsonl");
        let line = "{\"id\":1,\"text\":\"一。\\n二。\\nOne.\\nTwo.\"}";
        fs::write(&path, format!("\n{line}\r\n")).unwrap();
        let options = Options { layout: Layout::Lines, ..Options::default() };
        let document = Records::open(&path, options).unwrap().next().unwrap().unwrap();
        let (original, span) = (&document.sides.target.original, document.sides.target.paragraphs[0].span);
        assert_eq!((original.line(span.start), original.text_line(span.start)), (2, 3));
        assert_eq!(original.file_bytes(span), Some(1..1 + line.len()));
    }

    proptest! {
        #[test]
        fn whatever_a_line_holds_it_is_a_record_or_an_error(line in prop::collection::vec(any::<u8>(), 0..60)) {
            let _ = parse(&line, true);
        }

        #[test]
        fn every_text_comes_out_as_it_went_in(text in any::<String>(), id in any::<String>()) {
            let line = serde_json::json!({ "id": id, "text": text }).to_string();
            prop_assert_eq!(parse(line.as_bytes(), true), Ok(Record { id: Some(id), text: Text::Mixed(text) }));
        }
    }
}
