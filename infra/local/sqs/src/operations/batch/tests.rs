use super::check;
use crate::refusal::Kind;

#[test]
fn a_batch_has_one_to_ten_entries_with_distinct_plain_ids() {
    let kind = |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|id| (*id).to_owned()).collect();
        check(&ids, "Entry").err().map(|refusal| refusal.kind)
    };
    assert_eq!(kind(&[]), Some(Kind::EmptyBatchRequest));
    assert_eq!(
        kind(&["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]),
        Some(Kind::TooManyEntriesInBatchRequest)
    );
    assert_eq!(kind(&["a", "b", "a"]), Some(Kind::BatchEntryIdsNotDistinct));
    assert_eq!(kind(&["a b"]), Some(Kind::InvalidBatchEntryId));
    assert_eq!(kind(&["a-1_B"]), None);
}
