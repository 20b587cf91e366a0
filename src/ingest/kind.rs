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
    /// An EPUB book.
    Book,
    /// Subtitles (SubRip).
    Subtitles,
    /// Subtitles (WebVTT).
    WebVtt,
    /// Subtitles (SubStation Alpha).
    SubStation,
    /// A document a line, as JSON.
    Records,
}

/// The endings of names, in small letters.
const ENDINGS: [(&str, Kind); 14] = [
    ("txt", Kind::Plain),
    ("md", Kind::Markdown),
    ("markdown", Kind::Markdown),
    ("html", Kind::Html),
    ("htm", Kind::Html),
    ("xhtml", Kind::Html),
    ("docx", Kind::Word),
    ("epub", Kind::Book),
    ("srt", Kind::Subtitles),
    ("vtt", Kind::WebVtt),
    ("ass", Kind::SubStation),
    ("ssa", Kind::SubStation),
    ("jsonl", Kind::Records),
    ("ndjson", Kind::Records),
];

/// The endings of formats that are known and not read here, what they are, and what to do.
const NOT_READ: [(&str, &str, &str); 26] = [
    ("pdf", "PDF", "save its text as .txt or .docx"),
    ("doc", "an old Word document", "save it as .docx"),
    ("rtf", "Rich Text Format", "save it as .docx or .txt"),
    ("odt", "an OpenDocument text", "save it as .docx"),
    ("pages", "a Pages document", "export it as .docx"),
    ("mobi", "a Kindle book", "convert it to .epub, .html or .docx"),
    ("azw3", "a Kindle book", "convert it to .epub, .html or .docx"),
    ("pptx", "a PowerPoint presentation", "save its outline as .txt or .docx"),
    ("ppt", "a PowerPoint presentation", "save its outline as .txt or .docx"),
    ("xls", "an old Excel workbook", "save it as .xlsx, and give it to `mtalign dataset`"),
    ("xlsx", "an Excel workbook", "give it to `mtalign dataset`, which reads pairs"),
    ("xlsm", "an Excel workbook", "give it to `mtalign dataset`, which reads pairs"),
    ("ods", "an OpenDocument sheet", "save it as .xlsx or .csv, and give it to `mtalign dataset`"),
    ("csv", "a comma-separated table", "give it to `mtalign dataset`, which reads pairs"),
    ("tsv", "a tab-separated table", "give it to `mtalign dataset`, which reads pairs"),
    ("tmx", "a translation memory", "give it to `mtalign dataset`, which reads pairs"),
    ("xlf", "XLIFF", "give it to `mtalign dataset`, which reads pairs"),
    ("xliff", "XLIFF", "give it to `mtalign dataset`, which reads pairs"),
    ("sdlxliff", "XLIFF", "give it to `mtalign dataset`, which reads pairs"),
    ("mqxliff", "XLIFF", "give it to `mtalign dataset`, which reads pairs"),
    ("mxliff", "XLIFF", "give it to `mtalign dataset`, which reads pairs"),
    ("po", "a file of gettext messages", "give it to `mtalign dataset`, which reads pairs"),
    ("pot", "a template of gettext messages", "give a .po with translations to `mtalign dataset`, which reads pairs"),
    ("json", "JSON", "give a document a line as .jsonl, `{\"id\": …, \"zh\": …, \"en\": …}`"),
    ("zip", "an archive", "unpack it, and give the files or the folder"),
    ("gz", "a compressed file", "decompress it first"),
];

/// What the ending of `path` says of a format that is known and not read: its name, and what to do.
pub(super) fn not_read(path: &Path) -> Option<(&'static str, &'static str)> {
    let ending = path.extension().and_then(OsStr::to_str)?;
    let known = NOT_READ.iter().find(|(known, ..)| ending.eq_ignore_ascii_case(known));
    known.map(|&(_, format, instead)| (format, instead))
}

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
    fn no_ending_is_both_read_and_not_read() {
        for (ending, _) in ENDINGS {
            assert_eq!(not_read(Path::new(&format!("a.{ending}"))), None, "{ending}");
        }
        assert!(not_read(Path::new("a.b.PDF")).is_some_and(|(format, _)| format == "PDF"));
        assert_eq!((not_read(Path::new("pdf")), not_read(Path::new("a.log"))), (None, None));
    }

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
