//! The punctuation of a bead: where speech begins and ends, and how sentences close. A translator may change every
//! word, but seldom who speaks, who asks and who breaks off.

use super::{bead_features::ShortlistFeatures, shortlist_features::LexiconFeature};
use crate::{bead::Run, both::Both, document::Sentences, text::Lang, threads::of_each};

const CHINESE_OPENING: &str = "“‘「『\"";
const CHINESE_CLOSING: &str = "”’」』\"";
const ENGLISH_OPENING: &str = "“‘\"'";
const ENGLISH_CLOSING: &str = "”’\"'";

/// Marks after which a sentence goes on.
const PAUSES: &str = "，、：；,:;";

/// Adds the features of its punctuation to each bead.
pub fn add_punctuation(sentences: &Both<Sentences>, beads: &[Both<Run>], features: &mut [ShortlistFeatures]) {
    let marks = sentences.as_ref().map(|side| of_each(side.texts(), |text| Marks::of(text, side.lang)));
    for (&runs, features) in beads.iter().zip(features) {
        let (source, target) = (&marks.source[runs.source.range()], &marks.target[runs.target.range()]);
        match (source, target) {
            (source, []) => {
                let pauses = source.first().is_some_and(|marks| marks.ends_pausing);
                features.set(LexiconFeature::OmissionEndsComma, f64::from(pauses));
            }
            ([], target) => {
                let pauses = target.first().is_some_and(|marks| marks.ends_pausing);
                features.set(LexiconFeature::AdditionEndsComma, f64::from(pauses));
            }
            (source, target) => pair(Both::new(source, target), features),
        }
    }
}

fn pair(sides: Both<&[Marks]>, features: &mut ShortlistFeatures) {
    use LexiconFeature as F;
    let open = sides.map(|marks| marks.iter().map(|marks| marks.quotes_opened).sum::<i32>());
    features.set(F::QuotationDiffers, f64::from(open.source != open.target));
    features.set(F::QuotationAlike, f64::from(open.source == open.target && open.source != 0));
    features.set(F::SourceQuotation, f64::from(open.source != 0));
    features.set(F::TargetQuotation, f64::from(open.target != 0));
    features.set(F::DirectSpeech, f64::from(sides.source.iter().any(|marks| marks.introduces_speech)));

    let mut compare = |has: fn(&[Marks]) -> bool, [both, source, target]: [LexiconFeature; 3]| match (
        has(sides.source),
        has(sides.target),
    ) {
        (true, true) => features.set(both, 1.0),
        (true, false) => features.set(source, 1.0),
        (false, true) => features.set(target, 1.0),
        (false, false) => {}
    };
    let begins_quoted = |run: &[Marks]| run.first().is_some_and(|marks| marks.begins_quoted);
    compare(begins_quoted, [F::BothBeginQuote, F::SourceBeginsQuote, F::TargetBeginsQuote]);
    let ends_quoted = |run: &[Marks]| run.last().is_some_and(|marks| marks.ends_quoted);
    compare(ends_quoted, [F::BothEndQuote, F::SourceEndsQuote, F::TargetEndsQuote]);
    let asks = |run: &[Marks]| run.last().is_some_and(|marks| marks.asks);
    compare(asks, [F::BothAsk, F::SourceAsks, F::TargetAsks]);
    let exclaims = |run: &[Marks]| run.last().is_some_and(|marks| marks.exclaims);
    compare(exclaims, [F::BothExclaim, F::SourceExclaims, F::TargetExclaims]);
    let breaks_off = |run: &[Marks]| run.last().is_some_and(|marks| marks.breaks_off);
    compare(breaks_off, [F::BothBreakOff, F::SourceBreaksOff, F::TargetBreaksOff]);
    let pauses = |run: &[Marks]| run.last().is_some_and(|marks| marks.ends_pausing);
    compare(pauses, [F::BothEndComma, F::SourceEndsComma, F::TargetEndsComma]);
}

/// The marks of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a feature of its own")]
struct Marks {
    begins_quoted: bool,
    ends_quoted: bool,
    asks: bool,
    exclaims: bool,
    breaks_off: bool,
    ends_pausing: bool,
    introduces_speech: bool,
    /// The number of quotations that it opens and does not close, less those that it closes and did not open.
    quotes_opened: i32,
}

impl Marks {
    fn of(text: &str, lang: Lang) -> Self {
        let text = text.trim();
        let (opening, closing) = match lang {
            Lang::Zh => (CHINESE_OPENING, CHINESE_CLOSING),
            Lang::En => (ENGLISH_OPENING, ENGLISH_CLOSING),
        };
        let inside = text.trim_end_matches(|c: char| closing.contains(c) || "）)".contains(c) || c.is_whitespace());
        let last = inside.chars().next_back().unwrap_or(' ');
        Self {
            begins_quoted: text.starts_with(|c| opening.contains(c)),
            ends_quoted: text.ends_with(|c| closing.contains(c)),
            asks: "？?".contains(last),
            exclaims: "！!".contains(last),
            breaks_off: "…—".contains(last) || inside.ends_with("..") || (lang == Lang::En && last == '-'),
            ends_pausing: text.ends_with(|c| PAUSES.contains(c)),
            introduces_speech: text.contains("：“"),
            quotes_opened: match lang {
                Lang::Zh => chinese_quotes_opened(text),
                Lang::En => english_quotes_opened(text),
            },
        }
    }
}

fn chinese_quotes_opened(text: &str) -> i32 {
    let change = |c: char| match c {
        '“' | '「' => 1,
        '”' | '」' => -1,
        _ => 0,
    };
    text.chars().map(change).sum()
}

/// The number of quotations that an English text opens, less those that it closes. An apostrophe opens nothing: what
/// opens stands before a word, what closes stands behind one or behind a mark.
fn english_quotes_opened(text: &str) -> i32 {
    let characters: Vec<char> = text.chars().collect();
    let change = |(at, &c): (usize, &char)| {
        let before = at.checked_sub(1).map(|before| characters[before]);
        let after = characters.get(at + 1).copied();
        let starts = before.is_none_or(|before| before.is_whitespace() || "(—".contains(before))
            && after.is_some_and(|after| !after.is_whitespace());
        let ends = before.is_some_and(|before| before.is_alphanumeric() || ".,!?…—".contains(before))
            && after.is_none_or(|after| after.is_whitespace() || ",.;:!?)—".contains(after));
        i32::from(starts && ENGLISH_OPENING.contains(c)) - i32::from(ends && ENGLISH_CLOSING.contains(c))
    };
    characters.iter().enumerate().map(change).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_are_followed_over_sentences() {
        let cases = [
            ("他说：“我来了。", Lang::Zh, 1),
            ("你等着。”", Lang::Zh, -1),
            ("「好。」", Lang::Zh, 0),
            ("'I am here,' he said.", Lang::En, 0),
            ("'Wait for me.", Lang::En, 1),
            ("It's mine.'", Lang::En, -1),
            ("The dogs' bowl isn't full.", Lang::En, -1),
            ("(“Yes”)", Lang::En, 0),
        ];
        for (text, lang, expected) in cases {
            assert_eq!(Marks::of(text, lang).quotes_opened, expected, "{text}");
        }
    }

    #[test]
    fn the_end_is_looked_for_behind_quotes_and_brackets() {
        let ends = |text: &str, lang| {
            let marks = Marks::of(text, lang);
            [marks.asks, marks.exclaims, marks.breaks_off, marks.ends_pausing, marks.ends_quoted]
        };
        assert_eq!(ends("谁？”", Lang::Zh), [true, false, false, false, true]);
        assert_eq!(ends("走！）", Lang::Zh), [false, true, false, false, false]);
        assert_eq!(ends("可是……", Lang::Zh), [false, false, true, false, false]);
        assert_eq!(ends("But he..\"", Lang::En), [false, false, true, false, true]);
        assert_eq!(ends("Well, ", Lang::En), [false, false, false, true, false]);
        assert_eq!(ends("", Lang::En), [false; 5]);
    }
}
