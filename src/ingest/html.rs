//! HTML → blocks: headings, paragraphs, list items, table cells, and whatever else a browser shows as one.
//!
//! Only what a reader sees is text: scripts, styles, templates and hidden elements are left out, and so are the choices
//! of a form and the pinyin above characters. What language the page claims to be in is not asked. Pages are made by
//! anybody, so that one which would cost more than its size is worth is refused.

mod look;
mod tags;
mod tree;
mod xml;

use std::borrow::Cow;

use encoding_rs::{BIG5, Encoding, GB18030, GBK, WINDOWS_1252};

use self::{
    look::Look,
    tags::{MOST_ATTRIBUTES, Parser},
    tree::{Step, Tree},
};
use super::{
    Blocks, encoding,
    excerpts::{Excerpts, Place, place},
};
use crate::{
    document::{ByteMap, Original, Span},
    error::{Error, Result},
};

/// Elements inside each other that are read; browsers stop nesting at 512. Beyond, each element costs as much as there
/// are above it.
const DEEPEST: usize = 1_000;

/// Nodes that a page may have beside one for each byte of it: those that every page has without a tag. Only a page that
/// makes the parser repeat unclosed elements again and again has more.
const NODES_OF_ITS_OWN: usize = 1_000;

/// How many times as long as the page the values of the attributes of its elements may be. Only a page that makes the
/// parser repeat unclosed elements has longer ones than itself.
const VALUES_TO_PAGE: usize = 8;

/// Bytes of a page among which it says its encoding (HTML Standard, 13.2.3.2).
const HEAD: usize = 1_024;

/// Reads a page; one that declares to be XML as such.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<(Original, Blocks)> {
    let file = encoding::decode_declared(name, bytes, declared(bytes))?;
    let is_xml = file.text.trim_start().starts_with("<?xml");
    read_page(&file, if is_xml { xml::as_html(&file.text) } else { Cow::Borrowed(&file.text) })
}

/// Reads a page that is XML.
pub(super) fn read_xml(name: &str, bytes: &[u8]) -> Result<(Original, Blocks)> {
    let file = encoding::decode_declared(name, bytes, declared(bytes))?;
    read_page(&file, xml::as_html(&file.text))
}

/// Reads a page as HTML has it, with the same lines as `file`.
fn read_page(file: &Original, page: Cow<'_, str>) -> Result<(Original, Blocks)> {
    let lines: Vec<Span> = file.lines().collect();
    let page = Original::new(&*file.name, page, ByteMap::shifted(0));
    let numbered = page.lines().map(|line| line.of(&page.text)).zip(1..);
    let tree = parse(file, numbered)?;
    let mut text = VisibleText::default();
    tree.walk(|step| text.take(&step, file, &lines));
    Ok(text.out.finish(&file.name))
}

/// Adds to `out` what a browser shows of a stretch of `file`, whose lines are `lines`: of HTML inside another format.
pub(super) fn add(out: Excerpts, file: &Original, lines: &[Span], stretch: Span) -> Result<Excerpts> {
    let within = |line: &Span| Span::new(line.start.max(stretch.start), line.end.min(stretch.end).max(stretch.start));
    let numbered = lines.iter().zip(1..).filter(|(line, _)| line.start < stretch.end && line.end > stretch.start);
    let tree = parse(file, numbered.map(|(line, number)| (within(line).of(&file.text), number)))?;
    let mut text = VisibleText { out, ..VisibleText::default() };
    tree.walk(|step| text.take(&step, file, lines));
    text.end_block();
    Ok(text.out)
}

/// The encoding that a page declares, if it is one of those that differ from what would be found anyway.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    const KEY: &[u8] = b"charset";
    let head = bytes[..bytes.len().min(HEAD)].to_ascii_lowercase();
    let after = head.windows(KEY.len()).position(|window| window == KEY)? + KEY.len();
    let is_beside = |byte: &u8| byte.is_ascii_whitespace() || b"=\"'".contains(byte);
    let label = head[after..].trim_ascii_start().strip_prefix(b"=")?;
    let start = label.iter().position(|byte| !is_beside(byte))?;
    let end = label[start..].iter().position(|byte| is_beside(byte) || b";>/".contains(byte))?;
    let encoding = Encoding::for_label(&label[start..start + end])?;
    let encoding = if encoding == GBK { GB18030 } else { encoding };
    [GB18030, BIG5, WINDOWS_1252].contains(&encoding).then_some(encoding)
}

/// Parses lines, each with its number in the file.
fn parse<'l>(file: &Original, lines: impl Iterator<Item = (&'l str, usize)>) -> Result<Tree> {
    let mut parser = Parser::new();
    for (line, number) in lines {
        parser.tree().set_line(number);
        for mut rest in [line, "\n"] {
            while !rest.is_empty() {
                rest = parser.read(rest).map_err(|_| {
                    too_much(file, format!("line {number} has a tag of more than {MOST_ATTRIBUTES} attributes"))
                })?;
                check(parser.tree(), file, number)?;
            }
        }
    }
    Ok(parser.finish())
}

/// Whether a page is worth reading on, which is read up to a line.
fn check(tree: &Tree, file: &Original, line: usize) -> Result<()> {
    let what = if tree.deepest() > DEEPEST {
        format!("more than {DEEPEST} elements are inside each other in line {line}")
    } else if tree.len() > file.text.len() + NODES_OF_ITS_OWN || tree.value_bytes() / VALUES_TO_PAGE > file.text.len() {
        format!("unclosed elements before line {} make it many times larger than it is", line + 1)
    } else {
        return Ok(());
    };
    Err(too_much(file, what))
}

fn too_much(file: &Original, what: String) -> Error {
    Error::Malformed { path: file.name.clone(), format: "HTML", what, source: None }
}

/// The visible text of a page, as far as it was gone through.
#[derive(Default)]
struct VisibleText {
    out: Excerpts,
    /// White space that was seen and not yet written.
    space: Option<Space>,
    /// How many headings are open, and how many elements that keep white space.
    headings: usize,
    preformatted: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Space {
    InLine,
    WithLineEnd,
}

impl VisibleText {
    fn take(&mut self, step: &Step<'_>, file: &Original, lines: &[Span]) {
        match step {
            Step::Text(text, line) => self.text(text, &place(file, lines, *line)),
            Step::Enter(Look::LineBreak) => self.line_break(),
            Step::Enter(look) => {
                self.edge(*look);
                match look {
                    Look::Table => self.out.grid.begin_table(),
                    Look::Row => self.out.grid.begin_row(),
                    Look::Cell(columns, rows) => self.out.grid.begin_cell(*columns, *rows),
                    _ => {}
                }
                self.headings += usize::from(*look == Look::Heading);
                self.preformatted += usize::from(*look == Look::Preformatted);
            }
            Step::Leave(look) => {
                self.edge(*look);
                match look {
                    Look::Table => self.out.grid.end_table(),
                    Look::Cell(..) => self.out.grid.end_cell(),
                    _ => {}
                }
                self.headings -= usize::from(*look == Look::Heading);
                self.preformatted -= usize::from(*look == Look::Preformatted);
            }
        }
    }

    /// Ends the block before an edge of another.
    fn edge(&mut self, look: Look) {
        if !matches!(look, Look::Inline | Look::LineBreak | Look::Invisible) {
            self.end_block();
        }
    }

    fn end_block(&mut self) {
        self.out.end_block(self.headings > 0);
        self.space = None;
    }

    /// A second line break in a row parts paragraphs.
    fn line_break(&mut self) {
        if self.out.block().ends_with('\n') {
            self.end_block();
        } else if let Some(place) = self.out.place() {
            self.out.push("\n", &place);
            self.space = None;
        }
    }

    fn text(&mut self, text: &str, place: &Place) {
        if self.preformatted > 0 {
            for line in text.split_inclusive('\n') {
                self.out.push(line.trim_end_matches('\n'), place);
                if line.ends_with('\n') {
                    self.line_break();
                }
            }
            return;
        }
        let mut piece = String::with_capacity(text.len());
        for c in text.chars() {
            if c.is_ascii_whitespace() {
                let seen = if c == '\n' { Space::WithLineEnd } else { Space::InLine };
                self.space = if self.space == Some(Space::WithLineEnd) { self.space } else { Some(seen) };
                continue;
            }
            let before = piece.chars().next_back().or_else(|| self.out.block().chars().next_back());
            if let (Some(space), Some(before)) = (self.space.take(), before)
                && before != '\n'
                && !(space == Space::WithLineEnd && is_wide(before) && is_wide(c))
            {
                piece.push(' ');
            }
            piece.push(c);
        }
        if !piece.is_empty() {
            self.out.push(&piece, place);
        }
    }
}

/// Whether a character is written without spaces beside others of its kind: Chinese, and its punctuation. Between two
/// of them the end of a line in the source is no space.
fn is_wide(c: char) -> bool {
    ('\u{2e80}'..='\u{ffdc}').contains(&c) || ('\u{20000}'..='\u{3fffd}').contains(&c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blocks(page: &str) -> Vec<String> {
        let (original, blocks) = read("a.html", page.as_bytes()).unwrap();
        blocks.blocks.iter().map(|block| block.span.of(&original.text).to_owned()).collect()
    }

    #[test]
    fn what_a_browser_shows_as_a_block_is_one() {
        let cases: [(&str, &[&str]); 12] = [
            ("<title>题</title><h1>标题</h1><p>正<b>文</b>。<p>又一段。", &["标题", "正文。", "又一段。"]),
            ("<ul><li>一<li>二<ol><li>三</ol></ul>", &["一", "二", "三"]),
            ("<table><tr><td>苹果<td>apple<tr><th>梨<td>pear</table>", &["苹果", "apple", "梨", "pear"]),
            ("<div>前<div>中</div>后</div>", &["前", "中", "后"]),
            ("Text &amp; more &#x4e2d;&nbsp;x", &["Text & more 中\u{a0}x"]),
            ("<p>他沿着河岸\n   走回家。\n He went\n\thome.", &["他沿着河岸走回家。 He went home."]),
            ("<p>一<br>二<br><br>三<br/> 四", &["一\n二", "三\n四"]),
            ("<pre>\n  一  行\n二\n\n三</pre>", &["一  行\n二", "三"]),
            ("<ruby>汉<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rt>zì</ruby>", &["汉字"]),
            ("<select><option>否</select><textarea>默认</textarea>正文", &["正文"]),
            ("<my-tag lang=fr>未知</my-tag><b>元素", &["未知元素"]),
            ("", &[]),
        ];
        for (page, expected) in cases {
            assert_eq!(blocks(page), expected, "{page}");
        }
    }

    #[test]
    fn what_a_reader_does_not_see_is_left_out() {
        for hidden in [
            "<script>SECRET</script>",
            "<script>'<p>SECRET</p>'</script>",
            "<style>.SECRET{}</style>",
            "<template><p>SECRET</template>",
            "<noscript><p>SECRET</noscript>",
            "<!-- <p>SECRET -->",
            "<p hidden>SECRET<b>SECRET</b>",
            "<div HIDDEN=''><p>SECRET</p></div>",
            "<span style='color:red; Display : none'>SECRET</span>",
            "<svg><text>SECRET</text></svg>",
            "<iframe>SECRET</iframe>",
        ] {
            let page = format!("<p>前</p>{hidden}<p>后</p>");
            assert_eq!(blocks(&page), ["前", "后"], "{page}");
        }
    }

    #[test]
    fn headings_are_known_as_such() {
        let found = read("a.html", "<h2>一 <i>二</i></h2>三<h1></h1>四".as_bytes()).unwrap().1;
        assert_eq!(found.blocks.iter().map(|block| block.heading).collect::<Vec<_>>(), [true, false, false]);
    }

    #[test]
    fn every_block_knows_its_line_and_the_bytes_of_that_line() {
        let page = "<html>\r\n<p>一\r\n二</p><p>三\r\n<script>\n</script>\n<p>\n\n四";
        let (original, blocks) = read("a.html", page.as_bytes()).unwrap();
        let lines: Vec<_> = blocks.blocks.iter().map(|block| original.line(block.span.start)).collect();
        assert_eq!(lines, [2, 3, 8]);
        let held = |index: usize| &page[original.file_bytes(blocks.blocks[index].span).unwrap()];
        assert_eq!([held(0), held(1), held(2)], ["<p>一\r\n二</p><p>三", "二</p><p>三", "四"]);
    }

    #[test]
    fn the_encoding_that_a_page_declares_is_believed_where_it_can_be() {
        let page = |charset: &str| format!("<meta charset={charset}><p>臺灣");
        let big5 = BIG5.encode(&page("\"big5\"")).0.into_owned();
        let gbk = [&b"<meta http-equiv=Content-Type content='text/html; charset = gb2312'>"[..], b"\xc4\xe3"].concat();
        let wrong = page("gbk").into_bytes();
        for (bytes, expected) in [(big5, "臺灣"), (gbk, "你"), (wrong, "臺灣")] {
            let (original, _) = read("a.html", &bytes).unwrap();
            assert_eq!(original.text.trim(), expected);
        }
    }

    #[test]
    fn a_page_that_would_cost_too_much_is_refused() {
        let nested = "<div>".repeat(200_000);
        let repeated = (0..900).map(|n| format!("<font color={n}>")).collect::<Vec<_>>().concat();
        let repeated = format!("<p>{repeated}{}", "<p>x".repeat(20_000));
        let attributes = (0..160_000).map(|n| format!(" a{n}")).collect::<Vec<_>>().concat();
        let attributes = format!("<p>文\n<p{attributes}>");
        let styled = format!("<p><b style='{}'>{}", "x".repeat(100_000), "<p>x".repeat(20_000));
        for (page, words) in [
            (nested, "more than 1000 elements are inside each other in line 1"),
            (repeated, "unclosed elements before line 2"),
            (attributes, "line 2 has a tag of more than 1000 attributes"),
            (styled, "unclosed elements before line 2"),
        ] {
            let error = read("a.html", page.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("cannot read `a.html` as HTML: ") && error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_line_of_a_megabyte_is_read() {
        let page = format!("<p>{}", "中文。".repeat(120_000));
        assert_eq!(blocks(&page)[0].len(), 120_000 * 9);
    }

    /// Pieces of pages, rightly and wrongly put together.
    fn pages() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "</?(p|div|table|tr|td|b|i|a|li|ul|h1|template|select|option|svg|math|br|form|pre|body|html|frameset)( hidden)?>",
            "[中文a-z <>&;\n\"'=!-]{0,8}",
        ];
        prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn no_page_makes_it_panic_and_blocks_are_apart_and_in_order(page in pages()) {
            let (original, found) = read("a.html", page.as_bytes()).unwrap();
            let spans: Vec<Span> = found.blocks.iter().map(|block| block.span).collect();
            prop_assert!(spans.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert!(spans.iter().all(|span| !span.is_empty() && span.trim(&original.text) == *span));
            let lines = page.matches('\n').count() + 1;
            prop_assert!(spans.iter().all(|span| (1..=lines).contains(&original.line(span.start))));
        }

        #[test]
        fn text_never_holds_what_a_script_holds(before in pages(), after in pages(), tag in "script|style") {
            // In a comment or a drawing it would be no script, to browsers neither.
            prop_assume!(["<!", "svg", "math"].iter().all(|opening| !before.contains(opening)));
            let page = format!("{before}\n'\"><{tag}>SECRET<p>SECRET</{tag}>{after}");
            let text = read("a.html", page.as_bytes()).unwrap().0.text;
            prop_assert!(!text.contains("SECRET"), "{page}\n{text}");
        }
    }
}
