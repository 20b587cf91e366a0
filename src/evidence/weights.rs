//! The weights of all features, by pass.
//!
//! A bundle brings its weights in `aligner.json`, for they belong to its embeddings and translations: of the first
//! pass, with the rates of the documents they were trained on, and of each pass after it, with what that looks at. A
//! weight that is 0 is left out. `scripts/train/aligner` writes it.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    band_features::{BandFeature, BandFeatures, N_BAND_FEATURES},
    bead_features::ShortlistFeatures,
    named::{Named, by_name, in_order},
    priors::Priors,
    shortlist_features::{GivenFeature, Look, N_SHORTLIST_FEATURES, ShortlistFeature},
    units::{self, Unit, UnitFile},
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
        let later = self.later.iter().map(|pass| PassFile {
            looks: pass.looks.clone(),
            weights: by_name(shortlist_names(), &pass.weights.linear),
            units: pass.weights.units.iter().map(|unit| UnitFile::new(unit, shortlist_names())).collect(),
        });
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
    weights: Named,
    rates: Named,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PassFile {
    looks: Vec<Look>,
    weights: Named,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    units: Vec<UnitFile>,
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
        for PassFile { looks, weights, units } in self.later {
            seen.extend(&looks);
            let units = units.into_iter().map(|unit| unit.unit(shortlist_names()));
            let units = units.collect::<std::result::Result<_, _>>()?;
            let weights = ShortlistWeights { linear: values(shortlist_names(), weights)?, units };
            let is_unseen = |feature: &ShortlistFeature| feature.look().is_some_and(|look| !seen.contains(&look));
            if let Some(feature) = ShortlistFeature::all().filter(is_unseen).find(|&feature| weights.weigh(feature)) {
                return Err(format!("a pass weighs `{}` before any looks at it", feature.name()));
            }
            later.push(Pass { looks, weights });
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

/// A value for each of `names`, in their order; fails on a name that is none of them.
fn values<const N: usize>(
    names: impl Iterator<Item = String>,
    weights: Named,
) -> std::result::Result<[f64; N], String> {
    let found = in_order(names, weights)?;
    Ok(found.try_into().expect("a name for each value"))
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

/// The weights of the later passes' features: a weighted sum, and hidden units beside it.
#[derive(Debug, Clone, PartialEq)]
pub struct ShortlistWeights {
    /// The weight of each feature by [`ShortlistFeature::index`], in nats of log-potential.
    pub linear: [f64; N_SHORTLIST_FEATURES],
    /// The hidden units; their weights are in the same order.
    pub units: Vec<Unit>,
}

impl ShortlistWeights {
    /// The log-potential of a bead with these features, in nats.
    pub fn potential(&self, features: &ShortlistFeatures) -> f64 {
        let sum: f64 = self.linear.iter().zip(&features.0).map(|(weight, value)| weight * value).sum();
        sum + units::sum(&self.units, &features.0)
    }

    /// The log-potential of beginning a gap in a document of these priors, in nats.
    pub fn gap_opening(&self, priors: &Priors) -> f64 {
        let of = |feature: GivenFeature| self.linear[ShortlistFeature::from(feature).index()];
        of(GivenFeature::GapOpening) + of(GivenFeature::GapPrior) * priors.of_gap_opening()
    }

    /// Whether a bead's potential depends on the feature.
    fn weigh(&self, feature: ShortlistFeature) -> bool {
        let place = feature.index();
        self.linear[place] != 0.0 || self.units.iter().any(|unit| unit.weights[place] != 0.0)
    }
}

impl From<[f64; N_SHORTLIST_FEATURES]> for ShortlistWeights {
    /// A weighted sum, and no hidden unit.
    fn from(linear: [f64; N_SHORTLIST_FEATURES]) -> Self {
        Self { linear, units: Vec::new() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::evidence::ForcedFeature;

    fn bundled() -> Passes {
        Passes::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap()
    }

    fn unit(feature: ShortlistFeature, weight: f64) -> Unit {
        let mut weights = vec![0.0; N_SHORTLIST_FEATURES];
        weights[feature.index()] = weight;
        Unit { output: -1.5, bias: 0.25, weights }
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        let mut passes = bundled();
        assert_eq!(Passes::parse(&passes.to_json()).unwrap(), passes);
        for pass in &mut passes.later {
            pass.weights.units.push(unit(GivenFeature::FirstPass.into(), 0.5));
        }
        assert_eq!(Passes::parse(&passes.to_json()).unwrap(), passes);
    }

    #[test]
    fn a_unit_adds_its_output_times_a_tangent_to_the_sum() {
        let features = ShortlistFeatures::new(2.0, BeadKind { source: 1, target: 0 });
        let mut weights = ShortlistWeights::from([3.0; N_SHORTLIST_FEATURES]);
        assert!((weights.potential(&features) - 6.0).abs() < 1e-12);
        weights.units = vec![unit(GivenFeature::FirstPass.into(), 0.5), unit(GivenFeature::OneToOne.into(), 9.0)];
        let expected = 6.0 - 1.5 * 1.25_f64.tanh() - 1.5 * 0.25_f64.tanh();
        assert!((weights.potential(&features) - expected).abs() < 1e-12);
    }

    #[test]
    fn a_pass_that_weighs_what_nothing_looked_at_is_refused() {
        let mut passes = bundled();
        passes.later.truncate(1);
        let feature = ShortlistFeature::from(ForcedFeature::ForcedGain);
        let refused = |passes: &Passes| Passes::parse(&passes.to_json()).unwrap_err().to_string();
        passes.later[0].weights.units.push(unit(feature, 0.5));
        assert!(refused(&passes).contains("weighs `ForcedGain` before any looks at it"));
        passes.later[0].weights.units.clear();
        passes.later[0].weights.linear[feature.index()] = 0.5;
        assert!(refused(&passes).contains("weighs `ForcedGain` before any looks at it"));
    }

    proptest! {
        #[test]
        fn weights_are_read_as_they_were_written_to_the_last_bit(weight in -100.0..100.0_f64) {
            let mut passes = bundled();
            for written in [weight, 15.266_532_472_501_86] {
                passes.later[0].weights.linear[0] = written;
                let read = Passes::parse(&passes.to_json()).unwrap().later[0].weights.linear[0];
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
