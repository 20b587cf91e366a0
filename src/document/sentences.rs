//! The sentences of one side, as spans of its original.

use std::{borrow::Cow, sync::Arc};

use super::{Original, Span};
use crate::{
    bead::Run,
    text::{Lang, is_invisible},
};

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
    /// Sentences for tests: a line each, with the line's number as id.
    #[cfg(test)]
    pub(crate) fn of_lines(lang: Lang, lines: &[&str]) -> Self {
        let original = Original::new("test", lines.join("\n"), super::ByteMap::shifted(0));
        let spans: Vec<Span> = if lines.is_empty() { Vec::new() } else { original.lines().collect() };
        let items = spans.into_iter().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
        Self { lang, original: Arc::new(original), items }
    }

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

    /// The text of a run on one line: its sentences, and the lines of each, joined as the language joins them, without
    /// characters that show nothing. What stands between two sentences in the file may be the other language.
    pub fn run_text(&self, run: Run) -> Cow<'_, str> {
        if run.len() == 1 && !self.text(run.start).contains(|c| self.ends_line(c) || is_invisible(c)) {
            return Cow::Borrowed(self.text(run.start));
        }
        let mut joined = String::new();
        for index in run.range() {
            // A line that shows nothing is none, or there would be two spaces.
            let lines = self.text(index).split(|c| self.ends_line(c)).map(trim).filter(|line| !line.is_empty());
            for (number, line) in lines.enumerate() {
                let is_within = number > 0;
                if is_within && self.lang == Lang::En && self.is_hyphenated(&joined, line) {
                    joined.pop();
                } else if !(joined.is_empty() || is_within && ends_in_a_hyphen(&joined) && line.starts_with(is_word)) {
                    let between_words = joined.ends_with(is_word) && line.starts_with(is_word);
                    joined.push_str(if between_words { " " } else { self.lang.joiner() });
                }
                joined.extend(line.chars().filter(|&c| !is_invisible(c)));
            }
        }
        Cow::Owned(joined)
    }

    /// Whether a line ends at `c`: at the end of a page too, and where Word breaks a line inside of a paragraph (U+000B).
    fn ends_line(&self, c: char) -> bool {
        c == self.original.line_end || matches!(c, '\u{b}' | '\u{c}')
    }

    /// Whether the hyphen that `before` ends with was put there to break a word at the end of a line: its word goes on in
    /// small letters, and stands nowhere in the file with a hyphen.
    fn is_hyphenated(&self, before: &str, next: &str) -> bool {
        let Some(head) = before.strip_suffix('-') else { return false };
        let is_other = |c: char| !c.is_alphabetic();
        let head = head.rsplit(is_other).next().unwrap_or_default();
        let tail = next.split(is_other).next().unwrap_or_default();
        !head.is_empty() && tail.starts_with(char::is_lowercase) && !self.original.has_compound(head, tail)
    }

    /// The 1-based line of the file in which sentence `index` starts.
    pub fn line(&self, index: usize) -> usize {
        self.original.line(self.items[index].span.start)
    }
}

/// The text without what shows nothing at its ends.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_invisible(c))
}

/// Whether `c` is of a word of letters that are written with spaces between words.
fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric()
}

/// Whether `text` ends in a hyphen that belongs to a word.
fn ends_in_a_hyphen(text: &str) -> bool {
    text.strip_suffix('-').is_some_and(|word| word.ends_with(is_word))
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
    fn words_are_put_together_again_and_what_shows_nothing_is_left_out() {
        for (lang, text, expected) in [
            (Lang::En, "One\n\0\n\u{200b}\ntwo.", "One two."),
            (Lang::En, "It puts pres-\nsure on us.", "It puts pressure on us."),
            (Lang::En, "A well-\nknown man. So well-known!", "A well-known man. So well-known!"),
            (Lang::En, "A “self-\nmade” man, ‘well-\nknown’.", "A “selfmade” man, ‘wellknown’."),
            (Lang::En, "A twenty-\none, or a twenty-one-year-old.", "A twenty-one, or a twenty-one-year-old."),
            (Lang::En, "They co-\noperate: they co-operated.", "They co-operate: they co-operated."),
            (Lang::En, "The Anglo-\nSaxons came -\nand went.", "The Anglo-Saxons came - and went."),
            (Lang::En, "\u{feff}Every\u{ad}body stood\u{200b} up.\u{1a}", "Everybody stood up."),
            (
                Lang::En,
                "It came to the\u{c}end of a page, and to\u{b}the next.",
                "It came to the end of a page, and to the next.",
            ),
            (Lang::Zh, "\0 二。\u{200b}", "二。"),
            (Lang::Zh, "大家\u{b}都站起\u{c}来。", "大家都站起来。"),
            (Lang::Zh, "直到 validation\nloss 不再\n下降。", "直到 validation loss 不再下降。"),
        ] {
            let original = Arc::new(Original::new("x", text, ByteMap::shifted(0)));
            let items = vec![Sentence { span: Span::new(0, text.len()), paragraph: 0, id: 0 }];
            assert_eq!(Sentences { lang, original, items }.run_text(Run::new(0, 1)), expected);
        }
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
