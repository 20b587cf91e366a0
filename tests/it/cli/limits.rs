//! What would take more than the machine has: it is done with less, and said so.

use crate::support::Folder;
#[cfg(unix)]
use crate::support::{PROGRAM, Run};

/// Pairs that come with a confidence, so that no model is asked.
const PAIRS: &str = "zh\ten\tconfidence\n猫睡了。\tThe cat slept.\t0.9\n狗叫了。\tThe dog barked.\t0.9\n";

#[test]
fn more_jobs_and_threads_than_the_machine_has_a_use_for_are_capped_and_said_so() {
    let folder = Folder::with(&[("a.tsv", PAIRS)]);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let most = (4 * cores).min(usize::from(u16::MAX));
    let run = folder.mtalign(&["dataset", "a.tsv", "-o", "set", "--jobs", "65535", "--threads", "1024"]).ended_with(0);
    if most < 1024 {
        run.says(&[
            &format!("note: `--jobs 65535` is taken for {most}, 4 for each core"),
            &format!("note: `--threads 1024` is taken for {most}, "),
        ]);
    }
    let quiet = folder.mtalign(&["dataset", "a.tsv", "-o", "quiet", "--jobs", "65535", "-q"]).ended_with(0);
    assert_eq!(quiet.stderr, "");
    let usual = folder.mtalign(&["dataset", "a.tsv", "-o", "usual", "--jobs", "2", "--threads", "2"]).ended_with(0);
    assert!(!usual.stderr.contains("note: `--"), "{}", usual.stderr);
}

/// Runs the program where no file may have more than so many blocks of 512 bytes, as if the disk were full.
#[cfg(unix)]
fn limited(folder: &Folder, blocks: &str, arguments: &[&str]) -> Run {
    let mut shell = assert_cmd::Command::new("/bin/sh");
    shell.args(["-c", "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"", blocks, PROGRAM]);
    folder.run(shell, &[], arguments)
}

/// Many pairs that nothing is wrong with.
#[cfg(unix)]
fn many() -> String {
    let pair = |number: usize| format!("图书馆有{number}本书。\tThe library has {number} books.\t0.9\n");
    format!("zh\ten\tconfidence\n{}", (0..2_000).map(pair).collect::<Vec<_>>().concat())
}

#[cfg(unix)]
#[test]
fn a_data_set_for_which_the_disk_has_no_room_keeps_its_pairs_to_go_on_from() {
    let folder = Folder::with(&[("a.tsv", &many())]);
    let dataset = ["dataset", "a.tsv", "-o", "set", "--skip", "no_duplicates"];
    let run = limited(&folder, "16", &dataset).ended_with(2);
    run.says(&["error: cannot write `", "; the pairs so far stay in ", "pairs.jsonl", "caused by: File too large"]);
    assert!(!folder.path("set").exists());
    let kept = folder.names().into_iter().find(|name| name.ends_with(".partial")).unwrap();
    assert!(run.stderr.contains(&kept), "{}", run.stderr);
    let spool = format!("{kept}/pairs.jsonl");
    let pairs = folder.read(&spool).matches("translation").count();
    assert!(pairs >= 20, "{pairs} pairs");
    let run = folder.mtalign(&["dataset", &spool, "-o", "on", "--skip", "no_duplicates"]).ended_with(0);
    // The last line is cut off.
    run.says(&["pairs.jsonl`, line "]);
    std::fs::remove_dir_all(folder.path(&kept)).unwrap();
    folder.mtalign(&dataset).ended_with(0);
    assert!(folder.names().iter().all(|name| !name.ends_with(".partial")), "{:?}", folder.names());
}

#[cfg(unix)]
#[test]
fn a_file_that_is_nothing_when_it_is_cut_off_is_said_to_be_so() {
    let folder = Folder::with(&[("a.tsv", &many())]);
    for (output, words) in [
        ("a.parquet", "nothing can be read of parquet that is cut off, `-f tsv` keeps what was done"),
        ("a.xlsx", "nothing can be read of xlsx that is cut off, `-f tsv` keeps what was done"),
        ("b.tsv", "caused by: File too large"),
    ] {
        let run = limited(&folder, "2", &["dataset", "a.tsv", "--score-only", "-o", output]).ended_with(2);
        run.says(&[&format!("error: cannot write `{output}.partial`"), words]);
    }
}
