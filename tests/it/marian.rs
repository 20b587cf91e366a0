//! The bundled model end to end: what must hold of any model, whatever its quality.

use std::{
    error::Error as _,
    fs,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, MutexGuard},
};

use mtalign::{
    document::{Flaw, Translation},
    error::Error,
    translate::{Compute, Forced, ForcedScore, Pass, Translator, marian::Marian},
};
use serde_json::Value;

const FILES: [&str; 5] = ["config.json", "model.safetensors", "vocab.json", "source.spm", "target.spm"];

const SENTENCES: [&str; 6] = [
    "他每天早上喝一杯茶。",
    "下雨了。",
    "图书馆在星期一关门，其他时间都开放。",
    "她的哥哥在一家小公司工作了十二年。",
    "好。",
    "我们明天去看望老师。",
];

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("models/zh-en")
}

/// Loaded once: the tests take turns.
pub(crate) fn model() -> MutexGuard<'static, Marian> {
    static MODEL: LazyLock<Mutex<Marian>> =
        LazyLock::new(|| Mutex::new(Marian::load(&bundled(), Compute { threads: 2, ..Compute::default() }).unwrap()));
    MODEL.lock().unwrap()
}

/// The same in single precision, among all pieces, as the weights were trained. Loaded once too.
pub(crate) fn exact() -> MutexGuard<'static, Marian> {
    static MODEL: LazyLock<Mutex<Marian>> = LazyLock::new(|| Mutex::new(with(Pass::Single)));
    MODEL.lock().unwrap()
}

fn with(pass: Pass) -> Marian {
    Marian::load(&bundled(), Compute { threads: 2, pass, ..Compute::default() }).unwrap()
}

fn translate(sources: &[&str]) -> Vec<Translation> {
    model().translate(sources, &()).unwrap()
}

fn texts(translations: Vec<Translation>) -> Vec<String> {
    translations.into_iter().map(|translation| translation.text).collect()
}

#[test]
fn plain_sentences_have_english_without_flaws() {
    for (source, translation) in SENTENCES.iter().zip(translate(&SENTENCES)) {
        assert_eq!(translation.flaw, None, "{source}: {translation:?}");
        assert!(translation.text.is_ascii() && !translation.text.is_empty(), "{source}: {translation:?}");
        assert!(translation.log_prob < 0.0, "{source}: {translation:?}");
    }
}

#[test]
fn a_batch_gives_what_single_sentences_give_in_their_order() {
    let together = texts(translate(&SENTENCES));
    let alone: Vec<String> = SENTENCES.iter().flat_map(|source| texts(translate(&[source]))).collect();
    assert_eq!(together, alone);
    let mut reversed = SENTENCES;
    reversed.reverse();
    assert!(texts(translate(&reversed)).iter().rev().eq(&together));
}

/// Sentences of all lengths, up to some that are translated in parts.
fn of_all_lengths() -> Vec<String> {
    let clauses = SENTENCES.map(|sentence| sentence.trim_end_matches('。'));
    (0..60)
        .map(|n| (0..=n % 9).map(|clause| clauses[(n + clause) % clauses.len()]).collect::<Vec<_>>().join("，") + "。")
        .collect()
}

#[test]
fn what_a_sentence_becomes_depends_on_it_alone() {
    let sentences = of_all_lengths();
    let sources: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let numbers = |translation: &Translation| (translation.text.clone(), translation.log_prob, translation.flaw);
    let together: Vec<_> = translate(&sources).iter().map(numbers).collect();
    for some in [1, 2, 7, 31] {
        let found: Vec<_> = sources.chunks(some).flat_map(translate).map(|translation| numbers(&translation)).collect();
        let differ: Vec<_> = together.iter().zip(&found).filter(|(one, other)| one.0 != other.0).collect();
        assert_eq!(differ, [], "{some} at a time");
        // Attention is summed by MKL, in an order that it chooses by the size of the batch.
        let apart = together.iter().zip(&found).map(|(one, other)| (one.1 - other.1).abs());
        assert!(apart.fold(0.0, f32::max) < 1e-4, "{some} at a time");
    }
}

#[test]
fn our_pass_in_single_precision_is_that_of_rust_bert() {
    let sentences = of_all_lengths();
    let sources: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let mut reference = with(Pass::Reference);
    let (found, expected) = (exact().translate(&sources, &()).unwrap(), reference.translate(&sources, &()).unwrap());
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!((&found.text, found.flaw), (&expected.text, expected.flaw));
        assert!((found.log_prob - expected.log_prob).abs() < 1e-4, "{found:?} {expected:?}");
    }
    let beams = |model: &mut Marian| model.n_best(&sources, 4, &()).unwrap();
    let (found, expected) = (beams(&mut exact()), beams(&mut reference));
    let mut tied = 0;
    for (found, expected) in found.iter().zip(&expected) {
        assert_eq!(found.len(), expected.len());
        for (place, (one, other)) in found.iter().zip(expected).enumerate() {
            assert!((one.log_prob - other.log_prob).abs() < 1e-5, "{one:?} {other:?}");
            tied += if one.text == other.text { 0 } else { 4 - place };
        }
    }
    assert!(tied <= 1, "one of the last may be as likely as the first that is left out: {tied}");
    for (source, target) in sources.iter().zip(&expected) {
        let target = target[0].text.as_str();
        let asked = [Forced { source, target: &[target] }];
        let scores = [exact().log_probs(&asked).unwrap(), reference.log_probs(&asked).unwrap()].concat().concat();
        assert!((scores[0].log_prob - scores[1].log_prob).abs() < 1e-3, "{source}: {scores:?}");
        let logits = [exact().logits(source, target).unwrap(), reference.logits(source, target).unwrap()];
        let both = logits[0].iter().zip(&logits[1]).flat_map(|(one, other)| one.logits.iter().zip(&other.logits));
        let apart = both.map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
        assert!(apart < 1e-3, "{source}: {apart}");
    }
}

#[test]
fn in_eight_bits_among_selected_pieces_most_is_as_in_single_precision_among_all() {
    let sentences = of_all_lengths();
    let sources: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let [single, fast] = [exact(), model()].map(|mut model| model.translate(&sources, &()).unwrap());
    let same = single.iter().zip(&fast).filter(|(one, other)| one.text == other.text).count();
    assert!(4 * same >= sources.len(), "{same} of {}", sources.len());
    let targets: Vec<[&str; 1]> = single.iter().map(|translation| [translation.text.as_str()]).collect();
    let asked: Vec<_> = sources.iter().zip(&targets).map(|(source, target)| Forced { source, target }).collect();
    let of_piece = |scores: Vec<Vec<ForcedScore>>| {
        scores.concat().iter().map(|score| score.log_prob / score.pieces as f32).collect::<Vec<_>>()
    };
    let (exact, fast) = (of_piece(exact().log_probs(&asked).unwrap()), of_piece(model().log_probs(&asked).unwrap()));
    let apart: Vec<f32> = exact.iter().zip(&fast).map(|(one, other)| (one - other).abs()).collect();
    let mean = apart.iter().sum::<f32>() / apart.len() as f32;
    // Among fewer pieces each is likelier.
    assert!(mean < 0.15, "{mean} nats a piece");
}

#[test]
fn one_worker_and_three_translate_alike() {
    let with = |threads| {
        texts(
            Marian::load(&bundled(), Compute { threads, ..Compute::default() })
                .unwrap()
                .translate(&SENTENCES, &())
                .unwrap(),
        )
    };
    assert_eq!(with(1), with(3));
}

#[test]
fn empty_lines_stay_empty_and_lines_without_chinese_stand_for_themselves() {
    let translations = translate(&["", "下雨了。", " \u{3000} ", " ——！？😀 ", "GPT-4 (2031)"]);
    let outcome =
        |index: usize| (translations[index].text.as_str(), translations[index].log_prob, translations[index].flaw);
    assert_eq!(outcome(0), ("", 0.0, None));
    assert_eq!(outcome(2), ("", 0.0, None));
    assert_eq!(outcome(3), ("——！？😀", 0.0, None));
    assert_eq!(outcome(4), ("GPT-4 (2031)", 0.0, None));
    assert_eq!(translate(&[]), []);
}

#[test]
fn both_scripts_and_both_widths_have_one_translation() {
    let pairs = [("图书馆在2031年关门。", "圖書館在２０３１年關門。")];
    for (simplified, traditional) in pairs {
        assert_eq!(translate(&[simplified]), translate(&[traditional]));
    }
}

fn force(source: &str, target: &[&str]) -> Vec<ForcedScore> {
    model().log_probs(&[Forced { source, target }]).unwrap().remove(0)
}

fn n_best(sources: &[&str], width: usize) -> Vec<Vec<Translation>> {
    model().n_best(sources, width, &()).unwrap()
}

#[test]
fn a_beam_finds_several_translations_the_likeliest_first() {
    let found = n_best(&SENTENCES, 4);
    assert_eq!(found.len(), SENTENCES.len());
    for (&source, translations) in SENTENCES.iter().zip(&found) {
        assert!((1..=4).contains(&translations.len()), "{source}: {translations:?}");
        assert!(translations.is_sorted_by(|one, next| one.log_prob >= next.log_prob), "{source}: {translations:?}");
    }
    let several = found.iter().filter(|translations| translations.len() > 1).count();
    assert!(several >= SENTENCES.len() / 2, "{found:?}");
    let likelier =
        found.iter().zip(translate(&SENTENCES)).filter(|(beam, greedy)| beam[0].log_prob >= greedy.log_prob - 1e-3);
    assert!(likelier.count() >= SENTENCES.len() - 1, "a beam finds what is likelier than greedy search does");
}

#[test]
fn a_beam_of_one_is_greedy_and_a_batch_gives_what_single_sentences_give() {
    let first = |found: Vec<Vec<Translation>>| {
        found.into_iter().map(|mut translations| translations.remove(0).text).collect::<Vec<_>>()
    };
    assert_eq!(first(n_best(&SENTENCES, 1)), texts(translate(&SENTENCES)));
    let alone: Vec<String> = SENTENCES.iter().flat_map(|source| first(n_best(&[source], 4))).collect();
    assert_eq!(first(n_best(&SENTENCES, 4)), alone);
}

#[test]
fn a_beam_leaves_empty_lines_and_lines_without_chinese_as_they_are() {
    let found = n_best(&["", "下雨了。", "GPT-4 (2031)"], 4);
    let texts: Vec<_> = found.iter().map(|translations| translations[0].text.as_str()).collect();
    assert_eq!((texts[0], texts[2]), ("", "GPT-4 (2031)"));
    assert!(!texts[1].is_empty());
    assert_eq!(n_best(&[], 4), Vec::<Vec<Translation>>::new());
}

#[test]
fn forced_decoding_finds_the_probability_that_the_search_found() {
    for (model, is_exact) in [(exact as fn() -> MutexGuard<'static, Marian>, true), (model, false)] {
        let greedy = model().translate(&SENTENCES, &()).unwrap();
        let beams = model().n_best(&SENTENCES, 4, &()).unwrap();
        let found = greedy.iter().chain(beams.iter().map(|list| &list[0]));
        for (&source, translation) in SENTENCES.iter().cycle().zip(found) {
            let target = [translation.text.as_str()];
            let score = model().log_probs(&[Forced { source, target: &target }]).unwrap()[0][0];
            let apart = translation.log_prob - score.log_prob / score.pieces as f32;
            // Among selected pieces only, each has some more of the probability.
            let allowed = if is_exact { -1e-3..1e-3 } else { -0.02..0.2 };
            assert!(allowed.contains(&apart), "{source}: {apart}, {translation:?}");
        }
    }
}

#[test]
fn the_sentences_of_a_target_share_its_probability() {
    let (source, target) = ("图书馆在星期一关门。下雨了。", ["The library is closed on Mondays.", "It is raining."]);
    let [first, second] = force(source, &target)[..] else { panic!("a score for each") };
    let whole = force(source, &[&target.join(" ")])[0];
    assert_eq!(first.pieces + second.pieces, whole.pieces);
    assert!((first.log_prob + second.log_prob - whole.log_prob).abs() < 1e-3);
    let ends_early = force(source, &target[..1])[0];
    assert_eq!(ends_early.pieces, first.pieces + 1, "the end mark belongs to the last sentence");
}

#[test]
fn forced_scores_do_not_depend_on_the_rest_of_the_batch() {
    let pairs = [
        ("下雨了。", "It is raining."),
        ("下雨了。", "The library is closed on Mondays, and open at all other times of the week."),
        ("图书馆在星期一关门。", "The library is closed on Mondays."),
        ("下雨了。", ""),
        ("", "It is raining."),
    ];
    let targets = pairs.map(|(_, target)| [target]);
    let asked: Vec<_> =
        pairs.iter().zip(&targets).map(|((source, _), target)| Forced { source, target: &target[..] }).collect();
    let together: Vec<_> = model().log_probs(&asked).unwrap().into_iter().flatten().collect();
    for (pair, score) in pairs.iter().zip(&together) {
        let alone = force(pair.0, &[pair.1])[0];
        assert_eq!(alone.pieces, score.pieces);
        assert!((alone.log_prob - score.log_prob).abs() < 1e-3, "{pair:?}: {alone:?} and {score:?}");
    }
    assert!(together[0].log_prob > together[1].log_prob, "the right translation is the more probable one");
    assert_eq!(together[3].pieces, 1);
}

#[test]
fn junk_has_one_line_each_and_never_a_panic() {
    let long = "很".repeat(500);
    let mixed = "很😀\u{1}x".repeat(300);
    let unbroken = "x".repeat(20_000);
    let emoji = "😀👍🏽🇨🇳".repeat(5_000);
    let clauses = "天亮了，他们继续赶路，".repeat(20);
    let junk = [
        "\u{1}\u{2}\u{0}\u{7f}\u{85}",
        "مرحبا بالعالم",
        "</s> <pad> <unk>",
        "\u{200b}\u{feff}",
        "1234567890",
        "a",
        "\u{fdfa}\u{fdfa}",
        "ＡＢＣ～～～",
        "\u{10ffff}\u{e000}",
        &long,
        &mixed,
        &unbroken,
        &emoji,
        &clauses,
    ];
    let translations = translate(&junk);
    assert_eq!(translations.len(), junk.len());
    for (source, translation) in junk.iter().zip(&translations) {
        assert!(
            !translation.text.is_empty()
                || translation.flaw == Some(Flaw::Empty)
                || !source.chars().any(char::is_alphanumeric)
        );
        assert!(translation.log_prob.is_finite() && translation.log_prob <= 0.0);
    }
    for line in junk {
        let [first, second] = force(line, &[line, line])[..] else { panic!("a score for each") };
        for score in [first, second] {
            assert!(score.log_prob.is_finite() && score.log_prob <= 0.0);
        }
        assert!(first.pieces + second.pieces >= 1);
    }
}

#[test]
fn every_sentence_is_counted_once_by_the_progress() {
    struct Counter(std::cell::Cell<usize>);
    impl mtalign::progress::Progress for Counter {
        fn begin(&self, _: mtalign::progress::Stage, _: usize) {}
        fn advance(&self, units: usize) {
            self.0.set(self.0.get() + units);
        }
        fn end(&self) {}
    }
    let counter = Counter(std::cell::Cell::new(0));
    let clauses = "天亮了，他们继续赶路，".repeat(20);
    model().translate(&["", "下雨了。", &clauses, "——"], &counter).unwrap();
    assert_eq!(counter.0.get(), 4);
}

/// A copy of the bundle, damaged by `damage`, and the message with which it is refused.
fn refusal(damage: impl Fn(&Path)) -> String {
    let copy = tempfile::tempdir().unwrap();
    for file in FILES {
        fs::copy(bundled().join(file), copy.path().join(file)).unwrap();
    }
    damage(copy.path());
    match Marian::load(copy.path(), Compute { threads: 1, ..Compute::default() }) {
        Ok(_) => panic!("a damaged model was loaded"),
        Err(error @ Error::Model { .. }) => {
            let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            format!("{error}{cause}")
        }
        Err(other) => panic!("not a model error: {other}"),
    }
}

fn edit_json(path: &Path, edit: impl Fn(&mut Value)) {
    let mut value: Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    edit(&mut value);
    fs::write(path, value.to_string()).unwrap();
}

fn cut_in_half(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

#[test]
fn a_missing_or_truncated_file_is_named() {
    for file in FILES {
        let message = refusal(|dir| fs::remove_file(dir.join(file)).unwrap());
        assert!(message.contains(&format!("cannot read `{file}`")), "{message}");
        let message = refusal(|dir| cut_in_half(&dir.join(file)));
        assert!(message.contains(&format!("`{file}`")), "{message}");
        let message = refusal(|dir| fs::write(dir.join(file), "junk").unwrap());
        assert!(message.contains(&format!("`{file}`")), "{message}");
    }
}

#[test]
fn another_architecture_and_a_vocabulary_that_does_not_match_are_named() {
    let config = |setting: &'static str, value: Value| {
        refusal(move |dir| edit_json(&dir.join("config.json"), |config| config[setting] = value.clone()))
    };
    for (message, expected) in [
        (config("model_type", "bart".into()), "`config.json` describes a model of type `bart`"),
        (config("vocab_size", 17_000.into()), "`config.json`"),
        (config("encoder_layers", 7.into()), "`model.safetensors` has no tensor"),
        (
            config("max_position_embeddings", 512.into()),
            "`model.safetensors` has `model.encoder.embed_positions.weight`",
        ),
        (config("d_model", "wide".into()), "`config.json` is no model configuration"),
    ] {
        assert!(message.contains(expected), "{message}");
    }
    let smaller = refusal(|dir| {
        edit_json(&dir.join("vocab.json"), |vocabulary| {
            let pieces = vocabulary.as_object_mut().unwrap();
            pieces.retain(|_, id| *id != 16_000);
            pieces.insert("<pad>".to_owned(), 15_999.into());
        });
    });
    assert!(smaller.contains("`vocab.json`"), "{smaller}");
}
