//! The body of a request: the event as its receiver sees it.

use crate::event_type::EventTypeName;
use crate::id::EventId;

/// Writes `{"id","type","timestamp","data"}`, the body of the `standard` profile. `data` goes in as it is, byte for
/// byte; the timestamp is the event's own, the same on every attempt.
#[must_use]
pub fn standard(id: EventId, event_type: &EventTypeName, data: &str) -> Vec<u8> {
    // An event type's name and an id hold nothing that JSON would escape.
    let head = format!(r#"{{"id":"{id}","type":"{event_type}","timestamp":"{}","data":"#, id.timestamp());
    let mut body = Vec::with_capacity(head.len() + data.len() + 1);
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(data.as_bytes());
    body.push(b'}');
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timestamp::Timestamp;

    #[test]
    fn the_data_stands_in_the_body_byte_for_byte() {
        let id = EventId::new(Timestamp::from_millis(1_700_000_000_123), 5);
        let body = standard(id, &"order.created".parse().expect("name"), "{ \"total\" : 1.50e0,\"b\":\"\\u00e9\" }");
        let text = String::from_utf8(body).expect("text");
        assert_eq!(
            text,
            format!(
                "{{\"id\":\"{id}\",\"type\":\"order.created\",\"timestamp\":\"2023-11-14T22:13:20.123Z\",\
                 \"data\":{{ \"total\" : 1.50e0,\"b\":\"\\u00e9\" }}}}"
            )
        );
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
