//! The journal: a `SQLite` file that holds what memory holds, so that it outlives the process.
//!
//! One thread writes. It takes all changes that have come since its last transaction, from however
//! many requests, and commits them together; each request is answered after the commit that holds
//! its changes. The log is written before `COMMIT` returns, so a killed process loses nothing; with
//! `synchronous = NORMAL` a machine that loses power may lose the last moments, but never the
//! order.

mod restore;
mod statements;

use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::change::Change;
use crate::error::Error;
use crate::refusal::Refusal;
use crate::settings::Millis;
use crate::state::State;
use statements::Statements;

/// The version of the tables in `user_version`; a file of another version is refused.
const VERSION: i64 = 1;

/// Memory for pages of the file, in KiB and negative as `SQLite` wants it: 32 MiB, so that a
/// backlog is deleted from memory.
const CACHE: i64 = -32_768;

/// How long to wait for a process that still has the file open.
const PATIENCE: Duration = Duration::from_secs(5);

/// Pages of 4 KiB in the log before it is copied into the file, which syncs: 64 MiB, so that it
/// happens seldom.
const LOG_PAGES: i64 = 16_384;

/// Changes waiting to be written, and who waits for them.
#[derive(Debug, Default)]
struct Pending {
    changes: Vec<Change>,
    tickets: Vec<oneshot::Sender<()>>,
    /// No more will come.
    is_closed: bool,
    /// A commit has failed: memory is ahead of the file, so nothing more may be promised.
    has_failed: bool,
}

#[derive(Debug, Default)]
struct Desk {
    pending: Mutex<Pending>,
    arrived: Condvar,
}

impl Desk {
    fn lock(&self) -> MutexGuard<'_, Pending> {
        // Nothing panics while it holds this lock; and if it did, the list would still be whole.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open journal. Dropping it writes what is pending and closes the file.
#[derive(Debug)]
pub(crate) struct Journal {
    desk: Arc<Desk>,
    writer: Option<JoinHandle<()>>,
}

/// The promise that changes will be kept.
#[derive(Debug)]
pub(crate) struct Ticket(Option<oneshot::Receiver<()>>);

impl Ticket {
    /// For changes that nobody keeps, or for none.
    pub(crate) fn none() -> Ticket {
        Ticket(None)
    }

    /// Returns once the changes are committed; refused when the journal cannot be written.
    pub(crate) async fn kept(self) -> Result<(), Refusal> {
        match self.0 {
            None => Ok(()),
            Some(committed) => committed.await.map_err(|_| Refusal::not_kept()),
        }
    }
}

impl Journal {
    /// Opens or makes the file, and reads the state that it holds.
    pub(crate) fn open(path: &Path, now: Millis) -> Result<(Journal, State), Error> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(PATIENCE)?;
        // Exclusive: no other process may change what this one holds in memory, and no lock is
        // taken per commit.
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?;
        connection.pragma_update(None, "cache_size", CACHE)?;
        match connection.query_row("PRAGMA user_version", [], |row| row.get(0))? {
            0 => connection.execute_batch(&format!(
                "BEGIN IMMEDIATE; {} PRAGMA user_version = {VERSION}; COMMIT;",
                statements::TABLES
            ))?,
            VERSION => {}
            other => return Err(Error::Version(other)),
        }
        let state = restore::read(&connection, now)?;
        let desk = Arc::new(Desk::default());
        let theirs = desk.clone();
        let writer = std::thread::Builder::new()
            .name("sqs-journal".to_owned())
            .spawn(move || write(&connection, &theirs))?;
        Ok((Journal { desk, writer: Some(writer) }, state))
    }

    /// Hands changes over, in the order of these calls, and leaves the list empty.
    pub(crate) fn submit(&self, changes: &mut Vec<Change>) -> Ticket {
        let (committed, ticket) = oneshot::channel();
        let mut pending = self.desk.lock();
        if pending.has_failed {
            changes.clear();
            return Ticket(Some(ticket));
        }
        pending.changes.append(changes);
        pending.tickets.push(committed);
        let is_first = pending.tickets.len() == 1;
        drop(pending);
        if is_first {
            self.desk.arrived.notify_one();
        }
        Ticket(Some(ticket))
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.desk.lock().is_closed = true;
        self.desk.arrived.notify_one();
        if let Some(writer) = self.writer.take() {
            // A writer that panicked has said so, and its requests were refused.
            let _ = writer.join();
        }
    }
}

/// Refuses everything from here on when the writer ends, for whatever reason: a ticket that is
/// dropped is a refusal.
struct Failing<'a>(&'a Desk);

impl Drop for Failing<'_> {
    fn drop(&mut self) {
        let mut pending = self.0.lock();
        pending.has_failed = true;
        pending.changes.clear();
        pending.tickets.clear();
    }
}

fn write(connection: &Connection, desk: &Desk) {
    let _failing = Failing(desk);
    let mut statements = match Statements::prepare(connection) {
        Ok(statements) => statements,
        Err(error) => return eprintln!("sqs: the journal cannot be written: {error}"),
    };
    let (mut changes, mut tickets) = (Vec::new(), Vec::new());
    loop {
        let mut pending = desk.lock();
        while pending.tickets.is_empty() && !pending.is_closed {
            pending = desk.arrived.wait(pending).unwrap_or_else(PoisonError::into_inner);
        }
        if pending.tickets.is_empty() {
            return;
        }
        std::mem::swap(&mut pending.changes, &mut changes);
        std::mem::swap(&mut pending.tickets, &mut tickets);
        drop(pending);
        if let Err(error) = statements.commit(&changes) {
            return eprintln!("sqs: the journal could not be written: {error}");
        }
        changes.clear();
        for ticket in tickets.drain(..) {
            // The requester may have gone; its changes are kept all the same.
            let _ = ticket.send(());
        }
    }
}

#[cfg(test)]
mod tests;
