//! The lines of a journal: a checksum, a space, and JSON. Probabilities are written as their bits, so that they come back
//! exactly.

use serde::{Deserialize, Serialize};
use twox_hash::XxHash3_64;

use super::Head;
use crate::{
    aligner::Answers,
    bead::{Alignment, Bead, Run},
    both::Both,
    document::{AlignedDocument, Flaw, Hint, Span, Translation},
};

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    /// How the run is told from others: the first line, and no other.
    Head(Head),
    /// What a run writes meanwhile: the paths of its outputs under way.
    Partials(Vec<String>),
    /// A document that is done.
    Done(Done),
    /// A document that could not be read or aligned.
    Failed,
}

impl Line {
    /// The text of the line, with its end.
    pub(super) fn to_text(&self) -> String {
        // Neither a number nor a name of it can be what JSON has not.
        let json = serde_json::to_string(self).unwrap_or_default();
        format!("{:016x} {json}\n", XxHash3_64::oneshot(json.as_bytes()))
    }

    /// The line of a text; none where it is not whole.
    pub(super) fn of_text(text: &[u8]) -> Option<Self> {
        let (sum, json) = text.strip_suffix(b"\n")?.split_at_checked(17)?;
        let sum = u64::from_str_radix(str::from_utf8(sum).ok()?.strip_suffix(' ')?, 16).ok()?;
        (sum == XxHash3_64::oneshot(json)).then(|| serde_json::from_slice(json).ok()).flatten()
    }
}

/// A document that is done.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Done {
    /// The document's name.
    pub(super) id: String,
    /// The document's fingerprint.
    pub(super) fingerprint: u64,
    /// The text, the bits of its log-probability, and the flaw of each translation.
    translations: Vec<(String, u32, Option<Flaw>)>,
    beads: Vec<WrittenBead>,
    moved: Vec<WrittenBead>,
    hints: [Vec<WrittenHint>; 2],
}

/// The runs of the source and of the target, start and end, and the bits of the confidence.
type WrittenBead = ([usize; 2], [usize; 2], u64);

/// The sentence, the span's start and end, and the bits of the confidence.
type WrittenHint = (usize, [usize; 2], u64);

impl Done {
    pub(super) fn new(fingerprint: u64, document: &AlignedDocument) -> Self {
        let translation = |it: &Translation| (it.text.clone(), it.log_prob.to_bits(), it.flaw);
        let sides = &document.coverage.sides;
        Self {
            id: document.id.clone(),
            fingerprint,
            translations: document.translations.iter().map(translation).collect(),
            beads: document.alignment.beads().iter().map(written_bead).collect(),
            moved: document.coverage.moved.iter().map(written_bead).collect(),
            hints: [&sides.source, &sides.target].map(|side| side.hints.iter().map(written_hint).collect()),
        }
    }

    /// The answers; none where they are of no alignment.
    pub(super) fn answers(self) -> Option<Answers> {
        let translation = |(text, log_prob, flaw)| Translation { text, log_prob: f32::from_bits(log_prob), flaw };
        let [source, target] = self.hints.map(|side| side.into_iter().map(hint).collect());
        Some(Answers {
            translations: self.translations.into_iter().map(translation).collect(),
            alignment: Alignment::of(self.beads.into_iter().map(bead).collect::<Option<_>>()?)?,
            moved: self.moved.into_iter().map(bead).collect::<Option<_>>()?,
            hints: Both::new(source, target),
        })
    }
}

fn written_bead(bead: &Bead) -> WrittenBead {
    let Both { source, target } = bead.runs.map(|run| [run.start, run.end]);
    (source, target, bead.confidence.to_bits())
}

fn bead((source, target, confidence): WrittenBead) -> Option<Bead> {
    let run = |[start, end]: [usize; 2]| (start <= end).then_some(Run { start, end });
    Some(Bead { runs: Both::new(run(source)?, run(target)?), confidence: f64::from_bits(confidence) })
}

fn written_hint(hint: &Hint) -> WrittenHint {
    (hint.sentence, [hint.span.start, hint.span.end], hint.confidence.to_bits())
}

fn hint((sentence, [start, end], confidence): WrittenHint) -> Hint {
    Hint { sentence, span: Span { start, end }, confidence: f64::from_bits(confidence) }
}
