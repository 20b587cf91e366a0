//! Sparse vectors of terms, weighted by inverse document frequency: the words of a translation against the words of
//! the target, the numbers and Latin names of the source against those of the target.

use std::collections::{BTreeMap, HashMap};

use unicode_segmentation::UnicodeSegmentation;

use super::inner_products::Vectors;
use crate::both::Both;

/// A term: a word stem, a number or a name in its normal form.
pub(super) type Term = String;

/// The number of letters of a word that count: a stand-in for stemming that needs no tables (five did best on novels
/// in the peers' experiment, against whole words and character 4-grams).
const STEM_LETTERS: usize = 5;

/// Punctuation that survives translation (worth 1 point of F1 in the peers' experiment).
const PUNCTUATION: [char; 7] = ['?', '!', '"', '…', ':', ';', '('];

/// The vectors of one side's sentences: terms in order, each with its weight.
pub(super) struct TermVectors {
    sentences: Vec<Vec<(u32, f32)>>,
}

impl TermVectors {
    /// Weighs terms by their inverse document frequency over both sides, log(sentences / sentences with it).
    pub(super) fn new(sides: &Both<Vec<Vec<Term>>>) -> Both<Self> {
        let n_sentences = (sides.source.len() + sides.target.len()) as f32;
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut frequencies: Vec<f32> = Vec::new();
        let counted = sides.as_ref().map(|side| side.iter().map(|terms| count(terms)).collect::<Vec<_>>());
        for sentence in counted.source.iter().chain(&counted.target) {
            for &term in sentence.keys() {
                let next = u32::try_from(numbers.len()).expect("fewer terms than 2^32");
                let number = *numbers.entry(term).or_insert(next);
                if number == next {
                    frequencies.push(0.0);
                }
                frequencies[number as usize] += 1.0;
            }
        }
        counted.map(|side| {
            let weigh = |(term, count): (&str, f32)| {
                let number = numbers[term];
                (number, count * ((n_sentences + 1.0) / frequencies[number as usize]).ln())
            };
            let sentences = side.into_iter().map(|sentence| {
                let mut vector: Vec<_> = sentence.into_iter().map(weigh).collect();
                vector.sort_unstable_by_key(|&(number, _)| number);
                vector
            });
            Self { sentences: sentences.collect() }
        })
    }
}

impl Vectors for TermVectors {
    fn dot(&self, i: usize, other: &Self, j: usize) -> f32 {
        let (mut a, mut b) = (self.sentences[i].as_slice(), other.sentences[j].as_slice());
        let mut sum = 0.0;
        while let ([(term_a, weight_a), rest_a @ ..], [(term_b, weight_b), rest_b @ ..]) = (a, b) {
            match term_a.cmp(term_b) {
                std::cmp::Ordering::Less => a = rest_a,
                std::cmp::Ordering::Greater => b = rest_b,
                std::cmp::Ordering::Equal => {
                    sum += weight_a * weight_b;
                    (a, b) = (rest_a, rest_b);
                }
            }
        }
        sum
    }

    fn len(&self) -> usize {
        self.sentences.len()
    }
}

/// The words of an English text as terms: lower case, stemmed, with the punctuation that translations keep.
pub(super) fn words(text: &str) -> Vec<Term> {
    let term = |token: &str| {
        if token.chars().any(char::is_alphanumeric) {
            Some(token.chars().flat_map(char::to_lowercase).take(STEM_LETTERS).collect())
        } else {
            token.chars().next().and_then(mark)
        }
    };
    text.split_word_bounds().filter_map(term).collect()
}

/// The punctuation of a text of either language that translations keep.
pub(super) fn marks(text: &str) -> Vec<Term> {
    text.chars().filter_map(mark).collect()
}

fn mark(c: char) -> Option<Term> {
    let folded = match c {
        '“' | '”' | '「' | '」' | '『' | '』' => '"',
        '？' => '?',
        '！' => '!',
        '：' => ':',
        '；' => ';',
        '（' => '(',
        other => other,
    };
    PUNCTUATION.contains(&folded).then(|| folded.to_string())
}

/// How often each term stands there, in an order that is the same in every run: sums of products are rounded in that order.
fn count(terms: &[Term]) -> BTreeMap<&str, f32> {
    let mut counts = BTreeMap::new();
    for term in terms {
        *counts.entry(term.as_str()).or_default() += 1.0;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_so_that_a_translation_meets_the_original() {
        assert_eq!(words("“Companies agreed?” he said…"), ["\"", "compa", "agree", "?", "\"", "he", "said", "…"]);
        assert_eq!(words("It cost 3.14, not $5."), ["it", "cost", "3.14", "not", "5"]);
    }

    #[test]
    fn inner_products_are_the_same_to_the_last_bit_however_often_they_are_made() {
        let sentence = |seed: u64| {
            let mut random = fastrand::Rng::with_seed(seed);
            (0..60).map(|_| format!("w{}", random.u8(..40))).collect::<Vec<Term>>()
        };
        let side = |first: u64| (first..first + 20).map(sentence).collect::<Vec<_>>();
        let products = || {
            let vectors = TermVectors::new(&Both::new(side(0), side(100)));
            let product = |(i, j)| vectors.source.dot(i, &vectors.target, j).to_bits();
            (0..20).flat_map(|i| (0..20).map(move |j| (i, j))).map(product).collect::<Vec<_>>()
        };
        let first = products();
        (0..5).for_each(|_| assert_eq!(products(), first));
    }

    #[test]
    fn rare_terms_weigh_more_than_common_ones() {
        let sentences = ["the cat", "the dog", "the fox"].map(words).to_vec();
        let vectors = TermVectors::new(&Both::new(sentences.clone(), sentences));
        let shared_the = vectors.source.dot(0, &vectors.target, 1);
        let shared_all = vectors.source.dot(0, &vectors.target, 0);
        assert!(shared_the < 0.1 * shared_all, "{shared_the} against {shared_all}");
    }
}
