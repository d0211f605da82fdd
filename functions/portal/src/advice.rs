//! What a receiver's developer should do about an attempt that failed.

use shared::core::delivery::attempt::{Attempt, ErrorClass, Outcome, Phase};

/// In words; `None` for an attempt that needs nothing done.
#[must_use]
pub fn advice(attempt: &Attempt) -> Option<String> {
    if attempt.outcome == Outcome::Succeeded {
        return None;
    }
    let words = match (attempt.status, attempt.error_class) {
        (Some(status), _) => return Some(on_status(status, location(attempt))),
        (None, Some(ErrorClass::Dns)) => {
            "The host name does not resolve. Check the URL for a typing error, and your DNS records."
        }
        (None, Some(ErrorClass::ConnectRefused)) => {
            "Nothing listens there. Is your server running, and does its firewall let requests from the Internet in?"
        }
        (None, Some(ErrorClass::ConnectReset)) => {
            "Your server, or what stands before it, closed the connection without an answer. Its log may say why."
        }
        (None, Some(ErrorClass::ConnectFailed)) => {
            "No way leads to your server. Check its address and its firewall."
        }
        (None, Some(ErrorClass::Tls)) => {
            "Your server's certificate or its TLS settings are at fault; the line above says which. TLS 1.2 or 1.3 is wanted, with a \
             certificate of a public authority and its whole chain."
        }
        (None, Some(ErrorClass::Timeout)) if !was_connected(attempt) => {
            "Your server did not take the connection in time. Is it running, and does its firewall let requests from the Internet in?"
        }
        (None, Some(ErrorClass::Timeout)) => {
            "Your server did not answer in time. Answer with 200 as soon as you have stored the event, and work on it afterwards."
        }
        (None, Some(ErrorClass::Blocked)) => {
            "This URL is not allowed; the line above says why. Give an https URL of a server that is publicly reachable."
        }
        (None, Some(ErrorClass::Protocol)) => {
            "What came back is not HTTP, or its headers are too large. Is it the right port?"
        }
        (None, Some(ErrorClass::HttpStatus) | None) => "Your server could not be reached.",
    };
    Some(words.to_owned())
}

/// Whether a server that was too slow had taken the connection at least.
fn was_connected(attempt: &Attempt) -> bool {
    matches!(attempt.timeout_phase, Some(Phase::FirstByte) | None)
}

fn location(attempt: &Attempt) -> Option<&str> {
    attempt.response_headers.as_ref()?.get("location").map(String::as_str)
}

fn on_status(status: u16, location: Option<&str>) -> String {
    let answered = format!("Your server answered {status}");
    match (status, location) {
        (300..=399, Some(location)) => {
            format!(
                "{answered}, which points to {location}. Redirects are not followed: give the final URL."
            )
        }
        (300..=399, None) => {
            format!("{answered}, a redirect. Redirects are not followed: give the final URL.")
        }
        (401 | 403 | 407, _) => format!(
            "{answered}: it refused the request. Let it take requests without a login and check the signature instead. A firewall \
             against bots can be the cause as well."
        ),
        (404, _) => format!("{answered}: there is nothing under this path. Check the URL."),
        (405, _) => format!("{answered}: the path is there, but does not take POST."),
        (410, _) => format!(
            "{answered}: it says that nobody wants these any more, which may disable the webhook. Fix the server, then enable it."
        ),
        (408 | 504, _) => {
            format!("{answered}: something behind it took too long. Answer first, work afterwards.")
        }
        (413, _) => {
            format!("{answered}: it takes only smaller requests. Allow 1 MiB and a little more.")
        }
        (415, _) => {
            format!("{answered}: it does not take this type of content. Accept application/json.")
        }
        (429, _) => format!("{answered}: it asks us to slow down. A Retry-After header is heeded."),
        (400 | 422, _) => format!(
            "{answered}: it does not accept what was sent. Its answer or its log may say why."
        ),
        (500.., _) => {
            format!("{answered}: it failed. Look into its log at the time of the attempt.")
        }
        (200..=299, _) => format!("{answered}, which does not count as success here."),
        _ => format!("{answered}, which does not count as success."),
    }
}

#[cfg(test)]
mod tests;
