//! What Python's SentencePiece and `transformers` made of fixed lines: the program must make the same of them.
//!
//! `scripts/train/measure/reference.py` writes the references in tests/parity; the README there says what they hold.

#[cfg(feature = "marian")]
mod network;
mod pieces;
#[cfg(feature = "marian")]
mod tags;

use std::{collections::BTreeMap, fs, path::Path};

use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::support::sources;

/// Makes every reference again.
const MAKE_AGAIN: &str = "\"$(scripts/train/environment)\" scripts/train measure.reference";

fn parity(name: &str) -> String {
    format!("tests/parity/{name}")
}

/// A file of tensors that belongs to the sources as they are.
struct Reference(Vec<u8>);

impl Reference {
    /// Reads a file of tests/parity. A file that it was made with, and that is another by now, fails the test.
    #[track_caller]
    fn open(name: &str) -> Self {
        let path = parity(name);
        let bytes = fs::read(sources().join(&path)).unwrap();
        let (_, header) = SafeTensors::read_metadata(&bytes).unwrap();
        let made_with: BTreeMap<_, _> = header.metadata().clone().unwrap().into_iter().collect();
        assert!(!made_with.is_empty(), "{path} does not say what it was made with");
        for (file, digest) in made_with {
            let content = fs::read(sources().join(&file));
            let same = content.map_or(file.starts_with("../shared/"), |content| sha256(&content) == digest);
            assert!(same, "{path} was made with another `{file}`; run `{MAKE_AGAIN}`");
        }
        Self(bytes)
    }

    fn names(&self) -> Vec<String> {
        SafeTensors::deserialize(&self.0).unwrap().names().into_iter().map(str::to_owned).collect()
    }

    fn numbers(&self, tensor: &str) -> Vec<u32> {
        self.words(tensor, Dtype::U32).map(u32::from_le_bytes).collect()
    }

    #[cfg(feature = "marian")]
    fn floats(&self, tensor: &str) -> Vec<f32> {
        self.words(tensor, Dtype::F32).map(f32::from_le_bytes).collect()
    }

    fn words(&self, tensor: &str, kind: Dtype) -> impl Iterator<Item = [u8; 4]> {
        let tensors = SafeTensors::deserialize(&self.0).unwrap();
        let tensor = tensors.tensor(tensor).unwrap();
        assert_eq!(tensor.dtype(), kind);
        tensor.data().chunks_exact(4).map(|word| word.try_into().unwrap())
    }
}

fn sha256(content: &[u8]) -> String {
    Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// What the references keep of a line: the first four bytes of the SHA-256.
fn digest(content: &[u8]) -> u32 {
    let digest: [u8; 32] = Sha256::digest(content).into();
    u32::from_le_bytes([digest[0], digest[1], digest[2], digest[3]])
}

fn lines_of(path: &Path) -> Vec<String> {
    let text = fs::read_to_string(path).unwrap();
    text.strip_suffix('\n').unwrap_or(&text).split('\n').map(str::to_owned).collect()
}

/// Pairs of our own.
fn pairs() -> Vec<(String, String)> {
    let lines = lines_of(&sources().join(parity("pairs.tsv")));
    lines.iter().map(|line| line.split_once('\t').unwrap()).map(|(zh, en)| (zh.to_owned(), en.to_owned())).collect()
}

/// Lines on which tokenizers are likely to differ, with their pieces.
fn awkward() -> Vec<Value> {
    let lines = lines_of(&sources().join(parity("lines.jsonl")));
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}
