//! A bulk resend: a running one in the config table, one that has ended in the log.

use serde::{Deserialize, Serialize};

use super::super::values::{At, Json, Seconds, words};
use crate::core::bulk_resend::{self, BulkResend};
use crate::core::event::event_type::Filter;
use crate::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use crate::core::timestamp::Timestamp;
use crate::edges::store::{StoreError, keys};
use crate::edges::version::Version;

#[derive(Serialize, Deserialize)]
pub struct Resend {
    v: Version<1>,
    partition: String,
    sort: String,
    id: ResendId,
    tenant: TenantId,
    subscription: SubscriptionId,
    asked_from: Option<At>,
    asked_to: Option<At>,
    which: Which,
    types: Option<Json<Filter>>,
    to: At,
    state: State,
    reason: Option<String>,
    found: u64,
    sent: u64,
    delivered: u64,
    failed: u64,
    position: Option<EventId>,
    looked_through: bool,
    planned: Json<Vec<EventId>>,
    under_way: Json<Vec<EventId>>,
    planned_at: At,
    claimed_at: At,
    created_at: At,
    updated_at: At,
    finished_at: Option<At>,
    revision: u64,
    /// Only of one that has ended.
    expires_at: Option<Seconds>,
}

words!(Which(bulk_resend::Which):
    Failed = "failed",
    Missing = "missing",
    All = "all",
);

words!(State(bulk_resend::State):
    Running = "running",
    Done = "done",
    Cancelled = "cancelled",
);

impl Resend {
    /// The next write of the running bulk resend of its subscription.
    pub fn running(resend: &BulkResend) -> Self {
        let BulkResend {
            id,
            tenant,
            subscription,
            request: bulk_resend::Request { from: asked_from, to: asked_to, which, types },
            to,
            state,
            reason,
            found,
            sent,
            delivered,
            failed,
            position,
            looked_through,
            planned,
            under_way,
            planned_at,
            claimed_at,
            created_at,
            updated_at,
            finished_at,
            revision,
        } = resend;
        Self {
            v: Version,
            partition: keys::RESENDS.to_owned(),
            sort: subscription.to_string(),
            id: *id,
            tenant: tenant.clone(),
            subscription: *subscription,
            asked_from: asked_from.map(At::from),
            asked_to: asked_to.map(At::from),
            which: Which(*which),
            types: types.clone().map(Json),
            to: (*to).into(),
            state: State(*state),
            reason: reason.clone(),
            found: *found,
            sent: *sent,
            delivered: *delivered,
            failed: *failed,
            position: *position,
            looked_through: *looked_through,
            planned: Json(planned.clone()),
            under_way: Json(under_way.clone()),
            planned_at: (*planned_at).into(),
            claimed_at: (*claimed_at).into(),
            created_at: (*created_at).into(),
            updated_at: (*updated_at).into(),
            finished_at: finished_at.map(At::from),
            revision: revision + 1,
            expires_at: None,
        }
    }

    /// One that has ended.
    pub fn ended(resend: &BulkResend, expires_at: Timestamp) -> Self {
        Self {
            partition: keys::resends(resend.subscription),
            sort: resend.id.to_string(),
            expires_at: Some(expires_at.into()),
            ..Self::running(resend)
        }
    }
}

impl TryFrom<Resend> for BulkResend {
    type Error = StoreError;

    fn try_from(row: Resend) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.id,
            tenant: row.tenant,
            subscription: row.subscription,
            request: bulk_resend::Request {
                from: row.asked_from.map(Timestamp::from),
                to: row.asked_to.map(Timestamp::from),
                which: row.which.0,
                types: row.types.map(|types| types.0),
            },
            to: row.to.into(),
            state: row.state.0,
            reason: row.reason,
            found: row.found,
            sent: row.sent,
            delivered: row.delivered,
            failed: row.failed,
            position: row.position,
            looked_through: row.looked_through,
            planned: row.planned.0,
            under_way: row.under_way.0,
            planned_at: row.planned_at.into(),
            claimed_at: row.claimed_at.into(),
            created_at: row.created_at.into(),
            updated_at: row.updated_at.into(),
            finished_at: row.finished_at.map(Timestamp::from),
            revision: row.revision,
        })
    }
}
