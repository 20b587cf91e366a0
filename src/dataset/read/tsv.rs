//! Tab-separated values: a row a line, cells as they are. A quotation mark is text like any other, so that a stray one
//! swallows nothing.

use std::{path::Path, sync::Arc};

use super::{
    BadLine, Row,
    cells::Cells,
    columns,
    lines::Lines,
    table::{self, Table},
};
use crate::error::Result;

/// The rows of the file, one for each line.
pub(super) fn rows(path: &Path) -> Result<impl Iterator<Item = Result<Row>> + use<>> {
    let found = columns::find(&table::sample(&mut Tsv { lines: Lines::open(path)? })?);
    Ok(table::rows(Tsv { lines: Lines::open(path)? }, &found))
}

struct Tsv {
    lines: Lines,
}

impl Table for Tsv {
    fn read(&mut self, cells: &mut Cells) -> Result<Option<std::result::Result<(), BadLine>>> {
        cells.clear();
        Ok(self.lines.read()?.map(|line| line.map(|line| line.split('\t').for_each(|cell| cells.push(cell)))))
    }

    fn line(&self) -> usize {
        self.lines.number()
    }

    fn path(&self) -> &Arc<str> {
        self.lines.path()
    }

    fn lacks(&self, name: &str, column: usize) -> String {
        format!("there is no tab before `{name}`, which is column {}", column + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{noted, told};

    #[test]
    fn columns_are_chinese_english_and_confidence() {
        let text = "一只猫\tA cat\n两只猫\tTwo cats\t0.75\n\n三只猫\t\"Three\" cats\t\tmore\r\n四只猫\t\n";
        let expected = [
            "1: 一只猫 | A cat | - | a.tsv",
            "2: 两只猫 | Two cats | 0.75 | a.tsv",
            "4: 三只猫 | \"Three\" cats | - | a.tsv",
            "5: 四只猫 |  | - | a.tsv",
        ];
        assert_eq!(told(&[("a.tsv", text.as_bytes())]), expected);
    }

    #[test]
    fn a_header_names_the_columns() {
        let text = "doc\tEN\tkind\tzh\tconfidence\torigin\tmt_flaw\nd.txt\tA cat\t1:1\t一只猫\t1\tmt\tempty\n\tTwo cats\t1:1\t两只猫\t0.5\n";
        let expected = ["2: 一只猫 | A cat | 1 | d.txt | draft | empty", "3: 两只猫 | Two cats | 0.5 | a.tsv"];
        assert_eq!(told(&[("a.tsv", text.as_bytes())]), expected);
    }

    #[test]
    fn columns_in_another_order_are_found_and_said() {
        let text = "0.97\tA cat slept.\t一只猫睡了。\n0.75\tTwo \"cats slept.\t两只猫睡了。\n";
        let expected = [
            "note: `a.tsv`: by their languages, column 3 is the Chinese and column 2 the English, column 1 the confidence",
            "1: 一只猫睡了。 | A cat slept. | 0.97 | a.tsv",
            "2: 两只猫睡了。 | Two \"cats slept. | 0.75 | a.tsv",
        ];
        assert_eq!(noted(&[("a.tsv", text.as_bytes())]), expected);
    }

    #[test]
    fn columns_are_found_after_thousands_of_lines_that_say_nothing() {
        let text = "!!!\t***\n".repeat(5_000) + "A cat slept.\t一只猫睡了。\n" + &"1\t2\n".repeat(5_000);
        let rows = told(&[("a.tsv", text.as_bytes())]);
        assert_eq!((rows.len(), rows[5_000].as_str()), (10_001, "5001: 一只猫睡了。 | A cat slept. | - | a.tsv"));
    }

    #[test]
    fn lines_that_are_no_pairs_are_told() {
        let text = b"\xe4\xb8\x80\xe4\xba\x8c\tAn A\t0.5\none cell\n\xe4\xb8\x80\tA\thigh\n\xe4\xb8\x80\tA\t1.5\n\xe4\xb8\tA\n\
            \xe4\xb8\x80\tA\t0.1\n\xe4\xb8\x80\tA\tnan\n";
        let expected = [
            "1: 一二 | An A | 0.5 | a.tsv",
            "bad: `a.tsv`, line 2: there is no tab before `en`, which is column 2",
            "bad: `a.tsv`, line 3: `high` is no confidence from 0 to 1",
            "bad: `a.tsv`, line 4: `1.5` is no confidence from 0 to 1",
            "bad: `a.tsv`, line 5: byte 0 of it is no UTF-8",
            "6: 一 | A | 0.1 | a.tsv",
            "bad: `a.tsv`, line 7: `nan` is no confidence from 0 to 1",
        ];
        assert_eq!(told(&[("a.tsv", text)]), expected);
    }

    #[test]
    fn control_characters_become_spaces() {
        let expected = ["1: 一只 猫 | A cat | - | a.tsv"];
        assert_eq!(told(&[("a.tsv", "\u{0}一只\u{1b}猫\tA\u{2028}cat\u{7}".as_bytes())]), expected);
    }
}
