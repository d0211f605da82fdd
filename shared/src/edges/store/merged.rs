//! One list that lies in several partitions, read in one order: a few rows of each, and more only
//! of those that hold the page up.

use std::cmp::Ordering;

use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::future::try_join_all;

use super::StoreError;
use super::item::{Attributes, Item};
use super::table::{Query, Table};
use crate::core::id::EventId;
use crate::core::page::{Cursor, Order, Page, PageRequest};
use crate::core::timestamp::Timestamp;

/// Rows that are read beyond a partition's share of a page: events are spread by chance.
const SLACK: usize = 5;
/// Rows of one request to DynamoDB at most; it stops at 1 MB by itself.
const MOST_AT_ONCE: usize = 1_000;

/// Where ids of events start and end that were accepted in `from..=to` and that the cursor has not
/// shown; `None` if there can be none.
pub fn range(
    from: Timestamp,
    to: Timestamp,
    page: &PageRequest,
) -> Option<(AttributeValue, AttributeValue)> {
    let mut first = EventId::first_at(from).to_string();
    let mut last = EventId::new(to, u128::MAX).to_string();
    if let Some(cursor) = &page.cursor {
        let seen = cursor.sort();
        match page.order {
            Order::Ascending => first = first.max(format!("{seen}!")),
            Order::Descending => last = last.min(just_before(seen)),
        }
    }
    (first <= last).then_some((AttributeValue::S(first), AttributeValue::S(last)))
}

/// A text that sorts before `seen` and after every id that does.
fn just_before(seen: &str) -> String {
    let mut text = seen.to_owned();
    if let Some(last) = text.pop() {
        // Ids are made of digits and capitals: the character before one in ASCII, then '~', sorts
        // in between.
        text.push(char::from(u8::try_from(last).unwrap_or(1).saturating_sub(1)));
        text.push('~');
    }
    text
}

/// A partition of the list.
struct Lane<'a> {
    query: Query<'a>,
    /// The last row that was read, kept or not; `None` while nothing was.
    seen: Option<EventId>,
    /// Whether it has more.
    open: bool,
}

/// Rows of a list that is sorted by event, as `read` makes entries of them.
pub struct Merged<'a, T, F> {
    pub table: &'a Table,
    /// The partitions, each in the page's order.
    pub lanes: Vec<Query<'a>>,
    /// Rows that are looked at for one page at most, all partitions together; about, for whole
    /// answers are taken.
    pub most_read: usize,
    /// What an entry is made of a row; `None` for a row that does not belong to the list.
    pub read: F,
    /// The event that an entry is sorted by.
    pub event: fn(&T) -> EventId,
}

impl<T, F: Fn(Item) -> Result<Option<T>, StoreError>> Merged<'_, T, F> {
    /// A page of at most `limit` entries. It may be shorter, even empty, and still have a next one:
    /// where few rows belong to the list, `most_read` of them are looked at.
    pub async fn page(self, limit: usize, order: Order) -> Result<Page<T>, StoreError> {
        let Self { table, lanes, most_read, read, event } = self;
        let before = |a: EventId, b: EventId| match order {
            Order::Ascending => a.cmp(&b),
            Order::Descending => b.cmp(&a),
        };
        let wanted = limit + 1;
        let mut size =
            if lanes.len() == 1 { wanted } else { wanted.div_ceil(lanes.len().max(1)) + SLACK };
        let mut lanes: Vec<_> =
            lanes.into_iter().map(|query| Lane { query, seen: None, open: true }).collect();
        let mut entries: Vec<T> = Vec::new();
        let mut looked_at = 0;
        loop {
            entries.sort_by(|a, b| before(event(a), event(b)));
            // Up to the earliest place that a partition was read to, nothing is missing.
            let edge =
                lanes.iter().filter(|lane| lane.open).map(|lane| lane.seen).min_by(|a, b| {
                    match (a, b) {
                        (Some(a), Some(b)) => before(*a, *b),
                        (a, b) => a.is_some().cmp(&b.is_some()),
                    }
                });
            let whole = match edge {
                None => entries.len(),
                Some(None) => 0,
                Some(Some(edge)) => {
                    entries.partition_point(|entry| before(event(entry), edge) != Ordering::Greater)
                }
            };
            if whole >= wanted || edge.is_none() || looked_at >= most_read {
                let more = whole >= wanted;
                entries.truncate(if more { limit } else { whole });
                let next = if more { entries.last().map(event) } else { edge.flatten() };
                return Ok(Page {
                    items: entries,
                    next: next.map(|id| Cursor::after(id.to_string())),
                });
            }
            let last = entries.get(wanted - 1).map(event);
            let behind = lanes.iter_mut().filter(|lane| {
                let reached = lane
                    .seen
                    .zip(last)
                    .is_some_and(|(seen, last)| before(seen, last) != Ordering::Less);
                lane.open && !reached
            });
            let size_now = i32::try_from(size.min(MOST_AT_ONCE)).unwrap_or(i32::MAX);
            let answers = behind.map(|lane| async {
                lane.query.limit = size_now;
                let answer = table.query_counted(&lane.query).await?;
                lane.advance(answer.next.clone())?;
                Ok::<_, StoreError>(answer)
            });
            for answer in try_join_all(answers).await? {
                looked_at += answer.looked_at;
                for item in answer.items {
                    entries.extend(read(item)?);
                }
            }
            size *= 2;
        }
    }
}

impl Lane<'_> {
    fn advance(&mut self, next: Option<Attributes>) -> Result<(), StoreError> {
        self.open = next.is_some();
        if let Some(next) = next {
            self.seen = Some(Item(next.clone()).parsed("sort")?);
            self.query.start = Some(next);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
