//! Inner products of sentence vectors, of which the cosine of any two runs is made.
//!
//! Each kind gives every sentence a vector such that the vector of a run is the sum of its sentences'. The cosine of
//! any two runs then follows from the inner products of single sentences, so a bead costs a few additions however the
//! vectors look. Dense ones (embeddings) and sparse ones (words, numbers) differ only in their inner product.

use crate::{band::Band, bead::Run, both::Both, threads::of_each};

/// The length of the longest run that is asked about, in sentences: that of a bead, and one neighbour.
pub(super) const MAX_RUN: usize = 9;

/// The distance outside a bead up to which sentences are asked about, in target sentences.
pub(super) const MARGIN: usize = 3;

/// Sentence vectors of one side, seen only through their inner products.
pub(super) trait Vectors: Sync {
    /// The inner product of vector `i` with vector `j` of `other`.
    fn dot(&self, i: usize, other: &Self, j: usize) -> f32;
    /// The number of vectors.
    fn len(&self) -> usize;
}

/// The inner products needed for every bead in a band.
pub(super) struct InnerProducts {
    /// For each source sentence, the first target sentence stored and the products from there on.
    rows: Vec<(usize, Vec<f32>)>,
    /// For each sentence, the lengths of the vectors of the runs of 1, 2, … sentences that start there.
    norms: Both<Vec<[f32; MAX_RUN]>>,
}

impl InnerProducts {
    /// Computes all inner products that beads in `band`, and their immediate neighbours, need.
    pub(super) fn new<V: Vectors>(band: &Band, sides: Both<&V>) -> Self {
        let row = |i: usize| {
            let first = band.row(i.saturating_sub(MAX_RUN)).start.saturating_sub(MARGIN);
            let end = (band.row((i + MAX_RUN).min(band.n_source())).end + MARGIN).min(band.n_target());
            (first, (first..end).map(|j| sides.source.dot(i, sides.target, j)).collect())
        };
        Self { rows: of_each(0..sides.source.len(), row), norms: sides.map(norms) }
    }

    /// The inner product of two runs; 0 if one is empty.
    #[inline]
    pub(super) fn dot(&self, runs: Both<Run>) -> f32 {
        let mut sum = 0.0;
        for (first, products) in &self.rows[runs.source.range()] {
            let mut row = 0.0;
            for product in &products[runs.target.start - first..runs.target.end - first] {
                row += product;
            }
            sum += row;
        }
        sum
    }

    /// The cosine of two runs, -1..=1; 0 if one has no vector.
    pub(super) fn cosine(&self, runs: Both<Run>) -> f32 {
        let norms = self.norms(runs);
        over(self.dot(runs), norms.source * norms.target)
    }

    /// The mean cosine of single sentences wherever it was computed: that of unrelated sentences, for true pairs are
    /// few among them. 0 if a side is empty.
    pub(super) fn mean_cosine(&self) -> f32 {
        let (mut sum, mut count) = (0.0, 0.0);
        for cosine in (0..self.rows.len()).flat_map(|i| self.cosines_of(i)) {
            sum += cosine;
            count += 1.0;
        }
        if count > 0.0 { sum / count } else { 0.0 }
    }

    /// The median, over source sentences, of the highest cosine with a target sentence: that of sentences which
    /// translate each other. Half of the sentences may lack a counterpart before it says something else.
    pub(super) fn typical_best_cosine(&self) -> f32 {
        let mut best: Vec<f32> = (0..self.rows.len()).map(|i| self.cosines_of(i).fold(0.0, f32::max)).collect();
        best.sort_by(f32::total_cmp);
        best.get(best.len() / 2).copied().unwrap_or(0.0)
    }

    /// The cosines of a source sentence with each target sentence of its row.
    fn cosines_of(&self, i: usize) -> impl Iterator<Item = f32> {
        let (first, products) = &self.rows[i];
        let norm = self.norms.source[i][0];
        let lengths = self.norms.target[*first..].iter().map(move |norms| norm * norms[0]);
        products.iter().zip(lengths).map(|(product, lengths)| over(*product, lengths))
    }

    /// The lengths of the two runs' vectors.
    pub(super) fn norms(&self, runs: Both<Run>) -> Both<f32> {
        let norm =
            |norms: &[[f32; MAX_RUN]], run: Run| if run.is_empty() { 0.0 } else { norms[run.start][run.len() - 1] };
        Both::new(norm(&self.norms.source, runs.source), norm(&self.norms.target, runs.target))
    }
}

/// An inner product over the lengths of its vectors; 0 if one has none.
fn over(product: f32, lengths: f32) -> f32 {
    if lengths > 0.0 { product / lengths } else { 0.0 }
}

/// The lengths of the vectors of the runs of 1, 2, … sentences from each on: |v_i + … + v_(i+k)|² grows from the one
/// before by the new vector's products with all in the run.
fn norms<V: Vectors>(side: &V) -> Vec<[f32; MAX_RUN]> {
    let of_run_from = |i: usize| {
        let mut norms = [0.0; MAX_RUN];
        let mut squared = 0.0;
        for (new, norm) in (i..side.len()).zip(&mut norms) {
            squared += side.dot(new, side, new) + 2.0 * (i..new).map(|old| side.dot(old, side, new)).sum::<f32>();
            *norm = squared.max(0.0).sqrt();
        }
        norms
    };
    of_each(0..side.len(), of_run_from)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Plain(Vec<[f32; 2]>);

    impl Vectors for Plain {
        fn dot(&self, i: usize, other: &Self, j: usize) -> f32 {
            self.0[i].iter().zip(&other.0[j]).map(|(a, b)| a * b).sum()
        }

        fn len(&self) -> usize {
            self.0.len()
        }
    }

    #[test]
    fn the_cosine_of_runs_is_that_of_the_sums_of_their_vectors() {
        let source = Plain(vec![[1.0, 0.0], [0.0, 2.0], [3.0, 1.0]]);
        let target = Plain(vec![[1.0, 2.0], [0.0, 0.0]]);
        let products = InnerProducts::new(&Band::full(3, 2), Both::new(&source, &target));
        let runs = |s: (usize, usize), t: (usize, usize)| Both::new(Run::new(s.0, s.1), Run::new(t.0, t.1));
        assert!((products.cosine(runs((0, 2), (0, 1))) - 1.0).abs() < 1e-6, "(1, 2) against (1, 2)");
        assert!(
            (products.cosine(runs((0, 3), (0, 2))) - 10.0 / 5.0 / 5_f32.sqrt()).abs() < 1e-6,
            "(4, 3) against (1, 2)"
        );
        assert_eq!(products.cosine(runs((0, 1), (1, 2))).to_bits(), 0.0_f32.to_bits(), "no vector, no similarity");
    }
}
