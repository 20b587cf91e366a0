//! The check of text that was left in the other language.
//!
//! Chinese in English text is left over, unless it stands in brackets or quotation marks as names and terms do, or
//! with its reading or its English in brackets behind it. English in Chinese text is left over where it is running
//! text, told by small words that no name or term is made of; names, titles, terms and commands are not.

use std::ops::Range;

use crate::{both::Both, text::is_han};

/// Opening and closing marks inside which a name or a term may stand in the other language.
const OPENING: &str = "([{（［【〔〖「『《〈“";
const CLOSING: &str = ")]}）］】〕〗」』》〉”";

/// The Chinese characters from which on a stretch with a pause in it is a text, in brackets too.
const LONG_IN_BRACKETS: usize = 8;

/// What Chinese calls itself: pages offer it so, whatever language they are in.
const NAMES_OF_CHINESE: [&str; 8] = ["中文", "汉语", "漢語", "华语", "简体中文", "簡體中文", "繁体中文", "繁體中文"];

/// The fewest words of English that are running text.
const FEWEST_WORDS: usize = 5;

/// The fewest of them that are words of grammar.
const FEWEST_SMALL_WORDS: usize = 2;

/// Words of grammar that the names of people, places, firms and things do not have, but sentences do.
const SMALL_WORDS: [&str; 60] = [
    "he", "she", "it", "we", "they", "you", "him", "her", "them", "us", "me", "his", "their", "its", "my", "your",
    "our", "is", "are", "was", "were", "be", "been", "has", "have", "had", "do", "does", "did", "will", "would", "can",
    "could", "should", "may", "might", "must", "not", "that", "this", "these", "those", "which", "who", "when",
    "where", "because", "if", "than", "then", "there", "but", "so", "as", "the", "a", "an", "to", "of", "and",
];

/// Of [`SMALL_WORDS`], so many at the end may stand in a name: `The Lord of the Rings`.
const IN_NAMES: usize = 7;

/// Where each side has text of the other language.
pub(super) fn left(texts: Both<&str>) -> Both<Vec<Range<usize>>> {
    Both::new(in_chinese(texts.source), in_english(texts.target))
}

/// The stretches of Chinese in an English text.
fn in_english(text: &str) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((start, c)) = characters.next() {
        if is_han(c) {
            let (mut end, mut count, mut has_pause) = (start + c.len_utf8(), 1, false);
            let mut pause = false;
            while let Some(&(at, next)) = characters.peek() {
                if is_han(next) {
                    (end, count, has_pause) = (at + next.len_utf8(), count + 1, has_pause || pause);
                } else if "，。、；：！？·".contains(next) {
                    pause = true;
                } else if !next.is_whitespace() || !continues(text, at) {
                    break;
                }
                characters.next();
            }
            let is_set_off = (depth > 0 || is_quoted) && !(has_pause && count >= LONG_IN_BRACKETS);
            let is_explained = || count <= 8 && has_gloss(&text[end..]);
            if !is_set_off && !is_explained() && !NAMES_OF_CHINESE.contains(&&text[start..end]) {
                stretches.push(start..end);
            }
        } else if c == '"' {
            is_quoted = !is_quoted;
        } else if OPENING.contains(c) {
            depth += 1;
        } else if CLOSING.contains(c) {
            depth = depth.saturating_sub(1);
        }
    }
    stretches
}

/// Whether Chinese follows the white space at `at`.
fn continues(text: &str, at: usize) -> bool {
    text[at..].chars().take(3).find(|c| !c.is_whitespace()).is_some_and(is_han)
}

/// Whether brackets follow, with what a Chinese word means.
fn has_gloss(behind: &str) -> bool {
    behind
        .chars()
        .take(3)
        .find(|c| !c.is_whitespace() && !"”’\"".contains(*c))
        .is_some_and(|c| "([（,–—-=:".contains(c))
}

/// The stretches of running English in a Chinese text.
fn in_chinese(text: &str) -> Vec<Range<usize>> {
    let mut stretches = Vec::new();
    let mut depth = 0_usize;
    let mut is_quoted = false;
    let mut rest = 0..text.len();
    while let Some(c) = text[rest.clone()].chars().next() {
        if c.is_ascii_alphabetic() {
            let length = text[rest.clone()].find(ends_english).unwrap_or(rest.len());
            let stretch = &text[rest.start..rest.start + length];
            let end = rest.start + stretch.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '.').len();
            if depth == 0 && !is_quoted && is_running(&text[rest.start..end]) {
                stretches.push(rest.start..end);
            }
            rest.start += length.max(1);
            continue;
        }
        if c == '"' {
            is_quoted = !is_quoted;
        } else if OPENING.contains(c) {
            depth += 1;
        } else if CLOSING.contains(c) {
            depth = depth.saturating_sub(1);
        }
        rest.start += c.len_utf8();
    }
    stretches
}

/// Whether a stretch of English ends at `c`.
fn ends_english(c: char) -> bool {
    !(c.is_ascii_alphanumeric() || c.is_whitespace() || ",.;:'-’!?".contains(c)) || is_han(c)
}

/// Whether a stretch of English is running text.
fn is_running(stretch: &str) -> bool {
    let words = || {
        let words = stretch.split(|c: char| !(c.is_ascii_alphanumeric() || "'’-".contains(c)));
        words.filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic()))
    };
    let count = words().count();
    if count < FEWEST_WORDS {
        return false;
    }
    let is_small = |word: &&str, words: &[&str]| words.iter().any(|small| word.eq_ignore_ascii_case(small));
    let small = words().filter(|word| is_small(word, &SMALL_WORDS)).count();
    let telling = words().filter(|word| is_small(word, &SMALL_WORDS[..SMALL_WORDS.len() - IN_NAMES])).count();
    let lower = words().filter(|word| word.starts_with(|c: char| c.is_ascii_lowercase())).count();
    small >= FEWEST_SMALL_WORDS && (telling > 0 || count > 2 * FEWEST_WORDS) && 2 * lower > count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(texts: Both<&str>) -> String {
        let bits = texts
            .zip(left(texts))
            .map(|(text, places)| places.into_iter().map(|place| text[place].to_owned()).collect::<Vec<_>>().join("/"));
        format!("{}|{}", bits.source, bits.target)
    }

    #[test]
    fn what_was_left_in_the_other_language_is_found() {
        for (chinese, english, expected) in [
            ("他昨天去了茶馆。", "He went to the 茶馆 yesterday.", "|茶馆"),
            ("他昨天去了茶馆。", "He went to the teahouse (茶馆) yesterday.", "|"),
            ("他昨天去了茶馆。", "He went to the 茶馆 (teahouse) yesterday.", "|"),
            ("English | 简体中文", "English | 简体中文", "|"),
            ("“气”是什么？", "What is “气”?", "|"),
            ("门关着，没有人。", "The door was shut. 没有人，也没有灯。", "|没有人，也没有灯"),
            ("他说走。", "He said (他说：“我们现在就走，不等了。”)", "|我们现在就走，不等了"),
            ("He was not at home when we came. 门关着。", "The door was shut.", "He was not at home when we came.|"),
            ("他读《The Lord of the Rings》。", "He reads The Lord of the Rings.", "|"),
            ("他在 University of California at Berkeley 读书。", "He studies there.", "|"),
            ("运行 git commit 和 cargo build 两个命令。", "Run both commands.", "|"),
            ("他说“I will be back when it is over”。", "He said so.", "|"),
        ] {
            assert_eq!(found(Both::new(chinese, english)), expected, "{chinese} | {english}");
        }
    }
}
