//! Evidence that a clause of a pair has no counterpart on the other side.
//!
//! The clauses of both sides of a bead are compared piece by piece. [`clues`] turns that, with lengths, into the
//! numbers that [`ClauseWeights`] weigh. What a clause is, and what is made of the answer, is decided elsewhere.

mod comparison;
pub mod weights;

use serde::{Deserialize, Serialize};

use self::comparison::{OpenClues, open_clues};
pub use self::weights::ClauseWeights;
use super::lengths::log_length_ratio;
use crate::{both::Both, threads::of_each};

/// A clause of one side of a bead.
pub struct Clause {
    /// The number of its characters that are not white space.
    pub length: usize,
    /// The embedding of each of its pieces, whose length is the weight of the piece.
    pub pieces: Vec<Vec<f32>>,
}

/// Defines the clues and the list of their values, so that neither lacks one.
macro_rules! clues {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// Clues that a clause has no counterpart, or that it has one; or, in [`weights`], the weights of these.
        #[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Clues {
            $($(#[$doc])* pub $name: f64,)*
        }

        /// The number of clues.
        pub const N_CLUES: usize = [$(stringify!($name)),*].len();

        impl Clues {
            /// The values of the clues, in order.
            pub fn values(&self) -> [f64; N_CLUES] {
                [$(self.$name),*]
            }
        }

        impl From<[f64; N_CLUES]> for Clues {
            fn from(values: [f64; N_CLUES]) -> Self {
                let [$($name),*] = values;
                Self { $($name),* }
            }
        }
    };
}

clues! {
    /// The constant 1.
    always,
    /// Mean over the clause's pieces, weighted, of the best cosine with any piece of the other side.
    coverage,
    /// Mean over the clause's pieces, weighted, of the best cosine, where counterparts far from the clause's place in
    /// the bead count for less.
    nearby,
    /// Share of the clause's weight whose best counterpart has its own best counterpart in this clause, and not in
    /// another that takes the same words for itself.
    mutual,
    /// Log of how much of the other side this clause explains best, over what its share of the bead leads one to
    /// expect.
    received,
    /// Square of `received`.
    received_square,
    /// Fall of the cosine of the two sides without this clause.
    cosine_gain,
    /// Fall of the cosine of the two sides without this clause, over the clause's share.
    cosine_gain_rate,
    /// The clause's share of the weight of its side of the bead.
    share,
    /// Number of standard deviations by which the clause's side of the bead is too long for the other.
    surplus,
}

/// The clues of each clause of each side of the beads of one document, in the same order. Time grows with the product
/// of the pieces of both sides of a bead; of a bead no more is kept than its clues, and its `clauses` are asked for only then.
pub fn clues<B>(
    beads: impl IntoIterator<IntoIter: ExactSizeIterator<Item = B> + Send>,
    clauses: impl Fn(B) -> Both<Vec<Clause>> + Sync,
) -> Vec<Both<Vec<Clues>>> {
    let open_clues = of_each(beads, |bead| open_clues(&clauses(bead)));
    let total = |of: fn(&Both<Vec<OpenClues>>) -> &Vec<OpenClues>| -> f64 {
        open_clues.iter().flat_map(of).map(|open| open.length).sum()
    };
    let ratio = log_length_ratio(Both::new(total(|bead| &bead.source), total(|bead| &bead.target)));
    let finish = |open_clues: Vec<OpenClues>, ratio| open_clues.into_iter().map(|open| open.finish(ratio)).collect();
    open_clues.into_iter().map(|bead| Both::new(finish(bead.source, -ratio), finish(bead.target, ratio))).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A clause of one-hot pieces, three characters each.
    fn clause(axes: &[usize]) -> Clause {
        let piece = |&axis: &usize| (0..6).map(|k| if k == axis { 2.0 } else { 0.0 }).collect();
        Clause { length: 3 * axes.len(), pieces: axes.iter().map(piece).collect() }
    }

    #[test]
    fn a_clause_that_finds_nothing_differs_in_every_clue_from_one_that_is_translated() {
        let bead = Both::new(vec![clause(&[0, 1]), clause(&[2, 3])], vec![clause(&[1, 0])]);
        let found = &clues([bead], |bead| bead)[0];
        let (translated, missing) = (found.source[0], found.source[1]);
        let close = |a: f64, b: f64| (a - b).abs() < 1e-3;
        assert!(close(translated.coverage, 1.0) && close(missing.coverage, 0.0));
        assert!(translated.nearby > 0.8 && close(missing.nearby, 0.0));
        assert!(close(translated.mutual, 1.0) && close(missing.mutual, 0.0));
        assert!(translated.received > 0.5 && missing.received < -2.0);
        assert!(translated.cosine_gain > 0.5 && missing.cosine_gain < -0.2);
        assert!((translated.share - 0.5).abs() < 0.02 && (missing.share - 0.5).abs() < 0.02);
        assert!(close(found.target[0].coverage, 1.0));
    }

    #[test]
    fn of_two_clauses_that_say_the_same_a_single_counterpart_is_not_for_both() {
        let bead = Both::new(vec![clause(&[0, 1]), clause(&[0, 1])], vec![clause(&[0, 1])]);
        let found = &clues([bead], |bead| bead)[0];
        assert!(found.source.iter().all(|clues| clues.coverage > 0.99));
        let mutual: f64 = found.source.iter().map(|clues| clues.mutual).sum();
        assert!((mutual - 1.0).abs() < 1e-3, "one of them has it: {mutual}");
    }

    #[test]
    fn a_side_that_is_too_long_for_this_document_has_a_surplus() {
        let usual = || Both::new(vec![clause(&[0])], vec![clause(&[0, 1, 2])]);
        let short = || Both::new(vec![clause(&[0, 1, 2, 3])], vec![clause(&[0])]);
        let found = clues((0..31).map(|at| if at < 30 { usual() } else { short() }), |bead| bead);
        assert!(found[0].source[0].surplus.abs() < 0.5);
        assert!(found[30].source[0].surplus > 2.0 && found[30].target[0].surplus < -2.0);
    }

    proptest! {
        #[test]
        fn clues_are_numbers_whatever_the_clauses(
            sides in prop::array::uniform2(prop::collection::vec(prop::collection::vec(0..9_usize, 0..4), 0..4)),
        ) {
            let [source, target] = sides.map(|side| side.iter().map(|axes| clause(axes)).collect::<Vec<_>>());
            let lengths = Both::new(source.len(), target.len());
            let found = &clues([Both::new(source, target)], |bead| bead)[0];
            prop_assert_eq!(found.as_ref().map(Vec::len), lengths);
            for clues in found.source.iter().chain(&found.target) {
                prop_assert!(clues.values().iter().all(|value| value.is_finite()), "{:?}", clues);
                for share in [clues.coverage, clues.nearby, clues.mutual, clues.share] {
                    prop_assert!((-0.01..=1.01).contains(&share), "{:?}", clues);
                }
            }
        }
    }
}
