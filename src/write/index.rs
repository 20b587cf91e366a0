//! The index format: sentence numbers only, `[0]:[0,1]:0.98`, a line a bead, `[]` where a side has nothing.
//!
//! The form of Vecalign and Bertalign, whose third field is a cost; here it is the bead's probability. Nothing is
//! left out of it: every sentence of both sides stands on exactly one line. With several documents in one file,
//! each after the first stands under a line `# NAME`.

use std::io::{self, Write};

use super::{Pair, PairWriter, decimal, safe::one_line};

/// A writer of pairs as sentence numbers.
#[derive(Debug)]
pub struct IndexWriter<W> {
    out: W,
    doc: Option<String>,
}

impl<W: Write> IndexWriter<W> {
    /// A writer over `out`.
    pub fn new(out: W) -> Self {
        Self { out, doc: None }
    }
}

impl<W: Write> PairWriter<W> for IndexWriter<W> {
    fn pair(&mut self, pair: &Pair<'_>) -> io::Result<()> {
        if self.doc.as_deref() != Some(pair.doc) {
            if self.doc.is_some() {
                writeln!(self.out, "# {}", one_line(pair.doc))?;
            }
            self.doc = Some(pair.doc.to_owned());
        }
        let [source, target] = [&pair.ids.source, &pair.ids.target].map(|ids| list(ids));
        writeln!(self.out, "{source}:{target}:{}", decimal(pair.confidence))
    }

    fn end_document(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<W>> {
        self.out.flush()?;
        Ok(vec![self.out])
    }
}

fn list(ids: &[usize]) -> String {
    let ids: Vec<_> = ids.iter().map(ToString::to_string).collect();
    format!("[{}]", ids.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::write::{Options, pairs, sample};

    #[test]
    fn a_second_document_is_announced() {
        let (first, second) = (sample::mixed(), sample::document(&["一。"], &["One."], &[(1, 1, 1.0)]));
        let mut out = Vec::new();
        let mut writer = IndexWriter::new(&mut out);
        for (sample, id) in [(&first, "first"), (&second, "second\n[1]:[1]")] {
            for pair in pairs(sample, &Options { min_confidence: 0.9, ..Options::default() }) {
                writer.pair(&Pair { doc: id, ..pair }).unwrap();
            }
        }
        assert_eq!(String::from_utf8(out).unwrap(), "[0]:[0]:0.98\n# second [1]:[1]\n[0]:[0]:1.00\n");
    }
}
