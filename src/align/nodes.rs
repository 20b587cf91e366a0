//! Values at the nodes of a band.

use crate::band::Band;

/// A value for each node of a band.
pub(super) struct Nodes<'a, T> {
    band: &'a Band,
    row_starts: Vec<usize>,
    values: Vec<T>,
}

impl<'a, T: Copy> Nodes<'a, T> {
    /// `value` everywhere.
    pub(super) fn new(band: &'a Band, value: T) -> Self {
        let mut row_starts = Vec::with_capacity(band.n_source() + 1);
        let mut total = 0;
        for i in 0..=band.n_source() {
            row_starts.push(total);
            total += band.row(i).len();
        }
        Self { band, row_starts, values: vec![value; total] }
    }

    /// The value at a node of the band.
    pub(super) fn get(&self, node: (usize, usize)) -> T {
        *self.get_ref(node)
    }

    /// The value at a node of the band, in its place: for values too large to copy.
    pub(super) fn get_ref(&self, node: (usize, usize)) -> &T {
        &self.values[self.index(node)]
    }

    /// Changes the value at a node of the band.
    pub(super) fn set(&mut self, node: (usize, usize), value: T) {
        let index = self.index(node);
        self.values[index] = value;
    }

    fn index(&self, (i, j): (usize, usize)) -> usize {
        self.row_starts[i] + j - self.band.row(i).start
    }
}

/// The nodes of a band, so that each comes after those that a bead to it can start from.
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
