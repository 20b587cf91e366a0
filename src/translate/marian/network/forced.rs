//! Forced decoding: the probability of given translations.

use std::{iter, sync::Arc};

use tch::no_grad;

use super::{
    super::forward::{
        lanes::log_sum_exp,
        rows::{Rows, Texts},
    },
    Forced, Network, Selections,
};
use crate::{
    tokenizer::PieceId,
    translate::{batch::batches, marian::BATCH_SENTENCES},
};

impl Network {
    /// The logits of the whole vocabulary for each piece of a pair's target.
    pub(in super::super) fn logits(&self, pair: &Forced) -> Vec<Vec<f32>> {
        no_grad(|| {
            let source = self.pass.encode(&[&pair.source]);
            let mut logits = Vec::new();
            let given = self.given(&pair.target);
            self.pass.force(&source, &[0], &[&given], &[&pair.target], None, |row, _| logits.push(row.to_vec()));
            logits
        })
    }

    /// The log-probability of each piece of each pair's target, as [`Network::log_probs`] has it.
    pub(super) fn force(&self, pairs: &[Forced], budget: usize) -> Vec<Vec<f32>> {
        let sources: Vec<&[PieceId]> = pairs.iter().map(|pair| &pair.source[..]).collect();
        let states = self.states(&sources);
        let lengths: Vec<usize> = pairs.iter().map(|pair| pair.target.len()).collect();
        let mut log_probs = vec![Vec::new(); pairs.len()];
        for batch in batches(&lengths, BATCH_SENTENCES, budget) {
            let states: Vec<&Arc<Rows>> = batch.iter().map(|&index| &states[index]).collect();
            let (sources, beside) = distinct(&states);
            let targets: Vec<&[PieceId]> = batch.iter().map(|&index| &pairs[index].target[..]).collect();
            let given: Vec<Vec<PieceId>> = targets.iter().map(|target| self.given(target)).collect();
            let given: Vec<&[PieceId]> = given.iter().map(Vec::as_slice).collect();
            let of_pair = |selections: &Arc<Selections>| {
                let of_pair = |&index: &usize| selections.with(&pairs[index].source, &pairs[index].target);
                batch.iter().map(of_pair).collect()
            };
            let selected = self.selections.as_ref().map(of_pair);
            let mut of_rows = batch.iter().flat_map(|&index| iter::repeat_n(index, pairs[index].target.len()));
            self.pass.force(&sources, &beside, &given, &targets, selected, |logits, column| {
                let Some(index) = of_rows.next() else { return };
                log_probs[index].push(logits[column] - log_sum_exp(logits));
            });
        }
        log_probs
    }

    /// What stands before each piece of a target.
    fn given(&self, target: &[PieceId]) -> Vec<PieceId> {
        iter::once(self.start).chain(target.iter().copied()).take(target.len()).collect()
    }
}

/// Texts that are shared, each once, and which of them each is.
pub(in super::super) fn distinct(texts: &[&Arc<Rows>]) -> (Texts, Vec<usize>) {
    let mut once: Vec<&Arc<Rows>> = Vec::new();
    let mut place = |text| {
        once.iter().position(|other| Arc::ptr_eq(other, text)).unwrap_or_else(|| {
            once.push(text);
            once.len() - 1
        })
    };
    let which = texts.iter().map(|text| place(text)).collect();
    (Texts::beside(&once.iter().map(|text| &***text).collect::<Vec<_>>()), which)
}
