//! What each tenant published within a minute: one row, to which all processes of intake add what they let in.

use std::time::Duration;

use super::delivery_item::number;
use super::item::key;
use super::table::Expression;
use super::{LogStore, StoreError, keys};
use crate::flow::{Telling, Told};
use crate::id::TenantId;

/// How long a row stays; after its minute it says nothing any more.
const KEPT: Duration = Duration::from_hours(1);

impl LogStore {
    /// Adds what a process let in of a tenant, and answers with what all of them did.
    pub async fn tell_flow(&self, tenant: &TenantId, telling: &Telling) -> Result<Told, StoreError> {
        let row = key(keys::flow(tenant), telling.minute.to_string());
        let update = Expression::new("SET expires_at = :expires_at ADD let_in :let_in, tellers :tellers")
            .value(":expires_at", number(telling.minute.after(KEPT).as_unix_seconds()))
            .value(":let_in", number(telling.events))
            .value(":tellers", number(u8::from(telling.is_first)));
        let written = self.table.update_and_read(row, update, None).await?;
        let written = written.ok_or_else(|| StoreError::Corrupt("no row came back".to_owned()))?;
        Ok(Told { events: written.number("let_in")?, processes: written.number("tellers")? })
    }
}
