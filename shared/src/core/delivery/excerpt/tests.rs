use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn an_excerpt_is_within_its_limit_and_starts_the_text(text in "\\PC{0,80}", limit in 1usize..60) {
        let cut = excerpt(text.as_bytes(), limit).unwrap_or_default();
        prop_assert!(cut.len() <= limit);
        let starts = text.starts_with(&cut);
        prop_assert!(starts);
    }

    #[test]
    fn any_bytes_make_an_excerpt(bytes: Vec<u8>, limit in 1usize..60) {
        prop_assert!(excerpt(&bytes, limit).unwrap_or_default().len() <= limit);
    }
}
