//! Documents of every format, mixed and as two files. The first byte chooses the kind, the second the options.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mtalign::{
    both::Both,
    ingest::{Layout, Options},
    segment::Segmentation,
};
use mtalign_fuzz::{choice, documents, parted};

fuzz_target!(|data: &[u8]| {
    let Some((kind, rest)) = choice(data, documents::KINDS.len()) else { return };
    let Some((flags, content)) = choice(rest, 16) else { return };
    let kind = documents::KINDS[kind];
    let has = |bit: usize| flags & (1 << bit) != 0;
    let (layout, segmentation) =
        if has(0) { (Layout::Lines, Segmentation::Lines) } else { (Layout::Prose, Segmentation::Punctuation) };
    let options = Options { layout, required: Both::new(has(2), has(3)) };
    if has(1) && !kind.is_packed_here {
        let (zh, en) = parted(content);
        for document in documents::read_two(kind, Both::new(zh, en), options) {
            documents::check(&document, segmentation, None);
        }
        return;
    }
    let file = kind.file(content);
    for document in documents::read_mixed(kind, &file, options) {
        documents::check(&document, segmentation, Some(file.len()));
    }
});
