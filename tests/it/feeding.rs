//! Documents and pairs fed one by one: what comes of each is there before the next one is given, and what cannot be done is
//! told in its place.

use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::support::{Folder, PROGRAM};

/// Beyond this an answer is waited for in vain.
const LIMIT: Duration = Duration::from_secs(120);

/// A program that is fed.
struct Fed {
    program: Child,
    feed: Option<ChildStdin>,
    lines: BufReader<ChildStdout>,
    /// Dropped when the program has ended.
    watch: mpsc::Sender<()>,
}

impl Fed {
    fn start(folder: &Folder, arguments: &[&str]) -> Self {
        let mut command = Command::new(PROGRAM);
        command.args(arguments).arg("-q").current_dir(folder.path("")).env_clear();
        command.env("MTALIGN_CACHE", folder.path("cache"));
        let mut program = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (feed, lines) = (program.stdin.take(), BufReader::new(program.stdout.take().unwrap()));
        let (watch, ended) = mpsc::channel();
        let id = program.id();
        thread::spawn(move || {
            if ended.recv_timeout(LIMIT) == Err(mpsc::RecvTimeoutError::Timeout) {
                let _ = Command::new("kill").args(["-9", &id.to_string()]).status();
            }
        });
        Self { program, feed, lines, watch }
    }

    fn give(&mut self, line: &str) {
        writeln!(self.feed.as_mut().unwrap(), "{line}").unwrap();
    }

    fn take(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no line of JSON: {line:?}"))
    }

    fn ask(&mut self, line: &impl ToString) -> Value {
        self.give(&line.to_string());
        self.take()
    }

    /// Ends the feed: the status, and what came after it.
    fn end(mut self) -> (Option<i32>, Vec<String>) {
        drop(self.feed.take());
        let rest = self.lines.lines().map(Result::unwrap).collect();
        let status = self.program.wait().unwrap();
        drop(self.watch);
        (status.code(), rest)
    }
}

fn document(id: impl Into<Value>, zh: &str, en: &str) -> Value {
    json!({ "id": id.into(), "zh": zh, "en": en })
}

/// Lines that are no documents, with what they are called and what is said of them.
const BAD: [(&str, &str, &str); 4] = [
    ("no", "<stdin>:2", "expected `{\"id\": "),
    ("{\"id\": \"x\", \"zh\": \"nothing\", \"en\": \"Nothing.\"}", "x", "found no Chinese in `<stdin>:3`"),
    ("{\"id\": 5, \"text\": 6}", "<stdin>:4", "invalid type"),
    ("[]", "<stdin>:5", "expected"),
];

#[test]
fn each_document_is_done_before_the_next_one_is_given() {
    let folder = Folder::new();
    for jobs in ["1", "2"] {
        let mut fed =
            Fed::start(&folder, &["align", "-", "-f", "jsonl", "--by-document", "--errors", "inline", "--jobs", jobs]);
        let first = fed.ask(&document("a", "猫睡了。狗也睡了。", "The cat slept. The dog slept too."));
        assert_eq!(first["id"], "a", "{first}");
        assert_eq!(first["pairs"][1]["translation"]["en"], "The dog slept too.");
        assert_eq!(first["coverage"]["zh"]["sentences"]["ratio"], 1.0);
        for (line, id, words) in BAD {
            let told = fed.ask(&line);
            assert_eq!(told["id"], id, "{told}");
            assert!(told["error"].as_str().unwrap().contains(words), "{told}");
        }
        let mixed = json!({ "id": 7, "text": "下雨了。\n\nIt is raining." });
        assert_eq!(fed.ask(&mixed)["id"], "7");
        // Several at once come in their order.
        let given: Vec<String> = (0..20).map(|number| format!("d{number}")).collect();
        for id in &given {
            fed.give(&document(id.as_str(), "老师来了。", "The teacher has come.").to_string());
        }
        let taken: Vec<Value> = given.iter().map(|_| fed.take()["id"].clone()).collect();
        assert_eq!(taken, given);
        assert_eq!(fed.end(), (Some(2), Vec::new()), "not all of it could be done");
    }
}

#[test]
fn rows_come_as_from_a_file_and_a_feed_may_hold_nothing() {
    let folder = Folder::new();
    let lines: String = (0..6)
        .map(|number| {
            document(number, &format!("我有{number}本书。"), &format!("I have {number} books.")).to_string() + "\n"
        })
        .collect();
    folder.write("docs.jsonl", &lines);
    let from_file = folder.mtalign(&["align", "-q", "docs.jsonl", "-f", "jsonl"]).ended_with(0).stdout;
    assert_eq!(from_file.lines().count(), 6);
    // Lines of JSON are known by their beginning.
    for arguments in [&["align", "-q", "-", "-f", "jsonl"][..], &["align", "-q", "-", "--errors", "inline"]] {
        assert_eq!(folder.mtalign_reading(&lines, arguments).ended_with(0).stdout, from_file);
    }
    for command in [&["align"][..], &["coverage", "-f", "jsonl"], &["translate", "-f", "jsonl"]] {
        let arguments = [command, &["-", "--errors", "inline"]].concat();
        assert_eq!(folder.mtalign_reading("", &arguments).ended_with(0).stdout, "");
    }
    let scored = ["dataset", "-q", "--score-only", "-", "-o", "-", "--errors", "inline"];
    assert_eq!(folder.mtalign_reading("", &scored).ended_with(0).stdout, "");
}

#[test]
fn coverage_translations_and_scores_are_fed_too() {
    let folder = Folder::new();
    let mut fed = Fed::start(&folder, &["coverage", "-", "-f", "jsonl", "--errors", "inline"]);
    let told = fed.ask(&document("a", "猫睡了。门上贴着一张纸条。", "The cat slept."));
    assert_eq!(told["sides"]["zh"]["uncovered"][0]["text"], "门上贴着一张纸条。", "{told}");
    assert_eq!(fed.ask(&"no")["id"], "<stdin>:2");
    // A text without English is not covered.
    assert_eq!(fed.ask(&json!({ "id": "b", "zh": "猫睡了。" }))["sides"]["zh"]["sentences"]["covered"], 0);
    assert_eq!(fed.end(), (Some(2), Vec::new()));

    let mut fed = Fed::start(&folder, &["translate", "-", "-f", "jsonl", "--errors", "inline"]);
    let told = fed.ask(&json!({ "id": "a", "zh": "他明天到。我们等他。" }));
    let sentences = told["sentences"].as_array().unwrap();
    assert!(sentences.len() == 2 && sentences.iter().all(|it| !it["mt"].as_str().unwrap().is_empty()), "{told}");
    assert_eq!(fed.ask(&"{\"id\": 1}")["id"], "<stdin>:2");
    assert_eq!(fed.end(), (Some(2), Vec::new()));

    let score = ["dataset", "--score-only", "-", "-o", "-", "--errors", "inline"];
    for jobs in ["1", "2"] {
        let mut fed = Fed::start(&folder, &[&score[..], &["--jobs", jobs]].concat());
        let of = |pair: &Value| pair["confidence"].as_f64().unwrap();
        let right = fed.ask(&json!({ "zh": "他明天早上到北京。", "en": "He arrives in Beijing tomorrow morning." }));
        let told = fed.ask(&"no pair");
        assert!(told["id"] == "<stdin>:2" && told["error"].is_string(), "{told}");
        let wrong = fed.ask(&json!({ "translation": { "zh": "他明天早上到北京。", "en": "Prices of steel fell." } }));
        assert!(of(&right) > of(&wrong) + 0.2, "{right} {wrong}");
        assert_eq!(fed.end(), (Some(2), Vec::new()));
    }
}

#[test]
fn what_makes_no_lines_of_json_is_refused() {
    let folder = Folder::new();
    folder.write("a.jsonl", "");
    for (arguments, words) in [
        (&["align", "-", "-f", "tsv", "--errors", "inline"][..], "add `-f jsonl`"),
        (&["align", "-", "-o", "out.tmx", "--errors", "inline"], "add `-f jsonl`"),
        (&["align", "a.jsonl", "--by-document"], "`--by-document` goes with jsonl"),
        (&["coverage", "-", "--errors", "inline"], "add `-f jsonl`"),
        (&["coverage", "a.jsonl", "-f", "jsonl", "--json", "-"], "choose one"),
        (&["coverage", "a.jsonl", "-f", "jsonl", "--annotations"], "choose one"),
        (&["translate", "-", "--errors", "inline"], "add `-f jsonl`"),
        (&["dataset", "a.jsonl", "-o", "set", "--errors", "inline"], "`--score-only`"),
        (&["align", "--zh", "a.jsonl", "--en", "a.jsonl", "--errors", "inline"], "a document a line"),
    ] {
        folder.mtalign(arguments).refused_with(&[words]);
    }
}

#[test]
fn pairs_that_were_written_make_the_set_that_their_documents_make() {
    let folder = Folder::new();
    let texts = [
        ("猫睡了。狗也睡了。", "The cat slept. The dog slept too."),
        (
            "他明天早上到北京。我们在车站等他。",
            "He arrives in Beijing tomorrow morning. We wait for him at the station.",
        ),
        (
            "茶馆今天没有开门。老板去山里采茶了。",
            "The teahouse did not open today. Prices of steel fell again in March.",
        ),
        ("猫睡了。雨下了一整夜。", "The cat slept. It rained all night."),
    ];
    let documents = texts.iter().enumerate().map(|(id, (zh, en))| document(id.to_string(), zh, en).to_string() + "\n");
    folder.write("docs.jsonl", documents.collect::<String>());
    let halves = ["--validation", "0.25", "--test", "0.25"];
    folder.mtalign(&[&["dataset", "docs.jsonl", "-o", "set"][..], &halves].concat()).ended_with(0);
    for name in ["pairs.jsonl", "pairs.tsv"] {
        let columns = ["--columns", "zh,en,confidence,doc,mt_flaw,origin"];
        let header: &[&str] = if name.ends_with("tsv") { &["--header"] } else { &[] };
        folder.mtalign(&[&["align", "docs.jsonl", "-o", name][..], &columns, header].concat()).ended_with(0);
        let again = format!("of-{name}");
        folder.mtalign(&[&["dataset", name, "-o", &again][..], &halves].concat()).ended_with(0);
        for file in ["jsonl/train.jsonl", "jsonl/test.jsonl"] {
            assert_eq!(folder.read(&format!("{again}/{file}")), folder.read(&format!("set/{file}")), "{name} {file}");
        }
    }
}
