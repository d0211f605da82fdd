use std::collections::BTreeMap;

use super::*;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    #[expect(dead_code, reason = "it is read in vain")]
    headers: BTreeMap<String, String>,
    #[expect(dead_code, reason = "it is read in vain")]
    order: Option<Kind>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    First,
    Second,
}

fn refused(body: &str) -> Vec<FieldError> {
    let request = Request::new(lambda_http::Request::new(lambda_http::Body::from(body)));
    match request.json::<Body>().unwrap_err() {
        ApiError::Invalid(errors) => errors,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_value_of_the_wrong_kind_is_named_by_its_place_and_not_repeated() {
    let cases = [
        (
            r#"{"headers":"s3cret, expected \"x\" at line 1"}"#,
            "headers",
            "invalid type: string, expected a map",
        ),
        (r#"{"headers":{"x":31337}}"#, "headers.x", "invalid type: integer, expected a string"),
        (
            r#"{"headers":{"x":["s3cret"]}}"#,
            "headers.x",
            "invalid type: sequence, expected a string",
        ),
        (
            r#"{"headers":{},"order":"s3cret"}"#,
            "order",
            "unknown variant, expected `first` or `second`",
        ),
        (
            r#"{"headers":{},"colour":1}"#,
            "colour",
            "unknown field `colour`, expected `headers` or `order`",
        ),
    ];
    for (body, path, message) in cases {
        assert_eq!(
            refused(body),
            [FieldError { path: path.to_owned(), message: message.to_owned() }],
            "{body}"
        );
    }
}
