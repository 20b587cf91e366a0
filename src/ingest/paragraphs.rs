//! Neighbouring lines of one language → paragraphs.
//!
//! Without a blank line between them, lines may be paragraphs themselves or one paragraph broken at a width. A line
//! was broken if the next word would not have fitted: that test needs no guess about the author's habits but the
//! width, which is the longest line's.

use super::Layout;
use crate::{document::Span, text::Lang};

/// Columns of the narrowest Chinese text that is broken at a width (a character takes two). Shorter lines are verse,
/// headings, bylines.
const NARROWEST_CHINESE: usize = 24;

/// Columns of the narrowest English text that is broken at a width.
const NARROWEST_ENGLISH: usize = 40;

/// Columns of the widest text that is broken at a width; a longer line is a paragraph.
const WIDEST: usize = 120;

/// Columns that a broken line may fall short: Chinese typesetting keeps punctuation from the line's start.
const SLACK: usize = 2;

/// Joins lines that follow one another, none of them blank, into paragraphs.
pub(super) fn join(text: &str, lines: &[Span], lang: Lang, layout: Layout) -> Vec<Span> {
    let wrapping = Wrapping::of(text, lines, lang);
    let mut paragraphs: Vec<Span> = Vec::new();
    let mut previous: Option<&str> = None;
    for line in lines {
        let content = line.of(text);
        let continues =
            previous.is_some_and(|previous| layout == Layout::Lines || wrapping.continues(previous, content));
        match paragraphs.last_mut() {
            Some(paragraph) if continues => paragraph.end = line.end,
            _ => paragraphs.push(*line),
        }
        previous = Some(content);
    }
    paragraphs.into_iter().map(|paragraph| paragraph.trim(text)).collect()
}

/// The wrapping of a block: how its lines were broken, if they were.
struct Wrapping {
    lang: Lang,
    /// Columns of the longest line.
    width: usize,
    lines: usize,
    /// Whether a line ends in the middle of a sentence because the next word did not fit.
    breaks_sentences: bool,
}

impl Wrapping {
    fn of(text: &str, lines: &[Span], lang: Lang) -> Self {
        let width = lines.iter().map(|line| columns(line.of(text))).max().unwrap_or(0);
        let mut wrapping = Self { lang, width, lines: lines.len(), breaks_sentences: false };
        wrapping.breaks_sentences = lines.windows(2).any(|pair| {
            let [previous, next] = [pair[0].of(text), pair[1].of(text)];
            !ends_sentence(previous) && wrapping.is_broken(previous, next)
        });
        wrapping
    }

    /// Whether `next` belongs to the paragraph of the line before it.
    fn continues(&self, previous: &str, next: &str) -> bool {
        if next.starts_with('\u{3000}') || indentation(next) > indentation(previous) + 1 || starts_item(next) {
            return false;
        }
        let open = previous.trim_end().ends_with(['，', '、', ',', '—']);
        let joins = open || self.is_broken(previous, next);
        match self.lang {
            Lang::Zh => joins && !ends_sentence(previous),
            Lang::En if next.trim_start().starts_with(|c: char| c.is_lowercase()) => true,
            Lang::En if ends_sentence(previous) => joins && self.lines > 2 && self.breaks_sentences,
            // Of two lines the first is often the longest, be it a title or a broken line.
            Lang::En => joins && !(self.lines == 2 && is_title(previous)),
        }
    }

    /// Whether the first word of `next` would not have fitted on the line before.
    fn is_broken(&self, previous: &str, next: &str) -> bool {
        let (narrowest, word) = match self.lang {
            Lang::Zh => (NARROWEST_CHINESE, columns_of_first(next.trim_start()) + SLACK),
            Lang::En => (NARROWEST_ENGLISH, next.split_whitespace().next().map_or(0, columns) + 1),
        };
        (narrowest..=WIDEST).contains(&self.width) && columns(previous) + word > self.width
    }
}

/// The columns of what cannot be broken at the start of a Chinese line: a character, or a whole Latin word.
fn columns_of_first(line: &str) -> usize {
    let latin = line.find(|c: char| !c.is_ascii_graphic()).unwrap_or(line.len());
    if latin > 0 { latin } else { line.chars().next().map_or(0, column) }
}

/// The columns a line takes without the space at its end.
fn columns(line: &str) -> usize {
    line.trim_end().chars().map(column).sum()
}

fn column(c: char) -> usize {
    if ('\u{1100}'..).contains(&c) && !('\u{2010}'..='\u{2027}').contains(&c) { 2 } else { 1 }
}

fn indentation(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 4 } else { column(c) }).sum()
}

/// Whether a line ends as sentences and introductions (`as follows:`) end.
pub(super) fn ends_sentence(line: &str) -> bool {
    let line = line.trim_end_matches(|c: char| c.is_whitespace() || "”’」』）》】)]\"'*_".contains(c));
    line.ends_with(['。', '！', '？', '；', '…', '：', '.', '!', '?', ':', ';'])
}

/// Whether a line starts with the mark of a list item: `- `, `•`, `1. `, `2）`, `（3）`, `四、`.
fn starts_item(line: &str) -> bool {
    let line = line.trim_start();
    if ["- ", "* ", "+ ", "•", "·", "●", "■", "◆"].iter().any(|bullet| line.starts_with(bullet)) {
        return true;
    }
    let opened = line.trim_start_matches(['(', '（']);
    let is_number = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let rest = opened.trim_start_matches(is_number);
    if rest.len() == opened.len() {
        return false;
    }
    let bracketed = opened.len() < line.len();
    rest.starts_with([')', '）']) || (!bracketed && (rest.starts_with('、') || rest.starts_with(". ")))
}

/// Whether every longer word is capitalised.
fn is_title(line: &str) -> bool {
    line.split_whitespace().filter(|word| word.len() > 3).all(|word| !word.starts_with(|c: char| c.is_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str, lang: Lang) -> Vec<&str> {
        let mut start = 0;
        let mut lines = Vec::new();
        for line in text.split('\n') {
            lines.push(Span::new(start, start + line.len()));
            start += line.len() + 1;
        }
        join(text, &lines, lang, Layout::Prose).into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn english_lines_broken_at_a_width_are_one_paragraph() {
        let whole = [
            "The old bridge over the river was closed in March, and the\ntown has been waiting for a new one ever since.",
            "Nobody knew why the old bridge was closed in the spring. The\nMayor did not say. Engineers from the capital came twice and\nJohn Smith, who lives beside it, saw them.",
            "It was built by\nmasons.",
            "He met officials of the U.S.\ngovernment.",
        ];
        for text in whole {
            assert_eq!(joined(text, Lang::En), [text]);
        }
    }

    #[test]
    fn english_lines_that_end_before_the_width_are_paragraphs() {
        let apart = [
            "The bridge is closed.\nNobody knows why.\nThe mayor did not say.",
            "Bridge Closed Again After Heavy Rain in the North\nThe mayor did not say why.",
            "Bridge Closed\nBy Tom Lee\nThe old bridge over the river was closed in March.",
            "Two things are needed:\n- time\n- money",
            "  The old bridge over the river was closed in March, it says\n    Nobody knows why it was closed so early in the year.",
            "Roses are red\nViolets are blue",
        ];
        for text in apart {
            assert_eq!(joined(text, Lang::En), text.split('\n').map(str::trim).collect::<Vec<_>>());
        }
    }

    #[test]
    fn chinese_lines_broken_at_a_width_are_one_paragraph() {
        let whole =
            ["河上的老桥三月份就封闭了，镇上的人\n一直在等新桥，可是谁也不知道还要等\n多久。", "他说，\n走吧。"];
        for text in whole {
            assert_eq!(joined(text, Lang::Zh), [text]);
        }
    }

    #[test]
    fn chinese_lines_that_end_a_sentence_or_fall_short_are_paragraphs() {
        let apart = [
            "桥封了。\n没人知道为什么。\n“谁说的？”\n他问。",
            "老桥封闭\n本报记者\n河上的老桥三月份就封闭了，镇上的人都在等新桥。",
            "　　河上的老桥三月份就封闭了，镇上的人\n　　一直在等新桥",
            "要两样东西：\n一、时间\n（二）钱",
        ];
        for text in apart {
            assert_eq!(joined(text, Lang::Zh), text.split('\n').map(str::trim).collect::<Vec<_>>());
        }
    }

    #[test]
    fn where_lines_are_sentences_only_blank_lines_part_paragraphs() {
        let text = "桥封了。\n没人知道。";
        let lines = [Span::new(0, 12), Span::new(13, text.len())];
        assert_eq!(join(text, &lines, Lang::Zh, Layout::Lines), [Span::new(0, text.len())]);
    }
}
