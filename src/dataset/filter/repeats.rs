//! The filter of texts that say the same over and over: what is left of menus, of crawls and of translators that
//! loop.

use crate::{text::is_han, translate::check::repeats_in_a_row};

/// The most repeats in a row of a single character or word: people laugh (`哈哈哈哈`) and insist (`no, no, no`).
const MOST_SINGLE: usize = 7;

/// The most repeats in a row of a phrase.
const MOST_PHRASES: usize = 3;

/// The length of the longest phrase that is looked for, in characters or words.
const LONGEST_PHRASE: usize = 12;

/// Whether a Chinese text says the same over and over. Only Chinese characters count: digits and codes may repeat.
pub(super) fn in_chinese(text: &str) -> bool {
    repeat(&text.chars().filter(|&c| is_han(c)).collect::<Vec<_>>())
}

/// Whether an English text says the same over and over.
pub(super) fn in_english(text: &str) -> bool {
    let bare = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    repeat(&bare.filter(|word| !word.is_empty()).map(str::to_lowercase).collect::<Vec<_>>())
}

fn repeat<T: PartialEq>(items: &[T]) -> bool {
    (1..=LONGEST_PHRASE).any(|phrase| {
        let most = if phrase == 1 { MOST_SINGLE } else { MOST_PHRASES };
        repeats_in_a_row(items, phrase) > most
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_repeat_passes_and_loops_do_not() {
        for (text, expected) in [
            ("哈哈哈哈，太好笑了！", false),
            ("试试看，等等我。", false),
            ("快跑，快跑，快跑！", false),
            ("快跑快跑快跑快跑", true),
            ("首页 新闻 首页 新闻 首页 新闻 首页 新闻", true),
            ("啊啊啊啊啊啊啊啊", true),
            ("最大值是 0xffffffff，也就是 1000000000 多。", false),
        ] {
            assert_eq!(in_chinese(text), expected, "{text}");
        }
        for (text, expected) in [
            ("No, no, no, no!", false),
            ("Again and again and again.", false),
            ("the city of the city of the city of the city of", true),
            ("Home News home news HOME NEWS home, news", true),
            ("very very very very very very very very good", true),
        ] {
            assert_eq!(in_english(text), expected, "{text}");
        }
    }
}
