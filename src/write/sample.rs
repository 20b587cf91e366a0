//! A small aligned document for the tests of the outputs.

use std::{
    io::{self, Write},
    sync::Arc,
};

use super::{Options, Origin, Pair, pairs, writer};
use crate::{
    bead::{Alignment, Bead, Run},
    both::Both,
    coverage::measure,
    document::{
        AlignedDocument, Aside, ByteMap, Flaw, Hint, Original, Sentence, Sentences, SetAside, Span, Translation,
    },
    text::{Lang, Script},
};

/// Changes of an aligned document for a test.
impl AlignedDocument {
    /// The document with its coverage measured at another confidence.
    pub(crate) fn at(mut self, min_confidence: f64) -> Self {
        self.coverage = measure(&self.sentences, &self.alignment, min_confidence);
        self
    }

    /// The document with a hint at `text` in a Chinese sentence.
    pub(crate) fn with_hint(mut self, sentence: usize, text: &str, confidence: f64) -> Self {
        let within = self.sentences.source.text(sentence);
        let start = self.sentences.source.items[sentence].span.start + within.find(text).unwrap();
        let hint = Hint { sentence, span: Span::new(start, start + text.len()), confidence };
        self.coverage.sides.source.hints.push(hint);
        self
    }
}

/// Three Chinese sentences, a line of Russian, four English sentences: a 1:1, an omission, a doubtful 1:2, an addition.
pub(crate) fn mixed() -> AlignedDocument {
    document(
        &["猫睡了。", "狗没睡。", "鸟飞走了。"],
        &["The cat slept.", "The bird flew away.", "It was gone.", "The end."],
        &[(1, 1, 0.98), (1, 0, 0.91), (1, 2, 0.3), (0, 1, 0.87)],
    )
}

/// A document of one sentence a line, Chinese above English with a line of Russian between them, and its beads as
/// (source sentences, target sentences, confidence). The second translation loops.
pub(crate) fn document(zh: &[&str], en: &[&str], beads: &[(usize, usize, f64)]) -> AlignedDocument {
    let mut text = String::new();
    let mut push = |line: &str| {
        let start = text.len();
        text.push_str(line);
        let span = Span::new(start, text.len());
        text.push('\n');
        span
    };
    let zh_spans: Vec<_> = zh.iter().map(|line| push(line)).collect();
    let set_aside = vec![SetAside { span: push("Конец."), kind: Aside::Foreign }];
    let set_aside = Both::new(set_aside, Vec::new());
    let en_spans: Vec<_> = en.iter().map(|line| push(line)).collect();
    let original = Arc::new(Original::new("animals.txt", text, ByteMap::shifted(3)));
    let side = |lang, spans: Vec<Span>| Sentences {
        lang,
        original: Arc::clone(&original),
        items: spans.into_iter().enumerate().map(|(id, span)| Sentence { span, paragraph: 0, id }).collect(),
    };
    let sentences = Both::new(side(Lang::Zh, zh_spans), side(Lang::En, en_spans));
    let translation = |index: usize| Translation {
        text: format!("Translation {index}."),
        log_prob: -0.5,
        flaw: (index == 1).then_some(Flaw::Looping),
    };
    let translations = (0..zh.len()).map(translation).collect();
    let mut reached = Both::new(0, 0);
    let mut tiles = Vec::new();
    for &(source, target, confidence) in beads {
        let end = Both::new(reached.source + source, reached.target + target);
        tiles.push(Bead { runs: reached.zip(end).map(|(start, end)| Run::new(start, end)), confidence });
        reached = end;
    }
    let alignment = Alignment::new(tiles);
    let coverage = measure(&sentences, &alignment, 0.0);
    let id = original.name.clone();
    AlignedDocument { id, sentences, translations, alignment, coverage, set_aside, headings: Vec::new() }
}

/// A pair of nothing, for tests that need only some of it.
pub(super) fn pair() -> Pair<'static> {
    Pair {
        doc: "",
        texts: Both::default(),
        ids: Both::default(),
        confidence: 0.5,
        mt: None,
        mt_flaw: None,
        mt_probability: None,
        origin: Origin::Human,
        script: Script::Simplified,
        is_moved: false,
    }
}

/// The files that the writer of `options.format` makes of a document.
pub(super) fn files(sample: &AlignedDocument, options: &Options) -> Vec<Vec<u8>> {
    let mut writer = writer(options, options.format.suffixes().iter().map(|_| Vec::new())).unwrap();
    for pair in pairs(sample, options) {
        writer.pair(&pair).unwrap();
    }
    writer.finish().unwrap()
}

/// The one file of text that the writer of `options.format` makes of a document.
pub(super) fn written(sample: &AlignedDocument, options: &Options) -> String {
    let [file] = files(sample, options).try_into().unwrap();
    String::from_utf8(file).unwrap()
}

/// What the writer of `options.format` says of a place that takes nothing.
pub(super) fn failing(options: &Options, pair: &Pair<'_>) -> io::Error {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let written = writer(options, [Closed]).and_then(|mut writer| {
        writer.pair(pair)?;
        writer.finish().map(drop)
    });
    written.unwrap_err()
}
