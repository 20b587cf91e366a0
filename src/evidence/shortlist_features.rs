//! The features of the shortlist: what is asked only of the beads that the first pass leaves.
//!
//! Each belongs to one [`Look`], by its type, or is given by the first pass itself. *Gains* are log-likelihood ratios: how
//! much likelier the text of one side is for the text of the other.

use serde::{Deserialize, Serialize};

use super::{
    band_features::features,
    gain::{GAIN_UNIT, Gain, Least},
    priors::NULL_RATE,
};
use crate::{bead::BeadKind, both::Both};

/// What a pass asks about the beads that are still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// What the lexicon, the punctuation and the surroundings say: [`LexiconFeature`].
    Lexicon,
    /// Of each piece, whether the other side has it: [`TaggerFeature`].
    Tagger,
    /// How likely the translator finds the target: [`ForcedFeature`].
    ForcedDecoding,
}

features! {
    /// What the first pass and the document's priors say of a bead.
    GivenFeature:
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
}

features! {
    /// What words, punctuation and surroundings say of a bead.
    LexiconFeature:
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

    /// Gain of the source's pieces by the lexicon, given the target, in tens of nats.
    SourceGain,
    /// The same for each piece, in nats.
    SourceGainPerPiece,
    /// Its square root, where it is one.
    SourceGainRoot,
    /// Pieces of the source, in tens.
    SourcePieces,
    /// The gain of the source sentence that gains least, where there are several, in tens of nats and at most one.
    SourceLeastGain,
    /// The least gain per piece of a source sentence, where there are several, in nats.
    SourceLeastGainPerPiece,
    /// Pieces of the source that nothing in the target explains, in tens.
    SourceUnexplained,
    /// What the beginning of the source would gain if it belonged to the target sentence before, in tens of nats.
    SourceBefore,
    /// What the end of the source would gain if it belonged to the target sentence after, in tens of nats.
    SourceAfter,

    /// The highest gain of the omitted sentence by a target sentence nearby, in tens of nats.
    OmissionGain,
    /// The same for each piece, in nats.
    OmissionGainPerPiece,
    /// The highest gain of the added sentence by a source sentence nearby, in tens of nats.
    AdditionGain,
    /// The same for each piece, in nats.
    AdditionGainPerPiece,

    /// 1 where one side leaves a quotation open, or begins in the middle of one, and the other does not.
    QuotationDiffers,
    /// 1 where both sides leave a quotation open, or begin inside one, and alike.
    QuotationAlike,
    /// 1 where the source leaves a quotation open, or begins inside one.
    SourceQuotation,
    /// 1 where the target leaves a quotation open, or begins inside one.
    TargetQuotation,
    /// 1 where both sides end with a quotation mark.
    BothEndQuote,
    /// 1 where only the source ends with a quotation mark.
    SourceEndsQuote,
    /// 1 where only the target ends with a quotation mark.
    TargetEndsQuote,
    /// 1 where both sides begin with a quotation mark.
    BothBeginQuote,
    /// 1 where only the source begins with a quotation mark.
    SourceBeginsQuote,
    /// 1 where only the target begins with a quotation mark.
    TargetBeginsQuote,
    /// 1 where both sides end with a question mark.
    BothAsk,
    /// 1 where only the source ends with a question mark.
    SourceAsks,
    /// 1 where only the target ends with a question mark.
    TargetAsks,
    /// 1 where both sides end with an exclamation mark.
    BothExclaim,
    /// 1 where only the source ends with an exclamation mark.
    SourceExclaims,
    /// 1 where only the target ends with an exclamation mark.
    TargetExclaims,
    /// 1 where both sides break off with dots or a dash.
    BothBreakOff,
    /// 1 where only the source breaks off with dots or a dash.
    SourceBreaksOff,
    /// 1 where only the target breaks off with dots or a dash.
    TargetBreaksOff,
    /// 1 where the source introduces direct speech.
    DirectSpeech,
    /// 1 where both sides end with a comma or the like, as no sentence should.
    BothEndComma,
    /// 1 where only the source ends with a comma or the like.
    SourceEndsComma,
    /// 1 where only the target ends with a comma or the like.
    TargetEndsComma,
    /// 1 where an omitted sentence ends with a comma or the like.
    OmissionEndsComma,
    /// 1 where an added sentence ends with a comma or the like.
    AdditionEndsComma,
}

features! {
    /// What the tagger says of a pair.
    TaggerFeature:
    /// By the tagger, the log-odds that a piece of the source is covered, in nats: their mean in each sentence, summed
    /// over the sentences.
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
    /// The log-odds that a piece of the target is covered: their mean in each sentence, summed over the sentences, in nats.
    TargetTags,
    /// The mean of the log-odds over all pieces of the target.
    TargetTagsPerPiece,
    /// The mean of the target sentence that is least covered, where there are several.
    TargetLeastTags,
    /// Pieces of the target that are expected not to be covered, in tens.
    TargetUncovered,
    /// The mean of the first pieces of the target.
    TargetFirst,
    /// The mean of the last pieces of the target.
    TargetLast,
}

features! {
    /// What forced decoding says of a pair.
    #[allow(clippy::enum_variant_names, reason = "the names are those in `aligner.json`")]
    ForcedFeature:
    /// Gain of the target by forced decoding, log P(target | source) − log P(target), in tens of nats.
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

/// One number that speaks for or against a bead of the shortlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortlistFeature {
    /// Known without a look.
    Given(GivenFeature),
    /// Known by [`Look::Lexicon`].
    Lexicon(LexiconFeature),
    /// Known by [`Look::Tagger`].
    Tagger(TaggerFeature),
    /// Known by [`Look::ForcedDecoding`].
    Forced(ForcedFeature),
}

/// How many features come before those of the lexicon, of the tagger, of forced decoding.
const BEFORE_LEXICON: usize = GivenFeature::ALL.len();
const BEFORE_TAGGER: usize = BEFORE_LEXICON + LexiconFeature::ALL.len();
const BEFORE_FORCED: usize = BEFORE_TAGGER + TaggerFeature::ALL.len();

/// How many features there are.
pub const N_SHORTLIST_FEATURES: usize = BEFORE_FORCED + ForcedFeature::ALL.len();

impl ShortlistFeature {
    /// Every feature, in the order of [`ShortlistFeatures`].
    pub fn all() -> impl Iterator<Item = Self> {
        let given = GivenFeature::ALL.into_iter().map(Self::Given);
        let lexicon = LexiconFeature::ALL.into_iter().map(Self::Lexicon);
        let tagger = TaggerFeature::ALL.into_iter().map(Self::Tagger);
        given.chain(lexicon).chain(tagger).chain(ForcedFeature::ALL.into_iter().map(Self::Forced))
    }

    /// Its place among the values, below [`N_SHORTLIST_FEATURES`].
    pub fn index(self) -> usize {
        match self {
            Self::Given(feature) => feature as usize,
            Self::Lexicon(feature) => BEFORE_LEXICON + feature as usize,
            Self::Tagger(feature) => BEFORE_TAGGER + feature as usize,
            Self::Forced(feature) => BEFORE_FORCED + feature as usize,
        }
    }

    /// The look that finds it; `None` where none is needed.
    pub fn look(self) -> Option<Look> {
        match self {
            Self::Given(_) => None,
            Self::Lexicon(_) => Some(Look::Lexicon),
            Self::Tagger(_) => Some(Look::Tagger),
            Self::Forced(_) => Some(Look::ForcedDecoding),
        }
    }

    /// What `aligner.json` calls it.
    pub fn name(self) -> String {
        match self {
            Self::Given(feature) => format!("{feature:?}"),
            Self::Lexicon(feature) => format!("{feature:?}"),
            Self::Tagger(feature) => format!("{feature:?}"),
            Self::Forced(feature) => format!("{feature:?}"),
        }
    }
}

impl From<GivenFeature> for ShortlistFeature {
    fn from(feature: GivenFeature) -> Self {
        Self::Given(feature)
    }
}

impl From<LexiconFeature> for ShortlistFeature {
    fn from(feature: LexiconFeature) -> Self {
        Self::Lexicon(feature)
    }
}

impl From<TaggerFeature> for ShortlistFeature {
    fn from(feature: TaggerFeature) -> Self {
        Self::Tagger(feature)
    }
}

impl From<ForcedFeature> for ShortlistFeature {
    fn from(feature: ForcedFeature) -> Self {
        Self::Forced(feature)
    }
}

/// The values of a bead's features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortlistFeatures(pub [f64; N_SHORTLIST_FEATURES]);

impl ShortlistFeatures {
    /// What is known of a bead to begin with: its log-potential in the first pass, in nats.
    pub fn new(first_pass: f64) -> Self {
        let mut features = Self([0.0; N_SHORTLIST_FEATURES]);
        features.set(GivenFeature::FirstPass, first_pass);
        features
    }

    /// Adds what the document's own rates say of a null bead, from the share of sentences of each side without a
    /// counterpart.
    pub fn add_null_priors(&mut self, kind: BeadKind, shares: Both<f64>) {
        match kind {
            BeadKind { target: 0, .. } => self.set(GivenFeature::OmissionPrior, (shares.source / NULL_RATE).ln()),
            BeadKind { source: 0, .. } => self.set(GivenFeature::AdditionPrior, (shares.target / NULL_RATE).ln()),
            _ => {}
        }
    }

    /// Adds what forced decoding found of a pair, sentence by sentence of its target.
    pub fn add_forced(&mut self, sentences: &[Gain]) {
        let sum = Gain::sum(sentences);
        self.set(ForcedFeature::ForcedGain, sum.nats / GAIN_UNIT);
        self.set(ForcedFeature::ForcedGainPerPiece, sum.per_piece());
        self.set(ForcedFeature::ForcedGainRoot, sum.nats.max(0.0).sqrt());
        self.set(ForcedFeature::ForcedPieces, sum.pieces as f64 / GAIN_UNIT);
        if let Some(least) = Least::of(sentences) {
            self.set(ForcedFeature::ForcedLeastGain, (least.nats / GAIN_UNIT).min(1.0));
            self.set(ForcedFeature::ForcedLeastGainPerPiece, least.per_piece);
        }
    }

    /// The value of a feature; 0 before the look that finds it.
    pub fn get(&self, feature: impl Into<ShortlistFeature>) -> f64 {
        self.0[feature.into().index()]
    }

    pub(super) fn set(&mut self, feature: impl Into<ShortlistFeature>, value: impl Into<f64>) {
        self.0[feature.into().index()] = value.into();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_feature_has_a_place_and_a_name_of_its_own() {
        let places: Vec<usize> = ShortlistFeature::all().map(ShortlistFeature::index).collect();
        assert_eq!(places, (0..N_SHORTLIST_FEATURES).collect::<Vec<_>>());
        let names: BTreeSet<String> = ShortlistFeature::all().map(ShortlistFeature::name).collect();
        assert_eq!(names.len(), N_SHORTLIST_FEATURES);
    }
}
