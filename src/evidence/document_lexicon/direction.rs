//! One direction of a document's lexicon: the probabilities of pieces of one side, given those of the other, in a
//! window.

use std::{collections::HashMap, ops::Range};

use crate::{bead::Run, lexicon::Table};

/// The strength of the lexicon as a prior, in pieces.
const PRIOR_PIECES: f32 = 3.0;

/// The prior probability of any piece that the lexicon does not name; without it nothing new is learnt.
const UNNAMED: f32 = 2e-4;

/// The probability that a piece comes from none of the other side: that of IBM Model 1's empty word.
pub(super) const FROM_NOTHING: f32 = 0.15;

/// The least relative frequency of a piece: rarer ones are not known better.
const LEAST_SHARE: f32 = 1e-6;

/// The pieces of some sentences, numbered among themselves.
pub(super) struct Pieces {
    pub(super) first_sentence: usize,
    sentences: Vec<Vec<u32>>,
    names: Vec<u32>,
    numbers: HashMap<u32, u32>,
}

impl Pieces {
    pub(super) fn new(sentences: &[Vec<u32>], first_sentence: usize) -> Self {
        let (mut names, mut numbers) = (Vec::new(), HashMap::new());
        let number = |&piece: &u32| {
            *numbers.entry(piece).or_insert_with(|| {
                names.push(piece);
                u32::try_from(names.len() - 1).expect("fewer pieces than sentences have characters")
            })
        };
        let mut number = number;
        let sentences = sentences.iter().map(|pieces| pieces.iter().map(&mut number).collect()).collect();
        Self { first_sentence, sentences, names, numbers }
    }

    pub(super) fn of(&self, sentence: usize) -> &[u32] {
        &self.sentences[sentence - self.first_sentence]
    }

    /// The pieces of some sentences, in order.
    fn of_run(&self, run: Run) -> impl Iterator<Item = u32> {
        run.range().flat_map(|sentence| self.of(sentence)).copied()
    }

    pub(super) fn end(&self) -> usize {
        self.first_sentence + self.sentences.len()
    }
}

/// A bead that is counted, as one direction sees it.
pub(super) struct Taught {
    pub(super) given: Run,
    pub(super) told: Run,
    /// How far the bead is believed in, 0..=1.
    pub(super) posterior: f32,
    /// The part of the document that it belongs to.
    pub(super) part: usize,
}

/// The translation table of one direction: told pieces given pieces of the other side. It has a row for each given
/// piece, and in it a cell for each told piece that the lexicon names or that a counted bead has beside it. All others
/// are [`UNNAMED`] and never counted, and there are twenty times as many.
pub(super) struct Direction<'a> {
    pub(super) given: &'a Pieces,
    pub(super) told: &'a Pieces,
    /// The relative frequency of each told piece.
    pub(super) shares: Vec<f32>,
    /// Where the cells of each row end.
    ends: Vec<usize>,
    /// The told piece of each cell, in order within a row.
    columns: Vec<u32>,
    /// The probabilities by the lexicon.
    priors: Vec<f32>,
    /// The probabilities of the present EM iteration.
    table: Vec<f32>,
    counts: Vec<f32>,
    /// The counts of each row together.
    totals: Vec<f32>,
}

impl<'a> Direction<'a> {
    /// The table by the lexicon alone, with room for the counts of the beads in `taught`.
    pub(super) fn new(lexicon: &Table, shares: &[f32], given: &'a Pieces, told: &'a Pieces, taught: &[Taught]) -> Self {
        let mut beside = vec![Vec::new(); given.names.len()];
        for bead in taught {
            let others: Vec<u32> = told.of_run(bead.told).collect();
            given.of_run(bead.given).for_each(|piece| beside[piece as usize].extend_from_slice(&others));
        }
        let (mut ends, mut columns, mut priors) = (Vec::with_capacity(beside.len()), Vec::new(), Vec::new());
        for (row, mut cells) in beside.into_iter().enumerate() {
            let number = |(other, probability)| Some((*told.numbers.get(&other)?, probability));
            let named: Vec<(u32, f32)> = lexicon.row(given.names[row]).filter_map(number).collect();
            cells.extend(named.iter().map(|&(other, _)| other));
            cells.sort_unstable();
            cells.dedup();
            let start = columns.len();
            columns.append(&mut cells);
            priors.resize(columns.len(), UNNAMED);
            for (other, probability) in named {
                if let Ok(cell) = columns[start..].binary_search(&other) {
                    priors[start + cell] += probability;
                }
            }
            ends.push(columns.len());
        }
        let share = |&piece: &u32| shares.get(piece as usize).copied().unwrap_or(0.0).max(LEAST_SHARE);
        let shares = told.names.iter().map(share).collect();
        let (counts, totals) = (vec![0.0; columns.len()], vec![0.0; ends.len()]);
        Self { given, told, shares, ends, columns, table: priors.clone(), priors, counts, totals }
    }

    /// The probability of the told piece `other` given `piece`, by counts and lexicon.
    pub(super) fn probability(&self, piece: u32, other: u32) -> f32 {
        let (count, prior) =
            self.cell(piece, other).map_or((0.0, UNNAMED), |cell| (self.counts[cell], self.priors[cell]));
        (count.max(0.0) + PRIOR_PIECES * prior) / (self.totals[piece as usize].max(0.0) + PRIOR_PIECES)
    }

    /// Begins an EM iteration: turns the counts into probabilities, and forgets them.
    pub(super) fn begin_count(&mut self, round: usize) {
        if round > 0 {
            for row in 0..self.ends.len() {
                let total = self.totals[row];
                for cell in self.row(row) {
                    self.table[cell] = (self.counts[cell] + PRIOR_PIECES * self.priors[cell]) / (total + PRIOR_PIECES);
                }
            }
        }
        self.counts.fill(0.0);
        self.totals.fill(0.0);
    }

    /// Adds the expected counts of some beads, `times` over: which given piece each told piece comes from. There must be
    /// room for them.
    pub(super) fn count<'t>(&mut self, beads: impl IntoIterator<Item = &'t Taught>, times: f32) {
        let mut cells = Vec::new();
        for bead in beads {
            let pieces: Vec<u32> = self.given.of_run(bead.given).collect();
            let each = (1.0 - FROM_NOTHING) / pieces.len().max(1) as f32;
            for other in self.told.of_run(bead.told) {
                cells.clear();
                cells.extend(pieces.iter().filter_map(|&piece| self.cell(piece, other)));
                debug_assert_eq!(cells.len(), pieces.len(), "there is room for what is counted");
                let explained: f32 = cells.iter().map(|&cell| self.table[cell]).sum();
                let all = explained * each + FROM_NOTHING * self.shares[other as usize];
                for (&piece, &cell) in pieces.iter().zip(&cells) {
                    let expected = times * bead.posterior * self.table[cell] * each / all;
                    self.counts[cell] += expected;
                    self.totals[piece as usize] += expected;
                }
            }
        }
    }

    /// The cell of the told piece `other` given `piece`, where there is one.
    fn cell(&self, piece: u32, other: u32) -> Option<usize> {
        let row = self.row(piece as usize);
        self.columns[row.clone()].binary_search(&other).ok().map(|cell| row.start + cell)
    }

    /// The cells of a row.
    fn row(&self, row: usize) -> Range<usize> {
        row.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[row]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::tests::lexicon;

    /// So many pieces there are on each side.
    const N: u32 = 9;

    /// The probabilities of one side's pieces given the other's, all of them in a table.
    fn among_all(lexicon: &Table, sides: [&[Vec<u32>]; 2], taught: &[Taught], rounds: usize) -> Vec<Vec<f32>> {
        let n = N as usize;
        let mut prior = vec![vec![UNNAMED; n]; n];
        for piece in 0..N {
            lexicon.row(piece).for_each(|(other, probability)| prior[piece as usize][other as usize] += probability);
        }
        let mut table = prior.clone();
        for _ in 0..rounds {
            let mut counts = vec![vec![0.0; n]; n];
            for bead in taught {
                let pieces = sides[0][bead.given.range()].concat();
                for other in sides[1][bead.told.range()].concat() {
                    let each = (1.0 - FROM_NOTHING) / pieces.len() as f32;
                    let explained: f32 = pieces.iter().map(|&piece| table[piece as usize][other as usize]).sum();
                    for &piece in &pieces {
                        let part = table[piece as usize][other as usize] * each;
                        counts[piece as usize][other as usize] +=
                            bead.posterior * part / (explained * each + FROM_NOTHING * LEAST_SHARE);
                    }
                }
            }
            for ((table, counts), prior) in table.iter_mut().zip(&counts).zip(&prior) {
                let total: f32 = counts.iter().sum();
                for ((cell, count), prior) in table.iter_mut().zip(counts).zip(prior) {
                    *cell = (count + PRIOR_PIECES * prior) / (total + PRIOR_PIECES);
                }
            }
        }
        table
    }

    #[test]
    fn the_cells_that_there_are_say_what_they_say_among_all() {
        let lexicon = lexicon(N as usize, &[(1, 2, 8), (1, 7, 30), (3, 3, 2), (8, 0, 9)]);
        let mut random = fastrand::Rng::with_seed(7);
        let mut side = || (0..12).map(|_| (0..4).map(|_| random.u32(0..N)).collect()).collect::<Vec<Vec<u32>>>();
        let (given, told) = (side(), side());
        let bead = |at: usize| Taught {
            given: Run::new(at, at + 1 + at % 2),
            told: Run::new(at, at + 2 - at % 2),
            posterior: 0.5 + at as f32 / 20.0,
            part: 0,
        };
        let taught: Vec<Taught> = (2..9).map(bead).collect();
        let (given_pieces, told_pieces) = (Pieces::new(&given, 0), Pieces::new(&told, 0));
        let mut direction = Direction::new(&lexicon.forward, &[], &given_pieces, &told_pieces, &taught);
        for round in 0..2 {
            direction.begin_count(round);
            direction.count(&taught, 1.0);
        }
        let among_all = among_all(&lexicon.forward, [&given, &told], &taught, 2);
        for (piece, name) in (0..).zip(&given_pieces.names) {
            for (other, other_name) in (0..).zip(&told_pieces.names) {
                let expected = among_all[*name as usize][*other_name as usize];
                let found = direction.probability(piece, other);
                assert!((found / expected - 1.0).abs() < 1e-4, "{name} {other_name}: {found} {expected}");
            }
        }
        assert!(direction.columns.len() < given_pieces.names.len() * told_pieces.names.len());
    }
}
