//! Counting: an hour's deliveries are counted when somebody asks, and the count of a busy hour is
//! kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, TryFutureExt, TryStreamExt, stream};
use shared::core::id::{EventId, SubscriptionId};
use shared::core::page::{Cursor, Order, PageRequest};
use shared::core::statistics::{Counts, end_of, hour_of};
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;
use shared::edges::clock;
use shared::edges::store::LogStore;
use shared::edges::store::statistics::{Counted, KeptHour};

const HOUR: Duration = Duration::from_hours(1);
/// Deliveries that one request counts, about; the next one goes on from there.
const MOST_COUNTED: usize = 20_000;
/// Deliveries of a page.
const PAGE: u16 = 4_000;
/// An hour of so many deliveries is worth a row.
const WORTH_KEEPING: u64 = 100;
/// Subscriptions that are counted at the same time, and for how long.
const CONCURRENT: usize = 2;
const LONGEST: Duration = Duration::from_secs(15);

/// Whole hours, the first and the last.
#[derive(Clone, Copy)]
pub struct Window {
    pub first: Timestamp,
    pub last: Timestamp,
}

/// What one request may still count.
struct Budget {
    deliveries: AtomicUsize,
    started: Instant,
}

/// What was counted of each hour, and whether that is all.
#[derive(Default)]
pub struct Tally {
    pub hours: BTreeMap<Timestamp, Counts>,
    pub incomplete: bool,
}

/// Hours in a row that are to be counted; from the newest on, where that was counted in part.
struct Gap {
    hours: Vec<KeptHour>,
    cursor: Option<EventId>,
}

/// Counts what is not counted yet; the hours that are not over last of all, for their count is
/// not kept: however busy they are, the others get counted. So `add` has two tallies of each
/// subscription.
pub async fn count_all(
    log: &LogStore,
    subscriptions: &[SubscriptionId],
    window: Window,
    mut add: impl FnMut(SubscriptionId, Tally),
) -> Result<(), ApiError> {
    let budget = Budget::new();
    if window.first > window.last {
        return Ok(());
    }
    for over in [true, false] {
        let count =
            |id| count(log, id, window, over, &budget).map_ok(move |tally| (id, tally)).boxed();
        let mut tallies =
            stream::iter(subscriptions.iter().copied().map(count)).buffer_unordered(CONCURRENT);
        while let Some((id, tally)) = tallies.try_next().await? {
            add(id, tally);
        }
    }
    Ok(())
}

/// Counts the hours of a window that are over, from the newest to the oldest; or those that are
/// not.
async fn count(
    log: &LogStore,
    subscription: SubscriptionId,
    window: Window,
    over: bool,
    budget: &Budget,
) -> Result<Tally, ApiError> {
    let hours = window
        .hours()
        .into_iter()
        .filter(|hour| KeptHour::unknown(*hour).is_over(clock::now()) == over);
    let hours: Vec<_> = hours.collect();
    let mut tally =
        Tally { incomplete: !hours.is_empty() && budget.is_used_up(), ..Tally::default() };
    if tally.incomplete {
        return Ok(tally);
    }
    let kept = match (hours.last(), hours.first()) {
        (Some(first), Some(last)) if over => log.kept_hours(subscription, *first, *last).await?,
        _ => Vec::new(),
    };
    for gap in gaps(hours, kept, &mut tally.hours) {
        if !count_gap(log, subscription, gap, budget, &mut tally.hours).await? {
            tally.incomplete = true;
            break;
        }
    }
    Ok(tally)
}

/// Counts hours in a row; answers whether all of them.
async fn count_gap(
    log: &LogStore,
    subscription: SubscriptionId,
    gap: Gap,
    budget: &Budget,
    hours: &mut BTreeMap<Timestamp, Counts>,
) -> Result<bool, ApiError> {
    let (Some(newest), Some(oldest)) = (gap.hours.first(), gap.hours.last()) else {
        return Ok(true);
    };
    let (range, now) = ((oldest.hour, end_of(newest.hour)), clock::now());
    let cursor = gap.cursor.map(|event| Cursor::after(event.to_string()));
    let mut page = PageRequest { limit: PAGE, cursor, order: Order::Descending };
    let mut open = &gap.hours[..];
    loop {
        if budget.is_used_up() {
            return Ok(false);
        }
        let found = log.deliveries_to_count(subscription, range, &page, now).await?;
        budget.use_up(found.items.len());
        for delivery in &found.items {
            hours.entry(hour_of(delivery.event.timestamp())).or_default().add(delivery);
        }
        let through: Option<EventId> =
            found.next.as_ref().and_then(|next| next.sort().parse().ok());
        while let Some((hour, older)) = open.split_first() {
            let whole = through.is_none_or(|event| event.timestamp() < hour.hour);
            let through = through.filter(|_| !whole);
            let counts = hours.get(&hour.hour).filter(|_| hour.may_be_kept(now));
            let worth =
                |counts: &&Counts| counts.deliveries.total >= WORTH_KEEPING || budget.is_short();
            if let Some(counts) = counts.filter(worth).filter(|_| whole || budget.is_used_up()) {
                // Somebody else's count, or a change meanwhile, goes before.
                log.keep_hour(subscription, hour, &Counted { counts: counts.clone(), through })
                    .await?;
            }
            if !whole {
                break;
            }
            open = older;
        }
        page.cursor = found.next;
        if page.cursor.is_none() {
            return Ok(true);
        }
    }
}

impl Budget {
    fn new() -> Self {
        Self { deliveries: AtomicUsize::new(0), started: Instant::now() }
    }

    fn use_up(&self, deliveries: usize) {
        self.deliveries.fetch_add(deliveries, Ordering::Relaxed);
    }

    /// From here on everything is kept, so that the next request need not count it again.
    fn is_short(&self) -> bool {
        self.deliveries.load(Ordering::Relaxed) >= MOST_COUNTED / 2
            || self.started.elapsed() >= LONGEST / 2
    }

    fn is_used_up(&self) -> bool {
        self.deliveries.load(Ordering::Relaxed) >= MOST_COUNTED || self.started.elapsed() >= LONGEST
    }
}

impl Window {
    /// When it ends; where it starts, if it has no hour.
    pub fn end(self) -> Timestamp {
        self.last.after(HOUR).max(self.first)
    }

    /// Its hours, newest first.
    pub fn hours(self) -> Vec<Timestamp> {
        let count = self.first.until(self.last).as_secs() / HOUR.as_secs() + 1;
        (0..count).map(|n| self.last.before(Duration::from_hours(n))).collect()
    }
}

/// The hours to be counted, in order as they are given, newest first. What is known of the others,
/// and of those counted in part, goes into `known`.
fn gaps(
    hours: Vec<Timestamp>,
    kept: Vec<KeptHour>,
    known: &mut BTreeMap<Timestamp, Counts>,
) -> Vec<Gap> {
    let mut kept: BTreeMap<_, _> = kept.into_iter().map(|hour| (hour.hour, hour)).collect();
    let mut gaps: Vec<Gap> = Vec::new();
    let mut in_gap = false;
    for hour in hours {
        let hour = kept.remove(&hour).unwrap_or_else(|| KeptHour::unknown(hour));
        if let Some(counted) = &hour.counted {
            known.insert(hour.hour, counted.counts.clone());
        }
        match (hour.counted.as_ref().map(|counted| counted.through), gaps.last_mut()) {
            (Some(None), _) => in_gap = false,
            (None, Some(gap)) if in_gap => gap.hours.push(hour),
            (through, _) => {
                gaps.push(Gap { hours: vec![hour], cursor: through.flatten() });
                in_gap = true;
            }
        }
    }
    gaps
}
