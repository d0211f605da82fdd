//! What was read a moment ago and need not be read again.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::core::timestamp::Timestamp;

/// Values by key, each good for a fixed time. At most `capacity` of them: a full cache starts over.
#[derive(Debug)]
pub struct Cache<K, V> {
    lifetime: Duration,
    capacity: usize,
    entries: Mutex<HashMap<K, (Timestamp, Arc<V>)>>,
}

impl<K: Eq + Hash, V> Cache<K, V> {
    /// An empty cache.
    #[must_use]
    pub fn new(lifetime: Duration, capacity: usize) -> Self {
        Self { lifetime, capacity, entries: Mutex::new(HashMap::new()) }
    }

    /// The value, unless it is too old.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<Arc<V>> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, value) = entries.get(key)?;
        (now < *until).then(|| Arc::clone(value))
    }

    /// Forgets a value: it is no longer so.
    pub fn remove(&self, key: &K) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// Keeps a value that was read at `now`.
    pub fn put(&self, key: K, value: V, now: Timestamp) -> Arc<V> {
        let value = Arc::new(value);
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= self.capacity {
            entries.clear();
        }
        entries.insert(key, (now.after(self.lifetime), Arc::clone(&value)));
        value
    }
}

#[cfg(test)]
mod tests;
