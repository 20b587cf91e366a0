//! Lets the program find libtorch where the build found it, without `LD_LIBRARY_PATH`.

use std::env;

fn main() {
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
