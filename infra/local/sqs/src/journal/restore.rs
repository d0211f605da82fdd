//! Reading the state back from the journal.

use std::collections::HashMap;
use std::sync::Arc;

use rusqlite::{Connection, Row};

use super::statements::Extras;
use crate::content::{Content, Draft};
use crate::error::Error;
use crate::message::Message;
use crate::queue::Queue;
use crate::seen::Taken;
use crate::settings::{Millis, Settings, Texts};
use crate::state::State;

/// Reads the whole state. What became visible in the meantime is visible.
pub(super) fn read(connection: &Connection, now: Millis) -> Result<State, Error> {
    let latest = connection.query_row(
        "SELECT max(coalesce((SELECT max(sequence) FROM message), 0), coalesce((SELECT max(number) FROM queue), 0))",
        [],
        |row| row.get(0),
    )?;
    let mut state = State::new(now, latest);
    let names = queues(connection, &mut state)?;
    let mut statement = connection.prepare(
        "SELECT sequence, queue, sent_at, max(message.visible_at, coalesce(hiding.visible_at, 0)) AS visible_at, id, size, \
         message_group, source, extras, body, coalesce(receives, 0) AS receives, \
         coalesce(first_received, 0) AS first_received, coalesce(received_at, 0) AS received_at \
         FROM message LEFT JOIN hiding USING (sequence) ORDER BY sequence",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let queue = names.get(&row.get("queue")?).and_then(|name| state.find(name));
        if let Some(queue) = queue {
            queue.admit(row.get("sequence")?, message(row)?, row.get("visible_at")?, now);
        }
    }
    Ok(state)
}

/// Reads the queues and the deduplication ids that they remember; gives their names by number.
fn queues(connection: &Connection, state: &mut State) -> Result<HashMap<u64, String>, Error> {
    let mut names = HashMap::new();
    let mut statement =
        connection.prepare("SELECT number, name, created, modified, settings, tags FROM queue")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, name): (u64, String) = (row.get(0)?, row.get(1)?);
        let settings =
            Settings::read(texts(row, 4)?).map_err(|refusal| Error::Content(refusal.message))?;
        let mut queue = Queue::new(number, name.clone(), settings, texts(row, 5)?, row.get(2)?);
        queue.modified = row.get(3)?;
        names.insert(number, name);
        state.restore(queue);
    }
    let mut statement =
        connection.prepare("SELECT queue, id, message_id, sequence, at FROM seen ORDER BY at")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        if let Some(queue) = names.get(&row.get(0)?).and_then(|name| state.find(name)) {
            queue.seen.remember(
                row.get(1)?,
                Taken { message_id: row.get(2)?, sequence: row.get(3)? },
                row.get(4)?,
            );
        }
    }
    Ok(names)
}

fn message(row: &Row<'_>) -> Result<Message, Error> {
    let extras: Extras = match row
        .get_ref("extras")?
        .as_str_or_null()
        .map_err(|error| Error::Content(error.to_string()))?
    {
        None => Extras::default(),
        Some(text) => {
            serde_json::from_str(text).map_err(|error| Error::Content(error.to_string()))?
        }
    };
    let draft = Draft {
        body: row.get("body")?,
        attributes: extras.attributes,
        group: row.get("message_group")?,
        deduplication: extras.deduplication,
        trace: extras.trace,
    };
    let content = Content::restored(row.get("id")?, draft, row.get("size")?);
    let mut message = Message::new(Arc::new(content), row.get("sent_at")?);
    message.source = row.get::<_, Option<String>>("source")?.map(Arc::from);
    message.receives = row.get("receives")?;
    message.first_received = row.get("first_received")?;
    message.received_at = row.get("received_at")?;
    Ok(message)
}

fn texts(row: &Row<'_>, column: usize) -> Result<Texts, Error> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|error| Error::Content(error.to_string()))
}
