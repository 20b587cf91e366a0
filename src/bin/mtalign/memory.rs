//! Memory: how the C library gives back what is freed.
//!
//! As it stands, glibc raises the size from which a buffer is a mapping of its own to the largest that was freed; from then on
//! the buffers of a forward pass, none as long as the one before, are cut out of a heap, of which little is ever whole enough to be
//! given back. And each worker has a heap of its own, where what stays lies between what went.

/// Fixes that size, and how much is kept at the end of a heap, and gives back what is free in the heaps from time to time,
/// unless the environment says how (`MALLOC_MMAP_THRESHOLD_`). Other C libraries are left as they are.
pub(crate) fn fix() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    glibc::fix();
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod glibc {
    use std::{
        env,
        ffi::c_int,
        fs,
        thread::{self, Builder},
        time::Duration,
    };

    /// Buffers from this size on, in bytes, are mappings of their own, given back once they are freed. From 1 MiB on there
    /// are twice as many page faults and little less memory.
    const MAPPED: c_int = 4 << 20;

    /// So many bytes are kept at the end of a heap.
    const KEPT: c_int = 16 << 20;

    /// How often it is looked at how much memory is in use.
    const PAUSE: Duration = Duration::from_millis(500);

    /// What is free is given back when so many pages more are in use than after the last time. It takes some 20 ms, and a
    /// part is soon asked for again: with 12,000 it cost a fortieth of the time of a long document.
    const GROWN: u64 = 20_000;

    const TRIM_THRESHOLD: c_int = -1;
    const MMAP_THRESHOLD: c_int = -3;

    #[allow(unsafe_code, reason = "the C library's functions take numbers, and none that they refuse")]
    unsafe extern "C" {
        safe fn mallopt(parameter: c_int, value: c_int) -> c_int;
        safe fn malloc_trim(kept: usize) -> c_int;
    }

    pub(super) fn fix() {
        if env::var_os("MALLOC_MMAP_THRESHOLD_").is_some() {
            return;
        }
        let is_set = mallopt(MMAP_THRESHOLD, MAPPED) == 1 && mallopt(TRIM_THRESHOLD, KEPT) == 1;
        debug_assert!(is_set, "the C library takes both");
        // Without the thread there is only more memory in use.
        let _ = Builder::new().name("memory".to_owned()).spawn(|| {
            let mut least = u64::MAX;
            while let Some(pages) = pages_in_use() {
                least = least.min(pages);
                if pages > least + GROWN {
                    malloc_trim(0);
                    least = pages_in_use().unwrap_or(pages);
                }
                thread::sleep(PAUSE);
            }
        });
    }

    /// The number of pages of memory that the process has in use, where the system tells.
    fn pages_in_use() -> Option<u64> {
        fs::read_to_string("/proc/self/statm").ok()?.split(' ').nth(1)?.parse().ok()
    }
}
