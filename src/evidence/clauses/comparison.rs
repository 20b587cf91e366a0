//! The clues of a clause that lie in its bead alone, before the whole document has been seen.

use std::ops::Range;

use super::{Clause, Clues};
use crate::{
    both::Both,
    evidence::{
        inner_products::Vectors as _,
        lengths::{LENGTH_VARIANCE, LENGTH_VARIANCE_OF_ONE},
    },
};

/// The temperature at which pieces claim a counterpart: a claim this far below the best one, in cosine, fades to 1/e.
const TEMPERATURE: f32 = 0.1;

/// The penalty of a counterpart at the other end of the bead, in cosine.
const DISTANCE_COST: f32 = 0.3;

/// The cap of a length's deviation, in standard deviations.
const LARGEST_DEVIATION: f64 = 4.0;

/// A small weight that keeps a clause with next to nothing from having boundless clues; a tenth of a common word's
/// weight, or of a bead.
const LITTLE: f32 = 0.1;

/// The clues of a clause without those that depend on the document.
pub(super) struct OpenClues {
    clues: Clues,
    /// The number of the clause's characters.
    pub(super) length: f64,
    /// The log of the length ratio of the clause's side of the bead to the other, in characters.
    log_ratio: f64,
    /// The standard deviation of that log for a bead of this length.
    deviation: f64,
}

impl OpenClues {
    /// The clues, completed by the log length ratio that the document leads one to expect.
    pub(super) fn finish(mut self, log_ratio: f64) -> Clues {
        let deviations = (self.log_ratio - log_ratio) / self.deviation;
        self.clues.surplus = deviations.clamp(-LARGEST_DEVIATION, LARGEST_DEVIATION);
        self.clues
    }
}

/// The open clues of the clauses of both sides.
pub(super) fn open_clues(bead: &Both<Vec<Clause>>) -> Both<Vec<OpenClues>> {
    let Both { source, target } = &bead.as_ref().map(|clauses| Side::new(clauses));
    let row = |i| (0..target.units.len()).map(|j| source.units.dot(i, &target.units, j)).collect();
    let cosines: Vec<Vec<f32>> = (0..source.units.len()).map(row).collect();
    let column = |j: usize| cosines.iter().map(|row| row[j]).collect();
    let transposed: Vec<Vec<f32>> = (0..target.units.len()).map(column).collect();
    let deviation = (LENGTH_VARIANCE + LENGTH_VARIANCE_OF_ONE / source.length.max(1.0)).sqrt();
    Both::new(
        Comparison { own: source, other: target, cosines: &cosines, transposed: &transposed }.open_clues(deviation),
        Comparison { own: target, other: source, cosines: &transposed, transposed: &cosines }.open_clues(deviation),
    )
}

/// One side of a bead, in pieces and in clauses.
struct Side {
    /// The unit vector of each piece.
    units: Vec<Vec<f32>>,
    /// The weight of each piece.
    weights: Vec<f32>,
    /// The weighted sum of the unit vectors.
    sum: Vec<f32>,
    /// The pieces of each clause, and the number of its characters.
    clauses: Vec<(Range<usize>, f64)>,
    length: f64,
}

impl Side {
    fn new(clauses: &[Clause]) -> Self {
        let mut side = Self { units: vec![], weights: vec![], sum: vec![], clauses: vec![], length: 0.0 };
        for clause in clauses {
            let start = side.units.len();
            for piece in &clause.pieces {
                let norm = dot(piece, piece).sqrt();
                side.weights.push(norm);
                side.units.push(piece.iter().map(|value| value / norm.max(f32::MIN_POSITIVE)).collect());
            }
            side.clauses.push((start..side.units.len(), clause.length as f64));
            side.length += clause.length as f64;
        }
        side.sum = side.sum_of(0..side.units.len());
        side
    }

    fn sum_of(&self, pieces: Range<usize>) -> Vec<f32> {
        let mut sum = vec![0.0; self.units.first().map_or(0, Vec::len)];
        for i in pieces {
            for (total, value) in sum.iter_mut().zip(&self.units[i]) {
                *total += self.weights[i] * value;
            }
        }
        sum
    }

    fn weight(&self) -> f32 {
        self.weights.iter().sum()
    }

    /// The place of a piece in its side, 0..1.
    fn place(&self, piece: usize) -> f32 {
        (piece as f32 + 0.5) / self.units.len() as f32
    }
}

/// The comparison of one side with the other.
struct Comparison<'a> {
    own: &'a Side,
    other: &'a Side,
    /// The cosine of each own piece with each other piece.
    cosines: &'a [Vec<f32>],
    /// The cosine of each other piece with each own piece.
    transposed: &'a [Vec<f32>],
}

impl Comparison<'_> {
    fn open_clues(&self, deviation: f64) -> Vec<OpenClues> {
        let best: Vec<(usize, f32)> = self.cosines.iter().map(|row| highest(row)).collect();
        let best_back: Vec<usize> = self.transposed.iter().map(|row| highest(row).0).collect();
        let log_ratio = ((self.own.length + 1.0) / (self.other.length + 1.0)).ln();
        let open = |((pieces, length), received): (&(Range<usize>, f64), f32)| {
            let weights = &self.own.weights[pieces.clone()];
            let weight: f32 = weights.iter().sum();
            let mean = |value: &dyn Fn(usize) -> f32| {
                let sum: f32 = weights.iter().zip(pieces.clone()).map(|(weight, i)| weight * value(i)).sum();
                f64::from(sum / weight.max(f32::MIN_POSITIVE))
            };
            let is_mutual = |i: usize| best_back.get(best[i].0).is_some_and(|back| pieces.contains(back));
            let share = weight / (self.own.weight() + LITTLE);
            let received = f64::from(((received + LITTLE) / (share * self.other.weight() + LITTLE)).ln());
            let clause = self.own.sum_of(pieces.clone());
            let without: Vec<f32> = self.own.sum.iter().zip(&clause).map(|(all, own)| all - own).collect();
            let cosine_gain = cosine(&self.own.sum, &self.other.sum) - cosine(&without, &self.other.sum);
            let clues = Clues {
                always: 1.0,
                coverage: mean(&|i| best[i].1),
                nearby: mean(&|i| self.best_nearby(i)),
                mutual: mean(&|i| f32::from(is_mutual(i))),
                received,
                received_square: received.powi(2),
                cosine_gain: cosine_gain.into(),
                cosine_gain_rate: (cosine_gain / (share + LITTLE)).into(),
                share: share.into(),
                ..Clues::default()
            };
            OpenClues { clues, length: *length, log_ratio, deviation }
        };
        self.own.clauses.iter().zip(self.received()).map(open).collect()
    }

    /// The best cosine of an own piece, less the penalty of its distance.
    fn best_nearby(&self, i: usize) -> f32 {
        let place = self.own.place(i);
        let at = |(j, cosine): (usize, &f32)| cosine - DISTANCE_COST * (self.other.place(j) - place).abs();
        self.cosines[i].iter().enumerate().map(at).fold(0.0, f32::max)
    }

    /// The weight of the other side that each clause claims, where all claims on a piece share it.
    fn received(&self) -> Vec<f32> {
        let mut received = vec![0.0; self.own.clauses.len()];
        for (row, weight) in self.transposed.iter().zip(&self.other.weights) {
            let most = highest(row).1;
            let claims: Vec<f32> = row.iter().map(|cosine| ((cosine - most) / TEMPERATURE).exp()).collect();
            let all: f32 = claims.iter().sum();
            for ((pieces, _), received) in self.own.clauses.iter().zip(&mut received) {
                *received += weight * claims[pieces.clone()].iter().sum::<f32>() / all.max(f32::MIN_POSITIVE);
            }
        }
        received
    }
}

/// The index and the value of the highest; 0 and 0 of none.
fn highest(row: &[f32]) -> (usize, f32) {
    row.iter().copied().enumerate().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or_default()
}

/// The cosine of two vectors; 0 where one of them is 0.
fn cosine(a: &[f32], b: &[f32]) -> f32 {
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt().max(f32::MIN_POSITIVE)
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
