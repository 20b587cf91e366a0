//! Forced decoding: the probability of given translations.

use std::{iter, sync::Arc};

use tch::no_grad;

use super::{
    super::forward::{
        lanes::log_sum_exp,
        rows::{Rows, Texts, spans},
    },
    Forced, Network,
    passes::AnyPass,
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
            self.pass.force(&source, &[0], &[&self.given(&pair.target)], |row| logits.push(row.to_vec()));
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
            let given: Vec<Vec<PieceId>> = batch.iter().map(|&index| self.given(&pairs[index].target)).collect();
            let given: Vec<&[PieceId]> = given.iter().map(Vec::as_slice).collect();
            if let (AnyPass::Own(forward), Some(selections)) = (&self.pass, &self.selections)
                && let Some(common) = forward.common()
            {
                let rows = forward.force(&sources, &beside, &given);
                let of_pair = |&index: &usize| selections.with(&pairs[index].source, &pairs[index].target);
                let selected = batch.iter().map(of_pair).collect();
                let lengths: Vec<usize> = given.iter().map(|given| given.len()).collect();
                let wanted: Vec<PieceId> = batch.iter().flat_map(|&index| pairs[index].target.clone()).collect();
                let found = forward.log_probs_among(common, &rows, &lengths, selected, &wanted);
                for (span, &index) in spans(lengths).into_iter().zip(&batch) {
                    log_probs[index] = found[span].to_vec();
                }
                continue;
            }
            let wanted = batch.iter().flat_map(|&index| pairs[index].target.iter().map(move |&piece| (index, piece)));
            let mut wanted = wanted.collect::<Vec<_>>().into_iter();
            self.pass.force(&sources, &beside, &given, |logits| {
                let Some((index, piece)) = wanted.next() else { return };
                log_probs[index].push(logits[piece as usize] - log_sum_exp(logits));
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
