//! The test push: a sample sent now, the request and the response side by side.

use futures_util::future::join3;
use lambda_http::http::{Method, StatusCode};
use maud::{Markup, html};
use serde_json::json;
use serde_json::value::RawValue;
use shared::core::id::SubscriptionId;

use super::delivery::{headers, summary};
use super::edit::CATALOGUE;
use super::subscription::heading;
use crate::answers::{EventType, List, Pushed, Subscription};
use crate::api::{Fault, Refusal};
use crate::json::{indented, shown};
use crate::{Answer, Asked, Portal};

/// The most data that the form takes: it stands in the page again, with the request and the
/// response beside it.
const LONGEST: usize = 256 * 1024;

impl Portal {
    /// The form, for the type that the query names.
    pub(crate) async fn test(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        self.test_page(asked, id, async { Ok(None) }).await
    }

    pub(crate) async fn push(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let body = body(asked);
        let push = async {
            let pushed = self
                .api
                .send(asked.session, Method::POST, &format!("/subscriptions/{id}/test"), body?)
                .await?;
            Ok(Some(pushed))
        };
        self.test_page(asked, id, push).await
    }

    /// The page is asked for while the push is made, which may take most of the time that there is.
    async fn test_page(
        &self,
        asked: &Asked<'_>,
        id: SubscriptionId,
        push: impl Future<Output = Result<Option<Pushed>, Refusal>>,
    ) -> Answer {
        let session = asked.session;
        let (subscription, catalogue, pushed) = join3(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get_shared::<List<EventType>>(session, CATALOGUE),
            push,
        )
        .await;
        let (subscription, catalogue) = (subscription?, catalogue?);
        let (pushed, faults) = match pushed {
            Ok(pushed) => (pushed, Vec::new()),
            Err(Refusal::Invalid(faults)) => (None, faults),
            Err(other) => return Err(other),
        };
        let types: Vec<_> = catalogue.items.iter().filter(|found| !found.retired).collect();
        let content = html! {
            (heading(session, &subscription, "Test"))
            @if types.is_empty() {
                p { "There are no event types yet that could be tried." }
            } @else {
                p { "Sends a sample to your server now, signed as every event is. It is tried once, and stands in the log." }
                (forms(asked, id, &types, &faults))
            }
            @if let Some(pushed) = &pushed { (sides(pushed)) }
        };
        let mut page = self.frame.page(session, "Test", &content);
        if !faults.is_empty() {
            *page.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
        }
        Ok(page)
    }
}

/// What the API is asked. The data goes out as it was entered: numbers and the order of members are
/// the receiver's to see.
fn body(asked: &Asked<'_>) -> Result<String, Refusal> {
    let event_type = asked.form.get("event_type").unwrap_or_default();
    let Some(text) = asked.form.get("data") else {
        return Ok(json!({ "event_type": event_type }).to_string());
    };
    let fault =
        |message: String| Refusal::Invalid(vec![Fault { path: "data".to_owned(), message }]);
    if text.len() > LONGEST {
        return Err(fault(format!(
            "The data has {} bytes; {LONGEST} are the most here.",
            text.len()
        )));
    }
    let data = RawValue::from_string(text.to_owned())
        .map_err(|error| fault(format!("The data is not JSON: {error}")))?;
    Ok(format!("{{\"event_type\":{},\"data\":{}}}", json!(event_type), data.get()))
}

/// One form chooses the type, which brings its example; the other sends.
fn forms(asked: &Asked<'_>, id: SubscriptionId, types: &[&EventType], faults: &[Fault]) -> Markup {
    let here = format!("/portal/subscriptions/{id}/test");
    let wanted = asked.form.get("event_type").or(asked.query.get("event_type"));
    let named = types.iter().find(|found| Some(found.name.as_str()) == wanted);
    let chosen =
        named.or_else(|| types.iter().find(|found| found.example.is_some())).or(types.first());
    let example =
        chosen.and_then(|chosen| chosen.example.as_ref()).map(|example| indented(example.get()));
    let entered = asked.form.get("data").filter(|text| text.len() <= LONGEST).map(str::to_owned);
    html! {
        form.filters method="get" action=(here) {
            label { "Event type"
                select #event_type name="event_type" hx-get=(here) hx-trigger="change" hx-select="#sample" hx-target="#sample"
                    hx-swap="outerHTML" {
                    @for found in types {
                        option value=(found.name) selected[chosen.is_some_and(|chosen| chosen.name == found.name)] { (found.name) }
                    }
                }
            }
            button { "Show its example" }
        }
        form #sample method="post" action=(here) {
            @if let Some(chosen) = chosen { input #chosen type="hidden" name="event_type" value=(chosen.name); }
            @for fault in faults { p.fault role="alert" tabindex="-1" autofocus { (fault.message) } }
            label for="data" { "Data, as JSON; empty for the example of the type" }
            textarea.wide #data name="data" rows="10" spellcheck="false" { (entered.or(example).unwrap_or_default()) }
            button.first { "Send a test" }
        }
    }
}

fn sides(pushed: &Pushed) -> Markup {
    html! {
        section #result tabindex="-1" autofocus aria-label="What came of the test" {
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
