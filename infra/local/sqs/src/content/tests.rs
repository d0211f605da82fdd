use super::{AttributeValue, Content, Draft, digest};

fn draft(body: &str) -> Draft {
    Draft { body: body.to_owned(), ..Draft::default() }
}

#[test]
fn a_body_has_its_md5_and_its_size_counts_attributes() {
    let mut with = draft("hello");
    let value = AttributeValue {
        data_type: "String".to_owned(),
        string: Some("xyz".to_owned()),
        binary: None,
    };
    with.attributes.insert("ab".to_owned(), value);
    let content = Content::of(with).unwrap();
    assert_eq!(content.body_md5, "5d41402abc4b2a76b9719d911017c592");
    assert_eq!(content.size, 5 + 2 + 6 + 3);
}

#[test]
fn the_digest_of_attributes_is_that_of_their_definition() {
    let value = AttributeValue {
        data_type: "Binary".to_owned(),
        string: None,
        binary: Some("AAE=".to_owned()),
    };
    let bytes =
        [&[0, 0, 0, 1][..], b"b", &[0, 0, 0, 6], b"Binary", &[2, 0, 0, 0, 2, 0, 1]].concat();
    assert_eq!(
        digest([(&"b".to_owned(), &value)].into_iter()),
        format!("{:x}", md5::compute(bytes))
    );
}
