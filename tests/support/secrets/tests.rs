use super::*;
use serde_json::json;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// Looks through a directory as a stack leaves it, with this in a file of its data.
fn leaks(secrets: &Secrets, name: &str, text: &str) -> Vec<String> {
    let directory =
        std::env::temp_dir().join(format!("postrider-leaks-{}-{name}", std::process::id()));
    std::fs::create_dir_all(directory.join("data/logs")).expect("a directory");
    std::fs::write(directory.join("data/AdminKey"), "a-new-admin-key,an-old-admin-key\n")
        .expect("a file");
    std::fs::write(directory.join("data/logs").join(name), text).expect("a file");
    let found = secrets.leaks(&directory);
    std::fs::remove_dir_all(directory).expect("it is there");
    found
}

fn answered(path: &str, sent: &Value, answer: &Value) -> Secrets {
    let secrets = Secrets::default();
    secrets.note(path, sent.to_string().as_bytes(), &answer.to_string().into());
    secrets
}

#[test]
fn what_is_shown_where_it_belongs_is_found_everywhere_else() {
    let shown = json!({ "secret": SECRET, "previous_secret": "the-one-before", "public_key": "whpk_shown" });
    let secrets = answered("/v1/tenants/t/subscriptions/s/secret", &json!({}), &shown);
    secrets.keep("whpk_shown");
    assert!(leaks(&secrets, "harmless", "whpk_shown").is_empty());
    for text in [SECRET, "the-one-before", "a-new-admin-key", "an-old-admin-key"] {
        let found = leaks(&secrets, "planted", text);
        assert!(matches!(&found[..], [one] if one.starts_with("planted: ")), "{text}: {found:?}");
    }
}

#[test]
fn what_was_sent_is_found_in_the_answer_to_it_whenever_it_came_to_be_known() {
    let headers = json!({ "headers": { "authorization": "Bearer s3cret-token", "x": "short", "n": 1_234_567_890 } });
    for echoed in ["Bearer s3cret-token", "not s3cret-token", "1234567890"] {
        let secrets =
            answered("/v1/tenants/t/subscriptions", &headers, &json!({ "detail": echoed }));
        assert_eq!(leaks(&secrets, "answer", "short").len(), 1, "{echoed}");
    }
    let secrets = answered("/v1/tenants/t/events", &json!({}), &json!({ "data": SECRET }));
    assert!(leaks(&secrets, "before", "").is_empty());
    secrets.keep(SECRET);
    assert_eq!(leaks(&secrets, "after", "").len(), 1);
}

#[test]
fn an_answer_that_shows_a_secret_twice_shows_it_once_too_often() {
    let twice = json!({ "key": "pr_a-whole-key", "name": "pr_a-whole-key" });
    let secrets = answered("/v1/tenants/t/keys", &json!({}), &twice);
    assert_eq!(leaks(&secrets, "twice", "").len(), 1);
}

#[test]
fn a_link_ends_with_its_token_and_has_it_nowhere_else() {
    for (url, found) in [
        ("https://api.example.com/portal?token=prt_a-whole-token", 0),
        ("https://api.example.com/portal?again=prt_a-whole-token&token=prt_a-whole-token", 1),
        ("https://api.example.com/prt_a-whole-token/portal", 1),
    ] {
        let shown = json!({ "url": url, "token": "prt_a-whole-token" });
        let secrets = answered("/v1/tenants/t/portal-links", &json!({}), &shown);
        assert_eq!(leaks(&secrets, "link", "").len(), found, "{url}");
    }
}
