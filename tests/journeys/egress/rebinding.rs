//! DNS rebinding: a name whose server says one thing to the check and another to whoever connects.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use tests::rude::{Manner, Rude};
use tests::{Options, Receiver, World, until};
use tokio::net::TcpStream;

const NAME: &str = "rebinding.example";

/// The name server's answer to each lookup, and what comes of the attempt: a connection, on which
/// nothing speaks TLS, or the reason why there is none.
const LOOKUPS: [(&str, Option<&str>); 8] = [
    ("127.0.0.1", None),
    ("127.0.0.2", Some("127.0.0.0/8 (loopback)")),
    ("127.0.0.1 127.0.0.2", Some("127.0.0.0/8 (loopback)")),
    ("127.0.0.2 127.0.0.1", Some("127.0.0.0/8 (loopback)")),
    ("::ffff:127.0.0.2", Some("127.0.0.0/8 (loopback)")),
    ("fe80::1%lo", Some("fe80::/10 (link-local)")),
    ("127.0.0.1 10.0.0.1", Some("10.0.0.0/8 (private use)")),
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
    let own = Rude::start(Manner::Close).await;
    let port = own.url().rsplit(':').next().expect("a port").trim_end_matches('/').to_owned();
    // The same port of an address that is not allowed.
    let blocked = format!("127.0.0.2:{port}");
    let inside = Rude::start_at(&blocked, Manner::Close).await;
    let options = Options::default().with("EgressAllow", "127.0.0.1/32").with("EgressPorts", &port);
    let world = World::start(options.with_variables("DeliveryFunction", &server.variables())).await;
    let types: Vec<String> = (1..=LOOKUPS.len()).map(|n| format!("lookup.n{n}")).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    let shop = world.tenant("shop-1", &types).await;
    let mut connections = 0;
    for ((answer, refusal), event_type) in LOOKUPS.into_iter().zip(types) {
        let lookups = server.lookups();
        // A subscription each, so that no failure of another opens its breaker.
        let settings = json!({
            "url": format!("https://{NAME}:{port}/"),
            "event_types": [event_type],
            "overrides": { "retry_waits_seconds": [] },
        });
        let subscription = shop.subscribe(&receiver, "/", settings).await;
        assert_eq!(server.lookups(), lookups, "a name is not looked up when it is saved");
        let published = shop.publish(event_type, "1").await;
        let ended = shop.delivery(&subscription, &published.id, "exhausted").await;
        let made = &ended.attempts()[0];
        let class = if refusal.is_some() { "blocked" } else { "tls" };
        assert_eq!(made.error_class.as_deref(), Some(class), "{answer}: {:?}", made.error);
        let error = made.error.clone().unwrap_or_default();
        assert!(error.contains(refusal.unwrap_or_default()), "{answer}: {error}");
        assert_eq!(ended.attempts().len(), 1, "{answer}");
        assert_eq!(
            server.lookups(),
            lookups + 1,
            "{answer}: once to check it, and never again to connect"
        );
        connections += usize::from(refusal.is_none());
        assert_eq!((own.count(), inside.count()), (connections, 0), "{answer}");
    }
    world.drained().await;
    // It would have counted one.
    TcpStream::connect(&blocked).await.expect("it listens");
    until("the connection is counted", async || {
        if inside.count() == 1 { Ok(()) } else { Err(inside.count()) }
    })
    .await;
    world.finish().await;
}
