//! 3 · Sentences → translations, and the probability of a given translation.
//!
//! A [`Translator`] is anything with both abilities; the stages after it never know which one ran.

pub mod batch;
pub mod canned;
pub mod check;
pub mod long;
#[cfg(feature = "marian")]
pub mod marian;

use crate::{error::Result, progress::Progress};

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
}

/// A Chinese-to-English translation model.
pub trait Translator {
    /// Names the model and every setting that changes its output, for caches.
    fn fingerprint(&self) -> String;

    /// Translates each source; the result has the same length and order. `progress` advances by one a sentence.
    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>>;

    /// log P(target | source) of each given (source, target) pair in nats, summed over the target's pieces and its
    /// end mark, by forced decoding; with the number of pieces scored. Same length and order as `pairs`.
    fn log_probs(&mut self, pairs: &[(&str, &str)]) -> Result<Vec<ForcedScore>>;
}

/// The outcome of forced decoding of one pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForcedScore {
    /// log P(target | source) in nats, at most 0.
    pub log_prob: f32,
    /// Target pieces scored, the end mark counted.
    pub pieces: usize,
}
