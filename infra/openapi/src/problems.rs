//! The problems that operations answer with, each as the product itself writes it.

use lambda_http::Body;
use serde_json::{Map, Value, json};
use shared::core::access::capability::Capability;
use shared::edges::api::description::Described;
use shared::edges::api::routes::{Needs, Operation, Route, control, intake};
use shared::edges::api::{ApiError, Problem};

use crate::schemas::Schemas;

/// A status's problems, by the name that they have among the components.
fn all() -> [(&'static str, Vec<ApiError>); 11] {
    let not_permitted =
        [Capability::View, Capability::Manage, Capability::Resend, Capability::Publish];
    [
        (
            "Malformed",
            vec![ApiError::Malformed("EOF while parsing an object at line 1 column 9".to_owned())],
        ),
        ("Unauthorized", vec![ApiError::Unauthorized, ApiError::TokenExpired]),
        ("AdminOnly", vec![ApiError::AdminOnly]),
        ("NotPermitted", not_permitted.map(ApiError::NotPermitted).into()),
        ("NotFound", vec![ApiError::NotFound("subscription")]),
        ("Conflict", vec![ApiError::contended("It")]),
        (
            "TooLarge",
            vec![ApiError::TooLarge(
                "data has 1048577 bytes; at most 1048576 are taken.".to_owned(),
            )],
        ),
        ("Invalid", vec![ApiError::invalid("limit", "a number from 1 to 250 is wanted")]),
        ("TooManyEvents", vec![ApiError::TooManyEvents { limit: 60_000, wait: 42 }]),
        ("Internal", vec![ApiError::Internal]),
        ("Unavailable", vec![ApiError::Unavailable]),
    ]
}

/// The components that operations refer to.
pub fn responses(schemas: &mut Schemas) -> Map<String, Value> {
    let form = schemas.answered(shared::edges::api::description::form::<Problem<'_>>);
    all().into_iter().map(|(name, errors)| (name.to_owned(), response(&errors, &form))).collect()
}

fn response(errors: &[ApiError], form: &Value) -> Value {
    let (mut examples, mut headers, mut titles) = (Map::new(), Map::new(), Vec::new());
    for error in errors {
        let answered = error.response();
        let Body::Text(text) = answered.body() else { panic!("a problem is text") };
        let problem: Value = serde_json::from_str(text).expect("a problem is JSON");
        let name =
            problem["type"].as_str().and_then(|name| name.rsplit(':').next()).expect("its type");
        let title = problem["title"].as_str().expect("its title").to_owned();
        let key = if examples.contains_key(name) {
            format!("{name}-{}", examples.len() + 1)
        } else {
            name.to_owned()
        };
        examples.insert(key, json!({ "value": problem }));
        if !titles.contains(&title) {
            titles.push(title);
        }
        for name in answered.headers().keys().filter(|name| *name != "content-type") {
            headers.insert(
                name.to_string(),
                json!({ "schema": { "type": "string" }, "required": true }),
            );
        }
    }
    json!({
        "description": format!("{}.", titles.join("; or ")),
        "headers": headers,
        "content": { "application/problem+json": { "schema": form, "examples": examples } },
    })
}

/// The problems of an operation, by status.
pub fn of(route: &Route, described: &Described) -> Map<String, Value> {
    let has_body = described.body.is_some();
    // A name that is put is not looked for; but another's tenant is not there.
    let finds = route.variables().next().is_some()
        && route.operation != Operation::Control(control::Operation::PutEventType);
    let keyed = route.needs != Needs::Nothing;
    let problems = [
        ("Malformed", has_body),
        ("Unauthorized", keyed),
        ("AdminOnly", route.needs == Needs::Admin),
        ("NotPermitted", matches!(route.needs, Needs::To(_))),
        ("NotFound", finds),
        ("Conflict", described.conflicts),
        ("TooLarge", has_body),
        ("Invalid", keyed),
        ("TooManyEvents", route.operation == Operation::Intake(intake::Operation::PublishEvents)),
        ("Internal", keyed),
        ("Unavailable", keyed),
    ];
    let mut found = Map::new();
    for (name, errors) in all() {
        if problems.contains(&(name, true)) {
            let status = errors[0].response().status().as_u16().to_string();
            found.insert(status, json!({ "$ref": format!("#/components/responses/{name}") }));
        }
    }
    found
}
