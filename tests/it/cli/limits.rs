//! What would take more than the machine has: it is done with less, and said so.

use crate::support::Folder;

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
