//! The record of an attempt: written before the message is settled, and never over what others
//! wrote.

use shared::core::delivery::attempt::{Attempt, Made};
use shared::core::delivery::retry::Placement;
use shared::core::delivery::{Delivery, Duty, Received, Schedule};
use shared::core::timestamp::Timestamp;
use shared::edges::failure::Failure;
use shared::edges::store::LogStore;
use shared::edges::store::deliveries::Change;

/// Adds the attempt to the row as it stands, with what follows from it. Answers the row as it was
/// written, and how the message waits for the next attempt; `None` if no attempt follows by this
/// message.
pub async fn record(
    log: &LogStore,
    loaded: Delivery,
    made: &Made,
    received: &Received<'_>,
    schedule: Schedule<'_>,
) -> Result<(Delivery, Option<Placement>), Failure> {
    let (mut is_first, mut placement) = (true, None);
    let add = |row: &mut Delivery| {
        // The first time the row stands as the attempt was decided from. Later, somebody wrote it
        // meanwhile. That may be our own write, whose answer was an error or was lost. Otherwise the
        // attempt is added to what stands there, and the schedule goes on from this message only if
        // the row still leaves it to it.
        let first = std::mem::take(&mut is_first);
        let duty = if first { Duty::Attempt } else { row.duty(received) };
        if !first && is_on_record(row, &made.attempt) {
            placement = still(duty, placement);
            return false;
        }
        placement = row.attempted(duty, made, received, schedule);
        true
    };
    let row = write(log, loaded, received.now, add).await?;
    Ok((row, placement))
}

/// Changes the row as it then stands, `row` being how it was loaded, until the change is written or
/// `change` answers that there is none to write. A row that is gone begins anew.
pub async fn write(
    log: &LogStore,
    row: Delivery,
    now: Timestamp,
    mut change: impl FnMut(&mut Delivery) -> bool,
) -> Result<Delivery, Failure> {
    let written = match log.change_delivery(row.clone(), now, &mut change).await? {
        Change::Gone => {
            let anew = Delivery { revision: 0, ..row };
            log.change_delivery(anew, now, &mut change).await?
        }
        written => written,
    };
    match written {
        Change::Changed(row) | Change::AsItWas(row) => Ok(row),
        Change::Gone | Change::Contended => Err(Failure::Contended),
    }
}

/// Whether the attempt is on record: DynamoDB made a write whose answer was an error, or was lost,
/// and the SDK's second one of the same row did not find it as it was.
fn is_on_record(row: &Delivery, made: &Attempt) -> bool {
    let facts = |attempt: &Attempt| {
        (attempt.started_at, attempt.duration_ms, attempt.outcome, attempt.timing)
    };
    row.attempts.iter().any(|kept| facts(kept) == facts(made))
}

/// How the message of an attempt on record waits: as it was written, while the row leaves the
/// delivery to it.
fn still(duty: Duty, written: Option<Placement>) -> Option<Placement> {
    match duty {
        Duty::Attempt => written,
        Duty::Hide(seconds) => Some(Placement::Hide(seconds)),
        Duty::Drop(_) => None,
    }
}

#[cfg(test)]
mod tests;
