//! Documents and alignments, as the stages hand them on: texts held once, and spans that point into them.
//!
//! A [`Document`] is a Chinese text and an English one, from two files or from one that holds both; an
//! [`AlignedDocument`] is what the stages make of it. Both point into the [`Original`] by byte [`Span`]s, so that a
//! sentence, a bead or a coverage report can always say where in the user's file it stands. Nothing here touches
//! files or can fail.

mod aligned;
mod check;
mod coverage;
mod original;
mod sentences;
mod translation;

use std::sync::Arc;

pub use self::{
    aligned::AlignedDocument,
    check::{Check, Checks, Finding, OtherPair, Place, UnknownCheck},
    coverage::{CoverageReport, Hint, Share, SideCoverage, SideTotals, Totals},
    original::{ByteMap, Excerpt, Original, Span},
    sentences::{Sentence, Sentences},
    translation::{Flaw, Translation},
};
use crate::{both::Both, text::Lang};

/// A paragraph: a block of text of one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Paragraph {
    /// The span of the paragraph, without white space at its ends.
    pub span: Span,
    /// Whether it is a heading, in a format that has such.
    pub heading: bool,
    /// The language that it is written in: another than that of its side where it was left untranslated.
    pub lang: Lang,
    /// The number of its row, where it stands in a table with a column for each language: what stands in a row belongs
    /// together. Ascending on both sides.
    pub row: Option<usize>,
}

/// A stretch of a text that is no part of either side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SetAside {
    /// Where it stands, without white space at its ends.
    pub span: Span,
    /// Why it was left out.
    pub kind: Aside,
}

/// Why a stretch of a text is left out, and told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aside {
    /// It is of neither language.
    Foreign,
    /// It is a block of code.
    Code,
    /// It tells programs about the text: front matter.
    Metadata,
    /// It is a remark about the text, such as a comment in a Word document.
    Comment,
    /// It says something about a row or column of a table with both languages: its number, its state, a note, a heading.
    Label,
    /// It stands at the edge of a page: a running head, a page number.
    Page,
}

impl Aside {
    /// Every kind.
    pub const ALL: [Self; 6] = [Self::Foreign, Self::Code, Self::Metadata, Self::Comment, Self::Label, Self::Page];

    /// What people call it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Foreign => "neither Chinese nor English",
            Self::Code => "code",
            Self::Metadata => "front matter",
            Self::Comment => "comments",
            Self::Label => "numbers, states and notes in tables",
            Self::Page => "running heads and page numbers",
        }
    }

    /// One word, for programs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Foreign => "foreign",
            Self::Code => "code",
            Self::Metadata => "metadata",
            Self::Comment => "comment",
            Self::Label => "label",
            Self::Page => "page",
        }
    }
}

/// One side of a document: the paragraphs of a language, in an original that may hold the other language too.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Side {
    /// The language of every paragraph.
    pub lang: Lang,
    /// The file that holds the paragraphs; both sides of a mixed document share it.
    pub original: Arc<Original>,
    /// The paragraphs in the order of the file; never empty spans, never overlapping.
    pub paragraphs: Vec<Paragraph>,
}

/// A document: Chinese text and English text that may or may not be its translation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Document {
    /// The name in outputs: the input's path as given, in a directory the path from there, or the id that it came
    /// with.
    pub id: String,
    /// The Chinese side and the English side.
    pub sides: Both<Side>,
    /// What was left out of both sides, by the original that it stands in: where both share one, that of the source.
    pub set_aside: Both<Vec<SetAside>>,
}
