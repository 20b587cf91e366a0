//! Bands: the part of the search space that is looked at.
//!
//! An alignment is a path through nodes (i, j): i source sentences and j target sentences done. A [`Band`] keeps, for
//! each i, one range of j. Evidence is computed and searched inside it only, so that both take time and memory in
//! proportion to the length of the document when the band is narrow.

use std::ops::Range;

/// A band: for each i in `0..=n_source`, the range of j that a path may pass through.
///
/// Both ends never decrease with i; the first range holds 0 and the last one n_target; neighbouring ranges overlap,
/// so that a path always exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    rows: Vec<Range<usize>>,
    n_target: usize,
}

impl Band {
    /// A band of these ranges of j, one for each i, which must be as [`Band`] says.
    pub fn new(rows: Vec<Range<usize>>, n_target: usize) -> Self {
        debug_assert!(rows.first().is_some_and(|row| row.contains(&0)), "the band must hold the start");
        debug_assert!(rows.last().is_some_and(|row| row.end == n_target + 1), "the band must hold the end");
        let follows = |rows: &[Range<usize>]| {
            rows[0].start <= rows[1].start && rows[0].end <= rows[1].end && rows[1].start < rows[0].end
        };
        debug_assert!(rows.windows(2).all(follows), "neighbouring rows must overlap: {rows:?}");
        Self { rows, n_target }
    }

    /// The band of every node.
    pub fn full(n_source: usize, n_target: usize) -> Self {
        Self { rows: vec![0..n_target + 1; n_source + 1], n_target }
    }

    /// The band of the nodes at most `radius` steps, on either side, from a monotone path of nodes from (0, 0) to (n,
    /// m); or from several such paths, if `nodes` are in the order of their rows.
    ///
    /// Where a path jumps over many target sentences at once, the whole jump is inside; a jump over more than `radius`
    /// source sentences is not allowed.
    pub fn around(nodes: &[(usize, usize)], radius: usize) -> Self {
        let &(n_source, n_target) = nodes.last().expect("a path has nodes");
        let mut rows: Vec<Option<Range<usize>>> = vec![None; n_source + 1];
        for &(i, j) in nodes {
            let (start, end) = (j.saturating_sub(radius), (j + radius).min(n_target) + 1);
            for row in &mut rows[i.saturating_sub(radius)..=(i + radius).min(n_source)] {
                *row = Some(row.as_ref().map_or(start..end, |row| row.start.min(start)..row.end.max(end)));
            }
        }
        let mut rows: Vec<_> = rows.into_iter().map(|row| row.expect("a path passes every row")).collect();
        // Of one path the ends never decrease; of several, one may end a detour where another goes on.
        for i in 1..rows.len() {
            rows[i].end = rows[i].end.max(rows[i - 1].end);
        }
        for i in (1..rows.len()).rev() {
            rows[i - 1].start = rows[i - 1].start.min(rows[i].start);
        }
        Self { rows, n_target }
    }

    /// The band of the nodes that `other` holds too. There must be a path in both.
    #[must_use]
    pub fn within(&self, other: &Self) -> Self {
        let both = |(one, two): (&Range<usize>, &Range<usize>)| one.start.max(two.start)..one.end.min(two.end);
        Self { rows: self.rows.iter().zip(&other.rows).map(both).collect(), n_target: self.n_target }
    }

    /// The number of source sentences.
    pub fn n_source(&self) -> usize {
        self.rows.len() - 1
    }

    /// The number of target sentences.
    pub fn n_target(&self) -> usize {
        self.n_target
    }

    /// The range of j allowed after `i` source sentences.
    pub fn row(&self, i: usize) -> Range<usize> {
        self.rows[i].clone()
    }

    /// The number of nodes.
    pub fn n_nodes(&self) -> usize {
        self.rows.iter().map(ExactSizeIterator::len).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_around_a_path_holds_the_path_its_ends_and_nothing_outside_the_texts() {
        let path = [(0, 0), (1, 1), (2, 7), (3, 8)];
        let band = Band::around(&path, 2);
        assert!(path.iter().all(|&(i, j)| band.row(i).contains(&j)));
        assert_eq!((band.n_source(), band.n_target()), (3, 8));
        assert_eq!([band.row(0), band.row(3)], [0..9, 0..9]);
        assert_eq!(Band::around(&[(0, 0), (1, 1), (2, 2), (3, 3)], 1).row(1), 0..4);
    }

    #[test]
    fn a_wide_band_is_the_full_one() {
        assert_eq!(Band::around(&[(0, 0), (1, 1), (2, 2)], 5), Band::full(2, 2));
    }
}
