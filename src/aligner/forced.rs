//! Forced decoding of pairs: how much likelier each target sentence is, given its source.

use std::collections::HashMap;

use crate::{
    bead::Run,
    both::Both,
    document::Sentences,
    error::{Error, Result},
    evidence::Gain,
    translate::{Forced, ForcedScore, Translator},
};

/// The gains of forced decoding, in nats: how much likelier each target sentence of each pair is, given its source,
/// than it is after the same sentences without a source; same order. Fails if the translator does.
pub fn forced_gains(
    sentences: &Both<Sentences>,
    pairs: &[Both<Run>],
    translator: &mut dyn Translator,
) -> Result<Vec<Vec<Gain>>> {
    let targets = sentences.target.texts();
    let sources: Vec<_> = pairs.iter().map(|runs| sentences.source.run_text(runs.source)).collect();
    let given = (sources.iter().zip(pairs))
        .map(|(source, runs)| Forced { source, target: &targets[runs.target.range()] })
        .collect::<Vec<_>>();
    let mut runs: Vec<(usize, usize)> = pairs.iter().map(|runs| (runs.target.start, runs.target.end)).collect();
    runs.sort_unstable();
    runs.dedup();
    let alone: Vec<_> = runs.iter().map(|&(start, end)| Forced { source: "", target: &targets[start..end] }).collect();
    let (given, alone) = (force(&given, translator)?, force(&alone, translator)?);
    let alone: HashMap<_, _> = runs.into_iter().zip(alone).collect();
    let gains = |(given, runs): (Vec<ForcedScore>, &Both<Run>)| {
        let alone = &alone[&(runs.target.start, runs.target.end)];
        let gain = |(given, alone): (ForcedScore, &ForcedScore)| Gain {
            nats: f64::from(given.log_prob - alone.log_prob),
            pieces: given.pieces,
        };
        given.into_iter().zip(alone).map(gain).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Lang;

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
            ) -> Result<Vec<crate::document::Translation>> {
                Ok(Vec::new())
            }

            fn log_probs(&mut self, _: &[Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
                Ok(Vec::new())
            }
        }
        let sentences = Both::new(Sentences::of_lines(Lang::Zh, &["雪"]), Sentences::of_lines(Lang::En, &["Snow."]));
        let pair = Both::new(Run::new(0, 1), Run::new(0, 1));
        let error = forced_gains(&sentences, &[pair], &mut Silent).unwrap_err();
        assert!(matches!(error, Error::TranslationCount { asked: 1, got: 0 }), "{error}");
    }
}
