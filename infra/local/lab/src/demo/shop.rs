//! A shop with a day behind it, so that its page has something to see: one receiver that is well,
//! one that failed for three hours, and one that is gone.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::time::{self, Instant};

use super::play::{DESCRIPTION, LIMIT, LOOK, remove_earlier};
use super::{DemoError, pass};
use crate::client::ApiClient;
use crate::receiver::Receiver;
use aws::Stack;

const TENANT: &str = "/v1/tenants/corner-shop";
/// Events of each hour of the day.
const DAY: [usize; 24] =
    [2, 1, 1, 1, 2, 4, 7, 9, 12, 11, 10, 12, 9, 8, 10, 9, 7, 6, 8, 5, 4, 3, 2, 1];
/// The hours in which the accounts do not answer as they should.
const FAILING: std::ops::Range<usize> = 9..12;
/// Where its events go: the path, what is there, and which types.
const ENDPOINTS: [(&str, &str, &str); 3] = [
    ("/shop/stock", "Stock", "order.*"),
    ("/shop/accounts", "Accounts", "*"),
    ("/shop/old-till", "The old till", "order.created"),
];
/// Its types of event: name, what happened, an example of the data.
const TYPES: [(&str, &str, &str); 3] = [
    (
        "order.created",
        "An order was placed",
        r#"{"order":"o_1001","total":129.50,"currency":"NOK","lines":[{"sku":"A-1","quantity":2}]}"#,
    ),
    ("order.cancelled", "An order was cancelled", r#"{"order":"o_1001","reason":"sold out"}"#),
    (
        "payout.sent",
        "Money is on its way to the shop",
        r#"{"payout":"p_7","total":8250.00,"currency":"NOK"}"#,
    ),
];

#[derive(Deserialize)]
struct Statistics {
    deliveries: Deliveries,
}

#[derive(Deserialize)]
struct Deliveries {
    total: u64,
    pending: u64,
}

#[derive(Deserialize)]
struct Link {
    url: String,
}

/// Plays the day, and makes a link to the shop's page.
pub(super) async fn open(
    api: &ApiClient,
    stack: &Stack,
    receiver: &Receiver,
) -> Result<String, DemoError> {
    prepare(api, receiver).await?;
    let mut deliveries = 0;
    for (hour, events) in DAY.into_iter().enumerate() {
        let failing = FAILING.contains(&hour).then_some(StatusCode::SERVICE_UNAVAILABLE);
        receiver.answer("/shop/accounts", failing);
        receiver.answer("/shop/old-till", (hour + 1 == DAY.len()).then_some(StatusCode::GONE));
        // The busier, the slower.
        receiver.answer_after(Duration::from_millis(10 + 5 * events as u64));
        let published: Vec<_> = (0..events).map(|number| event(hour, number)).collect();
        let count = published.iter().map(|(name, _)| subscribed(name)).sum::<u64>();
        let published: Vec<_> = published
            .into_iter()
            .map(|(name, data)| json!({ "type": name, "data": data }))
            .collect();
        let body = json!({ "events": published }).to_string();
        let _: IgnoredAny = api.call(Method::POST, &format!("{TENANT}/events"), body).await?;
        deliveries += count;
        settled(api, deliveries).await?;
        if hour + 1 < DAY.len() {
            while !pass(stack, Duration::from_hours(1)).await? {
                time::sleep(LOOK).await;
            }
        }
    }
    receiver.answer_after(Duration::ZERO);
    let asked =
        json!({ "capabilities": ["manage", "resend"], "lifetime_seconds": 86_400 }).to_string();
    let link: Link = api.call(Method::POST, &format!("{TENANT}/portal-links"), asked).await?;
    Ok(link.url)
}

async fn prepare(api: &ApiClient, receiver: &Receiver) -> Result<(), DemoError> {
    let _: IgnoredAny =
        api.call(Method::PUT, TENANT, json!({ "name": "Corner shop" }).to_string()).await?;
    for (name, description, example) in TYPES {
        let body = format!(r#"{{"description":"{description}","example":{example}}}"#);
        let _: IgnoredAny = api.call(Method::PUT, &format!("/v1/event-types/{name}"), body).await?;
    }
    let subscriptions = format!("{TENANT}/subscriptions");
    remove_earlier(api, &subscriptions).await?;
    for (path, what, types) in ENDPOINTS {
        let subscribe = json!({
            "url": format!("{}{path}", receiver.address()),
            "event_types": [types],
            "description": format!("{what}. {DESCRIPTION}"),
            // What fails has failed: nothing of the day is still to come.
            "overrides": { "retry_waits_seconds": [], "probe_waits_seconds": [] },
        });
        let _: IgnoredAny = api.call(Method::POST, &subscriptions, subscribe.to_string()).await?;
    }
    Ok(())
}

/// An event of an hour: mostly orders.
fn event(hour: usize, number: usize) -> (&'static str, Value) {
    let order = format!("o_{}", 1000 + 20 * hour + number);
    match number % 6 {
        5 => (
            "payout.sent",
            json!({ "payout": format!("p_{hour}"), "total": 8250, "currency": "NOK" }),
        ),
        4 => ("order.cancelled", json!({ "order": order, "reason": "sold out" })),
        _ => (
            "order.created",
            json!({ "order": order, "total": 100 + 7 * number, "currency": "NOK" }),
        ),
    }
}

/// How many deliveries an event of a type becomes.
fn subscribed(name: &str) -> u64 {
    match name {
        "order.created" => 3,
        "order.cancelled" => 2,
        _ => 1,
    }
}

/// Waits until so many deliveries of the last day are there, and none is still to come.
async fn settled(api: &ApiClient, deliveries: u64) -> Result<(), DemoError> {
    let limit = Instant::now() + LIMIT;
    loop {
        let found: Statistics = api.call(Method::GET, &format!("{TENANT}/stats"), "").await?;
        let Deliveries { total, pending } = found.deliveries;
        if total >= deliveries && pending == 0 {
            return Ok(());
        }
        if Instant::now() > limit {
            return Err(DemoError::Unsettled(
                "the shop",
                format!("{total} of {deliveries}, {pending} of them pending"),
            ));
        }
        time::sleep(LOOK).await;
    }
}
