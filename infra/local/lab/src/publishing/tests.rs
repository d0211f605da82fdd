use super::*;

#[test]
fn an_events_data_has_its_size() {
    assert_eq!(sample_event()["data"].to_string().len(), DATA_BYTES);
}
