//! Batches handed out to workers in turn, results handed back as they come.

use std::{
    panic::resume_unwind,
    sync::{Mutex, PoisonError, mpsc},
    thread::{self, Builder},
};

use crate::error::{Error, Result, panic};

/// Runs `work` over `batches`, one thread for each of `workers`, and calls `done` on this thread with every result.
/// A panic in a worker (libtorch reports failures so) becomes an error; a network is none the worse for it, for `work`
/// cannot change what it works with. Where the system refuses threads, the work goes on with those that there are, or
/// here.
pub(super) fn in_turns<W: Send, T: Send>(
    workers: &mut [W],
    batches: Vec<Vec<usize>>,
    work: impl Fn(&W, &[usize]) -> T + Sync,
    done: impl FnMut(Vec<usize>, T),
) -> Result<()> {
    in_threads(workers, batches, work, done, |_| Builder::new())
}

/// Does what [`in_turns`] does, where `thread` builds the thread of the worker of that number.
fn in_threads<W: Send, T: Send>(
    workers: &mut [W],
    batches: Vec<Vec<usize>>,
    work: impl Fn(&W, &[usize]) -> T + Sync,
    mut done: impl FnMut(Vec<usize>, T),
    thread: impl Fn(usize) -> Builder,
) -> Result<()> {
    let queue = Mutex::new(batches.into_iter());
    let (sender, results) = mpsc::channel();
    let run = |worker: &mut W, sender: mpsc::Sender<_>| {
        loop {
            let next = queue.lock().unwrap_or_else(PoisonError::into_inner).next();
            let Some(batch) = next else { return };
            let result = work(worker, &batch);
            if sender.send((batch, result)).is_err() {
                return;
            }
        }
    };
    let run = &run;
    let failed = |panic: panic::Panic| Error::Translate { source: panic.into() };
    thread::scope(|scope| {
        let spawn = |(number, worker)| {
            let sender = sender.clone();
            // After one that the system refuses it would refuse others.
            thread(number).spawn_scoped(scope, move || panic::catch(|| run(worker, sender))).ok()
        };
        let threads: Vec<_> = workers.iter_mut().enumerate().map_while(spawn).collect();
        drop(sender);
        for (batch, result) in results {
            done(batch, result);
        }
        let mut outcome = Ok(());
        for ended in threads.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>() {
            let caught = ended.unwrap_or_else(|payload| resume_unwind(payload));
            outcome = caught.map_err(failed).and(outcome);
        }
        outcome
    })?;
    // What is left is all of it, and there was no thread.
    let Some(worker) = workers.first() else { return Ok(()) };
    for batch in queue.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let result = panic::catch(|| work(worker, &batch)).map_err(failed)?;
        done(batch, result);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_batch_is_worked_on_once() {
        let batches = (0..20).map(|number| vec![number, number + 100]).collect();
        let mut seen = Vec::new();
        in_turns(&mut [1, 2, 3], batches, |_, batch| batch[0] * 2, |batch, result| seen.push((batch[0], result)))
            .unwrap();
        seen.sort_unstable();
        assert_eq!(seen, (0..20).map(|number| (number, number * 2)).collect::<Vec<_>>());
    }

    #[test]
    fn where_the_system_refuses_threads_those_that_there_are_do_the_work() {
        for begun in 0..3 {
            let batches = (0..20).map(|number| vec![number]).collect();
            let mut seen = Vec::new();
            // No system has room for such a stack.
            let thread = |number| if number < begun { Builder::new() } else { Builder::new().stack_size(1 << 60) };
            let done = |batch: Vec<usize>, result| seen.push((batch[0], result));
            in_threads(&mut [1, 2, 3], batches, |_, batch| batch[0] * 2, done, thread).unwrap();
            seen.sort_unstable();
            assert_eq!(seen, (0..20).map(|number| (number, number * 2)).collect::<Vec<_>>(), "with {begun} threads");
        }
        let refused = |_| Builder::new().stack_size(1 << 60);
        let work = |(): &(), _: &[usize]| panic!("the shapes differ");
        assert!(in_threads(&mut [()], vec![vec![0]], work, |_, ()| (), refused).is_err());
    }

    #[test]
    fn a_panic_in_a_worker_is_an_error_that_says_why() {
        let work = |(): &(), _: &[usize]| panic!("the shapes differ");
        let error = in_turns(&mut [()], vec![vec![0]], work, |_, ()| ()).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.ends_with("the shapes differ"), "{cause}");
    }
}
