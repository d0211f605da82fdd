use super::Receipt;
use crate::refusal::Kind;

#[test]
fn a_handle_is_read_back() {
    let receipt = Receipt { queue: 7, sequence: 1_700_000_000_000_123, receive: 3 };
    assert_eq!(Receipt::parse(&receipt.to_text()), Ok(receipt));
}

#[test]
fn what_is_not_a_handle_is_refused() {
    let mut altered = Receipt { queue: 7, sequence: 9, receive: 3 }.to_text();
    altered.replace_range(4..5, if &altered[4..5] == "A" { "B" } else { "A" });
    for text in ["", "garbage", &altered] {
        assert_eq!(Receipt::parse(text).unwrap_err().kind, Kind::ReceiptHandleIsInvalid);
    }
}
