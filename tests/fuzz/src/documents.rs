//! Documents of every kind that are read, and what must hold of any.

use mtalign::{
    bead::Run,
    both::Both,
    document::{Document, Original, Sentences, Side, Span},
    error::Error,
    ingest::{Documents, Input, Options},
    segment::{Segmentation, clauses::clauses, segment},
};

use crate::{archive, parted, scratch};

/// A kind of document, by the ending of its name, and whether the input is what is packed into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The ending of the name.
    pub ending: &'static str,
    /// Whether the input holds parts of an archive, not the archive.
    pub is_packed_here: bool,
}

/// All kinds, by their letters.
pub const KINDS: [Kind; 12] = [
    /* a */ whole("txt"),
    /* b */ whole("md"),
    /* c */ whole("html"),
    /* d */ whole("xhtml"),
    /* e */ whole("srt"),
    /* f */ whole("vtt"),
    /* g */ whole("ass"),
    /* h */ whole("jsonl"),
    /* i */ Kind { ending: "docx", is_packed_here: true },
    /* j */ Kind { ending: "epub", is_packed_here: true },
    /* k */ whole("docx"),
    /* l */ whole("epub"),
];

const fn whole(ending: &'static str) -> Kind {
    Kind { ending, is_packed_here: false }
}

impl Kind {
    /// The bytes of a file of this kind.
    pub fn file(self, content: &[u8]) -> Vec<u8> {
        let (first, second) = parted(content);
        match self.ending {
            "docx" if self.is_packed_here => archive::word(first, second),
            "epub" if self.is_packed_here => archive::book(first, second),
            _ => content.to_vec(),
        }
    }
}

/// Reads the documents of one file with both languages.
pub fn read_mixed(kind: Kind, file: &[u8], options: Options) -> Vec<Document> {
    let path = scratch::file(&format!("a.{}", kind.ending), file);
    read(Input::Mixed(path), options)
}

/// Reads the document of two files.
pub fn read_two(kind: Kind, files: Both<&[u8]>, options: Options) -> Vec<Document> {
    let zh = scratch::file(&format!("zh.{}", kind.ending), files.source);
    let en = scratch::file(&format!("en.{}", kind.ending), files.target);
    read(Input::Two { zh, en }, options)
}

fn read(input: Input, options: Options) -> Vec<Document> {
    let read = Documents::new(vec![input], options).filter_map(|document| match document {
        Ok(document) => Some(document),
        Err(error) => {
            // A fault of a library, held: it is said to be a fault, so it is one.
            assert!(!matches!(error, Error::Fault { .. }), "{error}");
            assert!(!error.to_string().is_empty());
            None
        }
    });
    read.collect()
}

/// Checks what must hold of any document, of a file of `n_bytes` where each byte can be told, and cuts it into sentences.
///
/// # Panics
/// If it does not hold.
pub fn check(document: &Document, segmentation: Segmentation, n_bytes: Option<usize>) -> Both<Sentences> {
    for (aside, side) in
        [(&document.set_aside.source, &document.sides.source), (&document.set_aside.target, &document.sides.target)]
    {
        for aside in aside {
            check_span(&side.original, aside.span, n_bytes);
        }
    }
    document.sides.as_ref().map(|side| check_side(side, segmentation, n_bytes))
}

/// Checks one side, and cuts it into sentences.
///
/// # Panics
/// If its paragraphs overlap, or the sentences of a paragraph leave anything of it out.
pub fn check_side(side: &Side, segmentation: Segmentation, n_bytes: Option<usize>) -> Sentences {
    let text = &side.original.text;
    let mut reached = 0;
    for paragraph in &side.paragraphs {
        assert!(reached <= paragraph.span.start, "paragraphs overlap");
        assert!(!paragraph.span.is_empty(), "a paragraph is empty");
        check_span(&side.original, paragraph.span, n_bytes);
        reached = paragraph.span.end;
    }
    let sentences = segment(side, segmentation);
    let mut items = sentences.items.iter().peekable();
    for (number, paragraph) in side.paragraphs.iter().enumerate() {
        let mut at = paragraph.span.start;
        while let Some(sentence) = items.next_if(|sentence| sentence.paragraph == number) {
            assert!(at <= sentence.span.start, "sentences overlap");
            assert!(Span::new(at, sentence.span.start).trim(text).is_empty(), "text between sentences");
            assert!(!sentence.span.is_empty() && sentence.span.end <= paragraph.span.end);
            assert_eq!(sentence.span.trim(text), sentence.span);
            at = sentence.span.end;
        }
        assert!(Span::new(at, paragraph.span.end).trim(text).is_empty(), "text after the last sentence");
    }
    assert!(items.next().is_none(), "a sentence of no paragraph");
    use_up(&sentences);
    sentences
}

/// Asks of sentences all that the stages ask of them.
fn use_up(sentences: &Sentences) {
    let mut text = 0;
    for index in 0..sentences.len() {
        let line = sentences.run_text(Run::new(index, index + 1));
        assert!(!line.contains(['\n', '\u{c}']) || sentences.original.line_end == '\r', "{line:?} is no line");
        text += line.len();
        let mut reached = 0;
        for clause in clauses(&line, sentences.lang) {
            assert!(reached <= clause.start && !clause.is_empty());
            reached = clause.end;
            let _ = clause.of(&line);
        }
    }
    assert!(sentences.run_text(Run::new(0, sentences.len())).len() <= text + sentences.len());
}

fn check_span(original: &Original, span: Span, n_bytes: Option<usize>) {
    let text = span.of(&original.text);
    assert_eq!(span.trim(&original.text), span, "{text:?} has white space at its ends");
    assert!(original.line(span.start) >= 1);
    assert!(original.line(span.start) <= original.line(span.end.saturating_sub(1).max(span.start)), "lines go back");
    if let (Some(bytes), Some(n_bytes)) = (original.file_bytes(span), n_bytes) {
        assert!(bytes.start <= bytes.end && bytes.end <= n_bytes, "{bytes:?} of {n_bytes}");
    }
}
