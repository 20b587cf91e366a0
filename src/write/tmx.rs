//! TMX 1.4: a translation memory, as the tools of translators read it.
//!
//! ```xml
//! <tu>
//! <prop type="x-confidence">0.98</prop>
//! <prop type="x-doc">news.txt</prop>
//! <tuv xml:lang="zh-CN"><seg>…</seg></tuv>
//! <tuv xml:lang="en"><seg>…</seg></tuv>
//! </tu>
//! ```
//! `zh-TW` stands for traditional script, `zh-CN` for simplified. The header's `srclang` is that of the first
//! document; a `tu` in the other script has a `srclang` of its own. A side without text has no `tuv`. `x-origin` is
//! `mt` where the English is the model's draft, and absent elsewhere. Text is what stands in the document, but for
//! the few characters that no XML can hold. There is no DOCTYPE, which TMX does not ask for: it would name a file
//! beside this one, and there are parsers that fail where that is not.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use quick_xml::escape::partial_escape;

use super::{Origin, Pair, PairWriter, decimal, safe::is_not_xml};
use crate::{
    both::Both,
    text::{Lang, Script},
};

/// A writer of pairs as a translation memory.
#[derive(Debug)]
pub struct TmxWriter<W> {
    out: W,
    /// The script of the Chinese that the header names, once there is one.
    script: Option<Script>,
}

impl<W: Write> TmxWriter<W> {
    /// A writer over `out`. The header is written with the first pair, for it says in which script that is.
    pub fn new(out: W) -> Self {
        Self { out, script: None }
    }

    fn header(&mut self, script: Script) -> io::Result<Script> {
        if let Some(script) = self.script {
            return Ok(script);
        }
        let (name, version, language) = (env!("CARGO_PKG_NAME"), env!("CARGO_PKG_VERSION"), code(script));
        writeln!(self.out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
        writeln!(self.out, r#"<tmx version="1.4">"#)?;
        writeln!(
            self.out,
            r#"<header creationtool="{name}" creationtoolversion="{version}" segtype="sentence" o-tmf="{name}" adminlang="en" srclang="{language}" datatype="plaintext"/>"#
        )?;
        writeln!(self.out, "<body>")?;
        Ok(*self.script.insert(script))
    }

    fn property(&mut self, name: &str, value: &str) -> io::Result<()> {
        writeln!(self.out, r#"<prop type="x-{name}">{}</prop>"#, content(value))
    }

    fn variant(&mut self, language: &str, text: &str) -> io::Result<()> {
        writeln!(self.out, r#"<tuv xml:lang="{language}"><seg>{}</seg></tuv>"#, content(text))
    }
}

impl<W: Write> PairWriter<W> for TmxWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        let language = code(pair.script);
        if self.header(pair.script)? == pair.script {
            writeln!(self.out, "<tu>")?;
        } else {
            writeln!(self.out, r#"<tu srclang="{language}">"#)?;
        }
        self.property("confidence", &decimal(pair.confidence))?;
        self.property("doc", pair.doc)?;
        if pair.origin == Origin::Mt {
            self.property("origin", &pair.origin.to_string())?;
        }
        let Both { source, target } = &pair.texts;
        // A unit must have one.
        if !source.is_empty() || target.is_empty() {
            self.variant(language, source)?;
        }
        if !target.is_empty() {
            self.variant(&Lang::En.to_string(), target)?;
        }
        writeln!(self.out, "</tu>")
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        self.header(Script::Simplified)?;
        writeln!(self.out, "</body>\n</tmx>")?;
        self.out.flush()?;
        Ok(vec![self.out])
    }
}

/// The codes by which translators' tools tell the scripts apart; few know `zh-Hans` and `zh-Hant`.
fn code(script: Script) -> &'static str {
    match script {
        Script::Simplified => "zh-CN",
        Script::Traditional => "zh-TW",
    }
}

/// `text` between tags. A parser would make a line feed of a carriage return, were it not written as a reference. What
/// XML 1.0 cannot hold at all becomes U+FFFD, or a space where it is one.
fn content(text: &str) -> Cow<'_, str> {
    let text = if text.contains(is_not_xml) {
        let replaced = text.chars().map(|c| match c {
            c if !is_not_xml(c) => c,
            c if c.is_whitespace() => ' ',
            _ => '\u{FFFD}',
        });
        Cow::Owned(replaced.collect())
    } else {
        Cow::Borrowed(text)
    };
    let escaped = partial_escape(text);
    if escaped.contains('\r') { Cow::Owned(escaped.replace('\r', "&#13;")) } else { escaped }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use quick_xml::{Reader, escape::unescape, events::Event};

    use super::*;
    use crate::write::{Format, Options, sample};

    const OPTIONS: Options = Options {
        format: Format::Tmx,
        columns: None,
        header: false,
        keep_unaligned: true,
        fill_missing: false,
        keep_moved: false,
        min_confidence: 0.0,
        several_documents: false,
    };

    /// Every element with its attributes, and every text in an element that has one, as a parser understands them.
    fn parsed(tmx: &str) -> Vec<String> {
        let mut reader = Reader::from_str(tmx);
        let (mut found, mut text) = (Vec::new(), None);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(tag) | Event::Empty(tag) => {
                    let attributes = tag.attributes().map(Result::unwrap);
                    let attributes = attributes.map(|attribute| format!("{}={}", attribute.key.0, attribute.value));
                    let words: Vec<_> = [tag.name().0.to_owned()].into_iter().chain(attributes).collect();
                    text = matches!(tag.name().0, "seg" | "prop").then(String::new);
                    found.push(words.join(" "));
                }
                Event::Text(piece) => {
                    text.as_mut().into_iter().for_each(|text| text.push_str(&piece.xml10_content()));
                }
                Event::GeneralRef(reference) => {
                    let character = unescape(&format!("&{};", &*reference)).unwrap().into_owned();
                    text.as_mut().into_iter().for_each(|text| text.push_str(&character));
                }
                Event::End(_) => found.extend(text.take()),
                Event::Eof => return found,
                _ => {}
            }
        }
    }

    #[test]
    fn a_memory_has_every_required_attribute_and_a_unit_for_each_pair() {
        let expected = "\
<?xml version=\"1.0\" encoding=\"UTF-8\"?>
<tmx version=\"1.4\">
<header creationtool=\"mtalign\" creationtoolversion=\"VERSION\" segtype=\"sentence\" o-tmf=\"mtalign\" adminlang=\"en\" srclang=\"zh-CN\" datatype=\"plaintext\"/>
<body>
<tu>
<prop type=\"x-confidence\">0.98</prop>
<prop type=\"x-doc\">animals.txt</prop>
<tuv xml:lang=\"zh-CN\"><seg>猫睡了。</seg></tuv>
<tuv xml:lang=\"en\"><seg>The cat slept.</seg></tuv>
</tu>
<tu>
<prop type=\"x-confidence\">0.91</prop>
<prop type=\"x-doc\">animals.txt</prop>
<tuv xml:lang=\"zh-CN\"><seg>狗没睡。</seg></tuv>
</tu>
";
        let tmx = sample::written(&sample::mixed(), &OPTIONS);
        assert!(tmx.starts_with(&expected.replace("VERSION", env!("CARGO_PKG_VERSION"))), "{tmx}");
        assert!(tmx.ends_with("</tu>\n</body>\n</tmx>\n"), "{tmx}");
        assert_eq!(tmx.matches("<tu>").count(), 4);
    }

    #[test]
    fn without_pairs_a_memory_is_whole_all_the_same() {
        let found = parsed(&sample::written(&sample::document(&[], &[], &[]), &OPTIONS));
        assert_eq!((found[0].as_str(), found[2].as_str(), found.len()), ("tmx version=1.4", "body", 3));
    }

    #[test]
    fn each_document_says_in_which_script_it_is() {
        let mut writer = Box::new(TmxWriter::new(Vec::new()));
        for script in [Script::Traditional, Script::Simplified, Script::Traditional] {
            writer.pair(&Pair { script, ..sample::pair() }).unwrap();
        }
        let tmx = String::from_utf8(writer.finish().unwrap().remove(0)).unwrap();
        let found = parsed(&tmx);
        assert!(found[1].contains(" srclang=zh-TW "), "{tmx}");
        let of_chinese = |found: &&String| found.starts_with("tu ") || *found == "tu" || found.contains("lang=zh");
        let scripts: Vec<_> = found[2..].iter().filter(of_chinese).collect();
        let expected =
            ["tu", "tuv xml:lang=zh-TW", "tu srclang=zh-CN", "tuv xml:lang=zh-CN", "tu", "tuv xml:lang=zh-TW"];
        assert_eq!(scripts, expected);
    }

    #[test]
    fn what_xml_cannot_hold_is_shown_and_what_it_can_is_kept() {
        for (text, expected) in [
            ("a & b < c > d ]]> \"e\" 'f' &amp;", "a &amp; b &lt; c &gt; d ]]&gt; \"e\" 'f' &amp;amp;"),
            ("\u{1}\u{1b}[31m\u{0}\u{ffff}", "\u{fffd}\u{fffd}[31m\u{fffd}\u{fffd}"),
            ("a\u{c}b\u{b}c", "a b c"),
            ("a\tb\nc\rd", "a\tb\nc&#13;d"),
            ("\u{202e}\u{2066}\u{feff}\u{85}\u{10ffff}", "\u{202e}\u{2066}\u{feff}\u{85}\u{10ffff}"),
        ] {
            assert_eq!(content(text), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn any_text_that_xml_can_hold_reads_back_equal(zh in any::<String>(), en in "[]<>&;'\"\r\n\t a\u{0}\u{202e}]*") {
            let texts = Both::new(Cow::Borrowed(zh.as_str()), Cow::Borrowed(en.as_str()));
            let mut writer = Box::new(TmxWriter::new(Vec::new()));
            writer.pair(&Pair { texts, origin: Origin::Mt, ..sample::pair() }).unwrap();
            let tmx = String::from_utf8(writer.finish().unwrap().remove(0)).unwrap();
            prop_assert!(!tmx.contains(is_not_xml));
            let shown = |text: &str| text.replace(['\u{b}', '\u{c}'], " ").replace(is_not_xml, "\u{fffd}");
            let mut expected = vec!["prop type=x-origin".to_owned(), "mt".to_owned()];
            for (language, text) in [("zh-CN", &zh), ("en", &en)] {
                if !text.is_empty() || (language == "zh-CN" && en.is_empty()) {
                    expected.extend([format!("tuv xml:lang={language}"), "seg".to_owned(), shown(text)]);
                }
            }
            let found = parsed(&tmx);
            prop_assert_eq!(&found[found.len() - expected.len()..], expected);
        }
    }
}
