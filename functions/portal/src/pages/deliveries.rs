//! The log of a subscription: what was sent, how it stands; fetched again while somebody looks.

use futures_util::future::try_join;
use maud::{Markup, html};
use shared::capability::Capability;
use shared::delivery::Status;

use super::subscription::heading;
use crate::answers::{Delivery, List, Subscription};
use crate::form::Form;
use crate::page::time;
use crate::{Answer, Asked, Portal};

/// What the log can be asked for; the API's own parameters.
const FILTERS: [&str; 6] = ["from", "to", "status", "response", "success", "cursor"];

impl Portal {
    pub(crate) async fn deliveries(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let Asked { session, query, .. } = asked;
        let path = format!("/subscriptions/{id}/deliveries?limit=50&{}", query.query(&FILTERS));
        let (subscription, list) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<List<Delivery>>(session, &path),
        )
        .await?;
        let here = format!("/portal/subscriptions/{id}/deliveries");
        let next = list.next_cursor.as_ref().map(|cursor| {
            let filters = query.query(&FILTERS[..5]);
            format!("{here}?{filters}&cursor={cursor}")
        });
        let content = html! {
            (heading(session, &subscription))
            (filters(query))
            @if session.may(Capability::Resend) {
                form method="post" action=(format!("/portal/subscriptions/{id}/resend")) {
                    button { "Send again all that failed" }
                }
            }
            // The first page changes while somebody looks; the others are the past.
            div #log hx-get=[query.get("cursor").is_none().then(|| format!("{here}?{}", query.query(&FILTERS)))]
                hx-trigger="every 5s" hx-select="#log" hx-swap="outerHTML" {
                (table(id, &list.items))
            }
            @if let Some(next) = next { nav { a href=(next) { "Older" } } }
        };
        Ok(self.frame.page(session, "Deliveries", &content))
    }
}

fn filters(query: &Form) -> Markup {
    let chosen = |name: &str, value: &str| query.get(name) == Some(value);
    html! {
        form.row method="get" role="search" {
            label { "Status "
                select name="status" {
                    option value="" { "any" }
                    @for status in Status::ALL {
                        option value=(status.as_str()) selected[chosen("status", status.as_str())] { (status.as_str()) }
                    }
                }
            }
            label { "Answer "
                select name="response" {
                    option value="" { "any" }
                    @for (value, words) in [("2xx", "2xx"), ("3xx", "3xx"), ("4xx", "4xx"), ("5xx", "5xx"), ("none", "none")] {
                        option value=(value) selected[chosen("response", value)] { (words) }
                    }
                }
            }
            label { "From (UTC) " input name="from" type="text" placeholder="2026-01-31" value=[query.get("from")]; }
            label { "To " input name="to" type="text" placeholder="2026-02-01" value=[query.get("to")]; }
            button { "Show" }
        }
    }
}

fn table(id: &str, deliveries: &[Delivery]) -> Markup {
    html! {
        @if deliveries.is_empty() {
            p { "Nothing yet." }
        } @else {
            table {
                thead { tr { th scope="col" { "Time" } th scope="col" { "Event" } th scope="col" { "Status" }
                    th scope="col" { "Last answer" } th scope="col" { "Attempts" } } }
                tbody {
                    @for delivery in deliveries {
                        tr {
                            td { (time(delivery.timestamp)) }
                            td { a href=(format!("/portal/subscriptions/{id}/deliveries/{}", delivery.event)) {
                                (delivery.event_type.as_ref().map_or("event", |name| name.as_str())) } }
                            td { span.status.(delivery.status.as_str()) { (delivery.status.as_str()) } }
                            td { (answer(delivery)) }
                            td { (delivery.attempt_count) }
                        }
                    }
                }
            }
        }
    }
}

/// What the latest attempt came to, in a word or two.
fn answer(delivery: &Delivery) -> String {
    let Some(attempt) = &delivery.last_attempt else { return "not attempted yet".to_owned() };
    match (attempt.status, attempt.error_class.as_deref()) {
        (Some(status), _) => format!("{status} in {} ms", attempt.duration_ms),
        (None, Some(class)) => class.replace('_', " "),
        (None, None) => String::new(),
    }
}
