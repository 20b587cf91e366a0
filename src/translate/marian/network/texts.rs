//! The texts of a batch, as one padded tensor.

use tch::{Kind, Tensor};

/// Texts side by side, padded: what the encoder made of them, or what a decoder begins with.
pub(crate) struct Texts {
    /// The states: texts × pieces × width.
    pub(crate) states: Tensor,
    /// The mask: 1 for pieces, 0 for padding.
    pub(crate) mask: Tensor,
}

impl Texts {
    /// The batch of texts from the states of each (its pieces × width).
    pub(crate) fn beside(texts: &[&Tensor]) -> Self {
        let states = Tensor::pad_sequence(texts, true, 0.0);
        let places = Tensor::arange(states.size()[1], (Kind::Int64, states.device()));
        let lengths: Vec<i64> = texts.iter().map(|text| text.size()[0]).collect();
        let lengths = Tensor::from_slice(&lengths).to_device(states.device()).unsqueeze(1);
        let mask = places.unsqueeze(0).lt_tensor(&lengths).to_kind(Kind::Int64);
        Self { states, mask }
    }

    /// The mask of the padding, in the shape that attention asks for.
    pub(crate) fn hidden(&self) -> Tensor {
        self.mask.eq(0).unsqueeze(1).unsqueeze(1)
    }

    pub(super) fn rows(&self, rows: &Tensor) -> Self {
        Self { states: self.states.index_select(0, rows), mask: self.mask.index_select(0, rows) }
    }
}
