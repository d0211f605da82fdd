//! The journal's tables, and how a change becomes rows.
//!
//! What a receive changes has a table of its own with short rows: to hide ten messages rewrites one
//! page, not the ten bodies.

use rusqlite::{Connection, Result, Statement, params};
use serde::{Deserialize, Serialize};

use crate::change::Change;
use crate::content::{Attributes, Content};
use crate::seen::MEMORY;
use crate::settings::Millis;

/// The tables of version 1. Times are milliseconds since the Unix epoch.
pub(super) const TABLES: &str = "
CREATE TABLE queue (
    number INTEGER PRIMARY KEY, name TEXT NOT NULL, created INTEGER NOT NULL, modified INTEGER NOT NULL,
    settings TEXT NOT NULL, tags TEXT NOT NULL
);
CREATE TABLE message (
    sequence INTEGER PRIMARY KEY, queue INTEGER NOT NULL, sent_at INTEGER NOT NULL, visible_at INTEGER NOT NULL,
    id TEXT NOT NULL, size INTEGER NOT NULL, message_group TEXT, source TEXT, extras TEXT, body TEXT NOT NULL
);
CREATE TABLE hiding (
    sequence INTEGER PRIMARY KEY, receives INTEGER NOT NULL, first_received INTEGER NOT NULL,
    received_at INTEGER NOT NULL, visible_at INTEGER NOT NULL
);
CREATE TABLE seen (
    queue INTEGER NOT NULL, id TEXT NOT NULL, message_id TEXT NOT NULL, sequence INTEGER NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (queue, id)
) WITHOUT ROWID;
CREATE INDEX seen_by_age ON seen (at);
";

/// The parts of a message that few messages have, as JSON in one column.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Extras {
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub(super) attributes: Attributes,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) deduplication: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
}

/// The writer's statements, prepared once.
pub(super) struct Statements<'connection> {
    begin: Statement<'connection>,
    commit: Statement<'connection>,
    queue: Statement<'connection>,
    no_queue: Statement<'connection>,
    no_hidings: Statement<'connection>,
    no_messages: Statement<'connection>,
    forget_queue: Statement<'connection>,
    sent: Statement<'connection>,
    hidden: Statement<'connection>,
    moved: Statement<'connection>,
    deleted: Statement<'connection>,
    shown: Statement<'connection>,
    seen: Statement<'connection>,
    forget: Statement<'connection>,
}

impl<'connection> Statements<'connection> {
    pub(super) fn prepare(connection: &'connection Connection) -> Result<Self> {
        Ok(Statements {
            begin: connection.prepare("BEGIN IMMEDIATE")?,
            commit: connection.prepare("COMMIT")?,
            queue: connection.prepare("INSERT OR REPLACE INTO queue VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?,
            no_queue: connection.prepare("DELETE FROM queue WHERE number = ?1")?,
            no_hidings: connection
                .prepare("DELETE FROM hiding WHERE sequence IN (SELECT sequence FROM message WHERE queue = ?1)")?,
            no_messages: connection.prepare("DELETE FROM message WHERE queue = ?1")?,
            forget_queue: connection.prepare("DELETE FROM seen WHERE queue = ?1")?,
            sent: connection.prepare("INSERT INTO message VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, NULL, ?8, ?9)")?,
            hidden: connection.prepare("INSERT OR REPLACE INTO hiding VALUES (?1, ?2, ?3, ?4, ?5)")?,
            moved: connection.prepare("UPDATE message SET queue = ?2, source = ?3 WHERE sequence = ?1")?,
            deleted: connection.prepare("DELETE FROM message WHERE sequence = ?1")?,
            shown: connection.prepare("DELETE FROM hiding WHERE sequence = ?1")?,
            seen: connection.prepare("INSERT OR REPLACE INTO seen VALUES (?1, ?2, ?3, ?4, ?5)")?,
            forget: connection.prepare("DELETE FROM seen WHERE at <= ?1")?,
        })
    }

    /// Writes these changes in one transaction.
    pub(super) fn commit(&mut self, changes: &[Change]) -> Result<()> {
        self.begin.execute([])?;
        for change in changes {
            self.write(change)?;
        }
        self.commit.execute([])?;
        Ok(())
    }

    fn write(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::Sent { sequence, queue, sent_at, visible_at, content } => {
                self.send(*sequence, *queue, (*sent_at, *visible_at), content)?;
            }
            Change::Hidden { sequence, receives, first_received, received_at, visible_at } => {
                self.hidden.execute(params![
                    sequence,
                    receives,
                    first_received,
                    received_at,
                    visible_at
                ])?;
            }
            Change::Deleted { sequence } => {
                self.deleted.execute([sequence])?;
                self.shown.execute([sequence])?;
            }
            Change::Moved { sequence, queue, source } => {
                self.moved.execute(params![sequence, queue, source])?;
            }
            Change::Seen { queue, id, message_id, sequence, at } => {
                self.forget.execute([at.saturating_sub(MEMORY)])?;
                self.seen.execute(params![queue, id, message_id, sequence, at])?;
            }
            Change::Queue { .. } | Change::NoQueue { .. } | Change::Purged { .. } => {
                self.write_queue(change)?;
            }
        }
        Ok(())
    }

    /// Writes a change to a queue as a whole.
    fn write_queue(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::Queue { queue, name, created, modified, settings, tags } => {
                self.queue.execute(params![queue, name, created, modified, settings, tags])?;
            }
            Change::NoQueue { queue } => {
                self.purge(*queue)?;
                self.forget_queue.execute([queue])?;
                self.no_queue.execute([queue])?;
            }
            Change::Purged { queue } => self.purge(*queue)?,
            // Messages have rows of their own.
            _ => {}
        }
        Ok(())
    }

    fn send(
        &mut self,
        sequence: u64,
        queue: u64,
        (sent_at, visible_at): (Millis, Millis),
        content: &Content,
    ) -> Result<()> {
        let Content { attributes, deduplication, trace, .. } = content;
        let has_extras = !attributes.is_empty() || deduplication.is_some() || trace.is_some();
        let extras = has_extras.then(|| {
            let extras = Extras {
                attributes: attributes.clone(),
                deduplication: deduplication.clone(),
                trace: trace.clone(),
            };
            serde_json::to_string(&extras).expect("texts are JSON")
        });
        let group = content.group.as_deref();
        self.sent.execute(params![
            sequence,
            queue,
            sent_at,
            visible_at,
            content.id,
            content.size,
            group,
            extras,
            content.body
        ])?;
        Ok(())
    }

    fn purge(&mut self, queue: u64) -> Result<()> {
        self.no_hidings.execute([queue])?;
        self.no_messages.execute([queue])?;
        Ok(())
    }
}
