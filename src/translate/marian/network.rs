//! The network of a Marian model: batches of pieces in, pieces and log-probabilities out.

mod beam;
mod best;
mod forced;
mod memo;
mod passes;
mod reference;

use std::{
    collections::{HashMap, HashSet},
    path::Path,
    sync::Arc,
};

use tch::{Device, no_grad};

pub(super) use self::forced::distinct;
use self::{
    best::Logits,
    memo::Memo,
    passes::{AnyPass, AnyState},
};
use super::{
    BATCH_PIECES, BATCH_SENTENCES,
    forward::{
        Embedding,
        linear::Numbers,
        rows::{Rows, Texts},
    },
    selection::Selections,
};
use crate::{
    bundle::Architecture,
    error,
    tokenizer::PieceId,
    translate::{Compute, batch::batches},
};

/// The share of a batch's rows at work from which on finished sentences leave it. Leaving at all halved the time of
/// 997 news sentences (33 s of one core to 18); .5 and .99 took 21 and 20.
const SHRINK_BELOW: f64 = 0.8;

/// The length of a phrase that a careful search says only once, in pieces.
const PHRASE: usize = 3;

/// A sentence to be translated.
pub(super) struct Request<'p> {
    /// The pieces of the source with the end mark.
    pub(super) source: &'p [PieceId],
    /// The fewest pieces before which a careful search does not end.
    pub(super) shortest: usize,
    /// The most pieces, at which the search ends, finished or not; at most the model's positions.
    pub(super) longest: usize,
}

/// A translation that the search found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    /// The pieces without the end mark.
    pub(super) pieces: Vec<PieceId>,
    /// The log-probability summed over the scored pieces, in nats.
    pub(super) log_prob: f64,
    /// The number of scored pieces, with the end mark if it was reached.
    pub(super) scored: usize,
}

/// A pair for forced decoding, both sides with the end mark.
pub(super) struct Forced {
    pub(super) source: Vec<PieceId>,
    pub(super) target: Vec<PieceId>,
}

/// A search for translations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Search {
    /// Greedy search: the most probable piece at each step.
    Greedy,
    /// Greedy search among the pieces that neither repeat a phrase, nor are Chinese, nor end too early.
    Careful,
    /// Beam search of this width, which finds as many translations.
    Beam(usize),
}

impl Search {
    /// The number of rows of a batch that a sentence takes.
    pub(super) fn width(self) -> usize {
        if let Self::Beam(width) = self { width.max(1) } else { 1 }
    }
}

/// A Marian model in memory.
pub(super) struct Network {
    pass: AnyPass,
    start: PieceId,
    end: PieceId,
    never: Vec<PieceId>,
    never_careful: Vec<PieceId>,
    free: HashSet<PieceId>,
    selections: Option<Arc<Selections>>,
    /// What was read, where it is the same bit for bit in every batch.
    memo: Option<Arc<Memo>>,
}

/// Pieces with a part of their own in the search.
pub(super) struct Roles {
    /// The pieces that are never written.
    pub(super) never: Vec<PieceId>,
    /// The pieces that a careful search does not write: Chinese.
    pub(super) chinese: Vec<PieceId>,
    /// The pieces of which a careful search may repeat phrases: digits, of which 1,000,000 has six alike.
    pub(super) free: Vec<PieceId>,
}

impl Network {
    /// Loads the weights in `dir`.
    pub(super) fn load(
        dir: &Path,
        architecture: &Architecture,
        roles: &Roles,
        selections: Option<Arc<Selections>>,
        compute: Compute,
    ) -> error::Result<Self> {
        // Workers are threads of ours: a second level of threads inside each would only fight with them.
        tch::set_num_threads(1);
        let device = match compute.device {
            crate::translate::Device::Cpu => Device::Cpu,
            crate::translate::Device::Cuda if tch::Cuda::is_available() => Device::Cuda(0),
            crate::translate::Device::Cuda => return Err(error::Error::NoCuda),
        };
        let numbers = Numbers::of(compute);
        let pass = AnyPass::load(dir, architecture, numbers, selections.as_deref(), device)?;
        Ok(Self {
            pass,
            start: piece_id(architecture.start),
            end: piece_id(architecture.end),
            never: roles.never.clone(),
            never_careful: [&roles.never[..], &roles.chinese].concat(),
            free: roles.free.iter().copied().collect(),
            selections,
            memo: (numbers == Some(Numbers::Eight)).then(Arc::default),
        })
    }

    /// Makes another network on the same weights, for another thread.
    pub(super) fn over_same_weights(&self, dir: &Path) -> error::Result<Self> {
        let pass = self.pass.share(dir)?;
        let (never, never_careful) = (self.never.clone(), self.never_careful.clone());
        let (free, selections, memo) = (self.free.clone(), self.selections.clone(), self.memo.clone());
        Ok(Self { pass, never, never_careful, free, selections, memo, ..*self })
    }

    /// Translates a batch, in order: the best translations of each sentence, the best first, of which only a beam finds
    /// more than one.
    pub(super) fn translate(&self, requests: &[&Request<'_>], search: Search) -> Vec<Vec<Draft>> {
        no_grad(|| match search {
            Search::Beam(_) => self.beams(requests, search.width()),
            Search::Greedy | Search::Careful => {
                self.search(requests, search).into_iter().map(|draft| vec![draft]).collect()
            }
        })
    }

    /// The log-probability of each piece of each pair's target in nats, in order. Pairs of one source share what is
    /// read of it; a batch of targets holds at most `budget` pieces, padding counted.
    pub(super) fn log_probs(&self, pairs: &[Forced], budget: usize) -> Vec<Vec<f32>> {
        no_grad(|| self.force(pairs, budget))
    }

    fn search(&self, requests: &[&Request<'_>], search: Search) -> Vec<Draft> {
        let empty = Draft { pieces: Vec::new(), log_prob: 0.0, scored: 0 };
        let mut drafts = vec![empty; requests.len()];
        let sources: Vec<&[PieceId]> = requests.iter().map(|request| request.source).collect();
        let mut state = self.begin(&sources, 1);
        let never = if search == Search::Careful { &self.never_careful } else { &self.never };
        let never: Vec<Vec<usize>> = (0..requests.len()).map(|row| state.columns_of(row, never)).collect();
        // What each row of the batch works on; `None` once that is finished.
        let mut rows: Vec<Option<usize>> = (0..requests.len()).map(Some).collect();
        let mut last = vec![self.start; rows.len()];
        let mut logits = Logits::default();

        loop {
            logits.refill(|logits| self.pass.step(&mut state, &last, logits));
            for (at, row) in rows.iter_mut().enumerate() {
                let Some(index) = *row else { continue };
                logits.forbid(at, &never[index]);
                if search == Search::Careful {
                    logits.forbid(at, &state.columns_of(at, &self.careless(requests[index], &drafts[index])));
                }
                // All is forbidden, or the weights are no numbers.
                let Some(&(column, log_prob)) = logits.best(at, 1).first() else {
                    *row = None;
                    continue;
                };
                let piece = state.piece(at, column);
                let draft = &mut drafts[index];
                draft.log_prob += f64::from(log_prob);
                draft.scored += 1;
                if piece != self.end {
                    draft.pieces.push(piece);
                }
                if piece == self.end || draft.pieces.len() >= requests[index].longest {
                    *row = None;
                }
                last[at] = piece;
            }

            let at_work: Vec<usize> = (0..).zip(&rows).filter_map(|(at, row)| row.map(|_| at)).collect();
            if at_work.is_empty() {
                return drafts;
            }
            if at_work.len() as f64 <= SHRINK_BELOW * rows.len() as f64 {
                state.keep(Some(&at_work), &at_work);
                last = at_work.iter().map(|&at| last[at]).collect();
                rows.retain(Option::is_some);
            }
        }
    }

    /// The pieces that must not come next where a translation is made with care: those that say a phrase again, and the
    /// end where it is too early.
    fn careless(&self, request: &Request<'_>, draft: &Draft) -> Vec<PieceId> {
        let mut pieces = self.would_repeat(&draft.pieces);
        if draft.pieces.len() < request.shortest {
            pieces.push(self.end);
        }
        pieces
    }

    /// The pieces that would end a phrase that was said before.
    fn would_repeat(&self, pieces: &[PieceId]) -> Vec<PieceId> {
        let Some(at) = pieces.len().checked_sub(PHRASE - 1) else { return Vec::new() };
        let said = pieces.windows(PHRASE).filter(|phrase| phrase.starts_with(&pieces[at..]));
        said.filter(|phrase| !phrase.iter().all(|piece| self.free.contains(piece)))
            .map(|phrase| phrase[PHRASE - 1])
            .collect()
    }

    /// The encoder's states of each source, a row for each piece. Sources that are the same are read once.
    pub(super) fn states(&self, sources: &[&[PieceId]]) -> Vec<Arc<Rows>> {
        let mut distinct = sources.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let mut read: HashMap<&[PieceId], Arc<Rows>> = HashMap::new();
        if let Some(memo) = &self.memo {
            read.extend(distinct.iter().filter_map(|&source| Some((source, memo.get(source)?))));
            distinct.retain(|source| !read.contains_key(source));
        }
        let lengths: Vec<usize> = distinct.iter().map(|source| source.len()).collect();
        for batch in batches(&lengths, BATCH_SENTENCES, BATCH_PIECES) {
            let batch: Vec<&[PieceId]> = batch.iter().map(|&index| distinct[index]).collect();
            read.extend(batch.iter().copied().zip(self.shared(&batch, &self.pass.encode(&batch))));
        }
        sources.iter().map(|source| Arc::clone(&read[source])).collect()
    }

    /// The embeddings of the decoder: of all pieces, and of places.
    pub(super) fn embeddings(&self) -> [Embedding; 2] {
        self.pass.embeddings()
    }

    /// Reads sources and begins to decode, `width` rows for each.
    fn begin(&self, sources: &[&[PieceId]], width: usize) -> AnyState {
        let of = |selections: &Arc<Selections>| sources.iter().map(|source| selections.of(source)).collect();
        let texts = self.pass.encode(sources);
        if self.memo.is_some() {
            self.shared(sources, &texts);
        }
        self.pass.begin(&texts, width, self.selections.as_ref().map(of))
    }

    /// The states of each of some sources, which are kept for whoever reads them next.
    fn shared(&self, sources: &[&[PieceId]], texts: &Texts) -> Vec<Arc<Rows>> {
        let states: Vec<Arc<Rows>> = texts.spans.iter().map(|span| Arc::new(texts.rows.some(span))).collect();
        if let Some(memo) = &self.memo {
            sources.iter().zip(&states).for_each(|(source, states)| memo.put(source, states));
        }
        states
    }
}

#[expect(clippy::cast_possible_wrap, reason = "sizes of tensors in memory")]
fn signed(size: usize) -> i64 {
    size as i64
}

#[expect(clippy::cast_possible_truncation, reason = "positions in a table of pieces")]
fn piece_id(piece: usize) -> PieceId {
    piece as PieceId
}
