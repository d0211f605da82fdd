use super::*;

async fn read(payload: &str) -> Option<(u16, Vec<(String, String)>, String)> {
    let (parts, body) = response(payload.as_bytes())?.into_parts();
    let body = axum::body::to_bytes(body, 1024).await.unwrap();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in &parts.headers {
        headers.push((name.to_string(), value.to_str().unwrap().to_owned()));
    }
    headers.sort();
    Some((parts.status.as_u16(), headers, String::from_utf8(body.to_vec()).unwrap()))
}

#[tokio::test]
async fn status_headers_cookies_and_body_are_taken_over() {
    let payload = r#"{"statusCode":201,"headers":{"Content-Type":"application/json","content-length":"9"},
        "multiValueHeaders":{"x-many":["1","2"]},"cookies":["a=1"],"body":"{\"a\":1}","isBase64Encoded":false}"#;
    let (status, headers, body) = read(payload).await.unwrap();
    assert_eq!((status, body.as_str()), (201, r#"{"a":1}"#));
    let expected = [
        ("content-type", "application/json"),
        ("set-cookie", "a=1"),
        ("x-many", "1"),
        ("x-many", "2"),
    ];
    assert_eq!(headers, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
}

#[tokio::test]
async fn a_base64_body_is_decoded() {
    let (_, _, body) =
        read(r#"{"statusCode":200,"body":"aGk=","isBase64Encoded":true}"#).await.unwrap();
    assert_eq!(body, "hi");
}

#[tokio::test]
async fn json_without_a_status_is_the_body_of_a_200() {
    let (status, headers, body) = read(r#"{"any":"thing"}"#).await.unwrap();
    assert_eq!((status, body.as_str()), (200, r#"{"any":"thing"}"#));
    assert_eq!(headers, [("content-type".to_owned(), "application/json".to_owned())]);
}

#[tokio::test]
async fn what_makes_no_response_is_none() {
    assert!(read("not json").await.is_none());
    assert!(read(r#"{"statusCode":99}"#).await.is_none());
    assert!(read(r#"{"statusCode":200,"body":"?","isBase64Encoded":true}"#).await.is_none());
}
