//! Parallel work on a stream of items: outcomes come in the order of the items, in memory that does not grow with
//! their number.
//!
//! ```text
//!  items ─▶ one at a time, while few are under way ─▶ workers ─▶ outcomes wait for those before them ─▶ done
//! ```
//! At any time at most four items a worker (`UNDER_WAY`) are read and not yet handed to `done`, be they waiting for a
//! worker, worked on, or waiting for a slower one before them. A single worker runs where it is called, one item
//! after another: what several do differs from it in time alone. Where the system refuses threads, the work goes on with
//! those that there are, or in the calling one.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread::{self, Builder},
    time::Duration,
};

use crate::error::{Result, panic};

/// Items under way for each worker. More keep the others busy for longer while one works on a large item, and take more
/// memory.
const UNDER_WAY: usize = 4;

/// Works on `items` with `workers` workers, and hands the outcomes to `done` in the order of the items.
///
/// `worker` makes a worker, in the thread that it will stay in: so each has whatever it works with for itself, be it
/// bound to a thread or not. Items are asked for, and outcomes handed over, in the calling thread. The first error of
/// `worker` or `done` ends the work; what was begun is finished first, and forgotten. A panic over an item is that
/// item's error, with what `name` calls it, and the worker is made anew.
pub fn in_order<I, O, W>(
    items: impl Iterator<Item = I>,
    workers: NonZeroUsize,
    name: impl Fn(&I) -> String + Sync,
    worker: impl Fn() -> Result<W> + Sync,
    done: impl FnMut(Result<O>) -> Result<()>,
) -> Result<()>
where
    I: Send,
    O: Send,
    W: FnMut(I) -> Result<O>,
{
    in_order_as_they_come(items, || true, workers, name, worker, done)
}

/// Does what [`in_order`] does with items that come when they like: while something is under way, one is asked for only
/// where it would come at once, as `is_there` says. So no outcome waits for an item.
pub fn in_order_as_they_come<I, O, W>(
    items: impl Iterator<Item = I>,
    is_there: impl Fn() -> bool,
    workers: NonZeroUsize,
    name: impl Fn(&I) -> String + Sync,
    worker: impl Fn() -> Result<W> + Sync,
    done: impl FnMut(Result<O>) -> Result<()>,
) -> Result<()>
where
    I: Send,
    O: Send,
    W: FnMut(I) -> Result<O>,
{
    in_threads((items, is_there), workers, name, worker, done, |_| Builder::new())
}

/// Does what [`in_order`] does, where `thread` builds the thread of the worker of that number.
fn in_threads<I, O, W>(
    (items, is_there): (impl Iterator<Item = I>, impl Fn() -> bool),
    workers: NonZeroUsize,
    name: impl Fn(&I) -> String + Sync,
    worker: impl Fn() -> Result<W> + Sync,
    mut done: impl FnMut(Result<O>) -> Result<()>,
    thread: impl Fn(usize) -> Builder,
) -> Result<()>
where
    I: Send,
    O: Send,
    W: FnMut(I) -> Result<O>,
{
    if workers.get() == 1 {
        return one_by_one(items, name, worker, done);
    }
    let (give, given) = mpsc::channel();
    let given = Mutex::new(given);
    let (name, worker, given) = (&name, &worker, &given);
    thread::scope(|scope| {
        // Owned here, so that the workers end with whatever ends this.
        let give = give;
        let (ready, are_ready) = mpsc::channel();
        let (finish, finished) = mpsc::channel();
        let begins = |&number: &usize| {
            let (ready, finish) = (ready.clone(), finish.clone());
            thread(number).spawn_scoped(scope, move || run(name, worker, &ready, given, &finish)).is_ok()
        };
        // After one that the system refuses it would refuse others.
        let threads = (0..workers.get()).take_while(begins).count();
        drop((ready, finish));
        if threads == 0 {
            return one_by_one(items, name, worker, done);
        }
        // One that panicked says nothing; the scope hands its panic on.
        are_ready.iter().take(threads).collect::<Result<()>>()?;
        let most = UNDER_WAY * threads;
        hand_out((items, is_there), most, &give, &finished, &mut done)
    })
}

/// Works on `items` with one worker in the calling thread, which it may be bound to; otherwise as [`in_order`] does.
pub fn one_by_one<I, O, W: FnMut(I) -> Result<O>>(
    items: impl Iterator<Item = I>,
    name: impl Fn(&I) -> String,
    worker: impl Fn() -> Result<W>,
    mut done: impl FnMut(Result<O>) -> Result<()>,
) -> Result<()> {
    let mut place = Place::filled(name, worker)?;
    for item in items {
        done(place.work_on(item)?)?;
    }
    Ok(())
}

/// A worker's slot, which is filled again after a panic.
struct Place<N, M, W> {
    name: N,
    make: M,
    worker: Option<W>,
}

impl<N, M, W> Place<N, M, W> {
    fn filled(name: N, make: M) -> Result<Self>
    where
        M: Fn() -> Result<W>,
    {
        let worker = Some(make()?);
        Ok(Self { name, make, worker })
    }

    /// The outcome of an item, which may be a panic over it. Fails if the worker after one that panicked cannot be
    /// made.
    fn work_on<I, O>(&mut self, item: I) -> Result<Result<O>>
    where
        N: Fn(&I) -> String,
        M: Fn() -> Result<W>,
        W: FnMut(I) -> Result<O>,
    {
        let name = (self.name)(&item);
        // Taken out, so that it is dropped where it panics: what it works with may be left half changed.
        let former = self.worker.take();
        let (make, place) = (&self.make, &mut self.worker);
        let outcome = panic::catch(|| {
            let mut worker = former.map_or_else(make, Ok)?;
            let outcome = worker(item);
            *place = Some(worker);
            Ok(outcome)
        });
        outcome.unwrap_or_else(|panic| Ok(Err(panic.over(&name))))
    }
}

/// A worker's message: the number of an item, and the outcome; or that it cannot go on.
type Finished<O> = (usize, Result<Result<O>>);

/// The loop of a worker's thread, which ends when there are no more items.
fn run<I, O, W: FnMut(I) -> Result<O>>(
    name: impl Fn(&I) -> String,
    worker: impl Fn() -> Result<W>,
    ready: &Sender<Result<()>>,
    given: &Mutex<Receiver<(usize, I)>>,
    finish: &Sender<Finished<O>>,
) {
    let mut place = match Place::filled(name, worker) {
        Ok(place) => place,
        Err(error) => {
            // Where nobody listens any more, another worker has failed before.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let _ = ready.send(Ok(()));
    loop {
        let next = given.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((number, item)) = next else { return };
        if finish.send((number, place.work_on(item))).is_err() {
            return;
        }
    }
}

/// How long an outcome is waited for until it is asked again whether an item came.
const PAUSE: Duration = Duration::from_millis(2);

/// Hands items to the workers and their outcomes to `done`, in order, with at most `most` items under way.
fn hand_out<I, O>(
    (items, is_there): (impl Iterator<Item = I>, impl Fn() -> bool),
    most: usize,
    give: &Sender<(usize, I)>,
    finished: &Receiver<Finished<O>>,
    done: &mut impl FnMut(Result<O>) -> Result<()>,
) -> Result<()> {
    let mut items = items.enumerate();
    let mut early = BTreeMap::new();
    let (mut given, mut handed_over, mut has_ended) = (0, 0, false);
    loop {
        while !has_ended && given - handed_over < most && (given == handed_over || is_there()) {
            has_ended = items.next().is_none_or(|item| give.send(item).is_err());
            given += usize::from(!has_ended);
        }
        if given == handed_over {
            return Ok(());
        }
        let is_full = has_ended || given - handed_over == most;
        let pause = if is_full { Duration::MAX } else { PAUSE };
        match finished.recv_timeout(pause) {
            Ok((number, outcome)) => early.insert(number, outcome),
            Err(RecvTimeoutError::Timeout) => continue,
            // Without workers no outcome comes; that they ended before is a panic, which the scope hands on.
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        while let Some(outcome) = early.remove(&handed_over) {
            handed_over += 1;
            done(outcome?)?;
        }
    }
}

#[cfg(test)]
mod tests;
