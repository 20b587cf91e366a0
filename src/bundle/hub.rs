//! Models from a hub: a repository becomes a bundle among the user's models. The only place that opens a connection.
//!
//! ```text
//!  name ─▶ which files, at which commit ─▶ size and hash of each ─▶ hub's cache, resumed and checked ─▶ import
//! ```
//! The cache is the one that other programs of the hub use (`$HF_HOME/hub`), laid out by hf-hub, so that nothing is
//! fetched twice. The transfer is ours: that of hf-hub 0.5 checks no hash, appends whatever comes to what is there,
//! uses what the server calls a file as a path, and hands the token on to other servers.

mod cache;
mod client;
mod repository;

use self::cache::Snapshot;
pub use self::{client::Hub, repository::Repository};
use super::{
    Bundle, BundleFile,
    import::{OtReader, README, choose_weights, import},
    install::ModelName,
    network::WEIGHTS,
};
use crate::{
    error::Result,
    manifest::Need,
    progress::{Progress, Stage},
};

/// Fetches the model in `repository` and installs it as `name`, in place of an earlier one of this name. What was
/// fetched before is not fetched again, and a broken transfer goes on where it stopped. `read_ot` is `None` where there
/// is no libtorch.
pub fn pull(
    hub: &Hub,
    repository: &Repository,
    name: &ModelName,
    read_ot: Option<OtReader<'_>>,
    progress: &dyn Progress,
) -> Result<Bundle> {
    let info = hub.info(repository)?;
    let files: Vec<String> = info.siblings.into_iter().map(|file| file.rfilename).collect();
    let weights = choose_weights(repository.as_str(), &files, read_ot.is_some())?;
    let required = BundleFile::names(Need::Required).filter(|&file| file != WEIGHTS.name());
    let wanted = required.chain(BundleFile::names(Need::Extra)).chain([weights, README]);
    let wanted = wanted.filter(|&wanted| files.iter().any(|file| file == wanted));
    let remote = wanted.map(|file| hub.describe(repository, &info.sha, file)).collect::<Result<Vec<_>>>()?;

    let snapshot = Snapshot::new(hub, repository, &info.sha);
    let total: u64 = remote.iter().map(|file| file.bytes).sum();
    progress.begin(Stage::Fetch, units(total));
    let fetched = remote.iter().try_for_each(|file| snapshot.fetch(file, &mut |bytes| progress.advance(units(bytes))));
    progress.end();
    fetched?;
    import(&snapshot.path()?, name, read_ot)
}

/// Bytes as progress counts them.
fn units(bytes: u64) -> usize {
    usize::try_from(bytes).unwrap_or(usize::MAX)
}
