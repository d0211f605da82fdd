//! Examples, put together from those that types and their fields have.

use serde_json::{Map, Value, json};

/// One value of a schema, whose references are to `components`.
pub fn of(schema: &Value, components: &Map<String, Value>) -> Value {
    if let Some(given) = given(schema, components) {
        return given;
    }
    if let Some(named) = named(schema, components) {
        return of(named, components);
    }
    if let Some(first) = first(schema) {
        return of(first, components);
    }
    if let Some(value) =
        schema.get("const").or_else(|| schema["enum"].get(0)).or_else(|| schema.get("default"))
    {
        return value.clone();
    }
    match schema["type"].as_str() {
        Some("object") => object(schema, components),
        Some("array") => json!([of(&schema["items"], components)]),
        Some("string") => json!(""),
        Some("integer" | "number") => schema.get("minimum").cloned().unwrap_or_else(|| json!(0)),
        Some("boolean") => json!(false),
        // Anything, or nothing.
        _ => Value::Null,
    }
}

/// With what must be there, and what has an example of its own.
fn object(schema: &Value, components: &Map<String, Value>) -> Value {
    let required = |name: &str| {
        schema["required"].as_array().is_some_and(|all| all.iter().any(|one| one == name))
    };
    let fields = schema["properties"].as_object().into_iter().flatten();
    let has_own =
        |field: &Value| given(field, components).is_some_and(|example| !example.is_null());
    let shown = fields.filter(|(name, field)| required(name) || has_own(field));
    shown.map(|(name, field)| (name.clone(), of(field, components))).collect()
}

/// The example that a schema or the type that it names has.
fn given(schema: &Value, components: &Map<String, Value>) -> Option<Value> {
    let own = schema["examples"].get(0).cloned();
    own.or_else(|| given(named(schema, components).or_else(|| first(schema))?, components))
}

fn named<'a>(schema: &Value, components: &'a Map<String, Value>) -> Option<&'a Value> {
    components.get(schema["$ref"].as_str()?.strip_prefix("#/components/schemas/")?)
}

/// The first of several forms, which is the one that says most.
fn first(schema: &Value) -> Option<&Value> {
    ["oneOf", "anyOf"].iter().find_map(|several| schema[several].get(0))
}
