use super::*;
use crate::queues::Sqs;
use crate::server::{self, Server};

/// How many of a thousand messages are not taken.
async fn refused(sqs: &Sqs) -> u64 {
    let mut refused = 0;
    for _ in 0..1_000 {
        refused += u64::from(sqs.call("SendMessage", "{}").await.is_err());
    }
    refused
}

#[tokio::test]
async fn only_functions_are_struck_and_only_while_there_are_faults() {
    let faults = Faults::new(Kinds::from_iter([Kind::Sqs]), 7);
    let (listener, address) = server::listen(0).await.unwrap();
    let stand_in = Router::new().fallback(async || "{}");
    let server = Server::spawn(listener, faults.before(stand_in, Service::Sqs));
    let anybody = Sqs::new(&format!("http://{address}"));
    let function = anybody.calling_as("intake");
    assert_eq!(refused(&function).await, 0);
    faults.begin();
    assert_eq!(refused(&anybody).await, 0);
    let struck = refused(&function).await;
    assert!(struck > 0);
    assert_eq!(faults.counts().values().sum::<u64>(), struck);
    faults.end();
    assert_eq!(refused(&function).await, 0);
    drop((anybody, function));
    server.stop().await;
}
