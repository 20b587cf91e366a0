//! The parts of sentences, translated one by one in any order, and put together again.

use super::rounded;
use crate::{
    document::{Flaw, Translation},
    progress::Progress,
    tokenizer::PieceId,
};

/// A stretch of a sentence that is translated in one go.
pub(super) struct Part<'t> {
    pub(super) sentence: usize,
    pub(super) text: &'t str,
    /// The pieces with the end mark; none where the text has no Chinese, and stands for itself.
    pub(super) pieces: Vec<PieceId>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct PartTranslation {
    pub(super) text: String,
    /// The log-probability summed over the pieces, in nats.
    pub(super) log_prob: f64,
    /// The number of pieces, the end mark counted.
    pub(super) pieces: usize,
    pub(super) flaw: Option<Flaw>,
}

impl PartTranslation {
    pub(super) fn of_itself(text: &str) -> Self {
        Self { text: text.to_owned(), log_prob: 0.0, pieces: 0, flaw: None }
    }

    /// The better of two translations: that with the lesser flaw, then the more probable one.
    pub(super) fn better(self, other: Self) -> Self {
        let merit = |it: &Self| (it.flaw.is_none(), it.flaw, it.log_prob / it.pieces.max(1) as f64);
        if merit(&other) > merit(&self) { other } else { self }
    }
}

/// Translations of parts as they come in, and how many each sentence still waits for.
pub(super) struct Ready<'a> {
    sentence_of: Vec<usize>,
    parts: Vec<Option<PartTranslation>>,
    missing: Vec<usize>,
    progress: &'a dyn Progress,
}

impl<'a> Ready<'a> {
    pub(super) fn new(sentences: usize, parts: &[Part<'_>], progress: &'a dyn Progress) -> Self {
        let sentence_of: Vec<usize> = parts.iter().map(|part| part.sentence).collect();
        let mut missing = vec![0; sentences];
        for &sentence in &sentence_of {
            missing[sentence] += 1;
        }
        Self { parts: vec![None; sentence_of.len()], sentence_of, missing, progress }
    }

    pub(super) fn set(&mut self, index: usize, translation: PartTranslation) {
        self.parts[index] = Some(translation);
        let missing = &mut self.missing[self.sentence_of[index]];
        *missing -= 1;
        if *missing == 0 {
            self.progress.advance(1);
        }
    }

    /// The sentences' translations, in order.
    pub(super) fn join(self) -> Vec<Translation> {
        let mut sentences: Vec<Vec<PartTranslation>> = vec![Vec::new(); self.missing.len()];
        for (sentence, part) in self.sentence_of.into_iter().zip(self.parts) {
            sentences[sentence].extend(part);
        }
        sentences.iter().map(|parts| joined(parts)).collect()
    }
}

/// The translations of so many sentences from those of their parts, of which each has at least one: the first of each
/// part together, the second, and so on; a part that has fewer stays with its last.
pub(super) fn ranked(sentences: usize, parts: &[Part<'_>], found: &[Vec<PartTranslation>]) -> Vec<Vec<Translation>> {
    let mut of_sentence: Vec<Vec<&[PartTranslation]>> = vec![Vec::new(); sentences];
    for (part, translations) in parts.iter().zip(found) {
        of_sentence[part.sentence].push(translations);
    }
    let at_rank = |parts: &Vec<&[PartTranslation]>, rank: usize| {
        let chosen = parts.iter().filter_map(|translations| translations.get(rank).or(translations.last()));
        joined(&chosen.cloned().collect::<Vec<_>>())
    };
    let ranks = |parts: &Vec<&[PartTranslation]>| parts.iter().map(|part| part.len()).max().unwrap_or_default().max(1);
    of_sentence.iter().map(|parts| (0..ranks(parts)).map(|rank| at_rank(parts, rank)).collect()).collect()
}

fn joined(parts: &[PartTranslation]) -> Translation {
    let pieces: usize = parts.iter().map(|part| part.pieces).sum();
    let log_prob: f64 = parts.iter().map(|part| part.log_prob).sum();
    let texts: Vec<&str> = parts.iter().map(|part| part.text.as_str()).filter(|text| !text.is_empty()).collect();
    Translation {
        text: texts.join(" "),
        log_prob: rounded(log_prob / pieces.max(1) as f64),
        flaw: parts.iter().filter_map(|part| part.flaw).min(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translation(text: &str, log_prob: f64, pieces: usize, flaw: Option<Flaw>) -> PartTranslation {
        PartTranslation { text: text.to_owned(), log_prob, pieces, flaw }
    }

    #[test]
    fn parts_that_come_in_any_order_make_their_sentences() {
        let part = |sentence| Part { sentence, text: "", pieces: Vec::new() };
        let mut ready = Ready::new(2, &[part(0), part(0), part(1)], &());
        ready.set(2, translation("Good.", -1.0, 2, None));
        ready.set(1, translation("they went on", -3.0, 3, Some(Flaw::Looping)));
        ready.set(0, translation("At dawn", -1.0, 1, None));
        let expected = [("At dawn they went on", -1.0, Some(Flaw::Looping)), ("Good.", -0.5, None)];
        let found = ready.join();
        let found: Vec<_> = found.iter().map(|it| (it.text.as_str(), it.log_prob, it.flaw)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn translations_of_parts_are_joined_by_rank() {
        let part = |sentence| Part { sentence, text: "", pieces: Vec::new() };
        let found = [
            vec![translation("At dawn", -1.0, 1, None), translation("By dawn", -2.0, 1, None)],
            vec![translation("they went on", -3.0, 3, None)],
        ];
        let texts = |list: &Vec<Translation>| list.iter().map(|it| it.text.clone()).collect::<Vec<_>>();
        let ranked = ranked(2, &[part(0), part(0)], &found);
        assert_eq!(texts(&ranked[0]), ["At dawn they went on", "By dawn they went on"]);
        assert_eq!(texts(&ranked[1]), [""], "a sentence of nothing");
    }

    #[test]
    fn no_flaw_beats_a_flaw_and_probability_decides_between_equals() {
        let plain = translation("plain", -1.0, 1, Some(Flaw::Looping));
        for (careful, better) in [
            (translation("careful", -9.0, 1, None), "careful"),
            (translation("careful", -9.0, 1, Some(Flaw::TooLong)), "careful"),
            (translation("careful", -9.0, 1, Some(Flaw::Empty)), "plain"),
            (translation("careful", -9.0, 1, Some(Flaw::Looping)), "plain"),
            (translation("careful", -9.0, 10, Some(Flaw::Looping)), "careful"),
        ] {
            assert_eq!(plain.clone().better(careful).text, better);
        }
    }
}
