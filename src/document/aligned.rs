//! Aligned documents: what all stages make of a document.

use super::{CoverageReport, Original, Sentences, SetAside, Translation};
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
    /// What was left out of both sides, by the original that it stands in: where both share one, that of the source.
    pub set_aside: Both<Vec<SetAside>>,
    /// The source sentences that are headings, by index, in order.
    pub headings: Vec<usize>,
}

impl AlignedDocument {
    /// What was left out of both sides, each with the original that it stands in.
    pub fn all_set_aside(&self) -> impl Iterator<Item = (&Original, SetAside)> {
        let source = self.set_aside.source.iter().map(|&aside| (&*self.sentences.source.original, aside));
        let target = self.set_aside.target.iter().map(|&aside| (&*self.sentences.target.original, aside));
        source.chain(target)
    }
}
