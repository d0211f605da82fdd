//! `DeleteMessage`, `ChangeMessageVisibility` and their batches.

use serde::{Deserialize, Serialize};

use super::{Answer, batch, parse, within};
use crate::engine::Engine;
use crate::receipt::Receipt;
use crate::refusal::Refusal;
use crate::settings::Millis;

/// A message as its receiver names it: alone with the queue's URL, in a batch with an id. For a
/// deletion without timeout.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Named {
    queue_url: Option<String>,
    #[serde(default)]
    id: String,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

impl Named {
    fn receipt(&self) -> Result<Receipt, Refusal> {
        Receipt::parse(
            self.receipt_handle.as_deref().ok_or_else(|| Refusal::missing("ReceiptHandle"))?,
        )
    }

    fn wish(&self) -> Result<(Receipt, Millis), Refusal> {
        let timeout = within(self.visibility_timeout, "VisibilityTimeout", 0, 43_200)?;
        let timeout = timeout.ok_or_else(|| Refusal::missing("VisibilityTimeout"))?;
        Ok((self.receipt()?, timeout * 1000))
    }

    fn url(&self) -> Result<&str, Refusal> {
        self.queue_url.as_deref().ok_or_else(|| Refusal::missing("QueueUrl"))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Batch {
    queue_url: String,
    #[serde(default)]
    entries: Vec<Named>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Done {
    id: String,
}

/// `DeleteMessage`.
pub(crate) async fn delete(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let named: Named = parse(body)?;
    let (url, receipt) = (named.url()?, named.receipt()?);
    let done = engine.commit(|state, now| state.delete(url, vec![Ok(receipt)], now)).await?;
    single(done)
}

/// `ChangeMessageVisibility`.
pub(crate) async fn hide(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let named: Named = parse(body)?;
    let (url, wish) = (named.url()?, named.wish()?);
    let done = engine.commit(|state, now| state.hide(url, vec![Ok(wish)], now)).await?;
    single(done)
}

/// `DeleteMessageBatch`.
pub(crate) async fn delete_many(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let (url, ids, entries) = read(body, "DeleteMessageBatchRequestEntry")?;
    let receipts = entries.iter().map(Named::receipt).collect();
    let done = engine.commit(|state, now| state.delete(&url, receipts, now)).await?;
    Ok(told(ids, done))
}

/// `ChangeMessageVisibilityBatch`.
pub(crate) async fn hide_many(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let (url, ids, entries) = read(body, "ChangeMessageVisibilityBatchRequestEntry")?;
    let wishes = entries.iter().map(Named::wish).collect();
    let done = engine.commit(|state, now| state.hide(&url, wishes, now)).await?;
    Ok(told(ids, done))
}

fn read(body: &[u8], entry: &str) -> Result<(String, Vec<String>, Vec<Named>), Refusal> {
    let Batch { queue_url, mut entries } = parse(body)?;
    let ids: Vec<String> = entries.iter_mut().map(|named| std::mem::take(&mut named.id)).collect();
    batch::check(&ids, entry)?;
    Ok((queue_url, ids, entries))
}

fn single(done: Vec<Result<(), Refusal>>) -> Result<Answer, Refusal> {
    done.into_iter().collect::<Result<Vec<()>, Refusal>>()?;
    Ok(Answer::empty().carrying(1, 0))
}

fn told(ids: Vec<String>, done: Vec<Result<(), Refusal>>) -> Answer {
    let count = ids.len();
    Answer::of(&batch::Outcome::of(ids, done, |id, ()| Done { id })).carrying(count, 0)
}
