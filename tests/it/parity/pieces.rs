//! Every line has the pieces that training gave it, and other programs give it.

use std::fs;

use mtalign::{
    text::Lang,
    tokenizer::{PieceId, Tokenizer},
};

use super::{Reference, awkward, digest, lines_of, pairs};
use crate::{
    shared::shared,
    support::{bundled_model, sources},
};

/// Lines of the shared texts that each tokenizer is compared on.
const LEAST_LINES: usize = 10_000;

/// Differences that a failure shows.
const SHOWN: usize = 5;

/// The lines of a set that a tensor is named for, unless it is not there: a file of ours; or, in the shared folder, a
/// file, a column of a table, or all files of a folder.
fn lines(set: &str, lang: Lang) -> Option<Vec<String>> {
    match (set, lang) {
        ("pairs.tsv", Lang::Zh) => return Some(pairs().into_iter().map(|(zh, _)| zh).collect()),
        ("pairs.tsv", Lang::En) => return Some(pairs().into_iter().map(|(_, en)| en).collect()),
        ("lines.jsonl", _) => {
            return Some(awkward().iter().map(|line| line["text"].as_str().unwrap().to_owned()).collect());
        }
        _ => {}
    }
    let (file, column) = set.split_once(':').map_or((set, None), |(file, column)| (file, Some(column)));
    let path = shared(file)?;
    if path.is_dir() {
        let mut files: Vec<_> = fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        return Some(files.iter().flat_map(|file| lines_of(file)).collect());
    }
    let lines = lines_of(&path);
    let Some(column) = column else { return Some(lines) };
    let place = lines[0].split('\t').position(|name| name == column).unwrap();
    Some(lines[1..].iter().map(|line| line.split('\t').nth(place).unwrap().to_owned()).collect())
}

fn digest_of(pieces: &[PieceId]) -> u32 {
    digest(&pieces.iter().flat_map(|piece| piece.to_le_bytes()).collect::<Vec<u8>>())
}

/// How many lines of each set the tokenizer cuts as the reference does; fails if it cuts any otherwise.
#[track_caller]
fn compare(reference: &Reference, model: &str, tokenizer: &Tokenizer) -> usize {
    let mut compared = 0;
    let mut different = Vec::new();
    for tensor in reference.names() {
        let [of, lang, set] = tensor.splitn(3, ' ').collect::<Vec<_>>().try_into().unwrap();
        let lang = if lang == "zh" { Lang::Zh } else { Lang::En };
        let Some(lines) = (of == model).then(|| lines(set, lang)).flatten() else { continue };
        let expected = reference.numbers(&tensor);
        assert_eq!(lines.len(), expected.len(), "{tensor}");
        compared += lines.len();
        for (number, (line, expected)) in lines.iter().zip(expected).enumerate() {
            let pieces = tokenizer.encode(line, lang);
            if digest_of(&pieces) != expected {
                let texts: Vec<&str> = pieces.iter().map(|&piece| &*tokenizer.texts()[piece as usize]).collect();
                different.push(format!("{set}:{}: {line:?} has {texts:?}", number + 1));
            }
        }
    }
    let shown = different[..different.len().min(SHOWN)].join("\n");
    assert!(different.is_empty(), "{} of {compared} lines differ with {model}:\n{shown}", different.len());
    compared
}

#[test]
fn awkward_lines_have_their_pieces() {
    let tokenizer = Tokenizer::load(&bundled_model()).unwrap();
    for line in awkward() {
        let text = line["text"].as_str().unwrap();
        for (lang, name) in [(Lang::Zh, "zh"), (Lang::En, "en")] {
            let pieces = tokenizer.encode(text, lang);
            let found: Vec<&str> = pieces.iter().map(|&piece| &*tokenizer.texts()[piece as usize]).collect();
            let expected: Vec<&str> = line[name].as_array().unwrap().iter().map(|it| it.as_str().unwrap()).collect();
            assert_eq!(found, expected, "{text:?} as {lang:?}");
        }
    }
}

#[test]
fn ten_thousand_lines_have_the_pieces_of_training() {
    let reference = Reference::open("pieces.safetensors");
    let compared = compare(&reference, "zh-en", &Tokenizer::load(&bundled_model()).unwrap());
    let least = if sources().join("../shared").exists() { LEAST_LINES } else { 2 * pairs().len() };
    assert!(compared >= least, "{compared} lines");
}

#[test]
fn ten_thousand_lines_have_the_pieces_of_a_tokenizer_made_by_others() {
    let Some(folder) = shared("opus-mt-zh-en") else { return };
    let reference = Reference::open("pieces.safetensors");
    let compared = compare(&reference, "opus-mt-zh-en", &Tokenizer::load(&folder).unwrap());
    assert!(compared >= LEAST_LINES, "{compared} lines");
}
