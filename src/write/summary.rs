//! The coverage of a document as text for people: the totals, every sentence without a counterpart, what the checks
//! found inside pairs, and the surest hints at clauses without a counterpart.
//!
//! What is listed stands as `FILE:LINE  text`, one sentence a line, so that it can be searched and opened by an
//! editor; the machine translation of a Chinese sentence stands indented under it. Text from the document is shown
//! harmlessly: nothing in it can command the terminal.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{self, Write},
};

use super::{decimal, findings, safe::for_terminal};
use crate::{
    both::Both,
    document::{
        AlignedDocument, Aside, Check, Flaw, Hint, Original, Sentences, SetAside, Share, SideCoverage, SideTotals,
        Totals, Translation,
    },
    text::Lang,
};

/// Writes the summary in a few lines: the totals, and where to see more.
pub fn write_short(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    head(out, document)?;
    let missing = document.coverage.sides.as_ref().map(|side| side.uncovered.len());
    if missing.source + missing.target > 0 {
        entry(out, "not covered", "`mtalign coverage` lists the sentences")?;
    }
    Ok(())
}

/// The number of hints of a side that are shown.
const MOST_HINTS: usize = 10;

/// How much is shown of what stands in tables and at the edges of pages.
const MOST_LABELS: usize = 5;

/// Writes the whole summary: the totals, then each Chinese sentence without English with its translation, each
/// English sentence without Chinese, what the checks found inside pairs, what may be missing inside the other sentences, and each line of neither
/// language.
pub fn write_full(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    head(out, document)?;
    let kinds = document.coverage.beads_by_kind.iter().map(|(kind, beads)| (kind, *beads));
    entry(out, "beads", &listed(kinds, |kind| format!("× {kind}")))?;

    let (sentences, sides) = (&document.sentences, &document.coverage.sides);
    heading(out, "Chinese without English", &sides.source.uncovered, "sentence")?;
    for &index in &sides.source.uncovered {
        sentence(out, &sentences.source, &sides.source, index)?;
        let is_chinese = !sides.source.untranslated.contains(&index);
        if let Some(translation) = document.translations.get(index).filter(|_| is_chinese) {
            machine_translation(out, translation)?;
        }
    }
    heading(out, "English without Chinese", &sides.target.uncovered, "sentence")?;
    for &index in &sides.target.uncovered {
        sentence(out, &sentences.target, &sides.target, index)?;
    }
    moved(out, document)?;
    findings::list(out, document)?;
    hints(out, "Inside the covered Chinese", &sentences.source, &sides.source.hints)?;
    hints(out, "Inside the covered English", &sentences.target, &sides.target.hints)?;
    for kind in Aside::ALL {
        let of_kind: Vec<_> = document.all_set_aside().filter(|(_, aside)| aside.kind == kind).collect();
        heading(out, &format!("Not looked at, {}", kind.title()), &of_kind, "place")?;
        // Nobody reads the numbers of a thousand rows or pages.
        let shown = if matches!(kind, Aside::Label | Aside::Page) { MOST_LABELS } else { of_kind.len() };
        for (original, SetAside { span, .. }) in of_kind.iter().take(shown) {
            place(out, original, span.start, span.of(&original.text), "")?;
        }
        if of_kind.len() > shown {
            writeln!(out, "    {} more; `--json` has all", of_kind.len() - shown)?;
        }
    }
    Ok(())
}

/// Writes the totals of several documents.
pub fn write_totals(out: &mut dyn Write, totals: &Totals) -> io::Result<()> {
    writeln!(out, "{} together", count(totals.documents, "document"))?;
    covered(out, totals.sides)?;
    below(out, totals.pairs_below)?;
    elsewhere(out, totals.moved)?;
    found(out, totals.findings.clone())?;
    entry(
        out,
        "beads",
        &listed(totals.beads_by_kind.iter().map(|(kind, beads)| (kind, *beads)), |kind| format!("× {kind}")),
    )
}

/// Writes that less of the characters of a side is covered than `minimum`, 0..=1.
pub fn write_below(out: &mut dyn Write, lang: Lang, covered: Share, minimum: f64) -> io::Result<()> {
    let asked = 100.0 * minimum;
    let asked = if asked.fract() == 0.0 { format!("{asked:.0}") } else { format!("{asked:.2}") };
    let covered = percent(covered);
    writeln!(out, "{covered} of the {} characters are covered, less than the {asked} % asked for", lang.name())
}

fn head(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    writeln!(out, "{}: {}", for_terminal(&document.id), verdict(document))?;
    let sides = document.coverage.sides.as_ref();
    covered(out, sides.map(|side| SideTotals { sentences: side.sentences, characters: side.characters }))?;
    below(out, document.coverage.pairs_below)?;
    elsewhere(out, document.coverage.moved.len())?;
    found(out, document.coverage.findings_by_check())?;
    let flaws = flaws(&document.translations);
    if !flaws.is_empty() {
        entry(out, "translations", &listed(flaws.into_iter(), shown_flaw))?;
    }
    let mut asides: BTreeMap<Aside, usize> = BTreeMap::new();
    document.all_set_aside().for_each(|(_, aside)| *asides.entry(aside.kind).or_default() += 1);
    if !asides.is_empty() {
        entry(out, "not looked at", &listed(asides.into_iter(), |kind| format!("× {}", kind.title())))?;
    }
    Ok(())
}

/// Whether everything is covered and in its place, and how many sentences are not.
fn verdict(document: &AlignedDocument) -> String {
    let sides = document.coverage.sides.as_ref();
    let Both { source, target } = sides.map(|side| side.uncovered.len());
    if source + target == 0 {
        return match document.coverage.moved.len() {
            0 => "covered".to_owned(),
            moved => format!("covered, {} in another place", count(moved, "pair")),
        };
    }
    let missing = [(Lang::Zh, source), (Lang::En, target)].into_iter().filter(|&(_, missing)| missing > 0);
    let missing = missing.map(|(lang, missing)| count(missing, &format!("{} sentence", lang.name())));
    let mut verdict = format!("not covered: {}", missing.collect::<Vec<_>>().join(", "));
    for (side, other) in [(sides.source, Lang::En), (sides.target, Lang::Zh)] {
        if let left @ 1.. = side.untranslated.len() {
            let _ = write!(verdict, ", {left} left in {}", other.name());
        }
    }
    verdict
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

fn elsewhere(out: &mut dyn Write, pairs: usize) -> io::Result<()> {
    if pairs == 0 {
        return Ok(());
    }
    entry(out, "moved", &format!("{} in another place", count(pairs, "pair")))
}

/// The pairs whose sides stand in different places.
fn moved(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    heading(out, "Moved", &document.coverage.moved, "pair")?;
    for bead in &document.coverage.moved {
        for (sentences, run) in
            [(&document.sentences.source, bead.runs.source), (&document.sentences.target, bead.runs.target)]
        {
            let start = sentences.items[run.start].span.start;
            place(out, &sentences.original, start, &sentences.run_text(run), "")?;
        }
    }
    Ok(())
}

fn found(out: &mut dyn Write, findings: BTreeMap<Check, usize>) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    entry(out, "found in pairs", &listed(findings.into_iter(), |check| check.to_string()))
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

fn sentence(out: &mut dyn Write, sentences: &Sentences, side: &SideCoverage, index: usize) -> io::Result<()> {
    let note = match sentences.lang {
        _ if !side.untranslated.contains(&index) => "",
        Lang::Zh => " (left in English)",
        Lang::En => " (left in Chinese)",
    };
    place(out, &sentences.original, sentences.items[index].span.start, sentences.text(index), note)
}

fn place(out: &mut dyn Write, original: &Original, start: usize, text: &str, note: &str) -> io::Result<()> {
    writeln!(out, "{}:{}  {}{note}", for_terminal(&original.name), original.line(start), for_terminal(text))
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
    let (text, probability) = (for_terminal(&translation.text), translation.probability());
    match translation.flaw {
        Some(flaw) => writeln!(out, "    mt: {text} ({probability:.2}, {})", shown_flaw(flaw)),
        None => writeln!(out, "    mt: {text} ({probability:.2})"),
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
    flaw.name().replace('_', " ")
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
animals.txt: not covered: 2 Chinese sentences, 3 English sentences
  Chinese covered   1 of 3 sentences (33.3 %), 4 of 13 characters (30.8 %)
  English covered   1 of 4 sentences (25.0 %), 12 of 45 characters (26.7 %)
  not counted       1 pair below the asked confidence
  translations      1 looping
  not looked at     1 × neither Chinese nor English
  beads             1 × 0:1, 1 × 1:0, 1 × 1:1, 1 × 1:2

Chinese without English: 2 sentences
animals.txt:2  狗没睡。
    mt: Translation 1. (0.61, looping)
animals.txt:3  鸟飞走了。
    mt: Translation 2. (0.61)

English without Chinese: 3 sentences
animals.txt:6  The bird flew away.
animals.txt:7  It was gone.
animals.txt:8  The end.

Not looked at, neither Chinese nor English: 1 place
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
        let last = "  not covered       `mtalign coverage` lists the sentences";
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
        sample.set_aside = Both::default();
        let expected = "\
animals.txt: covered
  Chinese covered   1 of 1 sentences (100.0 %), 2 of 2 characters (100.0 %)
  English covered   1 of 1 sentences (100.0 %), 4 of 4 characters (100.0 %)
";
        assert_eq!(shown(write_short, &sample), expected);
        assert_eq!(shown(write_full, &sample), format!("{expected}  beads             1 × 1:1\n"));
    }

    #[test]
    fn the_first_line_is_the_verdict_and_what_was_left_in_the_other_language_is_told_so() {
        let mut sample =
            sample::document(&["一。", "Wait for it."], &["One.", "Two."], &[(1, 1, 1.0), (1, 0, 1.0), (0, 1, 1.0)]);
        sample.coverage = sample.coverage.clone().with_untranslated(Both::new(vec![1], Vec::new()));
        let shown = shown(write_full, &sample);
        let first = "animals.txt: not covered: 1 Chinese sentence, 1 English sentence, 1 left in English";
        assert_eq!(shown.lines().next(), Some(first));
        assert!(shown.contains("animals.txt:2  Wait for it. (left in English)\n\n"), "{shown}");
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
