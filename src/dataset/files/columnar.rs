//! Parquet files of pairs: the columns of `datasets`' `Translation` feature, the confidence and the document.

use std::{
    fs::File,
    io::{self, BufWriter},
    sync::Arc,
};

use parquet::{
    basic::Compression,
    data_type::{ByteArrayType, DoubleType},
    errors::ParquetError,
    file::{properties::WriterProperties, writer::SerializedFileWriter},
    schema::{parser::parse_message_type, types::ColumnPath},
};

use crate::write::parquet::gathered::Gathered;

/// The schema of a file. `datasets` sorts the languages of a translation, and does not take them in another order.
const SCHEMA: &str = "message pairs {
    required group translation { required binary en (STRING); required binary zh (STRING); }
    optional double confidence;
    required binary doc (STRING);
}";

/// The number of pairs in a row group, which are held in memory and written together: some five megabytes.
const GROUP: usize = 20_000;

/// A writer of pairs by column.
pub(super) struct Columns {
    out: SerializedFileWriter<BufWriter<File>>,
    group: Group,
}

/// The columns of the row group under way.
#[derive(Default)]
struct Group {
    pairs: usize,
    en: Gathered<ByteArrayType>,
    zh: Gathered<ByteArrayType>,
    confidence: Gathered<DoubleType>,
    doc: Gathered<ByteArrayType>,
}

impl Columns {
    /// Begins a file.
    pub(super) fn new(out: BufWriter<File>) -> io::Result<Self> {
        let schema = parse_message_type(SCHEMA).map_err(failed)?;
        // Of texts hardly one is like another; of the names of documents most are.
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_dictionary_enabled(false)
            .set_column_dictionary_enabled(ColumnPath::from("doc"), true)
            .build();
        let out = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        Ok(Self { out, group: Group::default() })
    }

    /// Adds a pair.
    pub(super) fn write(&mut self, zh: &str, en: &str, confidence: Option<f64>, doc: &str) -> io::Result<()> {
        let group = &mut self.group;
        group.zh.push(zh.into());
        group.en.push(en.into());
        group.confidence.push_optional(confidence);
        group.doc.push(doc.into());
        group.pairs += 1;
        if group.pairs >= GROUP { self.write_group().map_err(failed) } else { Ok(()) }
    }

    /// Writes the last row group, and hands everything on to the system.
    pub(super) fn finish(mut self) -> io::Result<()> {
        if self.group.pairs > 0 {
            self.write_group().map_err(failed)?;
        }
        self.out.into_inner().map_err(failed)?.into_inner()?.sync_all()
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let Group { mut en, mut zh, mut confidence, mut doc, .. } = std::mem::take(&mut self.group);
        let mut out = self.out.next_row_group()?;
        // In the order of the schema.
        for place in 0..4 {
            let Some(column) = out.next_column()? else { break };
            match place {
                0 => en.write(column)?,
                1 => zh.write(column)?,
                2 => confidence.write(column)?,
                _ => doc.write(column)?,
            }
        }
        out.close().map(drop)
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(cause) => match cause.downcast() {
            Ok(cause) => *cause,
            Err(cause) => io::Error::other(cause),
        },
        other => io::Error::other(other),
    }
}

#[cfg(test)]
mod tests {
    use parquet::{
        file::reader::{FileReader as _, SerializedFileReader},
        record::RowAccessor as _,
    };

    use super::*;

    #[test]
    fn pairs_beyond_one_group_read_back_as_they_were() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let mut writer = Columns::new(BufWriter::new(file.reopen().unwrap())).unwrap();
        let n_pairs = GROUP + 3;
        for number in 0..n_pairs {
            let confidence = (number % 2 == 0).then_some(0.5);
            writer.write(&format!("第{number}只猫"), &format!("Cat {number}"), confidence, "d.txt").unwrap();
        }
        writer.finish().unwrap();

        let reader = SerializedFileReader::new(file.reopen().unwrap()).unwrap();
        assert_eq!(reader.num_row_groups(), 2);
        let rows: Vec<_> = reader.get_row_iter(None).unwrap().map(Result::unwrap).collect();
        assert_eq!(rows.len(), n_pairs);
        for (number, row) in rows.iter().enumerate() {
            let texts = row.get_group(0).unwrap();
            assert_eq!(texts.get_string(0).unwrap(), &format!("Cat {number}"));
            assert_eq!(texts.get_string(1).unwrap(), &format!("第{number}只猫"));
            assert_eq!(row.get_double(1).ok(), (number % 2 == 0).then_some(0.5));
            assert_eq!(row.get_string(2).unwrap(), "d.txt");
        }
    }
}
