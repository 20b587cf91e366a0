//! Originals: texts as they were read, and the way back to their files: spans, lines, and bytes there.

use std::{
    collections::BTreeSet,
    hash::{Hash, Hasher},
    ops::Range,
    sync::OnceLock,
};

/// A span: bytes of an [`Original`]'s text, `start <= end`, both on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The span of the bytes `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a span ends before it starts: {start}..{end}");
        Self { start, end }
    }

    /// The text that the span covers.
    pub fn of(self, text: &str) -> &str {
        &text[self.start..self.end]
    }

    /// The span without the white space at both ends of the text it covers.
    #[must_use]
    pub fn trim(self, text: &str) -> Self {
        let covered = self.of(text);
        let start = self.start + (covered.len() - covered.trim_start().len());
        Self::new(start, start + covered.trim().len())
    }

    /// Whether the span covers nothing.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }
}

/// An original: a file as it was read, with its name for messages, its text, and the way back to its lines and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Original {
    /// The path as the user gave it, or `<stdin>`.
    pub name: String,
    /// The whole decoded text, without a byte-order mark, line ends as they were; or what was taken out of a file
    /// that holds its text in another form.
    pub text: String,
    /// The character that ends every line: `\n`, or `\r` in a text that has no `\n` at all, as old as that must be. A
    /// `\r` before `\n` belongs to the line end; any other in a text with `\n` is a stray character.
    pub line_end: char,
    line_starts: Vec<usize>,
    origin: Origin,
    compounds: Compounds,
}

/// The words with a hyphen inside of a line, as `head-tail`, once they were asked for. The text decides them, so that they
/// make no original another.
#[derive(Debug, Clone, Default)]
struct Compounds(OnceLock<BTreeSet<String>>);

impl PartialEq for Compounds {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Compounds {}

impl Hash for Compounds {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// The relation of a text to its file.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Origin {
    /// The text is that of the file, but for the encoding.
    Whole(ByteMap),
    /// The text is made of pieces between what is no text. Ascending by `text_start`.
    Excerpts(Vec<Excerpt>),
}

/// An excerpt: where a piece of a text that was taken out of a file stood there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Excerpt {
    /// The first byte of the piece in the text; it goes on to the next one.
    pub text_start: usize,
    /// The 1-based line of the file; the paragraph, where the format has no lines.
    pub line: usize,
    /// The bytes of that line in the file; none where the file is compressed.
    pub file_bytes: Option<Range<usize>>,
}

impl Original {
    /// An original of a whole text, with the map of its bytes to those of the file.
    pub fn new(name: impl Into<String>, text: impl Into<String>, bytes: ByteMap) -> Self {
        Self::with_origin(name.into(), text.into(), Origin::Whole(bytes))
    }

    /// An original of a text that was put together of pieces of a file, in ascending order of `text_start`.
    pub fn excerpted(name: impl Into<String>, text: impl Into<String>, excerpts: Vec<Excerpt>) -> Self {
        Self::with_origin(name.into(), text.into(), Origin::Excerpts(excerpts))
    }

    fn with_origin(name: String, text: String, origin: Origin) -> Self {
        let line_end = if text.contains('\n') { '\n' } else { '\r' };
        let line_starts = [0].into_iter().chain(text.match_indices(line_end).map(|(at, _)| at + 1)).collect();
        Self { name, text, line_end, line_starts, origin, compounds: Compounds::default() }
    }

    /// The 1-based line of the file in which byte `at` of the text stood; the paragraph, where the format has no lines.
    pub fn line(&self, at: usize) -> usize {
        match &self.origin {
            Origin::Whole(_) => self.text_line(at),
            Origin::Excerpts(excerpts) => excerpt(excerpts, at).map_or(1, |excerpt| excerpt.line),
        }
    }

    /// The 1-based line of the text in which its byte `at` stands.
    pub fn text_line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|&start| start <= at)
    }

    /// The lines of the text in order, without their ends.
    pub fn lines(&self) -> impl Iterator<Item = Span> + '_ {
        let ends = self.line_starts.iter().skip(1).copied().chain([self.text.len()]);
        self.line_starts.iter().zip(ends).map(|(&start, end)| {
            let line = &self.text[start..end];
            let line = line.strip_suffix('\n').unwrap_or(line);
            Span::new(start, start + line.strip_suffix('\r').unwrap_or(line).len())
        })
    }

    /// Whether a word `head-tail` stands in the text, or one that goes on in letters after that. The text is gone through
    /// once, however often this is asked.
    pub(super) fn has_compound(&self, head: &str, tail: &str) -> bool {
        let compounds = self.compounds.0.get_or_init(|| compounds(&self.text));
        let word = format!("{head}-{tail}");
        compounds.range(word.clone()..).next().is_some_and(|found| found.starts_with(&word))
    }

    /// The bytes of the file in which `span` stood: exactly these, or, where the text was taken out of another form,
    /// the whole lines that held it. None where the file is compressed.
    pub fn file_bytes(&self, span: Span) -> Option<Range<usize>> {
        match &self.origin {
            Origin::Whole(bytes) => Some(bytes.file_offset(span.start)..bytes.file_offset(span.end)),
            Origin::Excerpts(excerpts) => {
                let first = excerpt(excerpts, span.start)?.file_bytes.clone()?;
                let last = excerpt(excerpts, span.end.saturating_sub(1).max(span.start))?.file_bytes.clone()?;
                Some(first.start.min(last.start)..first.end.max(last.end))
            }
        }
    }
}

/// The words of letters that a hyphen joins, by twos.
fn compounds(text: &str) -> BTreeSet<String> {
    let mut words = text.split_inclusive(|c: char| !c.is_alphabetic()).peekable();
    let mut compounds = BTreeSet::new();
    while let Some(word) = words.next() {
        if let (Some(head), Some(next)) = (word.strip_suffix('-'), words.peek()) {
            let tail = next.trim_end_matches(|c: char| !c.is_alphabetic());
            if !head.is_empty() && !tail.is_empty() {
                compounds.insert(format!("{head}-{tail}"));
            }
        }
    }
    compounds
}

/// The excerpt that byte `at` of the text belongs to.
fn excerpt(excerpts: &[Excerpt], at: usize) -> Option<&Excerpt> {
    let after = excerpts.partition_point(|excerpt| excerpt.text_start <= at);
    excerpts.get(after.saturating_sub(1))
}

/// A map from the bytes of a decoded text to those of the file, for any encoding.
///
/// A list of stretches; inside one every character has the same width in the text and the same width in the file
/// (ASCII in UTF-16: 1 and 2; Chinese in GB18030: 3 and 2). UTF-8 needs a single stretch.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ByteMap {
    stretches: Vec<Stretch>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Stretch {
    text_start: usize,
    file_start: usize,
    text_width: usize,
    file_width: usize,
}

impl ByteMap {
    /// The map of a text that stands in the file as it is, `skipped` bytes (a byte-order mark) after its start.
    pub fn shifted(skipped: usize) -> Self {
        let whole = Stretch { text_start: 0, file_start: skipped, text_width: 1, file_width: 1 };
        Self { stretches: vec![whole] }
    }

    /// Builds the map from each character's width in the text and in the file, in order, `skipped` bytes after the
    /// file's start.
    pub fn from_widths(skipped: usize, widths: impl IntoIterator<Item = (usize, usize)>) -> Self {
        let (mut text_start, mut file_start) = (0, skipped);
        let mut stretches: Vec<Stretch> = Vec::new();
        for (text_width, file_width) in widths {
            let same = |last: &Stretch| (last.text_width, last.file_width) == (text_width, file_width);
            if !stretches.last().is_some_and(same) {
                stretches.push(Stretch { text_start, file_start, text_width, file_width });
            }
            text_start += text_width;
            file_start += file_width;
        }
        if stretches.is_empty() {
            return Self::shifted(skipped);
        }
        Self { stretches }
    }

    /// The byte of the file at which the character that holds byte `at` of the text starts.
    pub fn file_offset(&self, at: usize) -> usize {
        let after = self.stretches.partition_point(|stretch| stretch.text_start <= at);
        let stretch = &self.stretches[after.saturating_sub(1)];
        stretch.file_start + (at - stretch.text_start) / stretch.text_width * stretch.file_width
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart_across_every_kind_of_line_end() {
        for (text, expected) in [
            ("a\nb\r\nc", vec!["a", "b", "c"]),
            ("a\rb\r", vec!["a", "b", ""]),
            ("a stray\rreturn\nb\n", vec!["a stray\rreturn", "b", ""]),
            ("", vec![""]),
        ] {
            let original = Original::new("x", text, ByteMap::shifted(0));
            let lines: Vec<_> = original.lines().map(|line| line.of(text)).collect();
            assert_eq!(lines, expected, "{text:?}");
            let numbers: Vec<_> = original.lines().map(|line| original.line(line.start)).collect();
            assert_eq!(numbers, (1..=expected.len()).collect::<Vec<_>>(), "{text:?}");
        }
    }

    #[test]
    fn a_byte_map_leads_back_to_the_file_in_any_encoding() {
        let text = "a中b";
        let gb18030 = ByteMap::from_widths(0, text.chars().map(|c| (c.len_utf8(), 1 + usize::from(!c.is_ascii()))));
        assert_eq!([0, 1, 4].map(|at| gb18030.file_offset(at)), [0, 1, 3]);
        let utf16 = ByteMap::from_widths(2, text.chars().map(|c| (c.len_utf8(), 2 * c.len_utf16())));
        assert_eq!([0, 1, 4, 5].map(|at| utf16.file_offset(at)), [2, 4, 6, 8]);
        assert_eq!(ByteMap::shifted(3).file_offset(5), 8);
    }

    #[test]
    fn a_text_taken_out_of_a_file_leads_back_to_its_lines() {
        let excerpt = |text_start, line, bytes| Excerpt { text_start, line, file_bytes: Some(bytes) };
        let excerpts = vec![excerpt(0, 3, 20..40), excerpt(2, 7, 90..99)];
        let original = Original::excerpted("x", "ab\ncd", excerpts);
        assert_eq!([0, 1, 2, 4].map(|at| original.line(at)), [3, 3, 7, 7]);
        assert_eq!([0, 1, 2, 4].map(|at| original.text_line(at)), [1, 1, 1, 2]);
        let bytes = [(0, 2), (3, 5), (1, 4), (5, 5)].map(|(start, end)| original.file_bytes(Span::new(start, end)));
        assert_eq!(bytes, [Some(20..40), Some(90..99), Some(20..99), Some(90..99)]);
        let compressed = Excerpt { text_start: 0, line: 1, file_bytes: None };
        assert_eq!(Original::excerpted("x", "a", vec![compressed]).file_bytes(Span::new(0, 1)), None);
    }
}
