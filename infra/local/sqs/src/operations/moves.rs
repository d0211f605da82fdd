//! `StartMessageMoveTask`, `ListMessageMoveTasks` and `CancelMessageMoveTask`.

use serde::{Deserialize, Serialize};

use super::{Answer, parse, within};
use crate::engine::Engine;
use crate::refusal::{Kind, Refusal};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Start {
    source_arn: String,
    destination_arn: Option<String>,
    max_number_of_messages_per_second: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Started {
    task_handle: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    source_arn: String,
    max_results: Option<i64>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    results: Vec<Task>,
}

/// A task that is done has no handle any more.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Task {
    status: &'static str,
    source_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_arn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_number_of_messages_per_second: Option<i64>,
    approximate_number_of_messages_moved: u64,
    approximate_number_of_messages_to_move: u64,
    started_timestamp: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Cancel {
    #[serde(rename = "TaskHandle")]
    _task_handle: String,
}

/// `StartMessageMoveTask`.
pub(crate) async fn start(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let Start { source_arn, destination_arn, max_number_of_messages_per_second: per_second } =
        parse(body)?;
    within(per_second, "MaxNumberOfMessagesPerSecond", 1, 500)?;
    let task_handle = engine
        .commit(|state, now| {
            state.move_messages(&source_arn, destination_arn.as_deref(), per_second, now)
        })
        .await?;
    Ok(Answer::of(&Started { task_handle }))
}

/// `ListMessageMoveTasks`.
pub(crate) fn list(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let List { source_arn, max_results } = parse(body)?;
    let most = within(max_results, "MaxResults", 1, 10)?.unwrap_or(1);
    let tasks = engine
        .apply(|state, _| state.move_tasks(&source_arn, usize::try_from(most).unwrap_or(1)))
        .0?;
    let results = tasks
        .into_iter()
        .map(|task| Task {
            status: "COMPLETED",
            source_arn: task.source,
            destination_arn: task.destination,
            max_number_of_messages_per_second: task.per_second,
            approximate_number_of_messages_moved: task.moved,
            approximate_number_of_messages_to_move: task.moved,
            started_timestamp: task.started,
        })
        .collect();
    Ok(Answer::of(&Listed { results }))
}

/// `CancelMessageMoveTask`: no task is ever still running.
pub(crate) fn cancel(body: &[u8]) -> Result<Answer, Refusal> {
    let _: Cancel = parse(body)?;
    Err(Refusal::new(Kind::ResourceNotFound, "Only active tasks can be cancelled."))
}
