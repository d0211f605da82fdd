//! A bulk resend: asked for, and followed to its end.

use lambda_http::http::Method;
use maud::html;
use serde_json::json;
use shared::core::access::capability::Capability;
use shared::core::bulk_resend::State;
use shared::core::id::{ResendId, SubscriptionId};

use crate::answers::Resend;
use crate::api::Refusal;
use crate::{Answer, Asked, Portal, see};

impl Portal {
    /// All that failed, of a time or a type if one was looked at. The same that runs already is
    /// shown.
    pub(crate) async fn resend_failed(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let path = format!("/subscriptions/{id}/resend");
        let mut wanted = json!({ "which": "failed" });
        for name in ["from", "to"] {
            if let Some(time) = asked.form.get(name) {
                wanted[name] = time.into();
            }
        }
        if let Some(name) = asked.form.get("type") {
            wanted["types"] = json!([name]);
        }
        let resend = match self.api.send::<Resend>(asked.session, Method::POST, &path, wanted).await
        {
            Ok(resend) => resend.id,
            // Another runs already: its id is in what the API says.
            Err(Refusal::Conflict(detail)) => {
                let named =
                    detail.split_whitespace().find_map(|word| word.parse::<ResendId>().ok());
                named.ok_or(Refusal::Conflict(detail))?
            }
            Err(other) => return Err(other),
        };
        Ok(see(&format!("/portal/subscriptions/{id}/resends/{resend}")))
    }

    pub(crate) async fn resend_progress(
        &self,
        asked: &Asked<'_>,
        (id, resend): (SubscriptionId, ResendId),
    ) -> Answer {
        let session = asked.session;
        let found: Resend =
            self.api.get(session, &format!("/subscriptions/{id}/resends/{resend}")).await?;
        let here = format!("/portal/subscriptions/{id}/resends/{resend}");
        let (ended, running) = (found.delivered + found.failed, found.status == State::Running);
        let content = html! {
            h1 { "Resending what failed" }
            div #progress data-live hx-get=[running.then_some(&here)] hx-trigger="every 2s" hx-select="#progress"
                hx-select-oob="#state:innerHTML" hx-swap="outerHTML" {
                label for="bar" { (ended) " of " (found.found) @if running { " found so far" } }
                progress #bar value=(ended) max=(found.found.max(1)) {}
                p { (found.delivered) " delivered, " (found.failed) " failed again, " (found.sent.saturating_sub(ended)) " under way" }
                @if running && session.may(Capability::Resend) {
                    form method="post" action=(format!("{here}/cancel")) { button #stop { "Stop" } }
                }
            }
            // Told when it changes: it stays where the rest is replaced.
            p #state aria-live="polite" { "Status: " (found.status.as_str()) @if let Some(reason) = &found.reason { ", " (reason) } }
            nav.row { a href=(format!("/portal/subscriptions/{id}/deliveries")) { "Back to the deliveries" } }
        };
        Ok(self.frame.page(session, "Resending", &content))
    }

    pub(crate) async fn stop_resend(
        &self,
        asked: &Asked<'_>,
        (id, resend): (SubscriptionId, ResendId),
    ) -> Answer {
        let path = format!("/subscriptions/{id}/resends/{resend}");
        self.api
            .send::<Resend>(asked.session, Method::POST, &format!("{path}/cancel"), json!({}))
            .await?;
        Ok(see(&format!("/portal{path}")))
    }
}
