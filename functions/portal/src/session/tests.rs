use super::*;
use shared::core::access::portal_token::PortalKey;

fn token() -> String {
    let token = PortalToken {
        tenant: "shop-1".parse().unwrap(),
        capabilities: vec![Capability::View],
        issued_at: Timestamp::from_millis(0),
        expires_at: Timestamp::from_millis(90_000),
    };
    PortalKey::derived_from("a key").sign(&token)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect()
}

#[test]
fn a_cookie_keeps_the_token_for_as_long_as_it_lives() {
    let session = Session::new(&token()).unwrap();
    assert_eq!(session.tenant(), "shop-1");
    assert!(session.may(Capability::View) && !session.may(Capability::Manage));
    let now = Timestamp::from_millis(30_000);
    let cookie = session.cookie(now, true, false).to_str().unwrap().to_owned();
    assert_eq!(
        cookie,
        format!("portal={}; Path=/portal; Max-Age=60; HttpOnly; Secure; SameSite=Lax", token())
    );
    assert!(
        session
            .cookie(now, true, true)
            .to_str()
            .unwrap()
            .ends_with("; Secure; SameSite=None; Partitioned")
    );
    let sent = headers(&[("cookie", &format!("a=b; portal={}", token()))]);
    assert_eq!(Session::of(&sent).unwrap().bearer, token());
    for other in ["", "portal=", "portal=prt_x", "xportal=1"] {
        assert!(Session::of(&headers(&[("cookie", other)])).is_none(), "{other}");
    }
}

#[test]
fn a_form_of_another_site_is_none_of_ours() {
    let host = ("host", "hooks.example.com");
    let own = [
        vec![host, ("sec-fetch-site", "same-origin"), ("origin", "https://hooks.example.com")],
        vec![host, ("origin", "https://hooks.example.com")],
        vec![("host", "127.0.0.1:4400"), ("origin", "http://127.0.0.1:4400")],
    ];
    for sent in own {
        assert!(is_own(&headers(&sent)), "{sent:?}");
    }
    let foreign = [
        vec![host],
        vec![host, ("origin", "null")],
        vec![host, ("origin", "https://evil.example")],
        vec![host, ("origin", "https://hooks.example.com.evil.example")],
        vec![host, ("sec-fetch-site", "cross-site"), ("origin", "https://hooks.example.com")],
        vec![host, ("sec-fetch-site", "same-site")],
        vec![host, ("sec-fetch-site", "none")],
    ];
    for sent in foreign {
        assert!(!is_own(&headers(&sent)), "{sent:?}");
    }
}
