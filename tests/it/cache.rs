//! What models answered, kept on disk: documents through the whole aligner with and without a cache, and the program's
//! commands for it. The models are canned, and count what they are asked.

use std::{
    fs,
    num::NonZeroUsize,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use assert_cmd::Command;
use mtalign::{
    Aligner,
    aligner::{Settings, in_order},
    both::Both,
    document::Translation,
    error::{Error, Result},
    ingest::{self, Input},
    progress::Progress,
    tokenizer::Tokenizer,
    translate::{
        Engine, Forced, ForcedScore, Tagger, Translator,
        cache::{Cache, CachedEngine, Kind},
        canned::{Canned, CannedTagger},
        tagger::PairPieces,
    },
    write::{Column, Options, pairs, summary, writer},
};

use crate::support::{Folder, PROGRAM, Run, bundled_model, sources};

/// What models were asked.
#[derive(Default)]
struct Asked {
    calls: AtomicUsize,
    questions: AtomicUsize,
}

/// A canned translator or tagger that counts its questions, and may fail from a call on.
#[derive(Clone)]
struct Counted<T> {
    canned: T,
    asked: Arc<Asked>,
    ends_after: Option<usize>,
}

impl<T> Counted<T> {
    fn count<Q>(&mut self, questions: &[Q]) -> Result<&mut T> {
        let calls = self.asked.calls.fetch_add(1, Ordering::SeqCst);
        if self.ends_after.is_some_and(|after| calls >= after) {
            return Err(Error::NoCuda);
        }
        self.asked.questions.fetch_add(questions.len(), Ordering::SeqCst);
        Ok(&mut self.canned)
    }
}

impl Translator for Counted<Canned> {
    fn fingerprint(&self) -> String {
        self.canned.fingerprint()
    }

    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        self.count(sources)?.translate(sources, progress)
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        self.count(pairs)?.log_probs(pairs)
    }
}

impl Tagger for Counted<CannedTagger> {
    fn fingerprint(&self) -> String {
        self.canned.fingerprint()
    }

    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        self.count(pairs)?.tag(pairs)
    }
}

/// An engine of such models.
#[derive(Clone)]
struct Counting {
    translator: Counted<Canned>,
    tagger: Counted<CannedTagger>,
}

impl Engine for Counting {
    fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>) {
        (&mut self.translator, Some(&mut self.tagger))
    }

    fn worker(&self) -> Result<Box<dyn Engine>> {
        Ok(Box::new(self.clone()))
    }
}

impl Counting {
    /// An engine of the translations of the sample.
    fn of_sample() -> Self {
        Self::ending(None)
    }

    /// One that fails once it was called so often.
    fn ending(ends_after: Option<usize>) -> Self {
        let table = fs::read_to_string(sources().join(SAMPLE).join("translations.tsv")).unwrap();
        let tokenizer = Tokenizer::load(&bundled_model()).unwrap();
        let asked = Arc::default();
        let translator = Canned::parse("translations.tsv", &table).unwrap();
        Self {
            translator: Counted { canned: translator, asked: Arc::clone(&asked), ends_after },
            tagger: Counted { canned: CannedTagger::new(&table, &tokenizer), asked, ends_after },
        }
    }

    /// The number of questions since this was asked last.
    fn asked(&self) -> usize {
        self.translator.asked.questions.swap(0, Ordering::SeqCst)
    }

    /// The number of calls since this was asked last.
    fn calls(&self) -> usize {
        self.translator.asked.calls.swap(0, Ordering::SeqCst)
    }

    fn aligner(&self, cache: Option<&Cache>) -> Aligner {
        let engine: Box<dyn Engine> = Box::new(self.clone());
        let engine = match cache {
            Some(cache) => Box::new(CachedEngine::new(engine, cache.clone())),
            None => engine,
        };
        Aligner::with_engine(bundled_model().to_str().unwrap(), engine).unwrap()
    }
}

/// A text with enough in it that is in doubt for every kind of question to be asked, and the table of its translations.
const SAMPLE: &str = "tests/browser/sample";

fn sample() -> Input {
    Input::Mixed(sources().join(SAMPLE).join("lighthouse.md"))
}

fn align(aligner: &mut Aligner, input: &Input) -> String {
    try_align(aligner, input).unwrap()
}

/// What is written of a text: its pairs with everything there is to know of them, and its summary.
fn try_align(aligner: &mut Aligner, input: &Input) -> Result<String> {
    let document = ingest::read(input, ingest::Options::default())?;
    let document = aligner.align_document_with(&document, &Settings { beam: 4, ..Settings::default() }, &())?;
    let columns = [Column::Zh, Column::En, Column::Confidence, Column::Mt, Column::MtFlaw];
    let options = Options { columns: Some(columns.to_vec()), keep_unaligned: true, ..Options::default() };
    let mut writer = writer(&options, [Vec::new()]).unwrap();
    pairs(&document, &options).try_for_each(|pair| writer.pair(&pair)).unwrap();
    let mut written = writer.finish().unwrap().remove(0);
    summary::write_full(&mut written, &document).unwrap();
    Ok(String::from_utf8(written).unwrap())
}

#[test]
fn a_second_run_asks_nothing_and_gives_the_same_as_without_a_cache() {
    let folder = Folder::new();
    let engine = Counting::of_sample();
    let without = align(&mut engine.aligner(None), &sample());
    assert!(engine.asked() > 0);
    let run = || (align(&mut engine.aligner(Some(&Cache::open(&folder.path("cache")))), &sample()), engine.asked());
    let (first, asked) = run();
    assert!(asked > 0);
    assert_eq!(first, without);
    let (second, asked) = run();
    assert!(asked == 0 && second == without, "{asked} questions");
    let counts = Cache::contents(&folder.path("cache")).unwrap().counts;
    let records = |wanted: Kind| counts.iter().find(|(kind, _)| *kind == wanted).unwrap().1.records;
    let table = fs::read_to_string(sources().join(SAMPLE).join("translations.tsv")).unwrap();
    assert_eq!(records(Kind::Translation), table.lines().count() as u64);
    assert!(records(Kind::Tags) > 0 && records(Kind::Forced) > 0, "{counts:?}");
}

#[test]
fn a_run_after_one_that_ended_in_the_middle_gives_the_same_and_asks_only_what_is_left() {
    let engine = Counting::of_sample();
    let without = align(&mut engine.aligner(None), &sample());
    engine.asked();
    engine.calls();
    let folder = Folder::new();
    align(&mut engine.aligner(Some(&Cache::open(&folder.path("whole")))), &sample());
    let (all, calls) = (engine.asked(), engine.calls());
    assert!(calls > 2, "{calls} calls are too few to end between them");
    for call in 0..calls {
        let cache = folder.path(&format!("ended-{call}"));
        let ending = Counting::ending(Some(call));
        let ended = try_align(&mut ending.aligner(Some(&Cache::open(&cache))), &sample());
        assert!(matches!(ended, Err(Error::NoCuda)));
        let rest = Counting::of_sample();
        let again = align(&mut rest.aligner(Some(&Cache::open(&cache))), &sample());
        assert!(again == without, "after {call} calls");
        assert_eq!(ending.asked() + rest.asked(), all, "after {call} calls");
    }
}

#[test]
fn what_is_known_of_another_text_is_not_asked_and_changes_nothing() {
    let folder = Folder::new();
    let engine = Counting::of_sample();
    let without = align(&mut engine.aligner(None), &sample());
    let all = engine.asked();
    let cache = Cache::open(&folder.path("cache"));
    let text = fs::read_to_string(sources().join(SAMPLE).join("lighthouse.md")).unwrap();
    let half: Vec<&str> = text.lines().take(text.lines().count() / 2).collect();
    folder.write("half.md", half.join("\n"));
    align(&mut engine.aligner(Some(&cache)), &Input::Mixed(folder.path("half.md")));
    assert!(engine.asked() > 0);
    let with = align(&mut engine.aligner(Some(&cache)), &sample());
    let asked = engine.asked();
    assert!(with == without && (1..all).contains(&asked), "{asked} of {all} questions");
}

#[test]
fn several_at_a_time_share_a_cache_and_find_what_others_found() {
    let folder = Folder::new();
    let engine = Counting::of_sample();
    let without = align(&mut engine.aligner(None), &sample());
    engine.asked();
    for is_known in [false, true] {
        let cache = Cache::open(&folder.path("cache"));
        let first = engine.aligner(Some(&cache));
        let idle = Mutex::new((0..3).map(|_| first.worker().unwrap()).collect::<Vec<_>>());
        let worker = || {
            let mut aligner = idle.lock().unwrap().pop().unwrap();
            Ok(move |_: usize| try_align(&mut aligner, &sample()))
        };
        let done = |aligned: Result<String>| {
            assert!(aligned? == without);
            Ok(())
        };
        in_order(0..9, NonZeroUsize::new(3).unwrap(), usize::to_string, worker, done).unwrap();
        assert_eq!(cache.trouble(), None);
        assert_eq!(engine.asked() == 0, is_known);
    }
}

/// Runs the program with its cache in `caches` of the folder.
fn mtalign(folder: &Folder, arguments: &[&str]) -> Run {
    let caches = folder.path("caches");
    folder.run(Command::new(PROGRAM), &[("MTALIGN_CACHE", caches.to_str().unwrap())], arguments)
}

const IN_CACHES: &str = "caches/mtalign/translations";

/// A folder with a cache that holds the answers about the sample.
fn filled() -> Folder {
    let folder = Folder::new();
    align(&mut Counting::of_sample().aligner(Some(&Cache::open(&folder.path(IN_CACHES)))), &sample());
    folder
}

/// The cells of the line that begins with `name`.
fn cells(size: &str, name: &str) -> Vec<u64> {
    let line = size.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("no {name} in {size}"));
    line.split_whitespace().map(|cell| cell.parse().unwrap()).collect()
}

#[test]
fn the_size_of_a_cache_is_told_and_nothing_is_left_of_one_that_is_cleared() {
    let folder = filled();
    let path = folder.path(IN_CACHES).join("cache.sqlite");
    let size = mtalign(&folder, &["cache", "size"]).ended_with(0);
    assert_eq!((size.stderr.as_str(), size.stdout.lines().last()), ("", Some(path.to_str().unwrap())));
    let kinds = Kind::ALL.map(|kind| cells(&size.stdout, kind.name()));
    assert!(kinds[0][0] > 0 && kinds[0][1] > kinds[0][0], "{}", size.stdout);
    let on_disk = cells(&size.stdout, "on disk");
    assert_eq!(on_disk, [kinds.iter().map(|cells| cells[0]).sum(), path.metadata().unwrap().len()]);
    let cleared = mtalign(&folder, &["cache", "clear"]).ended_with(0).stdout;
    let after = path.metadata().unwrap().len();
    assert_eq!(cleared, format!("freed {} bytes, {} records: {}\n", on_disk[1] - after, on_disk[0], path.display()));
    assert_eq!(cells(&mtalign(&folder, &["cache", "size"]).ended_with(0).stdout, "on disk"), [0, after]);
}

#[test]
fn where_there_is_no_cache_none_is_made_to_look_at() {
    let folder = Folder::new();
    assert_eq!(cells(&mtalign(&folder, &["cache", "size"]).ended_with(0).stdout, "on disk"), [0, 0]);
    assert!(mtalign(&folder, &["cache", "clear"]).ended_with(0).stdout.starts_with("freed 0 bytes, 0 records: "));
    assert_eq!(folder.names(), [""; 0]);
    // Without a home there is no place for one.
    folder.mtalign(&["cache", "size"]).refused_with(&["found no folder for the cache", "hint: set MTALIGN_CACHE"]);
    let home = [("HOME", folder.path("home")), ("XDG_CACHE_HOME", folder.path("xdg"))];
    for (count, expected) in [(1, "home/.cache"), (2, "xdg")] {
        let environment: Vec<_> = home[..count].iter().map(|(name, path)| (*name, path.to_str().unwrap())).collect();
        let size = folder.run(Command::new(PROGRAM), &environment, &["cache", "size"]).ended_with(0).stdout;
        let path = folder.path(expected).join("mtalign/translations/cache.sqlite");
        assert_eq!(size.lines().last(), path.to_str());
    }
}

#[test]
fn a_damaged_cache_is_named_and_can_be_cleared() {
    let folder = filled();
    folder.write(&format!("{IN_CACHES}/cache.sqlite"), "no store ".repeat(1_000));
    let words =
        ["error: cannot use the cache `", "cache.sqlite`: it is damaged", "hint: wait until", "`mtalign cache clear`"];
    mtalign(&folder, &["cache", "size"]).refused_with(&words);
    assert!(mtalign(&folder, &["cache", "clear"]).ended_with(0).stdout.starts_with("freed 9000 bytes, 0 records: "));
    mtalign(&folder, &["cache", "size"]).ended_with(0);
}
