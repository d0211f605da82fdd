//! The operations of the API, each with all that follows from it. A new one is a line in the group
//! where it belongs.

use std::time::Duration;

use http::Method;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use super::UnitsError;
use super::cost::{Cost, Named};
use super::meter::{Meter, TIMES, WARM_UP};
use super::scene::Scene;
use crate::client::ClientError;

/// How often an operation is measured that takes seconds.
const TIMES_SLOW: usize = 5;
/// Deliveries in the log of which a page is read, the page, and what is done to them one by one.
const LOGGED: usize = 100;
/// A wait for which a delivery is parked, and more than it may be with jitter.
const PARKED_SECONDS: u32 = 3_600;
const PARKED_SURELY: Duration = Duration::from_hours(2);

/// The rows of the table, in its order.
#[derive(Debug, Default)]
pub(super) struct Costs(Vec<Named>);

impl Costs {
    pub(super) fn add(&mut self, name: &str, cost: Cost) {
        eprintln!("  measured: {name}");
        self.0.push(Named { name: name.to_owned(), cost });
    }

    pub(super) fn rows(self) -> Vec<Named> {
        self.0
    }
}

/// All of them, measured.
pub(super) async fn costs(meter: &Meter<'_>) -> Result<Vec<Named>, UnitsError> {
    let mut costs = Costs::default();
    publishing(meter, &mut costs).await?;
    failing(meter, &mut costs).await?;
    parking(meter, &mut costs).await?;
    log(meter, &mut costs).await?;
    subscriptions(meter, &mut costs).await?;
    costs.add("a tick of the scheduler that finds nothing to do (once a minute)", meter.idle_tick);
    Ok(costs.rows())
}

async fn publishing(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let scene = Scene::new(meter, json!({})).await?;
    let limited = Scene::new(meter, json!({ "rate_limit_per_minute": 1_000 })).await?;
    let deserted = Scene::deserted(meter).await?;
    let publish = async |scene: &Scene<'_>, more: Value| scene.publish(more).await.map(drop);
    let cost = meter.each(TIMES, async |_| publish(&scene, json!({})).await).await?;
    costs.add("publish an event of 1 KB, delivered at its first attempt", cost);
    let key = |number: usize| json!({ "idempotency_key": format!("key-{number}") });
    let cost = meter.each(TIMES, async |number| publish(&scene, key(number)).await).await?;
    costs.add("the same with an idempotency key", cost);
    let cost = meter.each(TIMES, async |_| publish(&limited, json!({})).await).await?;
    costs.add("the same under a rate limit, without a wait", cost);
    let cost = meter.each(TIMES, async |_| publish(&deserted, json!({})).await).await?;
    costs.add("publish an event that nobody subscribes", cost);
    let cost = meter.each(TIMES, async |_| scene.publish_batch(10).await.map(drop)).await?;
    costs.add("publish a batch of 10, for each of its events", cost.per(10));
    Ok(())
}

async fn failing(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let retried = Scene::new(meter, json!({ "retry_waits_seconds": [1] })).await?;
    retried.refuse_first(1);
    let cost = meter.each(TIMES_SLOW, async |_| retried.publish(json!({})).await.map(drop)).await?;
    costs.add(
        "publish an event whose first attempt fails, and whose retry from the queue succeeds",
        cost,
    );
    let failed = Scene::new(meter, json!({ "retry_waits_seconds": [] })).await?;
    failed.refuse(true);
    let cost = meter.each(TIMES, async |_| failed.publish(json!({})).await.map(drop)).await?;
    costs.add("publish an event whose only attempt fails, `delivery.exhausted` included", cost);
    Ok(())
}

async fn parking(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let scene = Scene::new(meter, json!({ "retry_waits_seconds": [PARKED_SECONDS] })).await?;
    scene.refuse_first(1);
    let cost = meter.each(TIMES, async |_| scene.publish(json!({})).await.map(drop)).await?;
    costs.add("publish an event whose first attempt fails, and whose retry is parked", cost);
    let before = meter.rest().await?;
    meter.pass(PARKED_SURELY).await?;
    meter.stack.tick().await;
    let cost = meter.since(&before).await?;
    costs.add(
        "the retry of a parked delivery, with success",
        cost.per(u32::try_from(TIMES + WARM_UP).unwrap_or(1)),
    );
    let cancelled = Scene::new(meter, json!({ "retry_waits_seconds": [PARKED_SECONDS] })).await?;
    cancelled.refuse(true);
    let events = cancelled.publish_all(TIMES + WARM_UP).await?;
    let path =
        |number: usize| format!("{}/deliveries/{}/cancel", cancelled.subscription, events[number]);
    let cost = meter
        .each(TIMES, async |number| call(meter, Method::POST, &path(number), "").await)
        .await?;
    costs.add("cancel a parked delivery", cost);
    Ok(())
}

async fn log(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let scene = Scene::new(meter, json!({})).await?;
    let events = scene.publish_all(LOGGED).await?;
    let failed = Scene::new(meter, json!({ "retry_waits_seconds": [] })).await?;
    failed.refuse(true);
    failed.publish_all(LOGGED).await?;
    let (tenant, subscription) = (&scene.tenant, &scene.subscription);
    for (name, path) in [
        ("list 50 events of 100", format!("{tenant}/events?limit=50")),
        ("get an event", format!("{tenant}/events/{}", events[0])),
        ("list 50 deliveries of 100", format!("{subscription}/deliveries?limit=50")),
        (
            "list 50 deliveries of 100, with their payloads",
            format!("{subscription}/deliveries?limit=50&include_payload=true"),
        ),
        (
            "list 50 deliveries with `success=false`",
            format!("{}/deliveries?success=false&limit=50", failed.subscription),
        ),
        ("get a delivery", format!("{subscription}/deliveries/{}", events[0])),
        (
            "list the deliveries of an event, one",
            format!("{tenant}/events/{}/deliveries", events[0]),
        ),
    ] {
        costs.add(name, meter.each(TIMES, async |_| meter.get(&path).await).await?);
    }
    let resend = |number: usize| format!("{subscription}/deliveries/{}/resend", events[number]);
    let cost = meter
        .each(TIMES, async |number| call(meter, Method::POST, &resend(number), "").await)
        .await?;
    costs.add("resend a delivery, with success", cost);
    let erase = |number: usize| format!("{tenant}/events/{}/payload", events[number]);
    let cost = meter
        .each(TIMES, async |number| call(meter, Method::DELETE, &erase(number), "").await)
        .await?;
    costs.add("erase the payload of an event that went to one subscription", cost);
    Ok(())
}

async fn subscriptions(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let scene = Scene::new(meter, json!({})).await?;
    let all = format!("{}/subscriptions", scene.tenant);
    let another =
        json!({ "url": format!("{}/ok", meter.receiver.address()), "event_types": ["*"] })
            .to_string();
    let cost = meter.each(TIMES, async |_| call(meter, Method::POST, &all, &another).await).await?;
    costs.add("create a subscription", cost);
    let change = |number: usize| json!({ "description": format!("Change {number}") }).to_string();
    let cost = meter
        .each(TIMES, async |number| {
            call(meter, Method::PATCH, &scene.subscription, &change(number)).await
        })
        .await?;
    costs.add("change a subscription", cost);
    let cost = meter.each(TIMES, async |_| meter.get(&scene.subscription).await).await?;
    costs.add("get a subscription", cost);
    let cost = meter.each(TIMES, async |_| meter.get(&all).await).await?;
    costs.add("list 23 subscriptions", cost);
    Ok(())
}

async fn call(
    meter: &Meter<'_>,
    method: Method,
    path: &str,
    body: &str,
) -> Result<(), ClientError> {
    let _: IgnoredAny = meter.api.call(method, path, body.to_owned()).await?;
    Ok(())
}
