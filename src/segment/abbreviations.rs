//! English words that are written with a full stop, and what a stop behind them means.

/// What the full stop of a word says about the end of its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stop {
    /// A title or a link to what follows: never the end.
    Never,
    /// Numbers what follows it: not the end before a number.
    NotBeforeNumber,
    /// A name or a unit: the end only where a word follows that starts sentences (`in the U.S. The`).
    BeforeStarter,
    /// A time of day: the end, unless a day, a month or a time zone follows (`5 p.m. Monday`).
    NotBeforeDate,
    /// Ends the sentence like any word.
    Always,
}

/// Written before a name, or between two parts of a sentence.
const NEVER: &str = " mr mrs ms mx dr prof gen sen rep gov lt col capt sgt maj cmdr adm hon rev fr messrs mme mlle pres \
supt insp e.g i.e eg ie cf vs viz approx ca resp ";

/// Written before a number.
const NOT_BEFORE_NUMBER: &str = " no nos fig figs eq eqs sec secs vol vols p pp ch chap art arts para tab ex ver \
jan feb mar apr jun jul aug sep sept oct nov dec ";

/// Names of companies, places, degrees, streets, units.
const BEFORE_STARTER: &str = " inc ltd co corp bros jr sr st mt ft ave blvd rd dept univ assn est al ph.d m.d b.a m.a \
d.c l.a n.y in oz lb lbs min hr hrs sq tel ext ed eds trans mon tue tues wed thu thur thurs fri sat sun ";

/// Times of day.
const NOT_BEFORE_DATE: &str = " a.m p.m am pm ";

/// Abbreviations that are words too (`no`, `in`, `sat`, `am`): only their capitalised or special forms count.
const ALSO_WORDS: &str = " no in sat sun mon min art ex est wed am pm fig tab al ed hon rev sec gen col gov ie ca may mar \
ms ch p ";

/// Words that start a sentence far oftener than a name.
const STARTERS: &str = " the a an this that these those it its he she they we i you his her their our my in on at by for \
from with after before when while since as if although though because but and or so yet however also then there here what \
who why how where which not no some many most all both each one two another such its now today meanwhile still even under \
during despite according to only just once until unless ";

/// What may follow a time of day in the same sentence.
const DATES: &str = " monday tuesday wednesday thursday friday saturday sunday january february march april may june july \
august september october november december jan feb mar apr jun jul aug sep sept oct nov dec est edt cst cdt mst mdt pst \
pdt gmt utc bst cet et pt beijing eastern pacific central local ";

/// What a full stop behind `word` (given without it) says.
pub(super) fn stop_after(word: &str) -> Stop {
    let lower = word.to_lowercase();
    // `U.S`, `J.K`, `J`: letters with a stop between them. `I` is a word.
    let is_initials = word.split('.').all(|part| part.chars().count() == 1 && part.chars().all(char::is_uppercase));
    if lists(ALSO_WORDS, &lower) && !word.starts_with(char::is_uppercase) && !matches!(word, "p" | "ch" | "fig" | "al")
    {
        return Stop::Always;
    }
    match () {
        () if lists(NEVER, &lower) => Stop::Never,
        () if lists(NOT_BEFORE_NUMBER, &lower) => Stop::NotBeforeNumber,
        () if lists(NOT_BEFORE_DATE, &lower) => Stop::NotBeforeDate,
        () if lists(BEFORE_STARTER, &lower) || (is_initials && word != "I") => Stop::BeforeStarter,
        () => Stop::Always,
    }
}

/// Whether `word` is a month as a dateline writes it, without the full stop.
pub(super) fn is_month(word: &str) -> bool {
    const MONTHS: &str = " jan feb mar march apr april may jun june jul july aug sep sept oct nov dec january february \
august september october november december ";
    word.starts_with(char::is_uppercase) && lists(MONTHS, &word.to_lowercase())
}

/// Whether `word`, as written, likely starts a sentence.
pub(super) fn is_starter(word: &str) -> bool {
    word.starts_with(char::is_uppercase) && lists(STARTERS, &word.to_lowercase())
}

/// Whether `word` goes on with a time of day.
pub(super) fn is_date(word: &str) -> bool {
    lists(DATES, &word.to_lowercase())
}

fn lists(list: &str, word: &str) -> bool {
    !word.is_empty() && list.split_ascii_whitespace().any(|listed| listed == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_abbreviation_is_known() {
        let cases = [
            ("Mr", Stop::Never),
            ("e.g", Stop::Never),
            ("Feb", Stop::NotBeforeNumber),
            ("No", Stop::NotBeforeNumber),
            ("no", Stop::Always),
            ("Inc", Stop::BeforeStarter),
            ("U.S", Stop::BeforeStarter),
            ("J", Stop::BeforeStarter),
            ("I", Stop::Always),
            ("p.m", Stop::NotBeforeDate),
            ("etc", Stop::Always),
            ("in", Stop::Always),
            ("house", Stop::Always),
        ];
        for (word, expected) in cases {
            assert_eq!(stop_after(word), expected, "{word}");
        }
    }
}
