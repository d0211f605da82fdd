//! Small texts of the API: what is taken is written as it was read, and within its bounds.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use libfuzzer_sys::fuzz_target;
use shared::core::event::event_type::{EventTypeName, Pattern};
use shared::core::id::{EventId, ResendId, SubscriptionId, TenantId};
use shared::core::page::Cursor;
use shared::core::event::split::Split;
use shared::core::subscription::status_rule::StatusRule;
use shared::core::timestamp::Timestamp;

fuzz_target!(|text: &str| {
    as_it_was::<EventTypeName>(text, 128);
    as_it_was::<EventId>(text, 30);
    as_it_was::<SubscriptionId>(text, 30);
    as_it_was::<ResendId>(text, 30);
    as_it_was::<TenantId>(text, 64);
    as_it_was::<Split>(text, 512);
    if let Ok(cursor) = text.parse::<Cursor>() {
        assert!((1..=256).contains(&cursor.sort().len()));
        assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
    if let Ok(rule) = text.parse::<StatusRule>() {
        assert_eq!(rule.to_string(), text);
        assert!((0..=999).any(|status| rule.covers(status)));
        assert!((0..200).chain(600..=999).all(|status| !rule.covers(status)));
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        assert_eq!(at.to_string().parse(), Ok(at));
        assert!(at <= Timestamp::MAX);
    }
    if let Ok(pattern) = Pattern::try_from(text.to_owned()) {
        assert_eq!(String::from(pattern.clone()), text);
        let name = text.replace('*', "x").parse::<EventTypeName>();
        assert!(name.is_err() || name.is_ok_and(|name| pattern.matches(&name)));
    }
});

fn as_it_was<T: FromStr + Display>(text: &str, most: usize) {
    if let Ok(read) = text.parse::<T>() {
        assert_eq!(read.to_string(), text);
        assert!(text.len() <= most);
    }
}
