//! What the journal is told: every change of state, in order.

use std::sync::Arc;

use crate::content::Content;
use crate::settings::Millis;

/// One change. Times are milliseconds since the Unix epoch.
#[derive(Debug)]
pub(crate) enum Change {
    /// A queue was made or altered; settings and tags are JSON objects of texts.
    Queue {
        queue: u64,
        name: String,
        created: Millis,
        modified: Millis,
        settings: String,
        tags: String,
    },
    /// A queue is gone, with all its messages.
    NoQueue { queue: u64 },
    /// All messages of a queue are gone.
    Purged { queue: u64 },
    /// A message came; it shows at `visible_at`.
    Sent { sequence: u64, queue: u64, sent_at: Millis, visible_at: Millis, content: Arc<Content> },
    /// A message was received, or its visibility was changed.
    Hidden {
        sequence: u64,
        receives: u32,
        first_received: Millis,
        received_at: Millis,
        visible_at: Millis,
    },
    /// A message went to a dead-letter queue.
    Moved { sequence: u64, queue: u64, source: Arc<str> },
    /// A message is gone.
    Deleted { sequence: u64 },
    /// A FIFO queue remembers a deduplication id.
    Seen { queue: u64, id: String, message_id: String, sequence: u64, at: Millis },
}
