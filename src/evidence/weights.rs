//! The weights of all features, by pass.
//!
//! A bundle brings its weights in `aligner.json`, for they belong to its embeddings and translations: of the first
//! pass, with the rates of the documents they were trained on, and of each pass after it, with what that looks at. A
//! weight that is 0 is left out. `scripts/train/aligner` writes it.

use std::{collections::BTreeMap, fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    band_features::{BandFeature, BandFeatures, N_BAND_FEATURES},
    bead_features::ShortlistFeatures,
    priors::Priors,
    shortlist_features::{GivenFeature, Look, N_SHORTLIST_FEATURES, ShortlistFeature},
};
use crate::{
    bead::BeadKind,
    error::{Cause, Error, Result},
    manifest::BundleFile,
};

/// The name of a bundle's file with the weights.
pub const FILE_NAME: &str = BundleFile::Aligner.name();

/// The passes over a document, each dearer than the one before and over fewer beads.
#[derive(Debug, Clone, PartialEq)]
pub struct Passes {
    /// The weights of the first pass, over all beads of a band.
    pub first: BandWeights,
    /// The later passes, each over the beads that the pass before leaves open, in order.
    pub later: Vec<Pass>,
}

/// A pass over the beads that are still open.
#[derive(Debug, Clone, PartialEq)]
pub struct Pass {
    /// The looks that no pass before it took.
    pub looks: Vec<Look>,
    /// The weights of what this pass and all before it look at.
    pub weights: ShortlistWeights,
}

impl Passes {
    /// Reads `aligner.json` in `dir`. Fails if it is missing or damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let cannot = |cause: Cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause);
        let text = fs::read_to_string(dir.join(FILE_NAME)).map_err(|error| cannot(error.into()))?;
        Self::parse(&text).map_err(|error| cannot(error.into()))
    }

    /// The passes as JSON, in the form of `aligner.json`.
    pub fn to_json(&self) -> String {
        let later = self
            .later
            .iter()
            .map(|pass| PassFile { looks: pass.looks.clone(), weights: by_name(shortlist_names(), &pass.weights.0) });
        let first = FirstFile {
            weights: by_name(band_names(), &self.first.values),
            rates: by_name(band_names(), &self.first.rates),
        };
        let file = File { first, later: later.collect() };
        serde_json::to_string_pretty(&file).expect("names and numbers are JSON") + "\n"
    }

    fn parse(text: &str) -> serde_json::Result<Self> {
        let file: File = serde_json::from_str(text)?;
        file.passes().map_err(<serde_json::Error as serde::de::Error>::custom)
    }
}

/// The content of `aligner.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    first: FirstFile,
    #[serde(default)]
    later: Vec<PassFile>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FirstFile {
    weights: BTreeMap<String, f64>,
    rates: BTreeMap<String, f64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassFile {
    looks: Vec<Look>,
    weights: BTreeMap<String, f64>,
}

impl File {
    /// The passes that the file has. Fails on a name that is no feature's, and on a weight of what no pass so far
    /// looked at.
    fn passes(self) -> std::result::Result<Passes, String> {
        let first = BandWeights {
            values: values(band_names(), self.first.weights)?,
            rates: values(band_names(), self.first.rates)?,
        };
        let mut seen: Vec<Look> = Vec::new();
        let mut later = Vec::new();
        for PassFile { looks, weights } in self.later {
            seen.extend(&looks);
            let weights: [f64; N_SHORTLIST_FEATURES] = values(shortlist_names(), weights)?;
            let is_unseen = |feature: &ShortlistFeature| {
                weights[feature.index()] != 0.0 && feature.look().is_some_and(|look| !seen.contains(&look))
            };
            if let Some(feature) = ShortlistFeature::all().find(is_unseen) {
                return Err(format!("a pass weighs `{}` before any looks at it", feature.name()));
            }
            later.push(Pass { looks, weights: ShortlistWeights(weights) });
        }
        Ok(Passes { first, later })
    }
}

fn band_names() -> impl Iterator<Item = String> {
    BandFeature::ALL.into_iter().map(|feature| format!("{feature:?}"))
}

fn shortlist_names() -> impl Iterator<Item = String> {
    ShortlistFeature::all().map(ShortlistFeature::name)
}

/// The values that are not 0, by the names of their features.
fn by_name(names: impl Iterator<Item = String>, values: &[f64]) -> BTreeMap<String, f64> {
    names.zip(values.iter().copied()).filter(|&(_, value)| value != 0.0).collect()
}

/// The values in the order of the features; fails on a name that is no feature's.
fn values<const N: usize>(
    names: impl Iterator<Item = String>,
    mut by_name: BTreeMap<String, f64>,
) -> std::result::Result<[f64; N], String> {
    let mut values = [0.0; N];
    for (place, name) in values.iter_mut().zip(names) {
        *place = by_name.remove(&name).unwrap_or_default();
    }
    match by_name.pop_first() {
        Some((name, _)) => Err(format!("there is no feature `{name}`")),
        None => Ok(values),
    }
}

/// The weights of the first pass, in nats of log-potential, and the rates of bead kinds in the training documents.
#[derive(Debug, Clone, PartialEq)]
pub struct BandWeights {
    values: [f64; N_BAND_FEATURES],
    /// The rates of bead kinds and of gap openings, per bead of the training documents; those of other features are
    /// not used.
    rates: [f64; N_BAND_FEATURES],
}

impl BandWeights {
    /// The weights and the rates in the order of [`BandFeature`].
    pub const fn new(values: &[f64; N_BAND_FEATURES], rates: &[f64; N_BAND_FEATURES]) -> Self {
        Self { values: *values, rates: *rates }
    }

    /// The weights in the order of [`BandFeature`].
    pub fn values(&self) -> [f64; N_BAND_FEATURES] {
        self.values
    }

    /// The log-potential of a bead with these features, in nats.
    pub fn potential(&self, features: &BandFeatures) -> f64 {
        self.values.iter().zip(&features.0).map(|(weight, value)| weight * value).sum()
    }

    /// The log-potential of beginning a gap in a document of these priors, in nats.
    pub fn gap_opening(&self, priors: &Priors) -> f64 {
        self.of(BandFeature::GapOpening) + self.of(BandFeature::Prior) * priors.of_gap_opening()
    }

    /// The log-potential that the priors add to a bead of this kind, in nats.
    pub fn prior(&self, priors: &Priors, kind: BeadKind) -> f64 {
        self.of(BandFeature::Prior) * priors.of_kind(kind)
    }

    /// The rate of a kind of bead, or of gaps, among the beads of the training documents.
    pub(super) fn rate(&self, feature: BandFeature) -> f64 {
        self.rates[feature as usize]
    }

    fn of(&self, feature: BandFeature) -> f64 {
        self.values[feature as usize]
    }
}

/// The weights of the later passes' features, in nats of log-potential.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ShortlistWeights(pub [f64; N_SHORTLIST_FEATURES]);

impl ShortlistWeights {
    /// The log-potential of a bead with these features, in nats.
    pub fn potential(&self, features: &ShortlistFeatures) -> f64 {
        self.0.iter().zip(&features.0).map(|(weight, value)| weight * value).sum()
    }

    /// The log-potential of beginning a gap in a document of these priors, in nats.
    pub fn gap_opening(&self, priors: &Priors) -> f64 {
        let of = |feature: GivenFeature| self.0[ShortlistFeature::from(feature).index()];
        of(GivenFeature::GapOpening) + of(GivenFeature::GapPrior) * priors.of_gap_opening()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bundled() -> Passes {
        Passes::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap()
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(Passes::parse(&bundled().to_json()).unwrap(), bundled());
    }

    proptest! {
        #[test]
        fn weights_are_read_as_they_were_written_to_the_last_bit(weight in -100.0..100.0_f64) {
            let mut passes = bundled();
            for written in [weight, 15.266_532_472_501_86] {
                passes.later[0].weights.0[0] = written;
                let read = Passes::parse(&passes.to_json()).unwrap().later[0].weights.0[0];
                prop_assert_eq!(read.to_bits(), written.to_bits());
            }
        }
    }

    #[test]
    fn a_weight_of_an_unknown_feature_is_refused() {
        let text = r#"{"first": {"weights": {"Taste": 1.0}, "rates": {}}}"#;
        assert!(Passes::parse(text).unwrap_err().to_string().contains("there is no feature `Taste`"));
        assert!(Passes::parse("{").is_err());
    }
}
