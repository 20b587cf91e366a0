//! Gains by a document's lexicon: log-likelihood ratios of the words of one side for those of the other.

use std::collections::HashMap;

use super::{
    NEARBY,
    direction::{Direction, FROM_NOTHING},
};
use crate::{
    bead::Run,
    evidence::{
        bead_features::ShortlistFeatures,
        gain::{GAIN_UNIT, Gain, Least},
        shortlist_features::LexiconFeature,
    },
};

/// The gain, in nats, below which a piece has nothing to explain it.
const EXPLAINED: f64 = -0.5;

/// The gains by one direction, with a cache of what single sentences give.
pub(super) struct Gains<'a> {
    direction: &'a Direction<'a>,
    /// For a given sentence the sums of each told piece.
    sums: HashMap<usize, Vec<f32>>,
}

impl<'a> Gains<'a> {
    pub(super) fn new(direction: &'a Direction<'a>) -> Self {
        Self { direction, sums: HashMap::new() }
    }

    /// The gain of each piece of the sentence `told`, given the sentences `given`, in nats.
    pub(super) fn of_pieces(&mut self, given: Run, told: usize) -> Vec<f64> {
        let direction = self.direction;
        let others = direction.told.of(told);
        let mut sums = vec![0.0; others.len()];
        let mut n_pieces = 0;
        for sentence in given.range() {
            n_pieces += direction.given.of(sentence).len();
            let known = self.sums.entry(sentence).or_insert_with(|| direction.sums(sentence));
            for (sum, &other) in sums.iter_mut().zip(others) {
                *sum += known[other as usize];
            }
        }
        let each = (1.0 - FROM_NOTHING) / n_pieces.max(1) as f32;
        let gain =
            |(sum, &other): (f32, &u32)| f64::from(FROM_NOTHING + each * sum / direction.shares[other as usize]).ln();
        sums.into_iter().zip(others).map(gain).collect()
    }

    /// The gains of the pieces of each told sentence, in nats.
    pub(super) fn of_run(&mut self, given: Run, told: Run) -> Vec<Vec<f64>> {
        told.range().map(|sentence| self.of_pieces(given, sentence)).collect()
    }

    /// The gain of the told pieces at the border to the given sentence `neighbour` if they belonged to it, in nats:
    /// the most that a beginning of them, or an end, makes up.
    pub(super) fn across(&mut self, own: &[Vec<f64>], told: Run, neighbour: usize, from_the_end: bool) -> f64 {
        let there = self.of_run(Run::new(neighbour, neighbour + 1), told);
        let changes = there.iter().flatten().zip(own.iter().flatten()).map(|(there, own)| there - own);
        let most = |changes: &mut dyn Iterator<Item = f64>| {
            let (mut sum, mut most) = (0.0_f64, 0.0_f64);
            for change in changes {
                sum += change;
                most = most.max(sum);
            }
            most
        };
        if from_the_end {
            most(&mut changes.collect::<Vec<_>>().into_iter().rev())
        } else {
            most(&mut changes.into_iter())
        }
    }

    /// The highest gain of the sentence `told` by one of those nearby, in sum and per piece, in nats; none where
    /// there is no such sentence.
    pub(super) fn nearby(&mut self, told: usize, place: usize) -> Option<(f64, f64)> {
        let given = self.direction.given;
        let range = place.saturating_sub(NEARBY).max(given.first_sentence)..(place + NEARBY).min(given.end());
        let gains = range.map(|sentence| {
            let gains = self.of_pieces(Run::new(sentence, sentence + 1), told);
            let sum: f64 = gains.iter().sum();
            (sum, sum / gains.len().max(1) as f64)
        });
        gains.reduce(|a, b| (a.0.max(b.0), a.1.max(b.1)))
    }
}

/// Sets the nine features of a pair that one direction gives.
pub(super) fn pair(
    gains: &mut Gains<'_>,
    given: Run,
    told: Run,
    names: [LexiconFeature; 9],
    features: &mut ShortlistFeatures,
) {
    let own = gains.of_run(given, told);
    let sentences: Vec<Gain> =
        own.iter().map(|pieces| Gain { nats: pieces.iter().sum(), pieces: pieces.len() }).collect();
    let sum = Gain::sum(&sentences);
    let least = Least::of(&sentences);
    let unexplained = own.iter().flatten().filter(|&&gain| gain < EXPLAINED).count();
    let sentences_given = gains.direction.given;
    let before = given.start.checked_sub(1).filter(|&sentence| sentence >= sentences_given.first_sentence);
    let after = Some(given.end).filter(|&sentence| sentence < sentences_given.end());
    let values = [
        sum.nats / GAIN_UNIT,
        sum.per_piece(),
        sum.nats.max(0.0).sqrt(),
        sum.pieces as f64 / GAIN_UNIT,
        least.as_ref().map_or(0.0, |least| (least.nats / GAIN_UNIT).min(1.0)),
        least.as_ref().map_or(0.0, |least| least.per_piece),
        unexplained as f64 / GAIN_UNIT,
        before.map_or(0.0, |sentence| gains.across(&own, told, sentence, false)) / GAIN_UNIT,
        after.map_or(0.0, |sentence| gains.across(&own, told, sentence, true)) / GAIN_UNIT,
    ];
    for (name, value) in names.into_iter().zip(values) {
        features.set(name, value);
    }
}
