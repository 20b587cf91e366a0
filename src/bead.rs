//! Beads: the units of an alignment.

use std::{fmt, ops::Range};

use crate::both::Both;

/// A run of neighbouring sentences, `start <= end`; empty on the side where a bead has nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Run {
    /// The first sentence.
    pub start: usize,
    /// One past the last sentence.
    pub end: usize,
}

impl Run {
    /// The run of the sentences `start..end`.
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end, "a run ends before it starts: {start}..{end}");
        Self { start, end }
    }

    /// The number of sentences.
    pub fn len(self) -> usize {
        self.end - self.start
    }

    /// Whether the run has no sentence.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// The indices of the sentences, to index or to iterate.
    pub fn range(self) -> Range<usize> {
        self.start..self.end
    }
}

impl Both<Run> {
    /// What `sides` have, sentence by sentence, for the sentences of both runs.
    pub fn of<'s, T>(&self, sides: &'s Both<Vec<T>>) -> Both<&'s [T]> {
        Both::new(&sides.source[self.source.range()], &sides.target[self.target.range()])
    }
}

/// A bead: a run of source sentences and the run of target sentences that translates it; one of the two may be empty.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bead {
    /// The run of sentences on each side.
    pub runs: Both<Run>,
    /// The posterior probability of exactly this bead, 0..=1.
    pub confidence: f64,
}

impl Bead {
    /// The kind of the bead, from the lengths of its runs.
    pub fn kind(&self) -> BeadKind {
        BeadKind::of(self.runs)
    }

    /// Whether the bead has sentences on both sides.
    pub fn is_pair(&self) -> bool {
        !self.kind().is_null()
    }

    /// Whether the bead is a pair of at least this confidence, 0..=1: what covers its sentences, and what outputs
    /// show as a pair.
    pub fn is_kept(&self, min_confidence: f64) -> bool {
        self.is_pair() && self.confidence >= min_confidence
    }
}

/// The kind of a bead: how many sentences it has on each side, shown as `1:2`. `1:0` is an omission, `0:1` an
/// addition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BeadKind {
    /// The number of source sentences.
    pub source: usize,
    /// The number of target sentences.
    pub target: usize,
}

impl BeadKind {
    /// That of one sentence on each side.
    pub const ONE_TO_ONE: Self = Self { source: 1, target: 1 };

    /// The kind of a bead over these runs.
    pub fn of(runs: Both<Run>) -> Self {
        Self { source: runs.source.len(), target: runs.target.len() }
    }

    /// Whether it is a null: an omission or an addition.
    pub fn is_null(self) -> bool {
        self.source == 0 || self.target == 0
    }
}

impl fmt::Display for BeadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.source, self.target)
    }
}

/// An alignment: beads that tile both sides, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Alignment {
    beads: Vec<Bead>,
}

impl Alignment {
    /// The alignment of these beads, which must tile both sides.
    ///
    /// # Panics
    /// If they do not start at 0, leave a gap, overlap, or one is empty on both sides: a fault of the search, which
    /// no input can cause.
    pub fn new(beads: Vec<Bead>) -> Self {
        Self::of(beads).expect("beads must tile both sides, and each hold a sentence")
    }

    /// The alignment of these beads; none where they do not start at 0, leave a gap, overlap, or one is empty on both
    /// sides.
    pub fn of(beads: Vec<Bead>) -> Option<Self> {
        let mut reached = Both::new(0, 0);
        for Bead { runs, .. } in &beads {
            let is_next = runs.map(|run| run.start) == reached && runs.source.end >= runs.source.start;
            let is_next = is_next && runs.target.end >= runs.target.start;
            if !is_next || (runs.source.is_empty() && runs.target.is_empty()) {
                return None;
            }
            reached = runs.map(|run| run.end);
        }
        Some(Self { beads })
    }

    /// The beads in document order.
    pub fn beads(&self) -> &[Bead] {
        &self.beads
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bead(source: (usize, usize), target: (usize, usize)) -> Bead {
        Bead { runs: Both::new(Run::new(source.0, source.1), Run::new(target.0, target.1)), confidence: 1.0 }
    }

    #[test]
    fn beads_that_tile_both_sides_are_an_alignment() {
        let alignment = Alignment::new(vec![bead((0, 1), (0, 2)), bead((1, 2), (2, 2))]);
        let kinds: Vec<_> = alignment.beads().iter().map(|bead| bead.kind().to_string()).collect();
        assert_eq!(kinds, ["1:2", "1:0"]);
        assert_eq!(alignment.beads().iter().map(Bead::is_pair).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    #[should_panic(expected = "beads must tile both sides")]
    fn a_gap_is_no_alignment() {
        Alignment::new(vec![bead((0, 1), (0, 1)), bead((2, 3), (1, 2))]);
    }
}
