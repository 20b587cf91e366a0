//! The shortlist: the beads that are still possible after a pass, with the features found of them.

use super::{forced::forced_gains, surroundings::surroundings};
use crate::{
    align::candidates::Candidates,
    bead::{Alignment, Bead, BeadKind, Run},
    both::Both,
    document::Sentences,
    error::Result,
    evidence::{
        self, Look, Priors, ShortlistFeatures, ShortlistWeights, add_forced, add_levels, add_links, add_null_shares,
        add_null_surroundings, add_punctuation, add_surroundings, add_tags,
    },
    lexicon::Lexicon,
    tokenizer::PieceId,
    translate::{
        Translator,
        tagger::{self, Tagger},
    },
};

/// The posterior from which a bead is settled after a pass. With links (`evidence/links.rs`) strict F1 of news, cross-validated,
/// is .983 at .9 and .985 at .95, .97 and .99, that of the other sets the same.
const SETTLED: f64 = 0.95;

/// The posterior from which a pair is sure enough to show the document's levels.
const SURE: f64 = 0.9;

/// The least posterior of a bead that is looked at again after a later pass. With .001 and .003 the five sets have the same
/// scores, cross-validated; with .03 news loses a bead in two thousand, with .1 novels four in a thousand.
const LEAST_CHANCE: f64 = 0.01;

/// The most pairs by which a document's levels are known. A novel's level of tags differs by half a nat between samples of
/// 24, which moves its false nulls: strict F1 of novels, cross-validated, .931 with 24 and .939 with 128.
const MOST_SURE: usize = 128;

/// The price of a bead, in posterior probability, when the alignment is chosen: that of the highest sum of posteriors
/// less this, which goes for the most right beads (F1) where the likeliest single alignment would not. Prices of .2 to
/// .45 do as well as each other, and all a little better than the likeliest alignment (strict F1 of novels .911 to
/// .914).
const LEAST_WORTH: f64 = 0.3;

/// The models that are asked about the beads in doubt.
pub struct Judges<'a> {
    /// The pieces of each sentence, for lexicon and tagger.
    pub pieces: &'a Both<Vec<Vec<PieceId>>>,
    /// The lexicon of the pieces, where there is one.
    pub lexicon: Option<&'a Lexicon>,
    /// The tagger, which says of each piece of a pair whether the other side has it, where there is one.
    pub tagger: Option<&'a mut dyn Tagger>,
    /// The translator, for forced decoding.
    pub translator: &'a mut dyn Translator,
}

impl Judges<'_> {
    /// Whether the models that `look` needs are there.
    pub fn can(&self, look: Look) -> bool {
        match look {
            Look::Lexicon => self.lexicon.is_some(),
            Look::Tagger => self.tagger.is_some(),
            Look::ForcedDecoding => true,
        }
    }
}

/// The beads that are still possible, with their features and posteriors.
#[derive(Clone)]
pub struct Shortlist {
    pub(super) candidates: Candidates,
    pub(super) features: Vec<ShortlistFeatures>,
    /// The posterior of each bead by the last pass.
    pub(super) posteriors: Vec<f64>,
    /// Whether each bead is settled, whatever a later pass may say.
    pub(super) settled: Vec<bool>,
    pub(super) priors: Priors,
}

impl Shortlist {
    /// The lattice of the beads, in the order of the text.
    pub fn candidates(&self) -> &Candidates {
        &self.candidates
    }

    /// The features of each bead, by its number.
    pub fn features(&self) -> &[ShortlistFeatures] {
        &self.features
    }

    /// The priors of the document: how it differs from those in training.
    pub fn priors(&self) -> Priors {
        self.priors
    }

    /// Adds the features that `look` finds of the beads that are not settled. Fails if a model does.
    pub fn look(&mut self, look: Look, sentences: &Both<Sentences>, judges: &mut Judges<'_>) -> Result<()> {
        match look {
            Look::Lexicon => {
                // Without a lexicon its features stay 0, as those of the tagger do without one.
                if let Some(lexicon) = judges.lexicon {
                    self.look_at_words(lexicon, judges.pieces, sentences);
                }
            }
            Look::Tagger => {
                if let Some(tagger) = judges.tagger.as_deref_mut() {
                    self.tag(judges.pieces, tagger)?;
                }
            }
            Look::ForcedDecoding => self.force(sentences, judges.translator)?,
        }
        Ok(())
    }

    fn look_at_words(&mut self, lexicon: &Lexicon, pieces: &Both<Vec<Vec<PieceId>>>, sentences: &Both<Sentences>) {
        let Self { candidates, features, posteriors, .. } = self;
        evidence::add_gains(lexicon, pieces, candidates.beads(), posteriors, features);
        add_punctuation(sentences, candidates.beads(), features);
        add_null_shares(candidates.beads(), posteriors, features);
        let sure = self.sure_pairs();
        add_levels(Look::Lexicon, self.candidates.beads(), &sure, &mut self.features);
    }

    fn force(&mut self, sentences: &Both<Sentences>, translator: &mut dyn Translator) -> Result<()> {
        let asked = self.open_pairs();
        let pairs: Vec<_> = asked.iter().map(|&number| self.candidates.beads()[number]).collect();
        for (number, gains) in asked.into_iter().zip(forced_gains(sentences, &pairs, translator)?) {
            add_forced(&mut self.features[number], &gains);
        }
        Ok(())
    }

    fn tag(&mut self, pieces: &Both<Vec<Vec<PieceId>>>, tagger: &mut dyn Tagger) -> Result<()> {
        // Of the settled pairs some tell how freely the document was translated.
        let sure = self.sure_pairs();
        let open = self.open_pairs();
        let mut asked = open.clone();
        asked.extend(sure.iter().copied().filter(|&number| self.settled[number]));
        let pairs: Vec<_> = asked.iter().map(|&number| self.candidates.beads()[number].of(pieces)).collect();
        let tags = tagger::tags(tagger, &pairs)?;
        let nulls = self.open_nulls();
        let open: Vec<Both<Run>> = open.iter().chain(&nulls).map(|&number| self.candidates.beads()[number]).collect();
        let likely: Vec<Both<Run>> = self.alignment().beads().iter().map(|bead| bead.runs).collect();
        let around = surroundings(&likely, &open, pieces, tagger)?;
        for number in nulls {
            add_null_surroundings(&mut self.features[number], self.candidates.beads()[number].of(&around));
        }
        for ((number, pair), tags) in asked.into_iter().zip(pairs).zip(tags) {
            let runs = self.candidates.beads()[number];
            let lengths = pair.map(|sentences| sentences.iter().map(Vec::len).collect());
            add_tags(&mut self.features[number], &tags, &lengths);
            add_surroundings(&mut self.features[number], &tags, runs.of(&around), &lengths);
            add_links(&mut self.features[number], runs, runs.of(&around));
        }
        add_levels(Look::Tagger, self.candidates.beads(), &sure, &mut self.features);
        Ok(())
    }

    /// The numbers of the pairs that are not settled.
    fn open_pairs(&self) -> Vec<usize> {
        self.open(|kind| !kind.is_null())
    }

    /// The numbers of the nulls that are not settled.
    fn open_nulls(&self) -> Vec<usize> {
        self.open(BeadKind::is_null)
    }

    /// The numbers of the beads of some kinds that are not settled.
    fn open(&self, is_asked: impl Fn(BeadKind) -> bool) -> Vec<usize> {
        let beads = self.candidates.beads();
        (0..beads.len()).filter(|&number| !self.settled[number] && is_asked(BeadKind::of(beads[number]))).collect()
    }

    /// The numbers of the surest pairs: at most [`MOST_SURE`] of those of posterior [`SURE`], from everywhere.
    fn sure_pairs(&self) -> Vec<usize> {
        let beads = self.candidates.beads();
        let is_sure = |&number: &usize| self.posteriors[number] >= SURE && !BeadKind::of(beads[number]).is_null();
        let sure: Vec<usize> = (0..beads.len()).filter(is_sure).collect();
        let count = sure.len().min(MOST_SURE);
        (0..count).map(|place| sure[place * sure.len() / count]).collect()
    }

    /// The log-potentials of the beads, and that of beginning a gap, in nats.
    pub fn potentials(&self, weights: &ShortlistWeights) -> (Vec<f64>, f64) {
        let potentials = self.features.iter().map(|features| weights.potential(features)).collect();
        (potentials, weights.gap_opening(&self.priors))
    }

    /// Computes the posterior of each bead; what is settled stays as likely as it was.
    pub fn judge(&mut self, weights: &ShortlistWeights) {
        let (potentials, gap_opening) = self.potentials(weights);
        let posteriors = self.candidates.marginals(&potentials, gap_opening).posteriors;
        for ((known, posterior), settled) in self.posteriors.iter_mut().zip(posteriors).zip(&self.settled) {
            if !settled {
                *known = posterior;
            }
        }
    }

    /// The shortlist with the beads settled that are sure, and without those that they rule out or that have no
    /// chance.
    #[must_use]
    pub fn settle(&self) -> Self {
        let beads = self.candidates.beads();
        let alignment = self.candidates.best(&self.worth());
        let firm: Vec<usize> = alignment.iter().copied().filter(|&number| self.posteriors[number] >= SETTLED).collect();
        let mut taken = self.candidates.lengths().map(|length| vec![false; length]);
        for &number in &firm {
            taken.source[beads[number].source.range()].fill(true);
            taken.target[beads[number].target.range()].fill(true);
        }
        let is_open = |&number: &usize| {
            let Both { source, target } = beads[number];
            self.posteriors[number] >= LEAST_CHANCE
                && !taken.source[source.range()].contains(&true)
                && !taken.target[target.range()].contains(&true)
        };
        let kept = (0..beads.len()).filter(is_open).chain(alignment).map(|number| beads[number]).collect();
        let candidates = Candidates::new(kept, self.candidates.lengths());
        let before = candidates.beads().iter().filter_map(|&runs| self.candidates.number(runs));
        let before: Vec<usize> = before.collect();
        Self {
            features: before.iter().map(|&number| self.features[number]).collect(),
            posteriors: before.iter().map(|&number| self.posteriors[number]).collect(),
            settled: before.iter().map(|number| firm.binary_search(number).is_ok()).collect(),
            candidates,
            priors: self.priors,
        }
    }

    /// The alignment of the beads most likely to be right.
    pub fn alignment(&self) -> Alignment {
        let bead = |number: usize| Bead { runs: self.candidates.beads()[number], confidence: self.posteriors[number] };
        Alignment::new(self.candidates.best(&self.worth()).into_iter().map(bead).collect())
    }

    fn worth(&self) -> Vec<f64> {
        self.posteriors.iter().map(|posterior| posterior - LEAST_WORTH).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        align::banded,
        aligner::first_pass,
        band::Band,
        evidence::{BandEvidence, ForcedFeature, GivenFeature, Inputs, N_SHORTLIST_FEATURES, Passes, ShortlistFeature},
        text::Lang,
        translate::canned::Canned,
    };

    fn pairs(alignment: &Alignment) -> Vec<(Run, Run)> {
        let pairs = alignment.beads().iter().filter(|bead| bead.is_pair());
        pairs.map(|bead| (bead.runs.source, bead.runs.target)).collect()
    }

    #[test]
    fn where_nothing_else_tells_the_translator_decides() {
        let source = Sentences::of_lines(Lang::Zh, &["孩子们在河边放风筝。", "老人在桥上钓鱼。", "商人在城里卖布。"]);
        let mut translator =
            Canned::parse("table", "老人在桥上钓鱼。\tThe old man is fishing from the bridge.").unwrap();
        let sentences = Both::new(source, Sentences::of_lines(Lang::En, &["The old man is fishing from the bridge."]));
        let vectors = sentences.as_ref().map(|side| vec![vec![1.0, 0.0]; side.len()]);
        let band = Band::full(3, 1);
        let inputs = Inputs { sentences: &sentences, translations: &[""; 3], vectors: &vectors };
        let evidence = BandEvidence::new(&inputs, &band);
        let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en");
        let cheap = Passes::load(&bundle).unwrap().first;
        let first = first_pass(&evidence, &band, &cheap);
        let mut shortlist = first.shortlist(&[]);
        let mut weights = ShortlistWeights::from([0.0; N_SHORTLIST_FEATURES]);
        weights.linear[ShortlistFeature::from(GivenFeature::FirstPass).index()] = 1.0;
        weights.linear[ShortlistFeature::from(ForcedFeature::ForcedGain).index()] = 5.0;
        let pieces = Both::default();
        let mut judges = Judges { pieces: &pieces, lexicon: None, tagger: None, translator: &mut translator };
        shortlist.look(Look::ForcedDecoding, &sentences, &mut judges).unwrap();
        shortlist.judge(&weights);
        let after = shortlist.alignment();
        assert_eq!(pairs(&after), [(Run::new(1, 2), Run::new(0, 1))]);
        assert_ne!(pairs(&first.alignment), pairs(&after), "the first pass could not know");
        assert!(after.beads().iter().all(|bead| (0.0..=1.0).contains(&bead.confidence)));
    }

    #[test]
    fn what_is_settled_stays_and_rules_out_what_crosses_it() {
        let bead = |source: (usize, usize), target: (usize, usize)| {
            Both::new(Run::new(source.0, source.1), Run::new(target.0, target.1))
        };
        let beads = vec![
            bead((0, 1), (0, 1)),
            bead((1, 2), (1, 2)),
            bead((0, 2), (0, 2)),
            bead((2, 3), (2, 3)),
            bead((2, 3), (2, 2)),
            bead((3, 3), (2, 3)),
        ];
        let candidates = Candidates::new(beads, Both::new(3, 3));
        let posterior = |runs: &Both<Run>| match (runs.source.len(), runs.source.start) {
            (2, _) => 0.01,
            (1, 0 | 1) => 0.99,
            _ => 0.5,
        };
        let posteriors: Vec<f64> = candidates.beads().iter().map(posterior).collect();
        let features = vec![ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE); posteriors.len()];
        let settled = vec![false; posteriors.len()];
        let list = Shortlist { candidates, features, posteriors, settled, priors: Priors::default() };
        let mut left = list.settle();
        assert_eq!(left.candidates.beads().len(), 5, "all but the bead of two");
        assert_eq!(left.settled.iter().filter(|&&settled| settled).count(), 2);
        left.judge(&ShortlistWeights::from([0.0; N_SHORTLIST_FEATURES]));
        assert!((left.alignment().beads()[0].confidence - 0.99).abs() < 1e-12, "no surer than it was");
    }

    proptest! {
        #[test]
        fn any_shortlist_can_be_settled_judged_and_decoded(n in 0..8_usize, m in 0..8_usize, seed: u64, share in 0..100_u64) {
            let random = |runs: Both<Run>, of: u64| {
                let place = [runs.source.start, runs.source.end, runs.target.start, runs.target.end];
                let mixed = place.iter().fold(seed ^ of, |sum, &at| (sum ^ at as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(29));
                (mixed % 1000) as f64 / 1000.0
            };
            let lengths = Both::new(n, m);
            let cost = |runs: Both<Run>| 5.0 * random(runs, 1);
            let band = Band::full(n, m);
            let mut beads: Vec<_> = banded::align(&band, &cost).beads().iter().map(|bead| bead.runs).collect();
            banded::marginals(&band, &cost, 0.0, |marginal| {
                if random(marginal.runs, 2) * 100.0 < share as f64 {
                    beads.push(marginal.runs);
                }
            });
            let candidates = Candidates::new(beads, lengths);
            // Posteriors of another pass need not agree with one another.
            let posteriors: Vec<_> = candidates.beads().iter().map(|&runs| random(runs, 3).powi(3)).collect();
            let features = candidates.beads().iter().map(|&runs| ShortlistFeatures::new(-cost(runs), BeadKind::of(runs))).collect();
            let settled = vec![false; posteriors.len()];
            let mut list = Shortlist { candidates, features, posteriors, settled, priors: Priors::default() };
            for _ in 0..3 {
                let mut weights = ShortlistWeights::from([0.0; N_SHORTLIST_FEATURES]);
                weights.linear[ShortlistFeature::from(GivenFeature::FirstPass).index()] = 1.0;
                let before = list.alignment();
                list = list.settle();
                list.judge(&weights);
                prop_assert!(list.posteriors.iter().all(|posterior| (0.0..=1.0).contains(posterior)));
                for alignment in [before, list.alignment()] {
                    let done = alignment.beads().iter().fold(Both::new(0, 0), |at, bead| {
                        assert_eq!(bead.runs.map(|run| run.start), at, "beads tile both sides");
                        bead.runs.map(|run| run.end)
                    });
                    prop_assert_eq!(done, lengths);
                }
            }
        }
    }
}
