use proptest::prelude::*;
use serde_json::value::RawValue;
use shared::core::id::TenantId;

use super::*;
use crate::request::{NewEvent, Published};

const NOW: Timestamp = Timestamp::from_millis(1_700_000_040_000);

fn shop() -> TenantId {
    "shop-1".parse().expect("a tenant")
}

/// A batch of events that have so many parts each, 0 for those that are not split.
fn request(parts: &[usize]) -> Published {
    let event = |parts: &usize| NewEvent {
        r#type: "cart.paid".parse().expect("a type"),
        data: RawValue::NULL.to_owned(),
        idempotency_key: None,
        split: None,
        parts: vec![RawValue::NULL.to_owned(); *parts],
    };
    Published { events: parts.iter().map(event).collect(), batch: true, trace: None }
}

/// Asks for a request as the only process: what it tells is added unless it does not fit.
fn ask(flows: &mut Flows, limit: u32, request: &Published) -> Result<(), ApiError> {
    let events = request.count() as u64;
    let mut verdict = flows.take(&shop(), limit, events, NOW);
    if let Verdict::Tell(telling) = verdict {
        verdict = flows.told(&shop(), &telling, None);
    }
    answer(verdict, limit, events, NOW)
}

#[test]
fn a_refusal_says_when_to_come_again_and_what_never_fits_is_told_so() {
    assert!(answer(Verdict::Admitted, 10, 1, NOW).is_ok());
    let full = answer(Verdict::Refused { first: false }, 10, 1, NOW.after(Duration::from_secs(48)));
    assert!(matches!(full, Err(ApiError::TooManyEvents { limit: 10, wait: 12 })), "{full:?}");
    let large = answer(Verdict::NeverFits, 10, 11, NOW);
    assert!(matches!(large, Err(ApiError::TooLarge(why)) if why.contains("makes 11 events")));
}

#[test]
fn what_is_split_counts_as_its_parts() {
    let mut flows = Flows::default();
    assert!(ask(&mut flows, 10, &request(&[0, 7])).is_ok());
    assert!(matches!(ask(&mut flows, 10, &request(&[3])), Err(ApiError::TooManyEvents { .. })));
    assert!(ask(&mut flows, 10, &request(&[0, 1])).is_ok());
    assert!(flows.is_full(&shop(), 10, NOW));
}

proptest! {
    #[test]
    fn a_request_is_let_in_as_a_whole_or_not_at_all(
        limit in 1u32..200,
        requests in prop::collection::vec(prop::collection::vec(0usize..6, 1..10), 1..60),
    ) {
        let (mut flows, mut room) = (Flows::default(), limit as usize);
        for parts in requests {
            let request = request(&parts);
            let is_in = ask(&mut flows, limit, &request).is_ok();
            prop_assert_eq!(is_in, request.count() <= room, "{} of {}", request.count(), room);
            room -= if is_in { request.count() } else { 0 };
            prop_assert_eq!(flows.is_full(&shop(), limit, NOW), room == 0);
        }
        // A refused request took nothing of it.
        for _ in 0..room {
            prop_assert!(ask(&mut flows, limit, &request(&[0])).is_ok());
        }
        prop_assert!(ask(&mut flows, limit, &request(&[0])).is_err());
    }
}
