//! Training examples: documents after the first pass, with all features of the beads that it leaves.

use anyhow::Result;
use mtalign::{
    aligner::{self, Judges, Shortlist, first_pass},
    bead::{Alignment, Run},
    both::Both,
    evidence::{BandWeights, GivenFeature, N_SHORTLIST_FEATURES, Pass, ShortlistFeature},
    lexicon::Lexicon,
    translate::{Tagger, Translator},
};

use crate::{LOOKS, documents::Document, lattice::Lattice};

/// A document, its first pass, and all features of the beads that this pass leaves.
pub(crate) struct Example<'a> {
    pub(crate) document: &'a Document,
    pub(crate) first: Alignment,
    /// The shortlist that the program would choose from.
    found: Shortlist,
    /// The lattice of that shortlist and of the gold beads that the first pass gave up, which only training sees.
    pub(crate) lattice: Lattice,
    /// The fold whose weights are trained without this document.
    pub(crate) fold: usize,
}

/// The models that are asked about the beads in doubt.
pub(crate) struct Asked<'a> {
    pub(crate) lexicon: &'a Lexicon,
    pub(crate) tagger: &'a mut dyn Tagger,
    pub(crate) translator: &'a mut dyn Translator,
}

impl<'a> Example<'a> {
    pub(crate) fn new(
        document: &'a Document,
        weights: &'a BandWeights,
        later: &[Pass],
        asked: &mut Asked<'_>,
        fold: usize,
    ) -> Result<Self> {
        let first = first_pass(&document.evidence, &document.band, weights);
        let truth = document.beads_in_band();
        let mut known = |beads: &[Both<Run>]| {
            let mut list = first.shortlist(beads);
            let tagger = Some(&mut *asked.tagger as &mut dyn Tagger);
            let (pieces, lexicon) = (&document.pieces, Some(asked.lexicon));
            let mut judges = Judges { pieces, lexicon, tagger, translator: &mut *asked.translator };
            for (number, look) in LOOKS.into_iter().enumerate() {
                list.look(look, &document.sentences, &mut judges)?;
                // What the next look reads beside what depends on what is likely by now.
                if let Some(pass) = later.get(number) {
                    list.judge(&pass.weights);
                }
            }
            Ok::<_, anyhow::Error>(list)
        };
        let (found, all) = (known(&[])?, known(truth.unwrap_or_default())?);
        let features = all.features().iter().flat_map(|features| features.0).collect();
        let mut opening = vec![0.0; N_SHORTLIST_FEATURES];
        opening[index(GivenFeature::GapOpening)] = 1.0;
        opening[index(GivenFeature::GapPrior)] = all.priors().of_gap_opening();
        let lattice = Lattice::new(all.candidates().clone(), features, opening, truth);
        Ok(Self { document, first: first.alignment, found, lattice, fold })
    }

    /// The alignment that the program finds by these passes after the first.
    pub(crate) fn align(&self, passes: &[Pass]) -> Result<Alignment> {
        // All that they ask for was looked at already.
        Ok(aligner::judge(self.found.clone(), passes, |_, _| Ok(()))?.alignment())
    }
}

/// The index of a feature's weight.
pub(crate) fn index(feature: impl Into<ShortlistFeature>) -> usize {
    feature.into().index()
}
