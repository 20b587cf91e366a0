//! What of a text has a counterpart, counted.

use std::{collections::BTreeMap, ops::AddAssign};

use super::Span;
use crate::{bead::BeadKind, both::Both};

/// A count out of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// How many are covered.
    pub covered: usize,
    /// How many there are, at least `covered`.
    pub total: usize,
}

impl Share {
    /// The share that is covered, 0..=1. Of nothing, nothing is covered: 0 of 0 is 0, so that a text that is missing
    /// never passes for a complete one.
    pub fn ratio(self) -> f64 {
        if self.total == 0 { 0.0 } else { self.covered as f64 / self.total as f64 }
    }

    /// How many are not covered.
    pub fn missing(self) -> usize {
        self.total - self.covered
    }

    /// Counts some units more.
    pub fn count(&mut self, units: usize, covered: bool) {
        self.total += units;
        if covered {
            self.covered += units;
        }
    }
}

impl AddAssign for Share {
    fn add_assign(&mut self, other: Self) {
        self.covered += other.covered;
        self.total += other.total;
    }
}

/// A stretch of a covered sentence that seems to have no counterpart: a hint, which changes no count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hint {
    /// The sentence, by index.
    pub sentence: usize,
    /// The stretch, in the original's text.
    pub span: Span,
    /// The probability that it has no counterpart, 0..=1.
    pub confidence: f64,
}

/// What of one side has a counterpart.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SideCoverage {
    /// In sentences.
    pub sentences: Share,
    /// In characters that are not white space.
    pub characters: Share,
    /// The sentences without a counterpart, by index, in order.
    pub uncovered: Vec<usize>,
    /// Those of them that were left in the other language, by index, in order.
    pub untranslated: Vec<usize>,
    /// What inside the covered sentences seems to have none, in order.
    pub hints: Vec<Hint>,
}

/// What of a document is covered, in both directions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CoverageReport {
    /// Chinese with an English counterpart; English with a Chinese one.
    pub sides: Both<SideCoverage>,
    /// How many beads there are of each kind, by kind, as they were aligned: of whatever confidence.
    pub beads_by_kind: Vec<(BeadKind, usize)>,
    /// How many pairs do not count, because their confidence is below the asked one.
    pub pairs_below: usize,
}

impl CoverageReport {
    /// With these sentences of each side told as left in the other language.
    #[must_use]
    pub fn with_untranslated(mut self, untranslated: Both<Vec<usize>>) -> Self {
        (self.sides.source.untranslated, self.sides.target.untranslated) = (untranslated.source, untranslated.target);
        self
    }

    /// With these hints of each side. Whole sentences alone are covered or not.
    #[must_use]
    pub fn with_hints(mut self, hints: Both<Vec<Hint>>) -> Self {
        (self.sides.source.hints, self.sides.target.hints) = (hints.source, hints.target);
        self
    }
}

/// One side of many documents together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SideTotals {
    /// In sentences.
    pub sentences: Share,
    /// In characters that are not white space.
    pub characters: Share,
}

/// The coverage of many documents together; grows with none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// How many documents were added.
    pub documents: usize,
    /// Chinese with an English counterpart; English with a Chinese one.
    pub sides: Both<SideTotals>,
    /// How many beads there are of each kind.
    pub beads_by_kind: BTreeMap<BeadKind, usize>,
    /// How many pairs do not count, because their confidence is below the asked one.
    pub pairs_below: usize,
}

impl Totals {
    /// Adds a document's coverage.
    pub fn add(&mut self, report: &CoverageReport) {
        self.documents += 1;
        self.pairs_below += report.pairs_below;
        for (totals, side) in
            [(&mut self.sides.source, &report.sides.source), (&mut self.sides.target, &report.sides.target)]
        {
            totals.sentences += side.sentences;
            totals.characters += side.characters;
        }
        for &(kind, count) in &report.beads_by_kind {
            *self.beads_by_kind.entry(kind).or_default() += count;
        }
    }
}
