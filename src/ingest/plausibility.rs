//! The plausibility of a decoding: how much a character looks like running Chinese or Western text.
//!
//! A wrong decoding of Chinese gives valid characters too, but rare ones. Both national standards put
//! their everyday characters into a first plane (GB 2312 level 1: 3,755; Big5 level 1: 5,401), so membership there,
//! and in a short list of the most frequent characters, is asked for instead of carrying a frequency table.
//! The figures were set so that two to four characters suffice; the tests in `encoding` hold them to that.

use encoding_rs::{BIG5, GBK};

use crate::text::is_han;

/// The most frequent characters of modern Chinese, half of any running text, in both scripts.
const FREQUENT: &str = "的一是不了在人有我他这這个個们們中来來上大为為和国國地到以说說时時要就出会會可也你对對生能而子那得于於\
着著下自之年过過发發后後作里裡用道行所然家种種事成方多经經么麼去法学學如都同现現当當没沒动動面起看定天分还還进進好小部其些\
主样樣理心她本前开開但因只从從想实實日者意无無力它与與长長把机機十民第公此已工使情明性知全三又关關点點正业業外将將两兩高间\
間由问問很最重并物手应應向头頭文体體政美相见見被利什二等产產或新己制身果加西月话話合回特代内內信表化老给給世位次度门門任\
常先海通教儿兒原东東声聲提立及比员員解水名真论論处處走各入几幾口认認条條平系气氣题題活更别別打女变變四神总總何电電数數安\
少报報才结結反受目太量再感建务務做接必场場件计計管期市直资資命山金指许許统統区區保至形社便空决決治展科五基书書非听聽白";

/// The punctuation of both languages outside ASCII.
const PUNCTUATION: &str = "，。、；：？！“”‘’（）《》〈〉「」『』【】—…·–•\u{3000}\u{a0}";

const FREQUENT_POINTS: f64 = 4.0;
const PUNCTUATION_POINTS: f64 = 2.0;
const COMMON_POINTS: f64 = 1.0;
const FULL_WIDTH_POINTS: f64 = 1.0;
const RARE_POINTS: f64 = -2.0;
const FOREIGN_POINTS: f64 = -4.0;
const INVALID_POINTS: f64 = -6.0;
/// The points of an accented letter inside a Western word: less than any Chinese that makes sense.
const ACCENT_POINTS: f64 = 0.5;

/// The points of `c`, which is outside ASCII, in text that should be Chinese.
pub(super) fn chinese(c: char) -> f64 {
    if FREQUENT.contains(c) {
        FREQUENT_POINTS
    } else if PUNCTUATION.contains(c) {
        PUNCTUATION_POINTS
    } else if is_han(c) {
        match plane(c) {
            1 => COMMON_POINTS,
            2 => 0.0,
            _ => RARE_POINTS,
        }
    } else if ('\u{ff01}'..='\u{ff5e}').contains(&c) {
        FULL_WIDTH_POINTS
    } else {
        FOREIGN_POINTS
    }
}

/// The points of `c`, which is outside ASCII, in text that should be in windows-1252: punctuation, or an accented
/// letter with plain letters around it. Two such letters together are more likely one Chinese character.
pub(super) fn western(previous: char, c: char) -> f64 {
    if PUNCTUATION.contains(c) {
        PUNCTUATION_POINTS
    } else if previous.is_ascii() && c.is_alphabetic() {
        ACCENT_POINTS
    } else if previous.is_ascii() && "£€§©®™°".contains(c) {
        0.0
    } else {
        FOREIGN_POINTS
    }
}

/// The plane of the standards in which a character stands: 1 everyday, 2 less common; 3 in neither.
fn plane(c: char) -> u8 {
    let mut buffer = [0; 4];
    let character = &*c.encode_utf8(&mut buffer);
    let (gbk, _, not_in_gbk) = GBK.encode(character);
    let in_gb_2312 = !not_in_gbk && gbk.len() == 2 && gbk[0] >= 0xb0 && gbk[1] >= 0xa1;
    if in_gb_2312 && gbk[0] <= 0xd7 {
        return 1;
    }
    let (big5, _, not_in_big5) = BIG5.encode(character);
    let in_big5 = !not_in_big5 && big5.len() == 2;
    match big5.first() {
        Some(0xa4..=0xc6) if in_big5 => 1,
        Some(0xc9..=0xf9) if in_big5 => 2,
        _ if in_gb_2312 => 2,
        _ => 3,
    }
}

/// The points that a decoded text has collected.
#[derive(Debug, Default)]
pub(super) struct Plausibility {
    points: f64,
    ascii: usize,
    beyond_ascii: usize,
}

impl Plausibility {
    /// Counts a character; `points` count for it if it is outside ASCII.
    pub(super) fn add(&mut self, c: char, points: f64) {
        if c.is_ascii() && (!c.is_control() || c.is_ascii_whitespace()) {
            self.ascii += 1;
        } else {
            self.beyond_ascii += 1;
            self.points += if c.is_control() { INVALID_POINTS } else { points };
        }
    }

    /// Counts bytes that do not belong to the encoding.
    pub(super) fn add_invalid(&mut self) {
        self.beyond_ascii += 1;
        self.points += INVALID_POINTS;
    }

    /// Characters outside ASCII so far.
    pub(super) fn beyond_ascii_count(&self) -> usize {
        self.beyond_ascii
    }

    /// Mean points of the characters outside ASCII; 0 without any.
    pub(super) fn beyond_ascii(&self) -> f64 {
        self.points / self.beyond_ascii.max(1) as f64
    }

    /// Mean points of all characters, ASCII counted like everyday characters.
    pub(super) fn of_all(&self) -> f64 {
        (self.points + COMMON_POINTS * self.ascii as f64) / (self.ascii + self.beyond_ascii).max(1) as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_common_a_character_the_more_points_it_has() {
        let points = ['的', '。', '狗', '囹', '㐀', 'の'].map(chinese);
        assert!(points.is_sorted_by(|more, less| more > less), "{points:?}");
    }

    #[test]
    fn an_accent_counts_inside_a_word_only() {
        assert!(western('f', 'é') > 0.0);
        assert!(western('Ö', 'Ð') < 0.0);
        assert!(western('t', '’') > western('f', 'é'));
    }
}
