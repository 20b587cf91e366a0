//! The sentences of one side of a pair as one text, and the way back to them.

use std::{borrow::Cow, ops::Range};

use crate::{document::Place, text::Lang};

/// A run of sentences on one line.
#[derive(Debug)]
pub(super) struct Joined {
    /// The text of all of them.
    pub(super) text: String,
    /// The first sentence.
    first: usize,
    /// Where each begins in the text.
    starts: Vec<usize>,
}

impl Joined {
    /// Joins the texts of sentences, of which `first` is the index of the first.
    pub(super) fn of(lines: &[Cow<'_, str>], first: usize, lang: Lang) -> Self {
        let mut joined = Self { text: String::new(), first, starts: Vec::new() };
        for line in lines {
            if !joined.text.is_empty() {
                let between_words = joined.text.ends_with(|c: char| c.is_ascii_alphanumeric())
                    && line.starts_with(|c: char| c.is_ascii_alphanumeric());
                joined.text.push_str(if between_words { " " } else { lang.joiner() });
            }
            joined.starts.push(joined.text.len());
            joined.text.push_str(line);
        }
        joined
    }

    /// Where a sentence begins in the text.
    pub(super) fn start(&self, sentence: usize) -> usize {
        sentence.checked_sub(self.first).and_then(|at| self.starts.get(at)).copied().unwrap_or_default()
    }

    /// The place of some bytes of the text in the sentence in which they begin.
    pub(super) fn place(&self, bytes: &Range<usize>) -> Option<Place> {
        let at = self.starts.partition_point(|&start| start <= bytes.start).checked_sub(1)?;
        let start = self.starts[at];
        let end = self.starts.get(at + 1).copied().unwrap_or(self.text.len()).min(bytes.end);
        let length = self.text.get(bytes.start..end)?.trim_end().len();
        let bytes = bytes.start - start..bytes.start - start + length;
        (length > 0).then_some(Place { sentence: self.first + at, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_joined_text_stands_in_one_of_its_sentences() {
        let lines = ["One, two.", "Three (3).", "Four."].map(Cow::Borrowed);
        let joined = Joined::of(&lines, 7, Lang::En);
        assert_eq!(joined.text, "One, two. Three (3). Four.");
        assert_eq!(joined.place(&(17..18)), Some(Place { sentence: 8, bytes: 7..8 }));
        assert_eq!(joined.place(&(5..16)), Some(Place { sentence: 7, bytes: 5..9 }));
        assert_eq!([7, 8, 9].map(|sentence| joined.start(sentence)), [0, 10, 21]);
        assert_eq!(joined.place(&(9..10)), None);
    }
}
