//! Documents with gold alignments: `zh/NAME` and `en/NAME`, one sentence a line, and `gold/NAME.align` beside them.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::{Context, Result, ensure};
use mtalign::{
    align::coarse,
    aligner::{self, Models, first_pass},
    band::Band,
    bead::{Alignment, Run},
    both::Both,
    document::{ByteMap, Original, Sentence, Sentences},
    evaluate::{self, Link},
    evidence::{BandEvidence, BandWeights, Inputs},
    text::Lang,
};

/// A document with its gold alignment, and what training and testing need of it.
pub(crate) struct Document {
    /// The name of the set that it belongs to.
    pub(crate) set: String,
    /// The name of its file.
    pub(crate) name: String,
    pub(crate) sentences: Both<Sentences>,
    /// The pieces of each sentence.
    pub(crate) pieces: Both<Vec<Vec<u32>>>,
    pub(crate) evidence: BandEvidence,
    /// The band that the program would search.
    pub(crate) band: Band,
    /// The gold alignment, as its file has it.
    pub(crate) links: Vec<Link>,
    /// The gold alignment as beads that tile both sides, nulls one by one; pairs that cross are one bead.
    pub(crate) beads: Vec<Both<Run>>,
}

/// All documents of the set in `folder`, in the order of their names. Fails if a file cannot be read.
pub(crate) fn read_set(folder: &Path, models: &mut Models<'_>) -> Result<Vec<Document>> {
    let gold = folder.join("gold");
    let entries = fs::read_dir(&gold).with_context(|| format!("reading the folder `{}`", gold.display()))?;
    let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<PathBuf>>>()?;
    files.sort();
    files.iter().map(|file| read(folder, file, models)).collect()
}

fn read(folder: &Path, gold: &Path, models: &mut Models<'_>) -> Result<Document> {
    let file_name = gold.file_name().unwrap_or_default().to_string_lossy();
    let name = file_name.strip_suffix(".align").unwrap_or(&file_name).to_owned();
    let side = |side: &str, lang| read_sentences(&folder.join(side).join(&name), lang);
    let sentences = Both::new(side("zh", Lang::Zh)?, side("en", Lang::En)?);
    let set = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Document::new(set, name, sentences, evaluate::read(gold)?, models)
}

impl Document {
    fn new(
        set: String,
        name: String,
        sentences: Both<Sentences>,
        links: Vec<Link>,
        models: &mut Models<'_>,
    ) -> Result<Self> {
        let translations = aligner::translate(&sentences.source, models.translator, &())?;
        let pieces = aligner::pieces(&sentences, models.tokenizer);
        let vectors = aligner::vectors(&pieces, models.embeddings);
        let band = coarse::band(Both::new(&vectors.source, &vectors.target));
        let translations: Vec<&str> = translations.iter().map(|translation| translation.text.as_str()).collect();
        let inputs = Inputs { sentences: &sentences, translations: &translations, vectors: &vectors };
        // The gold beads may lie outside the band.
        let evidence = BandEvidence::new(&inputs, &Band::full(band.n_source(), band.n_target()));
        let beads = beads(&links, sentences.as_ref().map(Sentences::len));
        Ok(Self { set, name, sentences, pieces, evidence, band, links, beads })
    }

    /// The gold beads, where a search of the band can find all of them.
    pub(crate) fn beads_in_band(&self) -> Option<&[Both<Run>]> {
        let holds = |runs: &Both<Run>| {
            let row = |i, j: usize| self.band.row(i).contains(&j);
            row(runs.source.start, runs.target.start) && row(runs.source.end, runs.target.end)
        };
        Some(&*self.beads).filter(|beads| beads.iter().all(holds))
    }

    /// The number of gold beads to learn from; 0 where there is nothing to learn.
    pub(crate) fn n_beads(&self) -> usize {
        self.beads_in_band().map_or(0, <[_]>::len)
    }

    /// The alignment that the first pass finds with these weights.
    pub(crate) fn first(&self, weights: &BandWeights) -> Alignment {
        first_pass(&self.evidence, &self.band, weights).alignment
    }

    /// A document without a pair: the source of the first half of this one against the target of the second half, at
    /// most `LONGEST_TORN` sentences around the middle. The target goes on where its supposed source ends, about the
    /// same things. `None` where one of both is empty.
    pub(crate) fn torn(&self, models: &mut Models<'_>) -> Result<Option<Self>> {
        let Some(middle) = self.beads.get(self.beads.len() / 2).map(|runs| runs.map(|run| run.start)) else {
            return Ok(None);
        };
        let source = middle.source.saturating_sub(LONGEST_TORN)..middle.source;
        let target = middle.target..(middle.target + LONGEST_TORN).min(self.sentences.target.len());
        if source.is_empty() || target.is_empty() {
            return Ok(None);
        }
        let part = |side: &Sentences, range: std::ops::Range<usize>| Sentences {
            lang: side.lang,
            original: Arc::clone(&side.original),
            items: side.items[range].to_vec(),
        };
        let nothing = |ids: usize, source: bool| {
            (0..ids).map(
                move |id| {
                    if source { Both::new(vec![id], Vec::new()) } else { Both::new(Vec::new(), vec![id]) }
                },
            )
        };
        let links = nothing(source.len(), true).chain(nothing(target.len(), false)).collect();
        let sentences = Both::new(part(&self.sentences.source, source), part(&self.sentences.target, target));
        Self::new(format!("{}, torn", self.set), self.name.clone(), sentences, links, models).map(Some)
    }
}

/// The most sentences on each side of a torn document.
const LONGEST_TORN: usize = 40;

fn read_sentences(path: &Path, lang: Lang) -> Result<Sentences> {
    let text = fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()))?;
    ensure!(!text.is_empty(), "`{}` is empty", path.display());
    let original = Arc::new(Original::new(path.display().to_string(), text, ByteMap::shifted(0)));
    let mut spans: Vec<_> = original.lines().collect();
    if spans.last().is_some_and(|span| span.is_empty()) {
        spans.pop();
    }
    let sentence = |(id, span)| Sentence { span, paragraph: 0, id };
    let items = spans.into_iter().enumerate().map(sentence).collect();
    Ok(Sentences { lang, original, items })
}

/// Links as beads: pairs in order, and every sentence between them as a null, omissions first. Pairs that cross are joined,
/// for no alignment has them.
fn beads(links: &[Link], n_sentences: Both<usize>) -> Vec<Both<Run>> {
    let mut links: Vec<Both<Run>> = (links.iter())
        .filter(|link| !link.source.is_empty() && !link.target.is_empty())
        .map(|link| link.as_ref().map(|ids| Run { start: ids[0], end: ids[ids.len() - 1] + 1 }))
        .collect();
    links.sort_by_key(|runs| runs.source.start);
    let mut pairs: Vec<Both<Run>> = Vec::new();
    for mut pair in links {
        let crosses = |before: &Both<Run>, pair: &Both<Run>| {
            before.source.end > pair.source.start || before.target.end > pair.target.start
        };
        while let Some(before) = pairs.pop_if(|before| crosses(before, &pair)) {
            pair = before.zip(pair).map(|(a, b)| Run { start: a.start.min(b.start), end: a.end.max(b.end) });
        }
        pairs.push(pair);
    }
    pairs.push(n_sentences.map(|n| Run { start: n, end: n }));
    let mut reached = Both::new(0, 0);
    let mut beads = Vec::new();
    for pair in pairs {
        let nothing = Run { start: reached.target, end: reached.target };
        beads.extend((reached.source..pair.source.start).map(|i| Both::new(Run::new(i, i + 1), nothing)));
        let nothing = Run { start: pair.source.start, end: pair.source.start };
        beads.extend((reached.target..pair.target.start).map(|j| Both::new(nothing, Run::new(j, j + 1))));
        if !pair.source.is_empty() {
            beads.push(pair);
        }
        reached = pair.map(|run| run.end);
    }
    beads
}
