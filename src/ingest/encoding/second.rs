//! A second encoding in a file: stretches of UTF-8 among text of another encoding, as files have that were put together.
//!
//! In the other encoding they are valid, but rare characters, so that nobody would be told of them.

use encoding_rs::{Encoding, UTF_8};

use super::plausibility_of;
use crate::error::{Error, Result};

/// The least characters of three or more bytes by which a stretch is known as UTF-8. A character of another encoding that
/// happens to be valid UTF-8 is one of two bytes, mostly.
const LEAST: usize = 2;

/// By how much UTF-8 must be the more plausible reading, in mean points. In 874 texts in GB18030 or Big5 no stretch came to
/// it; of 10,438 lines of such texts in UTF-8, 10,390 did.
const MARGIN: f64 = 2.0;

/// Checks that nothing of `bytes`, which are taken for `encoding`, is plainly UTF-8. Fails, in the name of the file, with
/// the first such stretch.
pub(super) fn check(name: &str, encoding: &'static Encoding, bytes: &[u8]) -> Result<()> {
    let Some(offset) = utf_8_within(encoding, bytes) else { return Ok(()) };
    let line = bytes[..offset].split(|&byte| byte == b'\n').count();
    Err(Error::Encodings { path: name.to_owned(), encoding: encoding.name(), line, offset })
}

/// The place of the first stretch of `bytes`, which are taken for `encoding`, that is plainly UTF-8.
pub(crate) fn utf_8_within(encoding: &'static Encoding, bytes: &[u8]) -> Option<usize> {
    if !encoding.is_ascii_compatible() || encoding == UTF_8 {
        return None;
    }
    let mut at = 0;
    for chunk in bytes.utf8_chunks() {
        for line in chunk.valid().split_inclusive('\n') {
            if is_utf_8(encoding, line) {
                return Some(at + line.find(|c: char| !c.is_ascii()).unwrap_or(0));
            }
            at += line.len();
        }
        at += chunk.invalid().len();
    }
    None
}

fn is_utf_8(encoding: &'static Encoding, line: &str) -> bool {
    let in_points = |encoding| plausibility_of(encoding, line.as_bytes()).beyond_ascii();
    line.chars().filter(|c| c.len_utf8() >= 3).nth(LEAST - 1).is_some()
        && in_points(UTF_8) >= in_points(encoding) + MARGIN
}

#[cfg(test)]
mod tests {
    use encoding_rs::{BIG5, GB18030, WINDOWS_1252};

    use super::*;
    use crate::ingest::encoding::decode;

    const SIMPLIFIED: &str = "今天下午，两国代表在北京签署了合作协议。\nTom 说：“很好！”\n";
    const TRADITIONAL: &str = "今天下午，兩國代表在臺北簽署了合作協議。\nTom 說：「很好！」\n";

    /// What is said of a file.
    fn said(parts: &[&[u8]]) -> String {
        decode("a.txt", &parts.concat()).map_or_else(|error| error.to_string(), |original| original.text)
    }

    #[test]
    fn a_stretch_of_utf_8_is_told_with_its_place() {
        for (encoding, text) in [(GB18030, SIMPLIFIED), (BIG5, TRADITIONAL)] {
            let other = &encoding.encode(text).0;
            let (half, lines) = (other.len(), 2 * text.matches('\n').count());
            let name = encoding.name();
            let second = said(&[other, other, text.as_bytes()]);
            assert_eq!(
                second,
                format!(
                    "cannot decode `a.txt`: it is {name}, but what begins in line {}, at byte {}, is UTF-8",
                    lines + 1,
                    2 * half
                )
            );
            let first = said(&[text.as_bytes(), other, other, other]);
            assert!(first.contains("what begins in line 1, at byte 0, is UTF-8"), "{first}");
            // On one line, without a break between them.
            let joined = other.strip_suffix(b"\n").unwrap();
            let joined = said(&[joined, joined, joined, text.as_bytes()]);
            assert!(joined.contains("is UTF-8"), "{joined}");
            let quoted = said(&[other, other, "He said “yes”.\n".as_bytes(), other]);
            assert!(quoted.contains("is UTF-8"), "{quoted}");
        }
    }

    #[test]
    fn an_encoding_that_is_declared_must_be_that_of_all_of_it() {
        let page = ["<meta charset=gbk><p>".as_bytes(), &GB18030.encode(SIMPLIFIED).0, SIMPLIFIED.as_bytes()].concat();
        let said = super::super::decode_declared("a.html", &page, Some(GB18030)).unwrap_err().to_string();
        assert!(said.contains("what begins in line 3"), "{said}");
    }

    #[test]
    fn one_encoding_is_nothing_to_be_told() {
        for text in
            [SIMPLIFIED, "朱镕基㐂𠮷，é与ü。", "联通", "他说“好”。", "《》、（）：；", "①②③ⅠⅡ±×÷", "АБВ αβγ ぁあ"]
        {
            let bytes = &GB18030.encode(text).0;
            assert_eq!(utf_8_within(GB18030, bytes), None, "{text}");
        }
        for text in [TRADITIONAL, "「」『』、（）：；", "臺灣聯通"] {
            assert_eq!(utf_8_within(BIG5, &BIG5.encode(text).0), None, "{text}");
        }
        assert_eq!(utf_8_within(WINDOWS_1252, &WINDOWS_1252.encode("It’s a “café” – the résumé… àâ€™").0), None);
    }
}
