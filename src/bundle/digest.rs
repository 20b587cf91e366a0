//! Checksums of files: SHA-256, as `SHA256SUMS` and large files on the hub have it, and git's SHA-1 of a blob, as
//! small files on the hub have it.

use std::{
    fmt::Write,
    fs::File,
    io::{self, Read},
    path::Path,
};

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The number of bytes read at a time.
const BLOCK: usize = 1 << 20;

/// The SHA-256 of a file, in hexadecimal.
pub(super) fn sha256(path: &Path) -> io::Result<String> {
    sum_of(Sha256::new(), File::open(path)?)
}

/// The SHA-1 of a file as git names it: with the file's length before it. In hexadecimal.
pub(super) fn git_sha1(path: &Path) -> io::Result<String> {
    let file = File::open(path)?;
    let begun = Sha1::new().chain_update(format!("blob {}\0", file.metadata()?.len()));
    sum_of(begun, file)
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn sum_of(mut sum: impl Digest, mut file: File) -> io::Result<String> {
    let mut block = vec![0; BLOCK];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(hexadecimal(&sum.finalize())),
            read => sum.update(&block[..read]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_of_a_file_are_the_standard_ones() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "abc").unwrap();
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(file.path()).unwrap(), expected);
        // As `git hash-object` says.
        assert_eq!(git_sha1(file.path()).unwrap(), "f2ba8f84ab5c1bce84a7b441cb1959cfc7093b7f");
    }
}
