//! No connection was even tried.

use super::*;

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
async fn plain_http_goes_only_to_addresses_on_the_allow_list() {
    for list in ["", "10.0.0.0/8", "127.0.0.0/8, ::1/128"] {
        for host in ["8.8.8.8", "localhost", "example.com"] {
            let reply = send(&sender(list), &format!("http://{host}:9/"), 1000).await;
            let expected = format!("{host}: plain http is not allowed; use https");
            assert_eq!(class_and_detail(reply.result), (FaultClass::Blocked, expected), "{list}");
        }
    }
    let reply = send(&sender("10.0.0.0/8"), "http://127.0.0.1:9/", 1000).await;
    let (class, detail) = class_and_detail(reply.result);
    assert_eq!(class, FaultClass::Blocked);
    assert!(detail.contains("(loopback)"), "{detail}");
    let (port, _) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    assert_eq!(post(port, 1000).await.unwrap().status, 204);
}

#[tokio::test]
async fn a_port_that_is_not_listed_goes_only_to_addresses_on_the_allow_list() {
    for list in ["", "10.0.0.0/8", "127.0.0.0/8, ::1/128"] {
        for host in ["8.8.8.8", "localhost", "example.com"] {
            let reply = send(&sender(list), &format!("https://{host}:9/"), 1000).await;
            let expected = format!("{host}: port 9 is not allowed; use port 443");
            assert_eq!(class_and_detail(reply.result), (FaultClass::Blocked, expected), "{list}");
        }
    }
    let reply = send(&sender("10.0.0.0/8"), "https://127.0.0.1:9/", 1000).await;
    let (class, detail) = class_and_detail(reply.result);
    assert_eq!(class, FaultClass::Blocked);
    assert!(detail.contains("(loopback)"), "{detail}");
    // There it is connected to: nothing speaks TLS.
    let (port, connections) = answering("").await;
    let reply = send(&sender("127.0.0.0/8"), &format!("https://127.0.0.1:{port}/"), 1000).await;
    assert_ne!(class_and_detail(reply.result).0, FaultClass::Blocked);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_in_an_allowed_network_is_reached_over_https_on_a_listed_port() {
    let (port, connections) = answering("").await;
    // Whether `localhost` is also `::1` depends on the machine; one bad address would refuse it.
    let reply = send(&machine(port), &format!("https://localhost:{port}/"), 1000).await;
    assert_ne!(class_and_detail(reply.result).0, FaultClass::Blocked);
    assert_eq!(connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_dns_fault() {
    // RFC 6761 section 6.4: names below `invalid` never exist.
    let reply = send(&sender(""), "https://does-not-exist.invalid/", 5000).await;
    let expected =
        "does-not-exist.invalid: the host name does not resolve to any address".to_owned();
    assert_eq!(class_and_detail(reply.result), (FaultClass::Dns, expected));
}
