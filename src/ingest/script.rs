//! A line of a mixed document → what it is written in.
//!
//! Chinese with Latin names stays Chinese, and English that quotes a Chinese term stays English: characters and words
//! are weighed against each other, with function words, punctuation and what stands outside of brackets and quotes.

use super::foreign;
use crate::text::{Lang, is_han};

/// The reading of a line: its language, as far as it has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Text of one of the two languages.
    In(Lang),
    /// Text of another language.
    Foreign,
    /// Digits or punctuation: of whichever language stands around it.
    Either,
    /// A line drawn with signs, such as `***`.
    Rule,
}

/// Characters that carry Chinese grammar, and hardly occur in a term that English quotes.
const CHINESE_FUNCTION: &str = "的了是在和与與也都就不这這那把被对對从從到为為及等用有我你他她它们們吗嗎呢吧";

/// Punctuation that only Chinese uses, of the two languages.
const CHINESE_MARKS: &str = "，。、；：？！《》「」『』";

/// The weight of a function character, a Chinese mark, or an English function word, where a plain character or word
/// weighs 1.
const FUNCTION_WEIGHT: usize = 2;

/// The weight of a line's end that is like the end of a sentence of the language.
const ENDING_WEIGHT: usize = 3;

/// Share of the characters in a line of Chinese characters and kana that must be kana for Japanese, as 1 in so many.
const KANA_ONE_IN: usize = 5;

/// Whether `text` has a single letter of `lang`.
pub(super) fn holds(lang: Lang, text: &str) -> bool {
    match lang {
        Lang::Zh => text.chars().any(is_han),
        Lang::En => text.chars().any(|c| c.is_ascii_alphabetic()),
    }
}

/// The reading of `line`.
pub(super) fn read(line: &str) -> Reading {
    let all = Evidence::of(line);
    let words = all.words.len();
    if all.other > all.han + all.latin || all.kana * KANA_ONE_IN > all.han + all.kana {
        return Reading::Foreign;
    }
    match (all.han > 0, words > 0) {
        (false, false) if all.digits || line.contains(|c| "。！？!?…".contains(c)) => Reading::Either,
        (false, false) => Reading::Rule,
        (false, true) if foreign::is_foreign(&all.words) => Reading::Foreign,
        (false, true) => Reading::In(Lang::En),
        (true, false) => Reading::In(Lang::Zh),
        (true, true) => {
            let outside = Evidence::of(&without_asides(line));
            match (outside.han > 0, outside.words.is_empty()) {
                (true, true) => Reading::In(Lang::Zh),
                (false, false) => Reading::In(Lang::En),
                _ => Reading::In(heavier(line, &all)),
            }
        }
    }
}

/// The Latin words of `text`, lower case, without web and mail addresses.
pub(super) fn words(text: &str) -> Vec<String> {
    Evidence::of(text).words
}

/// Whether `text` has characters of Chinese grammar, or Chinese punctuation.
pub(super) fn has_chinese_grammar(text: &str) -> bool {
    text.contains(|c| CHINESE_FUNCTION.contains(c) || CHINESE_MARKS.contains(c))
}

/// The number of Chinese characters in `text`.
pub(super) fn count_han(text: &str) -> usize {
    text.chars().filter(|&c| is_han(c)).count()
}

fn heavier(line: &str, evidence: &Evidence) -> Lang {
    let function_words = evidence.words.iter().filter(|word| foreign::is_english_function_word(word)).count();
    let ending = line.trim_end_matches(|c: char| c.is_whitespace() || "”’」』）\")".contains(c)).chars().next_back();
    let chinese_ending = ending.is_some_and(|c| "。！？；…".contains(c));
    let english_ending = ending.is_some_and(|c| ".!?;".contains(c));
    let chinese = evidence.han
        + FUNCTION_WEIGHT * (evidence.chinese_function + evidence.chinese_marks)
        + ENDING_WEIGHT * usize::from(chinese_ending);
    let english = evidence.words.len() + FUNCTION_WEIGHT * function_words + ENDING_WEIGHT * usize::from(english_ending);
    // Without any English grammar the Latin words are names or code, and the characters are the text.
    let names_only = function_words == 0 && (evidence.chinese_function > 0 || 2 * evidence.han >= evidence.words.len());
    if names_only || chinese >= english { Lang::Zh } else { Lang::En }
}

/// The line without what stands in brackets or quotes: asides and mentions, not the language of the line.
fn without_asides(line: &str) -> String {
    let mut outside = String::new();
    let mut depth = 0_usize;
    let mut in_straight_quotes = false;
    for c in line.chars() {
        match c {
            '"' => in_straight_quotes = !in_straight_quotes,
            '(' | '（' | '[' | '【' | '“' | '「' | '『' | '《' => depth += 1,
            ')' | '）' | ']' | '】' | '”' | '」' | '』' | '》' => depth = depth.saturating_sub(1),
            _ if depth == 0 && !in_straight_quotes => outside.push(c),
            _ => {}
        }
    }
    outside
}

/// Counts of a line.
#[derive(Debug, Default)]
struct Evidence {
    han: usize,
    kana: usize,
    latin: usize,
    /// Letters of other scripts.
    other: usize,
    digits: bool,
    chinese_function: usize,
    chinese_marks: usize,
    words: Vec<String>,
}

impl Evidence {
    fn of(text: &str) -> Self {
        let mut evidence = Self::default();
        let mut in_word = false;
        for c in chars_outside_addresses(text) {
            let latin = is_latin(c);
            if latin {
                evidence.latin += 1;
                if !in_word {
                    evidence.words.push(String::new());
                }
                if let Some(word) = evidence.words.last_mut() {
                    word.extend(c.to_lowercase());
                }
            } else if is_han(c) {
                evidence.han += 1;
                evidence.chinese_function += usize::from(CHINESE_FUNCTION.contains(c));
            } else if ('\u{3041}'..='\u{30fa}').contains(&c) {
                evidence.kana += 1;
            } else if c.is_alphabetic() {
                evidence.other += 1;
            } else {
                evidence.digits |= c.is_numeric();
                evidence.chinese_marks += usize::from(CHINESE_MARKS.contains(c));
            }
            let joins = in_word && matches!(c, '\'' | '’');
            if let Some(word) = evidence.words.last_mut().filter(|_| joins) {
                word.push('\'');
            }
            in_word = latin || joins;
        }
        evidence
    }
}

/// ASCII, accented and full-width Latin letters.
fn is_latin(c: char) -> bool {
    c.is_alphabetic() && (c < '\u{250}' || ('\u{1e00}'..='\u{1eff}').contains(&c) || ('Ａ'..='ｚ').contains(&c))
}

/// The characters of `text` that are not part of a web or mail address: its letters are of no language.
fn chars_outside_addresses(text: &str) -> impl Iterator<Item = char> {
    let is_part = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '<' | '>' | '[' | ']' | '"' | '|');
    text.split_inclusive(move |c| !is_part(c)).flat_map(move |piece| {
        let is_address = piece.contains("://") || piece.starts_with("www.") || piece.contains('@');
        // The character that ends the piece is not part of the address.
        let skipped = if is_address { piece.trim_end_matches(|c| !is_part(c)).len() } else { 0 };
        piece[skipped..].chars()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_is_read_in_its_language() {
        let zh = Reading::In(Lang::Zh);
        let en = Reading::In(Lang::En);
        let cases = [
            ("今天天气很好。", zh),
            ("The weather is fine today.", en),
            ("OK.", en),
            ("法国总统 Emmanuel Macron 与德国总理 Olaf Scholz 通话。", zh),
            ("在 Windows 上用 Visual Studio Code 写 Rust 代码", zh),
            ("用 Visual Studio Code 和 GitHub Copilot Chat Extension", zh),
            ("运行 cargo build --release --features marian 即可", zh),
            ("iPhone 15 Pro Max 评测", zh),
            ("记者 Tom Smith", zh),
            ("他说 \"I am the king of the world\" 然后就跳了下去。", zh),
            ("详情请看 https://example.com/a/very/long/path/of/words/in/the/address 。", zh),
            ("請看[這裡](https://example.com/the/page/is/here)。", zh),
            ("(完)", zh),
            ("第3章", zh),
            ("The word 中国 means \"China\".", en),
            ("The terms 有氧运动 (aerobic exercise) and 无氧运动 (anaerobic exercise) are used.", en),
            ("Xi Jinping (习近平) visited the city.", en),
            ("He shouted “你好！”", en),
            ("1984", Reading::Either),
            ("12 / 05 / 2022", Reading::Either),
            ("……", Reading::Either),
            ("？！", Reading::Either),
            ("***", Reading::Rule),
            ("————", Reading::Rule),
            ("・・・", Reading::Rule),
            ("これは日本語の文です。", Reading::Foreign),
            ("東京は大都市である。", Reading::Foreign),
            ("안녕하세요.", Reading::Foreign),
            ("Снег белый.", Reading::Foreign),
            ("السلام عليكم", Reading::Foreign),
            ("Le chat est dans la maison avec les enfants.", Reading::Foreign),
            ("优の良品是一家零食店。", zh),
        ];
        for (line, expected) in cases {
            assert_eq!(read(line), expected, "{line}");
        }
    }
}
