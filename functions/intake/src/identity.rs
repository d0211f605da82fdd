//! Decides which event an idempotency key stands for. Pure.

use sha2::{Digest, Sha256};
use shared::core::event::split::Split;
use shared::core::id::EventId;
use shared::core::timestamp::Timestamp;
use shared::edges::api::ApiError;
use shared::edges::store::idempotency::{Claim, Origin};

use crate::request::{NewEvent, Published};

/// The event that a place in the request stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// A new one, with the id that was meant for it.
    New(EventId),
    /// The one that its key made before, split as it was then, whatever its type says by now.
    Repeat {
        /// Its id.
        id: EventId,
        /// How it was split.
        split: Option<Split>,
    },
    /// None: its key made another event before.
    Conflict {
        /// The id of that one.
        earlier: EventId,
    },
}

/// An event of the request that is to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Its id; of the event that is split, where it is.
    pub id: EventId,
    /// Its key had made it before.
    pub is_repeat: bool,
}

/// Decides by the claim of an event's key: the event would get this `id`, and has this `origin`.
#[must_use]
pub fn identify(id: EventId, origin: &Origin, claim: Claim) -> Identity {
    match claim {
        Claim::Claimed => Identity::New(id),
        Claim::Taken(id, made) if made.fingerprint == origin.fingerprint => {
            Identity::Repeat { id, split: made.split }
        }
        Claim::Taken(earlier, _) => Identity::Conflict { earlier },
    }
}

/// Applies an identity to its event of the request: a repeat is split again as its first request
/// was. A conflict refuses the whole request.
pub fn settle(
    published: &mut Published,
    position: usize,
    identity: Identity,
) -> Result<Made, ApiError> {
    match identity {
        Identity::New(id) => Ok(Made { id, is_repeat: false }),
        Identity::Repeat { id, split } => {
            let event = &mut published.events[position];
            if event.split != split
                && let Err(error) = event.split(split)
            {
                return Err(ApiError::invalid(published.path(position, "data"), error.to_string()));
            }
            Ok(Made { id, is_repeat: true })
        }
        Identity::Conflict { earlier } => Err(ApiError::Conflict(format!(
            "{}: this key made event {earlier} from another type or other data. Use a new key for a new event.",
            published.path(position, "idempotency_key")
        ))),
    }
}

/// The origin that a key is claimed with.
#[must_use]
pub fn origin(event: &NewEvent) -> Origin {
    let mut hash = Sha256::new();
    hash.update(event.r#type.as_str());
    // No type's name has this byte: no type and data share a hash with another pair.
    hash.update([0]);
    hash.update(event.data.get());
    Origin { fingerprint: hex::encode(hash.finalize()), split: event.split.clone() }
}

/// Ids for events accepted at `now`, one for each of `random`, in the order of the request: all are
/// of one millisecond, so the random parts are sorted.
#[must_use]
pub fn ids(now: Timestamp, random: impl Iterator<Item = u128>) -> Vec<EventId> {
    let mut ids: Vec<_> = random.map(|random| EventId::new(now, random)).collect();
    ids.sort_unstable();
    ids
}

#[cfg(test)]
mod tests;
