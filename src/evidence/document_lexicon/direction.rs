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

/// A bead that is counted, with the cells that it counts in.
struct Counted {
    given: Vec<u32>,
    told: Vec<u32>,
    /// For each told piece the cell with each given one.
    cells: Vec<u32>,
    posterior: f32,
    part: usize,
}

impl Counted {
    fn new(bead: &Taught, cells: &Cells, given: &Pieces, told: &Pieces) -> Self {
        let (given, told): (Vec<_>, Vec<_>) = (given.of_run(bead.given).collect(), told.of_run(bead.told).collect());
        let of = |(piece, other)| u32::try_from(cells.of(piece as usize, other)).expect("fewer cells than 2^32");
        let cells = told.iter().flat_map(|&other| given.iter().map(move |&piece| (piece, other))).map(of).collect();
        Self { given, told, cells, posterior: bead.posterior, part: bead.part }
    }
}

/// The translation table of one direction: told pieces given pieces of the other side. It has a row for each given
/// piece, and in it a cell for each told piece that the lexicon names or that a counted bead has beside it. All others
/// are [`UNNAMED`] and never counted, and there are twenty times as many.
pub(super) struct Direction<'a> {
    pub(super) given: &'a Pieces,
    pub(super) told: &'a Pieces,
    /// The relative frequency of each told piece.
    pub(super) shares: Vec<f32>,
    cells: Cells,
    counted: Vec<Counted>,
    /// The probabilities of the present EM iteration.
    table: Vec<f32>,
    counts: Vec<f32>,
    /// The counts of each row together.
    totals: Vec<f32>,
}

/// The cells of a table, row after row.
#[derive(Default)]
struct Cells {
    /// Where each row ends.
    ends: Vec<usize>,
    /// The told piece of each, in order within a row.
    columns: Vec<u32>,
    /// The probabilities by the lexicon.
    priors: Vec<f32>,
}

impl Cells {
    /// The cells that the lexicon names and that the beads in `taught` have side by side.
    fn new(lexicon: &Table, given: &Pieces, told: &Pieces, taught: &[Taught]) -> Self {
        let mut beside = vec![Vec::new(); given.names.len()];
        for bead in taught {
            let others: Vec<u32> = told.of_run(bead.told).collect();
            given.of_run(bead.given).for_each(|piece| beside[piece as usize].extend_from_slice(&others));
        }
        let mut all = Self::default();
        for (row, mut cells) in beside.into_iter().enumerate() {
            let number = |(other, probability)| Some((*told.numbers.get(&other)?, probability));
            let named: Vec<(u32, f32)> = lexicon.row(given.names[row]).filter_map(number).collect();
            cells.extend(named.iter().map(|&(other, _)| other));
            cells.sort_unstable();
            cells.dedup();
            all.columns.append(&mut cells);
            all.priors.resize(all.columns.len(), UNNAMED);
            all.ends.push(all.columns.len());
            for (other, probability) in named {
                let cell = all.of(row, other);
                all.priors[cell] += probability;
            }
        }
        all
    }

    /// The cell of a told piece in a row that has it.
    fn of(&self, row: usize, other: u32) -> usize {
        let cells = self.row(row);
        let cell = self.columns[cells.clone()].binary_search(&other).expect("there is room for what is counted");
        cells.start + cell
    }

    /// The cells of a row.
    fn row(&self, row: usize) -> Range<usize> {
        row.checked_sub(1).map_or(0, |before| self.ends[before])..self.ends[row]
    }
}

impl<'a> Direction<'a> {
    /// The table by the lexicon alone, with room for the counts of the beads in `taught`.
    pub(super) fn new(lexicon: &Table, shares: &[f32], given: &'a Pieces, told: &'a Pieces, taught: &[Taught]) -> Self {
        let cells = Cells::new(lexicon, given, told, taught);
        let counted = taught.iter().map(|bead| Counted::new(bead, &cells, given, told)).collect();
        let share = |&piece: &u32| shares.get(piece as usize).copied().unwrap_or(0.0).max(LEAST_SHARE);
        let shares = told.names.iter().map(share).collect();
        let (table, counts, totals) =
            (cells.priors.clone(), vec![0.0; cells.priors.len()], vec![0.0; cells.ends.len()]);
        Self { given, told, shares, cells, counted, table, counts, totals }
    }

    /// For each told piece the probabilities given each piece of a sentence, by counts and lexicon, in sum.
    pub(super) fn sums(&self, given: usize) -> Vec<f32> {
        let mut sums = vec![0.0; self.told.names.len()];
        let mut row = sums.clone();
        for &piece in self.given.of(given) {
            let total = self.totals[piece as usize].max(0.0) + PRIOR_PIECES;
            row.fill(PRIOR_PIECES * UNNAMED / total);
            for cell in self.cells.row(piece as usize) {
                let (count, prior) = (self.counts[cell].max(0.0), self.cells.priors[cell]);
                row[self.cells.columns[cell] as usize] = (count + PRIOR_PIECES * prior) / total;
            }
            sums.iter_mut().zip(&row).for_each(|(sum, probability)| *sum += probability);
        }
        sums
    }

    /// Begins an EM iteration: turns the counts into probabilities, and forgets them.
    pub(super) fn begin_count(&mut self, round: usize) {
        if round > 0 {
            for (row, total) in self.totals.iter().enumerate() {
                for cell in self.cells.row(row) {
                    let (count, prior) = (self.counts[cell], self.cells.priors[cell]);
                    self.table[cell] = (count + PRIOR_PIECES * prior) / (total + PRIOR_PIECES);
                }
            }
        }
        self.counts.fill(0.0);
        self.totals.fill(0.0);
    }

    /// Adds the expected counts of the beads in one part of the document, or in all, `times` over: which given piece each
    /// told piece comes from.
    pub(super) fn count(&mut self, part: Option<usize>, times: f32) {
        for bead in self.counted.iter().filter(|bead| part.is_none_or(|part| part == bead.part)) {
            let each = (1.0 - FROM_NOTHING) / bead.given.len().max(1) as f32;
            // Without given pieces there are no cells either.
            for (&other, cells) in bead.told.iter().zip(bead.cells.chunks_exact(bead.given.len().max(1))) {
                let explained: f32 = cells.iter().map(|&cell| self.table[cell as usize]).sum();
                let all = explained * each + FROM_NOTHING * self.shares[other as usize];
                for (&piece, &cell) in bead.given.iter().zip(cells) {
                    let expected = times * bead.posterior * self.table[cell as usize] * each / all;
                    self.counts[cell as usize] += expected;
                    self.totals[piece as usize] += expected;
                }
            }
        }
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
            direction.count(None, 1.0);
        }
        let among_all = among_all(&lexicon.forward, [&given, &told], &taught, 2);
        for (sentence, pieces) in given.iter().enumerate() {
            for (found, other) in direction.sums(sentence).into_iter().zip(&told_pieces.names) {
                let expected: f32 = pieces.iter().map(|&piece| among_all[piece as usize][*other as usize]).sum();
                assert!((found / expected - 1.0).abs() < 1e-4, "{pieces:?} {other}: {found} {expected}");
            }
        }
        assert!(direction.table.len() < given_pieces.names.len() * told_pieces.names.len());
    }
}
