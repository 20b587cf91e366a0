//! The scorer: from the features of a pair that stands alone to the probability that its texts translate each other.
//!
//! A small network for each stage, one layer of units between features and log-odds: what makes a number or a length
//! suspicious depends on how long the texts are and what the words say, which no sum of features can tell (mean area
//! under the curve of four kinds of wrong pairs .976 with a sum, .981 with eight units). The quick one knows nothing of
//! forced decoding, which is asked only where it is in doubt. A bundle brings both in `scorer.json`, for they belong to
//! its tables; `scripts/train/scorer` fits them.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::{
    log_odds::probability,
    pair_features::{PairFeature, PairFeatures},
    units::{self, Unit, UnitFile},
};
use crate::{
    error::{Cause, Error, Result},
    manifest::BundleFile,
};

/// The name of a bundle's file with the scorer.
pub const FILE_NAME: &str = BundleFile::Scorer.name();

/// The networks of the scorer, and when the second is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Scorer {
    /// The network without forced decoding.
    pub quick: Network,
    /// The network with it.
    pub full: Network,
    /// A pair whose probability by the quick network is at least this far from 0 and from 1 is in doubt, 0..=0.5.
    pub doubt: f64,
}

/// A network with one layer of hidden units.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Network {
    /// The log-odds that the units add to, in nats.
    pub bias: f64,
    /// The hidden units; their weights are in the order of [`PairFeature::all`].
    pub units: Vec<Unit>,
}

impl Network {
    /// The probability that the texts of a pair with these features translate each other, 0..=1.
    pub fn probability(&self, features: &PairFeatures) -> f64 {
        probability(self.bias + units::sum(&self.units, &features.values()))
    }
}

impl Scorer {
    /// Reads `scorer.json` in `dir`. Fails if it is missing or damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let cannot = |cause: Cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause);
        let text = fs::read_to_string(dir.join(FILE_NAME)).map_err(|error| cannot(error.into()))?;
        Self::parse(&text).map_err(|error| cannot(error.into()))
    }

    /// Whether the quick network leaves a doubt about a pair.
    pub fn is_in_doubt(&self, features: &PairFeatures) -> bool {
        let probability = self.quick.probability(features);
        probability.min(1.0 - probability) >= self.doubt
    }

    /// The probability that the texts of a pair translate each other, 0..=1; the features of forced decoding are there
    /// where the quick network left a doubt.
    pub fn probability(&self, features: &PairFeatures) -> f64 {
        if self.is_in_doubt(features) { self.full.probability(features) } else { self.quick.probability(features) }
    }

    /// The networks as JSON, in the form of `scorer.json`.
    pub fn to_json(&self) -> String {
        let network = |network: &Network| NetworkFile {
            bias: network.bias,
            units: network.units.iter().map(|unit| UnitFile::new(unit, names())).collect(),
        };
        let file = File { doubt: self.doubt, quick: network(&self.quick), full: network(&self.full) };
        serde_json::to_string_pretty(&file).expect("names and numbers are JSON") + "\n"
    }

    fn parse(text: &str) -> serde_json::Result<Self> {
        let file: File = serde_json::from_str(text)?;
        file.scorer().map_err(<serde_json::Error as serde::de::Error>::custom)
    }
}

/// The content of `scorer.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    doubt: f64,
    quick: NetworkFile,
    full: NetworkFile,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct NetworkFile {
    bias: f64,
    units: Vec<UnitFile>,
}

impl File {
    /// The scorer that the file has. Fails on a name that is no feature's, and where the quick network weighs what is not
    /// yet known.
    fn scorer(self) -> std::result::Result<Scorer, String> {
        if !(0.0..=0.5).contains(&self.doubt) {
            return Err(format!("a doubt of {} is none", self.doubt));
        }
        if let Some(name) = self.quick.units.iter().flat_map(|unit| unit.weights.keys()).find(|name| is_forced(name)) {
            return Err(format!("the quick network weighs `{name}`"));
        }
        Ok(Scorer { quick: self.quick.network()?, full: self.full.network()?, doubt: self.doubt })
    }
}

impl NetworkFile {
    fn network(self) -> std::result::Result<Network, String> {
        let units = self.units.into_iter().map(|unit| unit.unit(names()));
        Ok(Network { bias: self.bias, units: units.collect::<std::result::Result<_, _>>()? })
    }
}

fn is_forced(name: &str) -> bool {
    PairFeature::all().any(|feature| feature.is_forced() && feature.name() == name)
}

fn names() -> impl Iterator<Item = String> {
    PairFeature::all().map(PairFeature::name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::both::Both;

    fn bundled() -> Scorer {
        Scorer::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap()
    }

    fn features(zh: &str, en: &str, cosine: f64) -> PairFeatures {
        PairFeatures::new(Both::new(zh, en), cosine, Both::new(1, 1))
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(Scorer::parse(&bundled().to_json()).unwrap(), bundled());
    }

    #[test]
    fn a_file_that_weighs_what_there_is_not_is_refused() {
        let text = bundled().to_json();
        let refused = |from: &str, to: &str| Scorer::parse(&text.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(refused("\"Cosine\"", "\"Taste\"").contains("there is no feature `Taste`"));
        assert!(refused("\"Cosine\"", "\"ForcedGain\"").contains("the quick network weighs `ForcedGain`"));
        assert!(refused("\"doubt\": ", "\"doubt\": 1").contains("is none"));
    }

    #[test]
    fn a_probability_is_one_at_any_features_and_another_number_lowers_it() {
        let scorer = bundled();
        let right = features("他在1998年买了3250本书。", "He bought 3,250 books in 1998.", 0.8);
        let wrong = features("他在1998年买了3250本书。", "He bought 3,250 books in 1978.", 0.8);
        for features in [right, wrong, features("", "", 0.0), features(&"字".repeat(9000), "a", -1.0)] {
            assert!((0.0..=1.0).contains(&scorer.probability(&features)));
        }
        assert!(scorer.quick.probability(&right) > scorer.quick.probability(&wrong));
    }
}
