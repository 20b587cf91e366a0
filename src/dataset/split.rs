//! Splits of a data set: which pairs train, which validate and which test; nothing is shared between the three.
//!
//! A document goes whole into one split, so that a test asks for no sentence whose neighbours were trained on. One
//! that holds more than a tenth of all pairs, larger documents not counted, is divided pair by pair, by the hash of
//! its Chinese: a corpus in one file for example. Where a text occurs in two splits all the same, the pair that would
//! train (or, beside a test, validate) has to go: see `HeldOut`.

use std::{collections::HashSet, fmt};

use super::key::{Keys, hash};

/// A split: a part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Split {
    /// The training split.
    Train,
    /// The validation split, to choose settings by.
    Validation,
    /// The test split, to measure with.
    Test,
}

impl Split {
    /// All splits, in the order of their numbers.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];
}

/// The name by which `datasets` knows the split.
impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        })
    }
}

/// The shares of all pairs that are held out, each 0..1, together below 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// The share for validation.
    pub validation: f64,
    /// The share for the test.
    pub test: f64,
}

/// The default of each share: with 50,000 pairs, 1,000.
pub const DEFAULT_SHARE: f64 = 0.02;

impl Default for Shares {
    fn default() -> Self {
        Self { validation: DEFAULT_SHARE, test: DEFAULT_SHARE }
    }
}

/// The share of the pairs, those of larger documents not counted, above which a document is too large to be held out
/// whole: five times the default share, so that ten chapters of a book can still be divided by chapters.
const LARGEST_WHOLE: f64 = 0.1;

/// The draw of a document of this name: documents fill the test first and then the validation split in the order of theirs.
pub(super) fn draw_of_document(seed: u64, name: &str) -> u64 {
    hash(seed, name.as_bytes())
}

/// The draw of a pair of a document that is divided: where it lies in the range of 64 bits decides on the split.
pub(super) fn draw_of_pair(seed: u64, keys: &Keys) -> u64 {
    hash(seed, &keys.zh.to_le_bytes())
}

/// The plan of the splits: where the pairs of each document go.
#[derive(Debug)]
pub(super) struct Plan {
    /// The split of each document; none where its pairs are divided.
    whole: Vec<Option<Split>>,
    shares: Shares,
    seed: u64,
}

impl Plan {
    /// Plans the splits of documents of these names and numbers of pairs.
    pub(super) fn new<'n>(documents: impl Iterator<Item = (&'n str, usize)>, shares: Shares, seed: u64) -> Self {
        let documents: Vec<(&str, usize)> = documents.collect();
        let mut by_size: Vec<usize> = (0..documents.len()).collect();
        by_size.sort_by_key(|&index| documents[index].1);
        let mut of_small: usize = documents.iter().map(|(_, pairs)| pairs).sum();
        while let Some(large) = by_size.pop_if(|largest| documents[*largest].1 as f64 > LARGEST_WHOLE * of_small as f64)
        {
            of_small -= documents[large].1;
        }
        let mut small = by_size;
        small.sort_by_cached_key(|&index| (draw_of_document(seed, documents[index].0), documents[index].0));

        let mut whole: Vec<Option<Split>> = documents.iter().map(|_| None).collect();
        let (mut to_test, mut to_validation) = (shares.test * of_small as f64, shares.validation * of_small as f64);
        for index in small {
            let pairs = documents[index].1 as f64;
            whole[index] = Some(if to_test > 0.0 {
                to_test -= pairs;
                Split::Test
            } else if to_validation > 0.0 {
                to_validation -= pairs;
                Split::Validation
            } else {
                Split::Train
            });
        }
        Self { whole, shares, seed }
    }

    /// The split of a pair of a document.
    pub(super) fn split(&self, document: u32, keys: &Keys) -> Split {
        self.whole[document as usize].unwrap_or_else(|| {
            let place = draw_of_pair(self.seed, keys) as f64 / u64::MAX as f64;
            if place < self.shares.test {
                Split::Test
            } else if place < self.shares.test + self.shares.validation {
                Split::Validation
            } else {
                Split::Train
            }
        })
    }
}

/// The texts of the pairs that are held out.
#[derive(Debug, Default)]
pub(super) struct HeldOut {
    validation: Texts,
    test: Texts,
}

#[derive(Debug, Default)]
struct Texts {
    zh: HashSet<u64>,
    en: HashSet<u64>,
}

impl Texts {
    fn insert(&mut self, keys: &Keys) {
        self.zh.insert(keys.zh);
        self.en.insert(keys.en);
    }

    fn have(&self, keys: &Keys) -> bool {
        self.zh.contains(&keys.zh) || self.en.contains(&keys.en)
    }
}

impl HeldOut {
    /// Adds the texts of a pair that goes to `split`.
    pub(super) fn insert(&mut self, split: Split, keys: &Keys) {
        match split {
            Split::Train => {}
            Split::Validation => self.validation.insert(keys),
            Split::Test => self.test.insert(keys),
        }
    }

    /// Whether a pair must not be in `split`, one of its texts being in a split that goes before.
    pub(super) fn forbids(&self, split: Split, keys: &Keys) -> bool {
        match split {
            Split::Train => self.validation.have(keys) || self.test.have(keys),
            Split::Validation => self.test.have(keys),
            Split::Test => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(number: u64) -> Keys {
        Keys { zh: hash(1, &number.to_le_bytes()), en: hash(2, &number.to_le_bytes()) }
    }

    fn shares(validation: f64, test: f64) -> Shares {
        Shares { validation, test }
    }

    /// How many of `pairs` pairs of each document go to each split.
    fn counts(plan: &Plan, documents: &[usize]) -> Vec<[usize; 3]> {
        let count = |(document, &pairs): (usize, &usize)| {
            let mut counts = [0; 3];
            for number in 0..pairs as u64 {
                let document = u32::try_from(document).unwrap();
                counts[plan.split(document, &keys(number + 1000 * u64::from(document))) as usize] += 1;
            }
            counts
        };
        documents.iter().enumerate().map(count).collect()
    }

    fn plan(documents: &[usize], shares: Shares, seed: u64) -> Plan {
        let names: Vec<String> = (0..documents.len()).map(|number| format!("chapter-{number}.txt")).collect();
        Plan::new(names.iter().map(String::as_str).zip(documents.iter().copied()), shares, seed)
    }

    #[test]
    fn documents_go_whole_and_in_all_as_many_as_asked_for() {
        let documents = [10; 40];
        let counts = counts(&plan(&documents, shares(0.1, 0.2), 7), &documents);
        assert!(counts.iter().all(|counts| counts.iter().filter(|&&count| count > 0).count() == 1), "{counts:?}");
        let total = |split: Split| counts.iter().map(|counts| counts[split as usize]).sum::<usize>();
        assert_eq!(Split::ALL.map(total), [280, 40, 80]);
    }

    #[test]
    fn ten_chapters_give_one_to_each_held_out_split() {
        let documents = [50; 10];
        let counts = counts(&plan(&documents, Shares::default(), 0), &documents);
        let chapters = |split: Split| counts.iter().filter(|counts| counts[split as usize] == 50).count();
        assert_eq!(Split::ALL.map(chapters), [8, 1, 1]);
    }

    #[test]
    fn a_corpus_in_one_file_is_divided_by_pairs() {
        let counts = counts(&plan(&[20_000], shares(0.05, 0.1), 3), &[20_000]);
        let [_, validation, test] = counts[0];
        assert!((900..1100).contains(&validation) && (1850..2150).contains(&test), "{counts:?}");
    }

    #[test]
    fn a_document_beside_a_corpus_is_not_the_whole_test() {
        let documents = [5000, 400, 0];
        let counts = counts(&plan(&documents, shares(0.1, 0.1), 3), &documents);
        assert!(counts[1].iter().all(|&count| count > 10), "{counts:?}");
        let documents: Vec<usize> = std::iter::once(5000).chain([4; 50]).collect();
        let counts = super::tests::counts(&plan(&documents, shares(0.1, 0.1), 3), &documents);
        assert!(counts[0].iter().all(|&count| count > 100), "{counts:?}");
        assert!(counts[1..].iter().all(|counts| counts.contains(&4)), "{counts:?}");
    }

    #[test]
    fn nothing_is_held_out_unless_it_is_asked_for() {
        let documents = [5, 5, 100, 5];
        let counts = counts(&plan(&documents, shares(0.0, 0.0), 0), &documents);
        assert!(counts.iter().all(|&[_, validation, test]| validation + test == 0), "{counts:?}");
    }

    #[test]
    fn a_document_without_pairs_is_no_trouble() {
        assert_eq!(plan(&[0, 0], Shares::default(), 0).whole.len(), 2);
        assert_eq!(plan(&[], Shares::default(), 0).whole.len(), 0);
    }

    proptest! {
        #[test]
        fn the_seed_alone_decides(sizes in prop::collection::vec(0..60_usize, 0..30), seed in any::<u64>()) {
            let [first, second] = [0, 1].map(|_| counts(&plan(&sizes, shares(0.2, 0.2), seed), &sizes));
            prop_assert_eq!(first, second);
        }

        #[test]
        fn no_text_is_left_in_two_splits(
            pairs in prop::collection::vec((0..40_u64, 0..40_u64, 0..3_usize), 0..60),
        ) {
            let pairs: Vec<(Keys, Split)> = pairs.into_iter()
                .map(|(zh, en, split)| (Keys { zh: keys(zh).zh, en: keys(en).en }, Split::ALL[split]))
                .collect();
            let mut held_out = HeldOut::default();
            for (keys, split) in &pairs {
                held_out.insert(*split, keys);
            }
            let left: Vec<_> = pairs.iter().filter(|(keys, split)| !held_out.forbids(*split, keys)).collect();
            for (first, first_split) in &left {
                for (second, second_split) in &left {
                    let share = first.zh == second.zh || first.en == second.en;
                    prop_assert!(!share || first_split == second_split);
                }
            }
        }
    }
}
