//! What computes a network: a pass of our own, or rust-bert.

use std::path::Path;

use tch::{Device, no_grad};

use super::{
    super::{
        forward::{
            Embedding, Forward, Selected, State,
            linear::Numbers,
            rows::{Ragged, Texts},
        },
        selection::Selections,
    },
    reference::{Reference, ReferenceState},
};
use crate::{
    bundle::Architecture,
    error::{self, Error},
    manifest::BundleFile,
    tokenizer::PieceId,
};

/// A pass over a model in memory.
pub(super) enum AnyPass {
    Own(Box<Forward>),
    Reference(Box<Reference>),
}

/// Decoding under way.
pub(super) enum AnyState {
    Own(Box<State>),
    Reference(Box<ReferenceState>),
}

impl AnyPass {
    /// Loads the weights in `dir`: for a pass of our own where its numbers are given, and otherwise for rust-bert on a
    /// device.
    pub(super) fn load(
        dir: &Path,
        architecture: &Architecture,
        numbers: Option<Numbers>,
        selections: Option<&Selections>,
        device: Device,
    ) -> error::Result<Self> {
        let Some(numbers) = numbers else {
            return Ok(Self::Reference(Box::new(Reference::load(dir, architecture, device)?)));
        };
        let weights = dir.join(BundleFile::Weights);
        let common = selections.map(Selections::common);
        let forward = no_grad(|| Forward::read(&weights, architecture, numbers, common));
        let forward = forward.map_err(|what| Error::model(dir, format!("`{}` {what}", BundleFile::Weights)))?;
        Ok(Self::Own(Box::new(forward)))
    }

    /// The same for another worker.
    pub(super) fn share(&self, dir: &Path) -> error::Result<Self> {
        Ok(match self {
            Self::Own(forward) => Self::Own(Box::new(forward.share())),
            Self::Reference(reference) => Self::Reference(Box::new(reference.share(dir)?)),
        })
    }

    /// The embeddings of the decoder: of all pieces, and of places.
    pub(super) fn embeddings(&self) -> [Embedding; 2] {
        match self {
            Self::Own(forward) => forward.embeddings(),
            Self::Reference(reference) => reference.embeddings(),
        }
    }

    /// The states of sources, a row for each piece.
    pub(super) fn encode(&self, sources: &[&[PieceId]]) -> Texts {
        match self {
            Self::Own(forward) => forward.encode(sources),
            Self::Reference(reference) => reference.encode(sources),
        }
    }

    /// Begins to decode, `width` rows for each source, among the pieces that are selected for each, where some are.
    pub(super) fn begin(&self, source: &Texts, width: usize, selected: Option<Vec<Vec<PieceId>>>) -> AnyState {
        match self {
            Self::Own(forward) => AnyState::Own(Box::new(forward.begin(source, width, selected))),
            Self::Reference(reference) => AnyState::Reference(Box::new(reference.begin(source, width))),
        }
    }

    /// Puts the logits of the next piece in each row after the `last` ones into `logits`, in place of what it had.
    pub(super) fn step(&self, state: &mut AnyState, last: &[PieceId], logits: &mut Ragged) {
        match (self, state) {
            (Self::Own(forward), AnyState::Own(state)) => forward.step(state, last, logits),
            (Self::Reference(reference), AnyState::Reference(state)) => *logits = reference.step(state, last),
            _ => unreachable!("a pass goes on from a state of its own"),
        }
    }

    /// Calls `each` with the logits for each piece of some targets, in order, and with the piece's column in them, each
    /// target beside one of the sources: among the pieces that are selected for each target, where some are, and all
    /// otherwise. What is `given` stands before the pieces.
    pub(super) fn force(
        &self,
        sources: &Texts,
        beside: &[usize],
        given: &[&[PieceId]],
        targets: &[&[PieceId]],
        selected: Option<Vec<Vec<PieceId>>>,
        each: impl FnMut(&[f32], usize),
    ) {
        match self {
            Self::Own(forward) => forward.logits(sources, beside, given, targets, selected, each),
            Self::Reference(reference) => reference.force(sources, beside, given, targets, each),
        }
    }
}

impl AnyState {
    /// Goes on with these rows, and with these sources, in order, of which each has as many rows as before.
    pub(super) fn keep(&mut self, sources: Option<&[usize]>, rows: &[usize]) {
        match self {
            Self::Own(state) => state.keep(sources, rows),
            Self::Reference(state) => state.keep(sources, rows),
        }
    }

    /// The piece of a column of the logits of a row.
    pub(super) fn piece(&self, row: usize, column: usize) -> PieceId {
        let any = || PieceId::try_from(column).unwrap_or_default();
        self.selected(row).map_or_else(any, |selected| selected.piece(column))
    }

    /// The columns of those of some pieces that have one in the logits of a row.
    pub(super) fn columns_of(&self, row: usize, pieces: &[PieceId]) -> Vec<usize> {
        let selected = self.selected(row);
        let column = |&piece: &PieceId| selected.map_or(Some(piece as usize), |selected| selected.column(piece));
        pieces.iter().filter_map(column).collect()
    }

    /// The pieces among which the next one of a row is looked for, where they are not all.
    fn selected(&self, row: usize) -> Option<Selected<'_>> {
        match self {
            Self::Own(state) => state.selected(row),
            Self::Reference(_) => None,
        }
    }
}
