use std::collections::BTreeMap;

use aws::template::{Document, RouteKey, Scope, System};
use jsonschema::Validator;

use super::*;

fn kept() -> Value {
    serde_json::from_str(&std::fs::read_to_string(PLACE).expect("the kept document")).expect("JSON")
}

#[test]
fn the_kept_document_is_what_the_code_says() {
    assert!(
        kept() == document(),
        "functions/control/openapi.json is stale: run `cargo run -p openapi`"
    );
}

#[test]
fn the_template_sends_each_route_to_the_function_of_its_group() {
    for route in ROUTES {
        let key = format!("{} {}", route.method, route.path);
        assert_eq!(answering(&key), route.operation.function(), "{key}");
    }
}

#[test]
fn the_template_has_no_route_that_the_api_has_not() {
    // The tenants' page is beside the API.
    let of_the_api = |route: &&aws::template::Route| {
        route.key != RouteKey::Default && route.function != "portal"
    };
    for route in template().routes.iter().filter(of_the_api) {
        let is_it = |known: &&Route| format!("{} {}", known.method, known.path) == route.key.text();
        assert!(ROUTES.iter().any(|known| is_it(&known)), "{}", route.key.text());
    }
}

/// The function that the template sends a request to.
fn answering(key: &str) -> String {
    let routes = template().routes;
    let find = |text: &str| {
        routes.iter().find(|route| route.key.text() == text).map(|route| route.function.clone())
    };
    find(key).or_else(|| find("$default")).expect("a function for everything else")
}

fn template() -> System {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../template.yaml");
    let document = Document::read(path.as_ref()).expect("the template");
    let parameters = document.parameters(&[], &BTreeMap::new()).expect("its parameters");
    let scope = Scope::new(&document, parameters, "http://127.0.0.1", "http://127.0.0.1")
        .expect("its scope");
    System::describe(&document, &scope).expect("a system")
}

#[test]
fn every_example_is_one_of_its_schema() {
    let document = kept();
    let mut checked = 0;
    for (path, operations) in document["paths"].as_object().expect("paths") {
        for (method, operation) in operations.as_object().expect("operations") {
            let responses = operation["responses"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(_, response)| response);
            for body in responses.chain(operation.get("requestBody")) {
                for content in
                    body["content"].as_object().into_iter().flatten().map(|(_, content)| content)
                {
                    fits(
                        &document,
                        &content["schema"],
                        &content["example"],
                        &format!("{method} {path}"),
                    );
                    checked += 1;
                }
            }
        }
    }
    for (name, response) in document["components"]["responses"].as_object().expect("responses") {
        let content = &response["content"]["application/problem+json"];
        for example in content["examples"].as_object().expect("examples").values() {
            fits(&document, &content["schema"], &example["value"], name);
            checked += 1;
        }
    }
    assert!(checked > ROUTES.len(), "{checked}");
}

fn fits(document: &Value, schema: &Value, example: &Value, place: &str) {
    let mut root = schema.clone();
    root["components"] = document["components"].clone();
    let validator: Validator = jsonschema::options().offline().build(&root).expect("a schema");
    let faults: Vec<_> = validator.iter_errors(example).map(|error| error.to_string()).collect();
    assert!(faults.is_empty(), "{place}: {faults:?} in {example}");
}
