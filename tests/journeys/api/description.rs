//! The API's description: served to anybody, and held to in the small as well.

use std::path::Path;

use serde_json::Value;
use tests::{Options, World};

#[tokio::test]
async fn the_description_that_is_kept_is_served_without_a_key() {
    let world = World::start(Options::default()).await;
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("../functions/control/openapi.json");
    let answer = world.api_by("").get("/openapi.json").await.with(200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.text(), std::fs::read_to_string(kept).expect("the kept description"));
    world.finish().await;
}

#[tokio::test]
async fn a_parameter_that_is_wrong_is_refused_wherever_it_is_known() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let event = shop.publish("order.created", "1").await;
    shop.event(&event.id).await;
    // Where an event went to few subscriptions, they are answered without a page.
    for wrong in ["order=up", "limit=0", "cursor=%21"] {
        let path = shop.path(&format!("/events/{}/deliveries?{wrong}", event.id));
        let refused: Value = shop.api.get(&path).await.with(422).json();
        assert_eq!(refused["errors"][0]["path"], wrong.split('=').next().expect("a name"));
    }
    world.finish().await;
}
