//! Tab-separated values: a line a pair, a cell a column.
//!
//! A cell is raw text: there is no quoting, a `"` is a `"`, and tabs, line ends and other control characters inside
//! text have become spaces. So each line has the same number of tabs, and `cut`, `awk` and a spreadsheet agree on it.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{Column, Pair, PairWriter, decimal, safe::one_line};

/// The default columns.
pub const DEFAULT_COLUMNS: [Column; 3] = [Column::Zh, Column::En, Column::Confidence];

/// A writer of pairs as tab-separated values.
#[derive(Debug)]
pub struct TsvWriter<W> {
    out: W,
    columns: Vec<Column>,
}

impl<W: Write> TsvWriter<W> {
    /// A writer of `columns`, under a line of their names if `header`.
    pub fn begin(out: W, columns: Vec<Column>, header: bool) -> io::Result<Self> {
        let mut writer = Self { out, columns };
        if header {
            writer.line(|column| column.name().into())?;
        }
        Ok(writer)
    }

    fn line<'c>(&mut self, cell: impl Fn(Column) -> Cow<'c, str>) -> io::Result<()> {
        for (position, &column) in self.columns.iter().enumerate() {
            if position > 0 {
                self.out.write_all(b"\t")?;
            }
            self.out.write_all(one_line(&cell(column)).as_bytes())?;
        }
        self.out.write_all(b"\n")
    }
}

impl<W: Write> PairWriter<W> for TsvWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        self.line(|column| cell(pair, column))
    }

    fn end_document(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        self.out.flush()?;
        Ok(vec![self.out])
    }
}

/// A cell as text.
pub(super) fn cell<'p>(pair: &'p Pair<'_>, column: Column) -> Cow<'p, str> {
    match column {
        Column::Zh => Cow::Borrowed(&pair.texts.source),
        Column::En => Cow::Borrowed(&pair.texts.target),
        Column::Confidence | Column::MtProbability => pair.number(column).map(decimal).unwrap_or_default().into(),
        Column::Kind => pair.kind_name().into(),
        Column::ZhIds => list(&pair.ids.source).into(),
        Column::EnIds => list(&pair.ids.target).into(),
        Column::Mt => Cow::Borrowed(pair.mt.as_deref().unwrap_or_default()),
        Column::MtFlaw => Cow::Borrowed(pair.mt_flaw.unwrap_or_default()),
        Column::Doc => Cow::Borrowed(pair.doc),
        Column::Origin => pair.origin.to_string().into(),
    }
}

fn list(ids: &[usize]) -> String {
    ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        both::Both,
        write::{Options, Origin, sample},
    };

    #[test]
    fn all_columns_with_a_header() {
        let options =
            Options { columns: Some(Column::ALL.to_vec()), header: true, keep_unaligned: true, ..Options::default() };
        let expected = "\
zh\ten\tconfidence\tkind\tzh_ids\ten_ids\tmt\tmt_flaw\tmt_probability\tdoc\torigin
猫睡了。\tThe cat slept.\t0.98\t1:1\t0\t0\tTranslation 0.\t\t0.6065\tanimals.txt\thuman
狗没睡。\t\t0.91\t1:0\t1\t\tTranslation 1.\tlooping\t0.6065\tanimals.txt\thuman
鸟飞走了。\tThe bird flew away. It was gone.\t0.30\t1:2\t2\t1,2\tTranslation 2.\t\t0.6065\tanimals.txt\thuman
\tThe end.\t0.87\t0:1\t\t3\t\t\t\tanimals.txt\thuman
";
        assert_eq!(sample::written(&sample::mixed(), &options), expected);
    }

    proptest! {
        #[test]
        fn any_text_reads_back_as_the_same_cells_on_one_line(
            zh in any::<String>(),
            en in "[\"\t\r\n,a\u{2028}]*",
            ids in prop::collection::vec(any::<usize>(), 0..4),
        ) {
            let pair = Pair {
                doc: "d\to\nc",
                texts: Both::new(Cow::Borrowed(zh.as_str()), Cow::Borrowed(en.as_str())),
                ids: Both::new(ids.clone(), vec![7]),
                origin: Origin::Mt,
                ..sample::pair()
            };
            let mut out = Vec::new();
            TsvWriter::begin(&mut out, Column::ALL.to_vec(), false).unwrap().pair(&pair).unwrap();
            let line = String::from_utf8(out).unwrap();
            let cells: Vec<_> = line.strip_suffix('\n').unwrap().split('\t').collect();
            let read: Vec<usize> = cells[4].split(',').filter_map(|id| id.parse().ok()).collect();
            prop_assert_eq!(read, ids);
            prop_assert_eq!(cells[0], one_line(&zh));
            prop_assert_eq!(cells[1], one_line(&en));
            prop_assert_eq!(&cells[5..], ["7", "", "", "", "d o c", "mt"]);
        }
    }
}
