//! Scores as a table for people.

use std::io::{self, Write};

use super::{Calibration, Evaluation, Scores};
use crate::write::safe::visible;

/// Writes the scores of all documents together: a line a metric, with how many beads or sentences it was counted on.
pub fn write_table(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let documents = evaluation.documents.len();
    let title = format!("{documents} document{}", if documents == 1 { "" } else { "s" });
    writeln!(out, "{title:<20} {:>9} {:>9} {:>9} {:>9} {:>9}", "precision", "recall", "F1", "gold", "test")?;
    for (name, tally) in evaluation.total.named() {
        let values = [tally.precision(), tally.recall(), tally.f1()].map(value);
        writeln!(
            out,
            "{name:<20} {:>9} {:>9} {:>9} {:>9} {:>9}",
            values[0], values[1], values[2], tally.gold, tally.test
        )?;
    }
    for path in &evaluation.unmatched {
        writeln!(out, "not compared, for there is no gold: {}", visible(&path.display().to_string()))?;
    }
    Ok(())
}

/// Writes the reliability diagram: a line a bin of confidences, with how many beads it has, their mean confidence and
/// the share of them that is right; and the expected calibration error.
pub fn write_calibration(out: &mut dyn Write, calibration: &Calibration) -> io::Result<()> {
    writeln!(out, "{:<20} {:>9} {:>9} {:>9}", "confidence", "beads", "mean", "right")?;
    for (lower, upper, bin) in calibration.bounded() {
        let [mean, right] = [bin.mean_confidence(), bin.share_right()].map(value);
        writeln!(out, "{:<20} {:>9} {mean:>9} {right:>9}", format!("{lower:.1} to {upper:.1}"), bin.beads)?;
    }
    writeln!(out, "{:<20} {:>9}", "calibration error", value(calibration.expected_error()))
}

/// Writes the F1 of each document: a line a document, a column a metric. What a terminal would obey in a name is spelt out.
pub fn write_documents(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let documents: Vec<_> = evaluation.documents.iter().map(|(name, scores)| (visible(name), scores)).collect();
    let longest = documents.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut line = |name: &str, cells: [String; 5]| {
        write!(out, "{name:<longest$}")?;
        cells.iter().try_for_each(|cell| write!(out, " {cell:>9}"))?;
        writeln!(out)
    };
    line("F1", ["strict", "v-strict", "v-lax", "omissions", "additions"].map(str::to_owned))?;
    for (name, scores) in documents {
        line(&name, f1(scores))?;
    }
    Ok(())
}

fn f1(scores: &Scores) -> [String; 5] {
    scores.named().map(|(_, tally)| value(tally.f1()))
}

fn value(value: Option<f64>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::evaluate::{
        calibration,
        read::{parse, parse_with_confidence},
        score,
    };

    fn evaluation() -> Evaluation {
        let links = |text| parse("x", text).unwrap();
        let scores = score(&links("[0]:[0]\n[1]:[1]\n[2]:[]\n"), &links("[0]:[0]\n[1]:[]\n[]:[1]\n[2]:[]\n"));
        let documents = vec![("one".to_owned(), scores)];
        Evaluation { documents, total: scores, unmatched: vec![PathBuf::from("test/two")], calibration: None }
    }

    #[test]
    fn the_table_has_a_line_a_metric() {
        let mut out = Vec::new();
        write_table(&mut out, &evaluation()).unwrap();
        // Strict: [0]:[0] and [2]:[] are right, of four in the test and three in gold. By Vecalign, gold has two pairs.
        let expected = "\
1 document           precision    recall        F1      gold      test
aligner-eval strict      0.500     0.667     0.571         3         4
vecalign strict          0.500     0.500     0.500         2         4
vecalign lax             0.500     0.500     0.500         2         4
omissions                0.500     1.000     0.667         1         2
additions                0.000         -     0.000         0         1
not compared, for there is no gold: test/two
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn the_diagram_has_a_line_a_bin() {
        let gold = parse("x", "[0]:[0]\n[1]:[1]\n").unwrap();
        let test = parse_with_confidence("x", "[0]:[0]:0.95\n[1]:[]:0.92\n[]:[1]:0.31\n").unwrap();
        let mut out = Vec::new();
        write_calibration(&mut out, &calibration(&gold, &test)).unwrap();
        let expected = "\
confidence               beads      mean     right
0.0 to 0.1                   0         -         -
0.1 to 0.2                   0         -         -
0.2 to 0.3                   0         -         -
0.3 to 0.4                   1     0.310     0.000
0.4 to 0.5                   0         -         -
0.5 to 0.6                   0         -         -
0.6 to 0.7                   0         -         -
0.7 to 0.8                   0         -         -
0.8 to 0.9                   0         -         -
0.9 to 1.0                   2     0.935     0.500
calibration error        0.393
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn no_name_commands_the_terminal() {
        let mut evaluation = evaluation();
        evaluation.documents[0].0 = "a\u{1b}[2J\u{202e}\nforged".to_owned();
        evaluation.unmatched = vec![PathBuf::from("b\u{1b}]0;x\u{7}")];
        let mut out = Vec::new();
        write_documents(&mut out, &evaluation).unwrap();
        write_table(&mut out, &evaluation).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}'), "{out:?}");
        assert!(out.contains("a\\u{1b}[2J\\u{202e}\\nforged     0.571") && out.contains("b\\u{1b}]0;x"), "{out}");
    }

    #[test]
    fn documents_have_a_line_each() {
        let mut out = Vec::new();
        write_documents(&mut out, &evaluation()).unwrap();
        let expected = "\
F1     strict  v-strict     v-lax omissions additions
one     0.571     0.500     0.500     0.667     0.000
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
