//! Training examples of clauses with and without a counterpart, made from pairs in document order.
//!
//! Stretches of a file become documents. Of each, some pairs lose what a clause says on one side: either two
//! neighbours become one bead and one of them leaves one side, or the counterpart of a clause is taken out of its
//! sentence. The rest stays as it is, or is joined whole, or loses words here and there as a free translation does.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use mtalign::{
    aligner::comparable,
    both::Both,
    document::Span,
    evidence::{
        Embeddings,
        clauses::{Clause, Clues, clues},
    },
    segment::clauses::clauses,
    text::Lang,
    tokenizer::Tokenizer,
};

/// The number of pairs in a document.
const STRETCH: usize = 40;

/// The rates of omission among the beads of a document; each side of each document has one of them. Most translators
/// leave out little; news are cut.
const OMISSION_RATES: [f64; 4] = [0.0, 0.05, 0.1, 0.25];

/// The share of the omissions that are of a sentence beside another; the rest are of clauses.
const WHOLE_SENTENCES: f64 = 0.3;

/// The share of the beads without an omission that are two pairs.
const JOINED: f64 = 0.15;

/// The share of the beads that are translated freely, and the largest share of their words that is lost.
const FREE: f64 = 0.3;
const WORDS_LOST: f64 = 0.25;

/// The conditions for two clauses to be counterparts: each is the other's best, with at least this cosine, and their
/// lengths differ by no more than this factor from what translations have.
const LEAST_COSINE: f32 = 0.35;
const LENGTH_FACTOR: f64 = 1.8;

/// English characters per Chinese one.
const LENGTH_RATIO: f64 = 3.0;

/// A clause's clues with its label.
pub(crate) struct Example {
    pub(crate) clues: Clues,
    /// The label: whether it has no counterpart.
    pub(crate) is_missing: bool,
}

/// A bead and, on each side, which clauses have no counterpart.
struct Bead {
    sentences: Both<Vec<String>>,
    missing: Both<Vec<bool>>,
}

/// A maker of examples.
pub(crate) struct Maker<'a> {
    tokenizer: &'a Tokenizer,
    embeddings: &'a Embeddings,
    random: Random,
}

impl<'a> Maker<'a> {
    pub(crate) fn new(tokenizer: &'a Tokenizer, embeddings: &'a Embeddings, seed: u64) -> Self {
        Self { tokenizer, embeddings, random: Random(seed) }
    }

    /// The documents of a file of at most `most` pairs: those to learn from, and one part of `held_out` that is held
    /// out. Fails if the file cannot be read.
    pub(crate) fn read(&mut self, path: &Path, most: usize, held_out: usize) -> Result<[Vec<Both<Vec<Example>>>; 2]> {
        let text = fs::read_to_string(path).with_context(|| format!("reading `{}`", path.display()))?;
        let pairs: Vec<Both<&str>> =
            text.lines().filter_map(|line| line.split_once('\t')).map(|(zh, en)| Both::new(zh, en)).collect();
        let documents: Vec<_> = pairs.chunks(STRETCH).collect();
        // Spread over the file, where the held out ones are blocks of ten: neighbours are of one text.
        let step = (documents.len() * STRETCH).div_ceil(most).max(1);
        let (mut learnt, mut kept) = (Vec::new(), Vec::new());
        for (number, document) in documents.iter().enumerate().step_by(step) {
            let place = number * 10 * held_out / documents.len();
            let examples = self.document(document);
            if place % held_out == held_out - 1 { kept.push(examples) } else { learnt.push(examples) }
        }
        Ok([learnt, kept])
    }

    fn document(&mut self, pairs: &[Both<&str>]) -> Both<Vec<Example>> {
        let rates = Both::new((), ()).map(|()| OMISSION_RATES[self.random.below(OMISSION_RATES.len())]);
        let mut beads = Vec::new();
        let mut rest = pairs;
        while let [first, after @ ..] = rest {
            let draw = self.random.unit();
            let is_source = draw < rates.source;
            let bead = if is_source || draw < rates.source + rates.target {
                let left_out = (self.random.unit() < WHOLE_SENTENCES).then(|| after.first()).flatten();
                match left_out {
                    Some(&second) => Some((self.neighbour_left_out(*first, second, is_source), 2)),
                    None => self.clause_left_out(*first, is_source).map(|bead| (bead, 1)),
                }
            } else {
                None
            };
            let (mut bead, taken) = bead.unwrap_or_else(|| match after.first() {
                Some(&second) if self.random.unit() < JOINED => (whole(&[*first, second]), 2),
                _ => (whole(&[*first]), 1),
            });
            self.translate_freely(&mut bead);
            beads.push(bead);
            rest = &rest[taken..];
        }
        self.examples(&beads)
    }

    fn examples(&self, beads: &[Bead]) -> Both<Vec<Example>> {
        let of_bead = |bead: &Bead| {
            let Both { source, target } = &bead.sentences;
            Both::new(self.all_clauses(source, Lang::Zh), self.all_clauses(target, Lang::En))
        };
        let mut examples = Both::<Vec<Example>>::default();
        let add = |examples: &mut Vec<Example>, clues: Vec<Clues>, missing: &[bool]| {
            if clues.len() < 2 {
                return;
            }
            let example = |(number, clues): (usize, Clues)| Example {
                clues,
                is_missing: missing.get(number).copied().unwrap_or(false),
            };
            examples.extend(clues.into_iter().enumerate().map(example));
        };
        for (bead, clues) in beads.iter().zip(clues(beads, of_bead)) {
            add(&mut examples.source, clues.source, &bead.missing.source);
            add(&mut examples.target, clues.target, &bead.missing.target);
        }
        examples
    }

    fn all_clauses(&self, sentences: &[String], lang: Lang) -> Vec<Clause> {
        sentences.iter().flat_map(|text| self.clauses(text, lang)).map(|(_, clause)| clause).collect()
    }

    fn clauses(&self, text: &str, lang: Lang) -> Vec<(Span, Clause)> {
        let of = |span: Span| (span, comparable(span.of(text), lang, self.tokenizer, self.embeddings));
        clauses(text, lang).into_iter().map(of).collect()
    }

    /// A bead of two pairs, of which one is not translated: only its Chinese stays if `is_source`, else only its
    /// English.
    fn neighbour_left_out(&mut self, first: Both<&str>, second: Both<&str>, is_source: bool) -> Bead {
        let mut bead = whole(&[first, second]);
        let number = self.random.below(2);
        let mark = |sentences: &[String], lang| {
            let marks = |(k, text): (usize, &String)| vec![k == number; clauses(text, lang).len()];
            sentences.iter().enumerate().flat_map(marks).collect()
        };
        if is_source {
            bead.missing.source = mark(&bead.sentences.source, Lang::Zh);
            bead.sentences.target.remove(number);
        } else {
            bead.missing.target = mark(&bead.sentences.target, Lang::En);
            bead.sentences.source.remove(number);
        }
        bead
    }

    /// A pair without the counterpart of one clause; nothing where no clause surely has one.
    fn clause_left_out(&mut self, pair: Both<&str>, is_source: bool) -> Option<Bead> {
        let sides = Both::new(self.clauses(pair.source, Lang::Zh), self.clauses(pair.target, Lang::En));
        if sides.source.len() < 2 || sides.target.len() < 2 {
            return None;
        }
        let answers = answers(&sides);
        let (i, j) = *answers.get(self.random.below(answers.len().max(1)))?;
        let mut bead = whole(&[pair]);
        let without = |text: &str, span: Span| format!("{}{}", &text[..span.start], &text[span.end..]);
        if is_source {
            bead.missing.source = (0..sides.source.len()).map(|k| k == i).collect();
            bead.sentences.target = vec![without(pair.target, sides.target[j].0)];
        } else {
            bead.missing.target = (0..sides.target.len()).map(|k| k == j).collect();
            bead.sentences.source = vec![without(pair.source, sides.source[i].0)];
        }
        Some(bead)
    }

    /// Takes words out of the English, or characters out of the Chinese, of some beads; never of a side whose clauses
    /// are counted.
    fn translate_freely(&mut self, bead: &mut Bead) {
        if self.random.unit() >= FREE {
            return;
        }
        let share = self.random.unit() * WORDS_LOST;
        if bead.missing.target.is_empty() && self.random.unit() < 0.5 {
            for sentence in &mut bead.sentences.target {
                let words = sentence.split_whitespace().filter(|_| self.random.unit() >= share);
                *sentence = words.collect::<Vec<_>>().join(" ");
            }
        } else if bead.missing.source.is_empty() {
            for sentence in &mut bead.sentences.source {
                sentence.retain(|_| self.random.unit() >= share);
            }
        }
    }
}

fn whole(pairs: &[Both<&str>]) -> Bead {
    let side = |of: fn(&Both<&str>) -> String| pairs.iter().map(of).collect();
    Bead {
        sentences: Both::new(side(|pair| pair.source.to_owned()), side(|pair| pair.target.to_owned())),
        missing: Both::default(),
    }
}

/// The indices of clauses that are each other's counterpart.
fn answers(sides: &Both<Vec<(Span, Clause)>>) -> Vec<(usize, usize)> {
    let unit = |(_, clause): &(Span, Clause)| {
        let mut sum = vec![0.0_f32; clause.pieces.first().map_or(0, Vec::len)];
        for piece in &clause.pieces {
            sum.iter_mut().zip(piece).for_each(|(total, value)| *total += value);
        }
        let norm = sum.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
        sum.into_iter().map(|value| value / norm).collect::<Vec<_>>()
    };
    let (source, target): (Vec<_>, Vec<_>) =
        (sides.source.iter().map(unit).collect(), sides.target.iter().map(unit).collect());
    let cosine = |i: usize, j: usize| -> f32 { source[i].iter().zip(&target[j]).map(|(a, b)| a * b).sum() };
    let best_target = |i| (0..target.len()).max_by(|&a, &b| cosine(i, a).total_cmp(&cosine(i, b)));
    let best_source = |j| (0..source.len()).max_by(|&a, &b| cosine(a, j).total_cmp(&cosine(b, j)));
    let fits = |i: usize, j: usize| {
        let ratio = sides.target[j].1.length as f64 / sides.source[i].1.length as f64 / LENGTH_RATIO;
        cosine(i, j) >= LEAST_COSINE && ratio.ln().abs() <= LENGTH_FACTOR.ln()
    };
    let answer = |i| best_target(i).filter(|&j| best_source(j) == Some(i) && fits(i, j)).map(|j| (i, j));
    (0..source.len()).filter_map(answer).collect()
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers everywhere from a seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A uniform number in 0..1.
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "below `n`")]
    fn below(&mut self, n: usize) -> usize {
        (self.unit() * n as f64) as usize
    }
}
