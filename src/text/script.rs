//! The two scripts of Chinese.

use std::sync::LazyLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};

use super::is_han;

/// A script of Chinese.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Script {
    /// 汉字, as written in mainland China and Singapore.
    Simplified,
    /// 漢字, as written in Taiwan and Hong Kong.
    Traditional,
}

/// The share of characters that simplified script writes otherwise, from which on a text is in traditional script. In
/// each of the 123 documents of NTREX-128 the share is 0 in simplified script, and at least 0.22, mostly 0.33, in
/// traditional.
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

#[cfg(test)]
mod tests {
    use super::*;

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
