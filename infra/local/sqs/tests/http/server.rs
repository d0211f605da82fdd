//! The binary as a child process, and the protocol to speak to it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::Value;

/// A running binary, killed when it is dropped.
pub struct Server {
    process: Child,
    pub address: String,
}

impl Server {
    /// Starts it on a free port, on this file or on none.
    pub fn start(data: Option<&PathBuf>) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sqs"));
        command.args(["--port", "0"]).stdout(Stdio::piped());
        if let Some(path) = data {
            command.arg("--data").arg(path);
        }
        let mut process = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("http://").expect("the first line is the address").to_owned();
        Server { process, address }
    }

    /// Kills it as `kill -9` does: it has no moment to write anything more.
    pub fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    /// A queue's URL.
    pub fn url(&self, queue: &str) -> String {
        format!("http://{}/000000000000/{queue}", self.address)
    }

    fn exchange(&self, request: &str) -> (u16, String, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, head.to_owned(), serde_json::from_str(body).unwrap())
    }

    /// Status, head and body of the answer to a request.
    pub fn ask(&self, action: &str, request: &Value) -> (u16, String, Value) {
        let body = request.to_string();
        self.exchange(&format!(
            "POST / HTTP/1.1\r\nhost: local\r\nconnection: close\r\nx-amz-target: AmazonSQS.{action}\r\n\
             content-type: application/x-amz-json-1.0\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        ))
    }

    /// The body of the answer to a request that must succeed.
    pub fn call(&self, action: &str, request: &Value) -> Value {
        let (status, _, body) = self.ask(action, request);
        assert_eq!(status, 200, "{action}: {body}");
        body
    }

    /// The statistics.
    pub fn stats(&self) -> Value {
        self.exchange("GET /_stats HTTP/1.1\r\nhost: local\r\nconnection: close\r\n\r\n").2
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have been killed already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A folder of its own for one test, gone with it.
pub struct Folder(pub PathBuf);

impl Folder {
    /// Makes it.
    pub fn new(test: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("sqs-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
