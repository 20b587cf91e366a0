//! Translators and taggers that are asked only what is not in a cache.

use std::collections::HashMap;

use super::{
    Cache,
    record::{Key, Keys, Kind, Record, pack, unpack},
};
use crate::{
    both::Both,
    document::Translation,
    error::{Error, Result},
    progress::Progress,
    tokenizer::PieceId,
    translate::{
        Forced, ForcedScore, Tagger, Translator,
        tagger::{Linked, PairPieces},
    },
};

/// The questions that are asked together, and whose answers are written together. More would share batches a little
/// better, and be lost together where a run is killed: by the bundled model they are translated in less than a minute.
const TOGETHER: usize = 2_048;

/// A translator or a tagger over another, whose answers it keeps.
///
/// A call hands on only what has no answer yet, each question once and in the order in which they came, and writes what
/// comes back in one go; a long call by some thousand questions. A run that was killed so finds nothing half done, and
/// asks what is left in the same portions as the first time.
pub struct Cached<T> {
    inner: T,
    cache: Cache,
    fingerprint: String,
}

impl<T: Translator> Cached<T> {
    /// A translator over another, with this cache.
    pub fn translator(inner: T, cache: Cache) -> Self {
        Self { fingerprint: inner.fingerprint(), inner, cache }
    }
}

impl<T: Tagger> Cached<T> {
    /// A tagger over another, with this cache.
    pub fn tagger(inner: T, cache: Cache) -> Self {
        Self { fingerprint: inner.fingerprint(), inner, cache }
    }
}

impl<T> Cached<T> {
    fn keys(&self, kind: Kind, settings: &[usize]) -> Keys {
        Keys::new(kind, &self.fingerprint, settings)
    }

    /// The answers to the questions with these keys. `known` is told how many need not be asked; the others come from
    /// `ask`, which is given the model and the indices of the questions, once or several times. An answer to the question
    /// of an index that does not fit is none.
    fn answers<R: Record + Clone>(
        &mut self,
        kind: Kind,
        keys: &[Key],
        fits: impl Fn(usize, &R) -> bool,
        known: impl FnOnce(usize),
        ask: impl Fn(&mut T, &[usize]) -> Result<Vec<R>>,
    ) -> Result<Vec<R>> {
        let asked = Asked::new(keys);
        let unique: Vec<Key> = asked.firsts.iter().map(|&index| keys[index]).collect();
        let mut used = Vec::new();
        let mut answers: Vec<Option<R>> = Vec::with_capacity(unique.len());
        for ((&key, &index), found) in unique.iter().zip(&asked.firsts).zip(self.cache.find(&unique)) {
            let is_stale = found.as_ref().is_some_and(|found| found.is_stale);
            let answer = found.and_then(|found| unpack(&found.value)).filter(|answer| fits(index, answer));
            if is_stale && answer.is_some() {
                used.push(key);
            }
            answers.push(answer);
        }
        self.cache.keep(kind, &[], &used);
        let open: Vec<usize> = (0..unique.len()).filter(|&number| answers[number].is_none()).collect();
        known(keys.len() - open.len());
        for open in open.chunks(TOGETHER) {
            let questions: Vec<usize> = open.iter().map(|&number| asked.firsts[number]).collect();
            let fresh = ask(&mut self.inner, &questions)?;
            if fresh.len() != open.len() {
                return Err(Error::TranslationCount { asked: open.len(), got: fresh.len() });
            }
            let mut kept = Vec::with_capacity(open.len());
            for (&number, answer) in open.iter().zip(fresh) {
                if fits(asked.firsts[number], &answer) {
                    kept.push((unique[number], pack(&answer)));
                }
                answers[number] = Some(answer);
            }
            self.cache.keep(kind, &kept, &[]);
        }
        let got = answers.iter().flatten().count();
        let all: Option<Vec<R>> = asked.numbers.iter().map(|&number| answers[number].clone()).collect();
        all.ok_or(Error::TranslationCount { asked: keys.len(), got })
    }
}

impl<T: Tagger> Cached<T> {
    /// The answers about pairs, of which those that are open come from `ask`.
    fn of_pairs<R: Record + Clone>(
        &mut self,
        kind: Kind,
        pairs: &[PairPieces<'_>],
        ask: impl Fn(&mut T, &[PairPieces<'_>]) -> Result<Vec<R>>,
    ) -> Result<Vec<R>> {
        let keys = self.keys(kind, &[]);
        let bytes = |sentences: &[Vec<PieceId>]| -> Vec<Vec<u8>> {
            sentences.iter().map(|pieces| pieces.iter().flat_map(|piece| piece.to_le_bytes()).collect()).collect()
        };
        let key = |pair: &PairPieces<'_>| keys.of(&[&bytes(pair.source), &bytes(pair.target)]);
        let keys: Vec<Key> = pairs.iter().map(key).collect();
        let open =
            |tagger: &mut T, open: &[usize]| ask(tagger, &open.iter().map(|&index| pairs[index]).collect::<Vec<_>>());
        self.answers(kind, &keys, |_, _| true, drop, open)
    }
}

/// The questions of a call, each once.
struct Asked {
    /// The index of each question where it comes first.
    firsts: Vec<usize>,
    /// Of every question of the call, its number among those.
    numbers: Vec<usize>,
}

impl Asked {
    fn new(keys: &[Key]) -> Self {
        let mut known = HashMap::new();
        let mut firsts = Vec::new();
        let mut number = |(index, &key): (usize, &Key)| {
            *known.entry(key).or_insert_with(|| {
                firsts.push(index);
                firsts.len() - 1
            })
        };
        let numbers = keys.iter().enumerate().map(&mut number).collect();
        Self { firsts, numbers }
    }
}

impl<T: Translator> Translator for Cached<T> {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        let keys = self.keys(Kind::Translation, &[]);
        let keys: Vec<Key> = sources.iter().map(|source| keys.of(&[&[source]])).collect();
        self.answers(
            Kind::Translation,
            &keys,
            |_, _| true,
            |known| progress.advance(known),
            |translator, open| {
                translator.translate(&open.iter().map(|&index| sources[index]).collect::<Vec<_>>(), progress)
            },
        )
    }

    fn n_best(&mut self, sources: &[&str], width: usize, progress: &dyn Progress) -> Result<Vec<Vec<Translation>>> {
        let keys = self.keys(Kind::NBest, &[width]);
        let keys: Vec<Key> = sources.iter().map(|source| keys.of(&[&[source]])).collect();
        self.answers(
            Kind::NBest,
            &keys,
            |_, list: &Vec<Translation>| !list.is_empty(),
            |known| progress.advance(known),
            |translator, open| {
                translator.n_best(&open.iter().map(|&index| sources[index]).collect::<Vec<_>>(), width, progress)
            },
        )
    }

    fn log_probs(&mut self, pairs: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        let keys = self.keys(Kind::Forced, &[]);
        let keys: Vec<Key> = pairs.iter().map(|pair| keys.of(&[&[pair.source], pair.target])).collect();
        self.answers(
            Kind::Forced,
            &keys,
            |index, scores: &Vec<ForcedScore>| scores.len() == pairs[index].target.len(),
            drop,
            |translator, open| translator.log_probs(&open.iter().map(|&index| pairs[index]).collect::<Vec<_>>()),
        )
    }
}

impl<T: Tagger> Tagger for Cached<T> {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
        self.of_pairs(Kind::Tags, pairs, T::tag)
    }

    fn link(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Linked>> {
        self.of_pairs(Kind::Links, pairs, T::link)
    }
}
