//! EPUB books → blocks: the chapters in the order of reading, each read as the page that it is.
//!
//! Tables of contents are left out, for they repeat the headings. Everything that the book names is looked for inside its
//! archive and nowhere else. A place in a book is the number of its paragraph, from the beginning: lines of a chapter's
//! file are seen by nobody.

use std::collections::{HashMap, HashSet};

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{
    Blocks,
    archive::{Archive, Problem},
    excerpts::{Excerpts, Place},
    html,
    tables::Cell,
};
use crate::{
    document::Original,
    error::{Error, Result},
};

/// What messages call the format.
const FORMAT: &str = "an EPUB book";

/// The part that says which part is the package.
const CONTAINER: &str = "META-INF/container.xml";

/// The part that says what is encrypted, and how.
const ENCRYPTION: &str = "META-INF/encryption.xml";

/// How fonts are made unreadable to other programs. It keeps no text from anybody.
const FONT_OBFUSCATIONS: [&str; 2] = ["http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC"];

/// Bytes of a chapter that are read, and of all together. A novel of 400,000 Chinese characters has some 2 MB; of one byte
/// the parser of pages may make a hundred.
const LARGEST_CHAPTER: usize = 8 << 20;
const LARGEST: u64 = 64 << 20;

/// A part of the book that its package lists.
struct Item {
    href: String,
    is_page: bool,
    is_contents: bool,
}

/// What is read of the package: its parts by their ids, and the ids in the order of reading.
#[derive(Default)]
struct Package {
    items: HashMap<String, Item>,
    spine: Vec<String>,
    /// What the guide of older books calls the table of contents.
    contents: Vec<String>,
}

/// Reads a book.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<(Original, Blocks)> {
    let malformed = |problem: Problem| problem.of(name, FORMAT);
    let mut archive = Archive::open(bytes, LARGEST).map_err(malformed)?;
    if is_protected(&mut archive).map_err(malformed)? {
        return Err(Error::NotRead {
            path: name.to_owned(),
            format: "a copy-protected EPUB book (DRM)",
            instead: "give a copy without protection, or its text as .txt or .docx",
        });
    }
    let mut book = Book::default();
    for part in chapters(&mut archive).map_err(malformed)? {
        let page = archive.bytes(&part).map_err(malformed)?;
        if page.len() > LARGEST_CHAPTER {
            let what = format!("`{part}` in it has more than {} MiB", LARGEST_CHAPTER >> 20);
            return Err(malformed(Problem::new(what)));
        }
        book.add(html::read_xml(&format!("{name}/{part}"), &page)?);
    }
    Ok(book.out.finish(name))
}

/// Whether something else than fonts is encrypted.
fn is_protected(archive: &mut Archive<'_>) -> std::result::Result<bool, Problem> {
    if !archive.names().iter().any(|name| name == ENCRYPTION) {
        return Ok(false);
    }
    let mut found = false;
    elements(ENCRYPTION, &archive.text(ENCRYPTION)?, |element, attribute| {
        let method = if element == "EncryptionMethod" { attribute("Algorithm") } else { None };
        found |= method.is_some_and(|method| !FONT_OBFUSCATIONS.contains(&method.as_str()));
    })?;
    Ok(found)
}

/// The names of the parts that are chapters, in the order of reading, each once; by name, where the package lists none.
fn chapters(archive: &mut Archive<'_>) -> std::result::Result<Vec<String>, Problem> {
    let mut package = None;
    elements(CONTAINER, &archive.text(CONTAINER)?, |element, attribute| {
        if element == "rootfile" && package.is_none() {
            package = attribute("full-path");
        }
    })?;
    let path = package.ok_or_else(|| Problem::new(format!("`{CONTAINER}` in it names no package")))?;
    let Package { items, spine, contents } = read_package(&path, &archive.text(&path)?)?;
    let names: HashSet<String> = archive.names().into_iter().collect();
    let (mut found, mut seen) = (Vec::new(), HashSet::new());
    for id in spine {
        let item = items.get(&id).ok_or_else(|| Problem::new(format!("its package has no part `{id}`")))?;
        if !item.is_page || item.is_contents || contents.iter().any(|href| within(href) == within(&item.href)) {
            continue;
        }
        let name = [decoded(within(&item.href)), within(&item.href).to_owned()]
            .iter()
            .filter_map(|href| beside(&path, href))
            .find(|name| names.contains(name))
            .ok_or_else(|| Problem::new(format!("there is no `{}` in it", item.href)))?;
        if seen.insert(name.clone()) {
            found.push(name);
        }
    }
    // A package that was never finished: what it would list is there nevertheless.
    if found.is_empty() {
        let is_page = |name: &String| [".xhtml", ".html", ".htm"].iter().any(|ending| name.ends_with(ending));
        found = archive.names().into_iter().filter(is_page).collect();
    }
    if found.is_empty() { Err(Problem::new("it has no chapter")) } else { Ok(found) }
}

fn read_package(part: &str, xml: &str) -> std::result::Result<Package, Problem> {
    let mut package = Package::default();
    elements(part, xml, |element, attribute| match element {
        "item" => {
            let (Some(id), Some(href)) = (attribute("id"), attribute("href")) else { return };
            let is_page = attribute("media-type").is_some_and(|kind| kind.contains("html"));
            let properties = attribute("properties").unwrap_or_default();
            let is_contents = properties.split_ascii_whitespace().any(|property| property == "nav");
            package.items.insert(id, Item { href, is_page, is_contents });
        }
        "itemref" => package.spine.extend(attribute("idref")),
        "reference" if attribute("type").is_some_and(|kind| kind == "toc") => {
            package.contents.extend(attribute("href"));
        }
        _ => {}
    })?;
    Ok(package)
}

/// Hands the name of each element, without its prefix, and its attributes to `visit`. Fails where the XML is damaged or cut
/// off.
fn elements(
    part: &str,
    xml: &str,
    mut visit: impl FnMut(&str, &dyn Fn(&str) -> Option<String>),
) -> std::result::Result<(), Problem> {
    let attribute = |tag: &BytesStart<'_>, name: &str| {
        let found = tag.try_get_attribute(name).ok().flatten()?;
        Some(found.normalized_value(XmlVersion::Implicit1_0).ok()?.into_owned())
    };
    let mut reader = Reader::from_str(xml);
    let (mut open, mut is_empty) = (0_usize, true);
    loop {
        let event = reader.read_event();
        let position = if event.is_err() { reader.error_position() } else { reader.buffer_position() };
        let line = |what: &str| {
            let passed = usize::try_from(position).ok().and_then(|position| xml.get(..position)).unwrap_or(xml);
            format!("line {} of `{part}` in it {what}", passed.matches('\n').count() + 1)
        };
        match event.map_err(|cause| Problem::because(&line("is damaged"), cause))? {
            Event::Start(tag) => {
                (open, is_empty) = (open + 1, false);
                visit(tag.local_name().as_ref(), &|name| attribute(&tag, name));
            }
            Event::Empty(tag) => {
                is_empty = false;
                visit(tag.local_name().as_ref(), &|name| attribute(&tag, name));
            }
            Event::End(_) => open = open.saturating_sub(1),
            Event::Eof if open > 0 => return Err(Problem::new(line("is the last: the part is cut off"))),
            Event::Eof if is_empty => return Err(Problem::new(line("holds no XML"))),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// A reference without the place inside the part.
fn within(href: &str) -> &str {
    href.split('#').next().unwrap_or_default()
}

/// The name of the part that `href` says from the part `from`; none outside of the archive.
fn beside(from: &str, href: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in href.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// A reference with its characters in place of `%20` and the like.
fn decoded(href: &str) -> String {
    let bytes = href.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        let code = digits.filter(|_| byte == b'%').and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// A book as far as it was read.
#[derive(Default)]
struct Book {
    out: Excerpts,
    /// The paragraphs and the tables so far.
    paragraphs: usize,
    tables: usize,
}

impl Book {
    fn add(&mut self, (page, found): (Original, Blocks)) {
        let tables = self.tables;
        for block in found.blocks {
            self.paragraphs += 1;
            self.out.push(block.span.of(&page.text), &Place { line: self.paragraphs, file_bytes: None });
            // Each page counts its tables from 1.
            let cell = block.cell.map(|cell| Cell { table: tables + cell.table, ..cell });
            self.tables = self.tables.max(cell.map_or(0, |cell| cell.table));
            self.out.end_block_of(block.heading, cell);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use proptest::prelude::*;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(content.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    const ROOT: &str = "<container><rootfiles><rootfile full-path=\"EPUB/content.opf\"/></rootfiles></container>";

    fn package(manifest: &str, spine: &[&str]) -> String {
        let spine = spine.iter().map(|id| format!("<itemref idref=\"{id}\"/>")).collect::<Vec<_>>().concat();
        format!("<?xml version='1.0'?><package><manifest>{manifest}</manifest><spine>{spine}</spine></package>")
    }

    fn item(id: &str, href: &str, more: &str) -> String {
        format!("<item href=\"{href}\" id=\"{id}\" media-type=\"application/xhtml+xml\" {more}/>")
    }

    fn page(body: &str) -> String {
        format!("<?xml version='1.0' encoding='utf-8'?>\n<html><head><title/></head>\n<body>{body}</body></html>")
    }

    /// A book as programs write them: cover, contents, two chapters.
    fn book() -> Vec<u8> {
        let manifest = item("c2", "text/two.xhtml", "")
            + &item("c1", "text/c%201.xhtml#start", "")
            + &item("nav", "nav.xhtml", "properties=\"scripted nav\"")
            + &item("cover", "cover.xhtml", "")
            + "<item href=\"a.svg\" id=\"a\" media-type=\"image/svg+xml\"/>";
        archive(&[
            ("mimetype", "application/epub+zip"),
            (CONTAINER, ROOT),
            ("EPUB/content.opf", &package(&manifest, &["cover", "nav", "a", "c1", "c2", "c1"])),
            ("EPUB/text/two.xhtml", &page("<h2>Two</h2><p><a id='x'/>狗叫了。</p>")),
            ("EPUB/text/c 1.xhtml", &page("<h1>第一章</h1>\n<p/>\n<p>猫睡了。</p><p>The cat slept.</p>")),
            ("EPUB/nav.xhtml", &page("<nav><ol><li>第一章</li></ol></nav>")),
            ("EPUB/cover.xhtml", &page("<img src=\"cover.png\" alt=\"Cover\"/>")),
        ])
    }

    fn message(bytes: &[u8]) -> String {
        read("a.epub", bytes).unwrap_err().to_string()
    }

    #[test]
    fn chapters_come_in_the_order_of_reading_and_places_are_numbers_of_paragraphs() {
        let (original, found) = read("a.epub", &book()).unwrap();
        let known: Vec<_> = (found.blocks.iter())
            .map(|block| (block.span.of(&original.text), block.heading, original.line(block.span.start)))
            .collect();
        let expected = [
            ("第一章", true, 1),
            ("猫睡了。", false, 2),
            ("The cat slept.", false, 3),
            ("Two", true, 4),
            ("狗叫了。", false, 5),
        ];
        assert_eq!(known, expected);
        assert_eq!(original.file_bytes(found.blocks[0].span), None);
    }

    #[test]
    fn pages_that_no_package_lists_are_read_by_name() {
        let pages = [("b.xhtml", "<p>二。</p>"), ("a.html", "<p>一。</p>"), ("c.css", "p {}")];
        let parts = [&[(CONTAINER, ROOT), ("EPUB/content.opf", "<package/>")][..], &pages].concat();
        let (original, found) = read("a.epub", &archive(&parts)).unwrap();
        let texts: Vec<_> = found.blocks.iter().map(|block| block.span.of(&original.text)).collect();
        assert_eq!(texts, ["一。", "二。"]);
    }

    #[test]
    fn a_protected_book_is_refused_and_one_with_hidden_fonts_is_read() {
        let encrypted = |method: &str| {
            let says = format!(
                "<encryption><EncryptedData><EncryptionMethod Algorithm=\"{method}\"/></EncryptedData></encryption>"
            );
            let manifest = item("c", "c.xhtml", "");
            archive(&[
                (CONTAINER, ROOT),
                (ENCRYPTION, &says),
                ("EPUB/content.opf", &package(&manifest, &["c"])),
                ("EPUB/c.xhtml", &page("<p>猫。</p>")),
            ])
        };
        assert!(read("a.epub", &encrypted(FONT_OBFUSCATIONS[0])).is_ok());
        let refused = message(&encrypted("http://www.w3.org/2001/04/xmlenc#aes128-cbc"));
        assert_eq!(refused, "cannot read `a.epub`: a copy-protected EPUB book (DRM) is not read");
    }

    #[test]
    fn what_is_no_book_or_names_what_is_not_in_it_is_refused() {
        let with = |package: &str| archive(&[(CONTAINER, ROOT), ("EPUB/content.opf", package), ("secret", "<p>x</p>")]);
        let outside = |href: &str| with(&package(&item("c", href, ""), &["c"]));
        let huge = "字".repeat(LARGEST_CHAPTER / 3 + 1);
        let bomb = archive(&[
            (CONTAINER, ROOT),
            ("EPUB/content.opf", &package(&item("c", "c.xhtml", ""), &["c"])),
            ("EPUB/c.xhtml", &huge),
        ]);
        for (bytes, words) in [
            (b"text".to_vec(), "it is no archive"),
            (archive(&[("a", "b")]), "there is no `META-INF/container.xml` in it"),
            (archive(&[(CONTAINER, "<container/>")]), "names no package"),
            (with("<package/>"), "it has no chapter"),
            (with("<package>\n</x>"), "line 2 of `EPUB/content.opf` in it is damaged"),
            (with("<package>\n<manifest/>\n"), "line 3 of `EPUB/content.opf` in it is the last: the part is cut off"),
            (with(&package(&item("c", "c.xhtml", ""), &["c"]).replace("</package>", "")), "the part is cut off"),
            (archive(&[(CONTAINER, &ROOT.replace("</container>", ""))]), "the part is cut off"),
            (archive(&[(CONTAINER, " ")]), "line 1 of `META-INF/container.xml` in it holds no XML"),
            (with(&package("", &["c"])), "its package has no part `c`"),
            (outside("../../secret"), "there is no `../../secret` in it"),
            (outside("/etc/passwd"), "there is no `/etc/passwd` in it"),
            (bomb, "has more than 8 MiB"),
        ] {
            assert!(message(&bytes).contains(words), "{}", message(&bytes));
        }
        // A name may lead up, as long as it stays inside.
        assert!(read("a.epub", &outside("../secret")).is_ok());
    }

    proptest! {
        #[test]
        fn no_book_makes_it_panic(package in "(<(item|itemref|/?spine|reference)( (id|href|idref|type)=\"[a-z./%#&]{0,5}\"){0,3}/?>){0,8}", href in "[a-zé/.%0-9#]{0,12}") {
            let _ = read("a.epub", &archive(&[(CONTAINER, ROOT), ("EPUB/content.opf", &package), ("EPUB/a", "x")]));
            let _ = (decoded(&href), beside("a/b", &href));
        }
    }
}
