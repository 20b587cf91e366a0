//! A hub on this machine that answers like the real one, and misbehaves when asked to.
//!
//! It has one model. A small file is a relative redirect away, with git's hash as its tag; a large one an absolute
//! redirect away on a storage server of its own port, with its SHA-256 as the linked tag.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard},
    thread,
};

use sha1::Sha1;
use sha2::{Digest, Sha256};

/// The model that the hub has, and the name it had once.
pub(crate) const REPOSITORY: &str = "some-one/tiny";
pub(crate) const FORMER_NAME: &str = "some-one/former";

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A hub that listens until the tests end.
pub(crate) struct Hub {
    pub(crate) endpoint: String,
    state: Arc<Mutex<State>>,
}

/// What the hub has and how it behaves.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) files: BTreeMap<String, Vec<u8>>,
    /// Sent in place of a file, whose hash is still told.
    pub(crate) instead: BTreeMap<String, Vec<u8>>,
    /// After so many bytes the connection breaks, each time one that is taken from the front.
    pub(crate) breaks: BTreeMap<String, Vec<usize>>,
    /// Told in place of a file's hash.
    pub(crate) tag: Option<String>,
    /// Told in place of the commit.
    pub(crate) commit: Option<String>,
    /// Who has no such token gets nothing.
    pub(crate) token: Option<String>,
    /// Every answer has this status, and nothing else.
    pub(crate) status: Option<u16>,
    pub(crate) ignores_ranges: bool,
    pub(crate) requests: Vec<Request>,
    storage: String,
}

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) is_to_storage: bool,
    method: String,
    headers: BTreeMap<String, String>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn range_start(&self) -> Option<usize> {
        self.header("range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

impl Hub {
    pub(crate) fn with(files: BTreeMap<String, Vec<u8>>) -> Self {
        let (hub, storage) = (listener(), listener());
        let address = |listener: &TcpListener| format!("http://{}", listener.local_addr().unwrap());
        let endpoint = address(&hub);
        let state = State { files, storage: address(&storage), ..State::default() };
        let state = Arc::new(Mutex::new(state));
        for (listener, is_storage) in [(hub, false), (storage, true)] {
            let state = Arc::clone(&state);
            thread::spawn(move || listener.incoming().flatten().for_each(|it| drop(serve(it, &state, is_storage))));
        }
        Self { endpoint, state }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// The requests since this was asked last, for bodies of `file` from the storage.
    pub(crate) fn transfers_of(&self, file: &str) -> Vec<Request> {
        let requests = std::mem::take(&mut self.state().requests);
        requests.into_iter().filter(|it| it.is_to_storage && it.path.ends_with(file)).collect()
    }
}

/// An address at which nothing listens.
pub(crate) fn nowhere() -> String {
    format!("http://{}", listener().local_addr().unwrap())
}

fn listener() -> TcpListener {
    TcpListener::bind("127.0.0.1:0").unwrap()
}

/// Answers one request and closes the connection.
fn serve(mut stream: TcpStream, state: &Mutex<State>, is_to_storage: bool) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines().map_while(Result::ok);
    let first = lines.next().unwrap_or_default();
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let headers = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_once(": ")?;
        Some((name.to_lowercase(), value.to_owned()))
    });
    let request = Request { headers: headers.collect(), path, is_to_storage, method };
    let mut state = state.lock().unwrap();
    state.requests.push(request.clone());
    let answer = state.answer(&request);
    drop(state);

    let mut head = format!("HTTP/1.1 {} x\r\nconnection: close\r\n", answer.status);
    for (name, value) in &answer.headers {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let _ = write!(head, "content-length: {}\r\n\r\n", answer.body.len());
    stream.write_all(head.as_bytes())?;
    let sent = answer.breaks_after.unwrap_or(usize::MAX).min(answer.body.len());
    if request.method == "HEAD" { Ok(()) } else { stream.write_all(&answer.body[..sent]) }
}

#[derive(Default)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    breaks_after: Option<usize>,
}

impl Answer {
    fn status(status: u16) -> Self {
        Self { status, ..Self::default() }
    }

    fn redirect(status: u16, location: String) -> Self {
        Self { status, headers: vec![("location", location)], ..Self::default() }
    }
}

impl State {
    fn answer(&mut self, request: &Request) -> Answer {
        if let Some(status) = self.status {
            return Answer::status(status);
        }
        let path = request.path.as_str();
        if request.is_to_storage {
            return self.content(request, path.trim_start_matches("/blobs/"));
        }
        let bearer = self.token.as_ref().map(|token| format!("Bearer {token}"));
        if bearer.is_some() && request.header("authorization") != bearer.as_deref() {
            return Answer::status(401);
        }
        if path.contains(FORMER_NAME) {
            return Answer::redirect(307, path.replace(FORMER_NAME, REPOSITORY));
        }
        if path == format!("/api/models/{REPOSITORY}/revision/main") {
            return self.info();
        }
        if let Some(file) = path.strip_prefix(&format!("/{REPOSITORY}/resolve/{COMMIT}/")) {
            return self.resolve(file);
        }
        match path.strip_prefix(&format!("/api/resolve-cache/models/{REPOSITORY}/{COMMIT}/")) {
            Some(file) => self.content(request, file),
            None => Answer::status(404),
        }
    }

    fn info(&self) -> Answer {
        let siblings: Vec<_> = self.files.keys().map(|file| serde_json::json!({ "rfilename": file })).collect();
        let sha = self.commit.as_deref().unwrap_or(COMMIT);
        let info = serde_json::json!({ "id": REPOSITORY, "sha": sha, "private": false, "siblings": siblings });
        Answer { status: 200, body: info.to_string().into_bytes(), ..Answer::default() }
    }

    fn resolve(&self, file: &str) -> Answer {
        let Some(bytes) = self.files.get(file) else { return Answer::status(404) };
        if !is_large(file) {
            return Answer::redirect(307, format!("/api/resolve-cache/models/{REPOSITORY}/{COMMIT}/{file}"));
        }
        let mut answer = Answer::redirect(302, format!("{}/blobs/{file}", self.storage));
        answer.headers.extend([
            ("x-repo-commit", COMMIT.to_owned()),
            ("x-linked-size", bytes.len().to_string()),
            ("x-linked-etag", format!("\"{}\"", self.tag_of(file, bytes))),
        ]);
        answer
    }

    fn content(&mut self, request: &Request, file: &str) -> Answer {
        let Some(bytes) = self.files.get(file) else { return Answer::status(404) };
        let mut headers = vec![("etag", format!("\"{}\"", self.tag_of(file, bytes)))];
        let bytes = self.instead.get(file).unwrap_or(bytes);
        let from = request.range_start().filter(|_| !self.ignores_ranges);
        if from.is_some_and(|from| from >= bytes.len()) {
            return Answer::status(416);
        }
        if let Some(from) = from {
            headers.push(("content-range", format!("bytes {from}-{}/{}", bytes.len() - 1, bytes.len())));
        }
        let body = bytes[from.unwrap_or(0)..].to_vec();
        let breaks = self.breaks.get_mut(file).filter(|left| request.method == "GET" && !left.is_empty());
        let breaks_after = breaks.map(|left| left.remove(0));
        Answer { status: if from.is_some() { 206 } else { 200 }, headers, body, breaks_after }
    }

    fn tag_of(&self, file: &str, bytes: &[u8]) -> String {
        self.tag.clone().unwrap_or_else(|| {
            if is_large(file) {
                hexadecimal(&Sha256::digest(bytes))
            } else {
                hexadecimal(&Sha1::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes).finalize())
            }
        })
    }
}

/// Whether the hub stores a file elsewhere.
fn is_large(file: &str) -> bool {
    ["model.safetensors", "rust_model.ot", "pytorch_model.bin"].contains(&file)
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
