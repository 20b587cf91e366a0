//! The beads that are left after a first pass: few enough for evidence that would cost too much for all of a band.

use super::{
    Cost, MAX_BEAD, banded,
    nodes::{Nodes, contains},
};
use crate::{band::Band, both::Both, document::Run};

/// How many shapes a bead may have: 1:0, 0:1 and n:m with n + m up to [`MAX_BEAD`].
const N_SHAPES: usize = 2 + MAX_BEAD * (MAX_BEAD - 1) / 2;

/// Stands for a bead that is no candidate.
const NOWHERE: u32 = u32::MAX;

/// Some of the beads of a band, each with a number.
pub struct Candidates<'a> {
    band: &'a Band,
    numbers: Nodes<'a, [u32; N_SHAPES]>,
    beads: Vec<(Both<Run>, f64)>,
}

impl<'a> Candidates<'a> {
    /// The beads whose posterior by `cost` is at least `least`, which leaves a way through the band.
    pub fn likely(band: &'a Band, cost: &impl Cost, least: f64) -> Self {
        let mut candidates = Self { band, numbers: Nodes::new(band, [NOWHERE; N_SHAPES]), beads: Vec::new() };
        banded::marginals(band, cost, least, |marginal| candidates.insert(marginal.runs, marginal.posterior));
        for bead in banded::align(band, cost).beads() {
            candidates.insert(bead.runs, bead.confidence);
        }
        candidates
    }

    /// Takes in a bead, if the band holds it and it is not there yet.
    pub fn insert(&mut self, runs: Both<Run>, posterior: f64) {
        let (node, end) = (runs.map(|run| run.start), runs.map(|run| run.end));
        if !contains(self.band, (node.source, node.target)) || !contains(self.band, (end.source, end.target)) {
            return;
        }
        let mut numbers = self.numbers.get((node.source, node.target));
        let number = &mut numbers[index(runs.source.len(), runs.target.len())];
        if *number == NOWHERE {
            *number = u32::try_from(self.beads.len()).expect("fewer beads than 2^32");
            self.beads.push((runs, posterior));
            self.numbers.set((node.source, node.target), numbers);
        }
    }

    /// The band that they are part of.
    pub fn band(&self) -> &'a Band {
        self.band
    }

    /// The beads by number, each with its posterior in the first pass, 0..=1.
    pub fn beads(&self) -> &[(Both<Run>, f64)] {
        &self.beads
    }

    /// The same for a bead that may lie outside the band.
    pub fn number_in_band(&self, runs: Both<Run>) -> Option<usize> {
        contains(self.band, (runs.source.start, runs.target.start)).then(|| self.number(runs)).flatten()
    }

    /// The number of a bead that begins in the band; `None` if it is no candidate.
    pub fn number(&self, runs: Both<Run>) -> Option<usize> {
        let numbers = self.numbers.get_ref((runs.source.start, runs.target.start));
        let number = numbers[index(runs.source.len(), runs.target.len())];
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

/// The place of a shape in the order of [`super::shapes`].
pub(super) fn index(n: usize, m: usize) -> usize {
    match (n, m) {
        (_, 0) => 0,
        (0, _) => 1,
        // Before the shapes of n source sentences stand those of 1, 2, … n − 1, which are 8, 7, … of them.
        _ => 2 + (n - 1) * MAX_BEAD - n * (n - 1) / 2 + m - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::align::shapes;

    #[test]
    fn every_shape_has_its_own_place() {
        let places: Vec<_> = shapes().into_iter().map(|(n, m)| index(n, m)).collect();
        assert_eq!(places, (0..N_SHAPES).collect::<Vec<_>>());
    }

    /// Every shape has a price of its own, and longer beads cost more.
    fn price(runs: Both<Run>) -> f64 {
        let (n, m) = (runs.source.len() as f64, runs.target.len() as f64);
        if runs.source.is_empty() || runs.target.is_empty() { 3.0 } else { (n - m).abs() + 0.7 * (n + m) }
    }

    #[test]
    fn with_all_beads_as_candidates_nothing_changes() {
        let band = Band::full(6, 7);
        let candidates = Candidates::likely(&band, &price, 0.0);
        let prices = candidates.beads().iter().map(|&(runs, _)| price(runs)).collect();
        let again = banded::align(&band, &Priced { candidates: &candidates, prices, gap_opening: 0.0 });
        assert_eq!(again, banded::align(&band, &price));
    }

    #[test]
    fn there_is_always_a_way_through() {
        let band = Band::full(5, 3);
        let candidates = Candidates::likely(&band, &price, 2.0);
        let prices = candidates.beads().iter().map(|_| 1.0).collect();
        let only = banded::align(&band, &Priced { candidates: &candidates, prices, gap_opening: 0.0 });
        assert!(only.beads().iter().all(|bead| (bead.confidence - 1.0).abs() < 1e-9), "one way, and it is certain");
        assert_eq!(only.beads().len(), candidates.beads().len());
    }
}
