//! The features of a pair from links: which sentences of the surroundings its pieces go with. Where a clause crosses the
//! border of two pairs, the tags of the pieces fall a little; their links leave the pair.

use super::{
    band_features::features,
    bead_features::ShortlistFeatures,
    gain::GAIN_UNIT,
    surroundings::Around,
    tags::{BORDER, mean},
};
use crate::{bead::Run, both::Both};

features! {
    /// A feature from the links of pieces.
    LinkFeature:
    /// Number of the source's pieces that are expected to be linked to sentences around the pair, in tens.
    SourceLinkedBeyond,
    /// The same, where doubtful ones count less: squares of the shares of links, in tens.
    SourceFirmlyBeyond,
    /// Number of pieces in the stretch of the source that is most linked to sentences around the pair, in tens: those over a
    /// half less those under it.
    SourceStretchBeyond,
    /// Number of the source's pieces that are expected to be linked to nothing around, in tens.
    SourceLinkedNowhere,
    /// Number of pieces in the stretch of the source that is most linked to nothing around, in tens.
    SourceStretchNowhere,
    /// Share of the links of the first pieces of the source that go to sentences around the pair.
    SourceFirstBeyond,
    /// Share of the links of the last pieces of the source that go to sentences around the pair.
    SourceLastBeyond,
    /// Share of links that go to the pair's target, of the source sentence with the least, where there are several.
    SourceLeastWithin,

    /// Number of the target's pieces that are expected to be linked to sentences around the pair, in tens.
    TargetLinkedBeyond,
    /// The same, where doubtful ones count less: squares of the shares of links, in tens.
    TargetFirmlyBeyond,
    /// Number of pieces in the stretch of the target that is most linked to sentences around the pair, in tens: those over a
    /// half less those under it.
    TargetStretchBeyond,
    /// Number of the target's pieces that are expected to be linked to nothing around, in tens.
    TargetLinkedNowhere,
    /// Number of pieces in the stretch of the target that is most linked to nothing around, in tens.
    TargetStretchNowhere,
    /// Share of the links of the first pieces of the target that go to sentences around the pair.
    TargetFirstBeyond,
    /// Share of the links of the last pieces of the target that go to sentences around the pair.
    TargetLastBeyond,
    /// Share of links that go to the pair's source, of the target sentence with the least, where there are several.
    TargetLeastWithin,
}

/// The number of features of each side of a pair.
const OF_SIDE: usize = 8;

/// Sets the features of a pair from the links of its sentences `around` it. What is not known of them is left out.
pub fn add_links(features: &mut ShortlistFeatures, runs: Both<Run>, around: Both<&[Around]>) {
    use LinkFeature as F;
    const SOURCE: [F; OF_SIDE] = [
        F::SourceLinkedBeyond,
        F::SourceFirmlyBeyond,
        F::SourceStretchBeyond,
        F::SourceLinkedNowhere,
        F::SourceStretchNowhere,
        F::SourceFirstBeyond,
        F::SourceLastBeyond,
        F::SourceLeastWithin,
    ];
    const TARGET: [F; OF_SIDE] = [
        F::TargetLinkedBeyond,
        F::TargetFirmlyBeyond,
        F::TargetStretchBeyond,
        F::TargetLinkedNowhere,
        F::TargetStretchNowhere,
        F::TargetFirstBeyond,
        F::TargetLastBeyond,
        F::TargetLeastWithin,
    ];
    for (names, others, around) in [(SOURCE, runs.target, around.source), (TARGET, runs.source, around.target)] {
        for (name, value) in names.into_iter().zip(side(others, around)) {
            features.set(name, value);
        }
    }
}

/// The features of a side whose bead has these sentences of the other.
fn side(others: Run, around: &[Around]) -> [f64; OF_SIDE] {
    let (mut beyond, mut nowhere, mut within) = (Vec::new(), Vec::new(), Vec::new());
    for around in around {
        let mut inside = Vec::with_capacity(around.links.len());
        for shares in &around.links {
            let (mut own, mut all) = (0.0, 0.0);
            for (sentence, &share) in around.others.range().zip(shares) {
                all += f64::from(share);
                own += if others.range().contains(&sentence) { f64::from(share) } else { 0.0 };
            }
            beyond.push(all - own);
            nowhere.push(1.0 - all);
            inside.push(own);
        }
        within.push(mean(&inside));
    }
    let border = BORDER.min(beyond.len());
    [
        beyond.iter().sum::<f64>() / GAIN_UNIT,
        beyond.iter().map(|share| share * share).sum::<f64>() / GAIN_UNIT,
        stretch(&beyond) / GAIN_UNIT,
        nowhere.iter().sum::<f64>() / GAIN_UNIT,
        stretch(&nowhere) / GAIN_UNIT,
        mean(&beyond[..border]),
        mean(&beyond[beyond.len() - border..]),
        if within.len() > 1 { within.into_iter().fold(1.0, f64::min) } else { 0.0 },
    ]
}

/// The highest sum of what neighbouring shares are over a half, of any stretch of them (Kadane's algorithm).
fn stretch(shares: &[f64]) -> f64 {
    let until = |before: f64, share: &f64| (before + share - 0.5).max(0.0);
    let sums = shares.iter().scan(0.0, |sum, share| {
        *sum = until(*sum, share);
        Some(*sum)
    });
    2.0 * sums.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bead::BeadKind;

    fn linked(others: (usize, usize), links: &[&[f32]]) -> Around {
        let links: Vec<Vec<f32>> = links.iter().map(|shares| shares.to_vec()).collect();
        Around { tags: vec![0.0; links.len()], links, others: Run::new(others.0, others.1) }
    }

    fn is(found: f64, expected: f64) -> bool {
        (found - expected).abs() < 1e-6
    }

    #[test]
    fn what_goes_with_the_neighbours_leaves_the_pair_and_the_rest_does_not() {
        use LinkFeature as F;
        let mut features = ShortlistFeatures::new(0.0, BeadKind { source: 1, target: 2 });
        // The sentences around are 4 to 6 of the source; 5 is the pair's.
        let first = linked((4, 7), &[&[0.9, 0.1, 0.0], &[0.0, 1.0, 0.0], &[0.0, 0.5, 0.0]]);
        let second = linked((4, 7), &[&[0.0, 1.0, 0.0], &[0.0, 0.0, 0.8]]);
        let runs = Both::new(Run::new(5, 6), Run::new(8, 10));
        add_links(&mut features, runs, Both::new(&[], &[first, second]));
        let of = |feature: LinkFeature| features.get(feature);
        assert!(is(of(F::TargetLinkedBeyond), 0.17), "1.7 pieces, in tens");
        assert!(is(of(F::TargetFirmlyBeyond), 0.145), "their squares are .81 and .64");
        assert!(is(of(F::TargetLinkedNowhere), 0.07), "half of one, a fifth of another");
        assert!(is(of(F::TargetFirstBeyond), 0.225) && is(of(F::TargetLastBeyond), 0.2), "of four pieces each");
        assert!(is(of(F::TargetLeastWithin), 0.5), "of the second sentence");
        assert!(is(of(F::SourceLinkedBeyond), 0.0) && is(of(F::SourceLeastWithin), 0.0), "nothing is known");
    }

    #[test]
    fn a_stretch_that_goes_elsewhere_counts_more_than_as_much_here_and_there() {
        let close = stretch(&[0.0, 0.9, 1.0, 0.6, 0.0, 0.1]);
        assert!(is(close, 2.0), "{close}");
        assert!(is(stretch(&[0.9, 0.1, 0.9, 0.1, 0.9]), 0.8));
        assert!(is(stretch(&[0.4; 5]), 0.0) && is(stretch(&[]), 0.0));
    }
}
