//! Memory: how the C library gives back what libtorch frees.
//!
//! As it stands, glibc raises the size from which a buffer is a mapping of its own to the largest that was freed; from then on
//! the buffers of a forward pass, none as long as the one before, are cut out of a heap, of which little is ever whole enough to be
//! given back.

/// Buffers from this size on, in bytes, are mappings of their own, given back once they are freed. From 1 MiB on there are
/// twice as many page faults and little less memory.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const MAPPED: std::ffi::c_int = 4 << 20;

/// So many bytes are kept at the end of the heap.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const KEPT: std::ffi::c_int = 16 << 20;

/// Fixes both sizes, unless the environment has them (`MALLOC_MMAP_THRESHOLD_`).
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn fix() {
    #[allow(unsafe_code, reason = "the C library's function takes two numbers, and none that it refuses")]
    mod c {
        use std::ffi::c_int;

        pub(super) const TRIM_THRESHOLD: c_int = -1;
        pub(super) const MMAP_THRESHOLD: c_int = -3;

        unsafe extern "C" {
            pub(super) safe fn mallopt(parameter: c_int, value: c_int) -> c_int;
        }
    }
    if std::env::var_os("MALLOC_MMAP_THRESHOLD_").is_some() {
        return;
    }
    let is_set = c::mallopt(c::MMAP_THRESHOLD, MAPPED) == 1 && c::mallopt(c::TRIM_THRESHOLD, KEPT) == 1;
    debug_assert!(is_set, "the C library takes both");
}

/// Elsewhere the C library is another one.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn fix() {}
