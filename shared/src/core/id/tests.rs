use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn an_id_survives_text_and_bytes_and_sorts_by_time(a in 0i64..1 << 47, b in 0i64..1 << 47, r: u128, s: u128) {
        let (first, second) = (EventId::new(Timestamp::from_millis(a), r), EventId::new(Timestamp::from_millis(b), s));
        prop_assert_eq!(first.to_string().parse::<EventId>().unwrap(), first);
        prop_assert_eq!(EventId::from_bytes(first.to_bytes()), first);
        prop_assert_eq!(first.timestamp().as_millis(), a);
        if a < b {
            prop_assert!(first.to_string() < second.to_string());
        }
    }

    #[test]
    fn any_text_parses_or_is_refused_without_panic(text in "\\PC*") {
        let _ = text.parse::<EventId>();
        let _ = text.parse::<TenantId>();
    }
}

#[test]
fn ids_of_another_kind_and_other_spellings_are_refused() {
    let id = EventId::new(Timestamp::from_millis(1_700_000_000_000), 7).to_string();
    assert!(id.parse::<SubscriptionId>().is_err());
    assert!(id.to_lowercase().parse::<EventId>().is_err());
    assert!("evt_".parse::<EventId>().is_err());
}

#[test]
fn tenants_cannot_hold_what_separates_keys() {
    for bad in ["", "a#b", "a/b", "_operation", "_", ".a", "a b", &"x".repeat(65)] {
        assert!(bad.parse::<TenantId>().is_err(), "{bad:?}");
    }
    assert!("market_123".parse::<TenantId>().is_ok_and(|tenant| !tenant.is_operations()));
    assert!("_operations".parse::<TenantId>().is_ok_and(|tenant| tenant.is_operations()));
}
