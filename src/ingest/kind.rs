//! A file's name → what is in it. Nothing inside a file is asked: a name can be read, and changed, by its owner.

use std::{ffi::OsStr, path::Path};

/// A form in which documents come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Plain text.
    Plain,
    /// Markdown.
    Markdown,
    /// A web page.
    Html,
    /// A Word document.
    Word,
    /// Subtitles.
    Subtitles,
    /// A document a line, as JSON.
    Records,
}

/// The endings of names, in small letters.
const ENDINGS: [(&str, Kind); 10] = [
    ("txt", Kind::Plain),
    ("md", Kind::Markdown),
    ("markdown", Kind::Markdown),
    ("html", Kind::Html),
    ("htm", Kind::Html),
    ("xhtml", Kind::Html),
    ("docx", Kind::Word),
    ("srt", Kind::Subtitles),
    ("jsonl", Kind::Records),
    ("ndjson", Kind::Records),
];

impl Kind {
    /// What the file at `path` is taken for when it was named by the user: plain text, unless its ending says more.
    pub(super) fn of(path: &Path) -> Self {
        Self::known(path).unwrap_or(Self::Plain)
    }

    /// What the ending of `path` says; nothing where it is not one of a document.
    pub(super) fn known(path: &Path) -> Option<Self> {
        let ending = path.extension().and_then(OsStr::to_str)?;
        ENDINGS.iter().find(|(known, _)| ending.eq_ignore_ascii_case(known)).map(|&(_, kind)| kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ending_says_what_a_file_is() {
        for (path, expected) in [
            ("a.txt", Some(Kind::Plain)),
            ("b/PAGE.HTM", Some(Kind::Html)),
            ("a.b.docx", Some(Kind::Word)),
            ("docx", None),
            (".srt", None),
            ("a.rs", None),
        ] {
            assert_eq!(Kind::known(Path::new(path)), expected, "{path}");
            assert_eq!(Kind::of(Path::new(path)), expected.unwrap_or(Kind::Plain), "{path}");
        }
    }
}
