//! The features of a bead: everything that the aligner looks at.

use crate::bead::BeadKind;

/// Defines an enumeration of features and the list of them all, so that neither lacks one.
macro_rules! features {
    ($(#[$of_all:meta])* $features:ident: $($(#[$doc:meta])* $name:ident,)*) => {
        $(#[$of_all])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum $features {
            $($(#[$doc])* $name,)*
        }

        impl $features {
            /// Every feature, in order.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];
        }
    };
}

pub(super) use features;

features! {
    /// One number that speaks for or against a bead, cheap enough for every bead of a band. The order is that of
    /// [`BandFeatures`].
    BandFeature:
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
}

/// How many features there are.
pub const N_BAND_FEATURES: usize = BandFeature::ALL.len();

impl BandFeature {
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
pub struct BandFeatures(pub [f64; N_BAND_FEATURES]);

impl BandFeatures {
    pub(super) fn none() -> Self {
        Self([0.0; N_BAND_FEATURES])
    }

    pub(super) fn set(&mut self, feature: BandFeature, value: impl Into<f64>) {
        self.0[feature as usize] = value.into();
    }
}
