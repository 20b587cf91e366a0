//! Scores of pairs that stand alone: how likely two texts are to translate each other, by the evidence for one bead.
//!
//! Corpora bring pairs without their documents, so neighbours say nothing; what is left of the evidence is looked at in
//! turn, the dearest only where the cheaper leave a doubt. A score depends on its pair alone, not on the others that are
//! scored with it.

use std::sync::Arc;

use super::{forced::forced_gains, run::Models};
use crate::{
    bead::Run,
    both::Both,
    document::{ByteMap, Original, Paragraph, Sentences, Side},
    error::Result,
    evidence::{self, Embeddings, PairFeatures, ShortlistFeatures, add_forced, add_punctuation, add_tags},
    segment::{Segmentation, segment},
    text::Lang,
    tokenizer::PieceId,
    translate::tagger,
};

/// Pairs, cut into sentences and pieces.
struct Pairs<'a> {
    texts: &'a [Both<&'a str>],
    sentences: Both<Sentences>,
    pieces: Both<Vec<Vec<PieceId>>>,
    /// The pairs that have text on both sides, by number, with the sentences of each.
    beads: Vec<(usize, Both<Run>)>,
}

impl<'a> Pairs<'a> {
    fn new(texts: &'a [Both<&'a str>], models: &Models<'_>) -> Self {
        let side = |lang, of: fn(&Both<&'a str>) -> &'a str| cut(lang, texts.iter().map(of));
        let (source, source_runs) = side(Lang::Zh, |pair| pair.source);
        let (target, target_runs) = side(Lang::En, |pair| pair.target);
        let sentences = Both::new(source, target);
        let beads = source_runs.into_iter().zip(target_runs).map(|(source, target)| Both::new(source, target));
        let is_whole = |(_, runs): &(usize, Both<Run>)| !runs.source.is_empty() && !runs.target.is_empty();
        let beads = beads.enumerate().filter(is_whole).collect();
        let pieces = super::run::pieces(&sentences, models.tokenizer);
        Self { texts, sentences, pieces, beads }
    }
}

/// The sentences of texts, and the run of each text.
fn cut<'t>(lang: Lang, texts: impl Iterator<Item = &'t str>) -> (Sentences, Vec<Run>) {
    let lines: Vec<String> = texts.map(|text| text.replace(['\n', '\r'], " ")).collect();
    let original = Arc::new(Original::new("", lines.join("\n"), ByteMap::shifted(0)));
    let spans = if lines.is_empty() { Vec::new() } else { original.lines().collect() };
    let trimmed = spans.into_iter().map(|span| span.trim(&original.text));
    let paragraphs = trimmed.map(|span| Paragraph { span, heading: false, lang, row: None }).collect();
    let side = Side { lang, original: Arc::clone(&original), paragraphs };
    let sentences = segment(&side, Segmentation::Punctuation);
    let mut runs = vec![Run::default(); lines.len()];
    for (index, sentence) in sentences.items.iter().enumerate() {
        let run = &mut runs[sentence.paragraph];
        *run = if run.is_empty() { Run::new(index, index + 1) } else { Run::new(run.start, index + 1) };
    }
    (sentences, runs)
}

/// The number of pairs that are looked at together.
const TOGETHER: usize = 256;

/// Whether the models are there whose evidence the scorer weighs.
pub(super) fn can_score(models: &Models<'_>) -> bool {
    models.lexicon.is_some() && models.tagger.is_some()
}

/// The probability that the texts of each pair translate each other, 0..=1; 0 of what lacks a side. Fails if a model does.
pub(super) fn score(texts: &[Both<&str>], models: &mut Models<'_>) -> Result<Vec<f64>> {
    let scorer = models.scorer;
    let mut found = Vec::with_capacity(texts.len());
    for texts in texts.chunks(TOGETHER) {
        let features = pair_features(texts, models, |features| scorer.is_in_doubt(features))?;
        found.extend(features.iter().map(|known| known.as_ref().map_or(0.0, |known| scorer.probability(known))));
    }
    Ok(found)
}

/// The features of each pair; none of a pair that lacks a side. The translator is asked for those of which `is_open` says
/// so. Fails if a model does.
pub fn pair_features(
    texts: &[Both<&str>],
    models: &mut Models<'_>,
    is_open: impl Fn(&PairFeatures) -> bool,
) -> Result<Vec<Option<PairFeatures>>> {
    let pairs = Pairs::new(texts, models);
    let runs: Vec<Both<Run>> = pairs.beads.iter().map(|&(_, runs)| runs).collect();
    let mut features: Vec<PairFeatures> = pairs
        .beads
        .iter()
        .map(|&(number, runs)| {
            let cosine = cosine(runs.of(&pairs.pieces), models.embeddings);
            PairFeatures::new(pairs.texts[number], cosine, runs.map(Run::len))
        })
        .collect();
    look_at_words(&pairs, &runs, models, &mut features);
    tag(&pairs, &runs, models, &mut features)?;
    let open: Vec<usize> = (0..features.len()).filter(|&index| is_open(&features[index])).collect();
    let asked: Vec<Both<Run>> = open.iter().map(|&index| runs[index]).collect();
    for (index, gains) in open.into_iter().zip(forced_gains(&pairs.sentences, &asked, models.translator)?) {
        add_forced(&mut features[index].bead, &gains);
    }
    let mut found = vec![None; texts.len()];
    for (&(number, _), features) in pairs.beads.iter().zip(features) {
        found[number] = Some(features);
    }
    Ok(found)
}

fn cosine(pieces: Both<&[Vec<PieceId>]>, embeddings: &Embeddings) -> f64 {
    let vectors = pieces.map(|side| embeddings.sum(side.iter().flatten().map(|&piece| piece as usize)));
    let dot = |one: &[f32], other: &[f32]| one.iter().zip(other).map(|(a, b)| f64::from(a * b)).sum::<f64>();
    let norms = dot(&vectors.source, &vectors.source).sqrt() * dot(&vectors.target, &vectors.target).sqrt();
    if norms > 0.0 { dot(&vectors.source, &vectors.target) / norms } else { 0.0 }
}

/// Adds the gains by the lexicon, and what punctuation says.
fn look_at_words(pairs: &Pairs<'_>, runs: &[Both<Run>], models: &Models<'_>, features: &mut [PairFeatures]) {
    let mut found: Vec<ShortlistFeatures> = features.iter().map(|features| features.bead).collect();
    if let Some(lexicon) = models.lexicon {
        // Nothing is learnt from the pairs: nobody knows yet which are right.
        evidence::add_gains(lexicon, &pairs.pieces, runs, &vec![0.0; runs.len()], &mut found);
    }
    add_punctuation(&pairs.sentences, runs, &mut found);
    for (features, found) in features.iter_mut().zip(found) {
        features.bead = found;
    }
}

fn tag(pairs: &Pairs<'_>, runs: &[Both<Run>], models: &mut Models<'_>, features: &mut [PairFeatures]) -> Result<()> {
    let Some(tagger) = models.tagger.as_deref_mut() else { return Ok(()) };
    let asked: Vec<_> = runs.iter().map(|runs| runs.of(&pairs.pieces)).collect();
    let tags = tagger::tags(tagger, &asked)?;
    for ((features, pair), tags) in features.iter_mut().zip(asked).zip(tags) {
        let lengths = pair.map(|sentences| sentences.iter().map(Vec::len).collect());
        add_tags(&mut features.bead, &tags, &lengths);
    }
    Ok(())
}
