//! The ports that attempts may use outside of the deployment's own networks.

use std::collections::BTreeSet;
use std::fmt;

/// A set of TCP ports, never empty. The default is that of https alone, 443: a sender that reaches
/// any port of any public host is a port scanner with a good name. `Display` lists them: `443,
/// 8443`.
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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a port: write a number from 1 to 65535")]
pub struct BadPort(String);

#[cfg(test)]
mod tests;
