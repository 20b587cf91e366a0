//! Taggers, which tell a translation from a text about the same things: of each piece, whether the other side has
//! what it says, as in word-level quality estimation.

use crate::{
    both::Both,
    error::{Error, Result},
    manifest::BundleFile,
    tokenizer::PieceId,
};

/// The name of a bundle's file with a tagger.
pub const FILE_NAME: &str = BundleFile::Tagger.name();

/// A pair: the pieces of the sentences of each side.
pub type PairPieces<'a> = Both<&'a [Vec<PieceId>]>;

/// A tagger of the pieces of pairs as covered or not, as word-level quality estimation tags the words of
/// translations.
pub trait Tagger {
    /// The name of the model and of every setting that changes its output, for caches: what has the same name answers
    /// the same.
    fn fingerprint(&self) -> String;

    /// The log-odds that each piece of each side is covered by the other, in nats; same order as `pairs`. Of a side
    /// that is longer than the model reads, only the first pieces are tagged. Fails if the model does.
    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>>;

    /// The tags of [`Tagger::tag`], and the links of the same pieces; a tagger that knows of none has tags only. Fails if
    /// the model does.
    fn link(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Linked>> {
        Ok(self.tag(pairs)?.into_iter().map(Linked::from).collect())
    }
}

/// What a tagger says of a pair.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Linked {
    /// The log-odds that each piece of each side is covered by the other, in nats.
    pub tags: Both<Vec<f32>>,
    /// Of each of these pieces, the share of its links that goes to each sentence of the other side, 0..=1; what is left of
    /// the whole goes nowhere. Nothing of a tagger without links.
    pub links: Both<Vec<Vec<f32>>>,
}

impl From<Both<Vec<f32>>> for Linked {
    /// Tags without links.
    fn from(tags: Both<Vec<f32>>) -> Self {
        Self { tags, links: Both::default() }
    }
}

/// The log-odds of [`Tagger::tag`]. Fails also where the tagger answers for another number of pairs.
pub(crate) fn tags(tagger: &mut dyn Tagger, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
    all(tagger.tag(pairs)?, pairs)
}

/// The answers of [`Tagger::link`]. Fails also where the tagger answers for another number of pairs.
pub(crate) fn links(tagger: &mut dyn Tagger, pairs: &[PairPieces<'_>]) -> Result<Vec<Linked>> {
    all(tagger.link(pairs)?, pairs)
}

fn all<T>(answers: Vec<T>, pairs: &[PairPieces<'_>]) -> Result<Vec<T>> {
    if answers.len() == pairs.len() {
        Ok(answers)
    } else {
        Err(Error::TranslationCount { asked: pairs.len(), got: answers.len() })
    }
}
