//! The URL that a subscription's attempts go to.

pub mod address;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr};

use serde::{Serialize, Serializer};
use url::{Host, ParseError, Url};

use crate::core::endpoint::address::{Blocked, EgressRule, Ports};

/// Longest endpoint in characters, as given and as normalised. Nothing in HTTP says how long a
/// URL may be; 2,048 is what browsers, proxies and other webhook senders commonly take.
pub const MAX_LENGTH: usize = 2048;

/// Why a text is no endpoint. `Display` says what is wrong and what would be right, in words for
/// the tenant who wrote it, and repeats neither the URL nor what may be a password in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EndpointError {
    /// Longer than [`MAX_LENGTH`].
    #[error("the URL is longer than {} characters", MAX_LENGTH)]
    TooLong,
    /// Spaces, tabs, line ends or other control characters, which URL parsers drop in silence.
    #[error("the URL contains spaces or control characters; write them percent-encoded")]
    Whitespace,
    /// Not an absolute URL; the parser's reason.
    #[error("this is not an absolute URL such as https://example.com/webhooks: {0}")]
    NotUrl(#[source] ParseError),
    /// Neither `https` nor, where it may be used, `http`.
    #[error("the URL must start with https://")]
    Scheme,
    /// Plain http to anything but a literal address in the deployment's CIDR blocks.
    #[error("plain http is not allowed; use https")]
    PlainHttp,
    /// A port that only a literal address in the deployment's CIDR blocks may have, and those that
    /// every host may have.
    #[error("port {0} is not allowed; use port {1}")]
    Port(u16, Ports),
    /// A user name or password before the host.
    #[error(
        "the URL contains a user name or password; remove them and verify the signature of each request instead"
    )]
    Credentials,
    /// Nothing where the host should be.
    #[error("the URL has no host name")]
    NoHost,
    /// A `#fragment`, which is never sent.
    #[error("the URL contains a fragment (`#` and what follows), which is never sent; remove it")]
    Fragment,
    /// A literal address, or a name for one (`localhost`), that may not be reached.
    #[error("the host must be publicly reachable, but {0}")]
    Blocked(#[source] Blocked),
    /// `localhost`, or a name below it, where the deployment allows this literal address of it.
    #[error(
        "the host must be publicly reachable, and localhost is this machine; this deployment allows the address {0}, so use that in its place"
    )]
    Localhost(IpAddr),
}

/// An absolute http(s) URL with a host, normalised as the WHATWG URL standard does: lower-case
/// host, IPv4 addresses in dotted decimals however they were spelled, no default port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Endpoint(Url);

impl Endpoint {
    /// Reads what a tenant wrote, under the deployment's rule. A host name is not looked up: its
    /// addresses are checked at every connection. A dot after the host name is dropped.
    ///
    /// # Errors
    /// [`EndpointError`], for the first thing found wrong.
    pub fn parse(text: &str, rule: &EgressRule) -> Result<Self, EndpointError> {
        if text.chars().count() > MAX_LENGTH {
            return Err(EndpointError::TooLong);
        }
        if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(EndpointError::Whitespace);
        }
        let endpoint = Self(without_trailing_dot(read(text)?)?);
        if endpoint.as_str().len() > MAX_LENGTH {
            return Err(EndpointError::TooLong);
        }
        if !endpoint.0.username().is_empty() || endpoint.0.password().is_some() {
            return Err(EndpointError::Credentials);
        }
        if endpoint.0.fragment().is_some() {
            return Err(EndpointError::Fragment);
        }
        endpoint.refuse_localhost(rule)?;
        endpoint.judge(rule)?;
        Ok(endpoint)
    }

    /// Reads what [`Endpoint::parse`] accepted earlier, perhaps under another rule: the rule of
    /// today is applied when an attempt connects, and an endpoint it refuses can still be shown.
    ///
    /// # Errors
    /// [`EndpointError`] when the text is not an http(s) URL with a host.
    #[expect(clippy::needless_pass_by_value, reason = "it comes from a row that is used up")]
    pub fn from_stored(text: String) -> Result<Self, EndpointError> {
        read(&text).map(Self)
    }

    /// The whole URL, normalised; at most [`MAX_LENGTH`] bytes of ASCII.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The URL as its parts.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.0
    }

    /// The host: a lower-case name (punycode if international) or an address, IPv6 in brackets.
    #[must_use]
    pub fn host(&self) -> &str {
        // `read` lets no URL without a host in.
        self.0.host_str().unwrap_or_default()
    }

    /// The TCP port: as written, or 443 (https) or 80 (http).
    #[must_use]
    pub fn port(&self) -> u16 {
        self.0.port().unwrap_or(if self.is_plain_http() { 80 } else { 443 })
    }

    /// Whether requests go out unencrypted.
    #[must_use]
    pub fn is_plain_http(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// The host's address if it is written as one, in whatever spelling. Such a host is never
    /// looked up, so no resolver gets to check it.
    #[must_use]
    pub fn literal_address(&self) -> Option<IpAddr> {
        match self.0.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
        }
    }

    /// Judges the endpoint by the deployment's rule, as far as that goes without a lookup. A
    /// literal address in the deployment's CIDR blocks may have plain http and any port. Every
    /// other host needs https and one of the deployment's ports; a literal address must also be
    /// public. The addresses of a name are judged when an attempt connects.
    ///
    /// # Errors
    /// [`EndpointError::Blocked`], [`EndpointError::PlainHttp`] or [`EndpointError::Port`].
    pub fn judge(&self, rule: &EgressRule) -> Result<(), EndpointError> {
        if let Some(address) = self.literal_address() {
            if rule.is_allow_listed(address) {
                return Ok(());
            }
            rule.check(address).map_err(EndpointError::Blocked)?;
        }
        if self.is_plain_http() {
            return Err(EndpointError::PlainHttp);
        }
        let (port, allowed) = (self.port(), rule.ports());
        if allowed.contain(port) { Ok(()) } else { Err(EndpointError::Port(port, allowed.clone())) }
    }

    /// Refuses `localhost` and names below it under every rule: they name the machine that the
    /// attempt starts from, which is no receiver.
    fn refuse_localhost(&self, rule: &EgressRule) -> Result<(), EndpointError> {
        if !self.is_localhost() {
            return Ok(());
        }
        let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
        rule.check(address).map_err(EndpointError::Blocked)?;
        Err(EndpointError::Localhost(address))
    }

    /// RFC 6761 section 6.3: the name and all below it are loopback, whatever a DNS server says.
    fn is_localhost(&self) -> bool {
        let host = self.host();
        host == "localhost" || host.ends_with(".localhost")
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

fn read(text: &str) -> Result<Url, EndpointError> {
    let url = Url::parse(text).map_err(|error| match error {
        ParseError::EmptyHost => EndpointError::NoHost,
        other => EndpointError::NotUrl(other),
    })?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(EndpointError::Scheme);
    }
    match url.host() {
        None | Some(Host::Domain("")) => Err(EndpointError::NoHost),
        // The URL standard lets more in, which no DNS name and no certificate has.
        Some(Host::Domain(name)) if !name.bytes().all(is_of_host_name) => {
            Err(EndpointError::NotUrl(ParseError::InvalidDomainCharacter))
        }
        Some(_) => Ok(url),
    }
}

/// The underscore is no part of RFC 1123, but of many names in use.
fn is_of_host_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// `example.com.` and `example.com` are one host, but to TLS and to many servers only the latter
/// is. Setting the host parses it again: without its dots, `127.0.0.1..` is an address.
fn without_trailing_dot(mut url: Url) -> Result<Url, EndpointError> {
    let host = url.host_str().unwrap_or_default();
    let name = host.trim_end_matches('.').to_owned();
    if name.len() < host.len() {
        if name.is_empty() {
            return Err(EndpointError::NoHost);
        }
        url.set_host(Some(&name)).map_err(EndpointError::NotUrl)?;
    }
    Ok(url)
}

#[cfg(test)]
mod tests;
