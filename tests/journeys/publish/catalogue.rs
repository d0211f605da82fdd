//! The catalogue: what may be published, and how its data must be.

use serde_json::{Value, json};
use tests::{Options, Tenant, World};

fn schema() -> Value {
    json!({
        "type": "object",
        "required": ["id"],
        "properties": { "id": { "type": "integer" }, "lines": { "type": "array", "items": { "type": "string" } } },
    })
}

/// Publishes until the answer has this status: a change of an event type is seen within a few
/// seconds.
async fn publish_until(shop: &Tenant, event_type: &str, data: &str, status: u16) -> Value {
    tests::until("the change is seen", async || {
        let answer = shop.try_publish(event_type, data, &[]).await;
        if answer.status == status { Ok(answer.json()) } else { Err(answer.text().to_owned()) }
    })
    .await
}

/// Where the faults are, in order of the paths.
fn paths(refused: &Value) -> Vec<&str> {
    let errors = refused["errors"].as_array().expect("errors");
    let mut paths: Vec<_> = errors.iter().filter_map(|error| error["path"].as_str()).collect();
    paths.sort_unstable();
    paths
}

#[tokio::test]
async fn data_that_breaks_an_enforced_schema_is_refused_with_the_place_of_each_fault() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let put = json!({ "schema": schema(), "enforce_schema": true });
    let _ = world.api().put("/v1/event-types/order.created", &put).await.with(201);
    shop.publish("order.created", r#"{"id": 1, "lines": ["a"]}"#).await;
    let refused = shop.try_publish("order.created", r#"{"lines": ["a", 2]}"#, &[]).await.with(422);
    let mut found = refused.json::<Value>();
    assert_eq!(paths(&found), ["data", "data/lines/1"]);
    found = shop.try_publish("order.created", "3", &[]).await.with(422).json();
    assert_eq!(paths(&found), ["data"]);
    let events = json!([{ "type": "order.created", "data": { "id": 1 } }, { "type": "order.created", "data": {} }]);
    let refused = shop
        .api
        .post(&shop.path("/events"), &json!({ "events": events }))
        .await
        .with(422)
        .json::<Value>();
    assert_eq!(paths(&refused), ["events[1].data"]);

    let put = json!({ "schema": schema(), "enforce_schema": false });
    let _ = world.api().put("/v1/event-types/order.created", &put).await.with(200);
    publish_until(&shop, "order.created", "3", 202).await;
    world.finish().await;
}

#[tokio::test]
async fn a_retired_deleted_or_unknown_type_cannot_be_published() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &["order.created", "order.paid"]).await;
    let refused: Value = shop.try_publish("order.unknown", "1", &[]).await.with(422).json();
    assert_eq!(paths(&refused), ["type"]);
    for name in ["order.created", "order.paid"] {
        shop.publish(name, "1").await;
    }
    let _ = world
        .api()
        .put("/v1/event-types/order.created", &json!({ "retired": true }))
        .await
        .with(200);
    let refused = publish_until(&shop, "order.created", "1", 422).await;
    assert!(
        refused["detail"].as_str().is_some_and(|detail| detail.contains("retired")),
        "{refused}"
    );
    let _ = world.api().delete("/v1/event-types/order.paid").await.with(204);
    publish_until(&shop, "order.paid", "1", 422).await;
    let shown: Value = world.api().get("/v1/event-types/order.created").await.with(200).json();
    assert_eq!(shown["retired"], true);
    let _ = world.api().get("/v1/event-types/order.paid").await.with(404);
    let _ = world.api().delete("/v1/event-types/order.paid").await.with(404);
    world.finish().await;
}

#[tokio::test]
async fn a_catalogue_is_imported_whole_or_not_at_all() {
    let world = World::start(Options::default()).await;
    let api = world.api();
    let _ =
        api.put("/v1/event-types/order.created", &json!({ "description": "old" })).await.with(201);
    let created = json!({
        "name": "order.created",
        "description": "An order was placed",
        "example": { "id": 1 },
        "schema": schema(),
        "enforce_schema": true,
    });
    let mut types = vec![
        created,
        json!({ "name": "order.paid" }),
        json!({ "name": "SaleCreated", "retired": true }),
    ];
    let imported: Value =
        api.post("/v1/event-types/import", &json!({ "event_types": types })).await.with(200).json();
    assert_eq!(imported, json!({ "created": 2, "replaced": 1 }));
    let shown: Value = api.get("/v1/event-types/order.created").await.with(200).json();
    assert_eq!(shown["description"], "An order was placed");
    assert_eq!(
        api.get("/v1/event-types/order.created/schema").await.with(200).json::<Value>(),
        schema()
    );
    let _ = api.get("/v1/event-types/order.paid/schema").await.with(404);

    types[0]["example"] = json!({ "id": "one" });
    types[1]["enforce_schema"] = true.into();
    types[2]["schema"] = json!({ "type": "nothing" });
    types.push(json!({ "name": "order.new" }));
    let refused: Value =
        api.post("/v1/event-types/import", &json!({ "event_types": types })).await.with(422).json();
    let expected =
        ["event_types[0].example/id", "event_types[1].enforce_schema", "event_types[2].schema"];
    assert_eq!(paths(&refused), expected);
    let names: Vec<_> = api
        .all("/v1/event-types?order=asc")
        .await
        .iter()
        .map(|found| found["name"].clone())
        .collect();
    assert_eq!(names, ["SaleCreated", "order.created", "order.paid"]);
    world.finish().await;
}
