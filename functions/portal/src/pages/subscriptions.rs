//! The first page: the tenant's subscriptions, how they stand, and how their last day was.

use futures_util::future::try_join;
use maud::{Markup, html};
use shared::capability::Capability;
use shared::subscription::Status;

use crate::answers::{List, Statistics, Subscription};
use crate::chart::Hours;
use crate::{Answer, Asked, Portal};

impl Portal {
    pub(crate) async fn subscriptions(&self, asked: &Asked<'_>) -> Answer {
        let Asked { session, query, .. } = asked;
        let path = format!("/subscriptions?limit=25&{}", query.query(&["cursor"]));
        let (list, day) = try_join(
            self.api.get::<List<Subscription>>(session, &path),
            self.api.get::<Statistics>(session, "/stats?series=true&by_subscription=true"),
        )
        .await?;
        let content = html! {
            div.title {
                h1 { "Webhooks" }
                @if session.may(Capability::Manage) {
                    a.button href="/portal/subscriptions/new" { "Add a webhook" }
                }
            }
            @if list.items.is_empty() {
                p { "There is none yet. A webhook tells a server of yours at once when something happens." }
            } @else {
                ul.cards {
                    @for subscription in &list.items {
                        li { (card(subscription, day.subscriptions.get(&subscription.id))) }
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
        h2 { a href=(format!("/portal/subscriptions/{}", subscription.id)) { (subscription.url) } }
        p { (status(subscription)) " " (subscription.description) }
        p.types { (subscription.event_types.join(", ")) }
        @if let Some(day) = day {
            (Hours::of(day).sparkline())
            p.rate { (rate(day)) }
        }
    }
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
pub fn rate(day: &Statistics) -> String {
    match day.counts.success_rate {
        Some(rate) => {
            format!("{:.1} % of {} delivered in the last 24 hours", rate * 100.0, day.counts.deliveries.total)
        }
        None => "Nothing was sent in the last 24 hours".to_owned(),
    }
}
