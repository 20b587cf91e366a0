//! Viterbi segmentation of a text into the pieces of a `SentencePiece` unigram model.
//!
//! The search is not that of `rust_tokenizers`, which restarts the score at every unknown character, and takes the
//! words `</s>` and `<unk>` in a text for the marks of that name. Scores are `f32` and are added in the reference's
//! order, so that ties fall as they do there.

use super::{END, PADDING, SPACE, UNKNOWN, trie::Trie};
use crate::error::Cause;

/// The penalty of an unknown character against the worst piece, in nats; `kUnkPenalty` of `SentencePiece`.
const UNKNOWN_PENALTY: f32 = 10.0;

/// Names in a model file that no text matches.
const MARKS: [&str; 4] = [END, UNKNOWN, PADDING, "<s>"];

/// The pieces of one language with their log-probabilities.
pub(super) struct Pieces {
    trie: Trie,
    unknown_score: f32,
}

impl Pieces {
    /// The pieces of a model file with their scores, which are finite.
    pub(super) fn new(mut pieces: Vec<(&str, f32)>) -> Result<Self, Cause> {
        pieces.retain(|(piece, _)| !piece.is_empty() && !MARKS.contains(piece));
        let worst = pieces.iter().map(|&(_, score)| score).reduce(f32::min).ok_or("it has no pieces")?;
        Ok(Self { trie: Trie::new(pieces), unknown_score: worst - UNKNOWN_PENALTY })
    }

    /// The most probable pieces of a normalised text, `▁` before each word. A run of characters outside the model is
    /// one piece.
    pub(super) fn cut(&self, text: &str) -> Vec<String> {
        if text.is_empty() {
            return Vec::new();
        }
        let text: String = [SPACE].into_iter().chain(text.chars().map(|c| if c == ' ' { SPACE } else { c })).collect();
        let starts: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let steps = self.best_steps(&text, &starts);

        let mut pieces: Vec<String> = Vec::new();
        let mut after_is_unknown = false;
        let mut end = starts.len() - 1;
        while end > 0 {
            let step = steps[end];
            let piece = &text[starts[step.start]..starts[end]];
            match pieces.last_mut() {
                Some(after) if after_is_unknown && !step.known => after.insert_str(0, piece),
                _ => pieces.push(piece.to_owned()),
            }
            after_is_unknown = !step.known;
            end = step.start;
        }
        pieces.reverse();
        pieces
    }

    /// For each place in the text, the last step of the best path to it.
    fn best_steps(&self, text: &str, starts: &[usize]) -> Vec<Step> {
        let mut steps = vec![Step { score: f32::NEG_INFINITY, start: 0, known: true }; starts.len()];
        steps[0].score = 0.0;
        for start in 0..starts.len() - 1 {
            let here = steps[start].score;
            let mut consider = |end: usize, score: f32, known: bool| {
                if score > steps[end].score {
                    steps[end] = Step { score, start, known };
                }
            };
            let mut knows_character = false;
            for (length, score) in self.trie.beginnings(&text[starts[start]..]) {
                knows_character |= length == 1;
                consider(start + length, here + score, true);
            }
            if !knows_character {
                consider(start + 1, here + self.unknown_score, false);
            }
        }
        steps
    }
}

/// A step: the last piece on the best path to a place in the text.
#[derive(Clone, Copy)]
struct Step {
    /// The log-probability of the whole path.
    score: f32,
    /// The start of the piece, in characters.
    start: usize,
    known: bool,
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::tokenizer::sentencepiece::ModelFile;

    static BUNDLED: LazyLock<Pieces> = LazyLock::new(|| {
        let content = include_bytes!("../../models/zh-en/source.spm");
        Pieces::new(ModelFile::read(content).unwrap().pieces).unwrap()
    });

    #[test]
    fn an_unknown_character_does_not_spoil_its_neighbours() {
        assert_eq!(BUNDLED.cut("the 🜁🜂 government"), ["▁the", "▁", "🜁🜂", "▁government"]);
    }

    #[test]
    fn a_megabyte_without_a_break_is_cut_in_one_go() {
        let long = "天地玄黄".repeat(90_000);
        assert_eq!(BUNDLED.cut(&long).concat().chars().skip(1).collect::<String>(), long);
    }

    #[test]
    fn marks_are_no_pieces_and_without_pieces_there_is_no_model() {
        let marks = [("<unk>", 0.0), ("</s>", 0.0), ("<s>", 0.0), ("", -1.0)];
        assert_eq!(Pieces::new(marks.to_vec()).err().unwrap().to_string(), "it has no pieces");
        let pieces = Pieces::new([&marks[..], &[("▁", -2.0), ("a", -1.0)]].concat()).unwrap();
        assert_eq!(pieces.cut("a</s>a"), ["▁", "a", "</s>", "a"]);
    }

    proptest! {
        #[test]
        fn pieces_rebuild_the_text(text in "[ -~一-龥🜁。]{0,60}") {
            let text = text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ");
            let rebuilt = BUNDLED.cut(&text).concat().replace(SPACE, " ");
            prop_assert_eq!(rebuilt.trim_start(), text);
        }
    }
}
