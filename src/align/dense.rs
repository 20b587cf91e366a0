//! Exact search over all nodes, written for plainness: the reference for [`super::banded`].

use super::{Cost, Last, Unforbidden, log_add, opening, price, probability, runs_from, shapes};
use crate::{
    bead::{Alignment, Bead},
    both::Both,
};

/// The cheapest alignment of texts of these `lengths` in sentences, with posteriors. Time and memory grow with the
/// product of the lengths.
///
/// Of equally cheap paths to a node the one whose last bead comes first in the order of shapes wins (1:0, 0:1, then
/// by source length). Where every path is forbidden, what is forbidden counts as very dear.
pub fn align(lengths: Both<usize>, cost: &impl Cost) -> Alignment {
    let (n, m) = (lengths.source, lengths.target);
    let opening = opening(cost);
    // One table a state, indexed by `Last`; the start counts as after a pair.
    let table = |value: f64| vec![vec![[value; 3]; m + 1]; n + 1];
    let mut cheapest = table(f64::INFINITY);
    let mut forward = table(f64::NEG_INFINITY);
    let mut backward = table(f64::NEG_INFINITY);
    let mut came_from = vec![vec![[((0, 0), Last::Pair); 3]; m + 1]; n + 1];
    cheapest[0][0][Last::Pair as usize] = 0.0;
    forward[0][0][Last::Pair as usize] = 0.0;
    backward[n][m] = [0.0; 3];

    for (i, j) in (0..=n).flat_map(|i| (0..=m).map(move |j| (i, j))) {
        for (a, b) in shapes().into_iter().filter(|&(a, b)| a <= i && b <= j) {
            let bead = price(cost, runs_from((i - a, j - b), (a, b)));
            let next = Last::after((a, b));
            for last in Last::ALL {
                let Some(step) = last.step_to(next, opening) else { continue };
                let total = cheapest[i - a][j - b][last as usize] + step + bead;
                if total < cheapest[i][j][next as usize] {
                    cheapest[i][j][next as usize] = total;
                    came_from[i][j][next as usize] = ((a, b), last);
                }
                let reached = forward[i - a][j - b][last as usize] - step - bead;
                forward[i][j][next as usize] = log_add(forward[i][j][next as usize], reached);
            }
        }
    }
    for (i, j) in (0..=n).flat_map(|i| (0..=m).map(move |j| (i, j))).rev() {
        for (a, b) in shapes().into_iter().filter(|&(a, b)| i + a <= n && j + b <= m) {
            let bead = price(cost, runs_from((i, j), (a, b)));
            let next = Last::after((a, b));
            for last in Last::ALL {
                let Some(step) = last.step_to(next, opening) else { continue };
                let rest = backward[i + a][j + b][next as usize] - step - bead;
                backward[i][j][last as usize] = log_add(backward[i][j][last as usize], rest);
            }
        }
    }

    if !cheapest[n][m].iter().any(|&cost| cost < f64::INFINITY) {
        return align(lengths, &Unforbidden(cost));
    }
    let cheaper = |&a: &Last, &b: &Last| cheapest[n][m][a as usize].total_cmp(&cheapest[n][m][b as usize]);
    let mut last = Last::ALL.into_iter().min_by(cheaper).unwrap_or(Last::Pair);
    let all = backward[0][0][Last::Pair as usize];
    let (mut i, mut j) = (n, m);
    let mut beads = Vec::new();
    while (i, j) != (0, 0) {
        let ((a, b), before) = came_from[i][j][last as usize];
        let runs = runs_from((i - a, j - b), (a, b));
        let bead = price(cost, runs);
        // All paths to the bead, whatever came before it, and on from it.
        let reached = Last::ALL
            .into_iter()
            .filter_map(|before| Some(forward[i - a][j - b][before as usize] - before.step_to(last, opening)?));
        let log_posterior = reached.fold(f64::NEG_INFINITY, log_add) - bead + backward[i][j][last as usize] - all;
        beads.push(Bead { runs, confidence: probability(log_posterior) });
        (i, j, last) = (i - a, j - b, before);
    }
    beads.reverse();
    Alignment::new(beads)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bead::Run;

    /// Prices a bead by a table of the wanted ones; all others are dear.
    fn prefer(wanted: &[(usize, usize, usize, usize)]) -> impl Cost + '_ {
        |runs: Both<Run>| {
            let key = (runs.source.start, runs.source.end, runs.target.start, runs.target.end);
            if wanted.contains(&key) { 0.0 } else { 5.0 * (runs.source.len() + runs.target.len()) as f64 }
        }
    }

    fn kinds(alignment: &Alignment) -> Vec<String> {
        alignment.beads().iter().map(|bead| bead.kind().to_string()).collect()
    }

    #[test]
    fn the_cheapest_path_is_found() {
        //        target 0  1  2  3
        // source 0      ●──●            1:2
        //        1                      1:0
        //        2            ●         2:1
        //        3            ●
        //                        ○      0:1
        let wanted = [(0, 1, 0, 2), (1, 2, 2, 2), (2, 4, 2, 3), (4, 4, 3, 4)];
        let alignment = align(Both::new(4, 4), &prefer(&wanted));
        assert_eq!(kinds(&alignment), ["1:2", "1:0", "2:1", "0:1"]);
        assert!(alignment.beads().iter().all(|bead| bead.confidence > 0.99));
    }

    #[test]
    fn posteriors_are_shares_of_all_alignments() {
        // One sentence on each side and every bead free: {1:1} and {1:0, 0:1} are equally likely.
        let alignment = align(Both::new(1, 1), &|_: Both<Run>| 0.0);
        assert!(alignment.beads().iter().all(|bead| (bead.confidence - 0.5).abs() < 1e-12));
    }

    struct WithOpening<F>(F, f64);

    impl<F: Fn(Both<Run>) -> f64> Cost for WithOpening<F> {
        fn bead(&self, runs: Both<Run>) -> f64 {
            self.0(runs)
        }

        fn gap_opening(&self) -> f64 {
            self.1
        }
    }

    #[test]
    fn a_gap_is_opened_once_however_long_it_is() {
        // A pair costs 3 and no more than two sentences are lost together for less than 3 + 3: one gap of four nulls
        // (opening 4 + 4 x 1) is dearer than two pairs (6), one of eight (4 + 8) as dear as four pairs (12), but one of
        // twelve (4 + 12) is cheaper than six (18).
        let price = |runs: Both<Run>| match (runs.source.len(), runs.target.len()) {
            (1, 1) => 3.0,
            (1, 0) | (0, 1) => 1.0,
            _ => 100.0,
        };
        let kinds_of = |n| kinds(&align(Both::new(n, n), &WithOpening(price, 4.0)));
        assert_eq!(kinds_of(2), ["1:1", "1:1"]);
        assert_eq!(kinds_of(6).len(), 12, "one gap of six omissions and six additions");
    }

    #[test]
    fn an_empty_side_leaves_only_nulls_and_two_empty_sides_leave_nothing() {
        assert_eq!(kinds(&align(Both::new(2, 0), &|_: Both<Run>| 1.0)), ["1:0", "1:0"]);
        assert_eq!(align(Both::new(0, 0), &|_: Both<Run>| 1.0), Alignment::default());
    }
}
