//! Every folder of tests/golden through the whole aligner, with canned translations in place of the model.
//!
//! What must hold of any alignment is asserted first, then the outputs are compared with the expected files, which
//! were read by eye. `UPDATE_GOLDEN=1` writes them anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use mtalign::{
    aligner::{self, Models, Settings, Tables},
    both::Both,
    document::{AlignedDocument, Document, Sentences},
    evidence::{Look, Pass, Passes, ShortlistFeature, ShortlistWeights},
    ingest::{self, Input},
    translate::canned::{Canned, CannedTagger},
    write::{Column, Options, Pair, pairs, summary, writer},
};

/// Relative to the package root, where cargo runs tests, so that no machine's paths stand in the expected files.
const CASES: &str = "tests/golden";
const MODEL: &str = "models/zh-en";
const UPDATE: &str = "UPDATE_GOLDEN";

/// The files that may hold both languages of a case.
const MIXED: [&str; 2] = ["mixed.txt", "mixed.md"];

#[test]
fn every_golden_case_comes_out_as_a_reader_would_align_it() {
    let mut differences = String::new();
    for_each_case(|case, table, aligned| {
        check_translations(case, table, aligned);
        check_tiling(case, aligned);
        for (name, actual) in [("pairs.tsv", parallel_text(aligned)), ("coverage.txt", coverage(aligned))] {
            differences += &compare(&case.join(name), &actual);
        }
    });
    assert!(differences.is_empty(), "lines that are missing (-) or too many (+):\n{differences}");
}

/// Hands the folder of each case, its table of translations and what the aligner makes of it to `take`.
pub(crate) fn for_each_case(mut take: impl FnMut(&Path, &str, &AlignedDocument)) {
    let tables = Tables::load(MODEL).unwrap();
    for case in cases() {
        // Without a tagger: the table says what translations are, not how likely.
        let (table, document) = read(&case);
        let mut translator = Canned::parse("translations.tsv", &table).unwrap();
        let mut models = tables.models(&mut translator, None);
        take(&case, &table, &aligner::run(&document, &Settings::default(), &mut models, &()).unwrap());
    }
}

/// The table and the texts of a case.
fn read(case: &Path) -> (String, Document) {
    let table = fs::read_to_string(case.join("translations.tsv")).unwrap();
    (table, ingest::read(&input(case), ingest::Options::default()).unwrap())
}

/// Every pass must do its part: those with the tagger and with forced decoding too, whose answers are canned like the
/// translations.
#[test]
fn through_all_passes_the_cases_come_out_alike_and_each_look_makes_them_surer() {
    let tables = Tables::load(MODEL).unwrap();
    doubt(tables.passes(), &tables, true);
    let mut looks = Vec::new();
    for pass in &tables.passes().later {
        looks.extend(&pass.looks);
        // Alone, with all that was looked at before: nothing is settled when it begins.
        let alone = Pass { looks: looks.clone(), weights: pass.weights.clone() };
        let mut passes = Passes { later: vec![alone], ..tables.passes().clone() };
        let all = doubt(&passes, &tables, true);
        // With what its look says turned round, it goes astray.
        for feature in ShortlistFeature::all().filter(|feature| feature.look() == pass.looks.last().copied()) {
            let ShortlistWeights { linear, units } = &mut passes.later[0].weights;
            linear[feature.index()] *= -1.0;
            for unit in units {
                unit.weights[feature.index()] *= -1.0;
            }
        }
        let turned = doubt(&passes, &tables, false);
        assert!(turned > 2.0 * all, "{:?}: doubt of {turned:.3} when turned round, {all:.3} as it is", pass.looks);
    }
    assert_eq!(looks, [Look::Lexicon, Look::Tagger, Look::ForcedDecoding]);
}

/// How far the aligner doubts the expected pairs of all cases, summed: 1 less the confidence, and 1 for a pair that it
/// does not have. With `alike` none may be missing.
fn doubt(passes: &Passes, tables: &Tables, alike: bool) -> f64 {
    let mut doubt = 0.0;
    for case in cases() {
        let (table, document) = read(&case);
        let mut translator = Canned::parse("translations.tsv", &table).unwrap();
        let mut tagger = CannedTagger::new(&table, tables.tokenizer());
        let models = tables.models(&mut translator, Some(&mut tagger));
        let mut models = Models { passes, ..models };
        let aligned = aligner::run(&document, &Settings::default(), &mut models, &()).unwrap();
        if alike {
            assert_eq!(compare(&case.join("pairs.tsv"), &parallel_text(&aligned)), "");
        }
        let expected = fs::read_to_string(case.join("pairs.tsv")).unwrap();
        let rows: Vec<_> = pairs(&aligned, &options()).collect();
        for line in expected.lines() {
            let is_it = |row: &&Pair<'_>| parallel_row(row) == line;
            doubt += rows.iter().find(is_it).map_or(1.0, |row| 1.0 - row.confidence);
        }
    }
    doubt
}

/// A row as the expected files have it.
fn parallel_row(row: &Pair<'_>) -> String {
    let mut writer = writer(&options(), [Vec::new()]).unwrap();
    writer.pair(row).unwrap();
    String::from_utf8(writer.finish().unwrap().remove(0)).unwrap().trim_end_matches('\n').to_owned()
}

/// The folders of all cases, by name.
fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(CASES).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(!cases.is_empty(), "`{CASES}` holds no case");
    cases
}

fn input(case: &Path) -> Input {
    let mixed = MIXED.map(|name| case.join(name)).into_iter().find(|path| path.is_file());
    mixed.map_or_else(|| Input::Two { zh: case.join("zh.txt"), en: case.join("en.txt") }, Input::Mixed)
}

/// The table names the sentences of the case, no other ones, in order: so it also says how the text must be cut.
fn check_translations(case: &Path, table: &str, aligned: &AlignedDocument) {
    let expected: Vec<&str> = table.lines().map(|line| line.split('\t').next().unwrap_or_default()).collect();
    let case = case.display();
    assert_eq!(aligned.sentences.source.texts(), expected, "`{case}`: sentences of the text, and of translations.tsv");
    let flaws: Vec<_> = aligned.translations.iter().filter_map(|translation| translation.flaw).collect();
    assert_eq!(flaws, [], "`{case}`: sentences without a translation");
}

/// The beads take every sentence of both sides once, in order, and so do the rows written for them.
fn check_tiling(case: &Path, aligned: &AlignedDocument) {
    let case = case.display();
    let mut reached = Both::new(0, 0);
    for bead in aligned.alignment.beads() {
        assert_eq!(
            bead.runs.map(|run| run.start),
            reached,
            "`{case}`: {bead:?} does not start where the last one ends"
        );
        assert!((0.0..=1.0).contains(&bead.confidence), "`{case}`: {bead:?}");
        reached = bead.runs.map(|run| run.end);
    }
    let lengths = aligned.sentences.as_ref().map(Sentences::len);
    assert_eq!(reached, lengths, "`{case}`: sentences in beads, and in the text");

    let rows: Vec<_> = pairs(aligned, &options()).collect();
    let written =
        |ids: fn(&Both<Vec<usize>>) -> &Vec<usize>| rows.iter().flat_map(|row| ids(&row.ids).clone()).collect();
    let ids: Both<Vec<usize>> = Both::new(written(|ids| &ids.source), written(|ids| &ids.target));
    assert_eq!(ids, lengths.map(|length| (0..length).collect()), "`{case}`: sentences in rows, and in the text");
}

/// No confidences: they change with every training, and what is right does not.
fn options() -> Options {
    Options { columns: Some(vec![Column::Zh, Column::En, Column::Kind]), keep_unaligned: true, ..Options::default() }
}

fn parallel_text(aligned: &AlignedDocument) -> String {
    let options = options();
    let mut writer = writer(&options, [Vec::new()]).unwrap();
    pairs(aligned, &options).try_for_each(|pair| writer.pair(&pair)).unwrap();
    String::from_utf8(writer.finish().unwrap().remove(0)).unwrap()
}

fn coverage(aligned: &AlignedDocument) -> String {
    let mut out = Vec::new();
    summary::write_full(&mut out, aligned).unwrap();
    String::from_utf8(out).unwrap()
}

/// What differs from the expected file, nothing if it is the same; or writes the file.
fn compare(path: &Path, actual: &str) -> String {
    if env::var_os(UPDATE).is_some() {
        fs::write(path, actual).unwrap();
        return String::new();
    }
    let expected = fs::read_to_string(path).unwrap();
    if expected == actual { String::new() } else { format!("{}\n{}", path.display(), difference(&expected, actual)) }
}

/// The lines between the common start and the common end of both texts, those of `expected` first.
fn difference(expected: &str, actual: &str) -> String {
    let (expected, actual): (Vec<&str>, Vec<&str>) = (expected.split('\n').collect(), actual.split('\n').collect());
    let start = expected.iter().zip(&actual).take_while(|(a, b)| a == b).count();
    let (expected, actual) = (&expected[start..], &actual[start..]);
    let end = expected.iter().rev().zip(actual.iter().rev()).take_while(|(a, b)| a == b).count();
    let marked = |mark: &str, lines: &[&str]| {
        let lines: Vec<String> = lines[..lines.len() - end].iter().map(|line| format!("  {mark} {line}\n")).collect();
        lines.concat()
    };
    marked("-", expected) + &marked("+", actual)
}
