//! Tables with a column for each language: which cells are Chinese, which English, and what only says something about
//! the row: its number, its state.
//!
//! So translators exchange texts: a sentence a row, with its translation beside it, or without one. What stands in a row
//! belongs together, and a word such as `Confirmed` is no text. A table of anything else stays what it was, and so does one
//! in which both languages stand below each other.

mod columns;
mod grid;

use std::collections::BTreeMap;

use self::columns::{Columns, Use};
pub(super) use self::grid::{Cell, Grid};
use super::{Block, Blocks, plain};
use crate::{
    document::{Original, Span},
    text::Lang,
};

/// What a block is of a file that may have tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Text as any other.
    Text,
    /// Text of one language, in a row of a table that has both. Rows are numbered through the file.
    Side(Lang, usize),
    /// No text, but about the row.
    Label,
}

/// The role of each block.
pub(super) fn roles(original: &Original, blocks: &[Block]) -> Vec<Role> {
    let mut tables: BTreeMap<usize, Vec<(Cell, &str)>> = BTreeMap::new();
    for block in blocks {
        if let Some(cell) = block.cell {
            tables.entry(cell.table).or_default().push((cell, block.span.of(&original.text)));
        }
    }
    let tables: BTreeMap<usize, Columns> =
        tables.into_iter().filter_map(|(table, cells)| Some((table, Columns::of(&cells)?))).collect();
    let (mut number, mut last) = (0, None);
    let role = |block: &Block| {
        let found = block.cell.and_then(|cell| Some((cell, tables.get(&cell.table)?.of_cell(cell))));
        match found {
            None | Some((_, Use::Text)) => Role::Text,
            Some((_, Use::Label)) => Role::Label,
            Some((cell, Use::Side(lang))) => {
                if last != Some((cell.table, cell.row)) {
                    number += 1;
                    last = Some((cell.table, cell.row));
                }
                Role::Side(lang, number)
            }
        }
    };
    blocks.iter().map(role).collect()
}

/// The fewest rows of a table that is drawn with signs.
const FEWEST_ROWS: usize = 3;

/// The blocks with the cells of tables as blocks of their own, where lines that follow each other are a table with both
/// languages: with tabs between the cells, or `|`.
pub(super) fn cut(original: &Original, found: &Blocks) -> Vec<Block> {
    let text = &original.text;
    let is_plain = |block: &Block| block.cell.is_none() && !block.heading;
    let lines: Vec<(usize, Span)> = (found.blocks.iter().enumerate())
        .flat_map(|(index, block)| plain::lines(original, block.span).into_iter().map(move |line| (index, line)))
        .collect();
    let is_row =
        |&(block, line): &(usize, Span)| is_plain(&found.blocks[block]).then(|| separator(line.of(text))).flatten();
    let mut next_table = 1 + found.blocks.iter().filter_map(|block| Some(block.cell?.table)).max().unwrap_or(0);
    let mut blocks = Vec::new();
    for run in lines.chunk_by(|one, next| is_row(one) == is_row(next)) {
        let cells = is_row(&run[0]).and_then(|separator| {
            let rows: Vec<Span> = run.iter().map(|line| line.1).filter(|line| !is_rule(line.of(text))).collect();
            let cells = cells(text, &rows, separator, next_table);
            let texts: Vec<(Cell, &str)> =
                cells.iter().filter_map(|block| Some((block.cell?, block.span.of(text)))).collect();
            (rows.len() >= FEWEST_ROWS && Columns::of(&texts).is_some()).then_some(cells)
        });
        match cells {
            Some(cells) => {
                blocks.extend(cells);
                next_table += 1;
            }
            None => {
                for of_block in run.chunk_by(|one, next| one.0 == next.0) {
                    let span = Span::new(of_block[0].1.start, of_block[of_block.len() - 1].1.end);
                    let of = &found.blocks[of_block[0].0];
                    // Cut in the middle only where a table was.
                    match blocks.last_mut() {
                        Some(Block { span: last, cell, .. })
                            if *cell == of.cell
                                && of.span.start <= last.start
                                && is_text_between(text, *last, span) =>
                        {
                            last.end = span.end;
                        }
                        _ => blocks.push(Block { span, ..*of }),
                    }
                }
            }
        }
    }
    blocks
}

/// Whether two stretches are of the same block, with nothing between them but a line's end.
fn is_text_between(text: &str, one: Span, next: Span) -> bool {
    one.end <= next.start && text[one.end..next.start].chars().all(char::is_whitespace)
}

/// What stands between the cells of a line, if it is a row.
fn separator(line: &str) -> Option<char> {
    ['\t', '|'].into_iter().find(|&separator| line.trim().contains(separator))
}

/// Whether a line is a row of a table's frame: `|---|:-:|`.
fn is_rule(line: &str) -> bool {
    line.chars().all(|c| matches!(c, '|' | '-' | ':' | '+' | '=' | '\t' | ' '))
}

/// The cells of rows, without empty ones.
fn cells(text: &str, rows: &[Span], separator: char, table: usize) -> Vec<Block> {
    let mut found = Vec::new();
    for (row, line) in rows.iter().enumerate() {
        let mut start = line.start;
        for (column, part) in line.of(text).split(separator).enumerate() {
            let span = Span::new(start, start + part.len()).trim(text);
            start += part.len() + separator.len_utf8();
            if !span.is_empty() {
                found.push(Block { span, heading: false, cell: Some(Cell { table, row, column }) });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ByteMap;

    /// Each block of a plain text with its role: its row and language, `-` for none of these, `x` for a label.
    fn shown(text: &str) -> Vec<String> {
        let original = Original::new("a", text, ByteMap::shifted(0));
        let blocks = cut(&original, &plain::blocks(&original));
        let role = |role: &Role| match role {
            Role::Text => "-".to_owned(),
            Role::Label => "x".to_owned(),
            Role::Side(lang, row) => format!("{row}{}", if *lang == Lang::Zh { "zh" } else { "en" }),
        };
        let roles = roles(&original, &blocks);
        blocks.iter().zip(&roles).map(|(block, it)| format!("{} {}", role(it), block.span.of(text))).collect()
    }

    #[test]
    fn rows_of_both_languages_are_cut_into_cells() {
        let text = "客房须知\nRoom guide\nNo.\tChinese\tEnglish\tState\n1\t房卡请带走。\tTake the key card with you.\tdone\n\
            2\t早餐七点开始。\tBreakfast begins at seven.\tdone\n3\t\tThe lift is on the left.\topen\n4\t退房前请关灯。\tLights off, please.\tdone\n完\n";
        let expected = [
            "- 客房须知\nRoom guide",
            "x No.",
            "x Chinese",
            "x English",
            "x State",
            "x 1",
            "1zh 房卡请带走。",
            "1en Take the key card with you.",
            "x done",
            "x 2",
            "2zh 早餐七点开始。",
            "2en Breakfast begins at seven.",
            "x done",
            "x 3",
            "3en The lift is on the left.",
            "x open",
            "x 4",
            "4zh 退房前请关灯。",
            "4en Lights off, please.",
            "x done",
            "- 完",
        ];
        assert_eq!(shown(text), expected);
        let drawn = "| 扳手 | spanner |\n|----|----|\n| 打气筒 | pump |\n| 内胎 | inner tube |\n";
        let expected = ["1zh 扳手", "1en spanner", "2zh 打气筒", "2en pump", "3zh 内胎", "3en inner tube"];
        assert_eq!(shown(drawn), expected);
    }

    #[test]
    fn what_is_no_table_of_both_languages_stays_whole() {
        for text in [
            "苹果\tapple\n梨\tpear",
            "a | b\nc | d\ne | f",
            "\t他说。\n\tHe said.\n\t她说。\n\tShe said.",
            "timeout\t请求在这么久以后就会失败\nretries\t失败以后再试多少次才算完\nproxy\t所有请求都要经过的服务器",
            "一。\n二。\n\n三。",
        ] {
            let parted: Vec<String> = text.split("\n\n").map(|block| format!("- {block}")).collect();
            assert_eq!(shown(text), parted, "{text}");
        }
    }
}
