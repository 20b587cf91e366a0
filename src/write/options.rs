//! Options of an output: what is written of the pairs, and which of them; and which options a format cannot follow.

use super::{Column, Format};

/// Options of a [`PairWriter`](super::PairWriter): what it writes, and which pairs.
#[expect(clippy::struct_excessive_bools, reason = "options that are asked for one by one")]
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Options {
    /// The format.
    pub format: Format,
    /// The columns or keys in order; `None` for those that the format has by default.
    pub columns: Option<Vec<Column>>,
    /// Whether a first line names the columns.
    pub header: bool,
    /// Whether sentences without a counterpart have rows too, in their place. An index always has them.
    pub keep_unaligned: bool,
    /// Whether a Chinese sentence without a counterpart has a row with the model's translation of it, in its place.
    pub fill_missing: bool,
    /// Whether a pair whose sides stand in different places is a row, of the kind `moved`, in the place of its source.
    pub keep_moved: bool,
    /// Pairs below this confidence (0..=1) are given up: left out, or, where unaligned sentences are kept, written as
    /// two rows without counterparts.
    pub min_confidence: f64,
    /// Whether there may be rows of several documents: spreadsheets have a column for the document's name then.
    pub several_documents: bool,
}

/// An option that cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// The format has no use for the option.
    #[error("{option} goes with {fitting}, not with {format}")]
    Useless {
        /// The option as it is typed.
        option: &'static str,
        /// The format that was asked for.
        format: Format,
        /// The formats that have a use for it.
        fitting: String,
    },
    /// A reader could not tell two columns of one name apart.
    #[error("--columns names `{0}` twice")]
    Doubled(Column),
}

impl Options {
    /// Checks the options. Fails with what the format could only ignore.
    pub fn check(&self) -> Result<(), Unfit> {
        self.check_use("--columns", self.columns.is_some(), Format::has_columns)?;
        self.check_use("--header", self.header, Format::has_header)?;
        self.check_use("--fill-missing", self.fill_missing, Format::marks_drafts)?;
        // An index is read as an alignment, in which nothing crosses.
        self.check_use("--keep-moved", self.keep_moved, |format| format != Format::Index)?;
        let columns = self.columns.as_deref().unwrap_or_default();
        let is_doubled = |&(place, column): &(usize, &Column)| columns[..place].contains(column);
        match columns.iter().enumerate().find(is_doubled) {
            Some((_, &column)) => Err(Unfit::Doubled(column)),
            None => Ok(()),
        }
    }

    fn check_use(&self, option: &'static str, is_asked: bool, fits: fn(Format) -> bool) -> Result<(), Unfit> {
        if !is_asked || fits(self.format) {
            return Ok(());
        }
        let fitting: Vec<_> = Format::ALL.into_iter().filter(|&format| fits(format)).map(Format::name).collect();
        Err(Unfit::Useless { option, format: self.format, fitting: fitting.join(", ") })
    }

    /// The columns that were asked for, or `usual`; with them the document, where the format tells several apart, and
    /// the origin of the English, where it may be the model's.
    pub(super) fn columns_or(&self, usual: &[Column]) -> Vec<Column> {
        self.columns.clone().unwrap_or_else(|| {
            let names_document = self.several_documents && self.format.is_spreadsheet();
            let added = [(Column::Doc, names_document), (Column::Origin, self.fill_missing)];
            let added = added.into_iter().filter(|(column, is_added)| *is_added && !usual.contains(column));
            usual.iter().copied().chain(added.map(|(column, _)| column)).collect()
        })
    }

    pub(super) fn keeps_unaligned(&self) -> bool {
        self.keep_unaligned || self.format == Format::Index
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(options: &Options) -> Option<String> {
        options.check().err().map(|unfit| unfit.to_string())
    }

    #[test]
    fn what_a_format_could_only_ignore_is_refused() {
        let columns = Some(vec![Column::Zh, Column::En]);
        for format in [Format::Tmx, Format::Moses, Format::Index] {
            let options = Options { format, columns: columns.clone(), ..Options::default() };
            assert_eq!(
                refused(&options),
                Some(format!("--columns goes with tsv, csv, xlsx, jsonl, parquet, not with {format}"))
            );
        }
        for format in Format::ALL {
            let with = |header, fill_missing| Options { format, header, fill_missing, ..Options::default() };
            assert_eq!(
                refused(&with(true, false)).is_none(),
                matches!(format, Format::Tsv | Format::Csv | Format::Xlsx)
            );
            assert_eq!(refused(&with(false, true)).is_some(), matches!(format, Format::Moses | Format::Index));
            assert_eq!(refused(&with(false, false)), None);
        }
    }

    #[test]
    fn a_column_that_is_named_twice_is_refused() {
        let columns = Some(vec![Column::Zh, Column::En, Column::Zh]);
        assert_eq!(refused(&Options { columns, ..Options::default() }), Some("--columns names `zh` twice".to_owned()));
    }

    #[test]
    fn where_english_may_be_the_models_the_usual_columns_say_whose_it_is() {
        let columns = |fill_missing, columns: Option<&[Column]>| {
            let columns = columns.map(<[Column]>::to_vec);
            Options { columns, fill_missing, ..Options::default() }.columns_or(&[Column::Zh])
        };
        assert_eq!(columns(false, None), [Column::Zh]);
        assert_eq!(columns(true, None), [Column::Zh, Column::Origin]);
        assert_eq!(columns(true, Some(&[Column::En])), [Column::En]);
    }

    #[test]
    fn spreadsheets_tell_several_documents_apart_and_tables_for_programs_keep_their_columns() {
        for format in Format::ALL {
            let options = Options { format, several_documents: true, ..Options::default() };
            let expected: &[_] = if format.is_spreadsheet() { &[Column::Zh, Column::Doc] } else { &[Column::Zh] };
            assert_eq!(options.columns_or(&[Column::Zh]), expected);
            assert_eq!(options.columns_or(&[Column::Doc]), [Column::Doc]);
            let asked = Options { columns: Some(vec![Column::En]), ..options };
            assert_eq!(asked.columns_or(&[Column::Zh]), [Column::En]);
        }
    }
}
