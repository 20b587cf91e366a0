//! 4 · Sentences and translations → what speaks for a bead.
//!
//! Three views of the two texts, each an inner product so that any bead is cheap: the embeddings of their pieces, the
//! words of the translation against those of the target, and numbers and Latin names. [`Similarity::features`] turns
//! them, with lengths and paragraphs, into the numbers that [`Weights`] weigh. It knows nothing of search.

mod anchors;

pub mod clauses;
mod closer;
pub mod embeddings;
mod features;
mod glossary;
pub mod lexicon;
mod punctuation;
mod surroundings;
mod tags;
mod terms;
mod view;
pub mod weights;

pub use anchors::{of_chinese as anchors_of_chinese, of_english as anchors_of_english};
pub use clauses::ClauseWeights;
pub use closer::{CloserFeature, CloserFeatures, Gain, N_CLOSER_FEATURES};
pub use embeddings::Embeddings;
pub use features::{Feature, Features, N_FEATURES};
pub use glossary::explain;
pub use lexicon::Lexicon;
pub use punctuation::compare as compare_punctuation;
pub use surroundings::look_around;
pub use tags::add_tags;
pub use weights::{CloserWeights, ExpectedCounts, Passes, Priors, Weights};

use self::{
    terms::{Term, TermVectors},
    view::{MARGIN, View},
};
use crate::{
    band::Band,
    bead::BeadKind,
    both::Both,
    document::{Run, Sentences},
};

/// Everything that is known about the beads of one document.
pub struct Similarity {
    embedding: View,
    words: View,
    anchors: View,
    marks: View,
    lengths: Both<Lengths>,
    paragraph_starts: Both<Vec<bool>>,
    baseline: f32,
    level: f32,
    length_ratio: f64,
    n_sentences: Both<usize>,
}

/// What [`Similarity`] is computed from.
pub struct Evidence<'a> {
    /// The sentences of each side.
    pub sentences: &'a Both<Sentences>,
    /// The translation of each source sentence.
    pub translations: &'a [&'a str],
    /// The embedding of each sentence, [`Embeddings::sum`] of its pieces.
    pub vectors: &'a Both<Vec<Vec<f32>>>,
}

impl Similarity {
    /// Compares the two sides wherever `band` allows a bead.
    pub fn new(evidence: &Evidence<'_>, band: &Band) -> Self {
        let Evidence { sentences, translations, vectors } = evidence;
        let texts = sentences.as_ref().map(Sentences::texts);
        let terms_of = |texts: &[&str], terms: fn(&str) -> Vec<Term>| texts.iter().map(|text| terms(text)).collect();
        let of = |source: &[&str], source_terms, target_terms| {
            TermVectors::new(&Both::new(terms_of(source, source_terms), terms_of(&texts.target, target_terms)))
        };
        let words = of(translations, terms::words, terms::words);
        let anchors = of(&texts.source, anchors::of_chinese, anchors::of_english);
        let marks = of(&texts.source, terms::marks, terms::marks);
        let embedding = View::new(band, vectors.as_ref());
        let lengths = sentences.as_ref().map(Lengths::new);
        Self {
            baseline: embedding.mean_cosine(),
            level: embedding.typical_best_cosine(),
            embedding,
            words: View::new(band, words.as_ref()),
            anchors: View::new(band, anchors.as_ref()),
            marks: View::new(band, marks.as_ref()),
            length_ratio: log_length_ratio(lengths.as_ref().map(Lengths::total)),
            lengths,
            paragraph_starts: paragraph_starts(sentences),
            n_sentences: sentences.as_ref().map(Sentences::len),
        }
    }

    /// The features of the bead over `runs`, which must lie inside the band.
    pub fn features(&self, runs: Both<Run>) -> Features {
        match (runs.source.len(), runs.target.len()) {
            (_, 0) => self.omission(runs),
            (0, _) => self.addition(runs),
            _ => self.pair(runs),
        }
    }

    fn pair(&self, runs: Both<Run>) -> Features {
        let kind = BeadKind::of(runs);
        let mass = (kind.source + kind.target) as f32;
        let mut features = Features::none();
        features.set(Feature::of_kind(kind), 1.0);
        features.set(Feature::Size, mass - 2.0);

        let cosine = self.embedding.cosine(runs);
        let around = self.surroundings(&self.embedding, runs, cosine);
        features.set(Feature::Cosine, cosine);
        features.set(Feature::CosineMass, cosine * mass);
        features.set(Feature::BaselineMass, self.baseline * mass);
        features.set(Feature::LevelMass, self.level * mass);
        features.set(Feature::NeighbourMass, around.neighbour_mean * mass);
        features.set(Feature::NeighbourMax, around.neighbour_max);
        features.set(Feature::EdgeGain, around.edge_gain);
        features.set(Feature::ExtensionGain, around.extension_gain);

        let cosine = self.words.cosine(runs);
        let around = self.surroundings(&self.words, runs, cosine);
        features.set(Feature::WordCosine, cosine);
        features.set(Feature::WordMass, cosine * mass);
        features.set(Feature::WordNeighbourMass, around.neighbour_mean * mass);
        features.set(Feature::WordEdgeGain, around.edge_gain);
        features.set(Feature::WordExtensionGain, around.extension_gain);

        let anchors = self.anchors.norms(runs);
        if anchors.source > 0.0 && anchors.target > 0.0 {
            let cosine = self.anchors.cosine(runs);
            features.set(Feature::AnchorCosine, cosine);
            features.set(Feature::AnchorMismatch, 1.0 - cosine);
        }

        let marks = self.marks.norms(runs);
        if marks.source > 0.0 || marks.target > 0.0 {
            let mismatch = 1.0 - self.marks.cosine(runs);
            features.set(Feature::MarkMismatch, mismatch);
            features.set(Feature::MarkMismatchMass, mismatch * mass);
        }

        let deviation = self.length_deviation(runs);
        features.set(Feature::LengthSquare, deviation.powi(2).min(16.0));
        features.set(Feature::Length, deviation.abs().min(4.0));

        let joined = |starts: &[bool], run: Run| starts[run.start + 1..run.end].iter().filter(|&&start| start).count();
        let paragraphs = &self.paragraph_starts;
        let n_joined = joined(&paragraphs.source, runs.source) + joined(&paragraphs.target, runs.target);
        features.set(Feature::ParagraphsJoined, n_joined as f64);
        let skewed = paragraphs.source[runs.source.start] != paragraphs.target[runs.target.start];
        features.set(Feature::ParagraphSkew, f64::from(skewed));
        features
    }

    fn omission(&self, runs: Both<Run>) -> Features {
        let nearby = nearby(runs.target.start, self.n_sentences.target);
        let best = |view: &View| {
            nearby.range().map(|j| view.cosine(Both::new(runs.source, Run::new(j, j + 1)))).fold(0.0, f32::max)
        };
        let mut features = Features::none();
        features.set(Feature::Omission, 1.0);
        features.set(Feature::OmissionBest, best(&self.embedding));
        features.set(Feature::OmissionWordBest, best(&self.words));
        features.set(Feature::OmissionLength, self.lengths.source.of(runs.source).max(1.0).ln());
        features.set(Feature::OmissionBaseline, self.baseline);
        features.set(Feature::OmissionLevel, self.level);
        features
    }

    fn addition(&self, runs: Both<Run>) -> Features {
        let nearby = nearby(runs.source.start, self.n_sentences.source);
        let best = |view: &View| {
            nearby.range().map(|i| view.cosine(Both::new(Run::new(i, i + 1), runs.target))).fold(0.0, f32::max)
        };
        let mut features = Features::none();
        features.set(Feature::Addition, 1.0);
        features.set(Feature::AdditionBest, best(&self.embedding));
        features.set(Feature::AdditionWordBest, best(&self.words));
        features.set(Feature::AdditionLength, self.lengths.target.of(runs.target).max(1.0).ln());
        features.set(Feature::AdditionBaseline, self.baseline);
        features.set(Feature::AdditionLevel, self.level);
        features
    }

    /// How a bead compares with the beads it could be instead.
    fn surroundings(&self, view: &View, runs: Both<Run>, cosine: f32) -> Surroundings {
        let Both { source, target } = runs;
        let before = |run: Run| run.start.checked_sub(1).map(|at| Run::new(at, run.start));
        let after = |run: Run, n: usize| (run.end < n).then(|| Run::new(run.end, run.end + 1));
        let neighbours = [
            before(source).map(|neighbour| Both::new(neighbour, target)),
            after(source, self.n_sentences.source).map(|neighbour| Both::new(neighbour, target)),
            before(target).map(|neighbour| Both::new(source, neighbour)),
            after(target, self.n_sentences.target).map(|neighbour| Both::new(source, neighbour)),
        ];
        let (mut sum, mut count, mut highest) = (0.0, 0.0, 0.0_f32);
        for runs in neighbours.into_iter().flatten() {
            let cosine = view.cosine(runs);
            (sum, count, highest) = (sum + cosine, count + 1.0, highest.max(cosine));
        }

        let shorter =
            |run: Run| [(run.start + 1, run.end), (run.start, run.end - 1)].map(|(start, end)| Run { start, end });
        let without_edge = (shorter(source).into_iter().map(|run| Both::new(run, target)))
            .chain(shorter(target).into_iter().map(|run| Both::new(source, run)))
            .filter(|runs| runs.source.start < runs.source.end && runs.target.start < runs.target.end);
        let best_without = without_edge.map(|runs| view.cosine(runs)).fold(f32::NEG_INFINITY, f32::max);

        let longer = |run: Run, n: usize| {
            let back = run.start.checked_sub(1).map(|start| Run::new(start, run.end));
            [back, (run.end < n).then(|| Run::new(run.start, run.end + 1))].into_iter().flatten()
        };
        let with_neighbour = (longer(source, self.n_sentences.source).map(|run| Both::new(run, target)))
            .chain(longer(target, self.n_sentences.target).map(|run| Both::new(source, run)));
        let best_with = with_neighbour.map(|runs| view.cosine(runs)).fold(f32::NEG_INFINITY, f32::max);

        Surroundings {
            neighbour_mean: if count > 0.0 { sum / count } else { 0.0 },
            neighbour_max: highest,
            edge_gain: if best_without.is_finite() { cosine - best_without } else { 0.0 },
            extension_gain: if best_with.is_finite() { best_with - cosine } else { 0.0 },
        }
    }

    /// The log length ratio of a bead against what this document leads one to expect, in standard deviations.
    fn length_deviation(&self, runs: Both<Run>) -> f64 {
        let source = self.lengths.source.of(runs.source);
        let target = self.lengths.target.of(runs.target);
        let deviation = ((target + 1.0) / (source + 1.0)).ln() - self.length_ratio;
        deviation / (LENGTH_VARIANCE + LENGTH_VARIANCE_OF_ONE / source.max(1.0)).sqrt()
    }
}

/// The log of English characters per Chinese character, white space left out: 2.4 to 4.3 from magazine prose to
/// novels, counted on the development sets.
const LOG_LENGTH_RATIOS: std::ops::RangeInclusive<f64> = 0.75..=1.4;

/// Variance of the log length ratio of long beads, and what is added for a bead of one Chinese character (it falls with
/// the length); fitted to 6,700 beads of the development sets.
const LENGTH_VARIANCE: f64 = 0.04;
const LENGTH_VARIANCE_OF_ONE: f64 = 1.3;

/// A bead's place among its neighbours, by one view.
struct Surroundings {
    neighbour_mean: f32,
    neighbour_max: f32,
    edge_gain: f32,
    extension_gain: f32,
}

/// Characters of runs of sentences, white space left out, from running sums.
struct Lengths {
    before: Vec<usize>,
}

impl Lengths {
    fn new(sentences: &Sentences) -> Self {
        let mut before = vec![0];
        for text in sentences.texts() {
            let length = text.chars().filter(|c| !c.is_whitespace()).count();
            before.push(before.last().expect("it has its first") + length);
        }
        Self { before }
    }

    fn of(&self, run: Run) -> f64 {
        (self.before[run.end] - self.before[run.start]) as f64
    }

    fn total(&self) -> f64 {
        self.of(Run::new(0, self.before.len() - 1))
    }
}

/// From the totals, but never outside what translations have: half of either text may be without a counterpart.
fn log_length_ratio(totals: Both<f64>) -> f64 {
    ((totals.target + 1.0) / (totals.source + 1.0)).ln().clamp(*LOG_LENGTH_RATIOS.start(), *LOG_LENGTH_RATIOS.end())
}

/// Whether each sentence starts a paragraph; never, where a side is a single one and so says nothing about the other.
fn paragraph_starts(sentences: &Both<Sentences>) -> Both<Vec<bool>> {
    let starts = sentences.as_ref().map(|side| {
        let paragraph = |i: usize| side.items[i].paragraph;
        (0..side.len()).map(|i| i > 0 && paragraph(i) != paragraph(i - 1)).collect::<Vec<_>>()
    });
    let informative = |starts: &Vec<bool>| starts.contains(&true);
    if informative(&starts.source) && informative(&starts.target) {
        starts
    } else {
        starts.map(|starts| vec![false; starts.len()])
    }
}

/// The sentences around a place between two sentences.
fn nearby(place: usize, n_sentences: usize) -> Run {
    Run::new(place.saturating_sub(MARGIN).min(n_sentences), (place + MARGIN).min(n_sentences))
}
