//! Bundles: folders with a model and the tables that belong to it. They are found by name or path, checked, and made
//! of models from elsewhere. Only [`pull`] ever opens a connection.
//!
//! A bundle is one directory (`models/README.md` lists its files). Nothing here needs libtorch, so that a damaged
//! model is refused with the file's name before libtorch sees it, and `mtalign model check` works in every build.

mod architecture;
mod check;
mod digest;
mod hub;
mod import;
mod install;
mod sums;
mod tensor_file;
mod network;
mod values;

use std::{
    env,
    path::{Component, Path, PathBuf},
};

pub use self::{
    architecture::{Architecture, Stack},
    check::{CheckItem, check},
    hub::{Hub, Repository, pull},
    import::{OtReader, import},
    install::ModelName,
    sums::{Digests, Verification},
    tensor_file::TensorFile,
    values::check_values,
};
use crate::error::{Error, Result};
pub use crate::manifest::BundleFile;

/// The name of the bundle that is used when none is named.
pub const DEFAULT_MODEL: &str = "zh-en";

/// The environment variable that names a directory, or several as in `PATH`, in which bundles are looked for first.
const MODELS_VARIABLE: &str = "MTALIGN_MODELS";

/// The file that makes a directory a bundle.
const CONFIG: BundleFile = BundleFile::Config;

/// What tells the contents of these files from others, those that are not there left out. Fails if one cannot be read.
pub(crate) fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let there = files.iter().filter(|file| file.is_file());
    let sums = there.map(|file| digest::sha256(file).map_err(|source| Error::read(file, source)));
    Ok(sums.collect::<Result<Vec<_>>>()?.join("-"))
}

/// A bundle: a directory with a model's files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bundle {
    /// The directory.
    pub dir: PathBuf,
}

impl Bundle {
    /// Finds a bundle: `model` is a directory, or else the name of one in a search root. Only a plain name is looked
    /// up, never one with separators or `..`. Fails if there is none.
    pub fn resolve(model: &str) -> Result<Self> {
        Self::resolve_in(model, &search_roots())
    }

    /// Whether the bundle has this file.
    pub fn has(&self, file: BundleFile) -> bool {
        self.dir.join(file).is_file()
    }

    /// The name of the bundle, as `model list` shows it and `--model` takes it.
    pub fn name(&self) -> String {
        self.dir.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn resolve_in(model: &str, roots: &[PathBuf]) -> Result<Self> {
        let path = Path::new(model);
        if path.is_dir() {
            return Ok(Self { dir: path.to_owned() });
        }
        if !is_plain_name(path) {
            return Err(Error::model(path, "there is no such directory"));
        }
        let mut candidates = roots.iter().map(|root| root.join(path));
        candidates.find(|dir| dir.join(CONFIG).is_file()).map(|dir| Self { dir }).ok_or_else(|| {
            let looked = quoted(roots.iter().map(|root| root.display().to_string()).collect());
            let known = quoted(list_in(roots).iter().map(Self::name).collect());
            let what =
                format!("there is no such directory and no model of this name in {looked}; models there: {known}");
            Error::model(path, what)
        })
    }
}

/// The bundles in all search roots, by name; of two with one name only the one that [`Bundle::resolve`] would take.
pub fn list() -> Vec<Bundle> {
    list_in(&search_roots())
}

/// The directories in which bundles are looked for, in order: `$MTALIGN_MODELS`, the user's data directory, beside
/// the program and one level up, the source tree that the program was built from.
pub fn search_roots() -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = Vec::new();
    if let Some(listed) = env::var_os(MODELS_VARIABLE) {
        roots.extend(env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty()));
    }
    roots.extend(user_models());
    if let Ok(program) = env::current_exe() {
        roots.extend(program.ancestors().skip(1).take(2).map(|dir| dir.join("models")));
    }
    roots.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("models"));
    roots
}

/// The directory for models of the user's own.
fn user_models() -> Option<PathBuf> {
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let data = absolute("XDG_DATA_HOME").or_else(|| absolute("HOME").map(|home| home.join(".local/share")));
    data.map(|data| data.join("mtalign/models"))
}

fn list_in(roots: &[PathBuf]) -> Vec<Bundle> {
    let mut bundles: Vec<Bundle> = Vec::new();
    for entry in roots.iter().filter_map(|root| root.read_dir().ok()).flatten().flatten() {
        let bundle = Bundle { dir: entry.path() };
        // A hidden folder is a model that is being written, or whose writing was interrupted.
        let is_hidden = bundle.name().starts_with('.');
        if !is_hidden && bundle.dir.join(CONFIG).is_file() && !bundles.iter().any(|known| known.name() == bundle.name())
        {
            bundles.push(bundle);
        }
    }
    bundles.sort_by_key(Bundle::name);
    bundles
}

fn quoted(items: Vec<String>) -> String {
    let quoted: Vec<String> = items.into_iter().map(|item| format!("`{item}`")).collect();
    if quoted.is_empty() { "none".to_owned() } else { quoted.join(", ") }
}

fn is_plain_name(path: &Path) -> bool {
    let mut components = path.components();
    matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn root_with(names: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in names {
            fs::create_dir(root.path().join(name)).unwrap();
            fs::write(root.path().join(name).join(CONFIG), "{}").unwrap();
        }
        root
    }

    #[test]
    fn a_directory_wins_and_a_name_is_looked_up_in_order() {
        let (first, second) = (root_with(&["small"]), root_with(&["large", "small"]));
        let roots = [first.path().to_owned(), second.path().to_owned()];
        let found = |model: &str| Bundle::resolve_in(model, &roots).unwrap().dir;
        assert_eq!(found("small"), first.path().join("small"));
        assert_eq!(found("large"), second.path().join("large"));
        let direct = second.path().join("small");
        assert_eq!(found(direct.to_str().unwrap()), direct);
        let names: Vec<_> = list_in(&roots).iter().map(Bundle::name).collect();
        assert_eq!(names, ["large", "small"]);
    }

    #[test]
    fn a_name_never_leads_out_of_the_roots() {
        let root = root_with(&["inside", "outside"]);
        let roots = [root.path().join("inside")];
        for model in ["../outside", "..", "a/../../outside", "/nowhere/at/all", ""] {
            if !Path::new(model).is_dir() {
                let error = Bundle::resolve_in(model, &roots).unwrap_err();
                assert!(error.to_string().contains("no such directory"), "{model}: {error}");
            }
        }
    }

    #[test]
    fn the_message_says_where_it_looked_and_what_is_there() {
        let root = root_with(&["small"]);
        let error = Bundle::resolve_in("smal", &[root.path().to_owned()]).unwrap_err().to_string();
        assert!(error.contains("`smal`") && error.contains(&root.path().display().to_string()), "{error}");
        assert!(error.contains("models there: `small`"), "{error}");
    }

    #[test]
    fn the_default_model_is_found_in_the_source_tree() {
        assert_eq!(Bundle::resolve(DEFAULT_MODEL).unwrap().name(), DEFAULT_MODEL);
    }
}
