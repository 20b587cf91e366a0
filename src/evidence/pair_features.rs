//! The features of a pair that stands alone, as corpora have them: what its texts say of each other, and nothing of
//! any neighbours.

use super::{
    band_features::features,
    bead_features::ShortlistFeatures,
    lengths::{LENGTH_VARIANCE, LENGTH_VARIANCE_OF_ONE, LOG_LENGTH_RATIOS},
    numbers,
    shortlist_features::{ForcedFeature, LexiconFeature, ShortlistFeature, TaggerFeature},
};
use crate::{
    bead::BeadKind,
    both::Both,
    text::{quantities, visible_length},
};

features! {
    /// A feature that is known without a look.
    PlainFeature:
    /// 1: its weight says how likely a pair is of which nothing is known.
    Bias,
    /// How much shorter the target is than translations are, in standard deviations; 0 where it is longer.
    TargetShort,
    /// How much longer the target is than translations are, in standard deviations; 0 where it is shorter.
    TargetLong,
    /// Log of the characters of the source.
    SourceLength,
    /// Cosine of the embeddings of the sides, −1 to 1.
    Cosine,
    /// 1 where each side has a number that the other has not.
    NumbersDiffer,
    /// Number of the source's quantities that the target lacks, at most three.
    QuantitiesMissing,
    /// 1 where the sides are of several sentences, and not as many.
    SentencesDiffer,
}

/// The most deviations of a length that are counted, and quantities.
const MOST_DEVIATIONS: f64 = 4.0;
const MOST_QUANTITIES: usize = 3;

/// A feature of a pair that stands alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairFeature {
    /// Known without a look.
    Plain(PlainFeature),
    /// Found as of a bead.
    Bead(ShortlistFeature),
}

impl PairFeature {
    /// All features, in the order of [`PairFeatures::values`]: none that tells of neighbours.
    pub fn all() -> impl Iterator<Item = Self> {
        let of_bead = ShortlistFeature::all().filter(|&feature| is_of_pair(feature)).map(Self::Bead);
        PlainFeature::ALL.into_iter().map(Self::Plain).chain(of_bead)
    }

    /// The name of the feature in `scorer.json`.
    pub fn name(self) -> String {
        match self {
            Self::Plain(feature) => format!("{feature:?}"),
            Self::Bead(feature) => feature.name(),
        }
    }

    /// Whether forced decoding must be asked for the feature.
    pub fn is_forced(self) -> bool {
        matches!(self, Self::Bead(ShortlistFeature::Forced(_)))
    }
}

/// Whether a feature of a bead says something of a pair without neighbours.
fn is_of_pair(feature: ShortlistFeature) -> bool {
    use LexiconFeature as F;
    match feature {
        ShortlistFeature::Given(_) | ShortlistFeature::Links(_) => false,
        ShortlistFeature::Lexicon(feature) => !matches!(
            feature,
            F::PairAmongNulls
                | F::NullAmongNulls
                | F::TargetBefore
                | F::TargetAfter
                | F::SourceBefore
                | F::SourceAfter
                | F::OmissionGain
                | F::OmissionGainPerPiece
                | F::AdditionGain
                | F::AdditionGainPerPiece
                | F::OmissionEndsComma
                | F::AdditionEndsComma
                | F::TargetGainLevel
                | F::TargetGainLevelBySource
                | F::TargetGainLevelByTarget
                | F::SourceGainLevel
                | F::SourceGainLevelBySource
                | F::SourceGainLevelByTarget
        ),
        ShortlistFeature::Tagger(feature) => {
            // What stands at the border may belong to a neighbour.
            use TaggerFeature as F;
            !matches!(
                feature,
                F::SourceTags
                    | F::TargetTags
                    | F::SourceElsewhere
                    | F::SourceNowhere
                    | F::TargetElsewhere
                    | F::TargetNowhere
                    | F::SourceTagsLevel
                    | F::SourceTagsLevelBySource
                    | F::SourceTagsLevelByTarget
                    | F::TargetTagsLevel
                    | F::TargetTagsLevelBySource
                    | F::TargetTagsLevelByTarget
            )
        }
        ShortlistFeature::Forced(feature) => feature != ForcedFeature::ForcedPieces,
    }
}

/// Values of the features of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PairFeatures {
    plain: [f64; PlainFeature::ALL.len()],
    /// What is found as of a bead.
    pub bead: ShortlistFeatures,
}

impl PairFeatures {
    /// The features of a pair of texts before any look: from its texts, the cosine of their embeddings, and the
    /// number of sentences of each.
    pub fn new(texts: Both<&str>, cosine: f64, n_sentences: Both<usize>) -> Self {
        let mut features =
            Self { plain: [0.0; PlainFeature::ALL.len()], bead: ShortlistFeatures::new(0.0, BeadKind::ONE_TO_ONE) };
        let lengths = texts.map(|text| visible_length(text) as f64);
        let typical = f64::midpoint(*LOG_LENGTH_RATIOS.start(), *LOG_LENGTH_RATIOS.end());
        let variance = LENGTH_VARIANCE + LENGTH_VARIANCE_OF_ONE / (lengths.source + 1.0);
        let ratio = ((lengths.target + 1.0) / (lengths.source + 1.0)).ln();
        let deviations = ((ratio - typical) / variance.sqrt()).clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS);
        let missing = quantities::missing(texts.source, texts.target).len().min(MOST_QUANTITIES);
        let several = n_sentences.source.max(n_sentences.target) > 1 && n_sentences.source != n_sentences.target;
        features.set(PlainFeature::Bias, 1.0);
        features.set(PlainFeature::TargetShort, (-deviations).max(0.0));
        features.set(PlainFeature::TargetLong, deviations.max(0.0));
        features.set(PlainFeature::SourceLength, lengths.source.ln_1p());
        features.set(PlainFeature::Cosine, cosine);
        features.set(PlainFeature::NumbersDiffer, f64::from(numbers::are_inconsistent(texts.source, texts.target)));
        features.set(PlainFeature::QuantitiesMissing, missing as f64);
        features.set(PlainFeature::SentencesDiffer, f64::from(several));
        features
    }

    fn set(&mut self, feature: PlainFeature, value: f64) {
        self.plain[feature as usize] = value;
    }

    /// The value of a feature; 0 before the look that finds it.
    pub fn get(&self, feature: PairFeature) -> f64 {
        match feature {
            PairFeature::Plain(feature) => self.plain[feature as usize],
            PairFeature::Bead(feature) => self.bead.get(feature),
        }
    }

    /// The values of all features, in the order of [`PairFeature::all`].
    pub fn values(&self) -> Vec<f64> {
        PairFeature::all().map(|feature| self.get(feature)).collect()
    }
}
