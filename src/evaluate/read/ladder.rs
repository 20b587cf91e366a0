//! Hunalign's ladder: each line is a rung `n⇥m` or `n⇥m⇥score`, the sentences that both sides have reached; a bead is
//! what lies between two rungs. Numbers begin at 0.

use super::{Link, Malformed, shortened};
use crate::both::Both;

/// The most sentences that a ladder may reach on a side, far above any document: neither one damaged number nor many
/// long steps may fill the memory, for every sentence below the last rung is in a bead.
const HIGHEST: usize = 1_000_000;

/// Reads numbered lines.
pub(super) fn parse<'t>(lines: impl Iterator<Item = (usize, &'t str)>) -> Result<Vec<Link>, Malformed> {
    let mut reached: Option<Both<usize>> = None;
    let mut beads = Vec::new();
    for (line, text) in lines {
        let malformed = |what| Malformed { line, what };
        let next = rung(text).ok_or_else(|| {
            malformed(format!(
                "`{}` is no bead: known are `[0]:[0,1]`, `1 <=> 1,2`, ladders and XML links",
                shortened(text)
            ))
        })?;
        if next.source.max(next.target) > HIGHEST {
            let what = format!("a ladder up to `{}` is too long: it may have {HIGHEST} sentences", shortened(text));
            return Err(malformed(what));
        }
        if let Some(last) = reached {
            let steps = last.zip(next);
            beads.push(Both::new(step(steps.source).map_err(malformed)?, step(steps.target).map_err(malformed)?));
        } else if next != Both::new(0, 0) {
            return Err(malformed(format!("a ladder begins at `0 0`, not at `{}`", shortened(text))));
        }
        reached = Some(next);
    }
    Ok(beads)
}

fn rung(text: &str) -> Option<Both<usize>> {
    let mut fields = text.split_whitespace();
    let rung = Both::new(fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    let score = fields.next();
    let score_is_number = score.is_none_or(|score| score.parse::<f64>().is_ok());
    (score_is_number && fields.next().is_none()).then_some(rung)
}

fn step((from, to): (usize, usize)) -> Result<Vec<usize>, String> {
    match to.checked_sub(from) {
        None => Err(format!("the ladder goes down, from {from} to {to}")),
        Some(_) => Ok((from..to).collect()),
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::{both::Both, error::Error};

    #[test]
    fn beads_lie_between_the_rungs() {
        // Rungs (0,0) (1,1) (3,2) (3,3) (4,3): a 1:1, a 2:1, an addition, an omission.
        let links = parse("x", "0\t0\t0.3\n1\t1\t0.51\n3\t2\t-0.3\n3\t3\t0.1\n4\t3\n").unwrap();
        let expected = [(vec![0], vec![0]), (vec![1, 2], vec![1]), (vec![], vec![2]), (vec![3], vec![])];
        assert_eq!(links, expected.map(|(source, target)| Both::new(source, target)));
    }

    #[test]
    fn a_ladder_by_hand_has_spaces_and_no_scores() {
        assert_eq!(parse("x", "0 0\n1 2\n").unwrap(), [Both::new(vec![0], vec![0, 1])]);
    }

    #[test]
    fn a_ladder_that_is_no_ladder_is_refused_with_its_line() {
        for (text, line, what) in [
            ("0 0\n2 2\n1 3\n", 3, "goes down"),
            ("1 1\n2 2\n", 1, "begins at"),
            ("0 0\n1 1 x\n", 2, "no bead"),
            ("0 0\n1 1 0.5 7\n", 2, "no bead"),
            ("0 0\n18446744073709551615 1\n", 2, "too long"),
            ("0 0\n1000000 1\n2 1\n", 3, "goes down"),
            ("0 0\n600000 1\n600001 600000\n1000001 1000000\n", 4, "too long"),
        ] {
            let error = parse("x", text).unwrap_err();
            assert!(matches!(&error, Error::Format { line: found, .. } if *found == line), "{text:?}: {error}");
            assert!(error.to_string().contains(what), "{error}");
        }
    }
}
