//! Every route of the API, beside what its caller needs: one table, in which a function looks up
//! what it is asked, and from which the API's description is made.

use lambda_http::http::Method;

use super::parameters::{
    BY_SUBSCRIPTION, CURSOR, FROM, INCLUDE_ATTEMPTS, INCLUDE_PAYLOAD, LIMIT, ORDER, Parameter,
    RESPONSE, SERIES, STATUS, SUCCESS, TO, TYPE,
};
use super::{ApiError, FieldError, Request};
use crate::core::access::capability::Capability;

/// What a caller needs for a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// No key at all.
    Nothing,
    /// An admin key.
    Admin,
    /// An admin key; or a key or token of the tenant that the path names, with this capability.
    To(Capability),
}

/// One operation of the API: a method on a path.
#[derive(Debug)]
pub struct Route {
    /// What is done.
    pub operation: Operation,
    /// The method.
    pub method: Method,
    /// The path as `OpenAPI` and API Gateway write it, with `{names}` for what varies.
    pub path: &'static str,
    /// Who may.
    pub needs: Needs,
    /// The query parameters that it knows.
    pub query: &'static [Parameter],
}

macro_rules! routes {
    ($($method:ident $path:literal $operation:ident $needs:expr, $query:expr;)*) => {
        /// What the API does, by the name that its description gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(#[doc = concat!("`", stringify!($method), " ", $path, "`")] $operation,)*
        }

        /// The API.
        pub static ROUTES: &[Route] = &[$(Route {
            operation: Operation::$operation,
            method: Method::$method,
            path: $path,
            needs: $needs,
            query: $query,
        },)*];
    };
}

const ADMIN: Needs = Needs::Admin;
const VIEW: Needs = Needs::To(Capability::View);
const MANAGE: Needs = Needs::To(Capability::Manage);
const RESEND: Needs = Needs::To(Capability::Resend);
const PUBLISH: Needs = Needs::To(Capability::Publish);
const NONE: &[Parameter] = &[];
const PAGE: &[Parameter] = &[LIMIT, CURSOR, ORDER];
const WINDOW: &[Parameter] = &[FROM, TO, SERIES];

routes! {
    GET "/health" Health Needs::Nothing, NONE;
    GET "/openapi.json" GetOpenApi Needs::Nothing, NONE;

    GET "/v1/tenants" ListTenants ADMIN, PAGE;
    GET "/v1/tenants/{tenant}" GetTenant VIEW, NONE;
    PUT "/v1/tenants/{tenant}" PutTenant ADMIN, NONE;
    DELETE "/v1/tenants/{tenant}" DeleteTenant ADMIN, NONE;
    GET "/v1/tenants/{tenant}/erasure" GetErasure ADMIN, NONE;
    DELETE "/v1/tenants/{tenant}/payloads" ErasePayloads ADMIN, NONE;
    GET "/v1/tenants/{tenant}/keys" ListKeys ADMIN, NONE;
    POST "/v1/tenants/{tenant}/keys" CreateKey ADMIN, NONE;
    DELETE "/v1/tenants/{tenant}/keys/{key}" DeleteKey ADMIN, NONE;
    POST "/v1/tenants/{tenant}/portal-links" CreatePortalLink ADMIN, NONE;
    DELETE "/v1/tenants/{tenant}/portal-links" RevokePortalLinks ADMIN, NONE;

    GET "/v1/event-types" ListEventTypes VIEW, PAGE;
    POST "/v1/event-types/import" ImportEventTypes ADMIN, NONE;
    GET "/v1/event-types/{name}" GetEventType VIEW, NONE;
    PUT "/v1/event-types/{name}" PutEventType ADMIN, NONE;
    DELETE "/v1/event-types/{name}" DeleteEventType ADMIN, NONE;
    GET "/v1/event-types/{name}/schema" GetSchema VIEW, NONE;
    GET "/v1/profiles" ListProfiles VIEW, NONE;
    GET "/v1/profiles/{profile}" GetProfile VIEW, NONE;

    GET "/v1/tenants/{tenant}/subscriptions" ListSubscriptions VIEW, PAGE;
    POST "/v1/tenants/{tenant}/subscriptions" CreateSubscription MANAGE, NONE;
    GET "/v1/tenants/{tenant}/subscriptions/{subscription}" GetSubscription VIEW, NONE;
    PATCH "/v1/tenants/{tenant}/subscriptions/{subscription}" PatchSubscription MANAGE, NONE;
    DELETE "/v1/tenants/{tenant}/subscriptions/{subscription}" DeleteSubscription MANAGE, NONE;
    GET "/v1/tenants/{tenant}/subscriptions/{subscription}/secret" GetSecret MANAGE, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/secret/rotate" RotateSecret MANAGE, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/test" PushTest MANAGE, NONE;
    GET "/v1/tenants/{tenant}/subscriptions/{subscription}/stats" GetSubscriptionStatistics VIEW, WINDOW;
    GET "/v1/tenants/{tenant}/stats" GetTenantStatistics VIEW,
        &[FROM, TO, SERIES, BY_SUBSCRIPTION, LIMIT, CURSOR, ORDER];

    POST "/v1/tenants/{tenant}/events" PublishEvents PUBLISH, NONE;
    GET "/v1/tenants/{tenant}/events" ListEvents VIEW, &[FROM, TO, TYPE, LIMIT, CURSOR, ORDER];
    GET "/v1/tenants/{tenant}/events/{event}" GetEvent VIEW, NONE;
    DELETE "/v1/tenants/{tenant}/events/{event}/payload" ErasePayload MANAGE, NONE;
    GET "/v1/tenants/{tenant}/events/{event}/deliveries" ListDeliveriesOfEvent VIEW, PAGE;

    GET "/v1/tenants/{tenant}/subscriptions/{subscription}/deliveries" ListDeliveries VIEW,
        &[FROM, TO, TYPE, SUCCESS, STATUS, RESPONSE, INCLUDE_PAYLOAD, INCLUDE_ATTEMPTS, LIMIT, CURSOR, ORDER];
    GET "/v1/tenants/{tenant}/subscriptions/{subscription}/deliveries/{event}" GetDelivery VIEW, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/deliveries/{event}/resend" Resend RESEND, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/deliveries/{event}/cancel" Cancel RESEND, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/cancel" CancelAll RESEND, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/resend" StartResend RESEND, NONE;
    GET "/v1/tenants/{tenant}/subscriptions/{subscription}/resends" ListResends VIEW, PAGE;
    GET "/v1/tenants/{tenant}/subscriptions/{subscription}/resends/{resend}" GetResend VIEW, NONE;
    POST "/v1/tenants/{tenant}/subscriptions/{subscription}/resends/{resend}/cancel" CancelResend RESEND, NONE;
}

/// A request's route, and what its path says.
#[derive(Debug)]
pub struct Found<'r> {
    /// The route.
    pub route: &'static Route,
    path: Vec<(&'static str, &'r str)>,
}

impl<'r> Found<'r> {
    /// What stands in the path for this name; empty where the route has none such.
    #[must_use]
    pub fn get(&self, name: &str) -> &'r str {
        self.path.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }
}

impl Route {
    /// What the path's names stand for, if it is one of this route.
    fn read<'r>(&self, path: &'r str) -> Option<Vec<(&'static str, &'r str)>> {
        let (mut known, mut given) = (self.path.split('/'), path.split('/'));
        let mut values = Vec::new();
        loop {
            match (known.next(), given.next()) {
                (None, None) => return Some(values),
                (Some(segment), Some(value)) => match variable(segment) {
                    Some(name) if !value.is_empty() => values.push((name, value)),
                    None if segment == value => {}
                    _ => return None,
                },
                _ => return None,
            }
        }
    }

    /// The names of what varies in the path.
    pub fn variables(&self) -> impl Iterator<Item = &'static str> {
        self.path.split('/').filter_map(variable)
    }

    /// Refuses query parameters that the route does not know, or that are given twice: a misspelt
    /// one would be an answer to another question. Whoever asks without a key may add what keeps
    /// caches away.
    fn check_query(&self, request: &Request) -> Result<(), ApiError> {
        if self.needs == Needs::Nothing {
            return Ok(());
        }
        let mut faults = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for name in request.query_names() {
            let message = if seen.contains(&name) {
                "this parameter is given more than once".to_owned()
            } else if self.query.iter().all(|known| known.name != name) {
                let known: Vec<_> = self.query.iter().map(|known| known.name).collect();
                let takes = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
                format!("there is no such parameter; this route takes {takes}")
            } else {
                seen.push(name);
                continue;
            };
            faults.push(FieldError { path: name.to_owned(), message });
        }
        if faults.is_empty() { Ok(()) } else { Err(ApiError::Invalid(faults)) }
    }
}

fn variable(segment: &'static str) -> Option<&'static str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The route that a request takes, and whether its query is one of that route.
pub fn find(request: &Request) -> Result<Found<'_>, ApiError> {
    let mut others = Vec::new();
    for route in ROUTES {
        let Some(path) = route.read(&request.path) else { continue };
        if route.method == request.method {
            route.check_query(request)?;
            return Ok(Found { route, path });
        }
        others.push(route.method.as_str());
    }
    Err(if others.is_empty() {
        ApiError::NotFound("route")
    } else {
        ApiError::MethodNotAllowed(others.join(", "))
    })
}

#[cfg(test)]
mod tests;
