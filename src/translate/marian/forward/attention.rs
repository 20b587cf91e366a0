//! Attention of a query to what it sees, in loops as those of [`super::lanes`].

use multiversion::multiversion;

use super::lanes::{LANES, exp, softmax};

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

/// Attention of so many heads, a divisor of the lanes, to what stands at these places of each piece: keys, and values. It is
/// inlined so as to be compiled for the wider instructions.
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

#[cfg(test)]
mod tests {
    use super::{super::lanes::tests::numbers, *};

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
}
