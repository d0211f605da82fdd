//! The API's description as an `OpenAPI` 3.1 document, made of what the code says: the table of
//! routes (`shared::edges::api::routes`), what each function says of the operations that it answers
//! (`described.rs`), the JSON Schemas of the types that requests are read into and answers written
//! from, and the problems as they are answered.

mod example;
mod operation;
mod problems;
mod schemas;

use serde_json::{Map, Value, json};
use shared::edges::api::description::{Area, Described};
use shared::edges::api::routes::{Operation, ROUTES, Route};

use schemas::Schemas;

/// Where the description is kept.
pub const PLACE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../functions/control/openapi.json");

/// The document as it is kept.
///
/// # Panics
///
/// If a schema's name stands for two forms.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", document())
}

/// The document.
fn document() -> Value {
    let described: Vec<(&Route, Described)> =
        ROUTES.iter().map(|route| (route, described(route.operation))).collect();
    let mut schemas = Schemas::new();
    for (route, described) in &described {
        operation::name_schemas(route, described, &mut schemas);
    }
    let problems = problems::responses(&mut schemas);
    let components = schemas.components();
    let mut paths: Map<String, Value> = Map::new();
    for (route, described) in &described {
        let operation = operation::describe(route, described, &mut schemas, &components);
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.as_str().to_ascii_lowercase()] = operation;
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Postrider",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Sends webhooks for a platform: its events to the endpoints of its tenants' subscriptions, signed by \
                            Standard Webhooks, with every attempt on record.",
            "license": { "name": "Apache-2.0 OR MIT", "identifier": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": "/" }],
        "tags": AREAS.map(|area| json!({ "name": format!("{area:?}"), "description": about(area) })),
        "paths": paths,
        "components": { "schemas": components, "responses": problems, "securitySchemes": operation::security_schemes() },
    })
}

const AREAS: [Area; 7] = [
    Area::Tenants,
    Area::Catalogue,
    Area::Subscriptions,
    Area::Events,
    Area::Deliveries,
    Area::Statistics,
    Area::Service,
];

const fn about(area: Area) -> &'static str {
    match area {
        Area::Tenants => {
            "The platform's customers, what they are let in by, and erasing what is theirs."
        }
        Area::Catalogue => "What can be published, and what a subscription can start from.",
        Area::Subscriptions => {
            "A tenant's standing orders, and the secrets that sign what they get."
        }
        Area::Events => "What happened: published once, never changed.",
        Area::Deliveries => {
            "An event's way to a subscription, with every attempt; again, or no more."
        }
        Area::Statistics => "Deliveries and attempts, counted when somebody asks.",
        Area::Service => "Without a key.",
    }
}

/// The words of the function that serves the operation.
fn described(operation: Operation) -> Described {
    match operation {
        Operation::Control(operation) => control::describe(operation),
        Operation::Subscriptions(operation) => subscriptions::describe(operation),
        Operation::Intake(operation) => intake::describe(operation),
        Operation::History(operation) => history::describe(operation),
    }
}

#[cfg(test)]
mod tests;
