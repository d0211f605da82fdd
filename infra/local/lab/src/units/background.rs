//! Operations that go on after they were answered: bulk resends, statistics, erasures.

use std::time::Duration;

use http::{Method, StatusCode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;

use super::UnitsError;
use super::cost::{Cost, Named};
use super::meter::{Meter, TIMES};
use super::operations::Costs;
use super::rows;
use super::scene::Scene;
use crate::client::ClientError;

/// Deliveries of a bulk resend, of an erasure, and of a day's statistics.
const RESENT: u32 = 50;
const ERASED: u32 = 100;
const COUNTED: usize = 1_000;
/// How often statistics are asked for until they are complete.
const ASKED_AT_MOST: usize = 1_000;
const DAY: Duration = Duration::from_hours(24);
/// An erasure looks once more after 20 minutes; no other job waits.
const SECOND_LOOK: Duration = Duration::from_mins(21);

#[derive(Deserialize)]
struct Started {
    id: String,
}

#[derive(Deserialize)]
struct Statistics {
    complete: bool,
}

/// Those that this build has.
pub(super) async fn costs(meter: &Meter<'_>) -> Result<Vec<Named>, UnitsError> {
    let mut costs = Costs::default();
    present(resend(meter, &mut costs).await)?;
    present(statistics(meter, &mut costs).await)?;
    present(erasures(meter, &mut costs).await)?;
    Ok(costs.rows())
}

/// A route that is not in this build leaves its rows out.
pub(super) fn present<T>(measured: Result<T, UnitsError>) -> Result<Option<T>, UnitsError> {
    match measured {
        Err(UnitsError::Api(ClientError::Refused(call, StatusCode::NOT_FOUND, body)))
            if body.contains("route") =>
        {
            eprintln!("  left out, there is no such route: {call}");
            Ok(None)
        }
        measured => measured.map(Some),
    }
}

async fn resend(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let scene = Scene::new(meter, json!({ "retry_waits_seconds": [] })).await?;
    scene.refuse(true);
    scene.publish_all(RESENT as usize).await?;
    scene.refuse(false);
    meter.get(&scene.subscription).await?;
    let before = meter.rest().await?;
    let path = format!("{}/resend", scene.subscription);
    let Started { id } = meter.api.call(Method::POST, &path, "{}").await?;
    let job = format!("{}/resends/{id}", scene.subscription);
    let cost = meter.until_done(&before, &job, Duration::ZERO).await?;
    costs.add(
        "a bulk resend of 50 failed deliveries, for each of them, with success",
        cost.per(RESENT),
    );
    Ok(())
}

async fn statistics(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    let scene = Scene::new(meter, json!({ "retry_waits_seconds": [] })).await?;
    rows::fill(meter, &scene, COUNTED, DAY).await?;
    let path = format!("{}/stats", scene.subscription);
    let cost = first_statistics(meter, &path).await?;
    costs.add("statistics of a subscription, 24 hours with 1,000 deliveries, the first time", cost);
    let cost = meter.each(TIMES, async |_| meter.get(&path).await).await?;
    costs.add("the same again", cost);
    let path = format!("{}/stats", scene.tenant);
    let cost = meter.each(TIMES, async |_| meter.get(&path).await).await?;
    costs.add("statistics of the tenant, whose one subscription that is, again", cost);
    Ok(())
}

/// Of statistics that nobody asked for before, until all of it is counted.
pub(super) async fn first_statistics(meter: &Meter<'_>, path: &str) -> Result<Cost, UnitsError> {
    let before = meter.rest().await?;
    for _ in 0..ASKED_AT_MOST {
        let Statistics { complete } = meter.api.call(Method::GET, path, "").await?;
        if complete {
            return meter.since(&before).await;
        }
    }
    Err(UnitsError::Restless(path.to_owned()))
}

async fn erasures(meter: &Meter<'_>, costs: &mut Costs) -> Result<(), UnitsError> {
    for (what, name) in [
        ("/payloads", "erase all payloads of a tenant"),
        ("", "delete a tenant with all that it has"),
    ] {
        let scene = Scene::new(meter, json!({})).await?;
        scene.publish_all(ERASED as usize).await?;
        let before = meter.rest().await?;
        let _: IgnoredAny =
            meter.api.call(Method::DELETE, &format!("{}{what}", scene.tenant), "").await?;
        let cost =
            meter.until_done(&before, &format!("{}/erasure", scene.tenant), SECOND_LOOK).await?;
        costs.add(&format!("{name}, for each of its 100 events"), cost.per(ERASED));
    }
    Ok(())
}
