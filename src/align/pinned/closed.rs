//! Closed stretches: runs of both sides that align with each other and with nothing else, such as the cells of a row.
//!
//! A pair that would leave its stretch is forbidden, and so is one of sentences before and behind it; a sentence without a counterpart has no place among those of the
//! other side, and so leaves none. The search goes from stretch to stretch: each has a band of its own, and between two
//! of them the band is wide enough for omissions at the beginning of the one to come before additions at the end of the
//! other, as they do inside a gap.

use std::ops::Range;

use crate::{align::coarse, band::Band, bead::Run, both::Both};

/// The closed stretches of a document, in order on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Closed {
    stretches: Vec<Both<Run>>,
    /// The number of the stretch of each sentence; what stands between two stretches, or before and behind all, has a number
    /// of its own. Nothing at all where there are no stretches.
    numbers: Both<Vec<usize>>,
}

impl Closed {
    /// Stretches of texts of these `lengths`, without empty runs and in order on both sides.
    pub(super) fn new(lengths: Both<usize>, stretches: Vec<Both<Run>>) -> Self {
        if stretches.is_empty() {
            return Self::default();
        }
        let mut numbers = lengths.map(|_| Vec::new());
        for (number, stretch) in stretches.iter().enumerate() {
            for (numbers, run) in [(&mut numbers.source, stretch.source), (&mut numbers.target, stretch.target)] {
                numbers.resize(run.start, 2 * number);
                numbers.resize(run.end, 2 * number + 1);
            }
        }
        numbers.source.resize(lengths.source, 2 * stretches.len());
        numbers.target.resize(lengths.target, 2 * stretches.len());
        Self { stretches, numbers }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.stretches.is_empty()
    }

    /// Whether all sentences of a bead have the same number; a bead with an empty side always passes.
    pub(super) fn allow(&self, runs: Both<Run>) -> bool {
        if self.is_empty() || runs.source.is_empty() || runs.target.is_empty() {
            return true;
        }
        let number = self.numbers.source[runs.source.start];
        let is_same = |numbers: &[usize]| numbers.iter().all(|&other| other == number);
        is_same(&self.numbers.source[runs.source.range()]) && is_same(&self.numbers.target[runs.target.range()])
    }

    /// The stretches inside of `whole`, in order.
    fn inside(&self, whole: Both<Run>) -> &[Both<Run>] {
        let start = self.stretches.partition_point(|stretch| stretch.source.start < whole.source.start);
        let end = self.stretches.partition_point(|stretch| stretch.source.end <= whole.source.end);
        &self.stretches[start..end.max(start)]
    }

    /// The band of the sentences `indices` of `whole`, from a vector for each of them: that of one stretch after the
    /// other, and of what stands between.
    pub(super) fn band(&self, whole: Both<Run>, indices: &Both<Vec<usize>>, vectors: Both<&[Vec<f32>]>) -> Band {
        let inside = self.inside(whole);
        if inside.is_empty() {
            return coarse::band(vectors);
        }
        let lengths = vectors.map(<[_]>::len);
        let place = |indices: &[usize], sentence: usize| indices.partition_point(|&index| index < sentence);
        let mut rows: Vec<Range<usize>> = Vec::with_capacity(lengths.source + 1);
        let mut reached = Both::new(0, 0);
        for stretch in inside {
            let run = |indices: &[usize], run: Run| Run::new(place(indices, run.start), place(indices, run.end));
            let closed = Both::new(run(&indices.source, stretch.source), run(&indices.target, stretch.target));
            add(&mut rows, reached.zip(closed).map(|(from, run)| Run::new(from, run.start)), vectors);
            add(&mut rows, closed, vectors);
            reached = closed.map(|run| run.end);
        }
        add(&mut rows, reached.zip(lengths).map(|(from, length)| Run::new(from, length)), vectors);
        Band::new(rows, lengths.target)
    }
}

/// Adds the rows of `stretch`, the first of which is that in which the rows before end.
fn add(rows: &mut Vec<Range<usize>>, stretch: Both<Run>, vectors: Both<&[Vec<f32>]>) {
    let Both { source, target } = stretch;
    let band = coarse::band(Both::new(&vectors.source[source.range()], &vectors.target[target.range()]));
    let corner = target.start;
    let shifted = |i: usize| band.row(i).start + corner..band.row(i).end + corner;
    let first = if let Some(last) = rows.last_mut() {
        last.end = shifted(0).end;
        last.start
    } else {
        rows.push(shifted(0));
        corner
    };
    rows.extend((1..=source.len()).map(shifted).map(|row| if row.start == corner { first..row.end } else { row }));
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        align::{
            banded, dense,
            pinned::{KeepingPinned, Pinned},
            prune::prune,
            random::unit,
        },
        bead::Bead,
    };

    proptest! {
        #[test]
        fn pairs_never_leave_their_stretch_and_the_cheapest_of_such_alignments_is_found(
            sizes in prop::collection::vec((0..4_usize, 0..4_usize, any::<bool>()), 1..9),
            alone in prop::collection::vec(any::<prop::sample::Index>(), 0..3),
            seed in any::<u64>(),
        ) {
            let mut reached = Both::new(0, 0);
            let mut closed = Vec::new();
            for (n, m, is_closed) in sizes {
                let end = Both::new(reached.source + n, reached.target + m);
                let runs = reached.zip(end).map(|(start, end)| Run::new(start, end));
                closed.extend((is_closed && n > 0 && m > 0).then_some(runs));
                reached = end;
            }
            let mut beads: Vec<Both<Run>> = Vec::new();
            for at in alone.iter().filter(|_| reached.source > 0).map(|index| index.index(reached.source)) {
                let bead = Both::new(Run::new(at, at + 1), Run::default());
                if !beads.contains(&bead) {
                    beads.push(bead);
                }
            }
            let pinned = Pinned::new(reached, &beads).unwrap().closing(&closed);
            let random = |runs| 8.0 * unit(seed, runs);
            let cost = KeepingPinned { cost: &random, pinned: &pinned };
            let vectors = reached.map(|length| vec![vec![1.0]; length]);
            let band = pinned.band(Both::new(&vectors.source, &vectors.target));
            let found = banded::align(&prune(&band, &cost), &cost);
            // A stretch whose sentences of a side all stand alone is none.
            let closed = &pinned.closed;
            prop_assert!(found.beads().iter().all(|bead| closed.allow(bead.runs) && bead.confidence.is_finite()));
            let total = |beads: &[Bead]| beads.iter().map(|bead| random(bead.runs)).sum::<f64>();
            let reference = dense::align(reached, &cost);
            prop_assert!((total(found.beads()) - total(reference.beads())).abs() < 1e-9);
        }
    }

    #[test]
    fn long_stretches_lead_through_narrow_bands() {
        // A row of nothing but the other language's sentences would be off the diagonal by far.
        let (long, short) = (1_000, 400);
        let closed = [
            Both::new(Run::new(0, long), Run::new(0, short)),
            Both::new(Run::new(long, long + short), Run::new(short, short + long)),
        ];
        let lengths = Both::new(long + short, short + long);
        let pinned = Pinned::new(lengths, &[]).unwrap().closing(&closed);
        let vectors: Vec<Vec<f32>> =
            (0_u16..1_400).map(|at| vec![f32::from(at % 7), f32::from(at % 11), 1.0]).collect();
        let band = pinned.band(Both::new(&vectors, &vectors));
        assert!(band.n_nodes() < lengths.source * lengths.target / 2, "the band is not narrow");
        let even = |runs: Both<Run>| 3.0 * (runs.source.len() + runs.target.len()) as f64;
        let cost = KeepingPinned { cost: &even, pinned: &pinned };
        let found = banded::align(&prune(&band, &cost), &cost);
        assert!(found.beads().iter().all(|bead| bead.confidence.is_finite() && pinned.closed.allow(bead.runs)));
    }
}
