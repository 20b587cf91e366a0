//! Statistics of the pairs written: the size of each split, and how lengths and confidences are spread over all of
//! them.

use super::{Candidate, Split};
use crate::text::visible_length;

/// Statistics of all pairs written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Statistics {
    sizes: [Size; 3],
    /// The histogram of length ratios: English letters per Chinese one, in parts of [`LARGEST_RATIO`].
    pub length_ratio: Histogram<20>,
    /// The histogram of confidences, of the pairs that have one.
    pub confidence: Histogram<20>,
}

/// The size of a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Size {
    /// The number of pairs.
    pub pairs: usize,
    /// The number of Chinese characters that are not white space.
    pub zh_characters: usize,
    /// The number of English words, that is, what white space divides.
    pub en_words: usize,
    /// The number of pairs that have a confidence.
    pub with_confidence: usize,
}

/// The upper end of the histogram of length ratios; the last column takes what is beyond. Fewer than
/// one clean pair in a thousand is (of 219,000 of five corpora).
pub const LARGEST_RATIO: f64 = 10.0;

impl Statistics {
    /// Counts a pair of `split`.
    pub fn add(&mut self, split: Split, pair: &Candidate) {
        let (zh, en) = (visible_length(&pair.zh), visible_length(&pair.en));
        let size = &mut self.sizes[split as usize];
        size.pairs += 1;
        size.zh_characters += zh;
        size.en_words += pair.en.split_whitespace().count();
        self.length_ratio.add(en as f64 / zh.max(1) as f64 / LARGEST_RATIO);
        if let Some(confidence) = pair.confidence {
            size.with_confidence += 1;
            self.confidence.add(confidence);
        }
    }

    /// The size of `split`.
    pub fn size(&self, split: Split) -> Size {
        self.sizes[split as usize]
    }

    /// The number of pairs in all splits.
    pub fn pairs(&self) -> usize {
        self.sizes.iter().map(|size| size.pairs).sum()
    }

    /// The number of pairs in all splits that have a confidence.
    pub fn with_confidence(&self) -> usize {
        self.sizes.iter().map(|size| size.with_confidence).sum()
    }
}

/// A histogram of values from 0 to 1, over `N` equal parts of that range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Histogram<const N: usize> {
    /// The number of values in each part.
    pub counts: [usize; N],
}

impl<const N: usize> Default for Histogram<N> {
    fn default() -> Self {
        Self { counts: [0; N] }
    }
}

impl<const N: usize> Histogram<N> {
    /// Counts a value; one outside of the range is counted at its end.
    pub fn add(&mut self, value: f64) {
        let column = (0..N).rev().find(|&column| value >= column as f64 / N as f64).unwrap_or(0);
        self.counts[column] += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fall_into_equal_parts_and_those_beyond_into_the_outer_ones() {
        let mut histogram = Histogram::<4>::default();
        for value in [0.0, 0.1, 0.25, 0.5, 0.74, 1.0, 7.0, -1.0, f64::NAN] {
            histogram.add(value);
        }
        assert_eq!(histogram.counts, [4, 1, 2, 2]);
    }

    #[test]
    fn a_pair_counts_for_its_split() {
        let mut statistics = Statistics::default();
        let pair = |confidence| Candidate {
            zh: "猫 睡了。".to_owned(),
            en: "The cat  slept.".to_owned(),
            confidence,
            doc: "d".into(),
            line: None,
            flaw: None,
            is_draft: false,
        };
        statistics.add(Split::Train, &pair(Some(0.97)));
        statistics.add(Split::Test, &pair(None));
        let size = Size { pairs: 1, zh_characters: 4, en_words: 3, with_confidence: 1 };
        assert_eq!(statistics.size(Split::Train), size);
        assert_eq!((statistics.pairs(), statistics.with_confidence()), (2, 1));
        // 12 letters for 4.
        assert_eq!(statistics.length_ratio.counts[6], 2);
        assert_eq!(statistics.confidence.counts[19], 1);
    }
}
