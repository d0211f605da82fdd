use super::*;
use proptest::prelude::*;

fn name(text: &str) -> EventTypeName {
    text.parse().expect("a valid name")
}

fn filter(patterns: &[&str]) -> Result<Filter, InvalidEventType> {
    let patterns: Result<Vec<_>, _> =
        patterns.iter().map(|p| Pattern::try_from((*p).to_owned())).collect();
    Filter::try_from(patterns?)
}

#[test]
fn exact_prefix_and_star_choose_what_they_say() {
    let orders = filter(&["order.*", "SaleCreated"]).unwrap();
    assert!(orders.matches(&name("order.created")));
    assert!(orders.matches(&name("order.line.added")));
    assert!(orders.matches(&name("SaleCreated")));
    assert!(!orders.matches(&name("order")));
    assert!(!orders.matches(&name("orders.created")));
    assert!(!orders.matches(&name("SaleCreatedLate")));
    assert!(filter(&["*"]).unwrap().matches(&name("anything")));
}

#[test]
fn what_is_no_pattern_is_refused() {
    for bad in ["", "order*", "*.created", "order.*.x", ".*", "a b", "order..*"] {
        assert!(filter(&[bad]).is_err(), "{bad:?}");
    }
    assert!(filter(&[]).is_err());
    assert!(filter(&["a"; 101]).is_err());
}

proptest! {
    #[test]
    fn a_pattern_reads_back_as_it_was_written(text in "[a-zA-Z0-9_.*-]{0,20}") {
        if let Ok(pattern) = Pattern::try_from(text.clone()) {
            prop_assert_eq!(String::from(pattern), text);
        }
    }

    #[test]
    fn a_prefix_chooses_exactly_the_names_below_it(prefix in "[a-z]{1,4}(\\.[a-z]{1,4}){0,2}", rest in "[a-z]{1,5}") {
        let below = filter(&[&format!("{prefix}.*")]).unwrap();
        let (inside, beside) = (format!("{prefix}.{rest}"), format!("{prefix}{rest}"));
        prop_assert!(below.matches(&name(&inside)));
        prop_assert!(!below.matches(&name(&beside)));
        prop_assert!(!below.matches(&name(&prefix)));
    }
}
