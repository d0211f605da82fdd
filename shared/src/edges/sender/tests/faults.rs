//! No status arrived.

use super::*;
use crate::core::delivery::attempt::Phase;

const NOT_HTTP: &str = "the answer is not HTTP/1.1, or has too many or too large headers";

#[tokio::test]
async fn silence_is_a_timeout() {
    let (port, _) =
        receiver(|mut stream| async move { while read_request(&mut stream).await.is_some() {} })
            .await;
    let reply = send(&sender("127.0.0.0/8"), &format!("http://127.0.0.1:{port}/"), 200).await;
    let Timing { dns_ms, connect_ms, tls_ms, first_byte_ms } = reply.timing;
    assert_eq!(
        [dns_ms, tls_ms, first_byte_ms, connect_ms].map(|part| part.is_some()),
        [false, false, false, true]
    );
    let (class, detail) = class_and_detail(reply.result);
    assert_eq!(class, FaultClass::Timeout(Phase::FirstByte));
    assert!(detail.starts_with("no answer within 200 ms: connected after "), "{detail}");
    assert!(detail.ends_with(" ms, then waited for the answer's headers"), "{detail}");
    assert!((200..1000).contains(&reply.duration.as_millis()), "{:?}", reply.duration);
}

#[tokio::test]
async fn silence_on_a_kept_connection_is_told_as_such() {
    let (port, connections) = receiver(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
        while read_request(&mut stream).await.is_some() {}
    })
    .await;
    let (sender, url) = (sender("127.0.0.0/8"), format!("http://127.0.0.1:{port}/"));
    assert_eq!(send(&sender, &url, 1000).await.result.unwrap().status, 200);
    let reply = send(&sender, &url, 200).await;
    let words = "no answer within 200 ms: sent over a kept connection, then waited for the answer's headers";
    assert_eq!(
        class_and_detail(reply.result),
        (FaultClass::Timeout(Phase::FirstByte), words.to_owned())
    );
    assert!(reply.timing.is_empty(), "{:?}", reply.timing);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_port_without_listener_is_refused() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let expected =
        (FaultClass::ConnectRefused, format!("nothing listens on 127.0.0.1 port {port}"));
    assert_eq!(class_and_detail(post(port, 1000).await), expected);
}

#[tokio::test]
async fn a_reset_and_a_silent_close_are_resets() {
    // Closing with unread bytes in the receive buffer makes the kernel send a reset.
    let (resetting, _) = receiver(|stream| async move {
        stream.readable().await.unwrap();
        drop(stream);
    })
    .await;
    let (class, _) = class_and_detail(post(resetting, 1000).await);
    assert_eq!(class, FaultClass::ConnectReset);

    let (closing, _) = receiver(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
    })
    .await;
    let expected = "the receiver closed the connection without an answer".to_owned();
    let found = class_and_detail(post(closing, 1000).await);
    assert_eq!(found, (FaultClass::ConnectReset, expected));
}

#[tokio::test]
async fn what_is_not_http_is_a_protocol_fault() {
    for answer in [
        "SSH-2.0-OpenSSH_9.9\r\n\r\n",
        "HTTP/1.1 abc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    ] {
        let (port, _) = answering(answer).await;
        let expected = (FaultClass::Protocol, NOT_HTTP.to_owned());
        assert_eq!(class_and_detail(post(port, 1000).await), expected, "{answer}");
    }
}

#[tokio::test]
async fn too_many_headers_are_a_protocol_fault() {
    let answer = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(200));
    let (port, _) = answering(answer.leak()).await;
    let expected = (FaultClass::Protocol, NOT_HTTP.to_owned());
    assert_eq!(class_and_detail(post(port, 1000).await), expected);
}

/// A TLS server of one connection, with a certificate of its own making.
fn tls_receiver(not_after: i32) -> u16 {
    let (config, _) = tls_server(not_after);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut connection = rustls::ServerConnection::new(config).unwrap();
        // Until the client, which trusts nobody on this machine, breaks off.
        while connection.complete_io(&mut stream).is_ok() {}
    });
    port
}

async fn https(port: u16) -> (FaultClass, String) {
    let url = format!("https://127.0.0.1:{port}/");
    class_and_detail(send(&sender("127.0.0.0/8"), &url, 2000).await.result)
}

#[tokio::test]
async fn an_untrusted_certificate_is_a_tls_fault() {
    let (class, detail) = https(tls_receiver(2100)).await;
    assert_eq!(class, FaultClass::Tls);
    assert!(detail.contains("is not from a publicly trusted authority"), "{detail}");
}

#[tokio::test]
async fn of_an_expired_certificate_it_is_said_since_when() {
    let expected = "the certificate of 127.0.0.1 expired on 2001-01-01".to_owned();
    assert_eq!(https(tls_receiver(2001)).await, (FaultClass::Tls, expected));
}

#[tokio::test]
async fn plain_http_on_a_tls_port_is_a_tls_fault() {
    let (port, _) = receiver(|mut stream| async move {
        stream.readable().await.unwrap();
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
    })
    .await;
    let expected = format!("127.0.0.1 does not speak TLS on port {port}");
    assert_eq!(https(port).await, (FaultClass::Tls, expected));
}

#[tokio::test]
async fn a_connection_closed_during_the_handshake_is_a_tls_fault() {
    let (port, _) = receiver(|mut stream| async move {
        let mut hello = [0; 16_384];
        let _ = stream.read(&mut hello).await;
    })
    .await;
    let (class, detail) = https(port).await;
    assert_eq!(class, FaultClass::Tls, "{detail}");
    assert!(detail.contains("closed the connection during the TLS handshake"), "{detail}");
}

#[tokio::test]
async fn a_connection_that_does_not_come_about_in_its_time_is_a_timeout() {
    // Accepted by the kernel, so TCP connects; TLS then waits for ever.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let rule = EgressRule::parse("127.0.0.0/8").unwrap();
    let sender = Sender::with(rule, Duration::from_millis(100), &tls::client_config());
    let reply = send(&sender, &format!("https://127.0.0.1:{port}/"), 5000).await;
    let expected = format!(
        "no connection to 127.0.0.1 port {port} within 100 ms: the TLS handshake did not end"
    );
    assert!(
        reply.timing.connect_ms.is_some() && reply.timing.tls_ms.is_none(),
        "{:?}",
        reply.timing
    );
    assert_eq!(class_and_detail(reply.result), (FaultClass::Timeout(Phase::Tls), expected));
}
