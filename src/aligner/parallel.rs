//! Parallel work on a stream of items: outcomes come in the order of the items, in memory that does not grow with
//! their number.
//!
//! ```text
//!  items ─▶ one at a time, while few are under way ─▶ workers ─▶ outcomes wait for those before them ─▶ done
//! ```
//! At any time at most four items a worker (`UNDER_WAY`) are read and not yet handed to `done`, be they waiting for a
//! worker, worked on, or waiting for a slower one before them. A single worker runs where it is called, one item
//! after another: what several do differs from it in time alone.

use std::{
    collections::BTreeMap,
    num::NonZeroUsize,
    sync::{
        Mutex, PoisonError,
        mpsc::{self, Receiver, Sender},
    },
    thread,
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
    mut done: impl FnMut(Result<O>) -> Result<()>,
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
        for _ in 0..workers.get() {
            let (ready, finish) = (ready.clone(), finish.clone());
            scope.spawn(move || run(name, worker, &ready, given, &finish));
        }
        drop((ready, finish));
        // One that panicked says nothing; the scope hands its panic on.
        are_ready.iter().take(workers.get()).collect::<Result<()>>()?;
        let most = UNDER_WAY * workers.get();
        hand_out(items, most, &give, &finished, &mut done)
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

/// Hands items to the workers and their outcomes to `done`, in order, with at most `most` items under way.
fn hand_out<I, O>(
    items: impl Iterator<Item = I>,
    most: usize,
    give: &Sender<(usize, I)>,
    finished: &Receiver<Finished<O>>,
    done: &mut impl FnMut(Result<O>) -> Result<()>,
) -> Result<()> {
    let mut items = items.enumerate().fuse();
    let mut early = BTreeMap::new();
    let (mut given, mut handed_over) = (0, 0);
    loop {
        while given - handed_over < most
            && let Some(item) = items.next()
            && give.send(item).is_ok()
        {
            given += 1;
        }
        if given == handed_over {
            return Ok(());
        }
        // Without workers no outcome comes; that they ended before is a panic, which the scope hands on.
        let Ok((number, outcome)) = finished.recv() else { return Ok(()) };
        early.insert(number, outcome);
        while let Some(outcome) = early.remove(&handed_over) {
            handed_over += 1;
            done(outcome?)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        error::Error as _,
        io,
        sync::{
            Condvar,
            atomic::{AtomicUsize, Ordering},
        },
    };

    use super::*;
    use crate::error::Error;

    fn workers(count: usize) -> NonZeroUsize {
        NonZeroUsize::new(count).unwrap()
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the form that `in_order` wants")]
    fn name(item: &usize) -> String {
        format!("item {item}")
    }

    fn failure() -> Error {
        Error::Read { path: "item".to_owned(), source: io::ErrorKind::NotFound.into() }
    }

    #[test]
    fn outcomes_come_in_the_order_of_the_items_however_many_workers() {
        for count in [1, 2, 4, 9] {
            for items in [0, 1, 3, 200] {
                let mut outcomes = Vec::new();
                let worker = || Ok(|item: usize| Ok((0..item % 7 * 1_000).fold(item, |sum, _| sum + 1)));
                in_order(0..items, workers(count), name, worker, |outcome| {
                    outcomes.push(outcome?);
                    Ok(())
                })
                .unwrap();
                let expected: Vec<usize> = (0..items).map(|item| item + item % 7 * 1_000).collect();
                assert_eq!(outcomes, expected, "{items} items, {count} workers");
            }
        }
    }

    /// The first item is worked on until as many others are finished as ever can be while it is.
    #[test]
    fn while_a_slow_item_is_worked_on_only_few_others_are_read() {
        let most = 2 * UNDER_WAY;
        let finished = (Mutex::new(0), Condvar::new());
        let (finished, read) = (&finished, AtomicUsize::new(0));
        let items = (0..1_000).inspect(|_| {
            read.fetch_add(1, Ordering::SeqCst);
        });
        let mut handed_over = 0;
        let worker = || {
            Ok(move |item: usize| {
                let (count, changed) = finished;
                if item == 0 {
                    drop(changed.wait_while(count.lock().unwrap(), |count| *count < most - 1).unwrap());
                } else {
                    *count.lock().unwrap() += 1;
                    changed.notify_all();
                }
                Ok(item)
            })
        };
        in_order(items, workers(2), name, worker, |_| {
            let under_way = read.load(Ordering::SeqCst) - handed_over;
            assert!(under_way <= most, "{under_way} items under way");
            handed_over += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(handed_over, 1_000);
    }

    #[test]
    fn a_worker_that_cannot_be_made_ends_the_work_before_it_begins() {
        for count in [1, 4] {
            let mut done = 0;
            let made = AtomicUsize::new(0);
            let worker = || {
                let is_last = made.fetch_add(1, Ordering::SeqCst) + 1 == count;
                if is_last { Err(failure()) } else { Ok(|item: usize| Ok(item)) }
            };
            let outcome = in_order(0..9, workers(count), name, worker, |_| {
                done += 1;
                Ok(())
            });
            assert_eq!((outcome.unwrap_err().to_string(), done), ("cannot read `item`".to_owned(), 0));
        }
    }

    #[test]
    fn an_outcome_that_cannot_be_written_ends_the_work() {
        for count in [1, 4] {
            let mut done = 0;
            let outcome = in_order(
                0..,
                workers(count),
                name,
                || Ok(|item: usize| Ok(item)),
                |item| {
                    done += 1;
                    if item? == 5 { Err(failure()) } else { Ok(()) }
                },
            );
            assert!(outcome.is_err());
            assert_eq!(done, 6);
        }
    }

    /// A worker that is not itself any more once it has panicked, over every item of which the last digit is 5.
    fn delicate(made: &AtomicUsize) -> impl Fn() -> Result<Box<dyn FnMut(usize) -> Result<usize>>> + Sync {
        move || {
            made.fetch_add(1, Ordering::SeqCst);
            let mut is_whole = true;
            Ok(Box::new(move |item| {
                assert!(is_whole, "a worker was used after its panic");
                is_whole = false;
                assert!(item % 10 != 5, "no {item}\x07");
                is_whole = true;
                Ok(item)
            }))
        }
    }

    #[test]
    fn a_panic_over_an_item_is_its_error_and_the_worker_is_made_anew() {
        panic::hold_back();
        for count in [1, 4] {
            let made = AtomicUsize::new(0);
            let mut outcomes = Vec::new();
            in_order(0..100, workers(count), name, delicate(&made), |outcome| {
                outcomes.push(outcome.map_err(|error| (error.to_string(), error.source().unwrap().to_string())));
                Ok(())
            })
            .unwrap();
            assert_eq!(outcomes.len(), 100);
            for (item, outcome) in outcomes.into_iter().enumerate() {
                let Err((error, cause)) = outcome else {
                    assert!(item % 10 != 5);
                    continue;
                };
                assert_eq!(error, format!("cannot finish `item {item}`: this is a fault of the program"));
                assert!(
                    cause.starts_with("src/aligner/parallel.rs:") && cause.ends_with(&format!(": no {item}")),
                    "{cause}"
                );
            }
            // One that panicked over its last item need not be replaced.
            let made = made.load(Ordering::SeqCst);
            assert!((count + 6..=count + 10).contains(&made), "{made} workers were made in {count} places");
        }
    }

    #[test]
    fn a_worker_that_cannot_be_made_anew_ends_the_work() {
        for count in [1, 4] {
            let made = AtomicUsize::new(0);
            let worker = || {
                if made.fetch_add(1, Ordering::SeqCst) >= count {
                    return Err(failure());
                }
                Ok(|item: usize| if item == 5 { panic!("five") } else { Ok(item) })
            };
            let outcome = in_order(0.., workers(count), name, worker, |_| Ok(()));
            assert_eq!(outcome.unwrap_err().to_string(), "cannot read `item`", "{count} workers");
        }
    }

    #[test]
    fn a_panic_while_a_worker_is_made_anew_is_the_error_of_that_item() {
        for count in [1, 4] {
            let made = AtomicUsize::new(0);
            let worker = || {
                assert!(made.fetch_add(1, Ordering::SeqCst) != count, "not now");
                Ok(|item: usize| if item == 5 { panic!("five") } else { Ok(item) })
            };
            let mut failed = 0;
            in_order(0..100, workers(count), name, worker, |outcome| {
                failed += usize::from(outcome.is_err());
                Ok(())
            })
            .unwrap();
            assert!((1..=2).contains(&failed), "{failed} items failed with {count} workers");
        }
    }
}
