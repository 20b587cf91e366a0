//! Filters by length, of each side alone and of one against the other.

use crate::text::{is_han, visible_length};

/// The most characters of an English text: the limit of bicleaner-hardrules.
const LONGEST_ENGLISH: usize = 1024;

/// The most characters of a Chinese text: what [`LONGEST_ENGLISH`] is in [`HAN_LETTERS`], rounded.
const LONGEST_CHINESE: usize = 300;

/// The fewest letters and digits of a side. A single character (`好`) teaches nothing that longer pairs do not.
const FEWEST: usize = 2;

/// English letters per Chinese character: in the middle 3.2 to 3.7, by length, of 219,000 clean pairs of five
/// corpora.
const HAN_LETTERS: f64 = 3.3;

/// The largest factor by which a side may be longer than expected, as in bicleaner-hardrules. Of the same pairs,
/// those of fifteen characters or more, 1 in 1,000 is beyond 2.4 at either end.
const RATIO: f64 = 3.0;

/// The English letters by which a side may be longer beyond that factor, for short texts vary more.
const SLACK: f64 = 10.0;

/// Whether one of the sides is too long for a translator.
pub(in crate::dataset) fn is_too_long(zh: &str, en: &str) -> bool {
    zh.chars().count() > LONGEST_CHINESE || en.chars().count() > LONGEST_ENGLISH
}

/// Whether `text` has fewer than [`FEWEST`] letters and digits.
pub(super) fn is_too_short(text: &str) -> bool {
    text.chars().filter(|c| c.is_alphanumeric()).take(FEWEST).count() < FEWEST
}

/// Whether the sides are about as long as translations of one another are. Latin letters in the Chinese side stand for
/// themselves.
pub(in crate::dataset) fn are_alike(zh: &str, en: &str) -> bool {
    let visible = |text| visible_length(text) as f64;
    let han = zh.chars().filter(|&c| is_han(c)).count() as f64;
    let expected = visible(zh) + (HAN_LETTERS - 1.0) * han;
    let found = visible(en);
    found <= RATIO * expected + SLACK && expected <= RATIO * found + SLACK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_counted_in_characters() {
        let (zh, en) = ("字".repeat(300), "word ".repeat(204));
        assert!(!is_too_long(&zh, &en));
        assert!(is_too_long(&(zh.clone() + "字"), &en));
        assert!(is_too_long(&zh, &(en + "words")));
    }

    #[test]
    fn a_single_letter_says_hardly_anything() {
        for (text, expected) in
            [("好。", true), ("……", true), ("", true), ("你好", false), ("A", true), ("OK", false), ("第1", false)]
        {
            assert_eq!(is_too_short(text), expected, "{text}");
        }
    }

    #[test]
    fn sides_are_as_long_as_translations_are() {
        for (zh, en, expected) in [
            ("他明天到。", "He arrives tomorrow.", true),
            ("谢谢。", "Thank you so very much indeed.", true),
            ("谢谢。", "Thank you very much for everything that you have done for us this year.", false),
            ("在 Visual Studio Code 中打开文件夹", "Open the folder in Visual Studio Code", true),
            ("他昨天从上海回来以后一直在家里休息，没有出门。", "He rested.", false),
            ("他昨天从上海回来以后一直在家里休息，没有出门。", "Back from Shanghai, he stayed in.", true),
        ] {
            assert_eq!(are_alike(zh, en), expected, "{zh} | {en}");
        }
    }
}
