//! The segmenters: any text as the paragraphs of either language, by punctuation and by lines.

#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use mtalign::{
    document::{ByteMap, Original, Paragraph, Side, Span},
    segment::Segmentation,
    text::Lang,
};
use mtalign_fuzz::{choice, documents::check_side};

fuzz_target!(|data: &[u8]| {
    let Some((chosen, rest)) = choice(data, 4) else { return };
    let lang = if chosen & 1 == 0 { Lang::Zh } else { Lang::En };
    let segmentation = if chosen & 2 == 0 { Segmentation::Punctuation } else { Segmentation::Lines };
    let text = String::from_utf8_lossy(rest);
    let original = Arc::new(Original::new("a", text.as_ref(), ByteMap::shifted(0)));
    let mut paragraphs = Vec::new();
    let mut start = 0;
    for end in text.match_indices("\n\n").map(|(at, _)| at + 2).chain([text.len()]) {
        let span = Span::new(start, end).trim(&text);
        if !span.is_empty() {
            paragraphs.push(Paragraph { span, heading: false, lang, row: None });
        }
        start = end;
    }
    check_side(&Side { lang, original, paragraphs }, segmentation, Some(text.len()));
});
