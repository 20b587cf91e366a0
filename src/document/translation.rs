//! Translations of sentences, and their flaws.

use serde::{Deserialize, Serialize};

/// The translation of one source sentence by a translator.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// The English text; empty only where the source was, or with [`Flaw::Empty`]. A source without Chinese (a name,
    /// a number, an emoji) stands for itself.
    pub text: String,
    /// The mean log-probability per target piece, in nats (0 is certain); 0 where the source has no Chinese.
    pub log_prob: f32,
    /// The flaw of the translation, where something looks wrong with it.
    pub flaw: Option<Flaw>,
}

impl Translation {
    /// The probability that the translator gives to a piece of it, 0..=1: the geometric mean.
    pub fn probability(&self) -> f64 {
        f64::from(self.log_prob).exp().min(1.0)
    }
}

/// A flaw: why a translation should not be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flaw {
    /// The translation is empty.
    Empty,
    /// A piece of it repeats without end.
    Looping,
    /// Source text was copied instead of translated.
    Copied,
    /// Far shorter than its source asks for.
    TooShort,
    /// Far longer than its source asks for.
    TooLong,
    /// A number, a date or a share of the source is missing, or another stands in its place.
    Quantity,
    /// The source denies something, the translation nothing.
    Negation,
    /// A part of the source has no counterpart.
    Incomplete,
}

impl Flaw {
    /// Every flaw, the gravest first.
    pub const ALL: [Self; 8] = [
        Self::Empty,
        Self::Looping,
        Self::Copied,
        Self::TooShort,
        Self::TooLong,
        Self::Quantity,
        Self::Negation,
        Self::Incomplete,
    ];

    /// The name of the flaw in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Looping => "looping",
            Self::Copied => "copied",
            Self::TooShort => "too_short",
            Self::TooLong => "too_long",
            Self::Quantity => "quantity",
            Self::Negation => "negation",
            Self::Incomplete => "incomplete",
        }
    }

    /// The flaw of that name; none where there is none.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flaw| flaw.name() == name)
    }

    /// Whether the flaw is of form: the translation is no English for its source at all. Otherwise it is, but says
    /// something else.
    pub fn is_of_form(self) -> bool {
        !matches!(self, Self::Quantity | Self::Negation | Self::Incomplete)
    }
}
