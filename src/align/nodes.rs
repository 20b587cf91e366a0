//! Storage for values at the nodes of a band.

use std::ops::Range;

use super::MAX_BEAD;
use crate::{band::Band, threads::of_each};

/// A table with a value for each node of a band.
pub(super) struct Nodes<T> {
    /// For each row, the index of its first value less the j of its first node; below 0 (it wraps) where a row begins
    /// late.
    offsets: Vec<usize>,
    values: Vec<T>,
}

impl<T: Clone> Nodes<T> {
    /// A table with `value` at every node of `band`.
    pub(super) fn new(band: &Band, value: T) -> Self {
        let mut offsets = Vec::with_capacity(band.n_source() + 1);
        let mut total = 0_usize;
        for i in 0..=band.n_source() {
            offsets.push(total.wrapping_sub(band.row(i).start));
            total += band.row(i).len();
        }
        Self { offsets, values: vec![value; total] }
    }

    /// A table of what `of_node` says of every node of `band`; its rows are filled on all threads that there are.
    pub(super) fn filled(band: &Band, nothing: T, of_node: impl Fn((usize, usize)) -> T + Sync) -> Self
    where
        T: Send,
    {
        let mut table = Self::new(band, nothing);
        let mut rest = table.values.as_mut_slice();
        let rows = (0..=band.n_source()).map(|i| {
            let (row, after) = std::mem::take(&mut rest).split_at_mut(band.row(i).len());
            rest = after;
            row
        });
        of_each(rows.enumerate().collect::<Vec<_>>(), |(i, row): (usize, &mut [T])| {
            for (value, j) in row.iter_mut().zip(band.row(i)) {
                *value = of_node((i, j));
            }
        });
        table
    }

    /// The value at a node of the band.
    pub(super) fn get(&self, node: (usize, usize)) -> &T {
        &self.values[self.index(node)]
    }

    /// The value at a node of the band, for change.
    pub(super) fn get_mut(&mut self, node: (usize, usize)) -> &mut T {
        let index = self.index(node);
        &mut self.values[index]
    }

    fn index(&self, (i, j): (usize, usize)) -> usize {
        self.offsets[i].wrapping_add(j)
    }
}

/// A table of the rows that beads to or from the present one can touch: for a search that goes row by row and looks
/// no further back.
pub(super) struct Window<T> {
    /// For each row, the j of its first node and its values.
    rows: [(usize, Vec<T>); MAX_BEAD],
}

impl<T: Clone> Window<T> {
    pub(super) fn new() -> Self {
        Self { rows: std::array::from_fn(|_| (0, Vec::new())) }
    }

    /// Opens row `i` with `value` at all its nodes, in place of the row [`MAX_BEAD`] before or after it.
    pub(super) fn open(&mut self, i: usize, row: &Range<usize>, value: T) {
        let (first, values) = &mut self.rows[i % MAX_BEAD];
        *first = row.start;
        values.clear();
        values.resize(row.len(), value);
    }

    /// The value at a node of an open row.
    pub(super) fn get(&self, (i, j): (usize, usize)) -> &T {
        let (first, values) = &self.rows[i % MAX_BEAD];
        &values[j - first]
    }

    /// Sets the value at a node of an open row.
    pub(super) fn set(&mut self, (i, j): (usize, usize), value: T) {
        let (first, values) = &mut self.rows[i % MAX_BEAD];
        values[j - *first] = value;
    }
}

/// The nodes of a band in topological order: each after those from which a bead can lead to it.
pub(super) fn in_order(band: &Band) -> impl DoubleEndedIterator<Item = (usize, usize)> + '_ {
    (0..=band.n_source()).flat_map(|i| band.row(i).map(move |j| (i, j)))
}

/// Whether the band holds the node.
pub(super) fn contains(band: &Band, (i, j): (usize, usize)) -> bool {
    i <= band.n_source() && band.row(i).contains(&j)
}

/// The node from which a bead of `shape` leads to this one, if there are that many sentences before it.
pub(super) fn back((i, j): (usize, usize), (n, m): (usize, usize)) -> Option<(usize, usize)> {
    Some((i.checked_sub(n)?, j.checked_sub(m)?))
}
