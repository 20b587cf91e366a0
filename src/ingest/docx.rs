//! Word documents → blocks: every paragraph in the order of the document, those in tables and text boxes too.
//!
//! The text is that of the document with all changes accepted: what was deleted or moved away is left out, and so is
//! hidden text and the pinyin above characters. Notes, and the heads and feet of pages, stand in other parts of the file
//! and are read after the text; comments are set aside.

use std::collections::HashSet;

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesRef, BytesStart, Event},
};

use super::{
    Blocks,
    archive::{Archive, Problem},
    excerpts::{Excerpts, Place},
};
use crate::{
    document::{Aside, Original},
    error::Result,
};

/// The part of the archive that holds the text.
const TEXT_PART: &str = "word/document.xml";

/// What messages call the format.
const FORMAT: &str = "a Word document";

/// Parts that are read after it, in this order. A number may stand before the ending: sections have their own.
const OTHER_PARTS: [&str; 5] = ["word/footnotes", "word/endnotes", "word/header", "word/footer", COMMENTS];

/// The part that holds remarks about the text.
const COMMENTS: &str = "word/comments";

/// Bytes of all parts together, unpacked, that are read. A novel of 400,000 Chinese characters with the usual marks around every
/// few of them has some 20 MB.
const LARGEST: u64 = 256 << 20;

/// Elements inside each other that are read; Word itself makes a dozen, and tables in tables some more.
const DEEPEST: usize = 1_000;

/// Reads a Word document.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<(Original, Blocks)> {
    let parts = unpack(bytes, LARGEST).map_err(|problem| problem.of(name, FORMAT))?;
    let mut body = Body::default();
    let mut seen = HashSet::new();
    for (part, xml) in &parts {
        body.kind = part.starts_with(COMMENTS).then_some(Aside::Comment);
        // Each section has its head and foot, mostly the same.
        if seen.insert(xml) {
            body.read(xml).map_err(|problem| problem.of(name, FORMAT))?;
        }
    }
    Ok(body.out.finish(name))
}

/// The names and the XML of the parts that are read, the text first.
fn unpack(bytes: &[u8], limit: u64) -> std::result::Result<Vec<(String, String)>, Problem> {
    let mut archive = Archive::open(bytes, limit)?;
    let is_one = |name: &str, part: &str| {
        let rest = name.strip_prefix(part).map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit()));
        rest == Some(".xml")
    };
    let mut names = vec![TEXT_PART.to_owned()];
    for part in OTHER_PARTS {
        names.extend(archive.names().into_iter().filter(|name| is_one(name, part)));
    }
    names.into_iter().map(|name| Ok((name.clone(), archive.text(&name)?))).collect()
}

/// The text of a document, as far as it was read.
#[derive(Default)]
struct Body {
    out: Excerpts,
    /// Why the part that is read is left out, if it is.
    kind: Option<Aside>,
    /// The paragraphs that are open: more than one where a text box is anchored in a paragraph.
    open: Vec<Paragraph>,
    /// Paragraphs begun, empty ones too.
    paragraphs: usize,
    /// Elements open.
    depth: usize,
    /// The depth at which an element without text began, while it is open.
    skipped_from: Option<usize>,
    in_text: bool,
    in_properties: bool,
    /// Whether the run that is open is hidden.
    is_hidden: bool,
}

#[derive(Default)]
struct Paragraph {
    number: usize,
    text: String,
    is_heading: bool,
    /// Whether its end was deleted, so that the next paragraph goes on with it.
    joins_next: bool,
}

/// Elements without text: what was deleted or moved away, properties as they once were, what programs without a feature
/// show in its place (a second time), and readings above characters.
const SKIPPED: [&str; 7] =
    ["w:del", "w:moveFrom", "w:rPrChange", "w:pPrChange", "w:sectPrChange", "mc:Fallback", "w:rt"];

impl Body {
    fn read(&mut self, xml: &str) -> std::result::Result<(), Problem> {
        let mut reader = Reader::from_str(xml);
        loop {
            match reader.read_event().map_err(|cause| Problem::because("its XML is damaged", cause))? {
                Event::Start(tag) => {
                    self.start(&tag);
                    self.depth += 1;
                    if self.depth > DEEPEST {
                        return Err(Problem::new(format!("more than {DEEPEST} elements are inside each other")));
                    }
                }
                Event::Empty(tag) => {
                    self.start(&tag);
                    self.end(tag.name().as_ref());
                }
                Event::End(tag) => {
                    self.depth = self.depth.saturating_sub(1);
                    self.end(tag.name().as_ref());
                }
                Event::Text(text) => self.push(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::CData(text) => self.push(&text.xml_content(XmlVersion::Implicit1_0)),
                Event::GeneralRef(reference) => self.push(&character(&reference)?),
                Event::Eof if self.depth == 0 => return Ok(()),
                Event::Eof => return Err(Problem::new("its XML is cut off")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.name();
        let name: &str = name.as_ref();
        if self.skipped_from.is_some() {
            return;
        }
        // The mark of a paragraph that was deleted stands among the paragraph's properties.
        let joins = self.in_properties && matches!(name, "w:del" | "w:moveFrom");
        match (name, self.open.last_mut()) {
            (_, Some(paragraph)) if joins => paragraph.joins_next = true,
            (name, _) if SKIPPED.contains(&name) => self.skipped_from = Some(self.depth),
            ("w:p", _) => self.begin_paragraph(),
            ("w:tbl", _) => self.out.grid.begin_table(),
            ("w:tr", _) => self.out.grid.begin_row(),
            ("w:tc", _) => self.out.grid.begin_cell(1, 1),
            ("w:gridSpan", _) => self.out.grid.widen_cell(value(tag).and_then(|it| it.parse().ok()).unwrap_or(1), 1),
            ("w:pPr", _) => self.in_properties = true,
            ("w:pStyle", Some(paragraph)) => {
                paragraph.is_heading |= value(tag).is_some_and(|style| names_heading(&style));
            }
            // 9 is body text (ECMA-376, 17.3.1.20).
            ("w:outlineLvl", Some(paragraph)) => paragraph.is_heading |= value(tag).is_some_and(|level| level != "9"),
            ("w:r", _) => self.is_hidden = false,
            ("w:vanish", _) if !self.in_properties => self.is_hidden = value(tag).is_none_or(|value| is_on(&value)),
            ("w:t", _) => self.in_text = true,
            ("w:tab", Some(_)) if !self.in_properties => self.push_always("\t"),
            ("w:br" | "w:cr", _) => self.push_always("\n"),
            ("w:noBreakHyphen", _) => self.push_always("-"),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some(depth) = self.skipped_from {
            if self.depth == depth {
                self.skipped_from = None;
            }
            return;
        }
        match name {
            "w:p" => self.end_paragraph(),
            "w:tc" => self.out.grid.end_cell(),
            "w:tbl" => self.out.grid.end_table(),
            "w:pPr" => self.in_properties = false,
            "w:r" => self.is_hidden = false,
            "w:t" => self.in_text = false,
            _ => {}
        }
    }

    fn begin_paragraph(&mut self) {
        self.paragraphs += 1;
        self.open.push(Paragraph { number: self.paragraphs, ..Paragraph::default() });
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.open.pop() else { return };
        self.out.push(&paragraph.text, &Place { line: paragraph.number, file_bytes: None });
        match self.kind {
            _ if paragraph.joins_next => {}
            None => self.out.end_block(paragraph.is_heading),
            Some(kind) => self.out.end_aside(kind),
        }
    }

    /// Adds text, where text is.
    fn push(&mut self, text: &str) {
        if self.in_text && self.skipped_from.is_none() {
            self.push_always(text);
        }
    }

    fn push_always(&mut self, text: &str) {
        if let Some(paragraph) = self.open.last_mut().filter(|_| !self.is_hidden) {
            paragraph.text.push_str(text);
        }
    }
}

/// The character that a reference stands for.
fn character(reference: &BytesRef<'_>) -> std::result::Result<String, Problem> {
    let damaged = |cause| Problem::because("its XML is damaged", cause);
    if let Some(c) = reference.resolve_char_ref().map_err(damaged)? {
        return Ok(c.to_string());
    }
    let known = resolve_predefined_entity(reference).map(str::to_owned);
    known.ok_or_else(|| Problem::new(format!("its XML names a character `{}` that there is not", &**reference)))
}

fn value(tag: &BytesStart<'_>) -> Option<String> {
    tag.try_get_attribute("w:val").ok()?.map(|attribute| attribute.value.to_string())
}

fn is_on(value: &str) -> bool {
    !matches!(value, "0" | "false" | "off")
}

/// Whether a paragraph style, by its id, is one of headings. Chinese versions of Word number the ids of the levels.
fn names_heading(style: &str) -> bool {
    let style = style.to_lowercase();
    style.starts_with("heading")
        || style.starts_with("标题")
        || style == "title"
        || style == "subtitle"
        || matches!(style.as_str(), "1" | "2" | "3" | "4" | "5" | "6")
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use proptest::prelude::*;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// An archive of parts.
    fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn word(body: &str) -> Vec<u8> {
        let xml = format!("<?xml version=\"1.0\"?><w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
        archive(&[("[Content_Types].xml", b"<Types/>"), (TEXT_PART, xml.as_bytes())])
    }

    fn blocks(body: &str) -> Vec<String> {
        let (original, blocks) = read("a.docx", &word(body)).unwrap();
        blocks.blocks.iter().map(|block| block.span.of(&original.text).to_owned()).collect()
    }

    fn message(bytes: &[u8]) -> String {
        read("a.docx", bytes).unwrap_err().to_string()
    }

    #[test]
    fn paragraphs_come_in_order_those_in_tables_and_boxes_too() {
        let p = |text: &str| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>");
        let cases = [
            (p("一") + &p("") + &p("二"), vec!["一", "二"]),
            (format!("<w:tbl><w:tr><w:tc>{}</w:tc><w:tc>{}</w:tc></w:tr></w:tbl>{}", p("梨"), p("pear"), p("后")), vec![
                "梨", "pear", "后",
            ]),
            (
                format!("<w:p><w:r><w:t>前</w:t><w:pict><w:txbxContent>{}</w:txbxContent></w:pict></w:r></w:p>", p("框")),
                vec!["框", "前"],
            ),
            ("<w:p><w:r><w:t xml:space=\"preserve\">a </w:t></w:r><w:r><w:t>&lt;b&#x4e2d;&amp;</w:t><w:br/><w:t>c</w:t></w:r></w:p>".to_owned(), vec!["a <b中&\nc"]),
            ("<w:p><w:r><w:t>T</w:t><w:noBreakHyphen/><w:t>恤</w:t><w:tab/></w:r>\n<w:r><w:t/></w:r></w:p>".to_owned(), vec!["T-恤"]),
        ];
        for (body, expected) in cases {
            assert_eq!(blocks(&body), expected, "{body}");
        }
    }

    #[test]
    fn notes_heads_and_feet_come_after_the_text_and_comments_are_set_aside() {
        let part = |texts: &[&str]| {
            let paragraphs = texts.iter().map(|text| format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"));
            format!("<w:part>{}</w:part>", paragraphs.collect::<String>()).into_bytes()
        };
        let whole = archive(&[
            ("word/header2.xml", &part(&["Head"])),
            ("word/header1.xml", &part(&["Head"])),
            ("word/comments.xml", &part(&["Check this."])),
            ("word/footnotes.xml", &part(&["", "Note one.", "Note two."])),
            ("word/endnotes.xml", &part(&["End."])),
            ("word/headers.xml", &part(&["No part that Word writes."])),
            (TEXT_PART, &part(&["Text."])),
        ]);
        let (original, found) = read("a.docx", &whole).unwrap();
        let of = |span: crate::document::Span| span.of(&original.text);
        let texts: Vec<_> = found.blocks.iter().map(|block| of(block.span)).collect();
        assert_eq!(texts, ["Text.", "Note one.", "Note two.", "End.", "Head"]);
        let aside: Vec<_> = found.set_aside.iter().map(|aside| (of(aside.span), aside.kind)).collect();
        assert_eq!(aside, [("Check this.", Aside::Comment)]);
    }

    #[test]
    fn what_was_deleted_moved_away_or_hidden_is_left_out() {
        for gone in [
            "<w:del><w:r><w:delText>GONE</w:delText></w:r></w:del>",
            "<w:del><w:r><w:t>GONE</w:t></w:r></w:del>",
            "<w:moveFrom><w:r><w:t>GONE</w:t></w:r></w:moveFrom>",
            "<mc:AlternateContent><mc:Fallback><w:r><w:t>GONE</w:t></w:r></mc:Fallback></mc:AlternateContent>",
            "<w:r><w:rPr><w:vanish/></w:rPr><w:t>GONE</w:t></w:r>",
            "<w:r><w:instrText>GONE</w:instrText></w:r>",
            "<w:r><w:ruby><w:rt><w:r><w:t>GONE</w:t></w:r></w:rt></w:ruby></w:r>",
        ] {
            let kept = "<w:ins><w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>后</w:t></w:r></w:ins>";
            assert_eq!(blocks(&format!("<w:p><w:r><w:t>前</w:t></w:r>{gone}{kept}</w:p>")), ["前后"], "{gone}");
        }
        let joined = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t>前</w:t></w:r></w:p><w:p><w:r><w:t>后</w:t></w:r></w:p>";
        assert_eq!(blocks(joined), ["前后"]);
    }

    #[test]
    fn every_block_knows_its_paragraph_and_whether_it_is_a_heading() {
        let heading = "<w:p><w:pPr><w:pStyle w:val=\"Heading1\"/></w:pPr><w:r><w:t>标题</w:t></w:r></w:p>";
        let level = "<w:p><w:pPr><w:outlineLvl w:val=\"1\"/></w:pPr><w:r><w:t>节</w:t></w:r></w:p>";
        let (original, found) =
            read("a.docx", &word(&format!("{heading}<w:p/>{level}<w:p><w:r><w:t>文</w:t></w:r></w:p>"))).unwrap();
        let known: Vec<_> = found.blocks.iter().map(|block| (original.line(block.span.start), block.heading)).collect();
        assert_eq!(known, [(1, true), (3, true), (4, false)]);
        assert_eq!(original.file_bytes(found.blocks[0].span), None);
    }

    #[test]
    fn what_is_no_word_document_is_refused_with_the_reason() {
        let whole = word("<w:p><w:r><w:t>一</w:t></w:r></w:p>");
        let nested = "<w:sdt>".repeat(DEEPEST + 1);
        for (bytes, words) in [
            (b"plain text".to_vec(), "it is no archive"),
            (whole[..whole.len() - 40].to_vec(), "it is no archive, or it is cut off"),
            (archive(&[("content.xml", b"<office/>")]), "there is no `word/document.xml` in it"),
            (archive(&[(TEXT_PART, b"<w:document><w:p>")]), "its XML is cut off"),
            (archive(&[(TEXT_PART, b"<w:document></w:p>")]), "its XML is damaged"),
            (archive(&[(TEXT_PART, b"<a>&bomb;</a>")]), "names a character `bomb`"),
            (archive(&[(TEXT_PART, b"<a>\xff</a>")]), "is not UTF-8"),
            (word(&nested), "more than 1000 elements"),
        ] {
            let message = message(&bytes);
            assert!(message.starts_with("cannot read `a.docx` as a Word document: "), "{message}");
            assert!(message.contains(words), "{message}");
        }
    }

    #[test]
    fn an_archive_is_unpacked_up_to_a_limit_whatever_it_claims() {
        let megabytes = archive(&[(TEXT_PART, &vec![b' '; 4 << 20])]);
        assert!(megabytes.len() < 10_000);
        assert_eq!(unpack(&megabytes, 4 << 20).map_err(|problem| problem.what).unwrap()[0].1.len(), 4 << 20);
        let problem = unpack(&megabytes, 3 << 20).map_err(|problem| problem.what).unwrap_err();
        assert_eq!(problem, "its text has more than 3 MiB");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(place in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 1..20)) {
            let mut damaged = word("<w:p><w:r><w:t>一二三</w:t></w:r></w:p>");
            let start = place.index(damaged.len());
            let end = damaged.len().min(start + bytes.len());
            damaged.splice(start..end, bytes);
            let _ = read("a.docx", &damaged);
        }
    }
}
