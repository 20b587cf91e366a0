//! The normalisation that a `SentencePiece` model was trained with: any text in, the text its pieces are cut from
//! out.
//!
//! A model file carries its rules as a table, mostly NFKC, with control characters left out and invisible ones made
//! spaces; models differ in these. The table is a double array as Darts-clone lays it out, a trie of the texts that are
//! replaced, and after it the replacements.

use crate::error::Cause;

/// The normalisation rules of one model.
pub(super) struct Normaliser {
    trie: Vec<u32>,
    /// The replacements, each of which ends with a zero; the trie says where it begins.
    replacements: String,
}

impl Normaliser {
    /// Reads the table of a model. One without a table changes nothing but white space. Fails if the table is
    /// damaged.
    pub(super) fn new(table: &[u8]) -> Result<Self, Cause> {
        let (size, table) = table.split_first_chunk().unwrap_or((&[0; 4], table));
        let trie_and_replacements = table.split_at_checked(u32::from_le_bytes(*size) as usize);
        let (trie, replacements) = trie_and_replacements.ok_or("its normalisation table is cut short")?;
        let units = trie.chunks_exact(4).map(|unit| u32::from_le_bytes([unit[0], unit[1], unit[2], unit[3]]));
        Ok(Self { trie: units.collect(), replacements: String::from_utf8(replacements.to_vec())? })
    }

    /// `text` in normal form, single spaces, none at the ends.
    pub(super) fn normalise(&self, text: &str) -> String {
        let mut normal = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (replacement, after) = self.replace(rest).unwrap_or_else(|| rest.split_at(first.len_utf8()));
            normal.push_str(replacement);
            rest = after;
        }
        normal.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
    }

    /// The replacement for the start of `text`, as much of it as there is a rule for, and the text after that.
    fn replace<'t>(&'t self, text: &'t str) -> Option<(&'t str, &'t str)> {
        let (length, place) = self.longest_match(text.as_bytes())?;
        let replacement = self.replacements.get(place..)?.split('\0').next()?;
        Some((replacement, text.get(length..)?))
    }

    /// Length of the longest text in the trie that `text` starts with, and its value.
    fn longest_match(&self, text: &[u8]) -> Option<(usize, usize)> {
        let unit = |node: u32| self.trie.get(node as usize).copied().map(Unit);
        let mut node = unit(0)?.offset();
        let mut longest = None;
        for (length, &byte) in (1..).zip(text) {
            node ^= u32::from(byte);
            let Some(here) = unit(node).filter(|unit| unit.label() == u32::from(byte)) else { break };
            node ^= here.offset();
            if here.ends_text() {
                longest = unit(node).map(|value| (length, value.value())).or(longest);
            }
        }
        longest
    }
}

/// A node of the double array; the bits are those of Darts-clone's `DoubleArrayUnit`.
#[derive(Clone, Copy)]
struct Unit(u32);

impl Unit {
    /// Whether a text ends here, its value being where the offset leads without a byte.
    fn ends_text(self) -> bool {
        self.0 >> 8 & 1 == 1
    }

    fn value(self) -> usize {
        (self.0 & 0x7fff_ffff) as usize
    }

    /// The byte that leads here; no byte at all for a value.
    fn label(self) -> u32 {
        self.0 & 0x8000_00ff
    }

    /// To be combined by exclusive or with the place of this node, and then with the next byte.
    fn offset(self) -> u32 {
        (self.0 >> 10) << ((self.0 & 1 << 9) >> 6)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;

    use super::*;
    use crate::tokenizer::sentencepiece::ModelFile;

    static BUNDLED: LazyLock<Normaliser> = LazyLock::new(|| {
        let content = include_bytes!("../../models/zh-en/source.spm");
        Normaliser::new(ModelFile::read(content).unwrap().normalisation).unwrap()
    });

    #[test]
    fn widths_ligatures_and_circled_digits_become_plain() {
        assert_eq!(BUNDLED.normalise("ＡＢＣ１２３，。！…①㎡ﬁ"), "ABC123,。!...1m2fi");
    }

    #[test]
    fn control_characters_vanish_and_invisible_ones_are_spaces() {
        assert_eq!(BUNDLED.normalise("a\u{1}b\u{7f}c\u{200b}d\u{feff}\u{feff}e\u{2581}f\tg"), "abc d e f g");
    }

    #[test]
    fn an_accent_joins_its_letter() {
        assert_eq!(BUNDLED.normalise("Zoe\u{308} e\u{301}"), "Zoë é");
    }

    #[test]
    fn the_fullwidth_tilde_stays() {
        assert_eq!(BUNDLED.normalise("３～５"), "3～5");
    }

    #[test]
    fn nothing_remains_of_white_space() {
        assert_eq!(BUNDLED.normalise(" \u{3000}\u{a0}\n"), "");
    }

    #[test]
    fn a_model_without_a_table_changes_only_white_space() {
        let plain = Normaliser::new(&[]).unwrap();
        assert_eq!(plain.normalise("  Ａ  ① "), "Ａ ①");
    }

    #[test]
    fn a_table_that_is_cut_short_is_refused() {
        assert!(Normaliser::new(&[8, 0, 0, 0, 1, 2, 3, 4]).is_err());
    }

    proptest! {
        #[test]
        fn a_damaged_table_does_no_harm(units in proptest::collection::vec(any::<u32>(), 0..600), text in ".{0,40}") {
            let trie: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
            let size = u32::try_from(trie.len()).unwrap().to_le_bytes();
            let table = [&size[..], &trie, "一\0b\0".as_bytes()].concat();
            Normaliser::new(&table).unwrap().normalise(&text);
        }
    }
}
