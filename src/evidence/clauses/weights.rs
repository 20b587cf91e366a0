//! The weights of the clues: a logistic regression for each direction.
//!
//! A bundle brings them in `coverage.json`, for they belong to its embeddings; `scripts/train/coverage` writes it.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

use super::Clues;
use crate::{
    both::Both,
    error::{Cause, Error, Result},
    evidence::probability,
    manifest::BundleFile,
};

/// The name of a bundle's file with these weights.
pub const FILE_NAME: &str = BundleFile::Coverage.name();

/// The weights of the clues, for both directions.
#[derive(Debug, Clone, PartialEq)]
pub struct ClauseWeights {
    /// The weights for Chinese clauses without English, and those for English ones without Chinese.
    pub sides: Both<SideWeights>,
}

/// The logistic regression for the clauses of one side.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideWeights {
    /// The least probability at which a clause is a hint, 0..=1.
    pub least: f64,
    /// The weight of each clue in the log odds.
    pub weights: Clues,
}

impl SideWeights {
    /// The probability that the clause of these clues has no counterpart, 0..=1.
    pub fn probability(&self, clues: &Clues) -> f64 {
        let log_odds: f64 =
            self.weights.values().iter().zip(clues.values()).map(|(weight, value)| weight * value).sum();
        probability(log_odds)
    }
}

impl ClauseWeights {
    /// Reads `coverage.json` in `dir`. Fails if it is missing or damaged.
    pub fn load(dir: &Path) -> Result<Self> {
        let cannot = |cause: Cause| Error::model_because(dir, format!("cannot read `{FILE_NAME}`"), cause);
        let text = fs::read_to_string(dir.join(FILE_NAME)).map_err(|error| cannot(error.into()))?;
        let file: File = serde_json::from_str(&text).map_err(|error| cannot(error.into()))?;
        Ok(Self { sides: Both::new(file.zh, file.en) })
    }

    /// The weights as JSON, in the form of `coverage.json`.
    pub fn to_json(&self) -> String {
        let file = File { zh: self.sides.source, en: self.sides.target };
        serde_json::to_string_pretty(&file).expect("names and numbers are JSON") + "\n"
    }
}

/// The content of `coverage.json`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    zh: SideWeights,
    en: SideWeights,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bundled() -> ClauseWeights {
        ClauseWeights::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).unwrap()
    }

    fn read(text: &str) -> std::result::Result<ClauseWeights, String> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE_NAME), text).unwrap();
        ClauseWeights::load(dir.path()).map_err(|error| std::error::Error::source(&error).unwrap().to_string())
    }

    #[test]
    fn what_is_written_is_what_is_read() {
        assert_eq!(read(&bundled().to_json()), Ok(bundled()));
    }

    #[test]
    fn a_weight_of_an_unknown_clue_or_none_of_a_known_one_is_refused() {
        let text = bundled().to_json();
        assert!(read(&text.replace("\"surplus\"", "\"taste\"")).unwrap_err().contains("unknown field `taste`"));
        assert!(read("{}").unwrap_err().contains("missing field `zh`"));
    }

    #[test]
    fn a_probability_is_one_at_any_clues() {
        let weights = bundled().sides.source;
        for scale in [-1e9, -1.0, 0.0, 1.0, 1e9] {
            let probability = weights.probability(&weights.weights.values().map(|weight| scale * weight).into());
            assert!((0.0..=1.0).contains(&probability), "{scale}: {probability}");
            assert_eq!(probability > 0.5, scale > 0.0, "{scale}: {probability}");
        }
    }
}
