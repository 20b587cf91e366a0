//! A document after the first pass, ready to be learnt from and to be tested on.

use anyhow::Result;
use mtalign::{
    aligner::{Shortlist, first_pass},
    band::Band,
    bead::{Alignment, BeadKind},
    both::Both,
    document::Run,
    evidence::{BandWeights, Lexicon, N_SHORTLIST_FEATURES, ShortlistFeature, ShortlistWeights},
    translate::{Tagger, Translator},
};

use crate::documents::Document;

/// A value for each feature.
pub(crate) type Vector = [f64; N_SHORTLIST_FEATURES];

/// A document, what the first pass makes of it, and all that can be known of the beads it leaves.
pub(crate) struct Example<'a> {
    pub(crate) document: &'a Document,
    pub(crate) first: Alignment,
    /// What the program would choose from.
    found: Shortlist,
    /// The same and the true beads that the first pass gave up, which only training sees.
    all: Shortlist,
    /// How many true beads there are, and the sum of their features; nothing where they are no path.
    truth: Option<(usize, Vector)>,
    /// Of several parts, the one whose weights were trained without this document.
    pub(crate) fold: usize,
}

/// Who is asked about the beads that are in doubt.
pub(crate) struct Judges<'a> {
    pub(crate) tagger: &'a mut dyn Tagger,
    pub(crate) translator: &'a mut dyn Translator,
}

impl<'a> Example<'a> {
    pub(crate) fn new(
        document: &'a Document,
        weights: &'a BandWeights,
        lexicon: &Lexicon,
        judges: &mut Judges<'_>,
        fold: usize,
    ) -> Result<Self> {
        let first = first_pass(&document.evidence, &document.band, weights);
        let true_beads = document.beads.as_ref().filter(|beads| beads.iter().all(|&runs| holds(&document.band, runs)));
        let mut known = |beads: &[Both<Run>]| {
            let mut list = first.shortlist(beads);
            list.look_closer(lexicon, &document.pieces, &document.sentences);
            list.tag(&document.pieces, judges.tagger)?;
            list.force(&document.sentences, judges.translator)?;
            Ok::<_, anyhow::Error>(list)
        };
        let (found, all) = (known(&[])?, known(true_beads.map_or(&[], |beads| beads))?);
        let truth = true_beads.map(|beads| {
            let mut sum = [0.0; N_SHORTLIST_FEATURES];
            let mut in_gap = false;
            for &runs in beads {
                let number = all.candidates().number(runs).expect("true beads were put in");
                add(&mut sum, 1.0, &all.features()[number].0);
                let is_null = BeadKind::of(runs).is_null();
                if is_null && !in_gap {
                    add_opening(&all, &mut sum, 1.0);
                }
                in_gap = is_null;
            }
            (beads.len(), sum)
        });
        Ok(Self { document, first: first.alignment, found, all, truth, fold })
    }

    /// Beads of the true alignment; 0 where there is nothing to learn.
    pub(crate) fn n_beads(&self) -> usize {
        self.truth.as_ref().map_or(0, |(beads, _)| *beads)
    }

    /// What the program decides by the weights of the second pass and of as many after it as are given.
    pub(crate) fn align(&self, passes: &[Vector]) -> Alignment {
        let mut list = self.found.clone();
        for (number, weights) in passes.iter().enumerate() {
            if number > 0 {
                list = list.settle();
            }
            list.judge(&ShortlistWeights(*weights));
        }
        list.alignment()
    }

    /// The true alignment's negative log-likelihood in nats, and its gradient.
    pub(crate) fn loss(&self, weights: &Vector) -> (f64, Vector) {
        let Some((_, truth)) = &self.truth else { return (0.0, [0.0; N_SHORTLIST_FEATURES]) };
        let (potentials, gap_opening) = self.all.potentials(&ShortlistWeights(*weights));
        let expected = self.all.candidates().marginals(&potentials, gap_opening);
        let mut gradient = truth.map(|value| -value);
        for (features, posterior) in self.all.features().iter().zip(&expected.posteriors) {
            add(&mut gradient, *posterior, &features.0);
        }
        add_opening(&self.all, &mut gradient, expected.openings.iter().sum());
        let potential: f64 = truth.iter().zip(weights).map(|(value, weight)| value * weight).sum();
        (expected.log_total - potential, gradient)
    }

    /// The features of all beads it learns from.
    pub(crate) fn features(&self) -> impl Iterator<Item = &Vector> {
        self.all.features().iter().map(|features| &features.0)
    }
}

/// Adds `factor` times `values`.
pub(crate) fn add(sum: &mut Vector, factor: f64, values: &Vector) {
    for (sum, value) in sum.iter_mut().zip(values) {
        *sum += factor * value;
    }
}

fn add_opening(list: &Shortlist, sum: &mut Vector, times: f64) {
    sum[ShortlistFeature::GapOpening as usize] += times;
    sum[ShortlistFeature::GapPrior as usize] += times * list.priors().of_gap_opening();
}

fn holds(band: &Band, runs: Both<Run>) -> bool {
    band.row(runs.source.start).contains(&runs.target.start) && band.row(runs.source.end).contains(&runs.target.end)
}
