//! Pieces taken out of a file, block by block → a text, its blocks, and the way back to the file.
//!
//! For formats in which the text does not stand as it is to be read. Blocks are parted by blank lines, so that the text
//! reads well by itself.

use std::ops::Range;

use super::{
    Block, Blocks,
    tables::{Cell, Grid},
};
use crate::document::{Aside, Excerpt, Original, SetAside, Span};

/// Where a piece stood: a line or paragraph of the file (1-based), and that line's bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: usize,
    pub(super) file_bytes: Option<Range<usize>>,
}

/// The place of line `line` (1-based) of `file`; `lines` are its lines.
pub(super) fn place(file: &Original, lines: &[Span], line: usize) -> Place {
    Place { line, file_bytes: lines.get(line - 1).and_then(|&span| file.file_bytes(span)) }
}

/// A text under way.
#[derive(Debug, Default)]
pub(super) struct Excerpts {
    text: String,
    /// Where the block under way starts.
    start: usize,
    pieces: Vec<Excerpt>,
    found: Blocks,
    /// The tables that are open.
    pub(super) grid: Grid,
}

/// What stands between two blocks.
const BETWEEN_BLOCKS: &str = "\n\n";

impl Excerpts {
    /// The text of the block under way.
    pub(super) fn block(&self) -> &str {
        &self.text[self.start..]
    }

    /// Where the last piece stood.
    pub(super) fn place(&self) -> Option<Place> {
        self.pieces.last().map(|last| Place { line: last.line, file_bytes: last.file_bytes.clone() })
    }

    /// Adds a piece to the block under way.
    pub(super) fn push(&mut self, piece: &str, place: &Place) {
        if !self.pieces.last().is_some_and(|last| last.line == place.line && last.file_bytes == place.file_bytes) {
            let Place { line, file_bytes } = place.clone();
            self.pieces.push(Excerpt { text_start: self.text.len(), line, file_bytes });
        }
        self.text.push_str(piece);
    }

    /// Ends the block under way; one of nothing but white space is forgotten.
    pub(super) fn end_block(&mut self, heading: bool) {
        self.end_block_of(heading, self.grid.cell());
    }

    /// Ends the block under way as one of a cell that was counted elsewhere.
    pub(super) fn end_block_of(&mut self, heading: bool, cell: Option<Cell>) {
        if let Some(span) = self.end() {
            self.found.blocks.push(Block { span, heading, cell });
        }
    }

    /// Ends the block under way as lines of plain text, of which the first keeps its indentation.
    pub(super) fn end_lines(&mut self) {
        let start = self.start;
        if let Some(span) = self.end() {
            self.found.blocks.push(Block { span: Span::new(start, span.end), heading: false, cell: None });
        }
    }

    /// Ends the block under way as one that is left out.
    pub(super) fn end_aside(&mut self, kind: Aside) {
        if let Some(span) = self.end() {
            self.found.set_aside.push(SetAside { span, kind });
        }
    }

    fn end(&mut self) -> Option<Span> {
        let span = Span::new(self.start, self.text.len()).trim(&self.text);
        if span.is_empty() {
            self.text.truncate(self.start);
            while self.pieces.last().is_some_and(|excerpt| excerpt.text_start >= self.start) {
                self.pieces.pop();
            }
            return None;
        }
        self.text.push_str(BETWEEN_BLOCKS);
        self.start = self.text.len();
        Some(span)
    }

    /// The text and its blocks.
    pub(super) fn finish(mut self, name: &str) -> (Original, Blocks) {
        self.end_block(false);
        (Original::excerpted(name, self.text, self.pieces), self.found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_know_where_their_pieces_stood() {
        let at = |line| Place { line, file_bytes: Some(10 * line..10 * line + 9) };
        let mut excerpts = Excerpts::default();
        excerpts.push("一", &at(2));
        excerpts.push("二", &at(2));
        excerpts.push("三。", &at(4));
        excerpts.end_block(true);
        excerpts.push(" \n", &at(5));
        excerpts.end_block(false);
        excerpts.push(" One.", &at(7));
        let (original, blocks) = excerpts.finish("a");
        assert_eq!(original.text, "一二三。\n\n One.\n\n");
        let found: Vec<_> = blocks.blocks.iter().map(|block| (block.span.of(&original.text), block.heading)).collect();
        assert_eq!(found, [("一二三。", true), ("One.", false)]);
        let lines = blocks.blocks.iter().map(|block| original.line(block.span.start));
        assert_eq!(lines.collect::<Vec<_>>(), [2, 7]);
        assert_eq!(original.file_bytes(blocks.blocks[0].span), Some(20..49));
    }
}
