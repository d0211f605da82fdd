//! Bulk resends and erasures, as the API answers them.

use serde::Deserialize;
use shared::core::timestamp::Timestamp;

/// A bulk resend.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resend {
    /// Its id.
    pub id: String,
    /// To whom.
    pub subscription: String,
    /// What was asked for: `failed`, `missing` or `all`.
    pub which: String,
    /// The earliest event that was asked for.
    pub from: Option<Timestamp>,
    /// The latest event that was asked for.
    pub to: Timestamp,
    /// The types that were asked for.
    pub types: Option<Vec<String>>,
    /// How it stands.
    pub status: String,
    /// Why it stands so.
    pub reason: Option<String>,
    /// Deliveries it has found.
    pub found: u64,
    /// Those of them that are in the queue or were.
    pub sent: u64,
    /// Those of them that the receiver took.
    pub delivered: u64,
    /// Those of them that the receiver did not take.
    pub failed: u64,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last moved on.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The event time up to which it has looked.
    pub position: Option<Timestamp>,
}

impl Resend {
    /// How many it found, sent, delivered, and failed to deliver.
    #[must_use]
    pub const fn counts(&self) -> [u64; 4] {
        [self.found, self.sent, self.delivered, self.failed]
    }
}

/// The removal of a tenant's payloads, or of everything of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Erasure {
    /// Whose.
    pub tenant: String,
    /// `payloads` or `everything`.
    pub what: String,
    /// How it stands.
    pub status: String,
    /// Events erased so far.
    pub events: u64,
    /// Deliveries erased so far.
    pub deliveries: u64,
    /// Subscriptions gone through so far.
    pub subscriptions: u64,
    /// Which of its two looks it is at.
    pub look: u8,
    /// When that look starts, or has started.
    pub look_at: Timestamp,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it last moved on.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
