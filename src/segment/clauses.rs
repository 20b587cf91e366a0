//! An over-long sentence → pieces that a translator can take, which put back together give the sentence.

use crate::{document::Span, lang::is_han};

/// Marks after which a sentence is cut, the better ones first: the first kind that leaves a piece of a fair length wins.
const MARKS: [&str; 3] = ["。！？；;!?…\n", "，,：:—", "、 \t）)”」』’\"\u{3000}"];

/// A piece shorter than the limit divided by this is too short to prefer its better mark.
const FAIR_SHARE: usize = 3;

/// Cuts `text` into pieces of at most `limit` characters (at least 1) that tile it, at the marks between clauses where
/// there are any, between words or characters where there are none. A short text is one piece; an empty one, none.
pub fn clauses(text: &str, limit: usize) -> Vec<Span> {
    let limit = limit.max(1);
    let mut pieces = Vec::new();
    let mut start = 0;
    while start < text.len() {
        let end = start + piece_length(&text[start..], limit);
        pieces.push(Span::new(start, end));
        start = end;
    }
    pieces
}

/// Bytes of the first piece of `text`, which is not empty.
fn piece_length(text: &str, limit: usize) -> usize {
    let Some((limit_at, _)) = text.char_indices().nth(limit) else { return text.len() };
    let window: Vec<(usize, char)> = text[..limit_at].char_indices().collect();
    let least = limit / FAIR_SHARE;
    let ends = |index: usize, marks: &str| {
        let (at, mark) = window[index];
        let following = text[at + mark.len_utf8()..].chars().next();
        let is_closing = |c: char| "”’」』）)".contains(c);
        let closed =
            window[..=index].iter().rev().map(|&(_, c)| c).find(|&c| !is_closing(c)).filter(|_| is_closing(mark));
        // `1,000`, `10:30` and `a;b` are no pauses, and a mark keeps the marks behind it: `？”`, `……`.
        (marks.contains(mark) || closed.is_some_and(|closed| marks.contains(closed)))
            && !(mark.is_ascii_punctuation() && following.is_some_and(|c| c.is_ascii_alphanumeric()))
            && !following.is_some_and(|c| "。！？；，、：…—”’」』）".contains(c))
    };
    let best = MARKS.iter().find_map(|marks| (least..window.len()).rev().find(|&index| ends(index, marks)));
    if let Some(index) = best {
        return window[index].0 + window[index].1.len_utf8();
    }
    // Rather between characters than inside a word or a number.
    let is_word = |c: char| (c.is_alphanumeric() && !is_han(c)) || matches!(c, ',' | '.');
    let next = text[limit_at..].chars().next().filter(|&c| is_word(c));
    let word_start = window.iter().rposition(|&(_, c)| !is_word(c)).map_or(0, |before| before + 1);
    match (next, window.get(word_start)) {
        (Some(_), Some(&(at, _))) if at > 0 => at,
        _ => limit_at,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pieces(text: &str, limit: usize) -> Vec<&str> {
        clauses(text, limit).into_iter().map(|span| span.of(text)).collect()
    }

    #[test]
    fn a_sentence_is_cut_at_its_best_marks() {
        let cases: [(&str, usize, &[&str]); 7] = [
            ("天黑了，雨停了。", 20, &["天黑了，雨停了。"]),
            ("天黑了，雨停了，我们走吧。", 8, &["天黑了，雨停了，", "我们走吧。"]),
            ("天黑了；雨停了，我们走吧。", 9, &["天黑了；", "雨停了，我们走吧。"]),
            ("苹果、梨、桃和葡萄都有卖", 8, &["苹果、梨、", "桃和葡萄都有卖"]),
            ("总共花了1,000元，很贵", 8, &["总共花了", "1,000元，", "很贵"]),
            ("他问：“走吗？”她说走", 8, &["他问：“走吗？”", "她说走"]),
            ("没有标点的长句子", 3, &["没有标", "点的长", "句子"]),
        ];
        for (text, limit, expected) in cases {
            assert_eq!(pieces(text, limit), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn pieces_tile_the_text_and_keep_the_limit(text in "([，。、a-c中文 ]|\\\\PC){0,60}", limit in 0_usize..20) {
            let mut at = 0;
            for piece in clauses(&text, limit) {
                prop_assert_eq!(piece.start, at);
                prop_assert!((1..=limit.max(1)).contains(&piece.of(&text).chars().count()));
                at = piece.end;
            }
            prop_assert_eq!(at, text.len());
        }
    }
}
