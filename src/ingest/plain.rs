//! Plain text → blocks: what stands between blank lines.

use super::{Block, Blocks};
use crate::{
    document::{Original, Span},
    text::is_invisible,
};

/// The blocks of a plain text.
pub(super) fn blocks(original: &Original) -> Blocks {
    let text = &original.text;
    let mut blocks: Vec<Block> = Vec::new();
    let mut after_blank = true;
    for line in original.lines() {
        if is_blank(line.of(text)) {
            after_blank = true;
            continue;
        }
        match blocks.last_mut() {
            Some(block) if !after_blank => block.span.end = line.end,
            _ => blocks.push(Block { span: line, heading: false, cell: None }),
        }
        after_blank = false;
    }
    Blocks { blocks, set_aside: Vec::new() }
}

/// The lines of `within` that are not blank, without their ends but with their indentation.
pub(super) fn lines(original: &Original, within: Span) -> Vec<Span> {
    let mut lines = Vec::new();
    let mut start = within.start;
    for line in within.of(&original.text).split(original.line_end) {
        if !is_blank(line) {
            lines.push(Span::new(start, start + line.len()));
        }
        start += line.len() + 1;
    }
    lines
}

/// Whether a line shows nothing.
pub(super) fn is_blank(line: &str) -> bool {
    line.chars().all(|c| c.is_whitespace() || is_invisible(c))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ByteMap;

    #[test]
    fn blank_lines_of_any_make_part_blocks() {
        let original = Original::new("a", "一\n二\r\n \u{3000}\t\r\n三\n\n四", ByteMap::shifted(0));
        let blocks = blocks(&original).blocks;
        let texts: Vec<_> = blocks.iter().map(|block| block.span.of(&original.text)).collect();
        assert_eq!(texts, ["一\n二", "三", "四"]);
        let lines = lines(&original, blocks[0].span);
        assert_eq!(lines.iter().map(|line| line.of(&original.text)).collect::<Vec<_>>(), ["一", "二"]);
    }
}
