//! Lets the program find libtorch where the build found it, without `LD_LIBRARY_PATH`, and tells it by a hash which code
//! translates, and by another which code there is: what a cache or a journal has from other code is not used.

use std::{
    collections::hash_map::DefaultHasher,
    env, fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
};

/// The code that decides what a document becomes: all of it, and what it is built of.
const ALL: [&str; 2] = ["Cargo.lock", "src"];

/// The code that decides what a model answers: what it reads and writes, and what it is built of.
const TRANSLATING: [&str; 10] = [
    "Cargo.lock",
    "src/bundle",
    "src/bundle.rs",
    "src/lexicon.rs",
    "src/text",
    "src/text.rs",
    "src/tokenizer",
    "src/tokenizer.rs",
    "src/translate",
    "src/translate.rs",
];

fn main() {
    println!("cargo:rustc-env=MTALIGN_CODE={:016x}", hash_of(&ALL));
    println!("cargo:rustc-env=MTALIGN_TRANSLATING_CODE={:016x}", hash_of(&TRANSLATING));
    println!("cargo:rerun-if-changed=scripts/build.rs");
    println!("cargo:rerun-if-env-changed=LIBTORCH");
    println!("cargo:rerun-if-env-changed=LIBTORCH_LIB");
    let with_libtorch = env::var_os("CARGO_FEATURE_MARIAN").is_some();
    // The linkers of Linux and macOS take the same words; Windows has no such path in a program.
    let on_unix = env::var_os("CARGO_CFG_UNIX").is_some();
    // The order in which torch-sys looks. Where neither is set, libtorch is the system's, and found there.
    let libtorch = env::var("LIBTORCH_LIB").or_else(|_| env::var("LIBTORCH"));
    if let (true, true, Ok(libtorch)) = (with_libtorch, on_unix, libtorch) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{libtorch}/lib");
    }
}

/// A hash of this code. The lock is not part of every package.
fn hash_of(names: &[&str]) -> u64 {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let mut files = Vec::new();
    for name in names {
        let path = root.join(name);
        if path.exists() {
            println!("cargo:rerun-if-changed={name}");
            collect(&path, &mut files);
        }
    }
    files.sort();
    let mut hash = DefaultHasher::new();
    for path in files {
        path.strip_prefix(&root).unwrap_or(&path).hash(&mut hash);
        fs::read(&path).unwrap_or_default().hash(&mut hash);
    }
    hash.finish()
}

/// Adds the files at and under `path`.
fn collect(path: &Path, files: &mut Vec<PathBuf>) {
    match fs::read_dir(path) {
        Ok(entries) => entries.flatten().for_each(|entry| collect(&entry.path(), files)),
        Err(_) => files.push(path.to_owned()),
    }
}
