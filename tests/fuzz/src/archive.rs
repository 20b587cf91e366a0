//! Archives of which only a part or two come from the input: Word documents, books and workbooks.

use std::io::{Cursor, Write as _};

use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// Packs parts, uncompressed.
fn packed(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, options).expect("a file in memory");
        archive.write_all(content).expect("a file in memory");
    }
    archive.finish().expect("a file in memory").into_inner()
}

/// A Word document of this text, and of these notes if there are any.
pub fn word(text: &[u8], notes: &[u8]) -> Vec<u8> {
    let mut parts = vec![("word/document.xml", text)];
    if !notes.is_empty() {
        parts.extend([("word/footnotes.xml", notes), ("word/comments.xml", notes)]);
    }
    packed(&parts)
}

/// A book of this chapter, and of this package if there is one.
pub fn book(chapter: &[u8], package: &[u8]) -> Vec<u8> {
    const CONTAINER: &str = r#"<container><rootfiles><rootfile full-path="OPS/p.opf"/></rootfiles></container>"#;
    const PACKAGE: &str = r#"<package><manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/>
        </manifest><spine><itemref idref="a"/></spine></package>"#;
    let package = if package.is_empty() { PACKAGE.as_bytes() } else { package };
    packed(&[
        ("META-INF/container.xml", CONTAINER.as_bytes()),
        ("OPS/p.opf", package),
        ("OPS/a.xhtml", chapter),
        ("OPS/b c.xhtml", chapter),
    ])
}

/// A workbook of this sheet, and of these strings if there are any.
pub fn workbook(sheet: &[u8], strings: &[u8]) -> Vec<u8> {
    const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>
        <sheet name="s" sheetId="1" r:id="r1"/></sheets></workbook>"#;
    const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">
        <Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet"
        Target="worksheets/sheet1.xml"/><Relationship Id="r2" Target="sharedStrings.xml"
        Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>"#;
    let mut parts = vec![
        ("xl/workbook.xml", WORKBOOK.as_bytes()),
        ("xl/_rels/workbook.xml.rels", RELATIONS.as_bytes()),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    if !strings.is_empty() {
        parts.push(("xl/sharedStrings.xml", strings));
    }
    packed(&parts)
}
