//! The rows of tables with a column for each language, in a document of both.

use super::Parts;
use crate::{
    both::Both,
    document::{Aside, Original, Paragraph, SetAside},
    ingest::{
        Block, Blocks,
        paragraphs::Form,
        strays,
        tables::{self, Role},
    },
    text::visible_length,
};

/// The share of a side's text, apart from tables, that stands before a row may differ from that of the other side by so
/// much.
const MOST_APART: f64 = 0.5;

impl Parts {
    /// Opens rows that stand between a text and its translation: there nothing could be aligned across them.
    pub(super) fn open_rows(&mut self, text: &str) {
        let running = |paragraphs: &[Paragraph]| {
            let mut sum = 0;
            let before = paragraphs.iter().filter(|it| it.row.is_none()).map(|it| {
                sum += visible_length(it.span.of(text));
                (it.span.start, sum)
            });
            before.collect::<Vec<_>>()
        };
        let running = Both::new(running(&self.paragraphs.source), running(&self.paragraphs.target));
        let share = |running: &[(usize, usize)], at: usize| {
            let all = running.last().map(|&(_, sum)| sum)?;
            let before = running.partition_point(|&(start, _)| start < at);
            Some(before.checked_sub(1).map_or(0, |last| running[last].1) as f64 / all.max(1) as f64)
        };
        for side in [&mut self.paragraphs.source, &mut self.paragraphs.target] {
            for paragraph in side.iter_mut().filter(|it| it.row.is_some()) {
                let at = paragraph.span.start;
                let shares = share(&running.source, at).zip(share(&running.target, at));
                if shares.is_some_and(|(zh, en)| (zh - en).abs() > MOST_APART) {
                    paragraph.row = None;
                }
            }
        }
    }

    /// Takes the cells of tables that have a column for each language; the other blocks are left.
    pub(super) fn take_tables(&mut self, original: &Original, blocks: &Blocks) -> Vec<Block> {
        let blocks = tables::cut(original, blocks);
        let roles = tables::roles(original, &blocks);
        let mut left = Vec::new();
        for (block, role) in blocks.into_iter().zip(roles) {
            match role {
                Role::Text => left.push(block),
                Role::Label => {
                    self.set_aside.push(SetAside { span: block.span.trim(&original.text), kind: Aside::Label });
                }
                Role::Side(lang, row) => {
                    let paragraphs = strays::of_block(original, &block, lang, Form::Prose);
                    self.side(lang).extend(paragraphs.into_iter().map(|it| Paragraph { row: Some(row), ..it }));
                }
            }
        }
        left
    }
}
