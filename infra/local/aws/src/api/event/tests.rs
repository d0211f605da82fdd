use http::Request;
use serde_json::{Value, json};

use super::*;

fn event(request: Request<&[u8]>) -> Value {
    let (parts, body) = request.into_parts();
    let found =
        Match { key: "POST /a/{b}", function: &(), parameters: vec![("b", "c d".to_owned())] };
    serde_json::from_slice(&payload(&parts, body, &found, "request-1")).unwrap()
}

#[test]
fn a_json_request_becomes_format_2_0() {
    let request = Request::post("/a/c%20d?x=1&y=%20a+b&x=2")
        .header("Content-Type", "application/json; charset=utf-8")
        .header("X-Twice", "one")
        .header("X-Twice", "two")
        .header("Cookie", "a=1; b=2")
        .header("User-Agent", "test");
    let event = event(request.body(&br#"{"n":1.0}"#[..]).unwrap());
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /a/{b}");
    assert_eq!(event["rawPath"], "/a/c d");
    assert_eq!(event["rawQueryString"], "x=1&y=%20a+b&x=2");
    assert_eq!(event["queryStringParameters"], json!({"x": "1,2", "y": " a b"}));
    assert_eq!(event["pathParameters"], json!({"b": "c d"}));
    assert_eq!(event["cookies"], json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["x-twice"], "one,two");
    assert_eq!(event["headers"].get("cookie"), None);
    assert_eq!(event["body"], r#"{"n":1.0}"#);
    assert_eq!(event["isBase64Encoded"], false);
    let context = &event["requestContext"];
    assert_eq!(
        (&context["stage"], &context["requestId"]),
        (&json!("$default"), &json!("request-1"))
    );
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["http"]["userAgent"], "test");
    assert!(context["timeEpoch"].as_i64().unwrap() > 1_600_000_000_000);
}

#[test]
fn a_body_that_is_not_text_is_base64_and_an_empty_one_is_left_out() {
    let binary = event(
        Request::post("/a/b").header("content-type", "image/png").body(&b"\x89PNG"[..]).unwrap(),
    );
    assert_eq!((&binary["body"], &binary["isBase64Encoded"]), (&json!("iVBORw=="), &json!(true)));
    let empty = event(Request::post("/a/b").body(&b""[..]).unwrap());
    assert_eq!(empty.get("body"), None);
    assert_eq!(empty.get("queryStringParameters"), None);
}

#[test]
fn times_have_the_common_log_format() {
    let time = OffsetDateTime::from_unix_timestamp(1_583_348_638).unwrap();
    assert_eq!(clf_time(time), "04/Mar/2020:19:03:58 +0000");
}
