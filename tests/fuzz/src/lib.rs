//! What the fuzz targets share: how an input is divided, where its files lie, what is counted, and what must hold of
//! any document.
//!
//! Inputs are text as far as can be: the first bytes choose what is read and how, and U+001E parts what follows. So seeds
//! can be written by hand, and archives, whose sums no mutation would leave right, are packed here, part by part.

use std::{panic, sync::Once};

pub mod archive;
pub mod corpora;
pub mod documents;
pub mod scratch;
pub mod work;

/// What parts the texts of an input.
pub const PART: u8 = 0x1e;

/// The crates whose panics the library holds by design, and turns into an error that names the document.
const HELD: [&str; 2] = ["/calamine-", "/rust_xlsxwriter-"];

/// The first byte of an input, as a choice among `n`, and the rest; `a` is the first choice.
pub fn choice(data: &[u8], n: usize) -> Option<(usize, &[u8])> {
    let (&first, rest) = data.split_first()?;
    Some((usize::from(first.wrapping_sub(b'a')) % n, rest))
}

/// The text before the first U+001E, and what follows it; all of it and nothing where there is none.
pub fn parted(data: &[u8]) -> (&[u8], &[u8]) {
    match data.iter().position(|&byte| byte == PART) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &[]),
    }
}

/// Lets panics pass that the library holds by design; every other one still ends the run, held or not.
pub fn let_held_panics_pass() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let end = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let is_held = |file: &str| HELD.iter().any(|name| file.contains(name));
            if !info.location().is_some_and(|location| is_held(location.file())) {
                end(info);
            }
        }));
    });
}
