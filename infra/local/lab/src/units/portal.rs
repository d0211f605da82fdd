//! The tenants' page: what its pages ask of the API, and so of DynamoDB, each time that one is
//! opened.

use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::UnitsError;
use super::cost::Named;
use super::meter::{Meter, TIMES};
use super::operations::Costs;
use super::scene::Scene;

/// Subscriptions of the tenant, as many as the first page shows.
const SUBSCRIPTIONS: usize = 10;
/// Deliveries in the log of the first of them, of which a page shows 50.
const LOGGED: usize = 100;

#[derive(Deserialize)]
struct Link {
    token: String,
}

/// All of them, measured.
pub(super) async fn costs(meter: &Meter<'_>) -> Result<Vec<Named>, UnitsError> {
    let scene = Scene::new(meter, json!({})).await?;
    let events = scene.publish_all(LOGGED).await?;
    for _ in 1..SUBSCRIPTIONS {
        scene.subscribe(json!({})).await?;
    }
    let link = format!("{}/portal-links", scene.tenant);
    let Link { token } =
        meter.api.call(Method::POST, &link, r#"{"capabilities":["manage"]}"#).await?;
    let subscription = format!("/portal/subscriptions/{}", scene.id);
    let mut costs = Costs::default();
    for (name, path) in [
        ("the tenants' page: 10 subscriptions", "/portal/subscriptions".to_owned()),
        ("the tenants' page: a subscription, its last day", subscription.clone()),
        ("the tenants' page: a subscription, its last 7 days", format!("{subscription}?span=week")),
        ("the tenants' page: its log, 50 deliveries of 100", format!("{subscription}/deliveries")),
        ("the tenants' page: the form of a new one", "/portal/subscriptions/new".to_owned()),
        ("the tenants' page: its secret", format!("{subscription}/secret")),
        ("the tenants' page: a delivery", format!("{subscription}/deliveries/{}", events[0])),
    ] {
        costs.add(name, meter.each(TIMES, async |_| meter.api.open(&path, &token).await).await?);
    }
    Ok(costs.rows())
}
