//! Fits the weights of the first pass, one for each feature of a bead of a band.
//!
//! A band has too many beads for a lattice of them all. Of each document the current weights choose the beads that
//! have a chance; with the gold ones they are the lattice that is learnt from, and the better weights choose again.

use anyhow::Result;
use mtalign::{
    aligner::first_pass,
    bead::BeadKind,
    evidence::{BandFeature, BandWeights, N_BAND_FEATURES},
};

use crate::{
    documents::Document,
    fit::{Prior, Problem, deviations},
    lattice::Lattice,
};

/// The number of times that beads are chosen and weights fitted to them.
const ROUNDS: usize = 3;

/// The weights from which a fit from nothing begins: similarity is a cosine above the document's mean, 1:1 beads are
/// common, and no others are.
const PLAIN: [(BandFeature, f64); 6] = [
    (BandFeature::CosineMass, 4.0),
    (BandFeature::BaselineMass, -4.0),
    (BandFeature::Size, -1.0),
    (BandFeature::Omission, -1.0),
    (BandFeature::Addition, -1.0),
    (BandFeature::GapOpening, -2.0),
];

/// The initial weights of a fit from nothing.
pub(crate) fn plain() -> BandWeights {
    let mut values = [0.0; N_BAND_FEATURES];
    for (feature, value) in PLAIN {
        values[feature as usize] = value;
    }
    // Rates that are all alike say nothing of any document.
    BandWeights::new(&values, &[0.0; N_BAND_FEATURES])
}

/// Fits the weights to documents by maximum likelihood, from the weights `begin`. Each document comes with how much
/// its beads count; `prior` is how many beads' worth a squared standard deviation of a feature costs.
pub(crate) fn fit(
    documents: &[(&Document, f64)],
    begin: &BandWeights,
    prior: f64,
    threads: usize,
    iterations: u64,
) -> Result<BandWeights> {
    let rates = rates(documents);
    let mut weights = BandWeights::new(&begin.values(), &rates);
    for _ in 0..ROUNDS {
        let lattices: Vec<(Lattice, f64)> =
            documents.iter().map(|&(document, factor)| (lattice(document, &weights), factor)).collect();
        let lattices: Vec<_> = lattices.iter().map(|(lattice, factor)| (lattice, *factor)).collect();
        let deviations = deviations(&lattices, N_BAND_FEATURES).into_iter();
        let priors =
            deviations.zip(begin.values()).map(|(deviation, mean)| Prior::new(mean, prior, deviation)).collect();
        let problem = Problem { lattices: &lattices, priors, threads };
        let found = problem.solve(weights.values().to_vec(), iterations)?;
        let mut values = [0.0; N_BAND_FEATURES];
        values.copy_from_slice(&found);
        weights = BandWeights::new(&values, &rates);
    }
    Ok(weights)
}

/// The lattice of a document: the beads that weights leave, and the gold ones.
fn lattice(document: &Document, weights: &BandWeights) -> Lattice {
    let first = first_pass(&document.evidence, &document.band, weights);
    let truth = document.beads_in_band();
    let candidates = first.shortlist(truth.unwrap_or_default()).candidates().clone();
    let features = candidates.beads().iter().flat_map(|&runs| {
        let mut features = document.evidence.features(runs).0;
        features[BandFeature::Prior as usize] = first.priors.of_kind(BeadKind::of(runs));
        features
    });
    let features = features.collect();
    let mut opening = vec![0.0; N_BAND_FEATURES];
    opening[BandFeature::GapOpening as usize] = 1.0;
    opening[BandFeature::Prior as usize] = first.priors.of_gap_opening();
    Lattice::new(candidates, features, opening, truth)
}

/// The rates of bead kinds and of gap openings, per gold bead.
fn rates(documents: &[(&Document, f64)]) -> [f64; N_BAND_FEATURES] {
    let (mut counts, mut beads) = ([0.0; N_BAND_FEATURES], 0.0);
    for (document, factor) in documents {
        let mut in_gap = false;
        for &runs in document.beads_in_band().unwrap_or_default() {
            let kind = BeadKind::of(runs);
            beads += factor;
            counts[BandFeature::of_kind(kind) as usize] += factor;
            if kind.is_null() && !in_gap {
                counts[BandFeature::GapOpening as usize] += factor;
            }
            in_gap = kind.is_null();
        }
    }
    counts.map(|count| count / f64::max(beads, 1.0))
}
