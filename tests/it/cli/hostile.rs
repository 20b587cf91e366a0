//! Names and contents of files that would command a terminal: nothing of them reaches standard error as it is.

use crate::support::{Folder, Run};

/// Characters that a terminal obeys, with a line that could pass for the program's own.
const HOSTILE: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{202e}\u{2066}\u{2028}\r\nerror: forged";

/// The same in a name, which can hold no line end on some systems.
const HOSTILE_NAME: &str = "\u{1b}[2J\u{9b}31m\u{202e}\r";

/// Asserts that no line of the messages is forged, and that nothing in them is obeyed.
#[track_caller]
fn is_harmless(run: &Run) {
    let is_obeyed = |c: char| {
        (c.is_control() && c != '\n')
            || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    assert!(!run.stderr.contains(is_obeyed), "`{}` says {:?}", run.command, run.stderr);
    assert!(run.stderr.lines().all(|line| !line.starts_with("error: forged")), "{}", run.stderr);
}

#[test]
fn what_a_file_holds_is_spelt_out_where_it_is_quoted() {
    let entity = format!("<tmx><body><tu><tuv xml:lang=\"zh\"><seg>&{HOSTILE};</seg></tuv></tu></body></tmx>");
    let gold = format!("[0]:[{HOSTILE}]\n");
    let confidence = format!("zh\ten\tconfidence\n猫睡了。\tThe cat slept.\t{}\n", HOSTILE.replace(['\r', '\n'], ""));
    let record = format!("{{\"id\": \"{}\", \"zh\": \"no\", \"en\": \"No.\"}}\n", "\\u001b[2J\\u202e");
    let config = format!("{{\"model_type\": \"{}\"}}", "\\u001b[2J\\u009b\\u202e\\nerror: forged");
    let folder = Folder::with(&[
        ("a.tmx", &entity),
        ("gold.align", &gold),
        ("a.tsv", &confidence),
        ("a.jsonl", &record),
        ("model/config.json", &config),
    ]);
    for (arguments, words) in [
        (&["dataset", "a.tmx", "-o", "set"][..], "the entity `&\\u{1b}]0;` is not known"),
        (&["evaluate", "--gold", "gold.align", "--test", "gold.align"], "\\u{1b}]0;owned"),
        (&["dataset", "a.tsv", "-o", "set"], "`\\u{1b}]0;owned"),
        (&["align", "a.jsonl"], "found no Chinese"),
        (&["model", "check", "model"], ""),
    ] {
        let run = folder.mtalign(arguments).ended_with(2);
        is_harmless(&run);
        run.says(&[words]);
        assert!(!run.stdout.contains('\u{1b}'), "{}", run.stdout);
    }
}

#[cfg(unix)]
#[test]
fn the_name_of_a_file_is_spelt_out() {
    let folder = Folder::new();
    for ending in ["txt", "md", "html", "docx", "epub", "srt", "jsonl", "tsv", "tmx", "xlf", "po", "xlsx"] {
        let name = format!("in/{HOSTILE_NAME}\nerror: forged.{ending}");
        folder.write(&name, "{");
        for command in [&["align", &name][..], &["dataset", &name, "-o", "set"], &["coverage", &name, "--json", &name]]
        {
            let run = folder.mtalign(command).ended_with(2);
            is_harmless(&run);
            // A corpus without pairs is not named.
            if command[0] == "align" {
                run.says(&["\\u{1b}[2J"]);
            }
        }
    }
    let run = folder.mtalign(&["align", "in"]).ended_with(2);
    is_harmless(&run);
    run.says(&["\\u{1b}[2J"]);
}

#[test]
fn a_command_line_that_makes_no_sense_is_quoted_harmlessly() {
    let folder = Folder::new();
    for arguments in [&["align", "a", "-f", HOSTILE][..], &[HOSTILE], &["align", "a", "--threads", HOSTILE]] {
        let run = folder.mtalign(arguments).ended_with(2);
        // What clap quotes may hold line ends, which look like its own.
        let run = Run { stderr: run.stderr.replace("\nerror: forged", " "), ..run };
        is_harmless(&run);
    }
}
