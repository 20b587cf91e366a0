//! Files of a model: configuration, pieces, headers of weights, tables. The first byte chooses which of them.

#![no_main]

use std::path::Path;

use libfuzzer_sys::fuzz_target;
use mtalign::{
    bundle::{self, Architecture, Verification},
    error::{Error, Result},
    evidence::{clauses::weights::ClauseWeights, embeddings::Embeddings, scorer::Scorer, weights::Passes},
    lexicon::Lexicon,
    text::Lang,
    tokenizer::Tokenizer,
};
use mtalign_fuzz::{choice, parted, scratch};

/// The files, by their letters.
const FILES: [&str; 10] = [
    /* a */ "config.json",
    /* b */ "model.safetensors",
    /* c */ "vocab.json",
    /* d */ "source.spm",
    /* e */ "embeddings.safetensors",
    /* f */ "lexicon.safetensors",
    /* g */ "aligner.json",
    /* h */ "coverage.json",
    /* i */ "scorer.json",
    /* j */ "SHA256SUMS",
];

/// A configuration that is right, for the weights to be checked by.
const CONFIG: &[u8] = include_bytes!("../seeds/config.json");

/// A message with one piece, for the vocabulary to be read beside.
const PIECES: &[u8] = b"\n\x08\n\x01a\x15\0\0\x80\xbf";

/// A vocabulary that is right, for the pieces to be read beside.
const VOCABULARY: &[u8] = br#"{"</s>":0,"<unk>":1,"a":2,"<pad>":3}"#;

fuzz_target!(|data: &[u8]| {
    let Some((chosen, content)) = choice(data, FILES.len()) else { return };
    let dir = scratch::empty_folder("model");
    let write = |name: &str, content: &[u8]| std::fs::write(dir.join(name), content).expect("place");
    write(FILES[chosen], content);
    match FILES[chosen] {
        "config.json" => {
            told(Architecture::read(&dir));
            told(bundle::check(&dir));
        }
        "model.safetensors" => {
            write("config.json", CONFIG);
            let architecture = Architecture::read(&dir).expect("a configuration that is right");
            told(architecture.check_weights(&dir));
        }
        "vocab.json" => {
            write("source.spm", PIECES);
            write("target.spm", PIECES);
            tokenizer(&dir);
        }
        "source.spm" => {
            let (pieces, vocabulary) = parted(content);
            write("source.spm", pieces);
            write("target.spm", pieces);
            write("vocab.json", if vocabulary.is_empty() { VOCABULARY } else { vocabulary });
            tokenizer(&dir);
        }
        "embeddings.safetensors" => {
            if let Some(embeddings) = told(Embeddings::load(&dir)) {
                embeddings.sum(0..embeddings.n_pieces().min(100));
            }
        }
        "lexicon.safetensors" => drop(told(Lexicon::load(&dir))),
        "aligner.json" => {
            if let Some(passes) = told(Passes::load(&dir)) {
                write("aligner.json", passes.to_json().as_bytes());
                assert_eq!(Passes::load(&dir).expect("what was written"), passes);
            }
        }
        "coverage.json" => {
            if let Some(weights) = told(ClauseWeights::load(&dir)) {
                write("coverage.json", weights.to_json().as_bytes());
                assert!(ClauseWeights::load(&dir).is_ok());
            }
        }
        "scorer.json" => {
            if let Some(scorer) = told(Scorer::load(&dir)) {
                write("scorer.json", scorer.to_json().as_bytes());
                assert!(Scorer::load(&dir).is_ok());
            }
        }
        _ => {
            if let Some(sums) = told(Verification::start(&dir)) {
                told(sums.finish());
            }
        }
    }
});

/// What was read, or nothing where an error names the model.
fn told<T>(read: Result<T>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(error @ Error::Model { .. }) => {
            assert!(!error.to_string().is_empty());
            None
        }
        Err(other) => panic!("{other} does not name the model"),
    }
}

/// Reads the pieces, and text with them.
fn tokenizer(dir: &Path) {
    let Some(tokenizer) = told(Tokenizer::load(dir)) else { return };
    let text = "a ab 你好aa\u{3000}aaaa Hello, 臺灣！\u{ff21}";
    for lang in [Lang::Zh, Lang::En] {
        let ids = tokenizer.encode(text, lang);
        assert!(ids.iter().all(|&id| (id as usize) < tokenizer.size()), "{ids:?}");
        let _ = tokenizer.decode(&ids);
    }
    tokenizer.decode(&[0, 1, 2, u32::MAX]);
}
