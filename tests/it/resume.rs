//! Runs over many documents that are cut off, by kills and by interrupts, and gone on with: what comes out at the end is
//! what a run gives that nothing disturbed.

use std::{
    fs,
    io::Read as _,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;

use crate::support::{Folder, PROGRAM};

/// Documents of a run: enough to be cut off between many of them.
const DOCUMENTS: usize = 16;

/// Kills of runs, over all outputs.
const KILLS: usize = 30;

/// Beyond this a run hangs.
const LIMIT: Duration = Duration::from_secs(120);

/// A folder of documents, none like another, one of which cannot be read.
fn documents() -> Folder {
    let folder = Folder::new();
    for number in 0..DOCUMENTS {
        let (zh, en) = [
            ("下雨了，路上没有人。", "It was raining, and nobody was in the street."),
            ("他没带伞，在门口等着。", "He had no umbrella and waited at the door."),
            ("老师说明天考试。", "The teacher says the exam is tomorrow."),
            ("我们一起去吃饭吧。", "Let us go and eat together."),
        ][number % 4];
        let text =
            format!("第{number}天，{zh}\n我写了{number}封信。\n\nOn day {number}: {en}\nI wrote {number} letters.\n");
        folder.write(&format!("docs/{number:02}.txt"), text);
    }
    folder.write("docs/05.txt", [0, 0, 0]);
    folder
}

/// A command that writes `output` in the folder.
fn command(folder: &Folder, arguments: &[&str], resume: bool) -> Command {
    let mut command = Command::new(PROGRAM);
    command.args(arguments).current_dir(folder.path("")).env_clear().env("MTALIGN_CACHE", folder.path("cache"));
    command.args(resume.then_some("--resume")).stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null());
    command
}

/// The number of lines of a journal that are whole.
fn lines(journal: &Path) -> usize {
    fs::read(journal).map_or(0, |bytes| bytes.split(|byte| *byte == b'\n').count() - 1)
}

/// Waits until the journal has so many lines or the run is over, and says whether it is under way.
fn is_under_way(run: &mut Child, journal: &Path, least: usize) -> bool {
    let begun = Instant::now();
    while lines(journal) < least {
        if run.try_wait().unwrap().is_some() {
            return false;
        }
        assert!(begun.elapsed() < LIMIT, "the run hangs");
        thread::sleep(Duration::from_millis(1));
    }
    true
}

/// Removes a file or a folder.
fn remove(path: &Path) {
    if path.is_dir() {
        fs::remove_dir_all(path).unwrap();
    } else {
        fs::remove_file(path).unwrap();
    }
}

/// Everything at the path: a file, or the files of a folder, by their names.
fn contents(path: &Path) -> Vec<(String, Vec<u8>)> {
    if path.is_file() {
        return vec![(String::new(), fs::read(path).unwrap())];
    }
    let mut found = Vec::new();
    for entry in fs::read_dir(path).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        found.extend(contents(&entry.path()).into_iter().map(|(below, bytes)| (format!("{name}/{below}"), bytes)));
    }
    found.sort();
    found
}

#[test]
fn thirty_kills_change_no_byte_of_what_comes_out() {
    let folder = documents();
    let outputs = ["out.tsv", "out.jsonl", "out.tmx", "out.parquet", "set"];
    let mut random = Rng::with_seed(16);
    let mut kills = 0;
    for output in outputs {
        let name = if output == "set" { "dataset" } else { "align" };
        let path = folder.path(output);
        let run = |resume: bool| command(&folder, &[name, "docs", "-o", output], resume);
        assert_eq!(run(false).status().unwrap().code(), Some(2), "one document cannot be read");
        let undisturbed = contents(&path);
        remove(&path);
        let journal = folder.path(&format!("{output}.journal"));
        let of_this_output = kills + KILLS / outputs.len();
        while kills < of_this_output {
            let mut resume = false;
            loop {
                let mut child = run(resume).spawn().unwrap();
                // Some are killed before anything is done, some when all is, and some in the midst of a line.
                let least = random.usize(0..DOCUMENTS + 2);
                if !is_under_way(&mut child, &journal, least.max(lines(&journal))) {
                    let ended = child.wait_with_output().unwrap();
                    assert_eq!(ended.status.code(), Some(2), "{}", String::from_utf8_lossy(&ended.stderr));
                    break;
                }
                thread::sleep(Duration::from_micros(random.u64(0..5_000)));
                child.kill().unwrap();
                kills += usize::from(child.wait().unwrap().code().is_none());
                resume = true;
                if random.bool() {
                    assert_eq!(run(true).output().unwrap().status.code(), Some(2));
                    break;
                }
            }
            assert_eq!(contents(&path), undisturbed, "{output}");
            assert!(!journal.exists(), "{output} is whole");
            remove(&path);
            // Runs that were killed before a document was done have nothing to be gone on with.
            let left = folder.names().into_iter().filter(|left| left.contains(".partial"));
            left.for_each(|left| remove(&folder.path(&left)));
        }
    }
    assert!(kills >= KILLS, "{kills}");
}

#[test]
fn an_interrupt_keeps_what_is_done_and_says_how_to_go_on() {
    let folder = documents();
    let coverage = ["coverage", "docs", "--json", "out.json", "--report", "out.html"];
    let outputs = ["out.json", "out.html"];
    let read = || outputs.map(|output| fs::read(folder.path(output)).unwrap());
    assert_eq!(command(&folder, &coverage, false).output().unwrap().status.code(), Some(2));
    let undisturbed = read();
    for output in outputs {
        remove(&folder.path(output));
    }
    let journal = folder.path("out.json.journal");
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let mut child = command(&folder, &coverage, false).spawn().unwrap();
        assert!(is_under_way(&mut child, &journal, 4), "it was over too soon");
        let killed = Command::new("sh").args(["-c", &format!("kill -{signal} {}", child.id())]).status().unwrap();
        assert!(killed.success());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert_eq!(ended.status.code(), Some(code), "{said}");
        assert!(said.contains("note: interrupted; ") && said.contains("the same command with `--resume`"), "{said}");
        assert!(!folder.path("out.json").exists(), "it is not whole");
        // Other settings, and changed inputs, are refused; and change nothing.
        let other = command(&folder, &[&coverage[..], &["--min-confidence", "0.7"]].concat(), true).output().unwrap();
        let said = String::from_utf8_lossy(&other.stderr);
        assert_eq!(other.status.code(), Some(2), "{said}");
        assert!(said.contains("min-confidence was `0` then, and is `0.7` now"), "{said}");
        let text = folder.read("docs/00.txt");
        folder.write("docs/00.txt", text.replace("day 0", "day 1"));
        let changed = command(&folder, &coverage, true).output().unwrap();
        let said = String::from_utf8_lossy(&changed.stderr);
        assert_eq!(changed.status.code(), Some(2), "{said}");
        assert!(said.contains("has changed since") && said.contains("hint: "), "{said}");
        folder.write("docs/00.txt", text);

        let resumed = command(&folder, &coverage, true).output().unwrap();
        let said = String::from_utf8_lossy(&resumed.stderr);
        assert_eq!(resumed.status.code(), Some(2), "{said}");
        assert!(said.contains("note: resumes after"), "{said}");
        assert!(read() == undisturbed, "after {signal}");
        let left: Vec<String> =
            folder.names().into_iter().filter(|it| it.contains("partial") || it.contains("journal")).collect();
        assert!(left.is_empty(), "{left:?}");
        for output in outputs {
            remove(&folder.path(output));
        }
    }
}

#[test]
fn a_second_interrupt_ends_a_run_whose_output_nobody_reads() {
    let folder = Folder::new();
    // More than a pipe holds.
    let (zh, en) = ("猫睡了，狗也睡了，鸟也睡了。\n", "The cat slept, the dog slept too, and so did the birds.\n");
    folder.write("docs/0.txt", zh.repeat(800) + "\n" + &en.repeat(800));
    folder.write("docs/1.txt", "狗睡了。\n\nThe dog slept.\n");
    let mut run = command(&folder, &["align", "docs", "--sentences"], false);
    let mut child = run.stdout(Stdio::piped()).spawn().unwrap();
    let kill = format!("kill -TERM {}", child.id());
    let signal = || assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    // The document is being written, and will be until somebody reads on.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    signal();
    thread::sleep(Duration::from_millis(300));
    assert!(child.try_wait().unwrap().is_none(), "the first interrupt waits for the document");
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < LIMIT, "the second interrupt waits too");
        signal();
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(child.wait().unwrap().code(), Some(143));
}

#[test]
fn where_nothing_can_be_gone_on_with_it_is_said() {
    let folder = documents();
    folder.mtalign(&["align", "docs", "--resume"]).refused_with(&["--resume", "-o FILE"]);
    folder.mtalign(&["coverage", "docs", "--resume"]).refused_with(&["--resume", "--report FILE"]);
    let run = folder.mtalign(&["align", "docs/00.txt", "-o", "one.tsv", "--resume"]).ended_with(0);
    run.says(&["nothing to resume"]);
    folder.mtalign(&["align", "docs", "-o", "out.tsv", "--resume"]).ended_with(2).says(&["nothing to resume"]);
    folder.write("other.tsv.journal", "a text of the user's\n");
    let run = folder.mtalign(&["align", "docs", "-o", "other.tsv", "--resume"]).ended_with(2);
    run.says(&["cannot resume from", "it is no journal"]);
    assert_eq!(folder.read("other.tsv.journal"), "a text of the user's\n");
    folder.mtalign(&["align", "docs", "-o", "other.tsv"]).ended_with(2).says(&["begins anew"]);
    assert_eq!(folder.read("other.tsv.journal"), "a text of the user's\n");
}
