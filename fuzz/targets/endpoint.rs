//! URLs under the default egress rule: what is taken is https without credentials and fragment,
//! reads again as itself, and its host, if it is an address for whoever connects, is one that may
//! be reached.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use shared::core::endpoint::address::EgressRule;
use shared::core::endpoint::{Endpoint, MAX_LENGTH};

fuzz_target!(|text: &str| {
    let rule = EgressRule::default();
    let _ = EgressRule::parse(text);
    let Ok(endpoint) = Endpoint::parse(text, &rule) else { return };
    assert!(endpoint.as_str().starts_with("https://") && endpoint.as_str().len() <= MAX_LENGTH);
    assert!(endpoint.as_str().is_ascii() && !endpoint.as_str().contains(['#', ' ']));
    assert_eq!(Endpoint::parse(endpoint.as_str(), &rule).as_ref(), Ok(&endpoint));
    assert_eq!(Endpoint::from_stored(endpoint.as_str().to_owned()).as_ref(), Ok(&endpoint));
    // Read by another than the URL's parser, as a resolver or a proxy would.
    let host = endpoint.host().trim_matches(['[', ']']);
    let literal: Option<IpAddr> = host.parse().ok();
    assert_eq!(literal, endpoint.literal_address());
    if let Some(address) = literal {
        rule.check(address).expect("an address that may be reached");
    }
    assert!(!host.is_empty() && host != "localhost" && !host.ends_with(".localhost") && !host.ends_with('.'));
    let uri: http::Uri = endpoint.as_str().parse().expect("a URI for the client");
    assert_eq!(uri.host(), Some(endpoint.host()));
    assert_eq!(uri.port_u16().unwrap_or(443), endpoint.port());
});
