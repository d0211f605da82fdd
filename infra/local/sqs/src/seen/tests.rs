use super::{MEMORY, Seen, Taken};

#[test]
fn an_id_is_remembered_for_five_minutes() {
    let mut seen = Seen::default();
    let taken = Taken { message_id: "m".to_owned(), sequence: 1 };
    seen.remember("d".to_owned(), taken.clone(), 1000);
    assert_eq!(seen.find("d", 1000 + MEMORY - 1), Some(&taken));
    assert_eq!(seen.find("d", 1000 + MEMORY), None);
}
