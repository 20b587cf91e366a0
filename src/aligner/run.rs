//! The run of a document through all stages: cut into sentences, translated, compared, aligned, measured.

use super::{
    Answers, clause_hints,
    drafts::{self, Drafting},
    first_pass, moved, passes, pinned,
    shortlist::{Judges, Shortlist},
};
use crate::{
    align::pinned::Pinned,
    band::Band,
    bead::{Alignment, Run},
    both::Both,
    coverage::{self, checks},
    document::{AlignedDocument, Checks, Document, Sentences, Side, Translation},
    error::{Error, Result},
    evaluate::Link,
    evidence::{BandEvidence, ClauseWeights, Embeddings, Inputs, Pass, Passes, Scorer},
    lexicon::Lexicon,
    progress::{Progress, Stage},
    segment::{Segmentation, segment},
    threads::of_each,
    tokenizer::Tokenizer,
    translate::{Tagger, Translator},
};

/// Settings of a run.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Settings<'a> {
    /// The segmentation of both sides into sentences.
    pub segmentation: Segmentation,
    /// The least confidence of a pair that counts as covered, 0..=1.
    pub min_confidence: f64,
    /// The pinned beads, if there are any.
    pub pinned: Option<PinnedBeads<'a>>,
    /// The beam by which sentences without a counterpart are translated once more, for people to read; below 2 the
    /// translations by which the text was aligned are all there are.
    pub beam: usize,
    /// The checks that are made inside the pairs. That of consistency is one over documents: [`Consistency`](super::Consistency).
    pub checks: Checks,
}

/// Pinned beads, as an alignment file has them; what they leave is aligned between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PinnedBeads<'a> {
    /// The path of the file, for messages.
    pub path: &'a str,
    /// The sentences of each bead, by their ids ([`Sentence::id`](crate::document::Sentence::id)).
    pub links: &'a [Link],
}

/// The models that a run needs.
pub struct Models<'a> {
    /// The translator of the source side.
    pub translator: &'a mut dyn Translator,
    /// The tokenizer of both sides, whose pieces the embeddings know.
    pub tokenizer: &'a Tokenizer,
    /// The embeddings, which compare both sides without translation.
    pub embeddings: &'a Embeddings,
    /// The lexicon of those pieces. A pass that needs what is not there is not run, nor any after it.
    pub lexicon: Option<&'a Lexicon>,
    /// The tagger, which says of each piece of a pair whether the other side has it.
    pub tagger: Option<&'a mut dyn Tagger>,
    /// The passes over the beads, with what each looks at and its weights.
    pub passes: &'a Passes,
    /// The weights of what speaks for a clause having no counterpart.
    pub clause_weights: &'a ClauseWeights,
    /// The scorer of pairs that stand alone.
    pub scorer: &'a Scorer,
}

/// Runs a document through all stages. Fails if a pinned bead does not fit the sentences, or a model fails.
pub fn run(
    document: &Document,
    settings: &Settings<'_>,
    models: &mut Models<'_>,
    progress: &dyn Progress,
) -> Result<AlignedDocument> {
    let cut = Cut::of(document, settings);
    let (sentences, known) = (&cut.sentences, &cut.known);
    let pinned = pinned::fix(sentences, settings.pinned.as_ref(), known)?;
    let translations = translate(&sentences.source, models.translator, progress)?;
    let alignment = align(sentences, &translations, &pinned, models, progress)?;
    let least = settings.min_confidence;
    let hints = clause_hints::find(sentences, &alignment, least, models);
    let moved = moved::find(sentences, &translations, &alignment, least, &known.untranslated, models)?;
    let mut aligned = cut.aligned(document, settings, Answers { translations, alignment, moved, hints });
    if settings.beam > 1 {
        let uncovered = &aligned.coverage.sides.source.uncovered;
        let drafting = Drafting::of(models);
        let drafts = drafts::chosen(&aligned.sentences.source, uncovered, drafting, settings.beam, &())?;
        for (&index, draft) in uncovered.iter().zip(drafts) {
            aligned.translations[index] = draft;
        }
    }
    Ok(aligned)
}

/// An aligned document, made of the answers that a run had over the same document with the same settings; none where the
/// answers are not of its sentences.
pub fn rerun(document: &Document, settings: &Settings<'_>, answers: Answers) -> Option<AlignedDocument> {
    let cut = Cut::of(document, settings);
    answers.fit(&cut.sentences).then(|| cut.aligned(document, settings, answers))
}

/// A document cut into sentences, with what their paragraphs say of them.
struct Cut {
    sentences: Both<Sentences>,
    known: pinned::Known,
}

impl Cut {
    fn of(document: &Document, settings: &Settings<'_>) -> Self {
        let sides = document.sides.as_ref();
        let sentences = sides.map(|side| segment(side, settings.segmentation));
        let zipped = || sides.zip(sentences.as_ref());
        let known = pinned::Known {
            untranslated: zipped().map(|(side, sentences)| untranslated(side, sentences)),
            rows: zipped().map(|(side, sentences)| {
                sentences.items.iter().map(|sentence| side.paragraphs[sentence.paragraph].row).collect()
            }),
            headings: zipped().map(|(side, sentences)| {
                sentences.items.iter().map(|sentence| side.paragraphs[sentence.paragraph].heading).collect()
            }),
        };
        Self { sentences, known }
    }

    /// The aligned document: what the models answered, and all that is measured of that.
    fn aligned(self, document: &Document, settings: &Settings<'_>, answers: Answers) -> AlignedDocument {
        let Self { sentences, known } = self;
        let Answers { translations, alignment, moved, hints } = answers;
        let least = settings.min_confidence;
        let coverage = coverage::measure(&sentences, &alignment, least);
        let coverage = coverage::with_moved(coverage, &sentences, moved);
        let findings = checks::of_document(&sentences, &alignment, least, settings.checks);
        let coverage = coverage.with_untranslated(known.untranslated).with_hints(hints).with_findings(findings);
        let headings = (0..sentences.source.len()).filter(|&index| known.headings.source[index]).collect();
        let (id, set_aside) = (document.id.clone(), document.set_aside.clone());
        AlignedDocument { id, sentences, translations, alignment, coverage, set_aside, headings }
    }
}

/// The sentences of a side that were left in the other language.
fn untranslated(side: &Side, sentences: &Sentences) -> Vec<usize> {
    let is_stray = |&index: &usize| side.paragraphs[sentences.items[index].paragraph].lang != side.lang;
    (0..sentences.len()).filter(is_stray).collect()
}

/// The translation of each sentence. Fails if the translator does, or returns another number of them.
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

pub(super) fn align(
    sentences: &Both<Sentences>,
    translations: &[Translation],
    pinned: &Pinned,
    models: &mut Models<'_>,
    progress: &dyn Progress,
) -> Result<Alignment> {
    progress.begin(Stage::Align, sentences.source.len());
    let pieces = pieces(sentences, models.tokenizer);
    let tagger = models.tagger.as_mut().map(|tagger| &mut **tagger as &mut dyn Tagger);
    let mut judges = Judges { pieces: &pieces, lexicon: models.lexicon, tagger, translator: &mut *models.translator };
    let can_run = |pass: &&Pass| pass.looks.iter().all(|&look| judges.can(look));
    let passes: Vec<&Pass> = models.passes.later.iter().take_while(can_run).collect();
    let first = || {
        let (evidence, band) = compare(sentences, translations, &pieces, pinned, models.embeddings);
        let first = first_pass::first_pass_keeping(pinned.clone(), &evidence, &band, &models.passes.first);
        let list = (!passes.is_empty()).then(|| first.shortlist(&[]));
        (first.alignment, list)
    };
    // The tables of the first pass, the largest there are, are gone before the others begin.
    let alignment = match first() {
        (alignment, None) => alignment,
        (_, Some(list)) => {
            let look = |list: &mut Shortlist, look| list.look(look, sentences, &mut judges);
            pinned.restore(&passes::judge(list, passes, look)?.alignment())
        }
    };
    progress.advance(sentences.source.len());
    progress.end();
    Ok(alignment)
}

/// The evidence for each bead, and the band to search.
fn compare(
    sentences: &Both<Sentences>,
    translations: &[Translation],
    pieces: &Both<Vec<Vec<u32>>>,
    pinned: &Pinned,
    embeddings: &Embeddings,
) -> (BandEvidence, Band) {
    let vectors = vectors(pieces, embeddings);
    let band = pinned.band(Both::new(&vectors.source, &vectors.target));
    let translations: Vec<&str> = translations.iter().map(|translation| translation.text.as_str()).collect();
    let inputs = Inputs { sentences, translations: &translations, vectors: &vectors };
    (BandEvidence::new(&inputs, &band), band)
}

/// The pieces of each sentence.
pub fn pieces(sentences: &Both<Sentences>, tokenizer: &Tokenizer) -> Both<Vec<Vec<u32>>> {
    sentences.as_ref().map(|side| of_each(side.texts(), |text| tokenizer.encode(text, side.lang)))
}

/// The embedding of each sentence: the sum of its pieces' vectors.
pub fn vectors(pieces: &Both<Vec<Vec<u32>>>, embeddings: &Embeddings) -> Both<Vec<Vec<f32>>> {
    let vector = |pieces: &Vec<u32>| embeddings.sum(pieces.iter().map(|&piece| piece as usize));
    pieces.as_ref().map(|side| of_each(side, vector))
}
