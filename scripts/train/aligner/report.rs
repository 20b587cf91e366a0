//! Scores of alignments against gold ones, printed for each set.

use std::collections::BTreeMap;

use mtalign::{
    bead::Alignment,
    evaluate::{Calibration, Link, Scores, Tally, calibration, score},
};

use crate::documents::Document;

/// Prints the scores of each set.
pub(crate) fn report(title: &str, found: &[(&Document, Alignment)]) {
    let mut sets: BTreeMap<&str, (Scores, Calibration)> = BTreeMap::new();
    for (document, alignment) in found {
        let links: Vec<Link> =
            alignment.beads().iter().map(|bead| bead.runs.map(|run| run.range().collect())).collect();
        let (scores, reliability) = sets.entry(&document.set).or_default();
        *scores += score(&document.links, &links);
        let sure: Vec<_> = links.iter().cloned().zip(alignment.beads().iter().map(|bead| bead.confidence)).collect();
        *reliability += calibration(&document.links, &sure);
    }
    println!("{title}");
    let f1 = |tally: Tally| tally.f1().unwrap_or(f64::NAN);
    for (set, (scores, reliability)) in sets {
        println!(
            "  {set:14} strict {:.4}  lax {:.4}  omissions {:.3}  additions {:.3}  calibration error {:.3}",
            f1(scores.strict),
            f1(scores.vecalign_lax),
            f1(scores.omissions),
            f1(scores.additions),
            reliability.expected_error().unwrap_or(f64::NAN),
        );
    }
}
