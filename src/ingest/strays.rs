//! A text of one language → its paragraphs, and those that were left in the other language.
//!
//! A translator who skips a sentence leaves it as it was: English in the Chinese edition. It must not pass for Chinese,
//! where it would be paired with itself. Names, code and quotations are no such sentences, so that a stray must have
//! grammar and be alone on its line, or between the ends of sentences.

use super::{
    Block, Blocks, Layout, foreign, mixed,
    paragraphs::{self, Form},
    plain,
    script::{self, Reading},
};
use crate::{
    document::{Original, Paragraph, Span},
    text::{Lang, is_han},
};

/// Words of an English sentence that was left untranslated, one of them at least a function word.
const ENGLISH_WORDS: usize = 4;

/// Characters of a Chinese one: with Chinese grammar or punctuation, and without.
const CHINESE_CHARACTERS: usize = 4;
const CHINESE_CHARACTERS_WITHOUT_GRAMMAR: usize = 8;

/// The paragraphs of a text in `lang`.
pub(super) fn paragraphs(original: &Original, blocks: &Blocks, lang: Lang, layout: Layout) -> Vec<Paragraph> {
    let runs: Vec<Vec<Span>> = blocks.blocks.iter().map(|block| plain::lines(original, block.span)).collect();
    let form = Form::of(&original.text, runs.iter().map(Vec::as_slice), lang, layout);
    blocks.blocks.iter().flat_map(|block| of_block(original, block, lang, form)).collect()
}

/// The paragraphs of a block in `lang`.
pub(super) fn of_block(original: &Original, block: &Block, lang: Lang, form: Form) -> Vec<Paragraph> {
    let text = &original.text;
    let mut found = Vec::new();
    let lines = plain::lines(original, block.span);
    let pieces: Vec<(Span, Lang)> = lines.into_iter().flat_map(|line| pieces(text, line, lang, form)).collect();
    for run in pieces.chunk_by(|one, next| one.1 == next.1) {
        let (lines, lang): (Vec<Span>, _) = (run.iter().map(|piece| piece.0).collect(), run[0].1);
        let spans = paragraphs::join(text, &lines, lang, form);
        found.extend(spans.into_iter().map(|span| Paragraph { span, heading: block.heading, lang, row: None }));
    }
    found
}

/// A line, cut where a sentence of the other language begins or ends; whole where each line is a sentence.
fn pieces(text: &str, line: Span, lang: Lang, form: Form) -> Vec<(Span, Lang)> {
    let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
    let of = |chunk: Span| if is_stray(chunk.of(text), other) { other } else { lang };
    if form == Form::Lines {
        return vec![(line, of(line))];
    }
    let mut pieces: Vec<(Span, Lang)> = Vec::new();
    for chunk in mixed::chunks(text, line) {
        match pieces.last_mut() {
            Some((span, known)) if *known == of(chunk) => span.end = chunk.end,
            _ => pieces.push((chunk, of(chunk))),
        }
    }
    pieces
}

/// Whether a chunk is a sentence of `lang`, and nothing else.
fn is_stray(chunk: &str, lang: Lang) -> bool {
    match lang {
        Lang::En => {
            let words = script::words(chunk);
            !chunk.contains(is_han)
                && words.len() >= ENGLISH_WORDS
                && words.iter().any(|word| foreign::is_english_function_word(word))
                && script::read(chunk) == Reading::In(Lang::En)
        }
        Lang::Zh => {
            let fewest = if script::has_chinese_grammar(chunk) {
                CHINESE_CHARACTERS
            } else {
                CHINESE_CHARACTERS_WITHOUT_GRAMMAR
            };
            let (characters, words) = (script::count_han(chunk), script::words(chunk).len());
            characters >= fewest && characters > words && script::read(chunk) == Reading::In(Lang::Zh)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ByteMap;

    fn strays(text: &str, lang: Lang, layout: Layout) -> Vec<String> {
        let original = Original::new("a", text, ByteMap::shifted(0));
        let found = paragraphs(&original, &plain::blocks(&original), lang, layout);
        let strays = found.iter().filter(|paragraph| paragraph.lang != lang);
        strays.map(|paragraph| paragraph.span.of(text).to_owned()).collect()
    }

    #[test]
    fn a_sentence_that_was_left_in_the_other_language_is_a_paragraph_of_that() {
        let chinese = "水烧开了。\n\nThe kettle is on the stove.\n\n把茶叶放进去。Wait for five minutes. 然后倒茶。\n";
        let expected = ["The kettle is on the stove.", "Wait for five minutes."];
        assert_eq!(strays(chinese, Lang::Zh, Layout::Prose), expected);
        let english = "The water boils.\n把茶叶放进壶里。\nPour the tea. 等五分钟再喝。\n";
        assert_eq!(strays(english, Lang::En, Layout::Prose), ["把茶叶放进壶里。", "等五分钟再喝。"]);
        let lines = "水开了。\nThe kettle is on the stove.\n茶好了。Wait for it.\n";
        assert_eq!(strays(lines, Lang::Zh, Layout::Lines), ["The kettle is on the stove."]);
    }

    #[test]
    fn names_code_and_mentions_are_none() {
        for chinese in [
            "Ludwig van Beethoven\n",
            "npm install --save lantern\n",
            "他说“To be or not to be”，然后走了。\n",
            "参见 The Book of Tea（冈仓天心著）。\n",
            "WiFi 6E / 5G NR\n",
            "https://example.org/where-is-the-tea\n",
        ] {
            assert_eq!(strays(chinese, Lang::Zh, Layout::Prose), [""; 0], "{chinese}");
        }
        for english in [
            "The sign says 茶馆.\n",
            "Lu Xun (鲁迅) wrote it.\n",
            "北京\n",
            "See “红楼梦”, chapter 3.\n",
            "简体中文 | English\n",
        ] {
            assert_eq!(strays(english, Lang::En, Layout::Prose), [""; 0], "{english}");
        }
    }
}
