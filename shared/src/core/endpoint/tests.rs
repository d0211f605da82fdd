mod spellings;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use spellings::{ACCEPTED, REFUSED};

fn parse(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(text, &EgressRule::default())
}

fn local(text: &str) -> Result<Endpoint, EndpointError> {
    Endpoint::parse(text, &EgressRule::parse("127.0.0.0/8").unwrap())
}

#[test]
fn the_spellings_are_many_and_each_is_there_once() {
    assert!(
        ACCEPTED.len() >= 30 && REFUSED.len() >= 60,
        "{} and {}",
        ACCEPTED.len(),
        REFUSED.len()
    );
    let mut seen = BTreeSet::new();
    for (text, _) in ACCEPTED.iter().chain(REFUSED) {
        assert!(seen.insert(text), "{text} is there twice");
    }
}

#[test]
fn what_may_be_reached_is_accepted_and_normalised() {
    let is_wrong = |(text, normalised): &&(&str, &str)| {
        parse(text).as_ref().map(Endpoint::as_str) != Ok(*normalised)
    };
    let wrong = ACCEPTED.iter().filter(is_wrong).map(|(text, _)| (text, parse(text)));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn what_may_not_be_reached_is_refused_in_every_spelling() {
    let is_wrong = |(text, words): &&(&str, &str)| {
        parse(text).map_or_else(|error| !error.to_string().contains(words), |_| true)
    };
    let wrong = REFUSED
        .iter()
        .filter(is_wrong)
        .map(|(text, _)| (text, parse(text).map_err(|error| error.to_string())));
    assert_eq!(wrong.collect::<Vec<_>>(), []);
}

#[test]
fn what_is_wrong_is_told_apart() {
    for (text, error) in [
        ("", EndpointError::NotUrl(ParseError::RelativeUrlWithoutBase)),
        ("example.com/x", EndpointError::NotUrl(ParseError::RelativeUrlWithoutBase)),
        ("https://exa mple.com/", EndpointError::Whitespace),
        (" https://example.com/", EndpointError::Whitespace),
        ("https://example.com/\n", EndpointError::Whitespace),
        ("https://exam\tple.com/", EndpointError::Whitespace),
        ("https://example.com:99999/", EndpointError::NotUrl(ParseError::InvalidPort)),
        ("https://[fe80::1%25eth0]/", EndpointError::NotUrl(ParseError::InvalidIpv6Address)),
        ("https://[fe80::1%eth0]/", EndpointError::NotUrl(ParseError::InvalidIpv6Address)),
        ("https://[::1/", EndpointError::NotUrl(ParseError::InvalidIpv6Address)),
        ("https://1.2.3.256/", EndpointError::NotUrl(ParseError::InvalidIpv4Address)),
        ("https://exam{ple}.com/", EndpointError::NotUrl(ParseError::InvalidDomainCharacter)),
        ("ftp://example.com/", EndpointError::Scheme),
        ("file:///etc/passwd", EndpointError::Scheme),
        ("javascript:alert(1)", EndpointError::Scheme),
        ("wss://example.com/", EndpointError::Scheme),
        ("http://example.com/", EndpointError::PlainHttp),
        ("http://8.8.8.8/", EndpointError::PlainHttp),
        ("https://user@example.com/", EndpointError::Credentials),
        ("https://user:password@example.com/", EndpointError::Credentials),
        ("https://:password@example.com/", EndpointError::Credentials),
        ("https://", EndpointError::NoHost),
        ("https://./", EndpointError::NoHost),
        ("https://example.com/#", EndpointError::Fragment),
        ("https://example.com/#top", EndpointError::Fragment),
    ] {
        assert_eq!(parse(text), Err(error), "{text}");
    }
}

#[test]
fn plain_http_reaches_only_addresses_that_the_deployment_allows() {
    for text in [
        "http://127.0.0.1:8080/",
        "http://127.9/",
        "http://[::ffff:127.0.0.1]/",
        "https://127.0.0.1/",
        "https://8.8.8.8/",
        "https://receiver/",
    ] {
        assert!(local(text).is_ok(), "{text}: {:?}", local(text));
    }
    for text in ["http://8.8.8.8/", "http://receiver/", "http://example.com/"] {
        let refused = local(text).unwrap_err();
        assert_eq!(refused, EndpointError::PlainHttp, "{text}");
        assert_eq!(refused.to_string(), "plain http is not allowed; use https");
    }
    assert!(matches!(local("http://10.0.0.1/"), Err(EndpointError::Blocked(_))));
    assert!(matches!(local("https://[::1]/"), Err(EndpointError::Blocked(_))));
}

#[test]
fn names_are_judged_alike_whatever_networks_the_deployment_allows() {
    let everything = EgressRule::parse("0.0.0.0/0, ::/0").unwrap();
    for text in [
        "https://example.com/",
        "https://example.com:8443/",
        "https://receiver.internal:9000/",
        "http://example.com/",
        "http://example.com:443/",
    ] {
        assert_eq!(Endpoint::parse(text, &everything), parse(text), "{text}");
    }
}

#[test]
fn localhost_is_refused_under_every_rule_and_its_address_is_named_where_that_is_allowed() {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    for text in [
        "https://localhost/",
        "http://localhost:8080/",
        "https://a.localhost/",
        "http://LOCALHOST.",
    ] {
        assert!(matches!(parse(text), Err(EndpointError::Blocked(_))), "{text}");
        assert_eq!(local(text), Err(EndpointError::Localhost(address)), "{text}");
    }
    let message = local("https://localhost/").unwrap_err().to_string();
    assert!(message.contains("the address 127.0.0.1, so use that"), "{message}");
}

#[test]
fn other_ports_reach_only_addresses_that_the_deployment_allows() {
    let ports = Ports::parse("443,8443").unwrap();
    let port = |number| Err(EndpointError::Port(number, ports.clone()));
    let nothing = EgressRule::default().with_ports(ports.clone());
    let own = EgressRule::parse("10.0.0.0/8").unwrap().with_ports(ports.clone());
    let found =
        |text: &str, rule: &EgressRule| Endpoint::parse(text, rule).map(|endpoint| endpoint.port());
    for (text, expected) in [
        ("https://example.com/", Ok(443)),
        ("https://example.com:8443/", Ok(8443)),
        ("https://8.8.8.8:8443/", Ok(8443)),
        ("https://example.com:9000/", port(9000)),
        ("https://8.8.8.8:9000/", port(9000)),
        ("https://[2606:4700::1]:9000/", port(9000)),
    ] {
        assert_eq!(found(text, &nothing), expected, "{text}");
        assert_eq!(found(text, &own), expected, "{text}");
    }
    assert_eq!(found("https://10.0.0.1:9000/", &own), Ok(9000));
    assert!(matches!(found("https://127.0.0.1:9000/", &own), Err(EndpointError::Blocked(_))));
    let message = found("https://8.8.8.8:9000/", &own).unwrap_err().to_string();
    assert_eq!(message, "port 9000 is not allowed; use port 443, 8443");
    let message = parse("https://example.com:8443/").unwrap_err().to_string();
    assert_eq!(message, "port 8443 is not allowed; use port 443");
}

#[test]
fn the_length_is_bounded_as_given_and_as_normalised() {
    let of_length = |length: usize| format!("https://example.com/{}", "x".repeat(length - 20));
    assert!(parse(&of_length(MAX_LENGTH)).is_ok());
    assert_eq!(parse(&of_length(MAX_LENGTH + 1)), Err(EndpointError::TooLong));
    // Each `é` becomes six characters.
    let encoded = format!("https://example.com/{}", "é".repeat(400));
    assert_eq!(parse(&encoded), Err(EndpointError::TooLong));
}

#[test]
fn a_stored_endpoint_is_read_whatever_the_rule_says_today() {
    let endpoint = Endpoint::from_stored("http://127.0.0.1:8080/x".to_owned()).unwrap();
    assert_eq!(endpoint.as_str(), "http://127.0.0.1:8080/x");
    assert_eq!(endpoint.literal_address(), Some(Ipv4Addr::LOCALHOST.into()));
    assert!(endpoint.is_plain_http());
    assert_eq!(Endpoint::from_stored("mailto:x".to_owned()), Err(EndpointError::Scheme));
}

#[test]
fn parts_are_what_the_sender_needs() {
    let endpoint = parse("https://[2606:4700::1]/x").unwrap();
    assert_eq!((endpoint.host(), endpoint.port()), ("[2606:4700::1]", 443));
    assert_eq!(endpoint.literal_address(), Some("2606:4700::1".parse().unwrap()));
    assert!(!endpoint.is_plain_http());
    let endpoint = local("http://127.0.0.1/x").unwrap();
    assert_eq!((endpoint.port(), endpoint.is_plain_http()), (80, true));
    let endpoint = local("https://receiver/x").unwrap();
    assert_eq!((endpoint.host(), endpoint.literal_address()), ("receiver", None));
}

#[test]
fn messages_say_what_would_be_right_and_hide_passwords() {
    assert_eq!(
        parse("https://127.1/").unwrap_err().to_string(),
        "the host must be publicly reachable, but 127.0.0.1 is in 127.0.0.0/8 (loopback, RFC 1122)"
    );
    assert_eq!(
        parse("nonsense").unwrap_err().to_string(),
        "this is not an absolute URL such as https://example.com/webhooks: relative URL without a base"
    );
    let error = parse("https://u:hunter2@example.com/").unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}

proptest! {
    #[test]
    fn no_text_panics_and_what_is_accepted_is_stable(text in "(https://[!-~é。]{0,12}(/[!-~é]{0,20})?|[ -~é。]{0,40})") {
        if let Ok(endpoint) = local(&text) {
            prop_assert_eq!(local(endpoint.as_str()), Ok(endpoint.clone()));
            // Else the HTTP client could not send to it.
            prop_assert!(endpoint.as_str().parse::<http::Uri>().is_ok());
            prop_assert_eq!(Endpoint::from_stored(endpoint.to_string()), Ok(endpoint));
        }
    }

    #[test]
    fn an_ipv4_host_is_judged_by_its_number(number: u32, spelling in 0..4) {
        let address = Ipv4Addr::from(number);
        let host = match spelling {
            0 => address.to_string(),
            1 => number.to_string(),
            2 => format!("{number:#x}"),
            _ => format!("0{number:o}"),
        };
        let verdict = EgressRule::default().check(IpAddr::V4(address));
        let found = parse(&format!("https://{host}/")).map(|endpoint| endpoint.literal_address());
        prop_assert_eq!(found, verdict.map(|()| Some(address.into())).map_err(EndpointError::Blocked));
    }
}
