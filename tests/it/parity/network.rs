//! The network says what `transformers` says of the same weights: logits, and what greedy search makes of them.

use mtalign::translate::{Forced, Translator, marian::ForcedPiece};

use super::{Reference, digest, lines_of, pairs};
use crate::{marian::exact, shared::shared};

/// How far a logit may be from its reference, in nats.
const TOLERANCE: f64 = 1e-3;

/// A choice between two pieces whose logits are no further apart, in nats, is left to rounding, which differs from
/// processor to processor. A hundred times the largest difference seen on the one that made the reference.
const CLOSE_CALL: f32 = 1e-4;

/// Share of translations with a choice as close as that.
const MOST_CLOSE_CALLS: f64 = 0.01;

/// The logarithm of the summed exponentials, in double precision.
fn log_sum_exp(logits: &[f32]) -> f64 {
    let largest = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
    largest + logits.iter().map(|&logit| (f64::from(logit) - largest).exp()).sum::<f64>().ln()
}

#[test]
fn logits_are_those_of_transformers() {
    let reference = Reference::open("network.safetensors");
    let sample = reference.numbers("sample");
    let sampled = reference.floats("sampled_logits");
    let targets = reference.floats("target_logits");
    let sums = reference.floats("log_sum_exp");
    let mut expected = sampled.chunks(sample.len()).zip(targets.iter().zip(&sums));
    let mut worst = (0.0, String::new());
    for (source, target) in pairs() {
        let mut compare = |found: f64, expected: f32, what: &str| {
            assert!(found.is_finite(), "{what} of {source} {target}");
            let difference = (found - f64::from(expected)).abs();
            if difference > worst.0 {
                worst = (difference, format!("{what} of {source} {target}"));
            }
        };
        let (mut log_prob, found) = (0.0, exact().logits(&source, &target).unwrap());
        for ForcedPiece { piece, logits } in &found {
            let (sampled, (&target, &sum)) = expected.next().unwrap();
            for (&piece, &expected) in sample.iter().zip(sampled) {
                compare(logits[piece as usize].into(), expected, "a logit");
            }
            compare(logits[*piece as usize].into(), target, "the target's logit");
            compare(log_sum_exp(logits), sum, "the sum");
            log_prob += target - sum;
        }
        let score = exact().log_probs(&[Forced { source: &source, target: &[&target] }]).unwrap()[0][0];
        assert_eq!(score.pieces, found.len());
        compare(f64::from(score.log_prob) / found.len() as f64, log_prob / found.len() as f32, "the log-probability");
    }
    assert_eq!(expected.count(), 0, "the reference has more target pieces than the pairs");
    assert!(worst.0 <= TOLERANCE, "{:.1e} apart: {}", worst.0, worst.1);
}

#[test]
fn greedy_translations_are_those_of_transformers() {
    let Some(path) = shared("eval-mt/flores-dev.zh") else { return };
    let reference = Reference::open("network.safetensors");
    let (expected, margins) = (reference.numbers("translations"), reference.floats("margins"));
    let lines = lines_of(&path);
    let sources: Vec<&str> = lines.iter().map(String::as_str).collect();
    let found = exact().unchecked(&sources, 1).unwrap();
    assert_eq!(found.len(), expected.len());

    let differs = |&line: &usize| digest(found[line].as_bytes()) != expected[line];
    let (close, clear): (Vec<usize>, Vec<usize>) = (0..lines.len()).partition(|&line| margins[line] <= CLOSE_CALL);
    let different: Vec<usize> = clear.into_iter().filter(differs).collect();
    let shown = different.first().map(|&line| format!("{} {}", lines[line], found[line]));
    assert_eq!(shown, None, "{} of {} translations differ", different.len(), lines.len());
    let most = MOST_CLOSE_CALLS * lines.len() as f64;
    assert!(close.len() as f64 <= most, "{} of {} translations hang on rounding", close.len(), lines.len());
}
