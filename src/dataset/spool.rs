//! The spool: kept pairs on disk, until all are known and can be divided.
//!
//! A file of this program's own, gone when the data set is written: a record is its numbers in little-endian order,
//! then its texts. It is read twice, so that not a single text has to stay in memory.

use std::{
    fs::File,
    io::{self, BufReader, BufWriter, Read, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{Candidate, key::Keys};
use crate::error::{Error, Result};

/// A record of the spool: a pair that was kept.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub(super) keys: Keys,
    /// The number of its document.
    pub(super) document: u32,
    /// The pair, without its line and its flaw: they have been looked at.
    pub(super) candidate: Candidate,
}

/// The writer of the spool.
pub(super) struct Spool {
    path: PathBuf,
    writer: BufWriter<File>,
    documents: Vec<Arc<str>>,
}

impl Spool {
    /// Begins the file `path`.
    pub(super) fn create(path: &Path) -> Result<Self> {
        let file = File::options().create_new(true).read(true).write(true).open(path);
        let file = file.map_err(|source| Error::write(path, source))?;
        Ok(Self { path: path.to_owned(), writer: BufWriter::new(file), documents: Vec::new() })
    }

    /// Adds a record; documents are numbered in the order in which they come.
    pub(super) fn push(&mut self, record: &Record) -> Result<()> {
        let index = record.document as usize;
        if self.documents.len() <= index {
            self.documents.resize(index + 1, Arc::from(""));
        }
        if self.documents[index].is_empty() {
            self.documents[index] = Arc::clone(&record.candidate.doc);
        }
        self.write(record).map_err(|source| Error::write(&self.path, source))
    }

    fn write(&mut self, Record { keys, document, candidate }: &Record) -> io::Result<()> {
        let out = &mut self.writer;
        out.write_all(&keys.zh.to_le_bytes())?;
        out.write_all(&keys.en.to_le_bytes())?;
        out.write_all(&document.to_le_bytes())?;
        out.write_all(&candidate.confidence.unwrap_or(f64::NAN).to_le_bytes())?;
        for text in [&candidate.zh, &candidate.en] {
            let length = u32::try_from(text.len()).map_err(|_| io::ErrorKind::FileTooLarge)?;
            out.write_all(&length.to_le_bytes())?;
            out.write_all(text.as_bytes())?;
        }
        Ok(())
    }

    /// Ends the spool, and returns its records.
    pub(super) fn finish(self) -> Result<Records> {
        let Self { path, writer, documents } = self;
        match writer.into_inner() {
            Ok(file) => Ok(Records { path, file, documents }),
            Err(error) => Err(Error::write(&path, error.into_error())),
        }
    }
}

/// The records of the spool, in the order in which they came.
pub(super) struct Records {
    path: PathBuf,
    file: File,
    documents: Vec<Arc<str>>,
}

impl Records {
    /// Hands each record to `take`, from the first on.
    pub(super) fn for_each(&mut self, mut take: impl FnMut(Record) -> Result<()>) -> Result<()> {
        let failed = |source| Error::read(&self.path, source);
        let end = self.file.seek(io::SeekFrom::End(0)).map_err(failed)?;
        self.file.rewind().map_err(failed)?;
        let mut reader = BufReader::new(&self.file);
        while reader.stream_position().map_err(failed)? < end {
            take(read(&mut reader, &self.documents).map_err(failed)?)?;
        }
        Ok(())
    }
}

fn read(reader: &mut impl Read, documents: &[Arc<str>]) -> io::Result<Record> {
    let keys = Keys { zh: u64::from_le_bytes(bytes(reader)?), en: u64::from_le_bytes(bytes(reader)?) };
    let document = u32::from_le_bytes(bytes(reader)?);
    let confidence = Some(f64::from_le_bytes(bytes(reader)?)).filter(|confidence| !confidence.is_nan());
    let [zh, en] = [text(reader)?, text(reader)?];
    let doc = Arc::clone(documents.get(document as usize).ok_or(io::ErrorKind::InvalidData)?);
    Ok(Record {
        keys,
        document,
        candidate: Candidate { zh, en, confidence, doc, line: None, flaw: None, is_draft: false },
    })
}

fn bytes<const N: usize>(reader: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn text(reader: &mut impl Read) -> io::Result<String> {
    let mut text = vec![0; u32::from_le_bytes(bytes(reader)?) as usize];
    reader.read_exact(&mut text)?;
    String::from_utf8(text).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn records() -> impl Strategy<Value = Vec<Record>> {
        let record = (any::<(u64, u64, String, String)>(), 0..5_u32, prop::option::of(0.0..=1.0)).prop_map(
            |((zh_key, en_key, zh, en), document, confidence)| Record {
                keys: Keys { zh: zh_key, en: en_key },
                document,
                candidate: Candidate {
                    zh,
                    en,
                    confidence,
                    doc: format!("d{document}").into(),
                    line: None,
                    flaw: None,
                    is_draft: false,
                },
            },
        );
        prop::collection::vec(record, 0..20)
    }

    proptest! {
        #[test]
        fn records_come_out_as_they_went_in_and_do_so_twice(records in records()) {
            let folder = tempfile::tempdir().unwrap();
            let mut spool = Spool::create(&folder.path().join("spool")).unwrap();
            for record in &records {
                spool.push(record).unwrap();
            }
            let mut read = spool.finish().unwrap();
            for _ in 0..2 {
                let mut again = Vec::new();
                read.for_each(|record| {
                    again.push(record);
                    Ok(())
                }).unwrap();
                prop_assert_eq!(&again, &records);
            }
        }
    }
}
