// Cargo.toml: http = "1", standardwebhooks = "1"
use standardwebhooks::Webhook;

/// `body` is the request's body as it came: not parsed and written again.
pub fn verify(secret: &str, headers: &http::HeaderMap, body: &[u8]) -> bool {
    let webhook = if secret.starts_with("whsec_") {
        Webhook::new(secret)
    } else {
        Webhook::from_bytes(secret.as_bytes().to_vec())
    };
    webhook.and_then(|webhook| webhook.verify(body, headers)).is_ok()
}
