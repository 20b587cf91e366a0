//! Tests of journals: what is left of them after a cut, damage, and other runs.

use super::*;
use crate::{aligner::Answers, both::Both, write::sample};

fn head() -> Head {
    let settings = BTreeMap::from([("min-confidence".to_owned(), "0".to_owned())]);
    Head { command: "align".to_owned(), fingerprint: "model".to_owned(), settings }
}

fn partial(folder: &Path) -> Vec<Partial> {
    vec![Partial { path: folder.join("out.tsv.partial"), of: folder.join("out.tsv") }]
}

/// Documents and what becomes of them: sentences of their own, and odd numbers.
fn documents(count: usize) -> Vec<(Document, AlignedDocument)> {
    let document = |number: usize| {
        let (zh, en) = (format!("猫睡了{number}次。"), format!("The cat slept\u{2028}{number} times."));
        let mut aligned =
            sample::document(&[&zh], &[&en], &[(1, 1, 0.1 + 0.2 / (number + 1) as f64)]).with_hint(0, "睡", 0.7);
        aligned.id = format!("{number}\n.txt");
        aligned.translations[0].log_prob = -0.1 / (number + 3) as f32;
        let mut document = crate::ingest::from_sentences(&aligned.id, Both::new(&[&*zh], &[&*en])).unwrap();
        document.id.clone_from(&aligned.id);
        (document, aligned)
    };
    (0..count).map(document).collect()
}

/// What was answered over a document.
fn answers_over(document: &AlignedDocument) -> Answers {
    Answers {
        translations: document.translations.clone(),
        alignment: document.alignment.clone(),
        moved: document.coverage.moved.clone(),
        hints: document.coverage.sides.as_ref().map(|side| side.hints.clone()),
    }
}

fn written(folder: &Path, documents: &[(Document, AlignedDocument)]) -> PathBuf {
    let mut journal = Journal::new(head(), partial(folder));
    for (document, aligned) in documents {
        journal.add(fingerprint(document), aligned).unwrap();
    }
    journal.path().unwrap().to_owned()
}

fn resumed(folder: &Path) -> (Journal, Past) {
    Journal::resume(head(), partial(folder)).unwrap().unwrap()
}

fn refusal(result: Result<impl std::fmt::Debug>) -> String {
    match result {
        Err(error @ Error::Resume { .. }) => error.to_string(),
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn answers_come_back_exactly_however_much_of_the_journal_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents(3);
    let path = written(folder.path(), &documents);
    let whole = fs::read(&path).unwrap();
    let ends: Vec<usize> = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    assert_eq!(ends.len(), 2 + documents.len(), "the head, the partial files, and a line a document");
    for cut in ends[0]..=whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let (mut journal, mut past) = resumed(folder.path());
        let is_left = |number: usize| ends[2 + number] <= cut;
        assert_eq!(past.done(), (0..documents.len()).filter(|&number| is_left(number)).count());
        for (number, (document, aligned)) in documents.iter().enumerate() {
            match past.before(Some(document)).unwrap() {
                Some(Before::Done(answers)) if is_left(number) => assert_eq!(answers, answers_over(aligned)),
                None if !is_left(number) => journal.add(fingerprint(document), aligned).unwrap(),
                other => panic!("{number} of {cut}: {other:?}"),
            }
        }
        past.finish().unwrap();
        drop(journal);
        // The next one finds all of them.
        let (journal, past) = resumed(folder.path());
        assert_eq!(past.done(), documents.len(), "cut at {cut}");
        drop((journal, past));
    }
    for cut in 0..ends[0] {
        fs::write(&path, &whole[..cut]).unwrap();
        refusal(Journal::resume(head(), partial(folder.path())));
    }
}

#[test]
fn damage_ends_what_is_taken_and_other_runs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents(2);
    let path = written(folder.path(), &documents);
    let whole = fs::read(&path).unwrap();
    let mut damaged = whole.clone();
    let in_second = damaged.len() - 40;
    damaged[in_second] ^= 1;
    fs::write(&path, &damaged).unwrap();
    assert_eq!(resumed(folder.path()).1.done(), 1);
    fs::write(&path, &whole).unwrap();

    let other_settings = BTreeMap::from([("format".to_owned(), "tmx".to_owned())]);
    for (other, words) in [
        (Head { command: "coverage".to_owned(), ..head() }, "it is of `mtalign align`"),
        (Head { fingerprint: "other".to_owned(), ..head() }, "another model"),
        (Head { settings: other_settings, ..head() }, "min-confidence was `0` then, and is nothing now"),
    ] {
        let why = refusal(Journal::resume(other, partial(folder.path())));
        assert!(why.contains(words), "{why}");
    }
    fs::write(&path, "a text of the user's\n").unwrap();
    refusal(Journal::resume(head(), partial(folder.path())));
    assert_eq!(fs::read_to_string(&path).unwrap(), "a text of the user's\n");
}

#[test]
fn documents_that_are_not_those_of_before_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents(2);
    written(folder.path(), &documents);
    let [first, second] = [0, 1].map(|number: usize| documents[number].0.clone());
    let mut changed = first.clone();
    changed.sides.target.paragraphs.clear();
    for (comes, words) in [(Some(changed), "has changed since"), (Some(second), "comes where"), (None, "cannot be now")]
    {
        let why = refusal(resumed(folder.path()).1.before(comes.as_ref()));
        assert!(why.contains(words), "{why}");
    }
    let mut past = resumed(folder.path()).1;
    assert!(matches!(past.before(Some(&first)).unwrap(), Some(Before::Done(_))));
    let why = refusal(past.finish());
    assert!(why.contains("does not come any more"), "{why}");
}

#[test]
fn what_failed_is_tried_again() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents(1);
    let mut journal = Journal::new(head(), partial(folder.path()));
    journal.add_failed();
    journal.add(fingerprint(&documents[0].0), &documents[0].1).unwrap();
    drop(journal);
    let mut past = resumed(folder.path()).1;
    assert_eq!(past.before(None).unwrap(), Some(Before::Failed));
    assert!(matches!(past.before(Some(&documents[0].0)).unwrap(), Some(Before::Done(_))));
    past.finish().unwrap();
}

#[test]
fn a_whole_output_ends_the_journal_and_what_former_runs_wrote_of_it_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for name in ["out.tsv.partial", "out.tsv.partial.2", "out.tsv", "mine.partial", "out.tsv.partial.mine"] {
        fs::write(at(name), name).unwrap();
    }
    let names = ["out.tsv.partial.2", "out.tsv", "mine.partial", "out.tsv.partial.mine", "sub/out.tsv.partial"];
    let lines = [Line::Head(head()), Line::Partials(names.iter().map(|name| at(name).display().to_string()).collect())];
    fs::write(at("out.tsv.journal"), lines.map(|line| line.to_text()).concat()).unwrap();
    let (journal, past) = resumed(folder.path());
    assert_eq!(past.done(), 0);
    journal.finish().unwrap();
    let mut left: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    left.sort();
    assert_eq!(left, ["mine.partial", "out.tsv", "out.tsv.partial", "out.tsv.partial.mine"]);
    assert!(Journal::resume(head(), partial(folder.path())).unwrap().is_none());
}

#[test]
fn hidden_folders_of_data_sets_are_known_by_their_names() {
    let set = Path::new("data/set");
    assert!(is_partial_of(Path::new("data/.set.a8Xk2p.partial"), set));
    for other in
        ["data/.set.partial", "data/.other.a8Xk2p.partial", ".set.a8Xk2p.partial", "data/.set.a.b.partial", "data/set"]
    {
        assert!(!is_partial_of(Path::new(other), set), "{other}");
    }
}

#[test]
fn a_journal_under_way_is_nobody_elses() {
    let folder = tempfile::tempdir().unwrap();
    let documents = documents(1);
    let (document, aligned) = &documents[0];
    let mut first = Journal::new(head(), partial(folder.path()));
    first.add(fingerprint(document), aligned).unwrap();
    let why = refusal(Journal::resume(head(), partial(folder.path())));
    assert!(why.contains("is not over"), "{why}");
    let mut second = Journal::new(head(), partial(folder.path()));
    second.add(fingerprint(document), aligned).unwrap();
    assert!(second.path().unwrap().ends_with("out.tsv.journal.2"));
    drop(second);
    let (resumed, past) = resumed(folder.path());
    assert_eq!((resumed.path().unwrap().file_name().unwrap().to_str().unwrap(), past.done()), ("out.tsv.journal.2", 1));
}
