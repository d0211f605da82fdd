//! The stand-in for Amazon SQS by itself: `sqs --port 4567 --data queues.db`.

use std::net::Ipv4Addr;
use std::path::PathBuf;

use axum::serve::ListenerExt as _;
use clap::Parser;
use tokio::net::TcpListener;

/// Amazon SQS on a loopback port.
#[derive(Parser)]
struct Arguments {
    /// The port on 127.0.0.1; 0 takes a free one, which the first line of output names
    #[arg(long, default_value_t = 4567)]
    port: u16,
    /// The file that keeps the queues; without it they end with the process
    #[arg(long)]
    data: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, arguments.port)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let engine = sqs::Engine::open(arguments.data.as_deref(), address.as_str())?;
    println!("{address}");
    axum::serve(listener.tap_io(|stream| drop(stream.set_nodelay(true))), sqs::router(engine))
        .await?;
    Ok(())
}
