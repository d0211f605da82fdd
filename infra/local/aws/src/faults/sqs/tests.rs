use super::*;

fn batch(count: usize) -> Value {
    let entries: Vec<_> =
        (0..count).map(|id| json!({ "Id": id.to_string(), "MessageBody": "x" })).collect();
    json!({ "QueueUrl": "http://127.0.0.1/0/Orders", "Entries": entries })
}

#[test]
fn every_entry_of_a_batch_is_either_kept_back_or_sent() {
    for roll in (0..500_u64).map(|number| number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) {
        let mut request = batch(10);
        let withheld = take_entries(&mut request, roll);
        let mut ids: Vec<_> = request["Entries"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["Id"].clone())
            .collect();
        assert!(!withheld.is_empty());
        ids.extend(withheld);
        ids.sort_by_key(|id| id.as_str().unwrap().parse::<u32>().unwrap());
        assert_eq!(ids, (0..10).map(|id| json!(id.to_string())).collect::<Vec<_>>());
    }
}

#[test]
fn a_message_is_put_off_by_a_few_seconds_and_never_beyond_what_sqs_allows() {
    let mut one = json!({ "MessageBody": "x", "DelaySeconds": 5 });
    put_off(&mut one, 1);
    assert_eq!(one["DelaySeconds"], 7);
    let mut late = json!({ "MessageBody": "x", "DelaySeconds": 899 });
    put_off(&mut late, 2);
    assert_eq!(late["DelaySeconds"], 900);
    let mut some = batch(3);
    put_off(&mut some, 0b101 << 8);
    let delays: Vec<_> =
        (0..3).map(|place| some["Entries"][place]["DelaySeconds"].is_number()).collect();
    assert_eq!(delays, [true, false, true]);
}

#[test]
fn a_message_is_delivered_again_once_it_is_due_and_once() {
    let (again, now) = (Again::default(), Instant::now());
    again.keep("a", now + Duration::from_secs(1), json!("late"));
    again.keep("a", now, json!("due"));
    assert_eq!(again.take("b", now), None);
    assert_eq!((again.take("a", now), again.take("a", now)), (Some(json!("due")), None));
    assert_eq!(again.take("a", now + Duration::from_secs(2)), Some(json!("late")));
}
