//! Keys of texts, under which near-duplicates are the same.
//!
//! Of a text count only its letters and digits: in lower case, full-width ones as ASCII, traditional characters as
//! simplified ones. White space, punctuation and script make no difference, words and numbers do.

use std::collections::HashMap;

use twox_hash::XxHash3_64;

use crate::text::{is_han, to_simplified};

/// The keys of the two texts of a pair. Near-duplicates have the same; other texts do too once in 2^64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Keys {
    /// The key of the Chinese text.
    pub zh: u64,
    /// The key of the English text.
    pub en: u64,
}

/// The key of a pair, the same for near-duplicates of both its texts.
pub fn pair_key(keys: &Keys) -> u64 {
    hash(0, &[keys.zh.to_le_bytes(), keys.en.to_le_bytes()].concat())
}

/// A hash that is the same on every machine and in every version of this program.
pub(super) fn hash(seed: u64, bytes: &[u8]) -> u64 {
    XxHash3_64::oneshot_with_seed(seed, bytes)
}

/// A normaliser of texts, which makes their keys.
pub struct Normaliser {
    /// Traditional characters with the simplified ones that stand for them.
    simplified: HashMap<char, char>,
    normal: String,
}

impl Normaliser {
    /// A normaliser with every Chinese character looked up once: a table of single characters is some fifty times as
    /// fast as conversion by phrases, and what differs between the two does not matter for a key.
    #[expect(clippy::new_without_default, reason = "it takes a while")]
    pub fn new() -> Self {
        let mut simplified = HashMap::new();
        let mut text = [0; 4];
        for from in ('\u{3400}'..='\u{9fff}').filter(|&c| is_han(c)) {
            let to = to_simplified(from.encode_utf8(&mut text));
            simplified.extend(to.chars().next().filter(|&to| to != from).map(|to| (from, to)));
        }
        Self { simplified, normal: String::new() }
    }

    /// The keys of a pair of texts.
    pub fn keys(&mut self, zh: &str, en: &str) -> Keys {
        Keys { zh: self.key(zh), en: self.key(en) }
    }

    fn key(&mut self, text: &str) -> u64 {
        self.normalise(text);
        // Texts without a letter or digit are told apart by what they are.
        hash(0, if self.normal.is_empty() { text.as_bytes() } else { self.normal.as_bytes() })
    }

    fn normalise(&mut self, text: &str) {
        self.normal.clear();
        for c in text.chars() {
            match if let '！'..='～' = c { char::from_u32(c as u32 - 0xFEE0).unwrap_or(c) } else { c } {
                c if c.is_ascii_alphanumeric() => self.normal.push(c.to_ascii_lowercase()),
                c if is_han(c) => self.normal.push(self.simplified.get(&c).copied().unwrap_or(c)),
                c if c.is_alphanumeric() => self.normal.extend(c.to_lowercase()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn near_duplicates_have_one_key_and_other_words_and_numbers_another() {
        let mut normaliser = Normaliser::new();
        for (first, second, alike) in [
            ("他明天到。", "他明天到", true),
            ("他说：“明天到！”", "他说 明天到", true),
            ("圖書館關門了。", "图书馆关门了。", true),
            ("ＡＢＣ１２３", "abc123", true),
            ("He arrives tomorrow.", "he  arrives,tomorrow", true),
            ("ÉTÉ", "été", true),
            ("……", "……", true),
            ("他明天到。", "他后天到。", false),
            ("In 2021 it rained.", "In 2022 it rained.", false),
            ("他们", "她们", false),
            ("？", "！", false),
        ] {
            assert_eq!(normaliser.key(first) == normaliser.key(second), alike, "{first} {second}");
        }
    }

    #[test]
    fn keys_are_the_same_in_every_version() {
        let mut normaliser = Normaliser::new();
        assert_eq!(
            normaliser.keys("他明天到。", "He arrives tomorrow."),
            Keys { zh: 0xef6c_60e3_f107_d73d, en: 0xc153_2428_524f_ba64 }
        );
    }

    proptest! {
        #[test]
        fn a_normal_form_is_its_own(text in any::<String>()) {
            let mut normaliser = Normaliser { simplified: HashMap::from([('門', '门')]), normal: String::new() };
            normaliser.normalise(&text);
            let normal = normaliser.normal.clone();
            normaliser.normalise(&normal);
            prop_assert_eq!(normaliser.normal, normal);
        }
    }
}
