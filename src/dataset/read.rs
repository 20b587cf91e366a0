//! Corpora of pairs that exist already, read line by line as candidates.
//!
//! | corpus | known by | what it holds |
//! | --- | --- | --- |
//! | TSV (`tsv`) | `.tsv` | a row a line; the columns are found by a header or by their languages (`columns`) |
//! | CSV (`csv`) | `.csv` | the same, with cells in quotes that may hold separators and line ends |
//! | Excel (`xlsx`) | `.xlsx` `.xlsm` | the same, of every sheet that has both languages |
//! | JSON Lines (`jsonl`) | `.jsonl` and its first lines | `{"translation":{"zh":…,"en":…},"confidence":…,"doc":…}`, or flat |
//! | TMX (`tmx`) | `.tmx` | translation units with a Chinese and an English variant |
//! | XLIFF (`xliff`) | `.xlf` `.xliff` `.sdlxliff` `.mqxliff` | versions 1.2 and 2.0, by segments |
//! | gettext (`po`) | `.po` | messages; which side is Chinese is found by language |
//! | Moses (`moses`) | `.zh` or `.en`, or other codes | two files of as many lines, which differ in that ending alone |
//!
//! Files are UTF-8, UTF-16, GB18030, Big5 or windows-1252 (`encoding`). A line that cannot be read is told as a [`BadLine`],
//! never left out without a word; what makes the rest of a file unreadable is an error. How a file is understood, where
//! that had to be found out, is told as a [`Note`].

mod encoding;
mod lines;
mod cells;
mod columns;
mod table;
mod csv;
mod jsonl;
mod moses;
mod po;
mod segment;
mod xml;
mod tmx;
mod tsv;
mod xliff;
mod xlsx;

use std::{
    ffi::OsStr,
    fmt,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Candidate;
use crate::{error::Result, write::Origin};

/// A corpus of pairs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Corpus {
    /// Tab-separated values.
    Tsv(PathBuf),
    /// Comma-separated values.
    Csv(PathBuf),
    /// A workbook of Excel.
    Xlsx(PathBuf),
    /// JSON Lines of translations; `-` is standard input.
    Jsonl(PathBuf),
    /// Translation Memory eXchange.
    Tmx(PathBuf),
    /// XLIFF.
    Xliff(PathBuf),
    /// Messages of gettext.
    Po(PathBuf),
    /// Moses' two files of as many lines.
    Moses {
        /// The file of the Chinese lines.
        zh: PathBuf,
        /// The file of the English lines.
        en: PathBuf,
    },
}

/// A row of a corpus: a pair, a line that is none, or a note.
#[derive(Debug, Clone, PartialEq)]
pub enum Row {
    /// A pair.
    Pair(Candidate),
    /// A line that is no pair, or could not be read.
    Bad(BadLine),
    /// How what follows is understood.
    Note(Note),
}

/// A remark on how a corpus is understood, where it does not say so itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The name of the file.
    pub path: Arc<str>,
    /// How it is understood.
    pub what: String,
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.path, self.what)
    }
}

/// A line that is no pair, or could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// The name of the file.
    pub path: Arc<str>,
    /// The number of the line, 1-based.
    pub line: usize,
    /// What is wrong with the line.
    pub what: String,
}

impl fmt::Display for BadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`, line {}: {}", self.path, self.line, self.what)
    }
}

/// The rows of a corpus; nothing comes after an error.
pub type Rows = Box<dyn Iterator<Item = Result<Row>>>;

impl Corpus {
    /// The corpus at `path`; none where there is a document to be aligned, or nothing.
    pub fn at(path: &Path) -> Option<Self> {
        let ending = path.extension().and_then(OsStr::to_str)?.to_lowercase();
        match ending.as_str() {
            "tsv" => Some(Self::Tsv(path.to_owned())),
            "csv" => Some(Self::Csv(path.to_owned())),
            "xlsx" | "xlsm" => Some(Self::Xlsx(path.to_owned())),
            "jsonl" | "ndjson" => jsonl::holds_pairs(path).then(|| Self::Jsonl(path.to_owned())),
            "tmx" => Some(Self::Tmx(path.to_owned())),
            "xlf" | "xliff" | "sdlxliff" | "mqxliff" | "mxliff" => Some(Self::Xliff(path.to_owned())),
            "po" => Some(Self::Po(path.to_owned())),
            _ => moses::files(path).map(|(zh, en)| Self::Moses { zh, en }),
        }
    }

    /// The file of the corpus; of two, that of the Chinese lines.
    pub fn path(&self) -> &Path {
        match self {
            Self::Tsv(path)
            | Self::Csv(path)
            | Self::Xlsx(path)
            | Self::Jsonl(path)
            | Self::Tmx(path)
            | Self::Xliff(path)
            | Self::Po(path)
            | Self::Moses { zh: path, .. } => path,
        }
    }

    /// The rows of the corpus, from the first line on. Fails if it cannot be opened.
    pub fn rows(&self) -> Result<Rows> {
        Ok(match self {
            Self::Tsv(path) => Box::new(tsv::rows(path)?),
            Self::Csv(path) => Box::new(csv::rows(path)?),
            Self::Xlsx(path) => Box::new(xlsx::rows(path)?),
            Self::Jsonl(path) => Box::new(jsonl::rows(path)?),
            Self::Tmx(path) => Box::new(tmx::rows(path)?),
            Self::Xliff(path) => Box::new(xliff::rows(path)?),
            Self::Po(path) => Box::new(po::rows(path)?),
            Self::Moses { zh, en } => Box::new(moses::rows(zh, en)?),
        })
    }
}

/// A confidence from its text: a probability, 0..=1, or nothing.
fn confidence(text: &str) -> std::result::Result<Option<f64>, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    match text.parse() {
        Ok(confidence) if is_probability(confidence) => Ok(Some(confidence)),
        _ => Err(format!("`{}` is no confidence from 0 to 1", text.chars().take(20).collect::<String>())),
    }
}

/// Whether a corpus says of a pair, as ours do, that its English is a model's draft.
fn is_draft(origin: &str) -> bool {
    origin.trim().eq_ignore_ascii_case(Origin::Mt.name())
}

fn is_probability(confidence: f64) -> bool {
    (0.0..=1.0).contains(&confidence)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use proptest::prelude::*;

    use super::*;
    use crate::error::Error;

    /// What stands in a corpus of these files, the first of which is given: a line a row, without notes.
    pub(super) fn told(files: &[(&str, &[u8])]) -> Vec<String> {
        noted(files).into_iter().filter(|row| !row.starts_with("note: ")).collect()
    }

    /// What stands in a corpus, with notes.
    pub(super) fn noted(files: &[(&str, &[u8])]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let base = format!("{}/", folder.path().display());
        let told = |row: Result<Row>| match row {
            Ok(Row::Pair(Candidate { zh, en, confidence, doc, line, is_draft, flaw })) => {
                let confidence = confidence.map_or_else(|| "-".to_owned(), |confidence| confidence.to_string());
                let draft = if is_draft { " | draft" } else { "" };
                let flaw = flaw.map_or_else(String::new, |flaw| format!(" | {}", flaw.name()));
                format!("{}: {zh} | {en} | {confidence} | {doc}{draft}{flaw}", line.unwrap())
            }
            Ok(Row::Bad(bad)) => format!("bad: {bad}"),
            Ok(Row::Note(note)) => format!("note: {note}"),
            Err(error) => format!("error: {error}"),
        };
        let rows = Corpus::at(&folder.path().join(files[0].0)).unwrap().rows();
        let rows = rows.map_or_else(|error| vec![told(Err(error))], |rows| rows.map(told).collect());
        rows.into_iter().map(|row| row.replace(&base, "")).collect()
    }

    #[test]
    fn a_corpus_is_known_by_its_ending() {
        let moses = Corpus::Moses { zh: "a.en-zh.zh".into(), en: "a.en-zh.en".into() };
        for (path, expected) in [
            ("a/b.tsv", Some(Corpus::Tsv("a/b.tsv".into()))),
            ("B.TMX", Some(Corpus::Tmx("B.TMX".into()))),
            ("a.en-zh.zh", Some(moses.clone())),
            ("a.en-zh.en", Some(moses)),
            ("notes.txt", None),
            ("-", None),
            ("missing.jsonl", None),
        ] {
            assert_eq!(Corpus::at(Path::new(path)), expected, "{path}");
        }
    }

    /// Pieces of all formats, of which any file may be made.
    const PIECES: &str = r#"<tu> </tu> <tuv xml:lang="zh"> <seg> </seg> </tuv> <ph/> <bpt> </bpt> &#1; &amp; <?xml  encoding="gbk"?> <xliff
        <trans-unit> </trans-unit> <source> </source> <target> </target> <mrk mtype="seg" mid="1"> </mrk> <seg-source> <segment>
        msgid msgstr msgstr[0] msgid_plural #~ #, fuzzy \ \" " "" , ; {"zh": {"translation":{ "en":"x"} "src":" } sep= zh en 0.5 1e999 -1
        猫睡了。 The cat slept. </ > < & source target 原文 译文"#;

    proptest! {
        #[test]
        fn whatever_a_file_holds_there_are_rows_or_an_error(
            pieces in prop::collection::vec((0..70_usize, any::<u8>(), 0..12_u8), 0..60),
        ) {
            let words: Vec<&str> = PIECES.split_whitespace().collect();
            let mut bytes = Vec::new();
            for (word, byte, gap) in pieces {
                bytes.extend_from_slice(words[word % words.len()].as_bytes());
                match gap {
                    0 => bytes.push(byte),
                    1..=3 => bytes.push(b'\n'),
                    4 | 5 => bytes.push(b'\t'),
                    6 => bytes.extend(b"\r\n"),
                    7 | 8 => {}
                    _ => bytes.push(b' '),
                }
            }
            for name in ["a.tsv", "a.csv", "a.tmx", "a.xlf", "a.po", "a.zh", "a.xlsx"] {
                // No row comes after an error.
                let rows = told(&[(name, &bytes)]);
                let errors = rows.iter().filter(|row| row.starts_with("error: ")).count();
                prop_assert!(errors == 0 || (errors == 1 && rows.last().is_some_and(|row| row.starts_with("error: "))));
            }
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        for corpus in [Corpus::Tsv("no.tsv".into()), Corpus::Tmx("no.tmx".into())] {
            assert!(matches!(corpus.rows(), Err(Error::Read { .. })), "{corpus:?}");
        }
        let folder = tempfile::tempdir().unwrap();
        assert!(matches!(Corpus::Tsv(folder.path().to_owned()).rows(), Err(Error::Directory { .. })));
    }

    #[test]
    fn utf_16_with_a_mark_is_read_as_text() {
        let text = "他明天到。\tHe arrives tomorrow.\n";
        let bytes: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&[("a.tsv", &bytes)]), ["1: 他明天到。 | He arrives tomorrow. | - | a.tsv"]);
        let text = "<?xml version=\"1.0\" encoding=\"utf-16\"?>\n<tmx><body><tu><tuv xml:lang=\"zh\"><seg>他明天到。</seg>\
            </tuv><tuv xml:lang=\"en\"><seg>He arrives tomorrow.</seg></tuv></tu></body></tmx>";
        let bytes: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
        assert_eq!(told(&[("a.tmx", &bytes)]), ["2: 他明天到。 | He arrives tomorrow. | - | a.tmx"]);
    }
}
