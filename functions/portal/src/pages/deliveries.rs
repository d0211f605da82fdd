//! The log of a subscription: what was sent, how it stands; fetched again while somebody looks.

use std::collections::BTreeSet;

use futures_util::future::join;
use maud::{Markup, html};
use shared::core::access::capability::Capability;
use shared::core::delivery::Status;
use shared::core::delivery::attempt::Trigger;
use shared::core::id::SubscriptionId;
use shared::core::subscription::Status::Disabled;

use super::subscription::heading;
use crate::answers::{Delivery, List, Subscription};
use crate::api::Refusal;
use crate::form::{Form, encode};
use crate::page::time;
use crate::{Answer, Asked, Portal};

/// What the log can be asked for: the API's own parameters.
const FILTERS: [&str; 5] = ["status", "response", "type", "from", "to"];

impl Portal {
    pub(crate) async fn deliveries(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let Asked { session, query, .. } = asked;
        let cursor = query.get("cursor");
        let wanted = given(query).chain(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        let path = format!("/subscriptions/{id}/deliveries?limit=50&{}", encode(wanted));
        let (subscription, list) = join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<List<Delivery>>(session, &path),
        )
        .await;
        let subscription = subscription?;
        // Filters that do not read come back in their form, with what is wrong.
        let (list, faults) = match list {
            Ok(list) => (list, Vec::new()),
            Err(Refusal::Invalid(faults)) => {
                (List { items: Vec::new(), next_cursor: None }, faults)
            }
            Err(other) => return Err(other),
        };
        let here = format!("/portal/subscriptions/{id}/deliveries?{}", encode(given(query)));
        let older = list.next_cursor.as_ref().map(|cursor| format!("{here}&cursor={cursor}"));
        let content = html! {
            (heading(session, &subscription, "Deliveries"))
            @for fault in &faults { p.fault role="alert" { @if !fault.path.is_empty() { (fault.path) ": " } (fault.message) } }
            (form(query, &list.items))
            @if session.may(Capability::Resend) && subscription.status != Disabled { (resend_failed(id, query)) }
            @if faults.is_empty() {
                // The first page changes while somebody looks; the others are the past.
                div #log data-live hx-get=[cursor.is_none().then_some(&here)] hx-trigger="every 5s" hx-select="#log"
                    hx-swap="outerHTML" {
                    (table(id, &list.items, given(query).next().is_some()))
                    @if let Some(older) = older { nav.row { a #older href=(older) { "Older" } } }
                }
            }
        };
        Ok(self.frame.page(session, "Deliveries", &content))
    }
}

/// The filters that are set. A time without its zone, as browsers' fields have it, is in UTC.
fn given(query: &Form) -> impl Iterator<Item = (&'static str, String)> {
    FILTERS.into_iter().filter_map(|name| {
        let value = query.get(name)?;
        let local = matches!(name, "from" | "to") && value.len() == "2026-01-31T08:50".len();
        Some((name, if local { format!("{value}:00Z") } else { value.to_owned() }))
    })
}

fn form(query: &Form, shown: &[Delivery]) -> Markup {
    let chosen = |name: &str, value: &str| query.get(name) == Some(value);
    let types: BTreeSet<_> =
        shown.iter().filter_map(|delivery| delivery.event_type.as_ref()).collect();
    html! {
        form.filters method="get" role="search" {
            label { "Status"
                select name="status" {
                    option value="" { "any" }
                    @for status in Status::ALL {
                        option value=(status.as_str()) selected[chosen("status", status.as_str())] { (word(status)) }
                    }
                }
            }
            label { "Response"
                select name="response" {
                    option value="" { "any" }
                    @for value in ["2xx", "3xx", "4xx", "5xx", "none"] {
                        option value=(value) selected[chosen("response", value)] { (value) }
                    }
                }
            }
            label { "Event type"
                input name="type" list="types" value=[query.get("type")] autocomplete="off";
                datalist #types { @for name in types { option value=(name) {} } }
            }
            label { "From (UTC)" input name="from" type="datetime-local" value=[local(query, "from")]; }
            label { "Until (UTC)" input name="to" type="datetime-local" value=[local(query, "to")]; }
            button { "Show" }
        }
    }
}

/// A time as a browser's field takes it.
fn local<'a>(query: &'a Form, name: &str) -> Option<&'a str> {
    query.get(name)?.get(.."2026-01-31T08:50".len())
}

/// All that failed, of the time and the type that is looked at, once that is confirmed.
fn resend_failed(id: SubscriptionId, query: &Form) -> Markup {
    let of: Vec<_> =
        given(query).filter(|(name, _)| matches!(*name, "from" | "to" | "type")).collect();
    html! {
        details.confirm {
            summary.button { "Resend what failed" }
            form method="post" action=(format!("/portal/subscriptions/{id}/resend")) {
                p {
                    "Everything that is not delivered is sent once more"
                    @if of.is_empty() { ", however old it is." } @else { ", of the type and the time that are chosen above." }
                    " What was delivered is not."
                }
                @for (name, value) in &of { input type="hidden" name=(name) value=(value); }
                button { "Resend all that failed" }
            }
        }
    }
}

fn table(id: SubscriptionId, deliveries: &[Delivery], filtered: bool) -> Markup {
    html! {
        @if deliveries.is_empty() {
            p { @if filtered { "Nothing matches." } @else { "Nothing was sent yet." } }
        } @else {
            div.scroll #rows tabindex="0" role="region" aria-label="Deliveries" {
                table {
                    thead { tr {
                        @for title in ["Time", "Status", "Event", "Response", "Attempts"] { th scope="col" { (title) } }
                    } }
                    tbody { @for delivery in deliveries { (row(id, delivery)) } }
                }
            }
        }
    }
}

fn row(id: SubscriptionId, delivery: &Delivery) -> Markup {
    html! {
        tr {
            td.time { (time(delivery.timestamp)) }
            td { (badge(delivery.status)) }
            td { a id=(delivery.event) href=(format!("/portal/subscriptions/{id}/deliveries/{}", delivery.event)) {
                (delivery.event_type.as_ref().map_or("event", |name| name.as_str()))
            } @if is_test(delivery) { " (test)" } }
            td { (answer(delivery)) }
            td { (delivery.attempt_count) }
        }
    }
}

/// How a delivery stands, in its colour.
pub fn badge(status: Status) -> Markup {
    html! { span.status.(status.as_str()) { (word(status)) } }
}

fn word(status: Status) -> &'static str {
    if status == Status::Exhausted { "failed" } else { status.as_str() }
}

fn is_test(delivery: &Delivery) -> bool {
    delivery.last_attempt.as_ref().is_some_and(|attempt| attempt.trigger == Trigger::Test)
}

/// What the latest attempt came to, in a word or two.
fn answer(delivery: &Delivery) -> String {
    let Some(attempt) = &delivery.last_attempt else { return "not attempted yet".to_owned() };
    match (attempt.status, attempt.error_class) {
        (Some(status), _) => format!("{status} in {} ms", attempt.duration_ms),
        (None, Some(class)) => class.as_str().replace('_', " "),
        (None, None) => String::new(),
    }
}
