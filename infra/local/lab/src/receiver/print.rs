//! What is shown of a delivery, and what the receiver says of itself.

use std::fmt::Write as _;
use std::io::Write as _;

use super::Received;

/// Characters of a body that are shown.
const SHOWN: usize = 200;

/// Prints a delivery.
pub(super) fn show(received: &Received) {
    // A terminal that went away is no reason to stop receiving.
    let _ = std::io::stdout().lock().write_all(text(received).as_bytes());
}

/// A delivery in a few lines.
pub(super) fn text(received: &Received) -> String {
    let Received { path, attempt, answer, .. } = received;
    let time = received.at.to_string();
    // The time of day of 2026-01-31T08:50:46.020Z.
    let time = time.get(11..).unwrap_or(&time);
    let (event_type, id) =
        (received.event_type.as_deref().unwrap_or("-"), received.id.as_deref().unwrap_or("-"));
    let mut text = format!("{time}  POST {path}  {event_type}  {id}\n");
    let _ = write!(text, "               attempt {attempt}");
    if *attempt > 1 {
        let _ = write!(text, ", {:.2} s after the one before", received.wait.as_secs_f64());
    }
    let _ = write!(text, "; {}; answered {}", received.signature, answer.status.as_u16());
    if !answer.after.is_zero() {
        let _ = write!(text, " after {} s", answer.after.as_secs());
    }
    let _ = writeln!(text, "\n               {}", excerpt(&received.body));
    text
}

/// The beginning of a body on one line, without indentation; what would move a terminal's cursor is
/// left out.
fn excerpt(body: &[u8]) -> String {
    let whole = String::from_utf8_lossy(body);
    let line = whole.lines().map(str::trim_start).collect::<Vec<_>>().join(" ");
    let mut shown: String =
        line.chars().filter(|character| !character.is_control()).take(SHOWN + 1).collect();
    if let Some((end, _)) = shown.char_indices().nth(SHOWN) {
        shown.truncate(end);
        let _ = write!(shown, "… ({} bytes)", body.len());
    }
    shown
}

/// What `GET` answers.
pub(super) fn help(address: &str) -> String {
    format!(
        r#"The local stack's receiver prints each delivery that is POSTed to it. Its path decides the answer:

  /ok          200
  /fail        500
  /fail-twice  500 to the first two attempts of each event, then 200
  /slow        200 after 20 seconds
  /gone        410
  /redirect    302
  any other    200

  curl {address}/_answers -d '{{"/shop":503}}'          answer a path with another status; null undoes it
  curl {address}/_secrets -d '{{"/shop":"whsec_…"}}'    the secret of what arrives there, to check signatures with
  curl {address}/_secrets -d '{{"sub_…":"whsec_…"}}'    the same by subscription, at whichever path
"#
    )
}
