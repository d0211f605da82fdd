use super::*;

#[test]
fn every_price_is_above_nothing() {
    assert!(Prices::read().unwrap().prices.all().iter().all(|price| price.of(1.0) > 0.0));
}

#[test]
fn a_price_that_does_not_say_where_it_was_read_is_told_apart() {
    let source = |page: &str, by: Option<&str>| Source {
        page: page.to_owned(),
        by: by.map(str::to_owned),
        seen: 2026.into(),
    };
    assert!(source("https://a.example", None).is_told());
    assert!(
        !source("somewhere", None).is_told()
            && !source("https://a.example", Some("somebody")).is_told()
    );
}

#[test]
fn a_plan_elsewhere_costs_its_price_and_what_goes_beyond_it() {
    let source = Source { page: String::new(), by: None, seen: 2026.into() };
    let plan = Elsewhere {
        name: "Plan".to_owned(),
        monthly: 39.0,
        included: 10_000.0,
        million: 10.0,
        note: String::new(),
        source,
    };
    assert!((plan.dollars() - 48.9).abs() < 1e-9);
}
