//! Why a delivery stands as it does, as its row has it: a word, with what belongs to it.

use serde::{Deserialize, Serialize};

use super::super::super::values::words;
use super::Ending;
use crate::core::body::xml;
use crate::core::delivery::reason as domain;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Paused,
    Failing,
    OnRequest,
    Disabled,
    Deleted,
    NoEvent,
    Unrenderable(Unrenderable),
    Blocked,
    Ended(Ending),
    ScheduleOver,
    ResendFailed,
    Test,
    Erased(Option<Box<Reason>>),
}

words!(Unrenderable(xml::Unrenderable):
    NotJson = "not_json",
    NotText = "not_text",
    TooDeep = "too_deep",
    TooLong = "too_long",
);

impl From<&domain::Reason> for Reason {
    fn from(reason: &domain::Reason) -> Self {
        match reason {
            domain::Reason::Paused => Self::Paused,
            domain::Reason::Failing => Self::Failing,
            domain::Reason::OnRequest => Self::OnRequest,
            domain::Reason::Disabled => Self::Disabled,
            domain::Reason::Deleted => Self::Deleted,
            domain::Reason::NoEvent => Self::NoEvent,
            domain::Reason::Unrenderable(why) => Self::Unrenderable(Unrenderable(*why)),
            domain::Reason::Blocked => Self::Blocked,
            domain::Reason::Ended(ending) => Self::Ended((*ending).into()),
            domain::Reason::ScheduleOver => Self::ScheduleOver,
            domain::Reason::ResendFailed => Self::ResendFailed,
            domain::Reason::Test => Self::Test,
            domain::Reason::Erased(before) => {
                Self::Erased(before.as_deref().map(|before| Box::new(before.into())))
            }
        }
    }
}

impl From<Reason> for domain::Reason {
    fn from(row: Reason) -> Self {
        match row {
            Reason::Paused => Self::Paused,
            Reason::Failing => Self::Failing,
            Reason::OnRequest => Self::OnRequest,
            Reason::Disabled => Self::Disabled,
            Reason::Deleted => Self::Deleted,
            Reason::NoEvent => Self::NoEvent,
            Reason::Unrenderable(Unrenderable(why)) => Self::Unrenderable(why),
            Reason::Blocked => Self::Blocked,
            Reason::Ended(ending) => Self::Ended(ending.into()),
            Reason::ScheduleOver => Self::ScheduleOver,
            Reason::ResendFailed => Self::ResendFailed,
            Reason::Test => Self::Test,
            Reason::Erased(before) => Self::Erased(before.map(|before| Box::new((*before).into()))),
        }
    }
}
