//! The actions on queues themselves.

use serde::{Deserialize, Serialize};

use super::{Answer, parse, within};
use crate::engine::Engine;
use crate::refusal::{Kind, Refusal};
use crate::settings::Texts;
use crate::state::name_in;

/// Most queues of one list (`ListQueues`).
const MOST_LISTED: u64 = 1000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Create {
    queue_name: String,
    #[serde(default)]
    attributes: Texts,
    // The API's one member in lower case; some clients write it like the others.
    #[serde(default, rename = "tags", alias = "Tags")]
    tags: Texts,
}

/// A request that names a queue, with what the various actions add to it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    queue_url: String,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    attributes: Texts,
    #[serde(default)]
    tags: Texts,
    #[serde(default)]
    tag_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ByName {
    queue_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    #[serde(default)]
    queue_name_prefix: String,
    #[serde(default)]
    next_token: String,
    max_results: Option<i64>,
    /// For `ListDeadLetterSourceQueues`.
    queue_url: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Url {
    queue_url: String,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Attributes {
    attributes: Texts,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Tags {
    tags: Texts,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    queue_urls: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

/// The list of source queues is the API's one answer in lower case.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Sources {
    queue_urls: Vec<String>,
}

/// `CreateQueue`.
pub(crate) async fn create(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let Create { queue_name, attributes, tags } = parse(body)?;
    engine.commit(|state, now| state.create(&queue_name, &attributes, tags, now)).await?;
    Ok(Answer::of(&Url { queue_url: engine.queue_url(&queue_name) }))
}

/// `DeleteQueue`.
pub(crate) async fn delete(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    engine.commit(|state, _| state.remove(&request.queue_url)).await?;
    Ok(Answer::empty())
}

/// `GetQueueUrl`.
pub(crate) fn url(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let ByName { queue_name } = parse(body)?;
    engine.apply(|state, _| state.find(&queue_name).map(|_| ())).0.ok_or_else(Refusal::no_queue)?;
    Ok(Answer::of(&Url { queue_url: engine.queue_url(&queue_name) }))
}

/// `ListQueues`. A page's token is the name of its last queue.
pub(crate) fn list(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: List = parse(body)?;
    let most = within(request.max_results, "MaxResults", 1, MOST_LISTED)?.unwrap_or(MOST_LISTED);
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let read = |state: &mut crate::state::State, _| {
        state
            .names(&request.queue_name_prefix, &request.next_token)
            .take(most + 1)
            .cloned()
            .collect::<Vec<String>>()
    };
    let mut names = engine.apply(read).0;
    let has_more = names.len() > most;
    names.truncate(most);
    // AWS gives a token only to those who ask for pages.
    let next_token = names.last().filter(|_| has_more && request.max_results.is_some()).cloned();
    let queue_urls = names.iter().map(|name| engine.queue_url(name)).collect();
    Ok(Answer::of(&Listed { queue_urls, next_token }))
}

/// `ListDeadLetterSourceQueues`, in one page.
pub(crate) fn sources(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: List = parse(body)?;
    let url = request.queue_url.ok_or_else(|| Refusal::missing("QueueUrl"))?;
    let read = |state: &mut crate::state::State, _| {
        state.queue(&url)?;
        Ok(state.sources_of(name_in(&url)))
    };
    let names = engine.apply(read).0?;
    Ok(Answer::of(&Sources {
        queue_urls: names.iter().map(|name| engine.queue_url(name)).collect(),
    }))
}

/// `GetQueueAttributes`.
pub(crate) fn attributes(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    let mut attributes = engine.apply(|state, now| state.attributes(&request.queue_url, now)).0?;
    let names = &request.attribute_names;
    if let Some(unknown) = names.iter().find(|name| !is_known(name)) {
        return Err(Refusal::new(
            Kind::InvalidAttributeName,
            format!("Unknown Attribute {unknown}."),
        ));
    }
    if !names.iter().any(|name| name == "All") {
        attributes.retain(|name, _| names.contains(name));
    }
    Ok(Answer::of(&Attributes { attributes }))
}

/// The attribute names of the API (`QueueAttributeName`).
fn is_known(name: &str) -> bool {
    const NAMES: [&str; 22] = [
        "All",
        "Policy",
        "VisibilityTimeout",
        "MaximumMessageSize",
        "MessageRetentionPeriod",
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "CreatedTimestamp",
        "LastModifiedTimestamp",
        "QueueArn",
        "ApproximateNumberOfMessagesDelayed",
        "DelaySeconds",
        "ReceiveMessageWaitTimeSeconds",
        "RedrivePolicy",
        "FifoQueue",
        "ContentBasedDeduplication",
        "KmsMasterKeyId",
        "KmsDataKeyReusePeriodSeconds",
        "DeduplicationScope",
        "FifoThroughputLimit",
        "RedriveAllowPolicy",
        "SqsManagedSseEnabled",
    ];
    NAMES.contains(&name)
}

/// `SetQueueAttributes`.
pub(crate) async fn set_attributes(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    engine
        .commit(|state, now| state.set_attributes(&request.queue_url, &request.attributes, now))
        .await?;
    Ok(Answer::empty())
}

/// `PurgeQueue`.
pub(crate) async fn purge(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    engine.commit(|state, _| state.purge(&request.queue_url)).await?;
    Ok(Answer::empty())
}

/// `TagQueue`.
pub(crate) async fn tag(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    engine
        .commit(|state, _| state.retag(&request.queue_url, |tags| tags.extend(request.tags)))
        .await?;
    Ok(Answer::empty())
}

/// `UntagQueue`.
pub(crate) async fn untag(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    let keys = request.tag_keys;
    engine
        .commit(|state, _| {
            state.retag(&request.queue_url, |tags| {
                tags.retain(|key, _| !keys.contains(key));
            })
        })
        .await?;
    Ok(Answer::empty())
}

/// `ListQueueTags`.
pub(crate) fn tags(engine: &Engine, body: &[u8]) -> Result<Answer, Refusal> {
    let request: Request = parse(body)?;
    let tags = engine
        .apply(|state, _| state.queue(&request.queue_url).map(|queue| queue.tags.clone()))
        .0?;
    Ok(Answer::of(&Tags { tags }))
}
