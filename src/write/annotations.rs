//! The coverage of documents as annotations of a code review: lines that GitHub's workflows show beside the text.
//!
//! ```text
//! ::warning file=news.txt,line=12,endLine=14,title=Chinese without English%3A 2 sentences::狗没睡。%0Adraft: The dog …
//! ```
//! Neighbouring sentences without a counterpart share one, for only the first ten of a step are shown; what the
//! checks found inside pairs, at the Chinese sentence, and hints at clauses are notices. What a workflow command would obey is escaped (`%`, line ends; in properties `:` and `,`
//! too), and text is shown as harmlessly as on a terminal.

use std::{
    fmt::Write as _,
    io::{self, Write},
};

use super::{decimal, findings, safe::for_terminal, summary};
use crate::{
    both::Both,
    document::{AlignedDocument, Hint, Original, Sentences, Share, SideCoverage, Span, Translation},
    text::Lang,
};

/// The number of sentences that an annotation shows; of the others it has the number.
const MOST_SENTENCES: usize = 5;

/// Writes a warning for each stretch without a counterpart, and a notice for each finding and each hint.
pub fn write(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    let (sentences, sides) = (&document.sentences, &document.coverage.sides);
    missing(out, "Chinese without English", &sentences.source, &sides.source, &document.translations)?;
    missing(out, "English without Chinese", &sentences.target, &sides.target, &[])?;
    moved(out, document)?;
    found(out, document)?;
    hints(out, "Maybe missing in the English", &sentences.source, &sides.source)?;
    hints(out, "Maybe not in the Chinese", &sentences.target, &sides.target)
}

/// Writes an error that says how much is covered where more was asked for: `minimum`, 0..=1.
pub fn write_below(out: &mut dyn Write, lang: Lang, covered: Share, minimum: f64) -> io::Result<()> {
    let mut message = Vec::new();
    summary::write_below(&mut message, lang, covered, minimum)?;
    let message = String::from_utf8_lossy(&message);
    writeln!(out, "::error title=Too little is covered::{}", data(message.trim_end()))
}

fn missing(
    out: &mut dyn Write,
    title: &str,
    sentences: &Sentences,
    side: &SideCoverage,
    translations: &[Translation],
) -> io::Result<()> {
    for run in side.uncovered.chunk_by(|&one, &next| one + 1 == next) {
        let mut message = String::new();
        for &index in run.iter().take(MOST_SENTENCES) {
            // Writing to a string cannot fail.
            let is_left = side.untranslated.contains(&index);
            let note = if is_left { " (not translated)" } else { "" };
            let _ = writeln!(message, "{}{note}", for_terminal(sentences.text(index)));
            let has_draft = |translation: &&Translation| !is_left && !translation.text.is_empty();
            if let Some(translation) = translations.get(index).filter(has_draft) {
                let _ = writeln!(message, "draft: {}", for_terminal(&translation.text));
            }
        }
        if let Some(others @ 1..) = run.len().checked_sub(MOST_SENTENCES) {
            let _ = writeln!(message, "and {others} more");
        }
        let spans = [run[0], run[run.len() - 1]].map(|index| sentences.items[index].span);
        let title = format!("{title}: {}", summary::count(run.len(), "sentence"));
        annotation(out, "warning", &sentences.original, Span::new(spans[0].start, spans[1].end), &title, &message)?;
    }
    Ok(())
}

/// A notice at the Chinese of each pair that was moved, with the place of its English.
fn moved(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    let Both { source, target } = document.sentences.as_ref();
    for bead in &document.coverage.moved {
        let spans = [bead.runs.source.start, bead.runs.source.end - 1].map(|index| source.items[index].span);
        let english = for_terminal(&target.run_text(bead.runs.target)).to_string();
        let message =
            format!("{}:{}  {english}", for_terminal(&target.original.name), target.line(bead.runs.target.start));
        let span = Span::new(spans[0].start, spans[1].end);
        annotation(out, "notice", &source.original, span, "Moved: its English stands in another place", &message)?;
    }
    Ok(())
}

fn found(out: &mut dyn Write, document: &AlignedDocument) -> io::Result<()> {
    let chinese = &document.sentences.source;
    for finding in &document.coverage.findings {
        let mut message = findings::described(document, finding);
        if let Some(other) = &finding.other {
            let texts = other.texts.as_ref().map(|text| for_terminal(text));
            // Writing to a string cannot fail.
            let _ = write!(message, "\nbefore, {}:{}: {} | {}", other.file, other.line, texts.source, texts.target);
        }
        let title = format!("{} ({})", finding.check.title(), finding.check);
        let span = chinese.items[findings::first(finding).source].span;
        annotation(out, "notice", &chinese.original, span, &title, &message)?;
    }
    Ok(())
}

fn hints(out: &mut dyn Write, title: &str, sentences: &Sentences, side: &SideCoverage) -> io::Result<()> {
    let original = &sentences.original;
    for &Hint { span, confidence, .. } in &side.hints {
        let message = format!("{} ({})", for_terminal(span.of(&original.text)), decimal(confidence));
        annotation(out, "notice", original, span, title, &message)?;
    }
    Ok(())
}

fn annotation(
    out: &mut dyn Write,
    level: &str,
    original: &Original,
    span: Span,
    title: &str,
    message: &str,
) -> io::Result<()> {
    let file = property(&for_terminal(&original.name));
    let lines = [span.start, span.end].map(|at| original.line(at));
    let (title, message) = (property(title), data(message.trim_end()));
    writeln!(out, "::{level} file={file},line={},endLine={},title={title}::{message}", lines[0], lines[1])
}

/// The escapes of a command's message.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The escapes of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::write::sample;

    fn written(sample: &AlignedDocument) -> String {
        let mut out = Vec::new();
        write(&mut out, sample).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn each_stretch_without_a_counterpart_is_a_warning_and_each_hint_a_notice() {
        let expected = "\
::warning file=animals.txt,line=2,endLine=3,title=Chinese without English%3A 2 sentences::\
狗没睡。%0Adraft: Translation 1.%0A鸟飞走了。%0Adraft: Translation 2.
::warning file=animals.txt,line=6,endLine=8,title=English without Chinese%3A 3 sentences::\
The bird flew away.%0AIt was gone.%0AThe end.
::notice file=animals.txt,line=1,endLine=1,title=Maybe missing in the English::睡了 (0.80)
";
        assert_eq!(written(&sample::mixed().at(0.5).with_hint(0, "睡了", 0.8)), expected);
    }

    #[test]
    fn each_finding_is_a_notice_at_its_chinese_sentence() {
        let mut sample =
            sample::document(&["门开了。", "共120人，50%。"], &["It opened.", "All 130 of them, 50%."], &[(2, 2, 0.9)]);
        let checks = crate::document::Checks::default();
        let found = crate::coverage::checks::of_document(&sample.sentences, &sample.alignment, 0.0, checks);
        sample.coverage.add_findings(found);
        let expected = "::notice file=animals.txt,line=2,endLine=2,title=Numbers differ (number)::120 | 130\n";
        assert_eq!(written(&sample), expected);
    }

    #[test]
    fn of_many_sentences_the_first_are_shown_and_the_others_counted() {
        let sample = sample::document(&["字。"; 9], &["A."], &[[(1, 0, 1.0); 9].as_slice(), &[(0, 1, 1.0)]].concat());
        let shown = written(&sample);
        assert_eq!(shown.lines().count(), 2);
        assert!(
            shown.contains("Chinese without English%3A 9 sentences::") && shown.contains("%0Aand 4 more\n"),
            "{shown}"
        );
    }

    #[test]
    fn too_little_coverage_is_an_error_with_both_shares() {
        let mut out = Vec::new();
        write_below(&mut out, Lang::Zh, Share { covered: 612, total: 1000 }, 0.95).unwrap();
        let expected = "::error title=Too little is covered::61.2 %25 of the Chinese characters are covered, less than \
                        the 95 %25 asked for\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn no_text_begins_a_line_or_another_property_or_command(
            zh in prop_oneof![any::<String>(), "[:%,\r\n=a\u{202E}\u{1b}#\\[\\]]{1,30}"],
            name in "[:%,\r\n=a]{0,9}",
        ) {
            let original = Original::new(name.clone(), zh.clone(), crate::document::ByteMap::shifted(0));
            let mut out = Vec::new();
            annotation(&mut out, "warning", &original, Span::new(0, zh.len()), "a, b: 1", &for_terminal(&zh)).unwrap();
            let line = String::from_utf8(out).unwrap();
            prop_assert_eq!(line.lines().count(), 1);
            prop_assert!(!line.trim_end_matches('\n').contains(char::is_control), "{:?}", line);
            let (properties, _) = line.strip_prefix("::warning ").unwrap().split_once("::").unwrap();
            let names: Vec<_> = properties.split(',').map(|one| one.split_once('=').unwrap().0).collect();
            prop_assert_eq!(names, ["file", "line", "endLine", "title"]);
            let file = properties.split(',').next().unwrap().trim_start_matches("file=");
            let unescaped = file.replace("%3A", ":").replace("%2C", ",").replace("%0A", "\n").replace("%25", "%");
            prop_assert_eq!(unescaped, for_terminal(&name));
        }
    }
}
