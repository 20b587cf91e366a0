//! Aligned documents: what all stages make of a document.

use super::{CoverageReport, Sentences, Span, Translation};
use crate::{bead::Alignment, both::Both};

/// An aligned document, with everything that the outputs are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedDocument {
    /// The name in outputs.
    pub id: String,
    /// The sentences of each side.
    pub sentences: Both<Sentences>,
    /// The translation of each source sentence by the model.
    pub translations: Vec<Translation>,
    /// The alignment: beads that tile both sides.
    pub alignment: Alignment,
    /// The coverage of both sides.
    pub coverage: CoverageReport,
    /// The lines of neither language, in the original of the source side.
    pub set_aside: Vec<Span>,
    /// The source sentences that are headings, by index, in order.
    pub headings: Vec<usize>,
}
