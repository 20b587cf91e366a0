//! JSON Lines: an object a pair, `{"translation":{"zh":…,"en":…},"confidence":…,"doc":…,…}`.
//!
//! `translation` is what Hugging Face's translation examples read. Keys stand in the same order on every line, and
//! every line has the same keys: `mt` is null where there is no translation. Text is exactly what stands in the file,
//! line breaks included (as `\n`).

use std::io::{self, Write};

use serde::{Serialize, Serializer, ser::SerializeMap};

use super::{Column, Pair, PairWriter};

/// The default columns.
pub const DEFAULT_COLUMNS: [Column; 10] = [
    Column::Zh,
    Column::En,
    Column::Confidence,
    Column::Doc,
    Column::Kind,
    Column::ZhIds,
    Column::EnIds,
    Column::Mt,
    Column::MtFlaw,
    Column::Origin,
];

/// A writer of pairs as JSON Lines.
#[derive(Debug)]
pub struct JsonlWriter<W> {
    out: W,
    columns: Vec<Column>,
}

impl<W: Write> JsonlWriter<W> {
    /// A writer of the keys that `columns` names.
    pub fn new(out: W, columns: Vec<Column>) -> Self {
        Self { out, columns }
    }
}

impl<W: Write> PairWriter<W> for JsonlWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        serde_json::to_writer(&mut self.out, &Line { pair, columns: &self.columns })?;
        self.out.write_all(b"\n")
    }

    fn end_document(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        self.out.flush()?;
        Ok(vec![self.out])
    }
}

/// A pair as a line has it, with the keys of these columns.
pub(super) struct Line<'l> {
    pub(super) pair: &'l Pair<'l>,
    pub(super) columns: &'l [Column],
}

impl Serialize for Line<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (mut map, pair) = (serializer.serialize_map(None)?, self.pair);
        let wanted = |column| self.columns.contains(&column);
        if wanted(Column::Zh) || wanted(Column::En) {
            let zh = wanted(Column::Zh).then_some(&*pair.texts.source);
            let en = wanted(Column::En).then_some(&*pair.texts.target);
            map.serialize_entry("translation", &Texts { zh, en })?;
        }
        for &column in self.columns {
            let key = column.name();
            match column {
                Column::Zh | Column::En => {}
                Column::Confidence | Column::MtProbability => map.serialize_entry(key, &pair.number(column))?,
                Column::Kind => map.serialize_entry(key, &pair.kind_name())?,
                Column::ZhIds => map.serialize_entry(key, &pair.ids.source)?,
                Column::EnIds => map.serialize_entry(key, &pair.ids.target)?,
                Column::Mt => map.serialize_entry(key, &pair.mt)?,
                Column::MtFlaw => map.serialize_entry(key, &pair.mt_flaw)?,
                Column::Doc => map.serialize_entry(key, pair.doc)?,
                Column::Origin => map.serialize_entry(key, &pair.origin.to_string())?,
            }
        }
        map.end()
    }
}

#[derive(Serialize)]
struct Texts<'t> {
    #[serde(skip_serializing_if = "Option::is_none")]
    zh: Option<&'t str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    en: Option<&'t str>,
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::{
        both::Both,
        write::{Format, Options, sample},
    };

    #[test]
    fn keys_stand_in_the_same_order_on_every_line() {
        let options = Options { format: Format::Jsonl, keep_unaligned: true, ..Options::default() };
        let lines = sample::written(&sample::mixed(), &options);
        let expected = [
            r#"{"translation":{"zh":"猫睡了。","en":"The cat slept."},"confidence":0.98,"doc":"animals.txt","kind":"1:1","zh_ids":[0],"en_ids":[0],"mt":"Translation 0.","mt_flaw":null,"origin":"human"}"#,
            r#"{"translation":{"zh":"","en":"The end."},"confidence":0.87,"doc":"animals.txt","kind":"0:1","zh_ids":[],"en_ids":[3],"mt":null,"mt_flaw":null,"origin":"human"}"#,
        ];
        let lines: Vec<_> = lines.lines().collect();
        assert_eq!([lines[0], lines[3]], expected);
    }

    #[test]
    fn chosen_columns_are_the_only_keys() {
        let columns = Some(vec![Column::Kind, Column::En, Column::Confidence]);
        let options = Options { format: Format::Jsonl, columns, ..Options::default() };
        let lines = sample::written(&sample::mixed(), &options);
        assert_eq!(
            lines.lines().next().unwrap(),
            r#"{"translation":{"en":"The cat slept."},"kind":"1:1","confidence":0.98}"#
        );
    }

    proptest! {
        #[test]
        fn any_text_reads_back_equal_from_one_line(
            zh in any::<String>(),
            en in any::<String>(),
            ids in prop::collection::vec(any::<usize>(), 0..4),
        ) {
            let pair = Pair {
                doc: "文件.txt",
                texts: Both::new(Cow::Borrowed(zh.as_str()), Cow::Borrowed(en.as_str())),
                ids: Both::new(ids.clone(), Vec::new()),
                confidence: 0.123_456,
                mt: Some(Cow::Borrowed(en.as_str())),
                mt_flaw: None,
                mt_probability: None,
                ..sample::pair()
            };
            let mut out = Vec::new();
            JsonlWriter::new(&mut out, DEFAULT_COLUMNS.to_vec()).pair(&pair).unwrap();
            let line = String::from_utf8(out).unwrap();
            prop_assert_eq!(line.find('\n'), Some(line.len() - 1));
            let read: Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read["translation"], &json!({ "zh": zh, "en": en }));
            prop_assert_eq!(&read["zh_ids"], &json!(ids));
            prop_assert_eq!(&read["mt"], &json!(en));
            prop_assert_eq!(&read["confidence"], &json!(0.1235));
        }
    }
}
