//! The beads that are left after a first pass: few enough for evidence that would cost too much for all of a band.

use super::{
    Cost, N_SHAPES, banded,
    nodes::{Nodes, contains},
    shape_index,
};
use crate::{band::Band, bead::Alignment, both::Both, document::Run};

/// Stands for a bead that is no candidate.
const NOWHERE: u32 = u32::MAX;

/// Some of the beads of a band, each with a number.
pub struct Candidates<'a> {
    band: &'a Band,
    numbers: Nodes<'a, [u32; N_SHAPES]>,
    beads: Vec<Both<Run>>,
}

impl<'a> Candidates<'a> {
    /// The beads whose posterior by `cost` is at least `least`, and those of `alignment`, so that there is a way through
    /// the band.
    pub fn likely(band: &'a Band, cost: &impl Cost, least: f64, alignment: &Alignment) -> Self {
        let mut candidates = Self { band, numbers: Nodes::new(band, [NOWHERE; N_SHAPES]), beads: Vec::new() };
        banded::marginals(band, cost, least, |marginal| {
            candidates.insert(marginal.runs);
        });
        for bead in alignment.beads() {
            candidates.insert(bead.runs);
        }
        candidates
    }

    /// Takes in a bead, if it is not there yet. Returns its number; `None` if the band does not hold it.
    pub fn insert(&mut self, runs: Both<Run>) -> Option<usize> {
        let (node, end) = (runs.map(|run| run.start), runs.map(|run| run.end));
        if !contains(self.band, (node.source, node.target)) || !contains(self.band, (end.source, end.target)) {
            return None;
        }
        let mut numbers = self.numbers.get((node.source, node.target));
        let number = &mut numbers[shape_index(runs.source.len(), runs.target.len())];
        if *number == NOWHERE {
            *number = u32::try_from(self.beads.len()).expect("fewer beads than 2^32");
            self.beads.push(runs);
            self.numbers.set((node.source, node.target), numbers);
        }
        self.number(runs)
    }

    /// The band that they are part of.
    pub fn band(&self) -> &'a Band {
        self.band
    }

    /// The beads by number.
    pub fn beads(&self) -> &[Both<Run>] {
        &self.beads
    }

    /// The number of a bead that begins in the band; `None` if it is no candidate.
    pub fn number(&self, runs: Both<Run>) -> Option<usize> {
        let numbers = self.numbers.get_ref((runs.source.start, runs.target.start));
        let number = numbers[shape_index(runs.source.len(), runs.target.len())];
        (number != NOWHERE).then_some(number as usize)
    }
}

/// What candidates cost, by number; all other beads are out of the question.
pub struct Priced<'a> {
    /// Which beads.
    pub candidates: &'a Candidates<'a>,
    /// Negative log-potentials in nats.
    pub prices: Vec<f64>,
    /// What it costs to begin a gap.
    pub gap_opening: f64,
}

impl Cost for Priced<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        self.candidates.number(runs).map_or(f64::INFINITY, |number| self.prices[number])
    }

    fn gap_opening(&self) -> f64 {
        self.gap_opening
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every shape has a price of its own, and longer beads cost more.
    fn price(runs: Both<Run>) -> f64 {
        let (n, m) = (runs.source.len() as f64, runs.target.len() as f64);
        if runs.source.is_empty() || runs.target.is_empty() { 3.0 } else { (n - m).abs() + 0.7 * (n + m) }
    }

    #[test]
    fn with_all_beads_as_candidates_nothing_changes() {
        let band = Band::full(6, 7);
        let candidates = Candidates::likely(&band, &price, 0.0, &banded::align(&band, &price));
        let prices = candidates.beads().iter().map(|&runs| price(runs)).collect();
        let again = banded::align(&band, &Priced { candidates: &candidates, prices, gap_opening: 0.0 });
        assert_eq!(again, banded::align(&band, &price));
    }

    #[test]
    fn there_is_always_a_way_through() {
        let band = Band::full(5, 3);
        let candidates = Candidates::likely(&band, &price, 2.0, &banded::align(&band, &price));
        let prices = candidates.beads().iter().map(|_| 1.0).collect();
        let only = banded::align(&band, &Priced { candidates: &candidates, prices, gap_opening: 0.0 });
        assert!(only.beads().iter().all(|bead| (bead.confidence - 1.0).abs() < 1e-9), "one way, and it is certain");
        assert_eq!(only.beads().len(), candidates.beads().len());
    }
}
