use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn text_and_back_is_the_same_time(millis in 0..=Timestamp::MAX.as_millis()) {
        let time = Timestamp::from_millis(millis);
        prop_assert_eq!(time.to_string().parse::<Timestamp>().unwrap(), time);
    }
}

#[test]
fn dates_offsets_and_fractions_are_read() {
    let midnight = "2021-12-01".parse::<Timestamp>().unwrap();
    assert_eq!(midnight.to_string(), "2021-12-01T00:00:00.000Z");
    assert_eq!("2021-12-01T01:00:00.000+01:00".parse::<Timestamp>().unwrap(), midnight);
    assert!("yesterday".parse::<Timestamp>().is_err());
    assert!("1969-12-31T23:59:59Z".parse::<Timestamp>().is_err());
}
