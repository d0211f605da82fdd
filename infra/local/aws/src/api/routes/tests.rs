use super::*;

fn routes() -> Routes<&'static str> {
    let keys = [
        "$default",
        "ANY /v1/{proxy+}",
        "GET /v1/tenants/{tenant}/events/{event}",
        "GET /v1/tenants/{tenant}/events/latest",
        "POST /v1/tenants/{tenant}/events",
    ];
    Routes::new(keys.map(|key| (RouteKey::parse("test", key).unwrap(), key)))
}

fn found(method: &Method, path: &str) -> (String, Vec<(String, String)>) {
    let routes = routes();
    let found = routes.find(method, path).unwrap();
    let parameters =
        found.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    (found.key.to_owned(), parameters)
}

#[test]
fn the_most_specific_route_wins() {
    assert_eq!(
        found(&Method::GET, "/v1/tenants/a/events/latest").0,
        "GET /v1/tenants/{tenant}/events/latest"
    );
    assert_eq!(
        found(&Method::GET, "/v1/tenants/a/events/evt_1").0,
        "GET /v1/tenants/{tenant}/events/{event}"
    );
    assert_eq!(found(&Method::DELETE, "/v1/tenants/a/events/evt_1").0, "ANY /v1/{proxy+}");
    assert_eq!(found(&Method::GET, "/health").0, "$default");
}

#[test]
fn path_parameters_are_named_and_decoded() {
    let (_, parameters) = found(&Method::POST, "/v1/tenants/shop%201/events");
    assert_eq!(parameters, [("tenant".to_owned(), "shop 1".to_owned())]);
    let (_, parameters) = found(&Method::PUT, "/v1/a/b%2Fc");
    assert_eq!(parameters, [("proxy".to_owned(), "a/b/c".to_owned())]);
}

#[test]
fn an_empty_segment_is_no_variable_and_a_longer_path_no_match() {
    assert_eq!(found(&Method::POST, "/v1/tenants//events").0, "ANY /v1/{proxy+}");
    assert_eq!(found(&Method::POST, "/v1/tenants/a/events/b").0, "ANY /v1/{proxy+}");
}

#[test]
fn without_a_default_route_an_unknown_path_matches_nothing() {
    let routes = Routes::new([(RouteKey::parse("test", "GET /a").unwrap(), ())]);
    assert!(routes.find(&Method::GET, "/b").is_none());
    assert!(routes.find(&Method::POST, "/a").is_none());
}

#[test]
fn decoding_leaves_alone_what_is_not_encoded() {
    assert_eq!(decode("100%"), "100%");
    assert_eq!(decode("%zz%41"), "%zzA");
    assert_eq!(decode("%€"), "%€");
}
