//! What the program does with the bundled model. Runs cost a second each, so that each test asks much of one.

use serde_json::{Value, json};

use crate::support::{Folder, PROGRAM, Run};

/// Two pairs that no weights could miss, for they have numbers, with a sentence between them that has no English.
const ZH: &str = "Tom 在1984年搬到了北京。\n这座城市的火车站有很大的窗户。\n图书馆现在有4500本书。\n";
const EN: &str = "Tom moved to Beijing in 1984.\nThe library now has 4500 books.\n";
const UNCOVERED: &str = "这座城市的火车站有很大的窗户。";

fn mixed() -> String {
    format!("{ZH}\n{EN}")
}

/// The numbers of a line such as `  Chinese covered   2 of 3 sentences (66.7 %), 26 of 35 characters (74.3 %)`.
fn covered(summary: &str, language: &str) -> Vec<u64> {
    let label = format!("  {language} covered");
    let line = summary.lines().find(|line| line.starts_with(&label)).unwrap_or_else(|| panic!("{summary}"));
    line.split_whitespace().filter_map(|word| word.parse().ok()).collect()
}

fn json_lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// Asserts that a TSV of pairs has the two pairs of the sample, with a confidence after each.
fn assert_has_pairs(tsv: &str) {
    let cells: Vec<Vec<&str>> = tsv.lines().map(|line| line.split('\t').collect()).collect();
    assert!(cells.iter().all(|row| row.len() == 3 && (0.0..=1.0).contains(&row[2].parse::<f64>().unwrap())), "{tsv}");
    let pairs: Vec<(&str, &str)> = cells.iter().map(|row| (row[0], row[1])).collect();
    let expected: Vec<(&str, &str)> = ZH.lines().filter(|line| *line != UNCOVERED).zip(EN.lines()).collect();
    assert_eq!(pairs, expected);
}

#[test]
fn pairs_go_to_standard_output_and_everything_else_to_standard_error() {
    let folder = Folder::with(&[("in.txt", &mixed())]);
    let run = folder.mtalign(&["align", "in.txt", "--progress", "never"]).ended_with(0);
    assert_has_pairs(&run.stdout);
    assert_eq!(covered(&run.stderr, "Chinese")[..2], [2, 3]);
    assert_eq!(covered(&run.stderr, "English")[..2], [2, 2]);
    let quiet = folder.mtalign_reading(&mixed(), &["align", "-q", "-"]).ended_with(0);
    assert_eq!((quiet.stdout, quiet.stderr), (run.stdout, String::new()));
}

#[test]
fn a_file_has_the_format_of_its_ending_and_takes_the_place_of_an_earlier_one() {
    let folder = Folder::with(&[("zh.txt", ZH), ("en.txt", EN), ("pairs.index", "earlier")]);
    let arguments = ["align", "--sentences", "--zh", "zh.txt", "--en", "en.txt", "-o"];
    let to = |output: &str, more: &[&str]| {
        let run = folder.mtalign(&[&arguments[..], &[output], more].concat()).ended_with(0);
        assert_eq!(run.stdout, "");
        assert!(folder.names().iter().all(|name| !name.ends_with(".partial")), "{:?}", folder.names());
        folder.read(output)
    };
    let index = to("pairs.index", &[]);
    let csv = to("pairs.csv", &["--columns", "zh,kind", "--keep-unaligned"]);
    assert_eq!(csv.lines().nth(2), Some(format!("\"{UNCOVERED}\",\"1:0\"").as_str()));
    let beads: Vec<&str> = index.lines().map(|line| line.rsplit_once(':').unwrap().0).collect();
    assert_eq!(beads, ["[0]:[0]", "[1]:[]", "[2]:[1]"]);
    let rows = json_lines(&to("pairs.jsonl", &["--keep-unaligned"]));
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[1]["translation"]["zh"], UNCOVERED);
    let table = to("pairs.txt", &["--header", "--columns", "en_ids,zh", "--keep-unaligned"]);
    assert_eq!(table.lines().next(), Some("en_ids\tzh"));
    assert_eq!(table.lines().nth(2), Some(format!("\t{UNCOVERED}").as_str()));
    assert_eq!(to("certain.tsv", &["--min-confidence", "1", "--columns", "confidence"]).replace("1.00\n", ""), "");
}

#[test]
fn a_format_of_two_files_makes_both_under_the_name_that_it_is_given() {
    let folder = Folder::with(&[("in.txt", &mixed())]);
    folder.mtalign(&["align", "in.txt", "-q", "-f", "moses", "-o", "pairs"]).ended_with(0);
    assert_eq!(folder.names(), ["in.txt", "pairs.en-zh.en", "pairs.en-zh.zh"]);
    assert_eq!(folder.read("pairs.en-zh.zh"), ZH.replace(&format!("{UNCOVERED}\n"), ""));
    assert_eq!(folder.read("pairs.en-zh.en"), EN);
}

#[test]
fn what_has_no_english_is_filled_in_where_that_is_asked_for() {
    let folder = Folder::with(&[("in.txt", &mixed())]);
    folder.mtalign(&["align", "in.txt", "-q", "-o", "pairs.jsonl", "--fill-missing"]).ended_with(0);
    let rows = json_lines(&folder.read("pairs.jsonl"));
    let origins: Vec<&Value> = rows.iter().map(|row| &row["origin"]).collect();
    assert_eq!(origins, ["human", "mt", "human"]);
    assert_eq!(rows[1]["translation"], json!({ "zh": UNCOVERED, "en": rows[1]["mt"] }));
    assert!(rows[1]["mt"].as_str().is_some_and(|draft| !draft.is_empty()), "{rows:?}");
}

#[test]
fn progress_for_programs_is_a_json_object_a_line() {
    let folder = Folder::with(&[("in.txt", &mixed())]);
    let run = folder.mtalign(&["align", "in.txt", "-q", "--progress", "json"]).ended_with(0);
    assert_has_pairs(&run.stdout);
    let lines = json_lines(&run.stderr);
    for stage in ["translate", "align"] {
        let last = lines.iter().rfind(|line| line["stage"] == stage).unwrap_or_else(|| panic!("{stage}: {lines:?}"));
        assert_eq!((&last["done"], &last["total"]), (&Value::from(3), &Value::from(3)));
        assert!(last["seconds"].is_number());
    }
}

#[test]
fn the_summary_and_its_json_have_the_same_numbers() {
    let folder = Folder::with(&[("a.txt", &mixed()), ("b.txt", "猫睡了。\n\nThe cat slept.\n")]);
    let run = folder.mtalign(&["coverage", "a.txt", "b.txt", "--min-coverage", "1", "--json", "report.json"]);
    let run = run.ended_with(1);
    run.says(&["of the Chinese characters are covered, less than the 100 % asked for\n"]);
    assert!(run.stdout.contains(&format!("\na.txt:2  {UNCOVERED}\n    mt: ")), "{}", run.stdout);
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    let numbers = |sides: &Value, side: &str| {
        let share = |unit: &str, key: &str| sides["sides"][side][unit][key].as_u64().unwrap();
        ["sentences", "characters"].map(|unit| [share(unit, "covered"), share(unit, "total")]).concat()
    };
    let (first, rest) = run.stdout.split_once("\nb.txt: covered\n").unwrap();
    let (second, together) = rest.split_once("\n2 documents together\n").unwrap();
    for (text, json) in
        [(first, &report["documents"][0]), (second, &report["documents"][1]), (together, &report["totals"])]
    {
        assert_eq!(covered(text, "Chinese"), numbers(json, "zh"));
        assert_eq!(covered(text, "English"), numbers(json, "en"));
    }
    let missing = &report["documents"][0]["sides"]["zh"]["uncovered"];
    assert_eq!((&missing[0]["line"], &missing[0]["text"]), (&Value::from(2), &Value::from(UNCOVERED)));
}

/// Documents of every kind, a bad one among them: the arguments, and the ids of the good ones in order.
fn many(folder: &Folder) -> ([&'static str; 3], [String; 6]) {
    let pair = |number: usize| (format!("图书馆有{number}本书。"), format!("The library has {number} books."));
    let [(zh, en), (zh_record, en_record), (zh_page, en_page)] = [4500, 1984, 2022].map(pair);
    folder.write("a.txt", mixed());
    folder.write("docs/bad.txt", "only English\n");
    folder.write("docs/page.html", format!("<h1>{zh_page}</h1><script>var x;</script><p>{en_page}</p>"));
    folder.write("docs/sub/film.srt", format!("1\n00:01 --> 00:02\n{zh}\n{en}\n"));
    folder.write("docs/text.md", format!("# {zh}\n\n{en}\n"));
    let record = format!("{{\"id\":\"r\\t1\",\"zh\":\"{zh_record}\",\"en\":\"{en_record}\"}}");
    folder.write("docs.jsonl", format!("{record}\n{{}}\n{}\n", record.replace("r\\t1", "r2")));
    let ids = ["a.txt", "page.html", "sub/film.srt", "text.md", "r 1", "r2"].map(str::to_owned);
    (["a.txt", "docs", "docs.jsonl"], ids)
}

#[test]
fn a_directory_of_pairs_of_files_gives_a_document_for_each() {
    let folder = Folder::new();
    for (number, (zh, en)) in
        [("图书馆有12本书。", "The library has 12 books."), ("他有34只猫。", "He has 34 cats.")].iter().enumerate()
    {
        folder.write(&format!("docs/{number}.zh.txt"), zh);
        folder.write(&format!("docs/{number}.en.txt"), en);
    }
    folder.write("docs/9.zh.txt", "只有中文。");
    let run = folder.mtalign(&["align", "docs", "--columns", "doc,zh", "-o", "out.tsv"]).ended_with(2);
    let hint = "hint: name the two files alike but for the language, such as `NAME.zh.txt`";
    run.says(&["cannot pair `docs/9.zh.txt`: it holds no English", hint, "1 of 3 documents left out"]);
    assert_eq!(folder.read("out.tsv"), "0.txt\t图书馆有12本书。\n1.txt\t他有34只猫。\n");
}

#[test]
fn many_documents_are_aligned_in_order_and_a_bad_one_is_left_out() {
    let folder = Folder::new();
    let (inputs, ids) = many(&folder);
    let mut outputs = Vec::new();
    for jobs in ["1", "4"] {
        let options = ["--columns", "doc,zh,en", "-o", "out.tsv", "--jobs", jobs, "--threads", "2"];
        let run = folder.mtalign(&[&["align"], &inputs[..], &options].concat()).ended_with(2);
        let bad = ["found no Chinese in `docs/bad.txt`", "`docs.jsonl`, line 2", "2 of 8 documents left out"];
        run.says(&bad);
        run.says(&["6 documents together"]);
        let written = folder.read("out.tsv");
        let mut docs: Vec<&str> = written.lines().map(|line| line.split('\t').next().unwrap()).collect();
        docs.dedup();
        assert_eq!(docs, ids);
        outputs.push(written);
    }
    assert_eq!(outputs[0], outputs[1]);
}

#[test]
fn many_documents_have_a_summary_each_and_totals_and_programs_are_told_how_many_are_done() {
    let folder = Folder::new();
    let (inputs, ids) = many(&folder);
    let options =
        ["--min-coverage", "1", "--jobs", "2", "--threads", "2", "--progress", "json", "--json", "report.json"];
    let run = folder.mtalign(&[&["coverage"], &inputs[..], &options].concat()).ended_with(2);
    for id in &ids {
        assert!(run.stdout.lines().any(|line| line.starts_with(&format!("{id}: "))), "{id}: {}", run.stdout);
    }
    assert!(run.stdout.contains("\n6 documents together\n"), "{}", run.stdout);
    assert!(run.stderr.contains("{\"done\":8,\"stage\":\"documents\"}"), "{}", run.stderr);
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!((&report["totals"]["documents"], report["documents"].as_array().map(Vec::len)), (&6.into(), Some(6)));
}

#[test]
fn annotations_and_the_page_name_what_is_missing_and_what_is_fixed_is_kept() {
    let folder = Folder::with(&[("in.txt", &mixed()), ("fixed.index", "[0]:[]\n")]);
    let arguments = ["coverage", "in.txt", "--annotations", "--report", "report.html", "--fixed", "fixed.index"];
    let run = folder.mtalign(&arguments).ended_with(0);
    assert!(run.stdout.starts_with("::warning file=in.txt,line=1,endLine="), "{}", run.stdout);
    assert!(run.stdout.contains(UNCOVERED) && folder.read("report.html").contains(UNCOVERED));
    run.says(&["Chinese covered"]);
    folder.write("fixed.index", "[0]:[77]\n");
    folder.mtalign(&arguments).refused_with(&["`[0]:[77]` of `fixed.index`: there is no English sentence 77", "hint:"]);
}

#[test]
fn a_text_without_english_has_coverage_zero() {
    let folder = Folder::with(&[("in.txt", "猫睡了。\n")]);
    let without = |more: &[&str]| folder.mtalign(&[&["coverage", "in.txt"], more].concat());
    let Run { stdout, stderr, .. } = without(&[]).ended_with(0);
    assert_eq!((covered(&stdout, "Chinese"), stderr), (vec![0, 1, 0, 4], String::new()));
    let on_stdout = without(&["--min-coverage", "0.1", "--json", "-"]).ended_with(1).stdout;
    let report: Value = serde_json::from_str(&on_stdout).unwrap();
    assert_eq!(report["totals"]["sides"]["zh"]["sentences"]["ratio"], 0.0);
}

#[test]
fn a_text_is_translated_a_line_a_sentence() {
    let folder = Folder::with(&[("in.txt", "图书馆星期一关门。他明天\n再来。\n\nNot this.\n")]);
    let run = folder.mtalign(&["translate", "in.txt"]).ended_with(0);
    assert_eq!((run.stdout.lines().count(), run.stderr.as_str()), (2, ""), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.chars().any(char::is_alphabetic)), "{}", run.stdout);
}

/// Lines that no translator was made for; most without Chinese, so that they cost nothing.
fn junk(lines: usize) -> Vec<String> {
    let line = |number: usize| match number % 20 {
        _ if number == 5_000 => "很".repeat(500),
        _ if number.is_multiple_of(1_000) => "😀👍🏽🇨🇳x".repeat(5_000),
        _ if number.is_multiple_of(100) => format!("第{number}天下雨了。"),
        0 => String::new(),
        1 => "\u{3000} \t ".to_owned(),
        2 => "😀👍🏽🇨🇳".to_owned(),
        3 => "\u{1}\u{2}\u{0}\u{7f}\u{1b}[31m red".to_owned(),
        4 => "a stray\rreturn".to_owned(),
        5 => "مرحبا بالعالم".to_owned(),
        6 => "two\u{2028}lines, or\u{2029}three\u{85}or\u{b}four\u{c}".to_owned(),
        7 => "</s> <pad> <unk> ▁".to_owned(),
        8 => "\u{feff}\u{200b}\u{202e}\u{fdfa}\u{10ffff}\u{e000}".to_owned(),
        9 => "0123456789 ０１２３".to_owned(),
        10 => "\r".to_owned(),
        11 => "\"quoted\",\ta tab\t".to_owned(),
        12 => "e\u{301}\u{301}\u{301}\u{301}".to_owned(),
        13 => "これはにほんごです".to_owned(),
        14 => "——！？……".to_owned(),
        15 => "한국어 문장".to_owned(),
        _ => format!("Line {number}."),
    };
    (1..=lines).map(line).collect()
}

#[test]
fn as_many_lines_come_out_as_went_in_whatever_they_hold() {
    let lines = junk(10_000);
    let input = lines.chunks(2).map(|pair| pair.join("\n")).collect::<Vec<_>>().join("\r\n") + "\n";
    assert_eq!(input.matches('\n').count(), 10_000);
    let folder = Folder::with(&[("in.txt", &input)]);
    let run = folder.mtalign(&["translate", "--sentences", "in.txt"]).ended_with(0);
    assert_eq!(run.stdout.matches('\n').count(), 10_000);
    for (line, translation) in lines.iter().zip(run.stdout.split('\n')) {
        if line.starts_with("Line ") {
            assert_eq!(translation, line);
        } else if line.starts_with('第') {
            assert!(!translation.is_empty(), "{line}");
        } else if line.trim().is_empty() {
            assert_eq!(translation, "");
        }
    }
    assert_eq!(run.stderr, "");
}

#[test]
fn what_the_checks_find_is_told_and_fails_only_where_that_is_asked_for() {
    let faulty = mixed().replace("4500 books.", "4500 books (most of them old.");
    let folder = Folder::with(&[("in.txt", &faulty), ("right.txt", &mixed())]);
    let told = folder.mtalign(&["coverage", "in.txt", "--json", "in.json"]).ended_with(0).stdout;
    assert!(told.contains("\n  found in pairs    1 punctuation\n"), "{told}");
    assert!(told.contains("\nin.txt:3  punctuation: – | "), "{told}");
    let report: Value = serde_json::from_str(&folder.read("in.json")).unwrap();
    assert_eq!(report["totals"]["checks"], json!({ "punctuation": 1 }));
    let annotated = folder.mtalign(&["coverage", "in.txt", "--annotations"]).ended_with(0).stdout;
    assert!(annotated.contains("::notice file=in.txt,line=3,"), "{annotated}");
    let failing = |name, checks| folder.mtalign(&["coverage", name, "--fail-on-checks", "--checks", checks]);
    failing("in.txt", "all").ended_with(1);
    failing("in.txt", "number,url").ended_with(0);
    failing("in.txt", "none").ended_with(0);
    failing("right.txt", "number,untranslated,punctuation,url").ended_with(0);
}

#[test]
fn the_same_sentence_translated_in_two_ways_is_found_over_documents() {
    let other = mixed().replace("Tom moved to Beijing in 1984.", "In 1984 Tom went to live in Beijing.");
    let folder = Folder::with(&[("a.txt", &mixed()), ("b.txt", &other)]);
    let told = folder.mtalign(&["coverage", "a.txt", "b.txt", "--checks", "consistency"]).ended_with(0).stdout;
    assert!(told.contains("\nb.txt:1  consistency: "), "{told}");
    assert!(told.contains("\n    before, a.txt:1: "), "{told}");
}

const MOVED: [(&str, &str); 4] = [
    ("春天来了，河边的柳树发了芽。", "Spring came, and the willows by the river put out buds."),
    ("夏天的晚上，老人们坐在院子里乘凉。", "On summer evenings the old people sat in the courtyard to enjoy the cool."),
    (
        "秋天，果园里的苹果熟了，人们忙着把苹果装进箱子。",
        "In autumn the apples in the orchard were ripe, and people were busy packing them into boxes.",
    ),
    (
        "冬天下了一场大雪，村口的路被封住了。",
        "In winter there was a heavy snowfall, and the road at the entrance to the village was blocked.",
    ),
];

#[test]
fn what_stands_elsewhere_in_the_translation_is_covered_and_told_as_moved() {
    let side = |lines: [&str; 4]| lines.join("\n\n");
    let zh = side(MOVED.map(|(zh, _)| zh));
    let [spring, summer, autumn, winter] = MOVED.map(|(_, en)| en);
    let folder = Folder::with(&[("zh.txt", &zh), ("en.txt", &side([autumn, spring, summer, winter]))]);
    let inputs = ["--zh", "zh.txt", "--en", "en.txt"];
    let run = |command: &str, more: &[&str]| folder.mtalign(&[&[command], &inputs[..], more].concat()).ended_with(0);
    let told = run("coverage", &["--min-coverage", "1", "--json", "report.json"]).stdout;
    assert!(told.starts_with("zh.txt: covered, 1 pair in another place\n"), "{told}");
    assert!(told.contains(&format!("\nMoved: 1 pair\nzh.txt:5  {}\nen.txt:1  {autumn}\n", MOVED[2].0)), "{told}");
    let report: Value = serde_json::from_str(&folder.read("report.json")).unwrap();
    assert_eq!(report["totals"]["moved"], json!(1));
    let moved = &report["documents"][0]["moved"];
    assert_eq!((&moved[0]["zh"], &moved[0]["en"]), (&json!([2]), &json!([0])));
    let annotated = run("coverage", &["--annotations"]).stdout;
    assert!(annotated.starts_with("::notice file=zh.txt,line=5,"), "{annotated}");
    let rows = |more: &[&str]| run("align", &[&["--columns", "en,kind"], more].concat()).stdout.lines().count();
    assert_eq!([rows(&[]), rows(&["--keep-moved"]), rows(&["--keep-moved", "--keep-unaligned"])], [3, 4, 4]);
    assert_eq!(rows(&["--keep-unaligned"]), 5);
    let kept = run("align", &["--columns", "en,kind", "--keep-moved"]).stdout;
    assert_eq!(kept.lines().nth(2), Some(format!("{autumn}\tmoved").as_str()));
}

#[test]
fn pairs_without_a_confidence_are_scored_unless_no_score_matters() {
    let right = MOVED.map(|(zh, en)| format!("{zh}\t{en}\n")).concat();
    let wrong = format!("{}\t{}\n", MOVED[0].0, MOVED[3].1);
    let judged = "下雨了，路很滑。\tNothing of the kind was said.\t0.9\n";
    let folder = Folder::with(&[("a.tsv", &format!("{right}{wrong}")), ("b.tsv", judged)]);
    let making = ["dataset", "a.tsv", "b.tsv", "--validation", "0", "--test", "0", "-o"];
    let make = |more: &[&str]| folder.mtalign(&[&making[..], more].concat()).ended_with(0).stderr;
    let said = make(&["set"]);
    assert!(said.contains("dropped             1 confidence"), "{said}");
    assert!(said.contains("train               5 pairs"), "{said}");
    let said = make(&["all", "--skip", "confidence"]);
    assert!(said.contains("train               6 pairs"), "{said}");
    folder.mtalign(&["dataset", "a.tsv", "b.tsv", "--score-only", "-o", "scored.tsv"]).ended_with(0);
    let rows = folder.read("scored.tsv");
    let scores: Vec<f64> = rows.lines().map(|line| line.rsplit_once('\t').unwrap().1.parse().unwrap()).collect();
    assert_eq!(scores.len(), 6);
    assert!(scores[..4].iter().all(|&score| score > 0.5) && scores[4] < 0.5, "{rows}");
    assert!((scores[5] - 0.9).abs() < 1e-9, "what was judged keeps its confidence");
    let refused = folder.mtalign(&["dataset", "no.txt", "--score-only", "-o", "x.tsv"]);
    refused.refused_with(&["error: `no.txt` holds no pairs"]);
}

/// Runs the program with a cache in the folder.
fn with_cache(folder: &Folder, arguments: &[&str]) -> Run {
    let caches = folder.path("caches");
    let environment = [("MTALIGN_CACHE", caches.to_str().unwrap())];
    folder.run(assert_cmd::Command::new(PROGRAM), &environment, arguments).ended_with(0)
}

/// The number of records in the cache.
fn records(folder: &Folder) -> u64 {
    let size = with_cache(folder, &["cache", "size"]).stdout;
    let line = size.lines().find(|line| line.starts_with("on disk")).unwrap();
    line.split_whitespace().nth(2).unwrap().parse().unwrap()
}

#[test]
fn a_second_run_adds_nothing_to_the_cache_and_writes_the_same_bytes_as_without() {
    let folder = Folder::with(&[("in.txt", &mixed())]);
    for command in [&["align", "in.txt", "-q", "--fill-missing"][..], &["coverage", "in.txt"], &["translate", "in.txt"]]
    {
        let without = with_cache(&folder, &[command, &["--no-cache"]].concat()).stdout;
        let before = if folder.path("caches").exists() { records(&folder) } else { 0 };
        assert_eq!(with_cache(&folder, command).stdout, without, "{command:?}");
        let after = records(&folder);
        assert!(after > 0 && after >= before, "{command:?}");
        let second = with_cache(&folder, command);
        assert_eq!((second.stdout, records(&folder)), (without, after), "{command:?}");
    }
}

#[test]
fn without_a_cache_nothing_is_written_and_one_that_cannot_be_used_is_said_once() {
    let folder = Folder::with(&[("in.txt", &mixed()), ("file", "")]);
    let without = with_cache(&folder, &["align", "in.txt", "--no-cache"]);
    assert_eq!(folder.names(), ["file", "in.txt"]);
    let nowhere = folder.path("file");
    let environment = [("MTALIGN_CACHE", nowhere.to_str().unwrap())];
    let run = folder.run(assert_cmd::Command::new(PROGRAM), &environment, &["align", "in.txt", "in.txt"]).ended_with(0);
    assert!(run.stdout.starts_with(&without.stdout), "{run:?}");
    assert_eq!(run.stderr.matches("note: going on without the cache `").count(), 1, "{run:?}");
}
