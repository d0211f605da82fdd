//! Who looks: the portal token, which the link brought and a cookie keeps.
//!
//! Nothing is decided here by what the token says. The API checks it on each request; this function
//! has no right to anything but to ask the API.

use lambda_http::http::{HeaderMap, HeaderValue, header};
use shared::core::access::capability::{Capabilities, Capability};
use shared::core::access::portal_token::{self, PortalToken};
use shared::core::timestamp::Timestamp;

const COOKIE: &str = "portal";

/// One visitor.
pub struct Session {
    /// The token, as the API takes it.
    pub bearer: String,
    claims: PortalToken,
}

impl Session {
    /// With a link's token.
    #[must_use]
    pub fn new(token: &str) -> Option<Self> {
        let claims = portal_token::claims(token)?;
        Some(Self { bearer: token.to_owned(), claims })
    }

    /// The one that a request's cookie keeps.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let values =
            headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let pairs = values
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='));
        pairs.filter(|(name, _)| *name == COOKIE).find_map(|(_, token)| Self::new(token))
    }

    /// Whose page it is.
    #[must_use]
    pub fn tenant(&self) -> &str {
        self.claims.tenant.as_str()
    }

    /// What is offered; the API decides what is done.
    #[must_use]
    pub fn may(&self, capability: Capability) -> bool {
        Capabilities::of(&self.claims.capabilities).have(capability)
    }

    /// Until when.
    #[must_use]
    pub fn expires_at(&self) -> Timestamp {
        self.claims.expires_at
    }

    /// The cookie that keeps it. In another origin's frame a browser sends it only if it may be
    /// sent across sites, and keeps one for each such origin.
    #[must_use]
    pub fn cookie(&self, now: Timestamp, secure: bool, framed: bool) -> HeaderValue {
        let age = now.until(self.expires_at()).as_secs();
        let site = match (secure, framed) {
            // By http as well: browsers take it from this machine, and from nowhere else.
            (_, true) => "; Secure; SameSite=None; Partitioned",
            (true, false) => "; Secure; SameSite=Lax",
            (false, false) => "; SameSite=Lax",
        };
        let cookie =
            format!("{COOKIE}={}; Path=/portal; Max-Age={age}; HttpOnly{site}", self.bearer);
        // A token that was read has letters, digits, `_`, `-` and `.` alone.
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Whether a form was sent by one of our own pages. A browser says so; what does not is no browser
/// of the last years, or another site (CSRF).
#[must_use]
pub fn is_own(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same_host = || {
        let origin = text("origin")?.split_once("://")?.1;
        Some(origin.eq_ignore_ascii_case(text("host")?))
    };
    match text("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => same_host().unwrap_or(false),
    }
}

#[cfg(test)]
mod tests;
