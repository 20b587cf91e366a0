//! The splitting of a sentence that is too long for the model into parts that are not, at clauses where there are
//! any.
//!
//! The parts are neighbouring slices of the sentence, nothing between them, and are translated one by one.

/// The marks after which a clause may end, the better places first.
const CLAUSE_ENDS: [&[char]; 3] = [
    &['。', '！', '？', '；', '!', '?', ';', '…'],
    &['，', '：', ',', ':', '—'],
    &['、', ' ', '\u{3000}', '）', ')', '」', '』', '》', '”'],
];

/// Cuts `sentence` into parts of at most `budget` pieces, as `count` counts them, and about equally long. A single
/// character is never cut, however many pieces it has.
pub(crate) fn split<'t>(sentence: &'t str, budget: usize, count: &dyn Fn(&str) -> usize) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let mut open = vec![sentence];
    while let Some(part) = open.pop() {
        match (count(part) > budget).then(|| cut(part)).flatten() {
            Some(at) => open.extend([&part[at..], &part[..at]]),
            None => parts.push(part),
        }
    }
    parts
}

/// Where to cut a text in two: after the best clause mark near its middle, or else in the middle. `None` for a single
/// character.
fn cut(text: &str) -> Option<usize> {
    let middle = text.len() / 2;
    let near = |at: &usize| (text.len() / 4..=text.len() * 3 / 4).contains(at);
    for ends in CLAUSE_ENDS {
        let places = text.char_indices().filter(|(_, c)| ends.contains(c)).map(|(at, c)| at + c.len_utf8());
        if let Some(place) = places.filter(near).min_by_key(|at| at.abs_diff(middle)) {
            return Some(place);
        }
    }
    let boundaries = text.char_indices().map(|(at, _)| at).skip(1);
    boundaries.min_by_key(|at| at.abs_diff(middle))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn characters(text: &str) -> usize {
        text.chars().count()
    }

    #[test]
    fn a_sentence_within_the_budget_stays_whole() {
        assert_eq!(split("雨停了，我们出去走走。", 11, &characters), ["雨停了，我们出去走走。"]);
        assert_eq!(split("", 5, &characters), [""]);
    }

    #[test]
    fn clauses_are_cut_at_the_strongest_mark_near_the_middle() {
        let sentence = "雨停了，街上很安静；孩子们出来，踩着水坑。";
        assert_eq!(split(sentence, 12, &characters), ["雨停了，街上很安静；", "孩子们出来，踩着水坑。"]);
        assert_eq!(split(sentence, 6, &characters), ["雨停了，", "街上很安静；", "孩子们出来，", "踩着水坑。"]);
    }

    #[test]
    fn text_without_marks_is_cut_in_the_middle() {
        assert_eq!(split(&"水".repeat(8), 3, &characters), ["水水"; 4]);
    }

    #[test]
    fn a_single_character_is_never_cut() {
        assert_eq!(split("水火", 0, &characters), ["水", "火"]);
    }

    proptest! {
        #[test]
        fn parts_rebuild_the_sentence_within_the_budget(sentence in "[一-丐a-c，。；、 ]{0,80}", budget in 1_usize..30) {
            let parts = split(&sentence, budget, &characters);
            prop_assert_eq!(parts.concat(), sentence.as_str());
            prop_assert!(parts.iter().all(|part| characters(part) <= budget));
        }
    }
}
