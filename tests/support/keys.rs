//! Keys of a tenant, and routes with ids of nothing that exists.

use serde_json::{Value, json};
use shared::edges::api::routes::Route;

use crate::{Api, Tenant};

/// Ids of nothing that exists.
pub const NOTHING: [(&str, &str); 6] = [
    ("subscription", "sub_00000000000000000000000000"),
    ("event", "evt_00000000000000000000000000"),
    ("key", "key_00000000000000000000000000"),
    ("resend", "rsd_00000000000000000000000000"),
    ("name", "no.such"),
    ("profile", "none"),
];

/// Makes a key of a scope for a tenant: its id, and the API with it.
pub async fn key_of(tenant: &Tenant, scope: &str) -> (String, Api) {
    let asked = json!({ "name": "test", "scope": scope });
    let made: Value = tenant.api.post(&tenant.path("/keys"), &asked).await.with(201).json();
    assert_eq!(made["scope"], scope);
    let text = |name: &str| made[name].as_str().expect("text").to_owned();
    (text("id"), tenant.api.with_key(&text("key")))
}

/// A route's path with what `named` says in the place of its names.
#[must_use]
pub fn path(route: &Route, named: &[(&str, &str)]) -> String {
    let replace =
        |path: String, (name, value): &(&str, &str)| path.replace(&format!("{{{name}}}"), value);
    named.iter().fold(route.path.to_owned(), replace)
}
