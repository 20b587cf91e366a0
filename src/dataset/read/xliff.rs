//! XLIFF 1.2 and 2.0: what translators' programs exchange, `.sdlxliff` and `.mqxliff` too.
//!
//! A unit is a pair of its source and its target; where both are cut into segments (`mrk mtype="seg"` in 1.2,
//! `segment` in 2.0), each of these is one. Suggestions (`alt-trans`, `match`) are no text of the unit. Which side is
//! Chinese the file says, or where it does not the texts do. A target that a machine made and nobody has confirmed is
//! marked as such.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    path::Path,
    sync::Arc,
};

use super::{
    BadLine, Row,
    segment::{Code, Segment, code},
    xml::{Tag, Token, Xml},
};
use crate::{
    dataset::{Candidate, aligned::tidy},
    error::Result,
    ingest::language,
    text::Lang,
};

/// What the two languages of a file are, as it says; empty where it does not.
#[derive(Debug, Clone, Default)]
struct Languages {
    source: String,
    target: String,
}

/// The rows of the file.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let mut document = Document {
        xml: Xml::open(path)?,
        languages: Languages::default(),
        open: Vec::new(),
        unit: None,
        ready: VecDeque::new(),
    };
    let mut ended = false;
    Ok(std::iter::from_fn(move || {
        let row = if ended { None } else { document.next().transpose() };
        ended = !matches!(row, Some(Ok(_)));
        row
    }))
}

struct Document {
    xml: Xml,
    languages: Languages,
    /// The elements that are open.
    open: Vec<String>,
    unit: Option<Unit>,
    ready: VecDeque<Row>,
}

/// A unit of 1.2, or a segment of 2.0, under way.
#[derive(Default)]
struct Unit {
    line: usize,
    source: Text,
    /// The source again, cut into segments, as 1.2 has it.
    cut_source: Text,
    target: Text,
    /// Which of the three is open.
    side: Option<Side>,
    /// The codes that are open in it.
    codes: usize,
    /// Whether the target is a machine's, and of which segments Trados says so.
    is_draft: bool,
    drafts: HashSet<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Source,
    CutSource,
    Target,
}

/// A text, as a whole and in segments, each with its mark.
#[derive(Default)]
struct Text {
    whole: Segment,
    segments: Vec<(String, String)>,
    /// The segment that is open: its mark, its text, and the elements that are open in it.
    open: Option<(String, Segment, usize)>,
}

impl Document {
    fn next(&mut self) -> Result<Option<Row>> {
        loop {
            if let Some(row) = self.ready.pop_front() {
                return Ok(Some(row));
            }
            let line = self.xml.line();
            match self.xml.next()? {
                Token::Eof if self.unit.is_some() => {
                    return Err(self.xml.failed(line, "the file ends inside a translation unit"));
                }
                Token::Eof => return self.xml.check_whole().map(|()| None),
                Token::Start(tag) => {
                    self.start(&tag, line);
                    self.open.push(tag.name);
                }
                Token::End(name) => {
                    self.open.pop();
                    self.end(&name);
                }
                Token::Text(text) => {
                    if let Some(unit) = &mut self.unit {
                        unit.text(&text);
                    }
                }
            }
            if self.unit.is_none() {
                self.xml.forget();
            }
        }
    }

    fn start(&mut self, tag: &Tag, line: usize) {
        match (tag.name.as_str(), &mut self.unit) {
            ("xliff" | "file", None) => {
                let said =
                    |names: [&str; 2]| names.iter().map(|name| tag.attribute(name)).find(|value| !value.is_empty());
                if let Some(source) = said(["srcLang", "source-language"]) {
                    source.clone_into(&mut self.languages.source);
                }
                if let Some(target) = said(["trgLang", "target-language"]) {
                    target.clone_into(&mut self.languages.target);
                }
            }
            ("trans-unit" | "segment", None) => self.unit = Some(Unit { line, ..Unit::default() }),
            (_, Some(unit)) => unit.start(tag, self.open.last().map_or("", String::as_str)),
            (_, None) => {}
        }
    }

    fn end(&mut self, name: &str) {
        if matches!(name, "trans-unit" | "segment") {
            if let Some(unit) = self.unit.take() {
                unit.rows(self.xml.path(), &self.languages, &mut self.ready);
            }
        } else if let Some(unit) = &mut self.unit {
            unit.end(name, self.open.last().map_or("", String::as_str));
        }
    }
}

/// Whether an element with this parent is of the unit itself: others are of suggestions inside it.
fn is_of_unit(parent: &str) -> bool {
    matches!(parent, "trans-unit" | "segment")
}

impl Unit {
    fn start(&mut self, tag: &Tag, parent: &str) {
        if self.side.is_some() {
            self.element(Some(tag), &tag.name);
            return;
        }
        match tag.name.as_str() {
            "source" if is_of_unit(parent) => self.side = Some(Side::Source),
            "seg-source" if is_of_unit(parent) => self.side = Some(Side::CutSource),
            "target" if is_of_unit(parent) => {
                self.side = Some(Side::Target);
                self.is_draft = matches!(tag.attribute("state-qualifier"), "mt-suggestion" | "leveraged-mt");
            }
            // Trados: how each segment came about, after them.
            "seg" if parent == "seg-defs" && matches!(tag.attribute("origin"), "mt" | "nmt" | "amt") => {
                self.drafts.insert(tag.attribute("id").to_owned());
            }
            _ => {}
        }
        self.codes = 0;
    }

    fn end(&mut self, name: &str, parent: &str) {
        if self.side.is_none() {
            return;
        }
        if matches!(name, "source" | "seg-source" | "target") && is_of_unit(parent) {
            self.side = None;
        } else {
            self.element(None, name);
        }
    }

    /// Takes note of an element in a text that opens, with its tag, or closes.
    fn element(&mut self, tag: Option<&Tag>, name: &str) {
        let code = code(name);
        if code.is_some() {
            self.codes = if tag.is_some() { self.codes + 1 } else { self.codes.saturating_sub(1) };
        }
        let is_hidden = self.codes > 0;
        let Some(text) = self.open_text() else { return };
        if name == "mrk" && !is_hidden {
            text.mark(tag);
        }
        text.each(|segment| segment.code(code.unwrap_or(Code::Format)));
        // A character that XML cannot hold, of which none is text.
        if name == "cp" {
            text.each(|segment| segment.code(Code::Placeholder));
        }
    }

    fn text(&mut self, text: &str) {
        let is_hidden = self.codes > 0;
        if let Some(open) = self.open_text().filter(|_| !is_hidden) {
            open.each(|segment| segment.push(text));
        }
    }

    fn open_text(&mut self) -> Option<&mut Text> {
        Some(match self.side? {
            Side::Source => &mut self.source,
            Side::CutSource => &mut self.cut_source,
            Side::Target => &mut self.target,
        })
    }

    fn rows(mut self, path: &Arc<str>, languages: &Languages, rows: &mut VecDeque<Row>) {
        let sources = if self.cut_source.segments.is_empty() { &mut self.source } else { &mut self.cut_source };
        let are_cut = !sources.segments.is_empty() && !self.target.segments.is_empty();
        let pairs: Vec<(String, String, bool)> = if are_cut {
            let mut targets: HashMap<String, VecDeque<String>> = HashMap::new();
            for (mark, target) in self.target.segments {
                targets.entry(mark).or_default().push_back(target);
            }
            let of = |(mark, source): (String, String)| {
                let target = targets.get_mut(&mark).and_then(VecDeque::pop_front);
                (source, target.unwrap_or_default(), self.is_draft || self.drafts.contains(&mark))
            };
            std::mem::take(&mut sources.segments).into_iter().map(of).collect()
        } else {
            let is_draft = self.is_draft || !self.drafts.is_empty();
            vec![(self.source.whole.take(), self.target.whole.take(), is_draft)]
        };
        rows.extend(pairs.into_iter().map(|(source, target, is_draft)| {
            let (source, target) = (tidy(&source), tidy(&target));
            let bad = |what: String| Row::Bad(BadLine { path: Arc::clone(path), line: self.line, what });
            if source.contains('\u{FFFD}') || target.contains('\u{FFFD}') {
                return bad("it has bytes that are no text".to_owned());
            }
            let Some(source_lang) = languages.of_source(&source, &target) else {
                let Languages { source, target } = languages;
                return bad(format!("it is from `{}` to `{}`, not of Chinese and English", tidy(source), tidy(target)));
            };
            let (zh, en) = if source_lang == Lang::Zh { (source, target) } else { (target, source) };
            let (doc, line) = (Arc::clone(path), Some(self.line));
            Row::Pair(Candidate { zh, en, confidence: None, doc, line, flaw: None, is_draft })
        }));
    }
}

impl Text {
    /// Takes note of a `mrk` that opens, with its tag, or closes.
    fn mark(&mut self, tag: Option<&Tag>) {
        match (tag, &mut self.open) {
            (Some(tag), None) if tag.attribute("mtype") == "seg" => {
                self.open = Some((tag.attribute("mid").to_owned(), Segment::default(), 0));
            }
            (Some(_), Some((_, _, depth))) => *depth += 1,
            (None, Some((_, _, depth))) if *depth > 0 => *depth -= 1,
            (None, Some(_)) => {
                if let Some((mark, mut segment, _)) = self.open.take() {
                    self.segments.push((mark, segment.take()));
                }
            }
            _ => {}
        }
    }

    fn each(&mut self, mut change: impl FnMut(&mut Segment)) {
        change(&mut self.whole);
        if let Some((_, segment, _)) = &mut self.open {
            change(segment);
        }
    }
}

impl Languages {
    /// The language of the source; none where the two are not Chinese and English.
    fn of_source(&self, source: &str, target: &str) -> Option<Lang> {
        let other = |lang: Lang| if lang == Lang::Zh { Lang::En } else { Lang::Zh };
        match (self.source.as_str(), self.target.as_str()) {
            ("", "") => language(source).or_else(|| language(target).map(other)),
            (it, "") => Lang::of_code(it),
            ("", it) => Lang::of_code(it).map(other),
            (it, of_target) => Lang::of_code(it).filter(|&lang| Lang::of_code(of_target) == Some(other(lang))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::told;

    const HEAD: &str = "<?xml version=\"1.0\"?>\n<xliff version=\"1.2\"><file source-language=\"en-US\" target-language=\"zh-CN\"><body>\n";

    fn of(units: &str) -> Vec<String> {
        told(&[("a.xlf", format!("{HEAD}{units}</body></file></xliff>").as_bytes())])
    }

    #[test]
    fn units_are_pairs_and_suggestions_are_not() {
        let units = "<trans-unit id=\"1\"><source>The <g id=\"1\">lift</g> is<x id=\"2\"/> out of order.</source>\
            <target>电梯<bpt id=\"1\">&lt;b></bpt>坏了<ept id=\"1\">&lt;/b></ept>。</target>\
            <alt-trans><source>The lift</source><target>升降机</target></alt-trans></trans-unit>\n\
            <trans-unit id=\"2\"><source>Take the stairs.</source><target state=\"needs-translation\"/></trans-unit>\n\
            <trans-unit id=\"3\"><source>Mind the gap.</source><target state-qualifier=\"leveraged-mt\">小心间隙。</target></trans-unit>";
        let expected = [
            "3: 电梯坏了。 | The lift is out of order. | - | a.xlf",
            "4:  | Take the stairs. | - | a.xlf",
            "5: 小心间隙。 | Mind the gap. | - | a.xlf | draft",
        ];
        assert_eq!(of(units), expected);
    }

    #[test]
    fn segments_are_pairs_of_one_mark() {
        let units = "<trans-unit id=\"1\"><source>It rained. We <g id=\"9\">stayed</g> in.</source><seg-source>\
            <g id=\"1\"><mrk mtype=\"seg\" mid=\"1\">It rained.</mrk> <mrk mtype=\"seg\" mid=\"2\">We <mrk mtype=\"term\">stayed</mrk> in.</mrk></g>\
            </seg-source><target><mrk mtype=\"seg\" mid=\"2\">我们待在家里。</mrk><mrk mtype=\"seg\" mid=\"1\">下雨了。</mrk></target>\
            <sdl:seg-defs xmlns:sdl=\"x\"><sdl:seg id=\"1\" conf=\"Draft\" origin=\"nmt\"/><sdl:seg id=\"2\"/></sdl:seg-defs></trans-unit>";
        let expected =
            ["3: 下雨了。 | It rained. | - | a.xlf | draft", "3: 我们待在家里。 | We stayed in. | - | a.xlf"];
        assert_eq!(of(units), expected);
    }

    #[test]
    fn as_many_segments_as_a_unit_can_hold_are_paired_in_linear_time() {
        let segments = |text: &str, numbers: &mut dyn Iterator<Item = usize>| -> String {
            numbers
                .map(|number| format!("<mrk mtype=\"seg\" mid=\"{number}\">{text}{number}</mrk>"))
                .collect::<Vec<_>>()
                .concat()
        };
        let (en, zh) = (segments("A", &mut (0..40_000)), segments("一", &mut (0..40_000).rev()));
        let unit = format!("<trans-unit id=\"1\"><seg-source>{en}</seg-source><target>{zh}</target></trans-unit>");
        let pairs = of(&unit);
        assert_eq!(pairs.len(), 40_000);
        assert_eq!(pairs[39_999], "3: 一39999 | A39999 | - | a.xlf");
    }

    #[test]
    fn the_second_version_is_read() {
        let text = "<xliff version=\"2.0\" srcLang=\"zh\" trgLang=\"en\"><file id=\"f\"><unit id=\"u\"><notes><note>n</note></notes>\
            <mtc:matches xmlns:mtc=\"m\"><mtc:match><source>雨</source><target>rain</target></mtc:match></mtc:matches>\
            <originalData><data id=\"d\">&lt;b></data></originalData>\
            <segment><source>下<pc id=\"1\">雨</pc>了。</source><target>It <ph id=\"2\"/> rained.</target></segment>\
            <ignorable><source> </source></ignorable><segment><source>天黑了。</source><target>Night fell.</target></segment></unit></file></xliff>";
        let expected = ["1: 下雨了。 | It rained. | - | a.xliff", "1: 天黑了。 | Night fell. | - | a.xliff"];
        assert_eq!(told(&[("a.xliff", text.as_bytes())]), expected);
    }

    #[test]
    fn languages_are_those_of_the_file_or_of_the_texts() {
        let unit =
            "<trans-unit id=\"1\"><source>It rained all night.</source><target>下了一夜的雨。</target></trans-unit>";
        let with = |attributes: &str| {
            let text = format!("<xliff version=\"1.2\"><file {attributes}><body>{unit}</body></file></xliff>");
            told(&[("a.xlf", text.as_bytes())])
        };
        for attributes in ["", "source-language=\"en\"", "source-language=\"EN_us\" target-language=\"zh_Hans\""] {
            assert_eq!(with(attributes), ["1: 下了一夜的雨。 | It rained all night. | - | a.xlf"], "{attributes}");
        }
        let expected = ["bad: `a.xlf`, line 1: it is from `en` to `de`, not of Chinese and English"];
        assert_eq!(with("source-language=\"en\" target-language=\"de\""), expected);
    }

    #[test]
    fn what_is_cut_off_ends_the_reading_with_its_line() {
        let told = told(&[("a.xlf", format!("{HEAD}<trans-unit><source>A").as_bytes())]);
        assert_eq!(told, ["error: cannot read `a.xlf`, line 3: the file ends inside a translation unit"]);
        let unit = "<trans-unit id=\"1\"><source>It rained.</source><target>下雨了。</target></trans-unit>";
        let told = super::super::tests::told(&[("a.xlf", format!("{HEAD}{unit}\n").as_bytes())]);
        assert_eq!(told[0], "3: 下雨了。 | It rained. | - | a.xlf");
        assert!(told[1].starts_with("error: cannot read `a.xlf`, line 4: the file ends early"), "{told:?}");
    }
}
