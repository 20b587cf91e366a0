//! Files of an input: the library reads files, so each input is written to one, in a folder of this process.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::OnceLock,
};

/// The folder, in the folder for temporary files, which `scripts/fuzz` sets and clears away.
fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = env::temp_dir().join(format!("mtalign-fuzz-{}", process::id()));
        fs::create_dir_all(&folder).expect("a folder for temporary files");
        folder
    })
}

/// Writes the file `name`, and returns where it is.
pub fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = folder().join(name);
    fs::write(&path, content).expect("place for temporary files");
    path
}

/// An empty folder in it, called `name`.
pub fn empty_folder(name: &str) -> PathBuf {
    let path = folder().join(name);
    if path.exists() {
        fs::remove_dir_all(&path).expect("a folder of ours");
    }
    fs::create_dir(&path).expect("place for temporary files");
    path
}
