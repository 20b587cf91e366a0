//! The coarse search that finds the band: a rough path on ever finer views of the two texts.
//!
//! Neighbouring sentences are averaged in pairs until few enough are left to compare all with all; the best path there
//! is refined level by level, each time inside a band around the path before, down to the sentences (Thompson and
//! Koehn 2019, "Vecalign", section 3.2; our steps are single nulls and 1:1 only, for the path is only a guide).

use super::nodes::{Nodes, back, contains, in_order};
use crate::{band::Band, both::Both};

/// The largest lattice that is searched whole, in nodes: about 300 by 330 sentences. There the search still takes
/// less time than the translation, and a band would cost the hardest chapter of the development sets a point of F1.
const MAX_DENSE_NODES: usize = 100_000;

/// The radius around the path of the coarser level that the next one searches, in sentences of its own. The path of a
/// level is exact to about two of its sentences, which are four of the next; the rest is margin.
const LEVEL_RADIUS: usize = 12;

/// The radius of the band around the finest path, in sentences; wide enough for three of the largest beads.
const BEAD_RADIUS: usize = 24;

/// The similarity from which joining two sentences costs less than passing over both, in standard deviations above
/// the mean of random ones.
const JOIN_AT: f32 = 1.5;

/// The band of two texts from a vector for each sentence (sums of piece vectors, so that the sum of two is the vector
/// of both together). Short texts are searched whole.
pub fn band(vectors: Both<&[Vec<f32>]>) -> Band {
    let (n, m) = (vectors.source.len(), vectors.target.len());
    if (n + 1) * (m + 1) <= MAX_DENSE_NODES {
        return Band::full(n, m);
    }
    Band::around(&path(vectors), BEAD_RADIUS)
}

fn path(vectors: Both<&[Vec<f32>]>) -> Vec<(usize, usize)> {
    let (n, m) = (vectors.source.len(), vectors.target.len());
    let band = if (n + 1) * (m + 1) <= MAX_DENSE_NODES || n.min(m) < 4 {
        Band::full(n, m)
    } else {
        let halved = vectors.map(halve);
        let coarser = path(Both::new(&halved.source, &halved.target));
        let finer: Vec<_> = coarser.into_iter().map(|(i, j)| ((2 * i).min(n), (2 * j).min(m))).collect();
        Band::around(&finer, LEVEL_RADIUS)
    };
    straighten(&joins(&band, vectors), (n, m))
}

/// Sums neighbours in pairs; an odd last one stands alone.
fn halve(vectors: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let sum = |pair: &[Vec<f32>]| match pair {
        [one, two] => one.iter().zip(two).map(|(a, b)| a + b).collect(),
        _ => pair[0].clone(),
    };
    vectors.chunks(2).map(sum).collect()
}

/// The nodes just before each 1:1 step of the best path.
fn joins(band: &Band, vectors: Both<&[Vec<f32>]>) -> Vec<(usize, usize)> {
    let units = vectors.map(|side| side.iter().map(|vector| unit(vector)).collect::<Vec<_>>());
    let cosine = |i: usize, j: usize| dot(&units.source[i], &units.target[j]);
    let (mean, deviation) = random_cosines(&units, cosine);
    let gain = |(i, j): (usize, usize)| (cosine(i, j) - mean) / deviation - JOIN_AT;

    let mut best = Nodes::new(band, f32::NEG_INFINITY);
    let mut step = Nodes::new(band, (0, 0));
    *best.get_mut((0, 0)) = 0.0;
    for node in in_order(band) {
        for shape in [(1, 1), (1, 0), (0, 1)] {
            let Some(before) = back(node, shape).filter(|&before| contains(band, before)) else { continue };
            let total = best.get(before) + if shape == (1, 1) { gain(before) } else { 0.0 };
            if total > *best.get(node) {
                *best.get_mut(node) = total;
                *step.get_mut(node) = shape;
            }
        }
    }
    let mut joins = Vec::new();
    let mut node = (band.n_source(), band.n_target());
    while let Some(before) = back(node, *step.get(node)).filter(|_| node != (0, 0)) {
        if *step.get(node) == (1, 1) {
            joins.push(before);
        }
        node = before;
    }
    joins.reverse();
    joins
}

/// Straight lines from the start through all joins to the end: between two joins nothing is known, and the staircase
/// that the search happened to take would lead the band along an edge (Vecalign straightens deletions likewise).
fn straighten(joins: &[(usize, usize)], end: (usize, usize)) -> Vec<(usize, usize)> {
    let mut path = vec![(0, 0)];
    for &(i, j) in joins.iter().chain([&end]) {
        let &(from_i, from_j) = path.last().expect("the path has its start");
        let steps = (i - from_i).max(j - from_j);
        path.extend((1..=steps).map(|k| (from_i + (i - from_i) * k / steps, from_j + (j - from_j) * k / steps)));
    }
    path
}

/// The mean and standard deviation of the cosine of unrelated sentences: pairs drawn all over both texts, evenly and
/// always the same.
fn random_cosines(units: &Both<Vec<Vec<f32>>>, cosine: impl Fn(usize, usize) -> f32) -> (f32, f32) {
    const DRAWS: usize = 2_000;
    let (n, m) = (units.source.len(), units.target.len());
    if n == 0 || m == 0 {
        return (0.0, 1.0);
    }
    // Steps of the golden ratio and of √2 − 1 around each text fill the square of pairs evenly.
    let (step_i, step_j) = (n * 618 / 1000 + 1, m * 414 / 1000 + 1);
    let cosines: Vec<f32> = (0..DRAWS).map(|k| cosine((k * step_i) % n, (k * step_j + k / n) % m)).collect();
    let mean = cosines.iter().sum::<f32>() / DRAWS as f32;
    let variance = cosines.iter().map(|cosine| (cosine - mean).powi(2)).sum::<f32>() / DRAWS as f32;
    (mean, variance.sqrt().max(1e-3))
}

fn unit(vector: &[f32]) -> Vec<f32> {
    let norm = dot(vector, vector).sqrt();
    vector.iter().map(|value| if norm > 0.0 { value / norm } else { 0.0 }).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        align::{banded, dense, prune::prune},
        bead::{Alignment, Run},
    };

    /// A vector of its own for each key; equal keys are translations of each other.
    fn vector(key: usize) -> Vec<f32> {
        let hash = |k: u64| (key as u64 * 64 + k + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31) >> 40;
        (0..32).map(|k| hash(hash(k)) as f32 / (1 << 23) as f32 - 1.0).collect()
    }

    fn vectors(keys: impl Iterator<Item = usize>) -> Vec<Vec<f32>> {
        keys.map(vector).collect()
    }

    #[test]
    fn short_texts_are_searched_whole() {
        let both = vectors(0..20);
        assert_eq!(band(Both::new(&both, &both)), Band::full(20, 20));
    }

    #[test]
    fn the_band_follows_the_text_through_a_hole_and_stays_narrow() {
        // The target lacks sentences 300..1500 of the source.
        let source = vectors(0..2400);
        let target = vectors((0..300).chain(1500..2400));
        let band = band(Both::new(&source, &target));
        let holds = |source: usize, target: usize| band.row(source).contains(&target);
        assert!((0..300).all(|k| holds(k, k)), "before the hole");
        assert!((1500..2400).all(|k| holds(k, k - 1200)), "after the hole");
        assert!(band.n_nodes() < 2400 * 8 * BEAD_RADIUS, "{} nodes", band.n_nodes());
    }

    #[test]
    fn from_coarse_to_fine_the_alignment_is_that_of_the_dense_search() {
        // The target lacks 60..100, the source 200..220, and the target has every tenth sentence in one with the next.
        let source = vectors((0..200).chain(220..380));
        let is_joined = |key: usize| key.is_multiple_of(10);
        let target: Vec<Vec<f32>> = (0..60)
            .chain(100..380)
            .filter(|&key| key == 0 || !is_joined(key - 1))
            .map(|key| if is_joined(key) { sum(&vector(key), &vector(key + 1)) } else { vector(key) })
            .collect();
        let cost = |runs: Both<Run>| {
            let total =
                |side: &[Vec<f32>], run: Run| unit(&side[run.range()].iter().fold(vec![0.0; 32], |a, b| sum(&a, b)));
            let size = (runs.source.len() + runs.target.len()) as f64;
            if size < 2.0 {
                return 1.0;
            }
            (1.2 - f64::from(dot(&total(&source, runs.source), &total(&target, runs.target)))) * size
        };
        let lengths = Both::new(source.len(), target.len());
        let band = band(Both::new(&source, &target));
        assert!(band.n_nodes() < lengths.source * lengths.target / 2, "the band leaves something out");
        let searched = prune(&band, &cost);
        assert!(searched.n_nodes() < band.n_nodes(), "and so does narrowing it");
        let runs = |alignment: &Alignment| alignment.beads().iter().map(|bead| bead.runs).collect::<Vec<_>>();
        assert_eq!(runs(&banded::align(&searched, &cost)), runs(&dense::align(lengths, &cost)));
    }

    #[test]
    fn the_band_finds_the_text_again_after_five_thousand_sentences() {
        for hole_at in [0, 200, 1000] {
            let (long, short) = (vectors(0..6000), vectors((0..hole_at).chain(hole_at + 5000..6000)));
            for (source, target, is_source_longer) in [(&long, &short, true), (&short, &long, false)] {
                let band = band(Both::new(source, target));
                let holds = |key: usize, place: usize| {
                    let (i, j) = if is_source_longer { (key, place) } else { (place, key) };
                    band.row(i).contains(&j)
                };
                assert!((0..hole_at).all(|key| holds(key, key)), "before a hole at {hole_at}");
                assert!((hole_at + 5000..6000).all(|key| holds(key, key - 5000)), "after a hole at {hole_at}");
            }
        }
    }

    fn sum(one: &[f32], other: &[f32]) -> Vec<f32> {
        one.iter().zip(other).map(|(a, b)| a + b).collect()
    }

    #[test]
    fn texts_that_have_nothing_in_common_still_get_a_band_from_corner_to_corner() {
        let band = band(Both::new(&vectors(0..900), &vectors(10_000..10_700)));
        assert!(band.row(0).contains(&0) && band.row(900).contains(&700));
        assert!((0..900).all(|i| band.row(i).end > band.row(i + 1).start), "neighbouring rows overlap");
    }
}
