//! Batches handed out to workers in turn, results handed back as they come.

use std::{
    panic::resume_unwind,
    sync::{Mutex, PoisonError, mpsc},
    thread,
};

use crate::error::{Error, Result, panic};

/// Runs `work` over `batches`, one thread for each of `workers`, and calls `done` on this thread with every result.
/// A panic in a worker (libtorch reports failures so) becomes an error; a network is none the worse for it, for `work`
/// cannot change what it works with.
pub(super) fn in_turns<W: Send, T: Send>(
    workers: &mut [W],
    batches: Vec<Vec<usize>>,
    work: impl Fn(&W, &[usize]) -> T + Sync,
    mut done: impl FnMut(Vec<usize>, T),
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
    thread::scope(|scope| {
        let spawn = |worker| {
            let sender = sender.clone();
            scope.spawn(move || panic::catch(|| run(worker, sender)))
        };
        let threads: Vec<_> = workers.iter_mut().map(spawn).collect();
        drop(sender);
        for (batch, result) in results {
            done(batch, result);
        }
        let mut outcome = Ok(());
        for ended in threads.into_iter().map(thread::ScopedJoinHandle::join).collect::<Vec<_>>() {
            let caught = ended.unwrap_or_else(|payload| resume_unwind(payload));
            outcome = caught.map_err(|panic| Error::Translate { source: panic.into() }).and(outcome);
        }
        outcome
    })
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
    fn a_panic_in_a_worker_is_an_error_that_says_why() {
        let work = |(): &(), _: &[usize]| panic!("the shapes differ");
        let error = in_turns(&mut [()], vec![vec![0]], work, |_, ()| ()).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.ends_with("the shapes differ"), "{cause}");
    }
}
