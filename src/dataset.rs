//! 8 · Data sets of pairs, to train and test translators with.
//!
//! In come [`Candidate`] pairs, of aligned documents ([`aligned`]) or of corpora that exist already ([`read`]). Each
//! goes through the [`filter`]s ([`judge`]) and is compared with all before it ([`key`]); what is left is kept on disk (`spool`),
//! divided ([`split`]) and written (`files`, `card`) to a folder that appears when it is whole (`folder`).
//!
//! ```text
//! Candidate ─▶ filter rejects? ─▶ seen before? ─▶ spool ─▶ split ─▶ in a held-out split? ─▶ jsonl parquet moses
//! ```
//! In memory are only hashes, eight bytes a kept pair and sixteen a held-out one, and the names of documents.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use crate::{
    document::Flaw,
    error::{Error, Result},
    write::output::Partial,
};

pub mod aligned;
pub mod read;
pub mod filter;
pub mod key;
pub mod split;
pub mod judge;
pub mod statistics;
mod spool;
mod folder;
mod files;
mod dropped;
mod card;
mod record;
pub mod summary;

pub use filter::Filter;
pub use judge::Judge;
pub use read::BadLine;
pub use split::{Shares, Split};

use self::{
    dropped::Dropped,
    files::Files,
    folder::{Folder, RECORD},
    judge::Judgement,
    key::pair_key,
    split::Plan,
    spool::{Record, Spool},
    statistics::Statistics,
};

/// A candidate: a pair that may become part of a data set. Its texts are single lines without white space at their
/// ends.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The Chinese text.
    pub zh: String,
    /// The English text.
    pub en: String,
    /// The probability that its texts belong together, 0..=1; none where the corpus does not tell.
    pub confidence: Option<f64>,
    /// The name of the document that the pair comes from.
    pub doc: Arc<str>,
    /// The line of the corpus, 1-based; none where the pair was aligned here.
    pub line: Option<usize>,
    /// The flaw of the translation by which the pair was aligned.
    pub flaw: Option<Flaw>,
    /// Whether the corpus says that a side is a machine's translation, which nobody has confirmed.
    pub is_draft: bool,
}

/// Settings of a data set.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// The least confidence of a pair, 0..=1; pairs without a confidence are kept, so [`Judge::is_undecided`] finds those to be scored.
    pub min_confidence: f64,
    /// The filters that let everything pass.
    pub skipped: Vec<Filter>,
    /// The shares of the pairs that are held out.
    pub shares: Shares,
    /// The seed from which the splits are drawn: the same one gives the same splits of the same input.
    pub seed: u64,
}

/// The default for the least confidence of a pair: below it a pair is more likely to be wrong than right, for
/// confidences are probabilities.
pub const DEFAULT_MIN_CONFIDENCE: f64 = 0.5;

impl Default for Settings {
    fn default() -> Self {
        Self { min_confidence: DEFAULT_MIN_CONFIDENCE, skipped: Vec::new(), shares: Shares::default(), seed: 0 }
    }
}

/// Counts of the pairs of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// The name of the document.
    pub name: Arc<str>,
    /// The number of pairs read.
    pub read: usize,
    /// The number of pairs that passed the filters and had not been seen before.
    pub kept: usize,
    /// The number of pairs written to each split, in the order of [`Split::ALL`].
    pub written: [usize; 3],
}

/// The report on a data set: its settings, and counts of everything that was read and written.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The settings with which the data set was made.
    pub settings: Settings,
    /// The number of pairs read.
    pub read: usize,
    /// The number of pairs dropped, by the first filter to do so.
    pub dropped: BTreeMap<Filter, usize>,
    /// The number of lines that are no pairs, or could not be read, by file.
    pub bad_lines: BTreeMap<Arc<str>, usize>,
    /// Every document, in the order in which they came.
    pub documents: Vec<Document>,
    /// The statistics of the pairs written.
    pub statistics: Statistics,
}

/// The file with the kept pairs, while the data set is made.
const SPOOL: &str = "pairs.jsonl";

/// A builder of a data set from candidates.
pub struct Builder {
    settings: Settings,
    judge: Judge,
    folder: Folder,
    spool: Spool,
    dropped: Dropped,
    seen: HashSet<u64>,
    numbers: HashMap<Arc<str>, u32>,
    report: Report,
}

impl Builder {
    /// Begins a data set that will stand in `dir`; with `overwrite` in place of one that stands there.
    ///
    /// Fails if `dir` can or may not be written. It stays as it is until [`Self::finish`].
    pub fn create(dir: &Path, overwrite: bool, settings: Settings) -> Result<Self> {
        let folder = Folder::create(dir, overwrite)?;
        Ok(Self {
            judge: Judge::new(settings.clone()),
            spool: Spool::create(&folder.path(SPOOL))?,
            folder,
            dropped: Dropped::new(settings.seed),
            seen: HashSet::new(),
            numbers: HashMap::new(),
            report: Report {
                settings: settings.clone(),
                read: 0,
                dropped: BTreeMap::new(),
                bad_lines: BTreeMap::new(),
                documents: Vec::new(),
                statistics: Statistics::default(),
            },
            settings,
        })
    }

    /// The folder under way, and the name that it takes at the end.
    pub fn partial(&self) -> Partial {
        self.folder.partial()
    }

    /// Adds a pair, unless a filter drops it. Fails if it cannot be kept on disk; those before it are, where the error says.
    pub fn add(&mut self, candidate: Candidate) -> Result<()> {
        let number = self.document(&candidate.doc);
        self.report.read += 1;
        self.report.documents[number as usize].read += 1;
        let judgement = self.judge.judge(&candidate);
        if let Some(filter) = self.rejecting(&judgement) {
            self.drop(filter, &candidate);
            return Ok(());
        }
        self.report.documents[number as usize].kept += 1;
        let kept = self.spool.push(&Record { keys: judgement.keys, document: number, candidate });
        kept.map_err(|error| self.folder.keeping(SPOOL, error))
    }

    /// Counts a line that is no pair, or could not be read.
    pub fn count_bad_line(&mut self, bad: &BadLine) {
        *self.report.bad_lines.entry(Arc::clone(&bad.path)).or_default() += 1;
    }

    /// Divides and writes the pairs that are left, and gives the folder its name.
    ///
    /// Fails if nothing is left, or if something could not be written; the pairs are kept then, where the error says.
    pub fn finish(mut self) -> Result<Report> {
        self.write().map_err(|error| self.folder.keeping(SPOOL, error))?;
        self.folder.remove(SPOOL)?;
        let mut files = self.folder.files()?;
        files.push(RECORD.to_owned());
        self.folder.write(RECORD, &record::json(&self.report, files))?;
        self.folder.finish()?;
        Ok(self.report)
    }

    /// Divides and writes the pairs that are left, and all that is told of them.
    fn write(&mut self) -> Result<()> {
        let documents = self.report.documents.iter().map(|document| (&*document.name, document.kept));
        let plan = Plan::new(documents, self.settings.shares, self.settings.seed);
        let mut records = self.spool.finish()?;
        let mut held_out = split::HeldOut::default();
        records.for_each(|record| {
            held_out.insert(plan.split(record.document, &record.keys), &record.keys);
            Ok(())
        })?;

        let mut files = Files::new(&self.folder);
        records.for_each(|record| {
            let split = plan.split(record.document, &record.keys);
            if !self.settings.skipped.contains(&Filter::SharedTexts) && held_out.forbids(split, &record.keys) {
                *self.report.dropped.entry(Filter::SharedTexts).or_default() += 1;
                self.dropped.sample(Filter::SharedTexts, &record.candidate);
                return Ok(());
            }
            self.report.documents[record.document as usize].written[split as usize] += 1;
            self.report.statistics.add(split, &record.candidate);
            files.write(split, &record.candidate)
        })?;
        files.finish()?;
        drop(records);

        if self.report.statistics.pairs() == 0 {
            return Err(nothing_left(&self.report));
        }
        self.dropped.write(&self.folder)?;
        card::write(&self.folder, &self.report)
    }

    /// The number of a document, a new one where its name is new.
    fn document(&mut self, name: &Arc<str>) -> u32 {
        if let Some(&number) = self.numbers.get(name) {
            return number;
        }
        let number = u32::try_from(self.numbers.len()).expect("fewer documents than 2^32");
        self.numbers.insert(Arc::clone(name), number);
        self.report.documents.push(Document { name: Arc::clone(name), read: 0, kept: 0, written: [0; 3] });
        number
    }

    /// The first filter that rejects a pair.
    fn rejecting(&mut self, judgement: &Judgement) -> Option<Filter> {
        judgement.filter.or_else(|| {
            let seen_before = !self.seen.insert(pair_key(&judgement.keys));
            (seen_before && !self.settings.skipped.contains(&Filter::Duplicates)).then_some(Filter::Duplicates)
        })
    }

    fn drop(&mut self, filter: Filter, candidate: &Candidate) {
        *self.report.dropped.entry(filter).or_default() += 1;
        self.dropped.sample(filter, candidate);
    }
}

/// The error for a data set without a pair, which would help nobody; why there is none does.
fn nothing_left(report: &Report) -> Error {
    let reasons: Vec<String> = report.dropped.iter().map(|(filter, count)| format!("{count} {filter}")).collect();
    let bad_lines: usize = report.bad_lines.values().sum();
    let unread = if bad_lines > 0 { format!("; {bad_lines} lines were passed over") } else { String::new() };
    let dropped = if reasons.is_empty() { String::new() } else { format!(" (dropped: {})", reasons.join(", ")) };
    let most = report.dropped.iter().max_by_key(|&(_, count)| count);
    Error::NothingLeft {
        what: format!("of {} pairs{dropped}{unread}", report.read),
        dropped_by: most.map(|(filter, _)| filter.name()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn where_the_files_cannot_be_written_the_pairs_are_kept_and_an_input() {
        let parent = tempfile::tempdir().unwrap();
        let mut builder = Builder::create(&parent.path().join("set"), false, Settings::default()).unwrap();
        let candidate = Candidate {
            zh: "猫睡了。".to_owned(),
            en: "The cat \"slept\".".to_owned(),
            confidence: Some(0.9),
            doc: "a.txt".into(),
            line: Some(7),
            flaw: None,
            is_draft: false,
        };
        builder.add(candidate.clone()).unwrap();
        // Nothing can be written below a file.
        fs::write(builder.folder.path("jsonl"), "").unwrap();
        let spool = builder.folder.path(SPOOL);
        let error = builder.finish().unwrap_err().to_string();
        let told = format!("; the pairs so far stay in {}, an input to go on from`", spool.display());
        assert!(error.ends_with(&told), "{error}");
        let rows: Vec<_> = read::Corpus::at(&spool).unwrap().rows().unwrap().collect();
        assert!(matches!(&rows[..], [Ok(read::Row::Pair(pair))] if *pair == Candidate { line: Some(1), ..candidate }));
    }
}
