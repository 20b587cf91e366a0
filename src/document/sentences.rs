//! The sentences of one side, as spans of its original.

use std::{borrow::Cow, sync::Arc};

use super::{Original, Span};
use crate::{bead::Run, text::Lang};

/// A sentence, as a span of its original.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sentence {
    /// The span of its text, without white space at the ends.
    pub span: Span,
    /// The index of its paragraph in `Side::paragraphs`.
    pub paragraph: usize,
    /// The id by which outputs name it, 0-based: its position, or its line where the input has one sentence a line.
    pub id: usize,
}

/// The sentences of one side, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentences {
    /// The language of the sentences.
    pub lang: Lang,
    /// The file that holds the sentences.
    pub original: Arc<Original>,
    /// The sentences in order, not overlapping.
    pub items: Vec<Sentence>,
}

impl Sentences {
    /// The number of sentences.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// The text of sentence `index` as it stands in the file, broken into lines where the file breaks it.
    pub fn text(&self, index: usize) -> &str {
        self.items[index].span.of(&self.original.text)
    }

    /// The texts of all sentences.
    pub fn texts(&self) -> Vec<&str> {
        (0..self.len()).map(|index| self.text(index)).collect()
    }

    /// The text of a run on one line: its sentences, and the lines of each, joined as the language joins them. What
    /// stands between two sentences in the file may be the other language.
    pub fn run_text(&self, run: Run) -> Cow<'_, str> {
        if run.len() == 1 && !self.text(run.start).contains(self.original.line_end) {
            return Cow::Borrowed(self.text(run.start));
        }
        let lines = run.range().flat_map(|index| self.text(index).split(self.original.line_end)).map(str::trim);
        Cow::Owned(lines.collect::<Vec<_>>().join(self.lang.joiner()))
    }

    /// The 1-based line of the file in which sentence `index` starts.
    pub fn line(&self, index: usize) -> usize {
        self.original.line(self.items[index].span.start)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::document::{ByteMap, Original};

    #[test]
    fn a_sentence_wrapped_in_the_file_is_joined_as_its_language_joins_words() {
        let text = "他沿着河岸\r\n　　走回家。";
        let original = Arc::new(Original::new("x", text, ByteMap::shifted(0)));
        let items = vec![Sentence { span: Span::new(0, text.len()), paragraph: 0, id: 0 }];
        let chinese = Sentences { lang: Lang::Zh, original, items };
        assert_eq!(chinese.run_text(Run::new(0, 1)), "他沿着河岸走回家。");
    }

    #[test]
    fn runs_of_chinese_join_without_a_space_and_runs_of_english_with_one() {
        let text = "一。\n\n二。";
        let original = Arc::new(Original::new("x", text, ByteMap::shifted(0)));
        let sentence = |start, end, id| Sentence { span: Span::new(start, end), paragraph: id, id };
        let items = vec![sentence(0, 6, 0), sentence(8, 14, 1)];
        let chinese = Sentences { lang: Lang::Zh, original, items };
        assert_eq!(chinese.run_text(Run::new(0, 2)), "一。二。");
        let english = Sentences { lang: Lang::En, ..chinese };
        assert_eq!(english.run_text(Run::new(0, 2)), "一。 二。");
    }
}
