//! Beam search: at each step the few likeliest beginnings of each translation are kept, not only the likeliest.

use tch::{Kind, TchError, Tensor};

use super::{Cache, Draft, Network, Request, cache_rows, piece_id, signed};
use crate::tokenizer::PieceId;

/// A beginning of a translation, as the beam keeps it.
#[derive(Clone)]
struct Beginning {
    pieces: Vec<PieceId>,
    /// The log-probability summed over the pieces, in nats.
    log_prob: f64,
}

/// The search for one source, and what it has found.
struct Searched {
    request: usize,
    /// The beginnings, the likeliest first, each with its row in the batch.
    beginnings: Vec<Beginning>,
    finished: Vec<Draft>,
}

/// The merit of a draft: the mean log-probability of its pieces, so that long translations have a chance.
fn merit(draft: &Draft) -> f64 {
    draft.log_prob / draft.scored.max(1) as f64
}

impl Network {
    /// The best `width` translations of each source, the best first; at least one, and all of them different.
    pub(super) fn beams(&self, requests: &[&Request<'_>], width: usize) -> Result<Vec<Vec<Draft>>, TchError> {
        let mut found = vec![Vec::new(); requests.len()];
        let sources: Vec<&[PieceId]> = requests.iter().map(|request| request.source).collect();
        let mut source = self.read(&sources);
        let mut cache: Option<Cache> = None;
        let beginning = Beginning { pieces: Vec::new(), log_prob: 0.0 };
        let mut searches: Vec<Searched> = (0..requests.len())
            .map(|request| Searched { request, beginnings: vec![beginning.clone()], finished: Vec::new() })
            .collect();
        let mut last = Tensor::full([signed(requests.len()), 1], self.start, (Kind::Int64, self.weights.device()));

        while !searches.is_empty() {
            let step =
                self.model.forward_t(None, Some(&source.mask), Some(&source.states), Some(&last), None, cache, false);
            let logits = step.decoder_output.select(1, 0);
            // What is forbidden takes no share of the probability of the rest: all drafts are measured alike.
            let norm = logits.logsumexp([1], true);
            let _ = logits.shallow_clone().index_fill_(1, &self.never, f64::NEG_INFINITY);
            let (best, pieces) = (logits - norm).topk(signed(width + 1), 1, true, true);
            let best = Vec::<Vec<f32>>::try_from(best)?;
            let pieces = Vec::<Vec<i64>>::try_from(pieces)?;

            // The row that each beginning comes from, and the piece that it ends with.
            let (mut from, mut ends_with) = (Vec::new(), Vec::new());
            let mut row = 0;
            for search in &mut searches {
                let rows = row..row + search.beginnings.len();
                row = rows.end;
                let grown = self.grow(search, rows, &best, &pieces, requests[search.request].longest, width);
                for (row, piece) in grown {
                    from.push(signed(row));
                    ends_with.push(piece);
                }
            }
            for search in searches.extract_if(.., |search| search.beginnings.is_empty()) {
                let mut drafts = search.finished;
                drafts.sort_by(|one, other| merit(other).total_cmp(&merit(one)));
                drafts.truncate(width);
                found[search.request] = drafts;
            }
            if from.is_empty() {
                break;
            }
            let rows = self.tensor(&from);
            source = source.rows(&rows);
            cache = step.cache.map(|cache| cache_rows(cache, &rows));
            last = self.tensor(&ends_with).unsqueeze(1);
        }
        Ok(found)
    }

    /// Goes on from the beginnings of one search, which stand in `rows`; returns the row and the last piece of each
    /// beginning that there is now. None is left when the search is over.
    fn grow(
        &self,
        search: &mut Searched,
        rows: std::ops::Range<usize>,
        best: &[Vec<f32>],
        pieces: &[Vec<i64>],
        longest: usize,
        width: usize,
    ) -> Vec<(usize, i64)> {
        let mut next: Vec<(f64, usize, i64)> = Vec::new();
        for (row, beginning) in rows.clone().zip(&search.beginnings) {
            let more = best[row].iter().zip(&pieces[row]);
            next.extend(more.map(|(&log_prob, &piece)| (beginning.log_prob + f64::from(log_prob), row, piece)));
        }
        next.retain(|(log_prob, ..)| log_prob.is_finite());
        next.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut grown = Vec::new();
        let mut beginnings = Vec::new();
        for (log_prob, row, piece) in next.into_iter().take(2 * width) {
            let Beginning { pieces, .. } = &search.beginnings[row - rows.start];
            let scored = pieces.len() + 1;
            if piece == self.end {
                // One that is less likely than others that go on is no candidate yet.
                if beginnings.len() < width {
                    search.finished.push(Draft { pieces: pieces.clone(), log_prob, scored });
                }
            } else if beginnings.len() < width {
                let pieces = pieces.iter().copied().chain([piece_id(piece)]).collect();
                beginnings.push(Beginning { pieces, log_prob });
                grown.push((row, piece));
            }
        }
        let is_longest = beginnings.first().is_some_and(|beginning| beginning.pieces.len() >= longest);
        if is_longest {
            let cut = beginnings.drain(..).map(|beginning| {
                let scored = beginning.pieces.len();
                Draft { pieces: beginning.pieces, log_prob: beginning.log_prob, scored }
            });
            search.finished.extend(cut);
        }
        if is_longest || search.finished.len() >= width {
            beginnings.clear();
            grown.clear();
        }
        search.beginnings = beginnings;
        grown
    }
}
