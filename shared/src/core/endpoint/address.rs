//! Which IP addresses and ports an attempt may connect to.
//!
//! Endpoints are written by tenants, and attempts start inside the platform's own account, so
//! only public unicast addresses pass, and of these only the ports that webhooks are received on.
//! What is not public is taken from the IANA IPv4 and IPv6 Special-Purpose Address Registries
//! (RFC 6890). All their entries are blocked, even the few that are globally reachable: those are
//! anycast services, and no receiver is there.

mod blocks;
mod ports;

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;

use blocks::{Block, GLOBAL, LOOPBACK, NOT_GLOBAL, UNSPECIFIED, V4_BLOCKS, V6_BLOCKS};
pub use ports::{BadPort, Ports};

/// Why an address is refused. `Display` names the address, the range and the RFC it comes from:
/// `10.0.0.1 is in 10.0.0.0/8 (private use, RFC 1918)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub struct Blocked {
    address: IpAddr,
    inside: Option<Ipv4Addr>,
    block: &'static Block,
}

impl Blocked {
    /// The address that was refused, as it was given.
    #[must_use]
    pub fn address(&self) -> IpAddr {
        self.address
    }

    /// The range it lies in, as a CIDR block.
    #[must_use]
    pub fn range(&self) -> IpNet {
        self.block.net
    }

    /// What the registry calls the range, in a few words: `private use`, `loopback`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.block.name
    }
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Block { net, name, source } = self.block;
        match self.inside {
            Some(inside) => write!(f, "{} carries {inside}, which", self.address)?,
            None => write!(f, "{}", self.address)?,
        }
        write!(f, " is in {net} ({name}, {source})")
    }
}

/// A deployment's list of allowed CIDR blocks could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is not a CIDR block: {expected}")]
pub struct BadCidr {
    entry: String,
    expected: String,
}

/// Where this deployment lets attempts connect to: public unicast addresses on some ports
/// (`EGRESS_PORTS`), and the CIDR blocks that whoever runs it allows on top, its own networks
/// (`EGRESS_ALLOW`). Where such an address is written in the URL, any port and plain http are
/// allowed. A name may resolve into the blocks as well, but needs https and one of the ports, as
/// every name does. The default has no such blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EgressRule {
    allowed: Vec<IpNet>,
    ports: Ports,
}

impl EgressRule {
    /// Reads a comma-separated list of CIDR blocks, such as `127.0.0.0/8, ::1/128`. Blank text
    /// allows none. IPv4-mapped IPv6 blocks (`::ffff:10.0.0.0/104`) are kept as IPv4.
    ///
    /// # Errors
    /// [`BadCidr`] names the first entry that is no CIDR block, has no prefix length, or has bits
    /// set beyond it (`10.1.2.3/8` may have been meant as `/32`), and says what would be right.
    pub fn parse(list: &str) -> Result<Self, BadCidr> {
        if list.trim().is_empty() {
            return Ok(Self::default());
        }
        let allowed =
            list.split(',').map(|entry| parse_cidr(entry.trim())).collect::<Result<_, _>>()?;
        Ok(Self { allowed, ports: Ports::default() })
    }

    /// The rule with these ports for every host.
    #[must_use]
    pub fn with_ports(self, ports: Ports) -> Self {
        Self { ports, ..self }
    }

    /// Passes public unicast addresses and those on the allow-list. An IPv6 address that carries
    /// an IPv4 address (mapped, compatible, 6to4, Teredo, NAT64, ISATAP) is judged by the latter.
    ///
    /// # Errors
    /// [`Blocked`] says which range the address, or the one inside it, lies in.
    pub fn check(&self, address: IpAddr) -> Result<(), Blocked> {
        if self.is_allow_listed(address) {
            return Ok(());
        }
        let verdict = match address {
            IpAddr::V4(address) => judge_v4(address).map(|block| (None, block)),
            IpAddr::V6(address) => judge_v6(address),
        };
        verdict.map_or(Ok(()), |(inside, block)| Err(Blocked { address, inside, block }))
    }

    /// Whether a CIDR block of the deployment contains the address, public or not. Only where such
    /// an address is written in the URL may plain http go, or a port that is not among
    /// [`EgressRule::ports`]. An IPv4-mapped IPv6 address is looked up as IPv4: it is one, and no
    /// IPv6 block allows it.
    #[must_use]
    pub fn is_allow_listed(&self, address: IpAddr) -> bool {
        let canonical = address.to_canonical();
        self.allowed.iter().any(|net| net.contains(&canonical))
    }

    /// The ports that every host may have.
    #[must_use]
    pub fn ports(&self) -> &Ports {
        &self.ports
    }
}

fn parse_cidr(entry: &str) -> Result<IpNet, BadCidr> {
    let bad = |expected: String| BadCidr { entry: entry.to_owned(), expected };
    if let Ok(address) = entry.parse::<IpAddr>() {
        let single = IpNet::from(address);
        return Err(bad(format!("a single address is written {single}")));
    }
    let net: IpNet = entry.parse().map_err(|_| bad("write one such as 10.0.0.0/8".to_owned()))?;
    if net.addr() != net.network() {
        return Err(bad(format!("bits are set beyond the prefix, write {}", net.trunc())));
    }
    match (net.addr().to_canonical(), net.prefix_len().checked_sub(96)) {
        // A block inside ::ffff:0:0/96, so at most 32 bits of prefix are left.
        (address @ IpAddr::V4(_), Some(prefix)) => Ok(IpNet::new_assert(address, prefix)),
        _ => Ok(net),
    }
}

fn judge_v4(address: Ipv4Addr) -> Option<&'static Block> {
    V4_BLOCKS.iter().find(|block| block.net.contains(&IpAddr::V4(address)))
}

fn judge_v6(address: Ipv6Addr) -> Option<(Option<Ipv4Addr>, &'static Block)> {
    // Both look like IPv4-compatible addresses.
    if address.is_unspecified() {
        return Some((None, &UNSPECIFIED));
    }
    if address.is_loopback() {
        return Some((None, &LOOPBACK));
    }
    let prefixed = carried_by_prefix(address.segments());
    for inside in prefixed.into_iter().chain([isatap(address.segments())]).flatten() {
        if let Some(block) = judge_v4(inside) {
            return Some((Some(inside), block));
        }
    }
    if prefixed[0].is_some() {
        return None;
    }
    let listed = V6_BLOCKS.iter().find(|block| block.net.contains(&IpAddr::V6(address)));
    listed.or((!GLOBAL.contains(&address)).then_some(&NOT_GLOBAL)).map(|block| (None, block))
}

/// The IPv4 addresses inside an address whose prefix says that it carries some: Teredo has two.
fn carried_by_prefix(segments: [u16; 8]) -> [Option<Ipv4Addr>; 2] {
    match segments {
        // Mapped and compatible (RFC 4291), NAT64's well-known prefix (RFC 6052), 6to4 (RFC 3056).
        [0, 0, 0, 0, 0, 0 | 0xffff, high, low]
        | [0x64, 0xff9b, 0, 0, 0, 0, high, low]
        | [0x2002, high, low, ..] => [Some(join(high, low)), None],
        // Teredo (RFC 4380): the server's address, and the client's with its bits inverted.
        [0x2001, 0, s_high, s_low, _, _, c_high, c_low] => {
            [Some(join(s_high, s_low)), Some(join(!c_high, !c_low))]
        }
        _ => [None, None],
    }
}

/// The IPv4 address in an ISATAP interface identifier (RFC 5214), under whatever prefix.
fn isatap(segments: [u16; 8]) -> Option<Ipv4Addr> {
    match segments {
        [.., 0 | 0x200, 0x5efe, high, low] => Some(join(high, low)),
        _ => None,
    }
}

fn join(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from(u32::from(high) << 16 | u32::from(low))
}

#[cfg(test)]
mod tests;
