//! The two passes of the aligner.
//!
//! The first weighs every bead of a band by what is cheap: vectors, words, numbers, lengths; twice more with the priors
//! that it finds in the document. The second looks only at the beads that are still possible where the first was not
//! sure, and there the translator judges too, by forced decoding.

use std::collections::HashMap;

use crate::{
    align::{
        Cost, banded,
        candidates::{Candidates, Priced},
        remembered::Remembered,
    },
    band::Band,
    bead::{Alignment, Bead, BeadKind},
    both::Both,
    document::{Run, Sentences},
    error::{Error, Result},
    similarity::{Features, ForcedGain, Priors, Similarity, Weights},
    translate::{Forced, ForcedScore, Translator},
};

/// How often the priors are estimated from the document. On the development sets the second time still helped (strict
/// F1 of magazines .979 to .983, of novels .858 to .861), the third no more.
const ADAPTATIONS: usize = 2;

/// Beads with a smaller posterior in the first pass are not looked at again.
const LEAST_CHANCE: f64 = 1e-3;

/// Beads with at least this posterior in the first pass are settled.
const SETTLED: f64 = 0.99;

/// What the first pass leaves.
pub struct FirstPass<'a> {
    band: &'a Band,
    similarity: &'a Similarity,
    weights: &'a Weights,
    cost: Remembered<'a>,
    /// Its alignment.
    pub alignment: Alignment,
    /// How the document differs from those in training.
    pub priors: Priors,
}

/// Aligns by what is cheap to know of any bead.
pub fn first_pass<'a>(similarity: &'a Similarity, band: &'a Band, weights: &'a Weights) -> FirstPass<'a> {
    let cost = Remembered::new(band, &WeighedBy { similarity, weights });
    let align = |priors| banded::align(band, &Adapted { cost: &cost, weights, priors });
    let mut priors = Priors::default();
    let mut alignment = align(priors);
    for _ in 0..ADAPTATIONS {
        priors = Priors::of(&alignment, weights);
        alignment = align(priors);
    }
    FirstPass { band, similarity, weights, cost, alignment, priors }
}

impl<'a> FirstPass<'a> {
    /// The beads that are still possible. It takes a search of its own.
    pub fn candidates(&self) -> Candidates<'a> {
        let cost = Adapted { cost: &self.cost, weights: self.weights, priors: self.priors };
        Candidates::likely(self.band, &cost, LEAST_CHANCE, &self.alignment)
    }

    /// Everything that the second pass knows of each of the beads, in order.
    pub fn features(
        &self,
        beads: &[Both<Run>],
        sentences: &Both<Sentences>,
        translator: &mut dyn Translator,
    ) -> Result<Vec<Features>> {
        let is_pair = |runs: &Both<Run>| !BeadKind::of(*runs).is_null();
        let pairs: Vec<_> = beads.iter().copied().filter(is_pair).collect();
        let mut gains = forced_gains(sentences, &pairs, translator)?.into_iter();
        let of_bead = |runs: &Both<Run>| {
            let mut features = self.similarity.features(*runs);
            features.add_prior(self.priors.of_kind(BeadKind::of(*runs)));
            if is_pair(runs) {
                features.add_forced(&gains.next().expect("every pair has gains"));
            }
            features
        };
        Ok(beads.iter().map(of_bead).collect())
    }

    /// Aligns again, with the translator's judgement.
    pub fn second_pass(
        &self,
        weights: &Weights,
        sentences: &Both<Sentences>,
        translator: &mut dyn Translator,
    ) -> Result<Alignment> {
        let candidates = self.candidates();
        let number = |runs| candidates.number(runs).expect("the beads weighed are candidates");
        let open = self.open(&candidates);
        let mut prices = vec![f64::INFINITY; candidates.beads().len()];
        for (&runs, features) in open.iter().zip(self.features(&open, sentences, translator)?) {
            prices[number(runs)] = -weights.potential(&features);
        }
        let settled: HashMap<_, _> = self.settled().map(|bead| (number(bead.runs), bead.confidence)).collect();
        for &number in settled.keys() {
            prices[number] = 0.0;
        }
        let gap_opening = -weights.gap_opening(self.priors);
        let cost = Priced { candidates: &candidates, prices, gap_opening };
        let mut beads = banded::align(self.band, &cost).beads().to_vec();
        for bead in &mut beads {
            bead.confidence = settled.get(&number(bead.runs)).copied().unwrap_or(bead.confidence);
        }
        Ok(Alignment::new(beads))
    }

    /// The beads of its alignment that the first pass was sure of.
    fn settled(&self) -> impl Iterator<Item = &Bead> {
        self.alignment.beads().iter().filter(|bead| bead.confidence >= SETTLED)
    }

    /// The candidates that no settled bead rules out.
    fn open(&self, candidates: &Candidates<'_>) -> Vec<Both<Run>> {
        let mut taken = Both::new(vec![false; self.band.n_source()], vec![false; self.band.n_target()]);
        for bead in self.settled() {
            taken.source[bead.runs.source.range()].fill(true);
            taken.target[bead.runs.target.range()].fill(true);
        }
        let is_free = |runs: &Both<Run>| {
            !taken.source[runs.source.range()].contains(&true) && !taken.target[runs.target.range()].contains(&true)
        };
        candidates.beads().iter().copied().filter(is_free).collect()
    }
}

/// How much likelier each target sentence of each pair is, given its source; same order.
pub fn forced_gains(
    sentences: &Both<Sentences>,
    pairs: &[Both<Run>],
    translator: &mut dyn Translator,
) -> Result<Vec<Vec<ForcedGain>>> {
    let targets = sentences.target.texts();
    let sources: Vec<_> = pairs.iter().map(|runs| sentences.source.run_text(runs.source)).collect();
    let given = (sources.iter().zip(pairs))
        .map(|(source, runs)| Forced { source, target: &targets[runs.target.range()] })
        .collect::<Vec<_>>();
    let mut alone: Vec<usize> = pairs.iter().flat_map(|runs| runs.target.range()).collect();
    alone.sort_unstable();
    alone.dedup();
    let by_itself: Vec<_> = alone.iter().map(|&j| Forced { source: "", target: &targets[j..=j] }).collect();
    let (given, by_itself) = (force(&given, translator)?, force(&by_itself, translator)?);
    let by_itself: HashMap<usize, f32> =
        alone.into_iter().zip(by_itself).map(|(j, scores)| (j, scores[0].log_prob)).collect();
    let gains = |(scores, runs): (Vec<_>, &Both<Run>)| {
        let gain = |(score, j): (ForcedScore, usize)| ForcedGain {
            gain: score.log_prob - by_itself[&j],
            pieces: score.pieces,
        };
        scores.into_iter().zip(runs.target.range()).map(gain).collect()
    };
    Ok(given.into_iter().zip(pairs).map(gains).collect())
}

fn force(pairs: &[Forced<'_>], translator: &mut dyn Translator) -> Result<Vec<Vec<ForcedScore>>> {
    let scores = translator.log_probs(pairs)?;
    let fits = |(scores, pair): (&Vec<_>, &Forced<'_>)| scores.len() == pair.target.len();
    if scores.len() == pairs.len() && scores.iter().zip(pairs).all(fits) {
        Ok(scores)
    } else {
        Err(Error::TranslationCount { asked: pairs.len(), got: scores.len() })
    }
}

/// What the aligner pays for a bead: features and weights, joined.
struct WeighedBy<'a> {
    similarity: &'a Similarity,
    weights: &'a Weights,
}

impl Cost for WeighedBy<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        -self.weights.potential(&self.similarity.features(runs))
    }
}

/// The same with the priors of the document.
struct Adapted<'a> {
    cost: &'a Remembered<'a>,
    weights: &'a Weights,
    priors: Priors,
}

impl Cost for Adapted<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        self.cost.bead(runs) - self.weights.prior(self.priors, BeadKind::of(runs))
    }

    fn gap_opening(&self) -> f64 {
        -self.weights.gap_opening(self.priors)
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, sync::Arc};

    use super::*;
    use crate::{
        document::{ByteMap, Original, Sentence},
        lang::Lang,
        similarity::{Evidence, Feature, Passes},
        translate::canned::Canned,
    };

    fn sentences(lang: Lang, lines: &[&str]) -> Sentences {
        let original = Arc::new(Original::new("test", lines.join("\n"), ByteMap::shifted(0)));
        let items = original.lines().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
        Sentences { lang, original, items }
    }

    fn pairs(alignment: &Alignment) -> Vec<(Run, Run)> {
        let pairs = alignment.beads().iter().filter(|bead| bead.is_pair());
        pairs.map(|bead| (bead.runs.source, bead.runs.target)).collect()
    }

    #[test]
    fn where_nothing_else_tells_the_translator_decides() {
        let source = sentences(Lang::Zh, &["孩子们在河边放风筝。", "老人在桥上钓鱼。", "商人在城里卖布。"]);
        let mut translator =
            Canned::parse("table", "老人在桥上钓鱼。\tThe old man is fishing from the bridge.").unwrap();
        let sentences = Both::new(source, sentences(Lang::En, &["The old man is fishing from the bridge."]));
        let vectors = sentences.as_ref().map(|side| vec![vec![1.0, 0.0]; side.len()]);
        let band = Band::full(3, 1);
        let evidence = Evidence { sentences: &sentences, translations: &[""; 3], vectors: &vectors };
        let similarity = Similarity::new(&evidence, &band);
        let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en");
        let cheap = Passes::load(&bundle).unwrap().first;
        let first = first_pass(&similarity, &band, &cheap);

        let mut values = cheap.values();
        values[Feature::ForcedGain as usize] = 5.0;
        let weights = Weights::new(values, [0.0; crate::similarity::N_FEATURES]);
        let second = first.second_pass(&weights, &sentences, &mut translator).unwrap();
        assert_eq!(pairs(&second), [(Run::new(1, 2), Run::new(0, 1))]);
        assert_ne!(pairs(&first.alignment), pairs(&second), "the first pass could not know");
        assert!(second.beads().iter().all(|bead| (0.0..=1.0).contains(&bead.confidence)));
    }

    #[test]
    fn a_translator_that_fails_to_answer_is_an_error() {
        struct Silent;
        impl Translator for Silent {
            fn fingerprint(&self) -> String {
                String::new()
            }

            fn translate(
                &mut self,
                _: &[&str],
                _: &dyn crate::progress::Progress,
            ) -> Result<Vec<crate::translate::Translation>> {
                Ok(Vec::new())
            }

            fn log_probs(&mut self, _: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
                Ok(Vec::new())
            }
        }
        let sentences = Both::new(sentences(Lang::Zh, &["雪"]), sentences(Lang::En, &["Snow."]));
        let pair = Both::new(Run::new(0, 1), Run::new(0, 1));
        let error = forced_gains(&sentences, &[pair], &mut Silent).unwrap_err();
        assert!(matches!(error, Error::TranslationCount { asked: 1, got: 0 }), "{error}");
    }
}
