//! The secret that signs, how to verify with it, and a new one.

use futures_util::future::try_join;
use lambda_http::http::Method;
use maud::{Markup, html};
use serde_json::{Value, json};
use shared::core::id::SubscriptionId;
use shared::core::subscription::policy::Scheme;

use super::subscription::heading;
use crate::answers::{Secret, Subscription};
use crate::page::time;
use crate::snippets::{self, Snippet};
use crate::{Answer, Asked, Portal, see};

impl Portal {
    pub(crate) async fn secret(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let session = asked.session;
        let (subscription, secret) = try_join(
            self.api.get::<Subscription>(session, &format!("/subscriptions/{id}")),
            self.api.get::<Secret>(session, &format!("/subscriptions/{id}/secret")),
        )
        .await?;
        let scheme = subscription.scheme();
        let content = html! {
            (heading(session, &subscription, "Secret"))
            section {
                h2 { "Secret" }
                @if let Some(text) = &secret.secret {
                    p { "With it your server checks that a request is ours. Keep it where you keep passwords." }
                    details {
                        summary { "Show the secret" }
                        (copied("secret", text))
                    }
                }
                @if let Some(key) = &secret.public_key {
                    p { "With this public key your server checks that a request is ours. It need not be kept secret." }
                    (copied("public-key", key))
                }
                @if let Some(until) = secret.previous_secret_until {
                    p.notice { "The previous one signs as well until " (time(until)) "." }
                }
            }
            section {
                h2 { "Verify" }
                (verify(scheme.as_ref(), secret.public_key.is_some()))
            }
            section {
                h2 { "Rotate" }
                @if matches!(scheme, Some(Scheme::StandardWebhooks {})) {
                    p { "While both sign, your server can take either: put in the new one whenever it suits you." }
                } @else {
                    p { "The header has the new one from then on, never both: change it at your server at the same time." }
                }
                form method="post" action=(format!("/portal/subscriptions/{id}/rotate")) {
                    label for="overlap" { "How long the present one goes on signing as well" }
                    select #overlap name="overlap" {
                        option value="86400" selected { "24 hours" }
                        option value="604800" { "7 days" }
                        option value="3600" { "an hour" }
                        option value="0" { "not at all: it was leaked" }
                    }
                    button { "Rotate the secret" }
                }
            }
        };
        Ok(self.frame.page(session, "Secret", &content))
    }

    pub(crate) async fn rotate(&self, asked: &Asked<'_>, id: SubscriptionId) -> Answer {
        let overlap: u64 =
            asked.form.get("overlap").and_then(|text| text.parse().ok()).unwrap_or(86_400);
        let path = format!("/subscriptions/{id}/secret/rotate");
        self.api
            .send::<Value>(
                asked.session,
                Method::POST,
                &path,
                json!({ "overlap_seconds": overlap }),
            )
            .await?;
        Ok(see(&format!("/portal/subscriptions/{id}/secret")))
    }
}

/// How a receiver knows that a request is genuine.
fn verify(scheme: Option<&Scheme>, public_key: bool) -> Markup {
    html! {
        @match scheme {
            Some(Scheme::StandardWebhooks {}) => {
                p { "Every request has a " code { "webhook-signature" } ". Refuse requests for which this fails." }
                @for snippet in snippets::all(public_key) { (shown(snippet)) }
            }
            Some(Scheme::HmacSha256Hex { header, prefix }) => p {
                "Every request has the header " code { (header) } ": "
                @if !prefix.is_empty() { code { (prefix) } " and " }
                "the HMAC-SHA-256 of the body as it came, with the secret as its key, in hexadecimal digits. Refuse requests \
                 for which it is another; compare in constant time."
            },
            Some(Scheme::Token { header }) => p {
                "Every request has the secret in its header " code { (header) } ". Refuse requests for which it is another; \
                 compare in constant time."
            },
            None => p { "Ask whoever gave you this page how to verify its requests." },
        }
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
