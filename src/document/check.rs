//! Checks inside pairs: what they look for, and what they found.

use std::{fmt, ops::Range, str::FromStr};

use crate::{bead::Run, both::Both};

/// A check: what may be wrong between the two sides of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Check {
    /// A number, a date, an amount or a share that only one side states.
    Number,
    /// Text that was left in the other language.
    Untranslated,
    /// A quotation mark or a bracket without its other half.
    Punctuation,
    /// An address, a file name or a placeholder that only one side has.
    Url,
    /// A negation of the Chinese that the English lacks.
    Negation,
    /// The same text translated in two ways, or two texts in the same way.
    Consistency,
}

impl Check {
    /// Every check, in the order in which findings are told.
    pub const ALL: [Self; 6] =
        [Self::Number, Self::Untranslated, Self::Punctuation, Self::Url, Self::Negation, Self::Consistency];

    /// The checks that are made where nobody says which.
    pub const USUAL: [Self; 4] = [Self::Number, Self::Untranslated, Self::Punctuation, Self::Url];

    /// The name, in options and in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Untranslated => "untranslated",
            Self::Punctuation => "punctuation",
            Self::Url => "url",
            Self::Negation => "negation",
            Self::Consistency => "consistency",
        }
    }

    /// What it says of a pair, for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Number => "Numbers differ",
            Self::Untranslated => "Left in the other language",
            Self::Punctuation => "A mark without its other half",
            Self::Url => "An address, a file name or a placeholder differs",
            Self::Negation => "A negation may be lost",
            Self::Consistency => "Translated in another way before",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The checks that are asked for, of all there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checks([bool; Check::ALL.len()]);

impl Checks {
    /// None at all.
    pub const NONE: Self = Self([false; Check::ALL.len()]);

    /// Whether this check is asked for.
    pub fn has(self, check: Check) -> bool {
        self.0[check as usize]
    }
}

impl fmt::Display for Checks {
    /// Writes them as they are read.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let asked: Vec<_> = Check::ALL.into_iter().filter(|&check| self.has(check)).map(Check::name).collect();
        f.write_str(if asked.is_empty() { "none" } else { "" })?;
        f.write_str(&asked.join(","))
    }
}

impl Default for Checks {
    fn default() -> Self {
        Check::USUAL.into_iter().collect()
    }
}

impl FromIterator<Check> for Checks {
    fn from_iter<T: IntoIterator<Item = Check>>(checks: T) -> Self {
        let mut asked = Self::NONE;
        checks.into_iter().for_each(|check| asked.0[check as usize] = true);
        asked
    }
}

/// The error for a name that stands for no check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no check `{0}`; there is {names}, and `all` or `none` alone", names = Check::ALL.map(Check::name).join(", "))]
pub struct UnknownCheck(String);

impl FromStr for Checks {
    type Err = UnknownCheck;

    /// Reads names with commas between them, or `all`, or `none`.
    fn from_str(names: &str) -> Result<Self, UnknownCheck> {
        match names {
            "all" => return Ok(Check::ALL.into_iter().collect()),
            "none" => return Ok(Self::NONE),
            _ => {}
        }
        let find = |name: &str| Check::ALL.into_iter().find(|check| check.name() == name);
        names.split(',').map(str::trim).map(|name| find(name).ok_or_else(|| UnknownCheck(name.to_owned()))).collect()
    }
}

/// A place in a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The index of the sentence.
    pub sentence: usize,
    /// The bytes of its text on one line ([`Sentences::run_text`](super::Sentences::run_text)), on character
    /// boundaries; never empty.
    pub bytes: Range<usize>,
}

/// A finding: what a check found inside a pair. It changes no count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check that found it.
    pub check: Check,
    /// The sentences of the pair.
    pub runs: Both<Run>,
    /// What it is about, on each side; nothing where the other side has what this one lacks.
    pub places: Both<Vec<Place>>,
    /// The pair from which this one differs, for a check of consistency.
    pub other: Option<OtherPair>,
}

/// A pair that came before, maybe in another document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherPair {
    /// The file of its Chinese.
    pub file: String,
    /// The 1-based line of its first Chinese sentence.
    pub line: usize,
    /// The text of each side on one line; the beginning of a long one.
    pub texts: Both<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_asked_for_by_name_all_or_none() {
        let named = |names: &str| {
            let checks = names.parse::<Checks>().map_err(|error| error.to_string())?;
            Ok::<_, String>(Check::ALL.into_iter().filter(|&check| checks.has(check)).collect::<Vec<_>>())
        };
        assert_eq!(named("all"), Ok(Check::ALL.to_vec()));
        assert_eq!(named("none"), Ok(vec![]));
        assert_eq!(named("url, number"), Ok(vec![Check::Number, Check::Url]));
        let error = named("number,links").unwrap_err();
        assert!(error.starts_with("there is no check `links`; there is number, untranslated,"), "{error}");
        let shown = |names: &str| names.parse::<Checks>().unwrap().to_string();
        assert_eq!((shown("none").as_str(), shown("url,number").as_str()), ("none", "number,url"));
        assert!(named("").is_err() && named("number,all").is_err());
        assert!(Check::ALL.into_iter().all(|check| Checks::default().has(check) == Check::USUAL.contains(&check)));
        assert!(Check::ALL.iter().enumerate().all(|(place, &check)| check as usize == place));
    }
}
