//! What the store hands out beside the domain's own types: what a row says of them, or how it stood
//! when it was read.

use std::time::Duration;

use crate::core::access::api_key::KeyHash;
use crate::core::access::capability::Scope;
use crate::core::event::split::Split;
use crate::core::id::{EventId, KeyId, TenantId};
use crate::core::statistics::{Counts, end_of};
use crate::core::subscription::pace::Pace;
use crate::core::timestamp::Timestamp;

/// An hour is counted for good so long after its end; what lies between is for clocks that differ
/// and writes under way.
const KEPT_AFTER: Duration = Duration::from_mins(15);
/// And so long after somebody said that a row of it is being written: it is by then, or never.
const WRITTEN_WITHIN: Duration = Duration::from_mins(2);

/// An API key as it is listed: never the key itself.
#[derive(Debug, Clone)]
pub struct StoredKey {
    /// Its id.
    pub id: KeyId,
    /// For people.
    pub name: String,
    /// What it is for.
    pub scope: Scope,
    /// When it was made.
    pub created_at: Timestamp,
    pub(super) hash: KeyHash,
}

/// The tenant of an API key, and its scope.
#[derive(Debug, Clone)]
pub struct Owner {
    /// The tenant.
    pub tenant: TenantId,
    /// The scope.
    pub scope: Scope,
}

impl StoredKey {
    /// A key that hashes to `hash`.
    #[must_use]
    pub const fn new(
        id: KeyId,
        name: String,
        scope: Scope,
        created_at: Timestamp,
        hash: KeyHash,
    ) -> Self {
        Self { id, name, scope, created_at, hash }
    }

    pub(super) const fn hash(&self) -> &KeyHash {
        &self.hash
    }
}

/// What is on record of an event, without its payload.
#[derive(Debug, Clone, Copy)]
pub struct EventRow {
    /// Which.
    pub id: EventId,
    /// Whether its payload was erased.
    pub erased: bool,
    /// Whether its payload lies in the log by itself.
    pub chunked: bool,
}

/// The events that all processes of intake let in of a tenant within a minute.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) events: u64,
    pub(super) processes: u64,
}

/// What a key's event was made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Of its type and data.
    pub fingerprint: String,
    /// How it was split, if it was: a repeat is split the same way, whatever its type says by then.
    pub split: Option<Split>,
}

/// The event that a key made, and from what.
#[derive(Debug)]
pub(super) struct Made {
    pub(super) event: EventId,
    pub(super) origin: Origin,
}

/// A pace as it was read.
#[derive(Debug, Clone, Default)]
pub struct StoredPace {
    /// The pace.
    pub pace: Pace,
    /// Counts the row's writes; 0 for a row that was never written.
    pub(super) revision: u64,
}

/// What was counted of an hour.
#[derive(Debug, Clone)]
pub struct Counted {
    /// The counts.
    pub counts: Counts,
    /// Where the count goes on, from the newest event to the oldest; `None` if it is whole.
    pub through: Option<EventId>,
}

/// An hour's row.
#[derive(Debug, Clone)]
pub struct KeptHour {
    /// The hour's start.
    pub hour: Timestamp,
    /// What was counted of it, if that still holds.
    pub counted: Option<Counted>,
    /// When a late write was last announced; 0 for never, `None` for an hour without a row.
    pub(super) late_at: Option<Timestamp>,
}

impl KeptHour {
    /// An hour without a row.
    #[must_use]
    pub const fn unknown(hour: Timestamp) -> Self {
        Self { hour, counted: None, late_at: None }
    }

    /// As its row has it.
    pub(super) const fn stored(
        hour: Timestamp,
        counted: Option<Counted>,
        late_at: Timestamp,
    ) -> Self {
        Self { hour, counted, late_at: Some(late_at) }
    }

    /// Whether nothing is written of it any more without an announcement.
    #[must_use]
    pub fn is_over(&self, now: Timestamp) -> bool {
        end_of(self.hour).after(KEPT_AFTER) < now
    }

    /// Whether its count may be kept: what was announced has been written.
    #[must_use]
    pub fn may_be_kept(&self, now: Timestamp) -> bool {
        self.is_over(now) && self.late_at.is_none_or(|late| late.after(WRITTEN_WITHIN) < now)
    }
}

/// What fan-out must know of a tenant beside its subscriptions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Revision {
    /// Counts the changes of the tenant and its subscriptions; 0 for one that never was.
    pub changes: u64,
    /// How long its events are kept; absent for as long as the deployment keeps anything.
    pub retention_days: Option<u16>,
    /// The payloads of events accepted until then were erased.
    pub payloads_erased_until: Option<Timestamp>,
    /// All that was accepted until then was erased.
    pub erased_until: Option<Timestamp>,
}
