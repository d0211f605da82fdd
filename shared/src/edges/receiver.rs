//! A subscription as attempts need it: its secrets open, its policy laid out. Writes the request
//! that an event becomes, and reads what came back. Deliveries and test pushes go through the same
//! two functions.

use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};

use crate::core::body::Subject;
use crate::core::body::xml::{self, Unrenderable};
use crate::core::delivery::attempt::{Attempt, Ending, ErrorClass, Made, Outcome, Trigger};
use crate::core::delivery::headers::{self, Headers, MASK, WEBHOOK_ID, WEBHOOK_TIMESTAMP};
use crate::core::endpoint::Endpoint;
use crate::core::sealing::{Sealed, SealingKeys};
use crate::core::signature::Secret;
use crate::core::subscription::breaker;
use crate::core::subscription::custom_headers::CustomHeaders;
use crate::core::subscription::policy::{Format, Policy};
use crate::core::subscription::{Health, Status, Subscription, Unusable};
use crate::core::timestamp::Timestamp;
use crate::core::trace_context::TRACESTATE;
use crate::edges::sender::{Answer, EXCERPT_LIMIT, FaultClass, OutgoingRequest, Reply};

const AGENT: &str = concat!("Postrider/", env!("CARGO_PKG_VERSION"));
/// The root element of a body in XML.
const XML_ROOT: &str = "data";
/// Bytes of a value from which on it counts as a secret.
const SHORTEST_SECRET: usize = 8;

/// A subscription, ready for attempts.
#[derive(Debug)]
pub struct Receiver {
    /// The version of the subscription that this was made from.
    pub version: u64,
    /// Whether it gets deliveries.
    pub status: Status,
    /// When its subscription last changed.
    pub updated_at: Timestamp,
    /// Where it is.
    pub endpoint: Endpoint,
    /// How its deliveries are made.
    pub policy: Arc<Policy>,
    /// How its attempts went.
    pub health: Health,
    /// Its custom headers; their values are sensitive.
    headers: HeaderMap,
    /// The current secret, and the one before it with the time until which it signs.
    secret: Secret,
    previous: Option<(Secret, Timestamp)>,
}

impl Receiver {
    /// Opens a subscription's secrets and headers.
    pub fn open(subscription: &Subscription, keys: &SealingKeys) -> Result<Self, Unusable> {
        let owner = subscription.id.to_string();
        let secret = |sealed: &Sealed| {
            keys.open(&owner, sealed)?.parse::<Secret>().map_err(|_| Unusable::Content("secret"))
        };
        let previous = match &subscription.secrets.previous {
            Some((sealed, until)) => Some((secret(sealed)?, *until)),
            None => None,
        };
        let mut headers = HeaderMap::new();
        if let Some(sealed) = &subscription.headers {
            let unusable = || Unusable::Content("headers");
            let json = keys.open(&owner, sealed)?;
            let custom: CustomHeaders = serde_json::from_str(&json).map_err(|_| unusable())?;
            for (name, value) in custom.iter() {
                let name = HeaderName::try_from(name).map_err(|_| unusable())?;
                headers.insert(name, sensitive(value).ok_or_else(unusable)?);
            }
        }
        Ok(Self {
            version: subscription.version,
            status: subscription.status,
            updated_at: subscription.updated_at,
            endpoint: subscription.endpoint.clone(),
            policy: subscription.policy()?,
            health: subscription.health,
            headers,
            secret: secret(&subscription.secrets.current)?,
            previous,
        })
    }

    /// Whether deliveries are held because the receiver fails.
    #[must_use]
    pub fn is_failing(&self) -> bool {
        breaker::is_open(self.health, &self.policy)
    }

    /// The request that `subject` becomes at `now`: its body by the template, signed by every
    /// secret of that time, the current one first. A header that can hold one value holds the
    /// current secret's.
    pub fn request(
        &self,
        subject: &Subject<'_>,
        now: Timestamp,
    ) -> Result<OutgoingRequest<'_>, Unrenderable> {
        let json = self.policy.body.render(subject);
        let (body, content_type) = match self.policy.body_format {
            Format::Json => (json.into_bytes(), "application/json"),
            Format::Xml => (xml::render(&json, XML_ROOT)?, xml::CONTENT_TYPE),
        };
        let (id, seconds) = (subject.event.to_string(), now.as_unix_seconds());
        let previous =
            self.previous.as_ref().filter(|(_, until)| now < *until).map(|(secret, _)| secret);
        let secrets = std::iter::once(&self.secret).chain(previous);
        let signatures: Vec<_> = secrets.map(|secret| secret.sign(&id, seconds, &body)).collect();
        let mut headers = self.headers.clone();
        if let Some((name, value)) =
            self.policy.signature.header().zip(self.policy.signature.value(&self.secret, &body))
            && let (Ok(name), Some(value)) = (HeaderName::try_from(name), sensitive(&value))
        {
            // Name and secret were checked when they were saved.
            headers.insert(name, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let own = [
            (WEBHOOK_ID, id),
            (WEBHOOK_TIMESTAMP, seconds.to_string()),
            ("webhook-signature", signatures.join(" ")),
        ];
        for (name, value) in own {
            // Ids, numbers and base64 are always header values.
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        Ok(OutgoingRequest {
            endpoint: &self.endpoint,
            headers,
            body: Bytes::from(body),
            timeout: self.policy.timeout(),
        })
    }

    /// What a reply means under the policy, to the request that was written for `started_at`.
    /// Whatever the receiver does is data.
    #[must_use]
    pub fn judge(
        &self,
        sent: &OutgoingRequest<'_>,
        reply: &Reply,
        trigger: Trigger,
        started_at: Timestamp,
    ) -> Made {
        let mut request_headers = headers::texts(&sent.headers, |text| text);
        // They follow from the delivery, the attempt and the event.
        request_headers.retain(|name, _| {
            ![WEBHOOK_ID, WEBHOOK_TIMESTAMP, TRACESTATE].contains(&name.as_str())
        });
        let mut attempt = Attempt {
            number: 0,
            trigger,
            started_at,
            duration_ms: u32::try_from(reply.duration.as_millis()).unwrap_or(u32::MAX),
            outcome: Outcome::Succeeded,
            status: None,
            error_class: None,
            timeout_phase: None,
            error: None,
            response_excerpt: None,
            timing: reply.timing,
            request_headers: Some(request_headers),
            response_headers: None,
        };
        match &reply.result {
            Ok(answer) => {
                let success = self.policy.is_success(answer.status);
                attempt.status = Some(answer.status);
                if !success {
                    attempt.outcome = Outcome::Rejected;
                    attempt.error_class = Some(ErrorClass::HttpStatus);
                    attempt.error = Some(self.rejection(answer.status));
                }
                attempt.keep_excerpt(self.masked_body(&answer.excerpt).as_bytes());
                attempt.keep_headers(self.shown_headers(answer));
                let ending = if self.policy.unsubscribes(&answer.excerpt) {
                    Some(Ending::Unsubscribed)
                } else {
                    self.policy.disables(answer.status).then_some(Ending::Disabled(answer.status))
                };
                let retry_after =
                    answer.headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                Made { attempt, retry_after: retry_after.map(str::to_owned), ending }
            }
            Err(fault) => {
                (attempt.outcome, attempt.timeout_phase) = match fault.class {
                    FaultClass::Timeout(phase) => (Outcome::TimedOut, Some(phase)),
                    FaultClass::Blocked => (Outcome::Blocked, None),
                    _ => (Outcome::Unreachable, None),
                };
                attempt.error_class = Some(fault.class.into());
                attempt.error = Some(fault.detail.clone());
                Made { attempt, retry_after: None, ending: None }
            }
        }
    }

    /// What was read of a body, without the secrets that the receiver was sent or verifies with:
    /// some answer with what they got, or with all they know. Values of fewer than eight bytes are
    /// no secrets, and stay. Where it was cut off, it is without the beginning of a secret at its
    /// end.
    #[must_use]
    pub fn masked_body(&self, body: &[u8]) -> String {
        let values = self.sensitive_values();
        let mut text = masked(String::from_utf8_lossy(body).into_owned(), &values);
        if body.len() >= EXCERPT_LIMIT {
            let begins = |value: &String| {
                (1..value.len())
                    .rev()
                    .filter(|end| value.is_char_boundary(*end))
                    .find(|end| text.ends_with(&value[..*end]))
            };
            let cut = values.iter().filter_map(begins).max().unwrap_or_default();
            text.truncate(text.len() - cut);
        }
        text
    }

    /// The headers of an answer, masked likewise.
    #[must_use]
    pub fn shown_headers(&self, answer: &Answer) -> Headers {
        let values = self.sensitive_values();
        headers::texts(&answer.headers, |text| masked(text, &values))
    }

    /// The values that must not be shown, the longest first, for one may contain another: secrets,
    /// also without what says their kind, and headers, also without a scheme such as `Bearer`; as
    /// they are, and as JSON escapes them, which some writers do with slashes as well.
    fn sensitive_values(&self) -> Vec<String> {
        let mut values = Vec::new();
        for secret in
            std::iter::once(&self.secret).chain(self.previous.as_ref().map(|(secret, _)| secret))
        {
            let whole = secret.reveal();
            values.extend(whole.strip_prefix(Secret::PREFIX).map(str::to_owned));
            values.push(whole);
        }
        for value in self.headers.values().filter_map(|value| value.to_str().ok()) {
            values.push(value.to_owned());
            values.extend(
                value.split_once(' ').map(|(_, credentials)| credentials.trim_start().to_owned()),
            );
        }
        let escaped = |value: &String| {
            serde_json::to_string(value).map(|json| json[1..json.len() - 1].to_owned())
        };
        values.extend(values.iter().filter_map(|value| escaped(value).ok()).collect::<Vec<_>>());
        values.extend(values.iter().map(|value| value.replace('/', "\\/")).collect::<Vec<_>>());
        values.retain(|value| value.len() >= SHORTEST_SECRET);
        // Most are the same however they are written, and each is looked for in every answer.
        values.sort_unstable_by(|one, other| {
            other.len().cmp(&one.len()).then_with(|| one.cmp(other))
        });
        values.dedup();
        values
    }

    fn rejection(&self, status: u16) -> String {
        if (300..400).contains(&status) {
            return format!(
                "the receiver answered {status}; redirects are not followed, so give the final URL"
            );
        }
        let success: Vec<_> = self.policy.success_status.iter().map(ToString::to_string).collect();
        format!("the receiver answered {status}; success is {}", success.join(" or "))
    }
}

fn masked(text: String, values: &[String]) -> String {
    values.iter().fold(text, |text, value| text.replace(value.as_str(), MASK))
}

fn sensitive(value: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::try_from(value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
