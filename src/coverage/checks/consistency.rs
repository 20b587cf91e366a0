//! The check of consistency: whether the same is translated in the same way, in a document and over many.

use std::{
    collections::{HashMap, hash_map::Entry},
    hash::{BuildHasher as _, RandomState},
    sync::Arc,
};

use super::whole;
use crate::{
    bead::Bead,
    both::Both,
    document::{AlignedDocument, Check, Finding, OtherPair},
    text::is_han,
};

/// The pairs that are remembered. With the texts that are kept of each, they take at most some 60 MB; what comes
/// after is compared with them, and not remembered.
const MOST_REMEMBERED: usize = 50_000;

/// The characters of a text that are kept, to be shown.
const LONGEST_KEPT: usize = 200;

/// The fewest Chinese characters, and letters of English, of a text that is compared: short ones (`好的。`) are
/// translated in many ways by right.
const FEWEST_HAN: usize = 6;
const FEWEST_LETTERS: usize = 16;

/// The check of consistency over documents, one after another.
#[derive(Debug, Default)]
pub struct Consistency {
    hasher: RandomState,
    pairs: Vec<Seen>,
    /// The first pair of each Chinese text, and of each English one, by the hash of its letters.
    by_text: Both<HashMap<u64, usize>>,
}

/// A pair that came before.
#[derive(Debug)]
struct Seen {
    keys: Both<u64>,
    file: Arc<str>,
    line: usize,
    texts: Both<String>,
}

impl Consistency {
    /// The pairs of a document, of at least `min_confidence` (0..=1), that differ from what came before in it or in
    /// the documents before it: the same Chinese with other English, or the same English for other Chinese.
    /// Punctuation, white space and capitals make no difference, and each text is told of with its first pair.
    pub fn look(&mut self, document: &AlignedDocument, min_confidence: f64) -> Vec<Finding> {
        let file: Arc<str> = document.sentences.source.original.name.as_str().into();
        let kept = document.alignment.beads().iter().filter(|bead| bead.is_kept(min_confidence));
        kept.filter_map(|bead| self.look_at(document, bead, &file)).collect()
    }

    fn look_at(&mut self, document: &AlignedDocument, bead: &Bead, file: &Arc<str>) -> Option<Finding> {
        let sides = document.sentences.as_ref().zip(bead.runs);
        let texts = sides.map(|(sentences, run)| sentences.run_text(run));
        let letters = texts.as_ref().map(|text| letters(text));
        let han = letters.source.chars().filter(|&c| is_han(c)).count();
        if han < FEWEST_HAN || letters.target.chars().count() < FEWEST_LETTERS {
            return None;
        }
        let keys = letters.map(|letters| self.hasher.hash_one(letters));
        let same_source = self.by_text.source.get(&keys.source).and_then(|&at| self.pairs.get(at));
        let same_target = self.by_text.target.get(&keys.target).and_then(|&at| self.pairs.get(at));
        let other = same_source.filter(|seen| seen.keys.target != keys.target);
        let other = other.or_else(|| same_target.filter(|seen| seen.keys.source != keys.source));
        let finding = other.map(|seen| Finding {
            check: Check::Consistency,
            runs: bead.runs,
            places: sides.map(|(sentences, run)| whole(sentences, run)),
            other: Some(OtherPair { file: seen.file.to_string(), line: seen.line, texts: seen.texts.clone() }),
        });
        self.remember(keys, || {
            let line = document.sentences.source.line(bead.runs.source.start);
            let texts = texts.as_ref().map(|text| text.chars().take(LONGEST_KEPT).collect());
            Seen { keys, file: Arc::clone(file), line, texts }
        });
        finding
    }

    fn remember(&mut self, keys: Both<u64>, seen: impl FnOnce() -> Seen) {
        if self.pairs.len() >= MOST_REMEMBERED {
            return;
        }
        let place = self.pairs.len();
        let source = self.by_text.source.entry(keys.source);
        let target = self.by_text.target.entry(keys.target);
        if matches!((&source, &target), (Entry::Occupied(_), Entry::Occupied(_))) {
            return;
        }
        source.or_insert(place);
        target.or_insert(place);
        self.pairs.push(seen());
    }
}

/// The letters and digits of a text, in small letters.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{document::AlignedDocument, write::sample};

    fn document(zh: &[&str], en: &[&str]) -> AlignedDocument {
        sample::document(zh, en, &vec![(1, 1, 0.9); zh.len()])
    }

    /// The sentences with a finding, and the line of the pair from which each differs.
    fn found(consistency: &mut Consistency, document: &AlignedDocument) -> Vec<(usize, usize)> {
        let findings = consistency.look(document, 0.5);
        findings.iter().map(|finding| (finding.runs.source.start, finding.other.as_ref().unwrap().line)).collect()
    }

    const SAID: (&str, &str) = ("请按下红色的按钮。", "Press the red button, please.");

    #[test]
    fn the_same_said_in_two_ways_is_found_in_a_document_and_in_those_after_it() {
        let mut consistency = Consistency::default();
        let first = document(
            &[SAID.0, "请按下绿色的按钮。", "请按下，红色的按钮！", SAID.0],
            &[SAID.1, SAID.1, "PRESS the red button please", "Push the red knob, will you?"],
        );
        // Another source of the same text, punctuation alone, another text for the same source.
        assert_eq!(found(&mut consistency, &first), [(1, 1), (3, 1)]);
        let second =
            document(&["他昨天来过这里两次。", SAID.0], &["He came here twice yesterday.", "Hit the red switch now."]);
        assert_eq!(found(&mut consistency, &second), [(1, 1)]);
    }

    #[test]
    fn short_texts_and_pairs_that_do_not_count_are_not_compared() {
        let mut consistency = Consistency::default();
        let short = document(&["好的。", "好的。"], &["All right then, my friend.", "Yes, that is quite all right."]);
        assert_eq!(found(&mut consistency, &short), []);
        let unsure =
            sample::document(&[SAID.0, SAID.0], &[SAID.1, "Something else altogether."], &[(1, 1, 0.9), (1, 1, 0.2)]);
        assert_eq!(found(&mut consistency, &unsure), []);
    }

    #[test]
    fn no_more_pairs_are_remembered_than_memory_is_for() {
        let mut consistency = Consistency::default();
        let full = || Seen { keys: Both::new(0, 0), file: "x".into(), line: 1, texts: Both::default() };
        consistency.pairs = (0..MOST_REMEMBERED).map(|_| full()).collect();
        assert_eq!(
            found(&mut consistency, &document(&[SAID.0, SAID.0], &[SAID.1, "Push the red knob, will you?"])),
            []
        );
        assert_eq!(consistency.pairs.len(), MOST_REMEMBERED);
    }
}
