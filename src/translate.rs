//! 3 · Sentences → translations, and the probability of a given translation.
//!
//! A [`Translator`] is anything with both abilities; the stages after it never know which one ran.

pub mod batch;
pub mod canned;
pub mod check;
pub mod negation;
pub mod long;
#[cfg(feature = "marian")]
pub mod marian;
pub mod tagger;

pub use tagger::Tagger;

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

/// A Chinese-to-English translation model.
pub trait Translator {
    /// Names the model and every setting that changes its output, for caches.
    fn fingerprint(&self) -> String;

    /// Translates each source; the result has the same length and order. `progress` advances by one a sentence.
    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>>;

    /// The best translations of each source to be found by a beam of this width, the best first: to be chosen from where
    /// people read the result. As many lists as sources, each with at least one translation.
    fn n_best(&mut self, sources: &[&str], width: usize, progress: &dyn Progress) -> Result<Vec<Vec<Translation>>> {
        let _ = width;
        Ok(self.translate(sources, progress)?.into_iter().map(|translation| vec![translation]).collect())
    }

    /// The log-probabilities of given targets by forced decoding; same length and order as `pairs`.
    ///
    /// A target is a run of sentences, decoded as one text, and each of them has a score of its own: log P(it | the
    /// source and the sentences before it). An empty source asks for log P(target) whatever it translates.
    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>>;
}

/// A target to be scored, given its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forced<'a> {
    /// Chinese, or nothing.
    pub source: &'a str,
    /// Sentences of English.
    pub target: &'a [&'a str],
}

/// The outcome of forced decoding for one sentence of a target.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForcedScore {
    /// In nats, summed over its pieces, at most 0.
    pub log_prob: f32,
    /// Pieces scored. The end mark counts as one of the last sentence.
    pub pieces: usize,
}
