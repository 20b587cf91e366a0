//! Time and memory of the align stage, and how both grow with the text.
//!
//! `cargo bench --no-default-features` aligns made-up texts of [`SIZES`] sentences;
//! `cargo bench --no-default-features -- 500 5000` texts of these sizes. A line a size, all times per Chinese
//! sentence:
//!
//! | column | what |
//! | --- | --- |
//! | stage | the whole stage, as the program runs it, translations given; the median of several runs |
//! | processor | processor time of all threads in it, which other work on the machine hardly changes (Linux only) |
//! | growth | that time (elsewhere the stage's) against the first line's: 1 where it is in proportion to the text |
//! | vectors, band, evidence | parts of the stage: embedding the sentences, finding the band, comparing inside it |
//! | search | what is left of the stage: narrowing the band, pricing its beads and finding the best of them |
//! | nodes | nodes in the band before it is narrowed, with which time and memory go |
//! | input, peak | memory of the process before the first run and at the most so far (Linux only) |
//!
//! The smaller sizes must come first, for the peak is of the whole process. Without `--bench` (`cargo test
//! --all-targets`) tiny texts are aligned once, to see that the bench still works.

mod process;

use std::{
    cell::Cell,
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use mtalign::{
    align::coarse,
    aligner::{self, Settings, Tables},
    both::Both,
    document::{AlignedDocument, ByteMap, Document, Original, Paragraph, Sentences, Side, Span},
    evidence::{BandEvidence, Inputs},
    progress::{Progress, Stage},
    segment::Segmentation,
    text::Lang,
    translate::canned::Canned,
};

use crate::process::{megabytes, memory, processor_time};

/// The numbers of Chinese sentences: a chapter, a book, a library. All of them are searched in a band.
const SIZES: [usize; 3] = [1_000, 10_000, 100_000];
const TRIAL_SIZES: [usize; 2] = [10, 20];

/// The number of sentences aligned in all runs together, whose times the median is taken of; and the limits on the
/// runs.
const SENTENCES_IN_ALL: usize = 20_000;
const RUNS: std::ops::RangeInclusive<usize> = 3..=9;

#[expect(clippy::print_stdout, reason = "what it is for")]
fn main() {
    let (is_trial, sizes) = process::sizes(&SIZES, &TRIAL_SIZES);

    let loaded = Loaded::new();
    let titles = ["stage", "processor", "growth", "vectors", "band", "evidence", "search", "nodes", "input", "peak"];
    println!("{:>9}{}", "sentences", titles.map(|title| format!(" {title:>10}")).concat());
    let mut first = None;
    for &size in &sizes {
        let runs = if is_trial { 1 } else { (SENTENCES_IN_ALL / size).clamp(*RUNS.start(), *RUNS.end()) };
        let measured = measure(&loaded, &Text::new(size), runs);
        let each = |time: Duration| time.as_secs_f64() / size as f64;
        let spent = each(measured.processor.unwrap_or(measured.stage));
        let growth = spent / *first.get_or_insert(spent);
        let microseconds = |time| format!("{:.1} µs", each(time) * 1e6);
        let cells = [
            microseconds(measured.stage),
            measured.processor.map_or_else(|| "-".to_owned(), microseconds),
            format!("{growth:.2}"),
            microseconds(measured.vectors),
            microseconds(measured.band),
            microseconds(measured.evidence),
            microseconds(measured.stage.saturating_sub(measured.vectors + measured.band + measured.evidence)),
            format!("{:.1}", measured.nodes as f64 / size as f64),
            megabytes(measured.input),
            megabytes(measured.peak),
        ];
        println!("{size:>9}{}", cells.map(|cell| format!(" {cell:>10}")).concat());
    }
}

/// Median times, and memory in KiB.
struct Measured {
    stage: Duration,
    processor: Option<Duration>,
    vectors: Duration,
    band: Duration,
    evidence: Duration,
    nodes: usize,
    input: Option<usize>,
    peak: Option<usize>,
}

fn measure(loaded: &Loaded, text: &Text, runs: usize) -> Measured {
    let input = memory("VmRSS:");
    let (Spent { elapsed: stage, processor }, aligned) = loaded.align_repeatedly(text, runs);
    // Before the parts, which hold their vectors beside the document.
    let peak = memory("VmHWM:");

    let timed = |work: &dyn Fn()| {
        let run = |_| {
            let started = Instant::now();
            work();
            started.elapsed()
        };
        median((0..runs).map(run))
    };
    let translations: Vec<&str> = aligned.translations.iter().map(|translation| translation.text.as_str()).collect();
    let vectors = loaded.vectors(&aligned.sentences);
    let of_sides = || Both::new(vectors.source.as_slice(), vectors.target.as_slice());
    let band = coarse::band(of_sides());
    let inputs = Inputs { sentences: &aligned.sentences, translations: &translations, vectors: &vectors };
    Measured {
        stage,
        processor,
        vectors: timed(&|| drop(loaded.vectors(&aligned.sentences))),
        band: timed(&|| drop(coarse::band(of_sides()))),
        evidence: timed(&|| drop(BandEvidence::new(&inputs, &band))),
        nodes: band.n_nodes(),
        input,
        peak,
    }
}

/// The median: the one in the middle.
fn median<T: Ord>(all: impl Iterator<Item = T>) -> T {
    let mut all: Vec<T> = all.collect();
    all.sort_unstable();
    all.swap_remove(all.len() / 2)
}

/// The time that a run took.
#[derive(Clone, Copy, Default)]
struct Spent {
    elapsed: Duration,
    /// The processor time of all threads; none where it is too short to be seen, or the system does not tell.
    processor: Option<Duration>,
}

/// The tables of the bundle.
struct Loaded(Tables);

impl Loaded {
    fn new() -> Self {
        Self(Tables::load(concat!(env!("CARGO_MANIFEST_DIR"), "/models/zh-en")).expect("the bundled model"))
    }

    /// Runs the aligner; returns the medians of the align stage's times, and what came of the last run.
    fn align_repeatedly(&self, text: &Text, runs: usize) -> (Spent, AlignedDocument) {
        let (first, mut aligned) = self.align(text);
        let mut spent = vec![first];
        for _ in 1..runs {
            // Not beside the next one, which has the memory measured.
            drop(aligned);
            let (next, again) = self.align(text);
            spent.push(next);
            aligned = again;
        }
        let elapsed = median(spent.iter().map(|it| it.elapsed));
        (Spent { elapsed, processor: median(spent.iter().map(|it| it.processor)) }, aligned)
    }

    /// Runs the aligner; returns the time of the align stage.
    fn align(&self, text: &Text) -> (Spent, AlignedDocument) {
        let mut translator = text.translator.clone();
        let mut models = self.0.models(&mut translator, None);
        let settings = Settings { segmentation: Segmentation::Lines, ..Settings::default() };
        let stopwatch = Stopwatch::default();
        let aligned = aligner::run(&text.document, &settings, &mut models, &stopwatch).expect("a translation");
        (stopwatch.align_stage.get(), aligned)
    }

    /// The embedding of each sentence, as the stage makes them.
    fn vectors(&self, sentences: &Both<Sentences>) -> Both<Vec<Vec<f32>>> {
        let vector = |text: &str, lang| {
            let pieces = self.0.tokenizer().encode(text, lang);
            self.0.embeddings().sum(pieces.into_iter().map(|piece| piece as usize))
        };
        sentences.as_ref().map(|side| side.texts().iter().map(|text| vector(text, side.lang)).collect())
    }
}

/// A stopwatch of the align stage.
#[derive(Default)]
struct Stopwatch {
    started: Cell<Option<(Stage, Instant, Option<Duration>)>>,
    align_stage: Cell<Spent>,
}

impl Progress for Stopwatch {
    fn begin(&self, stage: Stage, _: usize) {
        self.started.set(Some((stage, Instant::now(), processor_time())));
    }

    fn advance(&self, _: usize) {}

    fn end(&self) {
        if let Some((Stage::Align, started, before)) = self.started.take() {
            let processor = processor_time().zip(before).map(|(now, before)| now.saturating_sub(before));
            let seen = processor.filter(|time| !time.is_zero());
            self.align_stage.set(Spent { elapsed: started.elapsed(), processor: seen });
        }
    }
}

/// Words of which the sentences are made, each with its English.
const WORDS: [(&str, &str); 12] = [
    ("老师", "the teacher"),
    ("图书馆", "the library"),
    ("下雨", "rain"),
    ("朋友", "a friend"),
    ("山", "the mountain"),
    ("工作", "work"),
    ("晚上", "the evening"),
    ("茶", "tea"),
    ("火车", "the train"),
    ("孩子", "the children"),
    ("城市", "the city"),
    ("花园", "the garden"),
];

/// The number of sentences in a paragraph.
const PARAGRAPH: usize = 5;

/// A document of one sentence a line, with its translations; every ninth Chinese sentence has no English.
struct Text {
    document: Document,
    translator: Canned,
}

impl Text {
    fn new(n_sentences: usize) -> Self {
        let pairs: Vec<(String, String)> = (0..n_sentences).map(pair).collect();
        let table: String = pairs.iter().map(|(zh, en)| [zh, "\t", en, "\n"].concat()).collect();
        let english = pairs.iter().enumerate().filter(|(index, _)| index % 9 != 8).map(|(_, (_, en))| en.as_str());
        let sides = Both::new(side(Lang::Zh, pairs.iter().map(|(zh, _)| zh.as_str())), side(Lang::En, english));
        Self {
            document: Document { id: "bench".to_owned(), sides, set_aside: Both::default() },
            translator: Canned::parse("bench", &table).expect("a table"),
        }
    }
}

/// A sentence of four words, drawn at random but always the same, and a number; and its English.
fn pair(index: usize) -> (String, String) {
    let random = u32::try_from(index).expect("no text is so long").wrapping_mul(0x9E37_79B9);
    let words = [6, 12, 18, 24].map(|shift| WORDS[(random >> shift) as usize % WORDS.len()]);
    let [zh, en] = [words.map(|(zh, _)| zh), words.map(|(_, en)| en)];
    (format!("{}，{}。", zh.join("和"), index * 37), format!("{}, {}.", en.join(" and "), index * 37))
}

fn side<'t>(lang: Lang, lines: impl Iterator<Item = &'t str>) -> Side {
    let mut text = String::new();
    let mut paragraphs: Vec<Paragraph> = Vec::new();
    for (index, line) in lines.enumerate() {
        let start = text.len();
        text.push_str(line);
        match paragraphs.last_mut().filter(|_| index % PARAGRAPH > 0) {
            Some(paragraph) => paragraph.span.end = text.len(),
            None => paragraphs.push(Paragraph { span: Span::new(start, text.len()), heading: false, lang, row: None }),
        }
        text.push('\n');
    }
    Side { lang, original: Arc::new(Original::new("bench", text, ByteMap::shifted(0))), paragraphs }
}
