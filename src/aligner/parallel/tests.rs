//! Tests of parallel work: the order of outcomes, how much is under way, panics, and systems without threads.

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

#[test]
fn an_outcome_waits_for_no_item_where_items_come_when_they_like() {
    // Whoever gives the items gives the next one when the outcome of the last is there.
    for count in [1, 2, 4] {
        let outcomes = AtomicUsize::new(0);
        let given = AtomicUsize::new(0);
        let is_there = || outcomes.load(Ordering::SeqCst) == given.load(Ordering::SeqCst);
        let items = (0..50).inspect(|_| {
            assert!(is_there(), "an item is waited for");
            given.fetch_add(1, Ordering::SeqCst);
        });
        in_order_as_they_come(
            items,
            is_there,
            workers(count),
            name,
            || Ok(|item: usize| Ok(item)),
            |outcome| {
                assert_eq!(outcome?, outcomes.fetch_add(1, Ordering::SeqCst));
                Ok(())
            },
        )
        .unwrap();
        assert_eq!(outcomes.into_inner(), 50);
    }
}

#[test]
fn where_the_system_refuses_threads_those_that_there_are_do_the_work() {
    for begun in 0..4 {
        let mut outcomes = Vec::new();
        let made = AtomicUsize::new(0);
        let worker = || {
            made.fetch_add(1, Ordering::SeqCst);
            Ok(|item: usize| Ok(item))
        };
        // No system has room for such a stack.
        let thread = |number| if number < begun { Builder::new() } else { Builder::new().stack_size(1 << 60) };
        let take = |outcome: Result<usize>| {
            outcomes.push(outcome?);
            Ok(())
        };
        in_threads((0..100, || true), workers(4), name, worker, take, thread).unwrap();
        assert_eq!(outcomes, (0..100).collect::<Vec<_>>(), "with {begun} threads");
        assert_eq!(made.into_inner(), begun.max(1));
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
                cause.starts_with("src/aligner/parallel/tests.rs:") && cause.ends_with(&format!(": no {item}")),
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
