//! Batches of sequences of like length: fewer pieces of padding, bounded memory.
//!
//! A batch is a list of indices into what it was made from, so whoever runs it writes each result to its index and the
//! order is restored by itself.

/// Groups sequences of the given lengths. Each batch holds sequences of like length, at most `most` of them, and
/// rows × longest row stays within `budget` pieces unless a single sequence is longer. The longest come first, so that
/// workers which take batches in turn end together.
pub(crate) fn batches(lengths: &[usize], most: usize, budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&index| std::cmp::Reverse(lengths[index]));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for index in order {
        let fits = |batch: &&mut Vec<usize>| batch.len() < most && (batch.len() + 1) * lengths[batch[0]] <= budget;
        match batches.last_mut().filter(fits) {
            Some(batch) => batch.push(index),
            None => batches.push(vec![index]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn like_lengths_share_a_batch_and_the_longest_come_first() {
        assert_eq!(batches(&[3, 9, 3, 8, 2], 2, 100), [vec![1, 3], vec![0, 2], vec![4]]);
    }

    #[test]
    fn a_sequence_over_the_budget_is_a_batch_of_its_own() {
        assert_eq!(batches(&[50, 4, 4], 8, 10), [vec![0], vec![1, 2]]);
    }

    proptest! {
        #[test]
        fn every_sequence_stands_in_one_batch_within_the_budget(
            lengths in prop::collection::vec(0_usize..40, 0..80),
            most in 1_usize..9,
            budget in 1_usize..120,
        ) {
            let made = batches(&lengths, most, budget);
            let mut seen: Vec<usize> = made.concat();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..lengths.len()).collect::<Vec<_>>());
            for batch in made {
                let longest = batch.iter().map(|&index| lengths[index]).max().unwrap();
                prop_assert!(batch.len() <= most && (batch.len() == 1 || batch.len() * longest <= budget));
            }
        }
    }
}
