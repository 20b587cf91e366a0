//! Clause segmentation: the stretches of a sentence of which one can ask by themselves whether they were translated.
//!
//! Cut at the marks between clauses, and in English, which has fewer of them, before conjunctions. What is too short to
//! be judged alone stays with its neighbour. In comes the text of a sentence, out come spans into it, in order, without
//! the marks and the white space between them.

use unicode_segmentation::UnicodeSegmentation;

use crate::{
    document::Span,
    text::{Lang, is_han},
};

/// Marks between clauses. A comma or colon of ASCII inside a number or a word (`1,000`, `10:30`) is none.
const MARKS: &str = "，,；;：:。！!？?…—–（）()";

/// What else is not part of a clause at its ends.
const EDGES: &str = ".、-“”\"‘’「」『』《》[]【】";

/// Words before which an English sentence is cut.
const CONJUNCTIONS: [&str; 14] = [
    "after", "although", "and", "because", "before", "but", "if", "though", "until", "when", "where", "which", "while",
    "who",
];

/// The size of the smallest clause, in Chinese characters and other words: below it, one word that is translated
/// freely already looks like an omission.
const LEAST_CHINESE: usize = 4;
const LEAST_ENGLISH: usize = 3;

/// The clauses of `text`: none where it has no letters or digits, otherwise at least one.
pub fn clauses(text: &str, lang: Lang) -> Vec<Span> {
    let least = match lang {
        Lang::Zh => LEAST_CHINESE,
        Lang::En => LEAST_ENGLISH,
    };
    // Counted while the text is gone through once: of marks alone there may be many, and no clause.
    let mut found: Vec<Span> = Vec::new();
    let (mut start, mut size) = (0, 0);
    let mut cut = |end: usize, size: &mut usize| {
        let is_enough = *size >= least;
        if is_enough {
            found.push(Span::new(start, end));
            (start, *size) = (end, 0);
        }
        is_enough
    };
    let is_inner = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    for (at, word) in text.split_word_bound_indices() {
        if lang == Lang::En && CONJUNCTIONS.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            cut(at, &mut size);
        }
        let is_chinese = word.contains(is_han);
        let mut is_counted = is_chinese;
        for (offset, c) in word.char_indices() {
            if is_han(c) || !is_counted && c.is_alphanumeric() {
                size += 1;
                is_counted = true;
            }
            if !MARKS.contains(c) {
                continue;
            }
            let (before, end) = (at + offset, at + offset + c.len_utf8());
            let is_enclosed = is_inner(text[..before].chars().next_back()) && is_inner(text[end..].chars().next());
            if !(c.is_ascii() && is_enclosed) && cut(end, &mut size) {
                is_counted = is_chinese;
            }
        }
    }
    cut(text.len(), &mut size);
    // What is left at the end is too short to stand alone.
    match found.last_mut() {
        Some(clause) => clause.end = text.len(),
        None => found.extend((size > 0).then(|| Span::new(0, text.len()))),
    }
    found.into_iter().map(|span| without_edges(span, text)).collect()
}

fn without_edges(span: Span, text: &str) -> Span {
    let is_edge = |c: char| c.is_whitespace() || MARKS.contains(c) || EDGES.contains(c);
    let covered = span.of(text);
    let start = span.start + (covered.len() - covered.trim_start_matches(is_edge).len());
    Span::new(start, start + covered.trim_matches(is_edge).len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_sentence_is_cut_between_its_clauses() {
        let cases: [(Lang, &str, &[&str]); 9] = [
            (Lang::Zh, "天已经黑了，雨还没有停；我们走吧。", &["天已经黑了", "雨还没有停", "我们走吧"]),
            (Lang::Zh, "然后，他把门锁上了，走了。", &["然后，他把门锁上了，走了"]),
            (Lang::Zh, "他问：“你们走吗？”她说不走", &["他问：“你们走吗", "她说不走"]),
            (Lang::Zh, "总共花了1,000元，确实很贵", &["总共花了1,000元", "确实很贵"]),
            (Lang::Zh, "苹果、梨和桃都有卖", &["苹果、梨和桃都有卖"]),
            (Lang::En, "It was dark, and the rain had not stopped.", &["It was dark", "and the rain had not stopped"]),
            (
                Lang::En,
                "Yes, he left at 10:30 (by the back door) because nobody was looking.",
                &["Yes, he left at 10:30", "by the back door", "because nobody was looking"],
            ),
            (Lang::En, "He left; she stayed.", &["He left; she stayed"]),
            (Lang::En, "“…”", &[]),
        ];
        for (lang, text, expected) in cases {
            let found: Vec<_> = clauses(text, lang).into_iter().map(|span| span.of(text)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    /// The number of Chinese characters and words of other scripts.
    fn size(text: &str) -> usize {
        let chinese = text.chars().filter(|&c| is_han(c)).count();
        chinese + text.unicode_words().filter(|word| !word.contains(is_han)).count()
    }

    /// The clauses, with what is between two cuts counted anew for each: the reference.
    fn counted_anew(text: &str, lang: Lang) -> Vec<Span> {
        let least = if lang == Lang::Zh { LEAST_CHINESE } else { LEAST_ENGLISH };
        let is_inner = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let mut cuts = Vec::new();
        for (at, word) in text.split_word_bound_indices() {
            cuts.extend((lang == Lang::En && CONJUNCTIONS.contains(&&*word.to_ascii_lowercase())).then_some(at));
            for (offset, mark) in word.char_indices().filter(|&(_, c)| MARKS.contains(c)) {
                let (start, end) = (at + offset, at + offset + mark.len_utf8());
                let is_enclosed = is_inner(text[..start].chars().next_back()) && is_inner(text[end..].chars().next());
                cuts.extend((!(mark.is_ascii() && is_enclosed)).then_some(end));
            }
        }
        let (mut found, mut start) = (Vec::<Span>::new(), 0);
        for end in cuts.into_iter().chain([text.len()]) {
            if size(&text[start..end]) >= least {
                found.push(Span::new(start, end));
                start = end;
            }
        }
        match found.last_mut() {
            Some(clause) => clause.end = text.len(),
            None => found.extend((size(text) > 0).then(|| Span::new(0, text.len()))),
        }
        found.into_iter().map(|span| without_edges(span, text)).collect()
    }

    proptest! {
        #[test]
        fn to_count_on_is_to_count_anew(text in "([，。：；,( )—…a-c1é中文 ]|and |10:30|1,000|a：b){0,60}") {
            for lang in [Lang::Zh, Lang::En] {
                prop_assert_eq!(clauses(&text, lang), counted_anew(&text, lang));
            }
        }

        #[test]
        fn clauses_are_in_order_and_lose_no_letter(text in "([，。：,( )a-c1中文 ]|and |\\PC){0,60}") {
            for lang in [Lang::Zh, Lang::En] {
                let found = clauses(&text, lang);
                let mut reached = 0;
                let mut between = String::new();
                for span in &found {
                    prop_assert!(reached <= span.start);
                    between += &text[reached..span.start];
                    reached = span.end;
                }
                between += &text[reached..];
                let has_letters = |text: &str| text.unicode_words().next().is_some();
                prop_assert!(!has_letters(&between), "{:?} leave {:?}", found, between);
            }
        }
    }
}
