//! The features of the shortlist: what is asked only of the beads that a first pass leaves.

use super::{band_features::features, weights::NULL_RATE};
use crate::{bead::BeadKind, both::Both};

features! {
    /// One number that speaks for or against a bead. *Gains* are log-likelihood ratios: how much likelier the text of one
    /// side is for the text of the other. The order is that of [`ShortlistFeatures`].
    ShortlistFeature, N_SHORTLIST_FEATURES:

    /// The log-potential of the bead in the first pass, the document's priors included, in nats.
    FirstPass,
    /// 1 where a gap begins. No feature of a bead: its weight is the log-potential of the opening.
    GapOpening,
    /// How much likelier the beginning of a gap is in this document than in training, in nats.
    GapPrior,
    /// For 1:0, how much likelier it is here than in training that a source sentence has no counterpart, in nats.
    OmissionPrior,
    /// For 0:1, as `OmissionPrior`, of target sentences.
    AdditionPrior,
    /// For a pair, the share of sentences around it that have no counterpart, 0 to 1.
    PairAmongNulls,
    /// The same for a null bead.
    NullAmongNulls,

    /// Gain of the target's pieces by the lexicon, in tens of nats.
    TargetGain,
    /// The same for each piece, in nats.
    TargetGainPerPiece,
    /// Its square root, where it is one.
    TargetGainRoot,
    /// Pieces of the target, in tens.
    TargetPieces,
    /// The gain of the target sentence that gains least, where there are several, in tens of nats and at most one.
    TargetLeastGain,
    /// The least gain per piece of a target sentence, where there are several, in nats.
    TargetLeastGainPerPiece,
    /// Pieces of the target that nothing in the source explains, in tens.
    TargetUnexplained,
    /// What the beginning of the target would gain if it belonged to the source sentence before, in tens of nats.
    TargetBefore,
    /// What the end of the target would gain if it belonged to the source sentence after, in tens of nats.
    TargetAfter,

    /// As `TargetGain`, for the source given the target; so the next eight.
    SourceGain,
    /// As `TargetGainPerPiece`.
    SourceGainPerPiece,
    /// As `TargetGainRoot`.
    SourceGainRoot,
    /// As `TargetPieces`.
    SourcePieces,
    /// As `TargetLeastGain`.
    SourceLeastGain,
    /// As `TargetLeastGainPerPiece`.
    SourceLeastGainPerPiece,
    /// As `TargetUnexplained`.
    SourceUnexplained,
    /// As `TargetBefore`.
    SourceBefore,
    /// As `TargetAfter`.
    SourceAfter,

    /// The highest gain of the omitted sentence by a target sentence nearby, in tens of nats.
    OmissionGain,
    /// The same for each piece, in nats.
    OmissionGainPerPiece,
    /// As `OmissionGain`, for the added sentence.
    AdditionGain,
    /// As `OmissionGainPerPiece`.
    AdditionGainPerPiece,

    /// 1 where one side leaves a quotation open, or begins in the middle of one, and the other does not.
    QuotationDiffers,
    /// 1 where both sides do, and alike.
    QuotationAlike,
    /// 1 where the source does.
    SourceQuotation,
    /// 1 where the target does.
    TargetQuotation,
    /// 1 where both sides end with a quotation mark; so for the next fourteen.
    BothEndQuote,
    /// Only the source does.
    SourceEndsQuote,
    /// Only the target does.
    TargetEndsQuote,
    /// Both sides begin with a quotation mark.
    BothBeginQuote,
    /// Only the source does.
    SourceBeginsQuote,
    /// Only the target does.
    TargetBeginsQuote,
    /// Both sides end with a question mark.
    BothAsk,
    /// Only the source does.
    SourceAsks,
    /// Only the target does.
    TargetAsks,
    /// Both sides end with an exclamation mark.
    BothExclaim,
    /// Only the source does.
    SourceExclaims,
    /// Only the target does.
    TargetExclaims,
    /// Both sides break off with dots or a dash.
    BothBreakOff,
    /// Only the source does.
    SourceBreaksOff,
    /// Only the target does.
    TargetBreaksOff,
    /// 1 where the source introduces direct speech.
    DirectSpeech,
    /// 1 where both sides end with a comma or the like, as no sentence should.
    BothEndComma,
    /// Only the source does.
    SourceEndsComma,
    /// Only the target does.
    TargetEndsComma,
    /// An omitted sentence does.
    OmissionEndsComma,
    /// An added sentence does.
    AdditionEndsComma,

    /// By the tagger, the log-odds that a piece of the source is covered, in nats: their mean in each sentence, summed
    /// over the sentences. This and what follows is known from the third pass on.
    SourceTags,
    /// Their mean over all pieces.
    SourceTagsPerPiece,
    /// The mean of the sentence that is least covered, where there are several.
    SourceLeastTags,
    /// Pieces that are expected not to be covered, in tens.
    SourceUncovered,
    /// The mean of the first pieces.
    SourceFirst,
    /// The mean of the last pieces.
    SourceLast,
    /// As `SourceTags`; so the next five.
    TargetTags,
    /// As `SourceTagsPerPiece`.
    TargetTagsPerPiece,
    /// As `SourceLeastTags`.
    TargetLeastTags,
    /// As `SourceUncovered`.
    TargetUncovered,
    /// As `SourceFirst`.
    TargetFirst,
    /// As `SourceLast`.
    TargetLast,

    /// Gain of the target by forced decoding, log P(target | source) − log P(target), in tens of nats. This and what
    /// follows is known in the fourth pass only.
    ForcedGain,
    /// The same for each piece, in nats.
    ForcedGainPerPiece,
    /// Its square root, where it is one.
    ForcedGainRoot,
    /// Pieces of the target as the translator cuts it, in tens.
    ForcedPieces,
    /// The gain of the target sentence that gains least, where there are several, in tens of nats and at most one: a
    /// sentence that was only glued on gains nothing.
    ForcedLeastGain,
    /// The least gain per piece of a target sentence, where there are several, in nats.
    ForcedLeastGainPerPiece,
}

/// The values of a bead's features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortlistFeatures(pub [f64; N_SHORTLIST_FEATURES]);

impl ShortlistFeatures {
    /// What is known of a bead to begin with: its log-potential in the first pass, in nats.
    pub fn new(first_pass: f64) -> Self {
        let mut features = Self([0.0; N_SHORTLIST_FEATURES]);
        features.set(ShortlistFeature::FirstPass, first_pass);
        features
    }

    /// Adds what the document's own rates say of a null bead, from the share of sentences of each side without a
    /// counterpart.
    pub fn add_null_shares(&mut self, kind: BeadKind, shares: Both<f64>) {
        match kind {
            BeadKind { target: 0, .. } => self.set(ShortlistFeature::OmissionPrior, (shares.source / NULL_RATE).ln()),
            BeadKind { source: 0, .. } => self.set(ShortlistFeature::AdditionPrior, (shares.target / NULL_RATE).ln()),
            _ => {}
        }
    }

    /// Adds what forced decoding found of a pair, sentence by sentence of its target.
    pub fn add_forced(&mut self, sentences: &[Gain]) {
        let sum = Gain::sum(sentences);
        self.set(ShortlistFeature::ForcedGain, sum.nats / GAIN_UNIT);
        self.set(ShortlistFeature::ForcedGainPerPiece, sum.per_piece());
        self.set(ShortlistFeature::ForcedGainRoot, sum.nats.max(0.0).sqrt());
        self.set(ShortlistFeature::ForcedPieces, sum.pieces as f64 / GAIN_UNIT);
        if let Some(least) = Least::of(sentences) {
            self.set(ShortlistFeature::ForcedLeastGain, (least.nats / GAIN_UNIT).min(1.0));
            self.set(ShortlistFeature::ForcedLeastGainPerPiece, least.per_piece);
        }
    }

    pub(super) fn set(&mut self, feature: ShortlistFeature, value: impl Into<f64>) {
        self.0[feature as usize] = value.into();
    }
}

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
