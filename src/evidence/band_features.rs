//! The features of the first pass, for any bead of a band.

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
            /// All features, in order.
            pub const ALL: [Self; [$(stringify!($name)),*].len()] = [$(Self::$name),*];
        }
    };
}

pub(super) use features;

features! {
    /// A feature of the first pass: one number that speaks for or against a bead, cheap enough for every bead of a
    /// band. The order is that of [`BandFeatures`].
    BandFeature:
    /// 1 for a 1:1 bead.
    OneToOne,
    /// 1 for a 1:2 bead.
    OneToTwo,
    /// 1 for a 2:1 bead.
    TwoToOne,
    /// 1 for a 1:3 bead.
    OneToThree,
    /// 1 for a 3:1 bead.
    ThreeToOne,
    /// 1 for a 2:2 bead.
    TwoToTwo,
    /// 1 for a bead of 1:4 and up, or 4:1 and up.
    OneToMany,
    /// 1 for a bead of 2:3 and up, or 3:2 and up.
    ManyToMany,
    /// Number of sentences in the bead beyond two.
    Size,
    /// Cosine of the embeddings.
    Cosine,
    /// Cosine of the embeddings, times the bead's sentences: evidence grows with the text it is about.
    CosineMass,
    /// Mean cosine of random sentences of this document, times the bead's sentences: what `CosineMass` is worth here.
    BaselineMass,
    /// Cosine that a sentence's best counterpart typically reaches in this document, times the bead's sentences: a
    /// free translation stays far below a literal one.
    LevelMass,
    /// Mean cosine of each run with the other side's neighbours just outside the bead, times the bead's sentences
    /// (Bertalign's margin; this is what stops over-merging).
    NeighbourMass,
    /// Largest cosine of a run with one of the other side's neighbours just outside the bead.
    NeighbourMax,
    /// Fall of the cosine if the bead lost the sentence at an edge that it can best do without.
    EdgeGain,
    /// Rise of the cosine if the bead took in the neighbouring sentence that fits best.
    ExtensionGain,
    /// Cosine of the words of the translation and of the target, weighted by inverse document frequency.
    WordCosine,
    /// Cosine of the words, times the bead's sentences.
    WordMass,
    /// Mean cosine of the words of each run with the other side's neighbours just outside the bead, times the bead's
    /// sentences.
    WordNeighbourMass,
    /// Fall of the cosine of the words if the bead lost the sentence at an edge that it can best do without.
    WordEdgeGain,
    /// Rise of the cosine of the words if the bead took in the neighbouring sentence that fits best.
    WordExtensionGain,
    /// Cosine of numbers and Latin names, where both sides have some.
    AnchorCosine,
    /// 1 minus the cosine of numbers and Latin names, where both sides have some.
    AnchorMismatch,
    /// 1 minus the cosine of question and exclamation marks, quotes and the like, where either side has some.
    MarkMismatch,
    /// 1 minus the cosine of the marks, where either side has some, times the bead's sentences.
    MarkMismatchMass,
    /// Square of the standardised log length ratio, capped.
    LengthSquare,
    /// Absolute value of the standardised log length ratio, capped.
    Length,
    /// Number of paragraph ends inside the bead, both sides together.
    ParagraphsJoined,
    /// 1 where the bead starts a paragraph on one side only.
    ParagraphSkew,
    /// 1 for an omission, 1:0.
    Omission,
    /// Highest cosine of the omitted sentence with a target sentence nearby.
    OmissionBest,
    /// Highest cosine of the words of the omitted sentence with those of a target sentence nearby.
    OmissionWordBest,
    /// Log of the number of the omitted sentence's characters.
    OmissionLength,
    /// Mean cosine of random sentences of this document, for an omission.
    OmissionBaseline,
    /// Cosine that a sentence's best counterpart typically reaches in this document, for an omission.
    OmissionLevel,
    /// 1 for an addition, 0:1.
    Addition,
    /// Highest cosine of the added sentence with a source sentence nearby.
    AdditionBest,
    /// Highest cosine of the words of the added sentence with those of a source sentence nearby.
    AdditionWordBest,
    /// Log of the number of the added sentence's characters.
    AdditionLength,
    /// Mean cosine of random sentences of this document, for an addition.
    AdditionBaseline,
    /// Cosine that a sentence's best counterpart typically reaches in this document, for an addition.
    AdditionLevel,
    /// 1 where a gap begins. No feature of a bead: its weight is the log-potential of the opening.
    GapOpening,
    /// Log of how much likelier a bead of this kind, or the beginning of a gap, is in this document than in training,
    /// in nats ([`Priors`](super::Priors)).
    Prior,
}

/// Number of features of the first pass.
pub const N_BAND_FEATURES: usize = BandFeature::ALL.len();

impl BandFeature {
    /// The feature that is 1 for a bead of this kind.
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

/// Values of a bead's features in the first pass, in the order of [`BandFeature`].
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
