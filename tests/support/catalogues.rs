//! The catalogues of `catalogues/`, as files and as types.

use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;

use crate::World;

/// The catalogue of `cloudcart`.
pub const CLOUDCART: &str = include_str!("../../catalogues/cloudcart.json");
/// The catalogue of `front-systems`.
pub const FRONT_SYSTEMS: &str = include_str!("../../catalogues/front-systems.json");
/// The catalogue of `locally`.
pub const LOCALLY: &str = include_str!("../../catalogues/locally.json");
/// The catalogue of `locallygrown`.
pub const LOCALLYGROWN: &str = include_str!("../../catalogues/locallygrown.json");
/// The catalogue of what Postrider tells of itself.
pub const OPERATIONS: &str = include_str!("../../catalogues/operations.json");

/// Imports a catalogue, and answers with what became of it.
pub async fn import(world: &World, catalogue: &'static str) -> Value {
    world.api().call(Method::POST, "/v1/event-types/import", &[], catalogue).await.with(200).json()
}

/// The event types of a catalogue by name.
#[must_use]
pub fn types(catalogue: &str) -> BTreeMap<String, Value> {
    let catalogue: Value = serde_json::from_str(catalogue).expect("a catalogue is JSON");
    let types = catalogue["event_types"].as_array().expect("event types");
    types
        .iter()
        .map(|found| (found["name"].as_str().expect("a name").to_owned(), found.clone()))
        .collect()
}
