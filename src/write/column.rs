//! Columns: what a row of a table can hold. A column's name is the same in a TSV header, as a JSON key and in
//! `--columns`.

use std::{fmt, str::FromStr};

use super::{UnknownName, find_named};

/// A column of a table of pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The Chinese text.
    Zh,
    /// The English text.
    En,
    /// The posterior probability of the bead, 0..=1.
    Confidence,
    /// The kind of the bead: how many sentences on each side, as `1:2`.
    Kind,
    /// The ids of the Chinese sentences.
    ZhIds,
    /// The ids of the English sentences.
    EnIds,
    /// The model's translation of the Chinese text.
    Mt,
    /// The flaw of that translation, where something looks wrong with it.
    MtFlaw,
    /// The probability that the model gives to a piece of that translation, 0..=1.
    MtProbability,
    /// The name of the document.
    Doc,
    /// The origin of the English text: a person or the model.
    Origin,
}

impl Column {
    /// All columns, in the order in which documentation lists them.
    pub const ALL: [Self; 11] = [
        Self::Zh,
        Self::En,
        Self::Confidence,
        Self::Kind,
        Self::ZhIds,
        Self::EnIds,
        Self::Mt,
        Self::MtFlaw,
        Self::MtProbability,
        Self::Doc,
        Self::Origin,
    ];

    /// Whether its cells are numbers.
    pub fn holds_numbers(self) -> bool {
        matches!(self, Self::Confidence | Self::MtProbability)
    }

    /// The name of the column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "zh",
            Self::En => "en",
            Self::Confidence => "confidence",
            Self::Kind => "kind",
            Self::ZhIds => "zh_ids",
            Self::EnIds => "en_ids",
            Self::Mt => "mt",
            Self::MtFlaw => "mt_flaw",
            Self::MtProbability => "mt_probability",
            Self::Doc => "doc",
            Self::Origin => "origin",
        }
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Column {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        find_named("column", &Self::ALL, Self::name, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_found_by_its_name() {
        for column in Column::ALL {
            assert_eq!(column.to_string().parse(), Ok(column));
        }
    }

    #[test]
    fn an_unknown_column_is_answered_with_the_known_ones() {
        let error = "score".parse::<Column>().unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no column `score`; there is zh, en, confidence, kind, zh_ids, en_ids, mt, mt_flaw, mt_probability, doc, \
             origin"
        );
    }
}
