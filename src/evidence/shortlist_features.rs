//! The features of the later passes: what is asked only of the beads that the first pass leaves.
//!
//! Each belongs to one [`Look`], by its type, or is given by the first pass itself. *Gains* are log-likelihood
//! ratios: how much likelier the text of one side is for the text of the other.

use serde::{Deserialize, Serialize};

use super::{band_features::features, links::LinkFeature};

/// A look: what a pass asks about the beads that are still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Look {
    /// The lexicon, the punctuation and the surroundings: [`LexiconFeature`].
    Lexicon,
    /// The tagger, which says of each piece whether the other side has it, and where: [`TaggerFeature`], [`LinkFeature`].
    Tagger,
    /// Forced decoding, which says how likely the translator finds the target: [`ForcedFeature`].
    ForcedDecoding,
}

features! {
    /// A feature from the first pass and the document's priors.
    GivenFeature:
    /// The log-potential of the bead in the first pass, the document's priors included, in nats.
    FirstPass,
    /// 1 where a gap begins. No feature of a bead: its weight is the log-potential of the opening.
    GapOpening,
    /// Log of how much likelier the beginning of a gap is in this document than in training, in nats.
    GapPrior,
    /// For 1:0, the log of how much likelier it is here than in training that a source sentence has no counterpart, in
    /// nats.
    OmissionPrior,
    /// For 0:1, the log of how much likelier it is here than in training that a target sentence has no counterpart, in
    /// nats.
    AdditionPrior,
    /// 1 for a 1:1 bead.
    OneToOne,
    /// 1 for a 1:2 bead.
    OneToTwo,
    /// 1 for a 2:1 bead.
    TwoToOne,
    /// 1 for a bead of one source sentence and three or more target sentences.
    OneToMany,
    /// 1 for a bead of three or more source sentences and one target sentence.
    ManyToOne,
    /// 1 for a 2:2 bead.
    TwoToTwo,
    /// 1 for a larger bead of several sentences on each side.
    ManyToMany,
}

features! {
    /// A feature from words, punctuation and surroundings.
    LexiconFeature:
    /// For a pair, the share of sentences around it that have no counterpart, 0 to 1.
    PairAmongNulls,
    /// For a null, the share of sentences around it that have no counterpart, 0 to 1.
    NullAmongNulls,

    /// Gain of the target's pieces by the lexicon, given the source, in tens of nats.
    TargetGain,
    /// Gain of the target by the lexicon for each piece, in nats.
    TargetGainPerPiece,
    /// Square root of the gain of the target by the lexicon in nats, where it is above 0.
    TargetGainRoot,
    /// Number of the target's pieces, in tens.
    TargetPieces,
    /// The gain of the target sentence that gains least, where there are several, in tens of nats and at most one.
    TargetLeastGain,
    /// The least gain per piece of a target sentence, where there are several, in nats.
    TargetLeastGainPerPiece,
    /// Number of the target's pieces that nothing in the source explains, in tens.
    TargetUnexplained,
    /// Gain of the beginning of the target if it belonged to the source sentence before, in tens of nats.
    TargetBefore,
    /// Gain of the end of the target if it belonged to the source sentence after, in tens of nats.
    TargetAfter,

    /// Gain of the source's pieces by the lexicon, given the target, in tens of nats.
    SourceGain,
    /// Gain of the source by the lexicon for each piece, in nats.
    SourceGainPerPiece,
    /// Square root of the gain of the source by the lexicon in nats, where it is above 0.
    SourceGainRoot,
    /// Number of the source's pieces, in tens.
    SourcePieces,
    /// The gain of the source sentence that gains least, where there are several, in tens of nats and at most one.
    SourceLeastGain,
    /// The least gain per piece of a source sentence, where there are several, in nats.
    SourceLeastGainPerPiece,
    /// Number of the source's pieces that nothing in the target explains, in tens.
    SourceUnexplained,
    /// Gain of the beginning of the source if it belonged to the target sentence before, in tens of nats.
    SourceBefore,
    /// Gain of the end of the source if it belonged to the target sentence after, in tens of nats.
    SourceAfter,

    /// The highest gain of the omitted sentence by a target sentence nearby, in tens of nats.
    OmissionGain,
    /// The highest gain per piece of the omitted sentence by a target sentence nearby, in nats.
    OmissionGainPerPiece,
    /// The highest gain of the added sentence by a source sentence nearby, in tens of nats.
    AdditionGain,
    /// The highest gain per piece of the added sentence by a source sentence nearby, in nats.
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

    /// The document's level of [`Self::TargetGainPerPiece`]: its mean over sure pairs, in nats.
    TargetGainLevel,
    /// The same for each source sentence beyond the first.
    TargetGainLevelBySource,
    /// The same for each target sentence beyond the first.
    TargetGainLevelByTarget,
    /// The document's level of [`Self::SourceGainPerPiece`], in nats.
    SourceGainLevel,
    /// The same for each source sentence beyond the first.
    SourceGainLevelBySource,
    /// The same for each target sentence beyond the first.
    SourceGainLevelByTarget,
}

features! {
    /// A feature from the tagger.
    TaggerFeature:
    /// Log-odds by the tagger that a piece of the source is covered, in nats: their mean in each sentence, summed
    /// over the sentences.
    SourceTags,
    /// Mean of the log-odds over all pieces of the source, in nats.
    SourceTagsPerPiece,
    /// Mean of the log-odds in the source sentence that is least covered, where there are several, in nats.
    SourceLeastTags,
    /// Number of the source's pieces that are expected not to be covered, in tens.
    SourceUncovered,
    /// Mean of the log-odds of the first pieces of the source, in nats.
    SourceFirst,
    /// Mean of the log-odds of the last pieces of the source, in nats.
    SourceLast,
    /// Number of the source's pieces that are expected to be covered by its surroundings and not by the pair, in tens.
    SourceElsewhere,
    /// Number of the source's pieces that are expected not to be covered by its surroundings either, in tens.
    SourceNowhere,
    /// Expected share of the first pieces of the source that are covered by its surroundings and not by the pair.
    SourceFirstElsewhere,
    /// Expected share of the last pieces of the source that are covered by its surroundings and not by the pair.
    SourceLastElsewhere,
    /// Log-odds by the tagger that a piece of the target is covered, in nats: their mean in each sentence, summed
    /// over the sentences.
    TargetTags,
    /// Mean of the log-odds over all pieces of the target, in nats.
    TargetTagsPerPiece,
    /// Mean of the log-odds in the target sentence that is least covered, where there are several, in nats.
    TargetLeastTags,
    /// Number of the target's pieces that are expected not to be covered, in tens.
    TargetUncovered,
    /// Mean of the log-odds of the first pieces of the target, in nats.
    TargetFirst,
    /// Mean of the log-odds of the last pieces of the target, in nats.
    TargetLast,
    /// Number of the target's pieces that are expected to be covered by its surroundings and not by the pair, in tens.
    TargetElsewhere,
    /// Number of the target's pieces that are expected not to be covered by its surroundings either, in tens.
    TargetNowhere,
    /// Expected share of the first pieces of the target that are covered by its surroundings and not by the pair.
    TargetFirstElsewhere,
    /// Expected share of the last pieces of the target that are covered by its surroundings and not by the pair.
    TargetLastElsewhere,

    /// Mean of the log-odds by the tagger that a piece of the omitted sentence is covered by its surroundings, in nats.
    OmissionTagsAround,
    /// Expected share of the pieces of the omitted sentence that its surroundings do not cover.
    OmissionUncoveredAround,
    /// Mean of the log-odds by the tagger that a piece of the added sentence is covered by its surroundings, in nats.
    AdditionTagsAround,
    /// Expected share of the pieces of the added sentence that its surroundings do not cover.
    AdditionUncoveredAround,

    /// The document's level of [`Self::SourceTagsPerPiece`]: its mean over sure pairs, in nats.
    SourceTagsLevel,
    /// The same for each source sentence beyond the first.
    SourceTagsLevelBySource,
    /// The same for each target sentence beyond the first.
    SourceTagsLevelByTarget,
    /// The document's level of [`Self::TargetTagsPerPiece`], in nats.
    TargetTagsLevel,
    /// The same for each source sentence beyond the first.
    TargetTagsLevelBySource,
    /// The same for each target sentence beyond the first.
    TargetTagsLevelByTarget,
}

features! {
    /// A feature of a pair from forced decoding.
    #[allow(clippy::enum_variant_names, reason = "the names are those in `aligner.json`")]
    ForcedFeature:
    /// Gain of the target by forced decoding, log P(target | source) − log P(target), in tens of nats.
    ForcedGain,
    /// Gain of the target by forced decoding for each piece, in nats.
    ForcedGainPerPiece,
    /// Square root of the gain of the target by forced decoding in nats, where it is above 0.
    ForcedGainRoot,
    /// Number of the target's pieces as the translator cuts it, in tens.
    ForcedPieces,
    /// The gain of the target sentence that gains least, where there are several, in tens of nats and at most one: a
    /// sentence that was only glued on gains nothing.
    ForcedLeastGain,
    /// The least gain per piece of a target sentence, where there are several, in nats.
    ForcedLeastGainPerPiece,
}

/// A feature of the later passes: one number that speaks for or against a bead of the shortlist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShortlistFeature {
    /// Known from the first pass, without a look.
    Given(GivenFeature),
    /// Found by [`Look::Lexicon`].
    Lexicon(LexiconFeature),
    /// Found by [`Look::Tagger`].
    Tagger(TaggerFeature),
    /// Found by [`Look::Tagger`].
    Links(LinkFeature),
    /// Found by [`Look::ForcedDecoding`].
    Forced(ForcedFeature),
}

/// The index of the first feature of the lexicon, of the tagger, of links, of forced decoding.
const BEFORE_LEXICON: usize = GivenFeature::ALL.len();
const BEFORE_TAGGER: usize = BEFORE_LEXICON + LexiconFeature::ALL.len();
const BEFORE_LINKS: usize = BEFORE_TAGGER + TaggerFeature::ALL.len();
const BEFORE_FORCED: usize = BEFORE_LINKS + LinkFeature::ALL.len();

/// Number of features of the later passes.
pub const N_SHORTLIST_FEATURES: usize = BEFORE_FORCED + ForcedFeature::ALL.len();

impl ShortlistFeature {
    /// All features, in the order of their values.
    pub fn all() -> impl Iterator<Item = Self> {
        let given = GivenFeature::ALL.into_iter().map(Self::Given);
        let lexicon = LexiconFeature::ALL.into_iter().map(Self::Lexicon);
        let tagger = TaggerFeature::ALL.into_iter().map(Self::Tagger);
        let links = LinkFeature::ALL.into_iter().map(Self::Links);
        given.chain(lexicon).chain(tagger).chain(links).chain(ForcedFeature::ALL.into_iter().map(Self::Forced))
    }

    /// The index of the feature's value, below [`N_SHORTLIST_FEATURES`].
    pub fn index(self) -> usize {
        match self {
            Self::Given(feature) => feature as usize,
            Self::Lexicon(feature) => BEFORE_LEXICON + feature as usize,
            Self::Tagger(feature) => BEFORE_TAGGER + feature as usize,
            Self::Links(feature) => BEFORE_LINKS + feature as usize,
            Self::Forced(feature) => BEFORE_FORCED + feature as usize,
        }
    }

    /// The look that finds the feature; `None` where none is needed.
    pub fn look(self) -> Option<Look> {
        match self {
            Self::Given(_) => None,
            Self::Lexicon(_) => Some(Look::Lexicon),
            Self::Tagger(_) | Self::Links(_) => Some(Look::Tagger),
            Self::Forced(_) => Some(Look::ForcedDecoding),
        }
    }

    /// The name of the feature in `aligner.json`.
    pub fn name(self) -> String {
        match self {
            Self::Given(feature) => format!("{feature:?}"),
            Self::Lexicon(feature) => format!("{feature:?}"),
            Self::Tagger(feature) => format!("{feature:?}"),
            Self::Links(feature) => format!("{feature:?}"),
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

impl From<LinkFeature> for ShortlistFeature {
    fn from(feature: LinkFeature) -> Self {
        Self::Links(feature)
    }
}

impl From<ForcedFeature> for ShortlistFeature {
    fn from(feature: ForcedFeature) -> Self {
        Self::Forced(feature)
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
