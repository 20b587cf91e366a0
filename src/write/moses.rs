//! The Moses format: two texts, one of each language, in which line N of the one translates line N of the other.
//!
//! The form that Moses reads and OPUS publishes, named as there with the languages in alphabetical order:
//! `PREFIX.en-zh.zh` and `PREFIX.en-zh.en`. Both have a line for every pair, empty where a side has nothing. A line is
//! the text as it stands in the document; only what some reader takes for the end of a line has become a space.

use std::io::{self, Write};

use super::{Pair, PairWriter, safe::without_line_ends};
use crate::both::Both;

/// The endings that name the Chinese file and the English one after the prefix.
pub const SUFFIXES: [&str; 2] = [".en-zh.zh", ".en-zh.en"];

/// A writer of pairs as two texts.
#[derive(Debug)]
pub struct MosesWriter<W> {
    outs: Both<W>,
}

impl<W: Write> MosesWriter<W> {
    /// A writer of the Chinese to one place and the English to the other.
    pub fn new(outs: Both<W>) -> Self {
        Self { outs }
    }
}

impl<W: Write> PairWriter<W> for MosesWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        let Both { source, target } = &mut self.outs;
        writeln!(source, "{}", without_line_ends(&pair.texts.source))?;
        writeln!(target, "{}", without_line_ends(&pair.texts.target))
    }

    fn end_document(&mut self) -> io::Result<()> {
        self.outs.source.flush()?;
        self.outs.target.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        self.outs.source.flush()?;
        self.outs.target.flush()?;
        Ok(vec![self.outs.source, self.outs.target])
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use proptest::prelude::*;

    use super::*;
    use crate::write::{Format, Options, sample};

    fn sides(options: &Options) -> [String; 2] {
        let files = sample::files(&sample::mixed(), options).into_iter().map(|file| String::from_utf8(file).unwrap());
        files.collect::<Vec<_>>().try_into().unwrap()
    }

    #[test]
    fn line_by_line_the_texts_translate_each_other() {
        let options = Options { format: Format::Moses, ..Options::default() };
        assert_eq!(sides(&options), ["猫睡了。\n鸟飞走了。\n", "The cat slept.\nThe bird flew away. It was gone.\n"]);
    }

    #[test]
    fn a_sentence_without_a_counterpart_faces_an_empty_line() {
        let options = Options { format: Format::Moses, keep_unaligned: true, ..Options::default() };
        let expected =
            ["猫睡了。\n狗没睡。\n鸟飞走了。\n\n", "The cat slept.\n\nThe bird flew away. It was gone.\nThe end.\n"];
        assert_eq!(sides(&options), expected);
    }

    proptest! {
        #[test]
        fn whatever_the_texts_hold_each_pair_is_one_line_of_each(
            texts in prop::collection::vec((any::<String>(), "[ \t\r\n\u{85}a\u{2028}\u{b}]*"), 0..6),
        ) {
            let mut writer = Box::new(MosesWriter::new(Both::new(Vec::new(), Vec::new())));
            for (zh, en) in &texts {
                let texts = Both::new(Cow::Borrowed(zh.as_str()), Cow::Borrowed(en.as_str()));
                writer.pair(&Pair { texts, ..sample::pair() }).unwrap();
            }
            for file in writer.finish().unwrap() {
                let text = String::from_utf8(file).unwrap();
                prop_assert_eq!(text.lines().count(), texts.len());
                let ends = ['\r', '\u{b}', '\u{c}', '\u{1e}', '\u{85}', '\u{2028}', '\u{2029}'];
                prop_assert!(!text.contains(ends), "{:?}", text);
            }
        }
    }
}
