//! Filters by language: what the sides are written in, and whether they are written at all.

use crate::{ingest, text::Lang};

/// The least share of a text's characters that must be letters, as in bicleaner-hardrules.
const LETTER_SHARE: f64 = 0.1;

/// Whether less than [`LETTER_SHARE`] of `text` is letters.
pub(super) fn is_symbols(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters as f64 <= LETTER_SHARE * text.chars().count() as f64
}

/// Whether `text` was decoded with the wrong encoding, or damaged before: it has the sign for unreadable bytes, or `Ã`
/// or `Â` before a sign that no word has there, as UTF-8 looks when it is read as Latin-1.
pub(super) fn is_badly_encoded(text: &str) -> bool {
    let is_lead = |c: char| matches!(c, 'Ã' | 'Â');
    let follows = |c: char| matches!(c, '\u{80}'..='\u{bf}' | '€' | '™' | '‚' | '„' | '†' | '‡' | '‰');
    text.contains('\u{FFFD}')
        || text.char_indices().any(|(at, c)| is_lead(c) && text[at + c.len_utf8()..].starts_with(follows))
}

/// Whether the Chinese side is Chinese and the English side English.
pub(super) fn are_right(zh: &str, en: &str) -> bool {
    ingest::language(zh) == Some(Lang::Zh) && ingest::language(en) == Some(Lang::En)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_hardly_letters() {
        for (text, expected) in
            [("*** 1984 ***", true), ("第1984页", false), ("12.5%", true), ("No. 5", false), ("……", true)]
        {
            assert_eq!(is_symbols(text), expected, "{text}");
        }
    }

    #[test]
    fn text_of_the_wrong_encoding_shows() {
        for (text, expected) in [
            ("cafÃ© au lait", true),
            ("Â© 2021", true),
            ("他明\u{FFFD}到。", true),
            ("São Paulo, SÃO PAULO", false),
            ("café", false),
        ] {
            assert_eq!(is_badly_encoded(text), expected, "{text}");
        }
    }

    #[test]
    fn sides_are_in_their_languages() {
        for (zh, en, expected) in [
            ("他明天到。", "He arrives tomorrow.", true),
            ("He arrives tomorrow.", "他明天到。", false),
            ("彼は明日着きます。", "He arrives tomorrow.", false),
            ("그는 내일 도착한다.", "He arrives tomorrow.", false),
            ("他明天到。", "Il arrive demain avec les enfants de sa sœur.", false),
            ("他明天到。", "Он приедет завтра.", false),
            ("用 Visual Studio Code 打开", "Open it in Visual Studio Code", true),
            ("《红楼梦》", "Dream of the Red Chamber (红楼梦)", true),
        ] {
            assert_eq!(are_right(zh, en), expected, "{zh} | {en}");
        }
    }
}
