//! The evidence for any bead of a band, from what is cheap to compute: embeddings, words, numbers and names, lengths,
//! paragraphs.

use super::{
    anchors,
    band_features::{BandFeature, BandFeatures},
    inner_products::{InnerProducts, MARGIN},
    lengths::{LENGTH_VARIANCE, LENGTH_VARIANCE_OF_ONE, Lengths, log_length_ratio},
    term_vectors::{self, Term, TermVectors},
};
use crate::{
    band::Band,
    bead::{BeadKind, Run},
    both::Both,
    document::Sentences,
    threads::of_each,
};

/// The evidence for the beads of one document.
pub struct BandEvidence {
    embedding: InnerProducts,
    words: InnerProducts,
    anchors: InnerProducts,
    marks: InnerProducts,
    lengths: Both<Lengths>,
    paragraph_starts: Both<Vec<bool>>,
    baseline: f32,
    level: f32,
    length_ratio: f64,
    n_sentences: Both<usize>,
}

/// The inputs of [`BandEvidence`].
pub struct Inputs<'a> {
    /// The sentences of each side.
    pub sentences: &'a Both<Sentences>,
    /// The translation of each source sentence, by the model.
    pub translations: &'a [&'a str],
    /// The embedding of each sentence, `Embeddings::sum` of its pieces.
    pub vectors: &'a Both<Vec<Vec<f32>>>,
}

impl BandEvidence {
    /// Compares the two sides wherever `band` allows a bead.
    pub fn new(inputs: &Inputs<'_>, band: &Band) -> Self {
        let Inputs { sentences, translations, vectors } = inputs;
        let texts = sentences.as_ref().map(Sentences::texts);
        let terms_of = |texts: &[&str], terms: fn(&str) -> Vec<Term>| of_each(texts, |text| terms(text));
        let of = |source: &[&str], source_terms, target_terms| {
            TermVectors::new(&Both::new(terms_of(source, source_terms), terms_of(&texts.target, target_terms)))
        };
        let words = of(translations, term_vectors::words, term_vectors::words);
        let anchors = of(&texts.source, anchors::of_chinese, anchors::of_english);
        let marks = of(&texts.source, term_vectors::marks, term_vectors::marks);
        let embedding = InnerProducts::new(band, vectors.as_ref());
        let lengths = sentences.as_ref().map(Lengths::new);
        Self {
            baseline: embedding.mean_cosine(),
            level: embedding.typical_best_cosine(),
            embedding,
            words: InnerProducts::new(band, words.as_ref()),
            anchors: InnerProducts::new(band, anchors.as_ref()),
            marks: InnerProducts::new(band, marks.as_ref()),
            length_ratio: log_length_ratio(lengths.as_ref().map(Lengths::total)),
            lengths,
            paragraph_starts: paragraph_starts(sentences),
            n_sentences: sentences.as_ref().map(Sentences::len),
        }
    }

    /// The features of the bead over `runs`, which must lie inside the band.
    pub fn features(&self, runs: Both<Run>) -> BandFeatures {
        match (runs.source.len(), runs.target.len()) {
            (_, 0) => self.omission(runs),
            (0, _) => self.addition(runs),
            _ => self.pair(runs),
        }
    }

    fn pair(&self, runs: Both<Run>) -> BandFeatures {
        let kind = BeadKind::of(runs);
        let mass = (kind.source + kind.target) as f32;
        let mut features = BandFeatures::none();
        features.set(BandFeature::of_kind(kind), 1.0);
        features.set(BandFeature::Size, mass - 2.0);

        let cosine = self.embedding.cosine(runs);
        let around = self.neighbours(&self.embedding, runs, cosine);
        features.set(BandFeature::Cosine, cosine);
        features.set(BandFeature::CosineMass, cosine * mass);
        features.set(BandFeature::BaselineMass, self.baseline * mass);
        features.set(BandFeature::LevelMass, self.level * mass);
        features.set(BandFeature::NeighbourMass, around.neighbour_mean * mass);
        features.set(BandFeature::NeighbourMax, around.neighbour_max);
        features.set(BandFeature::EdgeGain, around.edge_gain);
        features.set(BandFeature::ExtensionGain, around.extension_gain);

        let cosine = self.words.cosine(runs);
        let around = self.neighbours(&self.words, runs, cosine);
        features.set(BandFeature::WordCosine, cosine);
        features.set(BandFeature::WordMass, cosine * mass);
        features.set(BandFeature::WordNeighbourMass, around.neighbour_mean * mass);
        features.set(BandFeature::WordEdgeGain, around.edge_gain);
        features.set(BandFeature::WordExtensionGain, around.extension_gain);

        let anchors = self.anchors.norms(runs);
        if anchors.source > 0.0 && anchors.target > 0.0 {
            let cosine = self.anchors.cosine(runs);
            features.set(BandFeature::AnchorCosine, cosine);
            features.set(BandFeature::AnchorMismatch, 1.0 - cosine);
        }

        let marks = self.marks.norms(runs);
        if marks.source > 0.0 || marks.target > 0.0 {
            let mismatch = 1.0 - self.marks.cosine(runs);
            features.set(BandFeature::MarkMismatch, mismatch);
            features.set(BandFeature::MarkMismatchMass, mismatch * mass);
        }

        let deviation = self.length_deviation(runs);
        features.set(BandFeature::LengthSquare, deviation.powi(2).min(16.0));
        features.set(BandFeature::Length, deviation.abs().min(4.0));

        let joined = |starts: &[bool], run: Run| starts[run.start + 1..run.end].iter().filter(|&&start| start).count();
        let paragraphs = &self.paragraph_starts;
        let n_joined = joined(&paragraphs.source, runs.source) + joined(&paragraphs.target, runs.target);
        features.set(BandFeature::ParagraphsJoined, n_joined as f64);
        let skewed = paragraphs.source[runs.source.start] != paragraphs.target[runs.target.start];
        features.set(BandFeature::ParagraphSkew, f64::from(skewed));
        features
    }

    fn omission(&self, runs: Both<Run>) -> BandFeatures {
        let nearby = nearby(runs.target.start, self.n_sentences.target);
        let best = |products: &InnerProducts| {
            nearby.range().map(|j| products.cosine(Both::new(runs.source, Run::new(j, j + 1)))).fold(0.0, f32::max)
        };
        let mut features = BandFeatures::none();
        features.set(BandFeature::Omission, 1.0);
        features.set(BandFeature::OmissionBest, best(&self.embedding));
        features.set(BandFeature::OmissionWordBest, best(&self.words));
        features.set(BandFeature::OmissionLength, self.lengths.source.of(runs.source).max(1.0).ln());
        features.set(BandFeature::OmissionBaseline, self.baseline);
        features.set(BandFeature::OmissionLevel, self.level);
        features
    }

    fn addition(&self, runs: Both<Run>) -> BandFeatures {
        let nearby = nearby(runs.source.start, self.n_sentences.source);
        let best = |products: &InnerProducts| {
            nearby.range().map(|i| products.cosine(Both::new(Run::new(i, i + 1), runs.target))).fold(0.0, f32::max)
        };
        let mut features = BandFeatures::none();
        features.set(BandFeature::Addition, 1.0);
        features.set(BandFeature::AdditionBest, best(&self.embedding));
        features.set(BandFeature::AdditionWordBest, best(&self.words));
        features.set(BandFeature::AdditionLength, self.lengths.target.of(runs.target).max(1.0).ln());
        features.set(BandFeature::AdditionBaseline, self.baseline);
        features.set(BandFeature::AdditionLevel, self.level);
        features
    }

    /// The cosines of a bead against the beads it could be instead.
    fn neighbours(&self, products: &InnerProducts, runs: Both<Run>, cosine: f32) -> Neighbours {
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
            let cosine = products.cosine(runs);
            (sum, count, highest) = (sum + cosine, count + 1.0, highest.max(cosine));
        }

        let shorter =
            |run: Run| [(run.start + 1, run.end), (run.start, run.end - 1)].map(|(start, end)| Run { start, end });
        let without_edge = (shorter(source).into_iter().map(|run| Both::new(run, target)))
            .chain(shorter(target).into_iter().map(|run| Both::new(source, run)))
            .filter(|runs| runs.source.start < runs.source.end && runs.target.start < runs.target.end);
        let best_without = without_edge.map(|runs| products.cosine(runs)).fold(f32::NEG_INFINITY, f32::max);

        let longer = |run: Run, n: usize| {
            let back = run.start.checked_sub(1).map(|start| Run::new(start, run.end));
            [back, (run.end < n).then(|| Run::new(run.start, run.end + 1))].into_iter().flatten()
        };
        let with_neighbour = (longer(source, self.n_sentences.source).map(|run| Both::new(run, target)))
            .chain(longer(target, self.n_sentences.target).map(|run| Both::new(source, run)));
        let best_with = with_neighbour.map(|runs| products.cosine(runs)).fold(f32::NEG_INFINITY, f32::max);

        Neighbours {
            neighbour_mean: if count > 0.0 { sum / count } else { 0.0 },
            neighbour_max: highest,
            edge_gain: if best_without.is_finite() { cosine - best_without } else { 0.0 },
            extension_gain: if best_with.is_finite() { best_with - cosine } else { 0.0 },
        }
    }

    /// The log length ratio of a bead against what this document leads one to expect, in standard deviations (after
    /// Gale and Church 1993).
    fn length_deviation(&self, runs: Both<Run>) -> f64 {
        let source = self.lengths.source.of(runs.source);
        let target = self.lengths.target.of(runs.target);
        let deviation = ((target + 1.0) / (source + 1.0)).ln() - self.length_ratio;
        deviation / (LENGTH_VARIANCE + LENGTH_VARIANCE_OF_ONE / source.max(1.0)).sqrt()
    }
}

/// The cosines of a bead and its neighbours, by one kind of vectors.
struct Neighbours {
    neighbour_mean: f32,
    neighbour_max: f32,
    edge_gain: f32,
    extension_gain: f32,
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
