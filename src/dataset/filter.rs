//! Filters: reasons not to train on a pair, by the names that bicleaner-hardrules gives them where it has them.
//!
//! The first filter that does not let a pair pass is its reason, in the order of [`Filter::ALL`]. Lengths are counted
//! in characters, for words are not written apart in Chinese. The limits are wide: what they take away is hardly ever
//! a good pair, and what they leave is not always one.

mod language;
pub(super) mod length;
mod markup;
mod repeats;

use std::{fmt, str::FromStr};

use super::{Candidate, key::Keys};
use crate::{
    both::Both,
    coverage::checks,
    document::{Check, Flaw},
    evidence::numbers_are_inconsistent,
    write::{UnknownName, find_named},
};

/// A filter: a reason to drop a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Filter {
    /// A side is empty.
    Empty,
    /// A side has more characters than a translator takes.
    TooLong,
    /// A side has fewer than two letters or digits.
    TooShort,
    /// One side is more than three times as long as its counterpart would be.
    LengthRatio,
    /// Both sides are the same text.
    Identical,
    /// Less than a tenth of a side are letters.
    OnlySymbols,
    /// A side has characters that stand for bytes which nobody could read.
    BadEncoding,
    /// A side has tags of HTML, XLIFF or their kind.
    HtmlTags,
    /// A side has entities of HTML.
    HtmlEntities,
    /// A side has marks of templates or of subtitles.
    Literals,
    /// The Chinese side is not Chinese, or the English side not English.
    WrongLanguage,
    /// A side says the same over and over.
    RepeatedWords,
    /// Each side has a number that the other side has not.
    NumberInconsistencies,
    /// A side has an address, a file name or a placeholder that the other side has not.
    UrlInconsistencies,
    /// A bracket of one side lacks its other half.
    PunctuationInconsistencies,
    /// A side has text that was left in the other language.
    Untranslated,
    /// The translation by which the pair was aligned is not to be trusted.
    FlawedTranslation,
    /// A side is a machine's translation that nobody has confirmed, as `align --fill-missing` writes them.
    MachineTranslated,
    /// The pair's confidence is too low.
    Confidence,
    /// The same pair came before, but for punctuation, white space, capitals and script.
    Duplicates,
    /// One of the pair's texts is in a split that is held out from this one.
    SharedTexts,
}

impl Filter {
    /// Every filter, in the order in which they look at a pair.
    pub const ALL: [Self; 21] = [
        Self::Empty,
        Self::TooLong,
        Self::TooShort,
        Self::LengthRatio,
        Self::Identical,
        Self::OnlySymbols,
        Self::BadEncoding,
        Self::HtmlTags,
        Self::HtmlEntities,
        Self::Literals,
        Self::WrongLanguage,
        Self::RepeatedWords,
        Self::NumberInconsistencies,
        Self::UrlInconsistencies,
        Self::PunctuationInconsistencies,
        Self::Untranslated,
        Self::FlawedTranslation,
        Self::MachineTranslated,
        Self::Confidence,
        Self::Duplicates,
        Self::SharedTexts,
    ];

    /// The name of the filter: that of the rule in bicleaner-hardrules for those down to
    /// [`Self::NumberInconsistencies`]. [`Self::HtmlTags`] is the `HtmlTagFilter` of OpusCleaner and OpusFilter; for
    /// entities neither has one.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "no_empty",
            Self::TooLong => "not_too_long",
            Self::TooShort => "not_too_short",
            Self::LengthRatio => "length_ratio",
            Self::Identical => "no_identical",
            Self::OnlySymbols => "no_only_symbols",
            Self::BadEncoding => "no_bad_encoding",
            Self::HtmlTags => "no_html_tags",
            Self::HtmlEntities => "no_html_entities",
            Self::Literals => "no_literals",
            Self::WrongLanguage => "no_wrong_language",
            Self::RepeatedWords => "no_repeated_words",
            Self::NumberInconsistencies => "no_number_inconsistencies",
            Self::UrlInconsistencies => "no_url_inconsistencies",
            Self::PunctuationInconsistencies => "no_punctuation_inconsistencies",
            Self::Untranslated => "no_untranslated",
            Self::FlawedTranslation => "no_flawed_translation",
            Self::MachineTranslated => "no_machine_translation",
            Self::Confidence => "confidence",
            Self::Duplicates => "no_duplicates",
            Self::SharedTexts => "no_shared_texts",
        }
    }

    /// A description of what the filter drops, for people.
    pub fn drops(self) -> &'static str {
        match self {
            Self::Empty => "a side is empty",
            Self::TooLong => "a side is too long for a translator",
            Self::TooShort => "a side has fewer than two letters or digits",
            Self::LengthRatio => "a side is over three times as long as its counterpart would be",
            Self::Identical => "both sides are the same text",
            Self::OnlySymbols => "less than a tenth of a side are letters",
            Self::BadEncoding => "a side has characters that stand for unreadable bytes",
            Self::HtmlTags => "a side has tags (`<b>`)",
            Self::HtmlEntities => "a side has entities (`&nbsp;`)",
            Self::Literals => "a side has marks of templates or subtitles (`{{…}}`, `{\\an8}`)",
            Self::WrongLanguage => "a side is not in its language",
            Self::RepeatedWords => "a side says the same over and over",
            Self::NumberInconsistencies => "each side has a number that the other has not",
            Self::UrlInconsistencies => "a side has an address, a file name or a placeholder that the other has not",
            Self::PunctuationInconsistencies => "a bracket of one side lacks its other half",
            Self::Untranslated => "a side has text that was left in the other language",
            Self::FlawedTranslation => "the translation by which it was aligned is flawed",
            Self::MachineTranslated => "a side is a machine's translation",
            Self::Confidence => "the confidence is too low",
            Self::Duplicates => "the pair came before, but for punctuation, capitals and script",
            Self::SharedTexts => "a text of it is in a split that is held out from its own",
        }
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Filter {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        find_named("filter", &Self::ALL, Self::name, name)
    }
}

/// The first filter that rejects `pair`, of those that look at one pair alone and are not `skipped`.
pub(super) fn rejecting(pair: &Candidate, keys: &Keys, min_confidence: f64, skipped: &[Filter]) -> Option<Filter> {
    let Candidate { zh, en, confidence, flaw, is_draft, .. } = pair;
    // What the checks of coverage find.
    let has = |check: Check| !checks::of_pair(Both::new(zh, en), [check].into_iter().collect()).is_empty();
    Filter::ALL.into_iter().filter(|filter| !skipped.contains(filter)).find(|filter| match filter {
        Filter::Empty => zh.is_empty() || en.is_empty(),
        Filter::TooLong => length::is_too_long(zh, en),
        Filter::TooShort => length::is_too_short(zh) || length::is_too_short(en),
        Filter::LengthRatio => !length::are_alike(zh, en),
        Filter::Identical => keys.zh == keys.en,
        Filter::OnlySymbols => language::is_symbols(zh) || language::is_symbols(en),
        Filter::BadEncoding => language::is_badly_encoded(zh) || language::is_badly_encoded(en),
        Filter::HtmlTags => markup::has_tags(zh) || markup::has_tags(en),
        Filter::HtmlEntities => markup::has_entities(zh) || markup::has_entities(en),
        Filter::Literals => markup::has_literals(zh) || markup::has_literals(en),
        Filter::WrongLanguage => !language::are_right(zh, en),
        Filter::RepeatedWords => repeats::in_chinese(zh) || repeats::in_english(en),
        Filter::NumberInconsistencies => numbers_are_inconsistent(zh, en),
        Filter::UrlInconsistencies => has(Check::Url),
        Filter::PunctuationInconsistencies => has(Check::Punctuation),
        Filter::Untranslated => has(Check::Untranslated),
        Filter::FlawedTranslation => flaw.is_some_and(Flaw::is_of_form),
        Filter::MachineTranslated => *is_draft,
        Filter::Confidence => confidence.is_some_and(|confidence| confidence < min_confidence),
        Filter::Duplicates | Filter::SharedTexts => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{dataset::key::Normaliser, document::Flaw};

    fn candidate(zh: &str, en: &str) -> Candidate {
        let (zh, en) = (zh.to_owned(), en.to_owned());
        Candidate { zh, en, confidence: Some(0.9), doc: "d".into(), line: None, flaw: None, is_draft: false }
    }

    fn rejected(pair: &Candidate, skipped: &[Filter]) -> Option<Filter> {
        let keys = Normaliser::new().keys(&pair.zh, &pair.en);
        rejecting(pair, &keys, 0.5, skipped)
    }

    #[test]
    fn each_filter_has_its_reason() {
        let long = "这条路很长。".repeat(100);
        for (zh, en, expected) in [
            ("他明天到。", "He arrives tomorrow.", None),
            ("", "He arrives tomorrow.", Some(Filter::Empty)),
            ("他明天到。", "", Some(Filter::Empty)),
            (&long, "The road is long.", Some(Filter::TooLong)),
            ("好。", "Good.", Some(Filter::TooShort)),
            ("我们明天一早就坐火车去南方看望住在海边的外婆。", "Yes.", Some(Filter::LengthRatio)),
            ("Hello World", "hello, world!", Some(Filter::Identical)),
            ("—— ★★★ —— ★★★ —— ★★★ —— ★★★ —— 甲乙", "*** *** *** *** *** *** *** ab", Some(Filter::OnlySymbols)),
            ("他明\u{FFFD}到。", "He arrives tomorrow.", Some(Filter::BadEncoding)),
            ("<b>他</b>明天到。", "<b>He</b> arrives tomorrow.", Some(Filter::HtmlTags)),
            ("他明天&nbsp;到。", "He arrives tomorrow.", Some(Filter::HtmlEntities)),
            ("他明天到。", "{\\an8}He arrives tomorrow.", Some(Filter::Literals)),
            ("研发（R&D）部的人数 < 5 人。", "The R&D office has < 5 people.", None),
            ("他明天到。", "Er kommt morgen mit dem Zug und bleibt.", Some(Filter::WrongLanguage)),
            ("快跑快跑快跑快跑快跑", "Run as fast as you can, all of you!", Some(Filter::RepeatedWords)),
            ("共有3250人。", "There were 3,520 people.", Some(Filter::NumberInconsistencies)),
            ("请看 guide.pdf 的第一章。", "See the first chapter of the guide.", Some(Filter::UrlInconsistencies)),
            ("他（明天到。", "He will arrive tomorrow.", Some(Filter::PunctuationInconsistencies)),
            ("他明天到茶馆。", "He arrives at the 茶馆 tomorrow morning.", Some(Filter::Untranslated)),
        ] {
            assert_eq!(rejected(&candidate(zh, en), &[]), expected, "{zh} | {en}");
        }
        let unsure = Candidate { confidence: Some(0.4), ..candidate("他明天到。", "He arrives tomorrow.") };
        assert_eq!(rejected(&unsure, &[]), Some(Filter::Confidence));
        assert_eq!(rejected(&Candidate { confidence: None, ..unsure.clone() }, &[]), None);
        let draft = Candidate { is_draft: true, ..unsure.clone() };
        assert_eq!(rejected(&draft, &[]), Some(Filter::MachineTranslated));
        let flawed = Candidate { flaw: Some(Flaw::Looping), ..unsure };
        assert_eq!(rejected(&flawed, &[]), Some(Filter::FlawedTranslation));
    }

    #[test]
    fn a_skipped_filter_lets_everything_pass() {
        let pair = candidate("共有3250人。", "There were 3,520 people.");
        assert_eq!(rejected(&pair, &[Filter::NumberInconsistencies]), None);
    }

    #[test]
    fn every_filter_is_found_by_its_name() {
        for filter in Filter::ALL {
            assert_eq!(filter.to_string().parse(), Ok(filter));
        }
        let error = "no_nonsense".parse::<Filter>().unwrap_err().to_string();
        assert!(error.starts_with("there is no filter `no_nonsense`; there is no_empty, not_too_long, "), "{error}");
    }

    #[test]
    fn they_look_at_a_pair_in_the_order_of_the_list() {
        assert!(Filter::ALL.is_sorted());
    }
}
