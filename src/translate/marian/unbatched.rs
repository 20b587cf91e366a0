//! Forced decoding and greedy search without batches and with nothing of ours added, to compare the network with
//! other programs that run the same model.

use super::{
    Marian,
    network::{Forced, Search},
    parts::Part,
    workers::in_turns,
};
use crate::{error::Result, text::Lang, tokenizer::PieceId};

/// A piece of a given target, with the logits in its place.
#[derive(Debug, Clone, PartialEq)]
pub struct ForcedPiece {
    /// The target's own piece.
    pub piece: PieceId,
    /// The logit of every piece of the vocabulary, by its id.
    pub logits: Vec<f32>,
}

impl Marian {
    /// The logits by forced decoding of `target`, its end mark included, after `source`. Both are read as far as the
    /// model does.
    pub fn logits(&mut self, source: &str, target: &str) -> Result<Vec<ForcedPiece>> {
        let pair = Forced { source: self.encode(source, Lang::Zh), target: self.encode(target, Lang::En) };
        let mut logits = Vec::new();
        in_turns(
            &mut self.model.networks()[..1],
            vec![Vec::new()],
            |network, _| network.logits(&pair),
            |_, found| logits = found,
        )?;
        Ok(pair.target.into_iter().zip(logits).map(|(piece, logits)| ForcedPiece { piece, logits }).collect())
    }

    /// The best translation of each whole source by a beam of this width, 1 for greedy search: sources are neither cut
    /// at clauses, nor are translations checked or tried again. Sources are read as far as the model does.
    pub fn unchecked(&mut self, sources: &[&str], width: usize) -> Result<Vec<String>> {
        let search = if width > 1 { Search::Beam(width) } else { Search::Greedy };
        let part = |(sentence, &text)| Part { sentence, text, pieces: self.encode(text, Lang::Zh) };
        let parts: Vec<Part<'_>> = sources.iter().enumerate().map(part).collect();
        let all: Vec<usize> = (0..parts.len()).collect();
        let mut texts = vec![String::new(); parts.len()];
        self.run(&parts, &all, search, |index, found| {
            texts[index] = found.into_iter().next().map(|translation| translation.text).unwrap_or_default();
        })?;
        Ok(texts)
    }
}
