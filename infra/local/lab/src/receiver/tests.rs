//! The receiver on a real socket.

use http::Request;
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use shared::core::signature::{Kind, Secret};

use super::*;

async fn started() -> Receiver {
    Receiver::start(ReceiverOptions { port: Some(0), prints: false, keeps: true }).await.unwrap()
}

async fn send(
    receiver: &Receiver,
    path: &str,
    headers: &[(&str, String)],
    body: &str,
) -> (StatusCode, String) {
    let client = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::post(format!("{}{path}", receiver.address()));
    for (name, value) in headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(body.to_owned()))).unwrap();
    let (parts, body) = client.request(request).await.unwrap().into_parts();
    (parts.status, String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap())
}

async fn deliver(receiver: &Receiver, path: &str, id: &str) -> StatusCode {
    send(receiver, path, &[("webhook-id", id.to_owned())], "{}").await.0
}

fn signed(secret: &Secret, seconds: i64, body: &str) -> [(&'static str, String); 3] {
    [
        ("webhook-id", "evt_1".to_owned()),
        ("webhook-timestamp", seconds.to_string()),
        ("webhook-signature", secret.sign("evt_1", seconds, body.as_bytes())),
    ]
}

#[tokio::test]
async fn a_path_decides_the_answer_until_one_is_set_by_hand() {
    let receiver = started().await;
    for (path, status) in
        [("/ok", 200), ("/shop", 200), ("/fail", 500), ("/gone", 410), ("/redirect", 302)]
    {
        assert_eq!(deliver(&receiver, path, "evt_1").await.as_u16(), status, "{path}");
    }
    assert_eq!(send(&receiver, "/_answers", &[], r#"{"/shop":404}"#).await.0, StatusCode::OK);
    assert_eq!(deliver(&receiver, "/shop", "evt_1").await, StatusCode::NOT_FOUND);
    assert_eq!(send(&receiver, "/_answers", &[], r#"{"/shop":null}"#).await.0, StatusCode::OK);
    assert_eq!(deliver(&receiver, "/shop", "evt_1").await, StatusCode::OK);
    for wrong in ["", "[]", r#"{"/shop":99}"#, r#"{"/shop":100}"#, r#"{"/shop":"404"}"#] {
        assert_eq!(
            send(&receiver, "/_answers", &[], wrong).await.0,
            StatusCode::BAD_REQUEST,
            "{wrong}"
        );
    }
    receiver.stop().await;
}

#[tokio::test]
async fn fail_twice_counts_the_attempts_of_each_event() {
    let receiver = started().await;
    for (id, status) in
        [("evt_1", 500), ("evt_2", 500), ("evt_1", 500), ("evt_1", 200), ("evt_2", 500)]
    {
        assert_eq!(deliver(&receiver, "/fail-twice", id).await.as_u16(), status);
    }
    let attempts: Vec<u32> = receiver.received().iter().map(|received| received.attempt).collect();
    assert_eq!(attempts, [1, 1, 2, 3, 2]);
    receiver.stop().await;
}

#[tokio::test]
async fn signatures_are_checked_with_a_paths_secret_or_a_subscriptions() {
    let (receiver, secret, other) =
        (started().await, Secret::new(Kind::Hmac, [7; 32]), Secret::new(Kind::Hmac, [8; 32]));
    let now = clock::now().as_unix_seconds();
    let body = r#"{"type":"order.created"}"#;
    let told = |of: &str, secret: &Secret| json!({ of: secret.reveal() }).to_string();
    send(&receiver, "/ok", &signed(&secret, now, body), body).await;
    let (status, known) = send(&receiver, "/_secrets", &[], &told("sub_1", &secret)).await;
    assert_eq!((status, known.as_str()), (StatusCode::OK, "{\"known\":[\"sub_1\"]}\n"));
    send(&receiver, "/ok", &signed(&secret, now, body), body).await;
    send(&receiver, "/ok", &signed(&secret, now, body), "{}").await;
    send(&receiver, "/ok", &signed(&secret, now - 301, body), body).await;
    send(&receiver, "/ok", &[], body).await;
    send(&receiver, "/_secrets", &[], &told("/ok", &other)).await;
    send(&receiver, "/ok", &signed(&secret, now, body), body).await;
    send(&receiver, "/ok", &signed(&other, now, body), body).await;
    let received = receiver.received();
    let verdict = |at: usize| received[at].signature.clone();
    assert!(matches!(verdict(0), Verdict::NotChecked(how) if how.contains(r#"{"/ok":"whsec_…"}"#)));
    assert_eq!(verdict(1), Verdict::Verified("v1".to_owned()));
    for (at, reason) in
        [(2, "body was changed"), (3, "301 seconds"), (4, "is missing"), (5, "that I know")]
    {
        assert!(
            matches!(verdict(at), Verdict::Refused(why) if why.contains(reason)),
            "{at}: {}",
            verdict(at)
        );
    }
    assert_eq!(verdict(6), Verdict::Verified("v1".to_owned()));
    assert_eq!(received[1].event_type.as_deref(), Some("order.created"));
    receiver.stop().await;
}

#[tokio::test]
async fn a_public_key_verifies_v1a_and_a_plain_secret_its_own_header() {
    let (receiver, now, body) = (started().await, clock::now().as_unix_seconds(), "{}");
    let (pair, plain) = (Secret::new(Kind::Ed25519, [7; 32]), Secret::new(Kind::Plain, [8; 32]));
    let public_key = pair.public_key().unwrap().to_string();
    send(
        &receiver,
        "/_secrets",
        &[],
        &json!({ "/a": public_key, "/b": plain.reveal() }).to_string(),
    )
    .await;
    send(&receiver, "/a", &signed(&pair, now, body), body).await;
    let mut headers = signed(&plain, now, body).to_vec();
    headers.push(("x-token", plain.reveal()));
    send(&receiver, "/b", &headers, body).await;
    send(&receiver, "/a", &headers, body).await;
    let verdicts: Vec<String> =
        receiver.received().iter().map(|received| received.signature.to_string()).collect();
    assert_eq!(
        verdicts[..2],
        ["signature verified (v1a)", "signature verified (v1, and the token in x-token)"]
    );
    assert!(verdicts[2].starts_with("SIGNATURE DOES NOT VERIFY"));
    receiver.stop().await;
}

#[tokio::test]
async fn a_secret_that_is_none_is_refused_without_being_shown() {
    let receiver = started().await;
    let (status, answer) = send(&receiver, "/_secrets", &[], r#"{"/ok":"whsec_c2hvcnQ="}"#).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(answer.starts_with("/ok: ") && !answer.contains("c2hvcnQ"), "{answer}");
    receiver.stop().await;
}

#[tokio::test]
async fn a_port_that_was_asked_for_and_is_taken_is_an_error() {
    let receiver = started().await;
    let port = receiver.address().rsplit(':').next().unwrap().parse().unwrap();
    let second =
        Receiver::start(ReceiverOptions { port: Some(port), ..ReceiverOptions::default() }).await;
    assert!(matches!(second, Err(Error::ReceiverPortInUse(taken)) if taken == port));
    receiver.stop().await;
}

#[test]
fn a_printed_delivery_tells_all_that_matters_in_three_lines() {
    let received = Received {
        at: Timestamp::from_millis(1_700_000_000_123),
        path: "/fail-twice".to_owned(),
        id: Some("evt_1".to_owned()),
        event_type: Some("order.created".to_owned()),
        attempt: 2,
        wait: Duration::from_millis(2_010),
        signature: Verdict::Verified("v1".to_owned()),
        body: Bytes::from(format!("{{\"a\":\n   \"\u{1b}[2J{}", "é".repeat(300))),
        answer: Answer { status: StatusCode::INTERNAL_SERVER_ERROR, after: Duration::ZERO },
    };
    let text = print::text(&received);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "22:13:20.123Z  POST /fail-twice  order.created  evt_1");
    assert_eq!(
        lines[1].trim_start(),
        "attempt 2, 2.01 s after the one before; signature verified (v1); answered 500"
    );
    assert_eq!(lines[2].trim_start(), format!("{{\"a\": \"[2J{}… (614 bytes)", "é".repeat(190)));
    assert_eq!(lines.len(), 3);
}
