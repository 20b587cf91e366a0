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
const LANES: usize = 16;

/// The number that is added to a variance, as in PyTorch's layers.
const EPSILON: f32 = 1e-5;

/// Room for what attention computes for a query.
#[derive(Default)]
pub(crate) struct Attention {
    /// The shares that each head gives to the pieces, piece by piece.
    shares: Vec<f32>,
}

impl Attention {
    /// Mixes what a query (width) sees, by its likeness to the keys: head by head, as Vaswani et al. (2017) have it.
    /// `seen` has the key and after it the value of each piece (2 × width); `mixed` (width) is replaced. Heads are
    /// **interleaved**, so that they are computed side by side ([`interleaved`]).
    pub(crate) fn attend(&mut self, query: &[f32], seen: &[&[f32]], heads: usize, mixed: &mut [f32]) {
        attend(query, seen, heads, &mut self.shares, mixed);
    }
}

/// Heads that are computed side by side: a power of two of them, which divides the lanes. Of six heads in 24 lanes the compiler
/// made one operation a value, and attention took half of the time of decoding.
#[derive(Clone, Copy)]
struct Group {
    first: usize,
    heads: usize,
}

impl Group {
    /// The groups of so many heads, the largest first.
    fn all(heads: usize) -> impl Iterator<Item = Self> {
        let next = move |group: &Self| {
            let first = group.first + group.heads;
            let left = (heads - first).checked_ilog2()?;
            Some(Self { first, heads: LANES.min(1 << left) })
        };
        std::iter::successors(Some(Self { first: 0, heads: 0 }), next).skip(1)
    }
}

/// Where what stands at each place of interleaved heads ([`Attention::attend`]) stands head after head: group after group,
/// and of each group what is at the first place of each head, then what is at the second …
pub(crate) fn interleaved(width: usize, heads: usize) -> Vec<usize> {
    let head = width / heads.max(1);
    let of_group = |group: Group| {
        let heads = group.first..group.first + group.heads;
        (0..head).flat_map(move |place| heads.clone().map(move |of_head| of_head * head + place))
    };
    Group::all(heads).flat_map(of_group).collect()
}

#[multiversion(targets("x86_64+avx2"))]
fn attend(query: &[f32], seen: &[&[f32]], heads: usize, shares: &mut Vec<f32>, mixed: &mut [f32]) {
    let width = query.len();
    let head = width / heads.max(1);
    for Group { first, heads } in Group::all(heads) {
        let at = first * head..(first + heads) * head;
        let (query, mixed, scale) = (&query[at.clone()], &mut mixed[at.clone()], head_scale(head));
        let places = [at.start, width + at.start];
        match heads {
            1 => attend_in::<1>(query, seen, places, scale, shares, mixed),
            2 => attend_in::<2>(query, seen, places, scale, shares, mixed),
            4 => attend_in::<4>(query, seen, places, scale, shares, mixed),
            8 => attend_in::<8>(query, seen, places, scale, shares, mixed),
            _ => attend_in::<16>(query, seen, places, scale, shares, mixed),
        }
    }
}

/// Attention of so many heads, a divisor of the lanes, to what stands at these places of each piece: keys, and values.
#[inline(always)]
fn attend_in<const HEADS: usize>(
    query: &[f32],
    seen: &[&[f32]],
    [keys, values]: [usize; 2],
    scale: f32,
    shares: &mut Vec<f32>,
    mixed: &mut [f32],
) {
    /// So many lanes of what is mixed are held at once.
    const HELD: usize = 4;
    let width = query.len();
    if !width.is_multiple_of(HELD * LANES) {
        return attend_one_by_one(HEADS, query, seen, [keys, values], scale, shares, mixed);
    }
    // The likeness of every piece, first lane by lane: a loop that also sums the lanes of each head is no faster than one value
    // after the other.
    shares.resize(seen.len() * LANES, 0.0);
    let shares = shares.as_chunks_mut::<LANES>().0;
    for (share, piece) in shares.iter_mut().zip(seen) {
        let mut lanes = [0.0; LANES];
        let key = piece[keys..][..width].as_chunks::<LANES>().0;
        for (query, key) in query.as_chunks::<LANES>().0.iter().zip(key) {
            for lane in 0..LANES {
                lanes[lane] += query[lane] * key[lane];
            }
        }
        *share = lanes;
    }
    let mut largest = [f32::NEG_INFINITY; LANES];
    for share in shares.iter_mut() {
        let mut heads = [0.0; HEADS];
        for part in share.as_chunks::<HEADS>().0 {
            for head in 0..HEADS {
                heads[head] += part[head];
            }
        }
        for lane in 0..LANES {
            share[lane] = heads[lane % HEADS] * scale;
            largest[lane] = if share[lane] > largest[lane] { share[lane] } else { largest[lane] };
        }
    }
    let mut sums = [0.0; LANES];
    for share in shares.iter_mut() {
        for lane in 0..LANES {
            share[lane] = exp(share[lane] - largest[lane]);
            sums[lane] += share[lane];
        }
    }
    for (at, blocks) in mixed.as_chunks_mut::<LANES>().0.as_chunks_mut::<HELD>().0.iter_mut().enumerate() {
        let mut held = [[0.0; LANES]; HELD];
        for (share, piece) in shares.iter().zip(seen) {
            let value = piece[values + at * HELD * LANES..][..HELD * LANES].as_chunks::<LANES>().0;
            for (held, value) in held.iter_mut().zip(value) {
                for lane in 0..LANES {
                    held[lane] += share[lane] * value[lane];
                }
            }
        }
        for (block, held) in blocks.iter_mut().zip(&held) {
            for lane in 0..LANES {
                block[lane] = if sums[lane] > 0.0 { held[lane] / sums[lane] } else { 0.0 };
            }
        }
    }
}

/// Attention of some heads of any width, value by value.
fn attend_one_by_one(
    heads: usize,
    query: &[f32],
    seen: &[&[f32]],
    [keys, values]: [usize; 2],
    scale: f32,
    shares: &mut Vec<f32>,
    mixed: &mut [f32],
) {
    mixed.fill(0.0);
    for head in 0..heads {
        let places = || (head..query.len()).step_by(heads);
        let likeness = |piece: &&[f32]| places().map(|place| query[place] * piece[keys + place]).sum::<f32>() * scale;
        shares.clear();
        shares.extend(seen.iter().map(likeness));
        softmax(shares);
        for (&share, piece) in shares.iter().zip(seen) {
            places().for_each(|place| mixed[place] += share * piece[values + place]);
        }
    }
}

/// What the likeness of a query to keys is multiplied by, where a head is so wide.
#[expect(clippy::cast_precision_loss, reason = "a width of a few hundred")]
fn head_scale(head: usize) -> f32 {
    (head as f32).sqrt().recip()
}

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
fn softmax(values: &mut [f32]) {
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(count: usize, seed: u64) -> Vec<f32> {
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
    fn a_query_mixes_what_it_sees_head_by_head() {
        let sizes = [
            (64, 1),
            (128, 4),
            (128, 8),
            (96, 6),
            (384, 6),
            (512, 16),
            (192, 3),
            (1_280, 20),
            (8, 2),
            (20, 4),
            (70, 7),
        ];
        for (width, heads) in sizes {
            // Head after head, as they are defined.
            let (query, head) = (numbers(width, 1), width / heads);
            let pieces: Vec<Vec<f32>> = (2..9).map(|seed| numbers(2 * width, seed)).collect();
            let order = interleaved(width, heads);
            let put = |values: &[f32]| order.iter().map(|&place| values[place]).collect::<Vec<f32>>();
            let placed: Vec<Vec<f32>> =
                pieces.iter().map(|piece| [put(&piece[..width]), put(&piece[width..])].concat()).collect();
            let seen: Vec<&[f32]> = placed.iter().map(Vec::as_slice).collect();
            let mut mixed = vec![9.0; width];
            Attention::default().attend(&put(&query), &seen, heads, &mut mixed);
            let found = |place: usize| mixed[order.iter().position(|&at| at == place).unwrap()];
            let scale = (head as f32).sqrt();
            for of_head in 0..heads {
                let of_this = || of_head * head..(of_head + 1) * head;
                let likeness =
                    |piece: &Vec<f32>| of_this().map(|place| query[place] * piece[place]).sum::<f32>() / scale;
                let powers: Vec<f32> = pieces.iter().map(|piece| likeness(piece).exp()).collect();
                for place in of_this() {
                    let sum: f32 = powers.iter().zip(&pieces).map(|(power, piece)| power * piece[width + place]).sum();
                    let expected = sum / powers.iter().sum::<f32>();
                    assert!((found(place) - expected).abs() < 1e-4, "{width} {heads}: {} {expected}", found(place));
                }
            }
            Attention::default().attend(&query, &[], heads, &mut mixed);
            assert!(mixed.iter().all(|&value| value == 0.0));
        }
    }

    #[test]
    fn interleaved_heads_stand_side_by_side_in_groups_of_powers_of_two() {
        assert_eq!(interleaved(6, 2), [0, 3, 1, 4, 2, 5]);
        assert_eq!(interleaved(6, 3), [0, 2, 1, 3, 4, 5]);
        let groups = |heads| Group::all(heads).map(|group| group.heads).collect::<Vec<_>>();
        assert_eq!(
            [groups(0), groups(1), groups(6), groups(20), groups(39)].concat(),
            [1, 4, 2, 16, 4, 16, 16, 4, 2, 1]
        );
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
    fn swish_is_what_it_is_defined_to_be() {
        let mut values = vec![-80.0, -2.0, 0.0, 3.0, 90.0];
        swish(&mut values);
        for (found, value) in values.iter().zip([-80.0_f32, -2.0, 0.0, 3.0, 90.0]) {
            assert!((found - value / (1.0 + (-value).exp())).abs() < 1e-4, "{found}");
        }
    }
}
