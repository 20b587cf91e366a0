//! Two things done side by side.

use std::{
    panic::resume_unwind,
    sync::{Mutex, PoisonError},
    thread::{self, Builder},
};

use crate::error::panic::{self, Panic};

/// Does `there` on a thread of its own while `here` is done on this one, and hands back what both come to; a panic of
/// `there` as an error. Where the system refuses a thread, one is done after the other.
pub(crate) fn side_by_side<T: Send, H>(
    there: impl FnOnce() -> T + Send,
    here: impl FnOnce() -> H,
) -> (Result<T, Panic>, H) {
    on(Builder::new(), there, here)
}

fn on<T: Send, H>(
    thread: Builder,
    there: impl FnOnce() -> T + Send,
    here: impl FnOnce() -> H,
) -> (Result<T, Panic>, H) {
    let there = Mutex::new(Some(there));
    let run = || {
        let there = there.lock().unwrap_or_else(PoisonError::into_inner).take();
        there.map(|there| panic::catch(there))
    };
    thread::scope(|scope| {
        let thread = thread.spawn_scoped(scope, run);
        let here = here();
        let done = thread.ok().and_then(|thread| thread.join().unwrap_or_else(|panic| resume_unwind(panic)));
        // A thread that there was has done it.
        let done = done.or_else(run);
        (done.unwrap_or_else(|| unreachable!("it was done neither there nor here")), here)
    })
}

#[cfg(test)]
mod tests {
    use std::thread::ThreadId;

    use super::*;

    fn threads(thread: Builder) -> [ThreadId; 2] {
        let (there, here) = on(thread, || thread::current().id(), || thread::current().id());
        [there.unwrap(), here]
    }

    #[test]
    fn both_are_done_at_the_same_time() {
        let barrier = std::sync::Barrier::new(2);
        let (there, here) = side_by_side(|| barrier.wait(), || barrier.wait());
        assert_ne!(there.unwrap().is_leader(), here.is_leader());
        let [there, here] = threads(Builder::new());
        assert_eq!(here, thread::current().id());
        assert_ne!(there, here);
    }

    #[test]
    fn where_the_system_refuses_a_thread_both_are_done_on_this_one() {
        // No system has room for such a stack.
        assert_eq!(threads(Builder::new().stack_size(1 << 60)), [thread::current().id(); 2]);
    }

    #[test]
    fn a_panic_there_is_an_error_here() {
        let (there, here) = side_by_side(|| panic!("no memory"), || 1);
        let there: Result<(), Panic> = there;
        assert_eq!((there.unwrap_err().message.as_str(), here), ("no memory", 1));
    }
}
