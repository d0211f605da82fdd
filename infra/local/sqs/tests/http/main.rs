//! The binary over its socket, killed and started again. The protocol is spoken by hand, to see the
//! very bytes.

mod server;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use server::{Folder, Server};

#[test]
fn what_was_answered_survives_kill_9() {
    let folder = Folder::new("kill");
    let data = folder.0.join("queues.db");
    let server = Server::start(Some(&data));
    let handle = fill(&server);
    server.kill();

    let server = Server::start(Some(&data));
    let url = server.url("q");
    assert_eq!(tally(&server), [7, 2, 0]);
    let request = json!({"QueueUrl": url, "MaxNumberOfMessages": 10, "AttributeNames": ["All"]});
    let received = server.call("ReceiveMessage", &request);
    let mut counts: Vec<&str> = received["Messages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|message| message["Attributes"]["ApproximateReceiveCount"].as_str().unwrap())
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, ["1", "1", "1", "1", "1", "1", "2"]);
    server.call("DeleteMessage", &json!({"QueueUrl": url, "ReceiptHandle": handle}));
    assert_eq!(tally(&server), [0, 8, 0], "handles outlive it too");
}

/// Sends ten messages and receives four for an hour; of these deletes one, shows one again, and
/// gives one's handle.
fn fill(server: &Server) -> String {
    let url = server.url("q");
    let attributes = json!({"VisibilityTimeout": "3600"});
    server.call("CreateQueue", &json!({"QueueName": "q", "Attributes": attributes}));
    let entry = |number: u32| json!({"Id": number.to_string(), "MessageBody": "x"});
    let entries: Vec<Value> = (0..10).map(entry).collect();
    server.call("SendMessageBatch", &json!({"QueueUrl": url, "Entries": entries}));
    let request = json!({"QueueUrl": url, "MaxNumberOfMessages": 4});
    let received = server.call("ReceiveMessage", &request);
    let handle = |place: usize| &received["Messages"][place]["ReceiptHandle"];
    server.call("DeleteMessage", &json!({"QueueUrl": url, "ReceiptHandle": handle(0)}));
    let shown = json!({"QueueUrl": url, "ReceiptHandle": handle(1), "VisibilityTimeout": 0});
    server.call("ChangeMessageVisibility", &shown);
    handle(2).as_str().unwrap().to_owned()
}

/// The queue's messages visible, in flight, delayed.
fn tally(server: &Server) -> [u64; 3] {
    let queue = &server.stats()["queues"]["q"];
    ["visible", "in_flight", "delayed"].map(|name| queue[name].as_u64().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost_when_killed_under_load() {
    let folder = Folder::new("load");
    let data = folder.0.join("queues.db");
    let server = Server::start(Some(&data));
    server.call("CreateQueue", &json!({"QueueName": "q"}));
    let (url, address) = (server.url("q"), server.address.clone());
    let senders: Vec<_> = (0..4)
        .map(|_| {
            let (url, address) = (url.clone(), address.clone());
            std::thread::spawn(move || acknowledged(&address, &url))
        })
        .collect();
    let deadline = Instant::now() + Duration::from_secs(20);
    while server.stats()["queues"]["q"]["visible"].as_u64().unwrap() < 200 {
        assert!(Instant::now() < deadline, "the senders are stuck");
    }
    server.kill();
    let acknowledged: u64 = senders.into_iter().map(|sender| sender.join().unwrap()).sum();
    let kept = Server::start(Some(&data)).stats()["queues"]["q"]["visible"].as_u64().unwrap();
    assert!(acknowledged >= 100 && kept >= acknowledged, "{kept} of {acknowledged} kept");
    assert!(
        kept <= acknowledged + 4,
        "each sender had one on its way at most, but {kept} of {acknowledged} are there"
    );
}

/// Sends one message after another until the server is gone; gives how many were acknowledged.
fn acknowledged(address: &str, url: &str) -> u64 {
    let body = json!({"QueueUrl": url, "MessageBody": "x".repeat(3000)}).to_string();
    let request = format!(
        "POST / HTTP/1.1\r\nhost: local\r\nx-amz-target: AmazonSQS.SendMessage\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = BufReader::new(TcpStream::connect(address).unwrap());
    let mut count = 0;
    while stream.get_mut().write_all(request.as_bytes()).is_ok() {
        let mut length = 0;
        let mut line = String::new();
        while stream.read_line(&mut line).is_ok_and(|read| read > 2) {
            let lower = line.to_ascii_lowercase();
            length = lower
                .strip_prefix("content-length: ")
                .map_or(length, |text| text.trim().parse().unwrap());
            line.clear();
        }
        let mut answer = vec![0; length];
        if length == 0 || stream.read_exact(&mut answer).is_err() {
            return count;
        }
        count += 1;
    }
    count
}

#[test]
fn errors_carry_the_names_that_sdks_read() {
    let server = Server::start(None);
    let (status, head, body) =
        server.ask("SendMessage", &json!({"QueueUrl": server.url("q"), "MessageBody": "x"}));
    assert_eq!((status, &body["__type"]), (400, &json!("com.amazonaws.sqs#QueueDoesNotExist")));
    assert!(
        head.contains("x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender"),
        "{head}"
    );
    assert!(head.contains("content-type: application/x-amz-json-1.0"), "{head}");
    for (action, request, kind) in [
        ("Nothing", json!({}), "com.amazon.coral.service#UnknownOperationException"),
        ("SendMessage", json!([]), "com.amazon.coral.service#SerializationException"),
        ("GetQueueUrl", json!({}), "com.amazon.coral.service#MissingRequiredParameterException"),
    ] {
        let (status, _, body) = server.ask(action, &request);
        assert_eq!((status, &body["__type"]), (400, &json!(kind)), "{action}");
    }
}

#[test]
fn a_send_wakes_a_long_poll_at_once() {
    let server = Server::start(None);
    server.call("CreateQueue", &json!({"QueueName": "q"}));
    let url = server.url("q");
    std::thread::scope(|scope| {
        let poll = scope.spawn(|| {
            server.call("ReceiveMessage", &json!({"QueueUrl": url, "WaitTimeSeconds": 20}))
        });
        let begun = Instant::now();
        // Whichever comes first, the poll must not wait its time out.
        server.call("SendMessage", &json!({"QueueUrl": url, "MessageBody": "x"}));
        let received = poll.join().unwrap();
        assert_eq!(received["Messages"][0]["Body"], "x");
        assert!(begun.elapsed() < Duration::from_secs(5));
    });
}

#[test]
fn requests_are_counted_as_they_are_billed() {
    let server = Server::start(None);
    server.call("CreateQueue", &json!({"QueueName": "q"}));
    let url = server.url("q");
    server.call("ReceiveMessage", &json!({"QueueUrl": url}));
    server.call("SendMessage", &json!({"QueueUrl": url, "MessageBody": "x".repeat(65_537)}));
    server.call("ReceiveMessage", &json!({"QueueUrl": url}));
    let actions = &server.stats()["actions"];
    assert_eq!(
        actions["SendMessage"],
        json!({"requests": 1, "empty": 0, "messages": 1, "billed": 2})
    );
    assert_eq!(
        actions["ReceiveMessage"],
        json!({"requests": 2, "empty": 1, "messages": 1, "billed": 3})
    );
}
