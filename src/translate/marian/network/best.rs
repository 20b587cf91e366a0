//! The likeliest next pieces, from the logits of a step. libtorch's own searches for the largest of a row take longer
//! than the matrix that made them (64 × 3,000 logits: `max` 303 µs, `topk` 587, `logsumexp` 148; this some 90).

use tch::{Device, Kind, TchError, Tensor};

/// So many values are compared with the best so far at once.
const CHUNK: usize = 32;

/// So many values are summed side by side.
const LANES: usize = 8;

/// The logits of a step: rows × columns, of which each row may have fewer.
pub(super) struct Logits {
    values: Vec<f32>,
    columns: usize,
    /// The number of columns of each row.
    lengths: Vec<usize>,
    /// The logarithm of the summed exponentials of each row.
    norms: Vec<f32>,
}

impl Logits {
    /// The logits (rows × columns), the first `length` of each row; of a row beyond `lengths`, all.
    pub(super) fn of(logits: &Tensor, lengths: impl Fn(usize) -> Option<usize>) -> Result<Self, TchError> {
        let logits = logits.to_kind(Kind::Float).to_device(Device::Cpu).contiguous();
        let columns = logits.size().last().map_or(0, |&columns| usize::try_from(columns).unwrap_or_default());
        let mut values = vec![0.0; logits.numel()];
        let count = values.len();
        logits.f_copy_data(&mut values, count)?;
        let rows = count / columns.max(1);
        let lengths: Vec<usize> = (0..rows).map(|row| lengths(row).map_or(columns, |it| it.min(columns))).collect();
        let row = |(row, &length): (&[f32], &usize)| norm(&row[..length]);
        let norms = values.chunks_exact(columns.max(1)).zip(&lengths).map(row).collect();
        Ok(Self { values, columns, lengths, norms })
    }

    /// Rules columns out in one row. What is ruled out takes no share of the probability of the rest.
    pub(super) fn forbid(&mut self, row: usize, columns: &[usize]) {
        for &column in columns {
            self.values[row * self.columns + column] = f32::NEG_INFINITY;
        }
    }

    /// The `count` likeliest columns of a row, the likeliest first, each with its log-probability in nats; of equals
    /// the first.
    pub(super) fn best(&self, row: usize, count: usize) -> Vec<(usize, f32)> {
        let mut best: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
        let mut least = f32::NEG_INFINITY;
        let values = &self.values[row * self.columns..][..self.lengths[row]];
        for (chunk, start) in values.chunks(CHUNK).zip((0..).step_by(CHUNK)) {
            if largest(chunk) <= least {
                continue;
            }
            for (column, &value) in (start..).zip(chunk) {
                if value > least {
                    let at = best.partition_point(|&(_, other)| other >= value);
                    best.insert(at, (column, value));
                    best.truncate(count);
                    if best.len() == count {
                        least = best[count - 1].1;
                    }
                }
            }
        }
        let norm = self.norms[row];
        best.into_iter().map(|(column, value)| (column, value - norm)).collect()
    }
}

/// The logarithm of the summed exponentials of each row.
pub(super) fn norms(logits: &Tensor) -> Tensor {
    let largest = logits.amax([-1], true);
    let sums = (logits - &largest).exp_().sum_dim_intlist([-1].as_slice(), false, Kind::Float);
    sums.log() + largest.squeeze_dim(-1)
}

/// The logarithm of the summed exponentials of a row.
fn norm(values: &[f32]) -> f32 {
    let most = largest(values);
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut sums = [0.0_f32; LANES];
    for chunk in chunks {
        for (sum, &value) in sums.iter_mut().zip(chunk) {
            *sum += exp(value - most);
        }
    }
    let rest: f32 = rest.iter().map(|&value| exp(value - most)).sum();
    most + (sums.iter().sum::<f32>() + rest).ln()
}

/// e to the power of `value` ≤ 0, to some five in a million, and 0 below e⁻⁸⁷: a polynomial, so that the processor
/// takes many at once, where the standard library's function takes one.
fn exp(value: f32) -> f32 {
    // Rounds to the nearest whole number when it is added.
    const ROUND: f32 = 12_582_912.0;
    let scaled = value.max(-87.0) * std::f32::consts::LOG2_E;
    let shifted = scaled + ROUND;
    let fraction = (scaled - (shifted - ROUND)) * std::f32::consts::LN_2;
    let power = f32::from_bits((shifted.to_bits() << 23).wrapping_add(1.0_f32.to_bits()));
    let polynomial = 1.0
        + fraction
            * (1.0
                + fraction
                    * (0.5
                        + fraction
                            * (1.0 / 6.0 + fraction * (1.0 / 24.0 + fraction * (1.0 / 120.0 + fraction / 720.0)))));
    if value < -87.0 { 0.0 } else { power * polynomial }
}

/// The largest value, in lanes that the processor compares at once.
fn largest(values: &[f32]) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [f32::NEG_INFINITY; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = if value > *lane { value } else { *lane };
        }
    }
    lanes.iter().chain(rest).copied().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_are_those_of_a_sorted_row(
            row in prop::collection::vec((-9_i8..9).prop_map(f32::from), 1..200),
            count in 1_usize..6,
        ) {
            let found = Logits::of(&Tensor::from_slice(&row).unsqueeze(0), |_| None).unwrap().best(0, count);
            let norm = row.iter().map(|value| value.exp()).sum::<f32>().ln();
            let mut expected: Vec<(usize, f32)> = row.iter().copied().enumerate().collect();
            expected.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
            expected.truncate(count);
            prop_assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert_eq!(found.0, expected.0);
                prop_assert!((found.1 - (expected.1 - norm)).abs() < 1e-4);
            }
        }
    }

    proptest! {
        #[test]
        fn the_exponential_is_that_of_the_standard_library(value in -87.0_f32..=0.0) {
            prop_assert!((exp(value) / value.exp() - 1.0).abs() < 5e-6, "{} {}", exp(value), value.exp());
        }
    }

    #[test]
    fn a_row_ends_where_it_is_said_to() {
        let logits = Tensor::from_slice(&[1.0_f32, 9.0, 2.0, 3.0]).reshape([2, 2]);
        let logits = Logits::of(&logits, |row| (row == 0).then_some(1)).unwrap();
        assert_eq!((logits.best(0, 2), logits.best(1, 1)[0].0), (vec![(0, 0.0)], 1));
        assert_eq!((exp(-100.0), exp(f32::NEG_INFINITY), exp(0.0)), (0.0, 0.0, 1.0));
    }

    #[test]
    fn what_is_forbidden_is_not_chosen_and_keeps_its_share() {
        let mut logits = Logits::of(&Tensor::from_slice(&[0.0_f32, 0.0, 0.0, 0.0]).reshape([2, 2]), |_| None).unwrap();
        logits.forbid(0, &[0]);
        logits.forbid(1, &[]);
        assert_eq!((logits.best(0, 2).len(), logits.best(1, 2).len()), (1, 2));
        assert!((logits.best(0, 1)[0].1 - 0.5_f32.ln()).abs() < 1e-6);
    }
}
