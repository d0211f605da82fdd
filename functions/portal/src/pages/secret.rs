//! The secret that signs, how to verify with it, and a new one.

use futures_util::future::try_join;
use lambda_http::http::Method;
use maud::{Markup, html};
use serde_json::{Value, json};

use super::subscription::heading;
use crate::answers::{Secret, Subscription};
use crate::page::time;
use crate::snippets::{self, Snippet};
use crate::{Answer, Asked, Portal, see};

impl Portal {
    pub(crate) async fn secret(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let session = asked.session;
        let (subscription, secret) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<Secret>(session, &format!("/subscriptions/{id}/secret")),
        )
        .await?;
        let content = html! {
            (heading(session, &subscription))
            section {
                h2 { "Secret" }
                @if let Some(text) = &secret.secret {
                    p { "Your server checks with it that a request is ours. Keep it where you keep passwords." }
                    details {
                        summary { "Show it" }
                        (copied("secret", text))
                    }
                }
                @if let Some(key) = &secret.public_key {
                    p { "Your server checks with this public key that a request is ours. It is no secret." }
                    (copied("public-key", key))
                }
                @if let Some(until) = secret.previous_secret_until {
                    p { "The one before signs as well until " (time(until)) "." }
                }
            }
            section {
                h2 { "Verify" }
                p { "Every request has a " code { "webhook-signature" } ". Refuse those for which this fails:" }
                @for snippet in snippets::all(secret.public_key.is_some()) { (shown(snippet)) }
            }
            section {
                h2 { "A new secret" }
                form method="post" action=(format!("/portal/subscriptions/{id}/rotate")) {
                    label for="overlap" { "For how long the present one signs as well" }
                    select #overlap name="overlap" {
                        option value="86400" selected { "24 hours" }
                        option value="604800" { "7 days" }
                        option value="3600" { "an hour" }
                        option value="0" { "not at all: it has become known" }
                    }
                    button { "Make a new secret" }
                }
            }
        };
        Ok(self.frame.page(session, "Secret", &content))
    }

    pub(crate) async fn rotate(&self, asked: &Asked<'_>, id: &str) -> Answer {
        let overlap: u64 = asked.form.get("overlap").and_then(|text| text.parse().ok()).unwrap_or(86_400);
        let path = format!("/subscriptions/{id}/secret/rotate");
        self.api.send::<Value>(asked.session, Method::POST, &path, json!({ "overlap_seconds": overlap })).await?;
        Ok(see(&format!("/portal/subscriptions/{id}/secret")))
    }
}

/// Text with a button that copies it.
fn copied(id: &str, text: &str) -> Markup {
    html! {
        p.row { code id=(id) { (text) } button type="button" data-copy=(id) { "Copy" } }
    }
}

fn shown(snippet: &Snippet) -> Markup {
    html! {
        details {
            summary { (snippet.name) }
            p { (snippet.words) }
            pre tabindex="0" { code id=(snippet.id) { (snippet.code) } }
            button type="button" data-copy=(snippet.id) { "Copy" }
        }
    }
}
