use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn batches_keep_order_and_limits(sizes in prop::collection::vec(1usize..400_000, 0..40)) {
        let cut = batches(sizes.clone(), |size| *size);
        for batch in &cut {
            prop_assert!((1..=BATCH_ENTRIES).contains(&batch.len()));
            prop_assert!(batch.iter().sum::<usize>() <= BATCH_BYTES);
        }
        prop_assert_eq!(cut.concat(), sizes);
    }
}
