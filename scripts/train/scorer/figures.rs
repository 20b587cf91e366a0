//! What a scorer is worth: the area under the curve of each kind of wrong pairs, and whether its probabilities are true.

use crate::pairs::Class;

/// A pair that was scored by networks that never saw it.
pub(crate) struct Scored {
    pub(crate) set: String,
    pub(crate) class: Class,
    pub(crate) score: f64,
    pub(crate) weight: f64,
}

/// The share of right pairs at `least` or above, and of each kind of wrong ones.
const LEAST: f64 = 0.5;

/// Steps of probability by which it is compared with what was right.
const STEPS: usize = 10;

/// A table: a line a set, then all together, calibration, and what is kept at one half.
pub(crate) fn table(scored: &[Scored]) -> String {
    let mut sets: Vec<&str> = scored.iter().map(|pair| pair.set.as_str()).collect();
    sets.dedup();
    let mut lines = vec![format!("{:<12}{:>8}{:>8}{:>8}{:>8}{:>8}", "", "beside", "random", "half", "number", "all")];
    for set in sets.iter().map(|&set| Some(set)).chain([None]) {
        let of = |classes: &[Class]| {
            let mine = scored.iter().filter(|pair| set.is_none_or(|set| pair.set == set));
            let right: Vec<f64> =
                mine.clone().filter(|pair| pair.class == Class::Right).map(|pair| pair.score).collect();
            let wrong = mine.filter(|pair| classes.contains(&pair.class)).map(|pair| pair.score).collect();
            area(right, wrong)
        };
        let areas = Class::WRONG.iter().map(|&class| of(&[class])).chain([of(&Class::WRONG)]);
        let areas: Vec<String> = areas.map(|area| format!("{area:>8.3}")).collect();
        lines.push(format!("{:<12}{}", set.unwrap_or("all"), areas.concat()));
    }
    let kept = |class| {
        let mine: Vec<_> = scored.iter().filter(|pair| pair.class == class).collect();
        mine.iter().filter(|pair| pair.score >= LEAST).count() as f64 / mine.len().max(1) as f64
    };
    let wrong: Vec<String> = Class::WRONG.iter().map(|&class| format!("{:.3}", kept(class))).collect();
    lines.push(format!("kept from {LEAST} on: right {:.3}, wrong {}", kept(Class::Right), wrong.join(" ")));
    lines.push(format!("expected calibration error {:.4}", calibration_error(scored)));
    lines.join("\n")
}

/// The area under the curve: how often a right pair has a higher score than a wrong one.
fn area(right: Vec<f64>, wrong: Vec<f64>) -> f64 {
    let (n_right, n_wrong) = (right.len() as f64, wrong.len() as f64);
    let mut all: Vec<(f64, bool)> = right.into_iter().map(|score| (score, true)).collect();
    all.extend(wrong.into_iter().map(|score| (score, false)));
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (mut below, mut pairs) = (0.0, 0.0);
    for alike in all.chunk_by(|one, other| one.0.total_cmp(&other.0).is_eq()) {
        let n_alike = alike.iter().filter(|(_, is_right)| !is_right).count() as f64;
        pairs += alike.iter().filter(|(_, is_right)| *is_right).count() as f64 * (below + n_alike / 2.0);
        below += n_alike;
    }
    pairs / (n_right * n_wrong)
}

/// The mean distance between probabilities and shares of right pairs, weighted as in training.
fn calibration_error(scored: &[Scored]) -> f64 {
    let mut steps = [(0.0, 0.0); STEPS];
    for pair in scored {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability")]
        let step = ((pair.score * STEPS as f64) as usize).min(STEPS - 1);
        steps[step].0 += pair.weight * pair.score;
        steps[step].1 += pair.weight * f64::from(pair.class == Class::Right);
    }
    let total: f64 = scored.iter().map(|pair| pair.weight).sum();
    steps.iter().map(|(said, was)| (said - was).abs()).sum::<f64>() / total
}
