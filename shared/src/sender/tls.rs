//! TLS for every outgoing connection: ring as the only cryptography, Mozilla's roots compiled in.
//! Nothing is read from the machine, so a Lambda and a laptop trust the same authorities.

use std::sync::{Arc, LazyLock};

use rustls::{ClientConfig, RootCertStore};

/// Shared by all clients of a process, and with it the cache of TLS sessions to resume.
static CONFIG: LazyLock<ClientConfig> = LazyLock::new(|| {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("ring speaks TLS 1.2 and 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth()
});

/// TLS 1.2 and 1.3, no client certificate, no ALPN (so HTTP/1.1).
pub(crate) fn client_config() -> ClientConfig {
    CONFIG.clone()
}
