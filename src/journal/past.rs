//! The past: what a journal has of the run that was cut off, matched with the documents as they come again.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, Read as _, Seek as _},
    path::{Path, PathBuf},
};

use super::{Head, fingerprint, line::Line, refused};
use crate::{
    aligner::Answers,
    document::Document,
    error::{Error, Result},
};

/// The documents of the run that was cut off, in their order. In memory is one at a time.
#[derive(Debug)]
pub struct Past {
    path: PathBuf,
    lines: BufReader<File>,
    /// The lines that are left, of all kinds.
    left: usize,
    /// The number of documents that were done.
    done: usize,
    partials: Vec<PathBuf>,
    end: u64,
}

/// What became of a document before.
#[derive(Debug, Clone, PartialEq)]
pub enum Before {
    /// It was done.
    Done(Answers),
    /// It failed, and is tried again.
    Failed,
}

/// The longest line: the answers over a document of a few million sentences.
const LONGEST: u64 = 1 << 30;

impl Past {
    /// Reads a journal through, up to the last line that is whole. Fails if it is none, or that of a run that is told from
    /// this one by `head`.
    pub(super) fn read(path: &Path, head: &Head) -> Result<Self> {
        let failed = |source| Error::read(path, source);
        let mut lines = BufReader::new(File::open(path).map_err(failed)?);
        let Some((Line::Head(former), length)) = next_line(&mut lines).map_err(failed)? else {
            return Err(refused(path, "it is no journal, or ends in its first line"));
        };
        same(path, &former, head)?;
        let mut past = Self { path: path.to_owned(), lines, left: 0, done: 0, partials: Vec::new(), end: length };
        while let Some((line, length)) = next_line(&mut past.lines).map_err(failed)? {
            past.left += 1;
            past.end += length;
            match line {
                Line::Head(_) => return Err(refused(path, "it is the journal of several runs")),
                Line::Partials(paths) => past.partials.extend(paths.into_iter().map(PathBuf::from)),
                Line::Done(_) => past.done += 1,
                Line::Failed => {}
            }
        }
        past.lines.rewind().and_then(|()| next_line(&mut past.lines)).map_err(failed)?;
        Ok(past)
    }

    /// The number of bytes up to the end of the last line that is whole.
    pub(super) fn end(&self) -> u64 {
        self.end
    }

    /// The outputs that were under way.
    pub(super) fn take_partials(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.partials)
    }

    /// The number of documents that were done.
    pub fn done(&self) -> usize {
        self.done
    }

    /// What became of a document before; none where the run was cut off before it. Documents come in the order in which
    /// they came then, and nothing stands for one that cannot be read.
    ///
    /// Fails if it is another than the one that came then.
    pub fn before(&mut self, document: Option<&Document>) -> Result<Option<Before>> {
        let done = match self.next()? {
            None => return Ok(None),
            Some(Line::Done(done)) => done,
            Some(_) => return Ok(Some(Before::Failed)),
        };
        let changed = match document {
            Some(document) if document.id != done.id => format!("`{}` comes where `{}` came", document.id, done.id),
            Some(document) if fingerprint(document) == done.fingerprint => match done.answers() {
                Some(answers) => return Ok(Some(Before::Done(answers))),
                None => "it holds what no run writes".to_owned(),
            },
            Some(document) => format!("`{}` has changed since", document.id),
            None => format!("`{}` was read then, and cannot be now", done.id),
        };
        Err(refused(&self.path, changed))
    }

    /// Fails if documents that were done did not come again.
    pub fn finish(mut self) -> Result<()> {
        while let Some(line) = self.next()? {
            if let Line::Done(done) = line {
                return Err(refused(&self.path, format!("`{}` does not come any more", done.id)));
            }
        }
        Ok(())
    }

    /// The next line about a document.
    fn next(&mut self) -> Result<Option<Line>> {
        while self.left > 0 {
            self.left -= 1;
            match next_line(&mut self.lines).map_err(|source| Error::read(&self.path, source))? {
                Some((Line::Partials(_) | Line::Head(_), _)) => {}
                Some((line, _)) => return Ok(Some(line)),
                None => return Err(refused(&self.path, "it was changed meanwhile")),
            }
        }
        Ok(None)
    }
}

/// The next line, and its length in bytes; none at the end or where it is not whole.
fn next_line(lines: &mut impl BufRead) -> io::Result<Option<(Line, u64)>> {
    let mut text = Vec::new();
    let length = lines.take(LONGEST).read_until(b'\n', &mut text)?;
    Ok(Line::of_text(&text).map(|line| (line, length as u64)))
}

/// Fails if the runs differ, and says in what.
fn same(path: &Path, former: &Head, head: &Head) -> Result<()> {
    if former.command != head.command {
        return Err(refused(path, format!("it is of `mtalign {}`", former.command)));
    }
    if former.fingerprint != head.fingerprint {
        return Err(refused(path, "its run had another model, or another version of the program"));
    }
    let names = former.settings.keys().chain(head.settings.keys());
    let (then, now) = (|name| former.settings.get(name), |name| head.settings.get(name));
    match names.into_iter().find(|&name| then(name) != now(name)) {
        None => Ok(()),
        Some(name) => {
            let shown = |value: Option<&String>| value.map_or_else(|| "nothing".to_owned(), |it| format!("`{it}`"));
            Err(refused(path, format!("{name} was {} then, and is {} now", shown(then(name)), shown(now(name)))))
        }
    }
}
