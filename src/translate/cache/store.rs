//! The store of a cache: one SQLite file, which several processes read and write at once.
//!
//! A call's answers are written in one transaction, so that a process that is killed leaves all of them or none. The
//! time of last use is refreshed at most once a day, so that reading seldom writes. Times of 100,000 records with values of
//! so many bytes, in calls of 1,000, on two cores that others used too:
//!
//! | value | written | looked up | in the file, a record |
//! | --- | --- | --- | --- |
//! | 60 | 2.5 s | 0.27 s | 108 bytes |
//! | 200 | 3.1 s | 0.42 s | 273 bytes |
//! | 600 | 8.8 s | 0.54 s | 798 bytes |
//!
//! A store is opened in half a millisecond, and a single record looked up in a hundredth of one.

use std::{
    collections::HashMap,
    path::Path,
    time::{Duration, Instant},
};

use rusqlite::{Connection, Error as Failure, ErrorCode, OpenFlags, Result, TransactionBehavior::Immediate, params};

use super::record::{Key, Kind};

/// The version of the tables. A store of an older one is emptied; one of a newer one is left alone.
const VERSION: i64 = 1;

/// How long a process waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(5);

/// The pause between two attempts to open a store that another process is making.
const PAUSE: Duration = Duration::from_millis(10);

/// The time after which a use is written down again, in seconds.
const DAY: i64 = 24 * 60 * 60;

/// The records that leave at a time.
const LEAVING: i64 = 1_000;

/// What is written goes into the file once its log has so many pages of 4 KiB; the log is then cut to so many bytes. With
/// SQLite's own 1,000 pages 100,000 records took 4.2 s instead of 3.1.
const LOGGED_PAGES: u64 = 4_000;
const LONGEST_LOG: u64 = LOGGED_PAGES << 12;

/// SQLite's number of the way in which free pages are given back.
const INCREMENTAL: i64 = 2;

const TABLES: &str = "
    DROP TABLE IF EXISTS answers;
    CREATE TABLE answers (
        id INTEGER PRIMARY KEY,
        rest INTEGER NOT NULL,
        kind INTEGER NOT NULL,
        used INTEGER NOT NULL,
        value BLOB NOT NULL
    );
    CREATE INDEX by_use ON answers (used);";

/// An open store.
pub(super) struct Store {
    connection: Connection,
    /// The bytes that the store may take.
    limit: u64,
}

/// A record that was found.
pub(super) struct Found {
    pub(super) value: Vec<u8>,
    /// Whether its use is to be written down.
    pub(super) is_stale: bool,
}

/// The records of one kind: how many, and their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// The number of records.
    pub records: u64,
    /// The bytes of their values.
    pub bytes: u64,
}

/// Why a store is not used.
#[derive(Debug)]
pub(super) enum Refusal {
    /// A later version made it.
    Newer,
    /// SQLite says why.
    Failed(Failure),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl Store {
    /// Opens the store at `path`, and makes it where there is none. `limit` is what it may take, in bytes.
    pub(super) fn open(path: &Path, limit: u64) -> std::result::Result<Self, Refusal> {
        let begun = Instant::now();
        loop {
            match Self::open_now(path, limit) {
                // While another process makes it, SQLite may refuse at once.
                Err(Refusal::Failed(failure)) if is_locked(&failure) && begun.elapsed() < PATIENCE => {
                    std::thread::sleep(PAUSE);
                }
                outcome => return outcome,
            }
        }
    }

    fn open_now(path: &Path, limit: u64) -> std::result::Result<Self, Refusal> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
            | OpenFlags::SQLITE_OPEN_CREATE
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_NOFOLLOW;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.busy_timeout(PATIENCE)?;
        // Pages that fall free can be given back one by one; that is settled before the first is written, and would be
        // written again whenever it is said again.
        if connection.query_row("PRAGMA auto_vacuum", [], |row| row.get::<_, i64>(0))? != INCREMENTAL {
            run(&connection, &format!("PRAGMA auto_vacuum = {INCREMENTAL}"))?;
        }
        run(&connection, "PRAGMA journal_mode = WAL")?;
        // After a loss of power the last calls may be missing, and nothing else.
        run(&connection, "PRAGMA synchronous = NORMAL")?;
        run(&connection, &format!("PRAGMA wal_autocheckpoint = {LOGGED_PAGES}"))?;
        run(&connection, &format!("PRAGMA journal_size_limit = {LONGEST_LOG}"))?;
        let mut store = Self { connection, limit };
        store.prepare_tables()?;
        Ok(store)
    }

    fn prepare_tables(&mut self) -> std::result::Result<(), Refusal> {
        match self.number("PRAGMA user_version")? {
            VERSION => return Ok(()),
            newer if newer > VERSION => return Err(Refusal::Newer),
            _ => {}
        }
        let transaction = self.connection.transaction_with_behavior(Immediate)?;
        // Another process may have been faster.
        if transaction.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0))? < VERSION {
            transaction.execute_batch(TABLES)?;
            transaction.execute_batch(&format!("PRAGMA user_version = {VERSION}"))?;
        }
        Ok(transaction.commit()?)
    }

    /// Looks records up, at the time `now` in seconds; same order as `keys`.
    pub(super) fn find(&mut self, keys: &[Key], now: i64) -> Result<Vec<Option<Found>>> {
        let mut order: Vec<usize> = (0..keys.len()).collect();
        order.sort_unstable_by_key(|&index| keys[index]);
        let mut found: Vec<Option<Found>> = Vec::new();
        found.resize_with(keys.len(), || None);
        let transaction = self.connection.transaction()?;
        {
            let mut look_up = transaction.prepare("SELECT rest, used, value FROM answers WHERE id = ?1")?;
            for index in order {
                let mut rows = look_up.query(params![keys[index].id])?;
                if let Some(row) = rows.next()?
                    && row.get::<_, i64>(0)? == keys[index].rest
                {
                    let age = now.saturating_sub(row.get(1)?);
                    found[index] = Some(Found { value: row.get(2)?, is_stale: !(0..DAY).contains(&age) });
                }
            }
        }
        transaction.commit()?;
        Ok(found)
    }

    /// Writes records, and the use of others, at the time `now` in seconds: all or nothing. Then lets the least recently
    /// used go, if the store takes too much.
    pub(super) fn keep(&mut self, kind: Kind, records: &[(Key, Vec<u8>)], used: &[Key], now: i64) -> Result<()> {
        let mut order: Vec<&(Key, Vec<u8>)> = records.iter().collect();
        order.sort_unstable_by_key(|(key, _)| *key);
        let transaction = self.connection.transaction_with_behavior(Immediate)?;
        {
            let mut insert = transaction
                .prepare("INSERT OR REPLACE INTO answers (id, rest, kind, used, value) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for (key, value) in order {
                insert.execute(params![key.id, key.rest, kind.number(), now, value])?;
            }
            let mut refresh = transaction.prepare("UPDATE answers SET used = ?2 WHERE id = ?1")?;
            for key in used {
                refresh.execute(params![key.id, now])?;
            }
        }
        transaction.commit()?;
        if self.bytes_in_use()? > self.limit {
            self.let_go()?;
        }
        Ok(())
    }

    /// Lets the least recently used records go, until a tenth of the limit is free: so it is seldom done. Others come in
    /// between.
    fn let_go(&mut self) -> Result<()> {
        while self.bytes_in_use()? > self.limit / 10 * 9 {
            let oldest = "DELETE FROM answers WHERE id IN (SELECT id FROM answers ORDER BY used LIMIT ?1)";
            if self.connection.execute(oldest, params![LEAVING])? == 0 {
                break;
            }
        }
        let over = self.pages("page_count")?.saturating_sub(self.limit / self.pages("page_size")?.max(1));
        // Without a number all free pages would go.
        if over > 0 { run(&self.connection, &format!("PRAGMA incremental_vacuum({over})")) } else { Ok(()) }
    }

    /// The records of each kind.
    pub(super) fn counts(&self) -> Result<Vec<(Kind, Count)>> {
        let mut statement =
            self.connection.prepare("SELECT kind, count(*), sum(length(value)) FROM answers GROUP BY kind")?;
        let row = |row: &rusqlite::Row<'_>| {
            let count = |index| row.get::<_, i64>(index).map(i64::unsigned_abs);
            Ok((row.get::<_, u8>(0)?, Count { records: count(1)?, bytes: count(2)? }))
        };
        let known = statement.query_map([], row)?.collect::<Result<HashMap<_, _>>>()?;
        Ok(Kind::ALL.map(|kind| (kind, known.get(&kind.number()).copied().unwrap_or_default())).to_vec())
    }

    /// Removes every record, and gives their pages back.
    pub(super) fn clear(&mut self) -> Result<()> {
        let transaction = self.connection.transaction_with_behavior(Immediate)?;
        transaction.execute("DELETE FROM answers", [])?;
        transaction.commit()?;
        run(&self.connection, "PRAGMA incremental_vacuum")?;
        run(&self.connection, "PRAGMA wal_checkpoint(TRUNCATE)")
    }

    /// The bytes of the pages that hold something.
    fn bytes_in_use(&self) -> Result<u64> {
        Ok((self.pages("page_count")?.saturating_sub(self.pages("freelist_count")?)) * self.pages("page_size")?)
    }

    fn pages(&self, pragma: &str) -> Result<u64> {
        self.number(&format!("PRAGMA {pragma}")).map(i64::unsigned_abs)
    }

    fn number(&self, query: &str) -> Result<i64> {
        self.connection.query_row(query, [], |row| row.get(0))
    }
}

/// Runs a statement to its end, whatever it returns.
fn run(connection: &Connection, statement: &str) -> Result<()> {
    let mut statement = connection.prepare(statement)?;
    let mut rows = statement.query([])?;
    while rows.next()?.is_some() {}
    Ok(())
}

/// Whether another process has the store to itself.
pub(super) fn is_locked(failure: &Failure) -> bool {
    matches!(failure.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Whether the file is no store, or not any more.
pub(super) fn is_damaged(failure: &Failure) -> bool {
    let code = failure.sqlite_error_code();
    // Other columns, or values of other types, than a store has.
    let is_other = matches!(failure, Failure::InvalidColumnType(..) | Failure::FromSqlConversionFailure(..));
    is_other || matches!(code, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown))
}

#[cfg(test)]
mod tests {
    use std::{path::PathBuf, thread};

    use super::*;

    const LIMIT: u64 = 1 << 30;

    /// A new store, with its folder and its path.
    fn opened() -> (tempfile::TempDir, PathBuf, Store) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        let store = Store::open(&path, LIMIT).unwrap();
        (folder, path, store)
    }

    fn key(number: i64) -> Key {
        Key { id: number.wrapping_mul(0x9e37_79b9_7f4a_7c15_u64.cast_signed()), rest: number }
    }

    fn records(numbers: std::ops::Range<i64>) -> Vec<(Key, Vec<u8>)> {
        numbers.map(|number| (key(number), format!("{number}").repeat(40).into_bytes())).collect()
    }

    fn known(store: &mut Store, numbers: std::ops::Range<i64>, now: i64) -> usize {
        let keys: Vec<Key> = numbers.map(key).collect();
        store.find(&keys, now).unwrap().into_iter().flatten().count()
    }

    #[test]
    fn what_was_kept_is_found_by_whoever_opens_the_store_and_nothing_else_is() {
        let (_folder, path, mut store) = opened();
        store.keep(Kind::Tags, &records(0..10), &[], 0).unwrap();
        let mut other = Store::open(&path, LIMIT).unwrap();
        let found = other.find(&[key(3), key(11), Key { rest: 7, ..key(4) }, key(0)], 0).unwrap();
        let values: Vec<_> = found.into_iter().map(|found| found.map(|found| found.value)).collect();
        let record = |number: usize| Some(records(0..10)[number].1.clone());
        assert_eq!(values, [record(3), None, None, record(0)]);
        let counts = store.counts().unwrap();
        assert_eq!(counts[3], (Kind::Tags, Count { records: 10, bytes: 400 }));
        assert_eq!(counts[0], (Kind::Translation, Count::default()));
    }

    #[test]
    fn the_least_recently_used_leave_first_and_the_file_stays_small() {
        let (_folder, path, mut store) = opened();
        store.keep(Kind::Tags, &records(0..10_000), &[], 0).unwrap();
        store.keep(Kind::Tags, &records(10_000..20_000), &[], 1).unwrap();
        let keys: Vec<Key> = (0..5_000).map(key).collect();
        store.keep(Kind::Tags, &[], &keys, 2).unwrap();
        // A store that may take less from now on.
        store.limit = store.bytes_in_use().unwrap() * 3 / 4;
        store.keep(Kind::Tags, &records(20_000..20_001), &[], 3).unwrap();
        assert!(store.bytes_in_use().unwrap() <= store.limit);
        let left = [0..5_000, 5_000..10_000, 10_000..20_000].map(|numbers| known(&mut store, numbers, 3));
        assert_eq!(left[0], 5_000, "used last");
        assert_eq!(left[1], 0, "used first");
        assert!((1..10_000).contains(&left[2]), "{left:?}");
        let limit = store.limit;
        drop(store);
        assert!(path.metadata().unwrap().len() <= limit);
    }

    #[test]
    fn a_use_is_written_down_once_a_day() {
        let (_folder, _, mut store) = opened();
        store.keep(Kind::Forced, &records(0..1), &[], 0).unwrap();
        let is_stale = |store: &mut Store, now| store.find(&[key(0)], now).unwrap()[0].as_ref().unwrap().is_stale;
        assert_eq!([0, DAY - 1, DAY].map(|now| is_stale(&mut store, now)), [false, false, true]);
        store.keep(Kind::Forced, &[], &[key(0)], DAY).unwrap();
        assert_eq!([DAY, 2 * DAY - 1].map(|now| is_stale(&mut store, now)), [false, false]);
        // A clock that was set back is no reason to keep it for ever.
        assert!(is_stale(&mut store, -1));
    }

    #[test]
    fn a_cleared_store_is_empty_and_its_file_small() {
        let (_folder, path, mut store) = opened();
        store.keep(Kind::Forced, &records(0..10_000), &[], 0).unwrap();
        store.clear().unwrap();
        assert_eq!(known(&mut store, 0..10_000, 0), 0);
        assert!(path.metadata().unwrap().len() < 100_000);
        store.keep(Kind::Forced, &records(0..10), &[], 0).unwrap();
        assert_eq!(known(&mut store, 0..10, 0), 10);
    }

    #[test]
    fn several_make_one_store_and_write_to_it_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("store");
        thread::scope(|scope| {
            for writer in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    let mut store = Store::open(path, LIMIT).unwrap();
                    for call in 0..20 {
                        // Half of the records are written by two.
                        let first = writer * 1_000 + call * 100;
                        store.keep(Kind::Forced, &records(first..first + 100), &[], 0).unwrap();
                        assert_eq!(known(&mut store, first..first + 100, 0), 100);
                    }
                });
            }
        });
        let mut store = Store::open(&path, LIMIT).unwrap();
        assert_eq!(known(&mut store, 0..5_000, 0), 5_000);
    }

    #[test]
    fn a_store_of_a_later_version_is_left_alone_and_one_of_an_earlier_emptied() {
        let (_folder, path, mut store) = opened();
        store.keep(Kind::Forced, &records(0..10), &[], 0).unwrap();
        run(&store.connection, &format!("PRAGMA user_version = {}", VERSION + 1)).unwrap();
        assert!(matches!(Store::open(&path, LIMIT), Err(Refusal::Newer)));
        run(&store.connection, &format!("PRAGMA user_version = {}", VERSION - 1)).unwrap();
        assert_eq!(known(&mut Store::open(&path, LIMIT).unwrap(), 0..10, 0), 0);
    }
}
