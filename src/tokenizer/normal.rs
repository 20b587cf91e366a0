//! The normalisation that `SentencePiece` calls `nmt_nfkc`: any text in, the text its models were trained on out.
//!
//! NFKC, with control characters left out and invisible ones made spaces; compared code point by code point with the
//! reference. The model files carry the same rules as a compiled table, which `rust_tokenizers` does not read.

use unicode_normalization::UnicodeNormalization;

/// Kept as it is although NFKC makes `~` of it: `SentencePiece` excepts it for the sake of Japanese.
const FULLWIDTH_TILDE: char = '\u{ff5e}';

/// `text` in normal form, single spaces, none at the ends.
pub(super) fn normalise(text: &str) -> String {
    let mut normal = String::with_capacity(text.len());
    for (i, stretch) in text.split(FULLWIDTH_TILDE).enumerate() {
        if i > 0 {
            normal.push(FULLWIDTH_TILDE);
        }
        normal.extend(stretch.chars().filter_map(visible).nfkc());
    }
    normal.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// The character, a space in place of an invisible one, nothing in place of a control character.
fn visible(character: char) -> Option<char> {
    match character {
        '\t' | '\n' | '\u{c}' | '\r' | '\u{61c}' | '\u{1680}' | '\u{200b}' | '\u{200c}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}' | '\u{2029}' | '\u{2581}' | '\u{feff}' | '\u{fffd}' => Some(' '),
        '\u{0}'..='\u{1f}' | '\u{7f}' | '\u{8f}' | '\u{9f}' => None,
        other => Some(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_ligatures_and_circled_digits_become_plain() {
        assert_eq!(normalise("ＡＢＣ１２３，。！…①㎡ﬁ"), "ABC123,。!...1m2fi");
    }

    #[test]
    fn control_characters_vanish_and_invisible_ones_are_spaces() {
        assert_eq!(normalise("a\u{1}b\u{7f}c\u{200b}d\u{feff}\u{feff}e\u{2581}f\tg"), "abc d e f g");
    }

    #[test]
    fn the_fullwidth_tilde_stays() {
        assert_eq!(normalise("３～５"), "3～5");
        assert_eq!(normalise("～"), "～");
    }

    #[test]
    fn nothing_remains_of_white_space() {
        assert_eq!(normalise(" \u{3000}\u{a0}\n"), "");
    }
}
