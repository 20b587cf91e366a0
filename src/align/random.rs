//! Random costs for the tests of the searches.

use super::Cost;
use crate::{bead::Run, both::Both};

/// Costs that only the seed and the runs of a bead decide; longer beads cost more.
pub(super) struct Random {
    pub(super) seed: u64,
    pub(super) gap_opening: f64,
}

impl Cost for Random {
    fn bead(&self, runs: Both<Run>) -> f64 {
        unit(self.seed, runs) * 4.0 * (runs.source.len() + runs.target.len()) as f64
    }

    fn gap_opening(&self) -> f64 {
        self.gap_opening
    }
}

/// A pseudo-random number from 0 to 1, the same for the same seed and runs.
pub(super) fn unit(seed: u64, runs: Both<Run>) -> f64 {
    let mut hash = seed;
    for end in [runs.source.start, runs.source.end, runs.target.start, runs.target.end] {
        hash = (hash ^ end as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// Costs as judgements come to that have gone wrong, and some that have not.
pub(super) struct Hostile {
    pub(super) seed: u64,
    /// How many of a hundred costs are no ordinary ones.
    pub(super) share: u64,
}

impl Hostile {
    const COSTS: [f64; 8] =
        [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN, 1e300, -1e30, f64::MIN_POSITIVE];

    /// The cost that a number from 0 to 1 stands for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above 0")]
    fn cost(&self, unit: f64) -> f64 {
        let drawn = (unit * 80_000.0) as u64;
        if drawn / 8 % 100 < self.share { Self::COSTS[(drawn % 8) as usize] } else { 9.0 * unit - 3.0 }
    }
}

impl Cost for Hostile {
    fn bead(&self, runs: Both<Run>) -> f64 {
        self.cost(unit(self.seed, runs))
    }

    fn gap_opening(&self) -> f64 {
        self.cost(unit(!self.seed, Both::default()))
    }
}
