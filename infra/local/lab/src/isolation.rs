//! What others notice of a receiver that hangs: events at a steady pace to ten subscriptions, each
//! of a tenant of its own, of which the first has three events of ten. All receivers answer at
//! once, and then the first does not answer any more; the other nine are measured, from the start
//! of a publish request to the arrival.
//!
//! [`publisher`] publishes, [`arrivals`] receives, [`report`] tells it: also by the time since the
//! receiver began to hang, for a receiver that hangs is known only when its first attempts have run
//! out of time.

mod arrivals;
mod publisher;
mod report;

use std::time::Duration;

use http::Method;
use serde::de::IgnoredAny;
use serde_json::json;
use tokio::time::{self, Instant};

use crate::arrivals::Arrivals;
use crate::client::{ApiClient, ClientError};
use arrivals::Noted;
use aws::{Error, Stack};
use publisher::{Published, Publisher};
use report::Report;

/// Subscriptions, each of a tenant of its own; the first is the one that hangs.
const SUBSCRIPTIONS: usize = 10;
const EVENT_TYPE: &str = crate::publishing::EVENT_TYPE;
/// Published before anything is measured: processes are started, connections opened, caches filled.
const WARM_UP: Duration = Duration::from_secs(5);
/// How long nothing may arrive before the rest counts as lost.
const PATIENCE: Duration = Duration::from_mins(2);
const LOOK: Duration = Duration::from_millis(20);

/// How much is published, and to what.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Events a second.
    pub pace: u32,
    /// How long each of the two parts lasts.
    pub seconds: u32,
    /// What `DeliveryConcurrency` the stack was started with.
    pub delivery_concurrency: u16,
}

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum IsolationError {
    /// The receiver could not be started.
    #[error("the measurement did not start: {0}")]
    Start(#[from] Error),
    /// The API refused something.
    #[error(transparent)]
    Api(#[from] ClientError),
}

/// Measures, and prints what was found. Answers whether everything arrived at the nine.
pub async fn run(stack: &Stack, load: Load) -> Result<bool, IsolationError> {
    let arrivals = Arrivals::start(Noted::default()).await?;
    let (noted, api) = (arrivals.noted(), ApiClient::new(stack.addresses()));
    prepare(&api, arrivals.url()).await?;
    let publisher = Publisher::new(api, load.pace);
    let lasts = Duration::from_secs(load.seconds.into());
    let warm = publisher.publish(WARM_UP).await?;
    arrived(noted, &warm).await;
    let calm = publisher.publish(lasts).await?;
    arrived(noted, &calm).await;
    noted.hang();
    let begun = Instant::now();
    let hung = publisher.publish(lasts).await?;
    arrived(noted, &hung).await;
    let report = Report::new(load, &noted.all(), (&calm, &hung), begun);
    print!("{report}");
    Ok(report.is_complete())
}

/// The catalogue, the tenants and their subscriptions, with a receiver at this URL whose paths are
/// their places.
async fn prepare(api: &ApiClient, url: &str) -> Result<(), ClientError> {
    let described = json!({ "description": "An order was placed" }).to_string();
    let _: IgnoredAny =
        api.call(Method::PUT, &format!("/v1/event-types/{EVENT_TYPE}"), described).await?;
    for place in 0..SUBSCRIPTIONS {
        let tenant = tenant(place);
        let _: IgnoredAny = api.call(Method::PUT, &tenant, "{}").await?;
        let body =
            json!({ "url": format!("{url}/{place}"), "event_types": [EVENT_TYPE] }).to_string();
        let _: IgnoredAny =
            api.call(Method::POST, &format!("{tenant}/subscriptions"), body).await?;
    }
    Ok(())
}

fn tenant(place: usize) -> String {
    format!("/v1/tenants/shop-{place}")
}

/// Waits until what was sent to those that do not hang has arrived, for as long as anything
/// arrives.
async fn arrived(noted: &Noted, sent: &[Published]) {
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        let all = noted.all();
        let here = sent.iter().filter(|sent| all.contains_key(&sent.id)).count();
        let missing = sent
            .iter()
            .any(|sent| !all.contains_key(&sent.id) && (sent.place > 0 || !noted.hangs()));
        if !missing {
            return;
        }
        if here > seen {
            (seen, since) = (here, Instant::now());
        } else if since.elapsed() > PATIENCE {
            return;
        }
        time::sleep(LOOK).await;
    }
}
