//! Rows of aligned documents. The one place that decides which beads are written, and as what.

use std::{borrow::Cow, fmt};

use super::{Column, Options, rounded};
use crate::{
    bead::{Bead, BeadKind, Run},
    both::Both,
    document::{AlignedDocument, Flaw, Sentences, Translation},
    text::Script,
};

/// A row: a bead with its texts; one side of it may be empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair<'a> {
    /// The name of the document.
    pub doc: &'a str,
    /// The text of each side, as it stands in the file; `""` where there is none.
    pub texts: Both<Cow<'a, str>>,
    /// The ids of the sentences of each side.
    pub ids: Both<Vec<usize>>,
    /// The posterior probability of the bead, 0..=1: of a sentence that it has no counterpart, also where a draft
    /// fills it in. What is left of a pair that was given up has the probability of the pair.
    pub confidence: f64,
    /// The model's translation of the source text, where there is one.
    pub mt: Option<Cow<'a, str>>,
    /// The flaw of that translation; the gravest, where several sentences were translated.
    pub mt_flaw: Option<&'static str>,
    /// The probability that the model gives to a piece of it, 0..=1; the least, where several sentences were translated.
    pub mt_probability: Option<f64>,
    /// The origin of the target text.
    pub origin: Origin,
    /// The script of the document's Chinese.
    pub script: Script,
    /// Whether its sides stand in different places.
    pub is_moved: bool,
}

impl Pair<'_> {
    /// The kind of the bead: how many sentences it has on each side.
    pub fn kind(&self) -> BeadKind {
        BeadKind { source: self.ids.source.len(), target: self.ids.target.len() }
    }

    /// The number in a column that holds some, rounded as outputs have it; none where this row has none.
    pub fn number(&self, column: Column) -> Option<f64> {
        match column {
            Column::Confidence => Some(rounded(self.confidence)),
            Column::MtProbability => self.mt_probability.map(rounded),
            _ => None,
        }
    }

    /// The kind as outputs name it: `1:2`, or `moved`.
    pub fn kind_name(&self) -> String {
        if self.is_moved { "moved".to_owned() } else { self.kind().to_string() }
    }
}

/// The origin of a target text: who wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// The text stood in the document.
    Human,
    /// The text is the model's draft for a sentence that the document does not cover.
    Mt,
}

impl Origin {
    /// The name of the origin in outputs.
    pub fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Mt => "mt",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The rows of `document` in its order.
///
/// Pairs of at least `options.min_confidence` are rows. All other sentences are left out, or are rows without a
/// counterpart where unaligned sentences are kept; then every sentence of both sides stands in exactly one row. Where
/// what is missing is filled in, each of the Chinese ones is a row with the model's translation of it, unless that
/// has a flaw.
pub fn pairs<'a>(document: &'a AlignedDocument, options: &Options) -> impl Iterator<Item = Pair<'a>> + use<'a> {
    let chosen = Chosen {
        min_confidence: options.min_confidence,
        unaligned: options.keeps_unaligned(),
        drafts: options.fill_missing,
        script: Script::of(document.sentences.source.texts()),
        moved: if options.keep_moved { &document.coverage.moved } else { &[] },
    };
    document.alignment.beads().iter().flat_map(move |bead| rows(document, bead, &chosen))
}

/// The options of a document's rows, and its script.
struct Chosen<'a> {
    min_confidence: f64,
    unaligned: bool,
    drafts: bool,
    script: Script,
    /// The pairs that were moved, in the order of their source, where they are rows.
    moved: &'a [Bead],
}

fn rows<'a>(document: &'a AlignedDocument, bead: &Bead, chosen: &Chosen<'_>) -> Vec<Pair<'a>> {
    let row = |runs| row(document, runs, bead.confidence, chosen.script);
    if bead.is_kept(chosen.min_confidence) {
        return vec![row(bead.runs)];
    }
    if let Some(rows) = moved(document, bead, chosen) {
        return rows;
    }
    let Both { source, target } = bead.runs;
    let source_alone = |run| row(Both::new(run, Run::new(target.start, target.start)));
    let mut rows = Vec::new();
    if chosen.drafts {
        for index in source.range() {
            let alone = source_alone(Run::new(index, index + 1));
            match draft(document, index) {
                Some(text) => {
                    rows.push(Pair { texts: Both::new(alone.texts.source, text), origin: Origin::Mt, ..alone });
                }
                None => rows.extend(chosen.unaligned.then_some(alone)),
            }
        }
    } else if chosen.unaligned && !source.is_empty() {
        rows.push(source_alone(source));
    }
    if chosen.unaligned && !target.is_empty() {
        rows.push(row(Both::new(Run::new(source.end, source.end), target)));
    }
    rows
}

/// The rows of a bead without a counterpart whose sentence stands in a pair that was moved: that pair where its source
/// begins, and nothing at its other sentences. None where the sentence stands in no such pair.
fn moved<'a>(document: &'a AlignedDocument, bead: &Bead, chosen: &Chosen<'_>) -> Option<Vec<Pair<'a>>> {
    let Both { source, target } = bead.runs;
    let is_within = |run: Run, whole: Run| !run.is_empty() && whole.start <= run.start && run.end <= whole.end;
    let after = chosen.moved.partition_point(|pair| pair.runs.source.start <= source.start);
    let of_source = chosen.moved[..after].last().filter(|pair| is_within(source, pair.runs.source));
    if let Some(pair) = of_source.filter(|_| target.is_empty()) {
        let is_first = pair.runs.source.start == source.start;
        let row = || Pair { is_moved: true, ..row(document, pair.runs, pair.confidence, chosen.script) };
        return Some(is_first.then(row).into_iter().collect());
    }
    let of_target = || chosen.moved.iter().any(|pair| is_within(target, pair.runs.target));
    (source.is_empty() && of_target()).then(Vec::new)
}

/// The model's translation of a sentence, where it can stand for one.
fn draft(document: &AlignedDocument, index: usize) -> Option<Cow<'_, str>> {
    let is_chinese = !document.coverage.sides.source.untranslated.contains(&index);
    let translation = document.translations.get(index).filter(|_| is_chinese)?;
    let is_usable = translation.flaw.is_none() && !translation.text.trim().is_empty();
    is_usable.then_some(Cow::Borrowed(translation.text.as_str()))
}

fn row(document: &AlignedDocument, runs: Both<Run>, confidence: f64, script: Script) -> Pair<'_> {
    let sides = document.sentences.as_ref().zip(runs);
    let ids = |(sentences, run): (&Sentences, Run)| sentences.items[run.range()].iter().map(|item| item.id).collect();
    Pair {
        doc: &document.id,
        texts: Both::new(sides.source.0.run_text(runs.source), sides.target.0.run_text(runs.target)),
        ids: sides.map(ids),
        confidence,
        mt: machine_translation(document, runs),
        mt_flaw: flaw(document, runs),
        mt_probability: probability(document, runs),
        origin: Origin::Human,
        script,
        is_moved: false,
    }
}

fn machine_translation(document: &AlignedDocument, runs: Both<Run>) -> Option<Cow<'_, str>> {
    match document.translations.get(runs.source.range())? {
        [] => None,
        [one] => Some(Cow::Borrowed(&one.text)),
        many => {
            let texts: Vec<_> = many.iter().map(|translation| translation.text.as_str()).collect();
            Some(Cow::Owned(texts.join(document.sentences.target.lang.joiner())))
        }
    }
}

/// The gravest flaw of the translations of the source sentences.
fn flaw(document: &AlignedDocument, runs: Both<Run>) -> Option<&'static str> {
    let translations = document.translations.get(runs.source.range())?;
    translations.iter().filter_map(|translation| translation.flaw).min().map(Flaw::name)
}

/// The least probability of the translations of the source sentences.
fn probability(document: &AlignedDocument, runs: Both<Run>) -> Option<f64> {
    let translations = document.translations.get(runs.source.range())?;
    translations.iter().map(Translation::probability).min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::write::{Format, sample};

    fn shown(options: &Options) -> Vec<String> {
        let sample = sample::mixed();
        let show = |pair: Pair<'_>| format!("{} {} | {}", pair.kind(), pair.texts.source, pair.texts.target);
        pairs(&sample, options).map(show).collect()
    }

    #[test]
    fn only_pairs_are_rows_by_default() {
        let expected = ["1:1 猫睡了。 | The cat slept.", "1:2 鸟飞走了。 | The bird flew away. It was gone."];
        assert_eq!(shown(&Options::default()), expected);
    }

    #[test]
    fn a_pair_below_the_asked_confidence_is_left_out() {
        let options = Options { min_confidence: 0.5, ..Options::default() };
        assert_eq!(shown(&options), ["1:1 猫睡了。 | The cat slept."]);
    }

    #[test]
    fn where_unaligned_sentences_are_kept_a_pair_that_is_given_up_becomes_two_rows() {
        let options = Options { keep_unaligned: true, min_confidence: 0.5, ..Options::default() };
        let expected = [
            "1:1 猫睡了。 | The cat slept.",
            "1:0 狗没睡。 | ",
            "1:0 鸟飞走了。 | ",
            "0:2  | The bird flew away. It was gone.",
            "0:1  | The end.",
        ];
        assert_eq!(shown(&options), expected);
        assert_eq!(shown(&Options { format: Format::Index, keep_unaligned: false, ..options }), expected);
    }

    #[test]
    fn what_is_missing_is_filled_in_where_the_model_has_a_translation_without_a_flaw() {
        // The translation of 狗没睡。 loops.
        let fill = |keep_unaligned, min_confidence| {
            shown(&Options { fill_missing: true, keep_unaligned, min_confidence, ..Options::default() })
        };
        let certain = "1:1 猫睡了。 | The cat slept.";
        let doubtful = "1:2 鸟飞走了。 | The bird flew away. It was gone.";
        let (filled, addition) = ("1:0 鸟飞走了。 | Translation 2.", "0:1  | The end.");
        assert_eq!(fill(false, 0.0), [certain, doubtful]);
        assert_eq!(fill(false, 0.5), [certain, filled]);
        let all = [certain, "1:0 狗没睡。 | ", filled, "0:2  | The bird flew away. It was gone.", addition];
        assert_eq!(fill(true, 0.5), all);
    }

    #[test]
    fn only_what_the_model_filled_in_is_the_models() {
        let sample = sample::document(&["一。", "二。", "三。"], &["One."], &[(1, 1, 0.9), (2, 0, 0.9)]);
        let origins = |fill_missing| -> Vec<_> {
            let options = Options { fill_missing, keep_unaligned: true, ..Options::default() };
            pairs(&sample, &options).map(|pair| (pair.ids.source, pair.origin)).collect()
        };
        let whole = vec![(vec![0], Origin::Human), (vec![1, 2], Origin::Human)];
        assert_eq!(origins(false), whole);
        let filled = vec![(vec![0], Origin::Human), (vec![1], Origin::Human), (vec![2], Origin::Mt)];
        assert_eq!(origins(true), filled);
    }

    #[test]
    fn the_script_is_that_of_the_whole_document() {
        for (second, expected) in [("關門以後。", Script::Traditional), ("关门以后。", Script::Simplified)] {
            let sample = sample::document(&["一。", second], &["One."], &[(1, 1, 0.9), (1, 0, 0.9)]);
            let scripts: Vec<_> = pairs(&sample, &Options::default()).map(|pair| pair.script).collect();
            assert_eq!(scripts, [expected]);
        }
    }

    #[test]
    fn the_translation_is_that_of_the_whole_source_run() {
        let sample = sample::document(&["一。", "二。"], &["One, two.", "Three."], &[(2, 1, 0.9), (0, 1, 0.9)]);
        let options = Options { keep_unaligned: true, ..Options::default() };
        let translations: Vec<_> = pairs(&sample, &options).map(|pair| pair.mt).collect();
        assert_eq!(translations, [Some(Cow::Borrowed("Translation 0. Translation 1.")), None]);
    }

    proptest! {
        #[test]
        fn where_unaligned_sentences_are_kept_every_sentence_stands_in_one_row(
            sizes in prop::collection::vec((0..3_usize, 0..3_usize, 0.0..1.0), 1..10),
            min_confidence in 0.0..1.0,
            fill_missing in any::<bool>(),
        ) {
            let sizes: Vec<_> = sizes.into_iter().filter(|size| size.0 + size.1 > 0).collect();
            let lengths = sizes.iter().fold((0, 0), |sum, size| (sum.0 + size.0, sum.1 + size.1));
            let sample = sample::document(&vec!["字。"; lengths.0], &vec!["Word."; lengths.1], &sizes);
            let options = Options { keep_unaligned: true, min_confidence, fill_missing, ..Options::default() };
            let rows: Vec<_> = pairs(&sample, &options).collect();
            let source: Vec<_> = rows.iter().flat_map(|pair| pair.ids.source.clone()).collect();
            let target: Vec<_> = rows.iter().flat_map(|pair| pair.ids.target.clone()).collect();
            prop_assert_eq!(source, (0..lengths.0).collect::<Vec<_>>());
            prop_assert_eq!(target, (0..lengths.1).collect::<Vec<_>>());
            let covered: usize = rows.iter().filter(|pair| pair.kind().target > 0).map(|pair| pair.ids.source.len()).sum();
            prop_assert_eq!(covered, sample.at(min_confidence).coverage.sides.source.sentences.covered);
        }
    }
}
