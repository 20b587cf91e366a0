//! Standard input as it comes: read ahead in a thread of its own, so that it is known whether a line is there to be taken.
//!
//! Whoever feeds a filter may wait for what comes of a line before giving the next one; so the work on what was given must
//! not wait for more. What is read ahead is bounded: the feeder waits where nothing is taken.

use std::{
    io::{self, BufRead, Read},
    path::Path,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicUsize, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread::Builder,
};

use crate::error::{Error, Result};

/// Bytes that are read at a time, at most.
const PIECE: usize = 64 << 10;

/// Pieces that are read ahead, at most.
const AHEAD: usize = 16;

/// The arrivals on standard input, once it is read as it comes.
static STANDARD: OnceLock<Arrivals> = OnceLock::new();

/// What messages call standard input.
pub const STANDARD_INPUT: &str = "<stdin>";

/// Whether a path stands for standard input.
pub fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// Standard input, from where it is on. It is for one reader: a second one would get the lines that the first left.
pub fn standard_input() -> Result<Feed> {
    let feed = Feed::over(io::stdin()).map_err(unreadable)?;
    let _ = STANDARD.set(feed.arrivals.clone());
    Ok(feed)
}

/// The error over standard input that cannot be read.
pub(crate) fn unreadable(source: io::Error) -> Error {
    Error::Read { path: STANDARD_INPUT.to_owned(), source }
}

/// Whether a line of standard input, or its end, is there to be taken; true where it is not read as it comes.
pub fn is_ready() -> bool {
    STANDARD.get().is_none_or(Arrivals::are_there)
}

/// The number of whole lines that were read and not yet taken; the end counts as one, which nobody takes.
#[derive(Debug, Clone, Default)]
struct Arrivals(Arc<AtomicUsize>);

impl Arrivals {
    fn are_there(&self) -> bool {
        self.0.load(Ordering::Acquire) > 0
    }
}

fn lines(bytes: &[u8]) -> usize {
    bytes.split(|&byte| byte == b'\n').count() - 1
}

/// A reader that is read ahead.
#[derive(Debug)]
pub struct Feed {
    pieces: Receiver<io::Result<Vec<u8>>>,
    arrivals: Arrivals,
    piece: Vec<u8>,
    /// How much of the piece was taken.
    taken: usize,
}

impl Feed {
    /// Begins to read `reader` ahead. Fails where there is no thread to do so.
    pub fn over(reader: impl Read + Send + 'static) -> io::Result<Self> {
        let (give, pieces) = sync_channel(AHEAD);
        let arrivals = Arrivals::default();
        let counted = arrivals.clone();
        Builder::new().name("feed".to_owned()).spawn(move || read_ahead(reader, &give, &counted))?;
        Ok(Self { pieces, arrivals, piece: Vec::new(), taken: 0 })
    }
}

fn read_ahead(mut reader: impl Read, give: &SyncSender<io::Result<Vec<u8>>>, arrivals: &Arrivals) {
    let mut buffer = vec![0; PIECE];
    loop {
        let piece = match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => Ok(buffer[..length].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Err(error),
        };
        let (is_last, arrived) = piece.as_ref().map_or((true, 0), |piece| (false, lines(piece)));
        // Counted before it can be taken.
        arrivals.0.fetch_add(arrived, Ordering::AcqRel);
        // Where nobody takes any more, nothing more is read.
        if give.send(piece).is_err() {
            return;
        }
        if is_last {
            break;
        }
    }
    arrivals.0.fetch_add(1, Ordering::AcqRel);
}

impl BufRead for Feed {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.taken == self.piece.len() {
            // After the end, and after an error, nothing comes.
            self.piece = self.pieces.recv().unwrap_or_else(|_| Ok(Vec::new()))?;
            self.taken = 0;
        }
        Ok(&self.piece[self.taken..])
    }

    fn consume(&mut self, amount: usize) {
        let end = (self.taken + amount).min(self.piece.len());
        self.arrivals.0.fetch_sub(lines(&self.piece[self.taken..end]), Ordering::AcqRel);
        self.taken = end;
    }
}

impl Read for Feed {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, mpsc::channel};

    use super::*;

    /// A reader of whatever it is sent.
    struct Sent(Mutex<Receiver<&'static str>>);

    impl Read for Sent {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Ok(text) = self.0.lock().unwrap().recv() else { return Ok(0) };
            buffer[..text.len()].copy_from_slice(text.as_bytes());
            Ok(text.len())
        }
    }

    #[test]
    fn a_line_is_there_when_it_is_whole_and_the_end_is_there_for_good() {
        let (give, given) = channel();
        let mut feed = Feed::over(Sent(Mutex::new(given))).unwrap();
        let arrivals = feed.arrivals.clone();
        assert!(!arrivals.are_there());
        give.send("one\ntw").unwrap();
        let mut line = String::new();
        feed.read_line(&mut line).unwrap();
        assert_eq!((line.as_str(), arrivals.are_there()), ("one\n", false));
        give.send("o\nthree").unwrap();
        feed.read_line(&mut line).unwrap();
        assert!(!arrivals.are_there());
        drop(give);
        feed.read_line(&mut line).unwrap();
        assert_eq!(line, "one\ntwo\nthree");
        for _ in 0..2 {
            assert_eq!(feed.read_line(&mut line).unwrap(), 0);
            assert!(arrivals.are_there());
        }
    }

    #[test]
    fn everything_comes_as_it_is() {
        let text = "一行\n".repeat(100_000) + "no end";
        let mut feed = Feed::over(io::Cursor::new(text.clone())).unwrap();
        let mut read = String::new();
        feed.read_to_string(&mut read).unwrap();
        assert!(read == text && feed.arrivals.0.load(Ordering::Acquire) == 1);
    }

    #[test]
    fn an_error_comes_after_what_was_read_before_it() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::ErrorKind::ConnectionReset.into())
            }
        }
        let mut feed = Feed::over(io::Cursor::new("one\n").chain(Broken)).unwrap();
        let mut line = String::new();
        feed.read_line(&mut line).unwrap();
        assert_eq!(line, "one\n");
        assert_eq!(feed.read_line(&mut line).unwrap_err().kind(), io::ErrorKind::ConnectionReset);
    }
}
