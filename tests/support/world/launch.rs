//! How a world starts its stack.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde::Deserialize;

use crate::options::Options;
use crate::process;
use crate::wait::until;

/// Where everything listens, as the stack says.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Addresses {
    pub api: String,
    pub invoke: String,
    pub sqs: String,
    pub dynamodb: String,
    pub secrets_manager: String,
    pub admin_key: String,
}

/// Starts a stack and waits until it says where it listens.
pub(super) async fn launch(options: &Options, directory: &Path, port: u16) -> (Child, Addresses) {
    let (ready, output) = (directory.join("ready.json"), directory.join("output.txt"));
    let _ = std::fs::remove_file(&ready);
    let log = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(&output)
        .expect("a file for its output");
    let mut command = Command::new(process::binaries().await.join("lab"));
    command
        .args(["up", "--port", &port.to_string(), "--endpoints", "--data"])
        .arg(directory.join("data"));
    command.arg("--ready-file").arg(&ready);
    command.args(options.clock.then_some("--clock"));
    if options.one_process {
        command.args(["--http-concurrency", "1"]);
    }
    if let Some(text) = &options.template {
        let template = directory.join("template.yaml");
        std::fs::write(&template, text).expect("a file for the template");
        command.arg("--template").arg(template);
    }
    for (name, value) in &options.parameters {
        command.args(["--parameter", &format!("{name}={value}")]);
    }
    command.stdin(Stdio::null()).stdout(log.try_clone().expect("a handle")).stderr(log);
    let mut stack = command.spawn().expect("the stack starts");
    let addresses = until("the stack is ready", async || {
        if let Ok(Some(status)) = stack.try_wait() {
            panic!(
                "the stack ended with {status}: {}",
                std::fs::read_to_string(&output).unwrap_or_default()
            );
        }
        std::fs::read(&ready).map(|json| serde_json::from_slice(&json).expect("addresses"))
    })
    .await;
    (stack, addresses)
}
