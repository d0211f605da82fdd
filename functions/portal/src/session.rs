//! Who looks: the portal token, which the link brought and a cookie keeps.
//!
//! Nothing is decided here by what the token says. The API checks it on each request; this function has no right to
//! anything but to ask the API.

use lambda_http::http::{HeaderMap, HeaderValue, header};
use shared::capability::{Capabilities, Capability};
use shared::portal_token::{self, PortalToken};
use shared::timestamp::Timestamp;

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
        let values = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let pairs = values.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
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

    /// The cookie that keeps it. In another origin's frame a browser sends it only if it may be sent across sites, and
    /// keeps one for each such origin.
    #[must_use]
    pub fn cookie(&self, now: Timestamp, secure: bool, framed: bool) -> HeaderValue {
        let age = now.until(self.expires_at()).as_secs();
        let site = match (secure, framed) {
            // By http as well: browsers take it from this machine, and from nowhere else.
            (_, true) => "; Secure; SameSite=None; Partitioned",
            (true, false) => "; Secure; SameSite=Lax",
            (false, false) => "; SameSite=Lax",
        };
        let cookie = format!("{COOKIE}={}; Path=/portal; Max-Age={age}; HttpOnly{site}", self.bearer);
        // A token that was read has letters, digits, `_`, `-` and `.` alone.
        HeaderValue::from_str(&cookie).unwrap_or(HeaderValue::from_static(""))
    }
}

/// Whether a form was sent by one of our own pages. A browser says so; what does not is no browser of the last years, or
/// another site (CSRF).
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
mod tests {
    use super::*;
    use shared::portal_token::PortalKey;

    fn token() -> String {
        let token = PortalToken {
            tenant: "shop-1".parse().unwrap(),
            capabilities: vec![Capability::View],
            issued_at: Timestamp::from_millis(0),
            expires_at: Timestamp::from_millis(90_000),
        };
        PortalKey::derived_from("a key").sign(&token)
    }

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap())).collect()
    }

    #[test]
    fn a_cookie_keeps_the_token_for_as_long_as_it_lives() {
        let session = Session::new(&token()).unwrap();
        assert_eq!(session.tenant(), "shop-1");
        assert!(session.may(Capability::View) && !session.may(Capability::Manage));
        let now = Timestamp::from_millis(30_000);
        let cookie = session.cookie(now, true, false).to_str().unwrap().to_owned();
        assert_eq!(cookie, format!("portal={}; Path=/portal; Max-Age=60; HttpOnly; Secure; SameSite=Lax", token()));
        assert!(session.cookie(now, true, true).to_str().unwrap().ends_with("; Secure; SameSite=None; Partitioned"));
        let sent = headers(&[("cookie", &format!("a=b; portal={}", token()))]);
        assert_eq!(Session::of(&sent).unwrap().bearer, token());
        for other in ["", "portal=", "portal=prt_x", "xportal=1"] {
            assert!(Session::of(&headers(&[("cookie", other)])).is_none(), "{other}");
        }
    }

    #[test]
    fn a_form_of_another_site_is_none_of_ours() {
        let host = ("host", "hooks.example.com");
        let own = [
            vec![host, ("sec-fetch-site", "same-origin"), ("origin", "https://hooks.example.com")],
            vec![host, ("origin", "https://hooks.example.com")],
            vec![("host", "127.0.0.1:4400"), ("origin", "http://127.0.0.1:4400")],
        ];
        for sent in own {
            assert!(is_own(&headers(&sent)), "{sent:?}");
        }
        let foreign = [
            vec![host],
            vec![host, ("origin", "null")],
            vec![host, ("origin", "https://evil.example")],
            vec![host, ("origin", "https://hooks.example.com.evil.example")],
            vec![host, ("sec-fetch-site", "cross-site"), ("origin", "https://hooks.example.com")],
            vec![host, ("sec-fetch-site", "same-site")],
            vec![host, ("sec-fetch-site", "none")],
        ];
        for sent in foreign {
            assert!(!is_own(&headers(&sent)), "{sent:?}");
        }
    }
}
