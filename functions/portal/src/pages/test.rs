//! The test push: a sample sent now, the request and the response side by side.

use futures_util::future::try_join;
use lambda_http::http::{Method, StatusCode};
use maud::{Markup, html};
use serde_json::json;
use serde_json::value::RawValue;
use shared::id::SubscriptionId;

use super::delivery::{headers, summary};
use super::subscription::heading;
use crate::answers::{EventType, List, Pushed, Subscription};
use crate::api::{Fault, Refusal};
use crate::page::{indented, json as shown};
use crate::{Answer, Asked, Portal};

/// The most that one page of the catalogue has.
const CATALOGUE: &str = "/v1/event-types?limit=250";

/// What came of a push.
#[derive(Default)]
struct Outcome {
    pushed: Option<Pushed>,
    faults: Vec<Fault>,
}

impl Portal {
    /// The form, for the type that the query names.
    pub(crate) async fn test(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        self.test_page(asked, id, Outcome::default()).await
    }

    pub(crate) async fn push(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let event_type = asked.form.get("event_type").unwrap_or_default();
        let data = asked.form.get("data").map(|text| RawValue::from_string(text.to_owned()));
        let body = match data.transpose() {
            // The text goes out as it was entered: numbers and the order of members are the receiver's to see.
            Ok(Some(data)) => format!("{{\"event_type\":{},\"data\":{}}}", json!(event_type), data.get()),
            Ok(None) => json!({ "event_type": event_type }).to_string(),
            Err(error) => {
                let fault = Fault { path: "data".to_owned(), message: format!("The data is not JSON: {error}") };
                return self.test_page(asked, id, Outcome { faults: vec![fault], pushed: None }).await;
            }
        };
        match self.api.send::<Pushed>(asked.session, Method::POST, &format!("/subscriptions/{id}/test"), body).await {
            Ok(pushed) => self.test_page(asked, id, Outcome { pushed: Some(pushed), faults: Vec::new() }).await,
            Err(Refusal::Invalid(faults)) => self.test_page(asked, id, Outcome { faults, pushed: None }).await,
            Err(other) => Err(other),
        }
    }

    async fn test_page(&self, asked: &Asked<'_>, id: SubscriptionId, outcome: Outcome) -> Answer {
        let session = asked.session;
        let (subscription, catalogue) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get_shared::<List<EventType>>(session, CATALOGUE),
        )
        .await?;
        let types: Vec<_> = catalogue.items.iter().filter(|found| !found.retired).collect();
        let content = html! {
            (heading(session, &subscription, "Test"))
            @if types.is_empty() {
                p { "There are no event types yet that could be tried." }
            } @else {
                (form(asked, id, &types, &outcome.faults))
            }
            @if let Some(pushed) = &outcome.pushed { (sides(pushed)) }
        };
        let mut page = self.frame.page(session, "Test", &content);
        if !outcome.faults.is_empty() {
            *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(page)
    }
}

fn form(asked: &Asked<'_>, id: SubscriptionId, types: &[&EventType], faults: &[Fault]) -> Markup {
    let wanted = asked.form.get("event_type").or(asked.query.get("event_type"));
    let named = types.iter().find(|found| Some(found.name.as_str()) == wanted);
    let chosen = named.or_else(|| types.iter().find(|found| found.example.is_some())).or(types.first());
    let example = chosen.and_then(|chosen| chosen.example.as_ref()).map(|example| indented(example.get()));
    let data = asked.form.get("data").map(str::to_owned).or(example).unwrap_or_default();
    html! {
        p { "Sends a sample to your server now, signed as every event is. It is tried once, and stands in the log." }
        form method="post" {
            @for fault in faults { p.fault role="alert" { (fault.message) } }
            label for="event_type" { "Event type" }
            // Another type brings its example.
            select #event_type name="event_type" hx-get=(format!("/portal/subscriptions/{id}/test")) hx-trigger="change"
                hx-select="#data" hx-target="#data" hx-swap="outerHTML" {
                @for found in types {
                    option value=(found.name) selected[chosen.is_some_and(|chosen| chosen.name == found.name)] { (found.name) }
                }
            }
            label for="data" { "Data, as JSON; empty for the example of the type" }
            textarea.wide #data name="data" rows="10" spellcheck="false" { (data) }
            button.first { "Send a test" }
        }
    }
}

fn sides(pushed: &Pushed) -> Markup {
    html! {
        section aria-live="polite" {
            h2 { "What came of it" }
            @if let Some(made) = &pushed.attempt { div.attempt { (summary(made)) } }
            div.sides {
                section {
                    h2 { "Request" }
                    p { code { (pushed.request.method) " " (pushed.request.url) } }
                    (headers(&pushed.request.headers))
                    (shown(&pushed.request.body))
                }
                section {
                    h2 { "Response" }
                    @if let Some(response) = &pushed.response {
                        p { "Status " (response.status) }
                        (headers(&response.headers))
                        @if !response.body.is_empty() { (shown(&response.body)) }
                    } @else {
                        p { "There was none." }
                    }
                }
            }
        }
    }
}
