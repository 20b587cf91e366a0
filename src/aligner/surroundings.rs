//! Surroundings: what of each sentence is covered by the beads around it, whichever of them it belongs to. Free translation
//! leaves pieces uncovered in right pairs too; what the neighbours cover speaks against a pair, what nobody does against none.

use crate::{
    bead::Run,
    both::Both,
    error::Result,
    evidence::Around,
    tokenizer::{PieceId, by_sentence},
    translate::tagger::{self, Tagger},
};

/// What the tagger says of each sentence beside its own bead of `alignment` with the one before and the one after: for the
/// sentences that `beads` have, and nothing for the others. Fails if the tagger does.
pub(super) fn surroundings(
    alignment: &[Both<Run>],
    beads: &[Both<Run>],
    pieces: &Both<Vec<Vec<PieceId>>>,
    tagger: &mut dyn Tagger,
) -> Result<Both<Vec<Around>>> {
    let mut open = pieces.as_ref().map(|side| vec![false; side.len()]);
    for runs in beads {
        open.source[runs.source.range()].fill(true);
        open.target[runs.target.range()].fill(true);
    }
    let is_open = |runs: &Both<Run>| {
        let open = runs.of(&open);
        open.source.contains(&true) || open.target.contains(&true)
    };
    let asked: Vec<usize> = (0..alignment.len()).filter(|&number| is_open(&alignment[number])).collect();
    let windows: Vec<Both<Run>> = asked.iter().map(|&number| window(alignment, number)).collect();
    let pairs: Vec<_> = windows.iter().map(|window| window.of(pieces)).collect();
    let all = tagger::links(tagger, &pairs)?;
    let mut found = pieces.as_ref().map(|side| vec![Around::default(); side.len()]);
    for ((&number, window), of) in asked.iter().zip(&windows).zip(all) {
        let runs = alignment[number];
        put(&mut found.source, (&of.tags.source, &of.links.source), *window, runs.source, &pieces.source);
        put(&mut found.target, (&of.tags.target, &of.links.target), window.swap(), runs.target, &pieces.target);
    }
    Ok(found)
}

/// A bead of an alignment with the one before and the one after.
fn window(alignment: &[Both<Run>], number: usize) -> Both<Run> {
    let (first, last) = (alignment[number.saturating_sub(1)], alignment[(number + 1).min(alignment.len() - 1)]);
    Both::new(Run::new(first.source.start, last.source.end), Run::new(first.target.start, last.target.end))
}

/// Puts the tags and the links of a side of a window, of which the last may be lacking, to the sentences of a run inside it.
/// That side is the `window`'s source.
fn put(
    found: &mut [Around],
    (tags, links): (&[f32], &[Vec<f32>]),
    window: Both<Run>,
    run: Run,
    pieces: &[Vec<PieceId>],
) {
    let lengths = || pieces[window.source.range()].iter().map(Vec::len);
    let of_sentences = by_sentence(tags, lengths()).zip(by_sentence(links, lengths()));
    for (sentence, (tags, links)) in window.source.range().zip(of_sentences) {
        if run.range().contains(&sentence) {
            found[sentence] = Around { tags: tags.to_vec(), links: links.to_vec(), others: window.target };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::translate::tagger::PairPieces;

    /// Says of a piece that it is covered where the other side has the same one, and reads four pieces of a side.
    struct Same {
        asked: usize,
    }

    impl Tagger for Same {
        fn fingerprint(&self) -> String {
            "same".into()
        }

        fn tag(&mut self, pairs: &[PairPieces<'_>]) -> Result<Vec<Both<Vec<f32>>>> {
            self.asked += pairs.len();
            let side = |own: &[Vec<PieceId>], other: &[Vec<PieceId>]| {
                let other: Vec<_> = other.iter().flatten().collect();
                own.iter().flatten().take(4).map(|piece| if other.contains(&piece) { 1.0 } else { -1.0 }).collect()
            };
            Ok(pairs
                .iter()
                .map(|pair| Both::new(side(pair.source, pair.target), side(pair.target, pair.source)))
                .collect())
        }
    }

    fn beads(ends: &[(usize, usize)]) -> Vec<Both<Run>> {
        let mut at = (0, 0);
        let bead = |&end: &(usize, usize)| {
            let runs = Both::new(Run::new(at.0, end.0), Run::new(at.1, end.1));
            at = end;
            runs
        };
        ends.iter().map(bead).collect()
    }

    #[test]
    fn a_sentence_is_read_beside_its_neighbours_and_only_where_it_is_asked_for() {
        let source = vec![vec![1], vec![2, 3], vec![], vec![4], vec![5]];
        let target = vec![vec![1, 3], vec![2], vec![4], vec![5]];
        let pieces = Both::new(source, target);
        let alignment = beads(&[(1, 1), (2, 2), (3, 2), (4, 3), (5, 4)]);
        let mut tagger = Same { asked: 0 };
        let asked = [Both::new(Run::new(0, 2), Run::new(0, 1))];
        let found = surroundings(&alignment, &asked, &pieces, &mut tagger).unwrap();
        assert_eq!(tagger.asked, 2, "the beads that hold what is asked for");
        let tags = found.as_ref().map(|side| side.iter().map(|around| around.tags.clone()).collect::<Vec<_>>());
        assert_eq!(tags.source[..2], [vec![1.0], vec![1.0, 1.0]], "a piece of the second is in the first's target");
        assert_eq!(tags.target[..2], [vec![1.0, 1.0], vec![1.0]]);
        assert!(tags.source[2..].iter().chain(&tags.target[2..]).all(Vec::is_empty));
    }

    #[test]
    fn what_the_tagger_no_longer_reads_is_unknown() {
        let pieces = Both::new(vec![vec![1, 2, 3], vec![4, 5, 6]], vec![vec![1], vec![4]]);
        let found =
            surroundings(&beads(&[(1, 1), (2, 2)]), &beads(&[(2, 2)]), &pieces, &mut Same { asked: 0 }).unwrap();
        let tags: Vec<_> = found.source.into_iter().map(|around| around.tags).collect();
        assert_eq!(tags, [vec![1.0, -1.0, -1.0], vec![1.0]]);
        let none = surroundings(&[], &[], &Both::default(), &mut Same { asked: 0 }).unwrap();
        assert_eq!(none, Both::default());
    }
}
