//! The two languages, and the two scripts of the first. Chinese is always the source (the side that is translated),
//! English the target.

use std::{fmt, sync::LazyLock};

use ferrous_opencc::{OpenCC, config::BuiltinConfig};

/// A language that mtalign reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    /// Chinese, in simplified or traditional script.
    Zh,
    /// English.
    En,
}

impl Lang {
    /// What stands between two sentences of this language when they are joined into one text.
    pub fn joiner(self) -> &'static str {
        match self {
            Self::Zh => "",
            Self::En => " ",
        }
    }

    /// The language's name in English, for messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "Chinese",
            Self::En => "English",
        }
    }
}

/// A script of Chinese.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Script {
    /// 汉字, as written in mainland China and Singapore.
    Simplified,
    /// 漢字, as written in Taiwan and Hong Kong.
    Traditional,
}

/// From this share of characters on that simplified script writes otherwise, a text is in traditional script. In each of
/// the 123 documents of NTREX-128 the share is 0 in simplified script, and at least 0.22, mostly 0.33, in traditional.
const TRADITIONAL_SHARE: f64 = 0.1;

impl Script {
    /// The script of some texts together; simplified where nothing tells.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        let (mut characters, mut traditional) = (0_usize, 0_usize);
        for text in texts {
            let han: String = text.chars().filter(|&c| is_han(c)).collect();
            characters += han.chars().count();
            traditional += to_simplified(&han).chars().zip(han.chars()).filter(|(simple, c)| simple != c).count();
        }
        let is_traditional = traditional > 0 && traditional as f64 >= TRADITIONAL_SHARE * characters as f64;
        if is_traditional { Self::Traditional } else { Self::Simplified }
    }
}

/// `text` with its Chinese in simplified script.
pub fn to_simplified(text: &str) -> String {
    static TABLES: LazyLock<OpenCC> =
        LazyLock::new(|| OpenCC::from_config(BuiltinConfig::T2s).expect("the tables are part of the program"));
    TABLES.convert(text)
}

/// Whether `c` is a Chinese character: an ideograph of the Han script.
///
/// These are the blocks of the CJK unified ideographs with their extensions, from A (U+3400) to those of planes 2 and 3
/// (U+20000 to U+3FFFF, which Unicode keeps for ideographs, assigned yet or not); the compatibility ideographs (U+F900
/// to U+FAFF, and U+2F800 to U+2FA1F in plane 2); and 〇 (U+3007), a numeral like 一. Neither punctuation, kana, bopomofo,
/// radicals and strokes, nor the iteration mark 々, which stands for the character before it.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}' | '〇')
}

/// The code used in column names and file names: `zh`, `en`.
impl fmt::Display for Lang {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zh => "zh",
            Self::En => "en",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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

    #[test]
    fn a_text_is_in_the_script_of_most_of_what_it_says() {
        for (texts, expected) in [
            (&[][..], Script::Simplified),
            (&["", "OK."], Script::Simplified),
            (&["一二三。"], Script::Simplified),
            (&["门开了，他说“你好”。"], Script::Simplified),
            (&["門開了，他說「你好」。"], Script::Traditional),
            (&["一二三。", "門開了。"], Script::Traditional),
            (&["招牌上写着“豐”字，不过店里卖的还是那几样东西，价钱也没有变。"], Script::Simplified),
        ] {
            assert_eq!(Script::of(texts.iter().copied()), expected, "{texts:?}");
        }
    }
}
