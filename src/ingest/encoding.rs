//! The bytes of a file → its text, in whichever encoding it was saved, and the way back from text to bytes.
//!
//! A byte-order mark decides. Without one, valid UTF-8 is UTF-8; then UTF-16 is tried; then the decoding that looks
//! most like text is taken among GB18030, Big5 and windows-1252 (English with curly quotes). A UTF-8 file with
//! damaged bytes stays a UTF-8 file and is refused with the place of the damage: GB18030 would read most of
//! it as rare characters, without a complaint. So is one of another encoding in which a stretch is UTF-8 ([`second`]).
//! Nothing is ever replaced or dropped.

mod second;

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

pub(crate) use self::second::utf_8_within;
use super::plausibility::{self, Plausibility};
use crate::{
    document::{ByteMap, Original},
    error::{Error, Result},
};

/// Above this share of control characters a valid UTF-8 file is no text. A stray control character is common in
/// scraped text; in binary formats that happen to be ASCII they are about half.
const CONTROL_SHARE: f64 = 0.3;

/// Mean plausibility from which bytes without a mark are taken for UTF-16: real text has 1 to 3, other files read
/// as UTF-16 are below 0.
const UTF_16_PLAUSIBLE: f64 = 0.5;

/// Mean plausibility below which no decoding is believed: real Chinese has 1 to 3, a wrong decoding -4 to 0.
const LEAST_PLAUSIBLE: f64 = -1.0;

/// Characters outside ASCII that are looked at to tell encodings apart; a page of text has about 1,000.
const SAMPLE: usize = 20_000;

/// Decodes a file. Fails on bytes that are no text, or that do not belong to the encoding of the rest.
pub(super) fn decode(name: &str, bytes: &[u8]) -> Result<Original> {
    decode_declared(name, bytes, None)
}

/// Decodes a file that may say itself in which encoding it is. It is believed where it is no UTF-8, which is declared
/// to be something else by mistake only, and where all of it can be read so.
pub(super) fn decode_declared(name: &str, bytes: &[u8], declared: Option<&'static Encoding>) -> Result<Original> {
    if is_utf_32(bytes) {
        return Err(utf_32(name));
    }
    let is_so = |encoding: &&'static Encoding| {
        std::str::from_utf8(bytes).is_err() && sequences(encoding, bytes).all(|sequence| sequence.decoded.is_some())
    };
    let (encoding, mark) = match (Encoding::for_bom(bytes), declared.filter(is_so)) {
        (Some(found), _) => found,
        (None, Some(declared)) => (declared, 0),
        (None, None) => (detect(name, bytes)?, 0),
    };
    let body = &bytes[mark..];
    if encoding == UTF_8 {
        let text = std::str::from_utf8(body).map_err(|e| invalid(name, encoding, mark + e.valid_up_to()))?;
        return Ok(Original::new(name, text, ByteMap::shifted(mark)));
    }
    second::check(name, encoding, bytes)?;
    let mut text = String::with_capacity(body.len() * 2);
    let mut widths = Vec::with_capacity(body.len());
    for Sequence { at, width, decoded } in sequences(encoding, body) {
        let decoded = decoded.ok_or_else(|| invalid(name, encoding, mark + at))?;
        text.push_str(&decoded);
        widths.push((decoded.len(), width));
    }
    Ok(Original::new(name, text, ByteMap::from_widths(mark, widths)))
}

/// Whether the mark at the beginning is that of UTF-32, the first half of which is UTF-16's.
pub(crate) fn is_utf_32(head: &[u8]) -> bool {
    [b"\xff\xfe\0\0", b"\0\0\xfe\xff"].iter().any(|mark| head.starts_with(*mark))
}

/// The error for a file in UTF-32.
pub(crate) fn utf_32(name: &str) -> Error {
    Error::NotRead {
        path: name.to_owned(),
        format: "text in UTF-32",
        instead: "save it as UTF-8, or convert it: `iconv -f UTF-32 -t UTF-8 FILE > NEW`",
    }
}

fn invalid(name: &str, encoding: &'static Encoding, offset: usize) -> Error {
    Error::Encoding { path: name.to_owned(), encoding: encoding.name(), offset }
}

/// The encoding of bytes without a byte-order mark. Fails, in the name of the file, where they are no text or none whose
/// encoding can be told.
pub(crate) fn detect(name: &str, bytes: &[u8]) -> Result<&'static Encoding> {
    let first_control = bytes.iter().position(|&byte| is_control(byte));
    let damage = match std::str::from_utf8(bytes) {
        Ok(text) => {
            let controls = bytes.iter().filter(|&&byte| is_control(byte)).count();
            if controls as f64 <= CONTROL_SHARE * text.chars().count() as f64 {
                return Ok(UTF_8);
            }
            bytes.len()
        }
        Err(error) => error.valid_up_to(),
    };
    let utf_16 = [UTF_16LE, UTF_16BE].map(|encoding| (plausibility_of(encoding, bytes).of_all(), encoding));
    if let Some((_, encoding)) = best(utf_16).filter(|&(plausible, _)| plausible >= UTF_16_PLAUSIBLE) {
        return Ok(encoding);
    }
    if let Some(offset) = first_control {
        return Err(Error::Binary { path: name.to_owned(), offset, byte: bytes[offset] });
    }
    if damaged_utf_8(bytes) {
        return Err(invalid(name, UTF_8, damage));
    }
    let candidates = [WINDOWS_1252, BIG5, GB18030];
    let candidates = candidates.map(|encoding| (plausibility_of(encoding, bytes).beyond_ascii(), encoding));
    match best(candidates) {
        Some((plausible, encoding)) if plausible >= LEAST_PLAUSIBLE => Ok(encoding),
        _ => Err(invalid(name, UTF_8, damage)),
    }
}

/// Whether most of what is not ASCII is valid UTF-8 of three or more bytes, which hardly occurs in other encodings.
fn damaged_utf_8(bytes: &[u8]) -> bool {
    let beyond_ascii = sequences(UTF_8, bytes).filter(|sequence| !bytes[sequence.at].is_ascii()).take(SAMPLE);
    let (mut valid, mut all) = (0, 0);
    for sequence in beyond_ascii {
        valid += usize::from(sequence.decoded.is_some() && sequence.width >= 3);
        all += 1;
    }
    valid * 2 >= all && valid > 0
}

fn best<const N: usize>(candidates: [(f64, &'static Encoding); N]) -> Option<(f64, &'static Encoding)> {
    candidates.into_iter().max_by(|(a, _), (b, _)| a.total_cmp(b))
}

/// Control bytes that no text has: all of C0 but tab, the line and page ends, and the end-of-file mark of DOS.
fn is_control(byte: u8) -> bool {
    byte < b' ' && !matches!(byte, b'\t' | b'\n' | 0x0b | 0x0c | b'\r' | 0x1a)
}

/// How much the bytes look like text when they are read in `encoding`.
fn plausibility_of(encoding: &'static Encoding, bytes: &[u8]) -> Plausibility {
    let western = encoding == WINDOWS_1252;
    let mut seen = Plausibility::default();
    let mut previous = ' ';
    for Sequence { decoded, .. } in sequences(encoding, bytes) {
        let Some(decoded) = decoded else {
            seen.add_invalid();
            continue;
        };
        for c in decoded.chars() {
            seen.add(c, if western { plausibility::western(previous, c) } else { plausibility::chinese(c) });
            previous = c;
        }
        if seen.beyond_ascii_count() >= SAMPLE {
            break;
        }
    }
    seen
}

/// The bytes of one character, or of one code for two characters (Big5 has four such).
struct Sequence<'a> {
    at: usize,
    width: usize,
    /// `None` where the bytes are not valid.
    decoded: Option<Cow<'a, str>>,
}

fn sequences<'a>(encoding: &'static Encoding, bytes: &'a [u8]) -> impl Iterator<Item = Sequence<'a>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = &bytes[at..];
        let width = sequence_width(encoding, rest)?.min(rest.len());
        let decoded = encoding.decode_without_bom_handling_and_without_replacement(&rest[..width]);
        // windows-1252 assigns its five empty places to control characters, which no text has.
        let decoded = decoded.filter(|text| !text.chars().any(|c| ('\u{80}'..='\u{9f}').contains(&c)));
        let smallest = if encoding == UTF_16LE || encoding == UTF_16BE { 2 } else { 1 };
        let width = if decoded.is_some() { width } else { smallest.min(rest.len()) };
        let sequence = Sequence { at, width, decoded };
        at += width;
        Some(sequence)
    })
}

/// How many bytes the sequence at the start of `rest` has by its first bytes; `None` at the end.
fn sequence_width(encoding: &'static Encoding, rest: &[u8]) -> Option<usize> {
    let first = *rest.first()?;
    let second = rest.get(1).copied().unwrap_or(0);
    Some(if encoding == UTF_16LE || encoding == UTF_16BE {
        let high = if encoding == UTF_16LE { second } else { first };
        if (0xd8..=0xdb).contains(&high) { 4 } else { 2 }
    } else if first < 0x80 || encoding == WINDOWS_1252 {
        1
    } else if encoding == GB18030 {
        match (first, second) {
            (0x80 | 0xff, _) => 1,
            (_, b'0'..=b'9') => 4,
            _ => 2,
        }
    } else if encoding == BIG5 {
        2
    } else {
        match first {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => 1,
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::Span;

    const SIMPLIFIED: &str = "今天下午，两国代表在北京签署了合作协议。\r\nTom 说：“很好！”";
    const TRADITIONAL: &str = "今天下午，兩國代表在臺北簽署了合作協議。\nTom 說：「很好！」";

    /// `encoding_rs` reads UTF-16 and does not write it.
    fn encode(encoding: &'static Encoding, text: &str) -> Vec<u8> {
        if encoding == UTF_16LE {
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else if encoding == UTF_16BE {
            text.encode_utf16().flat_map(u16::to_be_bytes).collect()
        } else {
            let (bytes, _, unmappable) = encoding.encode(text);
            assert!(!unmappable, "{text} has no form in {}", encoding.name());
            bytes.into_owned()
        }
    }

    fn text(bytes: &[u8]) -> String {
        decode("a.txt", bytes).unwrap().text
    }

    #[test]
    fn every_encoding_is_recognised_without_a_mark() {
        let cases = [
            (UTF_8, SIMPLIFIED),
            (UTF_8, TRADITIONAL),
            (UTF_16LE, SIMPLIFIED),
            (UTF_16BE, TRADITIONAL),
            (UTF_16LE, "An English line.\n"),
            (UTF_16BE, "An English line.\n"),
            (GB18030, SIMPLIFIED),
            (BIG5, TRADITIONAL),
            (WINDOWS_1252, "It’s a “café” – the résumé… is ready."),
        ];
        for (encoding, original) in cases {
            assert_eq!(text(&encode(encoding, original)), original, "in {}", encoding.name());
        }
    }

    #[test]
    fn a_few_characters_are_enough_to_tell_gb18030_from_big5() {
        let short = [
            "你好",
            "中国",
            "谢谢。",
            "北京市",
            "(完)",
            "第一章",
            "没有终点站",
            "春天来了",
            "《红楼梦》",
            "１９８４年",
        ];
        for simplified in short {
            assert_eq!(text(&encode(GB18030, simplified)), simplified);
        }
        let short = [
            "你好",
            "中國",
            "謝謝。",
            "臺北市",
            "（完）",
            "第一章",
            "沒有終點站",
            "春天來了",
            "《紅樓夢》",
            "「是。」",
        ];
        for traditional in short {
            assert_eq!(text(&encode(BIG5, traditional)), traditional);
        }
    }

    #[test]
    fn chinese_that_starts_after_pages_of_english_is_still_recognised() {
        let late = format!("{}{SIMPLIFIED}", "An English line.\n".repeat(10_000));
        assert_eq!(text(&encode(GB18030, &late)), late);
    }

    #[test]
    fn a_byte_order_mark_decides_and_is_not_text() {
        let marked: [(&[u8], &'static Encoding); 3] =
            [(b"\xef\xbb\xbf", UTF_8), (b"\xff\xfe", UTF_16LE), (b"\xfe\xff", UTF_16BE)];
        for (mark, encoding) in marked {
            let original = decode("a.txt", &[mark, &encode(encoding, SIMPLIFIED)].concat()).unwrap();
            assert_eq!(original.text, SIMPLIFIED);
            assert_eq!(original.file_bytes(Span::new(0, 3)).map(|bytes| bytes.start), Some(mark.len()));
        }
    }

    #[test]
    fn utf_32_is_refused_as_what_it_is() {
        let of = |bytes: fn(u32) -> [u8; 4]| "\u{feff}中文".chars().flat_map(|c| bytes(c.into())).collect::<Vec<_>>();
        for bytes in [of(u32::to_le_bytes), of(u32::to_be_bytes)] {
            let error = decode("a.txt", &bytes).unwrap_err();
            assert_eq!(error.to_string(), "cannot read `a.txt`: text in UTF-32 is not read");
        }
    }

    #[test]
    fn damaged_bytes_are_refused_with_their_place() {
        let mut gb18030 = encode(GB18030, SIMPLIFIED);
        let end = gb18030.len();
        gb18030.extend(b"\xff\n");
        let mut utf8 = SIMPLIFIED.as_bytes().to_vec();
        utf8.splice(6..6, [0xb8]);
        let mut utf16 = b"\xff\xfe".to_vec();
        utf16.extend(encode(UTF_16LE, "中"));
        utf16.extend([0x00, 0xd8]);
        let truncated = &TRADITIONAL.as_bytes()[..TRADITIONAL.len() - 1];
        let cases = [
            (gb18030.as_slice(), "gb18030", end),
            (utf8.as_slice(), "UTF-8", 6),
            (utf16.as_slice(), "UTF-16LE", 4),
            (truncated, "UTF-8", TRADITIONAL.len() - 3),
        ];
        for (bytes, expected, place) in cases {
            match decode("a.txt", bytes) {
                Err(Error::Encoding { encoding, offset, .. }) => assert_eq!((encoding, offset), (expected, place)),
                other => panic!("{expected}: {other:?}"),
            }
        }
    }

    #[test]
    fn binary_junk_is_refused_with_its_first_control_byte() {
        let cases: [(&[u8], usize, u8); 4] = [
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", 8, 0),
            (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00", 4, 2),
            (b"PK\x03\x04\x14\x00\x08\x08\xe9\xff", 2, 3),
            (b"\x00\x01\x02\x03", 0, 0),
        ];
        for (bytes, place, control) in cases {
            match decode("a.bin", bytes) {
                Err(Error::Binary { offset, byte, .. }) => assert_eq!((offset, byte), (place, control)),
                other => panic!("{bytes:?}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_stray_control_character_does_not_make_a_text_binary() {
        let stray = "中文\u{0}里混进了\u{7}控制字符。";
        assert_eq!(text(stray.as_bytes()), stray);
    }

    proptest! {
        #[test]
        fn every_character_is_found_again_in_the_file(words in prop::collection::vec("[中文的是a-z。，\n𠀀é]{1,6}", 1..20)) {
            for encoding in [UTF_8, UTF_16LE, UTF_16BE, GB18030, BIG5] {
                let mut text = format!("{}{}", "今天天氣很好，我們去公園。".repeat(9), words.concat());
                if encoding == BIG5 {
                    text.retain(|c| c != '𠀀' && c != 'é');
                }
                let bytes = encode(encoding, &text);
                let original = decode("a.txt", &bytes).unwrap();
                prop_assert_eq!(&original.text, &text);
                for (at, c) in text.char_indices() {
                    let place = original.file_bytes(Span::new(at, at + c.len_utf8())).unwrap();
                    let back = encoding.decode_without_bom_handling(&bytes[place]).0;
                    prop_assert_eq!(back, c.to_string());
                }
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = decode("a.bin", &bytes);
        }
    }
}
