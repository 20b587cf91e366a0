//! Text that was moved: what has no counterpart in its place, but one elsewhere.
//!
//! An alignment is monotone, so a paragraph that stands elsewhere in the translation is left out on both sides. Among what
//! is left, pairs of sentences that are near by their embeddings are scored; where a pair is likely, its two stretches are
//! aligned by themselves. A run of pairs found so is believed where its evidence outweighs chance: the more sentences are
//! left, the more of them are alike by accident.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    run::{Models, align, pieces, vectors},
    score,
};
use crate::{
    align::pinned::Pinned,
    bead::{Alignment, Bead, Run},
    both::Both,
    document::{Sentences, Translation},
    error::Result,
    evidence::probability,
};

/// The sentences of the other side with which one is compared, and the least cosine of their embeddings.
const NEAREST: usize = 3;
const LEAST_COSINE: f32 = 0.3;

/// The pairs that are scored at most, the nearest first: of two texts that have nothing to do with each other there is
/// nothing to be found.
const MOST_SCORED: usize = 2_000;

/// The least score of a pair whose stretches are aligned.
const LEAST_SCORE: f64 = 0.5;

/// How likely a sentence without a counterpart in its place is to have been moved, before anything is known of it.
const MOVED: f64 = 0.3;

/// The least posterior of a run of pairs.
const LEAST_POSTERIOR: f64 = 0.8;

/// A stretch of sentences without a counterpart, between the same two pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stretch {
    run: Run,
    /// The number of pairs before it.
    gap: usize,
}

/// The pairs that were moved, in the order of the source; no sentence is in two. `untranslated` are the sentences of each
/// side that were left in the other language. Fails if a model does.
pub(super) fn find(
    sentences: &Both<Sentences>,
    translations: &[Translation],
    alignment: &Alignment,
    min_confidence: f64,
    untranslated: &Both<Vec<usize>>,
    models: &mut Models<'_>,
) -> Result<Vec<Bead>> {
    // Without all of the evidence that scores weigh there is none to be had.
    if !score::can_score(models) {
        return Ok(Vec::new());
    }
    let Both { source, target } = stretches(alignment, min_confidence, untranslated);
    let seeds = seeds(sentences, &source, &target, models);
    let texts: Vec<_> = seeds
        .iter()
        .map(|seed| Both::new(sentences.source.text(seed.source), sentences.target.text(seed.target)))
        .collect();
    let scores = score::score(&texts, models)?;
    let likely = seeds.iter().zip(scores).filter(|(_, score)| *score >= LEAST_SCORE).map(|(seed, _)| seed);
    let of = |stretches: &[Stretch], sentence: usize| {
        stretches.iter().position(|stretch| stretch.run.range().contains(&sentence))
    };
    let met: BTreeSet<_> =
        likely.filter_map(|seed| Some((of(&source, seed.source)?, of(&target, seed.target)?))).collect();

    let n_left = target.iter().map(|stretch| stretch.run.len()).sum::<usize>();
    let chance = (n_left.max(1) as f64 / MOVED).ln();
    let mut found: Vec<(f64, Vec<Bead>)> = Vec::new();
    for (a, b) in met {
        let pair = Both::new(source[a].run, target[b].run);
        found.extend(runs_between(pair, sentences, translations, chance, models)?);
    }
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    let mut taken = sentences.as_ref().map(|side| vec![false; side.len()]);
    let mut moved = Vec::new();
    for bead in found.into_iter().flat_map(|(_, beads)| beads) {
        let Both { source, target } = bead.runs;
        let is_free = !taken.source[source.range()].contains(&true) && !taken.target[target.range()].contains(&true);
        if is_free {
            taken.source[source.range()].fill(true);
            taken.target[target.range()].fill(true);
            moved.push(bead);
        }
    }
    moved.sort_by_key(|bead| bead.runs.source.start);
    Ok(moved)
}

/// The stretches of each side without a counterpart.
fn stretches(alignment: &Alignment, min_confidence: f64, untranslated: &Both<Vec<usize>>) -> Both<Vec<Stretch>> {
    let mut found = Both::<Vec<Stretch>>::default();
    let mut gap = 0;
    for bead in alignment.beads() {
        if bead.is_kept(min_confidence) {
            gap += 1;
            continue;
        }
        let sides = [
            (&mut found.source, bead.runs.source, &untranslated.source),
            (&mut found.target, bead.runs.target, &untranslated.target),
        ];
        for (stretches, run, untranslated) in sides {
            for index in run.range().filter(|index| untranslated.binary_search(index).is_err()) {
                match stretches.last_mut() {
                    Some(last) if last.gap == gap && last.run.end == index => last.run.end += 1,
                    _ => stretches.push(Stretch { run: Run::new(index, index + 1), gap }),
                }
            }
        }
    }
    found
}

/// The pairs of sentences of different gaps that are the nearest by their embeddings.
fn seeds(sentences: &Both<Sentences>, source: &[Stretch], target: &[Stretch], models: &Models<'_>) -> Vec<Both<usize>> {
    let gaps: BTreeSet<usize> = source.iter().chain(target).map(|stretch| stretch.gap).collect();
    // In a gap of its own the search has compared everything.
    if source.is_empty() || target.is_empty() || gaps.len() < 2 {
        return Vec::new();
    }
    let left = |stretches: &[Stretch]| -> Vec<(usize, usize)> {
        stretches.iter().flat_map(|stretch| stretch.run.range().map(|index| (index, stretch.gap))).collect()
    };
    let (source, target) = (left(source), left(target));
    let part = Both::new(&source, &target).zip(sentences.as_ref()).map(|(left, side)| of_side(side, left));
    let vectors = vectors(&pieces(&part, models.tokenizer), models.embeddings).map(unit);
    let mut near: Vec<(f32, Both<usize>)> = Vec::new();
    for (&(index, gap), vector) in source.iter().zip(&vectors.source) {
        let dot = |other: &[f32]| vector.iter().zip(other).map(|(a, b)| a * b).sum::<f32>();
        let others = target.iter().zip(&vectors.target).filter(|((_, other), _)| *other != gap);
        let mut cosines: Vec<(f32, Both<usize>)> =
            others.map(|(&(other, _), vector)| (dot(vector), Both::new(index, other))).collect();
        cosines.retain(|(cosine, _)| *cosine >= LEAST_COSINE);
        cosines.sort_by(|one, other| other.0.total_cmp(&one.0));
        near.extend(cosines.into_iter().take(NEAREST));
    }
    near.sort_by(|one, other| other.0.total_cmp(&one.0));
    near.truncate(MOST_SCORED);
    near.into_iter().map(|(_, seed)| seed).collect()
}

fn of_side(side: &Sentences, left: &[(usize, usize)]) -> Sentences {
    let items = left.iter().map(|&(index, _)| side.items[index]).collect();
    Sentences { lang: side.lang, original: Arc::clone(&side.original), items }
}

/// The vectors with length 1; those of length 0 as they are.
fn unit(mut vectors: Vec<Vec<f32>>) -> Vec<Vec<f32>> {
    for vector in &mut vectors {
        let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt();
        if length > 0.0 {
            for value in vector.iter_mut() {
                *value /= length;
            }
        }
    }
    vectors
}

/// The runs of pairs between two stretches whose evidence outweighs chance, each with its log-odds in nats.
fn runs_between(
    stretches: Both<Run>,
    sentences: &Both<Sentences>,
    translations: &[Translation],
    chance: f64,
    models: &mut Models<'_>,
) -> Result<Vec<(f64, Vec<Bead>)>> {
    let part = sentences.as_ref().zip(stretches).map(|(side, run)| Sentences {
        lang: side.lang,
        original: Arc::clone(&side.original),
        items: side.items[run.range()].to_vec(),
    });
    let alignment = align(&part, &translations[stretches.source.range()], &Pinned::default(), models, &())?;
    let pairs: Vec<Bead> = alignment.beads().iter().copied().filter(|bead| bead.is_kept(LEAST_SCORE)).collect();
    let texts: Vec<_> =
        pairs.iter().map(|bead| part.as_ref().zip(bead.runs).map(|(side, run)| side.run_text(run))).collect();
    let texts: Vec<Both<&str>> = texts.iter().map(|pair| Both::new(&*pair.source, &*pair.target)).collect();
    let scores = score::score(&texts, models)?;
    let mut runs: BTreeMap<usize, (f64, Vec<Bead>)> = BTreeMap::new();
    let mut before: Option<Bead> = None;
    let mut number = 0;
    for (bead, score) in pairs.into_iter().zip(scores) {
        let follows = before.is_some_and(|before| before.runs.map(|run| run.end) == bead.runs.map(|run| run.start));
        number += usize::from(!follows);
        let (log_odds, beads) = runs.entry(number).or_insert_with(|| (-chance, Vec::new()));
        // A score that is as good as 1 is no surer than this.
        let score = score.clamp(1e-4, 1.0 - 1e-4);
        *log_odds += (score / (1.0 - score)).ln();
        beads.push(bead);
        before = Some(bead);
    }
    let believed = runs.into_values().filter(|(log_odds, _)| probability(*log_odds) >= LEAST_POSTERIOR);
    let placed = |(log_odds, beads): (f64, Vec<Bead>)| {
        let at = |run: Run, start: usize| Run::new(run.start + start, run.end + start);
        let bead = |bead: Bead| Bead {
            runs: bead.runs.zip(stretches).map(|(run, stretch)| at(run, stretch.start)),
            confidence: bead.confidence.min(probability(log_odds)),
        };
        (log_odds, beads.into_iter().map(bead).collect())
    };
    Ok(believed.map(placed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bead(source: (usize, usize), target: (usize, usize), confidence: f64) -> Bead {
        Bead { runs: Both::new(Run::new(source.0, source.1), Run::new(target.0, target.1)), confidence }
    }

    #[test]
    fn what_is_left_is_cut_into_stretches_at_pairs_and_at_what_was_left_untranslated() {
        let alignment = Alignment::new(vec![
            bead((0, 1), (0, 0), 0.9),
            bead((1, 2), (0, 0), 0.9),
            bead((2, 3), (0, 1), 0.9),
            bead((3, 3), (1, 3), 0.9),
            bead((3, 4), (3, 4), 0.2),
            bead((4, 6), (4, 4), 0.9),
        ]);
        let stretch = |start, end, gap| Stretch { run: Run::new(start, end), gap };
        let found = stretches(&alignment, 0.0, &Both::default());
        assert_eq!(found.source, [stretch(0, 2, 0), stretch(4, 6, 2)]);
        assert_eq!(found.target, [stretch(1, 3, 1)]);
        let found = stretches(&alignment, 0.5, &Both::new(vec![5], Vec::new()));
        assert_eq!(found.source, [stretch(0, 2, 0), stretch(3, 5, 1)]);
        assert_eq!(found.target, [stretch(1, 4, 1)]);
    }
}
