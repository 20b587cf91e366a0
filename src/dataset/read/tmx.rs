//! Translation Memory eXchange, unit by unit: `<tu><tuv xml:lang="zh-CN"><seg>…</seg></tuv>…</tu>`.
//!
//! A unit is a pair of its first Chinese and its first English variant (`zh`, `en`, with or without a country). Codes
//! of other formats inside a segment (`bpt ept ph it ut sub`) are no text; what `hi` marks is. Of properties,
//! `x-confidence`, `x-doc` and `x-origin` are read. A unit that lacks a language is told as a bad line; XML that is
//! not well-formed is an error, for what comes after it could be anything.

use std::{
    io::{self, BufRead, Read},
    path::Path,
    sync::Arc,
};

use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

use super::{BadLine, Invalid, Row, confidence, is_draft, open};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::{Error, Result},
};

/// The length of the longest unit that is read, in bytes, as for a line of other corpora.
const LONGEST: usize = 4 << 20;

/// The elements that hold codes, not text.
const CODES: [&str; 6] = ["bpt", "ept", "ph", "it", "ut", "sub"];

/// The rows of the file, one for each unit.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let bytes = Counted { inner: open(path, Invalid::Replaced)?, lines: 0, since_unit: 0 };
    let mut units = Units { path: path.display().to_string().into(), reader: Reader::from_reader(bytes) };
    units.reader.config_mut().expand_empty_elements = true;
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        let row = if ended { None } else { units.next().transpose() };
        ended = !matches!(row, Some(Ok(_)));
        row
    }))
}

struct Units<R> {
    path: Arc<str>,
    reader: Reader<Counted<R>>,
}

/// A unit under way.
#[derive(Default)]
struct Unit {
    zh: Option<String>,
    en: Option<String>,
    confidence: String,
    doc: String,
    origin: String,
    /// The elements that are open in it, and what is read of the text inside.
    open: Vec<String>,
    lang: String,
    property: String,
    text: String,
}

impl<R: BufRead> Units<R> {
    /// The next unit; none where the file ends.
    fn next(&mut self) -> Result<Option<Row>> {
        let mut buffer = Vec::new();
        let (mut unit, mut begun) = (None, 0);
        loop {
            buffer.clear();
            let line = self.reader.get_ref().lines + 1;
            let failed = |what: String| Error::Format { path: self.path.to_string(), line, what };
            let event = self.reader.read_event_into(&mut buffer).map_err(|error| failed(error.to_string()))?;
            match (event, unit.as_mut()) {
                (Event::Eof, None) => return Ok(None),
                (Event::Eof, Some(_)) => return Err(failed("the file ends inside a translation unit".to_owned())),
                (Event::Start(tag), None) if is(&tag, "tu") => (unit, begun) = (Some(Unit::default()), line),
                (Event::Start(tag), Some(unit)) => unit.start(&tag),
                (Event::End(tag), Some(_)) if tag.local_name().as_ref() == "tu" => {
                    let row = unit.take().unwrap_or_default().row(&self.path, begun);
                    // Only what stands in one unit is held in memory.
                    self.reader.get_mut().since_unit = 0;
                    return Ok(Some(row));
                }
                (Event::End(_), Some(unit)) => unit.end(),
                (Event::Text(text), Some(unit)) => unit.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                (Event::CData(text), Some(unit)) => unit.text.push_str(&text.xml_content(XmlVersion::Implicit1_0)),
                (Event::GeneralRef(reference), Some(unit)) => {
                    let character = reference.resolve_char_ref().map_err(|error| failed(error.to_string()))?;
                    let name = reference.into_inner();
                    match (character, resolve_predefined_entity(&name)) {
                        (Some(character), _) => unit.text.push(character),
                        (None, Some(text)) => unit.text.push_str(text),
                        (None, None) => return Err(failed(format!("the entity `&{name};` is not known"))),
                    }
                }
                (_, Some(_)) => {}
                // What stands between units can be as long as it likes, a unit at a time.
                (_, None) => self.reader.get_mut().since_unit = 0,
            }
        }
    }
}

fn is(tag: &BytesStart<'_>, name: &str) -> bool {
    tag.local_name().as_ref() == name
}

impl Unit {
    fn start(&mut self, tag: &BytesStart<'_>) {
        let attribute = |name: &str| {
            let found = tag.try_get_attribute(name).ok().flatten()?;
            found.normalized_value(XmlVersion::Implicit1_0).ok().map(|value| value.to_lowercase())
        };
        let name = tag.local_name().as_ref().to_owned();
        match name.as_str() {
            "tuv" => self.lang = attribute("xml:lang").or_else(|| attribute("lang")).unwrap_or_default(),
            "prop" => self.property = attribute("type").unwrap_or_default(),
            _ => {}
        }
        // What a code interrupts goes on after it.
        if matches!(name.as_str(), "seg" | "prop") {
            self.text.clear();
        }
        self.open.push(if CODES.contains(&name.as_str()) { format!("{name} {}", self.text.len()) } else { name });
    }

    fn end(&mut self) {
        let Some(name) = self.open.pop() else { return };
        match name.as_str() {
            "seg" => {
                let side = match self.lang.split(['-', '_']).next() {
                    Some("zh" | "cmn") => &mut self.zh,
                    Some("en" | "eng") => &mut self.en,
                    _ => return,
                };
                side.get_or_insert_with(|| tidy(&self.text));
            }
            "prop" if self.property == "x-confidence" => self.confidence = tidy(&self.text),
            "prop" if self.property == "x-doc" => self.doc = tidy(&self.text),
            "prop" if self.property == "x-origin" => self.origin = tidy(&self.text),
            code => {
                let length = code.split_once(' ').and_then(|(_, length)| length.parse().ok());
                self.text.truncate(length.unwrap_or(self.text.len()));
            }
        }
    }

    fn row(self, path: &Arc<str>, line: usize) -> Row {
        let bad = |what: &str| Row::Bad(BadLine { path: Arc::clone(path), line, what: what.to_owned() });
        match (self.zh, self.en, confidence(&self.confidence)) {
            (None, _, _) => bad("the translation unit has no Chinese"),
            (_, None, _) => bad("the translation unit has no English"),
            (_, _, Err(what)) => bad(&what),
            (Some(zh), Some(en), _) if zh.contains('\u{FFFD}') || en.contains('\u{FFFD}') => {
                bad("it has bytes that are no UTF-8")
            }
            (Some(zh), Some(en), Ok(confidence)) => Row::Pair(Candidate {
                zh,
                en,
                confidence,
                doc: if self.doc.is_empty() { Arc::clone(path) } else { self.doc.into() },
                line: Some(line),
                flaw: None,
                is_draft: is_draft(&self.origin),
            }),
        }
    }
}

/// Counts the lines that were read, and refuses a unit that would fill the memory.
struct Counted<R> {
    inner: R,
    lines: usize,
    since_unit: usize,
}

impl<R: BufRead> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let bytes = self.fill_buf()?;
        let length = bytes.len().min(buffer.len());
        buffer[..length].copy_from_slice(&bytes[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: BufRead> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.since_unit > LONGEST {
            return Err(io::Error::other(format!("a translation unit has more than {LONGEST} bytes")));
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        // What was filled is still there: nothing is read.
        if let Ok(bytes) = self.inner.fill_buf() {
            self.lines += bytes[..length.min(bytes.len())].split(|&byte| byte == b'\n').count() - 1;
        }
        self.since_unit += length;
        self.inner.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::told, *};

    const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE tmx SYSTEM \"tmx14.dtd\">\n\
                        <tmx version=\"1.4\"><header srclang=\"zh-CN\"/><body>\n";

    fn of(units: &str) -> Vec<String> {
        told(&[("a.tmx", format!("{HEAD}{units}</body></tmx>\n").as_bytes())])
    }

    #[test]
    fn units_with_properties_entities_and_codes_are_read() {
        let units = r#"<tu><prop type="x-confidence">0.75</prop><prop type="x-doc">d.txt</prop><prop type="x-origin">mt</prop>
<tuv xml:lang="zh-CN"><seg>一只 &amp; 猫</seg></tuv><tuv xml:lang="EN-us"><seg>A &#38; <hi>cat</hi></seg></tuv></tu>
<tu tuid="2"><note>n</note><tuv lang="en"><seg><bpt i="1">&lt;b></bpt>Two<ept i="1">&lt;/b></ept> cats<ph/></seg></tuv>
<tuv lang="fr"><seg>chats</seg></tuv><tuv lang="zh_TW"><prop type="x">no</prop><seg><![CDATA[兩隻<貓]]></seg></tuv></tu>
"#;
        let expected = ["4: 一只 & 猫 | A & cat | 0.75 | d.txt | draft", "6: 兩隻<貓 | Two cats | - | a.tmx"];
        assert_eq!(of(units), expected);
    }

    #[test]
    fn a_unit_that_is_no_pair_is_told() {
        let units = "<tu><tuv xml:lang=\"zh\"><seg>一</seg></tuv></tu>\n<tu/>\n<tu></tu>\n\
                     <tu><prop type=\"x-confidence\">9</prop><tuv xml:lang=\"zh\"><seg>一</seg></tuv>\
                     <tuv xml:lang=\"en\"><seg>A</seg></tuv></tu>";
        let expected = [
            "bad: `a.tmx`, line 4: the translation unit has no English",
            "bad: `a.tmx`, line 5: the translation unit has no Chinese",
            "bad: `a.tmx`, line 6: the translation unit has no Chinese",
            "bad: `a.tmx`, line 7: `9` is no confidence from 0 to 1",
        ];
        assert_eq!(of(units), expected);
        let broken = [
            HEAD.as_bytes(),
            b"<tu><tuv xml:lang=\"zh\"><seg>\xe4\xb8</seg></tuv>\
            <tuv xml:lang=\"en\"><seg>A</seg></tuv></tu></body></tmx>",
        ]
        .concat();
        assert_eq!(told(&[("a.tmx", &broken)]), ["bad: `a.tmx`, line 4: it has bytes that are no UTF-8"]);
    }

    #[test]
    fn what_is_not_well_formed_ends_the_reading_with_its_line() {
        let unit = "<tu><tuv xml:lang=\"zh\"><seg>一</seg></tuv><tuv xml:lang=\"en\"><seg>A</seg></tuv></tu>\n";
        for (broken, words) in [
            ("<tu><tuv></tu>", "line 5: "),
            ("<tu><tuv xml:lang=\"zh\"><seg>&nbsp;", "the entity `&nbsp;` is not known"),
            ("<tu><tuv xml:lang=\"zh\"><seg>", "the file ends inside a translation unit"),
        ] {
            let told = told(&[("a.tmx", format!("{HEAD}{unit}{broken}").as_bytes())]);
            assert_eq!(told.len(), 2, "{told:?}");
            assert!(told[1].starts_with("error: cannot read `a.tmx`, line 5: ") && told[1].contains(words), "{told:?}");
        }
    }

    #[test]
    fn a_unit_cannot_fill_the_memory() {
        let long = format!("<tu><tuv><seg>{}", "x".repeat(LONGEST + 100_000));
        let told = of(&long);
        assert!(told[0].contains("a translation unit has more than"), "{told:?}");
    }
}
