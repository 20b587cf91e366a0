//! One direction of a document's lexicon: the probabilities of pieces of one side, given those of the other, in a
//! window.

use std::collections::HashMap;

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

    pub(super) fn end(&self) -> usize {
        self.first_sentence + self.sentences.len()
    }
}

/// The translation table of one direction: told pieces given pieces of the other side. It has a row for each given
/// piece.
pub(super) struct Direction<'a> {
    pub(super) given: &'a Pieces,
    pub(super) told: &'a Pieces,
    /// The relative frequency of each told piece.
    pub(super) shares: Vec<f32>,
    /// The probabilities by the lexicon.
    prior: Vec<f32>,
    /// The probabilities of the present EM iteration.
    table: Vec<f32>,
    counts: Vec<f32>,
    totals: Vec<f32>,
}

impl<'a> Direction<'a> {
    pub(super) fn new(lexicon: &Table, shares: &[f32], given: &'a Pieces, told: &'a Pieces) -> Self {
        let width = told.names.len();
        let mut prior = vec![UNNAMED; given.names.len() * width];
        for (row, &piece) in prior.chunks_mut(width.max(1)).zip(&given.names) {
            for (other, probability) in lexicon.row(piece) {
                if let Some(&column) = told.numbers.get(&other) {
                    row[column as usize] += probability;
                }
            }
        }
        let share = |&piece: &u32| shares.get(piece as usize).copied().unwrap_or(0.0).max(LEAST_SHARE);
        let shares = told.names.iter().map(share).collect();
        let (counts, totals) = (vec![0.0; prior.len()], vec![0.0; given.names.len()]);
        Self { given, told, shares, table: prior.clone(), prior, counts, totals }
    }

    /// The probability of the told piece `other` given `piece`, by counts and lexicon.
    pub(super) fn probability(&self, piece: u32, other: u32) -> f32 {
        let cell = piece as usize * self.shares.len() + other as usize;
        (self.counts[cell].max(0.0) + PRIOR_PIECES * self.prior[cell])
            / (self.totals[piece as usize].max(0.0) + PRIOR_PIECES)
    }

    /// Begins an EM iteration: turns the counts into probabilities, and forgets them.
    pub(super) fn begin_count(&mut self, round: usize) {
        if round > 0 {
            let width = self.shares.len().max(1);
            let rows = self.table.chunks_mut(width).zip(self.counts.chunks(width)).zip(self.prior.chunks(width));
            for (((table, counts), prior), total) in rows.zip(&self.totals) {
                for ((cell, count), prior) in table.iter_mut().zip(counts).zip(prior) {
                    *cell = (count + PRIOR_PIECES * prior) / (total + PRIOR_PIECES);
                }
            }
        }
        self.counts.fill(0.0);
        self.totals.fill(0.0);
    }

    /// Adds the expected counts of a bead, `times` over: which given piece each told piece comes from.
    pub(super) fn count(&mut self, given: Run, told: Run, times: f32) {
        let pieces: Vec<u32> = given.range().flat_map(|sentence| self.given.of(sentence)).copied().collect();
        let each = (1.0 - FROM_NOTHING) / pieces.len().max(1) as f32;
        let width = self.shares.len();
        for &other in told.range().flat_map(|sentence| self.told.of(sentence)) {
            let cell = |piece: u32| piece as usize * width + other as usize;
            let explained: f32 = pieces.iter().map(|&piece| self.table[cell(piece)]).sum();
            let all = explained * each + FROM_NOTHING * self.shares[other as usize];
            for &piece in &pieces {
                let expected = times * self.table[cell(piece)] * each / all;
                self.counts[cell(piece)] += expected;
                self.totals[piece as usize] += expected;
            }
        }
    }
}
