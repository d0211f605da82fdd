//! The first page: the tenant's subscriptions, how they stand, and how their last day was.

use std::time::Duration;

use futures_util::future::join;
use maud::{Markup, html};
use shared::core::access::capability::Capability;
use shared::core::subscription::Status;
use shared::edges::clock;

use crate::answers::{List, Statistics, Subscription};
use crate::chart::Hours;
use crate::form::encode;
use crate::{Answer, Asked, Portal};

/// Subscriptions of a page. Each costs the statistics of its day, 17 read units at least.
const PAGE: u32 = 10;
/// What plots show: whole hours, the one that is not over among them.
pub const DAY: Duration = Duration::from_hours(23);

impl Portal {
    pub(crate) async fn subscriptions(&self, asked: &Asked<'_>) -> Answer {
        let Asked { session, query, .. } = asked;
        let cursor =
            encode(query.get("cursor").map(|cursor| ("cursor", cursor.to_owned())).into_iter());
        let from = clock::now().before(DAY);
        let (list, day) = join(
            self.api.get::<List<Subscription>>(
                session,
                &format!("/subscriptions?limit={PAGE}&{cursor}"),
            ),
            self.api.get::<Statistics>(
                session,
                &format!(
                    "/stats?series=true&by_subscription=true&from={from}&limit={PAGE}&{cursor}"
                ),
            ),
        )
        .await;
        let list = list?;
        let content = html! {
            div.title {
                h1 { "Webhooks" }
                @if session.may(Capability::Manage) {
                    a.button.first href="/portal/subscriptions/new" { "Add a webhook" }
                }
            }
            @if list.items.is_empty() {
                p { "There is none yet. A webhook tells a server of yours as soon as something happens." }
            } @else {
                ul.cards {
                    @for subscription in &list.items {
                        li { (card(subscription, day.as_ref().ok().and_then(|day| day.subscriptions.get(&subscription.id)))) }
                    }
                }
            }
            @if let Some(cursor) = &list.next_cursor {
                nav { a href=(format!("/portal/subscriptions?cursor={cursor}")) { "More" } }
            }
        };
        Ok(self.frame.page(session, "Webhooks", &content))
    }
}

fn card(subscription: &Subscription, day: Option<&Statistics>) -> Markup {
    html! {
        div.title {
            h2 { a href=(format!("/portal/subscriptions/{}", subscription.id)) { (subscription.url) } }
            (status(subscription))
        }
        @if !subscription.description.is_empty() { p { (subscription.description) } }
        p.types { (types(subscription)) }
        div.row {
            @if let Some(day) = day {
                (Hours::of(day).sparkline())
                span.rate { (rate(day)) }
            } @else {
                span.rate { "Its last 24 hours cannot be counted right now." }
            }
        }
    }
}

/// What it is sent.
pub fn types(subscription: &Subscription) -> String {
    if subscription.event_types.iter().any(|name| name == "*") {
        return "all events".to_owned();
    }
    subscription.event_types.join(", ")
}

/// How it stands, in one word.
pub fn status(subscription: &Subscription) -> Markup {
    let (class, word) = match (subscription.status, subscription.failing_since) {
        (Status::Active, Some(_)) => ("failing", "failing"),
        (Status::Active, None) => ("active", "active"),
        (Status::Paused, _) => ("paused", "paused"),
        (Status::Disabled, _) => ("disabled", "disabled"),
    };
    html! { span.status.(class) { (word) } }
}

/// How much of what was sent in the last day arrived.
fn rate(day: &Statistics) -> String {
    let total = day.counts.deliveries.total;
    match day.counts.success_rate {
        _ if !day.complete => {
            format!(
                "at least {total} deliveries in the last 24 hours; open the page again to count on"
            )
        }
        Some(rate) => {
            format!("{} success rate, {total} deliveries in the last 24 hours", percent(rate))
        }
        None if total > 0 => format!("{total} deliveries in the last 24 hours, none settled yet"),
        None => "Nothing was sent in the last 24 hours".to_owned(),
    }
}

/// A share, never shown as whole unless it is.
pub fn percent(share: f64) -> String {
    let shown = (share * 1000.0).floor() / 10.0;
    format!("{shown:.1} %")
}
