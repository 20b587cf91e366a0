//! `mtalign dataset` on corpora, which needs no translator, and in every build.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::Folder;

const SPLITS: [&str; 3] = ["train", "validation", "test"];

/// Half of the pairs are held out, so that a few dozen are enough.
const HALVES: [&str; 4] = ["--validation", "0.25", "--test", "0.25"];

const ANIMALS: [(&str, &str); 6] = [
    ("猫", "The cat"),
    ("狗", "The dog"),
    ("老马", "The old horse"),
    ("小鸟", "The little bird"),
    ("金鱼", "The goldfish"),
    ("山羊", "The goat"),
];
const DEEDS: [(&str, &str); 8] = [
    ("在花园里睡觉", "sleeps in the garden"),
    ("昨天没有回家", "did not come home yesterday"),
    ("正在等它的主人", "is waiting for its master"),
    ("不喜欢下雨的日子", "does not like rainy days"),
    ("吃完了所有的早饭", "has eaten all of the breakfast"),
    ("从来不怕打雷", "has never been afraid of thunder"),
    ("跟着孩子们去上学", "follows the children to school"),
    ("只在晚上出来", "only comes out in the evening"),
];

/// Forty-eight pairs that nothing is wrong with.
fn pairs() -> Vec<(String, String)> {
    let of = |(zh, en): &(&str, &str)| DEEDS.map(|(deed, does)| (format!("{zh}{deed}。"), format!("{en} {does}.")));
    ANIMALS.iter().flat_map(of).collect()
}

fn tsv(pairs: &[(String, String)]) -> String {
    pairs.iter().flat_map(|(zh, en)| [zh, "\t", en, "\n"]).collect()
}

/// The pairs of each split that has any.
fn written(folder: &Folder, set: &str) -> Vec<BTreeSet<(String, String)>> {
    let read = |split: &&str| {
        let path = format!("{set}/jsonl/{split}.jsonl");
        if !folder.path(&path).is_file() {
            return BTreeSet::new();
        }
        let pair = |line: &str| {
            let line: Value = serde_json::from_str(line).unwrap();
            let text = |lang| line["translation"][lang].as_str().unwrap().to_owned();
            (text("zh"), text("en"))
        };
        folder.read(&path).lines().map(pair).collect()
    };
    SPLITS.iter().map(read).collect()
}

fn record(folder: &Folder, set: &str) -> Value {
    serde_json::from_str(&folder.read(&format!("{set}/dataset.json"))).unwrap()
}

#[test]
fn every_kind_of_corpus_gives_the_same_pairs() {
    let pairs = pairs();
    let jsonl: String = pairs
        .iter()
        .map(|(zh, en)| serde_json::json!({ "translation": { "zh": zh, "en": en } }).to_string() + "\n")
        .collect();
    let variant = |lang: &str, text: &str| ["<tuv xml:lang=\"", lang, "\"><seg>", text, "</seg></tuv>"].concat();
    let unit = |(zh, en): &(String, String)| ["<tu>", &variant("en", en), &variant("zh-CN", zh), "</tu>"].concat();
    let units: String = pairs.iter().map(unit).collect();
    let flat: String =
        pairs.iter().map(|(zh, en)| serde_json::json!({ "zh": zh, "en": en, "id": 1 }).to_string() + "\n").collect();
    let message = |(zh, en): &(String, String)| ["msgid \"", en, "\"\nmsgstr \"", zh, "\"\n\n"].concat();
    let messages: String = pairs.iter().map(message).collect();
    let job_unit = |(zh, en): &(String, String)| {
        ["<trans-unit><source>", en, "</source><target>", zh, "</target></trans-unit>"].concat()
    };
    let job: String = pairs.iter().map(job_unit).collect();
    let lines = |side: fn(&(String, String)) -> &str| pairs.iter().map(|pair| side(pair).to_owned() + "\n").collect();
    let (zh, en): (String, String) = (lines(|pair| &pair.0), lines(|pair| &pair.1));
    let folder = Folder::with(&[
        ("a.tsv", &tsv(&pairs)),
        ("b.tsv", &pairs.iter().map(|(zh, en)| ["1.25\t", en, "\t", zh, "\tDraft\n"].concat()).collect::<String>()),
        ("a.csv", &pairs.iter().map(|(zh, en)| ["\"", en, "\";\"", zh, "\"\r\n"].concat()).collect::<String>()),
        ("a.jsonl", &jsonl),
        ("b.jsonl", &flat),
        ("a.po", &messages),
        (
            "a.xlf",
            &format!("<xliff version=\"1.2\"><file source-language=\"en\" target-language=\"zh\">{job}</file></xliff>"),
        ),
        ("a.tmx", &format!("<tmx version=\"1.4\"><body>{units}</body></tmx>")),
        ("a.en-zh.zh", &zh),
        ("a.en-zh.en", &en),
    ]);
    for (number, inputs) in [
        &["a.tsv"][..],
        &["b.tsv"],
        &["a.csv"],
        &["a.jsonl"],
        &["b.jsonl"],
        &["a.po"],
        &["a.xlf"],
        &["a.tmx"],
        &["a.en-zh.zh"],
        &["a.en-zh.en", "a.en-zh.zh"],
    ]
    .iter()
    .enumerate()
    {
        let set = format!("set-{number}");
        let run = folder.mtalign(&[&["dataset"], *inputs, &["-o", &set], &HALVES].concat()).ended_with(0);
        assert_eq!(run.stdout, "");
        run.says(&["read               48 pairs of 1 documents"]);
        assert_eq!(written(&folder, &set), written(&folder, "set-0"), "{inputs:?}");
    }
    let all: BTreeSet<_> = written(&folder, "set-0").concat_sets();
    assert_eq!(all, pairs.into_iter().collect());
    for split in SPLITS {
        let moses = |lang| folder.read(&format!("set-0/moses/{split}.en-zh.{lang}"));
        let lines: BTreeSet<_> =
            moses("zh").lines().map(str::to_owned).zip(moses("en").lines().map(str::to_owned)).collect();
        let place = SPLITS.iter().position(|it| *it == split).unwrap();
        assert_eq!(lines, written(&folder, "set-0")[place]);
        assert!(folder.path(&format!("set-0/parquet/{split}.parquet")).is_file());
    }
}

/// All of several sets as one.
trait ConcatSets<T> {
    fn concat_sets(self) -> BTreeSet<T>;
}

impl<T: Ord> ConcatSets<T> for Vec<BTreeSet<T>> {
    fn concat_sets(self) -> BTreeSet<T> {
        self.into_iter().flatten().collect()
    }
}

#[test]
fn no_text_is_in_two_splits_and_only_the_seed_decides_which() {
    // Every Chinese text twice with different English, and the other way round.
    let mut pairs = pairs();
    let other: Vec<_> = pairs.iter().map(|(zh, en)| (zh.clone(), en.replace("The ", "This "))).collect();
    pairs.extend(other);
    pairs.extend(ANIMALS.map(|(zh, en)| (format!("{zh}饿了，要吃饭。"), format!("{en} is hungry and wants to eat."))));
    pairs.extend(ANIMALS.map(|(zh, en)| (format!("{zh}又饿又想吃。"), format!("{en} is hungry and wants to eat."))));
    let folder = Folder::with(&[("a.tsv", &tsv(&pairs))]);
    for (set, seed) in [("first", "1"), ("again", "1"), ("other", "2")] {
        let arguments = [&["dataset", "a.tsv", "-o", set, "--seed", seed][..], &HALVES].concat();
        folder.mtalign(&arguments).ended_with(0);
    }
    let [first, again, other] = ["first", "again", "other"].map(|set| written(&folder, set));
    assert_eq!(first, again);
    assert_ne!(first, other);
    for file in ["dataset.json", "documents.tsv", "dropped.tsv", "figures/length-ratio.svg"] {
        assert_eq!(folder.read(&format!("first/{file}")), folder.read(&format!("again/{file}")));
    }
    for splits in [first, other] {
        assert!(splits.iter().all(|split| split.len() > 5), "{splits:?}");
        for side in [|pair: &(String, String)| pair.0.clone(), |pair: &(String, String)| pair.1.clone()] {
            let texts: Vec<BTreeSet<String>> = splits.iter().map(|split| split.iter().map(side).collect()).collect();
            let shared: Vec<_> = [(0, 1), (0, 2), (1, 2)]
                .into_iter()
                .flat_map(|(a, b)| texts[a].intersection(&texts[b]).cloned().collect::<Vec<_>>())
                .collect();
            assert!(shared.is_empty(), "{shared:?}");
        }
    }
}

#[test]
fn near_duplicates_are_dropped_once_and_then_there_are_none() {
    let pairs = pairs();
    let near: Vec<_> = pairs.iter().map(|(zh, en)| (zh.replace('。', "！"), en.to_uppercase())).collect();
    let folder = Folder::with(&[("a.tsv", &(tsv(&pairs) + &tsv(&near)))]);
    // What is written in capitals is no likely translation.
    let skip = ["--skip", "confidence"];
    folder.mtalign(&[&["dataset", "a.tsv", "-o", "once"][..], &HALVES, &skip].concat()).ended_with(0);
    assert_eq!(record(&folder, "once")["dropped"], serde_json::json!({ "no_duplicates": 48 }));
    let inputs: Vec<String> = SPLITS.iter().map(|split| format!("once/jsonl/{split}.jsonl")).collect();
    let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
    folder.mtalign(&[&["dataset"], &inputs[..], &["-o", "twice"]].concat()).ended_with(0);
    let twice = record(&folder, "twice");
    assert_eq!((&twice["read"], &twice["dropped"]), (&48.into(), &serde_json::json!({})));
}

#[test]
fn each_filter_tells_how_much_it_dropped_and_shows_samples() {
    let bad = "猫睡了。\t猫睡了。\t0.9\n下雨了吗？\tIs it raining?\t0.2\n共有3250人。\tThere were 3,520 people.\t0.9\n";
    let folder = Folder::with(&[("a.tsv", &(tsv(&pairs()) + bad))]);
    let run = folder.mtalign(&["dataset", "a.tsv", "-o", "set"]).ended_with(0);
    run.says(&["dropped             1 no_identical: both sides", "dropped             1 confidence: "]);
    let samples = folder.read("set/dropped.tsv");
    for sample in ["no_identical\t猫睡了。\t猫睡了。\t0.9000\ta.tsv\t49\n", "confidence\t下雨了吗？\t"] {
        assert!(samples.contains(sample), "{samples}");
    }
    let card = folder.read("set/README.md");
    for part in ["| `no_number_inconsistencies` | 1 |", "| a.tsv | 51 |", "](figures/length-ratio.svg)"] {
        assert!(card.contains(part), "{part} is not in\n{card}");
    }
    assert!(folder.read("set/documents.tsv").starts_with("doc\tread\tkept\ttrain\tvalidation\ttest\na.tsv\t51\t48\t"));

    let skipped = [
        "dataset",
        "a.tsv",
        "-o",
        "all",
        "--skip",
        "no_identical,no_wrong_language,no_untranslated",
        "--min-confidence",
        "0",
    ];
    folder.mtalign(&skipped).ended_with(0).says(&["dropped             1 no_number_inconsistencies"]);
    assert_eq!(record(&folder, "all")["dropped"], serde_json::json!({ "no_number_inconsistencies": 1 }));
}

#[test]
fn how_the_columns_were_understood_is_said() {
    let rows: String = pairs().iter().map(|(zh, en)| ["1.25\t", en, "\t", zh, "\n"].concat()).collect();
    let folder = Folder::with(&[("a.tsv", &rows)]);
    let run = folder.mtalign(&["dataset", "a.tsv", "-o", "set"]).ended_with(0);
    run.says(&[
        "note: `a.tsv`: by their languages, column 3 is the Chinese and column 2 the English; the numbers of column 1 are",
    ]);
    let run = folder.mtalign(&["dataset", "a.tsv", "-o", "quiet", "-q"]).ended_with(0);
    assert_eq!(run.stderr, "");
}

#[test]
fn documents_of_a_corpus_stay_whole() {
    let mut text = "zh\ten\tdoc\n".to_owned();
    for (number, (zh, en)) in pairs().into_iter().enumerate() {
        text += &[&zh, "\t", &en, "\tchapter-", &(number / 4).to_string(), "\n"].concat();
    }
    let folder = Folder::with(&[("book.tsv", &text)]);
    folder.mtalign(&[&["dataset", "book.tsv", "-o", "set"][..], &HALVES].concat()).ended_with(0);
    let table = folder.read("set/documents.tsv");
    let rows: Vec<Vec<&str>> = table.lines().skip(1).map(|line| line.split('\t').collect()).collect();
    assert_eq!(rows.len(), 12);
    for row in &rows {
        assert_eq!(row[3..].iter().filter(|count| **count == "4").count(), 1, "{table}");
    }
    for column in 3..6 {
        let expected = if column == 3 { 6 } else { 3 };
        assert_eq!(rows.iter().filter(|row| row[column] == "4").count(), expected, "{table}");
    }
}

#[test]
fn hostile_lines_are_told_with_their_place_and_the_others_kept() {
    let mut text = tsv(&pairs()).into_bytes();
    text.extend(b"no tab at all\n\xff\xfe\tbroken\n");
    text.extend("控制\u{1b}[2J字符\u{0}在\u{202e}这里\tControl\u{7} characters\u{b} are right here\n".as_bytes());
    text.extend([&vec![b'x'; 1_000_000][..], b"\t", &vec![b'y'; 1_000_000], b"\n"].concat());
    text.extend([&vec![b'z'; 5_000_000][..], b"\n"].concat());
    text.extend(vec![b'\t'; 100_000]);
    let folder = Folder::new();
    folder.write("a.tsv", text);
    // What is left of a command to a terminal is a bracket without its other half, and no likely text.
    let skip = ["--skip", "no_punctuation_inconsistencies", "--skip", "confidence"];
    let run = folder.mtalign(&[&["dataset", "a.tsv", "-o", "set"][..], &skip].concat()).ended_with(0);
    run.says(&[
        "note: passed over `a.tsv`, line 49: there is no tab before `en`",
        "note: passed over `a.tsv`, line 50: byte 0 of it is no UTF-8",
        "note: passed over `a.tsv`, line 53: it has more than",
        "passed over         3 lines",
        "dropped             1 no_empty",
        "dropped             1 not_too_long",
    ]);
    let all = written(&folder, "set").concat_sets();
    assert_eq!(all.len(), 49);
    assert!(all.iter().any(|(zh, en)| zh.starts_with("控制 [2J字符 在") && en == "Control characters are right here"));
    assert_eq!(record(&folder, "set")["bad_lines"], serde_json::json!({ "a.tsv": 3 }));
}

#[test]
fn a_folder_is_replaced_only_if_it_is_a_former_data_set_and_that_is_asked_for() {
    let folder = Folder::with(&[("a.tsv", &tsv(&pairs())), ("mine/notes.txt", "mine")]);
    let make = ["dataset", "a.tsv", "-o", "set"];
    folder.mtalign(&make).ended_with(0);
    let hint = "hint: name a new or an empty folder; `--overwrite` replaces a former data set";
    folder.mtalign(&make).refused_with(&["error: cannot write the data set to `", "it holds a data set", hint]);
    folder.mtalign(&[&make[..], &["--overwrite", "--seed", "5"]].concat()).ended_with(0);
    assert_eq!(record(&folder, "set")["settings"]["seed"], 5);
    let onto_mine = ["dataset", "a.tsv", "-o", "mine", "--overwrite"];
    folder.mtalign(&onto_mine).refused_with(&["it holds `notes.txt` and is no data set", hint]);
    assert_eq!(folder.names(), ["a.tsv", "mine", "set"]);
}

#[test]
fn what_cannot_be_done_leaves_nothing_behind() {
    let folder = Folder::with(&[
        ("a.tsv", "它昨天来了，今天又走了。\tIl est venu hier avec les enfants de sa sœur.\n"),
        ("b.zh", "猫睡了。\n"),
        ("c.tmx", "<tmx><body><tu>"),
        ("empty.tsv", ""),
    ]);
    let nothing_left =
        ["error: nothing is left of 1 pairs (dropped: 1 no_wrong_language)", "hint: check that the texts are"];
    for (input, words) in [
        ("a.tsv", &nothing_left[..]),
        ("b.zh", &["error: cannot read `b.en`"]),
        ("c.tmx", &["error: cannot read `c.tmx`, line 1: "]),
        ("empty.tsv", &["error: nothing is left of 0 pairs", "hint: no pair could be read; "]),
        ("no.tsv", &["error: cannot read `no.tsv`"]),
        ("no.txt", &["error: cannot read `no.txt`"]),
    ] {
        folder.mtalign(&["dataset", input, "-o", "set"]).refused_with(words);
    }
    folder.mtalign(&["dataset", "a.tsv", "-o", "no/set"]).refused_with(&["error: cannot write `no/set`"]);
    for (arguments, words) in [
        (&["--skip", "nonsense"][..], "there is no filter `nonsense`; there is no_empty"),
        (&["--validation", "0.5", "--test", "0.5"], "leave nothing to train on"),
        (&["--seed", "one"], "--seed"),
    ] {
        folder.mtalign(&[&["dataset", "a.tsv", "-o", "set"], arguments].concat()).refused_with(&[words]);
    }
    folder.mtalign(&["dataset", "a.tsv"]).refused_with(&["--output <PATH>"]);
    assert_eq!(folder.names(), ["a.tsv", "b.zh", "c.tmx", "empty.tsv"]);
}

#[test]
fn the_hint_is_of_the_filter_that_dropped_the_most() {
    let rows = |row: fn(usize) -> String| (0..3).map(row).collect::<String>();
    for (text, hint) in [
        (
            rows(|number| format!("第{number}只猫睡了。\tCat {number} slept.\t0.{number}\n")),
            "hint: `--min-confidence 0` keeps",
        ),
        (
            rows(|number| format!("第{number}只<b>猫</b>睡了。\tCat {number} slept.\n")),
            "hint: take tags and entities out of",
        ),
        (
            rows(|number| format!("第{number}只猫睡了。\t\n")) + "他在家。\tHe is at <b>home</b>.\n",
            "hint: one of the texts is missing",
        ),
    ] {
        let folder = Folder::with(&[("a.tsv", &text)]);
        folder.mtalign(&["dataset", "a.tsv", "-o", "set"]).refused_with(&["error: nothing is left of ", hint]);
    }
}

#[cfg(not(feature = "marian"))]
#[test]
fn documents_need_a_translator_and_corpora_do_not() {
    let folder = Folder::with(&[("a.txt", "猫睡了。\n\nThe cat slept.\n"), ("a.tsv", &tsv(&pairs()))]);
    folder.mtalign(&["dataset", "a.tsv", "-o", "set", "--model", "no-such-model"]).ended_with(0);
    let both = ["dataset", "a.tsv", "a.txt", "-o", "both"];
    folder.mtalign(&both).refused_with(&["built without the feature `marian`"]);
    assert_eq!(folder.names(), ["a.tsv", "a.txt", "set"]);
}

#[test]
fn pairs_are_judged_one_by_one_as_a_set_would_judge_them() {
    let pair = |zh: &str, en: &str, more: &str| format!(r#"{{"translation":{{"zh":"{zh}","en":"{en}"}}{more}}}"#);
    let pairs = [
        pair("猫在花园里睡觉。", "The cat sleeps in the garden.", r#","doc":"a""#),
        pair("貓在花園裡睡覺", "the cat sleeps, in the garden", r#","doc":"b""#),
        pair("共有3250人。", "There were 3,520 people.", r#","doc":"a""#),
        pair("狗没有回家。", "The dog did not come home.", r#","confidence":0.4,"doc":"b""#),
        pair("狗没有回家。", "The dog did not come home.", r#","confidence":0.9,"mt_flaw":"looping""#),
        "no pair".to_owned(),
    ];
    let folder = Folder::with(&[("a.jsonl", &pairs.join("\n"))]);
    let judge = ["dataset", "a.jsonl", "--judge-only", "-o", "out.jsonl", "--seed", "3"];
    let said = folder.mtalign(&[&judge[..], &["--skip", "confidence"]].concat()).ended_with(0).stderr;
    assert!(said.contains("passed over `a.jsonl`, line 6: "), "{said}");
    let lines = |text: String| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
    let [cat, same, number, dog, flawed] = &lines(folder.read("out.jsonl"))[..] else { panic!("not five lines") };
    assert_eq!(cat["keys"], same["keys"], "near-duplicates");
    assert_eq!(cat["draws"]["pair"], same["draws"]["pair"]);
    assert_ne!(cat["draws"]["doc"], same["draws"]["doc"]);
    assert_eq!([&cat["filter"], &dog["filter"]], [&Value::Null; 2]);
    assert_eq!([&number["filter"], &flawed["filter"]], ["no_number_inconsistencies", "no_flawed_translation"]);
    assert_eq!([&cat["confidence"], &flawed["confidence"]], [&Value::Null, &Value::from(0.9)]);
    assert_eq!([&number["doc"], &flawed["doc"]], ["a", "a.jsonl"]);

    let inline = [&judge[..3], &["-o", "-", "--errors", "inline", "--min-confidence", "0.3", "--skip", "confidence"]];
    let run = folder.mtalign(&inline.concat()).ended_with(2);
    let told = &lines(run.stdout)[5];
    assert!(told["id"] == "a.jsonl:6" && told["error"].is_string(), "{told}");
    for (option, value) in [("--validation", Some("0.1")), ("--overwrite", None), ("--score-only", None)] {
        let arguments = [&judge[..5], &[option][..], &value.into_iter().collect::<Vec<_>>()].concat();
        folder.mtalign(&arguments).refused_with(&[option]);
    }
}
