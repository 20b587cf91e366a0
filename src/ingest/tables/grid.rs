//! Where in a table a reader of a format is: cells that take several columns or rows are counted with.

/// The cell of a table that a block stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::ingest) struct Cell {
    /// The number of the table in the file.
    pub(in crate::ingest) table: usize,
    /// The number of the row, and of the column.
    pub(in crate::ingest) row: usize,
    pub(in crate::ingest) column: usize,
}

/// Columns that are told apart; what stands further right counts as the last.
const MOST_COLUMNS: usize = 100;

/// The tables that are open, one inside the other.
#[derive(Debug, Default)]
pub(in crate::ingest) struct Grid {
    tables: usize,
    open: Vec<Table>,
}

#[derive(Debug, Default)]
struct Table {
    number: usize,
    rows: usize,
    /// The column of the cell that is open.
    column: Option<usize>,
    /// Where the next cell begins.
    next: usize,
    /// Rows that a cell takes from here on, by column.
    taken: Vec<usize>,
}

impl Grid {
    pub(in crate::ingest) fn begin_table(&mut self) {
        self.tables += 1;
        self.open.push(Table { number: self.tables, ..Table::default() });
    }

    pub(in crate::ingest) fn end_table(&mut self) {
        self.open.pop();
    }

    pub(in crate::ingest) fn begin_row(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.rows += 1;
            table.next = 0;
            table.taken.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
        }
    }

    /// Begins a cell that takes so many columns and rows.
    pub(in crate::ingest) fn begin_cell(&mut self, columns: usize, rows: usize) {
        let Some(table) = self.open.last_mut() else { return };
        while table.taken.get(table.next).is_some_and(|&rows| rows > 0) {
            table.next += 1;
        }
        let column = table.next.min(MOST_COLUMNS - 1);
        table.column = Some(column);
        table.next = column;
        self.widen_cell(columns, rows);
    }

    /// Says how many columns and rows the cell that was begun takes.
    pub(in crate::ingest) fn widen_cell(&mut self, columns: usize, rows: usize) {
        let Some(table) = self.open.last_mut() else { return };
        let Some(start) = table.column else { return };
        table.next = (start + columns.max(1)).min(MOST_COLUMNS);
        table.taken.resize(table.taken.len().max(table.next), 0);
        table.taken[start..table.next].fill(rows.max(1));
    }

    pub(in crate::ingest) fn end_cell(&mut self) {
        if let Some(table) = self.open.last_mut() {
            table.column = None;
        }
    }

    /// The cell that is open.
    pub(in crate::ingest) fn cell(&self) -> Option<Cell> {
        let table = self.open.last()?;
        Some(Cell { table: table.number, row: table.rows, column: table.column? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_take_more_than_their_place_move_the_others() {
        let mut grid = Grid::default();
        assert_eq!(grid.cell(), None);
        grid.begin_table();
        // Two rows high, then one of two columns; below, the second and the third.
        let mut columns = Vec::new();
        for row in [&[(1, 2), (2, 1), (1, 1)][..], &[(1, 1), (1, 1)], &[(500, 1), (1, 1)]] {
            grid.begin_row();
            for &(width, height) in row {
                grid.begin_cell(width, height);
                columns.push(grid.cell().map(|cell| (cell.row, cell.column)));
                grid.end_cell();
            }
        }
        let expected = [(1, 0), (1, 1), (1, 3), (2, 1), (2, 2), (3, 0), (3, 99)].map(Some);
        assert_eq!(columns, expected);
        grid.begin_table();
        grid.begin_row();
        grid.begin_cell(1, 1);
        assert_eq!(grid.cell(), Some(Cell { table: 2, row: 1, column: 0 }));
        grid.end_table();
        grid.end_table();
        grid.end_table();
        assert_eq!(grid.cell(), None);
    }
}
