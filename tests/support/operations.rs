//! Who listens to the operational events, and what was told.

use std::collections::HashSet;

use serde_json::Value;

use crate::{Receiver, Subscription, Tenant, World};

/// The receiver's endpoint for them.
pub const PATH: &str = "/operations";

/// Subscribes a path of a receiver to everything that Postrider tells of itself.
pub async fn listen(world: &World, receiver: &Receiver, settings: Value) -> (Tenant, Subscription) {
    let operations = Tenant::new(world.api(), "_operations");
    let subscription = operations.subscribe(receiver, PATH, settings).await;
    (operations, subscription)
}

/// What was told so far: of each event its type and data, once, however often it came.
#[must_use]
pub fn told(receiver: &Receiver) -> Vec<(String, Value)> {
    let mut seen = HashSet::new();
    let mut told = Vec::new();
    for request in receiver.requests(PATH) {
        let body: Value = request.text().parse().expect("JSON");
        assert_eq!(body["id"], request.id());
        if seen.insert(request.id().to_owned()) {
            told.push((body["type"].as_str().expect("a type").to_owned(), body["data"].clone()));
        }
    }
    told
}
