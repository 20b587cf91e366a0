//! Engines with a cache, which are loaded only when something is asked that the cache does not answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Cache, Cached};
use crate::{
    both::Both,
    document::Translation,
    error::{Error, Result},
    progress::Progress,
    translate::{
        Engine, Forced, ForcedScore, Tagger, Translator,
        tagger::{Linked, PairPieces},
    },
};

/// The fingerprints of an engine's models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprints {
    /// That of the translator.
    pub translator: String,
    /// That of the tagger, where there is one.
    pub tagger: Option<String>,
}

impl Fingerprints {
    fn of(engine: &mut dyn Engine) -> Self {
        let (translator, tagger) = engine.parts();
        Self { translator: translator.fingerprint(), tagger: tagger.map(|tagger| tagger.fingerprint()) }
    }
}

/// An engine over another, whose answers are kept in a cache.
pub struct CachedEngine {
    seat: Seat,
    fingerprints: Fingerprints,
    cache: Cache,
    translator: Cached<Seated>,
    tagger: Option<Cached<Seated>>,
}

impl CachedEngine {
    /// An engine over another that is loaded.
    pub fn new(mut engine: Box<dyn Engine>, cache: Cache) -> Self {
        let fingerprints = Fingerprints::of(engine.as_mut());
        Self::at(Seat { engine: Arc::new(Mutex::new(Some(engine))), loading: None }, fingerprints, cache)
    }

    /// An engine over another that `load` loads when it is needed. Its models have these fingerprints; where they turn
    /// out to have others, whatever needed the engine fails.
    pub fn waiting(
        fingerprints: Fingerprints,
        load: impl Fn() -> Result<Box<dyn Engine>> + Send + Sync + 'static,
        cache: Cache,
    ) -> Self {
        let places = Mutex::new(Places { waiting: 1, spare: Vec::new() });
        let loading = Loading { load: Box::new(load), fingerprints: fingerprints.clone(), places };
        Self::at(Seat { engine: Arc::default(), loading: Some(Arc::new(loading)) }, fingerprints, cache)
    }

    fn at(seat: Seat, fingerprints: Fingerprints, cache: Cache) -> Self {
        let seated = |fingerprint: &String| Seated { seat: seat.clone(), fingerprint: fingerprint.clone() };
        let translator = Cached::translator(seated(&fingerprints.translator), cache.clone());
        let tagger = fingerprints.tagger.as_ref().map(|tagger| Cached::tagger(seated(tagger), cache.clone()));
        Self { seat, fingerprints, cache, translator, tagger }
    }
}

impl Engine for CachedEngine {
    fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>) {
        (&mut self.translator, self.tagger.as_mut().map(|tagger| tagger as &mut dyn Tagger))
    }

    fn worker(&self) -> Result<Box<dyn Engine>> {
        let engine = locked(&self.seat.engine).as_ref().map(|engine| engine.worker()).transpose()?;
        if let (None, Some(loading)) = (&engine, &self.seat.loading) {
            locked(&loading.places).waiting += 1;
        }
        let seat = Seat { engine: Arc::new(Mutex::new(engine)), loading: self.seat.loading.clone() };
        Ok(Box::new(Self::at(seat, self.fingerprints.clone(), self.cache.clone())))
    }
}

/// The place of an engine, which its translator and its tagger share.
#[derive(Clone)]
struct Seat {
    engine: Arc<Mutex<Option<Box<dyn Engine>>>>,
    /// What loads it, if it is not loaded.
    loading: Option<Arc<Loading>>,
}

impl Seat {
    /// Works with the engine, and loads it before if need be.
    fn with<A>(&self, work: impl FnOnce(&mut dyn Engine) -> Result<A>) -> Result<A> {
        let mut seated = locked(&self.engine);
        let engine = match (&mut *seated, &self.loading) {
            (Some(engine), _) => engine,
            (none, Some(loading)) => none.insert(loading.take()?),
            (None, None) => return Err(missing("engine")),
        };
        work(engine.as_mut())
    }
}

/// An engine that is not loaded yet, and those who may need it.
struct Loading {
    load: Box<dyn Fn() -> Result<Box<dyn Engine>> + Send + Sync>,
    fingerprints: Fingerprints,
    places: Mutex<Places>,
}

struct Places {
    /// Workers that have no engine yet.
    waiting: usize,
    /// Engines over the same weights for those who have not asked. One that is in use could not be asked for another.
    spare: Vec<Box<dyn Engine>>,
}

impl Loading {
    /// An engine for one who waits: the first to ask loads it for all.
    fn take(&self) -> Result<Box<dyn Engine>> {
        let mut places = locked(&self.places);
        if let Some(engine) = places.spare.pop() {
            places.waiting = places.waiting.saturating_sub(1);
            return Ok(engine);
        }
        let mut engine = (self.load)()?;
        if Fingerprints::of(engine.as_mut()) != self.fingerprints {
            return Err(Error::Translate { source: "the files of the model changed while it was in use".into() });
        }
        places.spare = (1..places.waiting).map(|_| engine.worker()).collect::<Result<_>>()?;
        places.waiting = places.waiting.saturating_sub(1);
        Ok(engine)
    }
}

/// The translator or the tagger of the engine in a seat.
struct Seated {
    seat: Seat,
    fingerprint: String,
}

impl Translator for Seated {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        self.seat.with(|engine| engine.parts().0.translate(sources, progress))
    }

    fn n_best(&mut self, sources: &[&str], width: usize, progress: &dyn Progress) -> Result<Vec<Vec<Translation>>> {
        self.seat.with(|engine| engine.parts().0.n_best(sources, width, progress))
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        self.seat.with(|engine| engine.parts().0.log_probs(pairs))
    }
}

impl Tagger for Seated {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        self.seat.with(|engine| engine.parts().1.ok_or_else(|| missing("tagger"))?.tag(pairs))
    }

    fn link(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Linked>> {
        self.seat.with(|engine| engine.parts().1.ok_or_else(|| missing("tagger"))?.link(pairs))
    }
}

/// An engine without what it said that it had.
fn missing(part: &str) -> Error {
    Error::Translate { source: format!("the engine has no {part}").into() }
}

/// What is locked, also after a panic: whoever works on after one makes its engine anew.
fn locked<T: ?Sized>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{super::tests::Counting, *};
    use crate::translate::canned::CannedEngine;

    /// An engine of which it is counted how often it was loaded and made again.
    struct CountingEngine {
        counting: Counting,
        made: Arc<AtomicUsize>,
    }

    impl Engine for CountingEngine {
        fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>) {
            (&mut self.counting, None)
        }

        fn worker(&self) -> Result<Box<dyn Engine>> {
            self.made.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Self { counting: self.counting.clone(), made: Arc::clone(&self.made) }))
        }
    }

    #[test]
    fn an_engine_is_loaded_when_it_is_needed_once_for_all_workers() {
        let folder = tempfile::tempdir().unwrap();
        let (model, loaded, made) = (Counting::new(), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let engine = || {
            let (model, loaded, made) = (model.clone(), Arc::clone(&loaded), Arc::clone(&made));
            let fingerprints = Fingerprints { translator: Translator::fingerprint(&model), tagger: None };
            let load = move || {
                loaded.fetch_add(1, Ordering::SeqCst);
                Ok(Box::new(CountingEngine { counting: model.clone(), made: Arc::clone(&made) }) as Box<dyn Engine>)
            };
            CachedEngine::waiting(fingerprints, load, Cache::open(folder.path()))
        };
        let all = ["雪", "下雨了。", "风"];
        let run = |mut first: CachedEngine| {
            let mut workers = [first.worker().unwrap(), first.worker().unwrap()];
            for (worker, source) in workers.iter_mut().zip(all) {
                assert_eq!(worker.parts().0.translate(&[source], &()).unwrap().len(), 1);
            }
            first.parts().0.translate(&all, &()).unwrap()
        };
        let found = run(engine());
        assert_eq!((loaded.load(Ordering::SeqCst), made.load(Ordering::SeqCst), model.asked()), (1, 2, 3));
        assert_eq!(run(engine()), found);
        assert_eq!((loaded.load(Ordering::SeqCst), model.asked()), (1, 0), "nothing is loaded where all is known");
        // Workers of one that is loaded are loaded with it.
        let mut first = engine();
        first.parts().0.translate(&["雷"], &()).unwrap();
        let mut second = first.worker().unwrap();
        let mut third = second.worker().unwrap();
        for (worker, source) in [&mut second, &mut third].into_iter().zip(["电", "雾"]) {
            worker.parts().0.translate(&[source], &()).unwrap();
        }
        assert_eq!(loaded.load(Ordering::SeqCst), 2);
    }

    #[test]
    fn an_engine_whose_files_changed_meanwhile_is_not_used() {
        let folder = tempfile::tempdir().unwrap();
        let fingerprints = Fingerprints { translator: "another".to_owned(), tagger: None };
        let load = || Ok(Box::new(CannedEngine::default()) as Box<dyn Engine>);
        let mut engine = CachedEngine::waiting(fingerprints, load, Cache::open(folder.path()));
        let error = engine.parts().0.translate(&["雪"], &()).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("changed while it was in use"), "{cause}");
    }

    /// An engine of such a translator and such a tagger.
    struct Linking {
        translator: Counting,
        tagger: Counting,
    }

    impl Engine for Linking {
        fn parts(&mut self) -> (&mut dyn Translator, Option<&mut dyn Tagger>) {
            (&mut self.translator, Some(&mut self.tagger))
        }

        fn worker(&self) -> Result<Box<dyn Engine>> {
            Ok(Box::new(Self { translator: self.translator.clone(), tagger: self.tagger.clone() }))
        }
    }

    #[test]
    fn links_are_asked_of_the_tagger_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let (model, cache) = (Counting::new(), Cache::open(folder.path()));
        let linking = Linking { translator: model.clone(), tagger: model.clone() };
        let mut engine = CachedEngine::new(Box::new(linking), cache);
        let tagger = engine.parts().1.unwrap();
        let (source, target) = (vec![vec![1, 2], vec![3]], vec![vec![4]]);
        let mut links = || tagger.link(&[Both::new(&source, &target)]).unwrap().remove(0).links;
        let first = links();
        assert_eq!(first, Both::new(vec![vec![1.0]; 3], vec![vec![2.0, 1.0]]));
        assert_eq!((links(), model.asked()), (first, 1), "asked of the engine, once");
    }
}
