//! A status arrived.

use super::*;

#[tokio::test]
async fn the_request_goes_out_as_given_and_the_answer_comes_back() {
    let (port, _) = receiver(|mut stream| async move {
        let request = read_request(&mut stream).await.unwrap().replace("\r\n", "|");
        let answer = format!("HTTP/1.1 202 Accepted\r\ncontent-length: {}\r\n\r\n", request.len());
        stream.write_all(answer.as_bytes()).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
    })
    .await;
    let answer = post(port, 1000).await.unwrap();
    assert_eq!((answer.status, answer.headers.get("retry-after")), (202, None));
    assert_eq!(
        String::from_utf8(answer.excerpt).unwrap(),
        format!(
            "POST /in?a=b HTTP/1.1|content-type: text/plain|accept: */*|host: 127.0.0.1:{port}|\
             content-length: 5||hello"
        )
    );
}

#[tokio::test]
async fn an_error_status_is_an_answer_with_its_retry_after() {
    let (port, _) =
        answering("HTTP/1.1 429 Slow\r\nretry-after: 120\r\ncontent-length: 4\r\n\r\nslow").await;
    let answer = post(port, 1000).await.unwrap();
    assert_eq!((answer.status, answer.excerpt.as_slice()), (429, &b"slow"[..]));
    assert_eq!(
        answer.headers.get("retry-after").and_then(|value| value.to_str().ok()),
        Some("120")
    );
    assert_eq!(
        answer.headers.get("content-length").and_then(|value| value.to_str().ok()),
        Some("4")
    );
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_not_followed() {
    let (elsewhere, visits) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let (port, _) = receiver(move |mut stream| async move {
        read_request(&mut stream).await.unwrap();
        let answer = format!(
            "HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:{elsewhere}/\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    assert_eq!(post(port, 1000).await.unwrap().status, 307);
    assert_eq!(visits.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn connections_are_kept_for_the_next_attempt() {
    for answer in [
        "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok",
        "HTTP/1.1 500 No\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n",
    ] {
        let (port, connections) = answering(answer).await;
        let sender = sender("127.0.0.0/8");
        for attempt in 0..3 {
            let reply = send(&sender, &format!("http://127.0.0.1:{port}/"), 1000).await;
            assert_eq!(reply.result.unwrap().excerpt.len(), 2);
            let Timing { dns_ms, connect_ms, tls_ms, first_byte_ms } = reply.timing;
            assert_eq!(
                (dns_ms, tls_ms, connect_ms.is_some()),
                (None, None, attempt == 0),
                "{attempt}"
            );
            assert!(first_byte_ms.is_some(), "{attempt}");
        }
        assert_eq!(connections.load(Ordering::SeqCst), 1, "{answer}");
    }
}

#[tokio::test]
async fn of_a_huge_body_only_the_excerpt_is_read() {
    let written = Arc::new(AtomicUsize::new(0));
    let (closed, mut all_closed) = tokio::sync::mpsc::channel(1);
    let counter = written.clone();
    let (port, _) = receiver(move |mut stream| {
        let (counter, closed) = (counter.clone(), closed.clone());
        async move {
            read_request(&mut stream).await.unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 999999999\r\n\r\n")
                .await
                .unwrap();
            while let Ok(count) = stream.write(&[b'x'; 16_384]).await {
                counter.fetch_add(count, Ordering::SeqCst);
            }
            closed.send(()).await.unwrap();
        }
    })
    .await;
    let answer = post(port, 5000).await.unwrap();
    assert_eq!((answer.status, answer.excerpt), (200, vec![b'x'; EXCERPT_LIMIT]));
    // The receiver sees the connection closed, long before it has written everything.
    tokio::time::timeout(Duration::from_secs(5), all_closed.recv()).await.unwrap();
    assert!(written.load(Ordering::SeqCst) < 99_999_999, "{written:?}");
}

#[tokio::test]
async fn a_body_that_stalls_after_its_status_is_an_answer_with_what_came() {
    let (port, _) = receiver(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n").await.unwrap();
        loop {
            if stream.write_all(b"drip").await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let reply = send(&sender("127.0.0.0/8"), &format!("http://127.0.0.1:{port}/"), 300).await;
    let answer = reply.result.unwrap();
    assert_eq!(answer.status, 200);
    assert!(answer.excerpt.starts_with(b"drip") && answer.excerpt.len() < 100);
    assert!((300..1000).contains(&reply.duration.as_millis()), "{:?}", reply.duration);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_an_answer_with_what_came() {
    let (port, _) = receiver(|mut stream| async move {
        read_request(&mut stream).await.unwrap();
        stream.write_all(b"HTTP/1.1 503 X\r\ncontent-length: 100\r\n\r\npart").await.unwrap();
    })
    .await;
    let answer = post(port, 1000).await.unwrap();
    assert_eq!((answer.status, answer.excerpt.as_slice()), (503, &b"part"[..]));
}

#[tokio::test]
async fn a_kept_connection_that_the_receiver_closed_costs_no_attempt() {
    let (closed, mut all_closed) = tokio::sync::mpsc::channel(9);
    let (port, connections) = receiver(move |mut stream| {
        let closed = closed.clone();
        async move {
            read_request(&mut stream).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await.unwrap();
            drop(stream);
            closed.send(()).await.unwrap();
        }
    })
    .await;
    let sender = sender("127.0.0.0/8");
    for visits in 1..=3 {
        let reply = send(&sender, &format!("http://127.0.0.1:{port}/"), 1000).await;
        assert_eq!(reply.result.unwrap().status, 200);
        assert_eq!(connections.load(Ordering::SeqCst), visits);
        all_closed.recv().await.unwrap();
    }
}
