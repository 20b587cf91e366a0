//! Forced decoding: the probability of given translations.

use tch::{Kind, TchError, Tensor, no_grad};

use super::{Forced, Network, Texts, best::norms, padded, passes::AnyPass, signed, unsigned, wide};
use crate::{
    tokenizer::PieceId,
    translate::{batch::batches, marian::BATCH_SENTENCES},
};

/// So many rows at a time become logits of the whole vocabulary in forced decoding: few enough that they stay in the
/// processor's cache.
const LOGIT_ROWS: i64 = 32;

impl Network {
    /// The logits of the whole vocabulary for each piece of a pair's target, row after row.
    pub(in super::super) fn logits(&self, pair: &Forced) -> Result<Vec<f32>, TchError> {
        no_grad(|| {
            let (source, given) = (self.read(&[&pair.source]), self.given(&[&pair.target]));
            let logits = match &self.pass {
                AnyPass::Own(forward) => forward.logits(&forward.force(&source, &given)),
                AnyPass::Reference(reference) => reference.force(&source, &given),
            };
            logits.get(0).narrow(0, 0, signed(pair.target.len())).flatten(0, -1).try_into()
        })
    }

    /// The log-probability of each piece of each pair's target, as [`Network::log_probs`] has it.
    pub(super) fn force(&self, pairs: &[Forced], budget: usize) -> Result<Vec<Vec<f32>>, TchError> {
        let sources: Vec<&[PieceId]> = pairs.iter().map(|pair| &pair.source[..]).collect();
        let states = self.states(&sources);
        let lengths: Vec<usize> = pairs.iter().map(|pair| pair.target.len()).collect();
        let mut log_probs = vec![Vec::new(); pairs.len()];
        for batch in batches(&lengths, BATCH_SENTENCES, budget) {
            let source = Texts::beside(&batch.iter().map(|&index| &states[index]).collect::<Vec<_>>());
            let targets: Vec<&[PieceId]> = batch.iter().map(|&index| &pairs[index].target[..]).collect();
            for (&index, row) in batch.iter().zip(self.force_batch(&source, &targets)?) {
                log_probs[index] = row;
            }
        }
        Ok(log_probs)
    }

    /// The log-probability of each piece of each target of a batch.
    fn force_batch(&self, source: &Texts, targets: &[&[PieceId]]) -> Result<Vec<Vec<f32>>, TchError> {
        let given = self.given(targets);
        let wanted = self.tensor(&targets.iter().flat_map(|target| wide(target)).collect::<Vec<_>>());
        // Where the pieces stand that are no padding.
        let longest = unsigned(given.size()[1]);
        let places = (0..).step_by(longest).zip(targets).flat_map(|(start, target)| start..start + target.len());
        let places = self.tensor(&places.map(signed).collect::<Vec<_>>());
        let of = |logits: &Tensor, wanted: &Tensor| {
            logits.gather(1, &wanted.unsqueeze(1), false).squeeze_dim(1) - norms(logits)
        };
        let log_probs = match &self.pass {
            AnyPass::Own(forward) => {
                let values = forward.force(source, &given).flatten(0, 1).index_select(0, &places);
                let chunks = values.split(LOGIT_ROWS, 0);
                let chunks = chunks.iter().zip(wanted.split(LOGIT_ROWS, 0));
                Tensor::cat(&chunks.map(|(rows, wanted)| of(&forward.logits(rows), &wanted)).collect::<Vec<_>>(), 0)
            }
            AnyPass::Reference(reference) => {
                of(&reference.force(source, &given).flatten(0, 1).index_select(0, &places), &wanted)
            }
        };
        let log_probs = Vec::<f32>::try_from(log_probs)?;
        let mut rest = &log_probs[..];
        Ok(targets
            .iter()
            .map(|target| {
                let (own, after) = rest.split_at(target.len());
                rest = after;
                own.to_vec()
            })
            .collect())
    }

    /// What stands before each piece of the targets, padded.
    fn given(&self, targets: &[&[PieceId]]) -> Tensor {
        let wanted = padded(targets, self.padding, self.pass.device());
        let before = wanted.narrow(1, 0, wanted.size()[1] - 1);
        let start = Tensor::full([wanted.size()[0], 1], self.start, (Kind::Int64, self.pass.device()));
        Tensor::cat(&[start, before], 1)
    }
}
