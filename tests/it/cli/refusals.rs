//! Every error: exit code 2, nothing on standard output, a message that names the file, and what to do about it.

use std::fs;

use serde_json::Value;

use crate::support::{Folder, bundled_model};

const MIXED: &str = "猫睡了。\n\nThe cat slept.\n";

/// The files without which a model is none.
const MODEL_FILES: [&str; 5] = ["config.json", "model.safetensors", "vocab.json", "source.spm", "target.spm"];

fn refused(content: impl AsRef<[u8]>, words: &[&str]) {
    let folder = Folder::new();
    folder.write("in.txt", content);
    for command in ["align", "coverage"] {
        folder.mtalign(&[command, "in.txt"]).refused_with(words);
    }
}

#[test]
fn a_missing_file_is_named() {
    let folder = Folder::with(&[("zh.txt", "猫睡了。")]);
    let words = ["error: cannot read `no.txt`", "caused by: No such file", "hint: check the path"];
    for arguments in [
        &["align", "no.txt"][..],
        &["align", "--zh", "zh.txt", "--en", "no.txt"],
        &["coverage", "no.txt"],
        &["translate", "no.txt"],
        &["evaluate", "--gold", "no.txt", "--test", "zh.txt"],
    ] {
        folder.mtalign(arguments).refused_with(&words);
    }
}

#[test]
fn a_directory_where_a_file_is_wanted_is_named() {
    let folder = Folder::with(&[("texts/in.txt", MIXED)]);
    let words = ["error: cannot read `texts`: it is a directory", "hint: name a file in it"];
    folder.mtalign(&["translate", "texts"]).refused_with(&words);
    folder.mtalign(&["align", "--zh", "texts", "--en", "texts/in.txt"]).refused_with(&words);
}

#[test]
fn binary_junk_is_named_with_its_first_odd_byte() {
    let words = ["`in.txt` as text: byte 8 is 0x00", "hint: give text, Markdown, HTML"];
    refused(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00", &words);
}

#[test]
fn undecodable_bytes_are_named_with_their_place() {
    let damaged = ["天亮了。".as_bytes(), b"\xe4\n", "The sun rose.\n".as_bytes()].concat();
    refused(damaged, &["cannot decode `in.txt` as UTF-8", "at offset 12 ", "hint: convert the file to UTF-8"]);
}

#[test]
fn an_empty_file_is_named() {
    for content in ["", " \r\n\u{3000}\n\n"] {
        refused(content, &["error: `in.txt` is empty", "hint: check that the right file was given"]);
    }
    let folder = Folder::new();
    folder.mtalign(&["align", "-"]).refused_with(&["error: `<stdin>` is empty"]);
}

#[test]
fn a_text_without_chinese_is_named() {
    refused("The cat slept.\n", &["error: found no Chinese in `in.txt`", "hint: the input must hold Chinese text"]);
    let folder = Folder::with(&[("en.txt", "The cat slept."), ("zh.txt", "猫睡了。")]);
    let exchanged = ["align", "--zh", "en.txt", "--en", "zh.txt"];
    folder.mtalign(&exchanged).refused_with(&["error: found no Chinese in `en.txt`"]);
    folder.mtalign(&["translate", "en.txt"]).refused_with(&["error: found no Chinese in `en.txt`"]);
}

#[test]
fn a_text_without_english_cannot_be_aligned() {
    let folder = Folder::with(&[("in.txt", "猫睡了。\n")]);
    let words = ["error: found no English in `in.txt`", "hint: `mtalign coverage` accepts a text without English"];
    folder.mtalign(&["align", "in.txt"]).refused_with(&words);
}

#[test]
fn a_document_that_is_damaged_or_harmful_is_named_with_what_is_wrong() {
    let folder = Folder::new();
    let deep = "<div>".repeat(100_000);
    let cases: [(&str, &[u8], &[&str]); 6] = [
        (
            "a.docx",
            b"PK\x03\x04 cut off",
            &["cannot read `a.docx` as a Word document: it is no archive", "caused by: "],
        ),
        ("a.html", deep.as_bytes(), &["cannot read `a.html` as HTML: more than 1000 elements", "hint: open it"]),
        ("b.html", b"<script>only</script>", &["found no Chinese in `b.html`"]),
        ("a.srt", b"no subtitles", &["cannot read `a.srt` as subtitles: there is no line such as", "hint: open it"]),
        ("a.jsonl", b"{}", &["cannot read `a.jsonl`, line 1: expected `{\"id\": "]),
        ("c.html", b"\xe4\xb8\xad\xe6\xff", &["cannot decode `c.html` as UTF-8", "hint: convert the file"]),
    ];
    for (name, content, words) in cases {
        folder.write(name, content);
        for command in ["align", "coverage"] {
            folder.mtalign(&[command, name]).refused_with(words);
        }
    }
    folder.mtalign(&["translate", "a.jsonl"]).refused_with(&["`a.jsonl` as one text", "hint: `mtalign align`"]);
}

#[test]
fn a_directory_without_documents_is_named() {
    let folder = Folder::with(&[("texts/in.rs", MIXED), ("texts/.in.txt", MIXED)]);
    for command in ["align", "coverage"] {
        let words = ["error: found no documents in `texts`", "hint: files in it are known by their endings: .txt"];
        folder.mtalign(&[command, "texts"]).refused_with(&words);
    }
}

#[test]
fn every_document_that_cannot_be_read_is_named_before_a_model_is_looked_for() {
    let folder = Folder::with(&[("bad/a.txt", "no Chinese"), ("bad/b.jsonl", "{}\n[]\n"), ("earlier.tsv", "earlier")]);
    let arguments = ["align", "no.txt", "bad", "-o", "earlier.tsv", "--model", "no-such-model"];
    let words =
        ["cannot read `no.txt`", "found no Chinese in `bad/a.txt`", "`bad/b.jsonl`, line 1", "`bad/b.jsonl`, line 2"];
    folder.mtalign(&arguments).refused_with(&words);
    assert_eq!(folder.names(), ["bad", "earlier.tsv"]);
    assert_eq!(folder.read("earlier.tsv"), "earlier");
}

#[test]
fn an_output_that_cannot_be_written_is_named_before_a_model_is_looked_for() {
    let folder = Folder::with(&[("in.txt", MIXED), ("file", ""), ("folder/in.txt", MIXED)]);
    for (output, cause) in [("no/out", "No such file"), ("folder", "is a directory"), ("file/out", "Not a directory")] {
        let words = [&format!("error: cannot write `{output}`"), cause, "hint: check that the folder exists"];
        for option in [&["align", "-o"], &["coverage", "--json"], &["coverage", "--report"]] {
            let arguments = [option[0], "in.txt", option[1], output, "--model", "no-such-model"];
            folder.mtalign(&arguments).refused_with(&words);
        }
    }
}

#[test]
fn an_input_is_never_written_over() {
    let files = [("zh.txt", "猫睡了。"), ("en.en-zh.en", "The cat slept."), ("in.txt", MIXED)];
    let folder = Folder::with(&files);
    let two = ["--zh", "zh.txt", "--en", "en.en-zh.en"];
    for (arguments, input) in [
        ([&["align", "in.txt", "-o", "in.txt"][..], &[]], "in.txt"),
        ([&["align", "in.txt", "-o", "./in.txt"], &["-f", "tmx"]], "in.txt"),
        ([&["align", "-o", "zh.txt"], &two], "zh.txt"),
        ([&["align", "-o", "en", "-f", "moses"], &two], "en.en-zh.en"),
        ([&["coverage", "in.txt", "--json", "in.txt"], &[]], "in.txt"),
    ] {
        let words =
            ["error: cannot write `", &format!("would destroy the input `{input}`"), "hint: give the output another"];
        folder.mtalign(&arguments.concat()).refused_with(&words);
    }
    for (name, content) in files {
        assert_eq!(folder.read(name), content);
    }
}

#[test]
fn a_failure_leaves_an_earlier_result_as_it_was() {
    let folder = Folder::with(&[("in.txt", MIXED), ("pairs.tsv", "earlier")]);
    let arguments = ["align", "in.txt", "-o", "pairs.tsv", "--header", "--model", "no-such-model"];
    folder.mtalign(&arguments).refused_with(&["error: cannot load the model in `no-such-model`"]);
    assert_eq!(folder.read("pairs.tsv"), "earlier");
    assert_eq!(folder.names(), ["in.txt", "pairs.tsv", "pairs.tsv.partial"]);
}

#[test]
fn an_unknown_model_is_answered_with_the_known_ones() {
    let folder = Folder::with(&[("in.txt", MIXED)]);
    let words = ["error: cannot load the model in `big`", "models there: `zh-en`", "hint: `mtalign model list`"];
    for command in [
        &["align", "in.txt", "--model", "big"][..],
        &["coverage", "in.txt", "--model", "big"],
        &["translate", "in.txt", "--model", "big"],
        &["model", "path", "big"],
        &["model", "check", "big"],
    ] {
        folder.mtalign(command).refused_with(&words);
    }
    let path = ["align", "in.txt", "--model", "models/big"];
    folder.mtalign(&path).refused_with(&["error: cannot load the model in `models/big`: there is no such directory"]);
}

/// A copy of the bundled model with one file changed, or taken away.
fn damaged(file: &str, damage: impl Fn(Vec<u8>) -> Option<Vec<u8>>) -> Folder {
    let folder = Folder::with(&[("in.txt", MIXED)]);
    for copied in MODEL_FILES.into_iter().chain([file]) {
        let bytes = fs::read(bundled_model().join(copied)).unwrap();
        if copied != file {
            folder.write(&format!("model/{copied}"), bytes);
        } else if let Some(bytes) = damage(bytes) {
            folder.write(&format!("model/{copied}"), bytes);
        }
    }
    folder
}

fn edited(bytes: &[u8], edit: impl Fn(&mut Value)) -> Vec<u8> {
    let mut json = serde_json::from_slice(bytes).unwrap();
    edit(&mut json);
    json.to_string().into_bytes()
}

/// `model check` finds the damage in every build; `align` and `translate` where there is a translator to load it.
fn refused_model(folder: &Folder, file: &str, reason: &str) {
    let check = folder.mtalign(&["model", "check", "model"]).ended_with(2);
    assert!(check.stdout.contains("wrong  "), "{}", check.stdout);
    check.says(&["error: cannot load the model in `model`", "hint: `mtalign model list`"]);
    assert!(check.stdout.contains(file) && check.stdout.contains(reason), "{}", check.stdout);
    if cfg!(feature = "marian") {
        for command in ["align", "translate"] {
            let run = folder.mtalign(&[command, "in.txt", "--model", "model"]);
            run.refused_with(&["error: cannot load the model in `model`", file, reason, "hint: `mtalign model list`"]);
        }
    }
}

#[test]
fn a_model_without_one_of_its_files_is_refused() {
    let folder = damaged("source.spm", |_| None);
    refused_model(&folder, "source.spm", "");
}

#[test]
fn a_truncated_model_is_refused() {
    let folder = damaged("model.safetensors", |bytes| Some(bytes[..bytes.len() / 2].to_vec()));
    refused_model(&folder, "`model.safetensors`", "cut short");
}

#[test]
fn pieces_that_are_nested_without_end_or_claim_huge_lengths_are_refused() {
    let nested = damaged("source.spm", |_| Some(vec![0x0b; 1_000_000]));
    refused_model(&nested, "`source.spm`", "at byte 0 stands a group");
    let huge = damaged("target.spm", |_| Some([&[0x0a][..], &[0xff; 8], &[0x7f]].concat()));
    refused_model(&huge, "`target.spm`", "at byte 10 something ends beyond the end");
    let short = damaged("source.spm", |bytes| Some(bytes[..bytes.len() / 2].to_vec()));
    refused_model(&short, "`source.spm`", "something ends beyond the end");
}

#[test]
fn a_model_of_another_architecture_is_refused() {
    let folder = damaged("config.json", |bytes| Some(edited(&bytes, |config| config["model_type"] = "bart".into())));
    refused_model(&folder, "`config.json`", "`bart`");
}

#[test]
fn a_vocabulary_that_does_not_match_is_refused() {
    let folder = damaged("vocab.json", |bytes| {
        Some(edited(&bytes, |vocabulary| {
            let pieces = vocabulary.as_object_mut().unwrap();
            pieces.insert("one piece more".to_owned(), pieces.len().into());
        }))
    });
    refused_model(&folder, "`vocab.json`", "pieces, but `config.json` asks for");
}

#[cfg(feature = "marian")]
#[test]
fn truncated_embeddings_are_refused() {
    let folder = damaged("embeddings.safetensors", |bytes| Some(bytes[..bytes.len() / 2].to_vec()));
    let run = folder.mtalign(&["align", "in.txt", "--model", "model"]);
    run.refused_with(&["error: cannot load the model in `model`", "`embeddings.safetensors`", "hint: "]);
}

#[cfg(not(feature = "marian"))]
#[test]
fn a_program_without_a_translator_says_so() {
    let folder = Folder::with(&[("in.txt", MIXED)]);
    for command in ["align", "coverage", "translate"] {
        folder.mtalign(&[command, "in.txt"]).refused_with(&["built without the feature `marian`"]);
    }
}

#[test]
fn wrong_usage_is_answered_with_what_would_be_right() {
    let folder = Folder::with(&[("in.txt", MIXED), ("en.txt", "The cat slept.")]);
    let once = "standard input (`-`) can be read only once";
    for (arguments, words) in [
        (&["align", "--zh", "in.txt"][..], &["required", "--en <FILE>"][..]),
        (&["align", "--en", "en.txt"], &["required", "--zh <FILE>"]),
        (&["align"], &["required", "<INPUT>"]),
        (&["align", "in.txt", "--zh", "in.txt", "--en", "en.txt"], &["cannot be used with"]),
        (&["align", "-", "-"], &[once]),
        (&["align", "--zh", "-", "--en", "-"], &[once]),
        (&["coverage", "-", "in.txt", "-"], &[once]),
        (
            &["align", "in.txt", "-f", "xls"],
            &["there is no format `xls`; there is tsv, csv, xlsx, jsonl, tmx, moses, parquet"],
        ),
        (
            &["align", "in.txt", "-o", "out.tmx", "--columns", "zh"],
            &["--columns goes with tsv, csv, xlsx, jsonl, parquet, not with tmx"],
        ),
        (&["align", "in.txt", "-f", "index", "--columns", "zh"], &["--columns goes with", "not with index"]),
        (&["align", "in.txt", "-o", "out.jsonl", "--header"], &["--header goes with tsv, csv, xlsx, not with jsonl"]),
        (
            &["align", "in.txt", "-o", "p", "-f", "moses", "--fill-missing"],
            &["--fill-missing goes with", "not with moses"],
        ),
        (&["align", "in.txt", "--columns", "zh,en,zh"], &["--columns names `zh` twice"]),
        (&["align", "in.txt", "-f", "moses"], &["moses makes two files", "-o PREFIX"]),
        (&["coverage", "in.txt", "--report", "-"], &["--report", "must be a file"]),
        (&["coverage", "in.txt", "--annotations", "--json", "-"], &["both write to standard output"]),
        (&["align", "in.txt", "in.txt", "--fixed", "a.index"], &["`--fixed` are those of one text"]),
        (&["align", "in.txt", "--columns", "zh,cat"], &["there is no column `cat`; there is zh, en, confidence"]),
        (&["align", "in.txt", "--min-confidence", "2"], &["--min-confidence", "must be from 0 to 1"]),
        (&["coverage", "in.txt", "--min-coverage", "high"], &["--min-coverage", "not a number"]),
        (&["align", "in.txt", "--threads", "0"], &["--threads"]),
        (&["align", "in.txt", "--jobs", "0"], &["--jobs"]),
        (&["align", "in.txt", "--progress", "loud"], &["--progress", "auto, never, json"]),
        (&["evaluate", "--gold", "in.txt"], &["--test <TEST>"]),
        (&["model"], &["list"]),
        (&["aling", "in.txt"], &["unrecognized subcommand 'aling'", "'align'"]),
    ] {
        folder.mtalign(arguments).refused_with(words);
    }
}

#[test]
fn an_alignment_that_cannot_be_scored_is_named() {
    let folder = Folder::with(&[
        ("bad.align", "[0]:[0]\n[1]:[x]\n"),
        ("good.align", "[0]:[0]\n"),
        ("gold/a.align", "[0]:[0]\n"),
        ("test/b.align", "[0]:[0]\n"),
    ]);
    let bad = ["evaluate", "--gold", "good.align", "--test", "bad.align"];
    folder.mtalign(&bad).refused_with(&["error: cannot read `bad.align`, line 2: `[1]:[x]` is no bead"]);
    let unpaired = ["evaluate", "--gold", "gold", "--test", "test"];
    folder.mtalign(&unpaired).refused_with(&["error: cannot read `test/a`", "the gold file `gold/a.align`"]);
    let unsure = ["evaluate", "--gold", "good.align", "--test", "good.align", "--calibration"];
    folder.mtalign(&unsure).refused_with(&["error: found no confidence in `good.align`, line 1", "hint: a confidence"]);
}

#[test]
fn a_check_that_there_is_not_is_answered_with_those_there_are() {
    let folder = Folder::with(&[("in.txt", MIXED)]);
    for (checks, named) in [("numbers", "`numbers`"), ("number,all", "`all`"), ("", "``")] {
        let words = [
            &format!("there is no check {named}")[..],
            "number, untranslated, punctuation, url, negation, consistency",
        ];
        folder.mtalign(&["coverage", "in.txt", "--checks", checks]).refused_with(&words);
    }
}
