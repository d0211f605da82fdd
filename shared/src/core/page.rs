//! Pages of a list: how many, from where, in which order.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Entries of a page when the caller names no limit.
pub const DEFAULT_LIMIT: u16 = 50;
/// Entries of a page at most.
pub const MAX_LIMIT: u16 = 250;

/// Which end of time a list starts from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Descending,
    /// Oldest first.
    Ascending,
}

/// Where a list goes on: the sort key of the last entry that was seen. Opaque to callers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

/// Text that is not a cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("pass the next_cursor of an earlier page as it was given")]
pub struct InvalidCursor;

impl Cursor {
    /// After the entry with this sort key.
    #[must_use]
    pub const fn after(sort: String) -> Self {
        Self(sort)
    }

    /// The sort key of the last entry seen.
    #[must_use]
    pub fn sort(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(&self.0))
    }
}

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidCursor)?;
        let sort = String::from_utf8(bytes).map_err(|_| InvalidCursor)?;
        if (1..=256).contains(&sort.len()) && sort.chars().all(|c| c.is_ascii_graphic()) {
            Ok(Self(sort))
        } else {
            Err(InvalidCursor)
        }
    }
}

/// What page of a list is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageRequest {
    /// Entries at most, 1–250.
    pub limit: u16,
    /// Where to go on; `None` from the start.
    pub cursor: Option<Cursor>,
    /// From which end.
    pub order: Order,
}

/// One page, and where the next one starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    /// The entries.
    pub items: Vec<T>,
    /// `None` on the last page.
    pub next: Option<Cursor>,
}

impl<T> Page<T> {
    /// Cuts entries gathered in order to the page's limit; `sort` names an entry's sort key. There
    /// is a next page if entries are left over.
    #[must_use]
    pub fn cut(mut items: Vec<T>, limit: u16, sort: impl Fn(&T) -> String) -> Self {
        let more = items.len() > usize::from(limit);
        items.truncate(usize::from(limit));
        let next = if more { items.last().map(|last| Cursor::after(sort(last))) } else { None };
        Self { items, next }
    }

    /// The page with no more than its first `count` entries.
    #[must_use]
    pub fn first(self, count: usize, sort: impl Fn(&T) -> String) -> Self {
        if count >= self.items.len() {
            return self;
        }
        Self::cut(self.items, u16::try_from(count).unwrap_or(u16::MAX), sort)
    }

    /// The same page with each entry turned into something else.
    #[must_use]
    pub fn map<U>(self, turn: impl FnMut(T) -> U) -> Page<U> {
        Page { items: self.items.into_iter().map(turn).collect(), next: self.next }
    }
}

#[cfg(test)]
mod tests;
