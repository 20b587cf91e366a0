//! What each feature is worth: the whole of what the aligner believes.
//!
//! A bundle brings its weights in `aligner.json`, for they belong to its embeddings and translations: for each pass the
//! weight of every feature that is not 0, by its name, and the rates of the documents they were trained on.
//! `scripts/train/aligner` writes it.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    band_features::{BandFeature, BandFeatures, N_BAND_FEATURES},
    shortlist_features::{N_SHORTLIST_FEATURES, ShortlistFeature, ShortlistFeatures},
};
use crate::{
    bead::BeadKind,
    both::Both,
    bundle::BundleFile,
    error::{Cause, Error, Result},
};

/// The file of a bundle that holds the weights.
pub const FILE_NAME: &str = BundleFile::Aligner.name();

/// The weights of each pass over a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Passes {
    /// For all beads of a band.
    pub first: BandWeights,
    /// For the beads that are left, with what lexicon and punctuation say; a bundle may do without.
    pub second: Option<ShortlistWeights>,
    /// For those still in doubt, with what the tagger says; a bundle may do without.
    pub third: Option<ShortlistWeights>,
    /// For those in doubt even then, with what forced decoding says; a bundle may do without.
    pub fourth: Option<ShortlistWeights>,
}

impl Passes {
    /// Reads `aligner.json` in `dir`.
    pub fn load(dir: &Path) -> Result<Self> {
        let cannot = |cause: Cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause);
        let text = fs::read_to_string(dir.join(FILE_NAME)).map_err(|error| cannot(error.into()))?;
        Self::parse(&text).map_err(|error| cannot(error.into()))
    }

    /// The same as text.
    pub fn to_json(&self) -> String {
        let shortlist_features = |weights: &Option<ShortlistWeights>| {
            weights.as_ref().map(|weights| Pass::named(&ShortlistFeature::ALL, &weights.0))
        };
        let file = File {
            first: (&self.first).into(),
            second: shortlist_features(&self.second),
            third: shortlist_features(&self.third),
            fourth: shortlist_features(&self.fourth),
        };
        serde_json::to_string_pretty(&file).expect("names and numbers are JSON") + "\n"
    }

    fn parse(text: &str) -> serde_json::Result<Self> {
        let file: File = serde_json::from_str(text)?;
        let refused = <serde_json::Error as serde::de::Error>::custom;
        let shortlist_features =
            |pass: Pass| values(&ShortlistFeature::ALL, pass.weights).map(ShortlistWeights).map_err(refused);
        Ok(Self {
            first: BandWeights::try_from(file.first).map_err(refused)?,
            second: file.second.map(shortlist_features).transpose()?,
            third: file.third.map(shortlist_features).transpose()?,
            fourth: file.fourth.map(shortlist_features).transpose()?,
        })
    }
}

/// The file.
#[derive(Serialize, Deserialize)]
struct File {
    first: Pass,
    #[serde(skip_serializing_if = "Option::is_none")]
    second: Option<Pass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    third: Option<Pass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fourth: Option<Pass>,
}

#[derive(Serialize, Deserialize)]
struct Pass {
    weights: BTreeMap<String, f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    rates: BTreeMap<String, f64>,
}

impl Pass {
    fn named<F: std::fmt::Debug + Copy>(features: &[F], weights: &[f64]) -> Self {
        Self { weights: by_name(features, weights), rates: BTreeMap::new() }
    }
}

/// The values that are not 0, by the names of their features.
fn by_name<F: std::fmt::Debug + Copy>(features: &[F], values: &[f64]) -> BTreeMap<String, f64> {
    let pairs = features.iter().zip(values).filter(|(_, value)| **value != 0.0);
    pairs.map(|(feature, &value)| (format!("{feature:?}"), value)).collect()
}

/// The values in the order of the features; fails on a name that is no feature's.
fn values<F: std::fmt::Debug + Copy, const N: usize>(
    features: &[F; N],
    by_name: BTreeMap<String, f64>,
) -> std::result::Result<[f64; N], String> {
    let mut values = [0.0; N];
    for (name, value) in by_name {
        let place = features.iter().position(|feature| format!("{feature:?}") == name);
        values[place.ok_or_else(|| format!("there is no feature `{name}`"))?] = value;
    }
    Ok(values)
}

/// The weight of each feature, in nats of log-potential, and what beads of each kind the training documents had.
#[derive(Debug, Clone, PartialEq)]
pub struct BandWeights {
    values: [f64; N_BAND_FEATURES],
    /// Per bead of the training documents, how many are of a kind or begin a gap; of other features nothing is asked.
    rates: [f64; N_BAND_FEATURES],
}

impl BandWeights {
    /// BandWeights and rates in the order of [`BandFeature`].
    pub const fn new(values: [f64; N_BAND_FEATURES], rates: [f64; N_BAND_FEATURES]) -> Self {
        Self { values, rates }
    }

    /// The weights in the order of [`BandFeature`].
    pub fn values(&self) -> [f64; N_BAND_FEATURES] {
        self.values
    }

    /// The log-potential of a bead with these features.
    pub fn potential(&self, features: &BandFeatures) -> f64 {
        self.values.iter().zip(&features.0).map(|(weight, value)| weight * value).sum()
    }

    /// The log-potential of beginning a gap in a document of these priors.
    pub fn gap_opening(&self, priors: Priors) -> f64 {
        self.of(BandFeature::GapOpening) + self.of(BandFeature::Prior) * priors.of_gap_opening()
    }

    /// What the priors add to the log-potential of a bead of this kind.
    pub fn prior(&self, priors: Priors, kind: BeadKind) -> f64 {
        self.of(BandFeature::Prior) * priors.of_kind(kind)
    }

    fn of(&self, feature: BandFeature) -> f64 {
        self.values[feature as usize]
    }
}

impl From<&BandWeights> for Pass {
    fn from(weights: &BandWeights) -> Self {
        Self { weights: by_name(&BandFeature::ALL, &weights.values), rates: by_name(&BandFeature::ALL, &weights.rates) }
    }
}

impl TryFrom<Pass> for BandWeights {
    type Error = String;

    /// Fails on a name that is no feature's, and on what is no number to weigh with.
    fn try_from(pass: Pass) -> std::result::Result<Self, String> {
        Ok(Self { values: values(&BandFeature::ALL, pass.weights)?, rates: values(&BandFeature::ALL, pass.rates)? })
    }
}

/// The weight of each feature of the shortlist, in nats of log-potential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortlistWeights(pub [f64; N_SHORTLIST_FEATURES]);

impl ShortlistWeights {
    /// The log-potential of a bead with these features.
    pub fn potential(&self, features: &ShortlistFeatures) -> f64 {
        self.0.iter().zip(&features.0).map(|(weight, value)| weight * value).sum()
    }

    /// The log-potential of beginning a gap in a document of these priors.
    pub fn gap_opening(&self, priors: Priors) -> f64 {
        let of = |feature: ShortlistFeature| self.0[feature as usize];
        of(ShortlistFeature::GapOpening) + of(ShortlistFeature::GapPrior) * priors.of_gap_opening()
    }
}

/// How much more likely beads of a kind, and gaps, are in a document than in training: a novel joins two sentences in
/// five, a magazine leaves nothing out, a news site cuts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Priors {
    shifts: [f64; N_BAND_FEATURES],
    /// The share of sentences of each side that have no counterpart, 0..=1.
    null_shares: Both<f64>,
}

impl Default for Priors {
    /// A document like those in training.
    fn default() -> Self {
        Self { shifts: [0.0; N_BAND_FEATURES], null_shares: Both::new(NULL_RATE, NULL_RATE) }
    }
}

impl Priors {
    /// Those of a document in which so much is expected: the log of the rate here over the rate in training. The latter
    /// counts as a few more beads, so that a short document moves little.
    pub fn of(expected: &ExpectedCounts, weights: &BandWeights) -> Self {
        let mut shifts = [0.0; N_BAND_FEATURES];
        for feature in RATED {
            let rate = weights.rates[feature as usize].max(LEAST_RATE);
            let count = expected.of_feature[feature as usize];
            let here = (count + PRIOR_BEADS * rate) / (expected.beads + PRIOR_BEADS);
            shifts[feature as usize] = (here / rate).ln();
        }
        let share = |feature: BandFeature, sentences: f64| {
            (expected.of_feature[feature as usize] + PRIOR_BEADS * NULL_RATE) / (sentences + PRIOR_BEADS)
        };
        let Both { source, target } = expected.sentences;
        let null_shares = Both::new(share(BandFeature::Omission, source), share(BandFeature::Addition, target));
        Self { shifts, null_shares }
    }

    /// The share of sentences of each side that have no counterpart in this document, 0..=1.
    pub fn null_shares(&self) -> Both<f64> {
        self.null_shares
    }

    /// What a bead of this kind gains in log-potential; nothing for a null, whose gap has its own.
    pub fn of_kind(&self, kind: BeadKind) -> f64 {
        self.shifts[BandFeature::of_kind(kind) as usize]
    }

    /// What the beginning of a gap gains in log-potential.
    pub fn of_gap_opening(&self) -> f64 {
        self.shifts[BandFeature::GapOpening as usize]
    }
}

/// How many beads of each kind, and how many gaps, a model expects in a document.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExpectedCounts {
    of_feature: [f64; N_BAND_FEATURES],
    beads: f64,
    sentences: Both<f64>,
}

impl Default for ExpectedCounts {
    /// Nothing at all.
    fn default() -> Self {
        Self { of_feature: [0.0; N_BAND_FEATURES], beads: 0.0, sentences: Both::new(0.0, 0.0) }
    }
}

impl ExpectedCounts {
    /// Adds a bead that is there, and that begins a gap, with these probabilities.
    pub fn add(&mut self, kind: BeadKind, posterior: f64, opens_gap: f64) {
        self.of_feature[BandFeature::of_kind(kind) as usize] += posterior;
        self.of_feature[BandFeature::GapOpening as usize] += opens_gap;
        self.beads += posterior;
        self.sentences.source += posterior * kind.source as f64;
        self.sentences.target += posterior * kind.target as f64;
    }
}

/// How many beads' worth of evidence the rates in training are.
const PRIOR_BEADS: f64 = 30.0;

/// The share of sentences without a counterpart in an ordinary document.
pub(super) const NULL_RATE: f64 = 0.02;

/// The rate of what never occurred in training.
const LEAST_RATE: f64 = 1e-4;

/// What documents differ in.
const RATED: [BandFeature; 9] = [
    BandFeature::OneToOne,
    BandFeature::OneToTwo,
    BandFeature::TwoToOne,
    BandFeature::OneToThree,
    BandFeature::ThreeToOne,
    BandFeature::TwoToTwo,
    BandFeature::OneToMany,
    BandFeature::ManyToMany,
    BandFeature::GapOpening,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> Passes {
        Passes::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap()
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(Passes::parse(&bundled().to_json()).unwrap(), bundled());
    }

    #[test]
    fn a_weight_of_an_unknown_feature_is_refused() {
        let text = r#"{"first": {"weights": {"Taste": 1.0}, "rates": {}}}"#;
        assert!(Passes::parse(text).unwrap_err().to_string().contains("there is no feature `Taste`"));
        assert!(Passes::parse("{").is_err());
    }

    #[test]
    fn a_document_of_merged_sentences_leads_one_to_expect_more_of_them_and_fewer_gaps() {
        let mut expected = ExpectedCounts::default();
        for _ in 0..200 {
            expected.add(BeadKind { source: 2, target: 1 }, 1.0, 0.0);
        }
        let priors = Priors::of(&expected, &bundled().first);
        assert!(priors.of_kind(BeadKind { source: 2, target: 1 }) > 2.0);
        assert!(priors.of_kind(BeadKind { source: 1, target: 1 }) < -1.0);
        assert!(priors.of_gap_opening() < -1.0);
        assert!(priors.of_kind(BeadKind { source: 1, target: 0 }).abs() < f64::EPSILON, "its gap pays for it");
    }

    #[test]
    fn nothing_aligned_changes_nothing() {
        assert_eq!(
            Priors::of(&ExpectedCounts::default(), &bundled().first).shifts.map(f64::to_bits),
            [0; N_BAND_FEATURES]
        );
    }
}
