//! Translation Memory eXchange, unit by unit: `<tu><tuv xml:lang="zh-CN"><seg>…</seg></tuv>…</tu>`.
//!
//! A unit is a pair of its first Chinese and its first English variant, by any spelling of their codes. Codes of other
//! formats inside a segment are no text (`bpt ept ph it ut sub`, and those of XLIFF, which some programs leave in it);
//! what `hi` or `g` mark is. Of properties, `x-confidence`, `x-doc` and `x-origin` are read. A unit that lacks a language
//! or its `<seg>` is told as a bad line.

use std::{path::Path, sync::Arc};

use super::{
    BadLine, Row, confidence, is_draft,
    segment::{Code, Segment, code},
    xml::{Tag, Token, Xml},
};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::Result,
    text::Lang,
};

/// The rows of the file, one for each unit.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let mut xml = Xml::open(path)?;
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        let row = if ended { None } else { next(&mut xml).transpose() };
        ended = !matches!(row, Some(Ok(_)));
        row
    }))
}

/// The next unit; none where the file ends.
fn next(xml: &mut Xml) -> Result<Option<Row>> {
    let (mut unit, mut begun) = (None::<Unit>, 0);
    loop {
        let line = xml.line();
        match (xml.next()?, unit.as_mut()) {
            (Token::Eof, None) => return xml.check_whole().map(|()| None),
            (Token::Eof, Some(_)) => return Err(xml.failed(line, "the file ends inside a translation unit")),
            (Token::Start(tag), None) if tag.name == "tu" => (unit, begun) = (Some(Unit::default()), line),
            (Token::Start(tag), Some(unit)) => unit.start(&tag),
            (Token::End(name), Some(_)) if name == "tu" => {
                xml.forget();
                return Ok(Some(unit.take().unwrap_or_default().row(xml.path(), begun)));
            }
            (Token::End(name), Some(unit)) => unit.end(&name),
            (Token::Text(text), Some(unit)) => unit.text(&text),
            // What stands between units can be as long as it likes, a unit at a time.
            (_, None) => xml.forget(),
        }
    }
}

/// What a unit has in a language.
#[derive(Default)]
struct Variant {
    is_there: bool,
    text: Option<String>,
}

/// A unit under way.
#[derive(Default)]
struct Unit {
    zh: Variant,
    en: Variant,
    confidence: String,
    doc: String,
    origin: String,
    /// The language of the variant that is open.
    lang: Option<Lang>,
    /// Whether a segment is open, how many codes are open in it, and how many segments that stand in it, where none may.
    in_segment: bool,
    codes: usize,
    inner: usize,
    segment: Segment,
    /// The type of the property that is open, and its text.
    property: Option<String>,
    value: String,
}

impl Unit {
    fn start(&mut self, tag: &Tag) {
        match tag.name.as_str() {
            _ if self.in_segment => {
                self.inner += usize::from(tag.name == "seg");
                self.code(&tag.name, true);
            }
            "tuv" => {
                let code = [tag.attribute("xml:lang"), tag.attribute("lang")].into_iter().find(|code| !code.is_empty());
                self.lang = code.and_then(Lang::of_code);
                if let Some(variant) = self.variant() {
                    variant.is_there = true;
                }
            }
            "seg" => {
                self.in_segment = true;
                (self.codes, self.inner) = (0, 0);
            }
            "prop" => {
                self.property = Some(tag.attribute("type").to_lowercase());
                self.value.clear();
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "seg" if self.inner > 0 => self.inner -= 1,
            "seg" => {
                self.in_segment = false;
                let text = tidy(&self.segment.take());
                if let Some(variant) = self.variant() {
                    variant.text.get_or_insert(text);
                }
            }
            _ if self.in_segment => self.code(name, false),
            "prop" => {
                let value = match self.property.take().as_deref() {
                    Some("x-confidence") => &mut self.confidence,
                    Some("x-doc") => &mut self.doc,
                    Some("x-origin") => &mut self.origin,
                    _ => return,
                };
                *value = tidy(&self.value);
            }
            _ => {}
        }
    }

    /// Takes note of an element in a segment that opens or closes.
    fn code(&mut self, name: &str, opens: bool) {
        let code = code(name);
        if code.is_some() {
            self.codes = if opens { self.codes + 1 } else { self.codes.saturating_sub(1) };
        }
        self.segment.code(code.unwrap_or(Code::Format));
    }

    fn text(&mut self, text: &str) {
        if self.in_segment {
            if self.codes == 0 {
                self.segment.push(text);
            }
        } else if self.property.is_some() {
            self.value.push_str(text);
        }
    }

    fn variant(&mut self) -> Option<&mut Variant> {
        match self.lang? {
            Lang::Zh => Some(&mut self.zh),
            Lang::En => Some(&mut self.en),
        }
    }

    fn row(self, path: &Arc<str>, line: usize) -> Row {
        let bad = |what: String| Row::Bad(BadLine { path: Arc::clone(path), line, what });
        let lacking = |lang: Lang, is_there: bool| {
            let lacks =
                if is_there { "the translation unit has no `<seg>` for its" } else { "the translation unit has no" };
            bad(format!("{lacks} {}", lang.name()))
        };
        match (self.zh.text, self.en.text, confidence(&self.confidence)) {
            (None, _, _) => lacking(Lang::Zh, self.zh.is_there),
            (_, None, _) => lacking(Lang::En, self.en.is_there),
            (_, _, Err(what)) => bad(what),
            (Some(zh), Some(en), _) if zh.contains('\u{FFFD}') || en.contains('\u{FFFD}') => {
                bad("it has bytes that are no text".to_owned())
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{tests::told, xml::LONGEST};

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
        assert_eq!(told(&[("a.tmx", &broken)]), ["bad: `a.tmx`, line 4: it has bytes that are no text"]);
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
    fn a_memory_that_is_cut_off_is_no_whole_one_wherever_it_ends() {
        let unit = "<tu><tuv xml:lang=\"zh\"><seg>一</seg></tuv><tuv xml:lang=\"en\"><seg>A</seg></tuv></tu>";
        let whole = format!("{HEAD}{unit}\n{unit}\n</body></tmx>");
        for end in (0..whole.len()).filter(|&end| whole.is_char_boundary(end)) {
            let told = told(&[("a.tmx", &whole.as_bytes()[..end])]);
            let error = told.last().unwrap();
            assert!(error.starts_with("error: cannot read `a.tmx`, line "), "{end}: {told:?}");
            // What stands before the end is handed on all the same.
            assert_eq!(told.len() - 1, whole[..end].matches("</tu>").count(), "{end}: {told:?}");
        }
        assert_eq!(of(unit).len(), 1);
        let between = told(&[("a.tmx", format!("{HEAD}{unit}\n").as_bytes())]);
        assert!(between[1].contains("line 5: the file ends early"), "{between:?}");
        for empty in ["", " \n", "<?xml version=\"1.0\"?>\n", "no XML"] {
            assert!(told(&[("a.tmx", empty.as_bytes())])[0].ends_with("there is no XML in it"), "{empty}");
        }
    }

    #[test]
    fn a_segment_inside_a_segment_ends_nothing() {
        let inner = "<tu><tuv xml:lang=\"en\"><seg>abcde<ph>x<seg>中中</seg></ph> fgh<seg>中</seg>i</seg></tuv>\
            <tuv xml:lang=\"zh\"><seg>一<seg>二</seg>三</seg></tuv></tu>";
        assert_eq!(of(inner), ["4: 一二三 | abcde fgh中i | - | a.tmx"]);
    }

    /// Elements inside each other, of a memory and of others, with texts in two scripts.
    fn elements() -> impl Strategy<Value = String> {
        let leaf = prop_oneof!["[a-c中。 \u{3000}\u{301}]{0,6}", Just("<ph/>".to_owned()), Just("&amp;".to_owned())];
        leaf.prop_recursive(6, 40, 5, |inner| {
            let names = [
                "seg",
                "ph",
                "bpt",
                "sub",
                "hi",
                "g",
                "prop",
                "note",
                "mrk",
                "tuv xml:lang=\"en\"",
                "tuv xml:lang=\"zh\"",
            ];
            (prop::sample::select(names.to_vec()), prop::collection::vec(inner, 0..5)).prop_map(|(name, inner)| {
                format!("<{name}>{}</{}>", inner.concat(), name.split(' ').next().unwrap_or_default())
            })
        })
    }

    proptest! {
        #[test]
        fn whatever_stands_inside_a_unit_it_is_a_row(inner in elements()) {
            for segment in [format!("<seg>{inner}</seg>"), inner] {
                let unit = format!("<tu><tuv xml:lang=\"en\">{segment}</tuv><tuv xml:lang=\"zh\"><seg>{segment}</seg></tuv></tu>");
                let rows = of(&unit);
                prop_assert!(rows.len() == 1 && !rows[0].starts_with("error"), "{unit}: {rows:?}");
            }
        }
    }

    #[test]
    fn every_spelling_of_a_language_is_read() {
        for (zh, en) in [
            ("zh-Hans-CN", "EN_US"),
            ("zh_CN", "eng"),
            ("cmn", "en-GB"),
            ("zho", "en"),
            ("CHI", "ENG"),
            ("zh_Hans", "eng_Latn"),
        ] {
            let unit =
                format!("<tu><tuv xml:lang=\"{en}\"><seg>A</seg></tuv><tuv xml:lang=\"{zh}\"><seg>一</seg></tuv></tu>");
            assert_eq!(of(&unit), ["4: 一 | A | - | a.tmx"], "{zh} {en}");
        }
    }

    #[test]
    fn a_variant_without_a_segment_is_told_as_such() {
        let unit = "<tu><tuv lang=\"en-US\">The lift is broken.</tuv><tuv lang=\"zh-CN\">电梯坏了。</tuv></tu>";
        assert_eq!(of(unit), ["bad: `a.tmx`, line 4: the translation unit has no `<seg>` for its Chinese"]);
    }

    #[test]
    fn codes_of_either_format_go_without_gluing_words() {
        let unit = "<tu><tuv xml:lang=\"en\"><seg>Press <ph type=\"fmt\">&lt;img/&gt;</ph> to <g id=\"1\">stop</g>.<x id=\"2\"/>\
            Now<bx id=\"3\"/>!</seg></tuv><tuv xml:lang=\"zh\"><seg>按 <ph>&lt;img/&gt;</ph> 停止。</seg></tuv></tu>";
        assert_eq!(of(unit), ["4: 按停止。 | Press to stop. Now! | - | a.tmx"]);
    }

    #[test]
    fn a_memory_in_an_encoding_of_china_is_read() {
        let text = "<?xml version=\"1.0\" encoding=\"GB2312\"?>\n<tmx><body><tu><tuv xml:lang=\"zh\"><seg>他明天到。</seg></tuv>\
            <tuv xml:lang=\"en\"><seg>He arrives tomorrow.</seg></tuv></tu></body></tmx>";
        let bytes = encoding_rs::GBK.encode(text).0;
        assert_eq!(told(&[("a.tmx", &bytes)]), ["2: 他明天到。 | He arrives tomorrow. | - | a.tmx"]);
        let bytes: Vec<u8> = text.replace("GB2312", "utf-16").encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&[("a.tmx", &bytes)]), ["2: 他明天到。 | He arrives tomorrow. | - | a.tmx"]);
    }

    #[test]
    fn a_unit_cannot_fill_the_memory() {
        let long = format!("<tu><tuv><seg>{}", "x".repeat(LONGEST + 100_000));
        let told = of(&long);
        assert!(told[0].contains("a translation unit, a comment or a tag has more than"), "{told:?}");
    }

    #[test]
    fn a_tag_of_too_many_attributes_is_refused_with_its_line() {
        let attributes = (0..1_001).map(|number| format!(" a{number}=\"\"")).collect::<Vec<_>>().concat();
        let told = of(&format!("<tu>\n<tuv{attributes}></tuv></tu>"));
        assert_eq!(told, ["error: cannot read `a.tmx`, line 5: an element has more than 1000 attributes"]);
    }
}
