//! Scores as one JSON document.
//!
//! ```text
//! { "version": 1,
//!   "total": { "aligner_eval_strict": { "precision": 0.5, "recall": 0.667, "f1": 0.571,
//!                                       "right": 2, "test": 4, "found": 2, "gold": 3 },
//!              "vecalign_strict": …, "vecalign_lax": …, "omissions": …, "additions": … },
//!   "documents": [ { "name": "001", "scores": { … as in total … } } ],
//!   "unmatched": [ "test/002" ] }
//! ```
//! Values are null where nothing was counted.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde::Serialize;

use super::{Evaluation, Scores, Tally};

const VERSION: u32 = 1;

/// Writes an evaluation with a line feed after it.
pub fn write_json(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let documents = evaluation.documents.iter();
    let json = EvaluationJson {
        version: VERSION,
        total: scores_json(&evaluation.total),
        documents: documents.map(|(name, scores)| DocumentJson { name, scores: scores_json(scores) }).collect(),
        unmatched: evaluation.unmatched.iter().map(|path| path.display().to_string()).collect(),
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

fn scores_json(scores: &Scores) -> ScoresJson {
    scores.named().into_iter().map(|(name, tally)| (name.replace(['-', ' '], "_"), tally_json(tally))).collect()
}

fn tally_json(tally: Tally) -> TallyJson {
    let Tally { right, test, found, gold } = tally;
    let (precision, recall, f1) = (tally.precision(), tally.recall(), tally.f1());
    TallyJson { precision, recall, f1, right, test, found, gold }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::evaluate::{read::parse, score};

    #[test]
    fn every_metric_has_its_values_and_its_counts() {
        let links = parse("x", "[0]:[0]\n").unwrap();
        let scores = score(&links, &links);
        let documents = vec![("001".to_owned(), scores)];
        let mut out = Vec::new();
        write_json(&mut out, &Evaluation { documents, total: scores, unmatched: Vec::new() }).unwrap();
        let json: Value = serde_json::from_slice(&out).unwrap();
        let perfect =
            json!({ "precision": 1.0, "recall": 1.0, "f1": 1.0, "right": 1, "test": 1, "found": 1, "gold": 1 });
        assert_eq!(json["total"]["aligner_eval_strict"], perfect);
        assert_eq!(json["documents"][0]["scores"]["omissions"]["f1"], Value::Null);
        assert_eq!(json["documents"][0]["name"], json!("001"));
    }
}
