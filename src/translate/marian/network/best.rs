//! The likeliest next pieces, from the logits of a step. libtorch's own searches for the largest of a row take longer
//! than the matrix that made them (64 × 3,000 logits: `max` 303 µs, `topk` 587, `logsumexp` 148; this some 90).

use super::super::forward::{
    lanes::{log_sum_exp, most},
    rows::Ragged,
};

/// So many values are compared with the best so far at once.
const CHUNK: usize = 32;

/// The logits of a step, a row for each beginning. Their place in memory serves the next step as well.
#[derive(Default)]
pub(super) struct Logits {
    rows: Ragged,
    /// The logarithm of the summed exponentials of each row.
    norms: Vec<f32>,
}

impl Logits {
    /// Takes what `fill` replaces the rows by.
    pub(super) fn refill(&mut self, fill: impl FnOnce(&mut Ragged)) {
        fill(&mut self.rows);
        self.norms.clear();
        self.norms.extend((0..self.rows.count()).map(|row| log_sum_exp(self.rows.row(row))));
    }

    /// Rules columns out in one row. What is ruled out takes no share of the probability of the rest.
    pub(super) fn forbid(&mut self, row: usize, columns: &[usize]) {
        for &column in columns {
            self.rows.row_mut(row)[column] = f32::NEG_INFINITY;
        }
    }

    /// The `count` likeliest columns of a row, the likeliest first, each with its log-probability in nats; of equals
    /// the first.
    pub(super) fn best(&self, row: usize, count: usize) -> Vec<(usize, f32)> {
        let mut best: Vec<(usize, f32)> = Vec::with_capacity(count + 1);
        let mut least = f32::NEG_INFINITY;
        for (chunk, start) in self.rows.row(row).chunks(CHUNK).zip((0..).step_by(CHUNK)) {
            if most(chunk) <= least {
                continue;
            }
            for (column, &value) in (start..).zip(chunk) {
                if value > least {
                    let at = best.partition_point(|&(_, other)| other >= value);
                    best.insert(at, (column, value));
                    best.truncate(count);
                    if best.len() == count {
                        least = best[count - 1].1;
                    }
                }
            }
        }
        let norm = self.norms[row];
        best.into_iter().map(|(column, value)| (column, value - norm)).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn logits(rows: &[&[f32]]) -> Logits {
        let mut logits = Logits::default();
        logits.refill(|all| {
            all.reset(rows.iter().map(|row| row.len()));
            rows.iter().enumerate().for_each(|(at, row)| all.row_mut(at).copy_from_slice(row));
        });
        logits
    }

    proptest! {
        #[test]
        fn the_best_are_those_of_a_sorted_row(
            row in prop::collection::vec((-9_i8..9).prop_map(f32::from), 1..200),
            count in 1_usize..6,
        ) {
            let found = logits(&[&row]).best(0, count);
            let norm = row.iter().map(|value| value.exp()).sum::<f32>().ln();
            let mut expected: Vec<(usize, f32)> = row.iter().copied().enumerate().collect();
            expected.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
            expected.truncate(count);
            prop_assert_eq!(found.len(), expected.len());
            for (found, expected) in found.iter().zip(&expected) {
                prop_assert_eq!(found.0, expected.0);
                prop_assert!((found.1 - (expected.1 - norm)).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn rows_of_different_widths_are_searched_each_by_itself() {
        let logits = logits(&[&[1.0], &[9.0, 2.0, 3.0]]);
        assert_eq!(logits.best(0, 2), [(0, 0.0)]);
        assert_eq!(logits.best(1, 2).iter().map(|&(column, _)| column).collect::<Vec<_>>(), [0, 2]);
    }

    #[test]
    fn what_is_forbidden_is_not_chosen_and_keeps_its_share() {
        let mut logits = logits(&[&[0.0, 0.0], &[0.0, 0.0]]);
        logits.forbid(0, &[0]);
        logits.forbid(1, &[]);
        assert_eq!((logits.best(0, 2).len(), logits.best(1, 2).len()), (1, 2));
        assert!((logits.best(0, 1)[0].1 - 0.5_f32.ln()).abs() < 1e-6);
    }
}
