//! Every route of the API, beside what its caller needs. The routes are grouped by the function
//! that serves them, and each group has an enum of its own, which that function matches on: a route
//! without a handler does not compile.
//!
//! All groups are one table as well: every function answers 405 from it, and the API's description
//! is made of it.

use std::str::FromStr;

use lambda_http::http::Method;

use super::parameters::{
    BY_SUBSCRIPTION, CURSOR, FROM, INCLUDE_ATTEMPTS, INCLUDE_PAYLOAD, LIMIT, ORDER, Parameter,
    RESPONSE, SERIES, STATUS, SUCCESS, TO, TYPE,
};
use super::{ApiError, FieldError, Request, object};
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
    /// The operation.
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
    ($($function:ident $Group:ident {
        $($method:ident $path:literal $operation:ident $needs:expr, $query:expr;)*
    })*) => {
        $(
            #[doc = concat!("Operations that the function `", stringify!($function), "` serves.")]
            pub mod $function {
                /// An operation, by the name that the API's description gives it.
                #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
                pub enum Operation {
                    $(#[doc = concat!("`", stringify!($method), " ", $path, "`")] $operation,)*
                }
            }

            impl TryFrom<Operation> for $function::Operation {
                type Error = ServedElsewhere;

                fn try_from(operation: Operation) -> Result<Self, ServedElsewhere> {
                    match operation {
                        Operation::$Group(own) => Ok(own),
                        _ => Err(ServedElsewhere),
                    }
                }
            }
        )*

        /// An operation of the API, in the group of the function that serves it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation {
            $(
                #[doc = concat!("Served by the function `", stringify!($function), "`.")]
                $Group($function::Operation),
            )*
        }

        impl Operation {
            /// The function that serves it: the name of its folder.
            #[must_use]
            pub const fn function(self) -> &'static str {
                match self {
                    $(Self::$Group(_) => stringify!($function),)*
                }
            }

            /// Its name, which is its own among all groups.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $($(Self::$Group($function::Operation::$operation) => stringify!($operation),)*)*
                }
            }
        }

        /// The API.
        pub static ROUTES: &[Route] = &[$($(Route {
            operation: Operation::$Group($function::Operation::$operation),
            method: Method::$method,
            path: $path,
            needs: $needs,
            query: $query,
        },)*)*];
    };
}

/// An operation belongs to the group of another function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServedElsewhere;

const ADMIN: Needs = Needs::Admin;
const VIEW: Needs = Needs::To(Capability::View);
const MANAGE: Needs = Needs::To(Capability::Manage);
const RESEND: Needs = Needs::To(Capability::Resend);
const PUBLISH: Needs = Needs::To(Capability::Publish);
const NONE: &[Parameter] = &[];
const PAGE: &[Parameter] = &[LIMIT, CURSOR, ORDER];
const WINDOW: &[Parameter] = &[FROM, TO, SERIES];

routes! {
    control Control {
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
    }

    subscriptions Subscriptions {
        GET "/v1/tenants/{tenant}/subscriptions" ListSubscriptions VIEW, PAGE;
        POST "/v1/tenants/{tenant}/subscriptions" CreateSubscription MANAGE, NONE;
        GET "/v1/tenants/{tenant}/subscriptions/{subscription}" GetSubscription VIEW, NONE;
        PATCH "/v1/tenants/{tenant}/subscriptions/{subscription}" PatchSubscription MANAGE, NONE;
        DELETE "/v1/tenants/{tenant}/subscriptions/{subscription}" DeleteSubscription MANAGE, NONE;
        GET "/v1/tenants/{tenant}/subscriptions/{subscription}/secret" GetSecret MANAGE, NONE;
        POST "/v1/tenants/{tenant}/subscriptions/{subscription}/secret/rotate" RotateSecret MANAGE, NONE;
        POST "/v1/tenants/{tenant}/subscriptions/{subscription}/test" PushTest MANAGE, NONE;
    }

    intake Intake {
        POST "/v1/tenants/{tenant}/events" PublishEvents PUBLISH, NONE;
    }

    history History {
        GET "/v1/tenants/{tenant}/subscriptions/{subscription}/stats" GetSubscriptionStatistics VIEW, WINDOW;
        GET "/v1/tenants/{tenant}/stats" GetTenantStatistics VIEW,
            &[FROM, TO, SERIES, BY_SUBSCRIPTION, LIMIT, CURSOR, ORDER];
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
}

/// A request's route, and the values in its path. `O` is the group that the asking function serves,
/// or all of them.
#[derive(Debug)]
pub struct Found<'r, O = Operation> {
    /// What is asked for.
    pub operation: O,
    /// The route.
    pub route: &'static Route,
    path: Vec<(&'static str, &'r str)>,
}

impl<'r, O> Found<'r, O> {
    /// The value in the path for this name; empty where the route has no such name.
    #[must_use]
    pub fn get(&self, name: &str) -> &'r str {
        self.path.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value)
    }

    /// The id in the path for this name. A value that is no id names nothing: no such `what` is
    /// found.
    pub fn id<T: FromStr>(&self, name: &str, what: &'static str) -> Result<T, ApiError> {
        object(self.get(name), what)
    }
}

impl<'r> Found<'r> {
    /// The same within one function's group. An operation of another group is not found there: API
    /// Gateway sends it to the function that serves it, and intake's own address takes any path.
    pub fn within<O: TryFrom<Operation>>(self) -> Result<Found<'r, O>, ApiError> {
        let operation = O::try_from(self.operation).map_err(|_| ApiError::NotFound("route"))?;
        Ok(Found { operation, route: self.route, path: self.path })
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
            return Ok(Found { operation: route.operation, route, path });
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
