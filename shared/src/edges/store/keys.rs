//! Every key pattern of both tables, beside the access that it serves.
//!
//! | table | partition | sort | what | read by |
//! |---|---|---|---|---|
//! | config | `tenants` | tenant | a tenant | Get; Query lists them |
//! | config | `key#<sha-256>` | `key` | whose key this is | Get on a request |
//! | config | `tenant#<tenant>` | `key#<key id>` | a tenant's key, without the key | Query lists them |
//! | config | `event-types` | name | an event type | Get on publish; Query lists them |
//! | config | `tenant#<tenant>` | `subscription#<id>` | a subscription | Get; Query pages for fan-out and lists |
//! | config | `tenant#<tenant>` | `deleted#<subscription>` | a deleted subscription, while something may be on record of it | Query by an erasure |
//! | config | `tenant#<tenant>` | `revision` | counts changes of its subscriptions; what fan-out must know of the tenant | Get before each fan-out |
//! | config | `breakers` | subscription | an open breaker: when its receiver is probed | Query by the scheduler |
//! | config | `releases` | subscription | held deliveries to release | Query by the scheduler |
//! | config | `resends` | subscription | its running bulk resend | Get; Query by the scheduler |
//! | config | `erasures` | tenant | its running erasure | Get; Query by the scheduler |
//! | config | `erased` | tenant | its last erasure | Get |
//! | log | `event#<tenant>#<shard>` | event | an event, once it is fanned out | Get; Query by time |
//! | log | `payload#<event>` | chunk | a large payload, in chunks | Query |
//! | log | `delivery#<subscription>#<shard>` | event | a delivery with its attempts | Get; Query by time |
//! | log | `resend#<subscription>` | resend | a bulk resend that has ended | Get; Query |
//! | log | `statistics#<subscription>` | hour | what was counted of an hour's deliveries | Query |
//! | log | `pace#<subscription>` | `pace` | the latest slots of a rate limit | Get; Put, conditionally |
//! | log | `flow#<tenant>` | minute | events that a tenant published in a minute, as far as intake told of them | Update, which reads |
//! | log | `idempotency#<tenant>#<made>#<key>` | `key` | the event that a key made; a tenant made anew has keys of its own | Put, conditionally |
//!
//! Index `unsettled`: `unsettled_of` = subscription, sort = event; rows not delivered alone. Index
//! `due`: `due_shard` = `due#<shard>`, sort = `due_at` in milliseconds; parked rows alone.
//!
//! The shard is a hash of the event's id: one partition takes 1,000 writes a second, a busy tenant
//! needs more.

use aws_sdk_dynamodb::types::AttributeValue;

use super::StoreError;
use crate::core::access::api_key::KeyHash;
use crate::core::id::{EventId, KeyId, SubscriptionId, TenantId};
use crate::core::tenant::Tenant;
use crate::core::timestamp::Timestamp;

/// Shards of a tenant's events and of a subscription's deliveries.
pub const SHARDS: u8 = 8;

pub const TENANTS: &str = "tenants";
pub const EVENT_TYPES: &str = "event-types";
pub const BREAKERS: &str = "breakers";
pub const RELEASES: &str = "releases";
pub const RESENDS: &str = "resends";
pub const ERASURES: &str = "erasures";
pub const ERASED: &str = "erased";
pub const REVISION: &str = "revision";
pub const KEY: &str = "key";
pub const PACE: &str = "pace";
pub const SUBSCRIPTION_PREFIX: &str = "subscription#";
pub const DELETED_PREFIX: &str = "deleted#";
pub const KEY_PREFIX: &str = "key#";
pub const UNSETTLED_INDEX: &str = "unsettled";
pub const DUE_INDEX: &str = "due";

/// The random half of an id spreads evenly; its last byte chooses the shard.
pub fn shard(event: EventId) -> u8 {
    event.to_bytes()[15] % SHARDS
}

pub fn key_by_hash(hash: &KeyHash) -> String {
    format!("{KEY_PREFIX}{}", hash.as_str())
}

pub fn tenant(tenant: &TenantId) -> String {
    format!("tenant#{tenant}")
}

pub fn key(id: KeyId) -> String {
    format!("{KEY_PREFIX}{id}")
}

pub fn subscription(id: SubscriptionId) -> String {
    format!("{SUBSCRIPTION_PREFIX}{id}")
}

pub fn deleted_subscription(id: SubscriptionId) -> String {
    format!("{DELETED_PREFIX}{id}")
}

/// All rows of a partition whose sort key starts with `prefix`.
pub fn all_of(prefix: &str) -> (&'static str, AttributeValue, AttributeValue) {
    ("sort", AttributeValue::S(prefix.to_owned()), AttributeValue::S(format!("{prefix}~")))
}

pub fn events(tenant: &TenantId, shard: u8) -> String {
    format!("event#{tenant}#{shard}")
}

pub fn payload(event: EventId) -> String {
    format!("payload#{event}")
}

pub fn payload_chunk(number: usize) -> String {
    format!("{number:04}")
}

pub fn deliveries(subscription: SubscriptionId, shard: u8) -> String {
    format!("delivery#{subscription}#{shard}")
}

/// The subscription of a delivery, by its partition.
pub fn subscription_of(partition: &str) -> Result<SubscriptionId, StoreError> {
    let id = partition.split('#').nth(1).and_then(|id| id.parse().ok());
    id.ok_or_else(|| StoreError::Corrupt(format!("partition {partition} is not a delivery's")))
}

pub fn resends(subscription: SubscriptionId) -> String {
    format!("resend#{subscription}")
}

/// The sort key of an hour: hours since 1970, of fixed length.
pub fn hour(hour: Timestamp) -> String {
    format!("{:08}", hour.as_millis() / 3_600_000)
}

pub fn statistics(subscription: SubscriptionId) -> String {
    format!("statistics#{subscription}")
}

pub fn pace(subscription: SubscriptionId) -> String {
    format!("pace#{subscription}")
}

pub fn flow(tenant: &TenantId) -> String {
    format!("flow#{tenant}")
}

pub fn due(shard: u8) -> String {
    format!("due#{shard}")
}

pub fn idempotency(tenant: &Tenant, key: &str) -> String {
    format!("idempotency#{}#{}#{key}", tenant.id, tenant.created_at.as_millis())
}
