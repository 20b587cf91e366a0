//! Books with much missing: the stages after translation, on sentences that are a length and a vector.
//!
//! What one side lacks must be found missing, wherever it stands and however long it is, and the rest found again after
//! it. Lengths and vectors are drawn at random, and compare with each other as those of real sentences do.

use std::sync::Arc;

use mtalign::{
    align::coarse,
    aligner::first_pass,
    bead::{Alignment, Bead},
    both::Both,
    document::{ByteMap, Original, Sentence, Sentences},
    evidence::{BandEvidence, Inputs, Passes},
    text::Lang,
};

use crate::support::bundled_model;

/// With so many values the cosines of random vectors spread like those of sentences that have nothing to do with each
/// other: by 0.09 around 0, as counted on the development sets.
const DIMENSION: u64 = 128;

/// How much a translation's vector differs from the original's, against their length: their cosine is then 0.68, as is
/// that of the median 1:1 bead of the development sets.
const NOISE: f32 = 1.08;

/// English characters for a Chinese one.
const LENGTH_RATIO: f64 = 3.1;

/// Sentences before and after a hole; debug builds are slow.
const AROUND: usize = if cfg!(debug_assertions) { 500 } else { 3_000 };

#[test]
fn five_thousand_sentences_that_one_side_lacks_lead_nothing_astray() {
    let hole = AROUND..AROUND + 5_000;
    let whole = || 0..hole.end + AROUND;
    let rest = || whole().filter(|key| !hole.contains(key));
    Book::new(whole(), rest()).check("a hole in the target");
    Book::new(rest(), whole()).check("a hole in the source");
}

#[test]
fn chapters_that_one_side_lacks_are_skipped() {
    const CHAPTERS: usize = 24;
    type Has = fn(usize) -> bool;
    let cases: [(&str, Both<Has>); 5] = [
        ("every second one in the target", Both::new(|_| true, |chapter| chapter % 2 == 0)),
        ("every second one in the source", Both::new(|chapter| chapter % 2 == 1, |_| true)),
        ("the first half in the target", Both::new(|_| true, |chapter| chapter >= CHAPTERS / 2)),
        ("the second half in the source", Both::new(|chapter| chapter < CHAPTERS / 2, |_| true)),
        ("different halves", Both::new(|chapter| chapter % 4 < 2, |chapter| chapter % 4 % 3 == 0)),
    ];
    for (name, has) in cases {
        for length in [10, 80] {
            let keys = |has: Has| (0..CHAPTERS * length).filter(move |key| has(key / length));
            Book::new(keys(has.source), keys(has.target)).check(&format!("{name}, {length} sentences each"));
        }
    }
}

#[test]
fn texts_that_have_nothing_to_do_with_each_other_yield_next_to_no_pairs() {
    for (n, m) in [(40, 50), (300, 200), (1_500, 1_200), (200, 2_000)] {
        let strangers = Book::new(0..n, 1_000_000..1_000_000 + m);
        let bogus = strangers.bogus(&strangers.align());
        assert!(bogus <= 0.01, "{n} and {m} sentences: {:.2} % of them in pairs", 100.0 * bogus);
    }
}

/// Two texts, as what their sentences say: a sentence is the translation of the one with the same key.
struct Book(Both<Vec<usize>>);

impl Book {
    fn new(source: impl Iterator<Item = usize>, target: impl Iterator<Item = usize>) -> Self {
        Self(Both::new(source.collect(), target.collect()))
    }

    /// Aligns it. Without translations: that leaves vectors and lengths.
    fn align(&self) -> Alignment {
        let Both { source, target } = &self.0;
        let sentences = Both::new(
            side(Lang::Zh, source.iter().map(|&key| "字".repeat(length(key)))),
            side(Lang::En, target.iter().map(|&key| "w".repeat(length_of_translation(key)))),
        );
        let vectors: Both<Vec<_>> = Both::new(
            source.iter().map(|&key| vector(key)).collect(),
            target.iter().map(|&key| vector_of_translation(key)).collect(),
        );
        let band = coarse::band(vectors.as_ref().map(Vec::as_slice));
        let translations = vec![""; source.len()];
        let inputs = Inputs { sentences: &sentences, translations: &translations, vectors: &vectors };
        let evidence = BandEvidence::new(&inputs, &band);
        first_pass(&evidence, &band, &Passes::load(&bundled_model()).unwrap().first).alignment
    }

    fn check(&self, name: &str) {
        let alignment = self.align();
        let (recall, bogus) = (100.0 * self.recall(&alignment), 100.0 * self.bogus(&alignment));
        assert!(recall >= 96.0, "{name}: only {recall:.2} % of the translated sentences are found");
        assert!(bogus <= 1.5, "{name}: {bogus:.2} % of the sentences are paired with others");
    }

    /// How many of the sentences with a translation are in a pair with it and nothing else.
    fn recall(&self, alignment: &Alignment) -> f64 {
        let Both { source, target } = &self.0;
        let is_right =
            |bead: &&Bead| bead.is_pair() && source[bead.runs.source.range()] == target[bead.runs.target.range()];
        let found: usize = alignment.beads().iter().filter(is_right).map(|bead| bead.runs.source.len()).sum();
        // Keys ascend.
        let translated = source.iter().filter(|key| target.binary_search(key).is_ok()).count();
        found as f64 / translated as f64
    }

    /// How many pairs, for each sentence of the shorter side, are likelier than not and hold no translation at all.
    fn bogus(&self, alignment: &Alignment) -> f64 {
        let Both { source, target } = &self.0;
        let is_bogus = |bead: &&Bead| {
            let of_target = &target[bead.runs.target.range()];
            let is_translated = source[bead.runs.source.range()].iter().any(|key| of_target.contains(key));
            bead.is_pair() && bead.confidence >= 0.5 && !is_translated
        };
        let bogus = alignment.beads().iter().filter(is_bogus).count();
        bogus as f64 / source.len().min(target.len()) as f64
    }
}

fn side(lang: Lang, lines: impl Iterator<Item = String>) -> Sentences {
    let original = Arc::new(Original::new("book", lines.collect::<Vec<_>>().join("\n"), ByteMap::shifted(0)));
    let items = original.lines().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect();
    Sentences { lang, original, items }
}

/// A number in 0..1, always the same for the same key and place (SplitMix64's finaliser).
fn random(key: usize, place: u64) -> f64 {
    let mut bits = (key as u64 * 1_024 + place + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

/// Chinese characters of a sentence: 5 to 60.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above 0")]
fn length(key: usize) -> usize {
    (5.0 * 12.0_f64.powf(random(key, 1_000))) as usize
}

/// English characters of its translation, which is up to a quarter longer or shorter than others.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small number above 0")]
fn length_of_translation(key: usize) -> usize {
    (length(key) as f64 * LENGTH_RATIO * 1.25_f64.powf(2.0 * random(key, 1_001) - 1.0)) as usize
}

/// Longer sentences have longer vectors.
#[expect(clippy::cast_possible_truncation, reason = "vectors are of four bytes")]
fn vector(key: usize) -> Vec<f32> {
    let scale = length(key) as f32;
    (0..DIMENSION).map(|place| scale * (2.0 * random(key, place) - 1.0) as f32).collect()
}

#[expect(clippy::cast_possible_truncation, reason = "vectors are of four bytes")]
fn vector_of_translation(key: usize) -> Vec<f32> {
    let scale = length(key) as f32 * NOISE;
    let noise = (0..DIMENSION).map(|place| scale * (2.0 * random(key, 500 + place) - 1.0) as f32);
    vector(key).into_iter().zip(noise).map(|(value, noise)| value + noise).collect()
}
