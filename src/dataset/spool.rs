//! The spool: kept pairs on disk, until all are known and can be divided.
//!
//! Gone when the data set is written, and where it cannot be, an input from which the next run goes on: JSON Lines of pairs,
//! with what only this program reads of them in a key of its own. It is read twice, so that not a single text has to stay
//! in memory.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufRead as _, BufReader, BufWriter, Seek as _, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

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

/// A record as a line.
#[derive(Serialize, Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    translation: Texts<'l>,
    confidence: Option<f64>,
    #[serde(borrow)]
    doc: Cow<'l, str>,
    /// The keys of the texts, the number of the document, and the bits of the confidence.
    record: (u64, u64, u32, Option<u64>),
}

#[derive(Serialize, Deserialize)]
struct Texts<'l> {
    #[serde(borrow)]
    zh: Cow<'l, str>,
    #[serde(borrow)]
    en: Cow<'l, str>,
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
        let line = Line {
            translation: Texts { zh: Cow::Borrowed(&candidate.zh), en: Cow::Borrowed(&candidate.en) },
            confidence: candidate.confidence,
            doc: Cow::Borrowed(&candidate.doc),
            record: (keys.zh, keys.en, *document, candidate.confidence.map(f64::to_bits)),
        };
        serde_json::to_writer(&mut self.writer, &line)?;
        self.writer.write_all(b"\n")
    }

    /// Ends the spool, and returns its records.
    pub(super) fn finish(&mut self) -> Result<Records> {
        let failed = |source| Error::write(&self.path, source);
        self.writer.flush().map_err(failed)?;
        let file = self.writer.get_ref().try_clone().map_err(failed)?;
        Ok(Records { path: self.path.clone(), file, documents: std::mem::take(&mut self.documents) })
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
        self.file.rewind().map_err(failed)?;
        let mut reader = BufReader::new(&self.file);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).map_err(failed)? > 0 {
            take(read(&line, &self.documents).map_err(failed)?)?;
            line.clear();
        }
        Ok(())
    }
}

fn read(line: &[u8], documents: &[Arc<str>]) -> io::Result<Record> {
    let Line { translation, record: (zh_key, en_key, document, confidence), .. } = serde_json::from_slice(line)?;
    let (zh, en) = (translation.zh.into_owned(), translation.en.into_owned());
    let doc = Arc::clone(documents.get(document as usize).ok_or(io::ErrorKind::InvalidData)?);
    let confidence = confidence.map(f64::from_bits);
    Ok(Record {
        keys: Keys { zh: zh_key, en: en_key },
        document,
        candidate: Candidate { zh, en, confidence, doc, line: None, flaw: None, is_draft: false },
    })
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
