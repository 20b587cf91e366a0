//! Gains: log-likelihood ratios of a text, given what it is paired with against without it.

/// The unit of features that are gains or numbers of pieces, in nats or pieces, so that their weights are of the size
/// of others.
pub(super) const GAIN_UNIT: f64 = 10.0;

/// The gain of a sentence, or of a run of them, from what it is paired with.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Gain {
    /// log P(text | other side) − log P(text), in nats.
    pub nats: f64,
    /// The number of the text's pieces.
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

/// The least gain of several sentences, in sum and per piece.
pub(super) struct Least {
    pub(super) nats: f64,
    pub(super) per_piece: f64,
}

impl Least {
    /// The least of these gains; `None` of a single sentence.
    pub(super) fn of(sentences: &[Gain]) -> Option<Self> {
        let least = |value: fn(&Gain) -> f64| sentences.iter().map(value).fold(f64::INFINITY, f64::min);
        (sentences.len() > 1).then(|| Self { nats: least(|gain| gain.nats), per_piece: least(|gain| gain.per_piece()) })
    }
}
