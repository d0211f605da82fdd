//! The API, asked with the visitor's token: what the page shows and does is what the API answers
//! and allows.

use std::time::Duration;

use lambda_http::http::{Method, StatusCode, header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use shared::edges::sender::tls;

use crate::session::Session;

/// API Gateway gives a page 30 seconds, and Lambda 29. A test push takes up to 25 of them, a count
/// up to 15.
const TO_DO: Duration = Duration::from_secs(27);
const TO_READ: Duration = Duration::from_secs(20);
/// The API is near; one that does not take a connection by then will not.
const TO_CONNECT: Duration = Duration::from_secs(3);
/// Below what API Gateway keeps a connection for, and what is left of it after the function was
/// frozen is not trusted.
const IDLE: Duration = Duration::from_secs(20);

/// A client of the API.
#[derive(Debug)]
pub struct Api {
    base: String,
    client: reqwest::Client,
}

/// Why something was not shown or done.
#[derive(Debug)]
pub enum Refusal {
    /// No token came.
    NoSession,
    /// The token has expired, or was revoked.
    Expired,
    /// The token is not for this.
    NotPermitted,
    /// Another site sent the form.
    Foreign,
    /// There is no such thing; says what.
    NotFound(String),
    /// What was entered is not valid: each fault with its path.
    Invalid(Vec<Fault>),
    /// It contradicts what is there; says why.
    Conflict(String),
    /// The API has too much to do.
    Busy,
    /// The API does not answer, or not as it should.
    Unavailable,
}

/// One fault of what was entered.
#[derive(Debug, Clone, Deserialize)]
pub struct Fault {
    /// Where: a field's path.
    pub path: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

#[derive(Deserialize)]
struct Problem {
    #[serde(default)]
    detail: String,
    #[serde(default)]
    errors: Vec<Fault>,
}

impl Api {
    /// The API at `base`; opens no connection yet.
    ///
    /// # Panics
    ///
    /// Never in practice: only if reqwest refused the TLS settings, which are constants.
    #[must_use]
    pub fn new(base: String) -> Self {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config())
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .http1_only()
            .connect_timeout(TO_CONNECT)
            .pool_idle_timeout(IDLE)
            .build()
            .expect("constant TLS settings");
        Self { base, client }
    }

    /// What there is at a path below the visitor's tenant.
    pub async fn get<T: DeserializeOwned>(
        &self,
        session: &Session,
        path: &str,
    ) -> Result<T, Refusal> {
        let path = format!("/v1/tenants/{}{path}", session.tenant());
        self.ask(session, Method::GET, &path, None).await
    }

    /// What there is at a path outside of any tenant.
    pub async fn get_shared<T: DeserializeOwned>(
        &self,
        session: &Session,
        path: &str,
    ) -> Result<T, Refusal> {
        self.ask(session, Method::GET, path, None).await
    }

    /// Does something at a path below the visitor's tenant; `body` is JSON.
    pub async fn send<T: DeserializeOwned>(
        &self,
        session: &Session,
        method: Method,
        path: &str,
        body: impl ToString,
    ) -> Result<T, Refusal> {
        let path = format!("/v1/tenants/{}{path}", session.tenant());
        self.ask(session, method, &path, Some(body.to_string())).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        session: &Session,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<T, Refusal> {
        let failed = |error: &dyn std::fmt::Display| {
            tracing::error!(%error, path, "the API failed");
            Refusal::Unavailable
        };
        let timeout = if method == Method::GET { TO_READ } else { TO_DO };
        let request = self.client.request(method, format!("{}{path}", self.base)).timeout(timeout);
        let mut request = request.bearer_auth(&session.bearer);
        if let Some(body) = body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body);
        }
        let response = request.send().await.map_err(|error| failed(&error.without_url()))?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(|error| failed(&error.without_url()))?;
        if status.is_success() {
            // An answer without a body says no more than that it was done.
            let text: &[u8] = if bytes.is_empty() { b"null" } else { &bytes };
            return serde_json::from_slice(text).map_err(|error| failed(&error));
        }
        if matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            tracing::warn!(status = status.as_u16(), path, "the API is busy");
            return Err(Refusal::Busy);
        }
        let problem: Problem = serde_json::from_slice(&bytes).map_err(|error| failed(&error))?;
        Err(match status {
            StatusCode::UNAUTHORIZED => Refusal::Expired,
            StatusCode::FORBIDDEN => Refusal::NotPermitted,
            StatusCode::NOT_FOUND => Refusal::NotFound(problem.detail),
            StatusCode::CONFLICT => Refusal::Conflict(problem.detail),
            StatusCode::UNPROCESSABLE_ENTITY if !problem.errors.is_empty() => {
                Refusal::Invalid(problem.errors)
            }
            StatusCode::BAD_REQUEST | StatusCode::PAYLOAD_TOO_LARGE => {
                Refusal::Invalid(vec![Fault { path: String::new(), message: problem.detail }])
            }
            _ => failed(&format_args!("status {status}")),
        })
    }
}
