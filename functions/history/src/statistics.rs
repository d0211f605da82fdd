//! Statistics as they are asked for: of a subscription, of all of a tenant's together, or of each
//! of a page of them.

use std::collections::BTreeMap;
use std::time::Duration;

use shared::core::id::SubscriptionId;
use shared::core::page::{Order, PageRequest};
use shared::core::statistics::{Counts, hour_of};
use shared::core::subscription::Subscription;
use shared::core::timestamp::Timestamp;
use shared::edges::api::{ApiError, Request, response};
use shared::edges::clock;
use shared::edges::store::{ConfigStore, LogStore};

use crate::Answer;
use crate::counting::{Tally, Window, count_all};
use crate::owner::Owner;
use crate::views::{CountsView, EachView, HourView, StatisticsView, TenantStatisticsView};

/// The window where none is asked for.
const DEFAULT_WINDOW: Duration = Duration::from_hours(24);
/// Subscriptions that are read at once.
const SUBSCRIPTIONS: u16 = 100;
/// Hours of all subscriptions of a page: the answer is within the 6 MB that Lambda takes.
const MOST_HOURS: usize = 5_000;
/// What chooses a page of subscriptions.
const OF_A_PAGE: [&str; 3] = ["limit", "cursor", "order"];

/// What was counted of a window, and of each of its hours where that is wanted.
struct Sum {
    window: Window,
    counts: Counts,
    hours: Option<BTreeMap<Timestamp, Counts>>,
    incomplete: bool,
}

/// `GET …/subscriptions/{id}/stats?from&to&series`.
pub async fn of_subscription(
    log: &LogStore,
    owner: &Owner,
    subscription: &Subscription,
    request: &Request,
) -> Answer {
    let mut sum = Sum::asked(owner, request, clock::now())?;
    count_all(log, &[subscription.id], sum.window, |_, tally| sum.add(&tally)).await?;
    response::ok(&sum.view())
}

/// `GET /v1/tenants/{t}/stats?from&to&series`: the sum of its subscriptions. With
/// `by_subscription`, `limit`, `cursor` and `order` as well: of a page of them, and of each.
pub async fn of_tenant(
    config: &ConfigStore,
    log: &LogStore,
    owner: &Owner,
    request: &Request,
) -> Answer {
    let mut sum = Sum::asked(owner, request, clock::now())?;
    if request.query_flag("by_subscription")?.unwrap_or(false) {
        return of_each(config, log, owner, sum, &request.page()?).await;
    }
    if let Some(name) = OF_A_PAGE.into_iter().find(|name| request.query(name).is_some()) {
        return Err(ApiError::invalid(
            name,
            "only with by_subscription=true is there a page of subscriptions",
        ));
    }
    let mut ids = Vec::new();
    let mut page = PageRequest { limit: SUBSCRIPTIONS, cursor: None, order: Order::Ascending };
    loop {
        let subscriptions = config.subscriptions(owner.id(), &page).await?;
        ids.extend(subscriptions.items.iter().map(|subscription| subscription.id));
        page.cursor = subscriptions.next;
        if page.cursor.is_none() {
            break;
        }
    }
    count_all(log, &ids, sum.window, |_, tally| sum.add(&tally)).await?;
    response::ok(&TenantStatisticsView { sum: sum.view(), each: None })
}

/// The statistics of the subscriptions that the list of them has on this page, and of no others.
async fn of_each(
    config: &ConfigStore,
    log: &LogStore,
    owner: &Owner,
    mut sum: Sum,
    page: &PageRequest,
) -> Answer {
    if sum.hours.is_some() && sum.window.hours().len() * usize::from(page.limit) > MOST_HOURS {
        let wanted = format!(
            "with series=true, limit times the hours of the window is {MOST_HOURS} at most"
        );
        return Err(ApiError::invalid("limit", wanted));
    }
    let found = config.subscriptions(owner.id(), page).await?;
    let ids: Vec<_> = found.items.iter().map(|subscription| subscription.id).collect();
    let mut each: BTreeMap<SubscriptionId, Sum> =
        ids.iter().map(|id| (*id, sum.as_empty())).collect();
    count_all(log, &ids, sum.window, |id, tally| {
        sum.add(&tally);
        each.entry(id).and_modify(|one| one.add(&tally));
    })
    .await?;
    let each = EachView {
        subscriptions: each.iter().map(|(id, one)| (*id, one.view())).collect(),
        next_cursor: found.next.map(|cursor| cursor.to_string()),
    };
    response::ok(&TenantStatisticsView { sum: sum.view(), each: Some(each) })
}

impl Sum {
    /// Nothing yet, of the window that a request asks for.
    fn asked(owner: &Owner, request: &Request, now: Timestamp) -> Result<Self, ApiError> {
        let to = request.query_as("to")?.unwrap_or(now);
        let from = request.query_as("from")?.unwrap_or_else(|| to.before(DEFAULT_WINDOW));
        if from >= to {
            return Err(ApiError::invalid("from", "from must be earlier than to"));
        }
        let last = hour_of(to.min(now).before(Duration::from_millis(1)));
        let window = Window { first: hour_of(from.max(owner.since)), last };
        Ok(Self::of(window, request.query_flag("series")?.unwrap_or(false)))
    }

    fn of(window: Window, series: bool) -> Self {
        Self {
            window,
            counts: Counts::default(),
            hours: series.then(BTreeMap::new),
            incomplete: false,
        }
    }

    /// Nothing of the same window.
    fn as_empty(&self) -> Self {
        Self::of(self.window, self.hours.is_some())
    }

    fn add(&mut self, tally: &Tally) {
        self.incomplete |= tally.incomplete;
        for (hour, counts) in &tally.hours {
            self.counts.merge(counts);
            if let Some(hours) = &mut self.hours {
                hours.entry(*hour).or_default().merge(counts);
            }
        }
    }

    fn view(&self) -> StatisticsView {
        let view = |(hour, counts): (&Timestamp, &Counts)| HourView {
            hour: *hour,
            counts: CountsView::from(counts),
        };
        StatisticsView {
            from: self.window.first,
            to: self.window.end(),
            complete: !self.incomplete,
            counts: CountsView::from(&self.counts),
            hours: self.hours.as_ref().map(|hours| hours.iter().map(view).collect()),
        }
    }
}

#[cfg(test)]
mod tests;
