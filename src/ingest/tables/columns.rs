//! The columns of a table, by what stands in most of their cells.

use std::collections::{BTreeMap, BTreeSet};

use super::grid::Cell;
use crate::{
    ingest::script::{self, Reading},
    text::{Lang, is_han, visible_length},
};

/// What a column is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Text of a language.
    Side(Lang),
    /// Numbers or states of rows.
    Label,
    /// Text of no language in particular.
    Text,
}

/// The columns of a table with a column for each language.
#[derive(Debug)]
pub(super) struct Columns {
    uses: BTreeMap<usize, Use>,
    /// The row that says what the columns are, if the first one does.
    head: Option<usize>,
}

/// Rows of a table with both languages, and those of them that have both, at the least.
const FEWEST_ROWS: usize = 3;

/// Chinese characters for each English word, at the least and at the most, where one column translates the other. English
/// prose has 1.4 to 2 for each; terms up to 4. Of names and their explanations it is far more.
const CHARACTERS_A_WORD: (f64, f64) = (0.4, 4.5);

/// The longest state of a row, in visible characters: `Needs second review`.
const LONGEST_STATE: usize = 24;

/// What heads a column of text.
const TEXT_HEADS: [&str; 22] = [
    "english",
    "en",
    "en-us",
    "en-gb",
    "chinese",
    "zh",
    "zh-cn",
    "source",
    "source text",
    "target",
    "target text",
    "translation",
    "original",
    "中文",
    "英文",
    "英语",
    "汉语",
    "简体中文",
    "原文",
    "译文",
    "源文",
    "目标",
];

/// What heads a column that says something about the rows.
const LABEL_HEADS: [&str; 28] = [
    "#", "no", "no.", "id", "nr", "nr.", "status", "state", "key", "match", "comment", "comments", "note", "notes",
    "remark", "remarks", "编号", "序号", "号", "状态", "匹配", "标识", "备注", "注释", "评论", "批注", "审校", "进度",
];

/// States of translations.
const STATES: [&str; 26] = [
    "draft",
    "confirmed",
    "not started",
    "translated",
    "untranslated",
    "approved",
    "rejected",
    "reviewed",
    "final",
    "new",
    "done",
    "open",
    "pending",
    "to do",
    "todo",
    "needs review",
    "signed off",
    "草稿",
    "已确认",
    "未开始",
    "已翻译",
    "未翻译",
    "已审核",
    "待审核",
    "完成",
    "已完成",
];

/// What stands in a column, but for its first row.
#[derive(Debug, Default)]
struct Column<'t> {
    cells: Vec<&'t str>,
    zh: usize,
    en: usize,
    numbers: usize,
    length: usize,
}

impl Column<'_> {
    /// The language of most of its cells.
    fn lang(&self) -> Option<Lang> {
        let is_most = |count: usize| 2 * count > self.cells.len();
        if is_most(self.zh) {
            Some(Lang::Zh)
        } else if is_most(self.en) {
            Some(Lang::En)
        } else {
            None
        }
    }

    fn is_of_numbers(&self) -> bool {
        !self.cells.is_empty() && 5 * self.numbers >= 4 * self.cells.len()
    }

    /// Whether it says the same short things again and again.
    fn is_of_states(&self) -> bool {
        let are_short = self.cells.iter().all(|cell| visible_length(cell) <= LONGEST_STATE);
        let different = self.cells.iter().collect::<BTreeSet<_>>().len();
        let known = self.cells.iter().filter(|cell| lists(&STATES, cell)).count();
        are_short && (3 * different <= 2 * self.cells.len() || 2 * known > self.cells.len())
    }
}

impl Columns {
    /// The columns of a table with these cells, in their order; none where it has no column for each language. What stands
    /// in several blocks of a cell counts by block.
    pub(super) fn of(cells: &[(Cell, &str)]) -> Option<Self> {
        let first_row = cells.first()?.0.row;
        let mut columns: BTreeMap<usize, Column<'_>> = BTreeMap::new();
        let mut heads: BTreeMap<usize, &str> = BTreeMap::new();
        for &(cell, text) in cells {
            let column = columns.entry(cell.column).or_default();
            if cell.row == first_row {
                heads.entry(cell.column).or_insert(text);
                continue;
            }
            column.cells.push(text);
            column.length += visible_length(text);
            if is_number(text) {
                column.numbers += 1;
            } else {
                column.zh += usize::from(script::read(text) == Reading::In(Lang::Zh));
                column.en += usize::from(script::read(text) == Reading::In(Lang::En));
            }
        }
        let text_of = |lang| {
            let of_lang = columns.iter().filter(|(_, column)| column.lang() == Some(lang) && !column.is_of_numbers());
            of_lang.max_by_key(|(_, column)| column.length).map(|(&number, _)| number)
        };
        let (zh, en) = (text_of(Lang::Zh)?, text_of(Lang::En)?);
        if !are_translations(cells, zh, en) {
            return None;
        }
        let is_head = |number: usize| heads.get(&number).is_some_and(|head| lists(&TEXT_HEADS, head));
        let head = (is_head(zh) || is_head(en)).then_some(first_row);
        let use_of = |number: usize, column: &Column<'_>| match column.lang() {
            _ if number == zh => Use::Side(Lang::Zh),
            _ if number == en => Use::Side(Lang::En),
            _ if column.is_of_numbers() || column.is_of_states() => Use::Label,
            _ if heads.get(&number).is_some_and(|head| lists(&LABEL_HEADS, head)) => Use::Label,
            Some(lang) => Use::Side(lang),
            None => Use::Text,
        };
        let uses = columns.iter().map(|(&number, column)| (number, use_of(number, column))).collect();
        Some(Self { uses, head })
    }

    /// What a cell of the table is.
    pub(super) fn of_cell(&self, cell: Cell) -> Use {
        if self.head == Some(cell.row) {
            return Use::Label;
        }
        self.uses.get(&cell.column).copied().unwrap_or(Use::Text)
    }
}

/// Whether enough rows have text in both columns, of lengths that translations have.
fn are_translations(cells: &[(Cell, &str)], zh: usize, en: usize) -> bool {
    let mut rows: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for &(cell, text) in cells {
        let (characters, words) = rows.entry(cell.row).or_default();
        if cell.column == zh {
            *characters += script::count_han(text);
        } else if cell.column == en && !text.contains(is_han) {
            *words += script::words(text).len();
        }
    }
    let with_both = rows.values().filter(|&&(characters, words)| characters > 0 && words > 0);
    let (count, characters, words) = with_both.fold((0, 0, 0), |sum, row| (sum.0 + 1, sum.1 + row.0, sum.2 + row.1));
    let ratio = characters as f64 / words.max(1) as f64;
    rows.len() >= FEWEST_ROWS
        && (count >= FEWEST_ROWS || 2 * count > rows.len())
        && (CHARACTERS_A_WORD.0..=CHARACTERS_A_WORD.1).contains(&ratio)
}

/// Whether a cell is a number or a name of the row: `12`, `3.1`, `TU_007`, `menu.file.open`.
fn is_number(cell: &str) -> bool {
    let is_one_word = !cell.trim().contains(char::is_whitespace);
    let is_key = || cell.trim_end_matches('.').contains(|c: char| c.is_ascii_digit() || matches!(c, '_' | '.' | '/'));
    !cell.contains(char::is_alphabetic) || is_one_word && !cell.contains(is_han) && is_key()
}

fn lists(list: &[&str], cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    list.contains(&cell.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each column of rows is for; cells are parted by `|`.
    fn uses(rows: &[&str]) -> Option<Vec<Use>> {
        let cells = rows.iter().enumerate().flat_map(|(row, line)| {
            let cells = line.split('|').enumerate().filter(|(_, text)| !text.is_empty());
            cells.map(move |(column, text)| (Cell { table: 1, row, column }, text))
        });
        Columns::of(&cells.collect::<Vec<_>>()).map(|columns| columns.uses.into_values().collect())
    }

    const ZH: Use = Use::Side(Lang::Zh);
    const EN: Use = Use::Side(Lang::En);

    #[test]
    fn columns_are_known_by_what_stands_in_them() {
        for (rows, expected) in [
            (&["猫在睡觉。|The cat is asleep.", "狗在叫。|The dog barks.", "天黑了。|It got dark."][..], vec![ZH, EN]),
            (
                &[
                    "ID|Text|译文|Back translation|So far",
                    "a.1|The cat is asleep.|猫在睡觉。|check the cat once more|草稿",
                    "a.2|The dog barks.|狗在叫。|fine|已确认",
                    "a.3|It got dark.||is this a sentence at all|已确认",
                    "a.4|He went home.|他回家了。|short|已确认",
                ],
                vec![Use::Label, EN, ZH, EN, Use::Label],
            ),
            (
                &[
                    "English|中文|备注",
                    "The cat is asleep.|猫在睡觉。|还要核对",
                    "The dog barks.|狗在叫。|",
                    "It got dark.|天黑了。|这样可以",
                ],
                vec![EN, ZH, Use::Label],
            ),
            (&["词|term|数", "扳手|spanner|4", "打气筒|pump|1", "内胎|inner tube|12"], vec![ZH, EN, Use::Label]),
        ] {
            assert_eq!(uses(rows), Some(expected), "{rows:?}");
        }
    }

    #[test]
    fn tables_of_other_things_have_no_such_columns() {
        for rows in [
            &["猫在睡觉。|The cat is asleep.", "狗在叫。|The dog barks."][..],
            &["猫|狗", "天|地", "水|火"],
            &[
                "参数|说明",
                "timeout|等这么久没有回答就算失败",
                "retries|失败以后最多再试的次数",
                "proxy|所有请求都经过的那个服务器",
            ],
            &["猫在睡觉。|1", "The cat is asleep.|2", "狗在叫。|3", "The dog barks.|4"],
            &["|", "|"],
        ] {
            assert_eq!(uses(rows), None, "{rows:?}");
        }
    }
}
