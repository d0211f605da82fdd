//! How AWS is called: the SDK's clients over reqwest, which sends the attempts too, so a function
//! has one HTTP and one TLS stack. (The SDK's own connector would bring a second of each.)

use std::fmt;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};
use aws_sdk_dynamodb::config::{
    BehaviorVersion, IdentityCache, Region, StalledStreamProtectionConfig,
    retry::{ReconnectMode, RetryConfig},
    timeout::TimeoutConfig,
};
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use futures_util::future::join_all;

use crate::edges::sender::tls;

/// TCP and TLS together. AWS answers within the region in milliseconds; what takes longer than
/// this is a lost packet, and a new try is faster than waiting for it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// One try of one call. `DynamoDB` and SQS answer in tens of milliseconds, a full batch of 1 MiB in
/// hundreds; three tries and their backoff stay well within an HTTP function's 30 s.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// The first try and two retries, the SDK's standard.
const MAX_ATTEMPTS: u32 = 3;

/// Long enough for a function that is called once a minute; the servers close idle connections at
/// times of their own, which costs nothing, for a request that was not yet written is moved to a
/// new connection.
const POOL_IDLE_TIMEOUT: Duration = Duration::from_mins(1);

/// A service's client. Their builders have the same methods and no type in common.
macro_rules! client {
    ($settings:expr, $service:ident, $endpoint:expr) => {{
        let mut config = $service::Config::builder()
            .behavior_version(behavior_version())
            .region(Region::new($settings.region.clone()))
            .credentials_provider($settings.credentials())
            .identity_cache(IdentityCache::no_cache())
            .http_client($settings.http.clone())
            .sleep_impl(TokioSleep::new())
            .retry_config(retry_config())
            .timeout_config(timeout_config())
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        config.set_endpoint_url($endpoint.clone());
        $service::Client::from_conf(config.build())
    }};
}

/// Where and as whom AWS is called. One per process: the clients it makes share one connection
/// pool. `Debug` shows neither key nor token.
#[derive(Clone)]
pub struct AwsSettings {
    /// The region's code, such as `eu-north-1` (`AWS_REGION`).
    pub region: String,
    /// `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: String,
    /// `AWS_SESSION_TOKEN`; a Lambda's role always has one.
    pub session_token: Option<String>,
    /// Where `DynamoDB` is, if not at the region's own endpoint: the local stack.
    pub dynamodb_endpoint: Option<String>,
    /// Where SQS is, if not at the region's own endpoint: the local stack.
    pub sqs_endpoint: Option<String>,
    /// Where Secrets Manager is, if not at the region's own endpoint: the local stack.
    pub secrets_manager_endpoint: Option<String>,
    /// The transport under all clients; `AwsHttpClient::new()`.
    pub http: AwsHttpClient,
}

impl fmt::Debug for AwsSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSettings")
            .field("region", &self.region)
            .field("dynamodb_endpoint", &self.dynamodb_endpoint)
            .field("sqs_endpoint", &self.sqs_endpoint)
            .finish_non_exhaustive()
    }
}

impl AwsSettings {
    /// A client for `DynamoDB`. Cheap enough for a start, too dear for each call: build it once.
    #[must_use]
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        client!(self, aws_sdk_dynamodb, &self.dynamodb_endpoint)
    }

    /// A client for SQS; as [`AwsSettings::dynamodb`].
    #[must_use]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        client!(self, aws_sdk_sqs, &self.sqs_endpoint)
    }

    /// A client for Secrets Manager; as [`AwsSettings::dynamodb`].
    #[must_use]
    pub fn secrets_manager(&self) -> aws_sdk_secretsmanager::Client {
        client!(self, aws_sdk_secretsmanager, &self.secrets_manager_endpoint)
    }

    /// Opens a connection to `DynamoDB` and one to where `queue` is, so that the first call of each
    /// finds one: Lambda gives a starting function a whole core, an invocation of it a seventh.
    /// What fails here is tried again by the call.
    pub async fn connect(&self, queue: Option<&str>) {
        let dynamodb = self.dynamodb_url().await;
        let servers = [dynamodb.as_deref(), queue].into_iter().flatten();
        join_all(servers.map(|server| self.http.connect(server))).await;
    }

    /// Where the SDK's own rules have `DynamoDB`.
    async fn dynamodb_url(&self) -> Option<String> {
        let params = Params::builder()
            .region(self.region.clone())
            .set_endpoint(self.dynamodb_endpoint.clone());
        let endpoint = DefaultResolver::new().resolve_endpoint(&params.build().ok()?).await;
        Some(endpoint.ok()?.url().to_owned())
    }

    /// Known in full at start, so nothing is gained by the SDK's cache and its lock.
    fn credentials(&self) -> Credentials {
        Credentials::from_keys(
            self.access_key_id.clone(),
            self.secret_access_key.clone(),
            self.session_token.clone(),
        )
    }
}

/// Pinned: a newer SDK must not change retries or timeouts by itself.
fn behavior_version() -> BehaviorVersion {
    BehaviorVersion::v2026_01_12()
}

/// Which connection a retry takes is reqwest's business: the SDK, which knows none of them, would
/// log an error at every failure of AWS that it could not close one.
fn retry_config() -> RetryConfig {
    let mode = ReconnectMode::ReuseAllConnections;
    RetryConfig::standard().with_max_attempts(MAX_ATTEMPTS).with_reconnect_mode(mode)
}

fn timeout_config() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .build()
}

/// The SDK's transport: one reqwest client and so one connection pool. Clones share it.
///
/// HTTP/1.1 only, which is what `DynamoDB` and SQS speak; no proxy, no redirects, no egress rule.
/// A call's read timeout bounds the wait for the response's headers. The connect timeout is fixed
/// when the client is built (1 s), because reqwest knows none per request.
#[derive(Clone, Debug)]
pub struct AwsHttpClient {
    client: reqwest::Client,
}

impl AwsHttpClient {
    /// Opens no connection yet.
    ///
    /// # Panics
    /// Never in practice: only if reqwest refused the TLS settings, which are constants.
    #[must_use]
    pub fn new() -> Self {
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured(tls::client_config())
            .redirect(reqwest::redirect::Policy::none())
            // The SDK decides about retries.
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .build()
            .expect("constant TLS settings");
        Self { client }
    }

    /// Has the pool open a connection to the server of `url`: by a request that it answers to
    /// anybody, or refuses.
    async fn connect(&self, url: &str) {
        let Ok(mut url) = reqwest::Url::parse(url) else { return };
        url.set_path("/");
        let answer = async { self.client.get(url).send().await?.bytes().await };
        // Nobody waits for what it says, and a call says better what fails.
        let _ = tokio::time::timeout(CONNECT_TIMEOUT, answer).await;
    }
}

impl Default for AwsHttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl HttpClient for AwsHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            client: self.client.clone(),
            read_timeout: settings.read_timeout(),
        })
    }
}

/// [`AwsHttpClient`] with the settings of one call.
#[derive(Debug)]
struct Connector {
    client: reqwest::Client,
    read_timeout: Option<Duration>,
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.client.clone();
        let read_timeout = self.read_timeout;
        HttpConnectorFuture::new(async move {
            let answer = client.execute(to_reqwest(request)?);
            let response = match read_timeout {
                Some(limit) => tokio::time::timeout(limit, answer)
                    .await
                    .map_err(|elapsed| ConnectorError::timeout(elapsed.into()))?,
                None => answer.await,
            };
            to_sdk(response.map_err(classify)?).await
        })
    }
}

fn to_reqwest(request: HttpRequest) -> Result<reqwest::Request, ConnectorError> {
    let url =
        reqwest::Url::parse(request.uri()).map_err(|error| ConnectorError::user(error.into()))?;
    let request = request.try_into_http1x().map_err(|error| ConnectorError::user(error.into()))?;
    let (parts, body) = request.into_parts();
    let mut converted = reqwest::Request::new(parts.method, url);
    *converted.headers_mut() = parts.headers;
    // Handed over as it is, in memory or not: `SdkBody::bytes` would cost a copy.
    *converted.body_mut() = Some(reqwest::Body::wrap(body));
    Ok(converted)
}

/// The body is collected here, as the SDK would do next: an answer is at most a few MiB, and a
/// connection lost half-way is then a retryable failure of this call.
async fn to_sdk(mut response: reqwest::Response) -> Result<HttpResponse, ConnectorError> {
    let (status, headers) = (response.status(), std::mem::take(response.headers_mut()));
    let body = response.bytes().await.map_err(classify)?;
    let mut converted = http::Response::new(SdkBody::from(body));
    *converted.status_mut() = status;
    *converted.headers_mut() = headers;
    HttpResponse::try_from(converted).map_err(|error| ConnectorError::other(error.into(), None))
}

/// What the SDK retries: timeouts and input/output errors, not what can only fail again.
fn classify(error: reqwest::Error) -> ConnectorError {
    // The URL is the endpoint's, known anyway, and may hold a queue's name.
    let error = error.without_url();
    let (is_timeout, is_connect) = (error.is_timeout(), error.is_connect());
    let classified = if error.is_builder() {
        ConnectorError::user(error.into())
    } else if is_timeout {
        ConnectorError::timeout(error.into())
    } else {
        // Refused, reset, closed before or within the answer, TLS broken off, name not resolved.
        ConnectorError::io(error.into())
    };
    if is_connect { classified.never_connected() } else { classified }
}

/// An SDK error in one line for the log: AWS's code and words, or what kept the call from being
/// answered.
pub fn detail<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: fmt::Debug + Send + Sync + 'static,
{
    if let (Some(code), message) = (error.code(), error.message()) {
        return format!("{code}: {}", message.unwrap_or_default());
    }
    let mut detail = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        detail = format!("{detail}: {error}");
        cause = error.source();
    }
    detail
}

#[cfg(test)]
pub(crate) mod tests;
