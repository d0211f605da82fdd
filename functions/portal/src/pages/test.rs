//! The test push: a sample sent now, the request and the response side by side.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use lambda_http::http::{Method, StatusCode};
use maud::{Markup, html};
use serde_json::json;
use serde_json::value::RawValue;

use super::delivery::{attempt, headers};
use super::subscription::heading;
use crate::answers::{EventType, List, Pushed, Subscription};
use crate::api::{Fault, Refusal};
use crate::page::json as indented;
use crate::{Answer, Asked, Portal};

impl Portal {
    /// The form, with what came of the push if one was made.
    pub(crate) async fn test(&self, asked: &Asked<'_>, id: &str) -> Answer {
        self.test_page(asked, id, None, &[]).await
    }

    pub(crate) async fn push(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let event_type = asked.form.get("event_type").unwrap_or_default();
        let data = asked.form.get("data").map(|text| RawValue::from_string(text.to_owned()));
        let body = match data.transpose() {
            // The text goes out as it was entered: numbers and the order of members are the receiver's to see.
            Ok(Some(data)) => format!("{{\"event_type\":{},\"data\":{}}}", json!(event_type), data.get()),
            Ok(None) => json!({ "event_type": event_type }).to_string(),
            Err(error) => {
                let fault = Fault { path: "data".to_owned(), message: format!("not JSON: {error}") };
                return self.test_page(asked, id, None, &[fault]).await;
            }
        };
        match self.api.send::<Pushed>(asked.session, Method::POST, &format!("/subscriptions/{id}/test"), body).await {
            Ok(pushed) => self.test_page(asked, id, Some(&pushed), &[]).await,
            Err(Refusal::Invalid(faults)) => self.test_page(asked, id, None, &faults).await,
            Err(other) => Err(other),
        }
    }

    async fn test_page(&self, asked: &Asked<'_>, id: &str, pushed: Option<&Pushed>, faults: &[Fault]) -> Answer {
        let session = asked.session;
        let (subscription, catalogue) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get_shared::<List<EventType>>(session, "/v1/event-types?limit=250"),
        )
        .await?;
        let chosen = asked.form.get("event_type");
        let content = html! {
            (heading(session, &subscription))
            form method="post" {
                @for fault in faults { p.fault role="alert" { (fault.message) } }
                label for="event_type" { "Event type" }
                select #event_type name="event_type" {
                    @for found in catalogue.items.iter().filter(|found| !found.retired) {
                        option value=(found.name) selected[Some(found.name.as_str()) == chosen] { (found.name) }
                    }
                }
                label for="data" { "Data; empty for the type's example" }
                textarea #data name="data" rows="6" spellcheck="false" { (asked.form.get("data").unwrap_or_default()) }
                button { "Send a test now" }
            }
            @if let Some(pushed) = pushed { (sides(pushed)) }
        };
        let mut page = self.frame.page(session, "Test", &content);
        if !faults.is_empty() {
            *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(page)
    }
}

fn sides(pushed: &Pushed) -> Markup {
    let none = BTreeMap::new();
    html! {
        section aria-live="polite" {
            @if let Some(made) = &pushed.attempt { (attempt(made)) }
            div.sides {
                section {
                    h2 { "Request" }
                    p { code { (pushed.request.method) " " (pushed.request.url) } }
                    (headers(&pushed.request.headers))
                    (indented(&pushed.request.body))
                }
                section {
                    h2 { "Response" }
                    @if let Some(response) = &pushed.response {
                        p { "Status " (response.status) }
                        (headers(&response.headers))
                        (indented(&response.body))
                    } @else {
                        p { "There was none." }
                        (headers(&none))
                    }
                }
            }
        }
    }
}
