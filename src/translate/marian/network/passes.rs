//! What computes a network: a pass of our own, or rust-bert.

use std::path::Path;

use tch::{Device, Tensor, no_grad};

use super::{
    super::forward::{Forward, State, linear::Numbers},
    Texts,
    reference::{Reference, ReferenceState},
    signed,
    texts::{kept, mask},
};
use crate::{
    bundle::Architecture,
    error::{self, Error},
    manifest::BundleFile,
    tokenizer::PieceId,
};

/// So many pieces at a time are encoded.
const ENCODED: i64 = 512;

/// A pass over a model in memory.
pub(super) enum AnyPass {
    Own(Forward),
    Reference(Box<Reference>),
}

/// Decoding under way.
pub(super) enum AnyState {
    Own(State),
    Reference(ReferenceState),
}

impl AnyPass {
    /// Loads the weights in `dir`: for a pass of our own where its numbers are given, and otherwise for rust-bert on a
    /// device.
    pub(super) fn load(
        dir: &Path,
        architecture: &Architecture,
        numbers: Option<Numbers>,
        device: Device,
    ) -> error::Result<Self> {
        let Some(numbers) = numbers else {
            return Ok(Self::Reference(Box::new(Reference::load(dir, architecture, device)?)));
        };
        let weights = dir.join(BundleFile::Weights);
        let forward = no_grad(|| Forward::read(&weights, architecture, numbers));
        let forward = forward.map_err(|what| Error::model(dir, format!("`{}` {what}", BundleFile::Weights)))?;
        Ok(Self::Own(forward))
    }

    /// The same for another worker.
    pub(super) fn share(&self, dir: &Path) -> error::Result<Self> {
        Ok(match self {
            Self::Own(forward) => Self::Own(forward.share()),
            Self::Reference(reference) => Self::Reference(Box::new(reference.share(dir)?)),
        })
    }

    pub(super) fn device(&self) -> Device {
        match self {
            Self::Own(_) => Device::Cpu,
            Self::Reference(reference) => reference.device(),
        }
    }

    /// The numbers in which linear layers multiply.
    pub(super) fn numbers(&self) -> Numbers {
        match self {
            Self::Own(forward) => forward.numbers(),
            Self::Reference(_) => Numbers::Single,
        }
    }

    /// The embeddings of the decoder: the table of all pieces, scaled, and that of places.
    pub(super) fn embedding(&self) -> (Tensor, Tensor) {
        match self {
            Self::Own(forward) => forward.embedding(),
            Self::Reference(reference) => reference.embedding(),
        }
    }

    /// The states of sources (texts × pieces, padded from these lengths): texts × pieces × width.
    pub(super) fn encode(&self, pieces: &Tensor, lengths: &[usize]) -> Tensor {
        match self {
            Self::Own(forward) => {
                // As many texts at a time as stay in the processor's cache.
                let at_once = (ENCODED / pieces.size()[1].max(1)).max(1);
                let mask = mask(lengths, Device::Cpu);
                let parts = pieces.split(at_once, 0).into_iter().zip(mask.split(at_once, 0));
                Tensor::cat(&parts.map(|(pieces, mask)| forward.encode(&pieces, &mask)).collect::<Vec<_>>(), 0)
            }
            Self::Reference(reference) => reference.encode(pieces, &kept(lengths, reference.device())),
        }
    }

    /// Begins to decode, `width` rows for each source, among the pieces that are selected for each, where some are.
    pub(super) fn begin(&self, source: &Texts, width: usize, selected: Option<Vec<Vec<PieceId>>>) -> AnyState {
        match self {
            Self::Own(forward) => AnyState::Own(forward.begin(source, signed(width), selected)),
            Self::Reference(_) => AnyState::Reference(Reference::begin(source, signed(width))),
        }
    }

    /// The logits of the next piece in each row after the `last` ones: rows × columns.
    pub(super) fn step(&self, state: &mut AnyState, last: &[i64]) -> Tensor {
        let last = Tensor::from_slice(last).to_device(self.device());
        match (self, state) {
            (Self::Own(forward), AnyState::Own(state)) => forward.step(state, &last),
            (Self::Reference(reference), AnyState::Reference(state)) => reference.step(state, &last),
            _ => unreachable!("a pass goes on from a state of its own"),
        }
    }
}

impl AnyState {
    /// Goes on with these rows, and with these sources, of which each has as many rows as before.
    pub(super) fn keep(&mut self, device: Device, sources: Option<&[usize]>, rows: &[usize]) {
        let tensor = |places: &[usize]| {
            let places: Vec<i64> = places.iter().map(|&place| signed(place)).collect();
            Tensor::from_slice(&places).to_device(device)
        };
        let (sources, rows) = (sources.map(tensor), tensor(rows));
        match self {
            Self::Own(state) => state.keep(sources.as_ref(), &rows),
            Self::Reference(state) => state.keep(sources.as_ref(), &rows),
        }
    }

    /// The number of columns of the logits of a row; nothing where there is one for each piece.
    pub(super) fn columns(&self, row: usize) -> Option<usize> {
        self.selected(row).map(<[PieceId]>::len)
    }

    /// The piece of a column of the logits of a row.
    pub(super) fn piece(&self, row: usize, column: usize) -> usize {
        self.selected(row).map_or(column, |pieces| pieces[column] as usize)
    }

    /// The columns of those of some pieces that have one in the logits of a row.
    pub(super) fn columns_of(&self, row: usize, pieces: &[PieceId]) -> Vec<usize> {
        let Some(selected) = self.selected(row) else { return pieces.iter().map(|&piece| piece as usize).collect() };
        pieces.iter().filter_map(|piece| selected.binary_search(piece).ok()).collect()
    }

    /// The pieces among which the next one of a row is looked for, in order, where they are not all.
    fn selected(&self, row: usize) -> Option<&[PieceId]> {
        match self {
            Self::Own(state) => state.selected(row),
            Self::Reference(_) => None,
        }
    }
}
