//! SHA-256 of files: what a bundle's list of sums is compared with, and what tells models apart in caches.

use std::{
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha2::{Digest, Sha256};

use super::REQUIRED;
use crate::error::{Error, Result};

/// Bytes read at a time.
const BLOCK: usize = 1 << 20;

/// A short name for the contents of the model's files: models that translate differently differ in it.
pub fn digest(dir: &Path) -> Result<String> {
    let mut whole = Sha256::new();
    for file in REQUIRED {
        let sum = sha256(&dir.join(file))
            .map_err(|cause| Error::model_because(dir, format!("cannot read `{file}`"), cause))?;
        whole.update(sum);
    }
    Ok(hexadecimal(&whole.finalize()[..8]))
}

/// The sum of one file, in hexadecimal.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    let mut sum = Sha256::new();
    let mut file = File::open(path)?;
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hexadecimal(&sum.finalize())),
            read => sum.update(&block[..read]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sum_of_a_file_is_the_standard_one() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(file.path()).unwrap(), expected);
    }
}
