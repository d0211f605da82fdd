//! The HTTP API's routes, and what their keys mean.

use http::Method;

use super::{Document, Error, Route, Scope};

/// What a route matches: `GET /v1/tenants/{tenant}`, `ANY /{proxy+}`, or `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RouteKey {
    /// Everything that no other route takes.
    Default,
    /// A method and a path.
    Path {
        /// The method; none is `ANY`.
        method: Option<Method>,
        /// The path's segments.
        segments: Vec<Segment>,
        /// The key as it is written, which events carry.
        text: String,
    },
}

/// One segment of a route's path, from the most to the least specific kind.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// Exactly this text.
    Literal(String),
    /// Any one segment, under this name.
    Variable(String),
    /// Everything that is left, under this name.
    Greedy(String),
}

impl RouteKey {
    /// Reads a key. `place` is named in errors.
    pub fn parse(place: &str, text: &str) -> Result<Self, Error> {
        if text == "$default" {
            return Ok(Self::Default);
        }
        let invalid = || {
            Error::new(place, format!("RouteKey {text:?} is not a method and a path, or $default"))
        };
        let (method, path) = text.split_once(' ').ok_or_else(invalid)?;
        let method = match method {
            "ANY" => None,
            name => Some(Method::from_bytes(name.as_bytes()).map_err(|_| invalid())?),
        };
        let path = path.strip_prefix('/').ok_or_else(invalid)?;
        let segments = path.split('/').map(segment).collect();
        Ok(Self::Path { method, segments, text: text.to_owned() })
    }

    /// The key as the template writes it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Default => "$default",
            Self::Path { text, .. } => text,
        }
    }
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|inner| inner.strip_suffix('}')) {
        None => Segment::Literal(text.to_owned()),
        Some(name) => match name.strip_suffix('+') {
            None => Segment::Variable(name.to_owned()),
            Some(name) => Segment::Greedy(name.to_owned()),
        },
    }
}

pub(super) fn routes(document: &Document, scope: &Scope) -> Result<Vec<Route>, Error> {
    let mut routes = Vec::new();
    for (id, resource) in document.of_type("AWS::ApiGatewayV2::Route", scope) {
        let key = RouteKey::parse(id, &scope.text(id, resource.property(id, "RouteKey")?)?)?;
        let target = scope.text(id, resource.property(id, "Target")?)?;
        let integration = target.strip_prefix("integrations/").unwrap_or_default();
        let function = integrated(document, scope, id, integration)?;
        routes.push(Route { key, function });
    }
    Ok(routes)
}

/// The name of the function behind an integration.
fn integrated(document: &Document, scope: &Scope, route: &str, id: &str) -> Result<String, Error> {
    let found =
        document.of_type("AWS::ApiGatewayV2::Integration", scope).find(|(other, _)| *other == id);
    let (_, integration) =
        found.ok_or_else(|| Error::new(route, format!("Target names no integration: {id:?}")))?;
    for (name, expected) in [("IntegrationType", "AWS_PROXY"), ("PayloadFormatVersion", "2.0")] {
        let value = scope.text(id, integration.property(id, name)?)?;
        if value != expected {
            return Err(Error::new(
                id,
                format!("the local stack does not understand {name} {value:?}, only {expected}"),
            ));
        }
    }
    let uri = scope.text(id, integration.property(id, "IntegrationUri")?)?;
    // Either the function's ARN, or API Gateway's invocation path around it.
    let name = uri.trim_end_matches("/invocations").rsplit(':').next().unwrap_or_default();
    Ok(name.to_owned())
}
