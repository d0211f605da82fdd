//! The ports that attempts may use outside of the deployment's own networks.

use std::collections::BTreeSet;
use std::fmt;

/// A set of TCP ports, never empty. The default is that of https alone, 443: a sender that reaches any port of any
/// public host is a port scanner with a good name. `Display` lists them: `443, 8443`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(BTreeSet<u16>);

impl Default for Ports {
    fn default() -> Self {
        Self(BTreeSet::from([443]))
    }
}

impl Ports {
    /// Reads a comma-separated list such as `443, 8443`.
    ///
    /// # Errors
    /// [`BadPort`] names the first entry that is no whole number from 1 to 65535.
    pub fn parse(list: &str) -> Result<Self, BadPort> {
        let port = |entry: &str| match entry.parse() {
            Ok(port) if port > 0 && !entry.starts_with('+') => Ok(port),
            _ => Err(BadPort(entry.to_owned())),
        };
        list.split(',').map(|entry| port(entry.trim())).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the port is one of them.
    #[must_use]
    pub fn contain(&self, port: u16) -> bool {
        self.0.contains(&port)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, port) in self.0.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}{port}")?;
        }
        Ok(())
    }
}

/// A deployment's list of ports could not be read: the entry that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPort(String);

impl fmt::Display for BadPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is not a port: write a number from 1 to 65535", self.0)
    }
}

impl std::error::Error for BadPort {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_told_in_order() {
        for (list, told) in [("443", "443"), (" 8443,443 , 1", "1, 443, 8443"), ("65535,65535", "65535")] {
            assert_eq!(Ports::parse(list).map(|ports| ports.to_string()), Ok(told.to_owned()));
        }
    }

    #[test]
    fn what_is_no_port_is_named() {
        for (list, entry) in
            [("", ""), ("443,", ""), ("0", "0"), ("65536", "65536"), ("443, +1", "+1"), ("-1", "-1"), ("1-9", "1-9")]
        {
            assert_eq!(Ports::parse(list), Err(BadPort(entry.to_owned())), "{list}");
        }
        let words = Ports::parse("443,https").unwrap_err().to_string();
        assert_eq!(words, "`https` is not a port: write a number from 1 to 65535");
    }

    #[test]
    fn the_default_is_https_alone() {
        let ports = Ports::default();
        assert_eq!([443, 80, 8443, 0].map(|port| ports.contain(port)), [true, false, false, false]);
        assert_eq!(Ports::parse("443"), Ok(ports));
    }
}
