//! Pinned beads: what a person, or the row of a table, has decided is kept, and the rest is aligned between.
//!
//! Searches know nothing of them: a bead that breaks with a pinned one costs more than anything ([`KeepingPinned`]),
//! and the band leads through all of them ([`Pinned::band`]). So that any search can take a pinned pair, of whatever
//! length and with whatever shapes of beads, it goes through it in pieces: its target sentences but the last as
//! additions, a 1:1 bead, its other source sentences as omissions; [`Pinned::restore`] puts the pieces together
//! again. In that order they go with anything before and after, as the order of omissions and additions inside a gap
//! demands.
//!
//! A sentence that is pinned to stand alone keeps no place among those of the other side. Stretches that are closed
//! ([`Pinned::closing`]) have their pairs inside.

mod closed;

use std::ops::Range;

use self::closed::Closed;
use super::{Cost, MOST, bounded, coarse};
use crate::{
    band::Band,
    bead::{Alignment, Bead, Run},
    both::Both,
};

/// The pinned beads of a document: pairs, and sentences without a counterpart, that any alignment must have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pinned {
    /// The pinned pairs, in order.
    pairs: Vec<Both<Run>>,
    /// The owner of each sentence; nothing at all where nothing is pinned.
    owners: Both<Vec<Owner>>,
    /// The stretches that no pair leaves.
    closed: Closed,
    /// Whether each sentence is a heading; nothing at all where none is.
    headings: Both<Vec<bool>>,
}

/// What a sentence is pinned to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Free,
    Alone,
    /// A pinned pair, by its number.
    Pair(usize),
}

/// A reason why beads cannot stand in one alignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clash {
    /// A sentence stands in two beads.
    Twice,
    /// Two pairs stand in another order on one side than on the other.
    Crossing,
}

impl Pinned {
    /// Pins beads of texts of these `lengths`, in any order; a bead without a counterpart may have several sentences.
    /// Fails with the position of a bead that clashes with another one, and the reason.
    pub fn new(lengths: Both<usize>, beads: &[Both<Run>]) -> Result<Self, (usize, Clash)> {
        let mut order: Vec<usize> = (0..beads.len()).collect();
        order.sort_by_key(|&bead| beads[bead].source.start);
        let owners = lengths.map(|length| vec![Owner::Free; length]);
        let mut pinned = Self { pairs: Vec::new(), owners, closed: Closed::default(), headings: Both::default() };
        for number in order {
            let runs = beads[number];
            let is_pair = !runs.source.is_empty() && !runs.target.is_empty();
            let owner = if is_pair { Owner::Pair(pinned.pairs.len()) } else { Owner::Alone };
            for (owners, run) in [(&mut pinned.owners.source, runs.source), (&mut pinned.owners.target, runs.target)] {
                if owners[run.range()].iter().any(|&before| before != Owner::Free) {
                    return Err((number, Clash::Twice));
                }
                owners[run.range()].fill(owner);
            }
            if is_pair {
                if pinned.pairs.last().is_some_and(|before| before.target.end > runs.target.start) {
                    return Err((number, Clash::Crossing));
                }
                pinned.pairs.push(runs);
            }
        }
        Ok(pinned)
    }

    /// Closes stretches, which must be in order on both sides: their pairs are between sentences of one stretch. One that
    /// a pinned pair cuts or parts, or that has no sentence left to pair on a side, stays open.
    #[must_use]
    pub fn closing(mut self, stretches: &[Both<Run>]) -> Self {
        let is_free = |owners: &[Owner], run: Run| owners[run.range()].contains(&Owner::Free);
        let is_whole = |stretch: &&Both<Run>| {
            let pairs =
                |count: fn(&Both<Run>, &Both<Run>) -> bool| self.pairs.partition_point(|pair| count(pair, stretch));
            let before = [
                pairs(|pair, stretch| pair.source.start < stretch.source.end),
                pairs(|pair, stretch| pair.source.end <= stretch.source.start),
                pairs(|pair, stretch| pair.target.start < stretch.target.end),
                pairs(|pair, stretch| pair.target.end <= stretch.target.start),
            ];
            before.iter().all(|&count| count == before[0])
                && is_free(&self.owners.source, stretch.source)
                && is_free(&self.owners.target, stretch.target)
        };
        let whole = stretches.iter().filter(is_whole).copied().collect();
        self.closed = Closed::new(self.owners.as_ref().map(Vec::len), whole);
        self
    }

    /// Keeps headings, by whether each sentence is one, apart from the text below them: no pair has both on a side.
    #[must_use]
    pub fn parting(mut self, headings: Both<Vec<bool>>) -> Self {
        self.headings = headings;
        self
    }

    /// Whether a side of a bead has a heading and text that is none.
    fn mixes(&self, runs: Both<Run>) -> bool {
        let mixes = |headings: &[bool], run: Run| {
            run.len() > 1 && headings.get(run.range()).is_some_and(|run| run.iter().any(|&it| it != run[0]))
        };
        mixes(&self.headings.source, runs.source) || mixes(&self.headings.target, runs.target)
    }

    /// Whether nothing is pinned or closed.
    pub fn is_empty(&self) -> bool {
        let is_free = |owners: &Vec<Owner>| owners.iter().all(|&owner| owner == Owner::Free);
        is_free(&self.owners.source) && is_free(&self.owners.target) && self.closed.is_empty()
    }

    /// The pinned pair that the bead over `runs` is, or is a piece of.
    pub fn pair(&self, runs: Both<Run>) -> Option<Both<Run>> {
        let until = self.pairs.partition_point(|pair| pair.source.start <= runs.source.start);
        let pair = self.pairs[..until].last().copied()?;
        (pair == runs || is_piece(runs, pair)).then_some(pair)
    }

    /// The band of texts with pinned beads, from a vector for each sentence: what [`coarse::band`] says of each
    /// stretch between pinned pairs without the sentences that are pinned to stand alone, and a path through what is
    /// pinned.
    pub fn band(&self, vectors: Both<&[Vec<f32>]>) -> Band {
        let lengths = vectors.map(<[_]>::len);
        if self.is_empty() {
            return coarse::band(vectors);
        }
        let mut rows: Vec<Range<usize>> = Vec::with_capacity(lengths.source + 1);
        let mut reached = Both::new(0, 0);
        let end = lengths.map(|length| Run::new(length, length));
        for &pair in self.pairs.iter().chain([&end]) {
            let stretch = reached.zip(pair).map(|(from, run)| Run::new(from, run.start));
            let mut stretch_rows = self.rows(stretch, vectors).into_iter();
            // Its first row is that in which the pair before it ends.
            if let Some(last) = rows.last_mut() {
                last.end = stretch_rows.next().map_or(last.end, |first| first.end);
            }
            rows.extend(stretch_rows);
            if let Some(last) = rows.last_mut() {
                last.end = pair.target.end + 1;
            }
            rows.extend(pair.source.range().map(|_| pair.target.end..pair.target.end + 1));
            reached = pair.map(|run| run.end);
        }
        Band::new(rows, lengths.target)
    }

    /// The rows of a stretch without pinned pairs, from that of its first node to that of its last one.
    fn rows(&self, stretch: Both<Run>, vectors: Both<&[Vec<f32>]>) -> Vec<Range<usize>> {
        let free = self.owners.as_ref().zip(stretch).map(|(owners, run)| {
            run.range().filter(|&sentence| owners[sentence] == Owner::Free).collect::<Vec<usize>>()
        });
        let of_free = free
            .as_ref()
            .zip(vectors)
            .map(|(free, vectors)| free.iter().map(|&sentence| vectors[sentence].clone()).collect::<Vec<_>>());
        let band = self.closed.band(stretch, &free, Both::new(&of_free.source, &of_free.target));
        // All nodes that are the same but for sentences that stand alone.
        let first = |n_free: usize| n_free.checked_sub(1).map_or(stretch.target.start, |at| free.target[at] + 1);
        let last = |n_free: usize| free.target.get(n_free).copied().unwrap_or(stretch.target.end);
        let row = |i: usize| {
            let row = band.row(free.source.partition_point(|&sentence| sentence < i));
            first(row.start)..last(row.end - 1) + 1
        };
        (stretch.source.start..=stretch.source.end).map(row).collect()
    }

    /// The alignment with the pieces of each pinned pair put together, and with confidence 1 for everything pinned.
    #[must_use]
    pub fn restore(&self, alignment: &Alignment) -> Alignment {
        let mut beads: Vec<Bead> = Vec::with_capacity(alignment.beads().len());
        for &bead in alignment.beads() {
            match self.pair(bead.runs) {
                Some(pair) if beads.last().is_some_and(|last| last.runs == pair) => {}
                Some(pair) => beads.push(Bead { runs: pair, confidence: 1.0 }),
                None if self.is_alone(bead.runs) => beads.push(Bead { confidence: 1.0, ..bead }),
                None => beads.push(bead),
            }
        }
        Alignment::new(beads)
    }

    fn is_alone(&self, runs: Both<Run>) -> bool {
        let sides = [side(&self.owners.source, runs.source), side(&self.owners.target, runs.target)];
        sides.contains(&Side::Of(Owner::Alone))
    }

    /// Whether a bead agrees with everything pinned.
    fn allows(&self, runs: Both<Run>) -> bool {
        if self.owners.source.is_empty() && self.owners.target.is_empty() {
            return true;
        }
        match [side(&self.owners.source, runs.source), side(&self.owners.target, runs.target)] {
            [Side::Of(Owner::Free), Side::Of(Owner::Free)] => self.closed.allow(runs) && !self.mixes(runs),
            [Side::Of(Owner::Alone), Side::Of(Owner::Free)] => runs.target.is_empty(),
            [Side::Of(Owner::Free), Side::Of(Owner::Alone)] => runs.source.is_empty(),
            [Side::Of(Owner::Pair(number)), Side::Of(_)] | [Side::Of(_), Side::Of(Owner::Pair(number))] => {
                is_piece(runs, self.pairs[number])
            }
            _ => false,
        }
    }
}

/// The pinned beads that the sentences on one side of a bead belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    /// All sentences have one owner, or are free.
    Of(Owner),
    /// The bead joins sentences of which some are pinned.
    Joining,
}

fn side(owners: &[Owner], run: Run) -> Side {
    match &owners.get(run.range()).unwrap_or_default() {
        // Between two sentences of the same pair nothing else has its place.
        [] => match (run.start.checked_sub(1).and_then(|before| owners.get(before)), owners.get(run.start)) {
            (Some(&before @ Owner::Pair(_)), Some(&after)) if before == after => Side::Of(before),
            _ => Side::Of(Owner::Free),
        },
        [one] => Side::Of(*one),
        many if many.iter().all(|&owner| owner == Owner::Free) => Side::Of(Owner::Free),
        _ => Side::Joining,
    }
}

/// Whether a bead is one of the pieces as which searches go through `pair`.
fn is_piece(runs: Both<Run>, pair: Both<Run>) -> bool {
    let Both { source, target } = runs;
    match (source.len(), target.len()) {
        (0, 1) => {
            source.start == pair.source.start && pair.target.start <= target.start && target.end < pair.target.end
        }
        (1, 1) => source.start == pair.source.start && target.end == pair.target.end,
        (1, 0) => target.start == pair.target.end && pair.source.start < source.start && source.end <= pair.source.end,
        _ => false,
    }
}

/// A cost that forbids every bead at odds with the pinned ones, and none else: what the other cost forbids is very dear, so
/// that there is a way through what is pinned whatever that cost says.
#[derive(Debug, Clone, Copy)]
pub struct KeepingPinned<'a, C> {
    /// The cost of all other beads.
    pub cost: &'a C,
    /// The pinned beads.
    pub pinned: &'a Pinned,
}

impl<C: Cost> Cost for KeepingPinned<'_, C> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        if self.pinned.allows(runs) { bounded(self.cost.bead(runs), MOST) } else { f64::INFINITY }
    }

    fn gap_opening(&self) -> f64 {
        self.cost.gap_opening()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::align::{banded, prune::prune, random::unit};

    fn bead(source: Range<usize>, target: Range<usize>) -> Both<Run> {
        Both::new(Run::new(source.start, source.end), Run::new(target.start, target.end))
    }

    #[test]
    fn a_sentence_can_be_fixed_once_and_pairs_cannot_cross() {
        let new = |beads: &[_]| Pinned::new(Both::new(9, 9), beads).map(|pinned| pinned.pairs.len());
        assert_eq!(new(&[bead(4..5, 4..6), bead(0..1, 0..1), bead(7..9, 0..0)]), Ok(2));
        assert_eq!(new(&[bead(0..2, 0..1), bead(1..2, 1..2)]), Err((1, Clash::Twice)));
        assert_eq!(new(&[bead(0..1, 3..4), bead(9..9, 3..4)]), Err((1, Clash::Twice)));
        assert_eq!(new(&[bead(5..6, 1..2), bead(3..4, 2..3)]), Err((0, Clash::Crossing)));
    }

    #[test]
    fn what_is_fixed_stays_and_the_rest_is_aligned_between() {
        // Everything speaks for the diagonal but what is pinned.
        let diagonal = |runs: Both<Run>| {
            let is_diagonal = runs.source == runs.target && runs.source.len() == 1;
            if is_diagonal { 0.0 } else { 3.0 * (runs.source.len() + runs.target.len()) as f64 }
        };
        let beads = [bead(2..3, 2..4), bead(5..6, 0..0), bead(6..18, 8..9)];
        let pinned = Pinned::new(Both::new(20, 12), &beads).unwrap();
        let vectors = Both::new(vec![vec![1.0]; 20], vec![vec![1.0]; 12]);
        let band = pinned.band(Both::new(&vectors.source, &vectors.target));
        let cost = KeepingPinned { cost: &diagonal, pinned: &pinned };
        let alignment = pinned.restore(&banded::align(&prune(&band, &cost), &cost));
        let of_kind = |kind: &str| alignment.beads().iter().filter(|bead| bead.kind().to_string() == kind).count();
        for runs in [beads[0], beads[2]] {
            assert!(alignment.beads().contains(&Bead { runs, confidence: 1.0 }), "{runs:?}");
        }
        let alone = alignment.beads().iter().find(|bead| bead.runs.source == Run::new(5, 6)).unwrap();
        assert!(!alone.is_pair() && alone.confidence >= 1.0, "{alone:?}");
        assert_eq!((of_kind("1:2"), of_kind("12:1")), (1, 1));
        assert_eq!(alignment.beads()[0].runs, bead(0..1, 0..1));
    }

    #[test]
    fn headings_and_the_text_below_them_are_in_no_pair_together() {
        // Everything speaks for a heading and two sentences as the translation of one.
        let greedy = |runs: Both<Run>| if (runs.source.len(), runs.target.len()) == (3, 1) { 0.0 } else { 9.0 };
        let headings = Both::new(vec![true, false, false], vec![false]);
        let pinned = Pinned::new(Both::new(3, 1), &[]).unwrap().parting(headings);
        let cost = KeepingPinned { cost: &greedy, pinned: &pinned };
        let alignment = banded::align(&Band::full(3, 1), &cost);
        assert!(alignment.beads().iter().all(|bead| !pinned.mixes(bead.runs)), "{alignment:?}");
    }

    #[test]
    fn long_stretches_of_sentences_that_stand_alone_lead_through_a_narrow_band() {
        // Four hundred of each side that stand alone, against all evidence, and a pair far off the diagonal.
        let length = 1_000;
        let alone = (300..700).flat_map(|at| [bead(at..at + 1, 0..0), bead(0..0, at..at + 1)]);
        let far = bead(900..901, 760..762);
        let beads: Vec<_> = alone.chain([far]).collect();
        let pinned = Pinned::new(Both::new(length, length), &beads).unwrap();
        let vectors: Vec<Vec<f32>> =
            (0_u16..1_000).map(|at| vec![f32::from(at % 7), f32::from(at % 11), 1.0]).collect();
        let band = pinned.band(Both::new(&vectors, &vectors));
        assert!(band.n_nodes() < length * length, "the band is not narrow");
        let diagonal = |runs: Both<Run>| if runs.source == runs.target { 0.0 } else { 3.0 };
        let cost = KeepingPinned { cost: &diagonal, pinned: &pinned };
        let alignment = pinned.restore(&banded::align(&prune(&band, &cost), &cost));
        let is_alone = |bead: &&Bead| !bead.is_pair() && bead.confidence >= 1.0;
        assert_eq!(alignment.beads().iter().filter(is_alone).count(), 800);
        assert!(alignment.beads().contains(&Bead { runs: far, confidence: 1.0 }));
    }

    fn size() -> impl Strategy<Value = (usize, usize)> {
        prop_oneof![4 => Just((1, 1)), 1 => Just((1, 0)), 1 => Just((0, 1)), 1 => (1..14_usize, 1..14_usize)]
    }

    proptest! {
        #[test]
        fn whatever_is_fixed_stands_in_what_a_search_finds(
            sizes in prop::collection::vec((size(), any::<bool>()), 1..15),
            seed in any::<u64>(),
        ) {
            let mut reached = Both::new(0, 0);
            let mut kept = Vec::new();
            for ((n, m), is_fixed) in sizes {
                let end = Both::new(reached.source + n, reached.target + m);
                let runs = reached.zip(end).map(|(start, end)| Run::new(start, end));
                kept.extend(is_fixed.then_some(runs));
                reached = end;
            }
            let pinned = Pinned::new(reached, &kept).unwrap();
            // Vectors without structure either: whatever way the coarse search takes, there must be one.
            let mut next = seed;
            let mut value = || {
                next = next.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29) ^ 1;
                f32::from((next >> 48) as u16) - 32_768.0
            };
            let vectors = reached.map(|length| (0..length).map(|_| vec![value(), value(), value()]).collect::<Vec<_>>());
            let band = pinned.band(Both::new(&vectors.source, &vectors.target));
            prop_assert_eq!((band.n_source(), band.n_target()), (reached.source, reached.target));
            let random = |runs| 8.0 * unit(seed, runs);
            let cost = KeepingPinned { cost: &random, pinned: &pinned };
            let alignment = pinned.restore(&banded::align(&prune(&band, &cost), &cost));
            for runs in kept {
                let holds = |bead: &&Bead| {
                    bead.runs == runs
                        || (runs.target.is_empty() && bead.runs.source == runs.source && bead.runs.target.is_empty())
                        || (runs.source.is_empty() && bead.runs.target == runs.target && bead.runs.source.is_empty())
                };
                let found = alignment.beads().iter().find(holds);
                prop_assert!(found.is_some_and(|bead| bead.confidence >= 1.0), "{:?} in {:?}", runs, alignment);
            }
        }

        #[test]
        fn where_nothing_is_fixed_nothing_changes(n in 0..12_usize, m in 0..12_usize, seed in any::<u64>()) {
            let random = |runs| 8.0 * unit(seed, runs);
            let band = Band::full(n, m);
            let pinned = Pinned::new(Both::new(n, m), &[]).unwrap();
            let kept = banded::align(&band, &KeepingPinned { cost: &random, pinned: &pinned });
            prop_assert_eq!(pinned.restore(&kept), banded::align(&band, &random));
        }
    }
}
