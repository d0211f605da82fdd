use super::super::{AttributeValue, Content, Draft};
use crate::refusal::Kind;

fn draft(body: &str) -> Draft {
    Draft { body: body.to_owned(), ..Draft::default() }
}

#[test]
fn control_characters_and_noncharacters_are_not_sent() {
    for body in ["a\u{1}b", "\u{fffe}", "\u{ffff}é"] {
        assert_eq!(Content::of(draft(body)).unwrap_err().kind, Kind::InvalidMessageContents);
    }
    assert!(Content::of(draft("tab\t, line\r\n, \u{1f600}, \u{fffd}")).is_ok());
    assert_eq!(Content::of(draft("")).unwrap_err().kind, Kind::MissingParameter);
}

#[test]
fn an_attribute_needs_a_known_type_and_a_value_of_it() {
    for (data_type, string, binary) in [
        ("", Some("x"), None),
        ("Text", Some("x"), None),
        ("String", None, Some("eA==")),
        ("String", Some(""), None),
    ] {
        let mut with = draft("x");
        let value = AttributeValue {
            data_type: data_type.to_owned(),
            string: string.map(str::to_owned),
            binary: binary.map(str::to_owned),
        };
        with.attributes.insert("a".to_owned(), value);
        assert_eq!(Content::of(with).unwrap_err().kind, Kind::InvalidParameterValue, "{data_type}");
    }
}
