//! Corpora of pairs of every format, and the filters' keys of what is read. The first byte chooses the kind.

#![no_main]

use std::cell::RefCell;

use libfuzzer_sys::fuzz_target;
use mtalign::{
    both::Both,
    coverage::checks::of_pair,
    dataset::key::{Normaliser, pair_key},
    document::{Check, Checks},
};
use mtalign_fuzz::{choice, corpora, let_held_panics_pass};

thread_local! {
    /// Its tables take longer to make than all else.
    static NORMALISER: RefCell<Normaliser> = RefCell::new(Normaliser::new());
}

fuzz_target!(init: let_held_panics_pass(), |data: &[u8]| {
    let Some((kind, content)) = choice(data, corpora::KINDS.len()) else { return };
    for pair in corpora::read(corpora::KINDS[kind], content) {
        NORMALISER.with_borrow_mut(|normaliser| pair_key(&normaliser.keys(&pair.zh, &pair.en)));
        for found in of_pair(Both::new(&pair.zh, &pair.en), Checks::from_iter(Check::ALL)) {
            let _ = found.stretches.source.iter().map(|range| &pair.zh[range.clone()]).collect::<Vec<_>>();
            let _ = found.stretches.target.iter().map(|range| &pair.en[range.clone()]).collect::<Vec<_>>();
        }
    }
});
