//! What one page costs, of a log of some size.

use std::time::Duration;

use http::Method;
use serde::Deserialize;
use serde_json::json;
use shared::edges::clock;

use super::UnitsError;
use super::background::{first_statistics, present};
use super::cost::{Cost, Named};
use super::meter::Meter;
use super::rows::{self, NOT_DELIVERED};
use super::scene::Scene;

/// Over which the log is spread: as far back as the record goes by default, less an hour.
const SPAN: Duration = Duration::from_hours(30 * 24 - 1);

/// A log, and what each page of it costs.
#[derive(Debug)]
pub(super) struct Log {
    /// Deliveries on record.
    pub(super) deliveries: usize,
    pub(super) pages: Vec<Named>,
}

#[derive(Deserialize)]
struct List {
    items: Vec<Delivery>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Delivery {
    success: bool,
}

/// Fills a log with `count` deliveries, and reads it.
pub(super) async fn costs(meter: &Meter<'_>, count: usize) -> Result<Log, UnitsError> {
    eprintln!("  filling a log with {count} deliveries and their events");
    let scene = Scene::new(meter, json!({ "retry_waits_seconds": [] })).await?;
    let event = rows::fill(meter, &scene, count, SPAN).await?;
    let (tenant, deliveries) = (&scene.tenant, format!("{}/deliveries", scene.subscription));
    // It fills the caches as well.
    check(meter, &deliveries, &event.to_string()).await?;
    let half = clock::now().before(SPAN / 2);
    let middle: List =
        meter.api.call(Method::GET, &format!("{deliveries}?limit=1&to={half}"), "").await?;
    let cursor = middle
        .next_cursor
        .ok_or_else(|| UnitsError::Rows("there is no page in the middle".to_owned()))?;
    let mut pages = Vec::new();
    for (name, path) in [
        ("deliveries, newest first", format!("{deliveries}?limit=50")),
        (
            "deliveries, from the middle on (cursor)",
            format!("{deliveries}?limit=50&cursor={cursor}"),
        ),
        (
            "deliveries with `success=false`, the whole range",
            format!("{deliveries}?limit=50&success=false"),
        ),
        ("deliveries with `success=true`", format!("{deliveries}?limit=50&success=true")),
        ("events, newest first", format!("{tenant}/events?limit=50")),
        ("events, oldest first", format!("{tenant}/events?limit=50&order=asc")),
        ("one delivery with its payload", format!("{deliveries}/{event}")),
    ] {
        let cost = measure(meter, &path).await?;
        pages.push(Named { name: name.to_owned(), cost });
    }
    let path = format!("{}/stats", scene.subscription);
    if let Some(cost) = present(first_statistics(meter, &path).await)? {
        pages.push(Named {
            name: "statistics of the last 24 hours, the first time".to_owned(),
            cost,
        });
        let cost = measure(meter, &path).await?;
        pages.push(Named { name: "the same again".to_owned(), cost });
    }
    Ok(Log { deliveries: count, pages })
}

async fn measure(meter: &Meter<'_>, path: &str) -> Result<Cost, UnitsError> {
    let before = meter.rest().await?;
    meter.get(path).await?;
    meter.since(&before).await
}

/// Whether the API reads the copies as what they are copies of.
async fn check(meter: &Meter<'_>, deliveries: &str, delivered: &str) -> Result<(), UnitsError> {
    let one: Delivery =
        meter.api.call(Method::GET, &format!("{deliveries}/{delivered}"), "").await?;
    let failed: List =
        meter.api.call(Method::GET, &format!("{deliveries}?success=false&limit=250"), "").await?;
    // The one that was copied is there too.
    let right = failed.items.len() == NOT_DELIVERED + 1
        && failed.items.iter().all(|failed| !failed.success);
    if one.success && right {
        return Ok(());
    }
    Err(UnitsError::Rows(format!("{} deliveries are shown as not delivered", failed.items.len())))
}
