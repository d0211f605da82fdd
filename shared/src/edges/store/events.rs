//! Events on record. A row means "fanned out": it is written last, once, and a message whose row
//! exists is dropped.

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;
use serde_json::value::RawValue;

use super::item::{Item, key, number};
use super::merged::{Merged, range};
use super::rows::{self, v1};
pub use super::stored::EventRow;
use super::table::{Expression, Query};
use super::{Created, LogStore, Saved, StoreError, keys};
use crate::core::event::Event;
use crate::core::event::event_type::EventTypeName;
use crate::core::event::payload::{Packed, Payload};
use crate::core::id::{EventId, TenantId};
use crate::core::page::{Page, PageRequest};
use crate::core::timestamp::Timestamp;

/// A row takes 400 KB at most; a chunk leaves room for its keys.
const CHUNK_BYTES: usize = 350 * 1024;
/// Rows that one request for a page looks at, where few of them are of the type that is wanted.
const MOST_READ: usize = 5_000;

impl LogStore {
    /// What is on record of an event that was fanned out, read consistently.
    pub async fn fanned_out(
        &self,
        tenant: &TenantId,
        event: EventId,
    ) -> Result<Option<EventRow>, StoreError> {
        let partition = keys::events(tenant, keys::shard(event));
        let found = self.table.get(partition, event.to_string(), true).await?;
        found.map(rows::read).transpose()
    }

    /// Writes the event's row, once.
    pub async fn put_event(&self, tenant: &TenantId, event: &Event) -> Result<Created, StoreError> {
        let expires_at = self.expiry(event.id, event.expires_at);
        let row = rows::write(&v1::event::Event::new(tenant, event, expires_at))?;
        let condition = Expression::new("attribute_not_exists(sort)");
        Ok(match self.table.put(row, Some(condition)).await? {
            Saved::Saved => Created::Created,
            Saved::Lost => Created::AlreadyThere,
        })
    }

    /// Erases the event's payload, its chunks included; the event stays on record. `Lost` if there
    /// is no such event. Erasing it again changes nothing, and ends what a crash cut short.
    pub async fn erase_payload(
        &self,
        tenant: &TenantId,
        event: EventId,
    ) -> Result<Saved, StoreError> {
        let row = key(keys::events(tenant, keys::shard(event)), event.to_string());
        let update = Expression::new(
            "SET payload_erased = :true REMOVE payload_json, payload_zstd, payload_chunks, chunks_zstd",
        );
        let update = update.value(":true", AttributeValue::Bool(true));
        if self.table.update(row, update, Some("attribute_exists(sort)")).await? == Saved::Lost {
            return Ok(Saved::Lost);
        }
        self.delete_payload(event).await?;
        Ok(Saved::Saved)
    }

    /// Removes the chunks of a payload that is in the log by itself.
    pub async fn delete_payload(&self, event: EventId) -> Result<(), StoreError> {
        let chunks = self
            .table
            .query_all(Query { consistent: true, ..Query::of(keys::payload(event)) }, usize::MAX);
        for chunk in chunks.await? {
            self.table.delete(keys::payload(event), chunk.text("sort")?.to_owned()).await?;
        }
        Ok(())
    }

    /// Whether an event is older than the retention, so that it need not be on record any more.
    #[must_use]
    pub fn has_expired(&self, event: EventId, now: Timestamp) -> bool {
        self.expiry(event, None) <= now.as_unix_seconds()
    }

    /// One event of a tenant.
    pub async fn event(
        &self,
        tenant: &TenantId,
        event: EventId,
        now: Timestamp,
    ) -> Result<Option<Event>, StoreError> {
        let partition = keys::events(tenant, keys::shard(event));
        let found = self.table.get(partition, event.to_string(), false).await?;
        found.filter(|item| !item.is_expired(now)).map(rows::read).transpose()
    }

    /// Those of a tenant's `events` (100 at most) that are on record.
    pub async fn events_of(
        &self,
        tenant: &TenantId,
        events: &[EventId],
        now: Timestamp,
    ) -> Result<Vec<Event>, StoreError> {
        let row =
            |event: &EventId| key(keys::events(tenant, keys::shard(*event)), event.to_string());
        let found = self.table.get_many(events.iter().map(row).collect(), false).await?;
        found.into_iter().filter(|item| !item.is_expired(now)).map(rows::read).collect()
    }

    /// A page of a tenant's events accepted in `from..=to`, of one type if `event_type` names one;
    /// where few are, a page may be short, even empty, and still have a next one.
    pub async fn events(
        &self,
        tenant: &TenantId,
        event_type: Option<&EventTypeName>,
        (from, to): (Timestamp, Timestamp),
        page: &PageRequest,
        now: Timestamp,
    ) -> Result<Page<Event>, StoreError> {
        let Some(between) = range(from, to, page) else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let alive = number(now.as_unix_seconds());
        let filter = match event_type {
            None => Expression::new("expires_at > :now").value(":now", alive),
            Some(name) => Expression::new("expires_at > :now AND event_type = :type")
                .value(":now", alive)
                .value(":type", AttributeValue::S(name.to_string())),
        };
        let lane = |shard| Query {
            between: Some(("sort", between.0.clone(), between.1.clone())),
            filter: Some(&filter),
            order: page.order,
            ..Query::of(keys::events(tenant, shard))
        };
        let lanes = (0..keys::SHARDS).map(lane).collect();
        let read = |item: Item| rows::read(item).map(Some);
        let merged = Merged {
            table: &self.table,
            lanes,
            most_read: MOST_READ,
            read,
            event: |event: &Event| event.id,
        };
        merged.page(usize::from(page.limit), page.order).await
    }

    /// Puts a payload that does not travel inside a message into the log, in chunks. The same event
    /// writes the same chunks, so that a repeat changes nothing. They are kept until `expires_at`,
    /// or as long as the deployment keeps anything.
    pub async fn put_payload(
        &self,
        event: EventId,
        packed: &Packed,
        expires_at: Option<Timestamp>,
    ) -> Result<Payload, StoreError> {
        let (bytes, zstd) = match packed {
            Packed::Json(json) => (json.get().as_bytes(), false),
            Packed::Zstd(frame) => (frame.as_slice(), true),
        };
        let expires_at = self.expiry(event, expires_at);
        let put = async |(number, chunk): (usize, &[u8])| {
            let row = rows::write(&v1::chunk::Chunk::new(event, number, chunk, expires_at))?;
            self.table.put(row, None).await
        };
        let written = try_join_all(bytes.chunks(CHUNK_BYTES).enumerate().map(put)).await?;
        Ok(Payload::Log { chunks: u32::try_from(written.len()).unwrap_or(u32::MAX), zstd })
    }

    /// A payload ready to be read, wherever it is. `None` if the log no longer holds all of it.
    pub async fn payload(
        &self,
        event: EventId,
        payload: Payload,
    ) -> Result<Option<Packed>, StoreError> {
        let (wanted, zstd) = match payload {
            Payload::Json(json) => return Ok(Some(Packed::Json(json))),
            Payload::Zstd(frame) => return Ok(Some(Packed::Zstd(frame))),
            Payload::Log { chunks, zstd } => (chunks as usize, zstd),
        };
        let query = Query { consistent: true, ..Query::of(keys::payload(event)) };
        let chunks = self.table.query_all(query, wanted).await?;
        if chunks.len() < wanted {
            return Ok(None);
        }
        let bytes: Vec<u8> =
            chunks.into_iter().filter_map(|chunk| chunk.into_bytes("bytes")).flatten().collect();
        if zstd {
            return Ok(Some(Packed::Zstd(bytes)));
        }
        let json = String::from_utf8(bytes).ok().and_then(|text| RawValue::from_string(text).ok());
        json.map(|json| Some(Packed::Json(json)))
            .ok_or_else(|| StoreError::Corrupt(keys::payload(event)))
    }
}
