//! Gains: how much likelier a text is for what it is paired with than without it.

/// Nats, or pieces, that make up one unit of a feature, so that its weight is of the size of others.
pub(super) const GAIN_UNIT: f64 = 10.0;

/// How much likelier a sentence, or a run of them, is for what it is paired with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// log P(text | other side) − log P(text).
    pub nats: f64,
    /// Its pieces.
    pub pieces: usize,
}

impl Gain {
    pub(super) fn sum(sentences: &[Self]) -> Self {
        Self {
            nats: sentences.iter().map(|gain| gain.nats).sum(),
            pieces: sentences.iter().map(|gain| gain.pieces).sum(),
        }
    }

    pub(super) fn per_piece(self) -> f64 {
        self.nats / self.pieces.max(1) as f64
    }
}

/// The least of several sentences' gains.
pub(super) struct Least {
    pub(super) nats: f64,
    pub(super) per_piece: f64,
}

impl Least {
    /// `None` of a single sentence.
    pub(super) fn of(sentences: &[Gain]) -> Option<Self> {
        let least = |value: fn(&Gain) -> f64| sentences.iter().map(value).fold(f64::INFINITY, f64::min);
        (sentences.len() > 1).then(|| Self { nats: least(|gain| gain.nats), per_piece: least(|gain| gain.per_piece()) })
    }
}
