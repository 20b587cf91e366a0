//! Evaluation of alignments against gold, by the metrics that the field publishes.
//!
//! In come two files, or two folders of files that are matched by name, in any of the formats of `read`; out
//! comes an `Evaluation`: the `Scores` of each document and of all together, and where asked for the `Calibration` of
//! the confidences, to be shown by `table` or `json`. Whether a score is good enough is not decided here.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    both::Both,
    error::{Error, Result},
};

pub mod read;
pub mod score;
pub mod calibration;
pub mod table;
pub mod json;

pub use calibration::{Calibration, calibration};
pub use read::{read, read_with_confidence};
pub use score::{Scores, Tally, score};

/// The sentences of each side that belong together, by number, 0-based and ascending; one side may be empty.
pub type Link = Both<Vec<usize>>;

/// The agreement of alignments with gold.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evaluation {
    /// The scores of each document, by name.
    pub documents: Vec<(String, Scores)>,
    /// The scores of all documents: what was counted is added up, so that every bead weighs the same.
    pub total: Scores,
    /// The calibration of the confidences of all documents, where that was asked for.
    pub calibration: Option<Calibration>,
    /// Files of the test folder that no gold file asks for, by path.
    pub unmatched: Vec<PathBuf>,
}

/// Compares the alignments in `test` with those in `gold`; two files, or two folders.
///
/// In folders, files belong together whose names are equal without one of [`SUFFIXES`]; hidden files and folders in
/// them are passed over. Every gold file must have its test file.
pub fn compare(gold: &Path, test: &Path) -> Result<Evaluation> {
    add_all(Evaluation::default(), gold, test)
}

/// Compares alignments as [`compare`] does, with the calibration of their confidences, which every bead of the test
/// must have.
pub fn compare_with_calibration(gold: &Path, test: &Path) -> Result<Evaluation> {
    add_all(Evaluation { calibration: Some(Calibration::default()), ..Evaluation::default() }, gold, test)
}

/// The endings that an alignment file may have after the name of its document.
pub const SUFFIXES: [&str; 6] = [".align", ".index", ".path", ".ladder", ".xml", ".txt"];

fn add_all(mut evaluation: Evaluation, gold: &Path, test: &Path) -> Result<Evaluation> {
    if !gold.is_dir() {
        add(&mut evaluation, document_name(gold), gold, test)?;
        return Ok(evaluation);
    }
    let gold_files = alignments_in(gold)?;
    let mut test_files = alignments_in(test)?;
    if gold_files.is_empty() {
        return Err(Error::Empty { path: gold.display().to_string() });
    }
    for (name, gold_file) in gold_files {
        let Some(test_file) = test_files.remove(&name) else {
            let what = format!("nothing there belongs to the gold file `{}`", gold_file.display());
            let source = io::Error::new(io::ErrorKind::NotFound, what);
            return Err(Error::Read { path: test.join(name).display().to_string(), source });
        };
        add(&mut evaluation, name, &gold_file, &test_file)?;
    }
    evaluation.unmatched = test_files.into_values().collect();
    Ok(evaluation)
}

fn add(evaluation: &mut Evaluation, name: String, gold: &Path, test: &Path) -> Result<()> {
    let gold = read(gold)?;
    let test = match &mut evaluation.calibration {
        None => read(test)?,
        Some(total) => {
            let test = read_with_confidence(test)?;
            *total += calibration(&gold, &test);
            test.into_iter().map(|(link, _)| link).collect()
        }
    };
    let scores = score(&gold, &test);
    evaluation.total += scores;
    evaluation.documents.push((name, scores));
    Ok(())
}

fn alignments_in(folder: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let cannot_read = |path: &Path, source| Error::Read { path: path.display().to_string(), source };
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).map_err(|source| cannot_read(folder, source))? {
        let path = entry.map_err(|source| cannot_read(folder, source))?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || path.is_dir() {
            continue;
        }
        let name = document_name(&path);
        if let Some(other) = files.insert(name, path.clone()) {
            let what = format!("`{}` is of the same document", other.display());
            return Err(cannot_read(&path, io::Error::new(io::ErrorKind::AlreadyExists, what)));
        }
    }
    Ok(files)
}

/// The file's name without a suffix. Other dots belong to the name: `site.com.47160.align` is `site.com.47160`.
fn document_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    SUFFIXES.iter().find_map(|suffix| name.strip_suffix(suffix)).unwrap_or(&name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn files_are_matched_by_name_and_their_counts_added_up() {
        let gold = folder(&[("a.com.1.align", "[0]:[0]\n[1]:[1]\n"), ("b", "[0]:[0]\n"), (".hidden", "?")]);
        let test =
            folder(&[("a.com.1", "[0]:[0]:0.9\n[1]:[]:0.9\n[]:[1]:0.9\n"), ("b.index", "[0]:[0]:1.0"), ("c", "?")]);
        let evaluation = compare(gold.path(), test.path()).unwrap();
        let names: Vec<_> = evaluation.documents.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["a.com.1", "b"]);
        assert_eq!(evaluation.unmatched, [test.path().join("c")]);
        // Two of four test beads are right, and two of three gold beads found.
        let strict = evaluation.total.strict;
        assert_eq!((strict.precision(), strict.recall()), (Some(0.5), Some(2.0 / 3.0)));
    }

    #[test]
    fn a_gold_file_without_a_test_file_is_named() {
        let (gold, test) = (folder(&[("003.align", "[0]:[0]\n")]), folder(&[]));
        let error = compare(gold.path(), test.path()).unwrap_err();
        let Error::Read { path, source } = error else { panic!("expected a read error, got {error:?}") };
        assert!(path.ends_with("003"), "{path}");
        assert!(source.to_string().contains("003.align"), "{source}");
    }

    #[test]
    fn two_files_of_one_document_are_refused() {
        let (gold, test) = (folder(&[("1", "[0]:[0]\n")]), folder(&[("1.align", ""), ("1.index", "")]));
        let error = compare(gold.path(), test.path()).unwrap_err();
        assert!(matches!(error, Error::Read { source, .. } if source.to_string().contains("same document")));
    }

    #[test]
    fn two_files_are_compared_whatever_their_names() {
        let folder = folder(&[("gold.align", "[0]:[0]\n"), ("mine.index", "[0]:[0]:0.8\n")]);
        let evaluation = compare(&folder.path().join("gold.align"), &folder.path().join("mine.index")).unwrap();
        assert_eq!(evaluation.documents[0].0, "gold");
        assert_eq!(evaluation.total.strict.f1(), Some(1.0));
    }

    #[test]
    fn the_confidences_of_all_documents_are_measured_together() {
        let gold = folder(&[("a", "[0]:[0]\n"), ("b", "[0]:[0]\n")]);
        let test = folder(&[("a", "[0]:[0]:0.9\n"), ("b", "[0]:[]:0.9\n[]:[0]:0.2\n")]);
        assert_eq!(compare(gold.path(), test.path()).unwrap().calibration, None);
        let evaluation = compare_with_calibration(gold.path(), test.path()).unwrap();
        // Of two beads at 0.9 one is right, and none of the one at 0.2.
        let error = evaluation.calibration.unwrap().expected_error().unwrap();
        assert!((error - (0.8 + 0.2) / 3.0).abs() < 1e-12, "{error}");
    }

    #[test]
    fn confidences_are_missed_only_where_the_calibration_is_asked_for() {
        let folder = folder(&[("gold", "[0]:[0]\n"), ("test", "[0]:[0]\n")]);
        let (gold, test) = (folder.path().join("gold"), folder.path().join("test"));
        assert!(compare(&gold, &test).is_ok());
        assert!(matches!(compare_with_calibration(&gold, &test), Err(Error::NoConfidence { .. })));
    }

    #[test]
    fn a_folder_without_gold_is_an_error() {
        let (gold, test) = (folder(&[]), folder(&[]));
        assert!(matches!(compare(gold.path(), test.path()), Err(Error::Empty { .. })));
    }
}
