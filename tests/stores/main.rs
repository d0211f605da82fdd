//! What the stores promise, checked against the `DynamoDB` of a local stack, whose tables the
//! template describes. The stack's scheduler ticks once a minute at most there, and touches none of
//! these rows.

mod background;
mod deliveries;
mod events;
mod flows;
mod idempotency;
mod subscriptions;

use std::sync::LazyLock;
use std::time::Duration;

use shared::core::id::{EventId, SubscriptionId, TenantId};
use shared::core::page::{Order, PageRequest};
use shared::core::timestamp::Timestamp;
use shared::edges::aws::{AwsHttpClient, AwsSettings};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, LogStore};
use tests::{Options, World};

const DAY: Duration = Duration::from_hours(24);

/// A stack whose scheduler keeps out of the way.
async fn world() -> World {
    World::start(Options::default().with("TickSeconds", "60")).await
}

fn client(world: &World) -> AwsSettings {
    AwsSettings {
        region: "eu-north-1".to_owned(),
        access_key_id: "local".to_owned(),
        secret_access_key: "local".to_owned(),
        session_token: None,
        dynamodb_endpoint: Some(world.dynamodb().to_owned()),
        sqs_endpoint: None,
        secrets_manager_endpoint: None,
        http: AwsHttpClient::new(),
    }
}

fn config(world: &World) -> ConfigStore {
    ConfigStore::new(client(world).dynamodb(), "ConfigTable".to_owned())
}

/// A log that keeps rows for a month.
fn log(world: &World) -> LogStore {
    LogStore::new(client(world).dynamodb(), "LogTable".to_owned(), 30 * DAY)
}

fn tenant() -> TenantId {
    "shop-1".parse().expect("a tenant")
}

/// The `n`-th event of a test, in order of time.
fn event(n: u64) -> EventId {
    EventId::new(at(n), clock::random_bits())
}

/// A time `n` seconds into a day that has not expired.
fn at(n: u64) -> Timestamp {
    // The same for all, so that the order holds however slow the machine is.
    static START: LazyLock<Timestamp> = LazyLock::new(clock::now);
    START.before(DAY).after(Duration::from_secs(n))
}

fn subscription() -> SubscriptionId {
    SubscriptionId::new(clock::now(), clock::random_bits())
}

fn pages(limit: u16, order: Order) -> PageRequest {
    PageRequest { limit, cursor: None, order }
}

const ALWAYS: (Timestamp, Timestamp) = (Timestamp::from_millis(0), Timestamp::MAX);
