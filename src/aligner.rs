//! The stages joined: a document in, its aligned sentences out; and many documents, several at a time.

mod drafts;
mod pinned;
mod clause_hints;
mod parallel;
mod passes;
mod shortlist;

pub use clause_hints::comparable;
pub use drafts::draft;
pub use parallel::{in_order, one_by_one};
pub use passes::{FirstPass, first_pass};
pub use shortlist::{Shortlist, forced_gains};

use crate::{
    align::pinned::Pinned,
    band::Band,
    bead::Alignment,
    both::Both,
    coverage::{self, CoverageReport},
    document::{Document, Run, Sentences, Span},
    error::{Error, Result},
    evaluate::Link,
    evidence::{BandEvidence, ClauseWeights, Embeddings, Inputs, Lexicon, Passes},
    progress::{Progress, Stage},
    segment::{Segmentation, segment},
    tokenizer::Tokenizer,
    translate::{Tagger, Translation, Translator},
    write::Aligned,
};

/// Settings of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Settings<'a> {
    /// How both sides are cut into sentences.
    pub segmentation: Segmentation,
    /// Pairs below this confidence count as not covered, 0..=1.
    pub min_confidence: f64,
    /// Beads that stay as they are.
    pub pinned: Option<PinnedBeads<'a>>,
    /// The beam by which sentences without a counterpart are translated once more, for people to read; below 2 the
    /// translations by which the text was aligned are all there are.
    pub beam: usize,
}

/// Beads of an alignment file that stay as they are; what they leave is aligned between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedBeads<'a> {
    /// The file, for messages.
    pub path: &'a str,
    /// The sentences of each bead, by their numbers ([`Sentence::id`](crate::document::Sentence::id)).
    pub links: &'a [Link],
}

/// The models a run needs.
pub struct Models<'a> {
    /// Translates the source side.
    pub translator: &'a mut dyn Translator,
    /// Cuts both sides into the pieces that the embeddings know.
    pub tokenizer: &'a Tokenizer,
    /// Compares both sides without translation.
    pub embeddings: &'a Embeddings,
    /// Knows what those pieces translate into; without it the first pass is all.
    pub lexicon: Option<&'a Lexicon>,
    /// Says of each piece of a pair whether the other side has it; without it there are two passes only.
    pub tagger: Option<&'a mut dyn Tagger>,
    /// Weighs what speaks for a bead.
    pub weights: &'a Passes,
    /// Weighs what speaks for a clause having no counterpart.
    pub clause_weights: &'a ClauseWeights,
}

/// A document with everything the outputs are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct AlignedDocument {
    /// What outputs call it.
    pub id: String,
    /// The sentences of each side.
    pub sentences: Both<Sentences>,
    /// The model's translation of each source sentence.
    pub translations: Vec<Translation>,
    /// Beads that tile both sides.
    pub alignment: Alignment,
    /// What is covered.
    pub coverage: CoverageReport,
    /// Lines of neither language.
    pub set_aside: Vec<Span>,
    /// The source sentences that are headings, by index.
    pub headings: Vec<usize>,
}

impl AlignedDocument {
    /// What the outputs read.
    pub fn as_aligned(&self) -> Aligned<'_> {
        Aligned {
            id: &self.id,
            sentences: &self.sentences,
            translations: &self.translations,
            alignment: &self.alignment,
            coverage: &self.coverage,
            set_aside: &self.set_aside,
            headings: &self.headings,
        }
    }
}

/// Takes a document through all stages.
pub fn run(
    document: Document,
    settings: &Settings<'_>,
    models: &mut Models<'_>,
    progress: &dyn Progress,
) -> Result<AlignedDocument> {
    let Document { id, sides, set_aside } = document;
    let sentences = sides.as_ref().map(|side| segment(side, settings.segmentation));
    let pinned = settings.pinned.map_or_else(|| Ok(Pinned::default()), |beads| pinned::fix(&sentences, &beads))?;
    let mut translations = translate(&sentences.source, models.translator, progress)?;
    let alignment = align(&sentences, &translations, &pinned, models, progress)?;
    let hints = clause_hints::find(&sentences, &alignment, settings.min_confidence, models);
    let coverage = coverage::measure(&sentences, &alignment, settings.min_confidence).with_hints(hints);
    if settings.beam > 1 {
        let uncovered = &coverage.sides.source.uncovered;
        let drafts = drafts::chosen(&sentences.source, uncovered, models.translator, settings.beam, &())?;
        for (&index, draft) in uncovered.iter().zip(drafts) {
            translations[index] = draft;
        }
    }
    let is_heading = |&index: &usize| sides.source.paragraphs[sentences.source.items[index].paragraph].heading;
    let headings = (0..sentences.source.len()).filter(is_heading).collect();
    Ok(AlignedDocument { id, sentences, translations, alignment, coverage, set_aside, headings })
}

/// A translation of each sentence; a translator that returns another number of them has failed.
pub fn translate(
    sentences: &Sentences,
    translator: &mut dyn Translator,
    progress: &dyn Progress,
) -> Result<Vec<Translation>> {
    progress.begin(Stage::Translate, sentences.len());
    let sources: Vec<_> = (0..sentences.len()).map(|index| sentences.run_text(Run::new(index, index + 1))).collect();
    let mut translations = translator.translate(&sources.iter().map(AsRef::as_ref).collect::<Vec<_>>(), progress)?;
    progress.end();
    drafts::check(&sources, &mut translations);
    if translations.len() == sentences.len() {
        Ok(translations)
    } else {
        Err(Error::TranslationCount { asked: sentences.len(), got: translations.len() })
    }
}

fn align(
    sentences: &Both<Sentences>,
    translations: &[Translation],
    pinned: &Pinned,
    models: &mut Models<'_>,
    progress: &dyn Progress,
) -> Result<Alignment> {
    progress.begin(Stage::Align, sentences.source.len());
    let pieces = pieces(sentences, models.tokenizer);
    let (evidence, band) = compare(sentences, translations, &pieces, pinned, models);
    let first = passes::first_pass_keeping(pinned.clone(), &evidence, &band, &models.weights.first);
    let alignment = match (&models.weights.second, models.lexicon) {
        (Some(second), Some(lexicon)) => {
            let mut shortlist = first.shortlist(&[]);
            shortlist.look_closer(lexicon, &pieces, sentences);
            shortlist.judge(second);
            if let (Some(third), Some(tagger)) = (&models.weights.third, models.tagger.as_deref_mut()) {
                shortlist = shortlist.settle();
                shortlist.tag(&pieces, tagger)?;
                shortlist.judge(third);
                if let Some(fourth) = &models.weights.fourth {
                    shortlist = shortlist.settle();
                    shortlist.force(sentences, models.translator)?;
                    shortlist.judge(fourth);
                }
            }
            pinned.restore(&shortlist.alignment())
        }
        _ => first.alignment,
    };
    progress.advance(sentences.source.len());
    progress.end();
    Ok(alignment)
}

/// What speaks for each bead, and where to look for beads.
fn compare(
    sentences: &Both<Sentences>,
    translations: &[Translation],
    pieces: &Both<Vec<Vec<u32>>>,
    pinned: &Pinned,
    models: &Models<'_>,
) -> (BandEvidence, Band) {
    let vectors = vectors(pieces, models.embeddings);
    let band = pinned.band(Both::new(&vectors.source, &vectors.target));
    let translations: Vec<&str> = translations.iter().map(|translation| translation.text.as_str()).collect();
    let inputs = Inputs { sentences, translations: &translations, vectors: &vectors };
    (BandEvidence::new(&inputs, &band), band)
}

/// The pieces of each sentence.
pub fn pieces(sentences: &Both<Sentences>, tokenizer: &Tokenizer) -> Both<Vec<Vec<u32>>> {
    sentences.as_ref().map(|side| side.texts().iter().map(|text| tokenizer.encode(text, side.lang)).collect())
}

/// The embedding of each sentence, from its pieces.
pub fn vectors(pieces: &Both<Vec<Vec<u32>>>, embeddings: &Embeddings) -> Both<Vec<Vec<f32>>> {
    let vector = |pieces: &Vec<u32>| embeddings.sum(pieces.iter().map(|&piece| piece as usize));
    pieces.as_ref().map(|side| side.iter().map(vector).collect())
}
