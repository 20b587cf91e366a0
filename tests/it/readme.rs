//! What the README says is true: its commands are accepted, its options exist, its example comes out as shown.

use std::{collections::BTreeSet, fs};

use crate::support::{Folder, sources};

fn readme() -> String {
    fs::read_to_string(sources().join("README.md")).unwrap()
}

/// The contents of the fenced blocks of `language`.
fn blocks(language: &str) -> Vec<String> {
    let readme = readme();
    let fences = readme.split("\n```").skip(1).step_by(2);
    fences
        .filter_map(|block| block.strip_prefix(language)?.strip_prefix('\n').map(|text| format!("{text}\n")))
        .collect()
}

/// The readme without its fenced blocks.
fn prose() -> String {
    readme().split("\n```").step_by(2).collect::<Vec<_>>().join("\n")
}

/// What stands in backquotes.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The options in a text: `--name` and `-n`.
fn options(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| c.is_whitespace() || "[](),|=<>".contains(c));
    words.filter(|word| word.starts_with('-') && word.len() > 1).map(str::to_owned).collect()
}

fn help(command: &[&str]) -> String {
    Folder::new().mtalign(&[command, &["--help"]].concat()).ended_with(0).stdout
}

const COMMANDS: [&str; 7] = ["align", "coverage", "translate", "dataset", "evaluate", "model", "cache"];

#[test]
fn every_command_in_a_block_is_a_script_or_is_accepted_by_the_program() {
    let lines: Vec<String> =
        blocks("sh").iter().flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>()).collect();
    assert!(lines.len() >= 2, "{lines:?}");
    for line in lines {
        let mut words = line.split_whitespace();
        let script = words.next().unwrap();
        assert!(script.starts_with("scripts/") && sources().join(script).is_file(), "there is no `{script}`");
        if script == "scripts/mtalign" {
            // Understood as far as the first file, which is not there: a wrong option would be said first.
            let words: Vec<&str> = words.collect();
            let run = Folder::new().mtalign(&words);
            run.refused_with(&[&format!("error: cannot read `{}`", words[1])]);
        }
    }
}

#[test]
fn the_table_has_every_command_with_options_that_it_has() {
    let prose = prose();
    let rows: Vec<&str> = prose.lines().filter(|line| line.starts_with("| `mtalign ")).collect();
    let mut named = BTreeSet::new();
    for row in rows {
        let usage = quoted(row)[0].replace("\\|", "|");
        let mut words = usage.split_whitespace().skip(1);
        let command = words.next().unwrap().to_owned();
        let help = help(&[&command]);
        for option in quoted(row).iter().flat_map(|quoted| options(quoted)) {
            assert!(options(&help).contains(&option), "`mtalign {command}` has no `{option}`");
        }
        if let "model" | "cache" = command.as_str() {
            let actions: Vec<&str> = words.next().unwrap().split('|').collect();
            let listed: Vec<&str> =
                help.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()).collect();
            assert_eq!(&listed[..actions.len()], actions);
        }
        named.insert(command);
    }
    assert_eq!(named, COMMANDS.map(str::to_owned).into());
    let listed = help(&[]);
    for command in COMMANDS {
        assert!(listed.contains(&format!("\n  {command} ")), "{listed}");
    }
    let listed = listed.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap().lines().count();
    assert_eq!(listed, COMMANDS.len() + 1, "the commands and `help`");
}

#[test]
fn every_option_in_the_text_is_one_of_the_program() {
    let known: BTreeSet<String> = COMMANDS.iter().flat_map(|command| options(&help(&[command]))).collect();
    let prose = prose();
    let others = ["scripts/", "cargo "];
    let ours = quoted(&prose).into_iter().filter(|text| !others.iter().any(|other| text.contains(other)));
    let named: BTreeSet<String> = ours.flat_map(options).filter(|option| option != "-").collect();
    assert!(named.len() > 10, "{named:?}");
    assert!(named.is_subset(&known), "no such options: {:?}", named.difference(&known));
}

#[test]
fn every_path_in_the_text_is_there() {
    let prose = prose();
    let paths = quoted(&prose).into_iter().filter(|text| ["scripts/", "models/"].iter().any(|at| text.starts_with(at)));
    for path in paths {
        let path = path.split_whitespace().next().unwrap();
        assert!(sources().join(path).exists(), "there is no `{path}`");
    }
}

#[cfg(feature = "marian")]
#[test]
fn the_example_comes_out_as_shown_but_for_the_confidences() {
    let [notes, pairs] = blocks("text").try_into().unwrap();
    let folder = Folder::with(&[("notes.txt", &notes)]);
    folder.mtalign(&["align", "notes.txt", "-o", "pairs.tsv"]).ended_with(0);
    let texts = |tsv: &str| -> Vec<String> {
        tsv.lines().map(|line| line.rsplit_once('\t').expect("three cells").0.to_owned()).collect()
    };
    assert_eq!(texts(&folder.read("pairs.tsv")), texts(&pairs));

    let readme = readme();
    let uncovered = notes.lines().next().unwrap().split_inclusive('。').next_back().unwrap();
    assert!(readme.contains(&format!("says that `{uncovered}` has no English")));
    let coverage = folder.mtalign(&["coverage", "notes.txt"]).ended_with(0).stdout;
    assert!(coverage.contains(&format!("\nnotes.txt:1  {uncovered}\n")), "{coverage}");
}

#[test]
fn the_example_in_rust_is_that_of_the_library_which_is_compiled() {
    let library = fs::read_to_string(sources().join("src/lib.rs")).unwrap();
    let documented: Vec<&str> = library
        .lines()
        .map_while(|line| line.strip_prefix("//!"))
        .map(|line| line.strip_prefix(' ').unwrap_or(line))
        .collect();
    let begin = documented.iter().position(|&line| line == "```no_run").unwrap() + 1;
    let example: Vec<&str> = documented[begin..].iter().copied().take_while(|&line| line != "```").collect();
    let example = format!("{}\n", example.join("\n"));
    assert_eq!(blocks("rust"), [example]);
}
