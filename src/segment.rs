//! 2 · Sentence segmentation: paragraphs → sentences.
//!
//! In comes one side of a document; out come its sentences, in order, as spans without white space at their ends. What
//! lies between the sentences of a paragraph is white space only, so that nothing of the text is ever lost. A
//! line break inside a paragraph is no end of a sentence, unless the input has one sentence a line. [`clauses`] cuts a
//! sentence further.

mod abbreviations;
pub mod clauses;
mod en;
mod brackets;
mod notes;
mod zh;

use std::sync::Arc;

use crate::{
    document::{Paragraph, Sentence, Sentences, Side, Span},
    text::{Lang, is_invisible},
};

/// A segmentation: how a side is cut into sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Segmentation {
    /// By the language's punctuation; ids count sentences.
    #[default]
    Punctuation,
    /// Every line is a sentence already; ids are 0-based line numbers of the text.
    Lines,
}

/// The sentences of `side`.
pub fn segment(side: &Side, segmentation: Segmentation) -> Sentences {
    let text = &side.original.text;
    let mut items: Vec<Sentence> = Vec::new();
    for (paragraph, &Paragraph { span, lang, .. }) in side.paragraphs.iter().enumerate() {
        let content = span.of(text);
        let ends = match (segmentation, lang) {
            (Segmentation::Lines, _) => line_ends(content, side.original.line_end),
            (Segmentation::Punctuation, Lang::Zh) => zh::sentence_ends(content),
            (Segmentation::Punctuation, Lang::En) => en::sentence_ends(content),
        };
        let mut start = span.start;
        for end in ends.into_iter().map(|end| span.start + end).chain([span.end]) {
            let piece = Span::new(start, end).trim(text);
            let shows_nothing = piece.of(text).chars().all(|c| c.is_whitespace() || is_invisible(c));
            if shows_nothing && (piece.is_empty() || segmentation == Segmentation::Punctuation) {
                // A stray mark behind a full stop is no sentence; before the first one it goes with that.
                match items.last_mut().filter(|last| last.paragraph == paragraph) {
                    Some(last) if !piece.is_empty() => last.span.end = piece.end,
                    None if end < span.end && !piece.is_empty() => continue,
                    None if !piece.is_empty() => {
                        items.push(Sentence { span: piece, paragraph, id: items.len() });
                    }
                    _ => {}
                }
                start = end;
                continue;
            }
            start = end;
            let span = piece;
            let id = match segmentation {
                Segmentation::Punctuation => items.len(),
                Segmentation::Lines => side.original.text_line(span.start) - 1,
            };
            items.push(Sentence { span, paragraph, id });
        }
    }
    Sentences { lang: side.lang, original: Arc::clone(&side.original), items }
}

/// Where the lines of `text` end.
fn line_ends(text: &str, line_end: char) -> Vec<usize> {
    text.match_indices(line_end).map(|(at, _)| at).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{ByteMap, Original};

    fn side(lang: Lang, text: &str, paragraphs: &[Span]) -> Side {
        let original = Arc::new(Original::new("a", text, ByteMap::shifted(0)));
        let paragraphs = paragraphs.iter().map(|&span| Paragraph { span, heading: false, lang, row: None }).collect();
        Side { lang, original, paragraphs }
    }

    #[test]
    fn sentences_know_their_paragraph_and_position() {
        let text = "一。二。\n\n三。";
        let side = side(Lang::Zh, text, &[Span::new(0, 12), Span::new(14, 20)]);
        let sentences = segment(&side, Segmentation::Punctuation);
        assert_eq!(sentences.texts(), ["一。", "二。", "三。"]);
        let places: Vec<_> = sentences.items.iter().map(|sentence| (sentence.paragraph, sentence.id)).collect();
        assert_eq!(places, [(0, 0), (0, 1), (1, 2)]);
    }

    #[test]
    fn what_shows_nothing_is_no_sentence() {
        let text = "\u{feff}一。二。\0\u{200b}";
        let side = side(Lang::Zh, text, &[Span::new(0, text.len())]);
        assert_eq!(segment(&side, Segmentation::Punctuation).texts(), ["\u{feff}一。", "二。\0\u{200b}"]);
    }

    #[test]
    fn lines_are_numbered_as_in_the_file() {
        let text = "\u{3000}\r\n一。二。\r\n \r\n三\n四\n";
        let side = side(Lang::Zh, text, &[Span::new(5, 17), Span::new(22, 29)]);
        let sentences = segment(&side, Segmentation::Lines);
        assert_eq!(sentences.texts(), ["一。二。", "三", "四"]);
        assert_eq!(sentences.items.iter().map(|sentence| sentence.id).collect::<Vec<_>>(), [1, 3, 4]);
    }

    /// Text made of what the rules look at, mixed with anything else.
    fn texts() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            3 => "[。！？；…!?.;“”‘’「」『』（）()《》\"'，：、 \n—]{1,4}",
            2 => "[他说你好我们的三]{1,5}",
            2 => "[a-zA-Z]{1,6}",
            1 => prop::sample::select(vec!["U.S.", "Feb. 5.", " Mr. ", "e.g. ", "3.14", "J. K. ", "p.m. ", "said", "……", "(完)"])
                .prop_map(str::to_owned),
            1 => any::<String>(),
        ];
        prop::collection::vec(part, 0..30).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn sentences_and_the_white_space_between_them_are_the_paragraphs(first in texts(), second in texts()) {
            let text = format!("{first}\n\n{second}");
            let paragraphs = [Span::new(0, first.len()), Span::new(first.len() + 2, text.len())];
            for lang in [Lang::Zh, Lang::En] {
                for segmentation in [Segmentation::Punctuation, Segmentation::Lines] {
                    let side = side(lang, &text, &paragraphs);
                    let sentences = segment(&side, segmentation);
                    let mut at = 0;
                    for (index, sentence) in sentences.items.iter().enumerate() {
                        let span = sentence.span;
                        let paragraph = paragraphs[sentence.paragraph];
                        prop_assert!(paragraph.start <= span.start && span.end <= paragraph.end);
                        prop_assert!(at <= span.start, "sentences overlap");
                        prop_assert!(Span::new(at, span.start).trim(&text).is_empty(), "text between sentences");
                        prop_assert!(!span.is_empty() && span.trim(&text) == span);
                        prop_assert!(segmentation == Segmentation::Lines || sentence.id == index);
                        at = span.end;
                    }
                    prop_assert!(Span::new(at, text.len()).trim(&text).is_empty(), "text after the last sentence");
                }
            }
        }
    }
}
