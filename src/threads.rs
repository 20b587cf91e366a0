//! Things done side by side: two of them, or the same with each of many items.

use std::{
    cell::Cell,
    panic::resume_unwind,
    sync::{Mutex, PoisonError},
    thread::{self, Builder, ScopedJoinHandle},
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

thread_local! {
    /// The threads that this one may work with, itself included.
    static THREADS: Cell<usize> = const { Cell::new(1) };
}

/// The items that a thread takes at a time. A few microseconds are spent on most of them.
const TAKEN: usize = 16;

/// The fewest items for which another thread is begun: it takes as long to begin as some of them.
const LEAST: usize = 4 * TAKEN;

/// Does `work`, in which [`of_each`] may use so many threads, this one included. Without it there is only this one.
pub(crate) fn with_threads<T>(threads: usize, work: impl FnOnce() -> T) -> T {
    struct Before(usize);
    impl Drop for Before {
        fn drop(&mut self) {
            THREADS.set(self.0);
        }
    }
    let _before = Before(THREADS.replace(threads));
    work()
}

/// What `work` makes of each item, in their order, computed by the threads that [`with_threads`] grants. Where the system
/// refuses them, the work is done by those that there are. A panic of any of them is one here.
pub(crate) fn of_each<I, T: Send>(
    items: impl IntoIterator<IntoIter: ExactSizeIterator<Item = I> + Send>,
    work: impl Fn(I) -> T + Sync,
) -> Vec<T> {
    let items = items.into_iter();
    let threads = if items.len() < LEAST { 1 } else { THREADS.get() };
    of_each_on(threads, items, TAKEN, &work, |_| Builder::new())
}

/// Does what [`of_each`] does with a few items that each take long.
pub(crate) fn of_each_large<I, T: Send>(
    items: impl IntoIterator<IntoIter: ExactSizeIterator<Item = I> + Send>,
    work: impl Fn(I) -> T + Sync,
) -> Vec<T> {
    let items = items.into_iter();
    of_each_on(THREADS.get().min(items.len()), items, 1, &work, |_| Builder::new())
}

fn of_each_on<I, T: Send>(
    threads: usize,
    items: impl ExactSizeIterator<Item = I> + Send,
    taken: usize,
    work: &(impl Fn(I) -> T + Sync),
    thread: impl Fn(usize) -> Builder,
) -> Vec<T> {
    if threads < 2 {
        return items.map(work).collect();
    }
    let mut all = Vec::with_capacity(items.len());
    let queue = Mutex::new(items.enumerate());
    let run = || {
        let mut done = Vec::new();
        loop {
            let next: Vec<_> = queue.lock().unwrap_or_else(PoisonError::into_inner).by_ref().take(taken).collect();
            if next.is_empty() {
                return done;
            }
            done.extend(next.into_iter().map(|(number, item)| (number, work(item))));
        }
    };
    let there = || panic::catch(run);
    thread::scope(|scope| {
        // After one that the system refuses it would refuse others.
        let spawn = |number| thread(number).spawn_scoped(scope, there).ok();
        let others: Vec<ScopedJoinHandle<'_, _>> = (1..threads).map_while(spawn).collect();
        all.extend(run());
        for other in others {
            match other.join().unwrap_or_else(|panic| resume_unwind(panic)) {
                Ok(done) => all.extend(done),
                Err(panic) => panic.resume(),
            }
        }
    });
    all.sort_unstable_by_key(|&(number, _)| number);
    all.into_iter().map(|(_, outcome)| outcome).collect()
}

#[cfg(test)]
mod tests {
    use std::{collections::HashSet, sync::Barrier, thread::ThreadId};

    use super::*;

    fn threads(thread: Builder) -> [ThreadId; 2] {
        let (there, here) = on(thread, || thread::current().id(), || thread::current().id());
        [there.unwrap(), here]
    }

    #[test]
    fn both_are_done_at_the_same_time() {
        let barrier = Barrier::new(2);
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

    #[test]
    fn what_is_made_of_each_stands_in_their_order() {
        for threads in [0, 1, 2, 5] {
            for n in [0, 1, LEAST - 1, LEAST, 1_000] {
                let made = with_threads(threads, || of_each(0..n, |item| item * 3));
                assert_eq!(made, (0..n).map(|item| item * 3).collect::<Vec<_>>(), "{n} on {threads}");
                assert_eq!(with_threads(threads, || of_each_large(0..n, |item| item * 3)), made);
            }
        }
    }

    #[test]
    fn so_many_threads_work_as_are_granted_and_none_of_them_begins_others() {
        let barrier = Barrier::new(3);
        let wait = |_| {
            barrier.wait();
            (thread::current().id(), THREADS.get())
        };
        let (ids, granted): (HashSet<_>, HashSet<_>) =
            with_threads(3, || of_each_large(0..3, wait)).into_iter().unzip();
        assert_eq!(ids.len(), 3);
        assert!(ids.contains(&thread::current().id()));
        assert_eq!(granted, HashSet::from([1, 3]), "this one has what it was granted, the others themselves");
        let alone = of_each(0..1_000, |_| thread::current().id());
        assert!(alone.iter().all(|&id| id == thread::current().id()));
    }

    #[test]
    fn where_the_system_refuses_threads_all_is_done_on_those_that_there_are() {
        let sizes = [0, 1 << 60, 1 << 60];
        for begun in [0, 1] {
            let thread = |number| Builder::new().stack_size(sizes[if number <= begun { 0 } else { number }]);
            let made = of_each_on(3, 0..200, TAKEN, &|item| item + 1, thread);
            assert_eq!(made, (1..201).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_panic_of_any_thread_is_one_here_with_its_words() {
        let fail = |item: usize| assert!(item != 777, "no memory for {item}");
        let caught = panic::catch(|| with_threads(2, || of_each(0..1_000, fail))).unwrap_err();
        assert!(caught.message.contains("no memory for 777"), "{caught}");
        assert_eq!(THREADS.get(), 1, "what was granted has ended");
    }
}
