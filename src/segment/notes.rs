//! Marks of notes behind sentences: `end.[1]`, `end.[note 2]`, `。①`, `end.1`. They belong to the sentence before them.

use crate::text::is_han;

/// Characters of the longest note mark in brackets: `note 12`, `citation needed`.
const LONGEST_MARK: usize = 16;

/// `text` without the note marks it ends with: `end.[1]`, `end.[2, 3]`, `end.[a][note 1]`, `end.”1` where `numbered`.
pub(super) fn without(text: &str, numbered: bool) -> &str {
    let mut rest = text;
    while let Some(open) = rest.strip_suffix(']') {
        // Farther away there is no beginning of a mark, however long the text.
        let Some(at) = open.bytes().rev().take(LONGEST_MARK + 1).position(|byte| byte == b'[') else { break };
        let (before, mark) = open.split_at(open.len() - at);
        let is_mark = |c: char| c.is_alphanumeric() || matches!(c, ',' | ' ' | '-' | '–' | '.');
        if mark.is_empty() || !mark.chars().all(is_mark) {
            break;
        }
        rest = &before[..before.len() - 1];
    }
    if numbered {
        rest = rest.trim_end_matches(|c: char| c.is_ascii_digit());
    }
    if rest.ends_with(['.', '!', '?', '"', '”', '…']) { rest } else { text }
}

/// Bytes of the digits of a note mark.
const LONGEST_NOTE_NUMBER: usize = 2;

/// The ends of bare note marks, `end.1 Next`: digits right behind full stops that count up through the paragraph.
pub(super) fn numbers_in_english(text: &str) -> Vec<usize> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for (at, mark) in text.match_indices(['.', '!', '?']) {
        let before = text[..at].chars().next_back();
        let after = &text[at + mark.len()..];
        let digits = &after[..after.len() - after.trim_start_matches(|c: char| c.is_ascii_digit()).len()];
        let follows = after[digits.len()..].chars().next();
        let is_mark = (1..=LONGEST_NOTE_NUMBER).contains(&digits.len())
            && before.is_some_and(|c| c.is_alphabetic() || matches!(c, '"' | '”' | '’' | ')'))
            && follows.is_none_or(char::is_whitespace);
        if let (true, Ok(number)) = (is_mark, digits.parse()) {
            found.push((at + mark.len() + digits.len(), number));
        }
    }
    let counts_up = found.len() > 1 && found.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
    if counts_up { found.into_iter().map(|(end, _)| end).collect() } else { Vec::new() }
}

/// One past the note mark at `at`, if one stands there: `[1]`, `[注 1]`, `①`, `²`.
pub(super) fn mark_end(characters: &[char], at: usize) -> Option<usize> {
    let is_inside = |c: &char| c.is_alphanumeric() || matches!(c, ',' | '，' | ' ' | '-' | '–');
    match characters.get(at)? {
        '①'..='⑳' | '⓪' | '¹' | '²' | '³' | '⁰' | '⁴'..='⁹' => Some(at + 1),
        '[' | '［' => {
            let length = characters[at..].iter().take(LONGEST_MARK).position(|&c| c == ']' || c == '］')?;
            let is_mark = length > 1 && characters[at + 1..at + length].iter().all(is_inside);
            is_mark.then_some(at + length + 1)
        }
        _ => None,
    }
}

/// Where bare note marks begin: digits right behind `。` and its like, before a Chinese character, that count up through
/// the paragraph. A date or an amount may begin a sentence; one more in the next does not.
pub(super) fn numbers_in_chinese(characters: &[char]) -> Vec<usize> {
    let mut found: Vec<(usize, u32)> = Vec::new();
    for at in 1..characters.len() {
        // One more than a mark has is too long already, however many come.
        let digits = characters[at..].iter().take(LONGEST_NOTE_NUMBER + 1).take_while(|c| c.is_ascii_digit()).count();
        let follows = characters.get(at + digits);
        let is_mark = (1..=LONGEST_NOTE_NUMBER).contains(&digits)
            && matches!(characters[at - 1], '。' | '！' | '？' | '”' | '」')
            && follows.is_none_or(|&c| is_han(c) && !"年月日时点分个人名位只条元万亿岁次".contains(c));
        if is_mark {
            let number =
                characters[at..at + digits].iter().filter_map(|c| c.to_digit(10)).fold(0, |n, digit| 10 * n + digit);
            found.push((at, number));
        }
    }
    let counts_up = found.len() > 1 && found.windows(2).all(|pair| pair[1].1 == pair[0].1 + 1);
    if counts_up { found.into_iter().map(|(at, _)| at).collect() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use crate::segment::{en, zh};

    /// Checks that the text, without the bars, is cut where the bars are.
    fn check(case: &str, ends: fn(&str) -> Vec<usize>) {
        let text = case.replace('|', "");
        let mut marked = text.clone();
        for end in ends(&text).into_iter().rev().filter(|&end| end < text.len()) {
            marked.insert(end, '|');
        }
        assert_eq!(marked, case);
    }

    #[test]
    fn note_marks_stay_behind_their_sentences() {
        for case in [
            "这座桥建于1903年。[1]| 它后来被冲毁。[2][3]|现在是第三座。[注 1]",
            "桥漆成红色。1|没有人喜欢。2|所以是绿色的。",
            "他走了。①|她来了。²|下雨了。",
            "他来了。|3月下雪。|雪很大。",
            "据统计，有两万人过桥[4]。|夏天最多。[5]",
        ] {
            check(case, zh::sentence_ends);
        }
        for case in [
            "It was built in 1903.[1] |It burnt.[2][3] |It stands.[note 1] |So it is.[a]",
            "It was red.1 |Nobody liked it.2 |Now it is green.",
            "He said “no.”[4] |She left.",
            "Version 1.2 came. |Version 1.3 too.",
            "It rained.1 Nobody knew.",
        ] {
            check(case, en::sentence_ends);
        }
    }
}
