//! How long alignment takes, similarity and search apart, and how it grows with the text.
//!
//! `cargo bench --no-default-features` prints the median of several runs for two sizes, and the ratio of their times a
//! sentence: up to about 1, time is in proportion to the text. The short text is searched whole, so that it has no band to
//! find, and its search takes longer a sentence. Without `--bench` (`cargo test --all-targets`) tiny texts are aligned
//! once, to see that the bench still works.

use std::{
    env,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use mtalign::{
    align::{Cost, banded, coarse},
    band::Band,
    both::Both,
    document::{ByteMap, Original, Run, Sentence, Sentences, Span},
    lang::Lang,
    similarity::{Embeddings, Evidence, Passes, Priors, Similarity, Weights},
    tokenizer::Tokenizer,
};

/// Sentences a side: one that is searched whole, and one that is searched in a band.
const SIZES: [usize; 2] = [250, 2_000];
const TRIAL_SIZES: [usize; 2] = [10, 20];

/// Runs of which the median is taken.
const RUNS: usize = 5;

#[expect(clippy::print_stdout, reason = "what it is for")]
fn main() {
    let is_trial = !env::args().any(|argument| argument == "--bench");
    let (sizes, runs) = if is_trial { (TRIAL_SIZES, 1) } else { (SIZES, RUNS) };
    println!("{:>9} {:>14} {:>14} {:>14}", "sentences", "band", "similarity", "search");
    let [small, large] = sizes.map(|size| {
        let times = measure(&Text::new(size), runs);
        let shown = times.map(|time| format!("{:.2} ms", time.as_secs_f64() * 1e3));
        println!("{size:>9} {:>14} {:>14} {:>14}", shown[0], shown[1], shown[2]);
        times.map(|time| time.as_secs_f64() / size as f64)
    });
    let growth = [1, 2].map(|part| format!("× {:.2}", large[part] / small[part]));
    println!("{:>9} {:>14} {:>14} {:>14}", "each", "", growth[0], growth[1]);
}

/// The median times of finding the band, of comparing the sides, and of the search with all its features.
fn measure(text: &Text, runs: usize) -> [Duration; 3] {
    let translations: Vec<&str> = text.translations.iter().map(String::as_str).collect();
    let evidence = Evidence { sentences: &text.sentences, translations: &translations, vectors: &text.vectors };
    let weights =
        Passes::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")).expect("the bundle is there").first;
    let vectors = || Both::new(text.vectors.source.as_slice(), text.vectors.target.as_slice());
    let band: Band = coarse::band(vectors());
    let similarity = Similarity::new(&evidence, &band);
    let cost = Weighed { similarity: &similarity, weights: &weights };
    [
        median(runs, || coarse::band(vectors())),
        median(runs, || Similarity::new(&evidence, &band)),
        median(runs, || banded::align(&band, &cost)),
    ]
}

fn median<T>(runs: usize, work: impl Fn() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let started = Instant::now();
            std::hint::black_box(work());
            started.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[runs / 2]
}

/// The cost that the program searches with.
struct Weighed<'a> {
    similarity: &'a Similarity,
    weights: &'a Weights,
}

impl Cost for Weighed<'_> {
    fn bead(&self, runs: Both<Run>) -> f64 {
        -self.weights.potential(&self.similarity.features(runs))
    }

    fn gap_opening(&self) -> f64 {
        -self.weights.gap_opening(Priors::default())
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

/// Two sides with everything that the search is given; every ninth Chinese sentence has no English.
struct Text {
    sentences: Both<Sentences>,
    translations: Vec<String>,
    vectors: Both<Vec<Vec<f32>>>,
}

impl Text {
    fn new(n_sentences: usize) -> Self {
        let pairs: Vec<(String, String)> = (0..n_sentences).map(pair).collect();
        let english = pairs.iter().enumerate().filter(|(index, _)| index % 9 != 8).map(|(_, (_, en))| en.clone());
        let sentences =
            Both::new(sentences(Lang::Zh, pairs.iter().map(|(zh, _)| zh.clone())), sentences(Lang::En, english));
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en");
        let tokenizer = Tokenizer::load(&models).expect("the bundled model");
        let embeddings = Embeddings::load(&models).expect("the bundled model");
        let vector = |text: &str, lang| embeddings.sum(tokenizer.encode(text, lang).into_iter().map(|it| it as usize));
        let vectors = sentences.as_ref().map(|side| side.texts().iter().map(|text| vector(text, side.lang)).collect());
        Self { sentences, translations: pairs.into_iter().map(|(_, en)| en).collect(), vectors }
    }
}

/// A sentence of four words and a number, and its English.
fn pair(index: usize) -> (String, String) {
    let words = [index, index / 3 + 1, index / 5 + 2, index * 7 + 3].map(|index| WORDS[index % WORDS.len()]);
    let [zh, en] = [words.map(|(zh, _)| zh), words.map(|(_, en)| en)];
    (format!("{}，{}。", zh.join("和"), index * 37), format!("{}, {}.", en.join(" and "), index * 37))
}

fn sentences(lang: Lang, lines: impl Iterator<Item = String>) -> Sentences {
    let mut text = String::new();
    let mut items = Vec::new();
    for (id, line) in lines.enumerate() {
        let start = text.len();
        text.push_str(&line);
        items.push(Sentence { span: Span::new(start, text.len()), paragraph: id / 5, id });
        text.push('\n');
    }
    Sentences { lang, original: Arc::new(Original::new("bench", text, ByteMap::shifted(0))), items }
}
