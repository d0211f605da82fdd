//! An attempt, inside its delivery's row.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::super::values::{At, words};
use crate::core::delivery::attempt as domain;

#[derive(Serialize, Deserialize)]
pub struct Attempt {
    number: u32,
    trigger: Trigger,
    started_at: At,
    duration_ms: u32,
    outcome: Outcome,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_class: Option<ErrorClass>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_phase: Option<Phase>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_excerpt: Option<String>,
    #[serde(default, skip_serializing_if = "Timing::is_empty")]
    timing: Timing,
    /// Without those that follow from the delivery.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_headers: Option<BTreeMap<String, String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_headers: Option<BTreeMap<String, String>>,
}

words!(Trigger(domain::Trigger):
    Event = "event",
    Resend = "resend",
    Test = "test",
    Probe = "probe",
);

words!(Outcome(domain::Outcome):
    Succeeded = "succeeded",
    Rejected = "rejected",
    TimedOut = "timed_out",
    Unreachable = "unreachable",
    Blocked = "blocked",
);

words!(ErrorClass(domain::ErrorClass):
    Dns = "dns",
    ConnectRefused = "connect_refused",
    ConnectReset = "connect_reset",
    ConnectFailed = "connect_failed",
    Tls = "tls",
    Timeout = "timeout",
    Blocked = "blocked",
    Protocol = "protocol",
    HttpStatus = "http_status",
);

words!(Phase(domain::Phase):
    Dns = "dns",
    Connect = "connect",
    Tls = "tls",
    FirstByte = "first_byte",
);

/// Milliseconds, to the tenth.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct Timing {
    #[serde(skip_serializing_if = "Option::is_none")]
    dns_ms: Option<domain::Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_ms: Option<domain::Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tls_ms: Option<domain::Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_byte_ms: Option<domain::Millis>,
}

impl Timing {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl From<&domain::Attempt> for Attempt {
    fn from(attempt: &domain::Attempt) -> Self {
        let domain::Attempt {
            number,
            trigger,
            started_at,
            duration_ms,
            outcome,
            status,
            error_class,
            timeout_phase,
            error,
            response_excerpt,
            timing: domain::Timing { dns_ms, connect_ms, tls_ms, first_byte_ms },
            request_headers,
            response_headers,
        } = attempt;
        Self {
            number: *number,
            trigger: Trigger(*trigger),
            started_at: (*started_at).into(),
            duration_ms: *duration_ms,
            outcome: Outcome(*outcome),
            status: *status,
            error_class: error_class.map(ErrorClass),
            timeout_phase: timeout_phase.map(Phase),
            error: error.clone(),
            response_excerpt: response_excerpt.clone(),
            timing: Timing {
                dns_ms: *dns_ms,
                connect_ms: *connect_ms,
                tls_ms: *tls_ms,
                first_byte_ms: *first_byte_ms,
            },
            request_headers: request_headers.clone(),
            response_headers: response_headers.clone(),
        }
    }
}

impl From<Attempt> for domain::Attempt {
    fn from(row: Attempt) -> Self {
        let Timing { dns_ms, connect_ms, tls_ms, first_byte_ms } = row.timing;
        Self {
            number: row.number,
            trigger: row.trigger.0,
            started_at: row.started_at.into(),
            duration_ms: row.duration_ms,
            outcome: row.outcome.0,
            status: row.status,
            error_class: row.error_class.map(|class| class.0),
            timeout_phase: row.timeout_phase.map(|phase| phase.0),
            error: row.error,
            response_excerpt: row.response_excerpt,
            timing: domain::Timing { dns_ms, connect_ms, tls_ms, first_byte_ms },
            request_headers: row.request_headers,
            response_headers: row.response_headers,
        }
    }
}
