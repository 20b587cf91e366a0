//! Names of repositories on a hub.

use hf_hub::Repo;

use crate::{
    bundle::install::is_simple,
    error::{Error, Result},
};

/// Repositories that are known by names without an owner.
const SHORT_NAMES: [(&str, &str); 1] = [("opus-mt-zh-en", "Helsinki-NLP/opus-mt-zh-en")];

const HINT: &str = "a repository is named `owner/name`, as in `Helsinki-NLP/opus-mt-zh-en`";

/// The name of a repository: an owner and a name, both plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository(String);

impl Repository {
    /// The name of a repository, from a short name that is known or from `owner/name`. Fails on any other.
    pub fn new(name: &str) -> Result<Self> {
        if let Some((_, repository)) = SHORT_NAMES.iter().find(|(short, _)| *short == name) {
            return Ok(Self((*repository).to_owned()));
        }
        match name.split_once('/') {
            Some((owner, model)) if is_simple(owner) && is_simple(model) => Ok(Self(name.to_owned())),
            Some(_) => Err(Error::install(name, "no repository has this name", HINT)),
            None => {
                let known = SHORT_NAMES.map(|(short, _)| format!("`{short}`")).join(", ");
                Err(Error::install(name, format!("the short names are {known}"), HINT))
            }
        }
    }

    /// The name without its owner.
    pub fn model(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The name with its owner.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The main branch of the repository, as hf-hub names it.
    pub(super) fn on_hub(&self) -> Repo {
        Repo::model(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_a_short_name_or_an_owner() {
        for (name, repository, model) in [
            ("opus-mt-zh-en", "Helsinki-NLP/opus-mt-zh-en", "opus-mt-zh-en"),
            ("some-one/Model_1.0", "some-one/Model_1.0", "Model_1.0"),
        ] {
            let found = Repository::new(name).unwrap();
            assert_eq!((found.as_str(), found.model()), (repository, model));
        }
    }

    #[test]
    fn a_name_that_could_be_a_path_or_an_address_is_refused() {
        for name in
            ["", "opus", "a/", "/a", "a/b/c", "../a", "a/..", "a/.b", "a/b?c", "a/b#c", "a/b c", "a\\b/c", "a/%2e"]
        {
            assert!(Repository::new(name).is_err(), "{name}");
        }
        let message = Repository::new("opus-mt-zh").unwrap_err().to_string();
        assert!(message.contains("`opus-mt-zh-en`"), "{message}");
    }
}
