//! The folder of a cache: where it is, and that nobody but the user reads or writes it.

use std::{
    env,
    fs::{self, DirBuilder, OpenOptions},
    io,
    path::{self, Path, PathBuf},
};

/// The environment variable that names the folder of all caches, in place of the user's own.
const VARIABLE: &str = "MTALIGN_CACHE";

/// The name of the file in the folder.
pub(super) const FILE: &str = "cache.sqlite";

/// What SQLite writes beside the file while it is open, by what is added to the name.
const BESIDE: [&str; 3] = ["-wal", "-shm", "-journal"];

/// The folder of the user's cache: `mtalign/translations` in `$MTALIGN_CACHE`, `$XDG_CACHE_HOME` or `~/.cache`. None
/// where the environment names no such place.
pub fn default_folder() -> Option<PathBuf> {
    let named = env::var_os(VARIABLE).filter(|name| !name.is_empty()).and_then(|name| path::absolute(name).ok());
    let absolute = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let user = || absolute("XDG_CACHE_HOME").or_else(|| absolute("HOME").map(|home| home.join(".cache")));
    named.or_else(user).map(|folder| folder.join("mtalign/translations"))
}

/// Makes the folder and an empty file in it, where they are missing, and returns the file's path without links. Fails if
/// the folder or the one above it is somebody else's, or a link of somebody else's.
pub(super) fn prepare(folder: &Path) -> io::Result<PathBuf> {
    let folder = path::absolute(folder)?;
    builder().recursive(true).create(&folder)?;
    keep_private(&folder)?;
    let path = folder.canonicalize()?.join(FILE);
    own_file().read(true).append(true).create(true).open(&path)?;
    Ok(path)
}

/// The path of the file in a folder that may not be there. Fails as [`prepare`] does.
pub(super) fn existing(folder: &Path) -> io::Result<Option<PathBuf>> {
    let folder = path::absolute(folder)?;
    if !folder.join(FILE).try_exists()? {
        return Ok(None);
    }
    keep_private(&folder)?;
    Ok(Some(folder.canonicalize()?.join(FILE)))
}

/// Removes the file and what stands beside it.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for path in files(path) {
        fs::remove_file(path)
            .or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })?;
    }
    Ok(())
}

/// The bytes that the file takes, with what stands beside it.
pub(super) fn bytes(path: &Path) -> u64 {
    files(path).filter_map(|path| fs::metadata(path).ok()).map(|metadata| metadata.len()).sum()
}

/// The file, and what stands beside it.
fn files(path: &Path) -> impl Iterator<Item = PathBuf> {
    let beside = BESIDE.into_iter().map(|ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        PathBuf::from(name)
    });
    std::iter::once(path.to_owned()).chain(beside)
}

#[cfg(unix)]
fn builder() -> DirBuilder {
    use std::os::unix::fs::DirBuilderExt as _;
    let mut builder = DirBuilder::new();
    builder.mode(0o700);
    builder
}

#[cfg(not(unix))]
fn builder() -> DirBuilder {
    DirBuilder::new()
}

#[cfg(unix)]
fn own_file() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn own_file() -> OpenOptions {
    OpenOptions::new()
}

/// Fails unless folder and links are the user's; then closes the folder to others. The folder above may be the system's,
/// as `/tmp` is, where nobody moves what is another's.
#[cfg(unix)]
fn keep_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    // Whoever a new file belongs to is the user, whatever the file system makes of users.
    let user = tempfile::tempfile_in(folder)?.metadata()?.uid();
    let is_users = |uid: u32| uid == user;
    let is_users_or_systems = |uid: u32| uid == user || uid == 0;
    let above = folder.parent().unwrap_or(folder);
    let belongs = |path: &Path, to: &dyn Fn(u32) -> bool| {
        let is_right = to(fs::symlink_metadata(path)?.uid()) && to(fs::metadata(path)?.uid());
        let what = || format!("`{}` belongs to another user", path.display());
        if is_right { Ok(()) } else { Err(io::Error::new(io::ErrorKind::PermissionDenied, what())) }
    };
    belongs(above, &is_users_or_systems)?;
    belongs(folder, &is_users)?;
    let permissions = fs::metadata(folder)?.permissions();
    if permissions.mode() & 0o777 == 0o700 {
        Ok(())
    } else {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
    }
}

/// What the system gives a user's folder is private already.
#[cfg(not(unix))]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn nobody_else_reads_what_is_kept() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("mtalign/translations");
        let path = prepare(&folder).unwrap();
        assert_eq!((mode(&base.path().join("mtalign")), mode(&folder), mode(&path)), (0o700, 0o700, 0o600));
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
        prepare(&folder).unwrap();
        assert_eq!(mode(&folder), 0o700, "an open folder is closed");
    }

    #[test]
    fn a_link_of_the_users_own_is_followed_to_where_it_leads() {
        let base = tempfile::tempdir().unwrap();
        let (disk, link) = (base.path().join("disk"), base.path().join("link"));
        fs::create_dir(&disk).unwrap();
        symlink(&disk, &link).unwrap();
        assert_eq!(
            prepare(&link.join("translations")).unwrap(),
            disk.canonicalize().unwrap().join("translations").join(FILE)
        );
    }

    #[test]
    fn a_folder_of_somebody_elses_is_refused() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("mtalign/translations");
        prepare(&folder).unwrap();
        // Only the system's user can give a folder away.
        for path in [&folder, folder.parent().unwrap()] {
            if std::os::unix::fs::chown(path, Some(12_345), None).is_err() {
                return;
            }
            let error = prepare(&folder).unwrap_err().to_string();
            assert_eq!(error, format!("`{}` belongs to another user", path.display()));
            assert!(existing(&folder).is_err());
            std::os::unix::fs::chown(path, Some(0), None).unwrap();
        }
        let link = base.path().join("link");
        symlink(&folder, &link).unwrap();
        std::os::unix::fs::lchown(&link, Some(12_345), None).unwrap();
        assert!(prepare(&link).is_err(), "a link of somebody else's");
    }

    #[test]
    fn nothing_is_made_by_a_look_at_what_is_not_there() {
        let base = tempfile::tempdir().unwrap();
        assert!(existing(&base.path().join("mtalign/translations")).unwrap().is_none());
        assert_eq!(fs::read_dir(base.path()).unwrap().count(), 0);
    }
}
