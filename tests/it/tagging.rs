//! The bundled tagger end to end: what must hold of any, and that it tells a translation from another sentence.

use std::{
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, MutexGuard},
};

use mtalign::{
    both::Both,
    text::Lang,
    tokenizer::{PieceId, Tokenizer},
    translate::{
        Compute, Pass, Tagger, Translator as _,
        marian::{Marian, MarianTagger},
    },
};

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")
}

/// Loaded once: the tests take turns.
pub(crate) fn tagger() -> MutexGuard<'static, MarianTagger> {
    static TAGGER: LazyLock<Mutex<MarianTagger>> = LazyLock::new(|| {
        Mutex::new(MarianTagger::load(&bundled(), Compute { threads: 2, ..Compute::default() }).unwrap())
    });
    TAGGER.lock().unwrap()
}

/// The same in single precision, as the weights were trained.
pub(crate) fn exact() -> MutexGuard<'static, MarianTagger> {
    static TAGGER: LazyLock<Mutex<MarianTagger>> = LazyLock::new(|| {
        let compute = Compute { threads: 2, pass: Pass::Single, ..Compute::default() };
        Mutex::new(MarianTagger::load(&bundled(), compute).unwrap())
    });
    TAGGER.lock().unwrap()
}

pub(crate) fn tokenizer() -> &'static Tokenizer {
    static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::load(&bundled()).unwrap());
    &TOKENIZER
}

type Pieces = Vec<Vec<PieceId>>;

fn pieces(zh: &[&str], en: &[&str]) -> (Pieces, Pieces) {
    let encode = |texts: &[&str], lang| texts.iter().map(|text| tokenizer().encode(text, lang)).collect();
    (encode(zh, Lang::Zh), encode(en, Lang::En))
}

fn tag(pairs: &[(Pieces, Pieces)]) -> Vec<Both<Vec<f32>>> {
    let pairs: Vec<_> = pairs.iter().map(|(source, target)| Both::new(&source[..], &target[..])).collect();
    tagger().tag(&pairs).unwrap()
}

fn mean(tags: &[f32]) -> f32 {
    tags.iter().sum::<f32>() / tags.len() as f32
}

const ZH: [&str; 3] =
    ["茶馆今天早上没有开门。", "老板去山里采茶了，明天才回来。", "她的哥哥在一家小公司工作了十二年。"];
const EN: [&str; 3] = [
    "The teahouse did not open this morning.",
    "The owner went to the hills to pick tea, and will not be back until tomorrow.",
    "Her brother has worked for a small company for twelve years.",
];

#[test]
fn a_translation_is_covered_and_its_neighbour_is_not() {
    let places: Vec<_> = (0..3).flat_map(|i| (0..3).map(move |j| (i, j))).collect();
    let pairs: Vec<_> = places.iter().map(|&(i, j)| pieces(&[ZH[i]], &[EN[j]])).collect();
    for ((i, j), tags) in places.into_iter().zip(tag(&pairs)) {
        let means = tags.as_ref().map(|tags| mean(tags));
        assert_eq!((means.source > 0.0, means.target > 0.0), (i == j, i == j), "{} {}: {means:?}", ZH[i], EN[j]);
    }
}

#[test]
fn of_two_sentences_the_one_that_is_not_translated_is_found() {
    let (source, target) = pieces(&ZH[..1], &EN[..2]);
    let first = target[0].len();
    let tags = tag(&[(source, target)]).remove(0);
    assert!(mean(&tags.target[..first]) > 0.0 && mean(&tags.target[first..]) < 0.0, "{tags:?}");
}

#[test]
fn every_piece_has_a_tag_whatever_else_is_in_the_batch() {
    let long = "他们继续赶路，".repeat(80);
    let pairs = [
        pieces(&ZH[..1], &EN[..1]),
        pieces(&[&long], &["They went on."]),
        pieces(&ZH, &EN),
        pieces(&[""], &[""]),
        pieces(&[], &["Nothing."]),
        pieces(&ZH[..1], &EN[1..]),
    ];
    let together = tag(&pairs);
    for ((source, target), tags) in pairs.iter().zip(&together) {
        let pieces = |side: &Pieces| side.iter().map(Vec::len).sum::<usize>().min(255);
        assert_eq!((tags.source.len(), tags.target.len()), (pieces(source), pieces(target)));
        assert!(tags.source.iter().chain(&tags.target).all(|tag| tag.is_finite()));
        let alone = tag(&[(source.clone(), target.clone())]).remove(0);
        let apart = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
        assert!(apart(&alone.source, &tags.source).max(apart(&alone.target, &tags.target)) < 1e-3);
    }
}

#[test]
fn each_piece_goes_with_the_sentence_that_says_the_same_and_with_none_where_there_is_none() {
    let (source, target) = pieces(&ZH, &[EN[0], EN[1]]);
    let lengths = Both::new(&source, &target).map(|side| side.iter().map(Vec::len).collect::<Vec<_>>());
    let asked = [Both::new(&source[..], &target[..])];
    let found = tagger().link(&asked).unwrap().remove(0);
    assert_eq!(found.tags, tagger().tag(&asked).unwrap().remove(0));
    let mean_share = |links: &[Vec<f32>], from: usize, count: usize, to: usize| {
        mean(&links[from..from + count].iter().map(|shares| shares[to]).collect::<Vec<_>>())
    };
    let ends = |lengths: &[usize]| [0, lengths[0], lengths[0] + lengths[1]];
    for sentence in 0..2 {
        let (at, count) = (ends(&lengths.source)[sentence], lengths.source[sentence]);
        assert!(mean_share(&found.links.source, at, count, sentence) > 0.7, "{:?}", found.links.source);
        let (at, count) = (ends(&lengths.target)[sentence], lengths.target[sentence]);
        assert!(mean_share(&found.links.target, at, count, sentence) > 0.7, "{:?}", found.links.target);
    }
    let alone = &found.links.source[ends(&lengths.source)[2]..];
    assert!(mean(&alone.iter().map(|shares| shares.iter().sum()).collect::<Vec<_>>()) < 0.3, "{alone:?}");
    // In another batch each is as it was.
    let other = pieces(&ZH[2..], &EN[2..]);
    let batch = [Both::new(&other.0[..], &other.1[..]), asked[0], Both::new(&[][..], &[][..])];
    let again = tagger().link(&batch).unwrap();
    let apart = again[1]
        .links
        .source
        .concat()
        .iter()
        .zip(found.links.source.concat())
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f32::max);
    assert!(apart < 1e-3, "{apart}");
    assert!(again[2].links.source.is_empty() && again[2].links.target.is_empty());
}

#[test]
fn a_tagger_beside_a_translator_says_the_same_and_leaves_it_as_it_was() {
    let mut translator = Marian::load(&bundled(), Compute { threads: 2, ..Compute::default() }).unwrap();
    let before = translator.translate(&ZH, &()).unwrap();
    let mut beside = MarianTagger::beside(&translator).unwrap();
    let pairs: Vec<_> = ZH.iter().zip(&EN).map(|(zh, en)| pieces(&[zh], &[en])).collect();
    let borrowed: Vec<_> = pairs.iter().map(|(source, target)| Both::new(&source[..], &target[..])).collect();
    assert_eq!(beside.tag(&borrowed).unwrap(), tag(&pairs));
    assert_eq!(translator.translate(&ZH, &()).unwrap(), before);
}

#[test]
fn a_tagger_of_another_size_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for file in ["config.json", "model.safetensors", "vocab.json", "source.spm", "target.spm"] {
        std::os::unix::fs::symlink(bundled().join(file), folder.path().join(file)).unwrap();
    }
    let load = || MarianTagger::load(folder.path(), Compute::default()).map(|_| ()).unwrap_err().to_string();
    assert!(load().contains("`tagger.safetensors`"), "{}", load());
    std::fs::copy(bundled().join("embeddings.safetensors"), folder.path().join("tagger.safetensors")).unwrap();
    assert!(load().contains("has no tensor `target.layers.0."), "{}", load());
}
