//! Coverage: counts of what has a counterpart.

use std::{collections::BTreeMap, ops::AddAssign};

use super::{Check, Finding, Span};
use crate::{
    bead::{Bead, BeadKind},
    both::Both,
};

/// A share: a count out of a total.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Share {
    /// The number of units that are covered.
    pub covered: usize,
    /// The number of all units, at least `covered`.
    pub total: usize,
}

impl Share {
    /// The share that is covered, 0..=1. Of nothing, nothing is covered: 0 of 0 is 0, so that a text that is missing
    /// never passes for a complete one.
    pub fn ratio(self) -> f64 {
        if self.total == 0 { 0.0 } else { self.covered as f64 / self.total as f64 }
    }

    /// The number of units that are not covered.
    pub fn missing(self) -> usize {
        self.total - self.covered
    }

    /// Adds so many units, covered or not.
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

/// A hint: a clause inside a covered sentence that seems to have no counterpart. It changes no count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hint {
    /// The index of the sentence.
    pub sentence: usize,
    /// The span of the clause, in the original's text.
    pub span: Span,
    /// The probability that it has no counterpart, 0..=1.
    pub confidence: f64,
}

/// The coverage of one side.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SideCoverage {
    /// The share of the sentences that is covered.
    pub sentences: Share,
    /// The share of the characters that is covered, white space left out.
    pub characters: Share,
    /// The sentences without a counterpart, by index, in order.
    pub uncovered: Vec<usize>,
    /// Those of them that were left in the other language, by index, in order.
    pub untranslated: Vec<usize>,
    /// The hints inside the covered sentences, in order.
    pub hints: Vec<Hint>,
}

/// The coverage of a document, in both directions.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CoverageReport {
    /// The coverage of each side: Chinese with an English counterpart, English with a Chinese one.
    pub sides: Both<SideCoverage>,
    /// The number of beads of each kind, as they were aligned: of whatever confidence.
    pub beads_by_kind: Vec<(BeadKind, usize)>,
    /// The number of pairs that do not count, because their confidence is below the asked one.
    pub pairs_below: usize,
    /// The pairs whose sides stand in different places, in the order of the source. Their sentences are covered; in the
    /// alignment they have no counterpart.
    pub moved: Vec<Bead>,
    /// What the checks found inside the pairs that count, in order.
    pub findings: Vec<Finding>,
}

impl CoverageReport {
    /// The report with these sentences of each side told as left in the other language.
    #[must_use]
    pub fn with_untranslated(mut self, untranslated: Both<Vec<usize>>) -> Self {
        (self.sides.source.untranslated, self.sides.target.untranslated) = (untranslated.source, untranslated.target);
        self
    }

    /// The report with these hints of each side. Whole sentences alone are covered or not.
    #[must_use]
    pub fn with_hints(mut self, hints: Both<Vec<Hint>>) -> Self {
        (self.sides.source.hints, self.sides.target.hints) = (hints.source, hints.target);
        self
    }

    /// The report with these findings too, in the order of their pairs. They change no count.
    #[must_use]
    pub fn with_findings(mut self, findings: Vec<Finding>) -> Self {
        self.add_findings(findings);
        self
    }

    /// Adds findings, and keeps the order of their pairs.
    pub fn add_findings(&mut self, findings: Vec<Finding>) {
        self.findings.extend(findings);
        self.findings.sort_by_key(|finding| (finding.runs.source.start, finding.check));
    }

    /// The number of findings of each check that found something.
    pub fn findings_by_check(&self) -> BTreeMap<Check, usize> {
        let mut counts = BTreeMap::new();
        for finding in &self.findings {
            *counts.entry(finding.check).or_default() += 1;
        }
        counts
    }
}

/// The totals of one side over many documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SideTotals {
    /// The share of the sentences that is covered.
    pub sentences: Share,
    /// The share of the characters that is covered, white space left out.
    pub characters: Share,
}

/// The totals of the coverage of many documents, in memory that grows with none of them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Totals {
    /// The number of documents that were added.
    pub documents: usize,
    /// The coverage of each side: Chinese with an English counterpart, English with a Chinese one.
    pub sides: Both<SideTotals>,
    /// The number of beads of each kind.
    pub beads_by_kind: BTreeMap<BeadKind, usize>,
    /// The number of pairs that do not count, because their confidence is below the asked one.
    pub pairs_below: usize,
    /// The number of pairs whose sides stand in different places.
    pub moved: usize,
    /// The number of findings of each check that found something.
    pub findings: BTreeMap<Check, usize>,
}

impl Totals {
    /// Adds a document's coverage.
    pub fn add(&mut self, report: &CoverageReport) {
        self.documents += 1;
        self.pairs_below += report.pairs_below;
        self.moved += report.moved.len();
        for (totals, side) in
            [(&mut self.sides.source, &report.sides.source), (&mut self.sides.target, &report.sides.target)]
        {
            totals.sentences += side.sentences;
            totals.characters += side.characters;
        }
        for (check, count) in report.findings_by_check() {
            *self.findings.entry(check).or_default() += count;
        }
        for &(kind, count) in &report.beads_by_kind {
            *self.beads_by_kind.entry(kind).or_default() += count;
        }
    }
}
