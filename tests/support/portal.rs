//! A visitor of the tenants' page.

use http::Method;
use serde_json::{Value, json};

use crate::{Answer, Http, Subscription, Tenant};

/// How long a link opens the page.
pub const LIFETIME_SECONDS: u64 = 3_600;

/// A browser, as far as requests go.
#[derive(Debug)]
pub struct Visitor {
    http: Http,
    /// Where the page is.
    pub base: String,
    /// What the link has set.
    pub cookie: String,
}

impl Visitor {
    /// One who opened a link, or none yet.
    pub async fn new(tenant: &Tenant, capabilities: Option<&[&str]>) -> Self {
        let (base, _) = tenant.api.address_and_key();
        let mut visitor =
            Self { http: Http::default(), base: base.to_owned(), cookie: String::new() };
        if let Some(capabilities) = capabilities {
            let answer =
                visitor.http.send(Method::GET, &link(tenant, capabilities).await, &[], "").await;
            let answer = answer.expect("an answer").with(303);
            let set = answer.header("set-cookie").expect("a cookie");
            set.split(';').next().expect("its value").clone_into(&mut visitor.cookie);
        }
        visitor
    }

    /// One request, with the cookie.
    pub async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut all = vec![
            ("cookie", self.cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
        ];
        all.extend(headers);
        let url = format!("{}{path}", self.base);
        self.http.send(method, &url, &all, body.to_owned()).await.expect("the page answers")
    }

    /// A page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, &[], "").await
    }

    /// A form, as the page itself sends it.
    pub async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(Method::POST, path, &[("sec-fetch-site", "same-origin")], form).await
    }
}

/// A new link to a tenant's page.
pub async fn link(tenant: &Tenant, capabilities: &[&str]) -> String {
    let asked = json!({ "capabilities": capabilities, "lifetime_seconds": LIFETIME_SECONDS });
    let made: Value = tenant.api.post(&tenant.path("/portal-links"), &asked).await.with(201).json();
    made["url"].as_str().expect("a URL").to_owned()
}

/// The path of a page of a subscription.
#[must_use]
pub fn at(subscription: &Subscription, rest: &str) -> String {
    format!("/portal/subscriptions/{}{rest}", subscription.id)
}
