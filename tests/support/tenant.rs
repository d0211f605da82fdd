//! A tenant, as the platform handles it.

use http::Method;
use serde_json::{Value, json};

use crate::api::Api;
use crate::http::Answer;
use crate::receiver::Receiver;
use crate::views::{Delivery, Erasure, Event, List, Published, Resend, Stats};
use crate::wait::until;

/// One tenant.
#[derive(Debug, Clone)]
pub struct Tenant {
    /// The API, with the key that is used for this tenant.
    pub api: Api,
    /// Its id.
    pub id: String,
}

/// A subscription of a tenant.
#[derive(Debug, Clone)]
pub struct Subscription {
    /// Its id.
    pub id: String,
    /// What its receiver verifies with, as it was when it was made: the secret, or the public key
    /// of one that is not shown.
    pub secret: String,
}

impl Tenant {
    /// A tenant that exists.
    #[must_use]
    pub fn new(api: Api, id: &str) -> Self {
        Self { api, id: id.to_owned() }
    }

    /// A path below the tenant, such as `/events`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/v1/tenants/{}{rest}", self.id)
    }

    /// The path of a delivery.
    #[must_use]
    pub fn delivery_path(&self, subscription: &str, event: &str) -> String {
        self.path(&format!("/subscriptions/{subscription}/deliveries/{event}"))
    }

    /// Subscribes a path of a receiver to everything, or as `settings` say, and lets the receiver
    /// check its signatures. Failed attempts are repeated each second, without jitter, unless
    /// `settings` have other `overrides`; whatever fails, nothing is held, unless they have a
    /// profile or say when to probe.
    pub async fn subscribe(
        &self,
        receiver: &Receiver,
        path: &str,
        settings: Value,
    ) -> Subscription {
        let mut body = json!({
            "url": receiver.url(path),
            "event_types": ["*"],
            "overrides": { "retry_waits_seconds": vec![1; 20], "jitter_percent": 0 },
        });
        for (name, value) in settings.as_object().expect("an object") {
            body[name] = value.clone();
        }
        if body["profile"].is_null() && body["overrides"].get("probe_waits_seconds").is_none() {
            body["overrides"]["probe_waits_seconds"] = json!([]);
        }
        let created: Value =
            self.api.post(&self.path("/subscriptions"), &body).await.with(201).json();
        let mut made = Subscription {
            id: created["id"].as_str().expect("an id").to_owned(),
            secret: String::new(),
        };
        let shown = self.secret(&made).await;
        let secret = shown["secret"]
            .as_str()
            .or(shown["public_key"].as_str())
            .expect("a secret or a public key");
        secret.clone_into(&mut made.secret);
        receiver.trust(path, secret);
        made
    }

    /// Names the profile that new subscriptions have where they name none.
    pub async fn set_default_profile(&self, profile: &str) {
        let _ =
            self.api.put(&self.path(""), &json!({ "default_profile": profile })).await.with(200);
    }

    /// The secrets of a subscription as the API shows them.
    pub async fn secret(&self, subscription: &Subscription) -> Value {
        self.api
            .get(&self.path(&format!("/subscriptions/{}/secret", subscription.id)))
            .await
            .with(200)
            .json()
    }

    /// Rotates the secret of a subscription, as `body` says.
    pub async fn rotate(&self, subscription: &Subscription, body: Value) -> Value {
        let path = self.path(&format!("/subscriptions/{}/secret/rotate", subscription.id));
        self.api.post(&path, &body).await.with(200).json()
    }

    /// Asks for a test push, with these exact bytes as the request's body; whatever the answer.
    pub async fn try_push(&self, subscription: &Subscription, body: &str) -> Answer {
        let path = self.path(&format!("/subscriptions/{}/test", subscription.id));
        self.api.call(Method::POST, &path, &[], body.to_owned()).await
    }

    /// Changes a subscription.
    pub async fn patch(&self, subscription: &Subscription, patch: Value) -> Value {
        self.api
            .patch(&self.path(&format!("/subscriptions/{}", subscription.id)), &patch)
            .await
            .with(200)
            .json()
    }

    /// A subscription as the API shows it.
    pub async fn show(&self, subscription: &Subscription) -> Value {
        self.api
            .get(&self.path(&format!("/subscriptions/{}", subscription.id)))
            .await
            .with(200)
            .json()
    }

    /// Asks for an event with these exact bytes as its data; whatever the answer.
    pub async fn try_publish(
        &self,
        event_type: &str,
        data: &str,
        headers: &[(&str, &str)],
    ) -> Answer {
        let body = format!(r#"{{"type":"{event_type}","data":{data}}}"#);
        self.api.call(Method::POST, &self.path("/events"), headers, body).await
    }

    /// Publishes an event with these exact bytes as its data.
    pub async fn publish(&self, event_type: &str, data: &str) -> Published {
        self.try_publish(event_type, data, &[]).await.with(202).json()
    }

    /// Publishes events of one type, numbered in their data, a hundred a request.
    pub async fn publish_many(&self, event_type: &str, count: usize) -> Vec<Published> {
        let events: Vec<_> =
            (0..count).map(|n| json!({ "type": event_type, "data": { "n": n } })).collect();
        let mut published = Vec::with_capacity(count);
        for some in events.chunks(100) {
            let answer =
                self.api.post(&self.path("/events"), &json!({ "events": some })).await.with(202);
            let accepted: Value = answer.json();
            let accepted: Vec<Published> =
                serde_json::from_value(accepted["events"].clone()).expect("events");
            published.extend(accepted);
        }
        published
    }

    /// An event on record with its payload; waits until it is fanned out.
    pub async fn event(&self, id: &str) -> Event {
        until("the event is on record", async || {
            let answer = self.api.get(&self.path(&format!("/events/{id}"))).await;
            if answer.status == 200 { Ok(answer.json()) } else { Err(answer.text().to_owned()) }
        })
        .await
    }

    /// A delivery, once it is as `wanted` wants it.
    pub async fn delivery_when(
        &self,
        subscription: &Subscription,
        event: &str,
        what: &str,
        wanted: impl Fn(&Delivery) -> bool,
    ) -> Delivery {
        until(what, async || {
            let answer = self.api.get(&self.delivery_path(&subscription.id, event)).await;
            match answer.status {
                200 => Some(answer.json::<Delivery>())
                    .filter(&wanted)
                    .ok_or_else(|| answer.text().to_owned()),
                _ => Err(answer.text().to_owned()),
            }
        })
        .await
    }

    /// A delivery, once it has this status.
    pub async fn delivery(
        &self,
        subscription: &Subscription,
        event: &str,
        status: &str,
    ) -> Delivery {
        let what = format!("the delivery of {event} is {status}");
        self.delivery_when(subscription, event, &what, |delivery| delivery.status == status).await
    }

    /// A page of a subscription's deliveries; `query` is such as `success=false&limit=3`.
    pub async fn deliveries(&self, subscription: &Subscription, query: &str) -> List<Delivery> {
        let path = self.path(&format!("/subscriptions/{}/deliveries?{query}", subscription.id));
        self.api.get(&path).await.with(200).json()
    }

    /// Asks for one more attempt.
    pub async fn resend(&self, subscription: &Subscription, event: &str) {
        let path = format!("{}/resend", self.delivery_path(&subscription.id, event));
        let asked: Value = self.api.post(&path, &json!({})).await.with(202).json();
        assert_eq!(
            (&asked["subscription"], &asked["event"]),
            (&json!(subscription.id), &json!(event))
        );
    }
}

/// What is asked for of many deliveries at once.
impl Tenant {
    /// The path of a subscription, and of what is below it, such as `/resends`.
    #[must_use]
    pub fn subscription_path(&self, subscription: &Subscription, rest: &str) -> String {
        self.path(&format!("/subscriptions/{}{rest}", subscription.id))
    }

    /// Asks for a bulk resend; whatever the answer.
    pub async fn try_resend_many(&self, subscription: &Subscription, wanted: &Value) -> Answer {
        self.api.post(&self.subscription_path(subscription, "/resend"), wanted).await
    }

    /// Asks for a bulk resend that none runs besides.
    pub async fn resend_many(&self, subscription: &Subscription, wanted: Value) -> Resend {
        self.try_resend_many(subscription, &wanted).await.with(202).json()
    }

    /// A bulk resend as the API shows it.
    pub async fn resend_shown(&self, resend: &Resend) -> Resend {
        let path =
            self.path(&format!("/subscriptions/{}/resends/{}", resend.subscription, resend.id));
        self.api.get(&path).await.with(200).json()
    }

    /// A bulk resend, once it is as `wanted` wants it.
    pub async fn resend_when(
        &self,
        resend: &Resend,
        what: &str,
        wanted: impl Fn(&Resend) -> bool,
    ) -> Resend {
        until(what, async || {
            let shown = self.resend_shown(resend).await;
            if wanted(&shown) { Ok(shown) } else { Err(format!("{shown:?}")) }
        })
        .await
    }

    /// A bulk resend, once it is done.
    pub async fn resend_done(&self, resend: &Resend) -> Resend {
        let done =
            self.resend_when(resend, "the resend is done", |resend| resend.status == "done").await;
        assert_eq!((done.found, done.sent), (done.sent, done.delivered + done.failed), "{done:?}");
        assert!(done.finished_at.is_some_and(|at| at >= done.created_at), "{done:?}");
        done
    }

    /// Statistics of a subscription, or of the whole tenant, once all is counted; `query` is such
    /// as `series=true`.
    pub async fn stats(&self, subscription: Option<&Subscription>, query: &str) -> Stats {
        let rest = subscription
            .map_or_else(String::new, |subscription| format!("/subscriptions/{}", subscription.id));
        let path = self.path(&format!("{rest}/stats?{query}"));
        until("all is counted", async || {
            let answer = self.api.get(&path).await.with(200);
            let stats: Stats = answer.json();
            if stats.complete { Ok(stats) } else { Err(answer.text().to_owned()) }
        })
        .await
    }

    /// The latest erasure, as the API shows it.
    pub async fn erasure(&self) -> Erasure {
        self.api.get(&self.path("/erasure")).await.with(200).json()
    }
}
