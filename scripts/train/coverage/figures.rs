//! Metrics of probabilities: precision and recall at a threshold, average precision, calibration error.

use std::fmt;

use mtalign::evidence::clauses::weights::SideWeights;

use crate::examples::Example;

/// The number of bins of the calibration error.
const BINS: usize = 10;

/// Clauses by falling probability, each with whether it has no counterpart.
pub(crate) struct Figures {
    judged: Vec<(f64, bool)>,
}

/// The counts behind precision and recall of the hints from a threshold on.
pub(crate) struct At {
    shown: usize,
    right: usize,
    missing: usize,
    all: usize,
}

impl Figures {
    pub(crate) fn of(examples: &[Example], weights: &SideWeights) -> Self {
        let judge = |example: &Example| (weights.probability(&example.clues), example.is_missing);
        let mut judged: Vec<_> = examples.iter().map(judge).collect();
        judged.sort_by(|a, b| b.0.total_cmp(&a.0));
        Self { judged }
    }

    pub(crate) fn at(&self, least: f64) -> At {
        let shown = self.judged.partition_point(|&(probability, _)| probability >= least);
        let count = |judged: &[(f64, bool)]| judged.iter().filter(|&&(_, is_missing)| is_missing).count();
        At { shown, right: count(&self.judged[..shown]), missing: count(&self.judged), all: self.judged.len() }
    }

    /// The lowest threshold, in hundredths and at least one half, from which on hints have this precision; 1 if there
    /// is none.
    pub(crate) fn least_for(&self, precision: f64) -> f64 {
        let thresholds = (50..100).map(|hundredths| f64::from(hundredths) / 100.0);
        thresholds.into_iter().find(|&least| self.at(least).precision() >= precision).unwrap_or(1.0)
    }

    /// The average precision: the mean of the precision at the rank of each clause without a counterpart, 0..=1.
    fn average_precision(&self) -> f64 {
        let (mut right, mut sum) = (0.0, 0.0);
        for (place, _) in self.judged.iter().enumerate().filter(|(_, judged)| judged.1) {
            right += 1.0;
            sum += right / (place as f64 + 1.0);
        }
        sum / f64::max(right, 1.0)
    }

    /// The expected calibration error, over bins of equal width, of the clauses with at least this probability,
    /// 0..=1.
    fn calibration_error(&self, least: f64) -> f64 {
        let mut bins = [(0.0, 0.0); BINS];
        let judged: Vec<_> = self.judged.iter().filter(|judged| judged.0 >= least).collect();
        for &&(probability, is_missing) in &judged {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a probability")]
            let bin = &mut bins[((probability * BINS as f64) as usize).min(BINS - 1)];
            *bin = (bin.0 + probability, bin.1 + f64::from(is_missing));
        }
        bins.iter().map(|(expected, found): &(f64, f64)| (expected - found).abs()).sum::<f64>()
            / judged.len().max(1) as f64
    }
}

impl At {
    fn precision(&self) -> f64 {
        self.right as f64 / self.shown.max(1) as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / self.missing.max(1) as f64
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (precision, recall) = (self.precision(), self.recall());
        let f1 = 2.0 * precision * recall / f64::max(precision + recall, f64::MIN_POSITIVE);
        let share = 100.0 * self.shown as f64 / self.all.max(1) as f64;
        write!(f, "precision {precision:.3}  recall {recall:.3}  F1 {f1:.3}  shown {share:.2} % of {}", self.all)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = self.at(0.5);
        let missing = 100.0 * at.missing as f64 / at.all.max(1) as f64;
        let (average, error) = (self.average_precision(), self.calibration_error(0.0));
        let of_shown = self.calibration_error(0.5);
        write!(f, "missing {missing:.1} %  average precision {average:.3}  calibration error {error:.3}, ")?;
        write!(f, "{of_shown:.3} from .5 on\n  from .5: {at}")
    }
}
