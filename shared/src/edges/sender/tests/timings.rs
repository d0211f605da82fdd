//! Where the time of an attempt went.

use std::io::{Read, Write};
use std::sync::mpsc;

use super::*;
use crate::core::delivery::attempt::Millis;

/// Which of dns, connect, tls and first byte there are.
fn parts(reply: &Reply) -> [bool; 4] {
    let Timing { dns_ms, connect_ms, tls_ms, first_byte_ms } = reply.timing;
    [dns_ms, connect_ms, tls_ms, first_byte_ms].map(|part| part.is_some())
}

/// Over TLS, each request on the first connection is answered once it is told to; on any other not
/// even the handshake is. Tells of each connection and of each request. Answers with its URL and
/// who trusts it.
fn tls_receiver(
    answers: mpsc::Receiver<()>,
    news: tokio::sync::mpsc::UnboundedSender<()>,
) -> (String, Sender) {
    let (config, trusting) = tls_server(2100);
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let url = format!("https://localhost:{port}/");
    std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let waiting = news.clone();
        std::thread::spawn(move || {
            let others: Vec<_> =
                listener.incoming().map_while(|other| news.send(()).ok().and(other.ok())).collect();
            drop(others);
        });
        let mut connection = rustls::ServerConnection::new(config).unwrap();
        let mut stream = rustls::Stream::new(&mut connection, &mut socket);
        let (mut request, mut buffer) = (Vec::new(), [0; 1024]);
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            request.extend_from_slice(&buffer[..read]);
            if request.ends_with(b"hello") {
                request.clear();
                let _ = waiting.send(());
                answers.recv().unwrap();
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
            }
        }
    });
    (url, Sender::with(machine_rule(port), CONNECT_TIMEOUT, &trusting))
}

#[tokio::test]
async fn every_step_of_a_first_connection_is_timed_and_of_a_kept_one_the_answer_alone() {
    let (answer, answers) = mpsc::channel();
    let (news, _kept) = tokio::sync::mpsc::unbounded_channel();
    let (url, sender) = tls_receiver(answers, news);
    for expected in [[true; 4], [false, false, false, true]] {
        answer.send(()).unwrap();
        let reply = send(&sender, &url, 5000).await;
        assert_eq!(
            (parts(&reply), &reply.result.as_ref().unwrap().status),
            (expected, &204),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn of_a_connection_that_was_opened_in_vain_nothing_is_told() {
    let (answer, answers) = mpsc::channel();
    let (news, mut told) = tokio::sync::mpsc::unbounded_channel();
    let (url, sender) = tls_receiver(answers, news);
    let (first, second) = tokio::join!(send(&sender, &url, 5000), async {
        told.recv().await.expect("the first request came");
        let (second, ()) = tokio::join!(send(&sender, &url, 5000), async {
            told.recv().await.expect("a second connection is being opened");
            // The first gets its answer, and leaves its connection to the second.
            answer.send(()).and(answer.send(())).unwrap();
        });
        second
    });
    assert_eq!(
        (parts(&first), parts(&second)),
        ([true; 4], [false, false, false, true]),
        "{second:?}"
    );
    assert!(first.result.is_ok() && second.result.is_ok());
}

#[tokio::test]
async fn a_head_that_comes_late_is_seen_in_the_first_byte() {
    let (port, _) = receiver(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
        tokio::time::sleep(Duration::from_millis(120)).await;
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.unwrap();
    })
    .await;
    let reply = send(&sender("127.0.0.0/8"), &format!("http://127.0.0.1:{port}/"), 5000).await;
    assert_eq!(parts(&reply), [false, true, false, true], "{reply:?}");
    assert!(
        reply.timing.first_byte_ms.is_some_and(|took| took >= Millis::from(120.0)),
        "{reply:?}"
    );
}

#[tokio::test]
async fn of_what_never_connected_the_lookup_alone_is_timed() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let reply = send(&machine(port), &format!("https://localhost:{port}/"), 5000).await;
    assert_eq!(parts(&reply), [true, false, false, false], "{reply:?}");
    assert!(reply.result.is_err());
}
