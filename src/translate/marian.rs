//! Local Marian models as [`Translator`]s: sentences in, their translations out, on this machine's cores.
//!
//! ```text
//!  sentence ─▶ parts short enough for the model ─▶ pieces ─▶ batches ─▶ workers ─▶ checked ─▶ retried if flawed ─▶ joined
//! ```
//! Each core has a worker with its own network over shared weights. The tagger of a bundle works with the same networks,
//! in turn with the translator.
//!
//! Of 500 lines of FLORES dev, on one core, greedy search takes 15 s by rust-bert's pass in single precision and 3.4 in
//! eight bits among selected pieces; on two cores 1.8. CTranslate2 in eight bits takes 4.3 and 2.3 (`scripts/bench`).

mod archive;
mod engine;
mod forward;
mod network;
mod parts;
mod selection;
mod unbatched;
mod tagger;
mod workers;

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

pub use self::{archive::ot_to_safetensors, engine::MarianEngine, tagger::MarianTagger, unbatched::ForcedPiece};
use self::{
    forward::linear::Numbers,
    network::{Draft, Forced, Network, Request, Roles, Search},
    parts::{Part, PartTranslation, Ready},
    selection::Selections,
    workers::in_turns,
};
use super::{Compute, Device, ForcedScore, Pass, Translator, batch::batches, check, long};
use crate::{
    bundle::{Architecture, Digests, Verification},
    document::Translation,
    error::{Error, Result, panic},
    lexicon::Vocabulary,
    manifest::BundleFile,
    progress::Progress,
    text::Lang,
    tokenizer::{PieceId, Tokenizer, by_sentence},
};

/// The most sentences in one batch, and the most source pieces with padding in it. 32 sentences took a quarter
/// longer, 128 no less.
const BATCH_SENTENCES: usize = 64;
const BATCH_PIECES: usize = 2_048;

/// The longest part of a sentence that is translated in one go, in pieces: some 70 English words. Models trained on
/// sentences have seen few that are longer, and loop on them.
const LONGEST_PART: usize = 120;

/// The most pieces of a translation for a source piece, and some more: English has 1.1 to 1.5 in the training text.
const PIECES_PER_SOURCE_PIECE: usize = 3;
const EXTRA_PIECES: usize = 10;

/// The most source pieces for each piece of a careful translation.
const SOURCE_PIECES_PER_PIECE: usize = 3;

/// The size of the table of logits of one forced batch, in values; four bytes each, and as many again for its
/// softmax.
const FORCED_LOGITS: usize = 16_000_000;

/// The most pairs that a worker compares at a time: those of one source stand together in the text, and share what is
/// read of it. Each worker has at least so many turns, where there are pairs enough.
const LONGEST_TURN: usize = 256;
const TURNS_EACH: usize = 4;

/// The version of the search in the fingerprint: to be raised whenever the same model is made to translate
/// differently, or to score differently.
const SEARCH_VERSION: u32 = 4;

/// A model in memory, of which a translator and a tagger are made.
#[derive(Clone)]
struct Loaded {
    dir: PathBuf,
    architecture: Architecture,
    digests: Digests,
    compute: Compute,
    tokenizer: Arc<Tokenizer>,
    /// The networks, one for each core. Whoever works takes all of them.
    networks: Arc<Mutex<Vec<Network>>>,
}

/// A translator by a Marian model.
pub struct Marian {
    model: Loaded,
    longest_part: usize,
    positions: usize,
    vocabulary: usize,
    fingerprint: String,
}

impl Marian {
    /// Loads the model in `dir`. Whatever is wrong with it is an [`Error::Model`] that names the file.
    pub fn load(dir: &Path, compute: Compute) -> Result<Self> {
        Self::load_with(dir, None, compute)
    }

    /// Loads the model in `dir` with its vocabulary, where that is loaded already, and otherwise as [`Self::load`]
    /// does.
    pub fn load_with(dir: &Path, vocabulary: Option<Vocabulary>, compute: Compute) -> Result<Self> {
        let model = Loaded::load(dir, vocabulary, compute)?;
        Ok(Self {
            longest_part: LONGEST_PART.min(model.architecture.positions - 1),
            positions: model.architecture.positions,
            vocabulary: model.architecture.vocabulary,
            fingerprint: Self::fingerprint_of(&model.digests, compute),
            model,
        })
    }

    /// The fingerprint of the translator of a model with these files, so computed, without loading it.
    pub fn fingerprint_of(digests: &Digests, compute: Compute) -> String {
        // The lexicon says among which pieces translations are looked for.
        format!("marian {} {} v{SEARCH_VERSION}", digests.model_with(BundleFile::Lexicon), numbers(compute))
    }

    /// Makes another translator over the same weights, with as many networks.
    pub fn worker(&self) -> Result<Self> {
        Ok(Self { model: self.model.worker()?, fingerprint: self.fingerprint.clone(), ..*self })
    }

    /// The parts of all sources in order, each with the index of its source.
    fn parts<'t>(&self, sources: &[&'t str]) -> Vec<Part<'t>> {
        let count = |text: &str| self.model.tokenizer.encode(text, Lang::Zh).len();
        let mut parts = Vec::new();
        for (sentence, source) in sources.iter().enumerate() {
            for text in long::split(source.trim(), self.longest_part, &count) {
                let translatable = check::has_chinese(text);
                let pieces = if translatable { self.encode(text, Lang::Zh) } else { Vec::new() };
                parts.push(Part { sentence, text, pieces });
            }
        }
        parts
    }

    /// Translates the parts of the given indices and calls `done` with the translations of each, the best first, as
    /// they are ready.
    fn run(
        &mut self,
        parts: &[Part<'_>],
        wanted: &[usize],
        search: Search,
        mut done: impl FnMut(usize, Vec<PartTranslation>),
    ) -> Result<()> {
        let requests: Vec<Request<'_>> = wanted.iter().map(|&index| self.request(&parts[index])).collect();
        let lengths: Vec<usize> = requests.iter().map(|request| request.source.len()).collect();
        let tokenizer = &self.model.tokenizer;
        in_turns(
            &mut self.model.networks(),
            batches(&lengths, (BATCH_SENTENCES / search.width()).max(1), BATCH_PIECES),
            |network, batch| {
                let batch: Vec<&Request<'_>> = batch.iter().map(|&index| &requests[index]).collect();
                network.translate(&batch, search)
            },
            |batch, found| {
                for (index, drafts) in batch.into_iter().zip(found) {
                    let translated = |draft: Draft| {
                        let text = tokenizer.decode(&draft.pieces);
                        let flaw = check::flaw(parts[wanted[index]].text, &text);
                        PartTranslation { text, log_prob: draft.log_prob, pieces: draft.scored, flaw }
                    };
                    done(wanted[index], drafts.into_iter().map(translated).collect());
                }
            },
        )
    }

    fn request<'p>(&self, part: &'p Part<'_>) -> Request<'p> {
        let length = part.pieces.len();
        Request {
            source: &part.pieces,
            shortest: length / SOURCE_PIECES_PER_PIECE,
            longest: (PIECES_PER_SOURCE_PIECE * length + EXTRA_PIECES).min(self.positions),
        }
    }

    /// A pair in pieces, and how many pieces of its target belong to each sentence.
    fn forced(&self, pair: &super::Forced<'_>) -> (Forced, Vec<usize>) {
        let mut target = Vec::new();
        let mut lengths = Vec::new();
        for sentence in pair.target {
            let pieces = self.model.tokenizer.encode(sentence, Lang::En);
            lengths.push(pieces.len());
            target.extend(pieces);
        }
        if let Some(last) = lengths.last_mut() {
            *last += 1;
        }
        target.truncate(self.positions - 1);
        target.push(self.model.tokenizer.end());
        (Forced { source: self.encode(pair.source, Lang::Zh), target }, lengths)
    }

    /// The pieces of a text with the end mark, as many as the model reads.
    fn encode(&self, text: &str, lang: Lang) -> Vec<PieceId> {
        let mut pieces = self.model.tokenizer.encode(text, lang);
        pieces.truncate(self.positions - 1);
        pieces.push(self.model.tokenizer.end());
        pieces
    }
}

impl Translator for Marian {
    fn fingerprint(&self) -> String {
        self.fingerprint.clone()
    }

    /// Translates by greedy search. A translation with a flaw is made once more with care: no phrase of three pieces
    /// twice, no Chinese, no early end; the better one is kept, with its flaw if it still has one.
    fn translate(&mut self, sources: &[&str], progress: &dyn Progress) -> Result<Vec<Translation>> {
        let parts = self.parts(sources);
        let mut ready = Ready::new(sources.len(), &parts, progress);
        let (foreign, mut open): (Vec<usize>, Vec<usize>) =
            (0..parts.len()).partition(|&index| parts[index].pieces.is_empty());
        for index in foreign {
            ready.set(index, PartTranslation::of_itself(parts[index].text));
        }

        let mut flawed: Vec<(usize, PartTranslation)> = Vec::new();
        self.run(&parts, &open, Search::Greedy, |index, found| {
            for translation in found {
                match translation.flaw {
                    None => ready.set(index, translation),
                    Some(_) => flawed.push((index, translation)),
                }
            }
        })?;
        flawed.sort_by_key(|(index, _)| *index);
        open = flawed.iter().map(|(index, _)| *index).collect();
        let mut careful: Vec<Option<PartTranslation>> = vec![None; parts.len()];
        self.run(&parts, &open, Search::Careful, |index, found| careful[index] = found.into_iter().next())?;
        for (index, plain) in flawed {
            let better = careful[index].take().into_iter().fold(plain, PartTranslation::better);
            ready.set(index, better);
        }
        Ok(ready.join())
    }

    /// Translates by beam search; the parts of each sentence are put together by rank. What is flawed in every
    /// translation is done again with care.
    fn n_best(&mut self, sources: &[&str], width: usize, progress: &dyn Progress) -> Result<Vec<Vec<Translation>>> {
        let parts = self.parts(sources);
        let mut found: Vec<Vec<PartTranslation>> = Vec::new();
        found.resize_with(parts.len(), Vec::new);
        let (foreign, wanted): (Vec<usize>, Vec<usize>) =
            (0..parts.len()).partition(|&index| parts[index].pieces.is_empty());
        for index in foreign {
            found[index] = vec![PartTranslation::of_itself(parts[index].text)];
        }
        self.run(&parts, &wanted, Search::Beam(width), |index, translations| found[index] = translations)?;
        let is_flawed = |index: &usize| found[*index].iter().all(|translation| translation.flaw.is_some());
        let flawed: Vec<usize> = wanted.into_iter().filter(is_flawed).collect();
        self.run(&parts, &flawed, Search::Careful, |index, careful| found[index].splice(..0, careful).for_each(drop))?;
        progress.advance(sources.len());
        Ok(parts::ranked(sources.len(), &parts, &found))
    }

    /// Scores by forced decoding. A text longer than the model reads is scored as far as it does; `pieces` says how
    /// far that is.
    fn log_probs(&mut self, pairs: &[super::Forced<'_>]) -> Result<Vec<Vec<ForcedScore>>> {
        let (encoded, lengths): (Vec<Forced>, Vec<_>) = pairs.iter().map(|pair| self.forced(pair)).unzip();
        let budget = FORCED_LOGITS / self.vocabulary;
        let mut scores = vec![Vec::new(); pairs.len()];
        let mut networks = self.model.networks();
        let turns = turns(pairs.len(), networks.len());
        in_turns(
            &mut networks,
            turns,
            |network, turn| network.log_probs(&encoded[turn[0]..turn[1]], budget),
            |turn, log_probs| {
                for (index, log_probs) in (turn[0]..turn[1]).zip(log_probs) {
                    scores[index] = of_sentences(&log_probs, &lengths[index]);
                }
            },
        )?;
        Ok(scores)
    }
}

/// Does what libtorch may panic over where it finds no memory, and makes that an error that names the model.
fn loading<T>(dir: &Path, load: impl FnOnce() -> Result<T>) -> Result<T> {
    let failed = |panic| Err(Error::model_because(dir, "libtorch cannot bring its weights into memory", panic));
    panic::catch(load).unwrap_or_else(failed)
}

impl Loaded {
    /// Loads a model and checks it, with the sums of its files; its vocabulary only where it is not given.
    fn load(dir: &Path, vocabulary: Option<Vocabulary>, compute: Compute) -> Result<Self> {
        let verification = Verification::start(dir)?;
        let architecture = Architecture::read(dir)?;
        let Vocabulary { tokenizer, lexicon } = vocabulary.map_or_else(|| Vocabulary::load(dir), Ok)?;
        architecture.check_vocabulary(dir, &tokenizer)?;
        architecture.check_weights(dir)?;
        let roles = roles(&tokenizer);
        let lexicon = lexicon.filter(|_| compute.pass == Pass::Fast);
        let selections = lexicon.map(|lexicon| Arc::new(Selections::new(lexicon, &tokenizer, &roles.never)));
        let networks = loading(dir, || {
            let first = Network::load(dir, &architecture, &roles, selections, compute)?;
            let others = (1..compute.threads).map(|_| first.over_same_weights(dir));
            let mut networks = others.collect::<Result<Vec<_>>>()?;
            networks.push(first);
            Ok(networks)
        })?;
        let (digests, networks) = (verification.finish()?, Arc::new(Mutex::new(networks)));
        Ok(Self { dir: dir.to_owned(), architecture, digests, compute, tokenizer, networks })
    }

    /// Makes other networks of the same model, over the same weights.
    fn worker(&self) -> Result<Self> {
        let own = self.networks();
        let others = || own.iter().map(|network| network.over_same_weights(&self.dir)).collect::<Result<Vec<_>>>();
        let networks = Arc::new(Mutex::new(loading(&self.dir, others)?));
        drop(own);
        Ok(Self { networks, ..self.clone() })
    }

    /// The networks, once nobody else works with them. A panic leaves them as they were: no work changes them.
    fn networks(&self) -> MutexGuard<'_, Vec<Network>> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What fingerprints say of the numbers that networks are computed in, which no two ways round alike.
fn numbers(compute: Compute) -> &'static str {
    match (Numbers::of(compute), compute.device) {
        (Some(numbers), _) => numbers.name(),
        (None, Device::Cpu) => "reference",
        (None, Device::Cuda) => "cuda",
    }
}

/// The turns of workers, each from one pair to before another: few enough pairs that all workers end together.
fn turns(n_pairs: usize, n_workers: usize) -> Vec<Vec<usize>> {
    let size = n_pairs.div_ceil(TURNS_EACH * n_workers.max(1)).clamp(1, LONGEST_TURN);
    (0..n_pairs).step_by(size).map(|start| vec![start, (start + size).min(n_pairs)]).collect()
}

/// The scores of sentences of so many pieces each, from `log_probs`, which may hold only the first ones.
fn of_sentences(log_probs: &[f32], lengths: &[usize]) -> Vec<ForcedScore> {
    let score = |own: &[f32]| ForcedScore {
        log_prob: rounded(own.iter().map(|&log_prob| f64::from(log_prob)).sum()),
        pieces: own.len(),
    };
    by_sentence(log_probs, lengths.iter().copied()).map(score).collect()
}

fn roles(tokenizer: &Tokenizer) -> Roles {
    let with = |role: fn(&str) -> bool| {
        (0..).zip(tokenizer.texts()).filter(|(_, text)| role(text)).map(|(id, _)| id).collect::<Vec<PieceId>>()
    };
    Roles {
        never: vec![tokenizer.padding(), tokenizer.unknown()],
        chinese: with(check::has_chinese),
        free: with(|text| text.chars().all(|c| c.is_ascii_digit() || c == ',' || c == '.')),
    }
}

/// Log-probabilities are summed in double precision and handed on in single.
#[expect(clippy::cast_possible_truncation, reason = "the precision that is lost is noise")]
fn rounded(log_prob: f64) -> f32 {
    log_prob as f32
}
