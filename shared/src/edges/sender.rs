//! Sends attempts: the one HTTP client that reaches endpoints written by tenants.
//!
//! What a receiver does is data, so [`Sender::send`] has no error: it answers with a status, or
//! with a [`Fault`] that says in which way no status came.
//!
//! Every address is judged by the deployment's [`EgressRule`] when connecting, and the connection
//! goes to the address that was judged. No redirect is followed, no proxy used, no cookie kept,
//! nothing decompressed. HTTP/1.1, with connections kept open between attempts to one host.

mod fault;
mod resolver;
pub mod tls;
mod trace;

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use tokio::time::{Instant, timeout_at};

pub use fault::{Fault, FaultClass};

use crate::core::delivery::attempt::Timing;
use crate::core::endpoint::Endpoint;
use crate::core::endpoint::address::EgressRule;
use resolver::CheckedResolver;
use trace::{Step, Trace, Watched};

/// How many bytes of a response's body are read at most: what the log keeps of a failure.
pub const EXCERPT_LIMIT: usize = 4096;

/// For name lookup, TCP and TLS together, if the attempt's own timeout is not shorter; shared
/// evenly among a host's addresses, so that one dead address does not use up the attempt. A lost
/// SYN is repeated after 1 and 3 s (RFC 6298), so two losses still connect.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Servers commonly close idle connections after 60 to 75 s (nginx 75, AWS load balancers 60).
const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(50);

/// More attempts than this at once to one host are rare; each kept connection holds memory here and
/// at the receiver.
const POOL_MAX_IDLE_PER_HOST: usize = 32;

/// One HTTP request, ready to go out: a POST with exactly these headers and bytes. (Besides, there
/// go out `host`, `content-length` and `accept: */*`.)
#[derive(Debug, Clone)]
pub struct OutgoingRequest<'a> {
    /// Where to.
    pub endpoint: &'a Endpoint,
    /// The headers, with the content's type and the signatures.
    pub headers: HeaderMap,
    /// The bytes that the signatures cover.
    pub body: Bytes,
    /// Bounds the whole exchange, from the lookup of the host to the excerpt's last byte.
    pub timeout: Duration,
}

/// What became of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// From the call to the end of the excerpt, or to the fault.
    pub duration: Duration,
    /// Where it went.
    pub timing: Timing,
    /// The receiver's answer, or why there is none.
    pub result: Result<Answer, Fault>,
}

/// A status arrived: the receiver answered, whatever became of the body after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The HTTP status code, 100 to 999.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The first bytes of the body as they were sent, at most [`EXCERPT_LIMIT`]. Shorter than
    /// the body also where it stalled until the timeout or broke off.
    pub excerpt: Vec<u8>,
}

/// The client for attempts. Build one per process and lend it: clones share its connections.
#[derive(Debug, Clone)]
pub struct Sender {
    rule: EgressRule,
    connect_timeout: Duration,
    client: reqwest::Client,
}

impl Sender {
    /// Opens no connection yet.
    ///
    /// # Panics
    /// Never in practice: only if reqwest refused the TLS settings, which are constants.
    #[must_use]
    pub fn new(rule: EgressRule) -> Self {
        Self::with(rule, CONNECT_TIMEOUT, &tls::client_config())
    }

    fn with(rule: EgressRule, connect_timeout: Duration, tls: &rustls::ClientConfig) -> Self {
        let client = client(CheckedResolver::new(&rule), connect_timeout, tls.clone());
        Self { rule, connect_timeout, client }
    }

    /// Sends the request once and reads the answer. There is no retry in here, but for a kept
    /// connection that turns out to be closed before anything of the request was written to it.
    ///
    /// A status that arrived counts, even if the body after it stalls or breaks off: what came of
    /// the body within the timeout is the excerpt. A body that goes on beyond the excerpt is not
    /// read; its connection is closed.
    pub async fn send(&self, request: &OutgoingRequest<'_>) -> Reply {
        let (start, trace) = (Instant::now(), Trace::default());
        let result = self.exchange(request, start, &trace).await;
        Reply { duration: start.elapsed(), timing: trace.timing(), result }
    }

    async fn exchange(
        &self,
        request: &OutgoingRequest<'_>,
        start: Instant,
        trace: &Trace,
    ) -> Result<Answer, Fault> {
        let (endpoint, timeout) = (request.endpoint, request.timeout);
        // A literal address never reaches the resolver, and no resolver knows scheme and port.
        endpoint.judge(&self.rule).map_err(|error| Fault::forbidden(&error, endpoint))?;
        let mut outgoing = reqwest::Request::new(http::Method::POST, endpoint.url().clone());
        *outgoing.headers_mut() = request.headers.clone();
        *outgoing.body_mut() =
            Some(reqwest::Body::wrap(Watched::new(request.body.clone(), trace.clone())));

        let deadline = start + timeout;
        let late = |after| Fault::timeout(after, trace.reached(), endpoint);
        let failed = |error: reqwest::Error| {
            let after = if error.is_connect() { self.connect_timeout } else { start.elapsed() };
            fault::classify(&error, endpoint).unwrap_or_else(|| late(after))
        };
        let exchange = timeout_at(deadline, trace.follow(self.client.execute(outgoing))).await;
        let mut response = exchange.map_err(|_| late(timeout))?.map_err(failed)?;
        trace.note(Step::Answered);
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer {
            status: response.status().as_u16(),
            headers,
            excerpt: excerpt(&mut response, deadline).await,
        })
    }
}

fn client(
    resolver: CheckedResolver,
    connect_timeout: Duration,
    tls: rustls::ClientConfig,
) -> reqwest::Client {
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls)
        .dns_resolver(resolver)
        .redirect(reqwest::redirect::Policy::none())
        // Each request is an attempt on record.
        .retry(reqwest::retry::never())
        .no_proxy()
        .http1_only()
        .tcp_nodelay(true)
        .connector_layer(trace::Opening)
        .connect_timeout(connect_timeout)
        .pool_idle_timeout(POOL_IDLE_TIMEOUT)
        .pool_max_idle_per_host(POOL_MAX_IDLE_PER_HOST)
        .build()
        .expect("constant TLS settings")
}

/// Reads until the body ends, is longer than the limit, fails, or the time is up. A body read to
/// its end leaves its connection to the next attempt.
async fn excerpt(response: &mut reqwest::Response, deadline: Instant) -> Vec<u8> {
    let mut excerpt = Vec::new();
    while let Ok(Ok(Some(chunk))) = timeout_at(deadline, response.chunk()).await {
        let room = EXCERPT_LIMIT - excerpt.len();
        excerpt.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            break;
        }
    }
    excerpt
}

#[cfg(test)]
mod tests;
