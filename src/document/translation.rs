//! The translations of sentences, and what is wrong with them.

/// What a translator made of one source sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Translation {
    /// English; empty only where the source was, or with [`Flaw::Empty`]. A source without Chinese (a name, a number,
    /// an emoji) stands for itself.
    pub text: String,
    /// Mean log-probability per target piece, in nats (0 is certain); 0 where the source has no Chinese.
    pub log_prob: f32,
    /// What looks wrong with it.
    pub flaw: Option<Flaw>,
}

/// Why a translation should not be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Flaw {
    /// Nothing came out.
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
    /// Whether the translation is no English for its source at all; otherwise it is, but says something else.
    pub fn is_of_form(self) -> bool {
        !matches!(self, Self::Quantity | Self::Negation | Self::Incomplete)
    }
}
