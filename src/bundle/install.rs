//! The installation of models among those of the user's own: whole or not at all.
//!
//! A model is written into a hidden folder beside its place and moved there in one step once nothing is wrong with it.
//! Until then an earlier model of the same name stays as it is, and the folder goes away with whatever fails.

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{Bundle, DEFAULT_MODEL, check, user_models};
use crate::error::{Error, Result};

/// The length of the longest name, in bytes: what every file system takes, with room for what is added while it is
/// written.
const LONGEST_NAME: usize = 96;

/// The name under which a model is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName(String);

impl ModelName {
    /// A name that is one plain folder name and does not hide the default model. Fails on any other.
    pub fn new(name: &str) -> Result<Self> {
        let refused = |what| Err(Error::ModelName { name: name.to_owned(), what });
        if !is_simple(name) {
            return refused("no model can have this name");
        }
        if name == DEFAULT_MODEL {
            return refused("this is the name of the default model");
        }
        Ok(Self(name.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a part of a name is plain on every system and in every address.
pub(super) fn is_simple(name: &str) -> bool {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.len() <= LONGEST_NAME
        && name.chars().all(is_inner)
        && !name.contains("..")
}

/// A model that is being written.
pub(super) struct Staging {
    /// The hidden folder, which goes away with everything in it.
    hidden: TempDir,
    model: PathBuf,
    place: PathBuf,
}

impl Staging {
    /// Makes an empty folder beside the place of the model `name`, among the user's own models.
    pub(super) fn new(name: &ModelName) -> Result<Self> {
        let hint = "set XDG_DATA_HOME or HOME to a folder of yours";
        let models = user_models().ok_or_else(|| Error::install(&name.0, "there is no folder for data", hint))?;
        let cannot = |cause| Error::write(&models, cause);
        fs::create_dir_all(&models).map_err(cannot)?;
        let hidden = tempfile::Builder::new().prefix(&format!(".{}.", name.0)).tempdir_in(&models).map_err(cannot)?;
        // The hidden folder is for its owner only, models are not.
        let model = hidden.path().join("model");
        fs::create_dir(&model).map_err(cannot)?;
        Ok(Self { hidden, model, place: models.join(&name.0) })
    }

    /// The folder in which the files are to be written.
    pub(super) fn path(&self) -> &Path {
        &self.model
    }

    /// Installs the model in its place, if nothing is wrong with it. Fails with what is wrong, told of `source`.
    pub(super) fn install(self, source: &Path) -> Result<Bundle> {
        let fault = check(&self.model)?.into_iter().find_map(|item| item.outcome.err().map(|it| (item.subject, it)));
        if let Some((subject, wrong)) = fault {
            return Err(Error::model(source, format!("`{subject}`: {wrong}")));
        }
        // A folder cannot be renamed over one that is not empty: what was there steps aside, and back if that fails.
        let earlier = self.hidden.path().join("earlier");
        let had_one = fs::rename(&self.place, &earlier).is_ok();
        if let Err(error) = fs::rename(&self.model, &self.place) {
            if had_one && fs::rename(&earlier, &self.place).is_err() {
                // Better found by hand than lost.
                let _ = self.hidden.keep();
            }
            return Err(Error::write(&self.place, error));
        }
        Ok(Bundle { dir: self.place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_plain_folder_that_does_not_hide_the_default() {
        for name in ["opus-mt-zh-en", "a", "opus_2020.07.17"] {
            assert_eq!(ModelName::new(name).unwrap().as_str(), name);
        }
        let long = "a".repeat(LONGEST_NAME + 1);
        for name in ["", ".", "..", "../a", "a/b", "/a", ".a", "-a", "a..b", "a b", "a\\b", "a\0", "天", "zh-en", &long]
        {
            assert!(ModelName::new(name).is_err(), "{name}");
        }
    }
}
