//! The coverage of a document as text for people: the totals, every sentence without a counterpart, and the surest
//! hints at clauses without one.
//!
//! What is listed stands as `FILE:LINE  text`, one sentence a line, so that it can be searched and opened by an
//! editor; the machine translation of a Chinese sentence stands indented under it. Text from the document is shown
//! harmlessly: nothing in it can command the terminal.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use super::{decimal, flaw_name, safe::for_terminal};
use crate::{
    both::Both,
    document::{AlignedDocument, Flaw, Hint, Original, Sentences, Share, SideTotals, Totals, Translation},
    text::Lang,
};

/// Writes the summary in a few lines: the totals, and where to see more.
pub fn write_short(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    head(out, document)?;
    let missing = document.coverage.sides.as_ref().map(|side| side.uncovered.len());
    if missing.source + missing.target > 0 {
        let (zh, en) = (missing.source, missing.target);
        entry(out, "not covered", &format!("sentences: {zh} Chinese, {en} English; `mtalign coverage` lists them"))?;
    }
    Ok(())
}

/// The number of hints of a side that are shown.
const MOST_HINTS: usize = 10;

/// Writes the whole summary: the totals, then each Chinese sentence without English with its translation, each
/// English sentence without Chinese, what may be missing inside the other sentences, and each line of neither
/// language.
pub fn write_full(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    head(out, document)?;
    let kinds = document.coverage.beads_by_kind.iter().map(|(kind, beads)| (kind, *beads));
    entry(out, "beads", &listed(kinds, |kind| format!("× {kind}")))?;

    let (sentences, sides) = (&document.sentences, &document.coverage.sides);
    heading(out, "Chinese without English", &sides.source.uncovered, "sentence")?;
    for &index in &sides.source.uncovered {
        sentence(out, &sentences.source, index)?;
        if let Some(translation) = document.translations.get(index) {
            machine_translation(out, translation)?;
        }
    }
    heading(out, "English without Chinese", &sides.target.uncovered, "sentence")?;
    for &index in &sides.target.uncovered {
        sentence(out, &sentences.target, index)?;
    }
    hints(out, "Inside the covered Chinese", &sentences.source, &sides.source.hints)?;
    hints(out, "Inside the covered English", &sentences.target, &sides.target.hints)?;
    heading(out, "Neither Chinese nor English", &document.set_aside, "line")?;
    let original = &sentences.source.original;
    for span in &document.set_aside {
        place(out, original, span.start, span.of(&original.text))?;
    }
    Ok(())
}

/// Writes the totals of several documents.
pub fn write_totals(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    writeln!(out, "{} together", count(totals.documents, "document"))?;
    covered(out, totals.sides)?;
    below(out, totals.pairs_below)?;
    entry(
        out,
        "beads",
        &listed(totals.beads_by_kind.iter().map(|(kind, beads)| (kind, *beads)), |kind| format!("× {kind}")),
    )
}

/// Writes that less of the Chinese characters is covered than `minimum`, 0..=1.
pub fn write_below(out: &mut dyn Write, covered: Share, minimum: f64) -> io::Result<()> {
    let asked = 100.0 * minimum;
    let asked = if asked.fract() == 0.0 { format!("{asked:.0}") } else { format!("{asked:.2}") };
    let covered = percent(covered);
    writeln!(out, "{covered} of the Chinese characters are covered, less than the {asked} % asked for")
}

fn head(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    writeln!(out, "{}", for_terminal(&document.id))?;
    let sides = document.coverage.sides.as_ref();
    covered(out, sides.map(|side| SideTotals { sentences: side.sentences, characters: side.characters }))?;
    below(out, document.coverage.pairs_below)?;
    let flaws = flaws(&document.translations);
    if !flaws.is_empty() {
        entry(out, "translations", &listed(flaws.into_iter(), shown_flaw))?;
    }
    if !document.set_aside.is_empty() {
        let lines = count(document.set_aside.len(), "line");
        entry(out, "set aside", &format!("{lines}, neither Chinese nor English"))?;
    }
    Ok(())
}

fn covered(out: &mut dyn Write, sides: Both<SideTotals>) -> io::Result<()> {
    for (lang, side) in [(Lang::Zh, sides.source), (Lang::En, sides.target)] {
        let (sentences, characters) = (share(side.sentences, "sentences"), share(side.characters, "characters"));
        entry(out, &format!("{} covered", lang.name()), &format!("{sentences}, {characters}"))?;
    }
    Ok(())
}

fn below(out: &mut dyn Write, pairs: usize) -> io::Result<()> {
    if pairs == 0 {
        return Ok(());
    }
    entry(out, "not counted", &format!("{} below the asked confidence", count(pairs, "pair")))
}

fn entry(out: &mut dyn Write, name: &str, value: &str) -> io::Result<()> {
    writeln!(out, "  {name:<16}  {value}")
}

fn heading<T>(out: &mut dyn Write, title: &str, items: &[T], unit: &str) -> io::Result<()> {
    if items.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n{title}: {}", count(items.len(), unit))
}

fn sentence(out: &mut dyn Write, sentences: &Sentences, index: usize) -> io::Result<()> {
    place(out, &sentences.original, sentences.items[index].span.start, sentences.text(index))
}

fn place(out: &mut dyn Write, original: &Original, start: usize, text: &str) -> io::Result<()> {
    writeln!(out, "{}:{}  {}", for_terminal(&original.name), original.line(start), for_terminal(text))
}

/// Writes the surest hints, in order, and how many others there are.
fn hints(out: &mut dyn Write, title: &str, sentences: &Sentences, hints: &[Hint]) -> io::Result<()> {
    heading(out, title, hints, "hint")?;
    let mut surest: Vec<&Hint> = hints.iter().collect();
    surest.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    surest.truncate(MOST_HINTS);
    surest.sort_by_key(|hint| hint.span);
    let original = &sentences.original;
    for Hint { span, confidence, .. } in surest {
        let (line, text) = (original.line(span.start), for_terminal(span.of(&original.text)));
        writeln!(out, "{}:{line}  maybe missing: {text} ({})", for_terminal(&original.name), decimal(*confidence))?;
    }
    match hints.len().saturating_sub(MOST_HINTS) {
        0 => Ok(()),
        others => writeln!(out, "    {others} more, less sure; `--json` has all"),
    }
}

fn machine_translation(out: &mut dyn Write, translation: &Translation) -> io::Result<()> {
    write!(out, "    mt: {}", for_terminal(&translation.text))?;
    match translation.flaw {
        Some(flaw) => writeln!(out, " ({})", shown_flaw(flaw)),
        None => writeln!(out),
    }
}

/// The number of translations with each flaw.
pub(super) fn flaws(translations: &[Translation]) -> BTreeMap<Flaw, usize> {
    let mut counts = BTreeMap::new();
    for flaw in translations.iter().filter_map(|translation| translation.flaw) {
        *counts.entry(flaw).or_default() += 1;
    }
    counts
}

fn shown_flaw(flaw: Flaw) -> String {
    flaw_name(flaw).replace('_', " ")
}

fn listed<T>(counts: impl Iterator<Item = (T, usize)>, name: impl Fn(T) -> String) -> String {
    counts.map(|(item, count)| format!("{count} {}", name(item))).collect::<Vec<_>>().join(", ")
}

pub(super) fn count(items: usize, unit: &str) -> String {
    format!("{items} {unit}{}", if items == 1 { "" } else { "s" })
}

fn share(share: Share, unit: &str) -> String {
    format!("{} of {} {unit} ({})", share.covered, share.total, percent(share))
}

/// A share in percent, to one decimal, but never `0.0 %` where something is covered, nor `100.0 %` where something is
/// not.
fn percent(share: Share) -> String {
    let rounded = format!("{:.1}", 100.0 * share.ratio());
    match rounded.as_str() {
        "0.0" if share.covered > 0 => "<0.1 %".to_owned(),
        "100.0" if share.covered < share.total => ">99.9 %".to_owned(),
        _ => format!("{rounded} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::sample;

    fn shown(write: impl Fn(&mut dyn Write, &AlignedDocument) -> io::Result<()>, sample: &AlignedDocument) -> String {
        let mut out = Vec::new();
        write(&mut out, sample).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_full_summary_lists_every_sentence_without_a_counterpart() {
        let expected = "\
animals.txt
  Chinese covered   1 of 3 sentences (33.3 %), 4 of 13 characters (30.8 %)
  English covered   1 of 4 sentences (25.0 %), 12 of 45 characters (26.7 %)
  not counted       1 pair below the asked confidence
  translations      1 looping
  set aside         1 line, neither Chinese nor English
  beads             1 × 0:1, 1 × 1:0, 1 × 1:1, 1 × 1:2

Chinese without English: 2 sentences
animals.txt:2  狗没睡。
    mt: Translation 1. (looping)
animals.txt:3  鸟飞走了。
    mt: Translation 2.

English without Chinese: 3 sentences
animals.txt:6  The bird flew away.
animals.txt:7  It was gone.
animals.txt:8  The end.

Neither Chinese nor English: 1 line
animals.txt:4  Конец.
";
        let shown = shown(write_full, &sample::mixed().at(0.5));
        assert_eq!(shown, expected);
        assert!(shown.lines().all(|line| line.chars().count() <= 80), "too wide for a terminal of 80 columns");
    }

    #[test]
    fn the_short_summary_says_where_to_see_more() {
        let shown = shown(write_short, &sample::mixed());
        assert_eq!(shown.lines().count(), 6);
        let last = "  not covered       sentences: 1 Chinese, 1 English; `mtalign coverage` lists them";
        assert_eq!(shown.lines().last(), Some(last));
    }

    #[test]
    fn the_surest_hints_are_listed_in_order_and_the_others_counted() {
        let hinted = (0..12_u32).fold(sample::mixed(), |sample, number| {
            let text = ["猫睡", "狗没", "飞走"][number as usize / 4];
            sample.with_hint(number as usize / 4, text, 0.5 + 0.01 * f64::from(number))
        });
        let shown = shown(write_full, &hinted);
        let listed = shown.split_once("\nInside the covered Chinese: 12 hints\n").unwrap().1;
        let lines: Vec<&str> = listed.lines().take(11).collect();
        assert_eq!(lines[0], "animals.txt:1  maybe missing: 猫睡 (0.53)");
        assert_eq!(lines[9], "animals.txt:3  maybe missing: 飞走 (0.58)");
        assert_eq!(lines[10], "    2 more, less sure; `--json` has all");
        assert!(!shown.contains("Inside the covered English"));
    }

    #[test]
    fn nothing_is_listed_where_nothing_is_missing() {
        let mut sample = sample::document(&["一。"], &["One."], &[(1, 1, 1.0)]);
        sample.set_aside.clear();
        let expected = "\
animals.txt
  Chinese covered   1 of 1 sentences (100.0 %), 2 of 2 characters (100.0 %)
  English covered   1 of 1 sentences (100.0 %), 4 of 4 characters (100.0 %)
";
        assert_eq!(shown(write_short, &sample), expected);
        assert_eq!(shown(write_full, &sample), format!("{expected}  beads             1 × 1:1\n"));
    }

    #[test]
    fn text_cannot_command_the_terminal() {
        let sample = sample::document(&["\x1b[2J\u{202E}字"], &["En"], &[(1, 0, 1.0), (0, 1, 1.0)]);
        let shown = shown(write_full, &sample);
        assert!(shown.contains("animals.txt:1   [2J\u{FFFD}字\n"), "{shown}");
    }

    #[test]
    fn a_percentage_is_never_rounded_to_nothing_or_to_all() {
        let shown = [(0, 0), (0, 9), (1, 9999), (1, 3), (9999, 10_000), (9998, 9999), (9, 9)]
            .map(|(covered, total)| percent(Share { covered, total }));
        assert_eq!(shown, ["0.0 %", "0.0 %", "<0.1 %", "33.3 %", ">99.9 %", ">99.9 %", "100.0 %"]);
    }

    #[test]
    fn several_documents_have_totals() {
        let mut totals = Totals::default();
        totals.add(&sample::mixed().coverage);
        totals.add(&sample::mixed().coverage);
        let mut out = Vec::new();
        write_totals(&mut out, &totals).unwrap();
        let expected = "\
2 documents together
  Chinese covered   4 of 6 sentences (66.7 %), 18 of 26 characters (69.2 %)
  English covered   6 of 8 sentences (75.0 %), 76 of 90 characters (84.4 %)
  beads             2 × 0:1, 2 × 1:0, 2 × 1:1, 2 × 1:2
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
