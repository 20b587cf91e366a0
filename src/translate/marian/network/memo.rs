//! What the encoder made of the last sources: the translator, the tagger and forced decoding read the same ones in turn.

use std::{
    collections::HashMap,
    mem,
    sync::{Arc, Mutex, PoisonError},
};

use super::Rows;
use crate::tokenizer::PieceId;

/// So many values (of four bytes) are kept at least, and up to twice as many.
const KEPT: usize = 4_000_000;

/// The states of the last sources.
#[derive(Default)]
pub(super) struct Memo(Mutex<Generations>);

#[derive(Default)]
struct Generations {
    young: HashMap<Box<[PieceId]>, Arc<Rows>>,
    old: HashMap<Box<[PieceId]>, Arc<Rows>>,
    /// The number of values in the young.
    values: usize,
}

impl Memo {
    /// The states of a source, if they are still known.
    pub(super) fn get(&self, source: &[PieceId]) -> Option<Arc<Rows>> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(states) = known.young.get(source) {
            return Some(Arc::clone(states));
        }
        let states = known.old.remove(source)?;
        known.put(source, &states);
        Some(states)
    }

    pub(super) fn put(&self, source: &[PieceId], states: &Arc<Rows>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).put(source, states);
    }
}

impl Generations {
    fn put(&mut self, source: &[PieceId], states: &Arc<Rows>) {
        self.values += states.values().len();
        if self.values > KEPT {
            self.old = mem::take(&mut self.young);
            self.values = states.values().len();
        }
        self.young.insert(source.into(), Arc::clone(states));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_are_known_and_those_long_unused_are_forgotten() {
        let memo = Memo::default();
        let states = Arc::new(Rows::zeros(1_000, 1_000));
        for source in 0..6 {
            memo.put(&[source], &states);
            assert!(memo.get(&[0]).is_some(), "{source}");
        }
        assert!(memo.get(&[5]).is_some() && memo.get(&[9]).is_none());
        (6..20).for_each(|source| memo.put(&[source], &states));
        assert!(memo.get(&[0]).is_none() && memo.get(&[19]).is_some());
    }
}
