//! The events that a tenant published within a minute. The row is written by updates alone.

use serde::Deserialize;

use crate::edges::store::StoreError;
use crate::edges::store::stored::Shared;
use crate::edges::version::Version;

#[derive(Deserialize)]
pub struct Flow {
    #[serde(rename = "v")]
    _v: Version<1>,
    let_in: u64,
    tellers: u64,
}

impl TryFrom<Flow> for Shared {
    type Error = StoreError;

    fn try_from(row: Flow) -> Result<Self, StoreError> {
        Ok(Self { events: row.let_in, processes: row.tellers })
    }
}
