//! The client of a hub: what a repository holds, how large a file is and what its hash is, and the file itself.
//!
//! Redirects are followed one by one, because the hub itself says what a file is before it sends on to the server that
//! stores it, and because only the hub may see the token.

use std::{env, io::Read, time::Duration};

use hf_hub::{Cache, api::RepoInfo};
use ureq::{Agent, Body, http::Response};
use url::Url;

use super::Repository;
use crate::error::{Cause, Error, Result};

/// The address of the hub where none is named.
const DEFAULT_ENDPOINT: &str = "https://huggingface.co";

/// The most redirects that are followed: as many as browsers follow.
const MOST_REDIRECTS: usize = 20;

/// The longest waits for a connection, and for the next bytes of an answer.
const CONNECT_WITHIN: Duration = Duration::from_secs(30);
const READ_WITHIN: Duration = Duration::from_secs(60);

const REFUSED_HINT: &str = "check the name: the hub says the same of one that does not exist; for a private model set \
    HF_TOKEN, for a gated one accept its terms on its page too";
const MISSING_HINT: &str = "check the name: a repository is named `owner/name`; HF_ENDPOINT, if set, names the hub";
const UNREACHABLE_HINT: &str = "check the network; HF_ENDPOINT names another hub, HTTPS_PROXY a proxy";
const ODD_HINT: &str = "try again later; HF_ENDPOINT, if set, must name a hub";
const ENDPOINT_HINT: &str = "HF_ENDPOINT has the form `https://huggingface.co`";
const HOME_HINT: &str = "set HF_HOME to a folder for downloads";

/// A hub, with its cache and the user's token.
pub struct Hub {
    endpoint: Url,
    token: Option<String>,
    agent: Agent,
    pub(super) cache: Cache,
}

/// A file on the hub.
pub(super) struct Remote {
    pub(super) name: String,
    /// The SHA-256, or git's SHA-1 of the blob, in hexadecimal; which of them, its length says.
    pub(super) hash: String,
    pub(super) bytes: u64,
}

/// A file, or the rest of one, on its way.
pub(super) struct Transfer {
    /// The byte of the file at which it begins.
    pub(super) start: u64,
    pub(super) body: Box<dyn Read>,
}

#[derive(Clone, Copy)]
enum Method {
    Head,
    Get,
}

impl Hub {
    /// The hub that `HF_ENDPOINT` names, with the token in `HF_TOKEN` or in `HF_HOME`, and the cache there.
    pub fn from_environment() -> Result<Self> {
        let set = |name| env::var(name).ok().map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
        let endpoint = set("HF_ENDPOINT").unwrap_or_else(|| DEFAULT_ENDPOINT.to_owned());
        // hf-hub panics without either.
        if env::var_os("HF_HOME").is_none() && env::home_dir().is_none() {
            return Err(Error::install(endpoint, "there is no folder for what is downloaded", HOME_HINT));
        }
        let cache = Cache::from_env();
        let token = set("HF_TOKEN").or_else(|| cache.token());
        // Paths are joined to it, which would replace what follows its last slash.
        let address = Url::parse(&format!("{}/", endpoint.trim_end_matches('/')));
        let endpoint = match address {
            Ok(address) if address.has_host() && ["http", "https"].contains(&address.scheme()) => address,
            _ => return Err(Error::install(endpoint, "this is no address of a hub", ENDPOINT_HINT)),
        };
        let agent = Agent::config_builder()
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT_WITHIN))
            .timeout_per_read(Some(READ_WITHIN))
            .user_agent(concat!("mtalign/", env!("CARGO_PKG_VERSION")))
            .build()
            .into();
        Ok(Self { endpoint, token, agent, cache })
    }

    /// The list of a repository's files, and its commit.
    pub(super) fn info(&self, repository: &Repository) -> Result<RepoInfo> {
        let address = self.address(&format!("api/{}", repository.on_hub().api_url()))?;
        let mut response = self.ask(repository, Method::Get, address, 0, &|_| false)?;
        self.check_status(repository, "such model", &response)?;
        let info: RepoInfo = response
            .body_mut()
            .read_json()
            .map_err(|cause| self.odd(repository, "gave no list of its files", Some(cause.into())))?;
        if is_hash(&info.sha, &[GIT_DIGITS]) {
            Ok(info)
        } else {
            Err(self.odd(repository, &format!("names `{}` as its commit", info.sha), None))
        }
    }

    /// The size and the hash of a file.
    pub(super) fn describe(&self, repository: &Repository, commit: &str, file: &str) -> Result<Remote> {
        let address = self.file_address(repository, commit, file)?;
        let says_hash = |response: &Response<Body>| response.headers().contains_key("x-linked-etag");
        let response = self.ask(repository, Method::Head, address, 0, &says_hash)?;
        if !says_hash(&response) {
            self.check_status(repository, &format!("`{file}`"), &response)?;
        }
        let hash = header(&response, "x-linked-etag").or_else(|| header(&response, "etag")).unwrap_or_default();
        let hash = hash.trim_start_matches("W/").trim_matches('"').to_lowercase();
        let length = header(&response, "x-linked-size").or_else(|| header(&response, "content-length"));
        match length.and_then(|bytes| bytes.parse().ok()) {
            Some(bytes) if is_hash(&hash, &[GIT_DIGITS, SHA256_DIGITS]) => {
                Ok(Remote { name: file.to_owned(), hash, bytes })
            }
            _ => Err(self.odd(repository, &format!("does not say the hash and the size of `{file}`"), None)),
        }
    }

    /// Begins to fetch a file from byte `from` on, or from its beginning if the server cannot.
    pub(super) fn open(&self, repository: &Repository, commit: &str, file: &str, from: u64) -> Result<Transfer> {
        let address = self.file_address(repository, commit, file)?;
        let response = self.ask(repository, Method::Get, address, from, &|_| false)?;
        if response.status() == 416 && from > 0 {
            return self.open(repository, commit, file, 0);
        }
        self.check_status(repository, &format!("`{file}`"), &response)?;
        let start = if response.status() == 206 { range_start(&response) } else { Some(0) };
        match start.filter(|&start| start == from || start == 0) {
            Some(start) => Ok(Transfer { start, body: Box::new(response.into_body().into_reader()) }),
            None => Err(self.odd(repository, &format!("sent another part of `{file}` than asked for"), None)),
        }
    }

    /// Follows redirects until one that `is_enough`, or an answer that is none.
    fn ask(
        &self,
        repository: &Repository,
        method: Method,
        mut address: Url,
        from: u64,
        is_enough: &dyn Fn(&Response<Body>) -> bool,
    ) -> Result<Response<Body>> {
        for _ in 0..=MOST_REDIRECTS {
            let mut request = match method {
                Method::Head => self.agent.head(address.as_str()),
                Method::Get => self.agent.get(address.as_str()),
            };
            // A compressed answer has another length, and servers ignore ranges of it.
            request = request.header("accept-encoding", "identity");
            if let Some(token) = self.token.as_ref().filter(|_| address.origin() == self.endpoint.origin()) {
                request = request.header("authorization", format!("Bearer {token}"));
            }
            if from > 0 {
                request = request.header("range", format!("bytes={from}-"));
            }
            let response = request.call().map_err(|cause| unreachable(repository, &address, cause.into()))?;
            if !response.status().is_redirection() || is_enough(&response) {
                return Ok(response);
            }
            let target = header(&response, "location").and_then(|location| address.join(&location).ok());
            address = target.ok_or_else(|| self.odd(repository, "sent on to no address", None))?;
        }
        Err(self.odd(repository, "sends on in a circle", None))
    }

    fn check_status(&self, repository: &Repository, subject: &str, response: &Response<Body>) -> Result<()> {
        let hub = self.name();
        let status = response.status().as_u16();
        let (what, hint) = match status {
            200..=299 => return Ok(()),
            401 | 403 => (format!("the hub at `{hub}` does not let us have it (status {status})"), REFUSED_HINT),
            404 => (format!("the hub at `{hub}` has no {subject}"), MISSING_HINT),
            _ => return Err(self.odd(repository, &format!("answered with status {status}"), None)),
        };
        Err(Error::install(repository.as_str(), what, hint))
    }

    fn odd(&self, repository: &Repository, what: &str, source: Option<Cause>) -> Error {
        let what = format!("the hub at `{}` {what}", self.name());
        Error::Install { model: repository.as_str().to_owned(), what, hint: ODD_HINT, source }
    }

    fn name(&self) -> &str {
        self.endpoint.as_str().trim_end_matches('/')
    }

    fn file_address(&self, repository: &Repository, commit: &str, file: &str) -> Result<Url> {
        self.address(&format!("{}/resolve/{commit}/{file}", repository.on_hub().url()))
    }

    fn address(&self, path: &str) -> Result<Url> {
        let no_address = |_| Error::install(path, "this is no address of a hub", ENDPOINT_HINT);
        self.endpoint.join(path).map_err(no_address)
    }
}

/// The number of digits of a SHA-256 and of git's SHA-1.
pub(super) const SHA256_DIGITS: usize = 64;
const GIT_DIGITS: usize = 40;

/// Whether `text` is a hash and nothing else: it becomes part of a path.
fn is_hash(text: &str, digits: &[usize]) -> bool {
    digits.contains(&text.len()) && text.chars().all(|c| c.is_ascii_hexdigit())
}

fn header(response: &Response<Body>, name: &str) -> Option<String> {
    Some(response.headers().get(name)?.to_str().ok()?.to_owned())
}

/// The first byte of the part that was sent: `bytes 100-199/200`.
fn range_start(response: &Response<Body>) -> Option<u64> {
    header(response, "content-range")?.strip_prefix("bytes ")?.split('-').next()?.parse().ok()
}

fn unreachable(repository: &Repository, address: &Url, cause: Cause) -> Error {
    let what = format!("no answer from `{}`", address.origin().ascii_serialization());
    Error::Install { model: repository.as_str().to_owned(), what, hint: UNREACHABLE_HINT, source: Some(cause) }
}
