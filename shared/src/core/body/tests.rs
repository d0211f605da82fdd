use super::*;
use crate::core::timestamp::Timestamp;
use proptest::prelude::*;

fn render(template: &str, data: &str) -> String {
    let event = EventId::new(Timestamp::from_millis(1_700_000_000_123), 5);
    let (event_type, tenant) =
        ("order.created".parse().expect("name"), "market_123".parse().expect("tenant"));
    let subject = Subject { event, event_type: &event_type, tenant: &tenant, data };
    Template::compile(template).expect("a template").render(&subject)
}

#[test]
fn every_placeholder_is_filled_and_the_data_stands_in_the_body_byte_for_byte() {
    let template = r#"{ "id": "${id}", "type": "${type}", "at": ["${timestamp}", "${unix_seconds}"],
        "of": "${tenant}", "data": {"object": "${data}"}, "version": "2024-01-01 \" {x}", "n": 1.0 }"#;
    let id = EventId::new(Timestamp::from_millis(1_700_000_000_123), 5);
    let data = "{ \"total\" : 1.50e0,\"b\":\"\\u00e9 ${id}\" }";
    let expected = format!(
        "{{\"id\":\"{id}\",\"type\":\"order.created\",\"at\":[\"2023-11-14T22:13:20.123Z\",1700000000],\
         \"of\":\"market_123\",\"data\":{{\"object\":{data}}},\"version\":\"2024-01-01 \\\" {{x}}\",\"n\":1.0}}"
    );
    let body = render(template, data);
    assert_eq!(body, expected);
    assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok());
    assert_eq!(render(r#""${data}""#, data), data);
}

#[test]
fn a_string_that_only_contains_a_placeholder_or_names_an_unknown_one_is_refused() {
    for bad in [r#"{"a":"id: ${id}"}"#, r#""${now}""#, r#"["${data} "]"#] {
        let error = serde_json::from_str::<Template>(bad).unwrap_err().to_string();
        assert!(
            error.contains("is no placeholder") && error.contains("${unix_seconds}"),
            "{error}"
        );
    }
    assert!(Template::compile(&format!("\"{}\"", "x".repeat(MAX_TEMPLATE_LEN))).is_err());
}

proptest! {
    #[test]
    fn a_template_without_placeholders_is_its_json_and_every_template_is_written_as_it_was_read(
        text in "[a-z \"\\\\\\n{}]{0,20}",
        number: f64,
    ) {
        let value = serde_json::json!({ "a": [text, null, true], "b": { "c": number } });
        let template = Template::compile(&value.to_string()).unwrap();
        prop_assert_eq!(&serde_json::to_string(&template).unwrap(), &value.to_string());
        let rendered: serde_json::Value = serde_json::from_str(&render(&value.to_string(), "1")).unwrap();
        prop_assert_eq!(rendered, value);
    }
}
