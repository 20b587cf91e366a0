//! The first pass: every bead of a band by features that are cheap to compute, and again with the priors of the
//! document, which it estimates. What it leaves in doubt is the [`Shortlist`] of the passes after it.

use std::collections::HashMap;

use super::shortlist::Shortlist;
use crate::{
    align::{
        Cost, banded,
        candidates::Candidates,
        cost_table::CostTable,
        pinned::{KeepingPinned, Pinned},
        prune::prune,
    },
    band::Band,
    bead::{Alignment, Bead, BeadKind, Run},
    both::Both,
    evidence::{BandEvidence, BandWeights, ExpectedCounts, Priors, ShortlistFeatures},
};

/// The number of times that the priors are estimated from the document. On the development sets the second time still
/// helped (strict F1 of magazines .979 to .983, of novels .858 to .861), the third no more.
const ADAPTATIONS: usize = 2;

/// The least posterior of a bead that is looked at again after the first pass.
const LEAST_CHANCE: f64 = 1e-3;

/// The most sentences of two neighbouring pairs that are looked at again as one bead, both sides together. Of the 46 beads
/// of news with several sentences on each side 13 were in no shortlist without them, and 3 with them; strict F1 of news .984
/// to .986. With six in place of four 2:3 and 3:3 come in: novels .943 to .939, news the same; with links (`evidence/links.rs`)
/// novels .946 to .947, the other sets within a bead.
const MOST_JOINED: usize = 4;

/// The outcome of the first pass: its alignment, the document's priors, and what the shortlist is made of.
pub struct FirstPass<'a> {
    /// The part of the band that is left after pruning.
    searched: Band,
    evidence: &'a BandEvidence,
    weights: &'a BandWeights,
    pinned: Pinned,
    cost: CostTable,
    /// The alignment by the first pass.
    pub alignment: Alignment,
    /// The priors of the document: how it differs from those in training.
    pub priors: Priors,
}

/// Runs the first pass over `band`.
pub fn first_pass<'a>(evidence: &'a BandEvidence, band: &'a Band, weights: &'a BandWeights) -> FirstPass<'a> {
    first_pass_keeping(Pinned::default(), evidence, band, weights)
}

/// Runs the first pass with pinned beads, over a band that leads through them.
pub(super) fn first_pass_keeping<'a>(
    pinned: Pinned,
    evidence: &'a BandEvidence,
    band: &'a Band,
    weights: &'a BandWeights,
) -> FirstPass<'a> {
    let weighed = KeepingPinned { cost: &WeighedBy { evidence, weights }, pinned: &pinned };
    let searched = prune(band, &weighed);
    let cost = CostTable::new(&searched, &weighed);
    let mut priors = Priors::default();
    for _ in 0..ADAPTATIONS {
        let mut expected = ExpectedCounts::default();
        banded::marginals(&searched, &Adapted { cost: &cost, weights, priors }, 0.0, |marginal| {
            expected.add(BeadKind::of(marginal.runs), marginal.posterior, marginal.opens_gap);
        });
        priors = Priors::of(&expected, weights);
    }
    let alignment = pinned.restore(&banded::align(&searched, &Adapted { cost: &cost, weights, priors }));
    FirstPass { searched, evidence, weights, pinned, cost, alignment, priors }
}

impl FirstPass<'_> {
    /// The shortlist of the first pass: the beads that are still possible, and those of `more`, which must lie in the
    /// band. It takes a search of its own.
    pub fn shortlist(&self, more: &[Both<Run>]) -> Shortlist {
        let cost = Adapted { cost: &self.cost, weights: self.weights, priors: self.priors };
        let mut posteriors = HashMap::new();
        banded::marginals(&self.searched, &cost, LEAST_CHANCE, |marginal| {
            posteriors.insert(self.pinned.pair(marginal.runs).unwrap_or(marginal.runs), marginal.posterior);
        });
        for bead in self.alignment.beads() {
            posteriors.insert(bead.runs, bead.confidence);
        }
        let lengths = Both::new(self.searched.n_source(), self.searched.n_target());
        let joined = self.joined();
        let candidates = Candidates::new(posteriors.keys().chain(&joined).chain(more).copied().collect(), lengths);
        // What is put in may lie outside what was searched.
        let cost = WeighedBy { evidence: self.evidence, weights: self.weights };
        let cost = Adapted { cost: &cost, weights: self.weights, priors: self.priors };
        let settled: Vec<bool> = candidates.beads().iter().map(|&runs| self.pinned.pair(runs).is_some()).collect();
        let features_of = |(&runs, &settled): (&Both<Run>, &bool)| {
            // What speaks for a bead that every alignment has does not matter.
            let kind = BeadKind::of(runs);
            let mut features = ShortlistFeatures::new(if settled { 0.0 } else { -cost.bead(runs) }, kind);
            features.add_null_priors(kind, self.priors.null_shares());
            features
        };
        let features: Vec<_> = candidates.beads().iter().zip(&settled).map(features_of).collect();
        let posteriors =
            candidates.beads().iter().map(|runs| posteriors.get(runs).copied().unwrap_or_default()).collect();
        Shortlist { candidates, features, posteriors, settled, priors: self.priors }
    }

    /// Each two neighbouring pairs of the alignment as one bead, where that is not forbidden: content that crosses the
    /// border between them is nothing that the features of this pass could show.
    fn joined(&self) -> Vec<Both<Run>> {
        let both = self.alignment.beads().windows(2).filter(|two| two.iter().all(Bead::is_pair));
        let join = |first: Both<Run>, second: Both<Run>| {
            first.zip(second).map(|(first, second)| Run::new(first.start, second.end))
        };
        let joined = both.map(|two| join(two[0].runs, two[1].runs));
        let is_short = |runs: &Both<Run>| runs.source.len() + runs.target.len() <= MOST_JOINED;
        joined.filter(is_short).filter(|&runs| self.cost.bead(runs).is_finite()).collect()
    }
}

/// The cost of a bead by the features and weights of the first pass.
struct WeighedBy<'a> {
    evidence: &'a BandEvidence,
    weights: &'a BandWeights,
}

impl Cost for WeighedBy<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        -self.weights.potential(&self.evidence.features(runs))
    }
}

/// The cost of a bead with the priors of the document.
struct Adapted<'a, C> {
    cost: &'a C,
    weights: &'a BandWeights,
    priors: Priors,
}

impl<C: Cost> Cost for Adapted<'_, C> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        self.cost.bead(runs) - self.weights.prior(&self.priors, BeadKind::of(runs))
    }

    fn gap_opening(&self) -> f64 {
        -self.weights.gap_opening(&self.priors)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        document::Sentences,
        evidence::{Inputs, Passes},
        text::Lang,
    };

    /// The beads of two sentences on each side in the shortlist of three sentences and their translations, by where they
    /// begin.
    fn joined(pinned: impl FnOnce(Both<usize>) -> Pinned) -> Vec<Both<usize>> {
        let lines = ["1998年3月5日", "2004年7月19日", "2011年12月28日"];
        let translations = ["5 March 1998", "19 July 2004", "28 December 2011"];
        let sentences = Both::new(Sentences::of_lines(Lang::Zh, &lines), Sentences::of_lines(Lang::En, &translations));
        let vectors = Both::new([0, 1, 2], [0, 1, 2]).map(|side| {
            side.map(|at| (0..3).map(|place| f32::from(u8::from(place == at))).collect::<Vec<f32>>()).to_vec()
        });
        let band = Band::full(3, 3);
        let evidence =
            BandEvidence::new(&Inputs { sentences: &sentences, translations: &translations, vectors: &vectors }, &band);
        let weights = Passes::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap().first;
        let first = first_pass_keeping(pinned(Both::new(3, 3)), &evidence, &band, &weights);
        assert!(first.alignment.beads().iter().all(|bead| bead.kind() == BeadKind::ONE_TO_ONE));
        let list = first.shortlist(&[]);
        let two =
            list.candidates().beads().iter().filter(|&&runs| BeadKind::of(runs) == BeadKind { source: 2, target: 2 });
        two.map(|runs| runs.map(|run| run.start)).collect()
    }

    #[test]
    fn two_neighbouring_pairs_are_looked_at_again_as_one_bead() {
        assert_eq!(joined(|_| Pinned::default()), [Both::new(0, 0), Both::new(1, 1)]);
    }

    #[test]
    fn what_is_pinned_or_parted_is_not_joined() {
        let last = Both::new(Run::new(2, 3), Run::new(2, 3));
        assert_eq!(joined(|lengths| Pinned::new(lengths, &[last]).unwrap()), [Both::new(0, 0)]);
        let heading = || vec![true, false, false];
        assert_eq!(
            joined(|lengths| Pinned::new(lengths, &[]).unwrap().parting(Both::new(heading(), heading()))),
            [Both::new(1, 1)]
        );
    }
}
