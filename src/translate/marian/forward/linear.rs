//! Linear layers, in single precision or in whole numbers of eight bits.
//!
//! Eight bits follow LLM.int8's vector-wise scheme (Dettmers et al. 2022): each row of the weights and each row of what
//! comes in has a scale of its own, and libtorch's FBGEMM multiplies and sums whole numbers exactly. What a row becomes
//! therefore depends on that row alone, never on the batch that it stands in, bit for bit.

use std::{
    cell::RefCell,
    io::{self, Read, Write},
    sync::{Arc, OnceLock},
};

use tch::{Device, Kind, Scalar, TchError, Tensor, no_grad};

use super::{
    lanes::{round_rows, scale_rows, unscale_row, unscale_rows, unscaled},
    rows::{Ragged, Rows},
};
use crate::translate::{Compute, Pass};

/// The least scale of a row: one of nothing but zeros is not divided by zero.
const LEAST_SCALE: f32 = 1e-30;

/// So many rows are multiplied at a time: the products of a batch would fill as much memory again as its rows.
const AT_ONCE: usize = 256;

thread_local! {
    /// Where products are copied to. Its place in memory serves again, where a new one would be filled with zeros first.
    static PRODUCT: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// The numbers in which linear layers multiply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// Single precision.
    Single,
    /// Whole numbers of eight bits.
    Eight,
}

impl Numbers {
    /// Eight bits where this libtorch multiplies them on this machine as it should, and single precision otherwise.
    /// On processors without VNNI, FBGEMM adds pairs of products in sixteen bits, which large weights overflow; it is
    /// missing altogether where libtorch is built for other processors than x86.
    pub(super) fn of_this_machine() -> Self {
        static FOUND: OnceLock<Numbers> = OnceLock::new();
        *FOUND.get_or_init(|| without_warnings(Self::try_this_machine))
    }

    /// The numbers of a pass of our own, where one computes.
    pub(crate) fn of(compute: Compute) -> Option<Self> {
        let is_own = compute.device == crate::translate::Device::Cpu && compute.pass != Pass::Reference;
        is_own.then(|| Self::on_processor(compute))
    }

    /// The numbers of layers that stay on the processor wherever the others are computed.
    pub(crate) fn on_processor(compute: Compute) -> Self {
        match compute.pass {
            Pass::Fast => Self::of_this_machine(),
            Pass::Single | Pass::Reference => Self::Single,
        }
    }

    /// A name for fingerprints.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Single => "single",
            Self::Eight => "eight",
        }
    }

    fn try_this_machine() -> Self {
        let is_right = no_grad(|| -> Result<bool, TchError> {
            let options = (Kind::Float, Device::Cpu);
            let (weight, bias) = (Tensor::ones([64, 128], options), Tensor::zeros([64], options));
            let rows = Rows::new(vec![1.0; 3 * 128], 128);
            let found = Linear::new(&weight, &bias, Range::Signed, Self::Eight)?.forward(&rows);
            Ok(found.values().iter().all(|value| (value - 128.0).abs() < 1.0))
        });
        if is_right.unwrap_or(false) { Self::Eight } else { Self::Single }
    }
}

/// Does something during which libtorch writes to standard error that FBGEMM's functions are going to leave it, once a
/// process; what else is written there meanwhile comes after it.
fn without_warnings<T>(work: impl FnOnce() -> T) -> T {
    let Ok(mut held) = gag::BufferRedirect::stderr() else { return work() };
    let result = work();
    let mut written = Vec::new();
    let is_read = held.read_to_end(&mut written).is_ok();
    drop(held);
    if is_read {
        let text = String::from_utf8_lossy(&written);
        for line in text.lines().filter(|line| !line.contains("QuantizedLinear.cpp")) {
            // Where nobody reads it there is nobody to tell.
            let _ = writeln!(io::stderr(), "{line}");
        }
    }
    result
}

/// What the values that come into a layer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Range {
    /// Of either sign.
    Signed,
    /// None below zero, as after a rectifier: all of the eight bits are for what is above.
    Positive,
}

impl Range {
    /// The **guard** that stands before rows of this width as they are multiplied: a row with the ends of the range, so
    /// that FBGEMM, which takes one scale for all rows from what it finds in them, always finds the same.
    fn guard(self, width: usize) -> impl Iterator<Item = f32> {
        let bottom = if self == Self::Signed { -1.0 } else { 0.0 };
        [1.0, bottom].into_iter().chain(std::iter::repeat(0.0)).take(width)
    }
}

/// A linear layer: a matrix (out × in) and a bias (out).
pub(crate) struct Linear {
    layer: Layer,
    range: Range,
}

enum Layer {
    Single { weight: Tensor, bias: Tensor },
    Eight(Eight),
}

/// A layer in eight bits, packed.
struct Eight {
    /// A stand-in for the weights (out × in), of their size: that is all that FBGEMM looks at beside the packed ones.
    size: Tensor,
    /// The weights in the order in which FBGEMM reads them.
    packed: Tensor,
    /// The sum of each row of the weights.
    sums: Tensor,
    /// No bias: ours is added once the rows have their scales again.
    none: Tensor,
    /// What one is worth in each row of the weights.
    scales: Arc<[f32]>,
    bias: Arc<[f32]>,
}

impl Eight {
    fn packed(weight: &Tensor, scales: Arc<[f32]>, bias: Arc<[f32]>) -> Result<Self, TchError> {
        let packed = weight.f_fbgemm_pack_quantized_matrix()?;
        let sums = weight.sum_dim_intlist([1].as_slice(), false, Kind::Int);
        let none = Tensor::zeros([weight.size()[0]], (Kind::Float, Device::Cpu));
        let size = Tensor::zeros([1, 1], (Kind::Int8, Device::Cpu)).f_expand(weight.size(), false)?;
        Ok(Self { size, packed, sums, none, scales, bias })
    }

    /// What comes in (rows of this width), each row divided by its largest magnitude, which is handed back too, times the
    /// weights; before it the guard's product.
    fn product(&self, rows: &[f32], width: usize, range: Range) -> Result<(Tensor, Vec<f32>), TchError> {
        let mut scaled = Vec::with_capacity(rows.len() + width);
        scaled.extend(range.guard(width));
        let mut largest = Vec::with_capacity(rows.len() / width.max(1));
        scale_rows(rows, width, LEAST_SCALE, &mut scaled, &mut largest);
        let scaled = Rows::new(scaled, width).tensor();
        let (size, packed, sums) = (&self.size, &self.packed, &self.sums);
        let (scale, zero) = (Scalar::from(1.0), Scalar::from(0));
        let product =
            scaled.f_fbgemm_linear_int8_weight_fp32_activation(size, packed, sums, scale, zero, &self.none)?;
        Ok((product, largest))
    }

    /// Calls `then` with the products of the rows, of this width, and with each row's largest magnitude.
    fn with_products(&self, rows: &[f32], width: usize, range: Range, then: impl FnOnce(&[f32], &[f32])) {
        // As everywhere in libtorch's bindings, a failure is a panic, which the workers turn into an error.
        let (product, largest) = self.product(rows, width, range).unwrap();
        PRODUCT.with_borrow_mut(|values| {
            let count = product.numel();
            if values.len() < count {
                values.resize(count, 0.0);
            }
            product.copy_data(values, count);
            then(&values[self.bias.len()..count], &largest);
        });
    }

    fn share(&self) -> Self {
        Self {
            size: self.size.shallow_clone(),
            packed: self.packed.shallow_clone(),
            sums: self.sums.shallow_clone(),
            none: self.none.shallow_clone(),
            scales: Arc::clone(&self.scales),
            bias: Arc::clone(&self.bias),
        }
    }
}

impl Linear {
    /// A layer of this matrix (out × in) and bias (out).
    pub(crate) fn new(weight: &Tensor, bias: &Tensor, range: Range, numbers: Numbers) -> Result<Self, TchError> {
        let bias = bias.f_to_kind(Kind::Float)?;
        if numbers == Numbers::Single {
            return Ok(Self { layer: Layer::Single { weight: weight.f_to_kind(Kind::Float)?, bias }, range });
        }
        let (whole, scales) = whole(&Rows::of(weight));
        let whole = Tensor::from_slice(&whole).f_view(weight.size().as_slice())?;
        Self::of_whole(&whole, scales.into(), Rows::of(&bias).values().into(), range)
    }

    /// A layer of a matrix in whole numbers (out × in), what one is worth in each of its rows, and a bias (out).
    pub(super) fn of_whole(
        weight: &Tensor,
        scales: Arc<[f32]>,
        bias: Arc<[f32]>,
        range: Range,
    ) -> Result<Self, TchError> {
        Ok(Self { layer: Layer::Eight(Eight::packed(weight, scales, bias)?), range })
    }

    /// The layer over what comes in (rows × in): rows × out.
    pub(crate) fn forward(&self, rows: &Rows) -> Rows {
        match &self.layer {
            Layer::Single { weight, bias } => Rows::of(&rows.tensor().linear(weight, Some(bias))),
            Layer::Eight(eight) => {
                let width = eight.bias.len();
                let mut values = Vec::with_capacity(rows.count() * width);
                for part in rows.parts(AT_ONCE) {
                    eight.with_products(part, rows.width(), self.range, |products, largest| {
                        unscale_rows(products, largest, &eight.scales, &eight.bias, &mut values);
                    });
                }
                Rows::new(values, width)
            }
        }
    }

    /// Puts what [`Self::forward`] makes of each row into that row of `into`, from column `start` on.
    pub(crate) fn forward_into(&self, rows: &Rows, into: &mut Ragged, start: usize) {
        let width = self.width();
        let columns = start..start + width;
        match &self.layer {
            Layer::Single { .. } => {
                let found = self.forward(rows);
                (0..rows.count()).for_each(|row| into.row_mut(row)[columns.clone()].copy_from_slice(found.row(row)));
            }
            Layer::Eight(eight) => eight.with_products(rows.values(), rows.width(), self.range, |products, largest| {
                for (row, (products, &largest)) in products.chunks_exact(width.max(1)).zip(largest).enumerate() {
                    let into = &mut into.row_mut(row)[columns.clone()];
                    unscale_row(products, largest, &eight.scales, &eight.bias, into);
                }
            }),
        }
    }

    /// Puts some `columns` of what [`Self::forward`] makes of each row into that row of `into`, from column `start` on.
    pub(super) fn some_into<'c>(
        &self,
        rows: &Rows,
        columns: impl Fn(usize) -> &'c [usize],
        into: &mut Ragged,
        start: usize,
    ) {
        match &self.layer {
            Layer::Single { .. } => {
                let found = self.forward(rows);
                for row in 0..rows.count() {
                    for (into, &column) in into.row_mut(row)[start..].iter_mut().zip(columns(row)) {
                        *into = found.row(row)[column];
                    }
                }
            }
            Layer::Eight(eight) => eight.with_products(rows.values(), rows.width(), self.range, |products, largest| {
                let (scales, bias) = (&eight.scales, &eight.bias);
                for (row, (products, &largest)) in products.chunks_exact(self.width().max(1)).zip(largest).enumerate() {
                    for (into, &column) in into.row_mut(row)[start..].iter_mut().zip(columns(row)) {
                        *into = unscaled(products[column], largest, scales[column], bias[column]);
                    }
                }
            }),
        }
    }

    /// The number of rows of the matrix.
    pub(crate) fn width(&self) -> usize {
        match &self.layer {
            Layer::Single { bias, .. } => bias.numel(),
            Layer::Eight(eight) => eight.bias.len(),
        }
    }

    /// The same layer for another worker.
    pub(crate) fn share(&self) -> Self {
        let layer = match &self.layer {
            Layer::Single { weight, bias } => {
                Layer::Single { weight: weight.shallow_clone(), bias: bias.shallow_clone() }
            }
            Layer::Eight(eight) => Layer::Eight(eight.share()),
        };
        Self { layer, range: self.range }
    }
}

/// Weights as whole numbers, and what one is worth in each row.
pub(super) fn whole(weights: &Rows) -> (Vec<i8>, Vec<f32>) {
    let (mut whole, mut scales) = (Vec::with_capacity(weights.values().len()), Vec::with_capacity(weights.count()));
    round_rows(weights.values(), weights.width(), LEAST_SCALE, &mut whole, &mut scales);
    (whole, scales)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Numbers of many sizes, the same for the same seed.
    pub(in super::super) fn numbers(count: usize, width: usize, seed: u64) -> Rows {
        let mut random = fastrand::Rng::with_seed(seed);
        let one = |_| (random.f32() - 0.5) * 10.0_f32.powi(random.i32(-2..2));
        Rows::new((0..count * width).map(one).collect(), width)
    }

    /// A layer of 96 × 64 in single precision and, where this machine has that, the same in eight bits.
    fn layers(range: Range) -> [Linear; 2] {
        let (weight, bias) = (numbers(96, 64, 1).tensor(), numbers(1, 96, 2).tensor().squeeze());
        [Numbers::Single, Numbers::of_this_machine()]
            .map(|numbers| Linear::new(&weight, &bias, range, numbers).unwrap())
    }

    /// Whether this machine multiplies in eight bits; what is tested of them is skipped, loudly, where it does not.
    fn has_eight() -> bool {
        let has = Numbers::of_this_machine() == Numbers::Eight;
        if !has {
            let what = "SKIPPED: this machine does not multiply whole numbers of eight bits as it should";
            writeln!(io::stderr(), "{what}").unwrap();
        }
        has
    }

    fn squares(values: impl Iterator<Item = f32>) -> f32 {
        values.map(|value| value * value).sum()
    }

    #[test]
    fn eight_bits_come_near_to_single_precision() {
        if !has_eight() {
            return;
        }
        for range in [Range::Signed, Range::Positive] {
            let [single, eight] = layers(range);
            let mut rows = numbers(200, 64, 3);
            if range == Range::Positive {
                rows.values_mut().iter_mut().for_each(|value| *value = value.max(0.0));
            }
            let (expected, found) = (single.forward(&rows), eight.forward(&rows));
            let apart = found.values().iter().zip(expected.values()).map(|(found, expected)| found - expected);
            let apart = (squares(apart) / squares(expected.values().iter().copied())).sqrt();
            assert!(apart < 0.02, "{range:?}: {apart:?}");
        }
    }

    #[test]
    fn a_row_is_the_same_in_any_batch_bit_for_bit() {
        if !has_eight() {
            return;
        }
        let (rows, [_, eight]) = (numbers(150, 64, 4), layers(Range::Signed));
        let all = eight.forward(&rows);
        for at in [0_usize, 1, 77, 149] {
            assert_eq!(eight.forward(&rows.some(&(at..at + 1))).row(0), all.row(at));
            let start = at.saturating_sub(40);
            assert_eq!(eight.forward(&rows.some(&(start..at + 1))).row(at - start), all.row(at));
        }
    }

    #[test]
    fn rows_of_zeros_become_the_bias_and_none_become_none() {
        for range in [Range::Signed, Range::Positive] {
            for layer in layers(range) {
                let found = layer.forward(&Rows::zeros(3, 64));
                assert_eq!((found.count(), found.width()), (3, 96));
                assert!((0..3).all(|row| found.row(row) == numbers(1, 96, 2).row(0)));
                assert_eq!(layer.forward(&Rows::zeros(0, 64)).count(), 0);
            }
        }
    }
}
