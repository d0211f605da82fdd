use super::*;
use http::{HeaderName, HeaderValue};

fn headers(all: &[(&'static str, &'static str)]) -> HeaderMap {
    let header = |(name, value): &(&'static str, &'static str)| {
        (HeaderName::from_static(name), HeaderValue::from_static(value))
    };
    all.iter().map(header).collect()
}

fn map(all: &[(&str, &str)]) -> Headers {
    all.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn headers_of_one_name_are_joined_and_secrets_masked() {
    let mut all = headers(&[
        ("via", "a"),
        ("x", "b"),
        ("via", "c"),
        ("set-cookie", "d"),
        ("set-cookie", "e"),
    ]);
    let mut secret = HeaderValue::from_static("f");
    secret.set_sensitive(true);
    all.insert("x-key", secret);
    let expected =
        [("set-cookie", "********, ********"), ("via", "A, C"), ("x", "B"), ("x-key", MASK)];
    assert_eq!(texts(&all, |text| text.to_uppercase()), map(&expected));
}

#[test]
fn a_header_for_which_there_is_no_room_is_left_out_and_a_long_value_cut() {
    let long = "y".repeat(300);
    let all = map(&[("a", "12345"), ("b", &long), ("c", "12345"), ("d", "\"\"")]);
    let names = |room| fitting(all.clone(), room).into_keys().collect::<String>();
    for (room, kept) in [(10, ""), (11, "d"), (12, "a"), (24, "ac"), (35, "acd"), (298, "abcd")] {
        assert_eq!(names(room), kept, "{room}");
    }
    assert_eq!(fitting(all.clone(), 298)["b"].len(), LONGEST_VALUE);
    for room in 0..400 {
        let kept = fitting(all.clone(), room);
        assert!(json_bytes(&kept) <= room + 2, "without the braces");
    }
}
