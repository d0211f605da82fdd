//! Statistics: an hour's deliveries are counted when somebody asks, and the count of a busy hour is kept.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::{FutureExt, StreamExt, TryStreamExt, stream};
use shared::api::{ApiError, Request, response};
use shared::clock;
use shared::id::{EventId, SubscriptionId};
use shared::page::{Cursor, Order, PageRequest};
use shared::statistics::{Counts, end_of, hour_of};
use shared::store::statistics::{Counted, KeptHour};
use shared::store::tenants::Tenant;
use shared::timestamp::Timestamp;

use crate::views::{CountsView, HourView, StatisticsView};
use crate::{Answer, History};

/// The window where none is asked for.
const DEFAULT_WINDOW: Duration = Duration::from_hours(24);
const HOUR: Duration = Duration::from_hours(1);
/// Deliveries that one request counts, about; the next one goes on from there.
const MOST_COUNTED: usize = 20_000;
/// Deliveries of a page, and subscriptions of one.
const PAGE: u16 = 4_000;
const SUBSCRIPTIONS: u16 = 100;
/// An hour of so many deliveries is worth a row.
const WORTH_KEEPING: u64 = 100;
/// Subscriptions that are counted at the same time, and for how long.
const CONCURRENT: usize = 2;
const LONGEST: Duration = Duration::from_secs(15);

/// Whole hours, the first and the last.
#[derive(Clone, Copy)]
struct Window {
    first: Timestamp,
    last: Timestamp,
}

/// What one request may still count.
struct Budget {
    deliveries: AtomicUsize,
    started: Instant,
}

/// What was counted of each hour, and whether that is all.
#[derive(Default)]
struct Tally {
    hours: BTreeMap<Timestamp, Counts>,
    incomplete: bool,
}

/// Hours in a row that are to be counted; from the newest on, where that was counted in part.
struct Gap {
    hours: Vec<KeptHour>,
    cursor: Option<EventId>,
}

impl History {
    /// `GET …/subscriptions/{id}/stats?from&to&series`.
    pub(crate) async fn subscription_statistics(&self, tenant: &Tenant, id: &str, request: &Request) -> Answer {
        let subscription = self.subscription(&tenant.id, id).await?;
        let window = self.window(tenant, request)?;
        let tally = self.count_all(vec![subscription.id], window).await?;
        answer(window, &tally, request)
    }

    /// `GET /v1/tenants/{t}/stats?from&to&series`: the sum of its subscriptions.
    pub(crate) async fn tenant_statistics(&self, tenant: &Tenant, request: &Request) -> Answer {
        let window = self.window(tenant, request)?;
        let mut ids = Vec::new();
        let mut page = PageRequest { limit: SUBSCRIPTIONS, cursor: None, order: Order::Ascending };
        loop {
            let subscriptions = self.config.subscriptions(&tenant.id, &page).await?;
            ids.extend(subscriptions.items.iter().map(|subscription| subscription.id));
            page.cursor = subscriptions.next;
            if page.cursor.is_none() {
                return answer(window, &self.count_all(ids, window).await?, request);
            }
        }
    }

    fn window(&self, tenant: &Tenant, request: &Request) -> Result<Window, ApiError> {
        let to = request.query_as("to")?.unwrap_or_else(clock::now);
        let from = request.query_as("from")?.unwrap_or_else(|| to.before(DEFAULT_WINDOW));
        if from >= to {
            return Err(ApiError::invalid("from", "from must be earlier than to"));
        }
        let last = hour_of(to.min(clock::now()).before(Duration::from_millis(1)));
        Ok(Window { first: hour_of(from.max(self.kept_since(tenant))), last })
    }

    /// Counts what is not counted yet; the hours that are not over last of all, for their count is not kept: however busy
    /// they are, the others get counted.
    async fn count_all(&self, subscriptions: Vec<SubscriptionId>, window: Window) -> Result<Tally, ApiError> {
        let (budget, mut sum) = (Budget::new(), Tally::default());
        if window.first > window.last {
            return Ok(sum);
        }
        for over in [true, false] {
            let each = subscriptions.iter().copied();
            let tallies = each.map(|id| self.count(id, window, over, &budget).boxed());
            let mut tallies = stream::iter(tallies).buffer_unordered(CONCURRENT);
            while let Some(tally) = tallies.try_next().await? {
                sum.incomplete |= tally.incomplete;
                for (hour, counts) in tally.hours {
                    sum.hours.entry(hour).or_default().merge(&counts);
                }
            }
        }
        Ok(sum)
    }

    /// Counts the hours of a window that are over, from the newest to the oldest; or those that are not.
    async fn count(
        &self,
        subscription: SubscriptionId,
        window: Window,
        over: bool,
        budget: &Budget,
    ) -> Result<Tally, ApiError> {
        let mut tally = Tally { incomplete: budget.is_used_up(), ..Tally::default() };
        if tally.incomplete {
            return Ok(tally);
        }
        let hours = window.hours().into_iter().filter(|hour| KeptHour::unknown(*hour).is_over(clock::now()) == over);
        let hours: Vec<_> = hours.collect();
        let kept = match (hours.last(), hours.first()) {
            (Some(first), Some(last)) if over => self.log.kept_hours(subscription, *first, *last).await?,
            _ => Vec::new(),
        };
        for gap in gaps(hours, kept, &mut tally.hours) {
            if !self.count_gap(subscription, gap, budget, &mut tally.hours).await? {
                tally.incomplete = true;
                break;
            }
        }
        Ok(tally)
    }

    /// Counts hours in a row; answers whether all of them.
    async fn count_gap(
        &self,
        subscription: SubscriptionId,
        gap: Gap,
        budget: &Budget,
        hours: &mut BTreeMap<Timestamp, Counts>,
    ) -> Result<bool, ApiError> {
        let (Some(newest), Some(oldest)) = (gap.hours.first(), gap.hours.last()) else { return Ok(true) };
        let (range, now) = ((oldest.hour, end_of(newest.hour)), clock::now());
        let cursor = gap.cursor.map(|event| Cursor::after(event.to_string()));
        let mut page = PageRequest { limit: PAGE, cursor, order: Order::Descending };
        let mut open = &gap.hours[..];
        loop {
            if budget.is_used_up() {
                return Ok(false);
            }
            let found = self.log.deliveries_to_count(subscription, range, &page, now).await?;
            budget.use_up(found.items.len());
            for delivery in &found.items {
                hours.entry(hour_of(delivery.event.timestamp())).or_default().add(delivery);
            }
            let through: Option<EventId> = found.next.as_ref().and_then(|next| next.sort().parse().ok());
            while let Some((hour, older)) = open.split_first() {
                let whole = through.is_none_or(|event| event.timestamp() < hour.hour);
                let through = through.filter(|_| !whole);
                let counts = hours.get(&hour.hour).filter(|_| hour.may_be_kept(now));
                let worth = |counts: &&Counts| counts.deliveries.total >= WORTH_KEEPING || budget.is_short();
                if let Some(counts) = counts.filter(worth).filter(|_| whole || budget.is_used_up()) {
                    // Somebody else's count, or a change meanwhile, goes before.
                    self.log.keep_hour(subscription, hour, &Counted { counts: counts.clone(), through }).await?;
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
        self.deliveries.load(Ordering::Relaxed) >= MOST_COUNTED / 2 || self.started.elapsed() >= LONGEST / 2
    }

    fn is_used_up(&self) -> bool {
        self.deliveries.load(Ordering::Relaxed) >= MOST_COUNTED || self.started.elapsed() >= LONGEST
    }
}

impl Window {
    /// Its hours, newest first.
    fn hours(self) -> Vec<Timestamp> {
        let count = self.first.until(self.last).as_secs() / HOUR.as_secs() + 1;
        (0..count).map(|n| self.last.before(Duration::from_hours(n))).collect()
    }
}

/// The hours to be counted, in order as they are given, newest first. What is known of the others, and of those counted in
/// part, goes into `known`.
fn gaps(hours: Vec<Timestamp>, kept: Vec<KeptHour>, known: &mut BTreeMap<Timestamp, Counts>) -> Vec<Gap> {
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

fn answer(window: Window, tally: &Tally, request: &Request) -> Answer {
    let mut sum = Counts::default();
    for counts in tally.hours.values() {
        sum.merge(counts);
    }
    let series = request.query_flag("series")?.unwrap_or(false);
    let view = |(hour, counts): (&Timestamp, &Counts)| HourView { hour: *hour, counts: CountsView::from(counts) };
    response::ok(&StatisticsView {
        from: window.first,
        to: window.last.after(HOUR).max(window.first),
        complete: !tally.incomplete,
        counts: CountsView::from(&sum),
        hours: series.then(|| tally.hours.iter().map(view).collect()),
    })
}
