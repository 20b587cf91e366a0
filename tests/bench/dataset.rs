//! Pairs a second that become part of a data set, and the memory that takes.
//!
//! `cargo bench --no-default-features --bench dataset` makes corpora of [`SIZES`] made-up pairs and a data set of
//! each, with every filter on; sizes can be given after `--`. Everything is done as the program does it: read from a
//! TSV file, filtered, compared, kept on disk, divided and written in three formats. A line a size:
//!
//! | column | what |
//! | --- | --- |
//! | seconds, a second | from the first line read to the folder renamed |
//! | of a core | pairs for each second of processor time, which other work on the machine hardly changes (Linux only) |
//! | before, peak | memory of the process before, and at the most so far (Linux only) |
//! | kept | pairs that were not dropped |
//!
//! The smaller sizes must come first, for the peak is of the whole process. Without `--bench` (`cargo test
//! --all-targets`) a tiny corpus is made once, to see that the bench still works.

mod process;

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use mtalign::dataset::{
    Builder, Settings,
    read::{Corpus, Row},
};

use crate::process::{megabytes, memory, processor_time};

const SIZES: [usize; 2] = [100_000, 1_000_000];
const TRIAL_SIZES: [usize; 1] = [200];

#[expect(clippy::print_stdout, reason = "what it is for")]
fn main() {
    let (_, sizes) = process::sizes(&SIZES, &TRIAL_SIZES);
    let titles = ["seconds", "a second", "of a core", "before", "peak", "kept"];
    println!("{:>9}{}", "pairs", titles.map(|title| format!(" {title:>10}")).concat());
    for &size in &sizes {
        let folder = tempfile::tempdir().expect("a folder");
        let corpus = folder.path().join("corpus.tsv");
        write_corpus(&corpus, size);
        let (before, started, processor) = (memory("VmRSS:"), Instant::now(), processor_time());
        let kept = make(&corpus, &folder.path().join("set"));
        let (elapsed, processor) =
            (started.elapsed(), processor_time().zip(processor).map(|(now, then)| now.saturating_sub(then)));
        let rate = |time: Duration| format!("{:.0}", size as f64 / time.as_secs_f64());
        let of_core = processor.filter(|time| !time.is_zero()).map_or_else(|| "-".to_owned(), rate);
        println!(
            "{size:>9} {:>10.2} {:>10} {of_core:>10} {:>10} {:>10} {kept:>10}",
            elapsed.as_secs_f64(),
            rate(elapsed),
            megabytes(before),
            megabytes(memory("VmHWM:")),
        );
    }
}

/// Makes a data set, and returns how many pairs it has.
fn make(corpus: &Path, folder: &Path) -> usize {
    let mut builder = Builder::create(folder, false, Settings::default()).expect("a folder");
    for row in Corpus::at(corpus).expect("a corpus").rows().expect("a file") {
        match row.expect("a file") {
            Row::Pair(candidate) => builder.add(candidate).expect("room on the disk"),
            Row::Bad(bad) => panic!("{bad}"),
            Row::Note(_) => {}
        }
    }
    builder.finish().expect("pairs").statistics.pairs()
}

/// Words of which the sentences are made, each with its English.
const WORDS: [(&str, &str); 16] = [
    ("老师", "the teacher"),
    ("图书馆", "the library"),
    ("下雨", "rain"),
    ("朋友", "a friend"),
    ("大山", "the mountain"),
    ("工作", "work"),
    ("晚上", "the evening"),
    ("绿茶", "green tea"),
    ("火车", "the train"),
    ("孩子", "the children"),
    ("城市", "the city"),
    ("花园", "the garden"),
    ("新闻", "the news"),
    ("邻居", "the neighbours"),
    ("电影", "a film"),
    ("早饭", "breakfast"),
];

/// Sentences of about 25 characters and 20 words, drawn at random but always the same; one in nine stands twice, one in
/// fifty has another number in its English.
fn write_corpus(path: &Path, pairs: usize) {
    let mut out = BufWriter::new(File::create(path).expect("a file"));
    for index in 0..pairs {
        let number = if index % 9 == 8 { index - 1 } else { index };
        let random = (number as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
        let words: [_; 8] = std::array::from_fn(|place| WORDS[usize::from(random[place]) % WORDS.len()]);
        let (zh, en) = (words.map(|(zh, _)| zh).join("和"), words.map(|(_, en)| en).join(" and "));
        let other = if index % 50 == 0 { number + 555_555 } else { number };
        writeln!(out, "{zh}，{number}。\t{en}, {other}.\t0.{}", 9 - index % 3).expect("room on the disk");
    }
    out.flush().expect("room on the disk");
}
