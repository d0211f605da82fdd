//! Why no status arrived, told apart by the types in the error's chain and put in words for the
//! receiver's developer.

use std::error::Error;
use std::io::{self, ErrorKind};
use std::iter;
use std::time::Duration;

use rustls::CertificateError;
use rustls::pki_types::UnixTime;

use super::resolver::Refusal;
use super::trace::Reached;
use crate::core::delivery::attempt::{ErrorClass, Phase};
use crate::core::endpoint::{Endpoint, EndpointError};
use crate::core::timestamp::Timestamp;

/// Why an attempt got no status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Which kind of failure.
    pub class: FaultClass,
    /// What happened, in words for the receiver's developer, such as `nothing listens on
    /// example.com port 443`. One line, no secrets, no address the reader did not write.
    pub detail: String,
}

/// The kinds of failure before a status arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FaultClass {
    /// The host name resolves to nothing.
    Dns,
    /// Nothing listens on the port.
    ConnectRefused,
    /// The connection was reset, or closed before a status.
    ConnectReset,
    /// No connection for any other reason, such as no route.
    Connect,
    /// No TLS: the certificate, the versions, or no TLS server at all.
    Tls,
    /// Not connected or not answered in time; what it waited for then.
    Timeout(Phase),
    /// The deployment's rule forbids the address or the port. Permanent, so not worth a retry.
    Blocked,
    /// What came back is not HTTP/1.x, or its headers are too many or too large (hyper's bounds:
    /// 100 headers, about 400 KiB; reqwest offers no way to lower the latter).
    Protocol,
}

impl From<FaultClass> for ErrorClass {
    fn from(class: FaultClass) -> Self {
        match class {
            FaultClass::Dns => Self::Dns,
            FaultClass::ConnectRefused => Self::ConnectRefused,
            FaultClass::ConnectReset => Self::ConnectReset,
            FaultClass::Connect => Self::ConnectFailed,
            FaultClass::Tls => Self::Tls,
            FaultClass::Timeout(_) => Self::Timeout,
            FaultClass::Blocked => Self::Blocked,
            FaultClass::Protocol => Self::Protocol,
        }
    }
}

impl Fault {
    fn new(class: FaultClass, detail: impl Into<String>) -> Self {
        Self { class, detail: detail.into() }
    }

    /// The time was up before a status arrived: the attempt's, or that for connecting. Tells where
    /// it was spent.
    pub(super) fn timeout(after: Duration, reached: Reached, endpoint: &Endpoint) -> Self {
        let (after, place) = (in_words(after), place(endpoint));
        let (phase, words) = match reached {
            Reached::Lookup => (
                Phase::Dns,
                format!("no connection to {place} within {after}: the name lookup did not end"),
            ),
            Reached::Tcp => (Phase::Connect, format!("no connection to {place} within {after}")),
            Reached::Handshake => (
                Phase::Tls,
                format!("no connection to {place} within {after}: the TLS handshake did not end"),
            ),
            Reached::Sending(Some(opened)) => {
                let opened = opened.as_millis();
                let words = format!(
                    "no answer within {after}: connected after {opened} ms, then waited for the answer's headers"
                );
                (Phase::FirstByte, words)
            }
            Reached::Sending(None) => {
                let words = format!(
                    "no answer within {after}: sent over a kept connection, then waited for the answer's headers"
                );
                (Phase::FirstByte, words)
            }
        };
        Self::new(FaultClass::Timeout(phase), words)
    }

    /// The lookup left no address to connect to.
    fn refused(refusal: &Refusal, endpoint: &Endpoint) -> Self {
        let class = match refusal {
            Refusal::NotFound => FaultClass::Dns,
            Refusal::Blocked(_) => FaultClass::Blocked,
        };
        Self::new(class, format!("{}: {refusal}", endpoint.host()))
    }

    /// The deployment's rule forbids the endpoint itself: its address, its scheme or its port.
    pub(super) fn forbidden(error: &EndpointError, endpoint: &Endpoint) -> Self {
        match error {
            EndpointError::Blocked(blocked) => Self::refused(&Refusal::Blocked(*blocked), endpoint),
            other => Self::new(FaultClass::Blocked, format!("{}: {other}", endpoint.host())),
        }
    }
}

/// The first error in the chain that says something decides; from the outside in, so that what
/// the client makes of a cause counts more than the cause. `None` if it says that the time was up.
pub(super) fn classify(error: &reqwest::Error, endpoint: &Endpoint) -> Option<Fault> {
    let place = place(endpoint);
    for cause in chain(error) {
        if let Some(refusal) = cause.downcast_ref() {
            return Some(Fault::refused(refusal, endpoint));
        }
        if let Some(error) = cause.downcast_ref() {
            return Some(Fault::new(FaultClass::Tls, tls_words(error, endpoint)));
        }
    }
    if error.is_timeout() {
        return None;
    }
    let from_cause = chain(error).find_map(|cause| {
        let io = cause.downcast_ref::<io::Error>().map(io::Error::kind);
        let http = cause.downcast_ref::<hyper::Error>();
        io.and_then(|kind| io_fault(kind, error.is_connect(), &place)).or(http.and_then(http_fault))
    });
    from_cause.or_else(|| {
        Some(if error.is_connect() {
            Fault::new(FaultClass::Connect, format!("no connection to {place}"))
        } else {
            Fault::new(FaultClass::Protocol, "the exchange broke HTTP/1.1")
        })
    })
}

fn place(endpoint: &Endpoint) -> String {
    format!("{} port {}", endpoint.host(), endpoint.port())
}

fn io_fault(kind: ErrorKind, connecting: bool, place: &str) -> Option<Fault> {
    let (class, words) = match kind {
        ErrorKind::ConnectionRefused => {
            (FaultClass::ConnectRefused, format!("nothing listens on {place}"))
        }
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
            (FaultClass::Connect, format!("there is no route to {place}"))
        }
        ErrorKind::UnexpectedEof if connecting => {
            (FaultClass::Tls, format!("{place} closed the connection during the TLS handshake"))
        }
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected => {
            (FaultClass::ConnectReset, format!("{place} reset the connection"))
        }
        ErrorKind::UnexpectedEof => (FaultClass::ConnectReset, CLOSED.to_owned()),
        _ => return None,
    };
    Some(Fault::new(class, words))
}

const CLOSED: &str = "the receiver closed the connection without an answer";

fn http_fault(error: &hyper::Error) -> Option<Fault> {
    if error.is_parse() {
        let words = "the answer is not HTTP/1.1, or has too many or too large headers";
        Some(Fault::new(FaultClass::Protocol, words))
    } else if error.is_incomplete_message() || error.is_closed() || error.is_canceled() {
        Some(Fault::new(FaultClass::ConnectReset, CLOSED))
    } else {
        None
    }
}

fn tls_words(error: &rustls::Error, endpoint: &Endpoint) -> String {
    let host = endpoint.host();
    match error {
        rustls::Error::InvalidCertificate(reason) => certificate_words(reason, host),
        rustls::Error::NoCertificatesPresented => format!("{host} presents no certificate"),
        rustls::Error::InvalidMessage(_) => {
            format!("{host} does not speak TLS on port {}", endpoint.port())
        }
        rustls::Error::AlertReceived(alert) => {
            format!("{host} broke off the TLS handshake with the alert {alert:?}")
        }
        rustls::Error::PeerIncompatible(_) => {
            format!("{host} offers neither TLS 1.2 nor 1.3 with a common cipher suite")
        }
        other => format!("the TLS handshake with {host} failed: {other}"),
    }
}

fn certificate_words(reason: &CertificateError, host: &str) -> String {
    match reason {
        CertificateError::Expired => format!("the certificate of {host} has expired"),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the certificate of {host} expired on {}", date(*not_after))
        }
        CertificateError::NotValidYet => format!("the certificate of {host} is not valid yet"),
        CertificateError::NotValidYetContext { not_before, .. } => {
            format!("the certificate of {host} is not valid before {}", date(*not_before))
        }
        CertificateError::UnknownIssuer => format!(
            "the certificate of {host} is not from a publicly trusted authority, or an \
             intermediate certificate is missing"
        ),
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            format!("the certificate that was presented is not for {host}")
        }
        other => format!("the certificate of {host} is not acceptable: {other}"),
    }
}

/// The day, in UTC.
fn date(time: UnixTime) -> String {
    Timestamp::from_millis(0).after(Duration::from_secs(time.as_secs())).date()
}

/// The error and its causes. An `io::Error`'s payload is a link of its own: its `source` would
/// skip it.
fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        Some(io) => io.get_ref().map(|payload| payload as &(dyn Error + 'static)),
        None => error.source(),
    })
}

fn in_words(duration: Duration) -> String {
    if duration.subsec_millis() == 0 {
        format!("{} s", duration.as_secs())
    } else {
        format!("{} ms", duration.as_millis())
    }
}

#[cfg(test)]
mod tests;
