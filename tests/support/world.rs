//! A local stack of a journey's own, as a real process.

mod launch;
mod time;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};
use tokio::sync::{Semaphore, SemaphorePermit};

pub use self::time::Span;

use self::launch::{Addresses, launch};
use crate::api::Api;
use crate::clock::Clock;
use crate::http::Http;
use crate::options::Options;
use crate::queues::Queues;
use crate::rights::FunctionRights;
use crate::secrets::Secrets;
use crate::status::Status;
use crate::tables::Tables;
use crate::tenant::Tenant;
use crate::wait::until;
use crate::{Finder, logs, process};

/// Stacks that run at once: each is eight processes, which wait most of the time. As many as tests
/// run at a time by `.cargo/config.toml`, which says why.
static ROOM: Semaphore = Semaphore::const_new(4);
static NUMBER: AtomicU32 = AtomicU32::new(0);

/// A running stack with its own data. End it with [`World::finish`].
#[derive(Debug)]
pub struct World {
    options: Options,
    directory: PathBuf,
    http: Http,
    stack: Option<Child>,
    addresses: Addresses,
    clock: Clock,
    secrets: Secrets,
    finished: bool,
    _room: SemaphorePermit<'static>,
}

impl World {
    /// Builds the functions, once a run, and starts a stack of its own.
    pub async fn start(options: Options) -> Self {
        let room = ROOM.acquire().await.expect("never closed");
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let directory =
            std::env::temp_dir().join(format!("postrider-journey-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&directory).expect("a directory for the stack");
        let (stack, addresses) = launch(&options, &directory, 0).await;
        let (http, stack, clock) = (Http::default(), Some(stack), Clock::default());
        let secrets = Secrets::default();
        Self {
            options,
            directory,
            http,
            stack,
            addresses,
            clock,
            secrets,
            finished: false,
            _room: room,
        }
    }

    /// The API with the admin key.
    #[must_use]
    pub fn api(&self) -> Api {
        self.api_by(&self.addresses.admin_key)
    }

    /// The stack's SQS.
    #[must_use]
    pub fn queues(&self) -> Queues {
        Queues::new(self.http.clone(), &self.addresses.sqs)
    }

    /// The stack's `DynamoDB`.
    #[must_use]
    pub fn dynamodb(&self) -> &str {
        &self.addresses.dynamodb
    }

    /// The API with another key.
    #[must_use]
    pub fn api_by(&self, key: &str) -> Api {
        Api::new(self.http.clone(), &self.addresses.api, key, self.secrets.clone())
    }

    /// What a secret of the deployment holds, by its logical id.
    pub async fn secret(&self, name: &str) -> String {
        let answer: Value =
            self.secrets_manager("GetSecretValue", &json!({ "SecretId": name })).await;
        answer["SecretString"].as_str().expect("text").to_owned()
    }

    /// Changes a secret of the deployment.
    pub async fn set_secret(&self, name: &str, text: &str) {
        text.split(',').for_each(|one| self.secrets.keep(one));
        self.secrets_manager("PutSecretValue", &json!({ "SecretId": name, "SecretString": text }))
            .await;
    }

    async fn secrets_manager(&self, action: &str, body: &Value) -> Value {
        let target = format!("secretsmanager.{action}");
        let headers =
            [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let sent = self.http.send(
            http::Method::POST,
            &self.addresses.secrets_manager,
            &headers,
            body.to_string(),
        );
        sent.await.expect("Secrets Manager answers").with(200).json()
    }

    /// What is in the stack's `DynamoDB`.
    #[must_use]
    pub fn tables(&self) -> Tables {
        Tables::new(self.http.clone(), &self.addresses.dynamodb)
    }

    /// Finds the secrets that were sent or shown so far, which the journey's end looks for in all
    /// that was written.
    #[must_use]
    pub fn secrets(&self) -> Finder {
        self.secrets.finder()
    }

    /// Makes a tenant, and event types if there are none of these names yet.
    pub async fn tenant(&self, id: &str, event_types: &[&str]) -> Tenant {
        let api = self.api();
        for name in event_types {
            let put = api.put(&format!("/v1/event-types/{name}"), &json!({})).await;
            assert!(matches!(put.status, 200 | 201), "{}", put.text());
        }
        let _ = api.put(&format!("/v1/tenants/{id}"), &json!({})).await.with(201);
        Tenant::new(api, id)
    }

    /// What `/_stack` says.
    pub async fn status(&self) -> Status {
        let url = format!("{}/_stack", self.addresses.invoke);
        self.http
            .send(http::Method::GET, &url, &[], "")
            .await
            .expect("the stack answers")
            .with(200)
            .json()
    }

    /// A file of the stack's data directory.
    #[must_use]
    pub fn file(&self, name: &str) -> String {
        let read = std::fs::read(self.directory.join("data").join(name)).expect("it is there");
        String::from_utf8_lossy(&read).into_owned()
    }

    /// What each function may do, and did since the stack was started.
    pub async fn rights(&self) -> BTreeMap<String, FunctionRights> {
        let url = format!("{}/_stack/rights", self.addresses.invoke);
        self.http
            .send(http::Method::GET, &url, &[], "")
            .await
            .expect("the stack answers")
            .with(200)
            .json()
    }

    /// The processes of a function.
    pub async fn pids(&self, function: &str) -> Vec<u32> {
        self.status().await.functions[function].pids.clone()
    }

    /// Ends every process of a function at once, as a crash would.
    pub async fn sigkill(&self, function: &str) {
        for pid in self.pids(function).await {
            process::signal(pid, Signal::KILL);
        }
    }

    /// Waits until both working queues have no visible, in-flight or delayed message.
    pub async fn drained(&self) {
        until("the queues are drained", async || {
            let status = self.status().await;
            if status.is_drained() { Ok(()) } else { Err(status) }
        })
        .await;
    }

    /// Stops the stack as an operator would, and starts it again with the same data and address, at
    /// the machine's time.
    pub async fn restart(&mut self) {
        let stack = self.stack.take().expect("it runs");
        let ended = tokio::task::spawn_blocking(|| process::end(stack, Signal::TERM)).await;
        assert!(!ended.expect("it ends"), "the stack did not stop when it was asked to");
        self.relaunch().await;
    }

    /// As [`World::restart`], with another value for a parameter.
    pub async fn restart_with(&mut self, name: &'static str, value: &str) {
        self.options.parameters.push((name, value.to_owned()));
        self.restart().await;
    }

    /// Ends the stack and all of its processes at once, as a power failure would, and starts it
    /// again.
    pub async fn crash_and_restart(&mut self) {
        let functions = self.status().await.functions;
        let stack = self.stack.take().expect("it runs");
        let ending = tokio::task::spawn_blocking(|| process::end(stack, Signal::KILL));
        for pid in functions.values().flat_map(|function| &function.pids) {
            process::signal(*pid, Signal::KILL);
        }
        ending.await.expect("it ends");
        self.relaunch().await;
    }

    async fn relaunch(&mut self) {
        let port = self
            .addresses
            .api
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok())
            .expect("a port");
        self.clock.run_ahead_by(Duration::ZERO);
        let (stack, addresses) = launch(&self.options, &self.directory, port).await;
        self.stack = Some(stack);
        self.addresses = addresses;
        self.http = Http::default();
    }

    /// The end of a journey: fails unless the queues run empty, no dead letter is left that was not
    /// expected, no function exceeded a limit of Lambda's or logged an error that was not, and no
    /// secret stands where it does not belong.
    pub async fn finish(mut self) {
        self.drained().await;
        let status = self.status().await;
        assert_eq!(status.dead_letters(), self.options.dead_letters, "dead letters: {status}");
        let (exceeded, expected) = (status.exceeded(), self.options.exceeds_limits);
        assert_eq!(!exceeded.is_empty(), expected, "limits of Lambda's: {exceeded:?}");
        let errors = self.unexpected_errors();
        assert!(errors.is_empty(), "errors in the logs:\n{}", errors.join("\n"));
        self.finished = true;
        let stack = self.stack.take().expect("it runs");
        let forced = tokio::task::spawn_blocking(|| process::end(stack, Signal::TERM)).await;
        assert!(!forced.expect("it ends"), "the stack did not stop when it was asked to");
        let leaks = self.secrets.leaks(&self.directory);
        assert!(leaks.is_empty(), "secrets where they do not belong:\n{}", leaks.join("\n"));
        std::fs::remove_dir_all(&self.directory).expect("the stack's directory");
    }

    /// The lines of JSON in the log of a function, so far.
    #[must_use]
    pub fn log(&self, function: &str) -> Vec<Value> {
        logs::lines(&self.logs(), function)
    }

    fn logs(&self) -> PathBuf {
        self.directory.join("data/logs")
    }

    fn unexpected_errors(&self) -> Vec<String> {
        let expected = |line: &String| self.options.errors.iter().any(|part| line.contains(part));
        logs::errors(&self.logs()).into_iter().filter(|line| !expected(line)).collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(stack) = self.stack.take() {
            process::end(stack, Signal::TERM);
        }
        if std::thread::panicking() {
            let errors = self.unexpected_errors();
            eprintln!(
                "the stack's data and logs are kept in {}; errors in them:",
                self.directory.display()
            );
            eprintln!("{}", errors[..errors.len().min(20)].join("\n"));
        } else {
            assert!(self.finished, "a journey ends with finish(), or its checks are left out");
        }
    }
}
