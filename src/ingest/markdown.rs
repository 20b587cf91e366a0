//! Markdown → blocks: headings, paragraphs, list items, table cells and quotes, without marks.
//!
//! What a reader of the page sees is text: of a link its words, of HTML what a browser shows. Code and front matter are set
//! aside. A block knows the lines that it stood on.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::{
    Blocks,
    excerpts::{Excerpts, place},
    html,
};
use crate::{
    document::{Aside, Original, Span},
    error::Result,
    text::is_han,
};

/// Reads a Markdown text.
pub(super) fn read(file: &Original) -> Result<(Original, Blocks)> {
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut reader =
        Reader { file, lines: file.lines().collect(), heading: false, skipping: 0, out: Excerpts::default() };
    for (event, range) in Parser::new_ext(&file.text, extensions).into_offset_iter() {
        reader.event(&event, Span::new(range.start, range.end))?;
    }
    reader.out.end_block(reader.heading);
    Ok(reader.out.finish(&file.name))
}

struct Reader<'a> {
    file: &'a Original,
    lines: Vec<Span>,
    heading: bool,
    /// How many open tags hold no text: an image's description, code.
    skipping: usize,
    out: Excerpts,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, range: Span) -> Result<()> {
        match event {
            Event::Start(Tag::Image { .. }) => self.skipping += 1,
            Event::Start(Tag::CodeBlock(kind)) => {
                self.end_block();
                self.skipping += 1;
                // Whoever indents Chinese by four spaces means a paragraph.
                let is_text = matches!(kind, CodeBlockKind::Indented) && range.of(&self.file.text).contains(is_han);
                self.whole_lines(range);
                if is_text {
                    self.end_block();
                } else {
                    self.out.end_aside(Aside::Code);
                }
            }
            Event::Start(Tag::MetadataBlock(_)) => {
                self.end_block();
                self.skipping += 1;
                self.whole_lines(range);
                self.out.end_aside(Aside::Metadata);
            }
            Event::Start(Tag::HtmlBlock) => {
                self.end_block();
                self.skipping += 1;
                let out = std::mem::take(&mut self.out);
                self.out = html::add(out, self.file, &self.lines, range)?;
            }
            Event::End(TagEnd::Image | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_)) => {
                self.skipping -= 1;
            }
            Event::Text(text) | Event::Code(text) => self.push(text, range),
            Event::SoftBreak | Event::HardBreak => self.push("\n", range),
            Event::InlineHtml(tag) if is_line_break(tag) => self.push("\n", range),
            Event::Start(Tag::Heading { .. }) => {
                self.end_block();
                self.heading = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                self.end_block();
                self.heading = false;
            }
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. })
            | Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) => {}
            Event::Start(_) | Event::End(_) | Event::Rule => {
                self.end_block();
                self.in_table(event);
            }
            // Marks of notes and of tasks, and other tags, are no text.
            _ => {}
        }
        Ok(())
    }

    /// Counts the rows and columns of tables.
    fn in_table(&mut self, event: &Event<'_>) {
        let grid = &mut self.out.grid;
        match event {
            Event::Start(Tag::Table(_)) => grid.begin_table(),
            Event::Start(Tag::TableHead | Tag::TableRow) => grid.begin_row(),
            Event::Start(Tag::TableCell) => grid.begin_cell(1, 1),
            Event::End(TagEnd::TableCell) => grid.end_cell(),
            Event::End(TagEnd::Table) => grid.end_table(),
            _ => {}
        }
    }

    fn push(&mut self, text: &str, range: Span) {
        if self.skipping == 0 {
            let line = self.file.text_line(range.start);
            self.out.push(text, &place(self.file, &self.lines, line));
        }
    }

    /// The lines of a range as they stand there, but for what indents all of them.
    fn whole_lines(&mut self, range: Span) {
        let range = range.trim(&self.file.text);
        let first = self.file.text_line(range.start);
        for (index, line) in range.of(&self.file.text).lines().enumerate() {
            let place = place(self.file, &self.lines, first + index);
            if index > 0 {
                self.out.push("\n", &place);
            }
            self.out.push(line, &place);
        }
    }

    fn end_block(&mut self) {
        self.out.end_block(self.heading);
    }
}

/// Whether a tag is `<br>`.
fn is_line_break(tag: &str) -> bool {
    let name = tag.trim_start_matches('<').trim_end_matches(['>', '/', ' ']);
    name.split_ascii_whitespace().next().is_some_and(|name| name.eq_ignore_ascii_case("br"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ByteMap;

    fn read(text: &str) -> (Vec<String>, Vec<(String, Aside)>) {
        let (original, found) = super::read(&Original::new("a.md", text, ByteMap::shifted(0))).unwrap();
        let of = |span: Span| span.of(&original.text).to_owned();
        let set_aside = found.set_aside.iter().map(|aside| (of(aside.span), aside.kind)).collect();
        (found.blocks.iter().map(|block| of(block.span)).collect(), set_aside)
    }

    #[test]
    fn a_block_is_what_a_reader_sees() {
        let cases: [(&str, &[&str]); 12] = [
            ("# 标题 #\n\n正文。\n", &["标题", "正文。"]),
            ("Title\n=====\n\n副标题\n---\n正文。", &["Title", "副标题", "正文。"]),
            ("- 一\n- 二\n  1. 三\n- [ ] 四\n", &["一", "二", "三", "四"]),
            ("> 引用，\n> 两行。\n\n>> Quoted\n>> twice.\n", &["引用，\n两行。", "Quoted\ntwice."]),
            ("**重点**是[这里](https://a.b/c)和`code`。\n", &["重点是这里和code。"]),
            ("一行<br>两行<br/>三 <b>行</b>\n", &["一行\n两行\n三 行"]),
            ("| 中 | En |\n|---|---|\n| 苹果 | apple |\n", &["中", "En", "苹果", "apple"]),
            ("一行\n两行\n\n***\n\n后面", &["一行\n两行", "后面"]),
            ("![图](a.png)\n\n文。![b](c.png)\n\n    四格缩进的段落。", &["文。", "四格缩进的段落。"]),
            ("文[^1]。\r\n\r\n[^1]: 注。\r\n", &["文。", "注。"]),
            ("A &amp; B \\* C\n", &["A & B * C"]),
            ("", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).0, expected, "{text}");
        }
    }

    #[test]
    fn of_html_what_a_browser_shows_is_text() {
        let text = "<p align=\"center\">Keep it dry.<br>Always.</p>\n\n<div class=\"warning\">\n\nBack *up* first.\n\n</div>\n\n\
            <details>\n<summary>Why?</summary>\nDates lie. <img alt=\"x\">\n</details>\n\n<script>\nlet a = 1;\n</script>\n\n\
            <!-- not this -->\n";
        let (blocks, set_aside) = read(text);
        assert_eq!(blocks, ["Keep it dry.\nAlways.", "Back up first.", "Why?", "Dates lie."]);
        assert_eq!(set_aside, []);
    }

    #[test]
    fn headings_are_known_as_such_and_blocks_know_their_lines() {
        let file = Original::new("a.md", "## 一\n\n二\n\n三\n==\n\n<p>\n四</p>\n> 五\n> 六", ByteMap::shifted(0));
        let (original, found) = super::read(&file).unwrap();
        let known = found.blocks.iter().map(|block| (original.line(block.span.start), block.heading));
        assert_eq!(known.collect::<Vec<_>>(), [(1, true), (3, false), (5, true), (9, false), (10, false)]);
    }

    #[test]
    fn code_and_front_matter_are_set_aside() {
        let text = "---\ntitle: 标题\n---\n\n正文。\n\n```rust\nfn main() {}\n```\n\n<!-- 注 -->\n\n[a]: https://a.b\n";
        let (blocks, set_aside) = read(text);
        assert_eq!(blocks, ["正文。"]);
        let expected = [("---\ntitle: 标题\n---", Aside::Metadata), ("```rust\nfn main() {}\n```", Aside::Code)];
        assert_eq!(set_aside, expected.map(|(text, kind)| (text.to_owned(), kind)));
    }
}
