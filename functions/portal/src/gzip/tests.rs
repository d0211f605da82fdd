use std::io::Read as _;

use flate2::read::GzDecoder;

use super::*;

fn accepts(value: &'static str) -> bool {
    is_accepted(&[(header::ACCEPT_ENCODING, HeaderValue::from_static(value))].into_iter().collect())
}

#[test]
fn it_is_done_for_browsers_that_say_so() {
    for yes in ["gzip", "deflate, gzip;q=1.0, *;q=0.5", "br,GZIP"] {
        assert!(accepts(yes), "{yes}");
    }
    for no in ["", "identity", "br", "gzip;q=0", "gzip; q=0.0", "xgzip"] {
        assert!(!accepts(no), "{no}");
    }
}

#[test]
fn a_page_arrives_as_it_was_and_smaller_and_a_line_as_it_is() {
    let page = "<li>A webhook</li>".repeat(100);
    let small = compress(Response::new(Body::from(page.clone())));
    assert_eq!(small.headers()[header::CONTENT_ENCODING], "gzip");
    let Body::Binary(bytes) = small.body() else { panic!("{small:?}") };
    assert!(bytes.len() < page.len() / 10);
    let mut read = String::new();
    GzDecoder::new(&bytes[..]).read_to_string(&mut read).unwrap();
    assert_eq!(read, page);
    let line = compress(Response::new(Body::from("short")));
    assert!(matches!(line.body(), Body::Text(text) if text == "short"));
    assert!(line.headers().is_empty());
}
