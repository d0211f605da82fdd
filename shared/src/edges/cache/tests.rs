use super::*;

#[test]
fn a_value_is_good_for_its_time_and_the_cache_stays_within_its_size() {
    let cache = Cache::new(Duration::from_secs(2), 2);
    let at = |seconds: i64| Timestamp::from_millis(1000 * seconds);
    cache.put("a", 1, at(0));
    assert_eq!(cache.get(&"a", at(1)).as_deref(), Some(&1));
    assert_eq!(cache.get(&"a", at(2)), None);
    cache.put("a", 3, at(2));
    cache.remove(&"a");
    assert_eq!(cache.get(&"a", at(2)), None);
    for key in ["b", "c", "d"] {
        cache.put(key, 2, at(2));
    }
    assert!(cache.entries.lock().unwrap().len() <= 2);
}
