//! The formats of parallel text: their names, the files each makes, and which options each has a use for.

use std::{fmt, path::Path, str::FromStr};

use super::{UnknownName, find_named, moses};

/// A format for parallel text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// A line a pair, cells separated by tabs: [`tsv`](super::tsv).
    #[default]
    Tsv,
    /// A table for spreadsheets, as text: [`csv`](super::csv).
    Csv,
    /// A workbook, for people: [`xlsx`](super::xlsx).
    Xlsx,
    /// A JSON object a pair: [`jsonl`](super::jsonl).
    Jsonl,
    /// A translation memory, for the tools of translators: [`tmx`](super::tmx).
    Tmx,
    /// Two texts, a line of each for a pair: [`moses`].
    Moses,
    /// Tables by column, for training: [`parquet`](super::parquet).
    Parquet,
    /// `[0]:[0,1]:0.98`, a line a bead: [`index`](super::index).
    Index,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] =
        [Self::Tsv, Self::Csv, Self::Xlsx, Self::Jsonl, Self::Tmx, Self::Moses, Self::Parquet, Self::Index];

    /// The name of the format, which is also its file extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tsv => "tsv",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Jsonl => "jsonl",
            Self::Tmx => "tmx",
            Self::Moses => "moses",
            Self::Parquet => "parquet",
            Self::Index => "index",
        }
    }

    /// The format that the extension of `path` names, in capitals or not.
    pub fn from_path(path: &Path) -> Option<Self> {
        path.extension()?.to_str()?.to_lowercase().parse().ok()
    }

    /// The endings that are added to the name of the output, for each of the files that the format makes. Only what
    /// is one file can go to standard output.
    pub fn suffixes(self) -> &'static [&'static str] {
        if self == Self::Moses { &moses::SUFFIXES } else { &[""] }
    }

    /// Whether the columns of its rows can be chosen.
    pub fn has_columns(self) -> bool {
        matches!(self, Self::Tsv | Self::Csv | Self::Xlsx | Self::Jsonl | Self::Parquet)
    }

    /// Whether a first line can name the columns; in spreadsheets it always does.
    pub fn has_header(self) -> bool {
        self == Self::Tsv || self.is_spreadsheet()
    }

    /// Whether a file that is cut off holds nothing that can be read: what says where everything is stands at its end.
    pub fn is_all_or_nothing(self) -> bool {
        matches!(self, Self::Xlsx | Self::Parquet)
    }

    /// Whether it is for people with a spreadsheet.
    pub fn is_spreadsheet(self) -> bool {
        matches!(self, Self::Csv | Self::Xlsx)
    }

    /// Whether it has a place for text that is not in the document, and says of it that it is the model's.
    pub fn marks_drafts(self) -> bool {
        !matches!(self, Self::Moses | Self::Index)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        find_named("format", &Self::ALL, Self::name, name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_is_found_by_its_name_and_its_extension() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
            assert_eq!(Format::from_path(Path::new(&format!("a.b/pairs.{format}"))), Some(format));
        }
        assert_eq!(Format::from_path(Path::new("PAIRS.TSV")), Some(Format::Tsv));
        assert_eq!(Format::from_path(Path::new("pairs.txt")), None);
        assert_eq!(Format::from_path(Path::new("tsv")), None);
    }

    #[test]
    fn an_unknown_format_is_answered_with_the_known_ones() {
        let error = "xls".parse::<Format>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "there is no format `xls`; there is tsv, csv, xlsx, jsonl, tmx, moses, parquet, index"
        );
    }
}
