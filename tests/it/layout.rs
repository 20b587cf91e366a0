//! Which module may know which: a module uses only what stands before it in `src/lib.rs`, and no stage another stage.
//! What only tests are built of may use anything.

mod code;

use std::{collections::BTreeSet, fs, path::Path};

use crate::{layout::code::Path as Named, support::sources};

/// What the stages hand on to each other.
const TYPES: [&str; 9] = ["text", "both", "bead", "document", "band", "error", "progress", "feed", "threads"];

/// The models' files, and the pieces in which models read text.
const MODELS: [&str; 4] = ["manifest", "tokenizer", "bundle", "lexicon"];

const STAGES: [&str; 7] = ["ingest", "segment", "translate", "evidence", "align", "coverage", "write"];

/// What is made of many documents' pairs, and of alignments; what joins the stages; and what is kept of a run.
const CONSUMERS: [&str; 4] = ["dataset", "evaluate", "aligner", "journal"];

/// What only some files may name: crates, and parts of the standard library.
const OUTSIDE: [(&str, &[&str]); 15] = [
    ("tch", &["src/translate/marian"]),
    ("rust_bert", &["src/translate/marian"]),
    ("unicode_segmentation", &["src/segment", "src/evidence"]),
    // The network: whatever else opens a connection breaks the promise that everything runs offline.
    ("hf_hub", &["src/bundle/hub"]),
    ("ureq", &["src/bundle/hub"]),
    ("std::net", &["src/bundle/hub"]),
    ("walkdir", &["src/ingest/directory", "src/dataset/folder"]),
    ("parquet", &["src/write/parquet", "src/dataset/files/columnar"]),
    ("csv", &["src/write/csv", "src/dataset/read"]),
    ("rusqlite", &["src/translate/cache"]),
    ("rust_xlsxwriter", &["src/write/xlsx"]),
    ("clap", &["src/bin"]),
    ("indicatif", &["src/bin"]),
    ("std::process", &["src/bin"]),
    (
        "std::fs",
        &[
            "src/tokenizer",
            "src/bundle",
            "src/ingest",
            "src/evidence/embeddings",
            "src/lexicon",
            "src/evidence/weights",
            "src/evidence/clauses/weights",
            "src/evidence/scorer",
            "src/evaluate",
            "src/translate/cache",
            "src/write/output",
            "src/dataset/read",
            "src/dataset/spool",
            "src/dataset/folder",
            "src/dataset/files",
            "src/journal",
            // What the system says of the process.
            "src/bin/mtalign/memory",
        ],
    ),
];

/// Stages that cannot fail; of evidence, only the loading of its tables can.
const NEVER_FAIL: [&str; 4] = ["src/segment", "src/evidence", "src/align", "src/coverage"];
const FAIL_NEVERTHELESS: [&str; 4] =
    ["src/evidence/embeddings", "src/evidence/weights", "src/evidence/clauses/weights", "src/evidence/scorer"];

/// Lines that a file may have.
const LONGEST: usize = 400;

/// Longer files, and why.
const LONG_FILES: [(&str, &str); 0] = [];

/// Whether `file` is the module at `place`, or in it: `src/align` is `src/align.rs` and `src/align/`.
fn is_in(file: &str, place: &str) -> bool {
    file.strip_prefix(place).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

fn is_in_any(file: &str, places: &[&str]) -> bool {
    places.iter().any(|place| is_in(file, place))
}

/// The modules at the root, each before those that may name it.
fn order() -> Vec<&'static str> {
    [&TYPES[..], &MODELS, &STAGES, &CONSUMERS].concat()
}

/// Whether the module `owner` at the root may name the module `other` there.
fn may_name(owner: &str, other: &str) -> bool {
    let order = order();
    let place = |module: &str| order.iter().position(|&known| known == module);
    let (Some(own), Some(others)) = (place(owner), place(other)) else { return false };
    others < own && !(STAGES.contains(&owner) && STAGES.contains(&other))
}

/// What is wrong with the paths that a file names.
fn violations(file: &str, source: &str) -> Vec<String> {
    let module: Vec<String> = file
        .strip_prefix("src/")
        .and_then(|path| path.strip_suffix(".rs"))
        .map(|path| path.split('/').map(str::to_owned).collect())
        .unwrap();
    let owner = module[0].clone();
    let mut wrong = Vec::new();
    for path in code::paths(&module, source) {
        match path {
            // The program is a crate of its own, and the root of the library only lists the modules.
            Named::Inside(_) if owner == "bin" || owner == "lib" => {}
            Named::Inside(path) => {
                // `pub(crate)` says who may see an item, and names no module.
                let Some(other) = path.first() else { continue };
                let is_own_error = other == "error" && is_in_any(file, &NEVER_FAIL);
                if *other != owner && !may_name(&owner, other) {
                    wrong.push(format!("{file}: `{owner}` must not name `{}`", path.join("::")));
                } else if is_own_error && !is_in_any(file, &FAIL_NEVERTHELESS) {
                    wrong.push(format!("{file}: `{owner}` cannot fail, so it names no error"));
                }
            }
            Named::Outside(path) => {
                let path = path.join("::");
                let is_or_is_in = |name: &str| path == name || path.starts_with(&format!("{name}::"));
                let restricted = OUTSIDE.iter().find(|(name, _)| is_or_is_in(name));
                if let Some((name, _)) = restricted.filter(|(_, places)| !is_in_any(file, places)) {
                    wrong.push(format!("{file}: `{name}` is named outside its place"));
                }
            }
        }
    }
    wrong
}

/// Every Rust file under the folders of the sources, by its path from the root, with `/`.
fn files(folders: &[&str]) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open: Vec<_> = folders.iter().map(|folder| sources().join(folder)).collect();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What is built lies in such a folder, where cargo is called in that of the fuzz targets.
                open.extend((path.file_name() != Some("target".as_ref())).then_some(path));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push((from_root(&path), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files
}

/// The files of the modules that only tests are built of.
fn files_of_tests(files: &[(String, String)]) -> BTreeSet<String> {
    let modules = |(file, source): &(String, String)| {
        let of_tests = code::modules(source).into_iter().filter(|(_, is_of_tests)| *is_of_tests);
        let folder = folder_of_modules(file, file == "src/lib.rs");
        of_tests.map(move |(module, _)| format!("{folder}/{module}.rs"))
    };
    files.iter().flat_map(modules).collect()
}

/// The folder of the modules that a file names; those of the root of a crate lie beside it.
fn folder_of_modules(file: &str, is_root: bool) -> String {
    let folder = if is_root { file.rsplit_once('/').map(|(folder, _)| folder) } else { file.strip_suffix(".rs") };
    folder.unwrap_or_default().to_owned()
}

fn from_root(path: &Path) -> String {
    let parts = path.strip_prefix(sources()).unwrap().components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[test]
fn no_module_names_what_it_may_not_know() {
    let files = files(&["src"]);
    assert!(files.len() > order().len(), "found {} files", files.len());
    let of_tests = files_of_tests(&files);
    let of_product = files.iter().filter(|(file, _)| !of_tests.contains(file));
    let wrong: Vec<String> = of_product.flat_map(|(file, source)| violations(file, source)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_modules_stand_in_the_order_in_which_they_may_know_each_other() {
    let library = fs::read_to_string(sources().join("src/lib.rs")).unwrap();
    let listed = library.lines().map(|line| line.strip_prefix("pub ").unwrap_or(line));
    let mut listed: Vec<&str> = listed.filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')).collect();
    // Some are public to training alone, and listed twice.
    listed.dedup();
    assert_eq!(listed, order());
}

#[test]
fn a_violation_is_found_and_what_only_looks_like_one_is_not() {
    for (file, source, is_wrong) in [
        ("src/align.rs", "use crate::evidence::BandEvidence;", true),
        ("src/align.rs", "use crate::{both::Both, segment};", true),
        ("src/align/banded.rs", "use super::super::coverage::measure;", true),
        ("src/align/banded.rs", "fn f() { crate::write::pairs(); }", true),
        ("src/align/banded.rs", "mod within { use super::super::super::write::Pair; }", true),
        ("src/align/banded.rs", "#[cfg(test)] mod tests { use crate::write::Pair; }", false),
        ("src/align/banded.rs", "fn f() { assert!(crate::write::is_kept()) }", true),
        ("src/align.rs", "use crate::*;", true),
        ("src/align.rs", "use crate::error::Error;", true),
        ("src/align.rs", "use super::coverage;", true),
        ("src/bead.rs", "use crate::band::Band;", true),
        ("src/both.rs", "use crate::aligner;", true),
        ("src/coverage.rs", "use crate::write::Format;", true),
        ("src/segment.rs", "use std::{fmt, fs::File};", true),
        ("src/write/tsv.rs", "fn f() { std::process::exit(1) }", true),
        ("src/translate/canned.rs", "use tch::Tensor;", true),
        ("src/ingest.rs", "use clap::Parser;", true),
        ("src/ingest.rs", "fn f(_: &dyn unicode_segmentation::UnicodeSegmentation) {}", true),
        ("src/align.rs", "pub(crate) fn f() {} pub(super) struct S;", false),
        ("src/align.rs", "// use crate::evidence;\n/* tch::Tensor */ const A: &str = \"crate::write\";", false),
        (
            "src/align/banded.rs",
            "use super::{nodes, Cost}; mod tests { use super::*; use super::super::dense; }",
            false,
        ),
        ("src/write/summary.rs", "use crate::{document::Totals, error::Error};", false),
        ("src/write/summary.rs", "use crate::coverage::measure;", true),
        ("src/dataset/filter.rs", "use crate::{ingest::language, write::Pair};", false),
        ("src/segment/en.rs", "use unicode_segmentation::UnicodeSegmentation as _;", false),
        ("src/translate/marian/network.rs", "use {crate::bundle::Architecture, tch::Tensor};", false),
        ("src/evidence/embeddings.rs", "use crate::error::Error; use std::fs;", false),
        ("src/aligner.rs", "use crate::{align::banded, write::Pair};", false),
        ("src/bin/mtalign/main.rs", "use crate::args::Cli; use std::process::ExitCode; use clap::Parser;", false),
    ] {
        let found = violations(file, source);
        assert_eq!(!found.is_empty(), is_wrong, "{file}: {source}\n{found:?}");
    }
}

#[test]
fn every_file_is_part_of_a_crate() {
    let read = |name: &str| fs::read_to_string(sources().join(name)).unwrap();
    let paths = |name: &str| {
        let text = read(name);
        let named = text.lines().filter_map(|line| line.trim().strip_prefix("path = \"")?.strip_suffix('"'));
        named.map(str::to_owned).collect::<Vec<_>>()
    };
    let mut built: BTreeSet<String> = paths("Cargo.toml").into_iter().collect();
    built.extend(paths("tests/fuzz/Cargo.toml").into_iter().map(|path| format!("tests/fuzz/{path}")));
    built.extend(["scripts/build.rs", "src/lib.rs", "src/bin/mtalign/main.rs", "tests/it/main.rs"].map(str::to_owned));
    built.insert("tests/fuzz/src/lib.rs".to_owned());
    let roots = built.clone();
    let files = files(&["src", "tests", "scripts"]);
    for (file, source) in &files {
        let folder = folder_of_modules(file, roots.contains(file));
        built.extend(code::modules(source).into_iter().map(|(module, _)| format!("{folder}/{module}.rs")));
    }
    let forgotten: Vec<&String> = files.iter().map(|(file, _)| file).filter(|file| !built.contains(*file)).collect();
    assert_eq!(forgotten, Vec::<&String>::new(), "no module names them, so nothing is built of them");
}

#[test]
fn every_file_says_what_it_is_for_and_is_short_enough_to_read() {
    let files = files(&["src", "tests", "scripts"]);
    for (file, source) in &files {
        assert!(source.starts_with("//! "), "{file} does not begin with what it is for");
        let (lines, is_excepted) = (source.lines().count(), LONG_FILES.iter().any(|(name, _)| name == file));
        assert_eq!(lines > LONGEST, is_excepted, "{file} has {lines} lines");
    }
    let stale = LONG_FILES.iter().find(|(name, _)| !files.iter().any(|(file, _)| file == name));
    assert_eq!(stale, None, "a long file that is no more");
}
