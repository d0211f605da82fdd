//! A receiver that keeps requests as the bytes in which they came.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use crate::wait::until;

const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A bare socket that answers each request with 200, in a connection of its own.
#[derive(Debug)]
pub struct Wire {
    address: String,
    requests: Requests,
    server: JoinHandle<()>,
}

type Requests = Arc<Mutex<Vec<Vec<u8>>>>;

impl Wire {
    /// Listens on a free port of this machine.
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let requests = Requests::default();
        let kept = requests.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, kept.clone()));
            }
        });
        Self { address, requests, server }
    }

    /// Its host and port.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Waits for the only request to this path, and takes it away.
    pub async fn request(&self, path: &str) -> String {
        let start = format!("POST {path} ");
        let bytes = until(&format!("a request to {path}"), async || {
            let mut requests = self.requests.lock().expect("no holder of this lock panics");
            let found = requests.iter().position(|bytes| bytes.starts_with(start.as_bytes()));
            found.map(|place| requests.remove(place)).ok_or("none came")
        })
        .await;
        String::from_utf8(bytes).expect("text")
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(mut stream: TcpStream, requests: Requests) {
    let mut bytes = Vec::new();
    while !is_whole(&bytes) {
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            return;
        }
    }
    requests.lock().expect("no holder of this lock panics").push(bytes);
    let _ = stream.write_all(ANSWER).await;
}

/// Whether a request's body is as long as its head says.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, _)) = text.split_once("\r\n\r\n") else { return false };
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.parse::<usize>().ok());
    bytes.len() >= head.len() + 4 + length.expect("a length")
}
