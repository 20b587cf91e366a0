//! Beam search: at each step the few likeliest beginnings of each translation are kept, not only the likeliest.

use super::{AnyState, Draft, Logits, Network, Request};
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
    /// The beginnings, the likeliest first, in the first of the search's rows; the others of these stand idle.
    beginnings: Vec<Beginning>,
    finished: Vec<Draft>,
}

/// The merit of a draft: the mean log-probability of its pieces, so that long translations have a chance.
fn merit(draft: &Draft) -> f64 {
    draft.log_prob / draft.scored.max(1) as f64
}

impl Network {
    /// The best `width` translations of each source, the best first; at least one, and all of them different.
    pub(super) fn beams(&self, requests: &[&Request<'_>], width: usize) -> Vec<Vec<Draft>> {
        let mut found = vec![Vec::new(); requests.len()];
        let sources: Vec<&[PieceId]> = requests.iter().map(|request| request.source).collect();
        let mut state = self.begin(&sources, width);
        let never: Vec<Vec<usize>> =
            (0..requests.len()).map(|request| state.columns_of(request * width, &self.never)).collect();
        let beginning = Beginning { pieces: Vec::new(), log_prob: 0.0 };
        let mut searches: Vec<Searched> = (0..requests.len())
            .map(|request| Searched { request, beginnings: vec![beginning.clone()], finished: Vec::new() })
            .collect();
        let mut last = vec![self.start; requests.len() * width];
        let mut logits = Logits::default();

        while !searches.is_empty() {
            logits.refill(|logits| self.pass.step(&mut state, &last, logits));
            // What is forbidden takes no share of the probability of the rest: all drafts are measured alike.
            for (at, search) in searches.iter().enumerate() {
                (at * width..(at + 1) * width).for_each(|row| logits.forbid(row, &never[search.request]));
            }
            // The row that each beginning comes from, and the piece that it ends with.
            let (mut from, mut ends_with) = (Vec::new(), Vec::new());
            let mut at_work = Vec::new();
            for (at, search) in searches.iter_mut().enumerate() {
                let first = at * width;
                let longest = requests[search.request].longest;
                let mut grown = self.grow(search, first, &state, &logits, longest, width);
                let Some(&idle) = grown.first() else { continue };
                grown.resize(width, idle);
                at_work.push(at);
                from.extend(grown.iter().map(|&(row, _)| row));
                ends_with.extend(grown.iter().map(|&(_, piece)| piece));
            }
            for search in searches.extract_if(.., |search| search.beginnings.is_empty()) {
                let mut drafts = search.finished;
                drafts.sort_by(|one, other| merit(other).total_cmp(&merit(one)));
                drafts.truncate(width);
                found[search.request] = drafts;
            }
            if at_work.is_empty() {
                break;
            }
            let all_go_on = from.len() == last.len();
            if !all_go_on || from.iter().enumerate().any(|(at, &row)| at != row) {
                let going_on = (!all_go_on).then_some(&at_work[..]);
                state.keep(going_on, &from);
            }
            last = ends_with;
        }
        found
    }

    /// Goes on from the beginnings of one search, which stand in the rows from `first` on; returns the row and the last
    /// piece of each beginning that there is now. None is left when the search is over.
    fn grow(
        &self,
        search: &mut Searched,
        first: usize,
        state: &AnyState,
        logits: &Logits,
        longest: usize,
        width: usize,
    ) -> Vec<(usize, PieceId)> {
        let mut next: Vec<(f64, usize, PieceId)> = Vec::new();
        for (row, beginning) in (first..).zip(&search.beginnings) {
            let more =
                logits.best(row, width + 1).into_iter().map(|(column, log_prob)| (state.piece(row, column), log_prob));
            next.extend(more.map(|(piece, log_prob)| (beginning.log_prob + f64::from(log_prob), row, piece)));
        }
        next.retain(|(log_prob, ..)| log_prob.is_finite());
        next.sort_by(|one, other| other.0.total_cmp(&one.0));
        let mut grown = Vec::new();
        let mut beginnings = Vec::new();
        for (log_prob, row, piece) in next.into_iter().take(2 * width) {
            let Beginning { pieces, .. } = &search.beginnings[row - first];
            let scored = pieces.len() + 1;
            if piece == self.end {
                // One that is less likely than others that go on is no candidate yet.
                if beginnings.len() < width {
                    search.finished.push(Draft { pieces: pieces.clone(), log_prob, scored });
                }
            } else if beginnings.len() < width {
                let pieces = pieces.iter().copied().chain([piece]).collect();
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
