//! Markdown → blocks: headings, paragraphs, list items, table cells and quotes without the marks before them.
//!
//! Code, HTML and front matter are set aside. What stands inside a block stays as it is (`**`, links), since spans
//! point into the file; so do the marks of a block quote from its second line on.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use super::{Block, Blocks};
use crate::{document::Span, text::is_han};

/// The blocks of a Markdown text.
pub(super) fn blocks(text: &str) -> Blocks {
    let extensions = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut reader = Reader { text, heading: false, skipping: 0, content: None, found: Blocks::default() };
    for (event, range) in Parser::new_ext(text, extensions).into_offset_iter() {
        reader.event(&event, Span::new(range.start, range.end));
    }
    reader.flush();
    reader.found
}

struct Reader<'a> {
    text: &'a str,
    heading: bool,
    /// How many open tags hold no text: an image's description, code.
    skipping: usize,
    /// The inline content since the last start or end of a block.
    content: Option<Span>,
    found: Blocks,
}

impl Reader<'_> {
    fn event(&mut self, event: &Event<'_>, range: Span) {
        match event {
            Event::Start(Tag::Image { .. }) => self.skipping += 1,
            Event::Start(Tag::CodeBlock(kind)) => {
                self.flush();
                self.skipping += 1;
                // Whoever indents Chinese by four spaces means a paragraph.
                if matches!(kind, CodeBlockKind::Indented) && range.of(self.text).contains(is_han) {
                    self.found.blocks.push(Block { span: range.trim(self.text), heading: false });
                } else {
                    self.set_aside(range);
                }
            }
            Event::Start(Tag::HtmlBlock | Tag::MetadataBlock(_)) => {
                self.flush();
                self.skipping += 1;
                self.set_aside(range);
            }
            Event::End(TagEnd::Image | TagEnd::CodeBlock | TagEnd::HtmlBlock | TagEnd::MetadataBlock(_)) => {
                self.skipping -= 1;
            }
            Event::Start(Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Link { .. })
            | Event::Text(_)
            | Event::Code(_) => self.extend(range),
            Event::Start(Tag::Heading { .. }) => {
                self.flush();
                self.heading = true;
            }
            Event::End(TagEnd::Heading(_)) => {
                self.flush();
                self.heading = false;
            }
            Event::End(TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link) => {}
            Event::Start(_) | Event::End(_) | Event::Rule => self.flush(),
            // Inside a block the text after them stretches it over them; at its ends they are no text.
            _ => {}
        }
    }

    fn extend(&mut self, range: Span) {
        if self.skipping == 0 {
            let start = self.content.map_or(range.start, |content| content.start);
            self.content = Some(Span::new(start, self.content.map_or(0, |content| content.end).max(range.end)));
        }
    }

    fn flush(&mut self) {
        if let Some(span) = self.content.take().map(|span| span.trim(self.text)).filter(|span| !span.is_empty()) {
            self.found.blocks.push(Block { span, heading: self.heading });
        }
    }

    /// Lists what is left out, unless it shows nothing that could be missed.
    fn set_aside(&mut self, range: Span) {
        let content = range.of(self.text);
        if content.contains(char::is_alphanumeric) && !content.starts_with("<!--") {
            self.found.set_aside.push(range.trim(self.text));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<&str>, Vec<&str>) {
        let found = blocks(text);
        let blocks = found.blocks.iter().map(|block| block.span.of(text)).collect();
        (blocks, found.set_aside.into_iter().map(|span| span.of(text)).collect())
    }

    #[test]
    fn marks_before_a_block_are_not_part_of_it() {
        let cases: [(&str, &[&str]); 9] = [
            ("# 标题 #\n\n正文。\n", &["标题", "正文。"]),
            ("Title\n=====\n\n副标题\n---\n正文。", &["Title", "副标题", "正文。"]),
            ("- 一\n- 二\n  1. 三\n- [ ] 四\n", &["一", "二", "三", "四"]),
            ("> 引用。\n\n>> Quoted.\n", &["引用。", "Quoted."]),
            ("**重点**是[这里](https://a.b/c)。\n", &["**重点**是[这里](https://a.b/c)。"]),
            ("| 中 | En |\n|---|---|\n| 苹果 | apple |\n", &["中", "En", "苹果", "apple"]),
            ("一行\n两行\n\n***\n\n后面", &["一行\n两行", "后面"]),
            ("![图](a.png)\n\n文。![b](c.png)\n\n    四格缩进的段落。", &["文。", "四格缩进的段落。"]),
            ("文[^1]。\r\n\r\n[^1]: 注。\r\n", &["文[^1]。", "注。"]),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).0, expected, "{text}");
        }
    }

    #[test]
    fn headings_are_known_as_such() {
        let headings: Vec<_> = blocks("## 一\n\n二\n\n三\n==\n").blocks.iter().map(|block| block.heading).collect();
        assert_eq!(headings, [true, false, true]);
    }

    #[test]
    fn code_html_and_front_matter_are_set_aside() {
        let text = "---\ntitle: 标题\n---\n\n正文。\n\n```rust\nfn main() {}\n```\n\n<!-- 注 -->\n\n<div>块</div>\n\n[a]: https://a.b\n";
        let (blocks, set_aside) = read(text);
        assert_eq!(blocks, ["正文。"]);
        assert_eq!(set_aside, ["---\ntitle: 标题\n---", "```rust\nfn main() {}\n```", "<div>块</div>"]);
    }
}
