//! What the program does without a translator, in every build.

use std::{
    fs, io,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::support::{Folder, PROGRAM, bundled_model};

const CONFIG: &str = "{}";

/// What begins a table is written before a model is looked for.
#[test]
fn only_a_spreadsheet_of_several_documents_has_a_column_for_them() {
    const TEXT: &str = "猫睡了。\n\nThe cat slept.\n";
    let records = format!("{}\n{}\n", json!({ "id": "a", "text": TEXT }), json!({ "id": "b", "text": TEXT }));
    let folder =
        Folder::with(&[("one/a.txt", TEXT), ("two/a.txt", TEXT), ("two/b.txt", TEXT), ("two.jsonl", &records)]);
    let begins = |inputs: &[&str], more: &[&str]| {
        let arguments = [&["align", "-o", "pairs.csv", "--model", "no-such-model"], inputs, more].concat();
        folder.mtalign(&arguments).refused_with(&["error: cannot load the model"]);
        let begun = folder.read("pairs.csv.partial");
        // Otherwise the next run leaves it alone, and takes another name.
        fs::remove_file(folder.path("pairs.csv.partial")).unwrap();
        begun
    };
    for inputs in [&["one/a.txt"][..], &["one"]] {
        assert_eq!(begins(inputs, &[]), "\u{feff}\"zh\",\"en\",\"confidence\"\r\n", "{inputs:?}");
    }
    for inputs in [&["one", "two/b.txt"][..], &["two"], &["two.jsonl"]] {
        assert_eq!(begins(inputs, &[]), "\u{feff}\"zh\",\"en\",\"confidence\",\"doc\"\r\n", "{inputs:?}");
        assert_eq!(begins(inputs, &["--columns", "en"]), "\u{feff}\"en\"\r\n", "{inputs:?}");
    }
}

/// A workbook needs a place for its rows.
#[test]
fn a_workbook_for_which_no_temporary_file_can_be_made_is_refused() {
    let folder = Folder::with(&[("in.txt", "猫睡了。\n\nThe cat slept.\n")]);
    let environment = [("TMPDIR", "no-such-folder"), ("TMP", "no-such-folder"), ("TEMP", "no-such-folder")];
    let run = folder.run(assert_cmd::Command::new(PROGRAM), &environment, &["align", "in.txt", "-o", "pairs.xlsx"]);
    run.refused_with(&["error: cannot write `pairs.xlsx.partial`", "wait in `no-such-folder`: "]);
}

#[test]
fn help_and_version_are_data() {
    let folder = Folder::new();
    for arguments in [&["--help"][..], &["--version"], &["align", "--help"], &["model", "check", "--help"]] {
        let run = folder.mtalign(arguments).ended_with(0);
        assert!(run.stdout.contains("mtalign") && run.stderr.is_empty(), "{run:?}");
    }
}

#[test]
fn the_bundled_model_is_listed_found_and_sound() {
    let folder = Folder::new();
    let dir = bundled_model().display().to_string();
    let listed = folder.mtalign(&["model", "list"]).ended_with(0);
    assert!(listed.stdout.lines().any(|line| line == format!("zh-en\t{dir}")), "{}", listed.stdout);
    assert_eq!(folder.mtalign(&["model", "path"]).ended_with(0).stdout, format!("{dir}\n"));
    assert_eq!(folder.mtalign(&["model", "path", "zh-en"]).ended_with(0).stdout, format!("{dir}\n"));
    for model in [&["model", "check"][..], &["model", "check", &dir]] {
        let check = folder.mtalign(model).ended_with(0);
        assert!(check.stdout.lines().all(|line| line.starts_with("ok     ")), "{}", check.stdout);
        assert!(check.stdout.contains("model.safetensors: ") && check.stderr.is_empty(), "{check:?}");
    }
}

#[test]
fn models_are_looked_for_where_the_environment_says() {
    let folder = Folder::with(&[("models/small/config.json", CONFIG), ("home/config", "")]);
    let mut list = Command::new(PROGRAM);
    list.args(["model", "list"]).env_clear().env("MTALIGN_MODELS", folder.path("models"));
    let output = list.output().unwrap();
    let listed = String::from_utf8(output.stdout).unwrap();
    let expected = format!("small\t{}\n", folder.path("models/small").display());
    assert!(listed.contains(&expected), "{listed}");
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    for arguments in [&["model", "list"][..], &["model", "check"], &["--help"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(PROGRAM);
        let output = command.args(arguments).env_clear().stdout(writer).stderr(Stdio::piped()).output().unwrap();
        assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]), "{arguments:?}");
    }
}

#[test]
fn an_error_that_nobody_reads_still_has_its_exit_code() {
    for arguments in [&["align", "no.txt"][..], &["align", "--nonsense"]] {
        let (reader, writer) = io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new(PROGRAM);
        let output = command.args(arguments).env_clear().stdin(Stdio::null()).stderr(writer).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    }
}

/// Of document a, `[0]:[0]` and `[2]:[]` are right, of three beads in gold and four in the test; Vecalign leaves `[2]:[]`
/// out of recall, and its lax count takes `[1]:[1]` as well. The addition is none.
fn scored() -> Folder {
    Folder::with(&[
        ("gold/a.align", "[0]:[0]\n[1]:[1,2]\n[2]:[]\n"),
        ("gold/b.align", "[0]:[0]\n"),
        ("test/a.index", "[0]:[0]:0.90\n[1]:[1]:0.80\n[]:[2]:0.70\n[2]:[]:0.60\n"),
        ("test/b.index", "[0]:[0]:1.00\n"),
        ("test/c.index", "[0]:[0]:1.00\n"),
    ])
}

#[test]
fn two_alignments_are_scored_as_a_table() {
    let table = scored().mtalign(&["evaluate", "--gold", "gold/a.align", "--test", "test/a.index"]).ended_with(0);
    let expected = "\
1 document           precision    recall        F1      gold      test
aligner-eval strict      0.500     0.667     0.571         3         4
vecalign strict          0.500     0.500     0.500         2         4
vecalign lax             0.750     1.000     0.857         2         4
omissions                1.000     1.000     1.000         1         1
additions                0.000         -     0.000         0         1
";
    assert_eq!(table.stdout, expected);
    assert_eq!(table.stderr, "");
}

#[test]
fn two_folders_are_scored_document_by_document() {
    let folder = scored();
    let folders = ["evaluate", "--gold", "gold", "--test", "test"];
    let table = folder.mtalign(&[&folders[..], &["--documents"]].concat()).ended_with(0);
    assert!(table.stdout.lines().any(|line| line.starts_with("a ") && line.contains("0.571")), "{}", table.stdout);
    assert!(table.stdout.contains("\n2 documents"), "{}", table.stdout);
    table.says(&["`test/c.index` has no gold file"]);
    let written = folder.mtalign(&[&folders[..], &["--json"]].concat()).ended_with(0);
    let scores: Value = serde_json::from_str(&written.stdout).unwrap();
    assert_eq!(scores["total"]["aligner_eval_strict"]["gold"], json!(4));
    assert_eq!(scores["documents"][1]["name"], json!("b"));
    assert_eq!(scores["unmatched"], json!(["test/c.index"]));
}

#[test]
fn confidences_are_held_against_gold_where_that_is_asked_for() {
    let folder = scored();
    let asked = ["evaluate", "--gold", "gold", "--test", "test", "--calibration"];
    let table = folder.mtalign(&asked).ended_with(0).stdout;
    // Of 1.0, 0.9, 0.8, 0.7 and 0.6 the first two and the last are right.
    assert!(table.contains("\n0.5 to 0.6                   1     0.600     1.000\n"), "{table}");
    assert!(table.ends_with("\ncalibration error        0.400\n"), "{table}");
    let written = folder.mtalign(&[&asked[..], &["--json"]].concat()).ended_with(0);
    let scores: Value = serde_json::from_str(&written.stdout).unwrap();
    assert_eq!(
        scores["calibration"]["bins"][9],
        json!({
            "above": 0.9, "up_to": 1.0, "beads": 1, "mean_confidence": 1.0, "share_right": 1.0
        })
    );
}
