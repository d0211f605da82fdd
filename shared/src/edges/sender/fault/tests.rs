use super::*;

#[test]
fn certificate_faults_are_told_in_words() {
    let endpoint = Endpoint::from_stored("https://example.com/".to_owned()).unwrap();
    let words = |reason| tls_words(&rustls::Error::InvalidCertificate(reason), &endpoint);
    let at = |time: &str| {
        let seconds = time.parse::<Timestamp>().unwrap().as_unix_seconds();
        UnixTime::since_unix_epoch(Duration::from_secs(seconds.try_into().unwrap()))
    };
    let (time, midnight) = (at("2026-11-22T08:00:00Z"), at("2026-11-01T23:59:59Z"));
    for (reason, expected) in [
        (CertificateError::Expired, "the certificate of example.com has expired"),
        (
            CertificateError::ExpiredContext { time, not_after: midnight },
            "the certificate of example.com expired on 2026-11-01",
        ),
        (CertificateError::NotValidYet, "the certificate of example.com is not valid yet"),
        (
            CertificateError::NotValidYetContext { time, not_before: at("2026-11-23T00:00:00Z") },
            "the certificate of example.com is not valid before 2026-11-23",
        ),
        (
            CertificateError::NotValidForName,
            "the certificate that was presented is not for example.com",
        ),
    ] {
        assert_eq!(words(reason), expected);
    }
}

#[test]
fn a_timeout_says_where_the_time_was_spent() {
    let endpoint = Endpoint::from_stored("https://example.com/".to_owned()).unwrap();
    let fault = |reached| Fault::timeout(Duration::from_secs(15), reached, &endpoint);
    let opened = Some(Duration::from_micros(20_400));
    for (reached, phase, expected) in [
        (
            Reached::Lookup,
            Phase::Dns,
            "no connection to example.com port 443 within 15 s: the name lookup did not end",
        ),
        (Reached::Tcp, Phase::Connect, "no connection to example.com port 443 within 15 s"),
        (
            Reached::Handshake,
            Phase::Tls,
            "no connection to example.com port 443 within 15 s: the TLS handshake did not end",
        ),
        (
            Reached::Sending(opened),
            Phase::FirstByte,
            "no answer within 15 s: connected after 20 ms, then waited for the answer's headers",
        ),
        (
            Reached::Sending(None),
            Phase::FirstByte,
            "no answer within 15 s: sent over a kept connection, then waited for the answer's headers",
        ),
    ] {
        let Fault { class, detail } = fault(reached);
        assert_eq!((class, &*detail), (FaultClass::Timeout(phase), expected));
    }
}

#[test]
fn a_cause_inside_an_io_error_is_found() {
    let nested = io::Error::other(io::Error::other(Refusal::NotFound));
    assert!(chain(&nested).any(<dyn Error>::is::<Refusal>));
}

#[test]
fn durations_are_told_in_seconds_where_they_are_whole() {
    assert_eq!(in_words(Duration::from_secs(15)), "15 s");
    assert_eq!(in_words(Duration::from_millis(1500)), "1500 ms");
}
