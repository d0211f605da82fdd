//! One subscription: how it stands and why, its last day, and what can be done about it.

use futures_util::future::try_join;
use lambda_http::http::Method;
use maud::{Markup, html};
use serde_json::{Value, json};
use shared::capability::Capability;
use shared::subscription::Status;

use super::subscriptions::{rate, status};
use crate::answers::{Statistics, Subscription};
use crate::api::Refusal;
use crate::chart::Hours;
use crate::page::time;
use crate::session::Session;
use crate::{Answer, Asked, Portal, see};

impl Portal {
    pub(crate) async fn subscription(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let session = asked.session;
        let (subscription, day) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<Statistics>(session, &format!("/subscriptions/{id}/stats?series=true")),
        )
        .await?;
        let hours = Hours::of(&day);
        let content = html! {
            (heading(session, &subscription))
            @if let Some(why) = why(&subscription) { p.notice { (why) } }
            @if !subscription.description.is_empty() { p { (subscription.description) } }
            dl {
                dt { "Event types" } dd { (subscription.event_types.join(", ")) }
                dt { "Profile" } dd { (subscription.profile) }
                @if !subscription.headers.is_empty() {
                    dt { "Headers added" } dd { (subscription.headers.keys().cloned().collect::<Vec<_>>().join(", ")) }
                }
                dt { "Since" } dd { (time(subscription.created_at)) }
            }
            section {
                h2 { "The last 24 hours" }
                p { (rate(&day)) @if !day.complete { "; not all of it is counted yet" } }
                figure {
                    (hours.outcomes())
                    figcaption.legend {
                        span.delivered { "delivered" } span.waiting { "waiting" } span.cancelled { "cancelled" } span.exhausted { "failed" }
                    }
                }
                figure {
                    (hours.times())
                    figcaption.legend {
                        "Your server's response time: " span.p50 { "half of all" } span.p95 { "95 of 100" } span.p99 { "99 of 100" }
                    }
                }
            }
            @if session.may(Capability::Manage) { (switches(&subscription)) }
        };
        Ok(self.frame.page(session, &subscription.url, &content))
    }

    /// Active, paused or deleted, by a form's button.
    pub(crate) async fn switch(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let path = format!("/subscriptions/{id}");
        match asked.form.get("status") {
            Some("deleted") => {
                self.api.send::<Value>(asked.session, Method::DELETE, &path, json!({})).await?;
                Ok(see("/portal/subscriptions"))
            }
            Some(wanted @ ("active" | "paused")) => {
                self.api.send::<Value>(asked.session, Method::PATCH, &path, json!({ "status": wanted })).await?;
                Ok(see(&format!("/portal/subscriptions/{id}")))
            }
            _ => Err(Refusal::NotFound("There is no such action.".to_owned())),
        }
    }
}

/// The URL with how it stands, and the way to the other pages about it.
pub fn heading(session: &Session, subscription: &Subscription) -> Markup {
    let at = |rest: &str| format!("/portal/subscriptions/{}{rest}", subscription.id);
    html! {
        div.title { h1 { (subscription.url) } (status(subscription)) }
        nav aria-label="This webhook" {
            a href=(at("")) { "Overview" }
            a href=(at("/deliveries")) { "Deliveries" }
            @if session.may(Capability::Manage) {
                a href=(at("/test")) { "Test" }
                a href=(at("/secret")) { "Secret" }
                a href=(at("/edit")) { "Edit" }
            }
        }
    }
}

fn why(subscription: &Subscription) -> Option<String> {
    let reason = subscription.status_reason.as_deref().unwrap_or("somebody asked for it");
    match (subscription.status, subscription.failing_since) {
        (Status::Disabled, _) => Some(format!(
            "Disabled: {reason}. Nothing is sent. Mend the cause, then switch it on; then send again what failed."
        )),
        (Status::Paused, _) => Some("Paused: what happens is kept, and sent once you resume.".to_owned()),
        (Status::Active, Some(since)) => {
            Some(format!("Attempts have been failing since {since}. The deliveries below say why."))
        }
        (Status::Active, None) => None,
    }
}

fn switches(subscription: &Subscription) -> Markup {
    let action = format!("/portal/subscriptions/{}/switch", subscription.id);
    html! {
        section {
            h2 { "Switch" }
            form.row method="post" action=(action) {
                @match subscription.status {
                    Status::Active => button name="status" value="paused" { "Pause" },
                    Status::Paused => button name="status" value="active" { "Resume" },
                    Status::Disabled => button name="status" value="active" { "Switch on" },
                }
                details {
                    summary { "Delete" }
                    p { "What still waits is not sent any more, and its deliveries cannot be seen any longer." }
                    button.danger name="status" value="deleted" { "Delete this webhook" }
                }
            }
        }
    }
}
