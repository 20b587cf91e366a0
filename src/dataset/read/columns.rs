//! Which columns of a table hold the Chinese, the English and the confidence: by a header that names them, or by what
//! stands in them.
//!
//! Of all pairs of a Chinese and an English column that one is taken in which the most rows look like translations: the
//! Chinese is Chinese, the English English, one about as long as the other, and both are new. A status (`Confirmed`)
//! comes again in row after row, and so do most words of an attribution.

use std::{
    collections::{HashMap, HashSet},
    fmt::Write as _,
};

use super::cells::Cells;
use crate::{dataset::filter::length::are_alike, ingest::language, text::Lang};

/// The columns that are looked at: a table of translators has a dozen, and a few more for other languages.
const LOOKED_AT: usize = 64;

/// The fewest rows in which words that come again say something about a column.
const TELLING: usize = 4;

/// The most words of a head (`Target text (English, UK)`).
const LONGEST_HEAD: usize = 6;

/// Heads of columns that name no language. A row of nothing but these and languages is a header.
const HEADS: &str = " # id no no. nr nr. number index key sid tid source target src tgt trg text translation translated original \
reference sentence segment string context status state comment comments note notes remark remarks confidence score similarity \
doc document file name origin date user author license attribution lang language kind 原文 译文 譯文 源文 目标 序号 編號 编号 \
状态 狀態 备注 備註 来源 來源 翻译 翻譯 分数 分數 ";

/// Where the cells of a pair are in a row, counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Columns {
    pub(super) zh: usize,
    pub(super) en: usize,
    pub(super) confidence: Option<usize>,
    pub(super) doc: Option<usize>,
    /// The name of the flaw of the translation by which the pair was aligned.
    pub(super) flaw: Option<usize>,
    pub(super) origin: Option<usize>,
}

/// What was found out about a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) columns: Columns,
    /// Whether the first row names columns, and is no pair.
    pub(super) has_header: bool,
    /// How the languages were found.
    pub(super) how: How,
    /// A column of numbers that are no probabilities.
    pub(super) scores: Option<usize>,
    /// The number of rows looked at that speak for the columns.
    pub(super) rows: usize,
}

/// How the columns of the languages were found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// A header names both.
    Named,
    /// By what stands in them.
    ByLanguage,
    /// Not at all: the first two are taken.
    Guessed,
}

impl Columns {
    /// The columns of a table in which no languages were found.
    const FIRST: Self = Self { zh: 0, en: 1, confidence: Some(2), doc: None, flaw: None, origin: None };
}

impl Found {
    /// What was found, in words, where `named` is what columns are called; none where a header says it all.
    pub(super) fn told(&self, named: impl Fn(usize) -> String) -> Option<String> {
        let Columns { zh, en, confidence, .. } = self.columns;
        let mut told = match self.how {
            How::Named => return None,
            How::ByLanguage => {
                format!("by their languages, {} is the Chinese and {} the English", named(zh), named(en))
            }
            How::Guessed => {
                return Some(
                    "no two columns are Chinese and English; it is read as Chinese, English, confidence".to_owned(),
                );
            }
        };
        if let Some(confidence) = confidence {
            let _ = write!(told, ", {} the confidence", named(confidence));
        }
        if self.has_header {
            told += "; the first row is a header";
        }
        if let Some(scores) = self.scores {
            let _ = write!(told, "; the numbers of {} are no probabilities", named(scores));
        }
        Some(told)
    }
}

/// Finds the columns of a table from its first rows, which are not blank.
pub(super) fn find(rows: &[Cells]) -> Found {
    let header = match rows {
        [first, others @ ..] if !others.is_empty() => Header::of(first, others),
        _ => None,
    };
    find_under(header, rows)
}

/// Finds the columns of rows of which none is a header.
pub(super) fn find_without_header(rows: &[Cells]) -> Found {
    find_under(None, rows)
}

fn find_under(header: Option<Header>, rows: &[Cells]) -> Found {
    let has_header = header.is_some();
    let body = if has_header { &rows[1..] } else { rows };
    let header = header.unwrap_or_default();
    let width = body.iter().map(Cells::len).max().unwrap_or(0).min(LOOKED_AT);
    let columns: Vec<Column<'_>> = (0..width).map(|column| Column::of(body, column)).collect();

    let by_language = best(&columns, &header);
    let (how, zh, en, rows) = match (header.zh, header.en, by_language) {
        (Some(zh), Some(en), _) => (How::Named, zh, en, body.len()),
        (_, _, Some((rows, zh, en))) => (How::ByLanguage, zh, en, rows),
        _ => (How::Guessed, Columns::FIRST.zh, Columns::FIRST.en, 0),
    };
    let (doc, flaw, origin) = (header.doc, header.flaw, header.origin);
    if how == How::Guessed && !has_header {
        return Found { columns: Columns::FIRST, has_header, how, scores: None, rows };
    }
    let is_default = (zh, en) == (0, 1);
    let numbers =
        |column: &usize| columns.get(*column).map_or(Numbers::No, |it| it.numbers(is_default && *column == 2));
    // A header that names both languages and nothing else says that there is no confidence.
    let unnamed = || (0..width).filter(|column| how != How::Named && ![zh, en].contains(column));
    let scored = || header.score.into_iter().chain(unnamed());
    let confidence = header.confidence.or_else(|| scored().find(|column| numbers(column) == Numbers::Probabilities));
    let improbable =
        if confidence.is_some() { None } else { scored().find(|column| numbers(column) == Numbers::Scores) };
    Found { columns: Columns { zh, en, confidence, doc, flaw, origin }, has_header, how, scores: improbable, rows }
}

/// What a first row names.
#[derive(Debug, Default)]
struct Header {
    zh: Option<usize>,
    en: Option<usize>,
    confidence: Option<usize>,
    score: Option<usize>,
    doc: Option<usize>,
    flaw: Option<usize>,
    origin: Option<usize>,
}

impl Header {
    /// What the first row names; none where it is a row like any other: it holds a sentence, or what it names both columns
    /// comes again in them, as codes of languages beside each text do.
    fn of(first: &Cells, others: &[Cells]) -> Option<Self> {
        let is_sentence = |cell: &str| {
            cell.contains(['。', '！', '？', '，', '!', '?']) || cell.split_whitespace().count() > LONGEST_HEAD
        };
        if first.iter().any(is_sentence) {
            return None;
        }
        let place = |is: &dyn Fn(&str) -> bool| first.iter().take(LOOKED_AT).position(|cell| is(cell.trim()));
        let named = |name: &str| place(&|cell: &str| cell.eq_ignore_ascii_case(name));
        // `zh` and `en` before `zh-TW` and `English (UK)`.
        let zh = named("zh").or_else(|| place(&|cell: &str| Lang::of_name(cell) == Some(Lang::Zh)));
        let en = named("en").or_else(|| place(&|cell: &str| Lang::of_name(cell) == Some(Lang::En)));
        let cells = || first.iter().map(|cell| cell.trim().to_lowercase()).filter(|cell| !cell.is_empty());
        let is_head = |cell: &String| Lang::of_name(cell).is_some() || HEADS.split(' ').any(|head| head == cell);
        // `来源` beside `source` is a pair of words, `ID` beside `原文` and `译文` is not.
        let is_mixed =
            cells().count() < 3 && cells().any(|cell| cell.is_ascii()) && cells().any(|cell| !cell.is_ascii());
        let is_only_heads = !is_mixed && cells().count() > 1 && cells().all(|cell| is_head(&cell));
        // `英语` beside `English` is a pair of words.
        let is_of_one_language =
            zh.is_some() != en.is_some() && cells().filter(|cell| Lang::of_name(cell).is_some()).count() > 1;
        let is_header = (zh.is_some() && en.is_some()) || (is_only_heads && !is_of_one_language);
        let comes_again = |column: usize| others.iter().take(TELLING).any(|row| row.get(column) == first.get(column));
        // One of them may be a text that is called as its language is.
        let is_row = (zh.is_some() || en.is_some()) && [zh, en].into_iter().flatten().all(comes_again);
        let is_header = is_header && !is_row;
        is_header.then(|| Self {
            zh,
            en,
            confidence: named("confidence"),
            score: named("score").or_else(|| named("similarity")),
            doc: named("doc"),
            flaw: named("mt_flaw"),
            origin: named("origin"),
        })
    }
}

/// What the numbers of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Numbers {
    No,
    Probabilities,
    Scores,
}

/// What stands in a column, row by row.
struct Column<'r> {
    cells: Vec<&'r str>,
    /// The language of each cell that could be a text of a pair: it is new in its column, and so are its words.
    langs: Vec<Option<Lang>>,
}

impl<'r> Column<'r> {
    fn of(rows: &'r [Cells], column: usize) -> Self {
        let cells: Vec<&str> = rows.iter().map(|row| row.get(column).unwrap_or_default().trim()).collect();
        let mut in_rows: HashMap<&str, usize> = HashMap::new();
        for cell in &cells {
            let mut words: Vec<&str> = cell.split_whitespace().collect();
            words.sort_unstable();
            words.dedup();
            for word in words {
                *in_rows.entry(word).or_default() += 1;
            }
        }
        let comes_again = |word: &&str| {
            rows.len() >= TELLING && in_rows.get(word).is_some_and(|rows_with| 2 * rows_with > rows.len())
        };
        let mut seen = HashSet::new();
        let text = |cell: &&'r str| {
            let letters = |words: &mut dyn Iterator<Item = &'r str>| words.map(str::len).sum::<usize>();
            let all = letters(&mut cell.split_whitespace());
            let new = letters(&mut cell.split_whitespace().filter(|word| !comes_again(word)));
            (seen.insert(*cell) && 2 * new >= all).then(|| language(cell)).flatten()
        };
        let langs = cells.iter().map(text).collect();
        Self { cells, langs }
    }

    /// What its numbers are, where most of what stands in it are numbers. Whole numbers alone are an id or a count; as
    /// the third column, where files of pairs have the confidence, they may be probabilities.
    fn numbers(&self, is_third: bool) -> Numbers {
        let filled = self.cells.iter().filter(|cell| !cell.is_empty()).count();
        let numbers: Vec<f64> = self.cells.iter().filter_map(|cell| cell.parse().ok()).collect();
        let probabilities = numbers.iter().filter(|number| (0.0..=1.0).contains(*number)).count();
        let is_fraction = |cell: &&str| cell.contains('.') && cell.parse::<f64>().is_ok();
        if numbers.is_empty() || 2 * numbers.len() < filled || !(is_third || self.cells.iter().any(is_fraction)) {
            Numbers::No
        } else if 2 * probabilities >= numbers.len() {
            Numbers::Probabilities
        } else {
            Numbers::Scores
        }
    }
}

/// The columns of Chinese and of English that most rows speak for, after their number; none where no row does.
fn best(columns: &[Column<'_>], header: &Header) -> Option<(usize, usize, usize)> {
    let places = |lang: Lang, named: Option<usize>| {
        let of_lang = move |column: &usize| columns[*column].langs.contains(&Some(lang));
        (0..columns.len())
            .filter(move |&column| named.map_or_else(|| of_lang(&column), |named| column == named))
            .collect::<Vec<_>>()
    };
    let (in_zh, in_en) = (places(Lang::Zh, header.zh), places(Lang::En, header.en));
    let mut best: Option<(usize, usize, usize, usize)> = None;
    for &zh in &in_zh {
        for &en in in_en.iter().filter(|&&en| en != zh) {
            let (rows, letters) = speaking(&columns[zh], &columns[en]);
            // The first of equal ones, as people write the main columns before others.
            if rows > 0 && best.is_none_or(|(most, longest, ..)| (rows, letters) > (most, longest)) {
                best = Some((rows, letters, zh, en));
            }
        }
    }
    best.map(|(rows, _, zh, en)| (rows, zh, en))
}

/// The number of rows in which two columns look like translations, and the bytes of all their texts.
fn speaking(zh: &Column<'_>, en: &Column<'_>) -> (usize, usize) {
    let rows = zh.langs.iter().zip(&en.langs).zip(zh.cells.iter().zip(&en.cells));
    let speaking = rows.filter(|((zh, en), (zh_text, en_text))| {
        **zh == Some(Lang::Zh) && **en == Some(Lang::En) && are_alike(zh_text, en_text)
    });
    speaking.fold((0, 0), |(rows, bytes), (_, (zh, en))| (rows + 1, bytes + zh.len() + en.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: &[&str]) -> Found {
        let rows: Vec<Cells> = rows.iter().map(|row| row.split('|').collect()).collect();
        find(&rows)
    }

    /// Chinese, English, confidence, counted from 1.
    type Places = (usize, usize, Option<usize>);

    fn places(rows: &[&str]) -> Places {
        let Columns { zh, en, confidence, .. } = found(rows).columns;
        (zh + 1, en + 1, confidence.map(|column| column + 1))
    }

    #[test]
    fn columns_are_found_by_what_stands_in_them() {
        let cases: [(&[&str], Places); 8] = [
            (&["猫睡了。|The cat slept.|0.9", "狗没睡。|The dog did not.|0.75"], (1, 2, Some(3))),
            (&["The cat slept.|猫睡了。", "The dog did not.|狗没睡。"], (2, 1, None)),
            // OPUS and CCMatrix: a score before the texts, which may be beyond 1.
            (&["1.25|The cat slept.|猫睡了。", "1.07|The dog did not.|狗没睡。"], (3, 2, None)),
            (&["0.97|The cat slept.|猫睡了。", "0.81|The dog did not.|狗没睡。"], (3, 2, Some(1))),
            // Tatoeba: ids between the texts.
            (&["1277|猫睡了。|4013|The cat slept.", "1280|狗没睡。|4020|The dog did not."], (2, 4, None)),
            // A status, which comes again.
            (
                &[
                    "1|Draft|The cat slept.|猫睡了。|ok",
                    "2|Translated by hand|The dog did not.|狗没睡。|",
                    "3|Translated by hand|Rain fell all night.|雨下了一夜。|ok",
                    "4|Translated by hand|Nobody came home.|没有人回家。|ok",
                ],
                (4, 3, None),
            ),
            // Numbers of words, and a column that is empty but for a remark.
            (&["The cat slept.|3|猫睡了。||0.5", "The dog did not.|4|狗没睡。|Which dog is it?|0.25"], (3, 1, Some(5))),
            (&["猫睡了。|The cat slept.|10.7", "狗没睡。|The dog did not.|0.7"], (1, 2, Some(3))),
        ];
        for (rows, expected) in cases {
            assert_eq!(places(rows), expected, "{rows:?}");
        }
        let told = found(&["1.25|The cat slept.|猫睡了。"]).told(|column| format!("column {}", column + 1)).unwrap();
        let expected = "by their languages, column 3 is the Chinese and column 2 the English; the numbers of column 1 are no probabilities";
        assert_eq!(told, expected);
    }

    #[test]
    fn an_attribution_is_no_translation_though_it_is_english_and_longer() {
        let of = |number: usize| {
            format!("CC-BY 2.0 (France) Attribution: tatoeba.org #{number} (CK) & #{} (fucongcong)", number + 7)
        };
        let rows = [
            "The cat slept.|猫睡了。",
            "The dog did not.|狗没睡。",
            "It rained.|下雨了。",
            "Nobody came.|没有人来。",
            "Go!|走！",
        ];
        let rows: Vec<String> = rows.iter().enumerate().map(|(at, row)| format!("{row}|{}", of(at * 31))).collect();
        let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
        assert_eq!(places(&rows), (2, 1, None));
    }

    #[test]
    fn a_header_names_columns_and_is_no_pair() {
        for (rows, expected, has_header, how) in [
            (&["doc|EN|kind|zh|confidence", "d|A cat|1:1|一只猫|1"][..], (4, 2, Some(5)), true, How::Named),
            (&["Chinese (Simplified)|English", "The cat slept.|猫睡了。"], (1, 2, None), true, How::Named),
            (&["id|source|target", "1|The cat slept.|猫睡了。"], (3, 2, None), true, How::ByLanguage),
            (&["序号|原文|译文|状态", "1|猫睡了。|The cat slept.|Draft"], (2, 3, None), true, How::ByLanguage),
            (&["zh|reference|score", "猫睡了。|The cat slept.|0.5"], (1, 2, Some(3)), true, How::ByLanguage),
            (&["来源|source", "猫睡了。|The cat slept."], (1, 2, None), false, How::ByLanguage),
            (&["zh|en|kind", "英文|en|moved"], (1, 2, None), true, How::Named),
            (&["zh|en|doc", "zh|Chinese|codes.txt", "他睡了|He slept|a.txt"], (1, 2, None), true, How::Named),
            (&["ID|原文|译文", "1|猫睡了。|The cat slept."], (2, 3, None), true, How::ByLanguage),
            (&["英语|English", "猫睡了。|The cat slept."], (1, 2, None), false, How::ByLanguage),
            (
                &["1|cmn|试试看！|2|eng|Let us try!", "3|cmn|他睡了。|4|eng|He slept."],
                (3, 6, None),
                false,
                How::ByLanguage,
            ),
            (&["cmn|下雨了|eng|It rains", "cmn|他睡了|eng|He slept"], (2, 4, None), false, How::ByLanguage),
            (&["text|translation"], (1, 2, Some(3)), false, How::Guessed),
            (&["Le chat dort dans la maison.|The cat slept."], (1, 2, Some(3)), false, How::Guessed),
        ] {
            let it = found(rows);
            assert_eq!((places(rows), it.has_header, it.how), (expected, has_header, how), "{rows:?}");
        }
    }

    #[test]
    fn nothing_is_found_in_nothing() {
        assert_eq!(find(&[]).how, How::Guessed);
        assert_eq!(found(&["", "|"]).how, How::Guessed);
    }
}
