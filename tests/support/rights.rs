//! What the stack says at `/_stack/rights` of the functions' rights.

use std::fmt;

use serde::Deserialize;

/// What a function may do, and what it asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct FunctionRights {
    /// What its role grants, and how often each was used.
    pub granted: Vec<Usage>,
    /// What it asked for in vain.
    pub denied: Vec<Usage>,
}

/// An action on a resource, and how often it was asked for.
#[derive(Debug, Clone, Deserialize)]
pub struct Usage {
    /// Such as `dynamodb:GetItem`.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// Since the stack's start.
    pub times: u64,
}

impl fmt::Display for Usage {
    /// Such as `dynamodb:Query on LogTable/index/due`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.resource.rsplit(':').next().unwrap_or_default();
        write!(f, "{} on {}", self.action, name.strip_prefix("table/").unwrap_or(name))
    }
}
