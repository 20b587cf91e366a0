//! Scores as one JSON document.
//!
//! ```text
//! { "version": 1,
//!   "total": { "aligner_eval_strict": { "precision": 0.5, "recall": 0.667, "f1": 0.571,
//!                                       "right": 2, "test": 4, "found": 2, "gold": 3 },
//!              "vecalign_strict": …, "vecalign_lax": …, "omissions": …, "additions": … },
//!   "documents": [ { "name": "001", "scores": { … as in total … } } ],
//!   "unmatched": [ "test/002" ],
//!   "calibration": { "expected_error": 0.012,
//!                    "bins": [ { "above": 0.0, "up_to": 0.1, "beads": 4, "mean_confidence": 0.071,
//!                                "share_right": 0.25 }, … ] } }
//! ```
//! Values are null where nothing was counted; `calibration` is there only if it was asked for.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use super::{Calibration, Evaluation, Scores, Tally, calibration::Bin};

const VERSION: u32 = 1;

/// Writes an evaluation with a line feed after it.
pub fn write_json(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let documents = evaluation.documents.iter();
    let json = EvaluationJson {
        version: VERSION,
        total: scores_json(&evaluation.total),
        documents: documents.map(|(name, scores)| DocumentJson { name, scores: scores_json(scores) }).collect(),
        unmatched: evaluation.unmatched.iter().map(|path| path.display().to_string()).collect(),
        calibration: evaluation.calibration.as_ref().map(calibration_json),
    };
    serde_json::to_writer_pretty(&mut *out, &json)?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct EvaluationJson<'e> {
    version: u32,
    total: ScoresJson,
    documents: Vec<DocumentJson<'e>>,
    unmatched: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    calibration: Option<CalibrationJson>,
}

#[derive(Serialize)]
struct DocumentJson<'e> {
    name: &'e str,
    scores: ScoresJson,
}

type ScoresJson = BTreeMap<String, TallyJson>;

#[derive(Serialize)]
struct TallyJson {
    precision: Option<f64>,
    recall: Option<f64>,
    f1: Option<f64>,
    right: usize,
    test: usize,
    found: usize,
    gold: usize,
}

#[derive(Serialize)]
struct CalibrationJson {
    expected_error: Option<f64>,
    bins: Vec<BinJson>,
}

#[derive(Serialize)]
struct BinJson {
    above: f64,
    up_to: f64,
    beads: usize,
    mean_confidence: Option<f64>,
    share_right: Option<f64>,
}

fn scores_json(scores: &Scores) -> ScoresJson {
    scores.named().into_iter().map(|(name, tally)| (name.replace(['-', ' '], "_"), tally_json(tally))).collect()
}

fn tally_json(tally: Tally) -> TallyJson {
    let Tally { right, test, found, gold } = tally;
    let (precision, recall, f1) = (tally.precision(), tally.recall(), tally.f1());
    TallyJson { precision, recall, f1, right, test, found, gold }
}

fn calibration_json(calibration: &Calibration) -> CalibrationJson {
    let bin_json = |(above, up_to, bin): (f64, f64, Bin)| BinJson {
        above,
        up_to,
        beads: bin.beads,
        mean_confidence: bin.mean_confidence(),
        share_right: bin.share_right(),
    };
    CalibrationJson {
        expected_error: calibration.expected_error(),
        bins: calibration.bounded().map(bin_json).collect(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::evaluate::{
        calibration,
        read::{parse, parse_with_confidence},
        score,
    };

    #[test]
    fn every_metric_has_its_values_and_its_counts() {
        let links = parse("x", "[0]:[0]\n").unwrap();
        let scores = score(&links, &links);
        let documents = vec![("001".to_owned(), scores)];
        let mut out = Vec::new();
        write_json(&mut out, &Evaluation { documents, total: scores, ..Evaluation::default() }).unwrap();
        let json: Value = serde_json::from_slice(&out).unwrap();
        let perfect =
            json!({ "precision": 1.0, "recall": 1.0, "f1": 1.0, "right": 1, "test": 1, "found": 1, "gold": 1 });
        assert_eq!(json["total"]["aligner_eval_strict"], perfect);
        assert_eq!(json["documents"][0]["scores"]["omissions"]["f1"], Value::Null);
        assert_eq!(json["documents"][0]["name"], json!("001"));
        assert_eq!(json.get("calibration"), None);
    }

    #[test]
    fn the_calibration_has_its_error_and_every_bin() {
        let test = parse_with_confidence("x", "[0]:[0]:0.75\n").unwrap();
        let calibration = calibration(&parse("x", "[0]:[0]\n").unwrap(), &test);
        let mut out = Vec::new();
        write_json(&mut out, &Evaluation { calibration: Some(calibration), ..Evaluation::default() }).unwrap();
        let json: Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(json["calibration"]["expected_error"], json!(0.25));
        let bins = json["calibration"]["bins"].as_array().unwrap();
        let bin = |index: usize, beads, mean: Option<f64>, right: Option<f64>| {
            let (above, up_to) = (index as f64 / 10.0, (index + 1) as f64 / 10.0);
            json!({ "above": above, "up_to": up_to, "beads": beads, "mean_confidence": mean, "share_right": right })
        };
        assert_eq!((bins.len(), &bins[0], &bins[7]), (10, &bin(0, 0, None, None), &bin(7, 1, Some(0.75), Some(1.0))));
    }
}
