//! Which route a request takes: the most specific one that matches, as in API Gateway.

use std::cmp::Ordering;

use http::Method;

use crate::template::{RouteKey, Segment};

/// The API's routes, the most specific first.
#[derive(Debug)]
pub struct Routes<F> {
    routes: Vec<(RouteKey, F)>,
}

/// A route that matched.
#[derive(Debug)]
pub struct Match<'a, F> {
    /// The route's key, as the template writes it.
    pub key: &'a str,
    /// What the route leads to.
    pub function: &'a F,
    /// What the path's variables stand for, decoded.
    pub parameters: Vec<(&'a str, String)>,
}

impl<F> Routes<F> {
    /// Orders routes by how specific they are.
    pub fn new(routes: impl IntoIterator<Item = (RouteKey, F)>) -> Self {
        let mut routes: Vec<(RouteKey, F)> = routes.into_iter().collect();
        routes.sort_by(|(one, _), (other, _)| specificity(one, other));
        Self { routes }
    }

    /// The route for a request, if any matches.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<Match<'_, F>> {
        let path: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        self.routes.iter().find_map(|(key, function)| {
            let parameters = match key {
                RouteKey::Default => Vec::new(),
                RouteKey::Path { method: only, .. }
                    if only.as_ref().is_some_and(|only| only != method) =>
                {
                    return None;
                }
                RouteKey::Path { segments, .. } => matches(segments, &path)?,
            };
            Some(Match { key: key.text(), function, parameters })
        })
    }
}

/// Literal segments before variables before greedy ones, from the left; a method before `ANY`;
/// `$default` last.
fn specificity(one: &RouteKey, other: &RouteKey) -> Ordering {
    match (one, other) {
        (RouteKey::Default, RouteKey::Default) => Ordering::Equal,
        (RouteKey::Default, _) => Ordering::Greater,
        (_, RouteKey::Default) => Ordering::Less,
        (
            RouteKey::Path { segments, method, .. },
            RouteKey::Path { segments: others, method: other, .. },
        ) => {
            let kinds = |segments: &[Segment]| -> Vec<u8> { segments.iter().map(kind).collect() };
            let (mine, theirs) = (kinds(segments), kinds(others));
            mine.cmp(&theirs).then(method.is_none().cmp(&other.is_none()))
        }
    }
}

fn kind(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::Variable(_) => 1,
        Segment::Greedy(_) => 2,
    }
}

fn matches<'a>(segments: &'a [Segment], path: &[&str]) -> Option<Vec<(&'a str, String)>> {
    let mut parameters = Vec::new();
    let mut rest = path;
    for segment in segments {
        let (first, after) = rest.split_first()?;
        match segment {
            Segment::Literal(text) if text == first => {}
            Segment::Literal(_) => return None,
            Segment::Variable(_) if first.is_empty() => return None,
            Segment::Variable(name) => parameters.push((name.as_str(), decode(first))),
            Segment::Greedy(name) => {
                parameters.push((name.as_str(), decode(&rest.join("/"))));
                return Some(parameters);
            }
        }
        rest = after;
    }
    rest.is_empty().then_some(parameters)
}

/// Undoes percent-encoding. What is not valid stays as it is.
pub(super) fn decode(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let digits = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        if let Some(byte) = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            decoded.push(byte);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests;
