//! The check of a translation for flaws, by words alone.
//!
//! The thresholds are wide: a flaw is to mean that the translation is not to be trusted, not that it could be better.

use crate::{
    document::Flaw,
    text::{is_han, negation, quantities},
};

/// The share of Han characters among its letters above which a translation copies its source.
const COPIED_SHARE: f64 = 0.2;

/// The numbers of repeats without a pause that are a loop: of single words, and of phrases up to [`LONGEST_PHRASE`]
/// words.
const WORD_REPEATS: usize = 4;
const PHRASE_REPEATS: usize = 3;
const LONGEST_PHRASE: usize = 12;

/// The length in letters and the number of repeats inside a word (`hahaha…`) that are a loop as well.
const LONGEST_SYLLABLE: usize = 4;
const SYLLABLE_REPEATS: usize = 8;

/// The number of words from which on a translation loops when less than this share of its three-word phrases are
/// distinct.
const DISTINCT_WORDS: usize = 16;
const DISTINCT_SHARE: f64 = 0.5;

/// The most and the fewest English words per unit of source: the training text was filtered to 0.2 to 2 words a
/// Chinese character; beyond twice and half of that, with some units of slack for short sentences, lies no
/// translation.
const MOST_WORDS_PER_UNIT: usize = 4;
const FEWEST_WORDS_PER_UNIT: f64 = 0.1;
const SLACK: usize = 6;

/// The flaw of form of `text` as a translation of `source`, the gravest where there are several. A source without
/// Chinese asks for nothing.
pub fn flaw(source: &str, text: &str) -> Option<Flaw> {
    if !has_chinese(source) {
        return None;
    }
    let (units, words) = (units(source), words(text));
    if words.is_empty() {
        return Some(Flaw::Empty);
    }
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    let han = text.chars().filter(|&c| is_han(c)).count();
    if han as f64 > COPIED_SHARE * letters as f64 {
        return Some(Flaw::Copied);
    }
    if loops(&words) {
        return Some(Flaw::Looping);
    }
    if words.len() > MOST_WORDS_PER_UNIT * units + SLACK {
        return Some(Flaw::TooLong);
    }
    if ((words.len() + SLACK / 2) as f64) < FEWEST_WORDS_PER_UNIT * units as f64 {
        return Some(Flaw::TooShort);
    }
    None
}

/// The flaw of content of a text that is English for `source`, as far as words tell: amounts, dates, shares,
/// negation.
pub fn wrong(source: &str, text: &str) -> Option<Flaw> {
    if !quantities::missing(source, text).is_empty() {
        return Some(Flaw::Quantity);
    }
    negation::is_lost(source, text).then_some(Flaw::Negation)
}

/// Whether there is anything to translate: a source of Latin names, numbers, punctuation or emoji stands for itself.
pub fn has_chinese(source: &str) -> bool {
    source.chars().any(is_han)
}

/// The size of a source: its Han characters, and the words and numbers between them.
fn units(source: &str) -> usize {
    let mut in_word = false;
    let mut units = 0;
    for character in source.chars() {
        let han = is_han(character);
        let of_word = !han && character.is_alphanumeric();
        units += usize::from(han || (of_word && !in_word));
        in_word = of_word;
    }
    units
}

/// The words in lower case, without punctuation.
fn words(text: &str) -> Vec<String> {
    let bare = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    bare.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

fn loops(words: &[String]) -> bool {
    let phrase_loops = (1..=LONGEST_PHRASE).any(|phrase| {
        let repeats = if phrase == 1 { WORD_REPEATS } else { PHRASE_REPEATS };
        repeats_in_a_row(words, phrase) >= repeats
    });
    let is_stutter = |word: &String| {
        let letters: Vec<char> = word.chars().filter(|c| c.is_alphabetic()).collect();
        (1..=LONGEST_SYLLABLE).any(|syllable| repeats_in_a_row(&letters, syllable) >= SYLLABLE_REPEATS)
    };
    phrase_loops || words.iter().any(is_stutter) || few_distinct(words)
}

/// The number of times in a row that the most repeated run of `period` items is said; 1 where nothing repeats.
pub(crate) fn repeats_in_a_row<T: PartialEq>(items: &[T], period: usize) -> usize {
    let (mut longest, mut same) = (0, 0);
    for (item, earlier) in items.iter().skip(period).zip(items) {
        same = if item == earlier { same + 1 } else { 0 };
        longest = longest.max(same);
    }
    longest / period + 1
}

fn few_distinct(words: &[String]) -> bool {
    if words.len() < DISTINCT_WORDS {
        return false;
    }
    let distinct: std::collections::HashSet<&[String]> = words.windows(3).collect();
    (distinct.len() as f64) < DISTINCT_SHARE * (words.len() - 2) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_translations_have_no_flaw() {
        for (source, text) in [
            ("他明天到。", "He arrives tomorrow."),
            ("好。", "Yes, that is quite all right with me."),
            ("他说：“走，走，走！”", "“Go, go, go!” he said."),
            ("该公司二〇三一年的营业额为1,000,000,000元。", "The company's turnover in 2031 was 1,000,000,000 yuan."),
            ("《红楼梦》", "Dream of the Red Chamber (红楼梦)"),
            ("OpenSSL 3.2", "OpenSSL 3.2"),
        ] {
            assert_eq!(flaw(source, text), None, "{text}");
        }
    }

    #[test]
    fn every_flaw_is_found() {
        let many = |phrase: &str, times: usize| vec![phrase; times].join(" ");
        let varied: Vec<String> = (0..60).map(|number| format!("word{number}")).collect();
        for (source, text, expected) in [
            ("他明天到。", String::new(), Flaw::Empty),
            ("他明天到。", "...".to_owned(), Flaw::Empty),
            ("他明天到。", "他明天 arrives".to_owned(), Flaw::Copied),
            ("他明天到。", many("the", 4), Flaw::Looping),
            ("他明天到。", format!("He said {}", many("of the city", 3)), Flaw::Looping),
            ("他明天到。", format!("a{}", "ha".repeat(9)), Flaw::Looping),
            ("他明天到。", varied.join(" "), Flaw::TooLong),
            (&"天地玄黄宇宙洪荒".repeat(10), "Heaven and earth.".to_owned(), Flaw::TooShort),
        ] {
            assert_eq!(flaw(source, &text), Some(expected), "{text}");
        }
    }

    #[test]
    fn phrases_that_come_back_after_a_pause_are_a_loop_too() {
        let text = "of the state and of the state or of the state but of the state and of the state or of the state";
        assert_eq!(flaw("国家的，国家的，还有国家的", text), Some(Flaw::Looping));
    }

    #[test]
    fn a_source_without_chinese_asks_for_nothing() {
        assert_eq!(flaw("——！？", ""), None);
        assert_eq!(flaw("مرحبا", "مرحبا"), None);
    }

    #[test]
    fn characters_words_and_numbers_are_units() {
        assert_eq!(units("——！？😀 …"), 0);
        assert_eq!(units("用 Rust 1.88 写的"), 3 + 1 + 2);
    }
}
