//! Against real sockets on the loopback interface.

mod answers;
mod faults;
mod refusals;
mod timings;

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::core::endpoint::address::Ports;

/// Calls `serve` for each connection, and counts them.
async fn receiver<F, S>(serve: F) -> (u16, Arc<AtomicUsize>)
where
    F: Fn(TcpStream) -> S + Send + 'static,
    S: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream));
        }
    });
    (port, connections)
}

/// Answers every request on a connection with the same bytes.
async fn answering(answer: &'static str) -> (u16, Arc<AtomicUsize>) {
    receiver(move |mut stream| async move {
        while read_request(&mut stream).await.is_some() {
            if stream.write_all(answer.as_bytes()).await.is_err() {
                break;
            }
        }
    })
    .await
}

/// All requests here end with the body `hello`.
async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    let mut buffer = [0; 1024];
    while !request.ends_with(b"\r\n\r\nhello") {
        let read = stream.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        request.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(request).ok()
}

/// What a TLS server needs, with a certificate of its own making for `localhost`; and who trusts
/// that.
fn tls_server(not_after: i32) -> (Arc<rustls::ServerConfig>, rustls::ClientConfig) {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut parameters = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    parameters.not_after = rcgen::date_time_ymd(not_after, 1, 1);
    let certificate = parameters.self_signed(&key).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(certificate.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    (Arc::new(config), tls::trusting(roots))
}

/// A rule that lets a name resolve to this machine, by https on this port.
fn machine_rule(port: u16) -> EgressRule {
    let ports = Ports::parse(&port.to_string()).unwrap();
    EgressRule::parse("127.0.0.0/8, ::1/128").unwrap().with_ports(ports)
}

fn machine(port: u16) -> Sender {
    Sender::new(machine_rule(port))
}

fn sender(allowed: &str) -> Sender {
    Sender::new(EgressRule::parse(allowed).unwrap())
}

async fn send(sender: &Sender, url: &str, timeout_ms: u64) -> Reply {
    let endpoint = Endpoint::from_stored(url.to_owned()).unwrap();
    let headers =
        HeaderMap::from_iter([(http::header::CONTENT_TYPE, "text/plain".parse().unwrap())]);
    let request = OutgoingRequest {
        endpoint: &endpoint,
        headers,
        body: Bytes::from_static(b"hello"),
        timeout: Duration::from_millis(timeout_ms),
    };
    sender.send(&request).await
}

/// To a receiver on the loopback interface, which the deployment allows.
async fn post(port: u16, timeout_ms: u64) -> Result<Answer, Fault> {
    send(&sender("127.0.0.0/8"), &format!("http://127.0.0.1:{port}/in?a=b"), timeout_ms)
        .await
        .result
}

fn class_and_detail(result: Result<Answer, Fault>) -> (FaultClass, String) {
    let fault = result.unwrap_err();
    (fault.class, fault.detail)
}
