//! The cells of one row of a table, in buffers that the next row uses again.

/// The cells of a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cells {
    /// All of them, one after another.
    text: String,
    /// Where each ends in it.
    ends: Vec<usize>,
}

impl Cells {
    /// Takes the cells of the former row away.
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a cell.
    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    /// The cell in a column, counted from 0; none where the row is shorter.
    pub(super) fn get(&self, column: usize) -> Option<&str> {
        let end = *self.ends.get(column)?;
        let start = column.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        self.text.get(start..end)
    }

    /// The number of cells.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of all cells.
    pub(super) fn bytes(&self) -> usize {
        self.text.len() + self.ends.len() * size_of::<usize>()
    }

    /// Whether it is a row without anything: empty cells beside each other are something.
    pub(super) fn is_blank(&self) -> bool {
        self.len() < 2 && self.text.trim().is_empty()
    }

    /// The cells, in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.len()).filter_map(|column| self.get(column))
    }
}

impl<'c> FromIterator<&'c str> for Cells {
    fn from_iter<I: IntoIterator<Item = &'c str>>(cells: I) -> Self {
        let mut row = Self::default();
        cells.into_iter().for_each(|cell| row.push(cell));
        row
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_out_as_they_went_in() {
        let mut cells: Cells = ["一", "", "three"].into_iter().collect();
        assert_eq!(
            (cells.get(0), cells.get(1), cells.get(2), cells.get(3)),
            (Some("一"), Some(""), Some("three"), None)
        );
        assert_eq!(cells.iter().collect::<Vec<_>>(), ["一", "", "three"]);
        cells.clear();
        cells.push(" ");
        assert!(cells.is_blank() && cells.len() == 1);
        cells.push("");
        assert!(!cells.is_blank());
    }
}
