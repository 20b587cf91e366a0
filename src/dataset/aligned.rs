//! The candidates of an aligned document.

use std::sync::Arc;

use super::Candidate;
use crate::{
    document::AlignedDocument,
    write::{rounded, safe::one_line},
};

/// The pairs of `document` as candidates, in its order; sentences without a counterpart are none.
pub fn candidates(document: &AlignedDocument) -> impl Iterator<Item = Candidate> + use<'_> {
    let doc: Arc<str> = tidy(&document.id).into();
    document.alignment.beads().iter().filter(|bead| bead.is_pair()).map(move |bead| {
        let texts = document.sentences.as_ref().zip(bead.runs).map(|(side, run)| tidy(&side.run_text(run)));
        let translations = document.translations.get(bead.runs.source.range()).unwrap_or_default();
        Candidate {
            zh: texts.source,
            en: texts.target,
            // As it is written, so that pairs which were written and read again are the same.
            confidence: Some(rounded(bead.confidence)),
            doc: Arc::clone(&doc),
            line: None,
            flaw: translations.iter().filter_map(|translation| translation.flaw).min(),
            is_draft: false,
        }
    })
}

/// A text on one line, without white space at its ends.
pub(super) fn tidy(text: &str) -> String {
    one_line(text).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::Flaw, write::sample};

    #[test]
    fn beads_with_both_sides_are_candidates_and_bring_the_flaws_of_their_translations() {
        let document = sample::document(
            &["猫睡了。", "狗没睡。", "鸟飞走了。"],
            &["The cat slept.", "The dog did not.", "The end."],
            &[(2, 2, 0.9), (1, 0, 0.8), (0, 1, 0.7)],
        );
        let found: Vec<Candidate> = candidates(&document).collect();
        let expected = Candidate {
            zh: "猫睡了。狗没睡。".to_owned(),
            en: "The cat slept. The dog did not.".to_owned(),
            confidence: Some(0.9),
            doc: "animals.txt".into(),
            line: None,
            flaw: Some(Flaw::Looping),
            is_draft: false,
        };
        assert_eq!(found, [expected]);
    }
}
