// Cargo.toml: standardwebhooks = "1", http = "1"
use standardwebhooks::Webhook;

/// `body` is the request's body as it came: not parsed and written again.
pub fn verify(secret: &str, headers: &http::HeaderMap, body: &[u8]) -> bool {
    Webhook::new(secret).and_then(|webhook| webhook.verify(body, headers)).is_ok()
}
