//! 3 · Translation: of sentences, and the probability of a given translation by forced decoding.
//!
//! A [`Translator`] is anything with both abilities; the stages after it never know which one ran.

#[cfg(any(feature = "marian", test))]
mod batch;
pub mod cache;
pub mod canned;
#[cfg(feature = "train")]
pub mod check;
#[cfg(not(feature = "train"))]
pub(crate) mod check;
#[cfg(any(feature = "marian", test))]
mod long;
#[cfg(feature = "marian")]
pub mod marian;
pub mod tagger;

pub use tagger::Tagger;

use crate::{document::Translation, error::Result, progress::Progress};

/// A Chinese-to-English translation model.
pub trait Translator {
    /// The name of the model and of every setting that changes its output, for caches: what has the same name answers
    /// the same.
    fn fingerprint(&self) -> String;

    /// Translates each source; the result has the same length and order. `progress` advances by one a sentence. Fails
    /// if the model does.
    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>>;

    /// Translates each source by a beam of this width, and returns the best translations, the best first: to be
    /// chosen from where people read the result. As many lists as sources, each with at least one translation.
    fn n_best(&mut self, sources: &[&str], width: usize, progress: &dyn Progress) -> Result<Vec<Vec<Translation>>> {
        let _ = width;
        Ok(self.translate(sources, progress)?.into_iter().map(|translation| vec![translation]).collect())
    }

    /// The log-probabilities of given targets by forced decoding, in nats; same length and order as `pairs`.
    ///
    /// A target is a run of sentences, decoded as one text, and each of them has a score of its own: log P(it | the
    /// source and the sentences before it). An empty source asks for log P(target) whatever it translates.
    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>>;
}

/// An engine: a translator, and the tagger that belongs to it where there is one. One thread works with it.
pub trait Engine: Send {
    /// The translator and the tagger, to be used in turn.
    fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>);

    /// Makes another engine over the same weights, for another thread.
    fn worker(&self) -> Result<Box<dyn Engine>>;
}

/// The resources that networks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compute {
    /// The number of cores to use, at least 1: for networks, and for what an aligner computes beside them.
    pub threads: usize,
    /// The device on which networks run.
    pub device: Device,
    /// What computes the network.
    pub pass: Pass,
}

impl Default for Compute {
    /// All cores of this machine.
    fn default() -> Self {
        Self {
            threads: std::thread::available_parallelism().map_or(1, usize::from),
            device: Device::Cpu,
            pass: Pass::Fast,
        }
    }
}

/// A device that networks run on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// The cores of this machine.
    Cpu,
    /// The first CUDA device, if libtorch was built for CUDA and finds one.
    Cuda,
}

/// What computes a network on the cores. Other devices have but one way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Whatever is fastest on this machine: whole numbers of eight bits where it multiplies them right.
    Fast,
    /// Single precision, as the weights were trained.
    Single,
    /// rust-bert's Marian, in single precision: the reference.
    Reference,
}

/// A target for forced decoding, with its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forced<'a> {
    /// The Chinese source, or nothing.
    pub source: &'a str,
    /// The English sentences of the target.
    pub target: &'a [&'a str],
}

/// The score of one sentence of a target by forced decoding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForcedScore {
    /// The log-probability in nats, summed over the sentence's pieces, at most 0.
    pub log_prob: f32,
    /// The number of pieces scored. The end mark counts as one of the last sentence.
    pub pieces: usize,
}
