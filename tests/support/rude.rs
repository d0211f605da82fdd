//! Receivers that do not behave: bare sockets.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What is done to whoever connects and sends a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// The connection is reset.
    Reset,
    /// The connection is closed.
    Close,
    /// Nothing, for ever.
    Hang,
    /// An answer that is not HTTP.
    Garbage,
    /// The start of a status line, then a byte each 50 ms, for ever.
    DripHead,
    /// A whole head with 200, then a byte of the body each 50 ms, for ever.
    DripBody,
    /// `100 Continue`, as often as it is taken, for ever.
    Interim,
    /// A status line, then headers as fast as they are taken, for ever.
    Headers,
    /// A status line, then one header as fast as it is taken, for ever.
    LongHeader,
    /// A head with 200 and no length, then its body as fast as it is taken, for ever.
    Body,
}

/// A receiver with bad manners.
#[derive(Debug)]
pub struct Rude {
    url: String,
    requests: Arc<AtomicUsize>,
    server: JoinHandle<()>,
}

impl Rude {
    /// Listens on a free port of this machine.
    pub async fn start(manner: Manner) -> Self {
        Self::start_at("127.0.0.1:0", manner).await
    }

    /// Listens on an address of this machine.
    pub async fn start_at(address: &str, manner: Manner) -> Self {
        let listener = TcpListener::bind(address).await.expect("the address is free");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let requests = Arc::new(AtomicUsize::new(0));
        let count = requests.clone();
        let server = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::Relaxed);
                tokio::spawn(treat(stream, manner));
            }
        });
        Self { url, requests, server }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// How many connected.
    #[must_use]
    pub fn count(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

impl Drop for Rude {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// An address on this machine where nothing listens.
pub async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    format!("http://{}/", listener.local_addr().expect("an address"))
}

async fn treat(mut stream: TcpStream, manner: Manner) {
    let mut head = [0; 1024];
    let _ = stream.read(&mut head).await;
    match manner {
        Manner::Reset => {
            // A linger of zero makes the close a reset.
            stream.set_zero_linger().expect("a socket takes it");
        }
        Manner::Close => {}
        Manner::Hang => std::future::pending().await,
        Manner::Garbage => {
            let _ = stream.write_all(b"220 mail.example.com ESMTP ready\r\n").await;
        }
        Manner::DripHead => drip(stream, b"HTTP/1.1 200 OK\r\nx-slow: ").await,
        Manner::DripBody => {
            drip(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n").await;
        }
        Manner::Interim => flood(stream, b"", b"HTTP/1.1 100 Continue\r\n\r\n").await,
        Manner::Headers => flood(stream, b"HTTP/1.1 200 OK\r\n", b"x: y\r\n").await,
        Manner::LongHeader => flood(stream, b"HTTP/1.1 200 OK\r\nx: ", b"y").await,
        Manner::Body => flood(stream, b"HTTP/1.1 200 OK\r\n\r\n", b"x").await,
    }
}

async fn flood(mut stream: TcpStream, start: &[u8], part: &[u8]) {
    let parts = part.repeat(16_384 / part.len());
    let _ = stream.write_all(start).await;
    while stream.write_all(&parts).await.is_ok() {}
}

async fn drip(mut stream: TcpStream, start: &[u8]) {
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    let _ = stream.write_all(start).await;
    loop {
        ticks.tick().await;
        if stream.write_all(b"x").await.is_err() {
            return;
        }
    }
}
