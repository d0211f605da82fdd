//! Schemas that would stall or end a function, and those that are to go on working.

use std::fmt::Write as _;

use serde_json::json;

use super::*;

/// What a thread of a test has; a function's main thread has 8 MiB.
const STACK_BYTES: usize = 2 << 20;

fn compile(schema: &Value) -> Schema {
    Schema::compile(&schema.to_string()).unwrap_or_else(|error| panic!("{error}: {schema}"))
}

fn refused(schema: &Value) -> String {
    Schema::compile(&schema.to_string()).expect_err("a schema that is refused").to_string()
}

fn message(schema: &Schema, data: &str) -> String {
    schema.check(data, "data").expect_err("data that is refused")[0].message.clone()
}

/// `{"a":{"a":…{}…}}`
fn nested(levels: usize) -> String {
    format!("{}{{}}{}", r#"{"a":"#.repeat(levels), "}".repeat(levels))
}

/// A definition for each number, which `written` makes of a reference to the next, and a last one.
fn chain(length: usize, written: impl Fn(Value) -> Value) -> Value {
    let next = |number: usize| json!({ "$ref": format!("#/$defs/d{}", number + 1) });
    let mut defs: serde_json::Map<_, _> =
        (0..length).map(|n| (format!("d{n}"), written(next(n)))).collect();
    defs.insert(format!("d{length}"), json!({ "type": "integer" }));
    json!({ "$defs": defs, "$ref": "#/$defs/d0" })
}

#[test]
fn faults_say_where_they_are() {
    let schema =
        json!({"type": "object", "required": ["id"], "properties": {"n": {"type": "integer"}}});
    let schema = compile(&schema);
    assert_eq!(schema.check(r#"{"id":1,"n":2}"#, "data"), Ok(()));
    let faults = schema.check(r#"{"n":"x"}"#, "data").unwrap_err();
    assert_eq!(
        faults.iter().map(|fault| fault.path.as_str()).collect::<Vec<_>>(),
        ["data", "data/n"]
    );
}

#[test]
fn schemas_that_reach_outside_or_are_none_are_refused() {
    for bad in [r#"{"$ref":"https://example.com/s.json"}"#, r#"{"type":"nothing"}"#, "3", "{"] {
        assert!(Schema::compile(bad).is_err(), "{bad}");
    }
    assert!(Schema::compile(&format!(r#"{{"description":"{}"}}"#, "x".repeat(MAX_LEN))).is_err());
}

#[test]
fn what_applies_to_itself_or_to_one_value_too_often_is_refused_when_it_is_saved() {
    let twice = |next: Value| json!({ "allOf": [next.clone(), next] });
    let once = |next: Value| json!({ "allOf": [next] });
    let itself = [
        json!({ "allOf": [{ "$ref": "#" }] }),
        json!({ "$defs": { "a": { "not": { "$ref": "#/$defs/b" } }, "b": { "$ref": "#/$defs/a" } }, "$ref": "#/$defs/a" }),
        json!({ "dependentSchemas": { "a": { "$ref": "#" } } }),
    ];
    for schema in itself {
        assert!(refused(&schema).contains("applies itself"), "{schema}");
    }
    for schema in [chain(14, twice), chain(40, once)] {
        assert!(refused(&schema).contains("to the same value"), "{schema}");
    }
    compile(&chain(10, twice));
    compile(&chain(20, once));
}

#[test]
fn what_is_large_long_or_deep_is_refused_when_it_is_saved() {
    let below = |next: Value| json!({ "items": next });
    assert!(refused(&chain(600, below)).contains("within each other"));
    let references: Vec<_> =
        (0..600).map(|_| json!({ "properties": { "a": { "$ref": "#" } } })).collect();
    assert!(refused(&json!({ "prefixItems": references })).contains("references"));
    let subschemas: serde_json::Map<_, _> =
        (0..4_100).map(|n| (n.to_string(), json!({}))).collect();
    assert!(refused(&json!({ "properties": subschemas })).contains("subschemas"));
    for pattern in [
        "a".repeat(1_001),
        "(a{1000}){1000}".to_owned(),
        "\\p{L}{200}".to_owned(),
        "\\cA".repeat(400),
    ] {
        assert!(refused(&json!({ "pattern": pattern })).contains("pattern"), "{pattern}");
        assert!(refused(&json!({ "patternProperties": { pattern: {} } })).contains("pattern"));
    }
    let patterns: Vec<_> =
        (0..40).map(|n| json!({ "pattern": format!("[^{n}]{{200}}") })).collect();
    assert!(refused(&json!({ "prefixItems": patterns })).contains("together"));
    compile(&json!({ "prefixItems": vec![patterns[0].clone(); 40] }));
}

#[test]
fn references_that_could_mean_something_else_are_refused() {
    let draft_4 = json!({ "$schema": "http://json-schema.org/draft-04/schema#", "items": { "id": "https://e.com/x" } });
    let others = [
        json!({ "$defs": { "a": { "$id": "https://example.com/a" } } }),
        json!({ "$dynamicRef": "#node" }),
        json!({ "$recursiveRef": "#" }),
        json!({ "$ref": "#name" }),
        json!({ "$ref": "#/$defs/none" }),
        json!({ "$defs": { "~/a": {}, "~~1a": {} }, "$ref": "#/$defs/~~1a" }),
        json!({ "$defs": { "~a": {} }, "$ref": "#/$defs/~a" }),
        json!({ "allOf": [{ "$schema": "http://json-schema.org/draft-04/schema#", "id": "urn:x" }] }),
    ];
    for schema in others.into_iter().chain([draft_4]) {
        assert!(refused(&schema).contains("write references as #/$defs/name"), "{schema}");
    }
    for draft in
        ["https://json-schema.org/draft/2020-12/schema#draft-04", "https://example.com/own", ""]
    {
        assert!(
            refused(&json!({ "$schema": draft })).contains("is no draft that is known here"),
            "{draft}"
        );
    }
    compile(
        &json!({ "$schema": "http://json-schema.org/draft-07/schema#", "$id": "https://example.com/order" }),
    );
    compile(&json!({ "$defs": { "a/~b": { "type": "string" } }, "$ref": "#/$defs/a~1~0b" }));
}

#[test]
fn a_child_that_is_looked_at_twice_on_every_level_ends_the_check_before_it_starts() {
    let below = json!({ "properties": { "a": { "$ref": "#" } }, "required": ["b"] });
    let again = json!({ "$ref": "#" });
    let schemas = [
        json!({ "anyOf": [below, below] }),
        json!({ "oneOf": [below, below] }),
        json!({ "patternProperties": { "a": again, "^a": again }, "required": ["b"] }),
        json!({ "unevaluatedProperties": again, "allOf": [{ "additionalProperties": again }], "required": ["b"] }),
    ];
    for schema in schemas {
        let schema = compile(&schema);
        assert!(
            !message(&schema, &nested(4)).contains("would take too long"),
            "what is small is checked"
        );
        assert!(message(&schema, &nested(60)).contains("would take too long"));
    }
}

#[test]
fn what_grows_with_schema_times_data_ends_the_check_before_it_starts() {
    let numbers = format!("[{}0]", "1,".repeat(200_000));
    let many = |one: Value| json!({ "anyOf": vec![one; 1_000] });
    let text = format!("\"{}\"", "ab".repeat(100_000));
    let names: String = (0..20_000).fold(String::from("{"), |mut json, n| {
        write!(json, r#""{n}":1,"#).expect("a String takes all");
        json
    }) + r#""":1}"#;
    let patterns: serde_json::Map<_, _> =
        (0..100).map(|n| (format!("[ab]{{{n}}}c"), json!(true))).collect();
    let cases = [
        (many(json!({ "uniqueItems": true, "maxItems": 0 })), numbers.as_str()),
        (many(json!({ "contains": { "type": "string" } })), &numbers),
        (json!({ "pattern": "a[ab]{400}c" }), &text),
        (many(json!({ "pattern": "x" })), &text),
        (json!({ "patternProperties": patterns }), &names),
        (json!({ "propertyNames": many(json!({ "enum": [1, 2, 3] })) }), &names),
    ];
    for (schema, data) in cases {
        assert!(message(&compile(&schema), data).contains("would take too long"), "{schema}");
    }
}

#[test]
fn elements_that_differ_in_brackets_alone_are_told_apart_as_fast_as_others() {
    let schema = compile(&json!({ "items": { "type": "string" }, "uniqueItems": true }));
    // Each number's bits as brackets, twice the size of a payload that would have taken minutes.
    let trees = (0_u32..40_000).map(|number| {
        let bits = (0..16).map(|bit| if number >> bit & 1 == 0 { "[]" } else { "[[]]" });
        format!("[{}]", bits.collect::<Vec<_>>().join(","))
    });
    let data = format!("[{}]", trees.collect::<Vec<_>>().join(","));
    assert!(schema.check(&data, "data").is_err());
    assert!(!message(&compile(&json!({ "uniqueItems": true })), "[[[]],[[]]]").is_empty());
}

#[test]
fn faults_of_large_data_are_not_gathered() {
    let schema =
        compile(&json!({ "items": { "allOf": [{ "type": "string" }, { "type": "boolean" }] } }));
    assert_eq!(schema.check("[1,1,1,1,1,1]", "data").unwrap_err().len(), 10);
    let faults = schema.check(&format!("[{}1]", "1,".repeat(400_000)), "data").unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(faults[0].message.contains("not listed"), "{}", faults[0].message);
}

#[test]
fn the_deepest_check_and_the_longest_chain_have_room_on_the_stack() {
    let run = || {
        let below =
            |next: Value| json!({ "properties": { "a": next }, "additionalProperties": false });
        compile(&chain(90, below));
        let within = json!({ "anyOf": [{ "allOf": [{ "oneOf": [{ "properties": { "a": { "$ref": "#" } } }] }] }] });
        let deepest = compile(&within);
        assert!(message(&deepest, &nested(120)).contains("nested too deep"));
        assert_eq!(deepest.check(&nested(100), "data"), Ok(()));
        let refusing = json!({ "allOf": [{ "anyOf": [{ "properties": { "a": { "$ref": "#" } }, "required": ["b"] }] }] });
        assert!(compile(&refusing).check(&nested(110), "data").is_err());
        assert!(message(&deepest, &nested(200)).contains("recursion limit"));
    };
    let thread = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(run).expect("a thread");
    thread.join().expect("no overflow");
}

#[test]
fn recursion_as_in_trees_and_what_is_as_long_as_a_payload_may_be_is_checked() {
    let tree = json!({
        "$defs": { "node": {
            "type": "object",
            "required": ["name"],
            "properties": {
                "name": { "type": "string", "maxLength": 100 },
                "children": { "type": "array", "items": { "$ref": "#/$defs/node" } },
                "next": { "oneOf": [{ "type": "null" }, { "$ref": "#/$defs/node" }] },
            },
            "unevaluatedProperties": false,
        } },
        "$ref": "#/$defs/node",
    });
    let tree = compile(&tree);
    let leaf = r#"{"name":"leaf","children":[],"next":null}"#;
    let wide =
        format!(r#"{{"name":"root","children":[{}{leaf}]}}"#, format!("{leaf},").repeat(20_000));
    assert_eq!(tree.check(&wide, "data"), Ok(()));
    assert!(tree.check(r#"{"name":"a","next":{"name":1}}"#, "data").is_err());

    let texts = json!({ "additionalProperties": { "pattern": "^.{1,200}$" } });
    let long = format!(r#"{{"a":"{0}","b":"{0}"}}"#, "é".repeat(100));
    assert_eq!(compile(&texts).check(&long, "data"), Ok(()));

    let email = json!({ "type": "string", "format": "email", "pattern": "^[^@\\s]+@[^@\\s]+\\.[a-z]{2,}$" });
    let customer = json!({
        "type": "object",
        "required": ["id", "email"],
        "properties": {
            "id": { "type": "string", "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$" },
            "email": email,
            "status": { "enum": ["active", "gone"] },
        },
        "additionalProperties": false,
    });
    let customers = compile(&json!({ "type": "array", "items": customer, "uniqueItems": true }));
    let one = r#"{"id":"01234567-89ab-cdef-0123-456789abcdef","email":"somebody@example.com","status":"active"}"#;
    let two = one.replace("somebody", "another");
    assert_eq!(customers.check(&format!("[{one},{two}]"), "data"), Ok(()));
    let same = customers.check(&format!("[{}{one}]", format!("{one},").repeat(9_000)), "data");
    assert!(same.unwrap_err()[0].message.contains("does not accept"));
}
