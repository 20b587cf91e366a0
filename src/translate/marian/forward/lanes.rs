//! What is computed of rows of numbers beside linear layers: loops that the compiler turns into the widest instructions
//! that the machine has, chosen when the program runs.
//!
//! A sum is made in as many lanes on every machine, and nothing is fused, so results are the same on all of them.

#![expect(
    clippy::inline_always,
    reason = "what is called is compiled for the wider instructions only where it is inlined"
)]

use multiversion::multiversion;

/// So many values are summed or compared side by side.
pub(super) const LANES: usize = 16;

/// The number that is added to a variance, as in PyTorch's layers.
const EPSILON: f32 = 1e-5;

/// Adds to each row of `values` that of `added`, and gives it the mean and variance of the layer (weight and bias, each
/// as long as a row).
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn add_and_normalise(values: &mut [f32], added: &[f32], weight: &[f32], bias: &[f32]) {
    let width = weight.len();
    #[expect(clippy::cast_precision_loss, reason = "a width of a few hundred")]
    let share = (width as f32).recip();
    for (row, added) in values.chunks_exact_mut(width).zip(added.chunks_exact(width)) {
        for (value, &added) in row.iter_mut().zip(added) {
            *value += added;
        }
        let mean = sum(row, |value| value) * share;
        let variance = sum(row, |value| (value - mean) * (value - mean)) * share;
        let scale = (variance + EPSILON).sqrt().recip();
        for ((value, &weight), &bias) in row.iter_mut().zip(weight).zip(bias) {
            *value = (*value - mean) * scale * weight + bias;
        }
    }
}

/// Divides each row of `values` by its largest magnitude, at least `least`, which is kept in `largest`; what results
/// is in −1 … 1, and added to `scaled`.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn scale_rows(values: &[f32], width: usize, least: f32, scaled: &mut Vec<f32>, largest: &mut Vec<f32>) {
    for row in values.chunks_exact(width) {
        let most = magnitude(row).max(least);
        largest.push(most);
        let scale = most.recip();
        scaled.extend(row.iter().map(|&value| (value * scale).clamp(-1.0, 1.0)));
    }
}

/// Rounds each row of `values`, divided by a 127th of its largest magnitude, at least `least`, to whole numbers, halves to
/// even ones; they are added to `whole`, and what one is worth to `scales`.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn round_rows(values: &[f32], width: usize, least: f32, whole: &mut Vec<i8>, scales: &mut Vec<f32>) {
    /// Added to a number of up to 2²², it leaves the whole number in the lowest bits of the sum.
    const WHOLE: f32 = 12_582_912.0;
    for row in values.chunks_exact(width.max(1)) {
        let scale = magnitude(row).max(least) / 127.0;
        scales.push(scale);
        whole.extend(row.iter().map(|&value| (value / scale + WHOLE).to_bits().to_le_bytes()[0].cast_signed()));
    }
}

/// Adds to `into` what rows of products are once they have back what their two sides were divided by, and a bias: each
/// row its own, each column its own (scales and bias, each as long as a row).
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn unscale_rows(products: &[f32], of_rows: &[f32], of_columns: &[f32], bias: &[f32], into: &mut Vec<f32>) {
    for (row, &of_row) in products.chunks_exact(of_columns.len().max(1)).zip(of_rows) {
        let columns = row.iter().zip(of_columns).zip(bias);
        into.extend(columns.map(|((&product, &of_column), &bias)| unscaled(product, of_row, of_column, bias)));
    }
}

/// The same for one row, which is put in the place of `into`.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn unscale_row(products: &[f32], of_row: f32, of_columns: &[f32], bias: &[f32], into: &mut [f32]) {
    for (((into, &product), &of_column), &bias) in into.iter_mut().zip(products).zip(of_columns).zip(bias) {
        *into = unscaled(product, of_row, of_column, bias);
    }
}

/// What one product is then.
#[inline(always)]
pub(crate) fn unscaled(product: f32, of_row: f32, of_column: f32, bias: f32) -> f32 {
    bias + product * of_row * of_column
}

/// x / (1 + e⁻ˣ) of each value.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn swish(values: &mut [f32]) {
    for value in values {
        let power = exp(-value.abs());
        *value *= if *value < 0.0 { power } else { 1.0 } / (1.0 + power);
    }
}

/// The logarithm of the summed exponentials of some values.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn log_sum_exp(values: &[f32]) -> f32 {
    let most = most(values);
    most + sum(values, |value| exp(value - most)).ln()
}

/// The largest value; −∞ of none.
#[inline(always)]
pub(crate) fn most(values: &[f32]) -> f32 {
    fold(values, f32::NEG_INFINITY, |most, value| if value > most { value } else { most })
}

/// The largest magnitude; 0 of none.
#[inline(always)]
fn magnitude(values: &[f32]) -> f32 {
    fold(values, 0.0, |most, value| if value.abs() > most { value.abs() } else { most })
}

/// Replaces values by their exponentials' shares.
#[inline(always)]
pub(super) fn softmax(values: &mut [f32]) {
    let most = most(values);
    for value in values.iter_mut() {
        *value = exp(*value - most);
    }
    let share = sum(values, |value| value).recip();
    for value in values {
        *value *= share;
    }
}

#[inline(always)]
fn sum(values: &[f32], of: impl Fn(f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [0.0; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane += of(value);
        }
    }
    together(lanes) + rest.iter().map(|&value| of(value)).sum::<f32>()
}

/// The sum of lanes, pair by pair.
#[inline(always)]
fn together(mut lanes: [f32; LANES]) -> f32 {
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] += lanes[lane + half];
        }
        half /= 2;
    }
    lanes[0]
}

#[inline(always)]
fn fold(values: &[f32], first: f32, with: impl Fn(f32, f32) -> f32) -> f32 {
    let (chunks, rest) = values.as_chunks::<LANES>();
    let mut lanes = [first; LANES];
    for chunk in chunks {
        for (lane, &value) in lanes.iter_mut().zip(chunk) {
            *lane = with(*lane, value);
        }
    }
    lanes.iter().chain(rest).copied().fold(first, with)
}

/// e to the power of `value` ≤ 0, to some five in a million, and 0 below e⁻⁸⁷: a polynomial, so that the processor
/// takes many at once, where the standard library's function takes one.
#[inline(always)]
pub(super) fn exp(value: f32) -> f32 {
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

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(in super::super) fn numbers(count: usize, seed: u64) -> Vec<f32> {
        let mut random = fastrand::Rng::with_seed(seed);
        (0..count).map(|_| random.f32() * 4.0 - 2.0).collect()
    }

    proptest! {
        #[test]
        fn the_exponential_is_that_of_the_standard_library(value in -87.0_f32..=0.0) {
            prop_assert!((exp(value) / value.exp() - 1.0).abs() < 5e-6, "{} {}", exp(value), value.exp());
        }

        #[test]
        fn sums_and_extremes_are_those_of_one_value_after_the_other(count in 0_usize..80, seed in any::<u64>()) {
            let values = numbers(count, seed);
            let naive = values.iter().map(|value| value.exp()).sum::<f32>().ln();
            prop_assert!(count == 0 || (log_sum_exp(&values) - naive).abs() < 1e-4);
            let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            prop_assert!(most(&values).total_cmp(&largest).is_eq());
            let largest = values.iter().map(|value| value.abs()).fold(0.0, f32::max);
            prop_assert!(magnitude(&values).total_cmp(&largest).is_eq());
        }
    }

    #[test]
    fn the_exponential_ends_where_single_precision_does() {
        assert_eq!((exp(-100.0), exp(f32::NEG_INFINITY), exp(0.0)), (0.0, 0.0, 1.0));
    }

    #[test]
    fn rows_are_normalised_scaled_and_unscaled() {
        let (mut values, added) = (numbers(60, 5), numbers(60, 6));
        let expected: Vec<f32> = values.iter().zip(&added).map(|(value, added)| value + added).collect();
        add_and_normalise(&mut values, &added, &[2.0; 20], &[1.0; 20]);
        for (row, sums) in values.chunks(20).zip(expected.chunks(20)) {
            let mean = sums.iter().sum::<f32>() / 20.0;
            let deviation = (sums.iter().map(|sum| (sum - mean).powi(2)).sum::<f32>() / 20.0).sqrt();
            for (value, sum) in row.iter().zip(sums) {
                assert!((value - ((sum - mean) / deviation * 2.0 + 1.0)).abs() < 1e-3);
            }
        }
        let (mut scaled, mut largest) = (Vec::new(), Vec::new());
        scale_rows(&values, 20, 1e-9, &mut scaled, &mut largest);
        assert!(scaled.iter().all(|value| (-1.0..=1.0).contains(value)) && largest.len() == 3);
        let mut unscaled = Vec::new();
        unscale_rows(&scaled, &largest, &[1.0; 20], &[0.5; 20], &mut unscaled);
        assert_eq!(unscaled.len(), values.len());
        assert!(unscaled.iter().zip(&values).all(|(found, value)| (found - value - 0.5).abs() < 1e-5));
        for ((row, &largest), expected) in scaled.chunks(20).zip(&largest).zip(unscaled.chunks(20)) {
            let mut found = vec![9.0; 20];
            unscale_row(row, largest, &[1.0; 20], &[0.5; 20], &mut found);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn rows_are_rounded_to_whole_numbers_of_a_127th_of_their_largest() {
        let mut values = numbers(60, 7);
        values.extend([127.0, 0.5, 1.5, -0.5, -1.5, -2.5, -127.0, 126.49, 0.49, 0.0].repeat(2));
        values.extend([0.0; 20]);
        let (mut whole, mut scales) = (Vec::new(), Vec::new());
        round_rows(&values, 20, 1e-9, &mut whole, &mut scales);
        for ((row, found), scale) in values.chunks(20).zip(whole.chunks(20)).zip(&scales) {
            let largest = row.iter().fold(1e-9, |most: f32, value| most.max(value.abs()));
            assert_eq!(scale.to_bits(), (largest / 127.0).to_bits());
            let rounded: Vec<f32> = row.iter().map(|value| (value / scale).round_ties_even()).collect();
            assert_eq!(found.iter().map(|&value| f32::from(value)).collect::<Vec<_>>(), rounded);
        }
        assert_eq!(whole[60..70], [127, 0, 2, 0, -2, -2, -127, 126, 0, 0]);
        assert_eq!((whole.len(), scales.len()), (100, 5));
    }

    #[test]
    fn swish_is_what_it_is_defined_to_be() {
        let mut values = vec![-80.0, -2.0, 0.0, 3.0, 90.0];
        swish(&mut values);
        for (found, value) in values.iter().zip([-80.0_f32, -2.0, 0.0, 3.0, 90.0]) {
            assert!((found - value / (1.0 + (-value).exp())).abs() < 1e-4, "{found}");
        }
    }
}
