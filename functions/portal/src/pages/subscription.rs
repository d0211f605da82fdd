//! One subscription: how it stands and why, its last day or week, and what can be done about it.

use std::time::Duration;

use futures_util::future::join;
use lambda_http::http::Method;
use maud::{Markup, html};
use serde_json::{Value, json};
use shared::core::access::capability::Capability;
use shared::core::id::SubscriptionId;
use shared::core::statistics::Deliveries;
use shared::core::subscription::Status;
use shared::core::subscription::breaker::State;
use shared::edges::clock;

use super::subscriptions::{DAY, percent, status, types};
use crate::answers::{Statistics, Subscription};
use crate::api::Refusal;
use crate::chart::Hours;
use crate::page::time;
use crate::session::Session;
use crate::{Answer, Asked, Portal, see};

const WEEK: Duration = Duration::from_hours(7 * 24 - 1);

impl Portal {
    pub(crate) async fn subscription(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let session = asked.session;
        let week = asked.query.get("span") == Some("week");
        let from = clock::now().before(if week { WEEK } else { DAY });
        let (subscription, counted) = join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<Statistics>(
                session,
                &format!("/subscriptions/{id}/stats?series=true&from={from}"),
            ),
        )
        .await;
        let subscription = subscription?;
        let content = html! {
            (heading(session, &subscription, "Overview"))
            @if !subscription.description.is_empty() { p { (subscription.description) } }
            dl {
                dt { "Event types" } dd { (types(&subscription)) }
                dt { "Profile" } dd { (subscription.profile) }
                @if subscription.ordered { dt { "Order" } dd { "Each delivery is made once the one before it is delivered or given up." } }
                @if !subscription.headers.is_empty() {
                    dt { "Headers added" } dd { (subscription.headers.keys().cloned().collect::<Vec<_>>().join(", ")) }
                }
                dt { "Created" } dd { (time(subscription.created_at)) }
            }
            section {
                h2 { "The last " (if week { "7 days" } else { "24 hours" }) }
                p { @if week { a href="?" { "Show 24 hours" } } @else { a href="?span=week" { "Show 7 days" } } }
                @match &counted {
                    Ok(counted) => {
                        (sums(counted))
                        @if counted.counts.deliveries.total > 0 { (plots(&Hours::of(counted))) }
                    },
                    Err(_) => p { "It cannot be counted right now. Open this page again in a moment." },
                }
            }
            @if session.may(Capability::Manage) { (switches(&subscription)) }
        };
        Ok(self.frame.page(session, &subscription.url, &content))
    }

    /// Active, paused or deleted, by a form's button.
    pub(crate) async fn switch(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let path = format!("/subscriptions/{id}");
        match asked.form.get("status") {
            Some("deleted") => {
                self.api.send::<Value>(asked.session, Method::DELETE, &path, json!({})).await?;
                Ok(see("/portal/subscriptions"))
            }
            Some(wanted @ ("active" | "paused")) => {
                self.api
                    .send::<Value>(asked.session, Method::PATCH, &path, json!({ "status": wanted }))
                    .await?;
                Ok(see(&format!("/portal/subscriptions/{id}")))
            }
            _ => Err(Refusal::NotFound("There is no such action.".to_owned())),
        }
    }
}

/// The pages about a subscription: their names, where they are, and what they are for.
const TABS: [(&str, &str, Capability); 5] = [
    ("Overview", "", Capability::View),
    ("Deliveries", "/deliveries", Capability::View),
    ("Test", "/test", Capability::Manage),
    ("Secret", "/secret", Capability::Manage),
    ("Edit", "/edit", Capability::Manage),
];

/// The URL with how it stands, and the way to the other pages about it; `here` is the name of this
/// one.
pub fn heading(session: &Session, subscription: &Subscription, here: &str) -> Markup {
    html! {
        div.title { h1 { (subscription.url) } (status(subscription)) }
        nav.tabs aria-label="This webhook" {
            @for (name, rest, capability) in TABS {
                @if session.may(capability) {
                    a href=(format!("/portal/subscriptions/{}{rest}", subscription.id))
                        aria-current=[(name == here).then_some("page")] { (name) }
                }
            }
        }
        @if let Some(why) = why(subscription) { p.notice { (why) } }
    }
}

/// What became of what was sent, in numbers.
fn sums(counted: &Statistics) -> Markup {
    let Deliveries { total, delivered, exhausted, cancelled, pending, held } =
        counted.counts.deliveries;
    let sums = [
        ("delivered", delivered),
        ("failed", exhausted),
        ("waiting", pending + held),
        ("cancelled", cancelled),
    ];
    html! {
        @if total == 0 && counted.complete {
            p { "Nothing was sent." }
        } @else {
            ul.sums {
                @if let Some(rate) = counted.counts.success_rate { li { b { (percent(rate)) } "success rate" } }
                @for (name, sum) in sums { li { b { (sum) } (name) } }
            }
        }
        @if !counted.complete { p.notice { "There is more than was counted so far. Open this page again to count on." } }
    }
}

fn plots(hours: &Hours) -> Markup {
    html! {
        figure {
            (hours.outcomes())
            figcaption.legend {
                "Deliveries: " span.delivered { "delivered" } span.waiting { "waiting" } span.cancelled { "cancelled" }
                span.exhausted { "failed" }
            }
        }
        figure {
            (hours.times())
            figcaption.legend {
                "Your server's response time: " span.p50 { "half of all (p50)" } span.p95 { "95 of 100 (p95)" }
                span.p99 { "99 of 100 (p99)" }
            }
        }
        details { summary { "In numbers" } (hours.table()) }
    }
}

fn why(subscription: &Subscription) -> Option<String> {
    let reason = subscription.status_reason.as_deref().unwrap_or("somebody asked for it");
    match (subscription.status, subscription.failing_since) {
        (Status::Disabled, _) => Some(format!(
            "Disabled: {reason}. Nothing is sent. Fix the cause, enable it, then resend what failed."
        )),
        (Status::Paused, _) => {
            Some("Paused: events are kept, and delivered once you resume.".to_owned())
        }
        (Status::Active, Some(since)) if is_held(subscription) => Some(format!(
            "Failing since {since}. New deliveries are held, and your server is tried with one of them from time to time; once it \
             answers, they are sent. The deliveries say why it fails, and what to do."
        )),
        (Status::Active, Some(since)) => {
            Some(format!("Failing since {since}. The deliveries say why, and what to do."))
        }
        (Status::Active, None) => None,
    }
}

/// Whether deliveries are held because the receiver fails. In order there is one attempt at a time
/// anyway, and none is held.
fn is_held(subscription: &Subscription) -> bool {
    subscription.breaker == State::Open && !subscription.ordered
}

fn switches(subscription: &Subscription) -> Markup {
    let action = format!("/portal/subscriptions/{}/switch", subscription.id);
    html! {
        section {
            h2 { "Pause or delete" }
            form.row method="post" action=(action) {
                @match subscription.status {
                    Status::Active => {
                        @if is_held(subscription) {
                            button name="status" value="active" { "Send what is held now" }
                        }
                        button name="status" value="paused" { "Pause" }
                    },
                    Status::Paused => button name="status" value="active" { "Resume" },
                    Status::Disabled => button name="status" value="active" { "Enable" },
                }
                details {
                    summary { "Delete" }
                    p { "What still waits is not sent any more, and the log goes with it." }
                    button.danger name="status" value="deleted" { "Delete this webhook" }
                }
            }
        }
    }
}
