//! What a document of both languages does on most of its lines: both side by side, or translations in brackets.

use crate::{
    document::Span,
    ingest::{
        paragraphs,
        script::{self, Reading},
    },
    text::{Lang, is_han},
};

/// What a file does on most of its lines, and so is to be taken for on all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Habit {
    /// Both languages stand on one line, with a space between: `出口 Exit`.
    side_by_side: bool,
    /// Each sentence of the one language has its translation in brackets behind it.
    in_brackets: bool,
    /// Lines that follow each other have a term and its translation: `扳手 spanner`.
    has_glossary: bool,
}

impl Habit {
    /// The habit of a file with these lines.
    pub(super) fn of(lines: &[&str]) -> Self {
        let has_glossary = lines.windows(2).any(|pair| pair.iter().all(|line| term(line).is_some()));
        Self { side_by_side: stand_side_by_side(lines), in_brackets: stand_in_brackets(lines), has_glossary }
    }

    /// The parts of a line by language, where the line follows the habit.
    pub(super) fn parts(self, text: &str, line: Span) -> Option<Vec<(Span, Reading)>> {
        let term = || self.has_glossary.then(|| term(line.of(text))).flatten();
        let beside = self.side_by_side.then(|| side_by_side(line.of(text))).flatten().or_else(term);
        if let Some(parts) = beside {
            let at = |span: Span| Span::new(line.start + span.start, line.start + span.end);
            return Some(parts.map(|(span, lang)| (at(span), Reading::In(lang))).to_vec());
        }
        self.in_brackets.then(|| out_of_brackets(text, line)).flatten()
    }
}

/// The fewest lines that make a habit.
const LINES_OF_A_HABIT: usize = 3;

/// Whether most lines have both languages side by side.
pub(crate) fn stand_side_by_side(lines: &[&str]) -> bool {
    let with_both = lines.iter().filter(|line| side_by_side(line).is_some()).count();
    with_both >= LINES_OF_A_HABIT && 2 * with_both > lines.len()
}

/// The two parts of a line whose script changes once, at a space: Chinese and English, or English and Chinese.
pub(crate) fn side_by_side(line: &str) -> Option<[(Span, Lang); 2]> {
    let first_han = line.find(is_han)?;
    let first_latin = line.find(|c: char| c.is_ascii_alphabetic())?;
    let (cut, langs) = if first_han < first_latin {
        let (last, han) = line.char_indices().rev().find(|&(_, c)| is_han(c))?;
        let after = last + han.len_utf8();
        (after + line[after..].find(char::is_whitespace)?, [Lang::Zh, Lang::En])
    } else {
        let space = line[..first_han].char_indices().rev().find(|&(_, c)| c.is_whitespace())?;
        (space.0, [Lang::En, Lang::Zh])
    };
    let parts = [Span::new(0, cut), Span::new(cut, line.len())];
    let is_pure = |(part, lang): (&Span, &Lang)| match lang {
        Lang::Zh => part.of(line).contains(is_han) && script::words(part.of(line)).is_empty(),
        Lang::En => !part.of(line).contains(is_han) && !script::words(part.of(line)).is_empty(),
    };
    let [first, second] = parts;
    parts.iter().zip(&langs).all(is_pure).then_some([(first, langs[0]), (second, langs[1])])
}

/// The most characters and words of a term. A name in a sentence is written in capitals, a term is not.
const CHARACTERS_OF_A_TERM: usize = 8;
const WORDS_OF_A_TERM: usize = 4;

/// The two parts of a line that is a term and its translation, and no sentence.
fn term(line: &str) -> Option<[(Span, Lang); 2]> {
    let parts = side_by_side(line)?;
    let is_term = |(span, lang): &(Span, Lang)| {
        let part = span.of(line).trim();
        match lang {
            Lang::Zh => script::count_han(part) <= CHARACTERS_OF_A_TERM && !script::has_chinese_grammar(part),
            Lang::En => script::words(part).len() <= WORDS_OF_A_TERM && part.starts_with(char::is_lowercase),
        }
    };
    parts.iter().all(is_term).then_some(parts)
}

/// The share of a language's letters that must stand in brackets behind sentences of the other, for a habit.
const IN_BRACKETS: f64 = 0.6;

/// Whether most of one language stands in brackets behind sentences of the other.
fn stand_in_brackets(lines: &[&str]) -> bool {
    let letters = |text: &str, lang| match lang {
        Lang::Zh => script::count_han(text),
        Lang::En => script::words(text).len(),
    };
    [Lang::Zh, Lang::En].into_iter().any(|lang| {
        let (mut inside, mut all, mut groups) = (0, 0, 0);
        for line in lines {
            all += letters(line, lang);
            for group in translations_in_brackets(line).into_iter().filter(|(_, of)| *of == lang) {
                groups += 1;
                inside += letters(group.0.of(line), lang);
            }
        }
        groups >= LINES_OF_A_HABIT && inside as f64 >= IN_BRACKETS * all as f64
    })
}

/// How much of what stands before brackets is read to know its language, in bytes: its last sentence, which the brackets
/// may translate. All of it, again for each pair of brackets, would make a long line cost its length squared.
const LONGEST_BEFORE: usize = 600;

/// What stands in brackets on a line and is a sentence of another language than what stands before it; with the brackets.
fn translations_in_brackets(line: &str) -> Vec<(Span, Lang)> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    let mut reached = 0;
    for (at, c) in line.char_indices() {
        match (c, open) {
            ('(' | '（' | '[' | '【', None) => open = Some(at),
            (')' | '）' | ']' | '】', Some(start)) => {
                open = None;
                let (before, inside) = (&line[reached..start], &line[start..at + c.len_utf8()]);
                let content = inside.trim_matches(is_bracket);
                let last = (before.len().saturating_sub(LONGEST_BEFORE)..=before.len()).find_map(|at| before.get(at..));
                let before = last.unwrap_or(before);
                if paragraphs::ends_sentence(content)
                    && paragraphs::ends_sentence(before)
                    && let (Reading::In(of), Reading::In(lang)) = (script::read(before), script::read(content))
                    && of != lang
                {
                    found.push((Span::new(start, at + c.len_utf8()), lang));
                    reached = at + c.len_utf8();
                }
            }
            _ => {}
        }
    }
    found
}

fn is_bracket(c: char) -> bool {
    matches!(c, '(' | ')' | '（' | '）' | '[' | ']' | '【' | '】')
}

/// The sentences of a line and their translations in brackets, in turn, without the brackets.
fn out_of_brackets(text: &str, line: Span) -> Option<Vec<(Span, Reading)>> {
    let groups = translations_in_brackets(line.of(text));
    let mut parts = Vec::new();
    let mut reached = line.start;
    for &(group, lang) in &groups {
        let (start, end) = (line.start + group.start, line.start + group.end);
        let other = if lang == Lang::Zh { Lang::En } else { Lang::Zh };
        parts.push((Span::new(reached, start), Reading::In(other)));
        let inside = Span::new(start, end).of(text);
        let opening = inside.chars().next().map_or(0, char::len_utf8);
        let closing = inside.chars().next_back().map_or(0, char::len_utf8);
        parts.push((Span::new(start + opening, end - closing), Reading::In(lang)));
        reached = end;
    }
    let rest = Span::new(reached, line.end);
    if !rest.trim(text).is_empty() {
        parts.push((rest, script::read(rest.of(text))));
    }
    (!groups.is_empty()).then_some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_languages_stand_side_by_side_where_the_script_changes_once_at_a_space() {
        let cut = |line: &str| side_by_side(line).map(|parts| parts.map(|(span, _)| span.of(line).trim().to_owned()));
        for (line, expected) in [
            ("出口 Exit", Some(["出口", "Exit"])),
            ("Please wait here 请在此等候", Some(["Please wait here", "请在此等候"])),
            ("你去哪儿了？ Where did you go?", Some(["你去哪儿了？", "Where did you go?"])),
            ("他用 Windows 写信", None),
            ("卡拉OK", None),
            ("出口", None),
            ("Exit", None),
        ] {
            assert_eq!(cut(line), expected.map(|parts| parts.map(str::to_owned)), "{line}");
        }
    }

    #[test]
    fn one_line_makes_no_habit() {
        let signs = ["出口 Exit", "入口 Way in", "洗手间 Toilets", "电梯"];
        assert!(Habit::of(&signs).side_by_side);
        assert!(!Habit::of(&signs[1..]).side_by_side && !Habit::of(&["电梯", "楼梯", "门"]).side_by_side);
        let story = ["天黑了。（It got dark.）他回家了。（He went home.）", "门开着。（The door was open.）"];
        assert!(Habit::of(&story).in_brackets);
        assert!(!Habit::of(&["他用的是新版（Windows）。", "天黑了（晚上）。", "天黑了。（It got dark.）"]).in_brackets);
    }

    #[test]
    fn terms_that_follow_each_other_are_a_glossary() {
        let page =
            ["修车的时候要小心。", "先看看要用什么。", "打气筒 pump", "inner tube 内胎", "链条 chain", "版权所有 2024"];
        let habit = Habit::of(&page);
        assert!(habit.has_glossary && !habit.side_by_side);
        let parts = |line: &str| habit.parts(line, Span::new(0, line.len())).map(|parts| parts.len());
        assert_eq!(page.map(parts), [None, None, Some(2), Some(2), Some(2), None]);
        assert!(!Habit::of(&["我的手机 iPhone", "打气筒 pump", "他用 Windows"]).has_glossary);
        assert!(!Habit::of(&["苹果 Apple", "华为 Huawei", "天黑了。", "门开了。", "他走了。"]).has_glossary);
    }

    #[test]
    fn translations_come_out_of_their_brackets() {
        let habit = Habit { side_by_side: false, in_brackets: true, has_glossary: false };
        let line = "It got dark. (天黑了。) He went (on foot) home. (他走回家了。)";
        let parts = habit.parts(line, Span::new(0, line.len())).unwrap();
        let texts: Vec<_> = parts.iter().map(|(span, _)| span.of(line).trim()).collect();
        assert_eq!(texts, ["It got dark.", "天黑了。", "He went (on foot) home.", "他走回家了。"]);
        assert_eq!(habit.parts("No brackets.", Span::new(0, 12)), None);
    }
}
