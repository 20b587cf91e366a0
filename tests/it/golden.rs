//! Every folder of tests/golden through the whole aligner, with canned translations in place of the model.
//!
//! What must hold of any alignment is asserted first, then the outputs are compared with the expected files, which
//! were read by eye. `UPDATE_GOLDEN=1` writes them anew.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use mtalign::{
    aligner::{self, AlignedDocument, Models, Settings},
    both::Both,
    document::Sentences,
    evidence::{ClauseWeights, Embeddings, Lexicon, Passes},
    ingest::{self, Input},
    tokenizer::Tokenizer,
    translate::canned::Canned,
    write::{Column, Options, pairs, summary, writer},
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
    let (tokenizer, embeddings) =
        (Tokenizer::load(Path::new(MODEL)).unwrap(), Embeddings::load(Path::new(MODEL)).unwrap());
    let lexicon = Lexicon::load(Path::new(MODEL)).unwrap();
    // What is canned are translations, not how likely they are.
    let weights = Passes { third: None, ..Passes::load(Path::new(MODEL)).unwrap() };
    let clause_weights = ClauseWeights::load(Path::new(MODEL)).unwrap();
    for case in cases() {
        let table = fs::read_to_string(case.join("translations.tsv")).unwrap();
        let mut models = Models {
            translator: &mut Canned::parse("translations.tsv", &table).unwrap(),
            tokenizer: &tokenizer,
            embeddings: &embeddings,
            lexicon: Some(&lexicon),
            tagger: None,
            weights: &weights,
            clause_weights: &clause_weights,
        };
        let document = ingest::read(&input(&case), ingest::Options::default()).unwrap();
        let aligned = aligner::run(document, &Settings::default(), &mut models, &()).unwrap();
        take(&case, &table, &aligned);
    }
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

    let rows: Vec<_> = pairs(aligned.as_aligned(), &options()).collect();
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
    pairs(aligned.as_aligned(), &options).try_for_each(|pair| writer.pair(&pair)).unwrap();
    String::from_utf8(writer.finish().unwrap().remove(0)).unwrap()
}

fn coverage(aligned: &AlignedDocument) -> String {
    let mut out = Vec::new();
    summary::write_full(&mut out, aligned.as_aligned()).unwrap();
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
