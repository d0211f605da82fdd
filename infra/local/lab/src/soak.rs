//! The soak: many events while faults are injected, and what became of each of them.
//!
//! [`publisher`] publishes, at a pace, until it has an answer; [`arrivals`] receives; [`crashes`]
//! ends processes and puts the clock forward, while [`aws::faults`] sees to SQS and DynamoDB. The
//! first tenth of the events goes without faults, so that one run has both. Then [`tally`] holds
//! what was accepted against what arrived and what is on [`record`]: an event that was accepted has
//! to be delivered to every subscription that it matches, by both. [`report`] tells it, with the
//! errors that were logged on the way ([`errors`]).

mod arrivals;
mod crashes;
mod errors;
mod publisher;
mod record;
mod report;
mod scene;
mod tally;

use std::time::Duration;

use tokio::time::{self, Instant};

use crate::arrivals::Arrivals;
use crate::asked::Status;
use crate::client::{ApiClient, ClientError};
use arrivals::Noting;
use aws::queues::SqsError;
use aws::{Error, Stack};
use publisher::{Published, Publisher};
use report::Report;
use scene::Scene;
use tally::Tally;

/// Of so many events one goes without faults, before the others.
const CALM: usize = 10;
/// How long nothing may arrive and no queue may change before the rest counts as lost: longer than
/// a message of a crashed process is hidden, and a late one of it as well.
const PATIENCE: Duration = Duration::from_secs(90);
const LOOK: Duration = Duration::from_millis(50);
/// What the parameters are of a stack that is to be soaked: what a crash holds up comes back in
/// seconds, and one process that waits for a retry does not hold up the others. (AWS would start
/// more of them.)
pub const PARAMETERS: [(&str, &str); 6] = [
    ("TickSeconds", "1"),
    ("HideLimitSeconds", "2"),
    ("DeliveryTimeoutSeconds", "8"),
    ("DeliveryVisibilitySeconds", "12"),
    ("FanoutConcurrency", "4"),
    ("DeliveryConcurrency", "8"),
];

/// How much is published.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Events.
    pub events: usize,
    /// Of them in a second.
    pub pace: u32,
}

/// Why the soak has no result.
#[derive(Debug, thiserror::Error)]
pub enum SoakError {
    /// The receiver could not be started.
    #[error("the soak did not start: {0}")]
    Start(#[from] Error),
    /// The API refused something, or did not take an event however often it was asked.
    #[error(transparent)]
    Api(#[from] ClientError),
    /// SQS refused something.
    #[error(transparent)]
    Sqs(SqsError),
}

/// Soaks a stack that was started for it, with [`PARAMETERS`] and its faults, and prints what was
/// found. Answers whether nothing was lost.
pub async fn run(stack: &Stack, load: Load) -> Result<bool, SoakError> {
    let faults = stack.faults();
    println!(
        "Postrider soak: {} events, {} a second, --faults {} --seed {}",
        load.events,
        load.pace,
        faults.kinds(),
        faults.seed()
    );
    let arrivals = Arrivals::start(Noting::default()).await?;
    let (noted, api) = (arrivals.noted(), ApiClient::new(stack.addresses()));
    let scene = Scene::prepare(stack, &api, arrivals.url()).await?;
    let publisher = Publisher::new(api.clone(), load.pace, faults.seed());
    let calm = if faults.kinds().is_empty() { load.events } else { load.events.div_ceil(CALM) };
    let mut published = publisher.publish(0..calm).await?;
    settle(stack, &api, noted, due(&published)).await?;
    if calm < load.events {
        faults.begin();
        let stormy = async { publisher.publish(calm..load.events).await };
        let stormy = tokio::select! {
            stormy = stormy => stormy,
            never = crashes::happen(stack, noted) => match never {},
        };
        faults.end();
        noted.go(None);
        published.extend(stormy?);
        settle(stack, &api, noted, due(&published)).await?;
    }
    let status: Status = api.read(&format!("{}/_stack", stack.addresses().invoke)).await?;
    let record = record::read(&api, &scene).await?;
    let tally = Tally::of(&scene::filters(), &published, &noted.all(), &record);
    let errors = errors::logged(&stack.data().logs()?);
    let report = Report { tally, calm, faults: faults.counts(), errors, left: status.left() };
    print!("{report}");
    if !faults.kinds().is_empty() && report.faults.values().sum::<u64>() == 0 {
        println!(
            "No fault happened, so nothing was tried: publish more events, or name more kinds."
        );
        return Ok(false);
    }
    Ok(report.is_sound())
}

/// Deliveries that these events have to make.
fn due(published: &[Published]) -> usize {
    let filters = scene::filters();
    published
        .iter()
        .map(|event| filters.iter().filter(|filter| filter.matches(event.kind)).count())
        .sum()
}

/// Waits until everything has arrived and nothing is in any queue, for as long as anything changes.
async fn settle(
    stack: &Stack,
    api: &ApiClient,
    noted: &Noting,
    due: usize,
) -> Result<(), ClientError> {
    let url = format!("{}/_stack", stack.addresses().invoke);
    let (mut seen, mut since) = (None, Instant::now());
    loop {
        let status: Status = api.read(&url).await?;
        let now = (noted.taken(), status.left());
        if now.0 >= due && status.is_at_rest() {
            return Ok(());
        }
        if seen.as_ref() != Some(&now) {
            (seen, since) = (Some(now), Instant::now());
        } else if since.elapsed() > PATIENCE {
            return Ok(());
        }
        time::sleep(LOOK).await;
    }
}
