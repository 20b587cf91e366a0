//! A document after all stages.

use super::{CoverageReport, Sentences, Span, Translation};
use crate::{bead::Alignment, both::Both};

/// A document with everything the outputs are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedDocument {
    /// What outputs call it.
    pub id: String,
    /// The sentences of each side.
    pub sentences: Both<Sentences>,
    /// The model's translation of each source sentence.
    pub translations: Vec<Translation>,
    /// Beads that tile both sides.
    pub alignment: Alignment,
    /// What is covered.
    pub coverage: CoverageReport,
    /// Lines of neither language, in the original of the source side.
    pub set_aside: Vec<Span>,
    /// The source sentences that are headings, by index, in order.
    pub headings: Vec<usize>,
}
