//! What tells a translation from a text about the same things: of each piece, whether the other side has what it says.

use crate::{both::Both, error::Result, manifest::BundleFile, tokenizer::PieceId};

/// The file of a bundle that holds a tagger.
pub const FILE_NAME: &str = BundleFile::Tagger.name();

/// A pair: the pieces of the sentences of each side.
pub type PairPieces<'a> = Both<&'a [Vec<PieceId>]>;

/// Tags the pieces of pairs as covered or not, as word-level quality estimation tags the words of translations.
pub trait Tagger {
    /// The log-odds that each piece of each side is covered by the other, in nats; same order as `pairs`. Of a side
    /// that is longer than the model reads, only the first pieces are tagged.
    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>>;
}
