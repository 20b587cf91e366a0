//! Chinese paragraphs → where their sentences end.
//!
//! 。！？；… and their half-width forms end a sentence, together with the quotes and brackets that close behind them.
//! Inside quotes and brackets they end one too, unless the sentence goes on after the closing mark:
//! `“你好。”他说。` is one sentence, `他说：“你好。我走了。”` is two. Translators render the parts of a long speech
//! as sentences of their own, but an attribution hardly ever.

use super::{brackets::Pairs, notes};
use crate::text::is_han;

/// Characters of a quote up to which it keeps a sentence together that goes on after it. Longer speech is cut; it also
/// limits what a wrong pair of marks can do.
const LONGEST_QUOTE: usize = 80;

/// Characters of a bracketed text up to which it keeps a sentence together; it may hold a list of sources.
const LONGEST_BRACKET: usize = 200;

/// Characters after a quote within which a verb of speech makes them its attribution.
const ATTRIBUTION: usize = 16;

/// Characters that a clause must have for an ellipsis to end it; before a shorter one it is a stammer or a pause.
const SHORTEST_TRAILING_OFF: usize = 6;

/// Words that attribute the quote before them.
const SPEECH: [&str; 21] = [
    "说", "說", "问", "問", "答", "喊", "叫", "嚷", "骂", "罵", "吼", "表示", "补充", "補充", "指出", "回应", "回應",
    "強調", "强调", "嘀咕", "嘟囔",
];

/// Where sentences of `text` end, as byte positions in order; the end of the text may be missing.
pub(super) fn sentence_ends(text: &str) -> Vec<usize> {
    let offsets: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
    let paragraph = Paragraph::new(text);
    let mut ends = Vec::new();
    let mut start = 0;
    let mut at = 0;
    // Closing positions of the pairs that are open at `at`, the outermost first.
    let mut open: Vec<usize> = Vec::new();
    while at < paragraph.characters.len() {
        while open.last().is_some_and(|&closing| closing <= at) {
            open.pop();
        }
        if let Some(closing) = paragraph.pairs.closing_of(at) {
            open.push(closing);
        }
        let end = match paragraph.terminator_end(start, at) {
            Some(end) => paragraph.with_closing_marks(end),
            None if paragraph.closes_an_aside(&ends, &offsets, at) => at + 1,
            None => {
                at += 1;
                continue;
            }
        };
        if paragraph.is_sentence_end(end, &open) {
            ends.push(offsets[end]);
            start = end;
        }
        at = end;
    }
    ends
}

/// The characters of a paragraph, and what is asked of them again and again: how far runs of like ones reach, each found
/// once, so that no run is gone through from each of its characters.
struct Paragraph {
    characters: Vec<char>,
    /// For each position where the run of white space from there on ends; likewise of marks, of dots, and of what may
    /// stand in the number of a heading.
    spaces: Vec<usize>,
    marks: Vec<usize>,
    dots: Vec<usize>,
    numbers: Vec<usize>,
    pairs: Pairs,
    /// Where bare note marks begin.
    notes: Vec<usize>,
}

impl Paragraph {
    fn new(text: &str) -> Self {
        let characters: Vec<char> = text.chars().collect();
        Self {
            spaces: ends_of_runs(&characters, char::is_whitespace),
            marks: ends_of_runs(&characters, is_mark),
            dots: ends_of_runs(&characters, |c| matches!(c, '…' | '.')),
            numbers: ends_of_runs(&characters, |c| c.is_whitespace() || "一二三四五六七八九十".contains(c)),
            pairs: Pairs::of(&characters),
            notes: notes::numbers_in_chinese(&characters),
            characters,
        }
    }

    fn get(&self, at: usize) -> Option<char> {
        self.characters.get(at).copied()
    }

    /// The character before `at`, white space left out.
    fn before(&self, at: usize) -> Option<char> {
        self.characters[..at].iter().rev().copied().find(|c| !c.is_whitespace())
    }

    /// The position of the first character from `at` on that is not white space.
    fn skip_space(&self, at: usize) -> usize {
        self.spaces.get(at).copied().unwrap_or(at)
    }

    /// One past the run of terminators that starts at `at`, if there is one that can end the sentence from `start`.
    fn terminator_end(&self, start: usize, at: usize) -> Option<usize> {
        if !self.is_terminator(at) {
            return None;
        }
        let end = self.marks[at];
        let only_dots = self.dots[at] >= end;
        let ends = if only_dots { self.is_full_stop(start, at, end) } else { true };
        ends.then_some(end)
    }

    /// Whether the mark at `at` can end a sentence, by the characters around it.
    fn is_terminator(&self, at: usize) -> bool {
        let next = self.get(at + 1);
        let glued = next.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, '=' | '&' | '/' | '_'));
        let previous = at.checked_sub(1).and_then(|previous| self.get(previous));
        let after_chinese = previous.is_some_and(|c| is_han(c) || is_closing(c) || is_wide_mark(c));
        match self.characters[at] {
            '。' | '！' | '？' | '；' | '｡' | '…' | '‼' | '⁇' | '⁈' | '⁉' => true,
            '．' => after_chinese && !next.is_some_and(char::is_numeric),
            '!' | '?' => !glued || after_chinese,
            ';' => after_chinese,
            // `. . .` stands for something left out.
            '.' => {
                after_chinese
                    && !glued
                    && self.get(self.skip_space(at + 1)).is_none_or(|c| c != '.' || next == Some('.'))
            }
            _ => false,
        }
    }

    /// Whether dots that stand alone, `.` or an ellipsis, end the sentence from `start`.
    fn is_full_stop(&self, start: usize, at: usize, end: usize) -> bool {
        let marks = &self.characters[at..end];
        if marks.len() == 1 && marks[0] == '.' {
            // `一. ` numbers what follows it.
            return self.numbers[start] < at;
        }
        if marks == ['.', '.'] {
            return false;
        }
        let next = self.skip_space(end);
        let Some(following) = self.get(next) else { return true };
        if is_closing(following) {
            return true;
        }
        let clause = &self.characters[start..at];
        let clause_start =
            clause.iter().rposition(|&c| is_pause(c) || is_mark(c) || is_opening(c)).map_or(0, |at| at + 1);
        let clause = &clause[clause_start..];
        clause.len() >= SHORTEST_TRAILING_OFF && clause.last() != Some(&following) && !is_continuation(following)
    }

    /// One past the closing marks that follow a terminator ending at `end`, and the terminators among them (`！）。`).
    fn with_closing_marks(&self, mut end: usize) -> usize {
        loop {
            end = self.with_note_marks(end);
            let next = self.skip_space(end);
            let Some(c) = self.get(next) else { return end };
            let closes_a_pair = self.pairs.opening_of(next).is_some();
            let opens_a_pair = self.pairs.closing_of(next).is_some();
            if closes_a_pair
                || (is_closing(c) && !opens_a_pair && (next == end || is_wide_closing(c)))
                || (is_mark(c) && (next == end || !c.is_ascii()))
            {
                end = next + 1;
            } else {
                return end;
            }
        }
    }

    /// One past the note marks that follow at once on a terminator ending at `end`.
    fn with_note_marks(&self, mut end: usize) -> usize {
        loop {
            end = match notes::mark_end(&self.characters, end) {
                Some(end) => end,
                None if self.notes.binary_search(&end).is_ok() => {
                    end + self.characters[end..].iter().take_while(|c| c.is_ascii_digit()).count()
                }
                None => return end,
            };
        }
    }

    /// Whether `at` closes a remark in brackets between two sentences, such as `(完)` with white space after it.
    fn closes_an_aside(&self, ends: &[usize], offsets: &[usize], at: usize) -> bool {
        let Some(opening) = self.pairs.opening_of(at).filter(|_| matches!(self.characters[at], ')' | '）' | '】'))
        else {
            return false;
        };
        let first = self.characters[..opening].iter().rposition(|c| !c.is_whitespace()).map_or(0, |before| before + 1);
        let is_number =
            self.characters[opening + 1..at].iter().all(|c| c.is_numeric() || "一二三四五六七八九十".contains(*c));
        ends.last() == Some(&offsets[first]) && !is_number && self.get(at + 1).is_some_and(char::is_whitespace)
    }

    /// Whether the sentence is over at `end`, behind terminators and their closing marks; `open` are the
    /// closing positions of the pairs around the terminators, the outermost first.
    fn is_sentence_end(&self, end: usize, open: &[usize]) -> bool {
        let following = self.get(self.skip_space(end));
        if following.is_some_and(|c| is_pause(c) || matches!(c, '~' | '～')) {
            return false;
        }
        // The outermost of the pairs that close here decides: the sentence goes on, or it does not.
        let closed = open.iter().rev().take_while(|&&closing| closing < end).last();
        if closed.is_some_and(|&closing| self.goes_on(closing, end)) {
            return false;
        }
        let around = open.iter().rev().filter(|&&closing| closing >= end);
        let length = |closing: usize| self.pairs.opening_of(closing).map_or(0, |opening| closing - opening);
        around.take_while(|&&closing| length(closing) <= LONGEST_BRACKET).all(|&closing| {
            let is_bracket = matches!(self.characters[closing], ')' | '）' | ']' | '】');
            (!is_bracket && length(closing) > LONGEST_QUOTE)
                || !self.goes_on(closing, self.with_closing_marks(closing + 1))
        })
    }

    /// Whether the sentence goes on at `end`, behind the pair that closes at `closing`.
    fn goes_on(&self, closing: usize, end: usize) -> bool {
        let next = self.skip_space(end);
        let Some(following) = self.get(next) else { return false };
        if is_continuation(following) {
            return true;
        }
        let opening = self.pairs.opening_of(closing).unwrap_or(closing);
        if self.characters[closing..end].iter().any(|&c| is_mark(c)) {
            return false;
        }
        let inside = self.characters[..closing].iter().rev().find(|&&c| !c.is_whitespace() && !is_closing(c));
        if !inside.is_some_and(|&c| is_mark(c)) {
            return true;
        }
        match self.before(opening) {
            _ if matches!(self.characters[closing], '》' | '〉') => true,
            Some('：' | ':') => false,
            None | Some('，' | ',') => self.is_attribution(next),
            Some(c) if is_mark(c) || is_closing(c) => self.is_attribution(next),
            // In the midst of a clause: `他喊“救命！”的时候`.
            Some(_) => !is_opening(following),
        }
    }

    /// Whether what follows a quote says who spoke.
    fn is_attribution(&self, from: usize) -> bool {
        let rest = &self.characters[from..self.characters.len().min(from + ATTRIBUTION)];
        let length =
            rest.iter().position(|&c| is_mark(c) || is_opening(c) || matches!(c, '：' | ':')).unwrap_or(rest.len());
        // What a colon follows introduces the next quote.
        if rest.get(length).is_some_and(|&c| !is_mark(c)) {
            return false;
        }
        let clause: String = rest[..length].iter().collect();
        SPEECH.iter().any(|verb| clause.contains(verb))
            || (clause.ends_with(['道', '想', '笑']) && !clause.ends_with("知道"))
    }
}

/// For each position, and the end, where the run of characters from there on ends of which `is_in` holds.
fn ends_of_runs(characters: &[char], is_in: impl Fn(char) -> bool) -> Vec<usize> {
    let mut ends = vec![characters.len(); characters.len() + 1];
    for (at, &c) in characters.iter().enumerate().rev() {
        ends[at] = if is_in(c) { ends[at + 1] } else { at };
    }
    ends
}

/// Marks that end sentences, where nothing around them says otherwise.
fn is_mark(c: char) -> bool {
    is_wide_mark(c) || matches!(c, '!' | '?' | '.' | ';')
}

fn is_wide_mark(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '；' | '…' | '｡' | '．' | '‼' | '⁇' | '⁈' | '⁉')
}

fn is_pause(c: char) -> bool {
    matches!(c, '，' | '、' | '：' | ',' | ':')
}

/// What cannot start a sentence.
fn is_continuation(c: char) -> bool {
    is_pause(c) || is_closing(c) && c != '"' || matches!(c, '—' | '～' | '~' | '的')
}

fn is_opening(c: char) -> bool {
    matches!(c, '“' | '‘' | '「' | '『' | '（' | '(' | '《' | '〈' | '【' | '[')
}

fn is_closing(c: char) -> bool {
    is_wide_closing(c) || matches!(c, ')' | ']' | '"')
}

fn is_wide_closing(c: char) -> bool {
    matches!(c, '”' | '’' | '」' | '』' | '）' | '》' | '〉' | '】')
}

#[cfg(test)]
mod tests;
