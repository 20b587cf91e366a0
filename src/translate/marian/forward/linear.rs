//! Linear layers, in single precision or in whole numbers of eight bits.
//!
//! Eight bits follow LLM.int8's vector-wise scheme (Dettmers et al. 2022): each row of the weights and each row of what
//! comes in has a scale of its own, and libtorch's FBGEMM multiplies and sums whole numbers exactly. What a row becomes
//! therefore depends on that row alone, never on the batch that it stands in, bit for bit.

use std::{
    collections::HashMap,
    io::{self, Read, Write},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use tch::{Device, Kind, Scalar, TchError, Tensor, no_grad};

use crate::translate::{Compute, Pass};

/// The largest whole number that a weight becomes.
const MOST: f64 = 127.0;

/// The least scale of a row: one of nothing but zeros is not divided by zero.
const LEAST_SCALE: f64 = 1e-30;

/// The fewest rows that a place for rows is made for.
const ROOM: i64 = 64;

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
    fn of_this_machine() -> Self {
        static FOUND: OnceLock<Numbers> = OnceLock::new();
        *FOUND.get_or_init(|| without_warnings(Self::try_this_machine))
    }

    /// The numbers of a pass of our own, where one computes.
    pub(crate) fn of(compute: Compute) -> Option<Self> {
        match (compute.device, compute.pass) {
            (crate::translate::Device::Cpu, Pass::Fast) => Some(Self::of_this_machine()),
            (crate::translate::Device::Cpu, Pass::Single) => Some(Self::Single),
            _ => None,
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
            let (weight, rows) = (Tensor::ones([64, 128], options), Tensor::ones([3, 128], options));
            let bias = Tensor::zeros([64], options);
            let layer = Eight::new(&weight, &bias)?;
            let found = layer.forward(&rows, Range::Signed, &Rooms::default())?;
            Ok((found - 128.0).abs().max().double_value(&[]) < 1.0)
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Range {
    /// Of either sign.
    Signed,
    /// None below zero, as after a rectifier: all of the eight bits are for what is above.
    Positive,
}

/// Places where rows stand, scaled, before they are multiplied; one for each width and range, of one worker. The first
/// row of each is a **guard** with the ends of the range, so that FBGEMM, which takes one scale for all rows from what
/// it finds in them, always finds the same.
#[derive(Default)]
pub(crate) struct Rooms(Mutex<HashMap<(i64, Range), Tensor>>);

impl Rooms {
    /// A place for the guard and so many rows of this width.
    fn room(&self, width: i64, range: Range, rows: i64) -> Tensor {
        let mut rooms = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let room = rooms.entry((width, range)).or_insert_with(|| Self::guarded(width, range, ROOM));
        if room.size()[0] <= rows {
            *room = Self::guarded(width, range, rows.max(2 * room.size()[0]));
        }
        room.narrow(0, 0, rows + 1)
    }

    fn guarded(width: i64, range: Range, rows: i64) -> Tensor {
        let room = Tensor::zeros([rows + 1, width], (Kind::Float, Device::Cpu));
        let mut guard = vec![0.0_f32; usize::try_from(width).unwrap_or_default()];
        if let [top, rest @ ..] = guard.as_mut_slice() {
            *top = 1.0;
            if let (Some(bottom), Range::Signed) = (rest.first_mut(), range) {
                *bottom = -1.0;
            }
        }
        room.get(0).copy_(&Tensor::from_slice(&guard));
        room
    }
}

/// A linear layer: a matrix (out × in) and a bias (out).
pub(crate) struct Linear {
    layer: Layer,
    range: Range,
    rooms: Arc<Rooms>,
}

enum Layer {
    Single { weight: Tensor, bias: Tensor },
    Eight(Eight),
}

/// A layer in eight bits, packed.
struct Eight {
    /// The weights (out × in), whole numbers.
    weight: Tensor,
    /// The same in the order in which FBGEMM reads them.
    packed: Tensor,
    /// The sum of each row of the weights.
    sums: Tensor,
    /// What one is worth in each row of the weights.
    scales: Tensor,
    bias: Tensor,
    /// No bias: ours is added once the rows have their scales again.
    none: Tensor,
}

impl Eight {
    fn new(weight: &Tensor, bias: &Tensor) -> Result<Self, TchError> {
        let scales = weight.abs().amax([1], true).clamp_min(LEAST_SCALE) / MOST;
        let whole = (weight / &scales).round().clamp(-MOST, MOST).to_kind(Kind::Int8);
        Self::packed(whole, scales.squeeze_dim(1), bias.shallow_clone())
    }

    fn packed(weight: Tensor, scales: Tensor, bias: Tensor) -> Result<Self, TchError> {
        let packed = weight.f_fbgemm_pack_quantized_matrix()?;
        let sums = weight.to_kind(Kind::Int).sum_dim_intlist([1].as_slice(), false, Kind::Int);
        let none = bias.zeros_like();
        Ok(Self { weight, packed, sums, scales, bias, none })
    }

    fn forward(&self, rows: &Tensor, range: Range, rooms: &Rooms) -> Result<Tensor, TchError> {
        let [count, width] = rows.size()[..] else { return Err(TchError::Shape("rows of one width".to_owned())) };
        let largest = if range == Range::Positive { rows.amax([1], true) } else { rows.abs().amax([1], true) };
        let largest = largest.clamp_min(LEAST_SCALE);
        let room = rooms.room(width, range, count);
        let _ = rows.f_div_out(&room.narrow(0, 1, count), &largest)?;
        let (weight, packed, sums) = (&self.weight, &self.packed, &self.sums);
        let (scale, zero) = (Scalar::from(1.0), Scalar::from(0));
        let product =
            room.f_fbgemm_linear_int8_weight_fp32_activation(weight, packed, sums, scale, zero, &self.none)?;
        let product = product.narrow(0, 1, count).multiply_(&largest);
        self.bias.f_addcmul(&product, &self.scales)
    }

    fn share(&self) -> Self {
        Self {
            weight: self.weight.shallow_clone(),
            packed: self.packed.shallow_clone(),
            sums: self.sums.shallow_clone(),
            scales: self.scales.shallow_clone(),
            bias: self.bias.shallow_clone(),
            none: self.none.shallow_clone(),
        }
    }
}

impl Linear {
    /// A layer of this matrix (out × in) and bias (out).
    pub(crate) fn new(
        weight: &Tensor,
        bias: &Tensor,
        range: Range,
        numbers: Numbers,
        rooms: &Arc<Rooms>,
    ) -> Result<Self, TchError> {
        let layer = match numbers {
            Numbers::Single => Layer::Single { weight: weight.shallow_clone(), bias: bias.shallow_clone() },
            Numbers::Eight => Layer::Eight(Eight::new(weight, bias)?),
        };
        Ok(Self { layer, range, rooms: Arc::clone(rooms) })
    }

    /// The layer over what comes in (… × in): … × out.
    pub(crate) fn forward(&self, values: &Tensor) -> Tensor {
        match &self.layer {
            Layer::Single { weight, bias } => values.linear(weight, Some(bias)),
            Layer::Eight(eight) => {
                let mut size = values.size();
                let rows = values.flatten(0, -2);
                // As everywhere in libtorch's bindings, a failure is a panic, which the workers turn into an error.
                let out = eight.forward(&rows, self.range, &self.rooms).unwrap();
                if let Some(last) = size.last_mut() {
                    *last = out.size()[1];
                }
                out.view(size.as_slice())
            }
        }
    }

    /// The layer with only these rows of its matrix and bias.
    pub(crate) fn of_rows(&self, rows: &Tensor) -> Result<Self, TchError> {
        let of = |tensor: &Tensor| tensor.index_select(0, rows);
        let layer = match &self.layer {
            Layer::Single { weight, bias } => Layer::Single { weight: of(weight), bias: of(bias) },
            Layer::Eight(eight) => Layer::Eight(Eight::packed(of(&eight.weight), of(&eight.scales), of(&eight.bias))?),
        };
        Ok(Self { layer, range: self.range, rooms: Arc::clone(&self.rooms) })
    }

    /// The same layer for another worker.
    pub(crate) fn share(&self, rooms: &Arc<Rooms>) -> Self {
        let layer = match &self.layer {
            Layer::Single { weight, bias } => {
                Layer::Single { weight: weight.shallow_clone(), bias: bias.shallow_clone() }
            }
            Layer::Eight(eight) => Layer::Eight(eight.share()),
        };
        Self { layer, range: self.range, rooms: Arc::clone(rooms) }
    }
}

#[cfg(test)]
mod tests {
    use tch::IndexOp;

    use super::*;

    /// Numbers of many sizes, the same for the same seed.
    fn numbers(rows: i64, columns: i64, seed: u64) -> Tensor {
        let mut random = fastrand::Rng::with_seed(seed);
        let one = |_| (random.f32() - 0.5) * 10.0_f32.powi(random.i32(-2..2));
        let flat: Vec<f32> = (0..rows * columns).map(one).collect();
        Tensor::from_slice(&flat).reshape([rows, columns])
    }

    fn layers(range: Range) -> [Linear; 2] {
        let (weight, bias) = (numbers(96, 64, 1), numbers(1, 96, 2).squeeze());
        [Numbers::Single, Numbers::Eight]
            .map(|numbers| Linear::new(&weight, &bias, range, numbers, &Arc::default()).unwrap())
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

    #[test]
    fn eight_bits_come_near_to_single_precision() {
        if !has_eight() {
            return;
        }
        for range in [Range::Signed, Range::Positive] {
            let [single, eight] = layers(range);
            let rows = if range == Range::Positive { numbers(200, 64, 3).relu() } else { numbers(200, 64, 3) };
            let (expected, found) = (single.forward(&rows), eight.forward(&rows));
            let apart = ((&found - &expected).square().mean(Kind::Float) / expected.square().mean(Kind::Float)).sqrt();
            assert!(apart.double_value(&[]) < 0.02, "{range:?}: {apart:?}");
        }
    }

    #[test]
    fn a_row_is_the_same_in_any_batch_bit_for_bit() {
        if !has_eight() {
            return;
        }
        let (rows, [_, eight]) = (numbers(150, 64, 4), layers(Range::Signed));
        let all = eight.forward(&rows);
        for at in [0, 1, 77, 149] {
            assert_eq!(eight.forward(&rows.i(at..=at)).get(0), all.get(at));
            let start = (at - 40).max(0);
            assert_eq!(eight.forward(&rows.i(start..=at)).get(at - start), all.get(at));
        }
    }

    #[test]
    fn rows_of_zeros_become_the_bias_and_shapes_are_kept() {
        if !has_eight() {
            return;
        }
        for range in [Range::Signed, Range::Positive] {
            let [single, eight] = layers(range);
            let zeros = Tensor::zeros([2, 3, 64], (Kind::Float, Device::Cpu));
            assert_eq!(eight.forward(&zeros), single.forward(&zeros));
            assert_eq!(eight.forward(&zeros).size(), [2, 3, 96]);
        }
    }

    #[test]
    fn some_rows_of_a_layer_say_what_they_say_among_all() {
        if !has_eight() {
            return;
        }
        let chosen = Tensor::from_slice(&[3_i64, 50, 95]);
        let rows = numbers(9, 64, 5);
        for layer in layers(Range::Signed) {
            let apart = layer.of_rows(&chosen).unwrap().forward(&rows) - layer.forward(&rows).index_select(1, &chosen);
            assert!(apart.abs().max().double_value(&[]) < 1e-4);
        }
    }
}
