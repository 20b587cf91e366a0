//! What a text that repeats itself costs: work that is counted must not grow faster than the text.
//!
//! After the byte that chooses what is asked, an input is a beginning, a unit and an end, parted by U+001E. The text is the
//! beginning, the unit as often as there is room, and the end.

#![no_main]

use std::{borrow::Cow, sync::Arc};

use libfuzzer_sys::fuzz_target;
use mtalign::{
    bead::Run,
    both::Both,
    coverage::checks::of_pair,
    document::{ByteMap, Check, Checks, Original, Paragraph, Side, Span},
    evaluate::{read::parse, score},
    ingest::{Layout, Options},
    segment::{Segmentation, clauses::clauses, segment},
    text::{Lang, Script, quantities},
    translate::check,
    write::{self, Format, Origin, Pair, safe},
};
use mtalign_fuzz::{PART, choice, corpora, documents, let_held_panics_pass, parted, work};

/// What comes after the kinds of documents and of corpora.
const OTHERS: usize = 8;

fuzz_target!(init: let_held_panics_pass(), |data: &[u8]| {
    let (n_documents, n_corpora) = (10, 8);
    let Some((chosen, rest)) = choice(data, n_documents + n_corpora + OTHERS) else { return };
    let (beginning, rest) = parted(rest);
    let (unit, end) = parted(rest);
    if unit.is_empty() || data.len() > 2_048 {
        return;
    }
    let repeated = |size: usize| {
        let times = size.saturating_sub(beginning.len() + end.len()) / unit.len();
        [beginning, &unit.repeat(times.max(1)), end].concat()
    };
    if chosen < n_documents {
        let kind = documents::KINDS[chosen];
        let options = Options { layout: Layout::Prose, required: Both::new(false, false) };
        work::must_grow_with_size(
            |size| kind.file(&repeated(size)),
            |file| {
                for document in documents::read_mixed(kind, &file, options) {
                    documents::check(&document, Segmentation::Punctuation, Some(file.len()));
                }
            },
        );
    } else if let Some(kind) = chosen.checked_sub(n_documents).filter(|&kind| kind < n_corpora) {
        let (ending, is_packed_here) = corpora::KINDS[kind];
        // Of two files, each.
        let file = |size| match ending {
            "en-zh.zh" => [&*repeated(size), &[PART], &*repeated(size)].concat(),
            _ => repeated(size),
        };
        work::must_grow_with_size(file, |file| drop(corpora::read((ending, is_packed_here), &file)));
    } else {
        let text = |size| String::from_utf8_lossy(&repeated(size)).into_owned();
        let english = String::from_utf8_lossy(end).into_owned();
        work::must_grow_with_size(text, |text| ask(chosen - n_documents - n_corpora, &text, &english));
    }
});

/// Asks one thing of a text.
fn ask(what: usize, text: &str, other: &str) {
    match what {
        0 => cut(text, Lang::Zh),
        1 => cut(text, Lang::En),
        2 => {
            if let Ok(links) = parse("a.align", text) {
                score(&links, &links);
            }
        }
        3 => drop(of_pair(Both::new(text, text), Checks::from_iter(Check::ALL))),
        4 => drop(of_pair(Both::new(text, other), Checks::from_iter(Check::ALL))),
        5 => {
            quantities::missing(text, text);
            check::flaw(text, text);
            check::wrong(text, other);
        }
        6 => {
            safe::visible(text);
            safe::one_line(text);
            written(text);
        }
        _ => {
            mtalign::text::to_simplified(text);
            mtalign::ingest::language(text);
            let _ = Script::of([text]);
        }
    }
}

/// Cuts one paragraph into sentences and clauses, and joins them again.
fn cut(text: &str, lang: Lang) {
    let span = Span::new(0, text.len()).trim(text);
    let original = Arc::new(Original::new("a", text, ByteMap::shifted(0)));
    let paragraphs = vec![Paragraph { span, heading: false, lang, row: None }];
    let sentences = segment(&Side { lang, original, paragraphs }, Segmentation::Punctuation);
    for index in 0..sentences.len() {
        clauses(&sentences.run_text(Run::new(index, index + 1)), lang);
    }
}

/// Writes the text as a pair in each format that is text.
fn written(text: &str) {
    for format in [Format::Tsv, Format::Csv, Format::Jsonl, Format::Tmx, Format::Moses] {
        let options = write::Options { format, ..write::Options::default() };
        let outs = format.suffixes().iter().map(|_| Vec::new()).collect::<Vec<_>>();
        let mut writer = write::writer(&options, outs).expect("a writer in memory");
        let texts = Both::new(Cow::Borrowed(text), Cow::Borrowed(text));
        let ids = Both::new(vec![0], vec![0]);
        let (origin, script) = (Origin::Human, Script::Simplified);
        let pair =
            Pair { doc: text, texts, ids, confidence: 0.5, mt: None, mt_flaw: None, origin, script, is_moved: false };
        writer.pair(&pair).expect("a pair in memory");
        writer.finish().expect("a file in memory");
    }
}
