//! What the models answered over a document: with the document itself, all that an aligned one is made of.

use crate::{
    bead::{Alignment, Bead},
    both::Both,
    document::{Hint, Sentences, Translation},
};

/// What the models answered over a document: what costs time, and is worth keeping for a run that goes on later.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Answers {
    /// The translation of each source sentence.
    pub translations: Vec<Translation>,
    /// The alignment of the sentences.
    pub alignment: Alignment,
    /// The pairs whose sides stand in different places, in the order of the source.
    pub moved: Vec<Bead>,
    /// The hints inside the covered sentences of each side, in order.
    pub hints: Both<Vec<Hint>>,
}

impl Answers {
    /// Whether these can be answers over `sentences`: as many translations, beads that tile them, and nothing that points
    /// past a text.
    pub(super) fn fit(&self, sentences: &Both<Sentences>) -> bool {
        let lengths = sentences.as_ref().map(Sentences::len);
        let reached = self.alignment.beads().last().map_or(Both::new(0, 0), |bead| bead.runs.map(|run| run.end));
        let is_within = |bead: &Bead| bead.runs.source.end <= lengths.source && bead.runs.target.end <= lengths.target;
        let fits = |side: &Sentences, hints: &[Hint]| {
            let text = &side.original.text;
            hints.iter().all(|Hint { sentence, span, .. }| {
                *sentence < side.len() && span.start <= span.end && text.get(span.start..span.end).is_some()
            })
        };
        self.translations.len() == lengths.source
            && reached == lengths
            && self.moved.iter().all(is_within)
            && fits(&sentences.source, &self.hints.source)
            && fits(&sentences.target, &self.hints.target)
    }
}
