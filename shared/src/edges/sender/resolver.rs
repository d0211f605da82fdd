//! Name lookup that lets out only addresses the egress rule allows.
//!
//! The addresses handed to the connector are the very ones that were judged: were a host looked up
//! once to judge it and once more to connect, its DNS server could answer differently the second
//! time (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::trace::{self, Step};
use crate::core::endpoint::address::{Blocked, EgressRule, Ports};

/// Which addresses a client may connect to.
#[derive(Debug, Clone, Copy)]
pub(super) enum Reach {
    /// What the rule passes: public ones, and those of the deployment's CIDR blocks.
    Checked,
    /// Only those of the deployment's CIDR blocks: by plain http, and on ports that are used
    /// nowhere else.
    OwnNetworks,
}

impl Reach {
    pub(super) fn judge(self, rule: &EgressRule, address: IpAddr) -> Result<(), Refusal> {
        rule.check(address).map_err(Refusal::Blocked)?;
        match self {
            Self::OwnNetworks if !rule.is_allow_listed(address) => {
                Err(Refusal::NotOwn(rule.ports().clone()))
            }
            Self::OwnNetworks | Self::Checked => Ok(()),
        }
    }
}

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
    /// A public address, and what is sent only to the deployment's own networks; with the ports
    /// that others may have.
    #[error("the host is in none of this deployment's own networks")]
    NotOwn(Ports),
}

/// The system's lookup (getaddrinfo), judged by the rule.
#[derive(Debug)]
pub(super) struct CheckedResolver {
    rule: EgressRule,
    reach: Reach,
}

impl CheckedResolver {
    pub(super) fn new(rule: &EgressRule, reach: Reach) -> Self {
        Self { rule: rule.clone(), reach }
    }
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (rule, reach) = (self.rule.clone(), self.reach);
        Box::pin(async move {
            trace::note(Step::Lookup);
            // Port 0 stands for the URL's port or its scheme's.
            let found = tokio::net::lookup_host((name.as_str(), 0)).await;
            trace::note(Step::Found);
            let addresses: Vec<SocketAddr> = found.map_err(|_| Refusal::NotFound)?.collect();
            Ok(admit(addresses, |address| reach.judge(&rule, address))?)
        })
    }
}

/// All or none: a host with one bad address is up to something, or misconfigured.
fn admit(
    addresses: Vec<SocketAddr>,
    judge: impl Fn(IpAddr) -> Result<(), Refusal>,
) -> Result<Addrs, Refusal> {
    if addresses.is_empty() {
        return Err(Refusal::NotFound);
    }
    for address in &addresses {
        judge(address.ip())?;
    }
    Ok(Box::new(addresses.into_iter()))
}

#[cfg(test)]
mod tests;
