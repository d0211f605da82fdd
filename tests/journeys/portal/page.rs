//! The tenants' page by its requests: what a link opens, what it allows, and what the page promises
//! to browsers. How it looks and works in one is in `tests/checks/portal`.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use http::Method;
use serde_json::json;
use tests::keys::NOTHING;
use tests::portal::{LIFETIME_SECONDS, Visitor, at, link};
use tests::{Options, Receiver, Step, World, timeline};

#[tokio::test]
async fn a_link_opens_the_page_and_its_token_stays_in_a_cookie_that_scripts_cannot_read() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let mut visitor = Visitor::new(&shop, None).await;
    let url = link(&shop, &[]).await;
    assert!(url.starts_with(&format!("{}/portal?token=prt_", visitor.base)), "{url}");

    let opened = visitor.get(url.strip_prefix(&visitor.base).expect("a path")).await.with(303);
    assert_eq!(opened.header("location"), Some("/portal/subscriptions"));
    let cookie = opened.header("set-cookie").expect("a cookie");
    assert!(
        cookie.starts_with("portal=prt_") && cookie.ends_with("; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    let (_, age) = cookie.split_once("; Path=/portal; Max-Age=").expect("an age");
    let age: u64 = age.split(';').next().and_then(|age| age.parse().ok()).expect("seconds");
    assert!((LIFETIME_SECONDS - 60..=LIFETIME_SECONDS).contains(&age), "{cookie}");
    assert_eq!(opened.header("cache-control"), Some("no-store"));

    for (unknown, words) in [
        ("/portal/subscriptions", "opened by a link"),
        ("/portal", "opened by a link"),
        ("/portal/subscriptions?token=prt_e30.AA", "opened by a link"),
        ("/portal?token=prt_e30.AA", "This link has expired"),
        ("/portal?token=pr_key", "This link has expired"),
    ] {
        let refused = visitor.get(unknown).await.with(401);
        assert!(
            refused.text().contains(words) && refused.header("set-cookie").is_none(),
            "{unknown}"
        );
    }
    let cookie = cookie.split(';').next().expect("its value").to_owned();
    visitor.cookie = cookie;
    let page = visitor.get("/portal/subscriptions").await.with(200);
    assert!(page.text().contains("shop-1"));
    assert_eq!(
        visitor.get("/portal").await.with(303).header("location"),
        Some("/portal/subscriptions")
    );
    for (name, wanted) in [
        ("content-security-policy", "default-src 'none'; script-src 'self'; style-src 'self';"),
        ("content-security-policy", "frame-ancestors 'none'"),
        ("cache-control", "no-store"),
        ("referrer-policy", "same-origin"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert!(
            page.header(name).is_some_and(|value| value.contains(wanted)),
            "{name}: {:?}",
            page.header(name)
        );
    }
    world.finish().await;
}

#[tokio::test]
async fn only_origins_that_the_deployment_names_may_frame_the_page() {
    let origins = "https://shop.example,https://admin.shop.example";
    let world = World::start(Options::default().with("PortalFrameOrigins", origins)).await;
    let shop = world.tenant("shop-1", &[]).await;
    let page = Visitor::new(&shop, Some(&[])).await.get("/portal/subscriptions").await.with(200);
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.ends_with("frame-ancestors https://shop.example https://admin.shop.example"),
        "{policy}"
    );
    world.finish().await;
}

/// The page asks the API with the visitor's token and nothing else: the snapshot says what each
/// link comes to.
#[tokio::test]
async fn a_visitor_may_do_what_the_link_allows_whatever_is_shown() {
    let world = World::start(Options::default()).await;
    let (shop, other) =
        (world.tenant("shop-1", &["order.created"]).await, world.tenant("shop-2", &[]).await);
    let receiver = Receiver::start_by(&world).await;
    receiver.script("/", [Step::status(200)]);
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let event = shop.publish("order.created", "1").await.id;
    shop.delivery(&subscription, &event, "delivered").await;
    let resend = NOTHING.iter().find(|(name, _)| *name == "resend").expect("an id").1;

    let visitors = [
        ("nobody", Visitor::new(&shop, None).await),
        ("another shop", Visitor::new(&other, Some(&["manage", "resend"])).await),
        ("view", Visitor::new(&shop, Some(&[])).await),
        ("resend", Visitor::new(&shop, Some(&["resend"])).await),
        ("manage", Visitor::new(&shop, Some(&["manage"])).await),
    ];
    let (delivery, progress) = (format!("/deliveries/{event}"), format!("/resends/{resend}"));
    let pages = ["", "/edit", "/secret", "/test", "/deliveries", &delivery, &progress];
    let new = ["/portal/subscriptions", "/portal/subscriptions/new"].map(str::to_owned);
    let pages = new
        .into_iter()
        .chain(pages.map(|rest| at(&subscription, rest)))
        .map(|path| (Method::GET, path, ""));
    let forms = [
        ("/edit", "url=https%3A%2F%2Fexample.com&type=*"),
        ("/switch", "status=active"),
        ("/rotate", "overlap=60"),
        ("/test", "event_type=order.created&data=1"),
        ("/resend", ""),
        (&format!("{delivery}/resend"), ""),
        (&format!("{progress}/cancel"), ""),
    ];
    let forms = forms.map(|(rest, form)| (Method::POST, at(&subscription, rest), form));
    let new = "tenant=shop-1&url=https%3A%2F%2Fexample.com&type=*";
    let new = (Method::POST, "/portal/subscriptions/new".to_owned(), new);
    let mut matrix = String::new();
    for (method, path, form) in pages.chain([new]).chain(forms) {
        let _ = write!(
            matrix,
            "{method} {}:",
            path.replace(&subscription.id, "ID").replace(&event, "EVENT")
        );
        for (name, visitor) in &visitors {
            let answer = visitor
                .send(method.clone(), &path, &[("sec-fetch-site", "same-origin")], form)
                .await;
            let _ = write!(matrix, " {name} {},", answer.status);
        }
        matrix.truncate(matrix.len() - 1);
        matrix.push('\n');
    }
    insta::assert_snapshot!(matrix);
    world.finish().await;
}

/// Text that grows with its depth when it is indented, from both sides.
#[tokio::test]
async fn what_is_deep_or_huge_makes_no_huge_page() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    receiver.script("/", [Step::body(200, nested(2_000)), Step::body(200, nested(2_000))]);
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let event = shop.publish("order.created", &nested(60)).await.id;
    shop.delivery(&subscription, &event, "delivered").await;
    let visitor = Visitor::new(&shop, Some(&["manage"])).await;
    let page = visitor.get(&at(&subscription, &format!("/deliveries/{event}"))).await.with(200);
    assert!(page.body.len() < 30_000, "{}", page.body.len());
    let form = format!("event_type=order.created&data={}", nested(60));
    let page = visitor.post(&at(&subscription, "/test"), &form).await.with(200);
    assert!(page.body.len() < 30_000, "{}", page.body.len());
    let form = format!("event_type=order.created&data=%22{}%22", "x".repeat(256 * 1024));
    let page = visitor.post(&at(&subscription, "/test"), &form).await.with(422);
    assert!(page.text().contains("262144 are the most here"), "{}", page.text());
    world.finish().await;
}

#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &[]).await;
    let subscription = shop.subscribe(&receiver, "/", json!({})).await;
    let visitor = Visitor::new(&shop, Some(&["manage"])).await;
    let foreign = [
        vec![],
        vec![("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        vec![("sec-fetch-site", "same-site")],
        vec![("origin", "https://evil.example")],
        vec![("origin", "null")],
    ];
    for headers in foreign {
        let answer = visitor
            .send(Method::POST, &at(&subscription, "/switch"), &headers, "status=deleted")
            .await;
        let answer = answer.with(403);
        assert!(answer.text().contains("sent by this page"), "{headers:?}: {}", answer.text());
    }
    assert_eq!(shop.show(&subscription).await["status"], "active");
    let own = [("origin", visitor.base.as_str())];
    let answer =
        visitor.send(Method::POST, &at(&subscription, "/switch"), &own, "status=paused").await;
    assert_eq!((answer.status, answer.header("location")), (303, Some(&*at(&subscription, ""))));
    assert_eq!(shop.show(&subscription).await["status"], "paused");
    let _ = visitor.post(&at(&subscription, "/switch"), "status=deleted").await.with(303);
    let _ = visitor.get(&at(&subscription, "")).await.with(404);
    world.finish().await;
}

#[tokio::test]
async fn an_expired_or_revoked_link_shows_nothing_and_ends_what_asks_by_the_clock() {
    let world = World::start(timeline::options()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let (first, second) =
        (Visitor::new(&shop, Some(&[])).await, Visitor::new(&shop, Some(&[])).await);
    let _ = first.get("/portal/subscriptions").await.with(200);
    let _ = shop.api.delete(&shop.path("/portal-links")).await.with(204);
    world.advance(Duration::from_secs(6)).await;
    let refused = second.get("/portal/subscriptions").await.with(401);
    assert_eq!(refused.header("hx-refresh"), Some("true"));
    let again = link(&shop, &[]).await;
    let third = Visitor::new(&shop, Some(&[])).await;
    let _ = third.get("/portal/subscriptions").await.with(200);
    world.advance(Duration::from_secs(LIFETIME_SECONDS + 1)).await;
    let refused = third.get("/portal/subscriptions").await.with(401);
    assert!(
        refused.text().contains("open this page from there again")
            && !refused.text().contains("works until")
    );
    // An old link takes nobody's session away.
    let opened = third.get(again.strip_prefix(&third.base).expect("a path")).await.with(401);
    assert_eq!(opened.header("set-cookie"), None);
    world.finish().await;
}

#[tokio::test]
async fn the_first_page_with_all_that_it_needs_is_under_50_kilobytes() {
    let world = World::start(Options::default()).await;
    let receiver = Receiver::start_by(&world).await;
    let shop = world.tenant("shop-1", &["order.created"]).await;
    for number in 0..12 {
        let path = format!("/{number}-{}", "path".repeat(10));
        let _ = shop
            .subscribe(&receiver, &path, json!({ "description": format!("Number {number}") }))
            .await;
    }
    let visitor = Visitor::new(&shop, Some(&["manage", "resend"])).await;
    let page = visitor.get("/portal/subscriptions").await.with(200);
    assert_eq!(page.text().matches("<li>").count(), 10);
    let mut needed: BTreeSet<&str> =
        page.text().split(['"', '\'']).filter(|text| text.starts_with("/portal/")).collect();
    needed.retain(|path| path.contains(".css") || path.contains(".js"));
    assert_eq!(needed.len(), 4, "{needed:?}");
    let mut bytes = 0;
    for path in needed.into_iter().chain(["/portal/subscriptions"]) {
        let small =
            visitor.send(Method::GET, path, &[("accept-encoding", "br, gzip")], "").await.with(200);
        bytes += small.body.len();
        if path != "/portal/subscriptions" {
            let kept = small.header("cache-control").expect("how long it may be kept");
            assert!(kept.starts_with("public, max-age="), "{path}: {kept}");
        }
    }
    assert!(bytes < 50_000, "{bytes} bytes");
    assert!(
        !page.text().contains("https://") && !page.text().contains("style="),
        "it asks nobody else"
    );
    world.finish().await;
}

#[tokio::test]
async fn a_path_that_is_no_page_is_none_and_never_one_of_the_api() {
    let world = World::start(Options::default()).await;
    let shop = world.tenant("shop-1", &[]).await;
    let visitor = Visitor::new(&shop, Some(&["manage"])).await;
    for path in [
        "/portal/nothing",
        "/portal/subscriptions/%2e%2e%2fevents",
        "/portal/subscriptions/sub_1",
        "/portal/subscriptions/sub_00000000000000000000000000",
        "/portal/subscriptions/sub_00000000000000000000000000/nothing",
        "/portal/assets/0/style.css",
    ] {
        let answer = visitor.get(path).await.with(404);
        assert!(answer.text().contains("There is nothing here"), "{path}: {}", answer.text());
    }
    for method in [Method::PUT, Method::DELETE, Method::PATCH] {
        let own = [("sec-fetch-site", "same-origin")];
        let _ = visitor.send(method, "/portal/subscriptions/new", &own, "").await.with(404);
    }
    world.finish().await;
}
