//! No connection was even tried.

use super::*;
use crate::core::endpoint::address::Ports;

#[tokio::test]
async fn loopback_is_blocked_without_an_allow_list_by_address_and_by_name() {
    let (port, connections) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let listed =
        Sender::new(EgressRule::default().with_ports(Ports::parse(&port.to_string()).unwrap()));
    for host in ["127.0.0.1", "2130706433", "[::ffff:127.0.0.1]", "localhost"] {
        let reply = send(&listed, &format!("https://{host}:{port}/"), 1000).await;
        let (class, detail) = class_and_detail(reply.result);
        assert_eq!(class, FaultClass::Blocked, "{host}");
        assert!(detail.contains("(loopback)"), "{detail}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn plain_http_is_blocked_without_an_allow_list() {
    for host in ["127.0.0.1", "8.8.8.8", "localhost"] {
        let reply = send(&sender(""), &format!("http://{host}:9/"), 1000).await;
        let expected = format!("{host}: plain http may not be sent to the host; use https");
        assert_eq!(class_and_detail(reply.result), (FaultClass::Blocked, expected));
    }
}

#[tokio::test]
async fn plain_http_goes_only_to_the_allow_list() {
    let own = sender("10.0.0.0/8");
    for (host, words) in [
        ("8.8.8.8", "plain http may not be sent"),
        ("127.0.0.1", "(loopback)"),
        ("localhost", "(loopback)"),
    ] {
        let reply = send(&own, &format!("http://{host}:9/"), 1000).await;
        let (class, detail) = class_and_detail(reply.result);
        assert_eq!(class, FaultClass::Blocked, "{host}");
        assert!(detail.contains(words), "{detail}");
    }
}

#[tokio::test]
async fn a_port_that_is_not_listed_is_blocked_without_an_allow_list() {
    for host in ["8.8.8.8", "example.com", "127.0.0.1", "localhost"] {
        let reply = send(&sender(""), &format!("https://{host}:9/"), 1000).await;
        let expected = format!("{host}: port 9 of the host may not be used; what is allowed: 443");
        assert_eq!(class_and_detail(reply.result), (FaultClass::Blocked, expected));
    }
}

#[tokio::test]
async fn a_port_that_is_not_listed_goes_only_to_the_allow_list() {
    let own = sender("10.0.0.0/8");
    for (host, words) in [
        ("8.8.8.8", "port 9 of the host"),
        ("127.0.0.1", "(loopback)"),
        ("localhost", "(loopback)"),
    ] {
        let reply = send(&own, &format!("https://{host}:9/"), 1000).await;
        let (class, detail) = class_and_detail(reply.result);
        assert_eq!(class, FaultClass::Blocked, "{host}");
        assert!(detail.contains(words), "{detail}");
    }
    // There it is connected to: nothing speaks TLS.
    let (port, connections) = answering("").await;
    let reply =
        send(&sender("127.0.0.0/8, ::1/128"), &format!("https://localhost:{port}/"), 1000).await;
    assert_ne!(class_and_detail(reply.result).0, FaultClass::Blocked);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn an_allow_listed_name_is_reached_over_plain_http() {
    let (port, _) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    // Whether `localhost` is also `::1` depends on the machine; one bad address would refuse it.
    let sender = sender("127.0.0.0/8, ::1/128");
    let reply = send(&sender, &format!("http://localhost:{port}/"), 1000).await;
    assert_eq!(reply.result.unwrap().status, 204);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_dns_fault() {
    // RFC 6761 section 6.4: names below `invalid` never exist.
    let reply = send(&sender(""), "https://does-not-exist.invalid/", 5000).await;
    let expected =
        "does-not-exist.invalid: the host name does not resolve to any address".to_owned();
    assert_eq!(class_and_detail(reply.result), (FaultClass::Dns, expected));
}
