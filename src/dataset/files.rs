//! The files of a data set, the pairs of each split in three formats: `jsonl/train.jsonl`, `parquet/train.parquet`,
//! `moses/train.en-zh.zh` and `.en`. A split without a pair has no files.

mod columnar;

use std::{
    fs::File,
    io::{self, BufWriter, Write},
};

use serde::Serialize;

use super::{Candidate, Split, folder::Folder};
use crate::{
    error::{Error, Result},
    write::rounded,
};

/// The name of a split's Parquet file, which the card tells `datasets` of.
pub(super) fn parquet_name(split: Split) -> String {
    format!("parquet/{split}.parquet")
}

fn jsonl_name(split: Split) -> String {
    format!("jsonl/{split}.jsonl")
}

/// The name of a split's file of one language. Languages stand in the order of the alphabet, as in OPUS.
fn moses_name(split: Split, lang: &str) -> String {
    format!("moses/{split}.en-zh.{lang}")
}

/// The files of all splits.
pub(super) struct Files<'f> {
    folder: &'f Folder,
    splits: [Option<OfSplit>; 3],
}

struct OfSplit {
    jsonl: BufWriter<File>,
    zh: BufWriter<File>,
    en: BufWriter<File>,
    columns: columnar::Columns,
}

impl<'f> Files<'f> {
    /// Prepares files, which are begun as they are needed.
    pub(super) fn new(folder: &'f Folder) -> Self {
        Self { folder, splits: [None, None, None] }
    }

    /// Writes a pair to the files of its split.
    pub(super) fn write(&mut self, split: Split, pair: &Candidate) -> Result<()> {
        let files = match &mut self.splits[split as usize] {
            Some(files) => files,
            none => none.insert(OfSplit::create(self.folder, split)?),
        };
        files.write(pair).map_err(|source| Error::write(&self.folder.path(&format!("*/{split}.*")), source))
    }

    /// Completes the files, and hands everything on to the system.
    pub(super) fn finish(self) -> Result<()> {
        for (split, files) in Split::ALL.into_iter().zip(self.splits) {
            let failed = |source| Error::write(&self.folder.path(&format!("*/{split}.*")), source);
            files.map_or(Ok(()), OfSplit::finish).map_err(failed)?;
        }
        Ok(())
    }
}

impl OfSplit {
    fn create(folder: &Folder, split: Split) -> Result<Self> {
        let name = parquet_name(split);
        let columns = columnar::Columns::new(folder.file(&name)?);
        Ok(Self {
            jsonl: folder.file(&jsonl_name(split))?,
            zh: folder.file(&moses_name(split, "zh"))?,
            en: folder.file(&moses_name(split, "en"))?,
            columns: columns.map_err(|source| Error::write(&folder.path(&name), source))?,
        })
    }

    fn write(&mut self, pair: &Candidate) -> io::Result<()> {
        let Candidate { zh, en, confidence, doc, .. } = pair;
        let confidence = confidence.map(rounded);
        serde_json::to_writer(&mut self.jsonl, &LineJson { translation: TextsJson { zh, en }, confidence, doc })?;
        self.jsonl.write_all(b"\n")?;
        writeln!(self.zh, "{zh}")?;
        writeln!(self.en, "{en}")?;
        self.columns.write(zh, en, confidence, doc)
    }

    fn finish(self) -> io::Result<()> {
        for file in [self.jsonl, self.zh, self.en] {
            file.into_inner()?.sync_all()?;
        }
        self.columns.finish()
    }
}

#[derive(Serialize)]
struct LineJson<'p> {
    translation: TextsJson<'p>,
    confidence: Option<f64>,
    doc: &'p str,
}

#[derive(Serialize)]
struct TextsJson<'p> {
    zh: &'p str,
    en: &'p str,
}
