//! A document with both languages in one file → the paragraphs of each, and what belongs to neither.
//!
//! Every line is read on its own, so any order of the languages will do: two blocks, alternating paragraphs, a
//! Chinese line under each English one, or both on one line. Lines of digits go with what stands around them.

mod habits;
mod rows;

use self::habits::Habit;
pub(super) use self::habits::{side_by_side, stand_side_by_side};
use super::{
    Blocks, Layout, foreign,
    paragraphs::{self, Form},
    plain,
    script::{self, Reading},
};
use crate::{
    both::Both,
    document::{Aside, Original, Paragraph, SetAside, Span},
    text::{Lang, is_han},
};

/// A mixed document taken apart.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Chinese and English paragraphs, each in the order of the file.
    pub(super) paragraphs: Both<Vec<Paragraph>>,
    /// What is neither, in the order of the file.
    pub(super) set_aside: Vec<SetAside>,
}

/// A line, or one language's part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Piece {
    span: Span,
    block: usize,
    reading: Reading,
}

/// Takes a document apart.
pub(super) fn parts(original: &Original, blocks: &Blocks, layout: Layout) -> Parts {
    let text = &original.text;
    let mut parts = Parts { set_aside: blocks.set_aside.clone(), ..Parts::default() };
    let blocks = match layout {
        Layout::Prose => parts.take_tables(original, blocks),
        Layout::Lines => blocks.blocks.clone(),
    };
    let lines: Vec<&str> =
        (blocks.iter()).flat_map(|block| plain::lines(original, block.span)).map(|line| line.of(text)).collect();
    let habit = Habit::of(&lines);
    let mut pieces = Vec::new();
    for (block, span) in blocks.iter().map(|block| block.span).enumerate() {
        for line in plain::lines(original, span) {
            pieces.extend(by_language(text, line, habit).into_iter().map(|(span, reading)| Piece {
                span,
                block,
                reading,
            }));
        }
    }
    settle(&mut pieces, layout);

    let runs: Vec<&[Piece]> = pieces.chunk_by(|a, b| (a.block, a.reading) == (b.block, b.reading)).collect();
    let lines_of = |run: &[Piece]| run.iter().map(|piece| piece.span).collect::<Vec<Span>>();
    let form = |lang| {
        let of_lang = runs.iter().filter(|run| run[0].reading == Reading::In(lang));
        let lines: Vec<Vec<Span>> = of_lang.map(|run| lines_of(run)).collect();
        Form::of(text, lines.iter().map(Vec::as_slice), lang, layout)
    };
    let forms = Both::new(form(Lang::Zh), form(Lang::En));
    for run in runs {
        let lines = lines_of(run);
        match run[0].reading {
            Reading::In(lang) => {
                let heading = blocks[run[0].block].heading;
                let form = if lang == Lang::Zh { forms.source } else { forms.target };
                let spans = paragraphs::join(text, &lines, lang, form);
                let paragraphs = spans.into_iter().map(|span| Paragraph { span, heading, lang, row: None });
                parts.side(lang).extend(paragraphs);
            }
            Reading::Foreign | Reading::Either => {
                let aside = |line: Span| SetAside { span: line.trim(text), kind: Aside::Foreign };
                parts.set_aside.extend(lines.into_iter().map(aside));
            }
            // A line of signs says nothing that could be lost.
            Reading::Rule => {}
        }
    }
    parts.set_aside.sort_unstable_by_key(|aside| aside.span);
    parts.paragraphs.source.sort_unstable_by_key(|paragraph| paragraph.span);
    parts.paragraphs.target.sort_unstable_by_key(|paragraph| paragraph.span);
    parts.open_rows(text);
    parts
}

impl Parts {
    fn side(&mut self, lang: Lang) -> &mut Vec<Paragraph> {
        match lang {
            Lang::Zh => &mut self.paragraphs.source,
            Lang::En => &mut self.paragraphs.target,
        }
    }
}

/// Gives lines of digits or punctuation to their neighbours: to the one before, unless only the one after stands in
/// the same block. Where every line is a sentence, a line of signs is one too.
fn settle(pieces: &mut [Piece], layout: Layout) {
    let open = |reading| match reading {
        Reading::Either => true,
        Reading::Rule => layout == Layout::Lines,
        Reading::In(_) | Reading::Foreign => false,
    };
    let mut following = vec![None; pieces.len()];
    let mut next = None;
    for (piece, following) in pieces.iter().zip(&mut following).rev() {
        *following = next;
        if matches!(piece.reading, Reading::In(_) | Reading::Foreign) {
            next = Some(*piece);
        }
    }
    let mut before: Option<Piece> = None;
    for (piece, after) in pieces.iter_mut().zip(following) {
        if open(piece.reading) {
            let beside = |other: &Piece| other.block == piece.block;
            let neighbour = before.filter(beside).or(after.filter(beside)).or(before).or(after);
            piece.reading = neighbour.map_or(Reading::Either, |neighbour| neighbour.reading);
        }
        if matches!(piece.reading, Reading::In(_) | Reading::Foreign) {
            before = Some(*piece);
        }
    }
}

/// Words that an English part of a line must have: names and abbreviations inside Chinese are shorter.
const ENGLISH_WORDS: usize = 3;

/// Words that suffice where one of them is grammar, or an exclamation or question mark ends them: `I left.`
const ENGLISH_WORDS_OF_A_SENTENCE: usize = 2;

/// Words that an English title behind a Chinese one must have, one of them a function word.
const ENGLISH_WORDS_OF_A_TITLE: usize = 4;

/// Characters that a Chinese part of a line must have.
const CHINESE_CHARACTERS: usize = 2;

/// The parts of a line by language; one, unless both languages have a substantial part of it, or the file has a habit.
fn by_language(text: &str, line: Span, habit: Habit) -> Vec<(Span, Reading)> {
    if let Some(parts) = habit.parts(text, line) {
        return parts;
    }
    let content = line.of(text);
    let reading = script::read(content);
    if !content.contains(is_han) || !content.contains(|c: char| c.is_ascii_alphabetic()) {
        return vec![(line, reading)];
    }
    let is_row = content.contains('\t');
    let mut merged: Vec<(Span, Option<Reading>)> = Vec::new();
    for chunk in chunks(text, line) {
        let reading = substantial(chunk.of(text), is_row);
        match merged.last_mut() {
            Some((span, known)) if known.is_none() || reading.is_none() || *known == reading => {
                span.end = chunk.end;
                *known = known.or(reading);
            }
            _ => merged.push((chunk, reading)),
        }
    }
    if merged.len() > 1 {
        return merged.into_iter().map(|(span, known)| (span, known.unwrap_or(reading))).collect();
    }
    titles(text, line).unwrap_or_else(|| vec![(line, reading)])
}

/// The language of a part of a line that can stand alone.
fn substantial(chunk: &str, is_cell: bool) -> Option<Reading> {
    let reading = script::read(chunk);
    let words = script::words(chunk);
    let enough = match reading {
        Reading::In(Lang::Zh) => script::count_han(chunk) >= if is_cell { 1 } else { CHINESE_CHARACTERS },
        Reading::In(Lang::En) => {
            let is_sentence = chunk.trim_end().ends_with(['!', '?', '！', '？'])
                || words.iter().any(|word| foreign::is_english_function_word(word));
            let fewest = if is_sentence { ENGLISH_WORDS_OF_A_SENTENCE } else { ENGLISH_WORDS };
            words.len() >= if is_cell { 1 } else { fewest }
        }
        Reading::Foreign => true,
        Reading::Either | Reading::Rule => false,
    };
    enough.then_some(reading)
}

/// The line cut where the language may change: at tabs, and at ends of sentences outside of quotes and brackets where
/// the other script follows.
pub(super) fn chunks(text: &str, line: Span) -> Vec<Span> {
    let content = line.of(text);
    let mut chunks = Vec::new();
    let mut start = line.start;
    let mut depth = 0_usize;
    let mut ended = None;
    for (at, c) in content.char_indices() {
        let follows_end = match ended {
            Some('。' | '！' | '？' | '；' | '…') => c.is_ascii_alphanumeric() || matches!(c, '"' | '“'),
            Some('.' | '!' | '?') => is_han(c) || matches!(c, '“' | '「' | '《' | '（'),
            _ => false,
        };
        if c == '\t' || (depth == 0 && follows_end) {
            chunks.push(Span::new(start, line.start + at));
            start = line.start + at;
        }
        match c {
            '“' | '「' | '『' | '（' | '(' | '《' => depth += 1,
            '”' | '」' | '』' | '）' | ')' | '》' => depth = depth.saturating_sub(1),
            _ => {}
        }
        ended = match c {
            '。' | '！' | '？' | '；' | '…' | '.' | '!' | '?' => Some(c),
            // Between an end and the next sentence.
            '”' | '」' | '』' | '）' | ')' | '"' => ended,
            _ if c.is_whitespace() => ended,
            _ => None,
        };
    }
    chunks.push(Span::new(start, line.end));
    chunks.retain(|chunk| !chunk.trim(text).is_empty());
    chunks
}

/// A Chinese title and an English one on the same line: `年度报告 Report on the Year`.
fn titles(text: &str, line: Span) -> Option<Vec<(Span, Reading)>> {
    let content = line.of(text);
    let last_han = content.char_indices().rev().find(|&(_, c)| is_han(c))?.0;
    let cut = last_han + content[last_han..].find(char::is_whitespace)?;
    let (left, right) = (Span::new(line.start, line.start + cut), Span::new(line.start + cut, line.end));
    let words = script::words(right.of(text));
    let is_pair = script::words(left.of(text)).is_empty()
        && words.len() >= ENGLISH_WORDS_OF_A_TITLE
        && words.iter().any(|word| foreign::is_english_function_word(word));
    is_pair.then(|| vec![(left, Reading::In(Lang::Zh)), (right, Reading::In(Lang::En))])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::document::{ByteMap, Original};

    /// The paragraphs of a document: Chinese, English, set aside.
    fn apart(text: &str, layout: Layout) -> [Vec<String>; 3] {
        let original = Original::new("a", text, ByteMap::shifted(0));
        let parts = parts(&original, &plain::blocks(&original), layout);
        let texts = |spans: Vec<Span>| spans.into_iter().map(|span| span.of(text).to_owned()).collect();
        let spans = |paragraphs: Vec<Paragraph>| paragraphs.into_iter().map(|paragraph| paragraph.span).collect();
        [
            texts(spans(parts.paragraphs.source)),
            texts(spans(parts.paragraphs.target)),
            texts(parts.set_aside.into_iter().map(|aside| aside.span).collect()),
        ]
    }

    fn check(text: &str, zh: &[&str], en: &[&str], set_aside: &[&str]) {
        assert_eq!(apart(text, Layout::Prose), [zh, en, set_aside].map(<[&str]>::to_vec), "{text}");
    }

    #[test]
    fn any_order_of_the_languages_will_do() {
        let (zh, en) = (["春天来了。", "花开了。"], ["Spring has come.", "The flowers are out."]);
        let layouts = [
            "Spring has come.\n\nThe flowers are out.\n\n春天来了。\n\n花开了。\n",
            "　　春天来了。\n　　花开了。\nSpring has come.\nThe flowers are out.\n",
            "春天来了。\n\nSpring has come.\n\n花开了。\n\nThe flowers are out.\n",
            "Spring has come.\n春天来了。\nThe flowers are out.\n花开了。",
            "春天来了。 Spring has come.\n花开了。The flowers are out.",
            "Spring has come. 春天来了。\r\nThe flowers are out.\t花开了。",
            "春天来了。 Spring has come. 花开了。 The flowers are out.",
        ];
        for layout in layouts {
            check(layout, &zh, &en, &[]);
        }
    }

    #[test]
    fn headings_and_bylines_go_to_their_language() {
        check(
            "港口重新开放\nPort Reopens\n\n记者 Tom Lee 报道\nBy Tom Lee\n\n港口周一重新开放。\nThe port reopened on Monday.\n",
            &["港口重新开放", "记者 Tom Lee 报道", "港口周一重新开放。"],
            &["Port Reopens", "By Tom Lee", "The port reopened on Monday."],
            &[],
        );
        check("年度报告 Report on the Year", &["年度报告"], &["Report on the Year"], &[]);
    }

    #[test]
    fn digits_go_with_the_lines_around_them() {
        check("春天。\n2022\n\n2023\nSpring.\n", &["春天。", "2022"], &["2023", "Spring."], &[]);
        check("Spring.\n\n春天。\n\n2022", &["春天。", "2022"], &["Spring."], &[]);
        check("1\n\n春天。", &["1", "春天。"], &[], &[]);
        check("1984", &[], &[], &["1984"]);
    }

    #[test]
    fn signs_are_dropped_and_other_languages_set_aside() {
        check("春天。\n***\nSpring.\n\n----\n", &["春天。"], &["Spring."], &[]);
        check(
            "春天。\n\nВесна.\n12\n\n春が来ました。\nSpring.",
            &["春天。"],
            &["Spring."],
            &["Весна.", "12", "春が来ました。"],
        );
    }

    #[test]
    fn a_line_is_cut_only_where_both_languages_have_a_sentence() {
        let whole = [
            "他说：“我不去。” Tom 走了。",
            "他用的是 Windows。OK！",
            "这部电影由 Tom Lee Jr. 主演。",
            "他说：“我爱你。I love you so much.”然后走了。",
            "总部设在 U.S. 的公司",
        ];
        for line in whole {
            check(line, &[line], &[], &[]);
        }
        check("你好，世界！Hello World!", &["你好，世界！"], &["Hello World!"], &[]);
        check("我走了。I left.", &["我走了。"], &["I left."], &[]);
        check("苹果\tapple\n梨\tpear", &["苹果", "梨"], &["apple", "pear"], &[]);
    }

    #[test]
    fn a_line_of_any_length_is_gone_through_once() {
        for (piece, zh, en) in [
            ("春天来了。 Spring has come. ", 40_000, 40_000),
            ("春天来了。（Spring has come.）", 40_000, 40_000),
            ("春天来了。（花开了。）", 1, 0),
            ("Spring (has come). ", 0, 1),
        ] {
            let [source, target, set_aside] = apart(&piece.repeat(40_000), Layout::Prose);
            assert_eq!((source.len(), target.len(), set_aside.len()), (zh, en, 0), "{piece}");
        }
    }

    #[test]
    fn rows_of_a_table_are_known_unless_it_parts_a_text_from_its_translation() {
        let table = "猫\tcat\n狗\tdog\n鱼\tfish\n";
        let rows = |text: &str| {
            let original = Original::new("a", text, ByteMap::shifted(0));
            let parts = parts(&original, &plain::blocks(&original), Layout::Prose);
            parts.paragraphs.map(|side| side.into_iter().map(|it| it.row).collect::<Vec<_>>())
        };
        let [(before_zh, before_en), (after_zh, after_en)] =
            [("动物在花园里。", "The animals are in the garden."), ("它们睡着了。", "They are asleep.")];
        let beside = rows(&format!("{before_zh}\n{before_en}\n\n{table}\n{after_zh}\n{after_en}\n"));
        let expected = vec![None, Some(1), Some(2), Some(3), None];
        assert_eq!(beside, Both::new(expected.clone(), expected));
        let between = rows(&format!("{before_zh}{after_zh}\n\n{table}\n{before_en} {after_en}\n"));
        assert_eq!(between.map(|rows| rows.iter().flatten().count()), Both::new(0, 0));
    }

    #[test]
    fn where_lines_are_sentences_nothing_is_dropped() {
        let [zh, en, set_aside] = apart("春天。\n***\n花\nSpring.\n\nFlowers.\n2\n", Layout::Lines);
        assert_eq!(zh, ["春天。\n***\n花"]);
        assert_eq!(en, ["Spring.", "Flowers.\n2"]);
        assert!(set_aside.is_empty());
    }

    /// Lines of both languages, of others and of none.
    fn texts() -> impl Strategy<Value = String> {
        let part = prop_oneof![
            3 => "[春天来了花开。！，“”（）]{1,8}",
            3 => "([a-zA-Z]{1,7}[ .,!?\"\t]){1,6}",
            1 => "[0-9 .*=-]{1,6}",
            1 => "[\n\r \u{3000}]{1,3}",
            1 => any::<String>(),
        ];
        prop::collection::vec(part, 0..20).prop_map(|parts| parts.concat())
    }

    proptest! {
        #[test]
        fn every_letter_and_digit_is_on_one_side_or_set_aside(text in texts()) {
            let original = Original::new("a", text.as_str(), ByteMap::shifted(0));
            for layout in [Layout::Prose, Layout::Lines] {
                let Parts { paragraphs: Both { source, target }, set_aside } =
                    parts(&original, &plain::blocks(&original), layout);
                let sides = source.iter().chain(&target).map(|paragraph| paragraph.span);
                let mut spans: Vec<Span> = sides.chain(set_aside.into_iter().map(|aside| aside.span)).collect();
                spans.sort_unstable();
                let mut at = 0;
                for span in spans {
                    prop_assert!(at <= span.start, "spans overlap");
                    prop_assert!(!span.is_empty() && span.trim(&text) == span);
                    prop_assert!(!text[at..span.start].contains(char::is_alphanumeric), "text is lost");
                    at = span.end;
                }
                prop_assert!(!text[at..].contains(char::is_alphanumeric), "text is lost at the end");
            }
        }
    }
}
