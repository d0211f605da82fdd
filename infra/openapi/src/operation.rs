//! One operation of the document.

use serde_json::{Map, Value, json};
use shared::core::event::event_type::EventTypeName;
use shared::core::id::{EventId, KeyId, ResendId, SubscriptionId, TenantId};
use shared::edges::api::description::{Described, Form, Header, form};
use shared::edges::api::routes::{Needs, Operation, Route};
use shared::edges::api::schemas::ProfileName;

use crate::schemas::Schemas;
use crate::{example, problems};

/// Makes every schema that the operation refers to.
pub fn name_schemas(route: &Route, described: &Described, schemas: &mut Schemas) {
    parameters(route, described, schemas);
    if let Some(body) = &described.body {
        schemas.asked(body.form);
    }
    for answer in &described.answers {
        answer.form.map(|form| schemas.answered(form));
    }
}

/// The operation, with every schema that it refers to among `components`.
pub fn describe(
    route: &Route,
    described: &Described,
    schemas: &mut Schemas,
    components: &Map<String, Value>,
) -> Value {
    let mut responses = problems::of(route, described);
    for answer in &described.answers {
        let mut response = json!({ "description": answer.meaning });
        if let Some(form) = answer.form {
            response["content"] =
                content(&schemas.answered(form), answer.example.as_ref(), components);
        }
        for header in &answer.headers {
            let schema = schemas.answered(header.form);
            response["headers"][header.name] =
                json!({ "description": header.description, "schema": schema });
        }
        responses.insert(answer.status.to_string(), response);
    }
    let mut operation = json!({
        "operationId": name(route.operation),
        "summary": described.summary,
        "description": format!("{} {}", described.description, who(route.needs)).trim(),
        "tags": [format!("{:?}", described.area)],
        "parameters": parameters(route, described, schemas),
        "responses": responses,
        "security": security(route.needs),
    });
    if let Some(body) = &described.body {
        let content = content(&schemas.asked(body.form), body.example.as_ref(), components);
        operation["requestBody"] = json!({ "required": !body.optional, "content": content });
    }
    operation
}

fn content(schema: &Value, given: Option<&Value>, components: &Map<String, Value>) -> Value {
    let example = given.cloned().unwrap_or_else(|| example::of(schema, components));
    json!({ "application/json": { "schema": schema, "example": example } })
}

/// As a function of a client is called: `getTenant`.
fn name(operation: Operation) -> String {
    let name = operation.name();
    name[..1].to_ascii_lowercase() + &name[1..]
}

fn parameters(route: &Route, described: &Described, schemas: &mut Schemas) -> Vec<Value> {
    let path = route.variables().map(|name| {
        let schema = schemas.asked(variable(name));
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let mut parameters: Vec<Value> = path.collect();
    parameters.extend(route.query.iter().map(|query| {
        let schema = schemas.asked(query.schema);
        json!({ "name": query.name, "in": "query", "description": query.description, "schema": schema })
    }));
    parameters.extend(described.headers.iter().map(|Header { name, description, form }| {
        json!({ "name": name, "in": "header", "description": description, "schema": schemas.asked(*form) })
    }));
    parameters
}

/// What a path's variable is.
fn variable(name: &str) -> Form {
    match name {
        "tenant" => form::<TenantId>,
        "key" => form::<KeyId>,
        "name" => form::<EventTypeName>,
        "profile" => form::<ProfileName>,
        "subscription" => form::<SubscriptionId>,
        "event" => form::<EventId>,
        "resend" => form::<ResendId>,
        other => panic!("what is {{{other}}} in a path?"),
    }
}

fn who(needs: Needs) -> String {
    match needs {
        Needs::Nothing => String::new(),
        Needs::Admin => "For the admin key.".to_owned(),
        Needs::To(capability) => {
            format!(
                "For the admin key, or a key or token of the tenant that may `{}`.",
                capability.as_str()
            )
        }
    }
}

fn security(needs: Needs) -> Value {
    match needs {
        Needs::Nothing => json!([]),
        Needs::Admin => json!([{ "adminKey": [] }]),
        Needs::To(_) => json!([{ "adminKey": [] }, { "tenantKey": [] }, { "portalToken": [] }]),
    }
}

/// What `Authorization: Bearer` may carry.
pub fn security_schemes() -> Value {
    let bearer = |description: &str| json!({ "type": "http", "scheme": "bearer", "description": description });
    json!({
        "adminKey": bearer("The deployment's admin key: everything."),
        "tenantKey": bearer(
            "A tenant's API key, for what is the tenant's: `full` may all that a tenant may, `read_only` may `view`, \
             `publish_only` may `publish`. Another tenant's is answered with 404."
        ),
        "portalToken": bearer(
            "A portal link's token, for what is the tenant's: it may `view`, and what else it was made for (`manage`, \
             `resend`), until it expires."
        ),
    })
}
