use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn a_cursor_survives_its_text(sort in "[!-~]{1,256}") {
        let cursor = Cursor::after(sort);
        prop_assert_eq!(cursor.to_string().parse::<Cursor>().unwrap(), cursor);
    }

    #[test]
    fn any_other_text_is_refused_without_panic(text in "\\PC{0,60}") {
        let _ = text.parse::<Cursor>();
    }

    #[test]
    fn pages_cover_a_list_without_gap_or_repeat(items in prop::collection::btree_set("[a-z]{1,4}", 0..40), limit in 1u16..9) {
        let all: Vec<_> = items.into_iter().collect();
        let (mut seen, mut cursor) = (Vec::new(), None::<Cursor>);
        loop {
            let rest = all.iter().filter(|i| cursor.as_ref().is_none_or(|c| i.as_str() > c.sort())).cloned();
            let page = Page::cut(rest.take(usize::from(limit) + 1).collect(), limit, String::clone);
            seen.extend(page.items);
            cursor = page.next;
            if cursor.is_none() { break }
        }
        prop_assert_eq!(seen, all);
    }
}
