//! Recorded rows of version 1, as DynamoDB's own JSON. A release that cannot read and write them as
//! they stand here needs another version.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Debug;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::core::access::api_key::ApiKey;
use crate::core::access::capability::Scope;
use crate::core::body::xml::Unrenderable;
use crate::core::bulk_resend::{self, BulkResend, Request, State, Which};
use crate::core::delivery::attempt::{
    Attempt, Ending, ErrorClass, Millis, Outcome, Phase, Timing, Trigger,
};
use crate::core::delivery::next::Next;
use crate::core::delivery::reason::Reason;
use crate::core::delivery::{self, Delivery};
use crate::core::endpoint::Endpoint;
use crate::core::erasure::{Erasure, Place, What};
use crate::core::event::Event;
use crate::core::event::event_type::{EventType, EventTypeName};
use crate::core::event::payload::Payload;
use crate::core::id::{EventId, KeyId, ResendId, SubscriptionId, TenantId};
use crate::core::sealing::Sealed;
use crate::core::statistics::{self, Counts};
use crate::core::subscription::breaker::Breaker;
use crate::core::subscription::pace::Pace;
use crate::core::subscription::profile;
use crate::core::subscription::release::Release;
use crate::core::subscription::{self, Health, Secrets, Subscription};
use crate::core::tenant::Tenant;
use crate::core::timestamp::Timestamp;
use crate::core::trace_context::TraceContext;
use crate::edges::store::item::{Attributes, Item};
use crate::edges::store::rows::{self, Row};
use crate::edges::store::stored::EventRow;
use crate::edges::store::stored::Revision;
use crate::edges::store::stored::Shared;
use crate::edges::store::stored::StoredPace;
use crate::edges::store::stored::{Counted, KeptHour};
use crate::edges::store::stored::{Made, Origin};
use crate::edges::store::stored::{Owner, StoredKey};

const AT: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const LATER: Timestamp = Timestamp::from_millis(1_700_000_060_500);
const END: Timestamp = Timestamp::from_millis(1_702_592_000_000);

fn shop() -> TenantId {
    "shop-1".parse().unwrap()
}

fn name() -> EventTypeName {
    "order.created".parse().unwrap()
}

fn event() -> EventId {
    EventId::new(AT, 0x141)
}

fn sub() -> SubscriptionId {
    SubscriptionId::new(AT, 0x161)
}

/// As DynamoDB's JSON has it.
fn shown(item: &Attributes) -> Value {
    let value = |value: &AttributeValue| match value {
        AttributeValue::S(text) => json!({ "S": text }),
        AttributeValue::N(number) => json!({ "N": number }),
        AttributeValue::Bool(flag) => json!({ "BOOL": flag }),
        AttributeValue::B(bytes) => json!({ "B": BASE64.encode(bytes) }),
        other => panic!("rows have no {other:?}"),
    };
    item.iter().map(|(name, held)| (name.clone(), value(held))).collect()
}

fn item(recorded: &str) -> Item {
    let recorded: BTreeMap<String, HashMap<String, Value>> =
        serde_json::from_str(recorded).expect("a recorded row");
    let value = |(name, held): (String, HashMap<String, Value>)| {
        let (kind, held) = held.into_iter().next().expect("a value");
        let text = held.as_str().unwrap_or_default().to_owned();
        let value = match kind.as_str() {
            "S" => AttributeValue::S(text),
            "N" => AttributeValue::N(text),
            "BOOL" => AttributeValue::Bool(held == true),
            "B" => AttributeValue::B(Blob::new(BASE64.decode(text).expect("base64"))),
            other => panic!("rows have no {other}"),
        };
        (name, value)
    };
    Item(recorded.into_iter().map(value).collect())
}

fn is_written(recorded: &str, row: &impl Serialize) {
    let recorded: Value = serde_json::from_str(recorded).expect("a recorded row");
    let written = shown(&rows::write(row).expect("it is written"));
    assert_eq!(written, recorded, "written: {written:#}");
}

/// (What holds JSON text has no equality; its `Debug` shows all of it.)
fn is_read<T: Row + Debug>(recorded: &str, expected: &T) {
    let read: T = rows::read(item(recorded)).expect("it is read");
    assert_eq!(format!("{read:?}"), format!("{expected:?}"));
}

fn attempt(number: u32) -> Attempt {
    Attempt {
        number,
        trigger: Trigger::Event,
        started_at: LATER,
        duration_ms: 43,
        outcome: Outcome::Succeeded,
        status: Some(200),
        error_class: None,
        timeout_phase: None,
        error: None,
        response_excerpt: Some("ok".to_owned()),
        timing: Timing { first_byte_ms: Some(Millis::from(41.5)), ..Timing::default() },
        request_headers: Some([("user-agent".to_owned(), "Postrider".to_owned())].into()),
        response_headers: Some([("server".to_owned(), "nginx".to_owned())].into()),
    }
}

/// Every kind of failure, each in an attempt of its own.
fn failures() -> Vec<Attempt> {
    let triggers = [Trigger::Event, Trigger::Resend, Trigger::Test, Trigger::Probe];
    let phases = [Phase::Dns, Phase::Connect, Phase::Tls, Phase::FirstByte];
    let failure = |(position, class): (usize, ErrorClass)| Attempt {
        trigger: triggers[position % triggers.len()],
        outcome: Outcome::ALL[position % Outcome::ALL.len()],
        status: None,
        error_class: Some(class),
        timeout_phase: phases.get(position).copied(),
        error: Some("no".to_owned()),
        response_excerpt: None,
        timing: if position == 0 {
            let part = Some(Millis::from(1.0));
            Timing { dns_ms: part, connect_ms: part, tls_ms: part, first_byte_ms: part }
        } else {
            Timing::default()
        },
        request_headers: None,
        response_headers: None,
        ..attempt(u32::try_from(position).unwrap() + 1)
    };
    ErrorClass::ALL.into_iter().enumerate().map(failure).collect()
}

#[test]
fn deliveries() {
    let mut done = Delivery::new(shop(), sub(), event(), name(), AT);
    done.note(attempt(0));
    let read = Delivery { revision: 1, expires_at: Some(END), ..done.clone() };
    let recorded = include_str!("recorded/delivery.json");
    is_written(recorded, &super::delivery::Delivery::new(&done, END.as_unix_seconds()));
    is_read(recorded, &read);

    let whole = Delivery {
        status: delivery::Status::Pending,
        reason: Some(Reason::Erased(Some(Box::new(Reason::Ended(Ending::Disabled(410)))))),
        attempts: failures(),
        attempt_count: 9,
        scheduled_attempts: 7,
        next: Next::Carried { by: "message".to_owned(), at: Some(LATER) },
        slot_at: Some(LATER),
        resend: Some(ResendId::new(AT, 0x181)),
        resend_slot_at: Some(LATER),
        ending: Some(Ending::Disabled(410)),
        revision: 8,
        ..Delivery::new(shop(), sub(), event(), name(), AT)
    };
    let read = Delivery { revision: 9, expires_at: Some(END), ..whole.clone() };
    let recorded = include_str!("recorded/delivery_whole.json");
    is_written(recorded, &super::delivery::Delivery::new(&whole, END.as_unix_seconds()));
    is_read(recorded, &read);
}

#[test]
fn where_the_next_attempt_comes_from() {
    let new = || Delivery::new(shop(), sub(), event(), name(), AT);
    let parked = Delivery { next: Next::Parked { at: LATER }, ..new() };
    let recorded = include_str!("recorded/delivery_parked.json");
    is_written(recorded, &super::delivery::Delivery::new(&parked, END.as_unix_seconds()));
    is_read(recorded, &Delivery { revision: 1, expires_at: Some(END), ..parked });

    let held = Delivery { status: delivery::Status::Held, next: Next::InLine, ..new() };
    let recorded = include_str!("recorded/delivery_held.json");
    is_written(recorded, &super::delivery::Delivery::new(&held, END.as_unix_seconds()));
    is_read(recorded, &Delivery { revision: 1, expires_at: Some(END), ..held });
}

#[test]
fn reasons_of_deliveries() {
    let reasons = [
        (Reason::Paused, r#""paused""#),
        (Reason::Failing, r#""failing""#),
        (Reason::OnRequest, r#""on_request""#),
        (Reason::Disabled, r#""disabled""#),
        (Reason::Deleted, r#""deleted""#),
        (Reason::NoEvent, r#""no_event""#),
        (Reason::Unrenderable(Unrenderable::NotJson), r#"{"unrenderable":"not_json"}"#),
        (Reason::Unrenderable(Unrenderable::NotText), r#"{"unrenderable":"not_text"}"#),
        (Reason::Unrenderable(Unrenderable::TooDeep), r#"{"unrenderable":"too_deep"}"#),
        (Reason::Unrenderable(Unrenderable::TooLong), r#"{"unrenderable":"too_long"}"#),
        (Reason::Blocked, r#""blocked""#),
        (Reason::Ended(Ending::Unsubscribed), r#"{"ended":"unsubscribed"}"#),
        (Reason::ScheduleOver, r#""schedule_over""#),
        (Reason::ResendFailed, r#""resend_failed""#),
        (Reason::Test, r#""test""#),
        (Reason::Erased(None), r#"{"erased":null}"#),
    ];
    for (reason, word) in reasons {
        let new = Delivery::new(shop(), sub(), event(), name(), AT);
        let delivery = Delivery { reason: Some(reason), ..new };
        let written = rows::write(&super::delivery::Delivery::new(&delivery, 0)).unwrap();
        assert_eq!(shown(&written)["reason"]["S"], word);
        let read: Delivery = rows::read(Item(written)).unwrap();
        assert_eq!(read.reason, delivery.reason);
    }
}

#[test]
fn statuses_and_endings_of_deliveries() {
    let row = |status, ending| {
        let new = Delivery::new(shop(), sub(), event(), name(), AT);
        super::delivery::Delivery::new(&Delivery { status, ending, ..new }, 0)
    };
    let words = delivery::Status::ALL.map(|status| {
        shown(&rows::write(&row(status, Some(Ending::Unsubscribed))).unwrap())["status"]["S"]
            .clone()
    });
    assert_eq!(words, ["pending", "delivered", "exhausted", "cancelled", "held"]);
    let written =
        shown(&rows::write(&row(delivery::Status::Held, Some(Ending::Unsubscribed))).unwrap());
    assert_eq!(written["ending"]["S"], r#""unsubscribed""#);
    assert_eq!(written["unsettled_of"]["S"], sub().to_string());
}

fn stored_event() -> Event {
    let json = RawValue::from_string(r#"{"total":42.50}"#.to_owned()).unwrap();
    Event {
        id: event(),
        event_type: name(),
        payload: Some(Payload::Json(json)),
        parent: None,
        trace: None,
        matched: 1,
        subscriptions: Some(vec![sub()]),
        expires_at: Some(END),
    }
}

#[test]
fn events() {
    let whole = Event {
        payload: Some(Payload::Log { chunks: 3, zstd: true }),
        parent: Some(EventId::new(AT, 0x140)),
        trace: TraceContext::parse(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            Some("a=1"),
        ),
        matched: 1_000,
        subscriptions: None,
        ..stored_event()
    };
    let packed = Payload::Zstd(vec![0x28, 0xb5, 0x2f, 0xfd, 0]);
    let packed = Event { payload: Some(packed), ..stored_event() };
    let erased = Event { payload: None, ..stored_event() };
    for (recorded, event, is_chunked) in [
        (include_str!("recorded/event.json"), stored_event(), false),
        (include_str!("recorded/event_whole.json"), whole, true),
        (include_str!("recorded/event_zstd.json"), packed, false),
        (include_str!("recorded/event_erased.json"), erased, false),
    ] {
        is_written(recorded, &super::event::Event::new(&shop(), &event, END.as_unix_seconds()));
        let erased = event.payload.is_none();
        is_read(recorded, &EventRow { id: event.id, erased, chunked: is_chunked });
        is_read(recorded, &event);
    }
    let chunk = super::chunk::Chunk::new(event(), 2, b"chunk", END.as_unix_seconds());
    is_written(include_str!("recorded/chunk.json"), &chunk);
}

#[test]
fn subscriptions() {
    let plain = Subscription {
        tenant: shop(),
        id: sub(),
        version: 0,
        endpoint: Endpoint::from_stored("https://example.com/in".to_owned()).unwrap(),
        filter: serde_json::from_str(r#"["*"]"#).unwrap(),
        status: subscription::Status::Active,
        status_reason: None,
        ordered: false,
        description: String::new(),
        profile: "standard".to_owned(),
        overrides: serde_json::from_str("{}").unwrap(),
        headers: None,
        header_names: Vec::new(),
        secrets: Secrets { current: Sealed::from_stored("sealed".to_owned()), previous: None },
        health: Health::default(),
        created_at: AT,
        updated_at: AT,
    };
    let failing = Health {
        failed_attempts: 20,
        failed_ms: 60_000,
        failing_since: Some(AT),
        has_open_breaker: true,
    };
    let whole = Subscription {
        version: 6,
        filter: serde_json::from_str(r#"["order.created","cart.*"]"#).unwrap(),
        status: subscription::Status::Paused,
        status_reason: Some("why".to_owned()),
        ordered: true,
        description: "The shop's".to_owned(),
        overrides: serde_json::from_str(
            r#"{"signature":{"kind":"token","header":"x-token"},"success_status":["2xx",404]}"#,
        )
        .unwrap(),
        headers: Some(Sealed::from_stored("sealed headers".to_owned())),
        header_names: vec!["x-key".to_owned()],
        secrets: Secrets {
            current: Sealed::from_stored("sealed".to_owned()),
            previous: Some((Sealed::from_stored("sealed before".to_owned()), LATER)),
        },
        health: failing,
        updated_at: LATER,
        ..plain.clone()
    };
    // What was given is still a policy's.
    assert!(whole.overrides.over(profile::find("standard").unwrap()).is_ok());
    let disabled = Subscription { status: subscription::Status::Disabled, ..plain.clone() };
    for (recorded, subscription) in [
        (include_str!("recorded/subscription.json"), plain),
        (include_str!("recorded/subscription_whole.json"), whole),
        (include_str!("recorded/subscription_disabled.json"), disabled),
    ] {
        let health = subscription.health;
        is_written(recorded, &super::subscription::Subscription::new(&subscription, health));
        let version = subscription.version + 1;
        is_read(recorded, &Subscription { version, ..subscription });
    }
    let deleted = super::deleted::Deleted::new(&shop(), sub(), END);
    is_written(include_str!("recorded/deleted.json"), &deleted);
}

#[test]
fn tenants_and_what_fan_out_knows_of_them() {
    let plain = Tenant {
        id: shop(),
        name: "Shop 1".to_owned(),
        default_profile: "standard".to_owned(),
        retention_days: None,
        events_per_minute: None,
        ordered: false,
        created_at: AT,
        updated_at: LATER,
        portal_links_from: AT,
    };
    is_read(include_str!("recorded/tenant.json"), &plain);
    let whole = Tenant {
        retention_days: Some(30),
        events_per_minute: Some(1_000),
        ordered: true,
        portal_links_from: LATER,
        ..plain
    };
    is_read(include_str!("recorded/tenant_whole.json"), &whole);
    let revision = Revision {
        changes: 7,
        retention_days: Some(30),
        payloads_erased_until: Some(AT),
        erased_until: Some(LATER),
    };
    is_read(include_str!("recorded/revision.json"), &revision);
}

#[test]
fn api_keys() {
    let hash = || ApiKey::from_bearer("pr_recorded").hash();
    for (scope, listed, by_hash) in [
        (Scope::Full, include_str!("recorded/key.json"), include_str!("recorded/key_by_hash.json")),
        (
            Scope::ReadOnly,
            include_str!("recorded/key_read_only.json"),
            include_str!("recorded/key_by_hash_read_only.json"),
        ),
        (
            Scope::PublishOnly,
            include_str!("recorded/key_publish_only.json"),
            include_str!("recorded/key_by_hash_publish_only.json"),
        ),
    ] {
        let key = StoredKey::new(KeyId::new(AT, 0x1a1), "Checkout".to_owned(), scope, AT, hash());
        is_written(listed, &super::api_key::Listed::new(&shop(), &key));
        is_read(listed, &key);
        is_written(by_hash, &super::api_key::ByHash::new(&shop(), &key));
        is_read(by_hash, &Owner { tenant: shop(), scope });
    }
}

#[test]
fn event_types() {
    let json = |text: &str| RawValue::from_string(text.to_owned()).ok();
    let event_type = EventType {
        name: name(),
        description: "An order was placed".to_owned(),
        example: json(r#"{ "total": 42.50 }"#),
        schema: json(r#"{"type":"object"}"#),
        enforce_schema: true,
        split: "/items".parse().ok(),
        retired: false,
        created_at: AT,
        updated_at: LATER,
    };
    let recorded = include_str!("recorded/event_type.json");
    is_written(recorded, &super::event_type::EventType::from(&event_type));
    is_read(recorded, &event_type);
}

#[test]
fn breakers_and_releases() {
    let breaker = Breaker {
        tenant: shop(),
        subscription: sub(),
        opened_at: AT,
        probes: 3,
        next_probe_at: LATER,
    };
    let recorded = include_str!("recorded/breaker.json");
    is_written(recorded, &super::breaker::Breaker::from(&breaker));
    is_read(recorded, &breaker);

    let release = Release {
        room: 4,
        under_way: vec![event()],
        moved_at: LATER,
        after: Some(event()),
        found: true,
        look_at: LATER,
        revision: 2,
        ..Release::new(shop(), sub(), AT)
    };
    let recorded = include_str!("recorded/release.json");
    is_written(recorded, &super::release::Release::from(&release));
    is_read(recorded, &Release { revision: 3, ..release });
}

#[test]
fn bulk_resends() {
    let id = ResendId::new(AT, 0x181);
    let running = BulkResend::new(id, (shop(), sub()), Request::default(), AT);
    let recorded = include_str!("recorded/resend.json");
    is_written(recorded, &super::resend::Resend::running(&running));
    is_read(recorded, &BulkResend { revision: 1, ..running.clone() });

    let request = bulk_resend::Request {
        from: Some(AT),
        to: Some(LATER),
        which: Which::Missing,
        types: serde_json::from_str(r#"["order.*"]"#).unwrap(),
    };
    let done = BulkResend {
        request,
        state: State::Done,
        reason: Some("why".to_owned()),
        found: 10,
        sent: 9,
        delivered: 8,
        failed: 1,
        position: Some(event()),
        looked_through: true,
        planned: vec![event()],
        under_way: vec![event()],
        finished_at: Some(LATER),
        revision: 5,
        ..running.clone()
    };
    let recorded = include_str!("recorded/resend_ended.json");
    is_written(recorded, &super::resend::Resend::ended(&done, END));
    is_read(recorded, &BulkResend { revision: 6, ..done });

    let request = Request { which: Which::All, ..Request::default() };
    let cancelled = BulkResend { request, state: State::Cancelled, ..running };
    let recorded = include_str!("recorded/resend_cancelled.json");
    is_written(recorded, &super::resend::Resend::ended(&cancelled, END));
    is_read(recorded, &BulkResend { revision: 1, ..cancelled });
}

#[test]
fn erasures() {
    let new = Erasure::new(shop(), What::Payloads, AT);
    let after = Some(event());
    for (recorded, erasure) in [
        (include_str!("recorded/erasure.json"), new.clone()),
        (
            include_str!("recorded/erasure_whole.json"),
            Erasure {
                what: What::Everything,
                finished_at: Some(LATER),
                events: 5,
                deliveries: 4,
                subscriptions: 3,
                look: 2,
                place: Place::Deliveries { subscription: sub(), shard: 7, after },
                ..new.clone()
            },
        ),
        (
            include_str!("recorded/erasure_events.json"),
            Erasure { place: Place::Events { shard: 1, after }, ..new.clone() },
        ),
        (
            include_str!("recorded/erasure_subscriptions.json"),
            Erasure { place: Place::Subscriptions { after: Some(sub()) }, ..new },
        ),
    ] {
        is_written(recorded, &super::erasure::Erasure::new("erasures", &erasure));
        is_read(recorded, &Erasure { revision: 1, ..erasure });
    }
}

#[test]
fn counts_of_an_hour() {
    let mut counts = Counts::default();
    let mut delivered = Delivery::new(shop(), sub(), event(), name(), AT);
    delivered.note(attempt(0));
    counts.add(&delivered);
    let (hour, through) = (statistics::hour_of(AT), Some(event()));
    let counted = Counted { counts, through };
    let recorded = include_str!("recorded/hour.json");
    is_written(recorded, &super::hour::Hour::new(sub(), hour, &counted, (LATER, END)));
    is_read(recorded, &KeptHour::stored(hour, Some(counted), LATER));
    // Announced by a late write alone, or after it was counted.
    is_read(include_str!("recorded/hour_late.json"), &KeptHour::stored(hour, None, LATER));
}

#[test]
fn paces_flows_and_idempotency_keys() {
    let mut pace = Pace::default();
    let _ = (pace.take(2, AT), pace.take(2, AT));
    let stored = StoredPace { pace, revision: 1 };
    let recorded = include_str!("recorded/pace.json");
    is_written(recorded, &super::pace::Pace::new(sub(), &stored, Some(END)));
    is_read(recorded, &StoredPace { revision: 2, ..stored });

    is_read(include_str!("recorded/flow.json"), &Shared { events: 40, processes: 3 });

    let origin = Origin { fingerprint: "f00d".to_owned(), split: "/items".parse().ok() };
    let partition = "idempotency#shop-1#1700000000000#key".to_owned();
    let row = super::idempotency::Idempotency::new(partition, event(), &origin, END);
    let recorded = include_str!("recorded/idempotency.json");
    is_written(recorded, &row);
    is_read(recorded, &Made { event: event(), origin });
}
