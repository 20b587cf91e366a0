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
