//! A client of the HTTP API, as a platform's own program would be one.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;

use aws::Addresses;

/// The API, called with the admin key.
#[derive(Debug, Clone)]
pub struct ApiClient {
    client: Client<HttpConnector, Full<Bytes>>,
    api: String,
    authorization: HeaderValue,
}

/// A call that did not do what it was for.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The API could not be reached, or its answer broke off.
    #[error("the API cannot be reached: {0}")]
    Unreachable(String),
    /// It answered with an error, in its own words.
    #[error("{0} was answered {1}: {2}")]
    Refused(String, StatusCode, String),
    /// Its answer is not what it should be.
    #[error("the answer to {0} does not read: {1}")]
    Unreadable(String, #[source] serde_json::Error),
}

impl ApiClient {
    /// A client of the stack at these addresses.
    pub fn new(addresses: &Addresses) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(connector);
        let mut authorization = HeaderValue::from_str(&format!("Bearer {}", addresses.admin_key))
            .unwrap_or_else(|_| HeaderValue::from_static("Bearer"));
        authorization.set_sensitive(true);
        Self { client, api: addresses.api.clone(), authorization }
    }

    /// Asks, and reads the JSON of the answer; one without content reads as `null`.
    pub async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: impl Into<Bytes>,
    ) -> Result<T, ClientError> {
        let call = format!("{method} {path}");
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.api))
            .header("authorization", &self.authorization)
            .header("content-type", "application/json")
            .body(Full::new(body.into()))
            .map_err(|error| ClientError::Unreachable(error.to_string()))?;
        let (status, body) =
            exchange(&self.client, request).await.map_err(ClientError::Unreachable)?;
        if !status.is_success() {
            return Err(ClientError::Refused(
                call,
                status,
                String::from_utf8_lossy(&body).into_owned(),
            ));
        }
        let json: &[u8] = if body.is_empty() { b"null" } else { &body };
        serde_json::from_slice(json).map_err(|error| ClientError::Unreadable(call, error))
    }

    /// Opens a page of the tenants' page with a portal token, as a browser keeps it.
    pub async fn open(&self, path: &str, token: &str) -> Result<(), ClientError> {
        let request = Request::get(format!("{}{path}", self.api))
            .header("cookie", format!("portal={token}"))
            .body(Full::default())
            .map_err(|error| ClientError::Unreachable(error.to_string()))?;
        let (status, body) =
            exchange(&self.client, request).await.map_err(ClientError::Unreachable)?;
        if status != StatusCode::OK {
            return Err(ClientError::Refused(
                format!("GET {path}"),
                status,
                String::from_utf8_lossy(&body).into_owned(),
            ));
        }
        Ok(())
    }

    /// Reads the JSON at any URL of the stack, such as `/_stack`.
    pub async fn read<T: DeserializeOwned>(&self, url: &str) -> Result<T, ClientError> {
        let unreachable = |error: http::Error| ClientError::Unreachable(error.to_string());
        let request = Request::get(url).body(Full::default()).map_err(unreachable)?;
        let (_, body) = exchange(&self.client, request).await.map_err(ClientError::Unreachable)?;
        serde_json::from_slice(&body)
            .map_err(|error| ClientError::Unreadable(format!("GET {url}"), error))
    }
}

async fn exchange(
    client: &Client<HttpConnector, Full<Bytes>>,
    request: Request<Full<Bytes>>,
) -> Result<(StatusCode, Bytes), String> {
    let response = client.request(request).await.map_err(|error| error.to_string())?;
    let status = response.status();
    let body = response.into_body().collect().await.map_err(|error| error.to_string())?;
    Ok((status, body.to_bytes()))
}
