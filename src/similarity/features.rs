//! The features of a bead: everything that the aligner looks at.

use crate::bead::BeadKind;

/// Defines the enumeration and the list of all features, so that neither lacks one.
macro_rules! features {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One number that speaks for or against a bead. The order is that of [`Features`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Feature {
            $($(#[$doc])* $name,)*
        }

        impl Feature {
            /// Every feature, in order.
            pub const ALL: [Self; N_FEATURES] = [$(Self::$name),*];
        }

        /// How many features there are.
        pub const N_FEATURES: usize = [$(Feature::$name),*].len();
    };
}

features! {
    /// 1 for a 1:1 bead.
    OneToOne,
    /// 1 for 1:2.
    OneToTwo,
    /// 1 for 2:1.
    TwoToOne,
    /// 1 for 1:3.
    OneToThree,
    /// 1 for 3:1.
    ThreeToOne,
    /// 1 for 2:2.
    TwoToTwo,
    /// 1 for 1:4 and up, 4:1 and up.
    OneToMany,
    /// 1 for 2:3 and up, 3:2 and up.
    ManyToMany,
    /// Sentences in the bead beyond two.
    Size,
    /// Cosine of the embeddings.
    Cosine,
    /// The same times the bead's sentences: evidence grows with the text it is about.
    CosineMass,
    /// The mean cosine of random sentences of this document, times the bead's sentences: what `CosineMass` is worth here.
    BaselineMass,
    /// The cosine that a sentence's best counterpart typically reaches in this document, times the bead's sentences: a
    /// free translation stays far below a literal one.
    LevelMass,
    /// Mean cosine of each run with the other side's neighbours just outside the bead, times the bead's sentences
    /// (Bertalign's margin; this is what stops over-merging).
    NeighbourMass,
    /// The largest of those cosines.
    NeighbourMax,
    /// How much the cosine would fall if the bead lost the sentence at an edge that it can best do without.
    EdgeGain,
    /// How much the cosine would rise if the bead took in the neighbouring sentence that fits best.
    ExtensionGain,
    /// Cosine of the words of the translation and of the target, weighted by rarity.
    WordCosine,
    /// The same times the bead's sentences.
    WordMass,
    /// As `NeighbourMass`, for words.
    WordNeighbourMass,
    /// As `EdgeGain`, for words.
    WordEdgeGain,
    /// As `ExtensionGain`, for words.
    WordExtensionGain,
    /// Cosine of numbers and Latin names, where both sides have some.
    AnchorCosine,
    /// 1 minus that, where both sides have some.
    AnchorMismatch,
    /// 1 minus the cosine of question and exclamation marks, quotes and the like, where either side has some.
    MarkMismatch,
    /// The same times the bead's sentences.
    MarkMismatchMass,
    /// Square of the standardised log length ratio, capped.
    LengthSquare,
    /// Its absolute value, capped.
    Length,
    /// Paragraph ends inside the bead, both sides together.
    ParagraphsJoined,
    /// 1 where the bead starts a paragraph on one side only.
    ParagraphSkew,
    /// 1 for 1:0.
    Omission,
    /// Highest cosine of the omitted sentence with a target sentence nearby.
    OmissionBest,
    /// The same for words.
    OmissionWordBest,
    /// Log of the omitted sentence's characters.
    OmissionLength,
    /// The mean cosine of random sentences, for 1:0.
    OmissionBaseline,
    /// The typical best cosine, for 1:0.
    OmissionLevel,
    /// 1 for 0:1.
    Addition,
    /// Highest cosine of the added sentence with a source sentence nearby.
    AdditionBest,
    /// The same for words.
    AdditionWordBest,
    /// Log of the added sentence's characters.
    AdditionLength,
    /// The mean cosine of random sentences, for 0:1.
    AdditionBaseline,
    /// The typical best cosine, for 0:1.
    AdditionLevel,
    /// 1 where a gap begins. No feature of a bead: its weight is the log-potential of the opening.
    GapOpening,
    /// How much likelier a bead of this kind, or the beginning of a gap, is in this document than in training, in nats
    /// ([`Priors`](super::Priors)).
    Prior,
    /// log P(target | source) − log P(target) by forced decoding, in tens of nats. This and the next four are known
    /// in the second pass only.
    ForcedGain,
    /// The same for each piece of the target, in nats.
    ForcedGainPerPiece,
    /// The square root of the gain, where it is one, in nats.
    ForcedGainRoot,
    /// Pieces of the target, in tens: what a gain has to make up for.
    ForcedPieces,
    /// The gain of the target sentence that gains least, where there are several, in tens of nats and at most one: a
    /// sentence that was only glued on gains nothing.
    ForcedLeastGain,
}

/// Nats, or pieces, of forced decoding that make up one unit of a feature, so that its weight is of the size of others.
pub(super) const GAIN_UNIT: f32 = 10.0;

impl Feature {
    /// The feature that a bead of this kind has for its kind.
    pub fn of_kind(kind: BeadKind) -> Self {
        match (kind.source, kind.target) {
            (_, 0) => Self::Omission,
            (0, _) => Self::Addition,
            (1, 1) => Self::OneToOne,
            (1, 2) => Self::OneToTwo,
            (2, 1) => Self::TwoToOne,
            (1, 3) => Self::OneToThree,
            (3, 1) => Self::ThreeToOne,
            (2, 2) => Self::TwoToTwo,
            (1, _) | (_, 1) => Self::OneToMany,
            _ => Self::ManyToMany,
        }
    }
}

/// The values of a bead's features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Features(pub [f64; N_FEATURES]);

impl Features {
    pub(super) fn none() -> Self {
        Self([0.0; N_FEATURES])
    }

    /// Adds what the document's own rates say, in nats.
    pub fn add_prior(&mut self, shift: f64) {
        self.set(Feature::Prior, shift);
    }

    /// Adds what forced decoding found of a pair: of each target sentence, how much likelier it is given the source, in
    /// nats, and its pieces.
    pub fn add_forced(&mut self, sentences: &[ForcedGain]) {
        let gain: f32 = sentences.iter().map(|sentence| sentence.gain).sum();
        let pieces: usize = sentences.iter().map(|sentence| sentence.pieces).sum();
        self.set(Feature::ForcedGain, gain / GAIN_UNIT);
        self.set(Feature::ForcedGainPerPiece, gain / pieces.max(1) as f32);
        self.set(Feature::ForcedGainRoot, gain.max(0.0).sqrt());
        self.set(Feature::ForcedPieces, pieces as f32 / GAIN_UNIT);
        if sentences.len() > 1 {
            let least = sentences.iter().map(|sentence| sentence.gain).fold(f32::INFINITY, f32::min);
            self.set(Feature::ForcedLeastGain, (least / GAIN_UNIT).min(1.0));
        }
    }

    pub(super) fn set(&mut self, feature: Feature, value: impl Into<f64>) {
        self.0[feature as usize] = value.into();
    }
}

/// What forced decoding found of one target sentence of a pair.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ForcedGain {
    /// log P(sentence | source, sentences before it) − log P(sentence), in nats.
    pub gain: f32,
    /// Its pieces.
    pub pieces: usize,
}
