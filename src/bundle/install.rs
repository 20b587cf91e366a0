//! Where models of the user's own are put, and how: whole or not at all.
//!
//! A model is written into a hidden folder beside its place and moved there in one step once nothing is wrong with it.
//! Until then an earlier model of the same name stays as it is, and the folder goes away with whatever fails.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use super::{Bundle, DEFAULT_MODEL, check, user_models};
use crate::error::{Error, Result};

/// Why and how a name is refused.
const NAME_HINT: &str =
    "choose another with `--name`: letters, digits, `-`, `_` and `.` inside, other than the default model's";

/// The longest name, in bytes: what every file system takes, with room for what is added while it is written.
const LONGEST_NAME: usize = 96;

/// The name under which a model will be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelName(String);

impl ModelName {
    /// A name that is one plain folder name and does not hide the default model.
    pub fn new(name: &str) -> Result<Self> {
        let refused = |what: &str| Err(Error::install(name, what, NAME_HINT));
        if !is_simple(name) {
            return refused("no model can have this name");
        }
        if name == DEFAULT_MODEL {
            return refused("this is the name of the default model");
        }
        Ok(Self(name.to_owned()))
    }

    /// As text.
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
    folder: TempDir,
    place: PathBuf,
}

impl Staging {
    /// An empty folder beside the place of the model `name`, among the user's own models.
    pub(super) fn new(name: &ModelName) -> Result<Self> {
        let hint = "set XDG_DATA_HOME or HOME to a folder of yours";
        let models = user_models().ok_or_else(|| Error::install(&name.0, "there is no folder for data", hint))?;
        let cannot = |source| Error::Write { path: models.display().to_string(), source };
        fs::create_dir_all(&models).map_err(cannot)?;
        let prefix = format!(".{}.", name.0);
        let folder = tempfile::Builder::new().prefix(&prefix).tempdir_in(&models).map_err(cannot)?;
        Ok(Self { folder, place: models.join(&name.0) })
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Puts the model in its place, if nothing is wrong with it; what is, is told of `source`.
    pub(super) fn install(self, source: &Path) -> Result<Bundle> {
        let place = &self.place;
        let fault = check(self.path())?.into_iter().find_map(|item| item.outcome.err().map(|it| (item.subject, it)));
        if let Some((subject, wrong)) = fault {
            return Err(Error::model(source, format!("`{subject}`: {wrong}")));
        }
        let cannot = |source| Error::Write { path: place.display().to_string(), source };
        make_readable(self.path()).map_err(cannot)?;
        // A folder cannot be renamed over one that is not empty: what was there steps aside, and back if that fails.
        let mut earlier = self.path().as_os_str().to_owned();
        earlier.push(".earlier");
        let had_one = fs::rename(place, &earlier).is_ok();
        if let Err(error) = fs::rename(self.path(), place) {
            if had_one {
                fs::rename(&earlier, place).map_err(cannot)?;
            }
            return Err(cannot(error));
        }
        if had_one {
            fs::remove_dir_all(&earlier).map_err(cannot)?;
        }
        let _moved_away = self.folder.keep();
        Ok(Bundle { dir: self.place })
    }
}

/// Temporary folders are for their owner only; models are like other data.
#[cfg(unix)]
fn make_readable(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    fs::set_permissions(folder, fs::Permissions::from_mode(0o755))
}

#[cfg(not(unix))]
fn make_readable(_: &Path) -> io::Result<()> {
    Ok(())
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
