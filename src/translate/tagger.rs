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
}

/// The log-odds of [`Tagger::tag`]. Fails also where the tagger answers for another number of pairs.
pub(crate) fn tags(tagger: &mut dyn Tagger, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
    let tags = tagger.tag(pairs)?;
    if tags.len() == pairs.len() {
        Ok(tags)
    } else {
        Err(Error::TranslationCount { asked: pairs.len(), got: tags.len() })
    }
}
