//! DNS rebinding: a name whose server says one thing to the check and another to whoever connects.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tests::rude::{Manner, Rude};
use tests::{Options, Receiver, World, until};
use tokio::net::TcpStream;

const NAME: &str = "rebinding.example";

/// What the name's server says to each lookup, and what comes of it: nothing, or why not.
const LOOKUPS: [(&str, Option<&str>); 9] = [
    ("127.0.0.1", None),
    ("127.0.0.2", Some("127.0.0.0/8 (loopback)")),
    ("127.0.0.1 127.0.0.2", Some("127.0.0.0/8 (loopback)")),
    ("127.0.0.2 127.0.0.1", Some("127.0.0.0/8 (loopback)")),
    ("::ffff:127.0.0.2", Some("127.0.0.0/8 (loopback)")),
    ("fe80::1%lo", Some("fe80::/10 (link-local)")),
    ("8.8.8.8", Some("plain http may not be sent to the host")),
    ("127.0.0.1 8.8.8.8", Some("plain http may not be sent to the host")),
    ("127.0.0.1", None),
];

/// A name server in the place of the system's, within the delivery function.
struct NameServer {
    library: PathBuf,
    answers: PathBuf,
    count: PathBuf,
}

impl NameServer {
    fn new() -> Self {
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("rebinding-{}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory");
        let [library, answers, count] =
            ["rebinding.so", "answers", "count"].map(|name| directory.join(name));
        let source = concat!(env!("CARGO_MANIFEST_DIR"), "/journeys/egress/rebinding.c");
        let mut compiler = Command::new("cc");
        compiler
            .args(["-shared", "-fPIC", "-O1", "-Wall", "-Werror", source, "-ldl", "-o"])
            .arg(&library);
        assert!(compiler.status().expect("a C compiler").success());
        let lines: Vec<&str> = LOOKUPS.iter().map(|(answer, _)| *answer).collect();
        std::fs::write(&answers, lines.join("\n")).expect("a file");
        Self { library, answers, count }
    }

    fn variables(&self) -> [(&'static str, &str); 4] {
        let [library, answers, count] =
            [&self.library, &self.answers, &self.count].map(|path| path.to_str().expect("text"));
        [
            ("LD_PRELOAD", library),
            ("REBINDING_NAME", NAME),
            ("REBINDING_ANSWERS", answers),
            ("REBINDING_COUNT", count),
        ]
    }

    /// Lookups of the name so far.
    fn lookups(&self) -> usize {
        std::fs::read(&self.count).map_or(0, |bytes| bytes.len())
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(self.library.parent().expect("a directory"));
    }
}

#[tokio::test]
async fn a_name_is_looked_up_once_an_attempt_and_only_the_address_that_was_checked_is_connected_to()
{
    let (server, receiver) = (NameServer::new(), Receiver::start().await);
    // The same port of an address that is not allowed.
    let blocked = receiver.url("").replace("http://127.0.0.1", "127.0.0.2");
    let inside = Rude::start_at(&blocked, Manner::Close).await;
    let options = Options::default().with("EgressAllow", "127.0.0.1/32");
    let world = World::start(options.with_variables("DeliveryFunction", &server.variables())).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    // So that each attempt connects anew.
    receiver.script("/", [tests::Step::header(200, "connection", "close")]);
    let url = receiver.url("/").replace("127.0.0.1", NAME);
    let subscription = shop.subscribe(&receiver, "/", json!({ "url": url })).await;
    assert_eq!(server.lookups(), 0, "a name is not looked up when it is saved");

    for (lookup, (answer, refusal)) in (1..).zip(LOOKUPS) {
        let published = shop.publish("order.created", "1").await;
        let status = if refusal.is_some() { "exhausted" } else { "delivered" };
        let ended = shop.delivery(&subscription, &published.id, status).await;
        let expected =
            if refusal.is_some() { (1, "blocked", None) } else { (1, "succeeded", Some(200)) };
        assert_eq!(ended.outcomes(), [expected], "{answer}");
        let error = ended.attempts()[0].error.clone().unwrap_or_default();
        assert!(error.contains(refusal.unwrap_or_default()), "{answer}: {error}");
        assert_eq!(
            server.lookups(),
            lookup,
            "{answer}: once to check it, and never again to connect"
        );
    }
    world.drained().await;
    let delivered = LOOKUPS.iter().filter(|(_, refusal)| refusal.is_none()).count();
    assert_eq!((receiver.count("/"), inside.count()), (delivered, 0));
    // It would have counted one.
    TcpStream::connect(&blocked).await.expect("it listens");
    until("the connection is counted", async || {
        if inside.count() == 1 { Ok(()) } else { Err(inside.count()) }
    })
    .await;
    world.finish().await;
}
