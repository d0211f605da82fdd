//! The HTTP API, with a key.

use bytes::Bytes;
use http::Method;
use serde_json::Value;

use crate::http::{Answer, Http};
use crate::secrets::Secrets;

/// More pages than any list of a journey has entries.
pub const PAGES: usize = 200;

/// A caller of the API.
#[derive(Debug, Clone)]
pub struct Api {
    http: Http,
    base: String,
    key: String,
    secrets: Secrets,
}

impl Api {
    /// Calls the API at `base` with `key`, and notes what is secret in what it sends and is shown.
    #[must_use]
    pub(crate) fn new(http: Http, base: &str, key: &str, secrets: Secrets) -> Self {
        secrets.keep(key);
        Self { http, base: base.to_owned(), key: key.to_owned(), secrets }
    }

    /// Where it is, and the key: for programs that call it themselves.
    #[must_use]
    pub fn address_and_key(&self) -> (&str, &str) {
        (&self.base, &self.key)
    }

    /// The same API with another key.
    #[must_use]
    pub fn with_key(&self, key: &str) -> Self {
        Self::new(self.http.clone(), &self.base, key, self.secrets.clone())
    }

    /// One request; `path` starts with a slash.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Answer {
        self.try_call(method, path, headers, body).await.expect("the API answers")
    }

    /// One request that may stay without answer.
    pub async fn try_call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Result<Answer, String> {
        let authorization = format!("Bearer {}", self.key);
        let mut all =
            vec![("authorization", authorization.as_str()), ("content-type", "application/json")];
        all.extend(headers);
        let body = body.into();
        let answer =
            self.http.send(method, &format!("{}{path}", self.base), &all, body.clone()).await?;
        self.secrets.note(path, &body, &answer.body);
        Ok(answer)
    }

    /// `GET`.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], "").await
    }

    /// `POST` with JSON.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::POST, path, &[], body.to_string()).await
    }

    /// `PUT` with JSON.
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PUT, path, &[], body.to_string()).await
    }

    /// `PATCH` with JSON.
    pub async fn patch(&self, path: &str, body: &Value) -> Answer {
        self.call(Method::PATCH, path, &[], body.to_string()).await
    }

    /// `DELETE`.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, &[], "").await
    }

    /// Every entry of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let (mut entries, mut next) = (Vec::new(), path.to_owned());
        loop {
            let page: Value = self.get(&next).await.with(200).json();
            entries.extend(page["items"].as_array().expect("items").iter().cloned());
            match page["next_cursor"].as_str() {
                Some(cursor) => next = format!("{path}{separator}cursor={cursor}"),
                None => return entries,
            }
        }
    }
}
