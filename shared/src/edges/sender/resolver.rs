//! Name lookup that lets out only addresses the egress rule allows.
//!
//! The addresses handed to the connector are the very ones that were judged: were a host looked up
//! once to judge it and once more to connect, its DNS server could answer differently the second
//! time (DNS rebinding).

use std::net::SocketAddr;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::trace::{self, Step};
use crate::core::endpoint::address::{Blocked, EgressRule};

/// Why a host has no address to connect to. Found again in the chain of the client's error.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    /// The lookup failed or found nothing.
    #[error("the host name does not resolve to any address")]
    NotFound,
    /// One of the host's addresses is blocked, and with it the host.
    // Not the address itself, and no source that names it: it may be one of the platform's own
    // network, found by a name that only resolves there.
    #[error("the host's address is in {} ({}), which is not publicly reachable", .0.range(), .0.name())]
    Blocked(Blocked),
}

/// The system's lookup (getaddrinfo), judged by the rule.
#[derive(Debug)]
pub(super) struct CheckedResolver(EgressRule);

impl CheckedResolver {
    pub(super) fn new(rule: &EgressRule) -> Self {
        Self(rule.clone())
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = self.0.clone();
        Box::pin(async move {
            trace::note(Step::Lookup);
            // Port 0 stands for the URL's port or its scheme's.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            trace::note(Step::Found);
            let addresses: Vec<SocketAddr> = found.map_err(|_| Refusal::NotFound)?.collect();
            Ok(admit(addresses, &rule)?)
        })
    }
}

/// All or none: a host with one bad address is up to something, or misconfigured.
fn admit(addresses: Vec<SocketAddr>, rule: &EgressRule) -> Result<Addrs, Refusal> {
    if addresses.is_empty() {
        return Err(Refusal::NotFound);
    }
    for address in &addresses {
        rule.check(address.ip()).map_err(Refusal::Blocked)?;
    }
    Ok(Box::new(addresses.into_iter()))
}

#[cfg(test)]
mod tests;
