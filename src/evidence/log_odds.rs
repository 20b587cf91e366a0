//! Log-odds, and the probabilities that they stand for.

/// The probability of log-odds in nats, 0..=1.
pub(crate) fn probability(log_odds: f64) -> f64 {
    1.0 / (1.0 + (-log_odds).exp())
}
