//! A log filled at once. What the functions wrote of two real events, one delivered and one not, is
//! copied to other ids and times, straight into DynamoDB's stand-in: a million rows take a minute
//! or two instead of half an hour.

use std::time::Duration;

use dynoxide::types::item_size;
use dynoxide::{AttributeValue, Item};
use serde_json::json;
use shared::core::id::EventId;
use shared::edges::clock;
use shared::edges::store::SHARDS;

use super::UnitsError;
use super::meter::Meter;
use super::scene::Scene;
use aws::Error;
use aws::dynamodb::DynamoDb;

/// Deliveries of each log that are not delivered.
pub(super) const NOT_DELIVERED: usize = 50;
/// Rows that are put in one transaction.
const BATCH: usize = 4_000;
const LOG: &str = "LogTable";
/// Numbers this close to an event's time, in milliseconds, are times of its own.
const NEAR: i64 = 24 * 3_600 * 1_000;

/// What the functions wrote of one event.
#[derive(Debug, Clone)]
struct Original {
    id: EventId,
    delivery: Item,
    event: Item,
}

/// Fills the log of a scene with `count` deliveries of as many events, accepted within `span`
/// before now. Of them [`NOT_DELIVERED`] are not delivered. Answers the id of the event in the
/// middle, which is delivered.
pub(super) async fn fill(
    meter: &Meter<'_>,
    scene: &Scene<'_>,
    count: usize,
    span: Duration,
) -> Result<EventId, UnitsError> {
    scene.refuse(true);
    let failed = original(meter, scene).await?;
    scene.refuse(false);
    let delivered = original(meter, scene).await?;
    let from = clock::now().before(span);
    let every = (count / NOT_DELIVERED).max(1);
    // At the end of each stretch, so that the middle of the log is a delivered one.
    let is_failed = |number: usize| number % every == every - 1 && number / every < NOT_DELIVERED;
    let mut middle = delivered.id;
    for start in (0..count).step_by(BATCH) {
        let mut copies = Vec::with_capacity(2 * BATCH);
        for number in start..count.min(start + BATCH) {
            let id = EventId::new(from.after(share(span, number, count)), clock::random_bits());
            let original = if is_failed(number) { &failed } else { &delivered };
            copies.push(copy(&original.delivery, original.id, id));
            copies.push(copy(&original.event, original.id, id));
            if number == count / 2 {
                middle = id;
            }
        }
        put(meter.stack.dynamodb().clone(), copies).await?;
        if start.is_multiple_of(25 * BATCH) && start > 0 {
            eprintln!("  filled {start} of {count} deliveries and their events");
        }
    }
    Ok(middle)
}

/// Publishes an event, and reads what was written of it.
async fn original(meter: &Meter<'_>, scene: &Scene<'_>) -> Result<Original, UnitsError> {
    let id = scene.publish(json!({})).await?;
    meter.rest().await?;
    let id: EventId =
        id.parse().map_err(|_| UnitsError::Rows(format!("{id} is not an event's id")))?;
    // As shared/src/edges/store/keys.rs has them.
    let row = |partition: String| {
        let found = meter.stack.dynamodb().row(LOG, &partition, &id.to_string())?;
        found.ok_or_else(|| UnitsError::Rows(format!("there is no row {id} in {partition}")))
    };
    let delivery = row(format!("delivery#{}#{}", scene.id, shard(id)))?;
    let event = row(format!("event#{}#{}", scene.name, shard(id)))?;
    eprintln!(
        "  copying a delivery's row of {} bytes and an event's of {}",
        item_size(&delivery),
        item_size(&event)
    );
    Ok(Original { id, delivery, event })
}

async fn put(dynamodb: DynamoDb, rows: Vec<Item>) -> Result<(), UnitsError> {
    let put = tokio::task::spawn_blocking(move || dynamodb.fill(LOG, rows)).await;
    let put = put.map_err(|error| UnitsError::Rows(error.to_string()))?;
    put.map_err(|error: Error| UnitsError::Rows(error.to_string()))
}

/// The row of another event: its id and shard, and its times moved along. (Times within JSON stay:
/// they have no other length.)
fn copy(row: &Item, original: EventId, id: EventId) -> Item {
    let (before, after) = (original.to_string(), id.to_string());
    let (at, moved) = (original.timestamp().as_millis(), shift(original, id));
    let value = |name: &str, value: &AttributeValue| match (name, value) {
        ("partition", AttributeValue::S(text)) => {
            let whose = text.rsplit_once('#').map_or(text.as_str(), |(whose, _)| whose);
            AttributeValue::S(format!("{whose}#{}", shard(id)))
        }
        ("expires_at", AttributeValue::N(seconds)) => AttributeValue::N(
            seconds
                .parse()
                .map_or_else(|_| seconds.clone(), |at: i64| (at + moved / 1_000).to_string()),
        ),
        (_, AttributeValue::N(number)) => match number.parse::<i64>() {
            Ok(time) if (time - at).abs() < NEAR => AttributeValue::N((time + moved).to_string()),
            _ => value.clone(),
        },
        (_, AttributeValue::S(text)) if text.contains(&before) => {
            AttributeValue::S(text.replace(&before, &after))
        }
        _ => value.clone(),
    };
    row.iter().map(|(name, held)| (name.clone(), value(name, held))).collect()
}

fn shard(id: EventId) -> u8 {
    id.to_bytes()[15] % SHARDS
}

/// Milliseconds from one event to another.
fn shift(from: EventId, to: EventId) -> i64 {
    to.timestamp().as_millis() - from.timestamp().as_millis()
}

fn share(span: Duration, number: usize, count: usize) -> Duration {
    let [number, count] =
        [number, count].map(|count| u32::try_from(count).map_or(f64::MAX, f64::from));
    span.mul_f64((number / count).min(1.0))
}

#[cfg(test)]
mod tests;
