//! A plain text that was made from pages → its blocks, without running heads and page numbers, and with each sentence that
//! runs over the end of a page put together.
//!
//! Pages are known by form feeds, or by lines that come again with a number that grows. What stands beside such a place on
//! most pages is a running head. Numbers of chapters come again too: a line that says no `page` must stand inside of
//! sentences, as no heading does. A file without pages is left as it is.

mod furniture;

use self::furniture::Furniture;
use super::{
    Blocks,
    excerpts::{Excerpts, place},
    paragraphs, plain,
    script::{self, Reading},
};
use crate::document::{Aside, Original, Span};

/// What ends a page inside of a sentence, in a line of the text that is put together.
pub(super) const PAGE_END: char = '\u{c}';

/// The text and its blocks.
pub(super) fn read(file: Original) -> (Original, Blocks) {
    let lines: Vec<Span> = file.lines().collect();
    let texts: Vec<&str> = lines.iter().map(|line| line.of(&file.text)).collect();
    let furniture = Furniture::of(&texts);
    if furniture.is_empty() {
        let blocks = plain::blocks(&file);
        return (file, blocks);
    }
    let mut pages = Pages { file: &file, lines: &lines, out: Excerpts::default(), held: Vec::new(), lines_of_block: 0 };
    let (mut last, mut after_blank, mut after_page) = (None, false, false);
    for (index, text) in texts.iter().enumerate() {
        after_page |= furniture.begins_page(index);
        if furniture.holds(index) {
            pages.held.push(index);
            after_page = true;
        } else if plain::is_blank(text) {
            after_blank = true;
        } else {
            let goes_on = last.is_some_and(|last: usize| pages.goes_on(texts[last], text));
            if after_page && goes_on {
                pages.push(&PAGE_END.to_string(), index);
                pages.push(text.trim_start(), index);
            } else {
                if after_blank || after_page {
                    pages.end_block();
                } else if last.is_some() {
                    pages.push("\n", index);
                }
                pages.push(text.trim_start_matches(PAGE_END), index);
            }
            pages.lines_of_block += 1;
            (last, after_blank, after_page) = (Some(index), false, false);
        }
    }
    pages.end_block();
    pages.out.finish(&file.name)
}

/// A text under way.
struct Pages<'f> {
    file: &'f Original,
    lines: &'f [Span],
    out: Excerpts,
    /// Lines that are no text, and are told when the block ends.
    held: Vec<usize>,
    lines_of_block: usize,
}

impl Pages<'_> {
    fn push(&mut self, text: &str, line: usize) {
        self.out.push(text, &place(self.file, self.lines, line + 1));
    }

    fn end_block(&mut self) {
        self.out.end_lines();
        self.lines_of_block = 0;
        for line in std::mem::take(&mut self.held) {
            self.push(self.lines[line].of(&self.file.text), line);
            self.out.end_aside(Aside::Page);
        }
    }

    /// Whether the first line of a page goes on with the sentence that the last line of the page before it began. A single
    /// line without a mark at its end is rather a heading.
    fn goes_on(&self, last: &str, next: &str) -> bool {
        let next = next.trim_start_matches(PAGE_END);
        let lang = |line: &str| match script::read(line) {
            Reading::In(lang) => Some(lang),
            Reading::Foreign | Reading::Either | Reading::Rule => None,
        };
        let is_same = matches!((lang(last), lang(next)), (Some(one), Some(other)) if one == other);
        let is_small = next.starts_with(char::is_lowercase);
        is_same
            && !paragraphs::ends_sentence(last)
            && !next.starts_with(char::is_whitespace)
            && !paragraphs::starts_item(next)
            && (is_small || self.lines_of_block > 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::ByteMap;

    /// The blocks of a text, with `¶` for the end of a page inside of them; and what was set aside.
    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let (original, found) = super::read(Original::new("a.txt", text, ByteMap::shifted(0)));
        let blocks = found.blocks.iter().map(|block| block.span.of(&original.text).replace(PAGE_END, "¶"));
        let aside = found.set_aside.iter().map(|aside| {
            assert_eq!(aside.kind, Aside::Page);
            aside.span.of(&original.text).to_owned()
        });
        (blocks.collect(), aside.collect())
    }

    fn check(text: &str, blocks: &[&str], aside: &[&str]) {
        let expected =
            (blocks.iter().map(|&it| it.to_owned()).collect(), aside.iter().map(|&it| it.to_owned()).collect());
        assert_eq!(read(text), expected, "{text}");
    }

    #[test]
    fn page_numbers_and_running_heads_are_set_aside_and_sentences_put_together() {
        check(
            "养蜂年报\n\n去年冬天很长，蜂群损失了一半，而且\n许多蜂箱被\n\n第 7 页\n养蜂年报\n\n雪压坏了。\n今年好些。\n\n第 8 页\n养蜂年报\n\n后记\n",
            &["养蜂年报", "去年冬天很长，蜂群损失了一半，而且\n许多蜂箱被¶雪压坏了。\n今年好些。", "后记"],
            &["第 7 页", "养蜂年报", "第 8 页", "养蜂年报"],
        );
        check(
            "The hives were\nweak and many of them were lost to the\n- 1 -\nAnnals\nsnow.\nThis year is\nbet-\n- 2 -\nAnnals\nter.\nWe\n- 3 -\nAnnals\nHope.\n",
            &["The hives were\nweak and many of them were lost to the¶snow.\nThis year is\nbet-¶ter.\nWe¶Hope."],
            &["- 1 -", "Annals", "- 2 -", "Annals", "- 3 -", "Annals"],
        );
    }

    #[test]
    fn form_feeds_end_pages() {
        check(
            "Bees fly out when the\nsun is warm and they\n\u{c}find the lime trees.\n\u{c}Winter\n\nBees sleep.\n",
            &["Bees fly out when the\nsun is warm and they¶find the lime trees.", "Winter", "Bees sleep."],
            &[],
        );
    }

    #[test]
    fn lines_keep_their_indentation() {
        let text = "　　一二三四五六七八九十一二\n三四五。\n\n第 1 页\n\n　　六。\n\n第 2 页\n";
        check(text, &["　　一二三四五六七八九十一二\n三四五。", "　　六。"], &["第 1 页", "第 2 页"]);
    }

    #[test]
    fn every_line_knows_where_it_stood() {
        let text = "一二三四五六七\n八九\n\n第 1 页\n\n十。\n\n第 2 页\n\n完。\n";
        let (original, found) = super::read(Original::new("a.txt", text, ByteMap::shifted(0)));
        let at = |needle: &str| original.line(original.text.find(needle).unwrap());
        assert_eq!(["一二三", "八九", "十。", "完。", "第 1 页"].map(at), [1, 2, 6, 10, 4]);
        assert_eq!(
            original.file_bytes(found.blocks[1].span),
            text.find("完。").map(|start| start..start + "完。".len())
        );
    }

    #[test]
    fn numbers_of_chapters_lists_and_single_pages_are_text() {
        let chapters: Vec<String> =
            (1..6).map(|number| format!("Chapter {number}\n\n{}", "Bees fly.\n".repeat(12))).collect();
        let numbers: Vec<String> =
            (1..6).map(|number| format!("{number}\n\n{}", "蜜蜂飞走了。\n".repeat(12))).collect();
        for text in [chapters.join("\n"), numbers.join("\n"), "1\n2\n3\n4\n".to_owned(), "见\n第 3 页\n。".to_owned()]
        {
            assert_eq!(read(&text).1, [""; 0], "{text}");
        }
    }
}
