use lambda_http::Body;
use lambda_http::http::Request as HttpRequest;

use super::*;

const HEALTH: Operation = Operation::Control(control::Operation::Health);

fn asked(method: &str, uri: &str) -> Request {
    Request::new(HttpRequest::builder().method(method).uri(uri).body(Body::Empty).unwrap())
}

fn refused(method: &str, uri: &str) -> ApiError {
    find(&asked(method, uri)).unwrap_err()
}

#[test]
fn a_request_takes_the_route_of_its_method_and_path() {
    let request =
        asked("GET", "/v1/tenants/shop/subscriptions/sub_1/deliveries?limit=1&success=true");
    let found = find(&request).unwrap();
    assert_eq!(found.operation, Operation::History(history::Operation::ListDeliveries));
    assert_eq!(
        (found.get("tenant"), found.get("subscription"), found.get("event")),
        ("shop", "sub_1", "")
    );
    assert_eq!(found.route.variables().collect::<Vec<_>>(), ["tenant", "subscription"]);
    // A name that is also a word of another route.
    assert_eq!(
        find(&asked("GET", "/v1/event-types/import")).unwrap().operation,
        Operation::Control(control::Operation::GetEventType)
    );
    assert_eq!(
        find(&asked("POST", "/v1/event-types/import")).unwrap().operation,
        Operation::Control(control::Operation::ImportEventTypes)
    );
}

#[test]
fn a_path_that_no_route_has_is_not_found_and_another_method_is_told_which_there_are() {
    for path in ["/", "/v1", "/v1/tenants/", "/v1/tenants//keys", "/v1/tenants/a/b", "/health/"] {
        assert_eq!(refused("GET", path), ApiError::NotFound("route"), "{path}");
    }
    let allowed = |list: &str| ApiError::MethodNotAllowed(list.to_owned());
    assert_eq!(refused("PATCH", "/v1/tenants/shop"), allowed("GET, PUT, DELETE"));
    assert_eq!(refused("PUT", "/v1/tenants/shop/events"), allowed("POST, GET"));
    assert_eq!(refused("PATCH", "/v1/event-types/import"), allowed("POST, GET, PUT, DELETE"));
}

#[test]
fn a_parameter_that_the_route_does_not_know_or_that_is_given_twice_is_named() {
    let paths = |error| match error {
        ApiError::Invalid(faults) => faults.into_iter().map(|fault| fault.path).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(paths(refused("GET", "/v1/tenants?limit=1&sucess=1&x")), ["sucess", "x"]);
    assert_eq!(paths(refused("GET", "/v1/tenants?limit=1&limit=2")), ["limit"]);
    assert_eq!(find(&asked("GET", "/health?at=1")).unwrap().operation, HEALTH);
}

#[test]
fn each_method_on_a_path_and_each_operation_is_listed_once() {
    for (position, route) in ROUTES.iter().enumerate() {
        for other in &ROUTES[..position] {
            assert!(
                (&route.method, route.path) != (&other.method, other.path),
                "{} {}",
                route.method,
                route.path
            );
            assert_ne!(route.operation.name(), other.operation.name());
        }
    }
}

#[test]
fn what_changes_something_cannot_be_done_by_who_may_only_look() {
    for route in ROUTES.iter().filter(|route| route.method != Method::GET) {
        assert!(
            !matches!(route.needs, Needs::Nothing | Needs::To(Capability::View)),
            "{:?}",
            route.operation
        );
    }
}

#[test]
fn an_operation_of_another_function_is_not_found_within_a_group() {
    let request = asked("GET", "/health");
    let found = find(&request).unwrap();
    assert_eq!(found.operation.function(), "control");
    let refused = found.within::<history::Operation>().unwrap_err();
    assert_eq!(refused, ApiError::NotFound("route"));
    let found = find(&request).unwrap().within::<control::Operation>().unwrap();
    assert_eq!(found.operation, control::Operation::Health);
}

#[test]
fn a_value_that_is_no_id_names_nothing() {
    let request = asked("GET", "/v1/tenants/shop/subscriptions/sub_1");
    let found = find(&request).unwrap();
    let tenant = found.id::<crate::core::id::TenantId>("tenant", "tenant");
    assert_eq!(tenant.unwrap().as_str(), "shop");
    let id = found.id::<crate::core::id::SubscriptionId>("subscription", "subscription");
    assert_eq!(id.unwrap_err(), ApiError::NotFound("subscription"));
}
