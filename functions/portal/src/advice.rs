//! What a receiver's developer should do about an attempt that failed.

use shared::attempt::{Attempt, Outcome};

/// In words; `None` for an attempt that needs nothing done.
#[must_use]
pub fn advice(attempt: &Attempt) -> Option<String> {
    if attempt.outcome == Outcome::Succeeded {
        return None;
    }
    let words = match (attempt.status, attempt.error_class.as_deref()) {
        (Some(status), _) => return Some(on_status(status, location(attempt))),
        (None, Some("dns")) => {
            "The host name does not resolve. Check the URL for a typing error, and your DNS records."
        }
        (None, Some("connect_refused")) => {
            "Nothing listens there. Is your server running, and does its firewall let requests from the Internet in?"
        }
        (None, Some("connect_reset")) => {
            "Your server, or what stands before it, closed the connection without an answer. Its log may say why."
        }
        (None, Some("connect_failed")) => "No way leads to your server. Check its address and its firewall.",
        (None, Some("tls")) => {
            "Your server's certificate or its TLS settings are at fault; the line above says which. TLS 1.2 or 1.3 is wanted, with a \
             certificate of a public authority and its whole chain."
        }
        (None, Some("timeout")) if !was_connected(attempt) => {
            "Your server did not take the connection in time. Is it running, and does its firewall let requests from the Internet in?"
        }
        (None, Some("timeout")) => {
            "Your server did not answer in time. Answer with 200 as soon as you have stored the event, and work on it afterwards."
        }
        (None, Some("blocked")) => {
            "This URL is not allowed; the line above says why. Give an https URL of a server that is publicly reachable."
        }
        (None, Some("protocol")) => "What came back is not HTTP, or its headers are too large. Is it the right port?",
        _ => "Your server could not be reached.",
    };
    Some(words.to_owned())
}

/// Whether a server that was too slow had taken the connection at least; the sender's words say so.
fn was_connected(attempt: &Attempt) -> bool {
    attempt.error.as_deref().is_none_or(|error| !error.starts_with("no connection to"))
}

fn location(attempt: &Attempt) -> Option<&str> {
    attempt.response_headers.as_ref()?.get("location").map(String::as_str)
}

fn on_status(status: u16, location: Option<&str>) -> String {
    let answered = format!("Your server answered {status}");
    match (status, location) {
        (300..=399, Some(location)) => {
            format!("{answered}, which points to {location}. Redirects are not followed: give the final URL.")
        }
        (300..=399, None) => format!("{answered}, a redirect. Redirects are not followed: give the final URL."),
        (401 | 403 | 407, _) => format!(
            "{answered}: it refused the request. Let it take requests without a login and check the signature instead. A firewall \
             against bots can be the cause as well."
        ),
        (404, _) => format!("{answered}: there is nothing under this path. Check the URL."),
        (405, _) => format!("{answered}: the path is there, but does not take POST."),
        (410, _) => format!(
            "{answered}: it says that nobody wants these any more, which may disable the webhook. Fix the server, then enable it."
        ),
        (408 | 504, _) => format!("{answered}: something behind it took too long. Answer first, work afterwards."),
        (413, _) => format!("{answered}: it takes only smaller requests. Allow 1 MiB and a little more."),
        (415, _) => format!("{answered}: it does not take this type of content. Accept application/json."),
        (429, _) => format!("{answered}: it asks us to slow down. A Retry-After header is heeded."),
        (400 | 422, _) => format!("{answered}: it does not accept what was sent. Its answer or its log may say why."),
        (500.., _) => format!("{answered}: it failed. Look into its log at the time of the attempt."),
        (200..=299, _) => format!("{answered}, which does not count as success here."),
        _ => format!("{answered}, which does not count as success."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: Option<u16>, class: Option<&str>, headers: &[(&str, &str)]) -> Attempt {
        let mut json = serde_json::json!({
            "number": 1, "trigger": "event", "started_at": "2026-01-31T08:50:46.020Z", "duration_ms": 5,
            "outcome": if status == Some(200) { "succeeded" } else { "rejected" },
            "response_headers": headers.iter().copied().collect::<std::collections::BTreeMap<_, _>>(),
        });
        json["status"] = status.into();
        json["error_class"] = class.into();
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_server_that_takes_no_connection_is_told_otherwise_than_one_that_does_not_answer() {
        let mut late = attempt(None, Some("timeout"), &[]);
        late.error = Some("no answer within 15 s".to_owned());
        assert!(advice(&late).unwrap().contains("Answer with 200"));
        late.error = Some("no connection to example.com within 5 s".to_owned());
        assert!(advice(&late).unwrap().contains("did not take the connection"));
    }

    #[test]
    fn each_failure_says_what_to_do_and_a_success_nothing() {
        assert_eq!(advice(&attempt(Some(200), None, &[])), None);
        let moved = advice(&attempt(Some(301), Some("http_status"), &[("location", "https://new.example/")])).unwrap();
        assert_eq!(
            moved,
            "Your server answered 301, which points to https://new.example/. Redirects are not followed: give the final URL."
        );
        let mut seen = std::collections::BTreeSet::new();
        for status in [202, 302, 400, 401, 404, 405, 408, 410, 413, 415, 418, 429, 500] {
            assert!(seen.insert(advice(&attempt(Some(status), Some("http_status"), &[])).unwrap()), "{status}");
        }
        for class in
            ["dns", "connect_refused", "connect_reset", "connect_failed", "tls", "timeout", "blocked", "protocol", "?"]
        {
            assert!(seen.insert(advice(&attempt(None, Some(class), &[])).unwrap()), "{class}");
        }
    }
}
