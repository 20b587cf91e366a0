//! Parquet: the columns of the other tables, for training and analysis; `datasets.load_dataset("parquet", …)` reads it.
//!
//! The numbers of sentences are lists, `mt` is null where there is no translation, `confidence` is a double. Text is
//! exactly what stands in the document. Rows are gathered into row groups of bounded size, so that neither writing nor
//! reading needs the whole; a file is written from its start to its end, so that a pipe will do.

pub(crate) mod gathered;

use std::{
    io::{self, Write},
    sync::Arc,
};

use parquet::{
    basic::Compression,
    data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type},
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};

use self::gathered::Gathered;
use super::{Column, Pair, PairWriter, rounded};

/// The default columns: all that JSON Lines have, so that files can be joined.
pub const DEFAULT_COLUMNS: [Column; 10] = [
    Column::Zh,
    Column::En,
    Column::Confidence,
    Column::Kind,
    Column::ZhIds,
    Column::EnIds,
    Column::Mt,
    Column::MtFlaw,
    Column::Doc,
    Column::Origin,
];

/// The bytes of text after which a row group ends: some hundred thousand pairs. Readers want groups of at least
/// 100,000 rows (DuckDB) and of less than 300 MB (the viewer of Hugging Face).
const ROW_GROUP_BYTES: usize = 32 << 20;

/// The bytes that a row counts for beside its text.
const ROW_BYTES: usize = 64;

/// A writer of pairs as Parquet.
pub struct ParquetWriter<W> {
    out: W,
    /// The file in memory, from where each row group is handed on: so what fails in `out` is known for what it is.
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<(Column, Cells)>,
    gathered_bytes: usize,
    group_bytes: usize,
}

impl<W: Write> ParquetWriter<W> {
    /// A writer of `columns`, no two of them the same, over `out`.
    pub fn begin(out: W, columns: Vec<Column>) -> io::Result<Self> {
        Self::with_groups_of(ROW_GROUP_BYTES, out, columns)
    }

    fn with_groups_of(group_bytes: usize, out: W, columns: Vec<Column>) -> io::Result<Self> {
        let fields: String = columns.iter().map(|&column| field(column)).collect();
        let schema = parse_message_type(&format!("message pairs {{ {fields} }}")).map_err(failed)?;
        let properties = WriterProperties::builder()
            .set_compression(Compression::SNAPPY)
            .set_created_by(concat!(env!("CARGO_PKG_NAME"), " ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        let file = SerializedFileWriter::new(Vec::new(), Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        let columns = columns.into_iter().map(|column| (column, Cells::of(column))).collect();
        Ok(Self { out, file, columns, gathered_bytes: 0, group_bytes })
    }

    fn end_group(&mut self) -> io::Result<()> {
        if self.gathered_bytes == 0 {
            return Ok(());
        }
        self.gathered_bytes = 0;
        self.write_group().map_err(failed)?;
        self.file.flush()?;
        self.out.write_all(self.file.inner())?;
        self.file.inner_mut().clear();
        Ok(())
    }

    fn write_group(&mut self) -> Result<(), ParquetError> {
        let mut group = self.file.next_row_group()?;
        for (_, cells) in &mut self.columns {
            let Some(column) = group.next_column()? else { break };
            cells.write(column)?;
        }
        group.close().map(drop)
    }
}

impl<W: Write> PairWriter<W> for ParquetWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        for (column, cells) in &mut self.columns {
            cells.push(*column, pair)?;
        }
        let text = pair.texts.source.len() + pair.texts.target.len() + pair.mt.as_ref().map_or(0, |mt| mt.len());
        self.gathered_bytes += text + pair.doc.len() + ROW_BYTES;
        if self.gathered_bytes < self.group_bytes { Ok(()) } else { self.end_group() }
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        self.end_group()?;
        let end = self.file.into_inner().map_err(failed)?;
        self.out.write_all(&end)?;
        self.out.flush()?;
        Ok(vec![self.out])
    }
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}

/// A column in the language of schemas.
fn field(column: Column) -> String {
    let name = column.name();
    match column {
        Column::Zh | Column::En | Column::Kind | Column::Doc | Column::Origin => {
            format!("REQUIRED BYTE_ARRAY {name} (STRING); ")
        }
        Column::Mt | Column::MtFlaw => format!("OPTIONAL BYTE_ARRAY {name} (STRING); "),
        Column::Confidence => format!("REQUIRED DOUBLE {name}; "),
        Column::MtProbability => format!("OPTIONAL DOUBLE {name}; "),
        Column::ZhIds | Column::EnIds => {
            format!("REQUIRED GROUP {name} (LIST) {{ REPEATED GROUP list {{ REQUIRED INT64 element; }} }} ")
        }
    }
}

/// The cells gathered of a column.
enum Cells {
    Texts(Gathered<ByteArrayType>),
    Numbers(Gathered<DoubleType>),
    Ids(Gathered<Int64Type>),
}

impl Cells {
    fn of(column: Column) -> Self {
        match column {
            _ if column.holds_numbers() => Self::Numbers(Gathered::default()),
            Column::ZhIds | Column::EnIds => Self::Ids(Gathered::default()),
            _ => Self::Texts(Gathered::default()),
        }
    }

    fn push(&mut self, column: Column, pair: &Pair<'_>) -> io::Result<()> {
        match self {
            Self::Numbers(numbers) if column == Column::Confidence => numbers.push(rounded(pair.confidence)),
            Self::Numbers(numbers) => numbers.push_optional(pair.number(column)),
            Self::Ids(lists) => {
                let ids = if column == Column::ZhIds { &pair.ids.source } else { &pair.ids.target };
                let ids: Result<Vec<i64>, _> = ids.iter().map(|&id| i64::try_from(id)).collect();
                lists.push_list(ids.map_err(io::Error::other)?);
            }
            Self::Texts(texts) => match column {
                Column::Mt => texts.push_optional(pair.mt.as_deref().map(ByteArray::from)),
                Column::MtFlaw => texts.push_optional(pair.mt_flaw.map(ByteArray::from)),
                Column::Zh => texts.push(ByteArray::from(&*pair.texts.source)),
                Column::En => texts.push(ByteArray::from(&*pair.texts.target)),
                Column::Kind => texts.push(ByteArray::from(pair.kind_name().into_bytes())),
                Column::Origin => texts.push(ByteArray::from(pair.origin.to_string().into_bytes())),
                _ => texts.push(ByteArray::from(pair.doc)),
            },
        }
        Ok(())
    }

    fn write(&mut self, column: SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        match self {
            Self::Texts(texts) => texts.write(column),
            Self::Numbers(numbers) => numbers.write(column),
            Self::Ids(lists) => lists.write(column),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };
    use proptest::prelude::*;

    use super::*;
    use crate::{
        both::Both,
        write::{Options, pairs, sample},
    };

    /// The rows of a file as the crate's own reader understands them, and how many row groups there are.
    fn read(bytes: &[u8]) -> (Vec<Vec<Field>>, usize) {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        let reader = SerializedFileReader::new(file).unwrap();
        let rows = reader.get_row_iter(None).unwrap();
        let cells = rows.map(|row| row.unwrap().get_column_iter().map(|(_, field)| field.clone()).collect());
        (cells.collect(), reader.num_row_groups())
    }

    fn shown(rows: &[Vec<Field>]) -> Vec<String> {
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join(" | ")).collect()
    }

    fn written(pairs: &[Pair<'_>], columns: &[Column], group_bytes: usize) -> Vec<u8> {
        let mut writer = Box::new(ParquetWriter::with_groups_of(group_bytes, Vec::new(), columns.to_vec()).unwrap());
        for pair in pairs {
            writer.pair(pair).unwrap();
        }
        writer.finish().unwrap().remove(0)
    }

    #[test]
    fn every_column_reads_back_in_its_type() {
        let sample = sample::mixed();
        let options = Options { keep_unaligned: true, ..Options::default() };
        let pairs: Vec<_> = pairs(&sample, &options).collect();
        let (rows, groups) = read(&written(&pairs, &Column::ALL, ROW_GROUP_BYTES));
        assert_eq!(groups, 1);
        let expected = [
            r#""猫睡了。" | "The cat slept." | 0.98 | "1:1" | [0] | [0] | "Translation 0." | null | 0.6065 | "animals.txt" | "human""#,
            r#""狗没睡。" | "" | 0.91 | "1:0" | [1] | [] | "Translation 1." | "looping" | 0.6065 | "animals.txt" | "human""#,
            r#""鸟飞走了。" | "The bird flew away. It was gone." | 0.3 | "1:2" | [2] | [1, 2] | "Translation 2." | null | 0.6065 | "animals.txt" | "human""#,
            r#""" | "The end." | 0.87 | "0:1" | [] | [3] | null | null | null | "animals.txt" | "human""#,
        ];
        assert_eq!(shown(&rows), expected);
    }

    #[test]
    fn chosen_columns_are_the_only_ones_and_no_row_is_a_file_too() {
        let sample = sample::mixed();
        let pairs: Vec<_> = pairs(&sample, &Options::default()).collect();
        let columns = [Column::EnIds, Column::Zh];
        assert_eq!(shown(&read(&written(&pairs, &columns, 1)).0), [r#"[0] | "猫睡了。""#, r#"[1, 2] | "鸟飞走了。""#]);
        assert_eq!(read(&written(&[], &columns, 1)), (Vec::new(), 0));
    }

    #[test]
    fn a_row_group_ends_where_it_is_full() {
        // Pairs without any text.
        let pairs = vec![sample::pair(); 10];
        let (rows, groups) = read(&written(&pairs, &[Column::Zh], 4 * ROW_BYTES));
        assert_eq!((rows.len(), groups), (10, 3));
    }

    #[test]
    fn what_the_system_says_of_a_failure_is_kept() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        for group_bytes in [1, ROW_GROUP_BYTES] {
            let mut writer = Box::new(ParquetWriter::with_groups_of(group_bytes, Closed, vec![Column::Zh]).unwrap());
            let failure = writer.pair(&sample::pair()).and_then(|()| writer.finish().map(drop)).unwrap_err();
            assert_eq!(failure.kind(), io::ErrorKind::BrokenPipe);
        }
    }

    proptest! {
        #[test]
        fn any_text_and_any_list_reads_back_equal(
            rows in prop::collection::vec(
                (any::<String>(), prop::option::of(any::<String>()), prop::collection::vec(0..9_usize, 0..4)),
                0..8,
            ),
            group_bytes in 1..500_usize,
        ) {
            let pairs: Vec<_> = rows.iter().map(|(zh, mt, ids)| Pair {
                texts: Both::new(Cow::Borrowed(zh.as_str()), Cow::Borrowed("")),
                mt: mt.as_deref().map(Cow::Borrowed),
                mt_flaw: None,
                mt_probability: None,
                ids: Both::new(ids.clone(), Vec::new()),
                ..sample::pair()
            }).collect();
            let found = read(&written(&pairs, &[Column::Zh, Column::Mt, Column::ZhIds], group_bytes)).0;
            prop_assert_eq!(found.len(), rows.len());
            for (found, (zh, mt, ids)) in found.into_iter().zip(rows) {
                prop_assert_eq!(&found[0], &Field::Str(zh));
                prop_assert_eq!(&found[1], &mt.map_or(Field::Null, Field::Str));
                let Field::ListInternal(list) = &found[2] else { panic!("{:?}", found[2]) };
                let found: Vec<_> = list.elements().iter().map(ToString::to_string).collect();
                prop_assert_eq!(found, ids.iter().map(ToString::to_string).collect::<Vec<_>>());
            }
        }
    }
}
