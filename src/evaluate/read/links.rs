//! XML links: XCES as in OPUS, `<link xtargets="s1 s2;s1"/>`, and InterText,
//! `<link type="2-1" xtargets="1:1 1:2;1:1"/>`.
//!
//! **Which side is the source.** Both formats name their files in `fromDoc` and `toDoc`. XCES has the sentences of
//! `fromDoc` first, InterText (known by `type`) those of `toDoc`. The source is the file whose name holds `zh`, where
//! the other's holds `en`; where the names do not say, it is `fromDoc`; where there are no names, it comes first.
//!
//! **Which sentence is meant.** An id ends in a number, counted from 1. Where all ids of a side have the same beginning
//! (`s`, or `1:` for the only paragraph), that number is the sentence's. Where numbers start again (`1:9 2:1`),
//! sentences are counted as they come; this needs every sentence to be linked, so a gap in the numbers is an error.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{Link, Malformed};
use crate::both::Both;

/// Reads an XML document.
pub(super) fn parse(text: &str) -> Result<Vec<Link>, Malformed> {
    let mut reader = Reader::from_str(text);
    let mut group = Group::default();
    let (mut line, mut counted_to, mut open) = (1, 0, 0_usize);
    loop {
        let event = reader.read_event();
        let position = if event.is_err() { reader.error_position() } else { reader.buffer_position() };
        let position = usize::try_from(position).unwrap_or(usize::MAX);
        if let Some(passed) = text.get(counted_to..position) {
            line += passed.matches('\n').count();
            counted_to = position;
        }
        let malformed = |what| Malformed { line, what };
        match event.map_err(|error| malformed(error.to_string()))? {
            Event::Eof if open > 0 => {
                return Err(malformed("the file ends early: its last elements are open".to_owned()));
            }
            Event::Eof => break,
            Event::Start(tag) => {
                open += 1;
                group.take(&tag, line).map_err(malformed)?;
            }
            Event::Empty(tag) => group.take(&tag, line).map_err(malformed)?,
            Event::End(_) => open = open.saturating_sub(1),
            _ => {}
        }
    }
    group.numbered()
}

/// The links of one pair of files.
#[derive(Default)]
struct Group {
    from_doc: Option<String>,
    to_doc: Option<String>,
    /// Whether a link has a `type`.
    is_intertext: bool,
    /// The line of each link, and the ids of its halves.
    links: Vec<(usize, [Vec<String>; 2])>,
}

impl Group {
    fn take(&mut self, tag: &BytesStart<'_>, line: usize) -> Result<(), String> {
        match tag.local_name().as_ref() {
            "linkGrp" if self.links.is_empty() => {
                self.from_doc = attribute(tag, "fromDoc")?;
                self.to_doc = attribute(tag, "toDoc")?;
            }
            "linkGrp" => return Err("a second document begins; give each document its own file".to_owned()),
            "link" => {
                self.is_intertext |= attribute(tag, "type")?.is_some();
                let targets = attribute(tag, "xtargets")?.ok_or("a link without `xtargets`")?;
                let halves = targets.split_once(';').ok_or_else(|| format!("`{targets}` has no `;`"))?;
                let ids = |half: &str| half.split_whitespace().map(str::to_owned).collect();
                self.links.push((line, [ids(halves.0), ids(halves.1)]));
            }
            _ => {}
        }
        Ok(())
    }

    fn numbered(self) -> Result<Vec<Link>, Malformed> {
        if self.links.is_empty() {
            return Err(Malformed { line: 1, what: "there is no `<link xtargets=…>` in it".to_owned() });
        }
        let source_first = self.source_is_first();
        let [first, second] = [0, 1].map(|half| {
            let ids = self.links.iter().map(|(line, halves)| (*line, halves[half].as_slice()));
            numbers(&ids.collect::<Vec<_>>())
        });
        let pairs = first?.into_iter().zip(second?);
        Ok(pairs
            .map(|(first, second)| Both::new(first, second))
            .map(|link| if source_first { link } else { link.swap() })
            .collect())
    }

    fn source_is_first(&self) -> bool {
        let (Some(from), Some(to)) = (&self.from_doc, &self.to_doc) else { return true };
        let from_is_source = !(has_word(from, "en") && has_word(to, "zh") && !has_word(from, "zh"));
        let from_is_first = !self.is_intertext;
        from_is_source == from_is_first
    }
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    let Some(found) = tag.try_get_attribute(name).map_err(|error| error.to_string())? else { return Ok(None) };
    let value = found.normalized_value(XmlVersion::Implicit1_0).map_err(|error| error.to_string())?;
    Ok(Some(value.into_owned()))
}

/// Whether `word` stands in a file name between other characters than letters: `zh` in `corpus_zh.xml`.
fn has_word(name: &str, word: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphabetic()).any(|part| part.eq_ignore_ascii_case(word))
}

/// The 0-based sentence numbers of one side.
fn numbers(links: &[(usize, &[String])]) -> Result<Vec<Vec<usize>>, Malformed> {
    let ids = links.iter().flat_map(|&(line, ids)| ids.iter().map(move |id| Id::new(line, id)));
    let ids: Vec<_> = ids.collect::<Result<_, _>>()?;
    let starts_again = ids.windows(2).any(|pair| pair[0].beginning != pair[1].beginning);
    let numbers: Vec<_> = if starts_again { counted(&ids)? } else { ids.iter().map(|id| id.number - 1).collect() };
    let mut numbers = numbers.into_iter();
    Ok(links.iter().map(|(_, ids)| numbers.by_ref().take(ids.len()).collect()).collect())
}

struct Id<'t> {
    line: usize,
    /// What stands before the number.
    beginning: &'t str,
    /// At least 1.
    number: usize,
}

impl<'t> Id<'t> {
    fn new(line: usize, id: &'t str) -> Result<Self, Malformed> {
        let beginning = id.trim_end_matches(|c: char| c.is_ascii_digit());
        match id[beginning.len()..].parse() {
            Ok(number) if number > 0 => Ok(Self { line, beginning, number }),
            _ => Err(Malformed { line, what: format!("the id `{id}` does not end in a number from 1") }),
        }
    }
}

fn counted(ids: &[Id<'_>]) -> Result<Vec<usize>, Malformed> {
    let mut last: Option<&Id<'_>> = None;
    for id in ids {
        let Id { line, beginning, number } = *id;
        let expected = last.filter(|last| last.beginning == beginning).map_or(1, |last| last.number + 1);
        if number != expected {
            let what = format!("the id `{beginning}{number}` comes where `{beginning}{expected}` is expected");
            return Err(Malformed { line, what });
        }
        last = Some(id);
    }
    Ok((0..ids.len()).collect())
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::{both::Both, error::Error, evaluate::Link};

    fn link(source: &[usize], target: &[usize]) -> Link {
        Both::new(source.to_vec(), target.to_vec())
    }

    #[test]
    fn xces_has_the_sentences_of_from_doc_first() {
        let text = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<!DOCTYPE cesAlign PUBLIC \"-//CES//DTD XML cesAlign//EN\" \"\">\n\
            <cesAlign version=\"1.0\">\n<linkGrp targType=\"s\" fromDoc=\"zh_cn/a.xml.gz\" toDoc=\"en/a.xml.gz\">\n\
            <link xtargets=\"s1 s2;s1\" id=\"SL1\" certainty=\"0.88\"/>\n<link xtargets=\";s2\" id=\"SL2\"></link>\n\
            <link xtargets=\"s3;\"/>\n</linkGrp>\n</cesAlign>\n";
        assert_eq!(parse("x", text).unwrap(), [link(&[0, 1], &[0]), link(&[], &[1]), link(&[2], &[])]);
        let english_first = text.replace("zh_cn/", "fr/").replace("en/", "zh/").replace("fr/", "en/");
        assert_eq!(parse("x", &english_first).unwrap()[0], link(&[0], &[0, 1]));
    }

    #[test]
    fn intertext_has_the_sentences_of_to_doc_first() {
        let text = "<linkGrp toDoc=\"book.1_en.xml\" fromDoc=\"book.1_zh.xml\">\n\
            <link type='1-2' xtargets='1:1;1:1 1:2' status='man'/>\n<link type='0-1' xtargets=';1:3'/>\n</linkGrp>";
        assert_eq!(parse("x", text).unwrap(), [link(&[0, 1], &[0]), link(&[2], &[])]);
        let unnamed = text.replace("_en", "_a").replace("_zh", "_b");
        assert_eq!(parse("x", &unnamed).unwrap()[0], link(&[0, 1], &[0]));
        let turned = text.replace("_en", "_x").replace("_zh", "_en").replace("_x", "_zh");
        assert_eq!(parse("x", &turned).unwrap()[0], link(&[0], &[0, 1]));
    }

    #[test]
    fn numbers_that_start_again_are_counted_through() {
        let text = "<linkGrp><link xtargets='1:1 1:2;s1'/><link xtargets='2:1;s2'/></linkGrp>";
        assert_eq!(parse("x", text).unwrap(), [link(&[0, 1], &[0]), link(&[2], &[1])]);
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_its_line() {
        for (text, line, what) in [
            ("<linkGrp>\n<link xtargets='1:1;s1'/>\n<link xtargets='2:2;s2'/></linkGrp>", 3, "`2:1` is expected"),
            ("<linkGrp>\n<link xtargets='s0;s1'/></linkGrp>", 2, "from 1"),
            ("<linkGrp>\n<link xtargets='s1 s2'/></linkGrp>", 2, "no `;`"),
            ("<linkGrp>\n<link/></linkGrp>", 2, "without `xtargets`"),
            ("<linkGrp><link xtargets='s1;s1'/></linkGrp>\n<linkGrp>", 2, "second document"),
            ("<linkGrp>\n<link xtargets='s1;s1'></linkGrp>", 2, "link"),
            ("<linkGrp></linkGrp>", 1, "no `<link"),
            ("<cesAlign><linkGrp>\n<link xtargets='s1;s1'/>\n</linkGrp>", 3, "ends early"),
            ("<linkGrp>\n<link xtargets='s1;s1'/>", 2, "ends early"),
        ] {
            let error = parse("x", text).unwrap_err();
            assert!(matches!(&error, Error::Format { line: found, .. } if *found == line), "{text:?}: {error}");
            assert!(error.to_string().contains(what), "{error}");
        }
    }
}
