use super::*;

#[test]
fn a_request_has_its_head_and_its_body() {
    let sent = "POST /orders?a=1 HTTP/1.1\r\nhost: shop.example\r\nwebhook-id: evt_1\r\n\r\n{}";
    let request = http::Request::post("/orders?a=1")
        .header("host", "shop.example")
        .header("webhook-id", "evt_1");
    let (parts, ()) = request.body(()).unwrap().into_parts();
    let mut totals = Totals::default();
    totals.add(&parts, b"{}");
    totals.add(&parts, b"{}");
    assert_eq!(totals, Totals { requests: 2, bytes: 2 * sent.len() as u64 });
}
