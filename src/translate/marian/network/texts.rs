//! The texts of a batch, as one padded tensor.

use tch::{Device, Tensor};

use super::signed;
use crate::tokenizer::PieceId;

/// Texts are padded to a multiple of so many pieces, however long the others of their batch are: libtorch sums in
/// another order over other lengths, and what becomes of a text would depend on its batch in the last bit.
const STEP: usize = 16;

/// Texts side by side, padded: what the encoder made of them, or what a decoder begins with.
pub(crate) struct Texts {
    /// The states: texts × pieces × width.
    pub(crate) states: Tensor,
    /// The number of pieces of each text that are no padding.
    pub(crate) lengths: Vec<usize>,
}

impl Texts {
    /// The batch of texts from the states of each (its pieces × width).
    pub(crate) fn beside(texts: &[&Tensor]) -> Self {
        let lengths: Vec<usize> =
            texts.iter().map(|text| usize::try_from(text.size()[0]).unwrap_or_default()).collect();
        let states = Tensor::pad_sequence(texts, true, 0.0);
        let missing = signed(padded_length(&lengths)) - states.size()[1];
        Self { states: states.constant_pad_nd([0, 0, 0, missing]), lengths }
    }

    /// The mask of the padding (texts × 1 × 1 × pieces), to be added: −∞ where it stands, and 0 elsewhere.
    pub(crate) fn mask(&self) -> Tensor {
        mask(&self.lengths, self.states.device())
    }

    /// Which pieces are no padding (texts × pieces): 1, and 0 for padding.
    pub(super) fn kept(&self) -> Tensor {
        kept(&self.lengths, self.states.device())
    }
}

/// The length of a batch of texts of these lengths.
pub(super) fn padded_length(lengths: &[usize]) -> usize {
    lengths.iter().copied().max().unwrap_or_default().next_multiple_of(STEP)
}

/// The mask of the padding of texts of these lengths, as [`Texts::mask`] has it.
pub(super) fn mask(lengths: &[usize], device: Device) -> Tensor {
    let longest = padded_length(lengths);
    let hides = |&length: &usize| (0..longest).map(move |place| if place < length { 0.0 } else { f32::NEG_INFINITY });
    let flat: Vec<f32> = lengths.iter().flat_map(hides).collect();
    let size = [signed(lengths.len()), 1, 1, signed(longest)];
    Tensor::from_slice(&flat).reshape(size).to_device(device)
}

/// Which pieces of texts of these lengths are no padding, as [`Texts::kept`] has it.
pub(super) fn kept(lengths: &[usize], device: Device) -> Tensor {
    let longest = padded_length(lengths);
    let kept = |&length: &usize| (0..longest).map(move |place| i64::from(place < length));
    let flat: Vec<i64> = lengths.iter().flat_map(kept).collect();
    Tensor::from_slice(&flat).reshape([signed(lengths.len()), signed(longest)]).to_device(device)
}

/// Rows of pieces filled up with `padding`, as long as a batch of them is: rows × pieces.
pub(super) fn padded(rows: &[&[PieceId]], padding: i64, device: Device) -> Tensor {
    let lengths: Vec<usize> = rows.iter().map(|row| row.len()).collect();
    let longest = padded_length(&lengths);
    let mut flat: Vec<i64> = Vec::with_capacity(rows.len() * longest);
    for row in rows {
        flat.extend(row.iter().map(|&piece| i64::from(piece)));
        flat.resize(flat.len() + longest - row.len(), padding);
    }
    Tensor::from_slice(&flat).reshape([signed(rows.len()), signed(longest)]).to_device(device)
}
