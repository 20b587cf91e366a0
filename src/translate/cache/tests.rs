//! Tests of the cache as a whole, with models that count what they are asked.

use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use super::*;
use crate::{
    both::Both,
    document::Translation,
    progress::{Progress, Stage},
    translate::{
        Forced, ForcedScore, Tagger, Translator,
        canned::Canned,
        tagger::{Linked, PairPieces},
    },
};

const TABLE: &str = "下雨了。\tIt rained.\n他没带伞。\tHe had no umbrella.\n雪\tsnow\n";

/// A translator and tagger that counts the questions that it answers.
#[derive(Clone, Default)]
pub(super) struct Counting {
    canned: Canned,
    asked: Arc<AtomicUsize>,
}

impl Counting {
    pub(super) fn new() -> Self {
        Self { canned: Canned::parse("table", TABLE).unwrap(), asked: Arc::default() }
    }

    /// The number of questions since this was asked last.
    pub(super) fn asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    fn count(&self, questions: usize) {
        self.asked.fetch_add(questions, Ordering::SeqCst);
    }
}

impl Translator for Counting {
    fn fingerprint(&self) -> String {
        Translator::fingerprint(&self.canned)
    }

    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        self.count(sources.len());
        self.canned.translate(sources, progress)
    }

    fn n_best(&mut self, sources: &[&str], width: usize, progress: &dyn Progress) -> Result<Vec<Vec<Translation>>> {
        self.count(sources.len());
        self.canned.n_best(sources, width, progress)
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        self.count(pairs.len());
        self.canned.log_probs(pairs)
    }
}

impl Tagger for Counting {
    fn fingerprint(&self) -> String {
        "counting".to_owned()
    }

    /// The pieces themselves, as log-odds; odd bits come back as they are.
    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        self.count(pairs.len());
        let odds = |sentences: &[Vec<u32>]| sentences.iter().flatten().map(|&piece| f32::from_bits(piece)).collect();
        Ok(pairs.iter().map(|pair| Both::new(odds(pair.source), odds(pair.target))).collect())
    }

    /// Of each piece so much to each sentence as it has pieces.
    fn link(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Linked>> {
        let links = |own: &[Vec<u32>], other: &[Vec<u32>]| {
            let shares: Vec<f32> = other.iter().map(|sentence| sentence.len() as f32).collect();
            vec![shares; own.iter().map(Vec::len).sum()]
        };
        let of = |(tags, pair): (Both<Vec<f32>>, &PairPieces<'_>)| {
            let links = Both::new(links(pair.source, pair.target), links(pair.target, pair.source));
            Linked { tags, links }
        };
        Ok(self.tag(pairs)?.into_iter().zip(pairs).map(of).collect())
    }
}

fn texts(translations: &[Translation]) -> Vec<&str> {
    translations.iter().map(|translation| translation.text.as_str()).collect()
}

#[test]
fn what_was_asked_once_is_not_asked_again_and_what_is_new_once() {
    let folder = tempfile::tempdir().unwrap();
    let model = Counting::new();
    let cached = || Cached::translator(model.clone(), Cache::open(folder.path()));
    let expected = ["It rained.", "snow", "It rained.", ""];
    let first = cached().translate(&["下雨了。", "雪", "下雨了。", "风"], &()).unwrap();
    assert_eq!((texts(&first), model.asked()), (expected.to_vec(), 3), "each question once");
    assert_eq!(cached().translate(&["下雨了。", "雪", "下雨了。", "风"], &()).unwrap(), first);
    assert_eq!(model.asked(), 0);
    let some = cached().translate(&["他没带伞。", "雪", "他没带伞。"], &()).unwrap();
    assert_eq!((texts(&some), model.asked()), (vec!["He had no umbrella.", "snow", "He had no umbrella."], 1));
    assert_eq!(cached().translate(&[], &()).unwrap(), []);
    assert_eq!(
        some,
        Counting::new().translate(&["他没带伞。", "雪", "他没带伞。"], &()).unwrap(),
        "as without a cache"
    );
}

#[test]
fn every_kind_of_answer_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let model = Counting::new();
    let cache = Cache::open(folder.path());
    let mut cached = Cached::translator(model.clone(), cache.clone());
    let targets: [&[&str]; 3] = [&["It rained."], &["It is", "late."], &[]];
    let pairs: Vec<_> = targets.iter().map(|target| Forced { source: "下雨了。", target }).collect();
    let alone = Counting::new().log_probs(&pairs).unwrap();
    for asked in [3, 0] {
        assert_eq!((cached.log_probs(&pairs).unwrap(), model.asked()), (alone.clone(), asked));
    }
    for (width, asked) in [(4, 1), (4, 0), (5, 1)] {
        let lists = cached.n_best(&["雪"], width, &()).unwrap();
        assert_eq!((texts(&lists[0]), model.asked()), (vec!["snow"], asked), "a beam of {width}");
    }
    let mut tagger = Cached::tagger(model.clone(), cache.clone());
    let (source, target) = (vec![vec![1, 2], vec![f32::NAN.to_bits() | 1]], vec![vec![]]);
    for asked in [2, 0] {
        let tags = tagger.tag(&[Both::new(&source, &target), Both::new(&target, &source)]).unwrap();
        let bits: Vec<u32> = tags[0].source.iter().map(|odds| odds.to_bits()).collect();
        assert_eq!((bits, tags[1].target.len(), model.asked()), (source.concat(), 3, asked));
    }
    assert_eq!(cache.trouble(), None);
    cache.close();
    assert_eq!(cached.n_best(&["雪"], 4, &()).unwrap().len(), 1);
    assert_eq!((model.asked(), cache.trouble()), (1, None), "a closed cache is none, and no trouble");
    let beside = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(beside, 1, "nothing beside the file");
    let contents = Cache::contents(folder.path()).unwrap();
    let records: Vec<u64> = contents.counts.iter().map(|(_, count)| count.records).collect();
    assert_eq!(records, [0, 2, 3, 2, 0]);
    let cleared = Cache::clear(folder.path()).unwrap();
    assert_eq!(cleared.records, 7);
    assert_eq!(cleared.bytes, contents.bytes - Cache::contents(folder.path()).unwrap().bytes);
}

#[test]
fn a_model_with_another_fingerprint_is_asked_everything() {
    let folder = tempfile::tempdir().unwrap();
    Cached::translator(Counting::new(), Cache::open(folder.path())).translate(&["雪"], &()).unwrap();
    let changed = Counting { canned: Canned::parse("table", "雪\tsleet\n").unwrap(), ..Counting::default() };
    let found = Cached::translator(changed.clone(), Cache::open(folder.path())).translate(&["雪"], &()).unwrap();
    assert_eq!((texts(&found), changed.asked()), (vec!["sleet"], 1));
}

/// A translator that fails, or returns too little.
struct Faulty(bool);

impl Translator for Faulty {
    fn fingerprint(&self) -> String {
        Translator::fingerprint(&Counting::new())
    }

    fn translate(&mut self, _: &[&str], _: &dyn Progress) -> Result<Vec<Translation>> {
        if self.0 { Err(Error::NoCuda) } else { Ok(Vec::new()) }
    }

    fn log_probs(&mut self, _: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        // Of no sentence, whatever was asked.
        Ok(vec![Vec::new()])
    }
}

#[test]
fn a_call_that_fails_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cached = |fails| Cached::translator(Faulty(fails), Cache::open(folder.path()));
    assert!(matches!(cached(true).translate(&["雪"], &()), Err(Error::NoCuda)));
    assert!(matches!(cached(false).translate(&["雪"], &()), Err(Error::TranslationCount { asked: 1, got: 0 })));
    // Whoever asked sees that it does not fit; the next one need not.
    assert_eq!(cached(true).log_probs(&[Forced { source: "", target: &["a"] }]).unwrap(), [[]]);
    let records = |contents: Contents| contents.counts.iter().map(|(_, count)| count.records).sum::<u64>();
    assert_eq!(records(Cache::contents(folder.path()).unwrap()), 0);
}

/// A translator that fails at the last source.
struct Ending(Counting);
impl Translator for Ending {
    fn fingerprint(&self) -> String {
        Translator::fingerprint(&self.0)
    }

    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        if sources.contains(&"雪4999") { Err(Error::NoCuda) } else { self.0.translate(sources, progress) }
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        self.0.log_probs(pairs)
    }
}

#[test]
fn of_a_long_call_that_ends_in_the_middle_what_was_done_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<String> = (0..5_000).map(|number| format!("雪{number}")).collect();
    let sources: Vec<&str> = sources.iter().map(String::as_str).collect();
    let model = Counting::new();
    let mut ending = Cached::translator(Ending(model.clone()), Cache::open(folder.path()));
    assert!(ending.translate(&sources, &()).is_err());
    let before = model.asked();
    assert!((1..5_000).contains(&before), "{before}");
    let progress = Advanced::default();
    let mut whole = Cached::translator(model.clone(), Cache::open(folder.path()));
    assert_eq!(whole.translate(&sources, &progress).unwrap(), Counting::new().translate(&sources, &()).unwrap());
    assert_eq!((model.asked(), progress.0.get()), (5_000 - before, 5_000));
}

#[derive(Default)]
struct Advanced(std::cell::Cell<usize>);

impl Progress for Advanced {
    fn begin(&self, _: Stage, _: usize) {}
    fn advance(&self, units: usize) {
        self.0.set(self.0.get() + units);
    }
    fn end(&self) {}
}

#[test]
fn progress_gets_on_by_every_sentence_known_or_not() {
    let folder = tempfile::tempdir().unwrap();
    let mut cached = Cached::translator(Counting::new(), Cache::open(folder.path()));
    for sources in [&["雪", "雪", "风"][..], &["雪", "雪", "风"], &["雪", "下雨了。"]] {
        let progress = Advanced::default();
        cached.translate(sources, &progress).unwrap();
        assert_eq!(progress.0.get(), sources.len());
    }
}

/// Translates with the cache in a folder; returns what went wrong with it. The outcome must be that without one.
fn troubled(folder: &Path) -> Option<String> {
    let cache = Cache::open(folder);
    let found = Cached::translator(Counting::new(), cache.clone()).translate(&["雪"], &()).unwrap();
    assert_eq!(texts(&found), ["snow"]);
    let trouble = cache.trouble();
    assert_eq!(cache.trouble(), None, "said once");
    trouble
}

#[test]
fn a_damaged_file_begins_anew_and_the_next_run_is_well() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(folder::FILE);
    assert_eq!(troubled(folder.path()), None);
    let whole = fs::read(&path).unwrap();
    // No store at all; one that ends early; one with junk where its records are.
    let junk = [&whole[..4_096], &vec![0xa5; whole.len() - 4_096]].concat();
    for damaged in [b"no store ".repeat(100), whole[..5_000].to_vec(), junk] {
        fs::write(&path, damaged).unwrap();
        let trouble = troubled(folder.path()).unwrap();
        assert!(trouble.contains("damaged") && trouble.contains(folder::FILE), "{trouble}");
        assert_eq!(troubled(folder.path()), None);
    }
    fs::write(&path, b"no store ".repeat(100)).unwrap();
    assert!(Cache::contents(folder.path()).unwrap_err().to_string().contains("it is damaged"));
    assert!(Cache::clear(folder.path()).unwrap().bytes > 0);
    assert_eq!(Cache::contents(folder.path()).unwrap().bytes, 0);
}

#[test]
fn a_record_that_is_damaged_is_asked_again_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let model = Counting::new();
    let translate = || {
        let found = Cached::translator(model.clone(), Cache::open(folder.path())).translate(&["雪"], &()).unwrap();
        assert_eq!(texts(&found), ["snow"]);
        model.asked()
    };
    assert_eq!([translate(), translate()], [1, 0]);
    let path = folder.path().join(folder::FILE);
    let bytes = fs::read(&path).unwrap();
    let place = bytes.windows(4).position(|window| window == b"snow").unwrap();
    let mut damaged = bytes.clone();
    damaged[place] = b'k';
    fs::write(&path, damaged).unwrap();
    assert_eq!([translate(), translate()], [1, 0]);
}

#[cfg(unix)]
#[test]
fn what_cannot_be_written_is_done_without() {
    use std::os::unix::fs::PermissionsExt as _;
    let base = tempfile::tempdir().unwrap();
    // Where a folder should be there is a file, which even the system's user cannot change.
    fs::write(base.path().join("file"), "").unwrap();
    let trouble = troubled(&base.path().join("file/translations")).unwrap();
    assert!(trouble.starts_with("going on without the cache `") && trouble.contains("file/translations"), "{trouble}");
    let folder = base.path().join("closed");
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o500)).unwrap();
    // The system's user may write everywhere.
    if fs::write(folder.join("probe"), "").is_err() {
        assert!(troubled(&folder).is_some());
    }
}

#[test]
fn a_store_of_a_newer_version_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(troubled(folder.path()), None);
    let connection = rusqlite::Connection::open(folder.path().join(folder::FILE)).unwrap();
    connection.execute_batch("PRAGMA user_version = 99").unwrap();
    drop(connection);
    let before = fs::read(folder.path().join(folder::FILE)).unwrap();
    let trouble = troubled(folder.path()).unwrap();
    assert!(trouble.ends_with("a newer version of the program made it"), "{trouble}");
    assert!(Cache::contents(folder.path()).is_err());
    assert!(fs::read(folder.path().join(folder::FILE)).unwrap() == before, "it was written to");
    Cache::clear(folder.path()).unwrap();
    assert_eq!(troubled(folder.path()), None);
}

#[test]
fn a_store_that_is_locked_for_long_is_done_without_and_not_cleared() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(troubled(folder.path()), None);
    let other = rusqlite::Connection::open(folder.path().join(folder::FILE)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let cache = Cache::open(folder.path());
    let model = Counting::new();
    let mut cached = Cached::translator(model.clone(), cache.clone());
    assert_eq!(texts(&cached.translate(&["雪", "下雨了。"], &()).unwrap()), ["snow", "It rained."]);
    assert_eq!(model.asked(), 1, "what is known can be read");
    assert!(cache.trouble().unwrap().ends_with("another program keeps it locked"));
    let error = Cache::clear(folder.path()).unwrap_err().to_string();
    assert!(error.ends_with("another program keeps it locked"), "{error}");
}

#[test]
fn many_threads_and_handles_use_one_cache_and_all_get_what_they_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let sources: Vec<String> = (0..200).map(|number| format!("雪{number}")).collect();
    let lines: Vec<String> = sources.iter().map(|source| format!("{source}\tsnow {source}")).collect();
    let table = lines.join("\n");
    let model = Counting { canned: Canned::parse("table", &table).unwrap(), ..Counting::default() };
    let run = |handles: usize| {
        let opened: Vec<Cache> = (0..handles).map(|_| Cache::open(folder.path())).collect();
        thread::scope(|scope| {
            for thread in 0..8 {
                let (cache, sources) = (opened[thread % handles].clone(), &sources);
                let mut cached = Cached::translator(model.clone(), cache);
                scope.spawn(move || {
                    for call in 0..10 {
                        let asked: Vec<&str> =
                            (0..20).map(|step| sources[(thread * 50 + call * 20 + step) % 200].as_str()).collect();
                        let found = cached.translate(&asked, &()).unwrap();
                        assert!(
                            texts(&found).iter().zip(&asked).all(|(text, source)| *text == format!("snow {source}"))
                        );
                    }
                });
            }
        });
        assert!(opened.iter().all(|cache| cache.trouble().is_none()));
    };
    run(3);
    assert!(model.asked() >= 200);
    run(1);
    assert_eq!(model.asked(), 0);
}
