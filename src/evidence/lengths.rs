//! The length model: what ratio translations have, and how far they stray from it (after Gale and Church 1993).

use crate::{bead::Run, both::Both, document::Sentences, text::visible_length};

/// The range of the log of English characters per Chinese character, white space left out: 2.4 to 4.3 from magazine
/// prose to novels, counted on the development sets.
pub(super) const LOG_LENGTH_RATIOS: std::ops::RangeInclusive<f64> = 0.75..=1.4;

/// The variance of the log length ratio of long beads, and what is added for a bead of one Chinese character (it
/// falls with the length); fitted to 6,700 beads of the development sets.
pub(super) const LENGTH_VARIANCE: f64 = 0.04;
pub(super) const LENGTH_VARIANCE_OF_ONE: f64 = 1.3;

/// The lengths of runs of sentences in characters, white space left out, from running sums.
pub(super) struct Lengths {
    before: Vec<usize>,
}

impl Lengths {
    pub(super) fn new(sentences: &Sentences) -> Self {
        let mut before = vec![0];
        for text in sentences.texts() {
            let length = visible_length(text);
            before.push(before.last().expect("it has its first") + length);
        }
        Self { before }
    }

    pub(super) fn of(&self, run: Run) -> f64 {
        (self.before[run.end] - self.before[run.start]) as f64
    }

    pub(super) fn total(&self) -> f64 {
        self.of(Run::new(0, self.before.len() - 1))
    }
}

/// The log length ratio of a document from its totals, but never outside what translations have: half of either text
/// may be without a counterpart.
pub(super) fn log_length_ratio(totals: Both<f64>) -> f64 {
    ((totals.target + 1.0) / (totals.source + 1.0)).ln().clamp(*LOG_LENGTH_RATIOS.start(), *LOG_LENGTH_RATIOS.end())
}
