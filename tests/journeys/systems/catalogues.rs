//! The catalogues of `catalogues/`: each is imported as it is.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tests::catalogues::{
    CLOUDCART, FRONT_SYSTEMS, LOCALLY, LOCALLYGROWN, OPERATIONS, import, types,
};
use tests::{Options, World};

#[tokio::test]
async fn every_catalogue_is_imported_and_every_type_of_it_is_then_listed_with_its_schema() {
    let world = World::start(Options::default()).await;
    let api = world.api();
    let mut expected: BTreeMap<String, Value> = BTreeMap::new();
    let catalogues =
        [(CLOUDCART, 5), (FRONT_SYSTEMS, 19), (LOCALLY, 6), (LOCALLYGROWN, 17), (OPERATIONS, 5)];
    for (catalogue, count) in catalogues {
        let types = types(catalogue);
        assert_eq!(types.len(), count);
        let replaced = types.keys().filter(|name| expected.contains_key(*name)).count();
        let created = count - replaced;
        assert_eq!(
            import(&world, catalogue).await,
            json!({ "created": created, "replaced": replaced })
        );
        expected.extend(types);
    }
    let listed = api.all("/v1/event-types?order=asc&limit=20").await;
    assert_eq!(listed.len(), expected.len());
    for (shown, (name, wanted)) in listed.iter().zip(&expected) {
        assert_eq!(shown["name"].as_str(), Some(name.as_str()));
        for field in ["description", "example", "schema", "split"] {
            assert_eq!(shown[field], wanted[field], "{name}: {field}");
        }
        assert!(wanted["schema"].is_object(), "{name}");
        let schema: Value =
            api.get(&format!("/v1/event-types/{name}/schema")).await.with(200).json();
        assert_eq!(schema, wanted["schema"], "{name}");
    }
    world.finish().await;
}

#[tokio::test]
async fn a_catalogue_that_is_imported_again_replaces_itself_and_nothing_else() {
    let world = World::start(Options::default()).await;
    let api = world.api();
    let _ = api.put("/v1/event-types/order.own", &json!({ "description": "ours" })).await.with(201);
    assert_eq!(import(&world, LOCALLY).await, json!({ "created": 6, "replaced": 0 }));
    let _ = api
        .put("/v1/event-types/cart.ordered", &json!({ "description": "changed" }))
        .await
        .with(200);
    assert_eq!(import(&world, LOCALLY).await, json!({ "created": 0, "replaced": 6 }));
    let own: Value = api.get("/v1/event-types/order.own").await.with(200).json();
    assert_eq!(own["description"], "ours");
    let cart: Value = api.get("/v1/event-types/cart.ordered").await.with(200).json();
    assert_eq!(
        (&cart["split"], &cart["schema"]),
        (&json!("/items"), &types(LOCALLY)["cart.ordered"]["schema"])
    );
    world.finish().await;
}
