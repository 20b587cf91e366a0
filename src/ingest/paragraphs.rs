//! Neighbouring lines of one language → paragraphs.
//!
//! Without a blank line between them, lines may be paragraphs themselves or one paragraph broken at a width. A line
//! was broken if the next word would not have fitted: that test needs no guess about the author's habits but the
//! width, which is the longest line's.

use super::{Layout, pages::PAGE_END};
use crate::{document::Span, text::Lang};

/// What the lines of a language are in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Paragraphs, each on a line of its own or broken at a width.
    Prose,
    /// Verse, or lists: each line by itself, though no mark ends it.
    Verse,
    /// Sentences, which only blank lines part into paragraphs.
    Lines,
}

/// Lines that are verse, at the least; shorter blocks say nothing.
const FEWEST_LINES_OF_VERSE: usize = 4;
const FEWEST_LINES_OF_STANZA: usize = 3;

/// Share of lines of verse that no mark ends, at the least. Of prose that is broken at a width the last line of each
/// paragraph has one.
const WITHOUT_MARK: f64 = 0.8;

impl Form {
    /// The form of all lines of a language, by the runs in which they stand.
    pub(super) fn of<'l>(text: &str, runs: impl Iterator<Item = &'l [Span]>, lang: Lang, layout: Layout) -> Self {
        if layout == Layout::Lines {
            return Self::Lines;
        }
        let (mut lines, mut bare, mut narrow, mut pairs, mut fitting) = (0, 0, 0, 0, 0);
        for run in runs.filter(|run| run.len() >= FEWEST_LINES_OF_STANZA) {
            let wrapping = Wrapping { lang, width: width(text, run), lines: run.len(), breaks_sentences: false };
            lines += run.len();
            bare += run.iter().filter(|line| !has_mark(line.of(text))).count();
            narrow += if wrapping.width < wrapping.narrowest() { run.len() } else { 0 };
            pairs += run.len() - 1;
            fitting += run.windows(2).filter(|pair| !wrapping.is_full(pair[0].of(text), pair[1].of(text))).count();
        }
        let is_bare = bare as f64 >= WITHOUT_MARK * lines as f64;
        let is_uneven = 2 * narrow > lines || 2 * fitting > pairs;
        if lines >= FEWEST_LINES_OF_VERSE && is_bare && is_uneven { Self::Verse } else { Self::Prose }
    }
}

/// Whether a mark ends a line, or a sentence inside of it.
fn has_mark(line: &str) -> bool {
    let line = line.trim_end_matches(|c: char| c.is_whitespace() || "”’」』）)\"'".contains(c));
    let inside = ["。", "！", "？", ". ", "! ", "? "].iter().any(|mark| line.contains(mark));
    inside || line.ends_with(|c| "，。、；：！？…,.;:!?—".contains(c))
}

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
pub(super) fn join(text: &str, lines: &[Span], lang: Lang, form: Form) -> Vec<Span> {
    let wrapping = Wrapping::of(text, lines, lang);
    let mut paragraphs: Vec<Span> = Vec::new();
    let mut previous: Option<&str> = None;
    for line in lines {
        let content = line.of(text);
        let continues = previous.is_some_and(|previous| match form {
            Form::Prose => wrapping.continues(previous, content),
            Form::Verse => false,
            Form::Lines => true,
        });
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
        let mut wrapping = Self { lang, width: width(text, lines), lines: lines.len(), breaks_sentences: false };
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
        (self.narrowest()..=WIDEST).contains(&self.width) && self.is_full(previous, next)
    }

    /// The columns of the narrowest text that is broken at a width.
    fn narrowest(&self) -> usize {
        match self.lang {
            Lang::Zh => NARROWEST_CHINESE,
            Lang::En => NARROWEST_ENGLISH,
        }
    }

    /// Whether a line with the first word of the next one would be longer than all others.
    fn is_full(&self, previous: &str, next: &str) -> bool {
        let word = match self.lang {
            Lang::Zh => columns_of_first(next.trim_start()) + SLACK,
            Lang::En => next.split_whitespace().next().map_or(0, columns) + 1,
        };
        columns(last_line(previous)) + word > self.width
    }
}

/// The columns of the longest of these lines.
fn width(text: &str, lines: &[Span]) -> usize {
    lines.iter().flat_map(|line| line.of(text).split(PAGE_END)).map(columns).max().unwrap_or(0)
}

/// The last line of a page and the first of the next are one, where a sentence goes on: what stands on the latter.
fn last_line(line: &str) -> &str {
    line.rsplit(PAGE_END).next().unwrap_or(line)
}

/// The columns of what cannot be broken at the start of a Chinese line: a character, or a whole Latin word.
fn columns_of_first(line: &str) -> usize {
    let latin = line.find(|c: char| !c.is_ascii_graphic()).unwrap_or(line.len());
    if latin > 0 { latin } else { line.chars().next().map_or(0, column) }
}

/// The columns a line takes without the space at its end.
pub(super) fn columns(line: &str) -> usize {
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
pub(super) fn starts_item(line: &str) -> bool {
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
        join(text, &lines, lang, Form::Prose).into_iter().map(|span| span.of(text)).collect()
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
    fn verse_is_told_from_prose_by_most_lines() {
        let form = |stanzas: &[&str], lang| {
            let text = stanzas.join("\n");
            let (mut runs, mut start) = (Vec::new(), 0);
            for stanza in stanzas {
                let lines = stanza.split('\n').map(|line| {
                    let span = Span::new(start, start + line.len());
                    start += line.len() + 1;
                    span
                });
                runs.push(lines.collect::<Vec<_>>());
            }
            Form::of(&text, runs.iter().map(Vec::as_slice), lang, Layout::Prose)
        };
        let verse = [
            "a lamp is on the water\ndrifting slowly downstream\nnobody knows whose it is",
            "I hear a dog\non the other bank\nand then it is still",
        ];
        assert_eq!(form(&verse, Lang::En), Form::Verse);
        assert_eq!(
            form(&["水面上有一盏灯\n慢慢向下游漂去\n没有人知道它是谁放的\n也没有人去捞"], Lang::Zh),
            Form::Verse
        );
        for prose in [
            "The old bridge over the river was closed in March, and the\ntown has been waiting for a new one ever since that day in\nwhich the mayor said nothing at all about when it might be\nopened.",
            "The bridge is\nclosed. Nobody\nknows why. It\nis very old.",
            "a lamp is on the water\ndrifting slowly",
        ] {
            assert_eq!(form(&[prose], Lang::En), Form::Prose, "{prose}");
        }
        let text = verse[0];
        let lines: Vec<Span> = [(0, 22), (23, 49), (50, text.len())].map(|(start, end)| Span::new(start, end)).to_vec();
        assert_eq!(join(text, &lines, Lang::En, Form::Verse), lines);
    }

    #[test]
    fn where_lines_are_sentences_only_blank_lines_part_paragraphs() {
        let text = "桥封了。\n没人知道。";
        let lines = [Span::new(0, 12), Span::new(13, text.len())];
        assert_eq!(join(text, &lines, Lang::Zh, Form::Lines), [Span::new(0, text.len())]);
    }
}
