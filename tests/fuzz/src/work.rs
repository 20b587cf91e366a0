//! Counted work: loads from memory, which the instrumentation reports, and bytes asked of the allocator. Never time.
//!
//! Reading is what every loop does, so that loads show a step that grows with the square of a text even where nothing
//! is kept. The compiler reports them with `-sanitizer-coverage-trace-loads`, which `scripts/fuzz` sets. What it compiled
//! before, the standard library outside of generic code, reports nothing.

use std::{
    alloc::{GlobalAlloc, Layout, System},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
};

/// Loads since the start. Of two threads that count at once one count may be lost; an exact count would cost more than
/// the work that is counted.
static LOADS: AtomicU64 = AtomicU64::new(0);

/// Bytes asked for since the start.
static BYTES: AtomicU64 = AtomicU64::new(0);

/// The largest single request that is served, in bytes. Nothing that 256 kB of input ask for is as large, and a length
/// that a file only claims is.
const LARGEST_REQUEST: usize = 1 << 30;

#[global_allocator]
static COUNTING: Counting = Counting;

struct Counting;

// Safe, for all is handed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size.saturating_sub(layout.size()));
        unsafe { System.realloc(at, layout, size) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        unsafe { System.dealloc(at, layout) }
    }
}

fn count(size: usize) {
    if size > LARGEST_REQUEST {
        std::process::abort();
    }
    add(&BYTES, size as u64);
}

#[inline(always)]
fn add(counter: &AtomicU64, by: u64) {
    counter.store(counter.load(Relaxed).wrapping_add(by), Relaxed);
}

/// The functions that instrumented code calls before it loads. Functions with names that begin so are not instrumented.
macro_rules! loads {
    ($($name:ident)*) => {$(
        #[unsafe(no_mangle)]
        extern "C" fn $name(_: *const u8) {
            add(&LOADS, 1);
        }
    )*};
}

loads! {
    __sanitizer_cov_load1 __sanitizer_cov_load2 __sanitizer_cov_load4 __sanitizer_cov_load8 __sanitizer_cov_load16
}

/// Work that was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Loads from memory.
    pub loads: u64,
    /// Bytes asked of the allocator.
    pub bytes: u64,
}

/// The work that `task` is.
pub fn of(task: impl FnOnce()) -> Work {
    let (loads, bytes) = (LOADS.load(Relaxed), BYTES.load(Relaxed));
    task();
    Work { loads: LOADS.load(Relaxed) - loads, bytes: BYTES.load(Relaxed) - bytes }
}

/// Sizes of texts, in bytes, each four times the one before.
const SIZES: [usize; 3] = [2 << 10, 8 << 10, 32 << 10];

/// How much more of something four times the text may be. In proportion it is 4 times as much, with a logarithm 4.7, by
/// the square 16.
const MOST: u64 = 7;

/// Work below which nothing is concluded: tables that are made once, a limit that is reached.
const LEAST: Work = Work { loads: 400_000, bytes: 4 << 20 };

/// Does `task` on texts of four and of four times four times the size, which `text` makes, and fails where its work grows
/// with more than the size both times. Once may be a limit at which something else begins.
///
/// # Panics
/// If it grows so, or nothing is counted, for want of instrumentation.
pub fn must_grow_with_size<T>(text: impl Fn(usize) -> T, task: impl Fn(T)) {
    let count = |size: usize| {
        let text = text(size);
        of(|| task(text))
    };
    let [small, middle] = [SIZES[0], SIZES[1]].map(count);
    assert!(middle.loads > 0, "nothing is counted: build with scripts/fuzz");
    let grows = |from: Work, to: Work| {
        let by = |from: u64, to: u64, least: u64| to > least && to > MOST * from;
        (by(from.loads, to.loads, LEAST.loads), by(from.bytes, to.bytes, LEAST.bytes))
    };
    let first = grows(small, middle);
    if first == (false, false) {
        return;
    }
    let large = count(SIZES[2]);
    let second = grows(middle, large);
    assert!(
        !(first.0 && second.0 || first.1 && second.1),
        "more than in proportion to the text of {SIZES:?} bytes: {small:?}, {middle:?}, {large:?}"
    );
}
