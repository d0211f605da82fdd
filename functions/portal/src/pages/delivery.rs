//! One delivery: its attempts, with what was sent and answered, where the time went, and what to
//! do.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use lambda_http::http::Method;
use maud::{Markup, html};
use serde_json::{Value, json};
use shared::core::access::capability::Capability;
use shared::core::delivery::attempt::{Attempt, Timing, Trigger};
use shared::core::id::{EventId, SubscriptionId};
use shared::core::subscription::Status::Disabled;

use super::deliveries::badge;
use super::subscription::heading;
use crate::advice::advice;
use crate::answers::{Delivery, Subscription};
use crate::json::shown;
use crate::page::time;
use crate::{Answer, Asked, Portal, see};

impl Portal {
    pub(crate) async fn delivery(
        &self,
        asked: &Asked<'_>,
        (id, event): (SubscriptionId, EventId),
    ) -> Answer {
        let session = asked.session;
        let (subscription, delivery) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<Delivery>(session, &format!("/subscriptions/{id}/deliveries/{event}")),
        )
        .await?;
        let here = format!("/portal/subscriptions/{id}/deliveries/{event}");
        let name = delivery.event_type.as_ref().map_or("event", |name| name.as_str());
        let content = html! {
            (heading(session, &subscription, "Deliveries"))
            // While something is still to come, it is fetched again.
            div #delivery data-live hx-get=[(!delivery.status.is_settled()).then_some(&here)] hx-trigger="every 5s"
                hx-select="#delivery" hx-swap="outerHTML" {
                div.title { h2 { (name) } (badge(delivery.status)) }
                p { code { (delivery.event) } ", " (time(delivery.timestamp)) }
                @if let Some(reason) = &delivery.reason { p { "Because " (reason) "." } }
                @if let Some(next) = delivery.next_attempt_at { p { "Next attempt: " (time(next)) } }
                @if session.may(Capability::Resend) && subscription.status != Disabled {
                    form method="post" action=(format!("{here}/resend")) { button #resend { "Resend now" } }
                }
                @for made in delivery.attempts.iter().rev() { (attempt(made)) }
            }
            @match &delivery.data {
                Some(data) => section { h2 { "Data of the event" } (shown(data.get())) },
                None => p { "Its data is not on record." },
            }
        };
        Ok(self.frame.page(session, name, &content))
    }

    pub(crate) async fn resend(
        &self,
        asked: &Asked<'_>,
        (id, event): (SubscriptionId, EventId),
    ) -> Answer {
        let path = format!("/subscriptions/{id}/deliveries/{event}/resend");
        self.api.send::<Value>(asked.session, Method::POST, &path, json!({})).await?;
        Ok(see(&format!("/portal/subscriptions/{id}/deliveries/{event}")))
    }
}

/// How an attempt ended, what to do, and where the time went.
pub fn summary(made: &Attempt) -> Markup {
    let ended = match made.status {
        Some(status) => format!("answered {status} after {} ms", made.duration_ms),
        None => made.error.clone().unwrap_or_else(|| "no answer".to_owned()),
    };
    html! {
        h3 { "Attempt " (made.number) ": " (ended) }
        p { (time(made.started_at)) @match made.trigger {
            Trigger::Resend => ", resent on request",
            Trigger::Test => ", a test",
            Trigger::Probe => ", to see whether your server is back",
            Trigger::Event => "",
        } }
        @if let Some(advice) = advice(made) { p.notice { (advice) } }
        (timing(&made.timing))
    }
}

/// An attempt, with the headers of both sides and the start of the answer.
fn attempt(made: &Attempt) -> Markup {
    html! {
        section.attempt {
            (summary(made))
            @if let Some(excerpt) = made.response_excerpt.as_ref().filter(|excerpt| !excerpt.is_empty()) {
                (shown(excerpt))
            }
            @if let Some(sent) = &made.request_headers { details { summary { "Request headers" } (headers(sent)) } }
            @if let Some(answered) = &made.response_headers {
                details { summary { "Response headers" } (headers(answered)) }
            }
        }
    }
}

fn timing(timing: &Timing) -> Markup {
    let steps = [
        ("name lookup", timing.dns_ms),
        ("connecting", timing.connect_ms),
        ("TLS", timing.tls_ms),
        ("waiting for the answer", timing.first_byte_ms),
    ];
    let steps = steps
        .into_iter()
        .filter_map(|(name, took)| Some((name, serde_json::to_string(&took?).ok()?)));
    html! {
        ul.timing { @for (name, took) in steps { li { (name) " " (took) " ms" } } }
    }
}

/// Headers as a list.
pub fn headers(headers: &BTreeMap<String, String>) -> Markup {
    html! {
        dl.headers {
            @for (name, value) in headers { dt { (name) } dd { (value) } }
        }
    }
}
