//! 5 · Alignment: the cheapest alignment and the posterior of each of its beads, by exact search.
//!
//! The model is a semi-Markov chain over beads: P(alignment) ∝ exp −Σ cost, with beads 1:0, 0:1 and n:m where
//! n + m ≤ [`MAX_BEAD`]. Neighbouring null beads are one gap, and opening a gap costs extra: a sentence without a
//! counterpart between two that have one is rare, the tenth in a row is not. Inside a gap the 1:0 beads come before the
//! 0:1 beads, so that an alignment is one path and not as many as there are ways to shuffle its nulls.
//!
//! Viterbi gives the cheapest alignment, forward–backward the posterior probability of each of its beads. Neither
//! sees text: they get counts, a [`Band`](crate::band::Band) and a [`Cost`], and cannot fail. [`coarse`] finds the
//! band and [`prune`] makes it smaller; [`banded`] searches it, and [`dense`] is the plain reference that its tests
//! compare it with. [`candidates`] searches the few beads that are left after that. Beads that are [`pinned`] are
//! kept by all of them.
//!
//! With the default bundle the aligner aligns in four passes ([`aligner`](crate::aligner)): the first by what is cheap,
//! the second with a lexicon and punctuation, the third with a tagger, the fourth with forced decoding. What each is
//! worth: strict F1 by `scripts/train/aligner`, in six folds, of whole omissions and additions of the news too. `written` is
//! edited, condensed and free translation.
//!
//! | passes | novels | written | magazines | academic | news | omissions | additions |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | 1 | .884 | .925 | .985 | .990 | .950 | .847 | .798 |
//! | 1 and 2 | .919 | .949 | .991 | .996 | .977 | .944 | .856 |
//! | 1 to 3 | .934 | .957 | .992 | .995 | .983 | .961 | .886 |
//! | 1 to 4 | .946 | .968 | .991 | .996 | .987 | .973 | .933 |
//! | 1 to 4 without hidden units | .943 | .961 | .992 | .995 | .988 | .975 | .942 |
//!
//! The last pass weighs by the mean of a weighted sum (.3) and of eight fits with four hidden units each (.7). One fit alone
//! learns its own documents by heart (novels .975 there, .930 to .944 cross-validated), and without the sum news comes out
//! lower: in six settings of four fits .984 to .987, .964 to .970 and .918 to .928, where novels have .947 to .949 and `written`
//! has .966 to .971.
//!
//! Without hidden units, fitted to 500 synthetic documents in which no two neighbours are torn, which count two thirds, and to
//! 250 of them:
//!
//! | passes | novels | written | magazines | academic | news | omissions | additions |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | 1 to 4 | .944 | .962 | .992 | .995 | .988 | .975 | .938 |
//! | 1 to 4, of 250 | .942 | .964 | .989 | .995 | .988 | .973 | .933 |
//! | 1 to 4, of 250, without links | .937 | .963 | .991 | .995 | .988 | .972 | .929 |
//! | 1 to 4, of 250, without what the surroundings cover (of links with four features of nulls more) | .940 | .962 | .989 | .995 | .986 | .968 | .918 |
//!
//! Fitted before there were links, to other synthetic documents:
//!
//! | passes | novels | written | magazines | academic | news | omissions | additions |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | 1 to 3 | .927 | .956 | .989 | .996 | .981 | .952 | .887 |
//! | 1 to 4 | .943 | .962 | .991 | .995 | .986 | .966 | .923 |
//! | 1 to 4 without the document's [levels](crate::evidence) | .922 | .958 | .990 | .995 | .984 | .968 | .900 |
//!
//! With a smaller translator and a tagger that had learnt from whole sentences only:
//!
//! | passes | novels | written | magazines | academic | news | omissions | additions |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | 1 to 4 | .942 | .960 | .992 | .996 | .982 | .966 | .886 |
//! | without the document's [levels](crate::evidence) | .934 | .959 | .992 | .996 | .981 | .964 | .862 |
//! | without the kinds of beads | .942 | .960 | .990 | .996 | .983 | .968 | .892 |
//!
//! The kinds of beads make the true alignments likelier in every set (.0548 nats a bead in place of .0579, in one pass), though
//! as many beads are found without them. What the others are worth was measured before there were levels and kinds, with
//! evidence in single precision ([`ShortlistFeature`](crate::evidence::ShortlistFeature)), the other weights fitted anew; the
//! last column is the expected calibration error of novels:
//!
//! | without | novels | magazines | academic | news | omissions | additions | calibration |
//! | --- | --- | --- | --- | --- | --- | --- | --- |
//! | nothing | .930 | .990 | .994 | .985 | .972 | .906 | .008 |
//! | the document's priors | .926 | .989 | .994 | .983 | .968 | .897 | .010 |
//! | the surroundings | .929 | .990 | .994 | .984 | .970 | .906 | .009 |
//! | the lexicon | .924 | .992 | .993 | .983 | .959 | .907 | .014 |
//! | the lexicon, of the target | .927 | .990 | .996 | .984 | .970 | .912 | .017 |
//! | the lexicon, of the source | .929 | .992 | .996 | .983 | .962 | .906 | .016 |
//! | the lexicon, across borders | .925 | .990 | .996 | .984 | .972 | .907 | .011 |
//! | quotations | .920 | .992 | .994 | .985 | .972 | .906 | .012 |
//! | other punctuation | .935 | .992 | .994 | .984 | .970 | .906 | .016 |
//! | tags | .927 | .991 | .994 | .985 | .970 | .905 | .016 |
//! | tags of the target | .927 | .990 | .994 | .984 | .968 | .911 | .016 |
//! | tags of the source | .922 | .991 | .996 | .985 | .972 | .907 | .012 |
//! | tags at borders | .926 | .992 | .996 | .985 | .968 | .917 | .012 |
//! | forced decoding | .920 | .991 | .993 | .982 | .964 | .881 | .009 |
//!
//! Six novel chapters and 106 additions are few: differences under .005 there, and .01 in additions, say little.

pub mod coarse;
pub mod pinned;
pub mod prune;

pub mod banded;
pub mod candidates;
pub mod cost_table;

mod nodes;
#[cfg(test)]
mod random;
mod sweeps;

pub mod dense;

use crate::{bead::Run, both::Both};

/// The most sentences in a bead, both sides together. Gold alignments of novels reach 7:3 but hold under 0.5 % of
/// beads beyond nine (peers' survey of MAC).
pub const MAX_BEAD: usize = 9;

/// Costs of beads: negative log-potentials in nats. Lower is better, and only differences count. An infinite cost forbids a
/// bead.
pub trait Cost {
    /// The cost of the bead over `runs`; one of the runs may be empty, the other then has one sentence.
    fn bead(&self, runs: Both<Run>) -> f64;

    /// The cost of beginning a gap, on top of its beads, in nats.
    fn gap_opening(&self) -> f64 {
        0.0
    }
}

impl<F: Fn(Both<Run>) -> f64> Cost for F {
    fn bead(&self, runs: Both<Run>) -> f64 {
        self(runs)
    }
}

/// The most that a cost counts for in a search, in nats, either way: sums over any text stay numbers, in four bytes too.
const MOST: f64 = 1e30;

/// The cost of the bead over `runs` as searches count with it. One that is infinite forbids the bead, and so does one that
/// is not a number, as weights that are too large come to: it would make nothing of every sum.
pub(crate) fn price(cost: &impl Cost, runs: Both<Run>) -> f64 {
    match cost.bead(runs) {
        price if price.is_nan() || price == f64::INFINITY => f64::INFINITY,
        price => price.clamp(-MOST, MOST),
    }
}

/// The cost of beginning a gap as searches count with it: nothing where it is not a number.
pub(crate) fn opening(cost: &impl Cost) -> f64 {
    bounded(cost.gap_opening(), 0.0)
}

/// `value` between the bounds of what counts, `otherwise` where it is not a number.
fn bounded(value: f64, otherwise: f64) -> f64 {
    if value.is_nan() { otherwise } else { value.clamp(-MOST, MOST) }
}

/// Costs that forbid nothing, for where everything is forbidden: what was is as dear as can be.
pub(crate) struct Unforbidden<'a>(pub(crate) &'a dyn Cost);

impl Cost for Unforbidden<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        bounded(self.0.bead(runs), MOST)
    }

    fn gap_opening(&self) -> f64 {
        self.0.gap_opening()
    }
}

/// The probability of a logarithm, 0..=1: none where it is not a number.
pub(crate) fn probability(log: f64) -> f64 {
    if log.is_nan() { 0.0 } else { log.exp().min(1.0) }
}

/// The state of the chain: the kind of the last bead, all that the cost and the order of the next one depend on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Last {
    /// A pair, or the start.
    Pair,
    /// An omission, 1:0.
    Omission,
    /// An addition, 0:1.
    Addition,
}

impl Last {
    /// Every state, in the order of preference where alignments are equally cheap.
    pub(crate) const ALL: [Self; 3] = [Self::Pair, Self::Omission, Self::Addition];

    /// The state after a bead of `shape`.
    pub(crate) fn after(shape: (usize, usize)) -> Self {
        match shape {
            (_, 0) => Self::Omission,
            (0, _) => Self::Addition,
            _ => Self::Pair,
        }
    }

    /// The cost in nats of the transition to `next`, without its bead; `None` where the order inside a gap forbids
    /// it.
    pub(crate) fn step_to(self, next: Self, gap_opening: f64) -> Option<f64> {
        match (self, next) {
            (_, Self::Pair) => Some(0.0),
            (Self::Pair, _) => Some(gap_opening),
            (Self::Addition, Self::Omission) => None,
            _ => Some(0.0),
        }
    }
}

/// The shapes a bead may have, as (source sentences, target sentences).
pub(crate) fn shapes() -> [(usize, usize); N_SHAPES] {
    let pairs = (1..MAX_BEAD).flat_map(|n| (1..=MAX_BEAD - n).map(move |m| (n, m)));
    let mut all = [(1, 0), (0, 1)].into_iter().chain(pairs);
    std::array::from_fn(|_| all.next().expect("there are so many shapes"))
}

/// The number of shapes that a bead may have: 1:0, 0:1 and n:m with n + m up to [`MAX_BEAD`].
pub(crate) const N_SHAPES: usize = 2 + MAX_BEAD * (MAX_BEAD - 1) / 2;

/// The runs of the bead of `shape` that starts at node `(i, j)`.
pub(crate) fn runs_from((i, j): (usize, usize), (n, m): (usize, usize)) -> Both<Run> {
    Both::new(Run::new(i, i + n), Run::new(j, j + m))
}

/// log(e^a + e^b) without overflow; −∞ stands for probability 0.
pub(crate) fn log_add(a: f64, b: f64) -> f64 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if low == f64::NEG_INFINITY { high } else { high + (low - high).exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{
        candidates::Candidates,
        cost_table::CostTable,
        pinned::{KeepingPinned, Pinned},
        random::Hostile,
        *,
    };
    use crate::{band::Band, bead::Alignment};

    /// Whether the beads go to the end of both texts, and have probabilities. That they tile is checked wherever an
    /// alignment is made.
    fn is_whole(alignment: &Alignment, lengths: Both<usize>) -> bool {
        let reached = alignment.beads().last().map_or(Both::new(0, 0), |bead| bead.runs.map(|run| run.end));
        reached == lengths && alignment.beads().iter().all(|bead| (0.0..=1.0).contains(&bead.confidence))
    }

    fn runs(alignment: &Alignment) -> Vec<Both<Run>> {
        alignment.beads().iter().map(|bead| bead.runs).collect()
    }

    proptest! {
        #[test]
        fn whatever_beads_cost_each_sentence_is_in_one(
            n in 0..10_usize,
            m in 0..10_usize,
            seed: u64,
            share in prop::sample::select(vec![5, 50, 100]),
        ) {
            let (lengths, full, cost) = (Both::new(n, m), Band::full(n, m), Hostile { seed, share });
            let plain = dense::align(lengths, &cost);
            let banded = banded::align(&full, &CostTable::new(&full, &cost));
            let pruned = banded::align(&prune::prune(&full, &cost), &cost);
            for alignment in [&plain, &banded, &pruned] {
                prop_assert!(is_whole(alignment, lengths), "{alignment:?}");
            }
            prop_assert_eq!(runs(&plain), runs(&banded::align(&full, &cost)));

            let mut beads = runs(&plain);
            banded::marginals(&full, &cost, 0.0, |marginal| beads.push(marginal.runs));
            let candidates = Candidates::new(beads, lengths);
            let values: Vec<f64> = candidates.beads().iter().map(|&runs| -cost.bead(runs)).collect();
            let marginals = candidates.marginals(&values, -cost.gap_opening());
            prop_assert!(marginals.posteriors.iter().chain(&marginals.openings).all(|it| (0.0..=1.0).contains(it)));
            let best = candidates.best(&values).into_iter().map(|number| candidates.beads()[number]);
            let best = Alignment::new(best.map(|runs| crate::bead::Bead { runs, confidence: 1.0 }).collect());
            prop_assert!(is_whole(&best, lengths), "{best:?}");
        }

        #[test]
        fn whatever_beads_cost_what_is_pinned_stays(n in 1..10_usize, m in 1..10_usize, seed: u64, at in 0..10_usize) {
            let cost = Hostile { seed, share: 90 };
            let (i, j) = (at % n, at % m);
            let kept = Both::new(Run::new(i, (i + 3).min(n)), Run::new(j, j + 1));
            let pinned = Pinned::new(Both::new(n, m), &[kept]).unwrap();
            let band = pinned.band(Both::new(&vec![vec![f32::NAN]; n], &vec![vec![1.0]; m]));
            let found = banded::align(&band, &KeepingPinned { cost: &cost, pinned: &pinned });
            let restored = pinned.restore(&found);
            prop_assert!(is_whole(&restored, Both::new(n, m)));
            prop_assert!(runs(&restored).contains(&kept), "{restored:?}");
        }
    }
}
