//! Properties of characters: which are Chinese, which are seen, which are wide forms of others.

/// Whether `c` is a Chinese character: an ideograph of the Han script.
///
/// These are the blocks of the CJK unified ideographs with their extensions, from A (U+3400) to those of planes 2 and
/// 3 (U+20000 to U+3FFFF, which Unicode keeps for ideographs, assigned yet or not); the compatibility ideographs
/// (U+F900 to U+FAFF, and U+2F800 to U+2FA1F in plane 2); and 〇 (U+3007), a numeral like 一. Neither punctuation,
/// kana, bopomofo, radicals and strokes, nor the iteration mark 々, which stands for the character before it.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// The number of characters of a text that are not white space.
pub fn visible_length(text: &str) -> usize {
    text.chars().filter(|c| !c.is_whitespace()).count()
}

/// Whether `c` shows nothing, and is no space: a byte-order mark inside a text, a soft hyphen, a place where a line may
/// break, a control character but for tab and line ends.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{feff}' | '\u{200b}' | '\u{2060}' | '\u{ad}')
        || (c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}'))
}

/// The ASCII form of a full-width letter, digit or sign (U+FF01–U+FF5E); any other character as it is.
pub(crate) fn half_width(c: char) -> char {
    if let '！'..='～' = c { char::from_u32(u32::from(c) - 0xFEE0).unwrap_or(c) } else { c }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_seen_has_a_length_and_full_width_forms_their_ascii_ones() {
        assert_eq!(visible_length("　天 是\t蓝\u{a0}的。\n"), 5);
        assert_eq!("Ａｂ３％，。　".chars().map(half_width).collect::<String>(), "Ab3%,。　");
    }

    #[test]
    fn ideographs_are_han_up_to_the_borders_of_their_blocks() {
        let blocks = [
            ('\u{3007}', '\u{3007}'),
            ('\u{3400}', '\u{4dbf}'),
            ('\u{4e00}', '\u{9fff}'),
            ('\u{f900}', '\u{faff}'),
            ('\u{20000}', '\u{3ffff}'),
        ];
        for (first, last) in blocks {
            assert!(is_han(first) && is_han(last), "{first}–{last}");
            let beside = [u32::from(first) - 1, u32::from(last) + 1].map(|c| char::from_u32(c).unwrap());
            assert_eq!(beside.map(is_han), [false; 2], "{first}–{last}");
        }
        // Of every extension, and of both blocks of compatibility ideographs.
        assert!("㐀䶵一龥鿿﨑𠀀𪜀𫝀𫠠𬺰𮯰丽𰀀𱍐\u{323b0}〇".chars().all(is_han));
        assert_eq!("。，「」—…々〆〡〻⺀⼀㇀あアㄅ가𛀀A１é😀".chars().find(|&c| is_han(c)), None);
    }
}
