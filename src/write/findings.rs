//! What the checks found inside pairs, as text.

use std::{
    borrow::Cow,
    io::{self, Write},
};

use super::{safe::for_terminal, summary::count};
use crate::{
    bead::Run,
    both::Both,
    document::{AlignedDocument, Finding, OtherPair, Place, Sentences},
};

/// The characters of a stretch that are shown.
const LONGEST_SHOWN: usize = 80;

/// The characters that are shown on both sides of a mark.
const AROUND: usize = 12;

/// Writes every finding, a line each: where it stands, which check found it, and the stretches of both sides.
pub(super) fn list(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    let findings = &document.coverage.findings;
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nInside the pairs: {}", count(findings.len(), "finding"))?;
    let sides = document.sentences.as_ref();
    for finding in findings {
        let places = sides
            .zip(first(finding))
            .map(|(sentences, index)| format!("{}:{}", for_terminal(&sentences.original.name), sentences.line(index)));
        writeln!(out, "{}  {}: {} ({})", places.source, finding.check, described(document, finding), places.target)?;
        if let Some(OtherPair { file, line, texts }) = &finding.other {
            let texts = texts.as_ref().map(|text| shortened(text));
            writeln!(out, "    before, {}:{line}: {} | {}", for_terminal(file), texts.source, texts.target)?;
        }
    }
    Ok(())
}

/// The sentence of each side that a finding is about first.
pub(super) fn first(finding: &Finding) -> Both<usize> {
    let runs = finding.places.as_ref().zip(finding.runs);
    runs.map(|(places, run)| places.first().map_or(run.start, |place| place.sentence))
}

/// The stretches of both sides, as one line that is harmless on a terminal: `一百二十万 | 1.4 million`.
pub(super) fn described(document: &AlignedDocument, finding: &Finding) -> String {
    let sides = document.sentences.as_ref().zip(finding.places.as_ref());
    let Both { source, target } = sides.map(|(sentences, places)| {
        let shown: Vec<_> = places.iter().map(|place| shortened(&recognisable(sentences, place))).collect();
        if shown.is_empty() { "–".to_owned() } else { shown.join(", ") }
    });
    format!("{source} | {target}")
}

/// The text of a place.
pub(super) fn text<'a>(sentences: &'a Sentences, place: &Place) -> Cow<'a, str> {
    let line = sentences.run_text(Run::new(place.sentence, place.sentence + 1));
    match line {
        Cow::Borrowed(line) => Cow::Borrowed(line.get(place.bytes.clone()).unwrap_or_default()),
        Cow::Owned(line) => Cow::Owned(line.get(place.bytes.clone()).unwrap_or_default().to_owned()),
    }
}

/// The text of a place; of a mark alone, with some of what stands around it.
fn recognisable(sentences: &Sentences, place: &Place) -> String {
    let line = sentences.run_text(Run::new(place.sentence, place.sentence + 1));
    let of = |start, end| line.get(start..end).unwrap_or_default();
    let (start, end) = (place.bytes.start, place.bytes.end);
    if of(start, end).contains(char::is_alphanumeric) {
        return of(start, end).to_owned();
    }
    let (before, after) = (of(0, start), of(end, line.len()));
    let first = before.char_indices().rev().nth(AROUND).map_or(0, |(at, c)| at + c.len_utf8());
    let last = after.char_indices().nth(AROUND).map_or(after.len(), |(at, _)| at);
    let cut = |is_cut: bool| if is_cut { "…" } else { "" };
    let shown = of(first, end + last);
    format!("{}{shown}{}", cut(first > 0), cut(last < after.len()))
}

fn shortened(text: &str) -> String {
    let shown: String = for_terminal(text).chars().take(LONGEST_SHOWN).collect();
    if text.chars().nth(LONGEST_SHOWN).is_some() { shown + "…" } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        document::{Check, Finding},
        write::sample,
    };

    /// A document with what is found in its pairs by all checks, and the lines that tell of it.
    fn told(zh: &[&str], en: &[&str]) -> Vec<String> {
        let beads = vec![(1, 1, 0.9); zh.len()];
        let mut sample = sample::document(zh, en, &beads);
        let checks = Check::ALL.into_iter().collect();
        let found = crate::coverage::checks::of_document(&sample.sentences, &sample.alignment, 0.0, checks);
        sample.coverage.add_findings(found);
        let mut out = Vec::new();
        list(&mut out, &sample).unwrap();
        String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
    }

    #[test]
    fn each_finding_says_where_it_stands_and_what_it_is_about() {
        let lines = told(
            &["共花了一百二十万元。", "他说：“这个小镇的人都很好。", "没有人来。", "门开了。"],
            &[
                "It cost 1.4 million yuan.",
                "He said the people of the town were kind.",
                "Somebody came.",
                "The 门 opened.",
            ],
        );
        let expected = [
            "",
            "Inside the pairs: 4 findings",
            "animals.txt:1  number: 一百二十万 | 1.4 million (animals.txt:6)",
            "animals.txt:2  punctuation: 他说：“这个小镇的人都很好。 | – (animals.txt:7)",
            "animals.txt:3  negation: 没有人来。 | Somebody came. (animals.txt:8)",
            "animals.txt:4  untranslated: – | 门 (animals.txt:9)",
        ];
        assert_eq!(lines, expected);
    }

    #[test]
    fn nothing_is_told_where_nothing_was_found_and_long_stretches_are_cut() {
        assert_eq!(told(&["门开了。"], &["The door opened."]), [""; 0]);
        let long = "not ".repeat(99) + "(";
        let lines = told(&["门开了。"], &[&long]);
        assert_eq!(lines[2], "animals.txt:1  punctuation: – | …not not not ( (animals.txt:3)");
        let harmless = told(&["\u{1b}[2J没来"], &["\u{1b}[2J came"]);
        assert_eq!(harmless[2], "animals.txt:1  negation: [2J没来 | [2J came (animals.txt:3)");
    }

    #[test]
    fn what_differs_from_another_pair_shows_that_too() {
        let mut sample = sample::mixed();
        let runs = sample.alignment.beads()[0].runs;
        let texts = Both::new("猫睡了。".to_owned(), "Puss slept.".to_owned());
        let other = Some(OtherPair { file: "\u{202E}b.txt".to_owned(), line: 3, texts });
        let places = Both::new(vec![Place { sentence: 0, bytes: 0..12 }], vec![Place { sentence: 0, bytes: 0..14 }]);
        sample.coverage.add_findings(vec![Finding { check: Check::Consistency, runs, places, other }]);
        let mut out = Vec::new();
        list(&mut out, &sample).unwrap();
        let expected = "\nInside the pairs: 1 finding\nanimals.txt:1  consistency: 猫睡了。 | The cat slept. (animals.txt:5)\n    \
                        before, \u{FFFD}b.txt:3: 猫睡了。 | Puss slept.\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
